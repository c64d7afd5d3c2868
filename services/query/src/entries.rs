//! Pages of entries, and entries as they come.

use std::sync::Arc;

use futures::Stream;
use keshi_core::lang::Lang;
use keshi_core::state::Since;
use keshi_door::{Call, Fault, Held};
use keshi_engine::{Engine, StoredEntry};
use keshi_office::access::Caller;
use keshi_proto::api;
use keshi_proto::api_convert::entry_to_api;
use tonic::Status;

use crate::Context;
use crate::error::Error;
use crate::listing::{Filter, Noted};
use crate::page;
use crate::place::blocking;

/// Entries fetched at a time for one who watches.
const WATCHED_AT_ONCE: usize = 512;

/// Most bytes of entries in one answer to one who watches, who may be slow to read and is not alone.
const WATCHED_BYTES_MAX: usize = 128 * 1024;

/// One who watches.
pub(crate) struct Watcher {
    lang: Lang,
    caller: Caller,
    _place: Held,
}

impl Watcher {
    /// The call itself ends, and its place is free again, once the stream begins.
    pub(crate) fn new(call: &Call, place: Held) -> Self {
        Self {
            lang: call.lang,
            caller: call.caller.clone(),
            _place: place,
        }
    }
}

/// What one who watches wants to be told.
pub(crate) struct Watched {
    pub(crate) from: u64,
    pub(crate) filter: Filter,
    pub(crate) in_words: bool,
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

/// The entries that are wanted, in batches, until the server shuts down or the caller goes.
pub(crate) fn watch(
    context: Arc<Context>,
    watcher: Watcher,
    wanted: Watched,
) -> impl Stream<Item = Result<api::WatchEntriesResponse, Status>> + Send {
    async_stream::try_stream! {
        // All of it, with its place: naming a field alone would keep that field alone.
        let watcher = watcher;
        let mut heads = context.engine.heads();
        let shutdown = context.parts.shutdown.clone();
        let Watched { from: mut next, filter, in_words } = wanted;
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
            let wanted = filter.clone();
            let read = blocking(move || {
                engine.entries(next, limit).map(|found| {
                    let passed = found.last().map_or(next, |last| last.entry.index + 1);
                    let mut found = wanted.of(&engine, size, found);
                    let entries = fitting(&engine, size, &found, WATCHED_BYTES_MAX);
                    // Those that did not fit are read again.
                    let passed = found.get(entries.len()).map_or(passed, |left| left.entry.index);
                    found.truncate(entries.len());
                    (entries, found, passed)
                })
            })
            .await;
            let read = read.and_then(|read| Ok(read?));
            let (entries, found, passed) = read.map_err(|error| Fault::from(error).status(watcher.lang))?;
            next = passed;
            if entries.is_empty() {
                continue;
            }
            let words = if in_words {
                let words = context.in_words(&watcher.caller, Noted::Everybody, size, found, "").await;
                words.map_err(|error| Fault::from(error).status(watcher.lang))?
            } else {
                Vec::new()
            };
            yield api::WatchEntriesResponse { entries, size, words };
        }
    }
}
