//! Reading entries, old receipts, and the audit's second fold.

use std::ops::ControlFlow;
use std::sync::Arc;

use bytes::Bytes;
use keshi_bundle::fold::Fold;
use keshi_core::digest::Digest;
use keshi_core::entry::{Entry, Posted};
use keshi_core::ids::{Sha256, SubmissionId};
use keshi_core::submission::{EventVerdict, Receipt};
use keshi_core::time::Millis;
use keshi_log::{MerkleStack, TILE_WIDTH, leaf_hash};
use keshi_proto::store::{EntryError, decode_entry, decode_submission};

use crate::engine::Engine;
use crate::error::ReadError;
use crate::writer::read_entry;

/// An entry with the hash of its bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredEntry {
    /// The entry.
    pub entry: Entry,
    /// Its Merkle leaf hash.
    pub leaf_hash: [u8; 32],
}

/// What an audit's replay found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replayed {
    /// The size that was replayed.
    pub size: u64,
    /// Root recomputed from the entries' bytes.
    pub replayed_root: [u8; 32],
    /// Root that the ledger serves at this size.
    pub served_root: [u8; 32],
    /// The first entry of the first 256 that hash to something else than when they were written, or read at the start.
    pub differs_from: Option<u64>,
    /// Digest of all rows and balances of the second state.
    pub replayed_digest: Sha256,
    /// Digest of the served state.
    pub served_digest: Sha256,
}

impl Replayed {
    /// Whether what is served is what was recorded.
    pub fn agrees(&self) -> bool {
        self.replayed_root == self.served_root && self.replayed_digest == self.served_digest
    }
}

impl Engine {
    /// The entry at `index`; `None` beyond the durable size.
    ///
    /// # Errors
    ///
    /// [`ReadError`] if it is there and cannot be read.
    pub fn entry(&self, index: u64) -> Result<Option<StoredEntry>, ReadError> {
        match self.shared().reader.read(index)? {
            Some(bytes) => stored(index, bytes).map(Some),
            None => Ok(None),
        }
    }

    /// Up to `limit` entries from index `from` on, durable ones only.
    ///
    /// # Errors
    ///
    /// [`ReadError`] if one is there and cannot be read.
    pub fn entries(&self, from: u64, limit: usize) -> Result<Vec<StoredEntry>, ReadError> {
        let to = from.saturating_add(limit as u64);
        let mut found = Vec::with_capacity(limit.min(1_000));
        for block in self.shared().reader.scan_range(from, to) {
            for (index, bytes) in block?.entries() {
                found.push(stored(index, Bytes::copy_from_slice(bytes))?);
            }
        }
        Ok(found)
    }

