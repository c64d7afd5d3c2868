//! One cell, as far as the spreadsheet itself says what it is.

use std::fmt;
use std::sync::Arc;

use jiff::civil::{Date, date};
use keshi_core::hours::Hours;
use keshi_core::text::is_blank;
use keshi_core::time::{CHINA, plus_days};
use unicode_normalization::UnicodeNormalization;

/// Digits that a spreadsheet's number can hold; longer ones have lost their last digits.
pub const NUMBER_DIGITS_MAX: usize = 15;

/// What stands for a formula that the file has no result of.
pub(crate) const UNCALCULATED: &str = "#未计算";

/// What stands in a cell whose formula has an error or no result, if `text` is that.
pub(crate) fn formula_error(text: &str) -> Option<&'static str> {
    const ALL: [&str; 9] = [
        "#DIV/0!",
        "#N/A",
        "#NAME?",
        "#NULL!",
        "#NUM!",
        "#REF!",
        "#VALUE!",
        "#GETTING_DATA",
        UNCALCULATED,
    ];
    // Nearly every text is none.
    text.starts_with('#')
        .then(|| ALL.into_iter().find(|error| *error == text))
        .flatten()
}

/// What stands in a cell.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Cell {
    /// Nothing, or white space only.
    #[default]
    Empty,
    /// Text, trimmed.
    Text(Arc<str>),
    /// A number.
    Number(f64),
    /// A day, with the time of day cut off.
    Date(Date),
    /// The error of a formula, e.g. `#N/A`, or that it has no result.
    Error(&'static str),
}

impl Cell {
    /// A text, or nothing where it is empty.
    pub fn text_of(text: &str) -> Self {
        let text = text.trim();
        if text.is_empty() {
            return Self::Empty;
        }
        Self::Text(text.into())
    }

    /// A number of hundredths (hours, credits) as the number that it is: 350 is 3.5.
    pub fn hundredths(hundredths: i64) -> Self {
        // By way of the decimal, so that the nearest number is taken and nothing is computed in floats.
        let number = Hours::from_hundredths(hundredths).to_string().parse();
        number.map_or(Self::Empty, Self::Number)
    }

    /// Whether nothing stands in it.
    pub const fn is_empty(&self) -> bool {
        matches!(self, Self::Empty)
    }

    /// The cell as text; a number without more decimals than needed.
    pub fn text(&self) -> String {
        self.to_string()
    }

    /// The day that the cell means: a date, a serial number, or one of the usual ways to write it.
    pub fn day(&self) -> Option<Date> {
        match self {
            Self::Date(day) => Some(*day),
            Self::Number(number) => day_of_number(*number),
            Self::Text(text) => day_of_text(text),
            Self::Empty | Self::Error(_) => None,
        }
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => Ok(()),
            Self::Text(text) => f.write_str(text),
            Self::Number(number) => f.write_str(&decimal(*number)),
            Self::Date(day) => day.fmt(f),
            Self::Error(error) => f.write_str(error),
        }
    }
}

/// A number as Excel shows it: at most 15 significant digits, so that 0.1 + 0.2 is `0.3`.
fn decimal(number: f64) -> String {
    let rounded: f64 = format!("{number:.14e}").parse().unwrap_or(number);
    // `-0` is what a formula may leave behind.
    if rounded == 0.0 {
        "0".to_owned()
    } else {
        rounded.to_string()
    }
}

/// Days 20,000 (1954) to 80,000 (2119) as serial numbers, or eight digits as in 20220305.
fn day_of_number(number: f64) -> Option<Date> {
    if (20_000.0..80_000.0).contains(&number) {
        return day_of_serial(number);
    }
    let digits = decimal(number);
    (digits.len() == 8).then(|| eight_digits(&digits)).flatten()
}

/// The day of a serial number of the 1900 system: 1 is 1900-01-01, and 1900 has a 29 February that never was.
pub(crate) fn day_of_serial(number: f64) -> Option<Date> {
    let whole = number.trunc();
    if !(61.0..2_958_466.0).contains(&whole) {
        return None;
    }
    #[allow(clippy::cast_possible_truncation, reason = "checked to lie in the range of days")]
    let days = whole as i64;
    Some(plus_days(date(1899, 12, 30), days))
}

