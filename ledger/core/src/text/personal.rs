//! Finds personal data in texts and ids: ID numbers, phones, e-mail addresses. One such in an entry would stay for ever.
//!
//! It sees through what people put between and in place of digits: blanks, commas, brackets, dots and dashes, full-width,
//! Arabic-Indic and Chinese digits, the letters O and l. A text is read twice, once with digits only and once with what
//! may stand for digits too; what either reading finds counts.

use std::fmt;

use jiff::civil::Date;
use unicode_normalization::UnicodeNormalization;

use super::is_blank;
use super::resident::{birth_date, old_birth_date};

/// Most characters between two groups of one number.
const GAP_MAX: usize = 4;

/// What was found. Deliberately not the number itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// A resident identity number (身份证号码), also one of the old form.
    IdNumber,
    /// A phone number (电话号码).
    PhoneNumber,
    /// An e-mail address (电子邮箱).
    Email,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::IdNumber => "a resident ID number (身份证号码)",
            Self::PhoneNumber => "a phone number (电话号码)",
            Self::Email => "an e-mail address (电子邮箱)",
        })
    }
}

/// Looks for personal data in free text.
pub fn in_text(text: &str) -> Option<Found> {
    // Most texts have neither eleven digits nor an `@`.
    let plain: Vec<char> = if text.is_ascii() {
        text.chars().collect()
    } else {
        text.chars().map(plain).filter(|c| *c == ' ' || !is_blank(*c)).collect()
    };
    if has_email(&plain) {
        return Some(Found::Email);
    }
    if plain.iter().filter(|c| loose_digit(**c).is_some()).count() < 10 {
        return None;
    }
    let strict = |c: char| c.is_ascii_digit().then_some(c);
    in_runs(&runs(&plain, strict)).or_else(|| in_runs(&runs(&plain, loose_digit)))
}

/// Looks for personal data in an id: a number that makes up the id or one of its parts, perhaps behind letters. Digits with
/// letters behind them are a part of something else, such as a hash.
pub fn in_id(id: &str) -> Option<Found> {
    if id.bytes().filter(u8::is_ascii_digit).count() < 10 {
        return None;
    }
    let parts = id.split(['.', '_', '-']).map(|part| {
        let digits = part.trim_start_matches(|c: char| c.is_ascii_alphabetic());
        let body = digits.strip_suffix(['X', 'x']).unwrap_or(digits);
        let is_number = body.bytes().all(|b| b.is_ascii_digit());
        if is_number { digits } else { "/" }
    });
    // What is no number parts the others.
    let numbers: Vec<&str> = parts.collect();
    let runs = numbers.split(|part| *part == "/").map(|groups| {
        let groups = groups.iter().filter(|digits| !digits.is_empty());
        let group = |digits: &&str| Group {
            digits: digits.to_ascii_uppercase(),
            before: '-',
        };
        groups.map(group).collect::<Vec<_>>()
    });
    in_runs(&runs.collect::<Vec<_>>())
}

// === reading ===

/// A full-width, circled or otherwise dressed character without its dress; a digit of another script as an ASCII one. One
/// that stands for several, such as `㎡`, is left alone: its `2` is no digit of a number.
fn plain(c: char) -> char {
    let mut plain = std::iter::once(c).nfkc();
    match (plain.next(), plain.next()) {
        (Some(plain), None) if plain.is_whitespace() => ' ',
        (Some(plain), None) => foreign_digit(plain).unwrap_or(plain),
        _ => c,
    }
}

/// The digits of Arabic, Persian, Indian and South-East Asian scripts, by their zeros.
fn foreign_digit(c: char) -> Option<char> {
    const ZEROS: [u32; 20] = [
        0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xE50, 0xED0, 0xF20,
        0x1040, 0x17E0, 0x1810, 0x19D0, 0x1B50,
    ];
    let code = u32::from(c);
    let zero = ZEROS.into_iter().find(|zero| (*zero..*zero + 10).contains(&code))?;
    char::from_digit(code - zero, 10)
}

/// A digit, or what people write for one.
fn loose_digit(c: char) -> Option<char> {
    Some(match c {
        '0'..='9' => c,
        '〇' | '零' | '○' | 'O' | 'o' | 'О' | 'о' => '0',
        '一' | '壹' | '幺' | 'l' | 'I' | '|' => '1',
        '二' | '贰' => '2',
        '三' | '叁' => '3',
        '四' | '肆' => '4',
        '五' | '伍' => '5',
        '六' | '陆' => '6',
        '七' | '柒' => '7',
        '八' | '捌' => '8',
        '九' | '玖' => '9',
        _ => return None,
    })
}

/// Digits that stand together, with an X behind them perhaps.
struct Group {
    digits: String,
    /// What stands between it and the group before: one character for all of them.
    before: char,
}

