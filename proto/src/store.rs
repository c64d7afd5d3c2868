//! Stored bytes: events as posted, submissions on the bus, entries in the log.

use bytes::Bytes;
use keshi_core::check;
use keshi_core::entry::{Entry, Posted, Verdict};
use keshi_core::event::{EVENT_BYTES_MAX, Event, Fact};
use keshi_core::ids::{EventId, OfficeCode, PosterId, Sha256, SubmissionId};
use keshi_core::reason::{Reason, ReasonCode};
use keshi_core::submission::{EVENTS_MAX, Submission, Taking};
use keshi_core::text::Text;
use keshi_core::time::Millis;
use keshi_core::violation::{Problem, Violation};
use prost::Message;
use thiserror::Error;
use uuid::Uuid;

use crate::fields::{Checker, FromWire, ToWire};
use crate::{event as pb, log};

/// Version of the entries that this release writes.
pub const ENTRY_FORMAT: u32 = 1;

/// Why stored bytes are not an entry. Such bytes passed their checksum, so another release wrote them, or a defect did.
#[derive(Debug, Error)]
pub enum EntryError {
    /// Not a protobuf message.
    #[error("the entry does not decode")]
    Decode(#[from] prost::DecodeError),
    /// A format of a later release.
    #[error("the entry has format {found}, this release reads up to {ENTRY_FORMAT}; use a newer release")]
    Format {
        /// Format found.
        found: u32,
    },
    /// A field that no release writes so.
    #[error("the entry's field {field} has no meaning")]
    Field {
        /// The field.
        field: &'static str,
    },
}

/// Why bytes are not an event.
#[derive(Debug, Error)]
pub enum EventError {
    /// Not a protobuf message.
    #[error("the event does not decode")]
    Decode(#[from] prost::DecodeError),
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
    let event = read_event(wire, &mut checker);
    match event {
        Some(event) if checker.violations.is_empty() => Ok(event),
        _ => Err(EventError::Invalid(checker.violations)),
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
    parts.join(checker)
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

/// The parts of an event as far as they could be read.
pub(crate) struct EventParts {
    pub(crate) event_id: Option<EventId>,
    pub(crate) from: Option<jiff::civil::Date>,
    pub(crate) to: Option<Option<jiff::civil::Date>>,
    pub(crate) org: Option<Option<keshi_core::ids::SchoolId>>,
    pub(crate) source: Option<Option<Text>>,
    pub(crate) evidence: Option<Vec<Sha256>>,
    pub(crate) note: Option<Option<Text>>,
    pub(crate) supersedes: Option<Option<EventId>>,
    pub(crate) load_id: Option<Option<keshi_core::ids::LoadId>>,
    pub(crate) fact: Option<Fact>,
}

impl EventParts {
    /// The event, checked as a whole; a missing last day is the first.
    pub(crate) fn join(self, checker: &mut Checker) -> Option<Event> {
        let from = self.from?;
        let event = Event {
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
        };
        for violation in check::violations(&event) {
            checker.note(&violation.field, &violation.value, violation.problem);
        }
        Some(event)
    }
}

/// A submission as read from the bus, with the bytes of its events.
#[derive(Clone, Debug)]
pub struct ReadSubmission {
    /// The submission.
    pub submission: Submission,
    /// The bytes of each event as posted, in order.
    pub event_bytes: Vec<Bytes>,
}

/// The bytes of a submission on the bus. `event_bytes` are those of its events, in order.
pub fn encode_submission(
    submission_id: SubmissionId,
    office: OfficeCode,
    poster: PosterId,
    received_at: Millis,
    taking: Taking,
    event_bytes: Vec<Bytes>,
) -> Bytes {
    let taking = match taking {
        Taking::Atomic => log::Taking::Atomic,
        Taking::Each => log::Taking::Each,
    };
    let wire = log::Submission {
        submission_id: Bytes::copy_from_slice(submission_id.as_bytes()),
        office: office.to_string(),
        poster: poster.to_string(),
        received_at_ms: received_at.0,
        taking: taking.into(),
        events: event_bytes,
    };
    wire.encode_to_vec().into()
}

/// Reads a message from the bus. Never fails: what does not decode becomes a submission of one unreadable event
/// (DESIGN §4), so that it neither blocks nor vanishes. `received_at` of such a one is `None`'s stand-in, zero, which
/// the ledger lifts to its own last time.
pub fn decode_submission(bytes: &Bytes, office: OfficeCode) -> ReadSubmission {
    read_submission(bytes).unwrap_or_else(|| unreadable_submission(bytes, office))
}

fn read_submission(bytes: &Bytes) -> Option<ReadSubmission> {
    let wire = log::Submission::decode(bytes.clone()).ok()?;
    if wire.events.is_empty() || wire.events.len() > EVENTS_MAX {
        return None;
    }
    let taking = match log::Taking::try_from(wire.taking).ok()? {
        log::Taking::Atomic => Taking::Atomic,
        log::Taking::Each => Taking::Each,
        log::Taking::Unspecified => return None,
    };
    let submission = Submission {
        submission_id: SubmissionId::new(Uuid::from_slice(&wire.submission_id).ok()?),
        office: OfficeCode::new(&wire.office).ok()?,
        poster: PosterId::new(&wire.poster).ok()?,
        received_at: Millis(wire.received_at_ms),
        taking,
        events: wire.events.iter().map(|bytes| posted(bytes)).collect(),
    };
    Some(ReadSubmission {
        submission,
        event_bytes: wire.events,
    })
}

fn unreadable_submission(bytes: &Bytes, office: OfficeCode) -> ReadSubmission {
    let sha256 = Sha256::of(bytes);
    let mut id = [0; 16];
    id.copy_from_slice(&sha256.0[..16]);
    let submission = Submission {
        submission_id: SubmissionId::new(Uuid::from_bytes(id)),
        office,
        poster: PosterId::new("unknown").unwrap_or_else(|_| unreachable!("a valid id")),
        received_at: Millis(0),
        taking: Taking::Each,
        events: vec![Posted::Unreadable { event_id: None, sha256 }],
    };
    ReadSubmission {
        submission,
        event_bytes: vec![Bytes::new()],
    }
}

/// The event in these bytes, or what can be said of them if they are none.
pub fn posted(bytes: &[u8]) -> Posted {
    match decode_event(bytes) {
        Ok(event) => Posted::Event(event),
        Err(_) => {
            let wire = pb::Event::decode(bytes).ok();
            let event_id = wire
                .and_then(|wire| Uuid::from_slice(&wire.event_id).ok())
                .map(EventId::new);
            Posted::Unreadable {
                event_id,
                sha256: Sha256::of(bytes),
            }
        }
    }
}

/// What an entry is made of, besides the event's bytes.
#[derive(Clone, Copy, Debug)]
pub struct EntryHead<'a> {
    /// Position in the log.
    pub index: u64,
    /// When it was recorded.
    pub recorded_at: Millis,
    /// The submission that it came in.
    pub submission_id: SubmissionId,
    /// Who posted it.
    pub poster: PosterId,
    /// What became of it.
    pub verdict: Verdict,
    /// Why.
    pub reason: Option<&'a Reason>,
    /// 补登
    pub late: bool,
}

/// The bytes of an entry: exactly these are the Merkle leaf. Replaces what `out` holds.
pub fn encode_entry(head: &EntryHead<'_>, posted: &Posted, event_bytes: &Bytes, out: &mut Vec<u8>) {
    let (event, unreadable) = match posted {
        Posted::Event(_) => (event_bytes.clone(), Bytes::new()),
        Posted::Unreadable { sha256, .. } => (Bytes::new(), Bytes::copy_from_slice(&sha256.0)),
    };
    let reason = head.reason.map(|reason| log::Reason {
        code: reason.code.code(),
        field: reason.field.clone(),
        value: reason.value.clone(),
        index_plus_one: reason.index.map_or(0, |index| index + 1),
    });
    let wire = log::Entry {
        format: ENTRY_FORMAT,
        index: head.index,
        recorded_at_ms: head.recorded_at.0,
        submission_id: Bytes::copy_from_slice(head.submission_id.as_bytes()),
        poster: head.poster.to_string(),
        event,
        verdict: head.verdict.code(),
        reason,
        unreadable_sha256: unreadable,
        late: head.late,
    };
    out.clear();
    out.reserve(wire.encoded_len());
    // Cannot fail: the buffer grows.
    let _ = wire.encode(out);
}

/// Reads an entry from the log.
///
/// # Errors
///
/// [`EntryError`] if this release cannot give it a meaning. An event that no longer passes today's field checks is not
/// an error: what was recorded is read as recorded, or, if it cannot be, as unreadable.
pub fn decode_entry(bytes: Bytes) -> Result<Entry, EntryError> {
    let wire = log::Entry::decode(bytes)?;
    if wire.format == 0 || wire.format > ENTRY_FORMAT {
        return Err(EntryError::Format { found: wire.format });
    }
    let reason = match wire.reason {
        None => None,
        Some(reason) => Some(Reason {
            code: ReasonCode::from_code(reason.code).ok_or(EntryError::Field { field: "reason.code" })?,
            field: reason.field,
            value: reason.value,
            index: reason.index_plus_one.checked_sub(1),
        }),
    };
    let posted = if wire.event.is_empty() {
        let hash = <[u8; 32]>::try_from(wire.unreadable_sha256.as_ref());
        let sha256 = hash.map(Sha256).map_err(|_| EntryError::Field {
            field: "unreadable_sha256",
        })?;
        Posted::Unreadable { event_id: None, sha256 }
    } else {
        posted(&wire.event)
    };
    let submission_id =
        Uuid::from_slice(&wire.submission_id).map_err(|_| EntryError::Field { field: "submission_id" })?;
    Ok(Entry {
        index: wire.index,
        recorded_at: Millis(wire.recorded_at_ms),
        submission_id: SubmissionId::new(submission_id),
        poster: PosterId::new(&wire.poster).map_err(|_| EntryError::Field { field: "poster" })?,
        posted,
        verdict: Verdict::from_code(wire.verdict).ok_or(EntryError::Field { field: "verdict" })?,
        reason,
        late: wire.late,
    })
}
