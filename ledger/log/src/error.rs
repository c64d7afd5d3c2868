//! One enum per operation: exactly the ways it can fail, and what to do then.

use std::{io, path::PathBuf, time::Duration};

use keshi_verify::Hash;

/// Why a log could not be created or opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// There is no log here.
    ///
    /// Handling: check the path, or create a log there.
    #[error("{} holds no log: check the path, or create one there first", dir.display())]
    NotFound {
        /// The directory asked for.
        dir: PathBuf,
    },
    /// There is one already, or something else is in the way.
    ///
    /// Handling: open it, or choose an empty directory.
    #[error("{} is not empty: open the log in it, or choose an empty directory", dir.display())]
    AlreadyExists {
        /// The directory asked for.
        dir: PathBuf,
    },
    /// The log belongs to another office than the caller said.
    ///
    /// Handling: check the path; never write one office's entries into another's log.
    #[error("{} is the log of office {found}, expected {expected}: check the path", dir.display())]
    OtherOffice {
        /// The directory asked for.
        dir: PathBuf,
        /// The office in `head`.
        found: String,
        /// The office the caller asked for.
        expected: String,
    },
    /// The office's name is empty or does not fit into `head`.
    ///
    /// Handling: use the office's code.
    #[error("office name {office:?} has {} bytes, expected 1 to {max}: use the office's code", office.len())]
    BadOffice {
        /// The name given.
        office: String,
        /// [`crate::MAX_OFFICE_BYTES`].
        max: usize,
    },
    /// Another process, or another handle in this one, has the log open.
    ///
    /// Handling: stop the other one first; ask it through its service instead of opening its files.
    #[error("{} is in use by another process: stop it first, or ask it through its service", dir.display())]
    InUse {
        /// The directory asked for.
        dir: PathBuf,
    },
    /// The directory lies on a network or user-space file system, whose syncs and locks cannot be trusted.
    ///
    /// Handling: move the data to a local disk.
    #[error("{} lies on {kind}, which does not keep a sync's promise: move it to a local disk", dir.display())]
    NetworkFileSystem {
        /// The directory asked for.
        dir: PathBuf,
        /// The kind of file system.
        kind: &'static str,
    },
    /// The directory or its file system cannot be written.
    ///
    /// Handling: fix the permissions or the mount; to only read, open a copy.
    #[error("{} cannot be written: fix its permissions or mount, or open a copy", dir.display())]
    ReadOnly {
        /// The directory asked for.
        dir: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// No space is left to open the log (opening writes a little).
    ///
    /// Handling: free some space and open again; nothing is lost.
    #[error("the disk below {} is full: free some space and open again", dir.display())]
    DiskFull {
        /// The directory asked for.
        dir: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A later release wrote this log.
    ///
    /// Handling: use that release.
    #[error("{file} has format {found}, this release knows {known}: use the release that wrote it")]
    NewerFormat {
        /// What carries the format: `head` or a block.
        file: &'static str,
        /// The version found.
        found: u8,
        /// The highest version this release reads.
        known: u8,
    },
    /// The log does not hold what was once answered. Nothing may be served from it.
    ///
    /// Handling: stop with exit code 4. Bring the log back from the stream, a standby or a backup.
    #[error(
        "the log in {} is damaged: entry {first_missing_index} is the first that cannot be served: \
         restore it from the stream, a standby or a backup", dir.display()
    )]
    Damaged {
        /// The directory asked for.
        dir: PathBuf,
        /// The first index that cannot be served; everything below it has been verified against its checksums.
        first_missing_index: u64,
        /// What was found.
        #[source]
        cause: Damage,
    },
    /// The system refused something else.
    ///
    /// Handling: read the cause, repair that, open again.
    #[error("could not {doing} {}", path.display())]
    Io {
        /// What was tried.
        doing: &'static str,
        /// On which file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

/// What is wrong with a damaged log.
#[derive(Debug, thiserror::Error)]
pub enum Damage {
    /// Fewer entries than were answered.
    #[error("the log has {found} entries, head says {expected}")]
    Shorter {
        /// The size recorded in `head`.
        expected: u64,
        /// The number of entries found.
        found: u64,
    },
    /// As many entries as were answered, but not the same.
    #[error("the root at size {size} is {found}, recorded is {expected}")]
    OtherRoot {
        /// A size recorded in `head` or the journal.
        size: u64,
        /// The root recorded for it.
        expected: Hash,
        /// The root over the entries found.
        found: Hash,
    },
    /// Entries are not those that were hashed when the log was opened or written.
    #[error("the entries of tile {number} do not come to the hash above them")]
    OtherLeaves {
        /// The tile of level 0: its entries are the 256 from `number * 256` on.
        number: u64,
    },
    /// A block does not follow its predecessor.
    #[error("the next block begins at index {found}, expected {expected}")]
    Gap {
        /// The index at which a block should begin.
        expected: u64,
        /// The index at which the next one does begin.
        found: u64,
    },
    /// A key in sled is none of ours.
    #[error("a key of {bytes} bytes stands in the block table, expected 8")]
    StrayKey {
        /// The key's length.
        bytes: usize,
    },
    /// A block does not pass its own check.
    #[error("the block at index {first_index} is bad")]
    Block {
        /// The index the block begins at.
        first_index: u64,
        /// What is wrong with it.
        #[source]
        defect: BlockDefect,
    },
    /// `head` cannot be read, and nothing else says whose log it is.
    #[error("head is missing or neither of its two slots is valid")]
    Head,
    /// A record that was written whole is no longer what it was, and nothing else holds its entries.
    #[error("the record at offset {offset} of {file} is bad")]
    Record {
        /// The segment, below the log's directory.
        file: String,
        /// Where in it.
        offset: usize,
    },
    /// A file of another log stands among those of this one.
    #[error("{file} belongs to another log")]
    Foreign {
        /// The file, below the log's directory.
        file: String,
    },
    /// sled holds more than the journal ever had: the journal is an older one.
    #[error("the block table has {found} entries, the journal ends at {journal}")]
    Ahead {
        /// Where the journal ends.
        journal: u64,
        /// Entries in the block table.
        found: u64,
    },
    /// Neither sled nor the journal holds these entries.
    #[error("neither the block table nor the journal holds the entries {from} to {to}")]
    NoCopy {
        /// The first of them.
        from: u64,
        /// The last of them.
        to: u64,
    },
    /// A file that every log has is missing.
    #[error("{file} is missing")]
    FileMissing {
        /// Its path below the log's directory.
        file: &'static str,
    },
    /// sled moved a value to its unsynced side directory.
    #[error("{count} files stand in blocks/blobs, expected none")]
    Blobs {
        /// How many there are.
        count: usize,
    },
    /// sled could not open or read its files.
    #[error("the block store could not be read")]
    Storage(#[source] StorageError),
    /// sled made no progress: a background thread of it died.
    #[error("the block store made no progress for {waited:?}")]
    Stalled {
        /// How long was waited.
        waited: Duration,
    },
}

/// Why a stored block is not believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BlockDefect {
    /// Not even a header.
    #[error("it has only {bytes} bytes")]
    TooShort {
        /// Its length.
        bytes: usize,
    },
    /// The bytes are not those that were written.
    #[error("its checksum is {computed:08x}, recorded is {stored:08x}")]
    Checksum {
        /// As recorded in the block.
        stored: u32,
        /// As computed over what was read.
        computed: u32,
    },
    /// A later release wrote it.
    #[error("it has format {found}, this release knows {known}")]
    NewerFormat {
        /// The version found.
        found: u8,
        /// The highest version this release reads.
        known: u8,
    },
    /// The checksum is right but the parts do not add up.
    #[error("its entries do not fill it exactly")]
    Layout,
}

/// A failure of sled, including its panics.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The system refused a read or write.
    #[error("sled could not read or write")]
    Io(#[source] io::Error),
    /// sled panicked; the panic was caught.
    #[error("sled panicked: {message}")]
    Panicked {
        /// The panic's message.
        message: String,
    },
    /// sled reported corruption, a bug or an unsupported file.
    #[error("sled reported: {message}")]
    Sled {
        /// sled's own words.
        message: String,
    },
}

/// Why an entry was not staged. Nothing has changed then.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// The entry is too long.
    ///
    /// Handling: a bug in the caller, which bounds its events; refuse the event.
    #[error("the entry has {bytes} bytes, at most {max} fit: split it")]
    TooLong {
        /// Its length.
        bytes: usize,
        /// [`crate::MAX_ENTRY_BYTES`].
        max: usize,
    },
    /// A commit failed earlier.
    ///
    /// Handling: drop this handle, open the log again, stage again.
    #[error("the log refuses writes since a commit failed ({reason}): open it again")]
    Poisoned {
        /// What failed then.
        reason: String,
    },
}

