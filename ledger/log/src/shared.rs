//! What the writer, its filer and its readers have in common.

use std::{
    fs::File,
    sync::{PoisonError, RwLock},
};

use keshi_verify::{Hash, MerkleStack};

use crate::{place::Place, recent::Recent, stamp, store::Store};

/// What is durable: a prefix of the log that consists of whole submissions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Committed {
    /// The number of entries.
    pub size: u64,
    /// The RFC 6962 root over them.
    pub root: Hash,
    /// The caller's position that contains exactly these entries.
    pub cursor: u64,
}

/// What the writer, its filer and its readers have in common.
#[derive(Debug)]
pub(crate) struct Shared {
    pub store: Store,
    /// After `store`: once sled has closed its files, they are stamped.
    _stamping: Stamping,
    pub place: Place,
    pub committed: RwLock<Committed>,
    pub recent: Recent,
    /// The tree at every multiple of [`TREE_EVERY`], from the first on, so that old roots are near.
    pub trees: RwLock<Vec<MerkleStack>>,
    /// Held, not read: closing it unlocks the directory.
    _lock: File,
}

/// Stamps sled's files when it is dropped.
#[derive(Debug)]
pub(crate) struct Stamping(pub Place);

/// Distance in entries between kept trees: 2 KiB of memory each, and a root in between costs some 10 ms.
pub(crate) const TREE_EVERY: u64 = 65_536;

impl Drop for Stamping {
    fn drop(&mut self) {
        // Without a stamp the next opening looks at a copy first: slower, not less safe.
        let _slower = stamp::write(&self.0);
    }
}

impl Shared {
    /// Of a log that is open: what lies in `store` and not there, and the trees of what is committed.
    pub fn new(
        (store, place, lock): (Store, Place, File),
        committed: Committed,
        recent: Recent,
        trees: Vec<MerkleStack>,
    ) -> Self {
        Self {
            store,
            _stamping: Stamping(place.clone()),
            place,
            committed: RwLock::new(committed),
            recent,
            trees: RwLock::new(trees),
            _lock: lock,
        }
    }

    pub fn committed(&self) -> Committed {
        // The value is plain data, written in one assignment: a panicking holder cannot have left half of it.
        *self.committed.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn publish(&self, now: Committed, tree: &MerkleStack) {
        let before = self.committed();
        // Only a tree at an exact multiple can be kept. Commits rarely end on one, so keep the first tree at or after
        // each: `Reader::root_at` starts from the nearest one below what it is asked for.
        if before.size / TREE_EVERY != now.size / TREE_EVERY {
            self.trees
                .write()
                .unwrap_or_else(PoisonError::into_inner)
                .push(tree.clone());
        }
        *self.committed.write().unwrap_or_else(PoisonError::into_inner) = now;
    }
}
