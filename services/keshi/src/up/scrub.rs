//! The scrub of a running ledger: both copies are read over again at a set pace, and what is wrong is told where somebody looks,
//! in the log, on `/ready` and `/metrics`, on the page of operations, and by `keshi doctor`.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use keshi_engine::{Copy, Engine, Fault, Scrub};
use keshi_office::scrubbed::{FAULTS_MAX, NotedFault, Scrubbed, note};
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

/// What is read in a second unless told otherwise: both copies of 10,000,000 entries, some 1.4 GB, in a day.
pub(super) const DEFAULT_KIB_PER_SECOND: u32 = 16;

/// The shortest rest after a step: others have their turn.
const REST_MIN: Duration = Duration::from_millis(5);

/// The task that scrubs.
pub(super) struct Scrubbing {
    found: Arc<Found>,
    shutdown: CancellationToken,
    task: JoinHandle<()>,
}

/// What it has found so far, for whoever asks.
#[derive(Debug)]
pub(crate) struct Found(Mutex<State>);

#[derive(Debug)]
struct State {
    bytes: u64,
    passes: u64,
    /// As the last whole pass left it, and what was found since.
    scrubbed: Scrubbed,
    /// Found in the pass that goes on.
    of_pass: Vec<NotedFault>,
}

/// Figures of a scrub.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Figures {
    pub(super) bytes: u64,
    pub(super) passes: u64,
    pub(super) passed_at: Timestamp,
    pub(super) faults: usize,
}

impl Scrubbing {
    /// Begins to scrub the ledger at so many bytes a second; `file` takes the note.
    pub(super) fn begin(engine: &Engine, bytes_per_second: u64, file: PathBuf) -> Self {
        let (shutdown, found) = (CancellationToken::new(), Arc::new(Found::new(engine.head().size)));
        found.write(&file);
        let scrub = Pace {
            engine: engine.clone(),
            bytes_per_second,
            file,
            found: Arc::clone(&found),
        };
        let task = tokio::spawn(scrub.run(engine.scrub(), shutdown.clone()));
        Self { found, shutdown, task }
    }

    pub(super) fn found(&self) -> Arc<Found> {
        Arc::clone(&self.found)
    }

    /// Lets go of the ledger.
    pub(super) async fn ended(self) {
        self.shutdown.cancel();
        // A task that broke off has said so.
        let _ended = self.task.await;
    }
}

struct Pace {
    engine: Engine,
    bytes_per_second: u64,
    file: PathBuf,
    found: Arc<Found>,
}

impl Pace {
    async fn run(self, mut scrub: Scrub, shutdown: CancellationToken) {
        loop {
            let stepped = spawn_blocking(move || {
                let step = scrub.step();
                (scrub, step)
            });
            let step = match stepped.await {
                Ok((back, step)) => {
                    scrub = back;
                    step
                }
                Err(cause) => {
                    error!(%cause, "the scrub broke off; the ledger is not read over again until the next start");
                    return;
                }
            };
            let mut changed = step.ended;
            for fault in &step.faults {
                changed |= self.found.add(fault, step.bytes);
            }
            if step.faults.is_empty() {
                self.found.lock().bytes += step.bytes;
            }
            if step.ended {
                self.found.pass(self.engine.head().size);
            }
            if changed {
                self.found.write(&self.file);
            }
            let rest = Duration::from_millis(step.bytes.saturating_mul(1000) / self.bytes_per_second.max(1));
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = sleep(rest.max(REST_MIN)) => {}
            }
        }
    }
}

impl Found {
    /// Of a ledger of `size` entries that was opened just now, which read all of it.
    fn new(size: u64) -> Self {
        let scrubbed = Scrubbed {
            passed_at: Timestamp::now(),
            size,
            faults: Vec::new(),
        };
        Self(Mutex::new(State {
            bytes: 0,
            passes: 0,
            scrubbed,
            of_pass: Vec::new(),
        }))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Plain data; a panic leaves a count short at most.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds what a step found; says whether it is new.
    fn add(&self, fault: &Fault, bytes: u64) -> bool {
        let noted = NotedFault {
            of_blocks: fault.copy == Copy::Blocks,
            file: fault.file.display().to_string(),
            entries: fault.first_index.zip(fault.end_index),
            cause: fault.cause.clone(),
        };
        let mut state = self.lock();
        state.bytes += bytes;
        if state.of_pass.len() < FAULTS_MAX && !state.of_pass.contains(&noted) {
            state.of_pass.push(noted.clone());
        }
        if state.scrubbed.faults.contains(&noted) || state.scrubbed.faults.len() >= FAULTS_MAX {
            return false;
        }
        state.scrubbed.faults.push(noted);
        let is_lost = state.scrubbed.is_lost();
        drop(state);
        let (first, end) = (fault.first_index, fault.end_index);
        error!(
            file = %fault.file.display(), first_entry = first, end = end, cause = fault.cause, in_both_copies = is_lost,
            "the disk is failing: what is in it of the ledger is not what was written; keshi doctor says what to do"
        );
        true
    }

    /// A pass has ended: what it did not find again is as it was.
    fn pass(&self, size: u64) {
        let mut state = self.lock();
        state.passes += 1;
        let faults = std::mem::take(&mut state.of_pass);
        if state.passes == 1 || faults != state.scrubbed.faults {
            info!(
                size,
                faults = faults.len(),
                bytes = state.bytes,
                "the ledger was read over again"
            );
        }
        state.scrubbed = Scrubbed {
            passed_at: Timestamp::now(),
            size,
            faults,
        };
    }

    fn write(&self, file: &std::path::Path) {
        let scrubbed = self.scrubbed();
        if let Err(cause) = note(file, &scrubbed) {
            warn!(%cause, "what the scrub found could not be noted");
        }
    }

    /// What the last pass found, and what was found since.
    pub(crate) fn scrubbed(&self) -> Scrubbed {
        self.lock().scrubbed.clone()
    }

    pub(super) fn figures(&self) -> Figures {
        let state = self.lock();
        Figures {
            bytes: state.bytes,
            passes: state.passes,
            passed_at: state.scrubbed.passed_at,
            faults: state.scrubbed.faults.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_told_once_and_is_gone_when_a_pass_does_not_find_it_again() {
        let found = Found::new(9);
        let fault = |first| Fault {
            copy: Copy::Blocks,
            file: PathBuf::from("blocks/db"),
            first_index: Some(first),
            end_index: Some(first + 3),
            cause: "it is not what was written".to_owned(),
        };
        assert!(found.add(&fault(1), 10) && !found.add(&fault(1), 10));
        found.pass(9);
        assert_eq!(found.figures().faults, 1);
        assert!(!found.add(&fault(1), 10), "it was told");
        for number in 0..100 {
            found.add(&fault(10 + number), 10);
        }
        assert_eq!(found.scrubbed().faults.len(), FAULTS_MAX);
        found.pass(9);
        found.pass(9);
        assert_eq!(found.scrubbed().faults, []);
        assert_eq!(found.figures().passes, 3);
    }
}
