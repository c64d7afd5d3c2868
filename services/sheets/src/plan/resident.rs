//! The resident identity number (GB 11643), as far as a sheet can be checked before it is sent.

use jiff::civil::Date;

/// The day of birth in a resident identity number of 18 characters, if its day and check character are right.
pub(super) fn birth_date(number: &str) -> Option<Date> {
    let body = number.get(..17)?;
    let digits = body.bytes().all(|b| b.is_ascii_digit());
    if number.len() != 18 || !digits || !number.ends_with(check_character(body)) {
        return None;
    }
    let part = |from: usize, to: usize| body.get(from..to)?.parse::<i16>().ok();
    Date::new(
        part(6, 10)?,
        i8::try_from(part(10, 12)?).ok()?,
        i8::try_from(part(12, 14)?).ok()?,
    )
    .ok()
}

/// The check character for the first 17 digits (ISO 7064, MOD 11-2).
pub(crate) fn check_character(body: &str) -> char {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = body
        .bytes()
        .zip(WEIGHTS)
        .map(|(digit, weight)| u32::from(digit.saturating_sub(b'0')) * weight)
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

    use super::*;

    #[test]
    fn the_example_of_the_standard_is_valid_and_a_wrong_digit_is_not() {
        // GB 11643-1999, annex: the worked example of the check character.
        assert_eq!(birth_date("11010519491231002X"), Some(date(1949, 12, 31)));
        assert_eq!(birth_date("110105194912310021"), None);
        assert_eq!(birth_date("11010519491231002"), None);
        assert_eq!(birth_date("二一0105194912310"), None);
    }
}
