//! Events as stored: the bytes that were posted.

use bytes::Bytes;
use jiff::civil::Date;
use keshi_core::check;
use keshi_core::codes::{AttendanceResult, AttendanceRole};
use keshi_core::entry::Posted;
use keshi_core::event::{AttendanceRecorded, EVENT_BYTES_MAX, Event, Fact};
use keshi_core::hours::Hours;
use keshi_core::ids::{EventId, LoadId, SchoolId, SessionId, Sha256, TeacherId};
use keshi_core::text::Text;
use keshi_core::violation::{Problem, Violation};
use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field};
use prost::{DecodeError, Message};
use thiserror::Error;
use uuid::Uuid;

use super::entry::piece;
use crate::event as pb;
use crate::fact_convert::wire_path;
use crate::fields::{Checker, FromWire, ToWire};

/// Why bytes are not an event.
#[derive(Debug, Error)]
pub enum EventError {
    /// Not a protobuf message.
    #[error("the event does not decode")]
    Decode(#[from] DecodeError),
    /// Fields that are wrong; at least one.
    #[error("the event has {} wrong fields", .0.len())]
    Invalid(Vec<Violation>),
}

/// An event in its stored form.
pub fn event_to_wire(event: &Event) -> pb::Event {
    let same_day = event.from == event.to;
    pb::Event {
        event_id: event.event_id.to_wire(),
        occurred_from: event.from.to_wire(),
        occurred_to: (!same_day).then(|| event.to.to_wire()).flatten(),
        org: event.org.to_wire(),
        source: event.source.to_wire(),
        evidence: event.evidence.to_wire(),
        note: event.note.to_wire(),
        supersedes: event.supersedes.to_wire(),
        load_id: event.load_id.to_wire(),
        fact: Some(event.fact.to_wire()),
    }
}

/// The bytes of an event, as they will be stored.
pub fn encode_event(event: &Event) -> Bytes {
    event_to_wire(event).encode_to_vec().into()
}

/// Reads the bytes of an event and checks every field.
///
/// # Errors
///
/// [`EventError`] if it does not decode, is over 4 KiB, or has wrong fields.
pub fn decode_event(bytes: &[u8]) -> Result<Event, EventError> {
    if bytes.len() > EVENT_BYTES_MAX {
        let problem = Problem::TooLarge {
            bytes: bytes.len(),
            max: EVENT_BYTES_MAX,
        };
        return Err(EventError::Invalid(vec![Violation::new("event", "", problem)]));
    }
    let wire = pb::Event::decode(bytes)?;
    let mut checker = Checker::default();
    let event = read_event(wire, &mut checker).map(|event| checked(event, &mut checker));
    match event {
        Some(event) if checker.violations.is_empty() => Ok(event),
        _ => Err(EventError::Invalid(checker.violations)),
    }
}

/// Reads the bytes of an event that was recorded. What was recorded stands: only what the domain's types cannot hold at
/// all is no event, and the checks of whole events, which a later release may sharpen, are not made again.
pub(super) fn recorded(bytes: &[u8]) -> Option<Event> {
    Recorded::read(bytes).ok()?.join()
}

/// `keshi.event.v1.Event` with its fields still in the bytes, for the replay of millions.
#[derive(Default)]
struct Recorded<'b> {
    event_id: &'b [u8],
    from: pb::Date,
    to: Option<pb::Date>,
    org: &'b [u8],
    source: &'b [u8],
    evidence: Vec<&'b [u8]>,
    note: &'b [u8],
    supersedes: &'b [u8],
    load_id: &'b [u8],
    fact: Option<pb::event::Fact>,
    /// The fact's bytes where it is an attendance, as most are.
    attendance: Option<&'b [u8]>,
}

/// The fact of this number is an attendance.
const ATTENDANCE: u32 = 44;

impl<'b> Recorded<'b> {
    fn read(mut bytes: &'b [u8]) -> Result<Self, DecodeError> {
        let mut event = Self::default();
        while !bytes.is_empty() {
            let (tag, kind) = decode_key(&mut bytes)?;
            match (tag, kind) {
                (1, WireType::LengthDelimited) => event.event_id = piece(&mut bytes)?,
                // A message that stands twice is merged, as the generated reader did when this was judged.
                (2, WireType::LengthDelimited) => merge_date(&mut event.from, piece(&mut bytes)?)?,
                (3, WireType::LengthDelimited) => merge_date(event.to.get_or_insert_default(), piece(&mut bytes)?)?,
                (4, WireType::LengthDelimited) => event.org = piece(&mut bytes)?,
                (5, WireType::LengthDelimited) => event.source = piece(&mut bytes)?,
                (6, WireType::LengthDelimited) => event.evidence.push(piece(&mut bytes)?),
                (7, WireType::LengthDelimited) => event.note = piece(&mut bytes)?,
                (8, WireType::LengthDelimited) => event.supersedes = piece(&mut bytes)?,
                (9, WireType::LengthDelimited) => event.load_id = piece(&mut bytes)?,
                (ATTENDANCE, WireType::LengthDelimited) if event.fact.is_none() && event.attendance.is_none() => {
                    event.attendance = Some(piece(&mut bytes)?);
                }
                (tag, kind) if crate::fact_convert::is_fact(tag) => {
                    event.unfold()?;
                    pb::event::Fact::merge(&mut event.fact, tag, kind, &mut bytes, DecodeContext::default())?;
                }
                (tag, kind) => skip_field(kind, tag, &mut bytes, DecodeContext::default())?,
            }
        }
        Ok(event)
    }

