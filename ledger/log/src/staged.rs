//! Entries that wait in memory for the next commit.

use crate::block::{push_entry, split_entry};

/// Staged entries: the sealed ones first, then those of a submission still being appended.
#[derive(Debug)]
pub(crate) struct Staged {
    /// Length-prefixed, in order.
    bytes: Vec<u8>,
    sealed_bytes: usize,
    sealed_size: u64,
    next_index: u64,
    /// Where whole submissions end, ascending in `size`.
    seals: Vec<Seal>,
}

/// All entries below `size` make up whole submissions, contained in `cursor`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seal {
    pub size: u64,
    pub cursor: u64,
}

// === impl Staged ===

impl Staged {
    /// Nothing staged after `size` committed entries.
    pub fn new(size: u64) -> Self {
        Self {
            bytes: Vec::new(),
            sealed_bytes: 0,
            sealed_size: size,
            next_index: size,
            seals: Vec::new(),
        }
    }

    /// The index the next entry gets.
    pub fn next_index(&self) -> u64 {
        self.next_index
    }

    pub fn append(&mut self, entry: &[u8]) -> u64 {
        let index = self.next_index;
        push_entry(&mut self.bytes, entry);
        self.next_index += 1;
        index
    }

    pub fn seal(&mut self, cursor: u64) {
        (self.sealed_bytes, self.sealed_size) = (self.bytes.len(), self.next_index);
        let seal = Seal {
            size: self.sealed_size,
            cursor,
        };
        match self.seals.last_mut() {
            Some(last) if last.size == seal.size => *last = seal,
            _ => self.seals.push(seal),
        }
    }

    pub fn discard_unsealed(&mut self) {
        self.bytes.truncate(self.sealed_bytes);
        self.next_index = self.sealed_size;
    }

    /// The last seal, if any was set since the last commit.
    pub fn last_seal(&self) -> Option<Seal> {
        self.seals.last().copied()
    }

    pub fn seals(&self) -> &[Seal] {
        &self.seals
    }

    /// The sealed entries, in order.
    pub fn sealed_entries(&self) -> impl Iterator<Item = &[u8]> {
        let mut rest = self.bytes.get(..self.sealed_bytes).unwrap_or_default();
        std::iter::from_fn(move || {
            let (entry, after) = split_entry(rest)?;
            rest = after;
            Some(entry)
        })
    }

    /// Forgets the sealed entries, which are durable now.
    pub fn committed(&mut self) {
        self.bytes.drain(..self.sealed_bytes);
        self.sealed_bytes = 0;
        self.seals.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sealed_entries_are_ready_and_the_rest_stays() {
        let mut staged = Staged::new(0);
        staged.append(b"a");
        staged.append(b"b");
        staged.seal(7);
        staged.seal(8);
        assert_eq!(staged.append(b"c"), 2);
        assert_eq!(staged.sealed_entries().collect::<Vec<_>>(), [b"a", b"b"]);
        assert_eq!(staged.seals(), [Seal { size: 2, cursor: 8 }]);
        staged.committed();
        assert_eq!(staged.sealed_entries().count(), 0);
        staged.seal(9);
        assert_eq!(staged.sealed_entries().collect::<Vec<_>>(), [b"c"]);
        staged.append(b"d");
        staged.discard_unsealed();
        assert_eq!(staged.next_index(), 3);
    }
}
