//! One pass over sled's blocks, on a thread of its own.
//!
//! For two reasons: the caller's replay shares the pass without waiting for sled and the hashing, and should a background
//! thread of sled die over a damaged file, its caller would wait for ever. The thread is then left behind; it only reads.

use std::{
    fs,
    path::Path,
    sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    thread,
    time::Duration,
};

use keshi_verify::Hash;

use crate::{
    block::Block,
    error::{BlockDefect, Damage, OpenError, StorageError},
    place::Place,
    store::{Store, damaged, open_error},
    survey::Survey,
    walk::Walk,
};

/// A pass over sled's blocks.
pub(crate) struct Scanned {
    pub store: Store,
    pub walk: Walk,
}

/// How far the caller has been handed blocks: the size, and the root there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Handed {
    pub size: u64,
    pub root: Hash,
}

/// What the scanning thread reports.
enum Report {
    /// sled has opened its files.
    Started,
    Verified(Vec<Block>, Hash),
    Ended(Box<Result<Scanned, OpenError>>),
}

/// Blocks per report: large enough to make the hand-over cheap, small enough to stay in the processor's cache.
const BATCH_BLOCKS: usize = 64;
/// Reports under way; with it at most 4 MiB of blocks wait for the caller.
const REPORTS: usize = 16;
/// The scan must report within this time, longer than any disk needs for a batch.
const STALL_LIMIT: Duration = Duration::from_secs(20);
/// sled opens its files in one call that reads some of them; allow for a slow disk.
const SLED_OPENS_BYTES_PER_SECOND: u64 = 4 * 1024 * 1024;

/// Opens sled's directory `blocks`, verifies every block and hands it on.
pub(crate) fn scan(
    place: &Place,
    survey: &Survey,
    blocks: &Path,
    on_block: &mut dyn FnMut(&Block),
    handed: &mut Handed,
) -> Result<Scanned, OpenError> {
    let bytes = fs::metadata(blocks.join("db")).map_or(0, |metadata| metadata.len());
    let mut limit = STALL_LIMIT + Duration::from_secs(bytes / SLED_OPENS_BYTES_PER_SECOND);
    let reports = start(place, survey, blocks)?;
    loop {
        match reports.recv_timeout(limit) {
            Ok(Report::Started) => limit = STALL_LIMIT,
            Ok(Report::Verified(verified, root)) => {
                for block in &verified {
                    on_block(block);
                    handed.size = block.end_index();
                }
                handed.root = root;
            }
            Ok(Report::Ended(scanned)) => return *scanned,
            Err(RecvTimeoutError::Timeout) => {
                return Err(damaged(place, handed.size, Damage::Stalled { waited: limit }));
            }
            Err(RecvTimeoutError::Disconnected) => {
                let message = "the opening thread ended early".to_owned();
                let cause = Damage::Storage(StorageError::Panicked { message });
                return Err(damaged(place, handed.size, cause));
            }
        }
    }
}

fn start(place: &Place, survey: &Survey, blocks: &Path) -> Result<Receiver<Report>, OpenError> {
    let (to, reports) = sync_channel(REPORTS);
    let walk = Walk::new(place, survey.witnesses.clone());
    let (own, blocks, end) = (place.clone(), blocks.to_path_buf(), survey.end);
    let scan = move || {
        let ended = scan_blocks(&own, &blocks, walk, end, &to);
        // The receiver is gone only if it gave up on us.
        let _gave_up = to.send(Report::Ended(Box::new(ended)));
    };
    let spawned = thread::Builder::new().name("keshi-log-open".to_owned()).spawn(scan);
    spawned.map_err(|source| OpenError::Io {
        doing: "start a thread to open",
        path: place.dir.clone(),
        source,
    })?;
    Ok(reports)
}

fn scan_blocks(
    place: &Place,
    blocks: &Path,
    mut walk: Walk,
    end: u64,
    to: &SyncSender<Report>,
) -> Result<Scanned, OpenError> {
    let store = Store::open(place, blocks, false)?;
    store.sync_opened(place, blocks)?;
    let _gave_up = to.send(Report::Started);
    let mut stored = store.all().map_err(|error| open_error(place, error))?;
    loop {
        let next_index = walk.tree.size();
        let batch = stored
            .next_batch(BATCH_BLOCKS)
            .map_err(|error| damaged(place, next_index, Damage::Storage(error)))?;
        if batch.is_empty() {
            return Ok(Scanned { store, walk });
        }
        let mut verified = Vec::with_capacity(batch.len());
        for (key, value) in batch {
            let next_index = walk.tree.size();
            let block = decode(place, next_index, &key, value)?;
            walk.take(&block)?;
            if walk.tree.size() > end {
                let (journal, found) = (end, walk.tree.size());
                return Err(damaged(place, end, Damage::Ahead { journal, found }));
            }
            verified.push(block);
        }
        if to.send(Report::Verified(verified, walk.tree.root())).is_err() {
            // Nobody waits any more: what was found so far is all that there is to say.
            return Ok(Scanned { store, walk });
        }
    }
}

fn decode(place: &Place, next_index: u64, key: &[u8], value: sled::IVec) -> Result<Block, OpenError> {
    let Ok(first_index) = <[u8; 8]>::try_from(key).map(u64::from_be_bytes) else {
        return Err(damaged(place, next_index, Damage::StrayKey { bytes: key.len() }));
    };
    Block::decode(first_index, value).map_err(|defect| match defect {
        BlockDefect::NewerFormat { found, known } => OpenError::NewerFormat {
            file: "a block",
            found,
            known,
        },
        defect => damaged(place, next_index, Damage::Block { first_index, defect }),
    })
}
