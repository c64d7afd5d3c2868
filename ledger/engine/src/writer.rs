//! The writer thread: takes what waits, decides, evolves, commits once, answers all.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use keshi_core::decide::{Decision, Originals, decide};
use keshi_core::entry::Entry;
use keshi_core::ids::{OfficeCode, SubmissionId};
use keshi_core::lang::causes;
use keshi_core::state::State;
use keshi_core::submission::{EventVerdict, Receipt};
use keshi_log::{Log, Reader};
use keshi_proto::store::{EntryHead, ReadSubmission, decode_entry, encode_entry};
use tokio::sync::mpsc;

use crate::error::ReadError;
use crate::inbox::{Done, Work};
use crate::shared::{Head, Shared};

/// Most events in one group commit: about the time of two disk syncs, so that the first of them need not wait long.
const BATCH_EVENTS_MAX: usize = 16_384;

/// Entries beyond which the ledger takes no more: positions in the state are 32 bits wide. A county of 7,000 teachers
/// fills it in some 6,000 years.
const SIZE_MAX: u64 = u32::MAX as u64 - 1_000_000;

pub(crate) struct Writer {
    office: OfficeCode,
    log: Log,
    shared: Arc<Shared>,
    receiver: mpsc::Receiver<Work>,
    cursor: u64,
    /// Reused for the bytes of each entry.
    scratch: Vec<u8>,
    staged: Staged,
}

/// The bytes of this batch's entries, which the log cannot serve yet.
#[derive(Default)]
struct Staged {
    bytes: Vec<u8>,
    /// Where each entry ends.
    ends: Vec<usize>,
}

impl Staged {
    fn push(&mut self, entry: &[u8]) {
        self.bytes.extend_from_slice(entry);
        self.ends.push(self.bytes.len());
    }

    fn get(&self, place: usize) -> Option<&[u8]> {
        let start = place
            .checked_sub(1)
            .map_or(Some(0), |before| self.ends.get(before).copied())?;
        self.bytes.get(start..*self.ends.get(place)?)
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }
}

/// What is to be answered once the batch is durable.
struct Answer {
    submission_id: SubmissionId,
    verdicts: Vec<EventVerdict>,
    done: Done,
}

impl Writer {
    pub(crate) fn new(office: OfficeCode, log: Log, shared: Arc<Shared>, receiver: mpsc::Receiver<Work>) -> Self {
        let cursor = log.cursor();
        Self {
            office,
            log,
            shared,
            receiver,
            cursor,
            scratch: Vec::new(),
            staged: Staged::default(),
        }
    }

    /// Runs until every sender is gone, or something fails or panics: then the failure is told, whatever it is, for the
    /// ledger that nobody writes must not go on looking alive.
    pub(crate) fn run(self) {
        let (office, shared) = (self.office, Arc::clone(&self.shared));
        let ended = catch_unwind(AssertUnwindSafe(|| self.work()));
        let cause = match ended {
            Ok(Ok(())) => return shared.waiters.close(),
            Ok(Err(cause)) => cause,
            Err(panic) => format!("the writer broke off: {}", panic_text(panic.as_ref())),
        };
        tracing::error!(%office, %cause, "the ledger stopped recording");
        shared.failure.send_replace(Some(cause));
        // After the failure is known, so that nobody takes a place any more.
        shared.waiters.close();
    }

    /// On an error, dropping the receiver and the batch tells every poster that her outcome is unknown.
    fn work(mut self) -> Result<(), String> {
        let mut batch = Vec::new();
        while let Some(first) = self.receiver.blocking_recv() {
            let mut events = first.read.submission.events.len();
            batch.push(first);
            while events < BATCH_EVENTS_MAX
                && let Ok(next) = self.receiver.try_recv()
            {
                events += next.read.submission.events.len();
                batch.push(next);
            }
            self.record(&mut batch)?;
        }
        Ok(())
    }

