//! Local dates as plain day numbers: comparing, counting and adding is arithmetic.

use std::fmt;

/// Days since 1970-01-01.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub i64);

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// Days in a month.
pub fn month_length(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn year_length(year: i64) -> i64 {
    if is_leap(year) { 366 } else { 365 }
}

impl Day {
    pub fn of(year: i64, month: i64, day: i64) -> Self {
        assert!((1..=12).contains(&month) && 1 <= day && day <= month_length(year, month));
        let before_year = |year: i64| (year - 1) * 365 + (year - 1) / 4 - (year - 1) / 100 + (year - 1) / 400;
        let before_month: i64 = (1..month).map(|month| month_length(year, month)).sum();
        Self(before_year(year) - before_year(1970) + before_month + day - 1)
    }

    /// Reads `2022-09-01`.
    pub fn parse(text: &str) -> Self {
        let numbers: Vec<i64> = text.split('-').map(|part| part.parse().unwrap()).collect();
        Self::of(numbers[0], numbers[1], numbers[2])
    }

    /// Year, month, day of the month.
    pub fn ymd(self) -> (i64, i64, i64) {
        let mut year = 1970 + self.0 / 366;
        while Self::of(year, 1, 1).0 + year_length(year) <= self.0 {
            year += 1;
        }
        let mut rest = self.0 - Self::of(year, 1, 1).0;
        let mut month = 1;
        while rest >= month_length(year, month) {
            rest -= month_length(year, month);
            month += 1;
        }
        (year, month, rest + 1)
    }

    pub fn plus(self, days: i64) -> Self {
        Self(self.0 + days)
    }

    /// The same day so many months on, or the last day of that month if it is shorter.
    pub fn plus_months(self, months: i64) -> Self {
        let (year, month, day) = self.ymd();
        let months = year * 12 + month - 1 + months;
        let (year, month) = (months.div_euclid(12), months.rem_euclid(12) + 1);
        Self::of(year, month, day.min(month_length(year, month)))
    }

    pub fn plus_years(self, years: i64) -> Self {
        self.plus_months(years * 12)
    }

    /// The same day so many years on; 1 March in the place of a 29 February that does not exist.
    pub fn years_on(self, years: i64) -> Self {
        let clamped = self.plus_years(years);
        let is_clamped = clamped.ymd().2 < self.ymd().2;
        if is_clamped { clamped.plus(1) } else { clamped }
    }

    pub fn last_of_month(self) -> Self {
        let (year, month, _) = self.ymd();
        Self::of(year, month, month_length(year, month))
    }

    pub fn jiff(self) -> jiff::civil::Date {
        let (year, month, day) = self.ymd();
        jiff::civil::date(
            i16::try_from(year).unwrap(),
            i8::try_from(month).unwrap(),
            i8::try_from(day).unwrap(),
        )
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.ymd();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl fmt::Debug for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[test]
fn day_numbers_follow_the_calendar() {
    let mut date = jiff::civil::date(1972, 1, 1);
    for number in Day::parse("1972-01-01").0..Day::parse("2032-12-31").0 {
        assert_eq!(Day(number).to_string(), date.to_string());
        assert_eq!(Day::parse(&date.to_string()), Day(number));
        date = date.tomorrow().unwrap();
    }
    assert_eq!(Day::parse("2020-02-29").plus_years(1), Day::parse("2021-02-28"));
    assert_eq!(Day::parse("2020-02-29").years_on(1), Day::parse("2021-03-01"));
    assert_eq!(Day::parse("2020-02-29").years_on(4), Day::parse("2024-02-29"));
    assert_eq!(Day::parse("2022-11-30").plus_months(3), Day::parse("2023-02-28"));
}