fn eight_digits(digits: &str) -> Option<Date> {
    let part = |from: usize, to: usize| digits.get(from..to)?.parse::<i16>().ok();
    day(part(0, 4)?, part(4, 6)?, part(6, 8)?)
}

fn day(year: i16, month: i16, day: i16) -> Option<Date> {
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// `2022-03-05`, `2022/3/5`, `2022.3.5`, `2022年3月5日`, `20220305`, a serial number, each also with a time behind.
fn day_of_text(text: &str) -> Option<Date> {
    let text: String = text.nfkc().collect();
    let text = text.trim();
    if text.bytes().all(|b| b.is_ascii_digit()) {
        return match text.len() {
            8 => eight_digits(text),
            5 => day_of_number(text.parse().ok()?),
            _ => None,
        };
    }
    let without_time = match text.split_once([' ', 'T']) {
        // People write from when to when behind the day, and no seconds; programs that write a zone put a T between.
        Some((day, time)) if text.get(day.len()..).is_some_and(|rest| rest.starts_with(' ')) && is_span(time) => day,
        Some((day, time)) if is_time(time) => {
            if let Some((clock, offset)) = zoned(time) {
                return in_china(day, clock, offset?);
            }
            day
        }
        Some(_) if text.contains('年') => text,
        Some(_) => return None,
        None => text,
    };
    let plain: String = without_time.chars().filter(|c| !is_blank(*c)).collect();
    let plain = plain.trim_end_matches(['日', '号']);
    let parts: Vec<&str> = plain.split(['-', '/', '.', '年', '月', '–', '−']).collect();
    let [year, month, rest] = parts[..] else { return None };
    let number = |part: &str, most: usize| {
        let digits = !part.is_empty() && part.len() <= most && part.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| part.parse::<i16>().ok()).flatten()
    };
    if year.len() != 4 {
        return None;
    }
    day(number(year, 4)?, number(month, 2)?, number(rest, 2)?)
}

