//! The RFC 6962 Merkle tree, kept incrementally.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::{proof::Subtrees, tile::TILE_HEIGHT};

/// A SHA-256 hash: of a leaf, of an inner node, or the root of the log.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash(pub [u8; 32]);

/// The hash of one entry as a leaf: SHA-256 of `0x00` and the entry's bytes.
pub fn leaf_hash(entry: &[u8]) -> Hash {
    Hash(Sha256::new_with_prefix([0]).chain_update(entry).finalize().into())
}

/// The hash of an inner node: SHA-256 of `0x01`, the left and the right hash.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut input = [1; 65];
    let (_, children) = input.split_at_mut(1);
    let (to_left, to_right) = children.split_at_mut(32);
    to_left.copy_from_slice(&left.0);
    to_right.copy_from_slice(&right.0);
    Hash(Sha256::digest(input).into())
}

/// The roots of the complete subtrees to the left of the next leaf, largest first: all that is needed to go on.
///
/// Holds one hash per one-bit of the size, so at most 64. Cloning it freezes the tree at that size.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MerkleStack {
    size: u64,
    subtrees: Vec<Hash>,
}

// === impl Hash ===

impl Hash {
    /// The root of a log without entries: SHA-256 of nothing.
    pub const EMPTY: Self = Self([
        0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27, 0xae,
        0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
    ]);

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Lower-case hexadecimal, 64 digits.
impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({self})")
    }
}

impl AsRef<[u8]> for Hash {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

// === impl MerkleStack ===

impl MerkleStack {
    /// The tree without leaves.
    pub fn new() -> Self {
        Self::default()
    }

    /// The number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends the leaf of one entry, given as its [`leaf_hash`].
    pub fn push(&mut self, leaf: Hash) {
        self.push_tiled(leaf);
    }

    /// Appends a leaf, and gives the hash over the tile of leaves that it filled, if it did (see [`crate::tiled`]).
    pub fn push_tiled(&mut self, leaf: Hash) -> Option<Hash> {
        let (mut subtree, mut full_tile) = (leaf, None);
        // Each trailing one-bit of the size is a complete subtree as large as the one being carried.
        for height in 1..=self.size.trailing_ones() {
            if let Some(left) = self.subtrees.pop() {
                subtree = node_hash(&left, &subtree);
            }
            if height == TILE_HEIGHT {
                full_tile = Some(subtree);
            }
        }
        self.subtrees.push(subtree);
        self.size += 1;
        full_tile
    }

    /// The tree of the first `size` leaves of the one whose complete subtrees `source` has.
    ///
    /// # Errors
    ///
    /// What the source says.
    pub fn of<S: Subtrees>(source: &mut S, size: u64) -> Result<Self, S::Error> {
        Self::of_range(source, 0, size)
    }

    /// The tree of the leaves of `start..end`, which are those below a node of some tree.
    pub(crate) fn of_range<S: Subtrees>(source: &mut S, start: u64, end: u64) -> Result<Self, S::Error> {
        let mut subtrees = Vec::new();
        let mut at = start;
        while at < end {
            let height = (end - at).ilog2();
            subtrees.push(source.subtree(height, at >> height)?);
            at += 1 << height;
        }
        Ok(Self {
            size: end.saturating_sub(start),
            subtrees,
        })
    }

    /// The RFC 6962 root over all leaves so far; [`Hash::EMPTY`] if there are none.
    pub fn root(&self) -> Hash {
        self.subtrees
            .iter()
            .rev()
            .copied()
            .reduce(|right, left| node_hash(&left, &right))
            .unwrap_or(Hash::EMPTY)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The definition in RFC 6962, section 2.1, word for word.
    fn naive_root(entries: &[Vec<u8>]) -> Hash {
        match entries {
            [] => Hash(Sha256::digest([]).into()),
            [one] => leaf_hash(one),
            many => {
                let k = many.len().next_power_of_two() / 2;
                node_hash(&naive_root(&many[..k]), &naive_root(&many[k..]))
            }
        }
    }

    fn stacked_root(entries: &[Vec<u8>]) -> Hash {
        let mut stack = MerkleStack::new();
        for entry in entries {
            stack.push(leaf_hash(entry));
        }
        stack.root()
    }

    #[test]
    fn the_roots_of_the_published_test_vectors_come_out() {
        // The inputs and roots of certificate-transparency-go's and RFC 6962 implementations' shared test tree.
        let inputs = [
            "",
            "00",
            "10",
            "2021",
            "3031",
            "40414243",
            "5051525354555657",
            "606162636465666768696a6b6c6d6e6f",
        ];
        let roots = [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ];
        let entries: Vec<Vec<u8>> = inputs.iter().map(|input| unhex(input)).collect();
        for (last, root) in roots.iter().enumerate() {
            assert_eq!(
                stacked_root(&entries[..=last]).to_string(),
                *root,
                "with {} leaves",
                last + 1
            );
        }
    }

    #[test]
    fn the_root_of_nothing_is_the_hash_of_nothing() {
        assert_eq!(MerkleStack::new().root(), naive_root(&[]));
        assert_eq!(Hash::EMPTY, naive_root(&[]));
    }

    proptest! {
        #[test]
        fn the_incremental_root_is_the_recursive_one(entries in proptest::collection::vec(any::<Vec<u8>>(), 0..70)) {
            prop_assert_eq!(stacked_root(&entries), naive_root(&entries));
        }
    }

    fn unhex(text: &str) -> Vec<u8> {
        (0..text.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
            .collect()
    }
}
