//! A store that other processes change: read again whenever it was, and changed in between their changes.
//!
//! One handle stays open, so that a change is seen also when the process has no others left. Whoever changes the store
//! holds its lock alone meanwhile, whoever reads it shares the lock; nobody keeps it.

use std::fs::{self, File, TryLockError};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{Loaded, Store, StoreError, create, disk, of_io, read_bytes};
use crate::files::{self, Spare};

/// A file that has its time stamp for less than this may change again without a new one, so it is read once more. Told by
/// the time that passes here: the stamp may be of a clock that was wrong.
const SETTLED_AFTER: Duration = Duration::from_secs(1);

/// A store that is followed.
#[derive(Debug)]
pub(crate) struct Followed {
    path: PathBuf,
    file: File,
    /// For a file that was put in the place of ours.
    spare: Spare,
    seen: Option<Seen>,
}

/// What was last read of the file.
#[derive(Debug)]
struct Seen {
    stamp: Stamp,
    /// Of the bytes: what is read once more and is the same need not be made sense of again.
    sum: u32,
    /// When this stamp was first seen.
    first: Instant,
    read: Instant,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    inode: u64,
    length: u64,
    modified: (i64, i64),
}

/// Makes an empty store at `path` if there is none, however many processes do so at once.
pub(crate) fn create_if_missing(path: &Path) -> Result<(), StoreError> {
    let io = |cause| of_io(path, cause);
    // Released when closed, also by a crash.
    let alone = File::open(files::parent(path)).map_err(io)?;
    alone.lock().map_err(io)?;
    if path.exists() { Ok(()) } else { create(path) }
}

/// Opens the store at `path` for one change, after the changes of others.
pub(crate) fn open_for_change(path: &Path) -> Result<(Store, Loaded), StoreError> {
    let io = |cause| of_io(path, cause);
    let file = files::open_in_place(path).map_err(io)?;
    file.lock().map_err(io)?;
    let (store, loaded) = Store::over(path, Arc::new(file))?;
    // It may have been replaced while we waited.
    store.check_in_place()?;
    Ok((store, loaded))
}

// === impl Followed ===

impl Followed {
    /// Opens the store at `path`, which must be there, and reads it.
    pub(crate) fn open(path: &Path) -> Result<(Self, Loaded), StoreError> {
        let io = |cause| of_io(path, cause);
        let mut followed = Self {
            file: File::open(path).map_err(io)?,
            spare: Spare::new(files::parent(path)),
            path: path.to_owned(),
            seen: None,
        };
        followed.file.lock_shared().map_err(io)?;
        let loaded = followed.read_locked()?.unwrap_or_default();
        Ok((followed, loaded))
    }

    /// What the store holds now, if it may have changed since it was last asked; `None` also while somebody changes it.
    pub(crate) fn look(&mut self) -> Result<Option<Loaded>, StoreError> {
        let io = |cause| of_io(&self.path, cause);
        let there = fs::metadata(&self.path).map_err(io)?;
        if self.seen.as_ref().is_some_and(|seen| seen.holds_for(Stamp::of(&there))) {
            return Ok(None);
        }
        if !files::is_in_place(&self.path, &self.file) {
            let path = &self.path;
            self.file = self.spare.open(|| File::open(path)).map_err(io)?;
        }
        match self.file.try_lock_shared() {
            Ok(()) => self.read_locked(),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(cause)) => Err(io(cause)),
        }
    }

    /// Forgets what was seen: the next look reads.
    pub(crate) fn forget(&mut self) {
        self.seen = None;
    }

    /// Reads the file, whose lock is shared, and gives the lock back; `None` if it is what was read last.
    fn read_locked(&mut self) -> Result<Option<Loaded>, StoreError> {
        let stamp = self.file.metadata();
        let bytes = disk::read_whole(&self.file);
        let unlocked = self.file.unlock();
        let read = stamp.and_then(|stamp| unlocked.and(bytes).map(|bytes| (stamp, bytes)));
        let (stamp, bytes) = read.map_err(|cause| of_io(&self.path, cause))?;
        let (stamp, sum, read) = (Stamp::of(&stamp), crc32fast::hash(&bytes), Instant::now());
        let before = self.seen.take().filter(|seen| seen.stamp == stamp);
        let is_same = before.as_ref().is_some_and(|seen| seen.sum == sum);
        let first = before.map_or(read, |seen| seen.first);
        self.seen = Some(Seen {
            stamp,
            sum,
            first,
            read,
        });
        if is_same {
            return Ok(None);
        }
        read_bytes(&self.path, bytes).map(Some)
    }
}

impl Seen {
    /// Whether a file with this stamp cannot have changed since it was read.
    fn holds_for(&self, stamp: Stamp) -> bool {
        self.stamp == stamp && self.read.duration_since(self.first) >= SETTLED_AFTER
    }
}

impl Stamp {
    fn of(metadata: &fs::Metadata) -> Self {
        Self {
            inode: metadata.ino(),
            length: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
        }
    }
}
