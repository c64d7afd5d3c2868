//! The boundary to sled: the only file that calls it for reading and writing blocks.
//!
//! Every call is wrapped so that a panic of sled becomes a [`StorageError`]. Choices, with their reasons:
//!
//! - No flusher thread (`flush_every_ms(None)`): durability is our explicit sync, and its periodic `fsync` and page
//!   cleaning would only add jitter. An append-only table leaves little to clean.
//! - `cache_capacity` is small: the writer touches the last leaf only, and readers of a whole log pass through once.
//!   Each shard of that cache looks at its capacity at every 64th access only, so a scan has to knock ([`LOOK_UPS`]).
//! - No compression: its `zstd` clashes with current ones.
//! - Only `insert`, `get_lt`, `range` and `contains_key`: batches and transactions take a process-wide lock, `len` counts
//!   every key, and `export` panics on a failed read. A key is inserted once and never again.
//! - `flush` only calls `sync_file_range`. So [`Store::sync`] follows it with `fdatasync` on a handle of its own,
//!   opened before sled wrote anything, so that no earlier write-back error can have been reported to somebody else.
//! - sled writes segments, and the header of each says up to where everything before it is on disk, which opening then
//!   believes. It says so after a `sync_file_range`. With two borders of segments between two of our syncs, a power cut
//!   could keep the second header and lose what it vouches for; sled then could not open. So segments are larger than
//!   all that sled can write between two syncs ([`SEGMENT_BYTES`], [`SYNC_EVERY_BYTES`]): the header of a segment speaks
//!   only of what was synced. The same distance makes it safe that sled overwrites segments it has moved out of.

