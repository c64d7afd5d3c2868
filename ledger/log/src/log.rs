//! The writer's handle.

use std::{
    error::Error,
    fs::{self, File},
    path::Path,
    sync::{Arc, PoisonError, RwLock},
};

use crate::{
    block::{Block, BlockBuilder, MAX_ENTRY_BYTES},
    copy,
    error::{AppendError, CommitError, Damage, OpenError, StorageError, is_full},
    head::{self, HeadFile, Identity, MAX_OFFICE_BYTES},
    merkle::{Hash, MerkleStack, leaf_hash},
    open::{Opened, open, size_hint},
    place::Place,
    reader::Reader,
    staged::Staged,
    store::{SYNC_EVERY_BYTES, Store, SyncError, damaged},
};

/// What is durable: a prefix of the log that consists of whole submissions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Committed {
    /// The number of entries.
    pub size: u64,
    /// The RFC 6962 root over them.
    pub root: Hash,
    /// The caller's position that contains exactly these entries.
    pub cursor: u64,
}

/// An open log: its only writer.
///
/// Dropping it without a commit loses what was staged. The directory stays locked until the log and all its
/// [`Reader`]s are dropped.
#[derive(Debug)]
pub struct Log {
    shared: Arc<Shared>,
    head: HeadFile,
    tail: BlockBuilder,
    staged: Staged,
    /// Over the committed entries.
    tree: MerkleStack,
    decide_version: u32,
    highest_decide_version: u32,
    poison: Option<String>,
}

/// What the writer and its readers have in common.
#[derive(Debug)]
pub(crate) struct Shared {
    pub store: Store,
    pub place: Place,
    pub committed: RwLock<Committed>,
    /// The tree at every multiple of [`TREE_EVERY`], from the first on, so that old roots are near.
    pub trees: RwLock<Vec<MerkleStack>>,
    /// Held, not read: closing it unlocks the directory.
    _lock: File,
}

/// What a commit under way has yet to sync.
#[derive(Default)]
struct Unsynced {
    /// Entries in the tail block since it was last handed to sled.
    tail_entries: usize,
    /// Entries handed to sled.
    entries: usize,
    /// Bytes handed to sled.
    bytes: usize,
}

/// Distance in entries between kept trees: 2 KiB of memory each, and a root in between costs some 10 ms.
pub(crate) const TREE_EVERY: u64 = 65_536;

// === impl Log ===

impl Log {
    /// Creates an empty log in `dir`, which may not exist yet, and opens it.
    ///
    /// When this returns, the empty log survives a power cut. A creation that was cut short can be repeated.
    ///
    /// # Errors
    ///
    /// [`OpenError::AlreadyExists`] if `dir` holds anything else, [`OpenError::BadOffice`], or what [`Log::open`] says.
    pub fn create(dir: impl AsRef<Path>, identity: &Identity) -> Result<Self, OpenError> {
        let place = Place::new(dir.as_ref());
        let office = identity.office.clone();
        if office.is_empty() || office.len() > MAX_OFFICE_BYTES {
            return Err(OpenError::BadOffice {
                office,
                max: MAX_OFFICE_BYTES,
            });
        }
        fs::create_dir_all(&place.dir).map_err(|error| place.error("create", &place.dir, error))?;
        place.require_local()?;
        let lock = place.lock()?;
        begin_creation(&place, identity)?;
        Store::open(&place, true)?.sync_opened(&place)?;
        end_creation(&place)?;
        drop(lock);
        Self::open(&place.dir)
    }

    /// Opens and verifies the log in `dir`.
    ///
    /// Reads every block once. Drops what a torn commit left behind beyond the last whole submission; nothing that was
    /// ever answered is in there.
    ///
    /// # Errors
    ///
    /// [`OpenError::Damaged`] if anything that was answered is not there byte for byte: stop with exit code 4. The
    /// other variants say what stands in the way.
    pub fn open(dir: impl AsRef<Path>) -> Result<Self, OpenError> {
        Self::open_with(dir, |_| ())
    }