/// Whether it is two times of one day, the later one behind: `8:00-11:30`, which is no zone of eleven and a half hours.
fn is_span(text: &str) -> bool {
    let minutes = |clock: &str| {
        let (hours, minutes) = clock.trim().split_once(':')?;
        let part = |text: &str, most: u16| {
            let is_written = (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
            text.parse::<u16>().ok().filter(|number| is_written && *number <= most)
        };
        Some(part(hours, 24)? * 60 + part(minutes, 59)?)
    };
    let times = text.split_once(['-', '–', '—', '−', '~']);
    let times = times.and_then(|(from, to)| Some((minutes(from)?, minutes(to)?)));
    times.is_some_and(|(from, to)| from < to)
}

/// A time with a zone (`23:30:00Z`, `08:00:00.5+05:30`) as its clock and the zone's minutes, if there is such a zone; `None`
/// where none is written.
fn zoned(time: &str) -> Option<(&str, Option<i64>)> {
    let time = time.trim();
    if let Some(clock) = time.strip_suffix('Z') {
        return Some((clock, Some(0)));
    }
    let (clock, offset) = time.split_at_checked(time.rfind(['+', '-'])?)?;
    Some((clock, minutes_of(offset)))
}

/// The day in China when a clock of a zone so many minutes east shows this.
fn in_china(day: &str, clock: &str, offset: i64) -> Option<Date> {
    let mut parts = clock.trim().split(':');
    let mut next = |most: i64| {
        let part = parts.next()?.split('.').next()?;
        part.parse::<i64>().ok().filter(|number| (0..most).contains(number))
    };
    let minutes = next(24)? * 60 + next(60)? - offset + i64::from(CHINA.seconds()) / 60;
    Some(plus_days(day_of_text(day)?, minutes.div_euclid(24 * 60)))
}

/// `+08:00`, `-0330` or `+8` in minutes.
fn minutes_of(offset: &str) -> Option<i64> {
    let (sign, digits) = match offset.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let (hours, minutes) = match digits.split_once(':') {
        Some(parts) => parts,
        None if digits.len() == 4 => digits.split_at_checked(2)?,
        None => (digits, "0"),
    };
    let part = |text: &str, most: i64| text.parse::<i64>().ok().filter(|number| (0..most).contains(number));
    Some(sign * (part(hours, 19)? * 60 + part(minutes, 60)?))
}

fn is_time(text: &str) -> bool {
    let text = text.trim();
    !text.is_empty() && text.contains(':') && text.bytes().all(|b| b.is_ascii_digit() || b":.Z+-APM ".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Cell {
        Cell::Text(text.into())
    }

    #[test]
    fn a_day_is_read_however_it_is_written() {
        let wanted = Some(date(2022, 3, 5));
        for written in [
            "2022-03-05",
            "2022/3/5",
            "2022.3.5",
            "2022年3月5日",
            "2022 年 3 月 5 日",
            "２０２２－０３－０５",
            "20220305",
            "44625",
            "2022-03-05 00:00:00",
            "2022/3/5 8:30",
        ] {
            assert_eq!(text(written).day(), wanted, "{written}");
        }
        assert_eq!(Cell::Number(44_625.0).day(), wanted);
        assert_eq!(Cell::Number(44_625.75).day(), wanted);
        assert_eq!(Cell::Number(20_220_305.0).day(), wanted);
    }

    #[test]
    fn a_moment_with_a_zone_is_the_day_in_china() {
        for (written, wanted) in [
            ("2022-03-05T23:30:00Z", Some(date(2022, 3, 6))),
            ("2022-03-05T15:59:59.999Z", Some(date(2022, 3, 5))),
            ("2022-03-05 16:00Z", Some(date(2022, 3, 6))),
            ("2022-03-05T23:30:00+08:00", Some(date(2022, 3, 5))),
            ("2022-03-05T00:10:00+0900", Some(date(2022, 3, 4))),
            ("2022/3/5 23:30 -5", Some(date(2022, 3, 6))),
            ("2022-12-31T20:00:00Z", Some(date(2023, 1, 1))),
            // No zone: the clock on the wall.
            ("2022-03-05T23:30:00", Some(date(2022, 3, 5))),
            ("2022-03-05T25:30:00Z", None),
            ("2022-03-05T23:30:00+99:00", None),
        ] {
            assert_eq!(text(written).day(), wanted, "{written}");
        }
    }

    #[test]
    fn two_times_behind_a_day_are_no_zone() {
        let wanted = Some(date(2022, 3, 5));
        for written in [
            "2022-03-05 8:00-11:30",
            "2022-03-05 14:00-16:00",
            "2022/3/5 14:00 - 17:30",
            "2022年3月5日 19:00-21:00",
            "2022-03-05 14：00－16：00",
            "2022-03-05 14:00~16:00",
        ] {
            assert_eq!(text(written).day(), wanted, "{written}");
        }
        // With seconds, or a T between, a program wrote it; backwards it is no span.
        for written in [
            "2022-03-05 12:00:00-05:00",
            "2022-03-05T08:00-09:30",
            "2022-03-05 12:00-05:00",
        ] {
            assert_eq!(text(written).day(), Some(date(2022, 3, 6)), "{written}");
        }
    }

    #[test]
    fn hundredths_become_the_number_that_they_are() {
        for (hundredths, number) in [(0, 0.0), (350, 3.5), (333, 3.33), (-25, -0.25), (9_000, 90.0)] {
            assert_eq!(Cell::hundredths(hundredths), Cell::Number(number));
        }
        assert_eq!(Cell::text_of(" "), Cell::Empty);
    }

    #[test]
    fn what_is_no_day_is_not_taken_for_one() {
        for written in [
            "2022-02-29",
            "2022-13-01",
            "2022.3.5-3.7",
            "3月5日",
            "22-3-5",
            "2022年3月",
            "下周",
            "2022",
            "",
            "2022-3-5 上午",
        ] {
            assert_eq!(text(written).day(), None, "{written}");
        }
        for number in [6.0, 2022.0, -1.0, 1e300, f64::NAN, 20_221_301.0] {
            assert_eq!(Cell::Number(number).day(), None, "{number}");
        }
    }

    #[test]
    fn numbers_show_no_more_decimals_than_excel_does() {
        for (number, shown) in [
            (0.1 + 0.2, "0.3"),
            (6.0, "6"),
            (4.55, "4.55"),
            (-0.0, "0"),
            (1.234, "1.234"),
        ] {
            assert_eq!(Cell::Number(number).text(), shown);
        }
    }
}