use std::{
    fs::{self, File, OpenOptions},
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use sled::{Db, IVec};

use crate::{
    block::{MAX_BLOCK_BYTES, key},
    error::{Damage, OpenError, StorageError},
    place::{Place, is_unlinked},
    snapshot,
};

/// How many bytes of blocks may be handed to sled between two syncs.
///
/// sled turns a byte of blocks into up to five: each block is written alone and again with every page it is part of.
pub(crate) const SYNC_EVERY_BYTES: usize = 256 * 1024;

/// sled's unit of writing. Fixed when a directory is created: sled refuses to open it with another.
pub(crate) const SEGMENT_BYTES: usize = 2 * 1024 * 1024;
const _: () = assert!(
    SYNC_EVERY_BYTES * 6 < SEGMENT_BYTES,
    "two syncs must lie closer than two segments' borders"
);

/// How long sled may take to close, and how often to look.
const CLOSING_LIMIT: Duration = Duration::from_secs(5);
const CLOSING_POLL: Duration = Duration::from_millis(2);

const CACHE_BYTES: u64 = 32 * 1024 * 1024;

/// How often each scanned block is looked up once more, so that sled lets go of what was scanned before.
///
/// A scan touches a leaf once, and a shard of sled's cache evicts at every 64th access only: up to 64 leaves in each of
/// 256 shards, half a gigabyte, would stay. With nine blocks a leaf, two look-ups leave four.
const LOOK_UPS: usize = 2;

/// The open block table.
#[derive(Debug)]
pub(crate) struct Store {
    /// Taken only by `drop`, which has to catch what sled throws while closing.
    db: Option<Db>,
    db_file: File,
    blobs: BlobGuard,
}

/// A cursor over the stored blocks, ascending.
pub(crate) struct StoreIter {
    blocks: sled::Iter,
    tree: sled::Tree,
}

/// How a sync failed.
#[derive(Debug)]
pub(crate) enum SyncError {
    Flush(StorageError),
    Sync(io::Error),
}

/// Watches sled's directory for oversized values.
#[derive(Debug)]
struct BlobGuard {
    path: PathBuf,
    dir: File,
    changed: (i64, i64),
}

// === impl Store ===

impl Store {
    /// Opens sled's directory `blocks`, or creates it if `create`.
    ///
    /// sled repairs what it takes for a torn tail, so this may write.
    pub fn open(place: &Place, blocks: &Path, create: bool) -> Result<Self, OpenError> {
        let (db, blobs) = (blocks.join("db"), blocks.join("blobs"));
        if create {
            fs::create_dir_all(&blobs).map_err(|error| place.error("create", &blobs, error))?;
        } else if blocks.exists() && !blobs.exists() {
            fs::create_dir(&blobs).map_err(|error| place.error("create", &blobs, error))?;
        }
        let db_file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(create)
            .truncate(false)
            .open(&db);
        let db_file = db_file.map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => damaged(place, 0, Damage::FileMissing { file: "blocks/db" }),
            _ => place.error("open", &db, error),
        })?;
        snapshot::remove_unfinished(blocks).map_err(|error| place.error("clean", blocks, error))?;
        let config = sled::Config::new()
            .path(blocks)
            .cache_capacity(CACHE_BYTES)
            .segment_size(SEGMENT_BYTES)
            .flush_every_ms(None);
        let opened = open_sled(place, &config)?;
        let watched = BlobGuard::watch(&blobs).map_err(|error| place.error("watch", &blobs, error))?;
        let store = Self {
            db: Some(opened),
            db_file,
            blobs: watched,
        };
        match count_files(&blobs) {
            Ok(0) => Ok(store),
            Ok(count) => Err(damaged(place, 0, Damage::Blobs { count })),
            Err(error) => Err(place.error("list", &blobs, error)),
        }
    }

    /// Makes durable what sled wrote while opening: recovered tails, snapshots, its settings.
    pub fn sync_opened(&self, place: &Place, blocks: &Path) -> Result<(), OpenError> {
        self.sync().map_err(|error| match error {
            SyncError::Flush(error) => open_error(place, error),
            SyncError::Sync(error) => place.error("sync", &blocks.join("db"), error),
        })?;
        let conf = blocks.join("conf");
        File::open(&conf)
            .and_then(|file| file.sync_all())
            .map_err(|error| place.error("sync", &conf, error))?;
        place.sync_dir(&blocks.join("blobs"))?;
        place.sync_dir(blocks)?;
        place.sync_dir(&place.dir)
    }

    /// Hands a block to sled. It is durable only after [`Self::sync`].
    pub fn insert(&self, first_index: u64, value: &[u8]) -> Result<(), StorageError> {
        if value.len() > MAX_BLOCK_BYTES {
            let message = format!(
                "a block of {} bytes was refused, at most {MAX_BLOCK_BYTES} fit",
                value.len()
            );
            return Err(StorageError::Sled { message });
        }
        let db = self.db()?;
        guarded(|| db.insert(key(first_index), value)).map(drop)
    }

    /// Makes all inserts so far durable.
    pub fn sync(&self) -> Result<(), SyncError> {
        let db = self.db().map_err(SyncError::Flush)?;
        guarded(|| db.flush()).map_err(SyncError::Flush)?;
        self.db_file.sync_data().map_err(SyncError::Sync)
    }

    /// The number of files in `blobs`; 0 costs one `fstat`.
    pub fn blobs(&self) -> usize {
        if self.blobs.unchanged() {
            0
        } else {
            count_files(&self.blobs.path).unwrap_or(usize::MAX)
        }
    }

    /// Whether sled's file was removed under our hands.
    pub fn is_unlinked(&self) -> io::Result<bool> {
        is_unlinked(&self.db_file)
    }

    /// The stored block that would hold `index`: the last one that begins at or below it.
    pub fn block_at(&self, index: u64) -> Result<Option<(IVec, IVec)>, StorageError> {
        let db = self.db()?;
        // `get_lt` wants a key above; one byte more than the key itself is the smallest such key.
        let above: Vec<u8> = key(index).into_iter().chain([0]).collect();
        guarded(|| db.get_lt(above))
    }

    /// The stored blocks whose keys lie in `from..=to`.
    pub fn range(&self, from: u64, to: u64) -> Result<StoreIter, StorageError> {
        let db = self.db()?;
        guarded(|| Ok(StoreIter::new(db, db.range(key(from)..=key(to)))))
    }

    /// All stored keys and values, also such as should not be there.
    pub fn all(&self) -> Result<StoreIter, StorageError> {
        let db = self.db()?;
        guarded(|| Ok(StoreIter::new(db, db.iter())))
    }

    fn db(&self) -> Result<&Db, StorageError> {
        self.db.as_ref().ok_or_else(|| StorageError::Sled {
            message: "the block table is closed".to_owned(),
        })
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        let db = self.db.take();
        // Closing flushes and syncs once more, and sled panics if that fails. Nothing unanswered is lost by it.
        if catch_unwind(AssertUnwindSafe(move || drop(db))).is_err() {
            // The panic's message has been printed by the hook; what is durable was decided by `sync`.
        }
    }
}

