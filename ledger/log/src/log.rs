//! The writer's handle.

use std::{error::Error, fs::File, io, path::Path, sync::Arc, thread};

use bytes::Bytes;

use keshi_verify::{Hash, Identity, MerkleStack, leaf_hash};

use crate::{
    block::{Block, MAX_ENTRY_BYTES, split_entry},
    copy,
    create::create,
    error::{AppendError, CommitError, OpenError, is_full},
    filer::Filer,
    journal::{
        Chore, Journal,
        record::{Batch, RECORD_HEADER_BYTES, RecordHeader},
    },
    open::{Opened, open, size_hint},
    place::{Place, is_unlinked},
    reader::Reader,
    recent::Recent,
    repair::Repair,
    shared::{Committed, Shared},
    staged::{Ready, Staged},
};

/// An open log: its only writer.
///
/// Dropping it without a commit loses what was staged. The directory stays locked until the log and all its
/// [`Reader`]s are dropped.
#[derive(Debug)]
pub struct Log {
    /// First, so that it ends, and lets go of `shared`, before anything else does.
    filer: Filer,
    shared: Arc<Shared>,
    journal: Journal,
    identity: Identity,
    head: File,
    staged: Staged,
    /// Over the committed entries.
    tree: MerkleStack,
    decide_version: u32,
    highest_decide_version: u32,
    poison: Option<String>,
    repairs: Vec<Repair>,
}

/// From so many entries on, hashing them takes long enough to be done while the disk syncs.
const HASH_ASIDE_ENTRIES: u32 = 256;

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
        create(&place, identity)?;
        Self::open(&place.dir)
    }

    /// Opens and verifies the log in `dir`.
    ///
    /// Reads every block once, and of the journal what is not in the blocks. A commit that a power cut left unfinished
    /// is forgotten; it was never answered. What is damaged in one of the two copies is put together again from the
    /// other, see [`Log::repairs`].
    ///
    /// # Errors
    ///
    /// [`OpenError::Damaged`] if anything that was answered is not there byte for byte: stop with exit code 4. Nothing
    /// has been changed then. The other variants say what stands in the way.
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
        open(&Place::new(dir.as_ref()), &mut on_block).and_then(Self::assemble)
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

    /// Where it was opened.
    pub fn dir(&self) -> &Path {
        &self.shared.place.dir
    }

    /// Whose log this is.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// What was damaged when the log was opened and is whole again. To be said loudly: the disk is failing.
    pub fn repairs(&self) -> &[Repair] {
        &self.repairs
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
    /// When this returns `Ok`, the record of the commit is on disk, and the entries survive a power cut. With nothing new
    /// sealed it returns at once.
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
        let Some(ready) = self.staged.take() else {
            return Ok(before);
        };
        if ready.count == 0 && ready.cursor == before.cursor {
            return Ok(before);
        }
        let room = self.shared.recent.wait_for_room();
        room.map_err(|reason| CommitError::Filing { reason })?;
        self.look_for_files()?;
        let (batch, chore, full_tiles) = self.write(ready, before)?;
        self.highest_decide_version = self.highest_decide_version.max(self.decide_version);
        let now = Committed {
            size: batch.end_index(),
            root: self.tree.root(),
            cursor: batch.header.cursor,
        };
        if batch.header.count > 0 {
            self.shared.recent.push(batch.clone());
        }
        self.shared.publish(now, full_tiles);
        self.filer.file(batch, now);
        match chore {
            Chore::Nothing => {}
            Chore::Spare => self.filer.make_spare(),
            Chore::Seal { path, end } => self.filer.seal(path, end),
        }
        Ok(now)
    }

    /// Writes the record of a commit and makes it durable. Hashes its entries meanwhile; gives the hashes over the tiles of
    /// leaves that they fill, too.
    fn write(&mut self, ready: Ready, before: Committed) -> Result<(Batch, Chore, Vec<Hash>), CommitError> {
        let Ready {
            mut bytes,
            count,
            cursor,
        } = ready;
        let entries = RECORD_HEADER_BYTES..bytes.len();
        let header = RecordHeader {
            count,
            first_index: before.size,
            cursor,
            decide_version: self.decide_version,
            root_before: before.root,
        };
        let chore = self
            .journal
            .write(&mut bytes, &header, before.cursor)
            .map_err(write_failed)?;
        let entries = Bytes::from(bytes).slice(entries);
        let (tree, journal) = (&mut self.tree, &self.journal);
        let (full_tiles, synced) = if count < HASH_ASIDE_ENTRIES {
            (hash(tree, &entries), journal.sync())
        } else {
            thread::scope(|scope| {
                let hashing = scope.spawn(|| hash(tree, &entries));
                let synced = journal.sync();
                match hashing.join() {
                    Ok(full_tiles) => (full_tiles, synced),
                    // A panic of the hashing is handed on: the tree is not to be used then.
                    Err(_) => (Vec::new(), Err(io::Error::other("hashing broke off"))),
                }
            })
        };
        synced.map_err(|error| {
            if is_full(&error) {
                CommitError::DiskFull(error)
            } else {
                CommitError::Sync(error)
            }
        })?;
        Ok((Batch { header, entries }, chore, full_tiles))
    }

    /// Files that were removed under our hands take what is written with them.
    fn look_for_files(&self) -> Result<(), CommitError> {
        let removed = [
            ("the journal", self.journal.is_unlinked()),
            ("head", is_unlinked(&self.head)),
            ("blocks/db", self.shared.store.is_unlinked()),
        ];
        for (file, removed) in removed {
            if removed.map_err(CommitError::Write)? {
                return Err(CommitError::Removed { file });
            }
        }
        Ok(())
    }

    fn assemble(opened: Opened) -> Result<Self, OpenError> {
        let Opened {
            lock,
            place,
            store,
            head,
            journal,
            committed,
            filed,
            unfiled,
            closed,
            tree,
            upper,
            highest_decide_version,
            repairs,
        } = opened;
        let identity = head.latest().identity.clone();
        let head_failed = |error| place.error("open", &place.head(), error);
        let head_handle = head.try_clone().map_err(head_failed)?;
        let recent = Recent::new(filed);
        unfiled.iter().cloned().for_each(|batch| recent.push(batch));
        let shared = Arc::new(Shared::new((store, place.clone(), lock), committed, recent, upper));
        let filer = Filer::start(Arc::clone(&shared), head, filed, committed)
            .map_err(|error| place.error("start a thread to file", &place.dir, error))?;
        for batch in unfiled {
            filer.file(batch, committed);
        }
        for (path, end) in closed {
            filer.seal(path, end);
        }
        Ok(Self {
            filer,
            shared,
            journal,
            identity,
            head: head_handle,
            staged: Staged::new(committed.size),
            tree,
            decide_version: highest_decide_version,
            highest_decide_version,
            poison: None,
            repairs,
        })
    }
}

// === free functions ===

/// Adds entries to the tree, and gives the hashes over the tiles of leaves that they fill.
fn hash(tree: &mut MerkleStack, entries: &[u8]) -> Vec<Hash> {
    let mut full_tiles = Vec::new();
    let mut rest = entries;
    while let Some((entry, after)) = split_entry(rest) {
        full_tiles.extend(tree.push_tiled(leaf_hash(entry)));
        rest = after;
    }
    full_tiles
}

fn write_failed(source: io::Error) -> CommitError {
    if is_full(&source) {
        CommitError::DiskFull(source)
    } else {
        CommitError::Write(source)
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
