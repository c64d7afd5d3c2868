//! Writing a bundle, piece by piece.

use keshi_core::period::Period;
use keshi_verify::Hash;
use keshi_verify::checkpoint::show_hash;
use keshi_verify::entry::push_entry;
use keshi_verify::note::Note;
use sha2::{Digest as _, Sha256};

use crate::format::{BALANCES, END, FIGURES, MAGIC, PEOPLE, PERSON, Subject, TEACHER, YEAR};
use crate::people::Placed;

/// A bundle that is being written. The order of the calls is that of the file; what came together is taken now and then with
/// [`Self::take`], so that no bundle need be held whole.
#[derive(Debug)]
pub struct Writer {
    hasher: Sha256,
    out: Vec<u8>,
}

impl Writer {
    /// Begins a bundle about `subject` in a year, at the signed checkpoint.
    pub fn new(subject: &Subject, year: &Period, checkpoint: &Note) -> Self {
        let mut writer = Self {
            hasher: Sha256::new(),
            out: Vec::new(),
        };
        writer.line(MAGIC);
        match subject {
            Subject::Everybody => {}
            Subject::Person(id) => writer.line(&format!("{TEACHER}{id}")),
        }
        writer.line(&format!("{YEAR}{}", year.name));
        writer.line("");
        writer.line(&checkpoint.to_string());
        writer
    }

    /// The next entry of a year's bundle.
    pub fn entry(&mut self, bytes: &[u8]) {
        push_entry(&mut self.out, bytes);
    }

    /// The entries of a person's bundle, by their indices, and the hashes that lead from them to the root.
    pub fn shown<'e>(&mut self, entries: impl ExactSizeIterator<Item = (u64, &'e [u8])>, hashes: &[Hash]) {
        self.count(entries.len());
        for (index, bytes) in entries {
            self.out.extend_from_slice(&index.to_be_bytes());
            push_entry(&mut self.out, bytes);
        }
        self.count(hashes.len());
        for hash in hashes {
            self.out.extend_from_slice(&hash.0);
        }
    }

    fn count(&mut self, count: usize) {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        self.out.extend_from_slice(&count.to_be_bytes());
    }

    /// The balances, after the entries; then [`Self::lines`] of them.
    pub fn balances(&mut self) {
        self.line(BALANCES);
    }

    /// More lines of what was begun last, each with its line feed.
    pub fn lines(&mut self, lines: &str) {
        self.out.extend_from_slice(lines.as_bytes());
    }

    /// Ends the balances; then where a person's ids stand in the map of persons, for [`Subject::Person`] only.
    pub fn people<'i>(&mut self, placed: impl Iterator<Item = (&'i str, Placed)>) {
        self.line("");
        self.line(PEOPLE);
        for (
            id,
            Placed {
                about,
                position,
                hashes,
            },
        ) in placed
        {
            let chain = show_hash(&about.chain);
            self.line(&format!("{PERSON}{id} {position} {} {chain}", about.count));
            for hash in &hashes {
                self.line(&show_hash(hash));
            }
        }
    }

    /// Ends what came before; then the figures of the year.
    pub fn figures(&mut self) {
        self.line("");
        self.line(FIGURES);
    }

    /// Ends the bundle.
    pub fn finish(mut self) -> Vec<u8> {
        self.line("");
        self.hasher.update(&self.out);
        let digest = Hash(self.hasher.finalize().into());
        self.out.extend_from_slice(format!("{END}{digest}\n").as_bytes());
        self.out
    }

    /// How many bytes came together since they were taken.
    pub fn len(&self) -> usize {
        self.out.len()
    }

    /// Whether nothing did.
    pub fn is_empty(&self) -> bool {
        self.out.is_empty()
    }

    /// What came together.
    pub fn take(&mut self) -> Vec<u8> {
        self.hasher.update(&self.out);
        std::mem::take(&mut self.out)
    }

    fn line(&mut self, line: &str) {
        self.out.extend_from_slice(line.as_bytes());
        self.out.push(b'\n');
    }
}
