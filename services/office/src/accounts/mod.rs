//! Who may sign in.
//!
//! ```text
//! <data>/<office>/accounts.redb     a/<id>      an account: role, state, hash of the password or of the one-time code
//!                                   j/<number>  what was changed about an account, by whom; kept for ever
//! <data>/<office>/sessions.redb     s/<SHA-256> a session of somebody who signed in
//!                                   k/<id>      from where the holder of an account signed in before
//! <data>/<office>/signins/          who signed in, and who failed to, one JSON line each
//! <data>/<office>/first-code        the first account's one-time code, until it is used
//! ```
//!
//! [`Accounts`] keeps all of it. A session is let in where a token is, by [`crate::access::Access`], with the same rights: an
//! account has a [`Role`] as a token has. Sessions lie in a store of their own, so that signing in does not write the accounts
//! anew, and a backup does not bring them back.
//!
//! Passwords are kept as argon2id hashes, one-time codes and session secrets as SHA-256: those are random, and as good as
//! impossible to guess however cheap a guess is.

mod book;
mod code;
mod delays;
mod error;
mod held;
mod known;
mod making;
mod password;
mod record;
mod second;
mod sessions;
mod signing;
mod signins;
mod store;

use jiff::Timestamp;

pub use self::code::Code;
pub use self::delays::{Attempt, Delays, Knock};
pub use self::error::{AccountError, Of, Weak};
pub use self::held::{NewSession, SESSIONS_MAX, Session};
pub use self::known::origin;
pub use self::making::{Made, NewAccount};
pub use self::password::{BYTES_MAX as PASSWORD_BYTES_MAX, Password};
pub use self::second::SecondFactor;
pub use self::signins::{Line as SignIn, Page as SignIns, SignInLogError, What as SignInKind};
pub(crate) use self::store::has_account;
pub use self::store::{Accounts, CREATED_AT_ONCE_MAX, Examined, examine};
use crate::access::Role;

/// What the secret of a session begins with.
pub const SESSION_PREFIX: &str = "kss_";

/// Whether `text` is to be taken for the secret of a session rather than for a token.
pub(crate) fn is_session_secret(text: &str) -> bool {
    text.starts_with(SESSION_PREFIX)
}

/// One account as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// What its holder signs in with, and what stands in the ledger beside what she posts. An id is that of one token or account
    /// for ever.
    pub id: String,
    /// The office it is of.
    pub office: String,
    /// What its holder is, and for whom.
    pub role: Role,
    /// For the admin, such as whose desk it is; no personal data.
    pub note: Option<String>,
    /// What its holder signs in with.
    pub key: Key,
    /// Raised whenever all its sessions are to end: those of an earlier one have ended.
    pub generation: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// By which token or account.
    pub created_by: String,
}

/// What the holder of an account signs in with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// A one-time code, with which she sets her password.
    Code {
        /// Of the code, in small letters and without what stands between its groups.
        sha256: [u8; 32],
        /// From when on it is good no more.
        expires_at: Timestamp,
    },
    /// Her password.
    Password {
        /// The argon2id hash as a PHC string.
        phc: String,
        /// Since when.
        set_at: Timestamp,
        /// What she is asked for besides, if she wished so. A reset takes it away: whoever lost her telephone asks the admin.
        second: Option<SecondFactor>,
    },
    /// Nothing: the account is closed.
    Closed {
        /// Since when.
        at: Timestamp,
    },
}

/// What became of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its number, rising.
    pub number: u64,
    /// When.
    pub at: Timestamp,
    /// By which token or account; `keshi` for the first start.
    pub by: String,
    /// Which account.
    pub account: String,
    /// The account's office.
    pub office: String,
    /// What.
    pub what: What,
}

/// What may become of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// It was made, with these rights.
    Created(Role),
    /// It has other rights.
    RightsChanged {
        /// What it was until then.
        before: Role,
        /// What it is since.
        after: Role,
    },
    /// It has a new one-time code, its password is void and its sessions ended.
    Reset,
    /// Its holder set her password.
    PasswordSet,
    /// Its holder is asked for a code of her telephone, too.
    SecondFactorSet,
    /// She is not any more.
    SecondFactorRemoved,
    /// It lets nobody in any more.
    Closed,
}

// === impl Account ===

impl Account {
    /// Since when it lets nobody in, if it does not.
    pub fn closed_at(&self) -> Option<Timestamp> {
        match self.key {
            Key::Closed { at } => Some(at),
            Key::Code { .. } | Key::Password { .. } => None,
        }
    }

    /// What its holder is asked for beside the password, if anything.
    pub fn second_factor(&self) -> Option<&SecondFactor> {
        match &self.key {
            Key::Password { second, .. } => second.as_ref(),
            Key::Code { .. } | Key::Closed { .. } => None,
        }
    }

    /// Whether `code` is good for setting a password at `now`.
    pub fn takes(&self, code: &Code, now: Timestamp) -> bool {
        matches!(&self.key, Key::Code { sha256, expires_at } if code.is(sha256) && now < *expires_at)
    }
}

impl What {
    /// The word in files and answers.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Created(_) => "created",
            Self::RightsChanged { .. } => "rights_changed",
            Self::Reset => "reset",
            Self::PasswordSet => "password_set",
            Self::SecondFactorSet => "second_factor_set",
            Self::SecondFactorRemoved => "second_factor_removed",
            Self::Closed => "closed",
        }
    }
}
