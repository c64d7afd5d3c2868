//! What can go wrong with signing.

use std::io;
use std::path::PathBuf;

use keshi_verify::checkpoint::NoCheckpoint;
use thiserror::Error;

use crate::keyring::KeyError;

/// Why nothing can be signed. Nothing was changed, and no key was made in the place of another.
#[derive(Debug, Error)]
pub enum SigningError {
    /// The key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The list of public keys is not what was written.
    #[error("{} is damaged: copy it away, then put it back from a backup", .path.display())]
    Damaged {
        /// The list.
        path: PathBuf,
    },
    /// The list is that of another ledger.
    #[error("{} is not that of this ledger, {origin}: put the right one back from a backup", .path.display())]
    OtherLedger {
        /// The list.
        path: PathBuf,
        /// Whose it should be.
        origin: String,
    },
    /// The checkpoint given out last is not this ledger's.
    #[error(
        "{} does not hold a checkpoint of this ledger: put back the file that lay beside the key; to go on without what it said, empty it",
        .path.display()
    )]
    OtherGiven {
        /// Where it lies.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        cause: NoCheckpoint,
    },
    /// The ledger lacks entries that a checkpoint was given out of.
    #[error(transparent)]
    Short(#[from] Short),
    /// A file cannot be read or written.
    #[error("{} cannot be used: check its owner and the disk", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
}

/// A ledger that is not what checkpoints were given out of.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Short {
    /// It has fewer entries.
    #[error(
        "a checkpoint of {given} entries was given out, and the ledger has {size}: it was put back to an older copy. Restore a newer \
         backup, or follow the stream; if what is missing is lost for good, empty {} and tell whoever holds a checkpoint", .file.display()
    )]
    Behind {
        /// How many it had.
        given: u64,
        /// How many it has.
        size: u64,
        /// The checkpoint that was given out.
        file: PathBuf,
    },
    /// It went another way.
    #[error(
        "the checkpoint of {given} entries that was given out is of other entries than the ledger's: it was put back to an older copy \
         and went on from there. Restore a backup of before that; if there is none, empty {} and tell whoever holds a checkpoint",
        .file.display()
    )]
    Parted {
        /// Of how many it was.
        given: u64,
        /// The checkpoint that was given out.
        file: PathBuf,
    },
}
