//! What can go wrong with accounts.

use keshi_core::text::TextError;
use rand::rand_core::OsError;
use thiserror::Error;

use super::signins::SignInLogError;
use crate::store::StoreError;

/// Why a password is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Weak {
    /// Too few characters.
    #[error("a password has at least {min} characters")]
    TooShort {
        /// How many there must be.
        min: usize,
    },
    /// Too many bytes.
    #[error("a password has at most 1,024 bytes")]
    TooLong,
    /// Among those that are tried first.
    #[error("this password is among those that are tried first: choose another")]
    Worst,
    /// Little more than the account's id.
    #[error("this password is little more than the account's id: choose another")]
    Account,
}

/// Why something was not done about an account.
#[derive(Debug, Error)]
pub enum AccountError {
    /// The stores cannot be read or written. A failed change may or may not have been made; `keshi account list` tells.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The sessions are not what was written. They are in no backup, and nothing is lost with them.
    #[error("{} is damaged: remove it and start again, then everybody signs in anew", .path.display())]
    Sessions {
        /// The file.
        path: std::path::PathBuf,
        /// How that was noticed.
        #[source]
        cause: StoreError,
    },
    /// The log of sign-ins cannot be written: nobody is let in who leaves no trace.
    #[error(transparent)]
    Log(#[from] SignInLogError),
    /// The id cannot be one.
    #[error(
        "`{id}` cannot be an account's id: use 1 to 32 of a-z 0-9 -, begin with a letter or digit, no ID or phone number"
    )]
    Id {
        /// What was given.
        id: String,
    },
    /// The id is taken, perhaps by a closed account or a revoked token.
    #[error("`{id}` is the id of an account or token already: choose another id")]
    Taken {
        /// What was given.
        id: String,
    },
    /// The office is not a code.
    #[error("`{office}` is not an office code: give the six digits of the division code, such as 610729")]
    Office {
        /// What was given.
        office: String,
    },
    /// `--dev` has a caller of its own.
    #[error("an account cannot have the role dev: use admin")]
    DevRole,
    /// The note is too long, or not plain text.
    #[error("the note cannot be taken ({0}): shorten it")]
    Note(TextError),
    /// The note looks like it says who somebody is.
    #[error("the note has {found} in it: leave personal data out")]
    Personal {
        /// What was found.
        found: String,
    },
    /// Rows of a list are wrong, by their places; nothing was done.
    #[error("{} of the accounts cannot be made", .0.len())]
    Rows(Vec<(usize, AccountError)>),
    /// No account with that id in this office.
    #[error("there is no account `{id}`: see `keshi account list`")]
    NoSuchAccount {
        /// What was given.
        id: String,
    },
    /// The account is closed, for ever.
    #[error("account `{id}` is closed: make another")]
    Closed {
        /// The account.
        id: String,
    },
    /// It is the last open account of an admin.
    #[error("`{id}` is the last open account of an admin: make another admin first")]
    LastAdmin {
        /// The account.
        id: String,
    },
    /// The record of that account is damaged.
    #[error("the record of account `{id}` is damaged and lets nobody in: restore the accounts from a backup")]
    Unreadable {
        /// The account.
        id: String,
    },
    /// More accounts, or changes in one day, than there may be.
    #[error("there are at most {max} {of}")]
    TooMany {
        /// How many.
        max: usize,
        /// Of what.
        of: Of,
    },
    /// The password or code is not, or no more, the one to sign in with.
    #[error("the password or code is not good any more: sign in again")]
    Key,
    /// The system has no random numbers.
    #[error("the system gives no random numbers")]
    Random(#[source] OsError),
    /// A record cannot be put into words.
    #[error("an account cannot be put into words")]
    Encode(#[from] serde_json::Error),
    /// argon2 said so.
    #[error("a password cannot be hashed ({0})")]
    Hash(String),
    /// The first one-time code cannot be left for the operator.
    #[error("{} could not be written: check the disk and the directory's mode", .path.display())]
    FirstCode {
        /// The file.
        path: std::path::PathBuf,
        /// What the system said.
        #[source]
        cause: std::io::Error,
    },
}

/// Of what there is a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// Accounts, closed ones too.
    Accounts,
    /// Accounts in one request.
    AtOnce,
    /// Changes in 24 hours.
    Changes,
    /// New passwords of one account in 24 hours.
    Passwords,
}

impl std::fmt::Display for Of {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Accounts => "accounts, closed ones too",
            Self::AtOnce => "accounts in one request: split it",
            Self::Changes => "changes of accounts in 24 hours: go on tomorrow",
            Self::Passwords => "new passwords of one account in 24 hours: wait until tomorrow, or ask the admin",
        })
    }
}