    /// Reads an attendance as the generated reader does, which knows how it merges with what follows.
    fn unfold(&mut self) -> Result<(), DecodeError> {
        if let Some(bytes) = self.attendance.take() {
            let fact = pb::AttendanceRecorded::decode(bytes)?;
            self.fact = Some(pb::event::Fact::AttendanceRecorded(fact));
        }
        Ok(())
    }

    fn join(mut self) -> Option<Event> {
        let mut checker = Checker::default();
        let attendance = self.attendance.and_then(attendance);
        if attendance.is_none() {
            self.unfold().ok()?;
        }
        let from = FromWire::read(Some(self.from), "", &mut checker)?;
        let to: Option<Date> = FromWire::read(self.to, "", &mut checker)?;
        let evidence = self.evidence.into_iter().map(|hash| hash.try_into().ok().map(Sha256));
        Some(Event {
            event_id: stored_id(self.event_id)?,
            from,
            to: to.unwrap_or(from),
            org: optional(self.org, |org| SchoolId::new(org).ok())?,
            source: optional(self.source, |source| Text::new(source).ok())?,
            evidence: evidence.collect::<Option<_>>()?,
            note: optional(self.note, |note| Text::new(note).ok())?,
            supersedes: match self.supersedes {
                [] => None,
                id => Some(stored_id(id)?),
            },
            load_id: optional(self.load_id, |load| LoadId::new(load).ok())?,
            fact: match attendance {
                Some(fact) => Fact::AttendanceRecorded(fact),
                None => Fact::read(self.fact?, "", &mut checker)?,
            },
        })
    }
}

/// An attendance, if its bytes are such as this release writes; what else they may be is for the generated reader.
fn attendance(mut bytes: &[u8]) -> Option<AttendanceRecorded> {
    let (mut texts, mut numbers) = ([None; 2], [None; 3]);
    while !bytes.is_empty() {
        match decode_key(&mut bytes).ok()? {
            (tag @ 1..=2, WireType::LengthDelimited) => {
                let text = texts.get_mut(tag as usize - 1)?;
                if text.replace(piece(&mut bytes).ok()?).is_some() {
                    return None;
                }
            }
            (tag @ 3..=5, WireType::Varint) => {
                let number = numbers.get_mut(tag as usize - 3)?;
                if number.replace(decode_varint(&mut bytes).ok()?).is_some() {
                    return None;
                }
            }
            _ => return None,
        }
    }
    let [session, teacher] = texts;
    let [role, present, result] = numbers.map(Option::unwrap_or_default);
    Some(AttendanceRecorded {
        session_id: SessionId::new(str::from_utf8(session?).ok()?).ok()?,
        teacher_id: TeacherId::new(str::from_utf8(teacher?).ok()?).ok()?,
        role: AttendanceRole::from_code(i32::try_from(role).ok()?)?,
        hours_present: Hours::from_hundredths(present.cast_signed()),
        result: match i32::try_from(result).ok()? {
            0 => None,
            code => Some(AttendanceResult::from_code(code)?),
        },
    })
}

/// Merges a date. The usual bytes set all three fields, the year in two of them.
fn merge_date(date: &mut pb::Date, bytes: &[u8]) -> Result<(), DecodeError> {
    match *bytes {
        [
            0x08,
            low @ 0x80..=0xff,
            high @ 0..0x80,
            0x10,
            month @ 0..0x80,
            0x18,
            day @ 0..0x80,
        ] => {
            *date = pb::Date {
                year: i32::from(low & 0x7f) | i32::from(high) << 7,
                month: month.into(),
                day: day.into(),
            };
            Ok(())
        }
        _ => date.merge(bytes),
    }
}

fn stored_id(bytes: &[u8]) -> Option<EventId> {
    let id = Uuid::from_slice(bytes).ok().filter(|id| !id.is_nil());
    id.map(EventId::new)
}

/// A text field that may be empty: `None` if it is neither empty nor what `read` takes.
fn optional<T>(bytes: &[u8], read: impl Fn(&str) -> Option<T>) -> Read<Option<T>> {
    if bytes.is_empty() {
        Some(None)
    } else {
        read(str::from_utf8(bytes).ok()?).map(Some)
    }
}

