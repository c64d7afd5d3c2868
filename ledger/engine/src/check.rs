//! Dry runs: what would become of submissions, without recording them.

use std::collections::BTreeSet;

use keshi_core::decide::{Decision, Originals, Trial};
use keshi_core::entry::Posted;
use keshi_core::ids::EventId;
use keshi_core::state::At;
use keshi_core::submission::Submission;

use crate::engine::Engine;
use crate::error::ReadError;
use crate::writer::read_entry;

/// How many events are judged before the writer has its turn again: some milliseconds.
const PART_EVENTS: usize = 4_096;

/// Submissions that are judged, one after the other, as though all before had been recorded. Records nothing.
///
/// They are judged against what is durable, and against nothing that the writer has decided but not yet committed. It
/// goes in parts, between which the ledger goes on; whoever takes them decides how soon.
pub struct DryRun<'s> {
    engine: Engine,
    trial: Trial<'s>,
    rest: &'s [Submission],
}

impl Engine {
    /// What would become of these submissions, if nothing else came meanwhile: a part for each [`DryRun::part`].
    pub fn dry_run<'s>(&self, submissions: &'s [Submission]) -> DryRun<'s> {
        DryRun {
            engine: self.clone(),
            trial: Trial::new(),
            rest: submissions,
        }
    }

    /// The same at one go.
    ///
    /// # Errors
    ///
    /// As [`DryRun::part`].
    pub fn check(&self, submissions: &[Submission]) -> Result<Vec<Decision>, ReadError> {
        let mut run = self.dry_run(submissions);
        let mut decisions = Vec::with_capacity(submissions.len());
        while let Some(part) = run.part()? {
            decisions.extend(part);
        }
        Ok(decisions)
    }
}

impl DryRun<'_> {
    /// The decisions of the next part; `None` once all are judged. The writer waits meanwhile.
    ///
    /// # Errors
    ///
    /// [`ReadError`] if an original could not be read from the log, or the ledger has stopped recording.
    pub fn part(&mut self) -> Result<Option<Vec<Decision>>, ReadError> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let (part, later) = self.rest.split_at(part_len(self.rest));
        self.rest = later;
        self.engine.check_part(&mut self.trial, part).map(Some)
    }
}

impl Engine {
    fn check_part<'s>(&self, trial: &mut Trial<'s>, part: &'s [Submission]) -> Result<Vec<Decision>, ReadError> {
        // Read while the writer works; only what came meanwhile is read in its place.
        let (older, seen) = self.query(|at| (known(at, part, 0), at.size()));
        let mut originals = Originals::new();
        self.add_originals(&mut originals, older)?;
        let shared = self.shared();
        let _turn = shared.turn.lock();
        let mut state = shared.state.write();
        let size = self.head().size;
        if state.size() != size {
            return Err(ReadError::Stopped);
        }
        let newer = known(state.at(size), part, seen);
        self.add_originals(&mut originals, newer)?;
        Ok(trial.judge(&mut state, part, &originals))
    }

    fn add_originals(&self, originals: &mut Originals, known: BTreeSet<(EventId, u64)>) -> Result<(), ReadError> {
        for (key, index) in known {
            let entry = read_entry(&self.shared().reader, index)?;
            originals.entry(key).or_default().push(entry);
        }
        Ok(())
    }
}

/// The entries from index `from` on that carry an id of these submissions.
fn known(at: At<'_>, part: &[Submission], from: u64) -> BTreeSet<(EventId, u64)> {
    let keys = part
        .iter()
        .flat_map(|submission| submission.events.iter().map(Posted::key));
    keys.flat_map(|key| at.indices_of(key).map(move |index| (key, index)))
        .filter(|(_, index)| from <= *index)
        .collect()
}

/// As many submissions as have [`PART_EVENTS`] events, at least one.
fn part_len(submissions: &[Submission]) -> usize {
    let mut events = 0;
    let fitting = submissions.iter().take_while(|submission| {
        events += submission.events.len();
        events <= PART_EVENTS
    });
    fitting.count().max(1)
}
