//! Submissions on the bus.

use bytes::Bytes;
use keshi_core::entry::Posted;
use keshi_core::ids::{OfficeCode, PosterId, Sha256, SubmissionId};
use keshi_core::submission::{EVENTS_MAX, SUBMISSION_BYTES_MAX, Submission, Taking};
use keshi_core::time::Millis;
use prost::Message;
use uuid::Uuid;

use super::posted;
use crate::log;

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
/// (DESIGN §4), so that it neither blocks nor vanishes. `received_at` of such a one is zero, which the ledger lifts to
/// its own last time.
pub fn decode_submission(bytes: &Bytes, office: OfficeCode) -> ReadSubmission {
    read_submission(bytes).unwrap_or_else(|| unreadable_submission(bytes, office))
}

fn read_submission(bytes: &Bytes) -> Option<ReadSubmission> {
    // What the stream carries past the intake is held to the intake's bounds.
    if bytes.len() > SUBMISSION_BYTES_MAX {
        return None;
    }
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
    let posted = Posted::Unreadable {
        event_id: None,
        sha256: Sha256::of(bytes),
    };
    let submission = Submission {
        submission_id: SubmissionId::new(posted.key().uuid()),
        office,
        poster: PosterId::unknown(),
        received_at: Millis(0),
        taking: Taking::Each,
        events: vec![posted],
    };
    ReadSubmission {
        submission,
        event_bytes: vec![Bytes::new()],
    }
}
