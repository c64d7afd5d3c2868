//! What a poster sends, and what she gets back.

use std::num::NonZeroU32;

use crate::entry::{Posted, Verdict};
use crate::ids::{EventId, OfficeCode, PosterId, SubmissionId};
use crate::reason::Reason;
use crate::time::Millis;

/// Most events in one submission.
pub const EVENTS_MAX: usize = 5_000;

/// Largest submission, encoded, in bytes.
pub const SUBMISSION_BYTES_MAX: usize = 900 * 1024;

/// How a submission is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Taking {
    /// All events or none.
    Atomic,
    /// Each event by itself.
    Each,
}

/// What one poster sends under one id.
#[derive(Clone, Debug, PartialEq)]
pub struct Submission {
    /// The same when it is sent again.
    pub submission_id: SubmissionId,
    /// The office whose ledger it is for.
    pub office: OfficeCode,
    /// Who posts.
    pub poster: PosterId,
    /// Server clock when it was taken in.
    pub received_at: Millis,
    /// Atomic or each.
    pub taking: Taking,
    /// 1 to [`EVENTS_MAX`] events, in order.
    pub events: Vec<Posted>,
}

/// What became of one event of a submission.
#[derive(Clone, Debug, PartialEq)]
pub struct EventVerdict {
    /// The event's id, if it could be read.
    pub event_id: Option<EventId>,
    /// What became of it.
    pub verdict: Verdict,
    /// The entry that holds it (for a conflict, the entry of the conflict); `None` if nothing was written.
    pub index: Option<u64>,
    /// Why, unless it was simply recorded.
    pub reason: Option<Reason>,
    /// The number of the certificate that it issues or is about.
    pub number: Option<NonZeroU32>,
}

/// The answer to a submission: its verdicts, and the ledger that contains them.
#[derive(Clone, Debug, PartialEq)]
pub struct Receipt {
    /// The submission.
    pub submission_id: SubmissionId,
    /// Entries in the ledger that contains all of these verdicts.
    pub size: u64,
    /// RFC 6962 root over these entries.
    pub root: [u8; 32],
    /// One verdict for each event, in the order posted.
    pub verdicts: Vec<EventVerdict>,
}
