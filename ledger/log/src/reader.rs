//! Reading committed entries, from any thread.

use std::sync::Arc;

use bytes::Bytes;
use sled::IVec;

use crate::{
    block::{Block, array},
    error::{Damage, ReadError, StorageError},
    recent::Whereabouts,
    shared::{Committed, Shared},
    store::StoreIter,
};

/// A handle for reading. Never shows anything beyond the committed size.
#[derive(Clone, Debug)]
pub struct Reader {
    pub(crate) shared: Arc<Shared>,
}

/// Blocks in order, from one index up to the size that was committed when the scan began.
pub struct Scan {
    shared: Arc<Shared>,
    stored: Option<StoreIter>,
    batch: std::vec::IntoIter<(IVec, IVec)>,
    /// Up to where `stored` was asked.
    filed: u64,
    next_index: u64,
    end: u64,
}

/// How many blocks are fetched at once: 256 KiB, far below sled's cache.
const BATCH_BLOCKS: usize = 64;

// === impl Reader ===

impl Reader {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// The number of committed entries.
    pub fn size(&self) -> u64 {
        self.committed().size
    }

    /// Size, root and cursor of one moment.
    pub fn committed(&self) -> Committed {
        self.shared.committed()
    }

    /// The entry at `index`, or `None` beyond the committed size. Shares the memory that holds it, copies nothing.
    ///
    /// # Errors
    ///
    /// [`ReadError`] if the entry is committed but cannot be served.
    pub fn read(&self, index: u64) -> Result<Option<Bytes>, ReadError> {
        if index >= self.size() {
            return Ok(None);
        }
        let block = match self.shared.recent.find(index) {
            Whereabouts::Recent(block) => Some(block),
            Whereabouts::Nowhere => None,
            Whereabouts::Filed(_) => {
                let stored = self.shared.store.block_at(index);
                let stored = stored.map_err(|source| ReadError::Storage { index, source })?;
                stored.map(|(key, value)| decode(index, &key, value)).transpose()?
            }
        };
        let entry = block.as_ref().and_then(|block| block.entry(index));
        let found = block.map_or(0, |block| block.end_index());
        entry.map(Some).ok_or(ReadError::Damaged {
            index,
            cause: Damage::Shorter {
                expected: self.size(),
                found,
            },
        })
    }

    /// The committed entries from `from` on, block by block. The first block begins exactly at `from`.
    ///
    /// The end is fixed now; call again for what is committed later.
    pub fn scan(&self, from: u64) -> Scan {
        self.scan_range(from, u64::MAX)
    }

    /// The committed entries in `from..to`, block by block.
    pub fn scan_range(&self, from: u64, to: u64) -> Scan {
        let end = self.size().min(to);
        Scan {
            shared: Arc::clone(&self.shared),
            stored: None,
            batch: Vec::new().into_iter(),
            filed: 0,
            next_index: from,
            end,
        }
    }
}

// === impl Scan ===

impl Scan {
    /// The first index this scan will not return.
    pub fn end(&self) -> u64 {
        self.end
    }

    fn step(&mut self) -> Result<Option<Block>, ReadError> {
        if self.next_index >= self.end {
            return Ok(None);
        }
        let Some(mut block) = self.fetch()? else {
            let cause = Damage::Shorter {
                expected: self.end,
                found: self.next_index,
            };
            return Err(ReadError::Damaged {
                index: self.next_index,
                cause,
            });
        };
        let covers = (block.first_index()..block.end_index()).contains(&self.next_index);
        if !covers {
            let cause = Damage::Gap {
                expected: self.next_index,
                found: block.first_index(),
            };
            return Err(ReadError::Damaged {
                index: self.next_index,
                cause,
            });
        }
        block.narrow(self.next_index, self.end);
        self.next_index = block.end_index();
        Ok(Some(block))
    }

    /// The next block: of sled, in batches, or one that is not filed yet.
    fn fetch(&mut self) -> Result<Option<Block>, ReadError> {
        if let Some((key, value)) = self.batch.next() {
            return decode(self.next_index, &key, value).map(Some);
        }
        if self.next_index >= self.filed {
            // sled never held it, when last asked.
            match self.shared.recent.find(self.next_index) {
                Whereabouts::Recent(block) => return Ok(Some(block)),
                Whereabouts::Nowhere => return Ok(None),
                Whereabouts::Filed(filed) => (self.filed, self.stored) = (filed, None),
            }
        }
        let next = self.fetch_stored().map_err(|source| ReadError::Storage {
            index: self.next_index,
            source,
        })?;
        next.map(|(key, value)| decode(self.next_index, &key, value))
            .transpose()
    }

    fn fetch_stored(&mut self) -> Result<Option<(IVec, IVec)>, StorageError> {
        let mut stored = if let Some(stored) = self.stored.take() {
            stored
        } else {
            // The block that holds `next_index` begins at or below it.
            let first = self.shared.store.block_at(self.next_index)?;
            let from = first
                .and_then(|(key, _)| array(&key, 0))
                .map_or(self.next_index, u64::from_be_bytes);
            let end = self.end.min(self.filed);
            self.shared.store.range(from, end.saturating_sub(1))?
        };
        self.batch = stored.next_batch(BATCH_BLOCKS)?.into_iter();
        self.stored = Some(stored);
        Ok(self.batch.next())
    }
}

impl Iterator for Scan {
    type Item = Result<Block, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.step().transpose();
        if matches!(next, Some(Err(_))) {
            // Nothing after a hole may be served.
            self.end = 0;
        }
        next
    }
}

impl std::fmt::Debug for Scan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scan")
            .field("next_index", &self.next_index)
            .field("end", &self.end)
            .finish_non_exhaustive()
    }
}

// === free functions ===

fn decode(index: u64, key: &IVec, value: IVec) -> Result<Block, ReadError> {
    let Ok(key) = <[u8; 8]>::try_from(&**key) else {
        return Err(ReadError::Damaged {
            index,
            cause: Damage::StrayKey { bytes: key.len() },
        });
    };
    let first_index = u64::from_be_bytes(key);
    Block::decode(first_index, value).map_err(|defect| ReadError::Damaged {
        index,
        cause: Damage::Block { first_index, defect },
    })
}
