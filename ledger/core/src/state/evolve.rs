//! Folding one recorded entry into the state. No rules here: what was recorded happened.

use super::State;
use super::events::{NOT_IN_LEDGER, kind_number};
use crate::canonical::Fingerprint;
use crate::entry::{Entry, Posted, Verdict};
use crate::time::Millis;

impl State {
    /// Folds `entry`, which must be the one at index `size()`.
    ///
    /// Never fails and applies no rule: a replay of old entries always succeeds. An entry that recorded
    /// nothing (refused, conflict) only leaves its id, so that the same refusal is not written twice.
    pub fn evolve(&mut self, entry: &Entry) {
        self.evolve_posted(entry.recorded_at, entry.verdict, &entry.posted);
    }

    /// As [`State::evolve`], for a caller that has the parts and not the entry.
    pub fn evolve_posted(&mut self, recorded_at: Millis, verdict: Verdict, posted: &Posted) {
        self.recorded_at = self.recorded_at.max(recorded_at);
        let in_ledger = matches!(verdict, Verdict::Recorded | Verdict::Waiting);
        match (posted, in_ledger) {
            (Posted::Event(event), true) => {
                let index = self
                    .events
                    .push(event.event_id, kind_number(&event.fact), Fingerprint::of(event));
                if !self.voids_ahead.is_empty()
                    && let Some(void) = self.voids_ahead.remove(&event.event_id)
                {
                    self.voids.insert(index, void);
                }
                self.fold(index, event);
            }
            (posted, _) => {
                self.events.push(posted.key(), NOT_IN_LEDGER, 0);
            }
        }
    }
}