    /// Like [`Log::open`], and hands every verified block to `on_block` on the way, in order and without gaps.
    ///
    /// Together the blocks hold exactly the entries below [`Log::size`]. Reading and hashing run on a thread of their
    /// own, `on_block` on this one. Should the opening fail in the end, forget what was built from the blocks: they
    /// passed their checksums, but the whole is not what was answered.
    ///
    /// # Errors
    ///
    /// As [`Log::open`].
    pub fn open_with(dir: impl AsRef<Path>, mut on_block: impl FnMut(&Block)) -> Result<Self, OpenError> {
        open(&Place::new(dir.as_ref()), &mut on_block).map(Self::assemble)
    }

    /// How many entries the log in `dir` answers for, from a look at its `head` alone; 0 if that cannot be read.
    ///
    /// Good for making room before opening, which alone verifies that they are there. There may be more.
    pub fn size_hint(dir: impl AsRef<Path>) -> u64 {
        size_hint(&Place::new(dir.as_ref()))
    }

    /// Opens the log in `dir`, or creates it if there is none.
    ///
    /// # Errors
    ///
    /// [`OpenError::OtherOffice`] if the log there is another office's; the ledger id is only used for creating.
    /// Otherwise as [`Log::open`] and [`Log::create`].
    pub fn open_or_create(dir: impl AsRef<Path>, identity: &Identity) -> Result<Self, OpenError> {
        match Self::open(&dir) {
            Err(OpenError::NotFound { .. }) => Self::create(dir, identity),
            Ok(log) if log.identity().office != identity.office => Err(OpenError::OtherOffice {
                dir: dir.as_ref().to_path_buf(),
                found: log.identity().office.clone(),
                expected: identity.office.clone(),
            }),
            other => other,
        }
    }

    /// Copies the log in `dir` into the empty or missing directory `scratch` and opens the copy.
    ///
    /// Nothing in `dir` is written, so this is how to look at a damaged log without letting sled repair it away.
    /// Delete `scratch` when done.
    ///
    /// # Errors
    ///
    /// [`OpenError::InUse`] if the log is open: a moving directory cannot be copied. Otherwise as [`Log::open`].
    pub fn open_copy(dir: impl AsRef<Path>, scratch: impl AsRef<Path>) -> Result<Self, OpenError> {
        copy::copy(&Place::new(dir.as_ref()), &Place::new(scratch.as_ref()))?;
        Self::open(scratch)
    }

    /// The number of committed entries.
    pub fn size(&self) -> u64 {
        self.committed().size
    }

    /// The root over the committed entries.
    pub fn root(&self) -> Hash {
        self.committed().root
    }

    /// The cursor of the committed entries; 0 before the first commit.
    pub fn cursor(&self) -> u64 {
        self.committed().cursor
    }

    /// Size, root and cursor of one moment.
    pub fn committed(&self) -> Committed {
        self.shared.committed()
    }

    /// Whose log this is.
    pub fn identity(&self) -> &Identity {
        &self.head.latest().identity
    }

    /// The index the next appended entry gets: committed and staged entries together.
    pub fn next_index(&self) -> u64 {
        self.staged.next_index()
    }

    /// A handle for reading, valid as long as anybody holds it.
    pub fn reader(&self) -> Reader {
        Reader::new(Arc::clone(&self.shared))
    }

    /// The highest version of the caller's deciding code in any block; 0 in an empty log.
    pub fn highest_decide_version(&self) -> u32 {
        self.highest_decide_version
    }

    /// Sets the version that blocks written from now on carry. Initially [`Log::highest_decide_version`].
    ///
    /// A block never mixes versions: a change starts a new one.
    pub fn set_decide_version(&mut self, version: u32) {
        self.decide_version = version;
    }

    /// Stages one entry and returns its index. Nothing is durable before [`Log::commit`].
    ///
    /// # Errors
    ///
    /// [`AppendError::TooLong`] beyond [`MAX_ENTRY_BYTES`], [`AppendError::Poisoned`] after a failed commit.
    pub fn append(&mut self, entry: &[u8]) -> Result<u64, AppendError> {
        if let Some(reason) = &self.poison {
            return Err(AppendError::Poisoned { reason: reason.clone() });
        }
        if entry.len() > MAX_ENTRY_BYTES {
            return Err(AppendError::TooLong {
                bytes: entry.len(),
                max: MAX_ENTRY_BYTES,
            });
        }
        Ok(self.staged.append(entry))
    }

