//! Who may call.
//!
//! Tokens, and sessions of [`crate::accounts`]. The tokens (`<data>/<office>/access.redb`) lie in a store of checksummed records as the people register does, by their
//! SHA-256, each bound to one office, role and scope. [`Access`] answers "whose token is this?" from memory and follows
//! what other processes change; [`Caller`] answers "may she?".
//! The whole table of rights is in [`rights`].

mod dev;
mod error;
mod grant;
mod issue;
pub(crate) mod record;
pub mod rights;
mod role;
mod scope;
mod state;
mod store;
mod text;
pub(crate) mod token;
mod tokens;

use jiff::Timestamp;
use jiff::civil::Date;

pub use self::dev::DevRole;
pub use self::error::{AccessError, ChangeError, OpenError};
pub use self::grant::{Caller, Credential, Denied, Need, Questions, Target, Whose};
pub use self::issue::{NewToken, Request};
pub use self::role::{Role, RoleName};
pub use self::scope::{RoleError, Scope};
pub use self::store::Access;
pub use self::token::Secret;

/// One token as it is kept. The token itself is known to its holder only.
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

/// Whether `id` can be a token's id: 1 to 32 of `a-z 0-9 -`, the first a letter or digit, and no ID or phone number.
pub fn is_token_id(id: &str) -> bool {
    (1..=32).contains(&id.len())
        && !id.starts_with('-')
        && id
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && keshi_core::text::personal::in_id(id).is_none()
}