/// The groups of digits, in runs of neighbours that nothing but separators parts.
fn runs(text: &[char], digit: impl Fn(char) -> Option<char>) -> Vec<Vec<Group>> {
    let mut runs: Vec<Vec<Group>> = vec![Vec::new()];
    let mut gap: Vec<char> = Vec::new();
    let mut group = String::new();
    let mut before = None;
    let mut chars = text.iter().copied().chain(['\n']).peekable();
    while let Some(c) = chars.next() {
        // A letter that touches a word is a letter of it.
        let is_of_word = c.is_ascii_alphabetic()
            && (before.is_some_and(|b| is_word_letter(b, &digit))
                || chars.peek().is_some_and(|n| is_word_letter(*n, &digit)));
        before = Some(c);
        if let Some(digit) = digit(c).filter(|_| !is_of_word) {
            group.push(digit);
            continue;
        }
        if matches!(c, 'X' | 'x' | '×') && (!group.is_empty() || ends_seventeen(runs.last())) {
            group.push('X');
        }
        if !group.is_empty() {
            let is_near = gap.len() <= GAP_MAX && gap.iter().all(|c| is_separator(*c));
            if !is_near {
                runs.push(Vec::new());
            }
            let between = gap.iter().copied().find(|c| *c != ' ').or_else(|| gap.first().copied());
            if let Some(run) = runs.last_mut() {
                run.push(Group {
                    digits: std::mem::take(&mut group),
                    before: between.unwrap_or(' '),
                });
            }
            gap.clear();
        }
        if !matches!(c, 'X' | 'x' | '×') {
            gap.push(c);
        }
    }
    runs
}

/// Whether `c` is a letter that cannot stand for a digit.
fn is_word_letter(c: char, digit: &impl Fn(char) -> Option<char>) -> bool {
    c.is_ascii_alphabetic() && digit(c).is_none() && !matches!(c, 'X' | 'x')
}

/// Whether what came before an X that stands apart may be the rest of an ID number.
fn ends_seventeen(run: Option<&Vec<Group>>) -> bool {
    run.is_some_and(|run| run.iter().map(|group| group.digits.len()).sum::<usize>() >= 17)
}

fn is_separator(c: char) -> bool {
    !c.is_alphanumeric() && !c.is_control()
}

// === searching ===

fn in_runs(runs: &[Vec<Group>]) -> Option<Found> {
    runs.iter().find_map(|groups| find_in(groups))
}

/// Looks at every stretch of neighbouring groups, since a date may stand right before a number.
fn find_in(groups: &[Group]) -> Option<Found> {
    let mut phone = None;
    for from in 0..groups.len() {
        let mut digits = String::new();
        for (count, group) in (1..).zip(groups.get(from..).unwrap_or_default()) {
            let bare = group.digits.trim_end_matches('X');
            let stretch = groups.get(from..from + count).unwrap_or_default();
            if digits.len() + group.digits.len() == 18 && birth_date(&format!("{digits}{}", group.digits)).is_ok() {
                return Some(Found::IdNumber);
            }
            digits.push_str(bare);
            match digits.len() {
                18 if birth_date(&digits).is_ok() => return Some(Found::IdNumber),
                15 if old_birth_date(&digits).is_some() && is_split_like_an_id(stretch) => {
                    return Some(Found::IdNumber);
                }
                10..=16 if is_phone(&digits, stretch) => phone = Some(Found::PhoneNumber),
                0..=18 => {}
                _ => break,
            }
            if bare.len() != group.digits.len() {
                break;
            }
        }
    }
    phone
}

/// Whole, between region, date and sequence, or into equal parts; other splits of 15 digits are far more often dates.
fn is_split_like_an_id(stretch: &[Group]) -> bool {
    let lengths = lengths(stretch);
    let equal = lengths
        .first()
        .is_some_and(|first| lengths.iter().all(|length| length == first));
    equal || matches!(lengths[..], [6, 6, 3] | [6, 9] | [12, 3] | [6, 2, 2, 2, 3])
}

fn lengths(stretch: &[Group]) -> Vec<usize> {
    stretch
        .iter()
        .map(|group| group.digits.trim_end_matches('X').len())
        .collect()
}

/// A mainland mobile number (11 digits from 13 to 19) or one of a landline with its area code, whole or written apart as
/// people do; other splits are far more often dates, scores and rooms.
fn is_phone(digits: &str, stretch: &[Group]) -> bool {
    let mut lengths = lengths(stretch);
    let mut own = digits;
    for country in ["0086", "86"] {
        if let Some(rest) = digits.strip_prefix(country).filter(|rest| rest.len() >= 10)
            && let Some(first) = lengths.first_mut()
            && *first >= country.len()
        {
            *first -= country.len();
            own = rest;
            break;
        }
    }
    if own.len() != digits.len() && lengths.first() == Some(&0) {
        lengths.remove(0);
    } else if own.len() == digits.len() && !is_evenly_parted(stretch) {
        return false;
    }
    let has_country = own.len() != digits.len();
    is_mobile(own, &lengths) || is_landline(own, &lengths) || (has_country && is_landline_abroad(own, &lengths))
}

