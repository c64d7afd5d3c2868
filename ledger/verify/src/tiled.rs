//! A tree over its tiles: any complete subtree, and so any proof, from what lies above the tiles of leaves and one or two of
//! these.

use std::{fmt, ops::Range, sync::Arc};

use crate::{
    merkle::{Hash, node_hash},
    proof::Subtrees,
    tile::{Holds, TILE_HEIGHT, TILE_WIDTH, TilePath, WIDTH},
};

/// A tile of hashes, with all complete subtrees inside it.
#[derive(Clone, Debug)]
pub struct Tile {
    /// By height; the leaves first.
    rows: Vec<Vec<Hash>>,
}

/// The hashes over full tiles: of every level, the leaves' tiles first. With one tile of leaves beside it, it gives every
/// complete subtree.
///
/// It takes an eighth of a byte for each entry. A clone shares all full tiles, and so costs little beside a proof.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Upper {
    /// Level 1 first.
    levels: Vec<Level>,
}

/// The tiles of one level.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Level {
    full: Vec<Arc<[Hash]>>,
    /// Fewer than a tile's.
    rest: Vec<Hash>,
}

/// Complete subtrees of a tree whose upper part is at hand, and whose leaves are asked for tile by tile.
pub struct OverTiles<'a, F> {
    upper: &'a Upper,
    size: u64,
    leaves: F,
    /// The tiles of leaves that were asked for last: a proof needs two at most.
    held: [Option<(u64, Tile)>; 2],
}

/// Why a complete subtree could not be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TileError<E> {
    /// The leaves could not be had.
    #[error("the leaves of tile {number} could not be had")]
    Leaves {
        /// The tile of level 0.
        number: u64,
        /// Why.
        source: E,
    },
    /// The leaves are not those that were in the tree.
    #[error("the leaves of tile {number} do not come to the hash above them")]
    OtherLeaves {
        /// The tile of level 0.
        number: u64,
    },
    /// The tree is not that large.
    #[error("the tree has no complete subtree {index} of height {height}")]
    Missing {
        /// Its height.
        height: u32,
        /// Its number among those of that height.
        index: u64,
    },
}

// === impl Tile ===

impl Tile {
    /// The tile of `hashes`, of which there are at most 256.
    pub fn of(hashes: Vec<Hash>) -> Self {
        let mut rows = vec![hashes];
        while let Some(below) = rows.last()
            && below.len() > 1
        {
            let row = below
                .as_chunks::<2>()
                .0
                .iter()
                .map(|[left, right]| node_hash(left, right));
            let row = row.collect();
            rows.push(row);
        }
        Self { rows }
    }

    /// The hashes that it is of.
    pub fn hashes(&self) -> &[Hash] {
        self.rows.first().map_or(&[], Vec::as_slice)
    }

    /// The complete subtree `index` of `height` inside the tile.
    pub fn subtree(&self, height: u32, index: u64) -> Option<Hash> {
        let row = self.rows.get(usize::try_from(height).ok()?)?;
        row.get(usize::try_from(index).ok()?).copied()
    }
}

// === impl Upper ===

impl Upper {
    /// Adds the hash over the next full tile of leaves.
    pub fn push(&mut self, full: Hash) {
        let mut carried = full;
        for level in &mut self.levels {
            level.rest.push(carried);
            if level.rest.len() < WIDTH {
                return;
            }
            carried = join(&level.rest);
            level.full.push(std::mem::take(&mut level.rest).into());
        }
        self.levels.push(Level {
            full: Vec::new(),
            rest: vec![carried],
        });
    }

    /// The number of entries below full tiles of leaves.
    pub fn size(&self) -> u64 {
        let tiles = |level: &Level| (level.full.len() * WIDTH + level.rest.len()) as u64;
        self.levels.first().map_or(0, tiles) * TILE_WIDTH
    }

    /// The hashes of a tile above the leaves; `None` if the tree does not have it, and for tiles of leaves.
    pub fn tile(&self, path: TilePath) -> Option<&[Hash]> {
        let Holds::Hashes { level } = path.holds() else {
            return None;
        };
        let first = path.number().checked_mul(TILE_WIDTH)?;
        self.row(level.checked_sub(1)?.into(), first, path.width())
    }

