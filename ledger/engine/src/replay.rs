//! Folding the log's blocks into a state: decoding on the caller's thread, evolving on another.

use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use keshi_core::entry::Entry;
use keshi_core::state::State;
use keshi_log::Block;
use keshi_proto::store::{EntryError, decode_entry};

/// Entries handed over at once: enough that the hand-over costs nothing beside them.
const BATCH: usize = 512;

/// Batches on the way between the two threads.
const BATCHES_WAITING: usize = 16;

/// The first entry that could not be read.
pub(crate) type Failed = (u64, EntryError);

/// A state that is being folded from blocks, in order from index 0.
pub(crate) struct Fold {
    batch: Vec<Entry>,
    next_index: u64,
    failed: Option<Failed>,
    sender: Option<SyncSender<Vec<Entry>>>,
    evolving: JoinHandle<State>,
}

impl Fold {
    /// Starts the evolving thread.
    pub(crate) fn start() -> std::io::Result<Self> {
        let (sender, receiver) = sync_channel::<Vec<Entry>>(BATCHES_WAITING);
        let evolving = thread::Builder::new().name("keshi-evolve".to_owned()).spawn(move || {
            let mut state = State::new();
            for batch in receiver {
                for entry in &batch {
                    state.evolve(entry);
                }
            }
            state
        })?;
        Ok(Self {
            batch: Vec::with_capacity(BATCH),
            next_index: 0,
            failed: None,
            sender: Some(sender),
            evolving,
        })
    }

    /// Folds the next block. After the first entry that cannot be read, does nothing more.
    pub(crate) fn block(&mut self, block: &Block) {
        for (index, bytes) in block.entries() {
            if self.failed.is_some() {
                return;
            }
            match decode_entry(bytes) {
                Ok(entry) if entry.index == index && index == self.next_index => self.push(entry),
                Ok(_) => self.failed = Some((index, EntryError::Field { field: "index" })),
                Err(error) => self.failed = Some((index, error)),
            }
        }
    }

    fn push(&mut self, entry: Entry) {
        self.next_index += 1;
        self.batch.push(entry);
        if self.batch.len() == BATCH {
            self.hand_over();
        }
    }

    fn hand_over(&mut self) {
        let batch = std::mem::replace(&mut self.batch, Vec::with_capacity(BATCH));
        if let Some(sender) = &self.sender {
            // Fails only if the other thread is gone, which `finish` reports.
            let _ = sender.send(batch);
        }
    }

    /// The state, or the entry that could not be read.
    pub(crate) fn finish(mut self) -> Result<State, Failed> {
        self.hand_over();
        drop(self.sender.take());
        let state = self.evolving.join();
        match (self.failed, state) {
            (Some(failed), _) => Err(failed),
            (None, Ok(state)) => Ok(state),
            // evolve cannot panic on what decodes; should it all the same, that entry is the one to name.
            (None, Err(_)) => Err((self.next_index, EntryError::Field { field: "event" })),
        }
    }
}
