//! Judging submission after submission, each as though all before it had been recorded.

use std::collections::BTreeMap;

use super::clock;
use super::fresh::{Fresh, Refusal};
use super::{Decision, LATE_AFTER_DAYS, NewEntry, Originals, rules};
use crate::entry::{Entry, Posted, Verdict};
use crate::event::Event;
use crate::reason::{Reason, ReasonCode};
use crate::state::State;
use crate::submission::{EventVerdict, Submission, Taking};
use crate::time::{Millis, days_inclusive};

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
pub(super) struct Ruling {
    pub(super) verdict: Verdict,
    pub(super) reason: Option<Reason>,
}

impl Ruling {
    pub(super) const RECORDED: Self = Self {
        verdict: Verdict::Recorded,
        reason: None,
    };

    pub(super) fn of(verdict: Verdict, reason: Reason) -> Self {
        Self {
            verdict,
            reason: Some(reason),
        }
    }
}

/// What the ledger has under an event's id.
enum Known {
    /// The same content, at this index.
    Same(u64),
    /// Other content.
    Other(Reason),
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
        self.recorded_at = clock::recorded_at(self.recorded_at, submission.received_at);
        self.fresh.begin(submission);
        let first = self.next_index;
        let mut decision = Decision {
            recorded_at: self.recorded_at,
            entries: Vec::with_capacity(submission.events.len()),
            verdicts: Vec::with_capacity(submission.events.len()),
        };
        for (position, posted) in submission.events.iter().enumerate() {
            let known: &[Entry] = originals.get(&posted.key()).map_or(&[], Vec::as_slice);
            let verdict = self.judge_event(submission, (position, posted), known, first, &mut decision.entries);
            decision.verdicts.push(verdict);
        }
        let failed = submission.taking == Taking::Atomic && decision.verdicts.iter().any(|v| is_refusal(v.verdict));
        if failed {
            self.fresh.discard();
            self.withdraw(&mut decision, first, submission);
        } else {
            self.fresh.keep();
        }
        decision
    }

    /// Leaves of a failed atomic submission only its refusals and conflicts, and numbers them anew.
    fn withdraw(&mut self, decision: &mut Decision, first: u64, submission: &'a Submission) {
        self.next_index = first;
        let mut renumbered = BTreeMap::new();
        decision.entries.retain(|entry| is_refusal(entry.verdict));
        for entry in &mut decision.entries {
            renumbered.insert(entry.index, self.next_index);
            entry.index = self.next_index;
            self.next_index += 1;
            if let Some(posted) = submission.events.get(entry.position) {
                let refusal = Refusal::of(posted, entry.verdict, entry.reason.as_ref(), entry.index);
                self.fresh.note_refusal(posted.key(), refusal);
            }
        }
        self.fresh.keep();
        for verdict in &mut decision.verdicts {
            let of_this = verdict.index.is_some_and(|index| index >= first);
            if is_refusal(verdict.verdict) {
                let renumber = |index| renumbered.get(&index).copied().unwrap_or(index);
                verdict.index = verdict.index.map(renumber);
            } else if of_this {
                // Recorded, waiting, or the duplicate of one that was: none of it stands now.
                verdict.verdict = Verdict::Refused;
                verdict.index = None;
                verdict.reason = Some(Reason::about(ReasonCode::AtomicOther, "", ""));
            }
        }
    }

    /// Judges one event; adds an entry unless the ledger holds the like of it already.
    fn judge_event(
        &mut self,
        submission: &'a Submission,
        (position, posted): (usize, &'a Posted),
        known: &[Entry],
        first: u64,
        entries: &mut Vec<NewEntry>,
    ) -> EventVerdict {
        let answer = |verdict, index, reason| EventVerdict {
            event_id: posted.event_id(),
            verdict,
            index: Some(index),
            reason,
        };
        let known_content = posted
            .event()
            .and_then(|event| self.known_content(event, known, submission.taking, first));
        let Ruling { verdict, reason } = match known_content {
            Some(Known::Same(index)) => return answer(Verdict::Duplicate, index, None),
            Some(Known::Other(reason)) => Ruling::of(Verdict::Conflict, reason),
            None => rules::judge(
                self.state,
                &self.fresh,
                submission,
                posted,
                self.recorded_at.local_date(),
            ),
        };
        if is_refusal(verdict) {
            let held = same_refusal(known, posted, verdict, reason.as_ref());
            let held = held.or_else(|| self.fresh.same_refusal(posted, verdict, reason.as_ref()));
            if let Some(index) = held {
                return answer(verdict, index, reason);
            }
        }
        let index = self.next_index;
        self.next_index += 1;
        entries.push(NewEntry {
            index,
            position,
            verdict,
            reason: reason.clone(),
            late: verdict.is_in_ledger() && is_late(posted, self.recorded_at),
        });
        match posted.event() {
            Some(event) if verdict.is_in_ledger() => self.fresh.note(event, index),
            _ => {
                let refusal = Refusal::of(posted, verdict, reason.as_ref(), index);
                self.fresh.note_refusal(posted.key(), refusal);
            }
        }
        answer(verdict, index, reason)
    }

    /// What the ledger has under the event's id; `None` if the id is free.
    fn known_content(&self, event: &Event, known: &[Entry], taking: Taking, first: u64) -> Option<Known> {
        let id = event.event_id;
        let recorded = |entry: &&Entry| matches!(entry.verdict, Verdict::Recorded | Verdict::Waiting);
        let in_log = known.iter().filter(recorded).min_by_key(|entry| entry.index);
        let (original, index) = match (
            in_log.map(|entry| (entry.posted.event(), entry.index)),
            self.fresh.event(id),
        ) {
            (Some((None, index)), _) => return Some(Known::Same(index)),
            (Some((Some(original), index)), _) | (None, Some((original, index))) => (original, index),
            (None, None) => return self.state.index_of(id, self.state.size()).map(Known::Same),
        };
        let Some(field) = event.differing_field(original) else {
            return Some(Known::Same(index));
        };
        // The original stands in the same atomic submission, which now fails as a whole: no entry to point at.
        let falls_with_it = taking == Taking::Atomic && index >= first;
        Some(Known::Other(if falls_with_it {
            Reason::about(ReasonCode::RepeatedOtherwise, field, id)
        } else {
            Reason {
                index: Some(index),
                ..Reason::about(ReasonCode::ContentDiffers, field, id)
            }
        }))
    }
}

