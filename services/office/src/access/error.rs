//! What can go wrong with a call's token and with the store of tokens.

use std::path::PathBuf;

use jiff::Timestamp;
use jiff::civil::Date;
use rand::rand_core::OsError;
use thiserror::Error;

use crate::store::StoreError;

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
    /// A well-formed token that is not known here.
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
    /// Token or account has another role or scope than when the call was let in.
    #[error("`{id}` was given other rights meanwhile: call again (权限已更改，请重新发送)")]
    Changed {
        /// The id of the token or account.
        id: String,
    },
    /// She signed out, was signed out, or it was too long ago.
    #[error("the session has ended: sign in again (登录已失效，请重新登录)")]
    SessionEnded,
    /// Her account was closed.
    #[error("account `{id}` is closed: ask the office (账号已停用，请联系教研室)")]
    Closed {
        /// The account.
        id: String,
    },
}

/// Why the tokens could not be opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// There are none.
    #[error("there are no tokens in {}: start `keshi up` once, which makes the first, or name them with --access", .path.display())]
    Missing {
        /// Where they were looked for.
        path: PathBuf,
    },
    /// They cannot be read, or are not what was written.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for OpenError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Missing { path } => Self::Missing { path },
            error => Self::Store(error),
        }
    }
}

/// Why the tokens were not changed.
#[derive(Debug, Error)]
pub enum ChangeError {
    /// They cannot be read or written. A failed change may or may not have been made; `keshi token list` tells.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The record of that token is damaged.
    #[error(
        "the record of token `{id}` is damaged and lets nobody in: restore the tokens from a backup, or make another"
    )]
    Unreadable {
        /// The token's id.
        id: String,
    },
    /// The id cannot be one.
    #[error(
        "`{id}` cannot be a token's id: use 1 to 32 of a-z 0-9 -, begin with a letter or digit, no ID or phone number"
    )]
    Id {
        /// What was given.
        id: String,
    },
    /// The id is taken, perhaps by a revoked token or a closed account; ids stand in the ledger and are not used again.
    #[error("`{id}` is the id of a token or account already: choose another id")]
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
    /// The tokens cannot be put into words.
    #[error("the tokens cannot be put into words")]
    Encode(#[from] serde_json::Error),
}

impl From<StoreError> for ChangeError {
    fn from(error: StoreError) -> Self {
        Self::Open(error.into())
    }
}
