//! Judging submissions: what becomes of each event, decided once, at recording.
//!
//! Pure: the same state, submission and originals always give the same entries, on any machine. Nothing
//! here is ever run again on what is recorded; a replay only evolves.

mod fresh;
mod rules;

use std::collections::BTreeMap;

use crate::entry::{Entry, Posted, Verdict};
use crate::event::Fact;
use crate::ids::EventId;
use crate::reason::{Reason, ReasonCode};
use crate::state::State;
use crate::submission::{EventVerdict, Submission, Taking};
use crate::time::{Millis, days_inclusive};

use self::fresh::Fresh;

/// Version of these rules. Every block says under which it was decided; a standby that meets a higher one halts.
pub const DECIDE_VERSION: u32 = 1;

/// Days after which a posting under no historical load is marked 补登 (DOMAIN §9).
pub const LATE_AFTER_DAYS: i64 = 30;

/// The log's entries that carry an event id of the submission: what `State::indices_of` names.
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
    /// 补登
    pub late: bool,
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

/// Judges `submission` against `state`.
///
/// `originals` must hold the entries at all indices that [`State::indices_of`] names for the submission's events;
/// the caller fetches them from the log.
pub fn decide(state: &State, submission: &Submission, originals: &Originals) -> Decision {
    Trial::new(state).judge(submission, originals)
}

/// A series of submissions judged one after the other against a state that does not change.
///
/// This is how `CheckSubmissions` sees a whole file before anything is sent.
pub struct Trial<'a> {
    state: &'a State,
    fresh: Fresh<'a>,
    next_index: u64,
    recorded_at: Millis,
}

/// What the rules say of one event that is not yet in the ledger.
pub(crate) struct Ruling {
    pub(crate) verdict: Verdict,
    pub(crate) reason: Option<Reason>,
}

impl NewEntry {
    /// The whole entry, with a copy of what was posted.
    pub fn to_entry(&self, recorded_at: Millis, submission: &Submission) -> Option<Entry> {
        Some(Entry {
            index: self.index,
            recorded_at,
            submission_id: submission.submission_id,
            poster: submission.poster,
            posted: submission.events.get(self.position)?.clone(),
            verdict: self.verdict,
            reason: self.reason.clone(),
            late: self.late,
        })
    }
}

impl<'a> Trial<'a> {
    /// A trial that begins with `state`.
    pub fn new(state: &'a State) -> Self {
        Self {
            state,
            fresh: Fresh::default(),
            next_index: state.size(),
            recorded_at: state.recorded_at(),
        }
    }

    /// Judges the next submission, as though all before it had been recorded.
    pub fn judge(&mut self, submission: &'a Submission, originals: &Originals) -> Decision {
        let before = (submission.taking == Taking::Atomic).then(|| (self.fresh.clone(), self.next_index));
        self.recorded_at = self.recorded_at.max(submission.received_at);
        self.fresh.note_documents(submission);
        let mut decision = Decision {
            recorded_at: self.recorded_at,
            entries: Vec::with_capacity(submission.events.len()),
            verdicts: Vec::with_capacity(submission.events.len()),
        };
        for position in 0..submission.events.len() {
            self.judge_event(submission, position, originals, &mut decision);
        }
        let bad = |verdict: Verdict| matches!(verdict, Verdict::Refused | Verdict::Conflict);
        if let Some((fresh, next_index)) = before
            && decision.verdicts.iter().any(|verdict| bad(verdict.verdict))
        {
            (self.fresh, self.next_index) = (fresh, next_index);
            self.keep_refusals(&mut decision);
        }
        decision
    }

    /// Leaves of a failed atomic submission only its refusals and conflicts, and numbers them anew.
    fn keep_refusals(&mut self, decision: &mut Decision) {
        let first = self.next_index;
        let mut renumbered = BTreeMap::new();
        decision
            .entries
            .retain(|entry| matches!(entry.verdict, Verdict::Refused | Verdict::Conflict));
        for entry in &mut decision.entries {
            renumbered.insert(entry.index, self.next_index);
            entry.index = self.next_index;
            self.next_index += 1;
        }
        for verdict in &mut decision.verdicts {
            match verdict.verdict {
                Verdict::Recorded | Verdict::Waiting => {
                    verdict.verdict = Verdict::Refused;
                    verdict.index = None;
                    verdict.reason = Some(Reason::about(ReasonCode::AtomicOther, "", ""));
                }
                Verdict::Refused | Verdict::Conflict => {
                    verdict.index = verdict
                        .index
                        .map(|index| renumbered.get(&index).copied().unwrap_or(index));
                }
                Verdict::Duplicate => {
                    if verdict.index.is_some_and(|index| index >= first) {
                        verdict.index = None;
                    }
                }
            }
        }
    }

