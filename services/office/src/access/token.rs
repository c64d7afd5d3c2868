//! The token: what it looks like and what is kept of it.
//!
//! ```text
//! ks_  48 characters of base64url over 36 bytes: 32 random | CRC-32 of those 32, big-endian
//! ```
//!
//! The checksum tells a typing error from a token that is not (or no longer) known. What is kept is the SHA-256 of the
//! whole text, so `printf %s "$TOKEN" | sha256sum` finds it among the tokens. A fast hash is right here: 256 random
//! bits cannot be guessed, however cheap a guess is.
//!
//! The secret of a session ([`crate::accounts`]) has the same form behind another prefix.

use std::fmt;
use std::hint::black_box;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use keshi_core::ids::Sha256;
use rand::TryRngCore as _;
use rand::rand_core::OsError;
use rand::rngs::OsRng;

/// What the text of a token begins with.
pub(super) const PREFIX: &str = "ks_";
const RANDOM_BYTES: usize = 32;
const BODY_BYTES: usize = RANDOM_BYTES + 4;
const BODY_LEN: usize = BODY_BYTES / 3 * 4;

/// A token in clear: shown once, never stored, never printed by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

/// The text is not a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Malformed;

impl Secret {
    /// A new one from the system's random numbers.
    pub(crate) fn generate(prefix: &str) -> Result<Self, OsError> {
        let mut random = [0; RANDOM_BYTES];
        OsRng.try_fill_bytes(&mut random)?;
        Ok(Self::from_bytes(prefix, random))
    }

    fn from_bytes(prefix: &str, random: [u8; RANDOM_BYTES]) -> Self {
        let mut body = [0; BODY_BYTES];
        body[..RANDOM_BYTES].copy_from_slice(&random);
        body[RANDOM_BYTES..].copy_from_slice(&crc32fast::hash(&random).to_be_bytes());
        Self(format!("{prefix}{}", URL_SAFE_NO_PAD.encode(body)))
    }

    /// The text to hand to the holder.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is kept of it.
    pub(crate) fn sha256(&self) -> [u8; 32] {
        Sha256::of(self.0.as_bytes()).0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// Checks the form of `text`, which begins with `prefix`, and returns its SHA-256.
pub(crate) fn digest_of(prefix: &str, text: &str) -> Result<[u8; 32], Malformed> {
    let encoded = text.strip_prefix(prefix).ok_or(Malformed)?;
    if encoded.len() != BODY_LEN {
        return Err(Malformed);
    }
    let mut body = [0; BODY_BYTES];
    // 36 bytes fill their 48 characters exactly, so there is one text for each body and the hash is that of the text issued.
    if URL_SAFE_NO_PAD.decode_slice(encoded, &mut body) != Ok(BODY_BYTES) {
        return Err(Malformed);
    }
    let (random, checksum) = body.split_at(RANDOM_BYTES);
    if crc32fast::hash(random).to_be_bytes() != checksum {
        return Err(Malformed);
    }
    Ok(Sha256::of(text.as_bytes()).0)
}

/// Whether two digests are equal, in a time that does not depend on where they differ.
pub(crate) fn same_digest(a: &[u8; 32], b: &[u8; 32]) -> bool {
    black_box(a.iter().zip(b).fold(0, |differing, (x, y)| differing | (x ^ y))) == 0
}

/// A short random word for ids, without characters that look alike.
pub(crate) fn random_word(length: usize) -> Result<String, OsError> {
    const LETTERS: &[u8; 31] = b"23456789abcdefghjkmnpqrstuvwxyz";
    let mut random = vec![0; length];
    OsRng.try_fill_bytes(&mut random)?;
    Ok(random
        .into_iter()
        .map(|byte| char::from(LETTERS[usize::from(byte) % LETTERS.len()]))
        .collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_new_token_is_well_formed_and_hides_in_debug() {
        let secret = Secret::generate(PREFIX).unwrap();
        assert_eq!(digest_of(PREFIX, secret.reveal()), Ok(secret.sha256()));
        assert_eq!(secret.reveal().len(), 51);
        assert_eq!(format!("{secret:?}"), "Secret(..)");
        assert_ne!(Secret::generate(PREFIX).unwrap(), secret);
    }

    #[test]
    fn the_form_of_a_token_is_fixed() {
        let secret = Secret::from_bytes(PREFIX, [0; 32]);
        assert_eq!(secret.reveal(), "ks_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAZClWt");
    }

    proptest! {
        #[test]
        fn every_token_reads_back(random: [u8; 32]) {
            let secret = Secret::from_bytes(PREFIX, random);
            prop_assert_eq!(digest_of(PREFIX, secret.reveal()), Ok(secret.sha256()));
        }

        #[test]
        fn one_wrong_character_is_noticed(random: [u8; 32], at in 0_usize..51, to in "[ -~]") {
            let secret = Secret::from_bytes(PREFIX, random);
            let mut text = secret.reveal().to_owned();
            text.replace_range(at..=at, &to);
            prop_assume!(text != secret.reveal());
            prop_assert_eq!(digest_of(PREFIX, &text), Err(Malformed));
        }

        #[test]
        fn no_text_makes_the_check_panic(text in "\\PC{0,60}") {
            prop_assert_eq!(digest_of(PREFIX, &text), Err(Malformed));
        }

        #[test]
        fn digests_compare_as_bytes_do(a: [u8; 32], b: [u8; 32]) {
            prop_assert_eq!(same_digest(&a, &b), a == b);
            prop_assert!(same_digest(&a, &a));
        }
    }
}
