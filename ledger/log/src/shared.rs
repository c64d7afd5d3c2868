//! What the writer, its filer and its readers have in common.

use std::{
    fs::File,
    sync::{PoisonError, RwLock},
};

use keshi_verify::{Hash, tiled::Upper};

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
    /// The tree above its tiles of leaves, so that old roots and proofs are near. It is made from what an opening hashes
    /// anyway and lies on no disk: what is not stored cannot be damaged. It may be ahead of `committed`, never behind.
    upper: RwLock<Upper>,
    /// Held, not read: closing it unlocks the directory.
    _lock: File,
}

/// Stamps sled's files when it is dropped.
#[derive(Debug)]
pub(crate) struct Stamping(pub Place);

impl Drop for Stamping {
    fn drop(&mut self) {
        // Without a stamp the next opening looks at a copy first: slower, not less safe.
        let _slower = stamp::write(&self.0);
    }
}

impl Shared {
    /// Of a log that is open: what lies in `store` and not there, and the upper part of the tree over what is committed.
    pub fn new((store, place, lock): (Store, Place, File), committed: Committed, recent: Recent, upper: Upper) -> Self {
        Self {
            store,
            _stamping: Stamping(place.clone()),
            place,
            committed: RwLock::new(committed),
            recent,
            upper: RwLock::new(upper),
            _lock: lock,
        }
    }

    pub fn committed(&self) -> Committed {
        // The value is plain data, written in one assignment: a panicking holder cannot have left half of it.
        *self.committed.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The upper part of the tree, of at least what is committed.
    pub fn upper(&self) -> Upper {
        // A panicking holder can have left it short of a hash, never with a wrong one.
        self.upper.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Shows what was committed; `full_tiles` are the hashes over the tiles of leaves that it filled.
    pub fn publish(&self, now: Committed, full_tiles: Vec<Hash>) {
        if !full_tiles.is_empty() {
            let mut upper = self.upper.write().unwrap_or_else(PoisonError::into_inner);
            for full in full_tiles {
                upper.push(full);
            }
        }
        *self.committed.write().unwrap_or_else(PoisonError::into_inner) = now;
    }
}