fn read_event(wire: pb::Event, checker: &mut Checker) -> Option<Event> {
    let pb::Event {
        event_id,
        occurred_from,
        occurred_to,
        org,
        source,
        evidence,
        note,
        supersedes,
        load_id,
        fact,
    } = wire;
    let parts = EventParts {
        event_id: EventId::read(event_id, "event_id", checker),
        from: FromWire::read(occurred_from, "occurred_from", checker),
        to: FromWire::read(occurred_to, "occurred_to", checker),
        org: FromWire::read(org, "org", checker),
        source: FromWire::read(source, "source", checker),
        evidence: FromWire::read(evidence, "evidence", checker),
        note: FromWire::read(note, "note", checker),
        supersedes: FromWire::read(supersedes, "supersedes", checker),
        load_id: FromWire::read(load_id, "load_id", checker),
        fact: read_fact(fact, checker),
    };
    parts.join()
}

/// The event in these bytes, or what can be said of them if they are none.
pub fn posted(bytes: &[u8]) -> Posted {
    if let Ok(event) = decode_event(bytes) {
        return Posted::Event(event);
    }
    let wire = pb::Event::decode(bytes).ok();
    let event_id = wire.and_then(|wire| Uuid::from_slice(&wire.event_id).ok());
    Posted::Unreadable {
        event_id: event_id.filter(|id| !id.is_nil()).map(EventId::new),
        sha256: Sha256::of(bytes),
    }
}

pub(crate) fn read_fact<W>(wire: Option<W>, checker: &mut Checker) -> Option<Fact>
where
    Fact: FromWire<W>,
{
    if wire.is_none() {
        checker.note("fact", "", Problem::Missing);
    }
    Fact::read(wire?, "fact", checker)
}

/// A field as far as it could be read: `None` if a violation was noted.
type Read<T> = Option<T>;

/// The parts of an event as far as they could be read.
pub(crate) struct EventParts {
    pub(crate) event_id: Read<EventId>,
    pub(crate) from: Read<Date>,
    pub(crate) to: Read<Option<Date>>,
    pub(crate) org: Read<Option<SchoolId>>,
    pub(crate) source: Read<Option<Text>>,
    pub(crate) evidence: Read<Vec<Sha256>>,
    pub(crate) note: Read<Option<Text>>,
    pub(crate) supersedes: Read<Option<EventId>>,
    pub(crate) load_id: Read<Option<LoadId>>,
    pub(crate) fact: Read<Fact>,
}

impl EventParts {
    /// The event, if all its parts could be read; a missing last day is the first.
    pub(crate) fn join(self) -> Option<Event> {
        let from = self.from?;
        Some(Event {
            event_id: self.event_id?,
            from,
            to: self.to?.unwrap_or(from),
            org: self.org?,
            source: self.source?,
            evidence: self.evidence?,
            note: self.note?,
            supersedes: self.supersedes?,
            load_id: self.load_id?,
            fact: self.fact?,
        })
    }
}

/// Checks the event as a whole, noting violations under the wire's field paths.
pub(crate) fn checked(event: Event, checker: &mut Checker) -> Event {
    for violation in check::violations(&event) {
        let path = wire_path(&event.fact, &violation.field);
        checker.note(&path, &violation.value, violation.problem);
    }
    event
}

#[cfg(test)]
mod tests {
    use super::*;

    const ATTENDED: &[u8] = include_bytes!("../../fixtures/v1/event_attendance_recorded.bin");

    /// The bytes themselves, each cut and each flipped bit of them, and twice what they are.
    fn spoilt(bytes: &[u8]) -> Vec<Vec<u8>> {
        let cuts = (0..bytes.len()).map(|length| bytes[..length].to_vec());
        let flips = (0..bytes.len() * 8).map(|bit| {
            let mut bytes = bytes.to_vec();
            bytes[bit / 8] ^= 1 << (bit % 8);
            bytes
        });
        cuts.chain(flips).chain([bytes.to_vec(), bytes.repeat(2)]).collect()
    }

    #[test]
    fn an_attendance_is_read_as_the_generated_reader_reads_it() {
        let mut read = 0;
        for bytes in spoilt(ATTENDED) {
            let quick = recorded(&bytes);
            let generated = Recorded::read(&bytes).ok().and_then(|mut event| {
                event.unfold().ok()?;
                event.join()
            });
            assert_eq!(quick, generated, "{bytes:?}");
            read += usize::from(quick.is_some());
        }
        assert!(read > 100, "{read}");
        let whole = Recorded::read(ATTENDED).unwrap();
        assert!(whole.attendance.and_then(attendance).is_some());
    }

    #[test]
    fn a_date_is_merged_as_the_generated_reader_merges_it() {
        for (year, month, day) in [
            (2022, 12, 31),
            (1, 1, 1),
            (127, 2, 3),
            (128, 2, 3),
            (9_999, 0, 200),
            (-1, 1, 1),
        ] {
            for bytes in spoilt(&pb::Date { year, month, day }.encode_to_vec()) {
                let (mut quick, mut generated) = (pb::Date::default(), pb::Date::default());
                let failed = (
                    merge_date(&mut quick, &bytes).is_err(),
                    generated.merge(bytes.as_slice()).is_err(),
                );
                assert_eq!((failed.0, quick), (failed.1, generated), "{bytes:?}");
            }
        }
    }
}
