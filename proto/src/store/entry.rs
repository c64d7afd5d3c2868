//! Entries in the log: exactly these bytes are the Merkle leaf.

use bytes::Bytes;
use keshi_core::entry::{Entry, Posted, Verdict};
use keshi_core::ids::{EventId, PosterId, Sha256, SubmissionId};
use keshi_core::reason::{Reason, ReasonCode};
use keshi_core::time::Millis;
use prost::Message;
use thiserror::Error;
use uuid::Uuid;

use super::event;
use crate::log;

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
        late: head.late,
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
    let verdict = Verdict::from_code(wire.verdict).ok_or(EntryError::Field { field: "verdict" })?;
    let posted = if wire.event.is_empty() {
        unreadable(&wire.unreadable_sha256, &wire.unreadable_event_id)?
    } else {
        event::recorded(&wire.event).map_or_else(|| event::posted(&wire.event), Posted::Event)
    };
    if verdict.is_in_ledger() && posted.event().is_none() {
        return Err(EntryError::Field { field: "event" });
    }
    let submission_id = uuid(&wire.submission_id).ok_or(EntryError::Field { field: "submission_id" })?;
    Ok(Entry {
        index: wire.index,
        recorded_at: Millis(wire.recorded_at_ms),
        submission_id: SubmissionId::new(submission_id),
        poster: PosterId::new(&wire.poster).map_err(|_| EntryError::Field { field: "poster" })?,
        posted,
        verdict,
        reason,
        late: wire.late,
    })
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
