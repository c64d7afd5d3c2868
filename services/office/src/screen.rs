//! Finds personal data in free text, so that a note with an ID or phone number is refused before it reaches the ledger,
//! where it would stay for ever.
//!
//! It looks for what people type, not for what they hide: full-width digits, spaces, hyphens and dots between groups are
//! seen through; numbers spelt in characters are not.

use std::fmt;

use unicode_normalization::UnicodeNormalization;

use crate::normal::is_invisible;
use crate::people::resident_birth_date;

/// What was found. Deliberately not the number itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// A valid resident identity number (身份证号码).
    IdNumber,
    /// A mainland mobile number (手机号码).
    MobileNumber,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::IdNumber => "a resident ID number (身份证号码)",
            Self::MobileNumber => "a mobile phone number (手机号码)",
        })
    }
}

/// Looks for a resident ID number (18 characters, existing birth date, right check character) or a mainland mobile
/// number (11 digits from 13 to 19, with or without 86 before it) in `text`.
///
/// Digits must stand alone: 11 digits within a longer run are no phone number.
pub fn personal_data(text: &str) -> Option<Found> {
    // Most notes have no long numbers; `is_numeric` sees every digit that NFKC would turn into an ASCII one.
    if text.chars().filter(|c| c.is_numeric()).count() < 11 {
        return None;
    }
    let text: Vec<char> = text
        .chars()
        .map(plain)
        .filter(|c| *c == ' ' || !is_invisible(*c))
        .collect();
    runs(&text).iter().find_map(|groups| find_in(groups))
}

/// A full-width, circled or otherwise dressed character without its dress. One that stands for several, such as `㎡`, is
/// left alone: its `2` is no digit of a number.
fn plain(c: char) -> char {
    let mut plain = std::iter::once(c).nfkc();
    match (plain.next(), plain.next()) {
        (Some(plain), None) => plain,
        _ => c,
    }
}

/// Groups of digits that stand one separator apart: `"138-0013 8000, 5"` gives `[[138, 0013, 8000], [5]]`.
fn runs(text: &[char]) -> Vec<Vec<String>> {
    let mut runs: Vec<Vec<String>> = Vec::new();
    let mut last_end = None;
    let mut at = 0;
    while at < text.len() {
        let length = text[at..].iter().take_while(|c| c.is_ascii_digit()).count();
        if length == 0 {
            at += 1;
            continue;
        }
        let mut group: String = text[at..at + length].iter().collect();
        let adjoins = at > 0 && is_separator(text[at - 1]) && last_end == Some(at - 1);
        at += length;
        // It may be the check character of an ID number; for a mobile number it does not count.
        if text.get(at).is_some_and(|c| matches!(c, 'X' | 'x')) {
            group.push('X');
            at += 1;
        }
        match runs.last_mut() {
            Some(run) if adjoins => run.push(group),
            _ => runs.push(vec![group]),
        }
        last_end = Some(at);
    }
    runs
}

fn is_separator(c: char) -> bool {
    matches!(c, ' ' | '-' | '.' | '·' | '‐' | '‑' | '–' | '—' | '_' | '/')
}

/// Looks at every stretch of neighbouring groups, since a date may stand right before a number.
fn find_in(groups: &[String]) -> Option<Found> {
    let digits: Vec<String> = groups
        .iter()
        .map(|group| group.trim_end_matches('X').to_owned())
        .collect();
    let is_id = |stretch: &[String]| resident_birth_date(&stretch.concat()).is_ok();
    if stretches(groups, 18).any(is_id) || stretches(&digits, 18).any(is_id) {
        return Some(Found::IdNumber);
    }
    let mobile = digits.iter().any(|group| is_mobile(group)) || stretches(&digits, 11).any(is_mobile_in_parts);
    mobile.then_some(Found::MobileNumber)
}

/// The stretches of groups that have `length` characters together.
fn stretches(groups: &[String], length: usize) -> impl Iterator<Item = &[String]> {
    (0..groups.len()).filter_map(move |from| {
        let mut sum = 0;
        let count = groups[from..].iter().take_while(|group| {
            sum += group.len();
            sum < length
        });
        let to = from + count.count() + 1;
        (sum == length).then(|| &groups[from..to])
    })
}

