//! Who may call.
//!
//! The access file (`<data>/access.toml`) lists tokens by their SHA-256, each bound to one office, role and scope.
//! [`Access`] answers "whose token is this?" from memory and follows changes of the file; [`Caller`] answers "may she?".
//! The whole table of rights is in [`rights`].

mod file;
mod grant;
pub mod rights;
mod role;
mod store;
mod token;

use jiff::Timestamp;
use jiff::civil::Date;
use thiserror::Error;

pub use self::file::{FileError, TokenProblem};
pub use self::grant::{Bilingual, Caller, Denied, Need, Target, Whose};
pub use self::role::{Role, RoleError, RoleName, Scope};
pub use self::store::{Access, ChangeError, NewToken, OpenError, Request};
pub use self::token::Secret;

/// One token as the access file has it. The token itself is known to its holder only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Short and printable: names the token in lists, for revoking, and as the poster in the ledger.
    pub id: String,
    /// The office it is bound to.
    pub office: String,
    /// What its holder is, and for whom.
    pub role: Role,
    /// SHA-256 of the token's text.
    pub sha256: [u8; 32],
    /// When it was made.
    pub created_at: Timestamp,
    /// The last day (China Standard Time) on which it is good; none: until revoked.
    pub expires_on: Option<Date>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

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
}

/// Whether `id` can be a token's id: 1 to 32 of `a-z 0-9 -`, the first a letter or digit, and no ID or phone number.
pub fn is_token_id(id: &str) -> bool {
    (1..=32).contains(&id.len())
        && !id.starts_with('-')
        && id
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && crate::screen::personal_data(id).is_none()
}
