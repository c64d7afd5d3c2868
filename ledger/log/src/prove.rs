//! Old roots, proofs and tiles: from the upper part of the tree, which is in memory, and the entries of one or two tiles of
//! leaves, which are read and hashed when they are asked for (ADR 73).
//!
//! Each full tile of leaves is held against the hash above it, which was made when the log was opened or written: a proof never
//! rests on entries that have changed since.

use std::ops::Range;

use keshi_verify::{
    Hash, MerkleStack,
    entry::push_entry,
    leaf_hash, proof,
    proof::NoProof,
    tile::{Holds, TILE_WIDTH, TilePath, tile_bytes},
    tiled::{OverTiles, TileError},
};

use crate::{
    error::{Damage, ReadError},
    reader::Reader,
};

impl Reader {
    /// The root over the first `size` entries. Reads at most 255 of them.
    ///
    /// # Errors
    ///
    /// [`ReadError::BeyondEnd`] if that many are not committed yet.
    pub fn root_at(&self, size: u64) -> Result<Hash, ReadError> {
        self.tree_at(size).map(|tree| tree.root())
    }

    /// The hash over the full tile `number` of 256 leaves, as it was when they were written or read at the opening; `None` if they
    /// are not all committed. Reads nothing.
    pub fn full_tile(&self, number: u64) -> Option<Hash> {
        let end = number.checked_add(1)?.checked_mul(TILE_WIDTH)?;
        self.within(end).ok()?;
        self.shared.upper().over_leaves(number)
    }

    /// The Merkle tree over the first `size` entries, ready to take more. Reads at most 255 of them.
    ///
    /// # Errors
    ///
    /// [`ReadError::BeyondEnd`] if that many are not committed yet.
    pub fn tree_at(&self, size: u64) -> Result<MerkleStack, ReadError> {
        self.within(size)?;
        let upper = self.shared.upper();
        let mut tiles = OverTiles::new(&upper, size, |range| self.leaves(range));
        MerkleStack::of(&mut tiles, size).map_err(|error| unread(error, size))
    }

    /// What shows that the entry `index` is one of the first `size`: the hashes from its sibling up. Reads at most 510
    /// entries, however many there are.
    ///
    /// # Errors
    ///
    /// [`ReadError::NoProof`] if the index is not below `size`, [`ReadError::BeyondEnd`] if that many are not committed yet.
    pub fn inclusion(&self, index: u64, size: u64) -> Result<Vec<Hash>, ReadError> {
        self.within(size)?;
        let upper = self.shared.upper();
        let mut tiles = OverTiles::new(&upper, size, |range| self.leaves(range));
        proof::inclusion(&mut tiles, index, size).map_err(|error| unproved(error, index, size))
    }

    /// What shows that the entries at `shown`, which rise, are of the first `size`. Reads the tiles of leaves in which they lie.
    ///
    /// # Errors
    ///
    /// [`ReadError::NoProof`] if one is not below `size` or they do not rise, [`ReadError::BeyondEnd`] if that many are not committed yet.
    pub fn inclusion_of_all(&self, shown: &[u64], size: u64) -> Result<Vec<Hash>, ReadError> {
        self.within(size)?;
        let upper = self.shared.upper();
        let mut tiles = OverTiles::new(&upper, size, |range| self.leaves(range));
        let last = shown.last().copied().unwrap_or_default();
        proof::inclusion_of_all(&mut tiles, shown, size).map_err(|error| unproved(error, last, size))
    }

    /// What shows that the first `old` of `new` entries are those of a log of `old` entries. Reads at most 510 entries.
    ///
    /// # Errors
    ///
    /// [`ReadError::NoProof`] if `old` is 0 or above `new`, [`ReadError::BeyondEnd`] if as many as `new` are not committed yet.
    pub fn consistency(&self, old: u64, new: u64) -> Result<Vec<Hash>, ReadError> {
        self.within(new)?;
        let upper = self.shared.upper();
        let mut tiles = OverTiles::new(&upper, new, |range| self.leaves(range));
        proof::consistency(&mut tiles, old, new).map_err(|error| unproved(error, old, new))
    }

    /// The bytes of a tile of hashes, or of a bundle of entries; `None` if the committed tree does not have it.
    ///
    /// # Errors
    ///
    /// [`ReadError`] if it is there and cannot be served.
    pub fn tile(&self, path: TilePath) -> Result<Option<Vec<u8>>, ReadError> {
        let size = self.size();
        if !path.is_in(size) {
            return Ok(None);
        }
        let (from, to) = (path.start(), path.start().saturating_add(path.width()));
        match path.holds() {
            Holds::Entries => {
                let mut bundle = Vec::new();
                for block in self.scan_range(from, to) {
                    block?.entries().for_each(|(_, entry)| push_entry(&mut bundle, entry));
                }
                Ok(Some(bundle))
            }
            Holds::Hashes { level: 0 } => {
                let upper = self.shared.upper();
                let mut tiles = OverTiles::new(&upper, to, |range| self.leaves(range));
                let tile = tiles.tile(path.number()).map_err(|error| unread(error, size))?;
                // Of a tile that has been filled since, an unfinished one is the beginning.
                let width = usize::try_from(path.width()).unwrap_or_default();
                Ok(tile.hashes().get(..width).map(tile_bytes))
            }
            Holds::Hashes { .. } => Ok(self.shared.upper().tile(path).map(tile_bytes)),
        }
    }

    fn within(&self, size: u64) -> Result<(), ReadError> {
        let committed = self.size();
        if size > committed {
            return Err(ReadError::BeyondEnd { asked: size, committed });
        }
        Ok(())
    }

    /// The hashes of the leaves of a tile.
    fn leaves(&self, range: Range<u64>) -> Result<Vec<Hash>, ReadError> {
        let mut leaves = Vec::new();
        for block in self.scan_range(range.start, range.end) {
            leaves.extend(block?.entries().map(|(_, entry)| leaf_hash(entry)));
        }
        Ok(leaves)
    }
}

fn unproved(error: NoProof<TileError<ReadError>>, what: u64, size: u64) -> ReadError {
    match error {
        NoProof::OutOfRange => ReadError::NoProof { what, size },
        NoProof::Source(error) => unread(error, size),
    }
}

fn unread(error: TileError<ReadError>, size: u64) -> ReadError {
    match error {
        TileError::Leaves { source, .. } => source,
        TileError::OtherLeaves { number } => ReadError::Damaged {
            index: number.saturating_mul(TILE_WIDTH),
            cause: Damage::OtherLeaves { number },
        },
        TileError::Missing { height, index } => {
            let found = index.checked_shl(height).unwrap_or(u64::MAX);
            let cause = Damage::Shorter { expected: size, found };
            ReadError::Damaged { index: found, cause }
        }
    }
}
