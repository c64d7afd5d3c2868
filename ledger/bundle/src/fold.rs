//! Folding the log's entries into a state, as every opening and every audit does: decoding on the caller's thread, evolving on
//! another.

use std::io;
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::thread::{self, JoinHandle};

use keshi_core::entry::Entry;
use keshi_core::state::{Print, State};
use keshi_proto::store::{EntryError, decode_entry};

/// Entries handed over at once: enough that the hand-over costs nothing beside them.
const BATCH: usize = 128;

/// Batches on the way between the two threads: with their entries they fit the processor's cache.
const BATCHES_WAITING: usize = 8;

/// More entries than this are not made room for ahead: beyond lies what the state cannot number.
const ROOM_MAX: u64 = u32::MAX as u64;

/// Fewer entries than this are worked at on the caller's thread: another costs more to begin.
pub(crate) const APART_FROM: u64 = 2_000;

/// The first entry that could not be read, and why.
pub type Failed = (u64, EntryError);

/// A state that is being folded from entries, in order from index 0.
#[derive(Debug)]
pub struct Fold {
    next_index: u64,
    failed: Option<Failed>,
    evolving: Evolving,
}

#[derive(Debug)]
enum Evolving {
    Here(Box<State>),
    Apart(Apart),
}

#[derive(Debug)]
struct Apart {
    batch: Vec<(Entry, Print)>,
    sender: Option<SyncSender<Vec<(Entry, Print)>>>,
    /// Batches that were folded, to be filled again.
    folded: Receiver<Vec<(Entry, Print)>>,
    thread: JoinHandle<State>,
}

impl Fold {
    /// Starts, with room for as many entries as are expected.
    ///
    /// # Errors
    ///
    /// If the evolving thread cannot be started.
    pub fn start(expected: u64) -> io::Result<Self> {
        let evolving = if expected < APART_FROM {
            Evolving::Here(Box::default())
        } else {
            Evolving::Apart(Apart::start(expected)?)
        };
        Ok(Self {
            next_index: 0,
            failed: None,
            evolving,
        })
    }

    /// Folds the next entry, which should be that at `index`. After the first that cannot be read, does nothing more.
    pub fn entry(&mut self, index: u64, bytes: &[u8]) {
        self.entry_seen(index, bytes, |_| ());
    }

    /// As [`Self::entry`], showing what was read before it is folded.
    pub fn entry_seen(&mut self, index: u64, bytes: &[u8], see: impl FnOnce(&Entry)) {
        if self.failed.is_some() {
            return;
        }
        match decode_entry(bytes) {
            Ok(entry) if entry.index == index && index == self.next_index => {
                see(&entry);
                self.push(entry);
            }
            Ok(_) => self.failed = Some((index, EntryError::Field { field: "index" })),
            Err(error) => self.failed = Some((index, error)),
        }
    }

    fn push(&mut self, entry: Entry) {
        self.next_index += 1;
        match &mut self.evolving {
            Evolving::Here(state) => state.evolve(&entry),
            Evolving::Apart(apart) => apart.push(entry),
        }
    }

    /// The state.
    ///
    /// # Errors
    ///
    /// The entry that could not be read.
    pub fn finish(self) -> Result<State, Failed> {
        let state = match self.evolving {
            Evolving::Here(state) => Ok(*state),
            Evolving::Apart(apart) => apart.finish(),
        };
        match (self.failed, state) {
            (Some(failed), _) => Err(failed),
            (None, Ok(state)) => Ok(state),
            // evolve cannot panic on what decodes; should it all the same, that entry is the one to name.
            (None, Err(())) => Err((self.next_index, EntryError::Field { field: "event" })),
        }
    }
}

impl Apart {
    fn start(expected: u64) -> io::Result<Self> {
        let (sender, receiver) = sync_channel::<Vec<(Entry, Print)>>(BATCHES_WAITING);
        let (give_back, folded) = channel();
        let room = usize::try_from(expected.min(ROOM_MAX)).unwrap_or(0);
        let thread = thread::Builder::new().name("keshi-evolve".to_owned()).spawn(move || {
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
            sender: Some(sender),
            folded,
            thread,
        })
    }

    fn push(&mut self, entry: Entry) {
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

    fn finish(mut self) -> Result<State, ()> {
        self.hand_over();
        drop(self.sender.take());
        self.thread.join().map_err(drop)
    }
}
