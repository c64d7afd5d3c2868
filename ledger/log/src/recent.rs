//! Committed entries that sled does not hold yet, or not durably: in memory, for readers and for the filer.

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
};

use crate::{block::Block, journal::record::Batch};

/// The writer waits while this many bytes are not filed: sled has to keep up in the end.
const UNFILED_BYTES_MAX: usize = 32 * 1024 * 1024;

/// What was committed and not filed.
#[derive(Debug)]
pub(crate) struct Recent {
    inner: Mutex<Inner>,
    filed: Condvar,
}

#[derive(Debug)]
struct Inner {
    /// Number of entries that sled holds durably.
    filed: u64,
    batches: VecDeque<Batch>,
    bytes: usize,
    /// Why filing ended.
    failure: Option<String>,
}

/// Where an entry is to be looked for.
pub(crate) enum Whereabouts {
    /// In sled, which holds all below this size.
    Filed(u64),
    /// Here.
    Recent(Block),
    /// Beyond what was committed.
    Nowhere,
}

// === impl Recent ===

impl Recent {
    pub fn new(filed: u64) -> Self {
        let inner = Inner {
            filed,
            batches: VecDeque::new(),
            bytes: 0,
            failure: None,
        };
        Self {
            inner: Mutex::new(inner),
            filed: Condvar::new(),
        }
    }

    /// Adds what was committed.
    pub fn push(&self, batch: Batch) {
        let mut inner = self.lock();
        inner.bytes += batch.entries.len();
        inner.batches.push_back(batch);
    }

    /// Waits until there is room for more.
    ///
    /// # Errors
    ///
    /// Why filing ended, if it did.
    pub fn wait_for_room(&self) -> Result<(), String> {
        let mut inner = self.lock();
        while inner.failure.is_none() && inner.bytes > UNFILED_BYTES_MAX {
            inner = self.filed.wait(inner).unwrap_or_else(PoisonError::into_inner);
        }
        inner.failure.clone().map_or(Ok(()), Err)
    }

    /// sled holds all below `size` durably: what it holds is let go.
    pub fn advance(&self, size: u64) {
        let mut inner = self.lock();
        inner.filed = size;
        while let Some(first) = inner.batches.front()
            && first.end_index() <= size
        {
            inner.bytes -= first.entries.len();
            inner.batches.pop_front();
        }
        drop(inner);
        self.filed.notify_all();
    }

    /// Filing ended: nothing more can be let go.
    pub fn fail(&self, cause: String) {
        self.lock().failure.get_or_insert(cause);
        self.filed.notify_all();
    }

    /// Where the entry at `index` is, with all that follow it in its batch.
    pub fn find(&self, index: u64) -> Whereabouts {
        let inner = self.lock();
        if index < inner.filed {
            return Whereabouts::Filed(inner.filed);
        }
        let place = inner.batches.partition_point(|batch| batch.end_index() <= index);
        let Some(batch) = inner.batches.get(place) else {
            return Whereabouts::Nowhere;
        };
        let block = Block::of(batch);
        drop(inner);
        Whereabouts::Recent(block)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Each change is complete before anything can panic.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
