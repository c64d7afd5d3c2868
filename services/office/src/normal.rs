//! The forms in which texts are compared. What was given is kept; only the comparison uses these.

use unicode_normalization::UnicodeNormalization;

/// NFKC (full-width to half-width), lower case, without white space, control and zero-width characters.
pub(crate) fn compare_form(text: &str) -> String {
    form_without(text, is_invisible)
}

/// [`compare_form`] of a person's name, also without the middle dots of transcribed names, which are typed in
/// half a dozen ways (`·`, `•`, `‧`, `・`, a full stop) or left out.
pub(crate) fn name_form(name: &str) -> String {
    form_without(name, |c| is_invisible(c) || is_middle_dot(c))
}

fn form_without(text: &str, dropped: impl Fn(char) -> bool) -> String {
    // The second round composes what stood apart only because of a dropped or lower-cased character.
    text.nfkc()
        .filter(|c| !dropped(*c))
        .flat_map(char::to_lowercase)
        .nfkc()
        .collect()
}

/// White space, control characters, and what prints as nothing at all.
pub(crate) fn is_invisible(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '\u{00AD}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2064}' | '\u{FEFF}')
}

fn is_middle_dot(c: char) -> bool {
    matches!(
        c,
        '.' | '\u{00B7}' | '\u{0387}' | '\u{2022}' | '\u{2027}' | '\u{2219}' | '\u{22C5}' | '\u{2E31}' | '\u{30FB}'
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_is_one_however_it_is_spaced_and_dotted() {
        let form = name_form("阿依古丽·买买提");
        for written in [
            "阿依古丽•买买提",
            "阿依古丽‧买买提",
            "阿依古丽・买买提",
            "阿依古丽･买买提",
            "阿依古丽．买买提",
            " 阿依古丽 · 买买提\u{3000}",
            "阿依古丽买买提\u{200B}",
        ] {
            assert_eq!(name_form(written), form, "{written:?}");
        }
        assert_eq!(name_form("王\u{3000}芳"), name_form("王芳"));
        assert_eq!(name_form("ＡＬＩ"), name_form("Ali"));
        assert_ne!(name_form("王芳"), name_form("王方"));
    }

    proptest! {
        #[test]
        fn normalising_twice_changes_nothing_more(text in "\\PC{0,20}") {
            let once = name_form(&text);
            prop_assert_eq!(name_form(&once), once);
        }
    }
}
