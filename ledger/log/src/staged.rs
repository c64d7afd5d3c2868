//! Entries that wait in memory for the next commit.

use crate::{
    block::push_entry,
    journal::record::{self, RECORD_HEADER_BYTES},
};

/// Staged entries: the sealed ones first, then those of a submission still being appended.
#[derive(Debug)]
pub(crate) struct Staged {
    /// Room for a record's header, then the entries, length-prefixed, in order.
    bytes: Vec<u8>,
    sealed_bytes: usize,
    sealed_size: u64,
    next_index: u64,
    /// Number of entries that are committed.
    committed_size: u64,
    /// The cursor of the last seal since the last commit.
    cursor: Option<u64>,
}

/// What the next commit makes durable: whole submissions, contained in `cursor`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Ready {
    /// Room for a record's header, then the entries.
    pub bytes: Vec<u8>,
    pub count: u32,
    pub cursor: u64,
}

// === impl Staged ===

impl Staged {
    /// Nothing staged after `size` committed entries.
    pub fn new(size: u64) -> Self {
        let mut bytes = Vec::new();
        record::begin(&mut bytes);
        Self {
            bytes,
            sealed_bytes: RECORD_HEADER_BYTES,
            sealed_size: size,
            next_index: size,
            committed_size: size,
            cursor: None,
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
        self.cursor = Some(cursor);
    }

    pub fn discard_unsealed(&mut self) {
        self.bytes.truncate(self.sealed_bytes);
        self.next_index = self.sealed_size;
    }

    /// Takes the sealed entries, if anything was sealed since the last time. Those not sealed stay.
    pub fn take(&mut self) -> Option<Ready> {
        let cursor = self.cursor.take()?;
        let mut rest = Vec::new();
        record::begin(&mut rest);
        rest.extend_from_slice(self.bytes.get(self.sealed_bytes..).unwrap_or_default());
        let mut bytes = std::mem::replace(&mut self.bytes, rest);
        bytes.truncate(self.sealed_bytes);
        let count = u32::try_from(self.sealed_size - self.committed_size).unwrap_or(u32::MAX);
        (self.sealed_bytes, self.committed_size) = (RECORD_HEADER_BYTES, self.sealed_size);
        Some(Ready { bytes, count, cursor })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::block::split_entry;

    #[test]
    fn only_sealed_entries_are_ready_and_the_rest_stays() {
        let mut staged = Staged::new(0);
        staged.append(b"a");
        staged.append(b"b");
        staged.seal(7);
        staged.seal(8);
        assert_eq!(staged.append(b"c"), 2);
        let ready = staged.take().unwrap();
        assert_eq!((ready.count, ready.cursor), (2, 8));
        let (first, rest) = split_entry(&ready.bytes[RECORD_HEADER_BYTES..]).unwrap();
        assert_eq!((first, split_entry(rest).unwrap()), (&b"a"[..], (&b"b"[..], &b""[..])));
        assert_eq!(staged.take(), None);
        staged.seal(9);
        assert_eq!(staged.take().unwrap().count, 1);
        staged.append(b"d");
        staged.discard_unsealed();
        assert_eq!(staged.next_index(), 3);
    }
}