fn is_mobile(digits: &str) -> bool {
    let own = match digits.len() {
        13 => digits.strip_prefix("86"),
        15 => digits.strip_prefix("0086"),
        _ => Some(digits),
    };
    own.is_some_and(|own| {
        own.len() == 11
            && own.bytes().all(|b| b.is_ascii_digit())
            && own.starts_with('1')
            && matches!(own.as_bytes()[1], b'3'..=b'9')
    })
}

/// Written apart as people do; other splits are far more often dates, scores and rooms.
fn is_mobile_in_parts(stretch: &[String]) -> bool {
    let lengths: Vec<usize> = stretch.iter().map(String::len).collect();
    matches!(lengths[..], [3, 4, 4] | [3, 8] | [7, 4] | [4, 3, 4] | [3, 3, 5]) && is_mobile(&stretch.concat())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;
    use crate::people::resident_id::made_up;

    fn full_width(text: &str) -> String {
        text.chars()
            .map(|c| char::from_u32(u32::from(c) - 0x21 + 0xFF01).unwrap())
            .collect()
    }

    #[test]
    fn id_numbers_are_found_however_they_are_typed() {
        let id = made_up(date(1985, 3, 4), 17);
        let with_x = (0..1000)
            .map(|n| made_up(date(1985, 3, 4), n))
            .find(|id| id.ends_with('X'))
            .unwrap();
        for id in [id, with_x] {
            for text in [
                id.clone(),
                id.to_lowercase(),
                full_width(&id),
                format!("身份证{id}，已核对"),
                format!("{} {} {}", &id[..6], &id[6..14], &id[14..]),
                format!("2022-09-01 {id}"),
                format!("{id} 2022"),
                format!("{id}abc"),
                format!("面积 80㎡{id}x"),
                format!("编号：{}\u{200B}{}", &id[..9], &id[9..]),
            ] {
                assert_eq!(personal_data(&text), Some(Found::IdNumber), "{text}");
            }
        }
    }

    #[test]
    fn mobile_numbers_are_found_however_they_are_typed() {
        for text in [
            "19900000000",
            "电话１９９００００００００",
            "tel19900000000",
            "19900000000xiaoming",
            "199 0000 0000",
            "199-0000-0000",
            "199\u{A0}0000\u{3000}0000",
            "+86 19900000000",
            "+8619900000000",
            "008619900000000",
            "2022-09-01 19900000000",
            "①⑨⑨⓪⓪⓪⓪⓪⓪⓪⓪",
        ] {
            assert_eq!(personal_data(text), Some(Found::MobileNumber), "{text}");
        }
    }

    #[test]
    fn ordinary_notes_pass() {
        let wrong_check = {
            let id = made_up(date(1985, 3, 4), 17);
            id.replace("19850304", "19850305")
        };
        for text in [
            "",
            "听课 2 节，评课 1 次",
            "留教研发〔2022〕6号，2022-09-01 至 2022-12-31",
            "2022-09-01 08:00 2022-09-01 11:30",
            "座机 0916-2223334",
            "12345678901",
            "99000000000",
            "199000000001",
            "6107290001 6107290002",
            "17XL 2x3 5X 1990000000x",
            "项目编号 20220901000000000000000123",
            "1990 00 00 00 0",
            &wrong_check,
            &format!("1{}", made_up(date(1985, 3, 4), 17)),
        ] {
            assert_eq!(personal_data(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn an_id_number_is_found_wherever_it_stands(before in "[^\\p{N}]{0,12}", days in 0..40_000_i32, n in 0..1000_u16, after in "[^\\p{N}]{0,12}") {
            let id = made_up(date(1900, 1, 1).checked_add(jiff::Span::new().days(days)).unwrap(), n);
            prop_assert_eq!(personal_data(&format!("{before}{id}{after}")), Some(Found::IdNumber));
        }

        #[test]
        fn no_text_makes_the_search_panic(text in "[0-9０-９Xx .\\-\u{200B}]{0,60}") {
            let _ = personal_data(&text);
        }

        #[test]
        fn text_without_digits_passes(text in "[^\\p{N}]{0,60}") {
            prop_assert_eq!(personal_data(&text), None);
        }
    }
}
