//! Folding one recorded entry into the state. No rules here: what was recorded happened.

use std::num::NonZeroU32;

use super::State;
use super::events::{NOT_IN_LEDGER, kind_number};
use crate::canonical::Fingerprint;
use crate::entry::{Entry, Posted, Verdict};
use crate::event::Event;
use crate::time::Millis;

/// What the state keeps of an event's content. Taking it needs no state, so a replay does it on another thread.
#[derive(Clone, Copy, Debug)]
pub struct Print(u32);

impl Print {
    /// That of what was posted.
    pub fn of(posted: &Posted) -> Self {
        Self(posted.event().map_or(0, Fingerprint::of))
    }
}

impl State {
    /// Folds `entry`, which must be the one at index `size()`.
    ///
    /// Never fails and applies no rule: a replay of old entries always succeeds. An entry that recorded
    /// nothing (refused, conflict) only leaves its id, so that the same refusal is not written twice.
    pub fn evolve(&mut self, entry: &Entry) {
        self.evolve_printed(entry, Print::of(&entry.posted));
    }

    /// As [`State::evolve`], with the [`Print`] of what the entry holds.
    pub fn evolve_printed(&mut self, entry: &Entry, print: Print) {
        let outcome = (entry.verdict, entry.outcome.number);
        self.evolve_parts(entry.recorded_at, outcome, &entry.posted, print);
    }

    /// As [`State::evolve`], for a caller that has the parts and not the entry: of the outcome, the verdict and the number.
    pub fn evolve_posted(&mut self, recorded_at: Millis, outcome: (Verdict, Option<NonZeroU32>), posted: &Posted) {
        self.evolve_parts(recorded_at, outcome, posted, Print::of(posted));
    }

    fn evolve_parts(
        &mut self,
        recorded_at: Millis,
        (verdict, number): (Verdict, Option<NonZeroU32>),
        posted: &Posted,
        print: Print,
    ) {
        let in_ledger = matches!(verdict, Verdict::Recorded | Verdict::Waiting);
        let corrects = in_ledger && posted.event().is_some_and(Event::corrects_the_clock);
        self.recorded_at = if corrects {
            recorded_at
        } else {
            self.recorded_at.max(recorded_at)
        };
        match (posted, in_ledger) {
            (Posted::Event(event), true) => {
                let index = self.events.push(event.event_id, kind_number(&event.fact), print.0);
                let original = event.supersedes.and_then(|id| self.events.recorded(id));
                self.effects.arrived(event, index, original);
                self.claims.arrived(event, index);
                if let Some(load) = event.load_id.and_then(|id| self.loads.get_mut(&id)) {
                    load.entries.push(index);
                }
                self.fold(index, event);
                self.certificates.numbered(index, number);
            }
            (posted, _) => {
                self.events.push(posted.key(), NOT_IN_LEDGER, 0);
            }
        }
    }
}
