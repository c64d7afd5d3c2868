//! Pages of entries, and entries as they come.

use std::sync::Arc;

use futures::Stream;
use keshi_core::lang::Lang;
use keshi_core::state::Since;
use keshi_door::{Call, Fault, Held};
use keshi_engine::{Engine, StoredEntry};
use keshi_proto::api;
use keshi_proto::api_convert::entry_to_api;
use tonic::Status;

use crate::Context;
use crate::error::Error;
use crate::page;
use crate::place::blocking;

/// Entries fetched at a time for one who watches.
const WATCHED_AT_ONCE: usize = 512;

/// Most bytes of entries in one answer to one who watches, who may be slow to read and is not alone.
const WATCHED_BYTES_MAX: usize = 128 * 1024;

/// One who watches.
pub(crate) struct Watcher {
    lang: Lang,
    _place: Held,
}

impl Watcher {
    /// The call itself ends, and its place is free again, once the stream begins.
    pub(crate) fn new(call: &Call, place: Held) -> Self {
        Self {
            lang: call.lang,
            _place: place,
        }
    }
}

/// Entries for the API as the ledger of `size` entries has them, as many as fit into so many bytes; at least one if there
/// is one.
pub(crate) fn fitting(engine: &Engine, size: u64, entries: &[StoredEntry], bytes_max: usize) -> Vec<api::Entry> {
    let since: Vec<Since> = engine.query_at(size, |at| {
        entries.iter().map(|stored| at.since(stored.entry.index)).collect()
    });
    let entries = entries
        .iter()
        .zip(since)
        .map(|(stored, since)| entry_to_api(&stored.entry, &stored.leaf_hash, since));
    page::fitting(entries, bytes_max)
}

/// The entries at these indices.
pub(crate) fn at(engine: &Engine, indices: &[u64]) -> Result<Vec<StoredEntry>, Error> {
    let mut entries = Vec::with_capacity(indices.len());
    for &index in indices {
        entries.extend(engine.entry(index)?);
    }
    Ok(entries)
}

/// Entries from `from` on, in batches, until the server shuts down or the caller goes.
pub(crate) fn watch(
    context: Arc<Context>,
    watcher: Watcher,
    from: u64,
) -> impl Stream<Item = Result<api::WatchEntriesResponse, Status>> + Send {
    async_stream::try_stream! {
        // All of it, with its place: naming a field alone would keep that field alone.
        let watcher = watcher;
        let mut heads = context.engine.heads();
        let shutdown = context.parts.shutdown.clone();
        let mut next = from;
        while !shutdown.is_cancelled() {
            let size = heads.borrow_and_update().size;
            if next >= size {
                tokio::select! {
                    changed = heads.changed() => if changed.is_err() { return },
                    () = shutdown.cancelled() => return,
                }
                continue;
            }
            let engine = context.engine.clone();
            let limit = usize::try_from(size - next).unwrap_or(usize::MAX).min(WATCHED_AT_ONCE);
            let read = blocking(move || engine.entries(next, limit).map(|entries| fitting(&engine, size, &entries, WATCHED_BYTES_MAX))).await;
            let entries = read.and_then(|read| Ok(read?)).map_err(|error| Fault::from(error).status(watcher.lang))?;
            next += entries.len() as u64;
            yield api::WatchEntriesResponse { entries, size };
        }
    }
}
