//! Dropping what a torn commit left behind.
//!
//! A commit may span several blocks, and a power cut may keep only the first of them. Entries beyond both `head` and
//! the last whole submission were never answered, and half a submission must not be seen. They are removed from the
//! end towards the beginning, so that another power cut in between leaves a shorter torn commit, never a hole.

use crate::{
    block::{Block, BlockBuilder},
    error::{OpenError, StorageError},
    place::Place,
    store::{Store, SyncError, damaged, open_error},
};

/// Cuts the stored blocks down to `size`. `blocks` are those that reach beyond it, ascending.
pub(crate) fn drop_torn_commit(place: &Place, store: &Store, size: u64, blocks: &[Block]) -> Result<(), OpenError> {
    let failed = |error: StorageError| match error {
        StorageError::Io(_) => open_error(place, error),
        other => damaged(place, size, crate::error::Damage::Storage(other)),
    };
    for block in blocks.iter().rev() {
        let mut kept = block.clone();
        kept.narrow(0, size);
        if kept.is_empty() {
            store.remove(block.first_index()).map_err(failed)?;
        } else if kept.len() < block.len() {
            store
                .insert(kept.first_index(), BlockBuilder::resume(&kept).encode())
                .map_err(failed)?;
        }
    }
    store.sync().map_err(|error| match error {
        SyncError::Flush(error) => failed(error),
        SyncError::Sync(error) => place.error("sync", &place.db(), error),
    })
}
