//! Proofs over the durable log, for auditors.

use std::ops::{ControlFlow, Range};

use bytes::Bytes;
use keshi_bundle::people::{People, Said};
use keshi_log::{Hash, Identity, Scrub, leaf_hash};
use keshi_proto::store::decode_entry;
use keshi_verify::tile::TilePath;

use crate::engine::Engine;
use crate::error::ReadError;

impl Engine {
    /// What reads the log over again, step by step. It has to be dropped before [`Engine::shut_down`], so that the log closes.
    pub fn scrub(&self) -> Scrub {
        Scrub::new(self.shared().reader.clone())
    }

    /// Whose ledger it is.
    pub fn identity(&self) -> Identity {
        Identity {
            ledger_id: self.ledger_id(),
            office: self.office().to_string(),
        }
    }

    /// The bytes of the entry at `index`, which are the leaf of the tree; `None` beyond the durable size.
    ///
    /// # Errors
    ///
    /// [`ReadError`] if it is there and cannot be read.
    pub fn entry_bytes(&self, index: u64) -> Result<Option<Bytes>, ReadError> {
        Ok(self.shared().reader.read(index)?)
    }

    /// What shows that the entry `index` is one of the first `size`.
    ///
    /// # Errors
    ///
    /// [`ReadError`] if it is not, or that many are not durable, or cannot be read.
    pub fn inclusion(&self, index: u64, size: u64) -> Result<Vec<Hash>, ReadError> {
        Ok(self.shared().reader.inclusion(index, size)?)
    }

    /// What shows that the entries at `shown`, which rise, are of the first `size`.
    ///
    /// # Errors
    ///
    /// [`ReadError`] if one is not, or that many are not durable, or cannot be read.
    pub fn inclusion_of_all(&self, shown: &[u64], size: u64) -> Result<Vec<Hash>, ReadError> {
        Ok(self.shared().reader.inclusion_of_all(shown, size)?)
    }

    /// Shows the bytes of the entries of `range`, in order, until `see` breaks off. Gives whether it came to the end.
    ///
    /// # Errors
    ///
    /// [`ReadError`] if one cannot be read.
    pub fn each_entry(
        &self,
        range: Range<u64>,
        mut see: impl FnMut(u64, &[u8]) -> ControlFlow<()>,
    ) -> Result<bool, ReadError> {
        for block in self.shared().reader.scan_range(range.start, range.end) {
            for (index, bytes) in block?.entries() {
                if see(index, bytes).is_break() {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// Adds to `people` the entries that it has not, up to `size`. `see` is asked after each, and may break off; then the map is of use
    /// still, and can go on. Gives whether it came to the end.
    ///
    /// # Errors
    ///
    /// [`ReadError`] if an entry cannot be read.
    pub fn extend_people(
        &self,
        people: &mut People,
        size: u64,
        mut see: impl FnMut(u64) -> ControlFlow<()>,
    ) -> Result<bool, ReadError> {
        let mut failed = None;
        let ended = self.each_entry(people.size()..size, |index, bytes| {
            match self.add_to(people, index, bytes) {
                Ok(()) => see(index),
                Err(error) => {
                    failed = Some(error);
                    ControlFlow::Break(())
                }
            }
        })?;
        failed.map_or(Ok(ended), Err)
    }

    fn add_to(&self, people: &mut People, index: u64, bytes: &[u8]) -> Result<(), ReadError> {
        let entry = decode_entry(bytes).map_err(|source| ReadError::Entry { index, source })?;
        people.add(leaf_hash(bytes), &entry, |id| {
            let Some(before) = self.query(|at| at.back_to(index).index_of(id)) else {
                return Ok(None);
            };
            Ok(self.entry(before)?.and_then(|stored| Said::by(&stored.entry)))
        })
    }

    /// What shows that the ledger of `new` entries begins with that of `old`.
    ///
    /// # Errors
    ///
    /// [`ReadError`] if `old` is 0 or above `new`, or as many as `new` are not durable, or cannot be read.
    pub fn consistency(&self, old: u64, new: u64) -> Result<Vec<Hash>, ReadError> {
        Ok(self.shared().reader.consistency(old, new)?)
    }

    /// The bytes of a tile of hashes or of a bundle of entries; `None` if the durable ledger does not have it.
    ///
    /// # Errors
    ///
    /// [`ReadError`] if it is there and cannot be read.
    pub fn tile(&self, path: TilePath) -> Result<Option<Vec<u8>>, ReadError> {
        Ok(self.shared().reader.tile(path)?)
    }
}
