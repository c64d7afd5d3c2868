//! What a followed store holds, read once and kept in memory; changed on disk first.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use parking_lot::{Mutex, RwLock, RwLockReadGuard};
use tracing::{error, info};

use super::follow::{Followed, create_if_missing, open_for_change};
use super::{Loaded, StoreError};

/// How often the store is looked at: what another process changed holds here after this time, and a call pays for one
/// `stat` in many.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Records to put, or with `None` to remove.
pub(crate) type Changes = Vec<(String, Option<Vec<u8>>)>;

/// What is made of a store's records.
pub(crate) trait Content: Sized {
    /// What the store holds, for the program's log.
    const WHAT: &'static str;

    /// Reads the records. One that makes no sense is kept apart, and lets nobody in.
    fn of(loaded: &Loaded) -> Self;

    /// Whether both were made of the same records.
    fn is_same(&self, other: &Self) -> bool;

    /// The keys of the records that cannot be read.
    fn unreadable(&self) -> &BTreeSet<String>;
}

/// The content of one store. Share it between threads behind an `Arc`.
#[derive(Debug)]
pub(crate) struct Kept<T> {
    path: PathBuf,
    content: RwLock<T>,
    opened: Instant,
    /// Milliseconds after `opened` at which the store is to be looked at again.
    look_at_ms: AtomicU64,
    watch: Mutex<Watch>,
}

#[derive(Debug)]
struct Watch {
    store: Followed,
    /// Whether the last look failed, which was reported.
    is_unreadable: bool,
}

impl<T: Content> Kept<T> {
    /// Opens the store at `path` and reads it. Records that are damaged are reported.
    pub(crate) fn open(path: PathBuf) -> Result<Self, StoreError> {
        let (store, loaded) = Followed::open(&path)?;
        let content = T::of(&loaded);
        let kept = Self {
            content: RwLock::new(content),
            opened: Instant::now(),
            look_at_ms: AtomicU64::new(0),
            watch: Mutex::new(Watch {
                store,
                is_unreadable: false,
            }),
            path,
        };
        kept.report(&kept.content.read());
        Ok(kept)
    }

    /// Opens the store at `path`, and makes an empty one (mode 0600) if there is none.
    pub(crate) fn open_or_create(path: PathBuf) -> Result<Self, StoreError> {
        create_if_missing(&path)?;
        Self::open(path)
    }

    /// Where the store lies.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// What is in force, after a look at the store if it is time for one.
    pub(crate) fn read(&self) -> RwLockReadGuard<'_, T> {
        self.look();
        self.content.read()
    }

    /// Looks at the store now, whenever it was looked at last.
    pub(crate) fn refresh(&self) {
        self.follow(&mut self.watch.lock());
    }

    /// Changes the store on disk and then in memory. Starts from the disk, not from memory: another process may have changed
    /// it, and none changes it meanwhile. After an error of the disk the change may or may not have been made.
    pub(crate) fn change<R, E: From<StoreError>>(
        &self,
        edit: impl FnOnce(&T) -> Result<(R, Changes), E>,
    ) -> Result<R, E> {
        let mut watch = self.watch.lock();
        // Seen or not, the next look compares with the disk.
        watch.store.forget();
        let (store, mut loaded) = open_for_change(&self.path)?;
        let before = T::of(&loaded);
        let (result, changes) = edit(&before)?;
        if !changes.is_empty() {
            let records: Vec<_> = changes
                .iter()
                .map(|(key, bytes)| (key.as_str(), bytes.as_deref()))
                .collect();
            store.write(&records)?;
        }
        drop(store);
        for (key, bytes) in changes {
            loaded.damaged.remove(&key);
            match bytes {
                Some(bytes) => drop(loaded.records.insert(key, bytes)),
                None => drop(loaded.records.remove(&key)),
            }
        }
        // Read again here, where there is time, so that no call has to; somebody else may have changed it already.
        let content = match watch.store.look() {
            Ok(Some(now)) => T::of(&now),
            Ok(None) | Err(_) => T::of(&loaded),
        };
        self.put_in_force(content);
        Ok(result)
    }

    /// Follows the store if it is time to. One thread does; the others go on with what is in force.
    fn look(&self) {
        let now_ms = u64::try_from(self.opened.elapsed().as_millis()).unwrap_or(u64::MAX);
        if now_ms < self.look_at_ms.load(Ordering::Relaxed) {
            return;
        }
        if let Some(mut watch) = self.watch.try_lock() {
            self.follow(&mut watch);
            let every_ms = u64::try_from(LOOK_EVERY.as_millis()).unwrap_or(u64::MAX);
            self.look_at_ms
                .store(now_ms.saturating_add(every_ms), Ordering::Relaxed);
        }
    }

    /// What is read takes the place of what is in force. What cannot be read as a whole does not.
    fn follow(&self, watch: &mut Watch) {
        match watch.store.look() {
            Ok(None) => {}
            Ok(Some(loaded)) => {
                watch.is_unreadable = false;
                let content = T::of(&loaded);
                let is_same = content.is_same(&self.content.read());
                if !is_same {
                    info!(path = %self.path.display(), "{} read again", T::WHAT);
                    self.put_in_force(content);
                }
            }
            Err(cause) => {
                if !std::mem::replace(&mut watch.is_unreadable, true) {
                    error!(%cause, "{} not readable, those last read stay in force", T::WHAT);
                }
            }
        }
    }

    fn put_in_force(&self, content: T) {
        self.report(&content);
        *self.content.write() = content;
    }

    fn report(&self, content: &T) {
        for key in content.unreadable() {
            error!(path = %self.path.display(), %key, "a record of the {} is damaged, it lets nobody in", T::WHAT);
        }
    }
}
