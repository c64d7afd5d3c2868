//! Folding the log's blocks into a state: decoding on the caller's thread, evolving on another.

use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::thread::{self, JoinHandle};

use keshi_core::entry::Entry;
use keshi_core::state::{Print, State};
use keshi_log::Block;
use keshi_proto::store::{EntryError, decode_entry};

/// Entries handed over at once: enough that the hand-over costs nothing beside them.
const BATCH: usize = 128;

/// Batches on the way between the two threads: with their entries they fit the processor's cache.
const BATCHES_WAITING: usize = 8;

/// More entries than this are not made room for ahead: beyond lies what the state cannot number.
const ROOM_MAX: u64 = u32::MAX as u64;

/// The first entry that could not be read.
pub(crate) type Failed = (u64, EntryError);

/// A state that is being folded from blocks, in order from index 0.
pub(crate) struct Fold {
    batch: Vec<(Entry, Print)>,
    next_index: u64,
    failed: Option<Failed>,
    sender: Option<SyncSender<Vec<(Entry, Print)>>>,
    /// Batches that were folded, to be filled again.
    folded: Receiver<Vec<(Entry, Print)>>,
    evolving: JoinHandle<State>,
}

impl Fold {
    /// Starts the evolving thread, with room for as many entries as are expected.
    pub(crate) fn start(expected: u64) -> std::io::Result<Self> {
        let (sender, receiver) = sync_channel::<Vec<(Entry, Print)>>(BATCHES_WAITING);
        let (give_back, folded) = channel();
        let room = usize::try_from(expected.min(ROOM_MAX)).unwrap_or(0);
        let evolving = thread::Builder::new().name("keshi-evolve".to_owned()).spawn(move || {
            let mut state = State::new();
            state.reserve(room);
            for mut batch in receiver {
                for (entry, print) in &batch {
                    state.evolve_printed(entry, *print);
                }
                batch.clear();
                // Fails only if nobody fills batches any more.
                let _ = give_back.send(batch);
            }
            state
        })?;
        Ok(Self {
            batch: Vec::with_capacity(BATCH),
            next_index: 0,
            failed: None,
            sender: Some(sender),
            folded,
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
        let print = Print::of(&entry.posted);
        self.batch.push((entry, print));
        if self.batch.len() == BATCH {
            self.hand_over();
        }
    }

    fn hand_over(&mut self) {
        let next = self.folded.try_recv().unwrap_or_else(|_| Vec::with_capacity(BATCH));
        let batch = std::mem::replace(&mut self.batch, next);
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
