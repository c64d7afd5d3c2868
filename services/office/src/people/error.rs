//! What can go wrong with the register. No message holds personal data.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::IdentityError;
use super::answer::Unreadable;
use crate::keyring::KeyError;
use crate::store::{self, StoreError};

/// Why the register cannot be opened. Nothing was changed, and nothing was made in the place of what is lost.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The register's own file.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The office's key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The keys of the persons are gone.
    #[error(
        "{} is lost, and nobody can read people.redb without it: put both back from a backup; to begin a register without names, \
         move people.redb away too and empty the file contents", .path.display()
    )]
    KeysMissing {
        /// Where they were.
        path: PathBuf,
    },
    /// The keys of the persons are not what was written.
    #[error("{} is damaged: copy it away, then put it back from a backup", .path.display())]
    KeysDamaged {
        /// The file.
        path: PathBuf,
    },
}

impl OpenError {
    pub(super) fn of_io(path: &Path, cause: io::Error) -> Self {
        Self::Store(store::of_io(path, cause))
    }
}

/// Why the register does not answer.
#[derive(Debug, Error)]
pub enum RegisterError {
    /// The record is damaged, or the answer might rest on one that is.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// The store failed. A change that was asked for may or may not have been made; asking again is safe.
    #[error("the people register cannot be used")]
    Store(#[from] StoreError),
    /// The keys cannot be read or written. A change that was asked for was not made, or asking again is safe.
    #[error("the keys of the people register cannot be used")]
    Keys(#[source] OpenError),
}

impl From<OpenError> for RegisterError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Store(error) => Self::Store(error),
            OpenError::Key(_) | OpenError::KeysMissing { .. } | OpenError::KeysDamaged { .. } => Self::Keys(error),
        }
    }
}

impl RegisterError {
    pub(super) fn of(teacher_id: &str) -> Self {
        Self::Unreadable(Unreadable {
            teacher_ids: vec![teacher_id.to_owned()],
        })
    }
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
    /// Her ID document stands under another id already, whose the asker is not told.
    #[error(
        "the ID document of teacher {teacher_id} cannot be put: check its number, and whether she has a record already"
    )]
    Shared {
        /// For whom it was to be put.
        teacher_id: String,
    },
    /// Her identity was erased. Whoever has an old list does not bring it back.
    #[error("the identity of teacher {teacher_id} was erased: leave her out")]
    Erased {
        /// Who.
        teacher_id: String,
    },
    /// The register failed.
    #[error(transparent)]
    Register(#[from] RegisterError),
}
