//! Proofs over the durable log, for auditors.

use bytes::Bytes;
use keshi_log::{Hash, Identity, Scrub};
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
