//! Judging one submission on the state: what is judged stands in it at once, so that the next event sees it.

use std::num::NonZeroU32;

use super::clock;
use super::kinds::certificates;
use super::rules::View;
use super::ruling::Ruling;
use super::{Decision, NewEntry, Originals};
use crate::document::Documents;
use crate::entry::{Entry, Outcome, Posted, Verdict};
use crate::event::{Event, Fact};
use crate::reason::{Reason, ReasonCode};
use crate::state::State;
use crate::submission::{EventVerdict, Submission, Taking};
use crate::time::{Millis, days_inclusive};

/// What the ledger has under an event's id.
enum Known {
    /// The same content, at this index.
    Same(u64),
    /// Other content.
    Other(Reason),
}

/// An entry that the trial would have made.
pub(super) struct Made<'a> {
    pub(super) posted: &'a Posted,
    pub(super) verdict: Verdict,
    pub(super) reason: Option<Reason>,
    pub(super) recorded_at: Millis,
    pub(super) number: Option<NonZeroU32>,
}

struct Judge<'j, 'a> {
    state: &'j mut State,
    submission: &'a Submission,
    recorded_at: Millis,
    /// The documents of which the submission brings all parts, wherever in it they stand.
    offered: Documents,
    /// What a trial made before: the state's last entries before `first`.
    made: &'j [Made<'a>],
    /// The index of the submission's first entry.
    first: u64,
    entries: Vec<NewEntry>,
}

/// Judges `submission` and folds the entries that it makes. `made` are the entries at the end of `state` that are in no
/// log.
pub(super) fn judge<'a>(
    state: &mut State,
    made: &[Made<'a>],
    submission: &'a Submission,
    originals: &Originals,
) -> Decision {
    let mark = state.mark();
    let mut offered = Documents::default();
    for event in submission.events.iter().filter_map(Posted::event) {
        if let Fact::DocumentPart(part) = &event.fact {
            offered.add(0, part);
        }
    }
    let mut judge = Judge {
        recorded_at: clock::recorded_at(
            state.recorded_at(),
            submission.received_at,
            corrects_the_clock(submission),
        ),
        first: state.size(),
        state,
        submission,
        offered,
        made,
        entries: Vec::with_capacity(submission.events.len()),
    };
    let mut verdicts = Vec::with_capacity(submission.events.len());
    for (position, posted) in submission.events.iter().enumerate() {
        let known: &[Entry] = originals.get(&posted.key()).map_or(&[], Vec::as_slice);
        verdicts.push(judge.event(position, posted, known));
    }
    if submission.taking == Taking::Atomic && verdicts.iter().any(|verdict| is_refusal(verdict.verdict)) {
        let made = judge.entries.iter();
        let made = made.filter_map(|entry| Some((submission.events.get(entry.position)?, entry.verdict)));
        judge.state.take_back(&mark, made);
        judge.withdraw(&mut verdicts);
    }
    Decision {
        // A refused correction of the clock is recorded at the ledger's own time.
        recorded_at: judge.state.recorded_at(),
        entries: judge.entries,
        verdicts,
    }
}