const fn is_refusal(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Refused | Verdict::Conflict)
}

/// The entry in the log that already holds this refusal of this content.
fn same_refusal(known: &[Entry], posted: &Posted, verdict: Verdict, reason: Option<&Reason>) -> Option<u64> {
    let holds = |entry: &&Entry| {
        says_the_same((entry.verdict, entry.reason.as_ref()), (verdict, reason)) && same_content(&entry.posted, posted)
    };
    known.iter().filter(holds).map(|entry| entry.index).min()
}

/// Whether a refusal in the ledger makes a new one of the same content needless.
///
/// It does if it is the same one; and a conflict adds nothing to any refusal: a message that holds an id twice, first
/// refused and then taken, would otherwise leave a conflict when it is delivered again.
pub(super) fn says_the_same(held: (Verdict, Option<&Reason>), new: (Verdict, Option<&Reason>)) -> bool {
    is_refusal(held.0) && (new.0 == Verdict::Conflict || held == new)
}

/// Whether both are the same event by content, or the same unreadable bytes.
pub(super) fn same_content(one: &Posted, two: &Posted) -> bool {
    match (one, two) {
        (Posted::Event(one), Posted::Event(two)) => one.differing_field(two).is_none(),
        (Posted::Unreadable { sha256: one, .. }, Posted::Unreadable { sha256: two, .. }) => one == two,
        _ => false,
    }
}

/// 补登: what credits or names a teacher, posted more than [`LATE_AFTER_DAYS`] after it happened.
fn is_late(posted: &Posted, recorded_at: Millis) -> bool {
    let Some(event) = posted.event() else { return false };
    let days_ago = days_inclusive(event.to, recorded_at.local_date()) - 1;
    event.fact.nature().credits && event.load_id.is_none() && days_ago > LATE_AFTER_DAYS
}
