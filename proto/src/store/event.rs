//! Events as stored: the bytes that were posted.
//!
//! The reader is written by hand, since a replay reads millions: ids and texts are taken where they lie. It takes what
//! [`encode_event`] writes, with fields of later releases among it; a field that stands twice makes it no event.

use bytes::Bytes;
use jiff::civil::Date;
use keshi_core::check::{self, DAYS};
use keshi_core::codes::{AttendanceResult, AttendanceRole};
use keshi_core::entry::Posted;
use keshi_core::event::{AttendanceRecorded, EVENT_BYTES_MAX, Event, Fact};
use keshi_core::hours::Hours;
use keshi_core::ids::{ClaimId, EventId, LoadId, SchoolId, SessionId, Sha256, TeacherId};
use keshi_core::text::Text;
use prost::Message;
use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field};
use uuid::Uuid;

use super::piece::piece;
use crate::date_from_wire;
use crate::event as pb;
use crate::fields::{Checker, FromWire, ToWire};

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
        claim_id: event.claim_id.to_wire(),
        fact: event.fact.to_wire(),
    }
}

/// The bytes of an event, as they will be stored.
pub fn encode_event(event: &Event) -> Bytes {
    event_to_wire(event).encode_to_vec().into()
}

/// Reads the bytes of an event and makes every check: `None` if they are none, over 4 KiB, or one with wrong fields.
pub fn decode_event(bytes: &[u8]) -> Option<Event> {
    let small = bytes.len() <= EVENT_BYTES_MAX;
    let event = small.then(|| recorded(bytes)).flatten();
    event.filter(|event| check::violations(event).is_empty())
}

/// Reads the bytes of an event that was recorded. What was recorded stands: only what the domain's types cannot hold at
/// all is no event, and the checks of whole events, which a later release may sharpen, are not made again.
pub(super) fn recorded(bytes: &[u8]) -> Option<Event> {
    Stored::read(bytes)?.join()
}

/// The event in these bytes, or what can be said of them if they are none.
pub fn posted(bytes: &[u8]) -> Posted {
    match decode_event(bytes) {
        Some(event) => Posted::Event(event),
        None => Posted::Unreadable {
            event_id: Stored::read(bytes).and_then(|event| id(event.part(EVENT_ID))),
            sha256: Sha256::of(bytes),
        },
    }
}

// The numbers of the fields of `keshi.event.v1.Event`, all of them pieces of bytes.
const EVENT_ID: usize = 1;
const OCCURRED_FROM: usize = 2;
const OCCURRED_TO: usize = 3;
const ORG: usize = 4;
const SOURCE: usize = 5;
const EVIDENCE: u32 = 6;
const NOTE: usize = 7;
const SUPERSEDES: usize = 8;
const LOAD_ID: usize = 9;
const FACT: usize = 10;
const CLAIM_ID: usize = 11;

/// `keshi.event.v1.Event` with its fields still in the bytes.
#[derive(Default)]
struct Stored<'b> {
    /// Each field by its number, empty if it is not there.
    parts: [&'b [u8]; CLAIM_ID + 1],
    evidence: Vec<&'b [u8]>,
}

impl<'b> Stored<'b> {
    fn read(mut bytes: &'b [u8]) -> Option<Self> {
        let mut event = Self::default();
        let mut seen = [false; CLAIM_ID + 1];
        while !bytes.is_empty() {
            let (tag, kind) = decode_key(&mut bytes).ok()?;
            let field = tag as usize;
            match (seen.get_mut(field), event.parts.get_mut(field)) {
                (Some(seen), Some(part)) => {
                    let piece = (kind == WireType::LengthDelimited).then(|| piece(&mut bytes).ok())??;
                    if tag == EVIDENCE {
                        event.evidence.push(piece);
                    } else if std::mem::replace(seen, true) {
                        return None;
                    } else {
                        *part = piece;
                    }
                }
                _ => skip_field(kind, tag, &mut bytes, DecodeContext::default()).ok()?,
            }
        }
        Some(event)
    }

    fn part(&self, field: usize) -> &'b [u8] {
        self.parts.get(field).copied().unwrap_or_default()
    }

    fn join(self) -> Option<Event> {
        let from = date(self.part(OCCURRED_FROM))?;
        let evidence = self.evidence.iter().map(|&hash| hash.try_into().ok().map(Sha256));
        Some(Event {
            event_id: id(self.part(EVENT_ID))?,
            from,
            to: optional(self.part(OCCURRED_TO), date)?.unwrap_or(from),
            org: optional(self.part(ORG), text(|org| SchoolId::new(org).ok()))?,
            source: optional(self.part(SOURCE), text(|source| Text::new(source).ok()))?,
            evidence: evidence.collect::<Option<_>>()?,
            note: optional(self.part(NOTE), text(|note| Text::new(note).ok()))?,
            supersedes: optional(self.part(SUPERSEDES), id)?,
            load_id: optional(self.part(LOAD_ID), text(|load| LoadId::new(load).ok()))?,
            claim_id: optional(self.part(CLAIM_ID), text(|claim| ClaimId::new(claim).ok()))?,
            fact: fact(self.part(FACT))?,
        })
    }
}

/// A field as far as it could be read.
type Read<T> = Option<T>;