    fn record(&mut self, batch: &mut Vec<Work>) -> Result<(), String> {
        let mut answers = Vec::with_capacity(batch.len());
        let shared = Arc::clone(&self.shared);
        let turn = shared.turn.lock();
        let recorded_at = {
            let mut state = shared.state.write();
            for Work { read, cursor, done, .. } in batch.drain(..) {
                // A message that the log contains is delivered again only by mistake; its entries are there.
                if cursor.is_some_and(|cursor| cursor <= self.cursor) {
                    continue;
                }
                let verdicts = self.take(&mut state, &read).map_err(|error| causes(&error))?;
                self.cursor = cursor.unwrap_or(self.cursor);
                self.log.seal(self.cursor);
                answers.push(Answer {
                    submission_id: read.submission.submission_id,
                    verdicts,
                    done,
                });
            }
            state.recorded_at()
        };
        let began = Instant::now();
        let committed = self.log.commit().map_err(|error| causes(&error))?;
        let took = u64::try_from(began.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.shared.commit_nanos.fetch_add(took, Ordering::Relaxed);
        self.shared.commits.fetch_add(1, Ordering::Relaxed);
        self.staged.clear();
        let head = Head {
            size: committed.size,
            root: *committed.root.as_bytes(),
            recorded_at,
            cursor: committed.cursor,
        };
        self.shared.head.send_replace(head);
        drop(turn);
        self.shared.waiters.reached(head.size);
        self.answer(head, answers);
        Ok(())
    }

    /// Decides one submission, which evolves the state, and stages its entries.
    fn take(&mut self, state: &mut State, read: &ReadSubmission) -> Result<Vec<EventVerdict>, WriteError> {
        let submission = &read.submission;
        if state.size().saturating_add(submission.events.len() as u64) > SIZE_MAX {
            return Err(WriteError::Full { size: state.size() });
        }
        let originals = self.originals(state, read)?;
        let Decision {
            recorded_at,
            entries,
            verdicts,
        } = decide(state, submission, &originals);
        for entry in &entries {
            let (Some(posted), Some(bytes)) = (
                submission.events.get(entry.position),
                read.event_bytes.get(entry.position),
            ) else {
                return Err(WriteError::Position {
                    position: entry.position,
                    events: submission.events.len(),
                });
            };
            let head = EntryHead {
                index: entry.index,
                recorded_at,
                submission_id: submission.submission_id,
                poster: submission.poster,
                verdict: entry.verdict,
                reason: entry.reason.as_ref(),
                outcome: entry.outcome,
            };
            encode_entry(&head, posted, bytes, &mut self.scratch);
            let assigned = self.log.append(&self.scratch)?;
            if assigned != entry.index {
                return Err(WriteError::Index {
                    decided: entry.index,
                    assigned,
                });
            }
            self.staged.push(&self.scratch);
        }
        Ok(verdicts)
    }

    /// The entries that already carry an id of this submission: from the log, or from this very batch.
    fn originals(&self, state: &State, read: &ReadSubmission) -> Result<Originals, ReadError> {
        let mut originals = Originals::new();
        let durable = self.log.size();
        for posted in &read.submission.events {
            let key = posted.key();
            for index in state.indices_of(key) {
                let entry = match index.checked_sub(durable) {
                    None => read_entry(&self.shared.reader, index)?,
                    Some(ahead) => self.staged_entry(index, ahead)?,
                };
                originals.entry(key).or_default().push(entry);
            }
        }
        Ok(originals)
    }

    fn staged_entry(&self, index: u64, ahead: u64) -> Result<Entry, ReadError> {
        let bytes = usize::try_from(ahead)
            .ok()
            .and_then(|ahead| self.staged.get(ahead))
            .unwrap_or_default();
        decode_entry(bytes).map_err(|source| ReadError::Entry { index, source })
    }

    fn answer(&self, head: Head, answers: Vec<Answer>) {
        let mut kept = self.shared.receipts.lock();
        for Answer {
            submission_id,
            verdicts,
            done,
        } in answers
        {
            let receipt = Arc::new(Receipt {
                submission_id,
                size: head.size,
                root: head.root,
                verdicts,
            });
            kept.put(Arc::clone(&receipt));
            done(receipt);
        }
    }
}

pub(crate) fn read_entry(reader: &Reader, index: u64) -> Result<Entry, ReadError> {
    let bytes = reader.read(index)?.unwrap_or_default();
    decode_entry(bytes).map_err(|source| ReadError::Entry { index, source })
}

/// Why the writer stops.
#[derive(Debug, thiserror::Error)]
enum WriteError {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Append(#[from] keshi_log::AppendError),
    #[error("an entry was decided for event {position} of a submission of {events}: report this to the maintainers")]
    Position { position: usize, events: usize },
    #[error("the entry decided for index {decided} would stand at {assigned}: report this to the maintainers")]
    Index { decided: u64, assigned: u64 },
    #[error("the ledger is full at {size} entries: begin a new one")]
    Full { size: u64 },
}

/// What a panic said.
fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("it panicked")
}
