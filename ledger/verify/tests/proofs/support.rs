//! What several tests need.

use std::convert::Infallible;
use std::ops::Range;

use keshi_verify::key::SigningKey;
use keshi_verify::proof::Subtrees;
use keshi_verify::tile::TILE_WIDTH;
use keshi_verify::tiled::{OverTiles, Upper};
use keshi_verify::{Hash, MerkleStack, leaf_hash, node_hash};

/// A tree whose leaves are all at hand.
pub struct Tree {
    pub leaves: Vec<Hash>,
    pub upper: Upper,
    pub stack: MerkleStack,
}

impl Tree {
    pub fn of(entries: impl IntoIterator<Item = Vec<u8>>) -> Self {
        let mut tree = Self {
            leaves: Vec::new(),
            upper: Upper::default(),
            stack: MerkleStack::new(),
        };
        for entry in entries {
            tree.push(leaf_hash(&entry));
        }
        tree
    }

    pub fn push(&mut self, leaf: Hash) {
        self.leaves.push(leaf);
        if let Some(full) = self.stack.push_tiled(leaf) {
            self.upper.push(full);
        }
    }

    /// A tree of so many leaves that nothing but their numbers tells apart.
    pub fn numbered(size: u64) -> Self {
        Self::of((0..size).map(|number| number.to_be_bytes().to_vec()))
    }

    pub fn size(&self) -> u64 {
        self.leaves.len() as u64
    }

    pub fn subtrees(&self) -> impl Subtrees<Error = keshi_verify::tiled::TileError<Infallible>> {
        OverTiles::new(&self.upper, self.size(), |range| Ok(self.leaves_of(range)))
    }

    pub fn leaves_of(&self, range: Range<u64>) -> Vec<Hash> {
        let at = |place: u64| usize::try_from(place).unwrap();
        self.leaves[at(range.start)..at(range.end)].to_vec()
    }

    /// The tile `number` of leaves, as wide as it is.
    pub fn tile_of_leaves(&self, number: u64) -> Vec<Hash> {
        self.leaves_of(number * TILE_WIDTH..self.size().min((number + 1) * TILE_WIDTH))
    }
}

/// The definition in RFC 6962, section 2.1, word for word.
pub fn naive_root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Hash::EMPTY,
        [one] => *one,
        many => {
            let (left, right) = many.split_at(many.len().next_power_of_two() / 2);
            node_hash(&naive_root(left), &naive_root(right))
        }
    }
}

pub fn key(secret: u8) -> SigningKey {
    SigningKey::of_secret("keshi/610729/00000000000000000000000061072900", &[secret; 32]).unwrap()
}
