//! Public keys, each with the size of the ledger at which it ended.

use keshi_verify::checkpoint::plain_number;
use keshi_verify::key::{NoKey, VerifierKey};

/// What stands between a key and the size at which it ended.
const UNTIL: char = '@';

/// A key that is trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedKey {
    /// The key.
    pub key: VerifierKey,
    /// The size at which another took its place: it signs no larger ledger.
    pub until: Option<u64>,
}

impl TrustedKey {
    /// Reads `NAME+ID+BASE64`, of a key that was changed with `@` and the size at which it ended.
    ///
    /// # Errors
    ///
    /// [`NoKey`], which says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, NoKey> {
        let (key, until) = match text.rsplit_once(UNTIL) {
            Some((key, until)) => (key, Some(plain_number(until).ok_or(NoKey::Form)?)),
            None => (text, None),
        };
        Ok(Self {
            key: VerifierKey::parse(key)?,
            until,
        })
    }

    /// Reads a text with one key in each line; empty lines are passed over.
    ///
    /// # Errors
    ///
    /// [`NoKey`], of the first line that is none, or of a text without any.
    pub fn parse_all(text: &str) -> Result<Vec<Self>, NoKey> {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let keys = lines.map(Self::parse).collect::<Result<Vec<_>, _>>()?;
        if keys.is_empty() { Err(NoKey::Form) } else { Ok(keys) }
    }
}
