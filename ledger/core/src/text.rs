//! Free text: names, reasons, places. Kept as given, compared in a normalised form (DOMAIN §13.17).

use std::fmt;
use std::sync::LazyLock;

use thiserror::Error;
use unicode_normalization::UnicodeNormalization;

/// Longest text, in characters.
pub const TEXT_LEN_MAX: usize = 200;

/// Why a text is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TextError {
    /// Only white space, where something is needed.
    #[error("must not be empty")]
    Empty,
    /// Over [`TEXT_LEN_MAX`] characters.
    #[error("at most {max} characters, this one has {length}")]
    TooLong {
        /// Characters given.
        length: usize,
        /// Characters allowed.
        max: usize,
    },
    /// A control character, such as a line break.
    #[error("has the control character U+{code:04X}")]
    Control {
        /// Its code point.
        code: u32,
    },
}

/// A non-empty text of at most 200 characters without control characters, trimmed.
///
/// Two texts are equal when their normalised forms are: `三（1）班` and `三(1)班` are one.
#[derive(Clone, Eq)]
pub struct Text(Box<str>);

impl Text {
    /// Takes `text`, without white space around it.
    ///
    /// # Errors
    ///
    /// [`TextError`] if nothing is left, it is too long, or has a control character.
    pub fn new(text: &str) -> Result<Self, TextError> {
        check(text, TEXT_LEN_MAX)?;
        let text = text.trim();
        if text.is_empty() {
            return Err(TextError::Empty);
        }
        Ok(Self(text.into()))
    }

    /// The text as given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Checks that `text` has no control characters and at most `max` characters.
///
/// # Errors
///
/// [`TextError::TooLong`] or [`TextError::Control`].
pub fn check(text: &str, max: usize) -> Result<(), TextError> {
    if let Some(control) = text
        .chars()
        .find(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'))
    {
        return Err(TextError::Control { code: control.into() });
    }
    if text.len() > max {
        let length = text.chars().count();
        if length > max {
            return Err(TextError::TooLong { length, max });
        }
    }
    Ok(())
}

/// The form in which texts are compared: NFKC (full-width to half-width), no white space or invisible joiners, lower
/// case, and the commonest traditional characters as their simplified forms (`data/traditional.txt`).
pub fn normalised(text: &str) -> String {
    // NFKC twice: a lower-case form may decompose further, and the form must not change when taken again.
    let lower: String = text.nfkc().flat_map(char::to_lowercase).collect();
    let bare = lower.nfkc().filter(|c| !is_blank(*c)).map(simplified);
    // Where a blank went, an accent may now meet the letter before it.
    bare.nfc().collect()
}

/// White space, and the zero-width characters that copied spreadsheets and web pages bring along.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200B}'..='\u{200D}' | '\u{2060}' | '\u{FEFF}' | '\u{FE00}'..='\u{FE0F}')
}

/// Traditional and simplified characters, by the traditional one.
static TRADITIONAL: LazyLock<Vec<(char, char)>> = LazyLock::new(|| {
    let lines = include_str!("../data/traditional.txt").lines();
    let pairs = lines
        .filter(|line| !line.starts_with('#'))
        .flat_map(str::split_whitespace);
    let pair = |pair: &str| {
        let mut chars = pair.chars();
        chars.next().zip(chars.next())
    };
    let mut table: Vec<(char, char)> = pairs.filter_map(pair).collect();
    table.sort_unstable();
    table
});

fn simplified(c: char) -> char {
    if c.is_ascii() {
        return c;
    }
    let table = &*TRADITIONAL;
    let place = table.binary_search_by_key(&c, |(traditional, _)| *traditional);
    let found = place.ok().and_then(|place| table.get(place));
    found.map_or(c, |(_, simplified)| *simplified)
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0 || normalised(&self.0) == normalised(&other.0)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_differ_only_in_width_or_spacing_are_equal() {
        assert_eq!(Text::new("国培 （2022）"), Text::new("国培(2022)"));
        assert_ne!(Text::new("国培(2022)"), Text::new("国培(2023)"));
    }

    #[test]
    fn texts_that_differ_only_in_script_are_equal() {
        assert_eq!(
            Text::new("留壩縣教師培訓 第一學期"),
            Text::new("留坝县教师培训第一学期")
        );
        assert_ne!(Text::new("留壩縣"), Text::new("留坝区"));
    }

    #[test]
    fn the_table_has_one_simplified_form_for_each_character_and_none_that_is_a_key_itself() {
        let table = &*TRADITIONAL;
        assert!(table.len() > 800, "{}", table.len());
        for pair in table.windows(2) {
            assert_ne!(pair[0].0, pair[1].0, "{pair:?}");
        }
        for &(_, to) in table {
            assert_eq!(simplified(to), to);
        }
    }

    #[test]
    fn zero_width_characters_of_copied_cells_do_not_count() {
        assert_eq!(Text::new("\u{FEFF}教\u{200B}研室"), Text::new("教研室"));
    }

    #[test]
    fn accents_that_meet_where_a_blank_went_are_put_in_order() {
        let once = normalised("È¸");
        assert_eq!(normalised(&once), once);
    }

    proptest::proptest! {
        #[test]
        fn the_normalised_form_of_a_normalised_form_is_itself(text in "\\PC{0,24}") {
            let once = normalised(&text);
            proptest::prop_assert_eq!(normalised(&once), once);
        }
    }

    #[test]
    fn control_characters_and_over_long_texts_are_not_taken() {
        assert_eq!(Text::new("a\u{7}b"), Err(TextError::Control { code: 7 }));
        assert_eq!(
            Text::new(&"字".repeat(201)),
            Err(TextError::TooLong { length: 201, max: 200 })
        );
        assert_eq!(Text::new(" \u{3000}"), Err(TextError::Empty));
    }
}
