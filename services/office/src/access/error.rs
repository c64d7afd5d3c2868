//! What can go wrong with a call's token and with the access file.

use std::io;
use std::path::PathBuf;

use jiff::Timestamp;
use jiff::civil::Date;
use rand::rand_core::OsError;
use thiserror::Error;

use super::file::FileError;

/// Why a call is not let in.
///
/// The messages name no token. To the caller they say what to do; none of them is worth retrying unchanged.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AccessError {
    /// No token came with the call.
    #[error("no token was given: send `authorization: Bearer ks_...` (未提供令牌，请在请求中带上令牌)")]
    Missing,
    /// The text is not a token: a letter is wrong or missing.
    #[error(
        "the token is mistyped or cut off, copy it again: it is `ks_` and 48 characters (令牌抄写有误，请重新复制)"
    )]
    Malformed,
    /// A well-formed token that the access file does not have.
    #[error("the token is not known here: check the server's address, or ask the office for a new one (令牌未登记)")]
    Unknown,
    /// It was revoked.
    #[error("token `{id}` was revoked at {revoked_at}: ask the office for a new one (令牌已撤销)")]
    Revoked {
        /// The token's id.
        id: String,
        /// When.
        revoked_at: Timestamp,
    },
    /// Its last day is over.
    #[error("token `{id}` expired after {expires_on}: ask the office for a new one (令牌已过期)")]
    Expired {
        /// The token's id.
        id: String,
        /// Its last day.
        expires_on: Date,
    },
    /// It has another role or scope than when the call was let in.
    #[error("token `{id}` was given other rights meanwhile: call again (令牌权限已更改，请重新发送)")]
    Changed {
        /// The token's id.
        id: String,
    },
}

/// Why the access file could not be opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// There is none.
    #[error("there is no access file {}: start `keshi up` once, which makes it, or name it with --access", .path.display())]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// It cannot be read or made.
    #[error("access file {} cannot be used: check its owner and mode", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
    /// It has a mistake.
    #[error("access file {} has a mistake, correct it by hand", .path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// The mistake.
        #[source]
        cause: FileError,
    },
}

/// Why the access file was not changed. After any of these it holds what it held before.
#[derive(Debug, Error)]
pub enum ChangeError {
    /// The file on disk cannot be read, and overwriting it would lose what somebody typed.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The id cannot be one.
    #[error(
        "`{id}` cannot be a token's id: use 1 to 32 of a-z 0-9 -, begin with a letter or digit, no ID or phone number"
    )]
    Id {
        /// What was given.
        id: String,
    },
    /// The id is taken, perhaps by a revoked token; ids stand in the ledger and are not used again.
    #[error("token `{id}` exists already: choose another id")]
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
    #[error("a token cannot have the role dev: use admin")]
    DevRole,
    /// The last day is over already.
    #[error("{expires_on} is over, today is {today}: name a later day")]
    ExpiresInThePast {
        /// The last day asked for.
        expires_on: Date,
        /// The day of the request.
        today: Date,
    },
    /// No token with that id.
    #[error("there is no token `{id}`: see `keshi token list`")]
    NoSuchToken {
        /// What was given.
        id: String,
    },
    /// The system has no random numbers.
    #[error("the system gives no random numbers, so no token can be made")]
    Random(#[source] OsError),
    /// The tokens cannot be written as TOML.
    #[error("the access file cannot be put into words")]
    Render(#[from] toml::ser::Error),
    /// The new file could not be written.
    #[error("access file {} could not be written: check the disk and the directory's owner", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
}
