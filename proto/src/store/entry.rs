//! Entries in the log: exactly these bytes are the Merkle leaf.

use std::num::NonZeroU32;

use bytes::Bytes;
use keshi_core::entry::{Entry, Outcome, Posted, Verdict};
use keshi_core::ids::{EventId, PosterId, Sha256, SubmissionId};
use keshi_core::reason::{Reason, ReasonCode};
use keshi_core::time::Millis;
use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field};
use prost::{DecodeError, Message};
use thiserror::Error;
use uuid::Uuid;

use super::event;
use super::piece::piece;
use crate::log;

/// Version of the entries that this release writes.
pub const ENTRY_FORMAT: u32 = 1;

/// Why stored bytes are not an entry. Such bytes passed their checksum, so another release wrote them, or a defect did.
#[derive(Debug, Error)]
pub enum EntryError {
    /// Not a protobuf message.
    #[error("the entry does not decode")]
    Decode(#[from] DecodeError),
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
    /// What was assigned to it.
    pub outcome: Outcome,
}

/// The bytes of an entry: exactly these are the Merkle leaf. Replaces what `out` holds.
pub fn encode_entry(head: &EntryHead<'_>, posted: &Posted, event_bytes: &Bytes, out: &mut Vec<u8>) {
    let (event, unreadable, unreadable_id) = match posted {
        Posted::Event(_) => (event_bytes.clone(), Bytes::new(), None),
        Posted::Unreadable { sha256, event_id } => (Bytes::new(), Bytes::copy_from_slice(&sha256.0), *event_id),
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
        outcome: (head.outcome != Outcome::default()).then(|| log::Outcome {
            late: head.outcome.late,
            number: head.outcome.number.map_or(0, NonZeroU32::get),
        }),
        unreadable_event_id: unreadable_id.map_or_else(Bytes::new, |id| Bytes::copy_from_slice(id.as_bytes())),
    };
    out.clear();
    out.reserve(wire.encoded_len());
    // Cannot fail: the buffer grows.
    let _ = wire.encode(out);
}

/// Reads an entry from the log.
///
/// What was recorded is read as recorded, also where today's checks of whole events would refuse it. A refused event
/// that cannot be read any more is one that could not be read.
///
/// # Errors
///
/// [`EntryError`] if this release cannot give it a meaning; a recorded event that it cannot read is never left out.
pub fn decode_entry(bytes: impl AsRef<[u8]>) -> Result<Entry, EntryError> {
    let wire = Wire::read(bytes.as_ref())?;
    if wire.format == 0 || wire.format > ENTRY_FORMAT.into() {
        let found = u32::try_from(wire.format).unwrap_or(u32::MAX);
        return Err(EntryError::Format { found });
    }
    let field = |field| EntryError::Field { field };
    let reason = match wire.reason {
        None => None,
        Some(reason) => {
            let reason = log::Reason::decode(reason)?;
            Some(Reason {
                code: ReasonCode::from_code(reason.code).ok_or(field("reason.code"))?,
                field: reason.field,
                value: reason.value,
                index: reason.index_plus_one.checked_sub(1),
            })
        }
    };
    let verdict = i32::try_from(wire.verdict)
        .ok()
        .and_then(Verdict::from_code)
        .ok_or(field("verdict"))?;
    let posted = if wire.event.is_empty() {
        unreadable(wire.unreadable_sha256, wire.unreadable_event_id)?
    } else {
        event::recorded(wire.event).map_or_else(|| event::posted(wire.event), Posted::Event)
    };
    if verdict.is_in_ledger() && posted.event().is_none() {
        return Err(field("event"));
    }
    Ok(Entry {
        index: wire.index,
        recorded_at: Millis(wire.recorded_at_ms.cast_signed()),
        submission_id: uuid(wire.submission_id)
            .map(SubmissionId::new)
            .ok_or(field("submission_id"))?,
        poster: poster(wire.poster).ok_or(field("poster"))?,
        posted,
        verdict,
        reason,
        outcome: outcome(wire.outcome)?,
    })
}

fn outcome(bytes: &[u8]) -> Result<Outcome, DecodeError> {
    if bytes.is_empty() {
        return Ok(Outcome::default());
    }
    let log::Outcome { late, number } = log::Outcome::decode(bytes)?;
    Ok(Outcome {
        late,
        number: NonZeroU32::new(number),
    })
}

fn poster(id: &[u8]) -> Option<PosterId> {
    PosterId::new(str::from_utf8(id).ok()?).ok()
}

/// `keshi.log.v1.Entry` with its fields still in the bytes: a replay reads millions, and the generated message would
/// allocate six times for each.
#[derive(Default)]
struct Wire<'b> {
    format: u64,
    index: u64,
    recorded_at_ms: u64,
    submission_id: &'b [u8],
    poster: &'b [u8],
    event: &'b [u8],
    verdict: u64,
    reason: Option<&'b [u8]>,
    unreadable_sha256: &'b [u8],
    outcome: &'b [u8],
    unreadable_event_id: &'b [u8],
}

impl<'b> Wire<'b> {
    fn read(mut bytes: &'b [u8]) -> Result<Self, DecodeError> {
        let mut wire = Self::default();
        while !bytes.is_empty() {
            let (tag, kind) = decode_key(&mut bytes)?;
            match (tag, kind) {
                (1, WireType::Varint) => wire.format = decode_varint(&mut bytes)?,
                (2, WireType::Varint) => wire.index = decode_varint(&mut bytes)?,
                (3, WireType::Varint) => wire.recorded_at_ms = decode_varint(&mut bytes)?,
                (4, WireType::LengthDelimited) => wire.submission_id = piece(&mut bytes)?,
                (5, WireType::LengthDelimited) => wire.poster = piece(&mut bytes)?,
                (6, WireType::LengthDelimited) => wire.event = piece(&mut bytes)?,
                (7, WireType::Varint) => wire.verdict = decode_varint(&mut bytes)?,
                (8, WireType::LengthDelimited) => wire.reason = Some(piece(&mut bytes)?),
                (9, WireType::LengthDelimited) => wire.unreadable_sha256 = piece(&mut bytes)?,
                (10, WireType::LengthDelimited) => wire.outcome = piece(&mut bytes)?,
                (11, WireType::LengthDelimited) => wire.unreadable_event_id = piece(&mut bytes)?,
                _ => skip_field(kind, tag, &mut bytes, DecodeContext::default())?,
            }
        }
        Ok(wire)
    }
}

fn unreadable(sha256: &[u8], event_id: &[u8]) -> Result<Posted, EntryError> {
    let field = "unreadable_sha256";
    let sha256 = <[u8; 32]>::try_from(sha256).map_err(|_| EntryError::Field { field })?;
    let event_id = match event_id {
        [] => None,
        bytes => Some(uuid(bytes).ok_or(EntryError::Field {
            field: "unreadable_event_id",
        })?),
    };
    Ok(Posted::Unreadable {
        event_id: event_id.map(EventId::new),
        sha256: Sha256(sha256),
    })
}

fn uuid(bytes: &[u8]) -> Option<Uuid> {
    Uuid::from_slice(bytes).ok()
}