    /// Declares all entries staged so far whole submissions, contained in `cursor`.
    ///
    /// Also right when a submission added no entry: the next commit then moves the cursor alone.
    pub fn seal(&mut self, cursor: u64) {
        self.staged.seal(cursor);
    }

    /// Forgets the entries staged since the last [`Log::seal`].
    pub fn discard_unsealed(&mut self) {
        self.staged.discard_unsealed();
    }

    /// Makes all sealed entries durable and visible to readers. Entries not sealed stay staged.
    ///
    /// When this returns `Ok`, blocks and then `head` are on disk, and the entries survive a power cut. With nothing
    /// new sealed it returns at once.
    ///
    /// # Errors
    ///
    /// Any error leaves open whether the entries became durable, and poisons the log: every later `append` and `commit`
    /// refuses until the log is opened again.
    pub fn commit(&mut self) -> Result<Committed, CommitError> {
        if let Some(reason) = &self.poison {
            return Err(CommitError::Poisoned { reason: reason.clone() });
        }
        self.try_commit()
            .inspect_err(|error| self.poison = Some(with_causes(error)))
    }

    fn try_commit(&mut self) -> Result<Committed, CommitError> {
        let before = self.committed();
        let Some(seal) = self.staged.last_seal() else {
            return Ok(before);
        };
        if seal.size > before.size {
            self.write_blocks()?;
        }
        let now = Committed {
            size: seal.size,
            root: self.tree.root(),
            cursor: seal.cursor,
        };
        if now != before {
            self.head
                .advance(now.size, now.root, now.cursor)
                .map_err(|source| sync_failed("head", source))?;
            self.shared.publish(now, &self.tree);
        }
        self.staged.committed();
        Ok(now)
    }

    /// Packs the sealed entries into blocks, from the tail block on, and makes them durable. Hashes them meanwhile.
    fn write_blocks(&mut self) -> Result<(), CommitError> {
        let mut unsynced = Unsynced::default();
        let mut hashing = self.staged.sealed_entries();
        let mut hash = |entries| {
            for entry in hashing.by_ref().take(entries) {
                self.tree.push(leaf_hash(entry));
            }
        };
        let mut seals = self.staged.seals().iter().peekable();
        let (shared, tail) = (&*self.shared, &mut self.tail);
        for entry in self.staged.sealed_entries() {
            let other_version = tail.header.decide_version != self.decide_version && !tail.is_empty();
            if other_version || !tail.takes(entry.len()) {
                unsynced.write(&shared.store, tail)?;
                *tail = BlockBuilder::new(tail.end_index(), self.decide_version, tail.header.cursor);
                if unsynced.bytes >= SYNC_EVERY_BYTES {
                    unsynced.sync(shared, &mut hash)?;
                }
            }
            tail.header.decide_version = self.decide_version;
            tail.push(entry);
            unsynced.tail_entries += 1;
            while let Some(seal) = seals.next_if(|seal| seal.size <= tail.end_index()) {
                if seal.size == tail.end_index() {
                    tail.complete(seal.cursor);
                }
            }
        }
        unsynced.write(&shared.store, tail)?;
        unsynced.sync(shared, &mut hash)?;
        self.highest_decide_version = self.highest_decide_version.max(self.decide_version);
        Ok(())
    }

    fn assemble(opened: Opened) -> Self {
        let shared = Shared {
            store: opened.store,
            place: opened.place,
            committed: RwLock::new(opened.committed),
            trees: RwLock::new(opened.trees),
            _lock: opened.lock,
        };
        Self {
            shared: Arc::new(shared),
            head: opened.head,
            tail: opened.tail,
            staged: Staged::new(opened.committed.size),
            tree: opened.tree,
            decide_version: opened.highest_decide_version,
            highest_decide_version: opened.highest_decide_version,
            poison: None,
        }
    }
}

