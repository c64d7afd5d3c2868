//! Judging submissions: what becomes of each event, decided once, at recording.
//!
//! Pure: the same state, submission and originals always give the same entries, on any machine. Nothing
//! here is ever run again on what is recorded; a replay only evolves.
#![deny(
    clippy::wildcard_enum_match_arm,
    reason = "a new kind must not fall through in silence"
)]

mod clock;
mod correction;
mod judge;
mod kinds;
mod refs;
mod rules;
mod ruling;
mod trial;

use std::collections::BTreeMap;

pub use self::trial::Trial;

use crate::entry::{Entry, Outcome, Verdict};
use crate::ids::EventId;
use crate::reason::Reason;
use crate::state::State;
use crate::submission::{EventVerdict, Submission};
use crate::time::Millis;

/// Version of these rules. Every block says under which it was decided; a standby that meets a higher one halts.
pub const DECIDE_VERSION: u32 = 1;

/// The log's entries that carry an event id of the submission: what `State::indices_of` names, in any order.
pub type Originals = BTreeMap<EventId, Vec<Entry>>;

/// An entry to append, naming what was posted by its place in the submission instead of copying it.
#[derive(Clone, Debug, PartialEq)]
pub struct NewEntry {
    /// Position in the log.
    pub index: u64,
    /// Place of what was posted in the submission's events.
    pub position: usize,
    /// What became of it.
    pub verdict: Verdict,
    /// Why, unless it was simply recorded.
    pub reason: Option<Reason>,
    /// What was assigned to it.
    pub outcome: Outcome,
}

/// What becomes of a submission.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// `recorded_at` of the new entries.
    pub recorded_at: Millis,
    /// The entries to append, in order, from index `state.size()` on.
    pub entries: Vec<NewEntry>,
    /// One verdict for each event, in the order posted.
    pub verdicts: Vec<EventVerdict>,
}

/// Judges `submission` against `state`, and folds the entries to append into it.
///
/// `originals` must hold the entries at all indices that [`State::indices_of`] names for the submission's events;
/// the caller fetches them from the log. An id that the state knows but whose entry is not there is answered as a
/// duplicate: without the content nothing better can be said, and no id is ever recorded twice.
pub fn decide(state: &mut State, submission: &Submission, originals: &Originals) -> Decision {
    judge::judge(state, &[], submission, originals)
}

impl NewEntry {
    /// The whole entry, with a copy of what was posted; `None` if `position` is beyond the submission.
    pub fn to_entry(&self, recorded_at: Millis, submission: &Submission) -> Option<Entry> {
        Some(Entry {
            index: self.index,
            recorded_at,
            submission_id: submission.submission_id,
            poster: submission.poster,
            posted: submission.events.get(self.position)?.clone(),
            verdict: self.verdict,
            reason: self.reason.clone(),
            outcome: self.outcome,
        })
    }
}