/// Whether one kind of separator stands between all groups: `150，2021-2022` is a number and a school year.
fn is_evenly_parted(stretch: &[Group]) -> bool {
    let mut between = stretch.iter().skip(1).map(|group| pair_of(group.before));
    let Some(first) = between.next() else { return true };
    // Only an area code or the first part stands in brackets.
    matches!(first, '(' | ')' | '[' | '+') || between.all(|other| other == first)
}

/// Dashes and blanks part the same way.
fn pair_of(c: char) -> char {
    match c {
        '‐' | '‑' | '–' | '—' | '−' | '－' | ' ' => '-',
        c => c,
    }
}

fn is_mobile(own: &str, lengths: &[usize]) -> bool {
    let begins = own
        .strip_prefix('1')
        .is_some_and(|rest| rest.starts_with(|c: char| ('3'..='9').contains(&c)));
    let is_split = match lengths {
        [11] | [7, 4] | [4, 3, 4] | [3, 3, 5] | [3, 2, 2, 2, 2] | [3, 4, 2, 2] => true,
        [3, 8] => own.get(3..).is_some_and(|rest| !is_day(rest)),
        [3, 4, 4] => own.get(3..).is_some_and(|rest| !are_years(rest)),
        _ => lengths.len() == 11,
    };
    own.len() == 11 && begins && is_split
}

fn is_landline(own: &str, lengths: &[usize]) -> bool {
    let area = match own.as_bytes() {
        [b'0', b'1', b'0', ..] | [b'0', b'2', ..] => 3,
        [b'0', b'3'..=b'9', b'1'..=b'9', ..] => 4,
        _ => return false,
    };
    let number = own.get(area..).unwrap_or_default();
    let is_number = match area {
        3 => number.len() == 8,
        _ => matches!(number.len(), 7 | 8),
    };
    let is_split = match lengths {
        [_] => true,
        [first, _] | [first, 3 | 4, 4] => *first == area,
        _ => lengths.len() == own.len(),
    };
    is_number && is_split && number.starts_with(|c: char| ('2'..='8').contains(&c)) && !is_day(number)
}

/// Behind the country's code, the area's goes without its zero.
fn is_landline_abroad(own: &str, lengths: &[usize]) -> bool {
    let mut lengths = lengths.to_vec();
    if let Some(first) = lengths.first_mut() {
        *first += 1;
    }
    is_landline(&format!("0{own}"), &lengths)
}

/// Whether eight digits are a day of our time.
fn is_day(digits: &str) -> bool {
    let part = |from: usize, to: usize| digits.get(from..to).and_then(|part| part.parse::<i16>().ok());
    let small = |part: Option<i16>| part.and_then(|part| i8::try_from(part).ok());
    let (Some(year), Some(month), Some(day)) = (part(0, 4), small(part(4, 6)), small(part(6, 8))) else {
        return false;
    };
    digits.len() == 8 && (1949..2100).contains(&year) && Date::new(year, month, day).is_ok()
}

/// Whether eight digits are a school year, such as `20212022`, or twice the same year.
fn are_years(digits: &str) -> bool {
    let part = |from: usize, to: usize| digits.get(from..to).and_then(|part| part.parse::<u16>().ok());
    let (Some(first), Some(second)) = (part(0, 4), part(4, 8)) else {
        return false;
    };
    (1949..2100).contains(&first) && (first..=first + 5).contains(&second)
}

/// Whether something like `name@school.cn` stands in the text, also with blanks around the `@`.
fn has_email(text: &[char]) -> bool {
    let is_name = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '+' | '%');
    text.iter().enumerate().filter(|(_, c)| **c == '@').any(|(at, _)| {
        let before = text.get(..at).unwrap_or_default();
        let after: String = text
            .get(at + 1..)
            .unwrap_or_default()
            .iter()
            .skip_while(|c| **c == ' ')
            .collect();
        let is_from = before.iter().rev().find(|c| **c != ' ').is_some_and(is_name);
        let domain = after.split(|c: char| !is_name(&c)).next().unwrap_or_default();
        let ending = domain.rsplit_once('.').map_or("", |(_, ending)| ending);
        is_from && ending.len() >= 2 && ending.bytes().all(|b| b.is_ascii_alphabetic())
    })
}

#[cfg(test)]
mod tests;