    fn judge_event(
        &mut self,
        submission: &'a Submission,
        position: usize,
        originals: &Originals,
        decision: &mut Decision,
    ) {
        let Some(posted) = submission.events.get(position) else {
            return;
        };
        let known: &[Entry] = originals.get(&posted.key()).map_or(&[], Vec::as_slice);
        let ruling = match self.known_content(posted, known) {
            Some(Ok(index)) => {
                decision.verdicts.push(EventVerdict {
                    event_id: posted.event_id(),
                    verdict: Verdict::Duplicate,
                    index: Some(index),
                    reason: None,
                });
                return;
            }
            Some(Err(conflict)) => Ruling {
                verdict: Verdict::Conflict,
                reason: Some(conflict),
            },
            None => rules::judge(self.state, &self.fresh, submission, posted),
        };
        let index = if ruling.verdict.is_in_ledger() {
            None
        } else {
            same_refusal(known, posted, &ruling)
        };
        let index = index.unwrap_or_else(|| {
            let index = self.next_index;
            self.next_index += 1;
            let late = ruling.verdict.is_in_ledger() && is_late(posted, self.recorded_at);
            let (verdict, reason) = (ruling.verdict, ruling.reason.clone());
            decision.entries.push(NewEntry {
                index,
                position,
                verdict,
                reason,
                late,
            });
            index
        });
        if let (true, Some(event)) = (ruling.verdict.is_in_ledger(), posted.event()) {
            self.fresh.note(event, index);
        }
        decision.verdicts.push(EventVerdict {
            event_id: posted.event_id(),
            verdict: ruling.verdict,
            index: Some(index),
            reason: ruling.reason,
        });
    }

    /// Whether the event's id is taken: `Ok` by the same content, `Err` by another.
    fn known_content(&self, posted: &Posted, known: &[Entry]) -> Option<Result<u64, Reason>> {
        let event = posted.event()?;
        let in_log = known
            .iter()
            .find(|entry| matches!(entry.verdict, Verdict::Recorded | Verdict::Waiting));
        let (original, index) = match in_log {
            Some(entry) => (entry.posted.event()?, entry.index),
            None => self.fresh.event(event.event_id)?,
        };
        Some(match event.differing_field(original) {
            None => Ok(index),
            Some(field) => {
                let reason = Reason::about(ReasonCode::ContentDiffers, field, event.event_id);
                Err(Reason {
                    index: Some(index),
                    ..reason
                })
            }
        })
    }
}

/// The entry that already holds this refusal of this content.
fn same_refusal(known: &[Entry], posted: &Posted, ruling: &Ruling) -> Option<u64> {
    let same_content = |entry: &Entry| match (&entry.posted, posted) {
        (Posted::Event(one), Posted::Event(two)) => one.differing_field(two).is_none(),
        (one, two) => one == two,
    };
    let same = |entry: &&Entry| entry.verdict == ruling.verdict && entry.reason == ruling.reason && same_content(entry);
    known.iter().find(same).map(|entry| entry.index)
}

fn is_late(posted: &Posted, recorded_at: Millis) -> bool {
    let Some(event) = posted.event() else { return false };
    let about_a_teacher = matches!(
        event.fact,
        Fact::AttendanceRecorded(_)
            | Fact::OutreachDelivered(_)
            | Fact::LessonGiven(_)
            | Fact::LessonObserved(_)
            | Fact::SchoolVisit(_)
            | Fact::EntryMade(_)
            | Fact::AwardGiven(_)
    );
    about_a_teacher
        && event.load_id.is_none()
        && days_inclusive(event.to, recorded_at.local_date()) - 1 > LATE_AFTER_DAYS
}