/// Why a commit failed. Whether its entries are on disk is not known; the log is poisoned.
///
/// Handling, for each: answer nobody, drop the handle, open the log again.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// A commit failed earlier.
    #[error("the log refuses writes since a commit failed ({reason}): open it again")]
    Poisoned {
        /// What failed then.
        reason: String,
    },
    /// No space is left.
    #[error("the disk is full: free some space and open the log again")]
    DiskFull(#[source] io::Error),
    /// The journal could not be written.
    #[error("could not write the journal: open the log again")]
    Write(#[source] io::Error),
    /// The journal could not be synced.
    #[error("could not sync the journal: open the log again")]
    Sync(#[source] io::Error),
    /// A file of the log was removed while it was open: what is written to it is lost.
    #[error("{file} was removed while the log was open: stop, keep what there is, and restore it from a copy")]
    Removed {
        /// Which one.
        file: &'static str,
    },
    /// What was committed could not be filed into the block table.
    #[error("the log takes no more, since {reason}: open it again")]
    Filing {
        /// What failed.
        reason: String,
    },
}

/// Why an entry could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// sled failed.
    ///
    /// Handling: stop serving; open the log again, which verifies it.
    #[error("could not read index {index}: stop serving and open the log again")]
    Storage {
        /// The index asked for.
        index: u64,
        /// What sled said.
        #[source]
        source: StorageError,
    },
    /// What was read is not what was written.
    ///
    /// Handling: stop serving; the log was intact when it was opened, so the disk or the memory has failed since.
    #[error("index {index} cannot be served: stop serving and open the log again")]
    Damaged {
        /// The first index that cannot be served.
        index: u64,
        /// What was found.
        #[source]
        cause: Damage,
    },
    /// There is nothing to prove.
    ///
    /// Handling: ask for an entry below the size, or for an older size of at least 1 and at most the newer one.
    #[error("{what} of {size} entries cannot be proved: ask for an entry of them, or for an older size of at least 1")]
    NoProof {
        /// The index, or the older size.
        what: u64,
        /// The size asked for.
        size: u64,
    },
    /// The size asked for is not committed yet.
    ///
    /// Handling: wait for it, or ask for a smaller one.
    #[error("size {asked} is beyond the committed size {committed}: ask for at most that")]
    BeyondEnd {
        /// The size asked for.
        asked: u64,
        /// The committed size.
        committed: u64,
    },
}

// === impl StorageError ===

impl StorageError {
    /// The system's error, if that is what it is.
    pub(crate) fn into_io(self) -> Result<io::Error, Self> {
        match self {
            Self::Io(error) => Ok(error),
            other => Err(other),
        }
    }
}

impl From<sled::Error> for StorageError {
    fn from(error: sled::Error) -> Self {
        match error {
            sled::Error::Io(error) => Self::Io(error),
            other => Self::Sled {
                message: other.to_string(),
            },
        }
    }
}

// === free functions ===

/// Whether the system says that no space is left, for this file, this user or at all.
pub(crate) fn is_full(error: &io::Error) -> bool {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge)
}

/// Whether the system says that this place cannot be written.
pub(crate) fn is_read_only(error: &io::Error) -> bool {
    use io::ErrorKind::{PermissionDenied, ReadOnlyFilesystem};
    matches!(error.kind(), PermissionDenied | ReadOnlyFilesystem)
}
