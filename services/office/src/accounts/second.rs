//! 动态口令: a code of six digits that changes every thirty seconds, made by an app on the holder's telephone (RFC 6238), which
//! an account may ask for beside the password.

use std::fmt;

use jiff::Timestamp;
use rand::TryRngCore as _;
use rand::rand_core::OsError;
use rand::rngs::OsRng;
use totp_rs::{Builder, Secret, Totp};

/// What app and server share.
#[derive(Clone, PartialEq, Eq)]
pub struct SecondFactor([u8; 20]);

impl SecondFactor {
    /// A new one from the system's random numbers.
    ///
    /// # Errors
    ///
    /// What the system said.
    pub fn generate() -> Result<Self, OsError> {
        let mut secret = [0; 20];
        OsRng.try_fill_bytes(&mut secret)?;
        Ok(Self(secret))
    }

    /// That of 32 letters and digits, as apps take it typed; blanks and small letters are no matter.
    pub fn read(text: &str) -> Option<Self> {
        let plain: String = text.chars().filter(|c| *c != ' ').collect::<String>().to_uppercase();
        let secret = Secret::try_from_base32(plain).ok()?;
        secret.as_bytes().try_into().map(Self).ok()
    }

    /// The 32 letters and digits.
    pub fn reveal(&self) -> String {
        Secret::new_stack(self.0).to_base32()
    }

    /// The address that apps take as a QR code: for this account of an office.
    pub fn url(&self, account: &str, office: &str) -> Option<String> {
        self.totp(account, office)?.to_url().ok()
    }

    /// Which step of thirty seconds `code` is of, among the one at `now` and its two neighbours. A step is to be taken once.
    pub fn step(&self, code: &str, now: Timestamp) -> Option<u64> {
        let plain: String = code.chars().filter(|c| *c != ' ').collect();
        let seconds = u64::try_from(now.as_second()).ok()?;
        self.totp("", "")?.check(&plain, seconds)
    }

    fn totp(&self, account: &str, office: &str) -> Option<Totp> {
        let builder = Builder::new().with_secret(Secret::new_stack(self.0)).with_skew(1);
        let named = builder
            .with_account_name(account)
            .with_issuer(Some(format!("课时 {office}")));
        // It fails for wrong settings alone.
        named.build().ok()
    }
}

impl fmt::Debug for SecondFactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecondFactor(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret of RFC 6238, appendix B.
    const RFC: SecondFactor = SecondFactor(*b"12345678901234567890");

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn the_codes_of_the_rfc_are_known_at_their_times_and_beside_them() {
        // The last six of its eight digits.
        for (second, code) in [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")] {
            let step = u64::try_from(second).unwrap() / 30;
            assert_eq!(RFC.step(code, at(second)), Some(step));
            assert_eq!(
                RFC.step(&format!("{} {}", &code[..3], &code[3..]), at(second + 30)),
                Some(step)
            );
            assert_eq!(RFC.step(code, at(second + 90)), None);
        }
        for wrong in ["", "28708", "2870822", "28708２", "-87082", "abcdef"] {
            assert_eq!(RFC.step(wrong, at(59)), None, "{wrong}");
        }
    }

    #[test]
    fn the_secret_reads_back_however_it_was_typed_and_hides_in_debug() {
        let factor = SecondFactor::generate().unwrap();
        let text = factor.reveal();
        assert_eq!(text.len(), 32);
        let spaced = format!("{} {}", &text[..4], text[4..].to_lowercase());
        assert_eq!(SecondFactor::read(&spaced), Some(factor.clone()));
        assert_eq!(SecondFactor::read(&text[..30]), None);
        assert_eq!(format!("{factor:?}"), "SecondFactor(..)");
        let url = RFC.url("lb-0001", "610729").unwrap();
        assert!(
            url.starts_with("otpauth://totp/")
                && url.contains("secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
                && url.contains("lb-0001"),
            "{url}"
        );
    }
}
