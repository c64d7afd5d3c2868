//! Judging submission after submission on the state itself, and taking all of it back.

use super::{Decision, Originals, judge};
use crate::entry::{Posted, Verdict};
use crate::reason::Reason;
use crate::state::State;
use crate::submission::Submission;
use crate::time::Millis;

/// A series of submissions, each judged as though all before it had been recorded, none of which is.
///
/// This is how `CheckSubmissions` sees a whole file before anything is sent. The state is needed only while one
/// submission is judged and is afterwards what it was: in between the ledger may go on.
#[derive(Default)]
pub struct Trial<'a> {
    made: Vec<Made<'a>>,
}

/// An entry that the trial would have made.
pub(super) struct Made<'a> {
    pub(super) posted: &'a Posted,
    pub(super) verdict: Verdict,
    pub(super) reason: Option<Reason>,
    recorded_at: Millis,
}

impl<'a> Trial<'a> {
    /// A trial that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Judges the next submission. `originals` are those that [`super::decide`] asks for.
    pub fn judge(&mut self, state: &mut State, submission: &'a Submission, originals: &Originals) -> Decision {
        let mark = state.mark();
        for made in &self.made {
            state.evolve_posted(made.recorded_at, made.verdict, made.posted);
        }
        let decision = judge::judge(state, &self.made, submission, originals);
        for entry in &decision.entries {
            self.made
                .extend(submission.events.get(entry.position).map(|posted| Made {
                    posted,
                    verdict: entry.verdict,
                    reason: entry.reason.clone(),
                    recorded_at: decision.recorded_at,
                }));
        }
        state.take_back(&mark, self.made.iter().map(|made| (made.posted, made.verdict)));
        decision
    }
}