impl<'a> Judge<'_, 'a> {
    /// Judges one event; makes an entry unless the ledger holds the like of it already.
    fn event(&mut self, position: usize, posted: &'a Posted, known: &[Entry]) -> EventVerdict {
        let answer = |verdict, index, (reason, number)| EventVerdict {
            event_id: posted.event_id(),
            verdict,
            index: Some(index),
            reason,
            number,
        };
        let Ruling { verdict, mut reason } = match posted.event().and_then(|event| self.known_content(event, known)) {
            Some(Known::Same(index)) => {
                let since = posted.event_id().and_then(|id| self.view().since(id, index));
                let number = posted
                    .event()
                    .and_then(|event| certificates::number_of(self.state, event, index));
                return answer(Verdict::Duplicate, index, (since, number));
            }
            Some(Known::Other(reason)) => Ruling::of(Verdict::Conflict, reason),
            None => self.view().rule(posted),
        };
        // What stands in its way in the same atomic submission falls with it: no entry to point at.
        if let Some(reason) = reason.as_mut().filter(|_| self.submission.taking == Taking::Atomic) {
            reason.index = reason.index.filter(|&index| index < self.first);
        }
        if is_refusal(verdict)
            && let Some(index) = self.same_refusal(known, posted, (verdict, reason.as_ref()))
        {
            return answer(verdict, index, (reason, None));
        }
        let index = self.state.size();
        let recorded = posted.event().filter(|_| verdict == Verdict::Recorded);
        let number = recorded.and_then(|event| certificates::next_number(self.state, event));
        self.state.evolve_posted(self.recorded_at, (verdict, number), posted);
        self.entries.push(NewEntry {
            index,
            position,
            verdict,
            reason: reason.clone(),
            outcome: Outcome {
                late: verdict.is_in_ledger() && is_late(posted, self.recorded_at, self.state),
                number,
            },
        });
        answer(verdict, index, (reason, number))
    }

    fn view(&self) -> View<'_> {
        View {
            state: self.state,
            size: self.state.size(),
            submission: self.submission,
            offered: &self.offered,
            today: self.recorded_at.local_date(),
        }
    }

    /// Leaves of a failed atomic submission only its refusals and conflicts, and numbers them anew.
    fn withdraw(&mut self, verdicts: &mut [EventVerdict]) {
        let (state, submission, recorded_at) = (&mut *self.state, self.submission, self.recorded_at);
        let mut renumbered = Vec::new();
        self.entries.retain_mut(|entry| {
            let posted = submission.events.get(entry.position);
            let Some(posted) = posted.filter(|_| is_refusal(entry.verdict)) else {
                return false;
            };
            renumbered.push((entry.index, state.size()));
            entry.index = state.size();
            state.evolve_posted(recorded_at, (entry.verdict, None), posted);
            true
        });
        for verdict in verdicts {
            let of_this = verdict.index.filter(|&index| index >= self.first);
            if is_refusal(verdict.verdict) {
                // Made in this order, so the old indices rise.
                let place = of_this.and_then(|index| renumbered.binary_search_by_key(&index, |(old, _)| *old).ok());
                let index = place.and_then(|place| renumbered.get(place)).map(|(_, new)| *new);
                verdict.index = index.or(verdict.index);
            } else if of_this.is_some() {
                // Recorded, waiting, or the duplicate of one that was: none of it stands now.
                verdict.verdict = Verdict::Refused;
                (verdict.index, verdict.number) = (None, None);
                verdict.reason = Some(Reason::about(ReasonCode::AtomicOther, "", ""));
            }
        }
    }

    /// What the ledger has under the event's id; `None` if the id is free.
    fn known_content(&self, event: &Event, known: &[Entry]) -> Option<Known> {
        let id = event.event_id;
        let index = self.state.at(self.state.size()).index_of(id)?;
        let in_log = || {
            known
                .iter()
                .find(|entry| entry.index == index)
                .map(|entry| &entry.posted)
        };
        let original = self.fresh(index).map(|(posted, ..)| posted).or_else(in_log);
        let Some(original) = original.and_then(Posted::event) else {
            return Some(Known::Same(index));
        };
        let Some(field) = event.differing_field(original) else {
            return Some(Known::Same(index));
        };
        // The original stands in the same atomic submission, which now fails as a whole: no entry to point at.
        let falls_with_it = self.submission.taking == Taking::Atomic && index >= self.first;
        Some(Known::Other(if falls_with_it {
            Reason::about(ReasonCode::RepeatedOtherwise, field, id)
        } else {
            Reason {
                index: Some(index),
                ..Reason::about(ReasonCode::ContentDiffers, field, id)
            }
        }))
    }

    /// The entry at an index that no log has yet.
    fn fresh(&self, index: u64) -> Option<(&'a Posted, Verdict, Option<&Reason>)> {
        if let Some(place) = index.checked_sub(self.first) {
            let entry = self.entries.get(usize::try_from(place).ok()?)?;
            let posted = self.submission.events.get(entry.position)?;
            return Some((posted, entry.verdict, entry.reason.as_ref()));
        }
        let back = usize::try_from(self.first - index).ok()?;
        let made = self.made.get(self.made.len().checked_sub(back)?)?;
        Some((made.posted, made.verdict, made.reason.as_ref()))
    }

    /// The entry that already holds this refusal of this content.
    fn same_refusal(&self, known: &[Entry], posted: &Posted, new: (Verdict, Option<&Reason>)) -> Option<u64> {
        let in_log = known.iter().map(|entry| {
            let held = (entry.verdict, entry.reason.as_ref());
            (entry.index, &entry.posted, held)
        });
        let fresh = self.state.indices_of(posted.key()).filter_map(|index| {
            let (posted, verdict, reason) = self.fresh(index)?;
            Some((index, posted, (verdict, reason)))
        });
        let holds =
            |(_, held_posted, held): &(u64, &Posted, _)| says_the_same(*held, new) && same_content(held_posted, posted);
        in_log.chain(fresh).filter(holds).map(|(index, ..)| index).min()
    }
}

/// Whether this is the one event that may set the ledger's time back.
fn corrects_the_clock(submission: &Submission) -> bool {
    match &*submission.events {
        [only] => only.event().is_some_and(Event::corrects_the_clock),
        _ => false,
    }
}

const fn is_refusal(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Refused | Verdict::Conflict)
}

/// Whether a refusal in the ledger makes a new one of the same content needless.
///
/// It does if it is the same one; and a conflict adds nothing to any refusal: a message that holds an id twice, first
/// refused and then taken, would otherwise leave a conflict when it is delivered again.
fn says_the_same(held: (Verdict, Option<&Reason>), new: (Verdict, Option<&Reason>)) -> bool {
    is_refusal(held.0) && (new.0 == Verdict::Conflict || held == new)
}

/// Whether both are the same event by content, or the same unreadable bytes.
fn same_content(one: &Posted, two: &Posted) -> bool {
    match (one, two) {
        (Posted::Event(one), Posted::Event(two)) => one.differing_field(two).is_none(),
        (Posted::Unreadable { sha256: one, .. }, Posted::Unreadable { sha256: two, .. }) => one == two,
        (Posted::Event(_), Posted::Unreadable { .. }) | (Posted::Unreadable { .. }, Posted::Event(_)) => false,
    }
}

/// 补登: what credits or names a teacher, posted more than the policy's days after it happened.
fn is_late(posted: &Posted, recorded_at: Millis, state: &State) -> bool {
    let Some(event) = posted.event() else { return false };
    let today = recorded_at.local_date();
    let days_ago = days_inclusive(event.to, today) - 1;
    let rules = || state.at(state.size()).review_rules(today);
    event.fact.nature().credits && event.load_id.is_none() && days_ago > 0 && days_ago > rules().late_after_days
}
