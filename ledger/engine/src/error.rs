//! The ways in which opening, submitting and reading can fail.

use std::path::PathBuf;

use keshi_proto::store::EntryError;
use thiserror::Error;

/// Why a ledger could not be opened.
#[derive(Debug, Error)]
pub enum EngineError {
    /// The log could not be opened; [`keshi_log::OpenError::Damaged`] means exit code 4.
    #[error(transparent)]
    Log(#[from] keshi_log::OpenError),
    /// An intact entry that this release gives no meaning.
    ///
    /// Handling: use the release that wrote it.
    #[error("entry {index} in {} cannot be read: use the release that wrote it", dir.display())]
    Entry {
        /// The ledger's directory.
        dir: PathBuf,
        /// The entry.
        index: u64,
        /// What is wrong with it.
        #[source]
        source: EntryError,
    },
    /// The log was decided by a later release's rules.
    ///
    /// Handling: use that release; an older one must not append to it.
    #[error("the log in {} was decided by rules version {found}, this release has {known}: use the newer release", dir.display())]
    NewerRules {
        /// The ledger's directory.
        dir: PathBuf,
        /// Highest version in the log.
        found: u32,
        /// This release's version.
        known: u32,
    },
    /// A thread could not be started.
    #[error("a thread could not be started")]
    Thread(#[from] std::io::Error),
}

/// Why a submission was not taken. It is certain that nothing of it was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SubmitError {
    /// The inbox is full.
    ///
    /// Handling: send it again a little later.
    #[error("the ledger's inbox is full: send it again a little later")]
    Full,
    /// The writer has stopped: shut down, or after a failed commit.
    ///
    /// Handling: send it again once the ledger runs again.
    #[error("the ledger takes nothing any more: send it again once it runs again")]
    Closed,
}

/// Why something recorded could not be read.
#[derive(Debug, Error)]
pub enum ReadError {
    /// The log could not serve it.
    #[error(transparent)]
    Log(#[from] keshi_log::ReadError),
    /// This release gives it no meaning.
    #[error("entry {index} cannot be read: use the release that wrote it")]
    Entry {
        /// The entry.
        index: u64,
        /// What is wrong with it.
        #[source]
        source: EntryError,
    },
    /// A commit failed, so nothing can be said of what would be recorded.
    ///
    /// Handling: see why the ledger stopped, and start it again.
    #[error("the ledger has stopped recording: see why, and start it again")]
    Stopped,
    /// A thread could not be started.
    #[error("a thread could not be started")]
    Thread(#[from] std::io::Error),
}
