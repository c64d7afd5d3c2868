//! Passwords: which are taken, and what is kept of them.

use std::fmt;

use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use rand::TryRngCore as _;
use rand::rngs::OsRng;
use unicode_normalization::UnicodeNormalization as _;

use super::error::{AccountError, Weak};

/// Most bytes of a password; a longer one is not even hashed.
pub const BYTES_MAX: usize = 1024;

/// Fewest characters of a new password.
const CHARS_MIN: usize = 10;

/// Fewest different characters of a new password.
const DIFFERENT_MIN: usize = 4;

/// Fewest characters of a new password beside the account's id.
const BESIDE_ID_MIN: usize = 6;

/// OWASP's for argon2id: 19 MiB, two passes, one lane.
const PARAMS: (u32, u32, u32) = (19 * 1024, 2, 1);

/// A hash of no password, of the same cost: whoever signs in to no account waits as long as whoever mistypes.
const NOBODYS: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// What is tried first by whoever guesses, of those that are long enough. Compared in lower case.
const WORST: [&str; 28] = [
    "0123456789",
    "0987654321",
    "1234567890",
    "1234567891",
    "12345678910",
    "123456789a",
    "123456789q",
    "147258369a",
    "1q2w3e4r5t",
    "1q2w3e4r5t6y",
    "1qaz2wsx3edc",
    "5201314520",
    "987654321a",
    "9876543210",
    "a123456789",
    "a1234567890",
    "abc1234567",
    "abcdefghij",
    "admin12345",
    "admin123456",
    "administrator",
    "asdfghjkl1",
    "aa123456789",
    "password12",
    "password123",
    "qq123456789",
    "qwertyuiop",
    "woaini1314",
];

/// A password in clear, never printed by `Debug`.
pub struct Password(String);

impl Password {
    /// Takes what was typed: NFKC, so that it does not matter by which keyboard.
    ///
    /// # Errors
    ///
    /// [`Weak::TooLong`] if it has more than [`BYTES_MAX`] bytes.
    pub fn typed(text: &str) -> Result<Self, Weak> {
        if text.len() > BYTES_MAX {
            return Err(Weak::TooLong);
        }
        Ok(Self(text.nfkc().collect()))
    }

    /// What was typed, which may be a one-time code instead.
    pub fn as_typed(&self) -> &str {
        &self.0
    }

    /// Whether it may become that of `account`.
    ///
    /// # Errors
    ///
    /// [`Weak`], which says why it is too easy to guess.
    pub fn check(&self, account: &str) -> Result<(), Weak> {
        let lower = self.0.to_lowercase();
        if lower.chars().count() < CHARS_MIN {
            return Err(Weak::TooShort { min: CHARS_MIN });
        }
        let mut different: Vec<char> = lower.chars().collect();
        different.sort_unstable();
        different.dedup();
        if different.len() < DIFFERENT_MIN || WORST.contains(&lower.as_str()) {
            return Err(Weak::Worst);
        }
        let bare = lower.replace(account, "");
        if bare.len() < lower.len() && bare.chars().count() < BESIDE_ID_MIN {
            return Err(Weak::Account);
        }
        Ok(())
    }

    /// Its hash. Takes tens of milliseconds and 19 MiB.
    ///
    /// # Errors
    ///
    /// [`AccountError::Random`] or [`AccountError::Hash`].
    pub fn hash(&self) -> Result<String, AccountError> {
        let mut salt = [0; 16];
        OsRng.try_fill_bytes(&mut salt).map_err(AccountError::Random)?;
        let hashed = argon2()?.hash_password_with_salt(self.0.as_bytes(), &salt);
        hashed
            .map(|hash| hash.to_string())
            .map_err(|error| AccountError::Hash(error.to_string()))
    }

    /// Whether it is the one of which `phc` is kept; `None` stands for an account that there is not. Takes as long either way.
    pub fn is(&self, phc: Option<&str>) -> bool {
        let verified = argon2().map(|argon2| argon2.verify_password(self.0.as_bytes(), phc.unwrap_or(NOBODYS)));
        matches!(verified, Ok(Ok(()))) && phc.is_some()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(..)")
    }
}

fn argon2() -> Result<Argon2<'static>, AccountError> {
    let (memory, passes, lanes) = PARAMS;
    let params = Params::new(memory, passes, lanes, None).map_err(|error| AccountError::Hash(error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Whether `text` is a hash as this release keeps them, or one of another cost that it can verify.
pub(super) fn is_phc(text: &str) -> bool {
    text.starts_with("$argon2id$") && argon2::password_hash::phc::PasswordHash::new(text).is_ok()
}

#[cfg(test)]
mod tests {
    use argon2::password_hash::phc::PasswordHash;

    use super::*;

    fn typed(text: &str) -> Password {
        Password::typed(text).unwrap()
    }

    #[test]
    fn a_password_is_known_by_its_hash_and_by_no_other() {
        let hash = typed("一匹蓝色的马 42").hash().unwrap();
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$") && is_phc(&hash),
            "{hash}"
        );
        assert!(typed("一匹蓝色的马 42").is(Some(&hash)));
        // The wide digits of a Chinese keyboard.
        assert!(typed("一匹蓝色的马 ４２").is(Some(&hash)));
        assert!(!typed("一匹蓝色的马 43").is(Some(&hash)) && !typed("").is(Some(&hash)));
        assert!(!typed("一匹蓝色的马 42").is(Some("nonsense")));
        assert_ne!(typed("一匹蓝色的马 42").hash().unwrap(), hash, "another salt each time");
        assert_eq!(format!("{:?}", typed("x")), "Password(..)");
    }

    #[test]
    fn an_account_that_there_is_not_costs_as_much_and_is_never_let_in() {
        let nobodys = PasswordHash::new(NOBODYS).unwrap();
        let own = PasswordHash::new(&typed("correct horse battery").hash().unwrap()).unwrap();
        assert_eq!(
            (nobodys.algorithm, nobodys.version, &nobodys.params),
            (own.algorithm, own.version, &own.params)
        );
        assert_eq!(nobodys.hash.unwrap().len(), own.hash.unwrap().len());
        for guess in ["", "x", "correct horse battery"] {
            assert!(!typed(guess).is(None));
        }
    }

    #[test]
    fn what_is_easily_guessed_becomes_no_password() {
        let why = |text: &str| typed(text).check("lb-0001").unwrap_err();
        assert_eq!(why("short 123"), Weak::TooShort { min: 10 });
        for text in [
            "1234567890",
            "１２３４５６７８９０",
            "QWERTYUIOP",
            "aaaaaaaaaaaa",
            "ababababab",
        ] {
            assert_eq!(why(text), Weak::Worst, "{text}");
        }
        for text in ["lb-0001lb-0001", "LB-000112345", "2022-LB-0001"] {
            assert_eq!(why(text), Weak::Account, "{text}");
        }
        for text in ["correct horse", "一匹蓝色的马站在雨里", "lb-0001 storm"] {
            assert_eq!(typed(text).check("lb-0001"), Ok(()), "{text}");
        }
        assert!(WORST.iter().all(|text| text.chars().count() >= CHARS_MIN));
    }

    #[test]
    fn a_password_longer_than_a_kibibyte_is_not_hashed_at_all() {
        assert!(Password::typed(&"x".repeat(BYTES_MAX)).is_ok());
        assert_eq!(Password::typed(&"x".repeat(BYTES_MAX + 1)).unwrap_err(), Weak::TooLong);
    }
}
