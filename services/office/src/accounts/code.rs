//! One-time codes: what they look like and what is kept of them.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use keshi_core::ids::Sha256;
use keshi_core::text::compare_form;
use rand::rand_core::OsError;

use super::Key;
use crate::access::token::{random_word, same_digest};

/// Characters of a code, of 31 different ones: 79 bits, so that a fast hash keeps it.
const LENGTH: usize = 16;

/// Characters in a group.
const GROUP: usize = 4;

/// How long a code is good.
const GOOD_FOR: SignedDuration = SignedDuration::from_hours(14 * 24);

/// Most bytes of a text that may be a code, with what its holder puts between the groups.
const TEXT_BYTES_MAX: usize = 128;

/// A one-time code in clear: shown once, never stored, never printed by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Code(String);

impl Code {
    /// A new one from the system's random numbers.
    pub(super) fn generate() -> Result<Self, OsError> {
        random_word(LENGTH).map(Self)
    }

    /// The code in `text`, however it is written: capitals or not, with or without what stands between the groups. `None` if
    /// there is none.
    pub fn read(text: &str) -> Option<Self> {
        if text.len() > TEXT_BYTES_MAX {
            return None;
        }
        let bare: String = compare_form(text).chars().filter(char::is_ascii_alphanumeric).collect();
        (bare.len() == LENGTH).then_some(Self(bare))
    }

    /// As it is handed to the holder: in groups.
    pub fn reveal(&self) -> String {
        let mut text = String::with_capacity(LENGTH + LENGTH / GROUP);
        for (i, c) in self.0.chars().enumerate() {
            if i > 0 && i % GROUP == 0 {
                text.push('-');
            }
            text.push(c);
        }
        text
    }

    /// What is kept of it.
    pub(super) fn sha256(&self) -> [u8; 32] {
        Sha256::of(self.0.as_bytes()).0
    }

    /// Whether it is the one of which this is kept.
    pub(super) fn is(&self, sha256: &[u8; 32]) -> bool {
        same_digest(&self.sha256(), sha256)
    }

    /// What an account that was given this code at `now` is signed in to with.
    pub(super) fn key(&self, now: Timestamp) -> Key {
        Key::Code {
            sha256: self.sha256(),
            expires_at: now.checked_add(GOOD_FOR).unwrap_or(Timestamp::MAX),
        }
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(..)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_code_is_read_in_whatever_way_it_is_typed_and_hides_in_debug() {
        let code = Code("abcdefgh23456789".to_owned());
        assert_eq!(code.reveal(), "abcd-efgh-2345-6789");
        for typed in [
            "abcd-efgh-2345-6789",
            "ABCDEFGH23456789",
            " abcd efgh 2345 6789 ",
            "ａｂｃｄ－ｅｆｇｈ－２３４５－６７８９",
        ] {
            assert_eq!(Code::read(typed), Some(code.clone()), "{typed}");
        }
        for other in ["", "abcd-efgh-2345-678", &"a".repeat(TEXT_BYTES_MAX + 1)] {
            assert_eq!(Code::read(other), None, "{other}");
        }
        assert_eq!(format!("{code:?}"), "Code(..)");
        assert_eq!(LENGTH % GROUP, 0);
    }

    #[test]
    fn a_new_code_reads_back_and_is_known_by_what_is_kept_of_it() {
        let (one, other) = (Code::generate().unwrap(), Code::generate().unwrap());
        assert_eq!(Code::read(&one.reveal()), Some(one.clone()));
        assert!(one.is(&one.sha256()) && !one.is(&other.sha256()));
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "\\PC{0,200}") {
            let read = Code::read(&text);
            prop_assert!(read.is_none_or(|code| code.0.len() == LENGTH));
        }
    }
}
