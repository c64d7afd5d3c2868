//! Folding the log's blocks into a state.

use bytes::Bytes;
use keshi_core::state::State;
use keshi_log::Block;
use keshi_proto::store::{EntryError, decode_entry};

/// A state that is being folded from blocks, in order from index 0.
#[derive(Default)]
pub(crate) struct Fold {
    pub(crate) state: State,
    /// The first entry that could not be read; the fold stands still from there on.
    pub(crate) failed: Option<(u64, EntryError)>,
}

impl Fold {
    pub(crate) fn block(&mut self, block: &Block) {
        for (index, bytes) in block.entries() {
            if self.failed.is_some() {
                return;
            }
            self.entry(index, bytes);
        }
    }

    fn entry(&mut self, index: u64, bytes: &[u8]) {
        match decode_entry(Bytes::copy_from_slice(bytes)) {
            Ok(entry) if entry.index == index && index == self.state.size() => self.state.evolve(&entry),
            Ok(_) => self.failed = Some((index, EntryError::Field { field: "index" })),
            Err(error) => self.failed = Some((index, error)),
        }
    }
}
