//! The tree in tiles, as C2SP's `tlog-tiles` has it: subtrees of height 8, named by a path.
//!
//! A tile of level `l` holds 256 hashes, each over `256^l` leaves; the last tile of a level may hold fewer. A *bundle* holds
//! the entries themselves: `u16` length, bytes, for each of the 256 below a tile of level 0.

use std::fmt;

use crate::{checkpoint::plain_number, entry::split_entry, merkle::Hash};

/// The height of a full tile.
pub const TILE_HEIGHT: u32 = 8;

/// Hashes in a full tile, and entries in a full bundle.
pub const TILE_WIDTH: u64 = 1 << TILE_HEIGHT;

/// [`TILE_WIDTH`] as a length in memory.
pub(crate) const WIDTH: usize = 1 << TILE_HEIGHT;

/// The bytes of a hash in a tile.
const HASH_BYTES: usize = 32;

/// The longest path that is read: no ledger has more than 2^64 entries.
const MAX_PATH_BYTES: usize = 64;

/// What a tile holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Holds {
    /// Hashes over `256^level` entries each.
    Hashes {
        /// The level, from 0.
        level: u8,
    },
    /// The entries themselves.
    Entries,
}

/// One tile of a tree, by its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TilePath {
    holds: Holds,
    number: u64,
    /// 1 to 256.
    width: u64,
}

/// A path that names no tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("that is the path of no tile: write 0/x001/067, 1/000.p/12 or entries/003")]
pub struct NoTile;

// === impl TilePath ===

impl TilePath {
    /// The tile `number` of what `holds` says, with `width` of its 256 places; `None` for a width out of 1 to 256, and for
    /// one that reaches beyond 2^64 entries.
    pub fn new(holds: Holds, number: u64, width: u64) -> Option<Self> {
        let path = Self { holds, number, width };
        ((1..=TILE_WIDTH).contains(&width) && path.end().is_some()).then_some(path)
    }

    /// Reads what stands behind `tile/` in an address, in the one way in which it is written.
    ///
    /// # Errors
    ///
    /// [`NoTile`] for anything else.
    pub fn parse(path: &str) -> Result<Self, NoTile> {
        if path.len() > MAX_PATH_BYTES {
            return Err(NoTile);
        }
        let (holds, rest) = path.split_once('/').ok_or(NoTile)?;
        let holds = if holds == "entries" {
            Holds::Entries
        } else {
            let level = plain_number(holds).and_then(|level| u8::try_from(level).ok());
            Holds::Hashes {
                level: level.ok_or(NoTile)?,
            }
        };
        let (number, width) = match rest.split_once(".p/") {
            None => (rest, TILE_WIDTH),
            Some((number, width)) => {
                let width = plain_number(width).filter(|width| *width < TILE_WIDTH);
                (number, width.ok_or(NoTile)?)
            }
        };
        let number = number.split('/').try_fold(0_u64, |number, group| {
            let digits = group.strip_prefix('x').unwrap_or(group);
            let is_group = digits.len() == 3 && digits.bytes().all(|digit| digit.is_ascii_digit());
            let group: u64 = digits.parse().ok().filter(|_| is_group)?;
            number.checked_mul(1000)?.checked_add(group)
        });
        let read = Self::new(holds, number.ok_or(NoTile)?, width).ok_or(NoTile)?;
        // Each tile has one name: groups of zeros before the number, or an `x` in the wrong place, make another.
        if read.to_string() == path {
            Ok(read)
        } else {
            Err(NoTile)
        }
    }

    /// What it holds.
    pub fn holds(self) -> Holds {
        self.holds
    }

    /// Its number among those of its level.
    pub fn number(self) -> u64 {
        self.number
    }

    /// How many of its 256 places are filled.
    pub fn width(self) -> u64 {
        self.width
    }

    /// How many entries stand below each of its places.
    fn unit(self) -> Option<u64> {
        match self.holds {
            Holds::Entries => Some(1),
            Holds::Hashes { level } => TILE_WIDTH.checked_pow(level.into()),
        }
    }

    /// The first entry below it.
    pub fn start(self) -> u64 {
        // Both factors lie below its end, which fits.
        self.unit()
            .and_then(|unit| unit.checked_mul(TILE_WIDTH)?.checked_mul(self.number))
            .unwrap_or(u64::MAX)
    }

    /// The first entry behind it.
    fn end(self) -> Option<u64> {
        let places = self.number.checked_mul(TILE_WIDTH)?.checked_add(self.width)?;
        places.checked_mul(self.unit()?)
    }

    /// Whether a tree of `size` entries has it.
    pub fn is_in(self, size: u64) -> bool {
        self.end().is_some_and(|end| end <= size)
    }

    /// The tiles of hashes and the bundles of a tree of `size` entries, each once and as wide as the tree has it.
    pub fn all(size: u64) -> impl Iterator<Item = Self> {
        let levels = (0..8_u8).map(|level| Holds::Hashes { level });
        levels.chain([Holds::Entries]).flat_map(move |holds| {
            let level = match holds {
                Holds::Hashes { level } => level,
                Holds::Entries => 0,
            };
            let places = size >> (TILE_HEIGHT * u32::from(level));
            (0..places.div_ceil(TILE_WIDTH)).filter_map(move |number| {
                let width = (places - number * TILE_WIDTH).min(TILE_WIDTH);
                Self::new(holds, number, width)
            })
        })
    }
}

/// What stands behind `tile/` in its address.
impl fmt::Display for TilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.holds {
            Holds::Hashes { level } => write!(f, "{level}/")?,
            Holds::Entries => write!(f, "entries/")?,
        }
        let mut groups = vec![self.number % 1000];
        let mut rest = self.number / 1000;
        while rest > 0 {
            groups.push(rest % 1000);
            rest /= 1000;
        }
        for (place, group) in groups.iter().enumerate().rev() {
            let (sign, behind) = if place == 0 { ("", "") } else { ("x", "/") };
            write!(f, "{sign}{group:03}{behind}")?;
        }
        if self.width < TILE_WIDTH {
            write!(f, ".p/{}", self.width)?;
        }
        Ok(())
    }
}

// === bytes ===

/// The hashes that a tile's bytes are; `None` if they are none, too many, or not whole hashes.
pub fn tile_hashes(bytes: &[u8]) -> Option<Vec<Hash>> {
    let (hashes, rest) = bytes.as_chunks::<HASH_BYTES>();
    let fits = rest.is_empty() && (1..=WIDTH).contains(&hashes.len());
    fits.then(|| hashes.iter().copied().map(Hash).collect())
}

/// The bytes of a tile of `hashes`.
pub fn tile_bytes(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}

/// The entries of a bundle, which [`crate::entry::push_entry`] puts together; `None` if its bytes are not whole entries, or none or more than 256.
pub fn bundle_entries(bytes: &[u8]) -> Option<Vec<&[u8]>> {
    let mut entries = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() && entries.len() < WIDTH {
        let (entry, after) = split_entry(rest)?;
        entries.push(entry);
        rest = after;
    }
    (rest.is_empty() && !entries.is_empty()).then_some(entries)
}
