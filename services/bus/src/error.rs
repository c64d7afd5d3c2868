//! Why a call on the poster's side failed.

use std::time::Duration;

use keshi_core::lang::Say;

/// Why a submission was not answered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SubmitError {
    /// The way to the ledger is full; nothing was sent.
    ///
    /// Handling: wait `retry_after`, then send the same submission.
    #[error("the queue to the ledger is full: send the same again in {} ms", retry_after.as_millis())]
    Full {
        /// How long to wait before sending again.
        retry_after: Duration,
    },
    /// The deadline passed without an answer; the ledger may or may not have the submission.
    ///
    /// Handling: send the same submission again.
    #[error("no answer within the deadline, the outcome is unknown: send the same again")]
    DeadlineExceeded,
    /// The server could not be reached, or no stream takes this subject; nothing was stored.
    ///
    /// Handling: send the same submission again once the reason is gone.
    #[error("the bus is not reachable: {reason}: send the same again later")]
    Unreachable {
        /// What is known of the cause.
        reason: String,
    },
    /// The stream would not keep what it takes, is not the one it should be, or nobody could take anything from it;
    /// nothing was sent.
    ///
    /// Handling: somebody has to do what `reason` says; then send the same submission.
    #[error("nothing can be posted: {}", reason.en)]
    Unfit {
        /// What is wrong, and what to do.
        reason: Say,
    },
    /// The submission is larger than the bus carries; nothing was sent.
    ///
    /// Handling: split it.
    #[error("the submission has {bytes} bytes, the bus carries at most {bytes_max}: split it")]
    TooLarge {
        /// Its size in bytes.
        bytes: usize,
        /// The limit in bytes.
        bytes_max: usize,
    },
    /// A field that becomes part of the subject is not one plain word; nothing was sent.
    ///
    /// Handling: a mistake of the calling program.
    #[error("{field} {token:?} cannot stand in a subject: use 1 to 64 ASCII letters, digits, - or _")]
    InvalidToken {
        /// Which field.
        field: &'static str,
        /// Its value.
        token: String,
    },
    /// The ledger stopped taking submissions, perhaps while it held this one; the outcome is unknown.
    ///
    /// Handling: send the same submission again once the ledger runs again.
    #[error("the ledger is closed, the outcome is unknown: send the same again once it runs")]
    Closed,
}

impl SubmitError {
    /// Whether it is certain that the ledger neither has the submission nor will take it.
    pub fn is_outcome_known(&self) -> bool {
        match self {
            Self::Full { .. }
            | Self::Unreachable { .. }
            | Self::Unfit { .. }
            | Self::TooLarge { .. }
            | Self::InvalidToken { .. } => true,
            Self::DeadlineExceeded | Self::Closed => false,
        }
    }
}

/// Why a question was not answered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// The ledger took the question and refused it.
    #[error("the ledger refused the question: {reason}")]
    Refused {
        /// The ledger's words.
        reason: String,
    },
    /// No answer came within the deadline; the ledger may have acted on the question.
    #[error("no answer within the deadline, it is unknown whether the ledger acted: ask again")]
    DeadlineExceeded,
    /// The server could not be reached, or no primary ledger listens; nobody saw the question.
    #[error("no ledger can be asked: {reason}: ask again later")]
    Unreachable {
        /// What is known of the cause.
        reason: String,
    },
    /// The question is larger than the bus carries.
    #[error("the question has {bytes} bytes, the bus carries at most {bytes_max}: ask in parts")]
    TooLarge {
        /// Its size in bytes.
        bytes: usize,
        /// The limit in bytes.
        bytes_max: usize,
    },
    /// The topic is not one plain word.
    #[error("topic {topic:?} cannot stand in a subject: use 1 to 64 ASCII letters, digits, - or _")]
    InvalidTopic {
        /// Its value.
        topic: String,
    },
}
