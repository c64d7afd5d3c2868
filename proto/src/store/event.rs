//! Events as stored: the bytes that were posted.

use bytes::Bytes;
use jiff::civil::Date;
use keshi_core::check;
use keshi_core::entry::Posted;
use keshi_core::event::{EVENT_BYTES_MAX, Event, Fact};
use keshi_core::ids::{EventId, LoadId, SchoolId, Sha256};
use keshi_core::text::Text;
use keshi_core::violation::{Problem, Violation};
use prost::encoding::{DecodeContext, WireType, decode_key, skip_field};
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
}

impl<'b> Recorded<'b> {
    fn read(mut bytes: &'b [u8]) -> Result<Self, DecodeError> {
        let mut event = Self::default();
        while !bytes.is_empty() {
            let (tag, kind) = decode_key(&mut bytes)?;
            match (tag, kind) {
                (1, WireType::LengthDelimited) => event.event_id = piece(&mut bytes)?,
                // A message that stands twice is merged, as the generated reader did when this was judged.
                (2, WireType::LengthDelimited) => event.from.merge(piece(&mut bytes)?)?,
                (3, WireType::LengthDelimited) => event.to.get_or_insert_default().merge(piece(&mut bytes)?)?,
                (4, WireType::LengthDelimited) => event.org = piece(&mut bytes)?,
                (5, WireType::LengthDelimited) => event.source = piece(&mut bytes)?,
                (6, WireType::LengthDelimited) => event.evidence.push(piece(&mut bytes)?),
                (7, WireType::LengthDelimited) => event.note = piece(&mut bytes)?,
                (8, WireType::LengthDelimited) => event.supersedes = piece(&mut bytes)?,
                (9, WireType::LengthDelimited) => event.load_id = piece(&mut bytes)?,
                (tag, kind) if crate::fact_convert::is_fact(tag) => {
                    pb::event::Fact::merge(&mut event.fact, tag, kind, &mut bytes, DecodeContext::default())?;
                }
                (tag, kind) => skip_field(kind, tag, &mut bytes, DecodeContext::default())?,
            }
        }
        Ok(event)
    }

    fn join(self) -> Option<Event> {
        let mut checker = Checker::default();
        let from = FromWire::read(Some(self.from), "", &mut checker)?;
        let to: Option<Date> = FromWire::read(self.to, "", &mut checker)?;
        let evidence = self.evidence.into_iter().map(|hash| hash.try_into().ok().map(Sha256));
        Some(Event {
            event_id: EventId::read(self.event_id.to_vec(), "", &mut checker)?,
            from,
            to: to.unwrap_or(from),
            org: optional(self.org, |org| SchoolId::new(org).ok())?,
            source: optional(self.source, |source| Text::new(source).ok())?,
            evidence: evidence.collect::<Option<_>>()?,
            note: optional(self.note, |note| Text::new(note).ok())?,
            supersedes: FromWire::read(self.supersedes.to_vec(), "", &mut checker)?,
            load_id: optional(self.load_id, |load| LoadId::new(load).ok())?,
            fact: Fact::read(self.fact?, "", &mut checker)?,
        })
    }
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