// === impl StoreIter ===

impl StoreIter {
    fn new(db: &Db, blocks: sled::Iter) -> Self {
        let tree = (**db).clone();
        Self { blocks, tree }
    }

    /// Up to `limit` further blocks; fewer only at the end.
    pub fn next_batch(&mut self, limit: usize) -> Result<Vec<(IVec, IVec)>, StorageError> {
        guarded(|| {
            let batch = self.blocks.by_ref().take(limit).collect::<sled::Result<Vec<_>>>()?;
            for (key, _) in batch.iter().flat_map(|block| [block; LOOK_UPS]) {
                // Housekeeping: what could not be read was said above.
                let _found = self.tree.contains_key(key);
            }
            Ok(batch)
        })
    }
}

// === impl BlobGuard ===

impl BlobGuard {
    fn watch(blobs: &Path) -> io::Result<Self> {
        let dir = File::open(blobs)?;
        let changed = changed(&dir)?;
        let path = blobs.to_path_buf();
        Ok(Self { path, dir, changed })
    }

    fn unchanged(&self) -> bool {
        changed(&self.dir).is_ok_and(|now| now == self.changed)
    }
}

// === free functions ===

/// Opens sled, and waits for one that is still closing.
///
/// Nobody else can have it open, since we hold the log's own lock. But a background thread of sled may hold the last
/// reference to one that this process just dropped, and closes it in its own time.
fn open_sled(place: &Place, config: &sled::Config) -> Result<Db, OpenError> {
    let begun = Instant::now();
    loop {
        match guarded(|| config.open()).map_err(|error| open_error(place, error)) {
            Err(OpenError::InUse { .. }) if begun.elapsed() < CLOSING_LIMIT => thread::sleep(CLOSING_POLL),
            opened => return opened,
        }
    }
}

/// Waits until nobody has sled's file open. sled locks it, and closes it in its own time.
pub(crate) fn await_closed(place: &Place) -> Result<(), OpenError> {
    let db = match File::open(place.db()) {
        Ok(db) => db,
        // Whoever needs it says so.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(place.error("open", &place.db(), error)),
    };
    let begun = Instant::now();
    while db.try_lock().is_err() {
        if begun.elapsed() > CLOSING_LIMIT {
            return Err(OpenError::InUse { dir: place.dir.clone() });
        }
        thread::sleep(CLOSING_POLL);
    }
    Ok(())
}

/// An [`OpenError::Damaged`].
pub(crate) fn damaged(place: &Place, first_missing_index: u64, cause: Damage) -> OpenError {
    OpenError::Damaged {
        dir: place.dir.clone(),
        first_missing_index,
        cause,
    }
}

/// Sorts a failure of sled while opening. What sled cannot read, we cannot serve.
pub(crate) fn open_error(place: &Place, error: StorageError) -> OpenError {
    use io::ErrorKind::{FileTooLarge, PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull};
    match error.into_io() {
        Ok(error) if error.to_string().contains("could not acquire lock") => {
            OpenError::InUse { dir: place.dir.clone() }
        }
        Ok(error) => match error.kind() {
            StorageFull | QuotaExceeded | FileTooLarge | PermissionDenied | ReadOnlyFilesystem => {
                place.error("open", &place.blocks(), error)
            }
            _ => damaged(place, 0, Damage::Storage(StorageError::Io(error))),
        },
        Err(error) => damaged(place, 0, Damage::Storage(error)),
    }
}

/// Runs one call into sled and turns its panic into an error.
fn guarded<T>(call: impl FnOnce() -> sled::Result<T>) -> Result<T, StorageError> {
    // Sound to assert: after a panic the table is only dropped, or read through sled's own consistency checks.
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(result) => result.map_err(StorageError::from),
        Err(payload) => {
            let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
            let message = text.or_else(|| payload.downcast_ref::<String>().cloned());
            Err(StorageError::Panicked {
                message: message.unwrap_or_else(|| "no message".to_owned()),
            })
        }
    }
}

fn changed(dir: &File) -> io::Result<(i64, i64)> {
    use std::os::unix::fs::MetadataExt;
    let metadata = dir.metadata()?;
    Ok((metadata.mtime(), metadata.mtime_nsec()))
}

fn count_files(dir: &Path) -> io::Result<usize> {
    Ok(fs::read_dir(dir)?.count())
}
