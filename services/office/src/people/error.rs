//! What can go wrong with the register. No message holds personal data.

use std::path::PathBuf;

use thiserror::Error;

use super::IdentityError;

/// The format of the file that this release writes and reads.
pub(super) const FORMAT: u64 = 1;

/// Why the register does not work.
#[derive(Debug, Error)]
pub enum RegisterError {
    /// It is open already.
    #[error("people register {} is in use: stop the other keshi first", .path.display())]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// Written by a later release.
    #[error("people register {} has format {found}, this release knows {FORMAT}: upgrade keshi", .path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// The format found.
        found: u64,
    },
    /// A record that this release cannot read.
    #[error("the record of teacher {teacher_id} in people register {} cannot be read: upgrade keshi or restore a backup", .path.display())]
    Record {
        /// The file.
        path: PathBuf,
        /// Whose.
        teacher_id: String,
    },
    /// The store failed. A change that was asked for may or may not have been made; asking again is safe.
    #[error("people register {} failed: check the disk", .path.display())]
    Store {
        /// The file.
        path: PathBuf,
        /// What the store said.
        #[source]
        cause: Box<redb::Error>,
    },
    /// A file could not be made or replaced.
    #[error("people register {} cannot be written: check the directory's owner and the disk", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: std::io::Error,
    },
}

/// Why a batch was not put. Nothing of it was.
#[derive(Debug, Error)]
pub enum PutError {
    /// One identity is malformed.
    #[error("identity {position} of the batch (teacher {teacher_id}): {cause}")]
    Identity {
        /// Its place in the batch, from 1.
        position: usize,
        /// Whose.
        teacher_id: String,
        /// What is wrong.
        cause: IdentityError,
    },
    /// One teacher twice; which one counts?
    #[error("teacher {teacher_id} is in the batch twice: send one identity for each")]
    Twice {
        /// Who.
        teacher_id: String,
    },
    /// The register failed.
    #[error(transparent)]
    Register(#[from] RegisterError),
}
