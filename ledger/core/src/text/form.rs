//! The forms in which texts are compared, and what counts as blank in all of them. What was given is kept; only the
//! comparison uses these.

use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;

/// White space and what prints as nothing: zero-width characters, soft hyphens, variation selectors, bidi controls, as
/// copied spreadsheets and web pages bring them along.
pub fn is_blank(c: char) -> bool {
    c.is_whitespace()
        || is_bidi_control(c)
        || matches!(c, '\u{00AD}' | '\u{200B}'..='\u{200D}' | '\u{2060}'..='\u{2064}' | '\u{FEFF}' | '\u{FE00}'..='\u{FE0F}')
}

/// A character that turns the direction of what follows: a text with one is shown as another than it is.
pub fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
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

/// NFKC, lower case, without blanks and control characters: numbers of documents, where a character is not translated.
pub fn compare_form(text: &str) -> String {
    form_without(text, |c| is_blank(c) || c.is_control())
}

/// [`compare_form`] of a person's name, also without the middle dots of transcribed names, which are typed in
/// half a dozen ways (`·`, `•`, `‧`, `・`, a full stop) or left out.
pub fn name_form(name: &str) -> String {
    form_without(name, |c| is_blank(c) || c.is_control() || is_middle_dot(c))
}

fn form_without(text: &str, dropped: impl Fn(char) -> bool) -> String {
    // The second round composes what stood apart only because of a dropped or lower-cased character.
    text.nfkc()
        .filter(|c| !dropped(*c))
        .flat_map(char::to_lowercase)
        .nfkc()
        .collect()
}

fn is_middle_dot(c: char) -> bool {
    matches!(
        c,
        '.' | '\u{00B7}' | '\u{0387}' | '\u{2022}' | '\u{2027}' | '\u{2219}' | '\u{22C5}' | '\u{2E31}' | '\u{30FB}'
    )
}

/// Traditional and simplified characters, by the traditional one.
static TRADITIONAL: LazyLock<Vec<(char, char)>> = LazyLock::new(|| {
    let lines = include_str!("../../data/traditional.txt").lines();
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

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
    fn accents_that_meet_where_a_blank_went_are_put_in_order() {
        let once = normalised("È¸");
        assert_eq!(normalised(&once), once);
    }

    #[test]
    fn every_form_drops_the_same_blanks() {
        for c in (0..=u32::from(char::MAX))
            .filter_map(char::from_u32)
            .filter(|c| is_blank(*c))
        {
            let text = format!("王{c}芳");
            assert_eq!(normalised(&text), "王芳", "{c:?}");
            assert_eq!(compare_form(&text), "王芳", "{c:?}");
            assert_eq!(name_form(&text), "王芳", "{c:?}");
        }
    }

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
        assert_eq!(name_form("ＡＬＩ"), name_form("Ali"));
        assert_ne!(name_form("王芳"), name_form("王方"));
    }

    proptest! {
        #[test]
        fn the_form_of_a_form_is_itself(text in "\\PC{0,24}") {
            for form in [normalised, compare_form, name_form] {
                let once = form(&text);
                prop_assert_eq!(form(&once), once);
            }
        }
    }
}
