//! When something was recorded, and local dates. China Standard Time is UTC+8 without daylight saving (DOMAIN §5).

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

/// A moment of the server's clock, in milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Millis(pub i64);

/// Offset of China Standard Time.
pub const CHINA: jiff::tz::Offset = jiff::tz::Offset::constant(8);

impl Millis {
    /// The local date at this moment, China Standard Time. Beyond the calendar's limits, its first or last day.
    pub fn local_date(self) -> Date {
        let limit = if self.0 < 0 { Timestamp::MIN } else { Timestamp::MAX };
        CHINA
            .to_datetime(Timestamp::from_millisecond(self.0).unwrap_or(limit))
            .date()
    }
}

/// The number of days from `from` to `to`, both counted; 0 if `to` lies before `from`.
pub fn days_inclusive(from: Date, to: Date) -> i64 {
    let days = to.duration_since(from).as_hours() / 24;
    (days + 1).max(0)
}

/// `date` plus `days`, or the calendar's limit.
pub fn plus_days(date: Date, days: i64) -> Date {
    date.saturating_add(SignedDuration::from_hours(days.saturating_mul(24)))
}

/// The same day some years on; 1 March for 29 February where there is none; `None` past the calendar's end.
pub fn anniversary(day: Date, years: i16) -> Option<Date> {
    let year = day.year().checked_add(years)?;
    Date::new(year, day.month(), day.day())
        .or_else(|_| Date::new(year, 3, 1))
        .ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_local_date_turns_at_sixteen_hours_utc() {
        let before: Timestamp = "2022-12-31T15:59:59Z".parse().unwrap();
        let after: Timestamp = "2022-12-31T16:00:00Z".parse().unwrap();
        assert_eq!(Millis(before.as_millisecond()).local_date(), date(2022, 12, 31));
        assert_eq!(Millis(after.as_millisecond()).local_date(), date(2023, 1, 1));
        assert_eq!(Millis(i64::MAX).local_date().year(), 9999);
    }

    #[test]
    fn days_count_both_ends() {
        assert_eq!(days_inclusive(date(2024, 2, 28), date(2024, 3, 1)), 3);
        assert_eq!(days_inclusive(date(2024, 3, 1), date(2024, 2, 28)), 0);
        assert_eq!(plus_days(date(2024, 2, 28), 2), date(2024, 3, 1));
    }
}