    /// The number of entries recorded at `time` or before, as far as is known where the clock was corrected since. These
    /// times never fall along the log, so this is a binary search.
    ///
    /// # Errors
    ///
    /// [`ReadError`] if an entry cannot be read.
    pub fn size_at(&self, time: Millis) -> Result<u64, ReadError> {
        let (mut low, mut high) = (0, self.head().size);
        while low < high {
            let middle = low + (high - low) / 2;
            let stamp = read_entry(&self.shared().reader, middle)?.recorded_at;
            if self.query(|at| at.recorded_at(middle, stamp)) <= time {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(low)
    }

    /// The root over the first `size` entries.
    ///
    /// # Errors
    ///
    /// [`ReadError`] if that many are not durable, or cannot be read.
    pub fn root_at(&self, size: u64) -> Result<[u8; 32], ReadError> {
        Ok(*self.shared().reader.root_at(size)?.as_bytes())
    }

    /// The receipt of a submission, `None` if the ledger has nothing of it.
    ///
    /// Of the newest submissions it is the one that was sent. An older one is put together from its entries, at
    /// today's size: events that left no entry of their own under it (duplicates) are not in it. That reads the log.
    ///
    /// # Errors
    ///
    /// [`ReadError`] if an entry cannot be read.
    pub fn receipt_of(&self, id: SubmissionId) -> Result<Option<Arc<Receipt>>, ReadError> {
        let kept = self.shared().receipts.lock().get(id);
        if kept.is_some() {
            return Ok(kept);
        }
        let head = self.head();
        let mut verdicts = Vec::new();
        for block in self.shared().reader.scan_range(0, head.size) {
            for (index, bytes) in block?.entries() {
                if !contains(bytes, id.as_bytes()) {
                    continue;
                }
                let entry = stored(index, Bytes::copy_from_slice(bytes))?.entry;
                if entry.submission_id == id {
                    let (event_id, verdict, reason) = (entry.posted.event_id(), entry.verdict, entry.reason);
                    let number = entry.outcome.number;
                    verdicts.push(EventVerdict {
                        event_id,
                        verdict,
                        index: Some(index),
                        reason,
                        number,
                    });
                }
            }
        }
        let receipt = Receipt {
            submission_id: id,
            size: head.size,
            root: head.root,
            verdicts,
        };
        Ok((!receipt.verdicts.is_empty()).then(|| Arc::new(receipt)))
    }

    /// Whether the log has seen this message of the bus: one of its events is known, whatever became of it. Of a message
    /// that does not decode, or has no events, nothing can be told: `true`.
    pub fn recognizes(&self, message: &Bytes) -> bool {
        let events = decode_submission(message, self.office()).submission.events;
        let is_known = || {
            self.query(|at| {
                let mut keys = events.iter().map(Posted::key);
                keys.any(|key| at.indices_of(key).next().is_some())
            })
        };
        events.is_empty() || is_known()
    }

    /// Folds the first `size` entries (0: all durable ones) into a second state, recomputes the root, and compares both
    /// with what is served. `progress` gets entries done and in all, and may end it, which gives `None`. Takes as long as
    /// opening the ledger: run it apart.
    ///
    /// # Errors
    ///
    /// [`ReadError`] if an entry cannot be read or the size is not durable.
    pub fn replay(
        &self,
        size: u64,
        mut progress: impl FnMut(u64, u64) -> ControlFlow<()>,
    ) -> Result<Option<Replayed>, ReadError> {
        let size = if size == 0 { self.head().size } else { size };
        let served_root = self.root_at(size)?;
        let mut fold = Fold::start(size)?;
        let mut tree = MerkleStack::new();
        let mut differs_from = None;
        for block in self.shared().reader.scan_range(0, size) {
            let block = block?;
            for (index, bytes) in block.entries() {
                fold.entry(index, bytes);
                let Some(full) = tree.push_tiled(leaf_hash(bytes)) else {
                    continue;
                };
                let number = (tree.size() / TILE_WIDTH).saturating_sub(1);
                if differs_from.is_none() && self.shared().reader.full_tile(number) != Some(full) {
                    differs_from = Some(number * TILE_WIDTH);
                }
            }
            if progress(block.end_index(), size).is_break() {
                return Ok(None);
            }
        }
        let state = fold
            .finish()
            .map_err(|(index, source)| ReadError::Entry { index, source })?;
        Ok(Some(Replayed {
            size,
            replayed_root: *tree.root().as_bytes(),
            served_root,
            differs_from,
            replayed_digest: state.at(size).digest(),
            served_digest: self.digest(size),
        }))
    }

    /// The digest of the served state at `size`. Between its steps the writer and others have their turn.
    pub fn digest(&self, size: u64) -> Sha256 {
        let mut digest = Digest::new(size);
        while self.query(|at| digest.step(at)) {}
        digest.finish()
    }
}

fn contains(bytes: &[u8], id: &[u8; 16]) -> bool {
    bytes.windows(16).take(64).any(|window| window == id)
}

fn stored(index: u64, bytes: Bytes) -> Result<StoredEntry, ReadError> {
    let leaf_hash = *leaf_hash(&bytes).as_bytes();
    let format_error = |source| ReadError::Entry { index, source };
    let entry = decode_entry(bytes).map_err(format_error)?;
    if entry.index == index {
        Ok(StoredEntry { entry, leaf_hash })
    } else {
        Err(format_error(EntryError::Field { field: "index" }))
    }
}