/// A field that may be missing: `None` if it is there and `read` does not take it.
fn optional<'b, T>(bytes: &'b [u8], read: impl Fn(&'b [u8]) -> Option<T>) -> Read<Option<T>> {
    if bytes.is_empty() {
        Some(None)
    } else {
        read(bytes).map(Some)
    }
}

fn text<'b, T>(read: impl Fn(&'b str) -> Option<T>) -> impl Fn(&'b [u8]) -> Option<T> {
    move |bytes| read(str::from_utf8(bytes).ok()?)
}

fn id(bytes: &[u8]) -> Option<EventId> {
    let id = Uuid::from_slice(bytes).ok().filter(|id| !id.is_nil());
    id.map(EventId::new)
}

/// A day. The usual bytes set all three fields, the year in two of them.
fn date(bytes: &[u8]) -> Option<Date> {
    let wire = match *bytes {
        [
            0x08,
            low @ 0x80..=0xff,
            high @ 0..0x80,
            0x10,
            month @ 0..0x80,
            0x18,
            day @ 0..0x80,
        ] => pb::Date {
            year: i32::from(low & 0x7f) | i32::from(high) << 7,
            month: month.into(),
            day: day.into(),
        },
        _ => pb::Date::decode(bytes).ok()?,
    };
    date_from_wire(&wire).filter(|day| (DAYS.0..=DAYS.1).contains(day))
}

fn fact(bytes: &[u8]) -> Option<Fact> {
    attendance(bytes).map(Fact::from).or_else(|| generated(bytes))
}

fn generated(bytes: &[u8]) -> Option<Fact> {
    FromWire::read(Some(pb::Fact::decode(bytes).ok()?), "", &mut Checker::default())
}

/// The number of an attendance among the facts.
const ATTENDANCE: u32 = 44;

/// The fact, if it is an attendance, as most are, and its bytes are such as this release writes; what else they may be is
/// for the generated reader.
fn attendance(mut bytes: &[u8]) -> Option<AttendanceRecorded> {
    if decode_key(&mut bytes).ok()? != (ATTENDANCE, WireType::LengthDelimited) {
        return None;
    }
    let mut fact = piece(&mut bytes).ok()?;
    let (mut texts, mut numbers) = ([None; 2], [None; 3]);
    while !fact.is_empty() {
        let twice = match decode_key(&mut fact).ok()? {
            (tag @ 1..=2, WireType::LengthDelimited) => {
                let text = texts.get_mut(tag as usize - 1)?;
                text.replace(piece(&mut fact).ok()?).is_some()
            }
            (tag @ 3..=5, WireType::Varint) => {
                let number = numbers.get_mut(tag as usize - 3)?;
                number.replace(decode_varint(&mut fact).ok()?).is_some()
            }
            _ => return None,
        };
        if twice {
            return None;
        }
    }
    let [session, teacher] = texts;
    let [role, present, result] = numbers.map(Option::unwrap_or_default);
    let read = AttendanceRecorded {
        session_id: SessionId::new(str::from_utf8(session?).ok()?).ok()?,
        teacher_id: TeacherId::new(str::from_utf8(teacher?).ok()?).ok()?,
        role: AttendanceRole::from_code(i32::try_from(role).ok()?)?,
        hours_present: Hours::from_hundredths(present.cast_signed()),
        result: match i32::try_from(result).ok()? {
            0 => None,
            code => Some(AttendanceResult::from_code(code)?),
        },
    };
    bytes.is_empty().then_some(read)
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
        let whole = Stored::read(ATTENDED).unwrap().part(FACT);
        assert!(attendance(whole).is_some());
        let mut read = 0;
        for bytes in spoilt(whole) {
            let quick = fact(&bytes);
            assert_eq!(quick, generated(&bytes), "{bytes:?}");
            read += usize::from(quick.is_some());
        }
        assert!(read > 50, "{read}");
    }

    #[test]
    fn an_event_is_read_as_the_generated_reader_reads_it() {
        for bytes in spoilt(ATTENDED) {
            let Some(read) = recorded(&bytes) else { continue };
            let generated = pb::Event::decode(bytes.as_slice()).unwrap();
            assert_eq!(event_to_wire(&read), generated, "{bytes:?}");
        }
    }

    #[test]
    fn an_event_with_a_field_that_stands_twice_is_none() {
        assert!(decode_event(ATTENDED).is_some());
        assert!(decode_event(&ATTENDED.repeat(2)).is_none());
        let note_twice = [ATTENDED, &[0x3a, 1, b'a']].concat();
        assert!(decode_event(&note_twice).is_none());
        // Evidence may.
        let more_evidence = [ATTENDED, &[0x32, 32], &[7; 32]].concat();
        assert_eq!(decode_event(&more_evidence).unwrap().evidence.len(), 3);
    }

    #[test]
    fn a_day_is_read_as_the_generated_reader_reads_it() {
        for (year, month, day) in [
            (2022, 12, 31),
            (1, 1, 1),
            (127, 2, 3),
            (128, 2, 3),
            (9_999, 0, 200),
            (-1, 1, 1),
        ] {
            for bytes in spoilt(&pb::Date { year, month, day }.encode_to_vec()) {
                let generated = pb::Date::decode(bytes.as_slice()).ok();
                let generated = generated.and_then(|day| date_from_wire(&day));
                let generated = generated.filter(|day| (DAYS.0..=DAYS.1).contains(day));
                assert_eq!(date(&bytes), generated, "{bytes:?}");
            }
        }
    }
}
