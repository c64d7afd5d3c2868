//! Passing over all entries once: hashing them, and holding the tree against every root that was recorded.

use std::collections::BTreeMap;

use keshi_verify::{Hash, MerkleStack, leaf_hash, tiled::Upper};

use crate::{
    block::Block,
    error::{Damage, OpenError},
    place::Place,
    store::damaged,
};

/// A pass under way.
pub(crate) struct Walk {
    place: Place,
    witnesses: BTreeMap<u64, Hash>,
    /// The size up to which the roots agree.
    agreed: u64,
    pub tree: MerkleStack,
    pub upper: Upper,
    pub highest_decide_version: u32,
}

impl Walk {
    /// A pass from the first entry on.
    pub fn new(place: &Place, witnesses: BTreeMap<u64, Hash>) -> Self {
        Self {
            place: place.clone(),
            witnesses,
            agreed: 0,
            tree: MerkleStack::new(),
            upper: Upper::default(),
            highest_decide_version: 0,
        }
    }

    /// Passes over the next entries, which are checked for being the next.
    pub fn take(&mut self, block: &Block) -> Result<(), OpenError> {
        let expected = self.tree.size();
        let found = block.first_index();
        if found != expected {
            return Err(damaged(&self.place, expected, Damage::Gap { expected, found }));
        }
        self.highest_decide_version = self.highest_decide_version.max(block.decide_version());
        for (_, entry) in block.entries() {
            if let Some(full) = self.tree.push_tiled(leaf_hash(entry)) {
                self.upper.push(full);
            }
            let size = self.tree.size();
            if let Some(expected) = self.witnesses.get(&size).copied() {
                self.agree(size, expected)?;
            }
        }
        Ok(())
    }

    fn agree(&mut self, size: u64, expected: Hash) -> Result<(), OpenError> {
        let found = self.tree.root();
        if found == expected {
            self.agreed = size;
            return Ok(());
        }
        // The first wrong entry lies behind the last root that was right.
        let cause = Damage::OtherRoot { size, expected, found };
        Err(damaged(&self.place, self.agreed, cause))
    }
}
