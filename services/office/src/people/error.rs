//! What can go wrong with the register. No message holds personal data.

use thiserror::Error;

use super::IdentityError;
use super::answer::Unreadable;
use crate::store::StoreError;

/// Why the register does not answer.
#[derive(Debug, Error)]
pub enum RegisterError {
    /// The record is damaged, or the answer might rest on one that is.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// The store failed. A change that was asked for may or may not have been made; asking again is safe.
    #[error("the people register cannot be used")]
    Store(#[from] StoreError),
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
    /// The register failed.
    #[error(transparent)]
    Register(#[from] RegisterError),
}
