//! What stands in the log: one entry for each judged event.

use std::num::NonZeroU32;

use crate::codes::codes;
use crate::event::Event;
use crate::ids::{EventId, PosterId, Sha256, SubmissionId};
use crate::reason::Reason;
use crate::time::Millis;

codes! {
    /// What became of one event.
    Verdict {
        /// In the ledger, with effect.
        Recorded = 1 "已入账" "recorded",
        /// In the ledger; takes effect when what it refers to arrives.
        Waiting = 2 "待生效" "waiting",
        /// The same event is already in the ledger; nothing new was written.
        Duplicate = 3 "重复" "duplicate",
        /// The id is taken by an event of other content.
        Conflict = 4 "冲突" "conflict",
        /// Not taken, for a reason; the id stays free.
        Refused = 5 "不予入账" "refused",
    }
}

impl Verdict {
    /// Whether the event stands in the ledger (newly or already).
    pub const fn is_in_ledger(self) -> bool {
        matches!(self, Self::Recorded | Self::Waiting | Self::Duplicate)
    }
}

/// What was posted: an event, or something that could not be read as one.
#[allow(
    clippy::large_enum_variant,
    reason = "nearly all are events; a box for each would cost more than the rare small one saves"
)]
#[derive(Clone, Debug, PartialEq)]
pub enum Posted {
    /// An event.
    Event(Event),
    /// Bytes that are no valid event, though perhaps with a readable id.
    Unreadable {
        /// The event's id, if at least that could be read.
        event_id: Option<EventId>,
        /// Hash of the bytes.
        sha256: Sha256,
    },
}

impl Posted {
    /// The event's id, if it has one.
    pub const fn event_id(&self) -> Option<EventId> {
        match self {
            Self::Event(event) => Some(event.event_id),
            Self::Unreadable { event_id, .. } => *event_id,
        }
    }

    /// The id under which it is remembered: the event's, else the first 16 bytes of the hash.
    pub fn key(&self) -> EventId {
        match self {
            Self::Event(event) => event.event_id,
            Self::Unreadable { event_id: Some(id), .. } => *id,
            Self::Unreadable { event_id: None, sha256 } => {
                let mut bytes = [0; 16];
                bytes.iter_mut().zip(sha256.0).for_each(|(to, from)| *to = from);
                EventId::new(uuid::Uuid::from_bytes(bytes))
            }
        }
    }

    /// The event, if it is one.
    pub const fn event(&self) -> Option<&Event> {
        match self {
            Self::Event(event) => Some(event),
            Self::Unreadable { .. } => None,
        }
    }
}

/// One record in the log.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Position in the log: 0, 1, 2 …
    pub index: u64,
    /// When it was recorded; never falls from one entry to the next.
    pub recorded_at: Millis,
    /// The submission that it came in.
    pub submission_id: SubmissionId,
    /// Who posted it.
    pub poster: PosterId,
    /// What was posted.
    pub posted: Posted,
    /// What became of it.
    pub verdict: Verdict,
    /// Why, unless it was simply recorded.
    pub reason: Option<Reason>,
    /// What was assigned to it.
    pub outcome: Outcome,
}

/// What [`crate::decide`] assigned to an entry beside its verdict. A replay takes it from here and never finds it again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// 补登: posted more than 30 days after it happened, under no historical load.
    pub late: bool,
    /// The number within its office and year that a certificate carries: of its issue, and of what is done to it since.
    pub number: Option<NonZeroU32>,
}