    /// `count` hashes from the place `first` of level `above + 1` on, all of one tile.
    fn row(&self, above: u32, first: u64, count: u64) -> Option<&[Hash]> {
        let Level { full, rest } = self.levels.get(usize::try_from(above).ok()?)?;
        let (first, count) = (usize::try_from(first).ok()?, usize::try_from(count).ok()?);
        let tile = match full.get(first / WIDTH) {
            Some(tile) => tile,
            None if first / WIDTH == full.len() => rest.as_slice(),
            None => return None,
        };
        let inside = first % WIDTH;
        tile.get(inside..inside.checked_add(count)?)
    }

    /// The hash over the full tile `number` of leaves; `None` if the tree does not have it.
    pub fn over_leaves(&self, number: u64) -> Option<Hash> {
        self.row(0, number, 1).and_then(|row| row.first().copied())
    }
}

/// The root over hashes whose number is a power of two.
fn join(hashes: &[Hash]) -> Hash {
    let mut row = hashes.to_vec();
    while row.len() > 1 {
        row = row
            .as_chunks::<2>()
            .0
            .iter()
            .map(|[left, right]| node_hash(left, right))
            .collect();
    }
    row.first().copied().unwrap_or(Hash::EMPTY)
}

// === impl OverTiles ===

impl<'a, F> OverTiles<'a, F> {
    /// The tree of the first `size` entries, over `upper`, which may know of more. `leaves` gives the hashes of the leaves of a
    /// range of entries, of one tile.
    ///
    /// A full tile is always asked for whole, and believed only if it comes to the hash in `upper`.
    pub fn new<E>(upper: &'a Upper, size: u64, leaves: F) -> Self
    where
        F: FnMut(Range<u64>) -> Result<Vec<Hash>, E>,
    {
        Self {
            upper,
            size,
            leaves,
            held: [None, None],
        }
    }

    /// The tile `number` of leaves.
    ///
    /// # Errors
    ///
    /// [`TileError`] if its leaves cannot be had, or are others than those in the tree.
    pub fn tile<E>(&mut self, number: u64) -> Result<&Tile, TileError<E>>
    where
        F: FnMut(Range<u64>) -> Result<Vec<Hash>, E>,
    {
        let is_held = |held: &Option<(u64, Tile)>| held.as_ref().is_some_and(|(of, _)| *of == number);
        if !self.held.iter().any(is_held) {
            let range = self.range(number);
            let leaves = (self.leaves)(range).map_err(|source| TileError::Leaves { number, source })?;
            let tile = Tile::of(leaves);
            if let Some(over) = self.upper.over_leaves(number)
                && tile.subtree(TILE_HEIGHT, 0) != Some(over)
            {
                return Err(TileError::OtherLeaves { number });
            }
            let [first, second] = &mut self.held;
            (*second, *first) = (first.take(), Some((number, tile)));
        }
        let held = self.held.iter().flatten().find(|(of, _)| *of == number);
        held.map(|(_, tile)| tile).ok_or(TileError::OtherLeaves { number })
    }
}

impl<F> OverTiles<'_, F> {
    /// The entries of the tile `number`.
    fn range(&self, number: u64) -> Range<u64> {
        let start = number.saturating_mul(TILE_WIDTH);
        let end = start.saturating_add(TILE_WIDTH);
        start..if end <= self.upper.size() {
            end
        } else {
            end.min(self.size)
        }
    }
}

impl<E, F: FnMut(Range<u64>) -> Result<Vec<Hash>, E>> Subtrees for OverTiles<'_, F> {
    type Error = TileError<E>;

    fn subtree(&mut self, height: u32, index: u64) -> Result<Hash, Self::Error> {
        let missing = || TileError::Missing { height, index };
        if let Some(above) = height.checked_sub(TILE_HEIGHT) {
            let (level, inside) = (above / TILE_HEIGHT, above % TILE_HEIGHT);
            let first = index.checked_mul(1 << inside).ok_or_else(missing)?;
            let row = self.upper.row(level, first, 1 << inside);
            return row.map(join).ok_or_else(missing);
        }
        let in_one_tile = TILE_WIDTH >> height;
        let tile = self.tile(index / in_one_tile)?;
        tile.subtree(height, index % in_one_tile).ok_or_else(missing)
    }
}

impl<F> fmt::Debug for OverTiles<'_, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OverTiles")
            .field("upper", &self.upper.size())
            .finish_non_exhaustive()
    }
}
