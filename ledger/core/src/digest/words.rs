//! Rows of the state and of answers, written down and hashed in an order of their own.

use sha2::Digest as _;

use crate::canonical::{Canonical, Sink};
use crate::period::Period;
use crate::policy::{Meter, Word};
use crate::state::{Fate, State};

/// The rows of one key, to be sorted and hashed.
pub(super) struct Rows<'s> {
    pub(super) state: &'s State,
    pub(super) size: u64,
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl<'s> Rows<'s> {
    pub(super) fn new(state: &'s State, size: u64) -> Self {
        Self {
            state,
            size,
            bytes: Vec::new(),
            ends: Vec::new(),
        }
    }

    /// The row that the entry at `index` brought, unless that stands at `size` or above: its event, whether it has
    /// effect, and what it says.
    pub(super) fn row(&mut self, name: &str, index: u32, says: &[&dyn Canonical]) {
        if u64::from(index) >= self.size {
            return;
        }
        let content = self.state.events.content(index);
        // By whom it was voided or corrected, those rows say.
        let fate: u32 = match self.state.fate(index, self.size) {
            Fate::Stands => 0,
            Fate::Void(_) => 1,
            Fate::Corrected(_) => 2,
            Fate::WithoutOriginal(_) => 3,
        };
        self.bare(name, &[&content, &fate]);
        // The same row goes on.
        self.ends.pop();
        self.end(says);
    }

    /// A row that no single entry brought.
    pub(super) fn bare(&mut self, name: &str, says: &[&dyn Canonical]) {
        name.put(&mut self.bytes);
        self.end(says);
    }

    fn end(&mut self, says: &[&dyn Canonical]) {
        for value in says {
            value.put(&mut self.bytes);
        }
        self.ends.push(self.bytes.len());
    }

    /// Hashes the rows gathered since the last call, in an order that is theirs and not that of their arrival.
    pub(super) fn hash(&mut self, name: &str, key: &dyn Canonical, hasher: &mut sha2::Sha256) {
        // A key that was only mentioned has no rows; below the entry that mentions it, it is not there at all.
        if self.ends.is_empty() {
            return;
        }
        let mut start = 0;
        let mut rows: Vec<&[u8]> = Vec::with_capacity(self.ends.len());
        for &end in &self.ends {
            rows.extend(self.bytes.get(start..end));
            start = end;
        }
        rows.sort_unstable();
        let mut head = Vec::new();
        name.put(&mut head);
        key.put(&mut head);
        (rows.len() as u64).put(&mut head);
        hasher.update(&head);
        for row in rows {
            hasher.update((row.len() as u64).to_le_bytes());
            hasher.update(row);
        }
        self.bytes.clear();
        self.ends.clear();
    }
}

impl Canonical for Period {
    fn put(&self, out: &mut dyn Sink) {
        self.from.put(out);
        self.to.put(out);
    }
}

impl Canonical for Meter {
    fn put(&self, out: &mut dyn Sink) {
        self.word().put(out);
    }
}

impl Canonical for Word {
    fn put(&self, out: &mut dyn Sink) {
        self.as_str().put(out);
    }
}
