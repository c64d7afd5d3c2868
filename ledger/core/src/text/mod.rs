//! Free text: names, reasons, places. Kept as given, compared in a normalised form (DOMAIN §13.17).
//!
//! The one home of what all crates must agree on about texts: blanks and compared forms, resident ID numbers
//! ([`resident`]), what looks like personal data ([`personal`]), and pupils called by name ([`pupil`]).

use std::fmt;
use std::sync::Arc;

use thiserror::Error;

mod form;
pub mod personal;
pub mod pupil;
pub mod resident;

pub use self::form::{compare_form, is_bidi_control, is_blank, name_form, normalised};

/// What stands in the place of a name that was erased (DOMAIN §14).
pub const ERASED_NAME: &str = "（已删除）";

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
    /// A control character, such as a line break or one that turns the direction of writing.
    #[error("has the control character U+{code:04X}")]
    Control {
        /// Its code point.
        code: u32,
    },
}

/// A non-empty text of at most 200 characters without control characters, trimmed.
///
/// A clone is the same text: answers name projects a thousand times.
///
/// Two texts are equal when their normalised forms are: `三（1）班` and `三(1)班` are one.
#[derive(Clone, Eq)]
pub struct Text(Arc<str>);

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
        .find(|c| c.is_control() || is_bidi_control(*c) || matches!(c, '\u{2028}' | '\u{2029}'))
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
    fn zero_width_characters_of_copied_cells_do_not_count() {
        assert_eq!(Text::new("\u{FEFF}教\u{200B}研室"), Text::new("教研室"));
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

    #[test]
    fn characters_that_turn_the_direction_of_writing_are_not_taken() {
        for c in
            "\u{61C}\u{200E}\u{200F}\u{202A}\u{202B}\u{202C}\u{202D}\u{202E}\u{2066}\u{2067}\u{2068}\u{2069}".chars()
        {
            assert_eq!(
                Text::new(&format!("国培{c}2022")),
                Err(TextError::Control { code: c.into() })
            );
        }
    }
}
