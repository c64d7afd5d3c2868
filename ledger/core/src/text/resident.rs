//! The resident identity number (公民身份号码, GB 11643): region, birth date, sequence, check character.

use jiff::civil::Date;
use thiserror::Error;

use crate::lang::{Say, say};

/// Why a text is not a resident identity number. The number itself is never in the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ResidentIdError {
    /// Not 18 characters.
    #[error("a resident ID number has 18 characters, this one has {length}{}", old_form(*.length))]
    Length {
        /// Characters given.
        length: usize,
    },
    /// Something else than digits, or an X before the end.
    #[error("character {position} of the resident ID number is not a digit")]
    Character {
        /// Its place, from 1.
        position: usize,
    },
    /// Characters 7 to 14 are no day.
    #[error("characters 7 to 14 of the resident ID number are not a day of birth")]
    BirthDate,
    /// The last character does not fit the others.
    #[error("the resident ID number has a wrong digit: its check character does not fit")]
    CheckCharacter,
}

impl ResidentIdError {
    /// The same in both languages.
    pub fn said(self) -> Say {
        let zh = match self {
            Self::Length { length: 15 } => "身份证号码应为 18 位，这是 15 位的旧号码：请用现在的号码".to_owned(),
            Self::Length { length } => format!("身份证号码应为 18 位，现有 {length} 位"),
            Self::Character { position } => format!("身份证号码第 {position} 位不是数字"),
            Self::BirthDate => "身份证号码第 7 至 14 位不是出生日期".to_owned(),
            Self::CheckCharacter => "身份证号码有错：校验位不符".to_owned(),
        };
        say(zh, self.to_string())
    }
}

fn old_form(length: usize) -> &'static str {
    if length == 15 {
        ", the old form: use the present one"
    } else {
        ""
    }
}

/// Whether a document of this type, as people write it, is a resident identity card; blank means so.
pub fn is_type(text: &str) -> bool {
    matches!(text, "" | "身份证" | "居民身份证" | "1")
}

/// Checks a resident identity number of ASCII digits and a final digit or `X`, and returns the birth date in it.
///
/// The region code is not checked: codes of regions long renamed stay on people's cards.
///
/// # Errors
///
/// [`ResidentIdError`]: the first thing that is wrong.
pub fn birth_date(number: &str) -> Result<Date, ResidentIdError> {
    let length = number.chars().count();
    if length != 18 {
        return Err(ResidentIdError::Length { length });
    }
    let wrong = |(i, c): (usize, char)| !(c.is_ascii_digit() || (i == 17 && c == 'X'));
    if let Some(position) = number.chars().enumerate().position(wrong) {
        return Err(ResidentIdError::Character { position: position + 1 });
    }
    let part = |from: usize, to: usize| number.get(from..to).and_then(|digits| digits.parse::<i16>().ok());
    let birth_date = match (part(6, 10), part(10, 12), part(12, 14)) {
        (Some(year), Some(month), Some(day)) => {
            let small = |n: i16| i8::try_from(n).unwrap_or(0);
            Date::new(year, small(month), small(day)).ok().filter(|_| year >= 1800)
        }
        _ => None,
    };
    let birth_date = birth_date.ok_or(ResidentIdError::BirthDate)?;
    if number.ends_with(check_character(number)) {
        Ok(birth_date)
    } else {
        Err(ResidentIdError::CheckCharacter)
    }
}

/// The birth date in a number of the old form, 15 digits without a check character: region, `YYMMDD` of the last century,
/// sequence. `None` if it has none, or begins with no province.
pub fn old_birth_date(number: &str) -> Option<Date> {
    let is_number = number.len() == 15 && number.bytes().all(|b| b.is_ascii_digit());
    let part = |from: usize, to: usize| number.get(from..to).and_then(|digits| digits.parse::<i8>().ok());
    let province = part(0, 2).filter(|_| is_number)?;
    let is_province = matches!(province, 11..=15 | 21..=23 | 31..=37 | 41..=46 | 50..=54 | 61..=65 | 71 | 81..=83);
    let (year, month, day) = (part(6, 8)?, part(8, 10)?, part(10, 12)?);
    let date = Date::new(1900 + i16::from(year), month, day).ok()?;
    is_province.then_some(date)
}

/// The check character for the first 17 digits (ISO 7064, MOD 11-2).
pub fn check_character(digits: &str) -> char {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = digits
        .chars()
        .zip(WEIGHTS)
        .map(|(c, weight)| c.to_digit(10).unwrap_or(0) * weight)
        .sum();
    match sum % 11 {
        0 => '1',
        1 => '0',
        2 => 'X',
        rest => char::from_digit(12 - rest, 10).unwrap_or('0'),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    /// A made-up number of a region that does not exist (999999), so that no test names a real person.
    fn made_up(birth_date: Date, sequence: u16) -> String {
        let first = format!("999999{}{:03}", birth_date.strftime("%Y%m%d"), sequence % 1000);
        let check = check_character(&first);
        format!("{first}{check}")
    }

    #[test]
    fn the_example_of_the_standard_is_valid() {
        // GB 11643-1999, annex: the worked example of the check character.
        assert_eq!(birth_date("11010519491231002X"), Ok(date(1949, 12, 31)));
    }

    #[test]
    fn each_mistake_is_told_apart() {
        let good = made_up(date(1980, 2, 29), 1);
        assert_eq!(birth_date(&good), Ok(date(1980, 2, 29)));
        assert_eq!(birth_date(&good[..17]), Err(ResidentIdError::Length { length: 17 }));
        assert_eq!(
            birth_date("999999800229001"),
            Err(ResidentIdError::Length { length: 15 })
        );
        assert_eq!(
            birth_date(&good.replacen('9', "X", 1)),
            Err(ResidentIdError::Character { position: 1 })
        );
        assert_eq!(
            birth_date(&good.replace("19800229", "19810229")),
            Err(ResidentIdError::BirthDate)
        );
        assert_eq!(
            birth_date(&good.replace("19800229", "19800228")),
            Err(ResidentIdError::CheckCharacter)
        );
    }

    proptest! {
        #[test]
        fn one_wrong_digit_or_two_exchanged_are_noticed(days in 0..40_000_i32, sequence in 0..1000_u16, at in 0..17_usize, to in 0..10_u8) {
            let born = date(1900, 1, 1).checked_add(jiff::Span::new().days(days)).unwrap();
            let good = made_up(born, sequence);
            prop_assert_eq!(birth_date(&good), Ok(born));
            let mut wrong = good.clone();
            wrong.replace_range(at..=at, &to.to_string());
            prop_assert!(wrong == good || birth_date(&wrong).is_err());
            let mut exchanged: Vec<char> = good.chars().collect();
            exchanged.swap(at, at + 1);
            let exchanged: String = exchanged.into_iter().collect();
            prop_assert!(exchanged == good || birth_date(&exchanged).is_err());
        }

        #[test]
        fn no_text_makes_the_check_panic(text in "\\PC{0,20}") {
            let _ = birth_date(&text);
        }
    }
}
