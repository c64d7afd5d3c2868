//! Headings and words as they are compared: people type full-width brackets, spaces, stars and traditional characters.

use keshi_core::text::{is_blank, normalised};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

/// Characters of headings that are traditional or variants and are not among the core's.
const VARIANTS: &[(char, char)] = &[
    ('穫', '获'),
    ('齢', '龄'),
    ('視', '视'),
    ('奬', '奖'),
    ('業', '业'),
    ('記', '记'),
    ('録', '录'),
    ('註', '注'),
    ('説', '说'),
    ('証', '证'),
];

/// Full-width characters as half-width, without white space.
pub fn squeezed(text: &str) -> String {
    let visible = |c: &char| !is_blank(*c);
    if is_nfkc_quick(text.chars()) == IsNormalized::Yes {
        return text.chars().filter(visible).collect();
    }
    text.nfkc().filter(visible).collect()
}

/// A text as it goes into keys and is compared: the core's normalised form, so that texts which the ledger takes for
/// one give one id.
pub fn key_form(text: &str) -> String {
    // Ids, days and numbers: most parts of keys, and nothing in them to compose or to translate.
    if text.is_ascii() {
        let visible = text.chars().filter(|c| !c.is_whitespace());
        return visible.map(|c| c.to_ascii_lowercase()).collect();
    }
    normalised(text)
}

/// A course's name without what people write one way or another: punctuation, and the 年 of a year.
pub fn course_form(name: &str) -> String {
    let mut form = String::new();
    for c in key_form(name).chars().filter(|c| c.is_alphanumeric()) {
        if c != '年' || !form.ends_with(|before: char| before.is_ascii_digit()) {
            form.push(c);
        }
    }
    form
}

/// A heading as it is compared: as [`key_form`], without stars, colons, and what stands in brackets behind it.
///
/// `＊培訓獲得學時（課時）` and `培训获得学时` are one.
pub fn heading_form(text: &str) -> String {
    let text: String = text.nfkc().collect();
    let open = text.find(['(', '[', '【', '〔']).filter(|&at| at > 0);
    let kept = open.map_or(text.as_str(), |at| text.get(..at).unwrap_or_default());
    let kept = key_form(kept);
    let plain = |c| {
        VARIANTS
            .iter()
            .find(|(variant, _)| *variant == c)
            .map_or(c, |(_, plain)| *plain)
    };
    kept.chars()
        .map(plain)
        .filter(|c| !is_blank(*c) && !matches!(c, '*' | ':' | '★' | '※' | '、' | ',' | '.' | '_' | '-'))
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_that_differ_in_dress_alone_are_one_and_others_are_not() {
        for other in [
            "2022小学语文新课标培训",
            "２０２２年小学语文·新课标 培训",
            "2022年度小学语文“新课标”培训",
        ] {
            let is_one = course_form(other) == course_form("2022年小学语文新课标培训");
            assert_eq!(is_one, !other.contains("年度"), "{other}");
        }
        assert_ne!(course_form("少年宫培训"), course_form("少宫培训"));
        assert_ne!(course_form("课标培训一"), course_form("课标培训二"));
    }

    #[test]
    fn a_heading_is_one_however_it_is_dressed() {
        for text in [
            "培训获得学时",
            "＊培訓獲得學時（課時）",
            "培 训 获 得 学 时",
            "培训获得\n学时*",
            "培训获得学时：",
            "\u{feff}培训\u{200b}获得\u{a0}学时\u{3000}",
        ] {
            assert_eq!(heading_form(text), "培训获得学时", "{text:?}");
        }
        assert_ne!(heading_form("培训获得学分"), heading_form("培训获得学时"));
    }

    proptest! {
        #[test]
        fn the_short_way_to_a_key_leads_where_the_long_one_does(text in "[ -~\\t]{0,20}") {
            prop_assert_eq!(key_form(&text), normalised(&text));
        }
    }
}