// === impl Shared ===

impl Shared {
    pub fn committed(&self) -> Committed {
        // The value is plain data, written in one assignment: a panicking holder cannot have left half of it.
        *self.committed.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn publish(&self, now: Committed, tree: &MerkleStack) {
        let before = self.committed();
        // Only a tree at an exact multiple can be kept. Commits rarely end on one, so keep the first tree at or after
        // each: `Reader::root_at` starts from the nearest one below what it is asked for.
        if before.size / TREE_EVERY != now.size / TREE_EVERY {
            self.trees
                .write()
                .unwrap_or_else(PoisonError::into_inner)
                .push(tree.clone());
        }
        *self.committed.write().unwrap_or_else(PoisonError::into_inner) = now;
    }
}

// === impl Unsynced ===

impl Unsynced {
    /// Hands the tail block to sled, if anything was added to it.
    fn write(&mut self, store: &Store, tail: &mut BlockBuilder) -> Result<(), CommitError> {
        if self.tail_entries > 0 {
            let first_index = tail.first_index;
            let value = tail.encode();
            store.insert(first_index, value).map_err(blocks_failed)?;
            self.bytes += value.len();
            self.entries += std::mem::take(&mut self.tail_entries);
        }
        Ok(())
    }

    /// Makes durable what was handed to sled, and has it hashed meanwhile.
    fn sync(&mut self, shared: &Shared, hash: &mut impl FnMut(usize)) -> Result<(), CommitError> {
        let done = std::mem::take(self);
        shared
            .store
            .sync_while(done.bytes, || hash(done.entries))
            .map_err(|error| match error {
                SyncError::Flush(error) => blocks_failed(error),
                SyncError::Sync(source) => sync_failed("blocks/db", source),
            })?;
        match shared.store.blobs(&shared.place) {
            0 => Ok(()),
            count => Err(CommitError::Blobs { count }),
        }
    }
}

// === free functions ===

/// Leaves a mark that a creation is under way, and clears away what an earlier one that was cut short left behind.
///
/// The mark is the new `head` under another name. It is durable before anything else is made and renamed last: where
/// there is a `head`, there is a log.
fn begin_creation(place: &Place, identity: &Identity) -> Result<(), OpenError> {
    let list = fs::read_dir(&place.dir).map_err(|error| place.error("list", &place.dir, error))?;
    for file in list {
        let name = file
            .map_err(|error| place.error("list", &place.dir, error))?
            .file_name();
        if !["lock", "blocks", "head.new"].iter().any(|leftover| name == *leftover) {
            return Err(OpenError::AlreadyExists { dir: place.dir.clone() });
        }
    }
    let (new_head, blocks) = (place.new_head(), place.blocks());
    if blocks.exists() {
        if !head::is_creation_mark(place) {
            return Err(damaged(place, 0, Damage::Head));
        }
        fs::remove_dir_all(&blocks).map_err(|error| place.error("clear", &blocks, error))?;
    }
    fs::write(&new_head, HeadFile::initial(identity))
        .and_then(|()| File::open(&new_head)?.sync_all())
        .map_err(|error| place.error("write", &new_head, error))?;
    place.sync_dir(&place.dir)?;
    place.sync_parent()
}

fn end_creation(place: &Place) -> Result<(), OpenError> {
    let head = place.head();
    fs::rename(place.new_head(), &head).map_err(|error| place.error("rename", &head, error))?;
    place.sync_dir(&place.dir)
}

fn blocks_failed(error: StorageError) -> CommitError {
    match error.into_io() {
        Ok(error) if is_full(&error) => CommitError::DiskFull(error),
        Ok(error) => CommitError::Blocks(StorageError::Io(error)),
        Err(error) => CommitError::Blocks(error),
    }
}

fn sync_failed(file: &'static str, source: std::io::Error) -> CommitError {
    if is_full(&source) {
        CommitError::DiskFull(source)
    } else {
        CommitError::Sync { file, source }
    }
}

fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        text = format!("{text}: {next}");
        cause = next.source();
    }
    text
}
