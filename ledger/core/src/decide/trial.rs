//! Judging submission after submission on the state itself, and taking all of it back.

use super::judge::{self, Made};
use super::{Decision, Originals};
use crate::state::State;
use crate::submission::Submission;

/// A series of submissions, each judged as though all before it had been recorded, none of which is.
///
/// This is how `CheckSubmissions` sees a whole file before anything is sent. The state is needed only while some
/// submissions are judged and is afterwards what it was: in between the ledger may go on.
#[derive(Default)]
pub struct Trial<'a> {
    made: Vec<Made<'a>>,
}

impl<'a> Trial<'a> {
    /// A trial that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Judges the next submissions. `originals` are those that [`super::decide`] asks for.
    ///
    /// What the trial made before is folded again first, once for all of these: give it as many at a time as the state
    /// can be held for.
    pub fn judge(&mut self, state: &mut State, submissions: &'a [Submission], originals: &Originals) -> Vec<Decision> {
        let mark = state.mark();
        for made in &self.made {
            state.evolve_posted(made.recorded_at, (made.verdict, made.number), made.posted);
        }
        let mut decisions = Vec::with_capacity(submissions.len());
        for submission in submissions {
            let decision = judge::judge(state, &self.made, submission, originals);
            self.keep(submission, &decision);
            decisions.push(decision);
        }
        state.take_back(&mark, self.made.iter().map(|made| (made.posted, made.verdict)));
        decisions
    }

    fn keep(&mut self, submission: &'a Submission, decision: &Decision) {
        for entry in &decision.entries {
            self.made
                .extend(submission.events.get(entry.position).map(|posted| Made {
                    posted,
                    verdict: entry.verdict,
                    reason: entry.reason.clone(),
                    recorded_at: decision.recorded_at,
                    number: entry.outcome.number,
                }));
        }
    }
}
