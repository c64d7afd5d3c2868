//! What stands in the log: one entry for each judged event.

use std::num::NonZeroU32;

use crate::event::Event;
use crate::ids::{EventId, PosterId, Sha256, SubmissionId};
use crate::reason::Reason;
use crate::time::Millis;

/// What became of one event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Verdict {
    /// In the ledger, with effect.
    Recorded = 1,
    /// In the ledger; takes effect when what it refers to arrives.
    Waiting = 2,
    /// The same event is already in the ledger; nothing new was written.
    Duplicate = 3,
    /// The id is taken by an event of other content.
    Conflict = 4,
    /// Not taken, for a reason; the id stays free.
    Refused = 5,
}

impl Verdict {
    /// The stored number.
    pub const fn code(self) -> i32 {
        self as u8 as i32
    }

    /// The verdict with this number.
    pub const fn from_code(code: i32) -> Option<Self> {
        match code {
            1 => Some(Self::Recorded),
            2 => Some(Self::Waiting),
            3 => Some(Self::Duplicate),
            4 => Some(Self::Conflict),
            5 => Some(Self::Refused),
            _ => None,
        }
    }

    /// Whether the event stands in the ledger (newly or already).
    pub const fn is_in_ledger(self) -> bool {
        matches!(self, Self::Recorded | Self::Waiting | Self::Duplicate)
    }

    /// 中文
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Recorded => "已入账",
            Self::Waiting => "待生效",
            Self::Duplicate => "重复",
            Self::Conflict => "冲突",
            Self::Refused => "不予入账",
        }
    }

    /// English
    pub const fn en(self) -> &'static str {
        match self {
            Self::Recorded => "recorded",
            Self::Waiting => "waiting",
            Self::Duplicate => "duplicate",
            Self::Conflict => "conflict",
            Self::Refused => "refused",
        }
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
    /// The number within its office and year that a paper of this kind carries. No kind of this release has one; an
    /// entry of a later release keeps it.
    pub number: Option<NonZeroU32>,
}
