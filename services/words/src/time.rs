//! Days and moments on screen.

use jiff::Timestamp;
use jiff::civil::Date;
use keshi_core::time::CHINA;
use keshi_proto::event;

/// A moment as the API has it.
pub fn timestamp(at: Timestamp) -> prost_types::Timestamp {
    let nanos = at.as_nanosecond().rem_euclid(1_000_000_000);
    prost_types::Timestamp {
        seconds: i64::try_from(at.as_nanosecond().div_euclid(1_000_000_000)).unwrap_or(i64::MAX),
        nanos: i32::try_from(nanos).unwrap_or(0),
    }
}

/// Today in China.
pub fn today() -> Date {
    CHINA.to_datetime(Timestamp::now()).date()
}

/// A day as year, month and day, as papers are dated.
pub fn parts(day: Date) -> (u16, u8, u8) {
    (
        u16::try_from(day.year()).unwrap_or_default(),
        day.month().unsigned_abs(),
        day.day().unsigned_abs(),
    )
}

/// A moment on screen, in Beijing time.
pub fn moment(at: &prost_types::Timestamp) -> String {
    let time = Timestamp::new(at.seconds, at.nanos);
    time.map_or_else(
        |_| String::new(),
        |time| CHINA.to_datetime(time).strftime("%Y-%m-%d %H:%M").to_string(),
    )
}

/// A date on screen; empty where there is none.
pub fn date(date: Option<&event::Date>) -> String {
    date.map_or_else(String::new, |date| {
        format!("{:04}-{:02}-{:02}", date.year, date.month, date.day)
    })
}

/// From the first day on, to the last if one is set.
pub fn span(from: Option<&event::Date>, to: Option<&event::Date>) -> String {
    format!("{} … {}", date(from), date(to)).trim_end().to_owned()
}

/// One day, or the first and the last.
pub fn dates(from: Option<&event::Date>, to: Option<&event::Date>) -> String {
    let (from, to) = (date(from), date(to));
    if to.is_empty() || from == to {
        from
    } else {
        format!("{from}..{to}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_day_is_written_once() {
        let day = |d| event::Date {
            year: 2022,
            month: 3,
            day: d,
        };
        assert_eq!(dates(Some(&day(5)), Some(&day(5))), "2022-03-05");
        assert_eq!(dates(Some(&day(5)), None), "2022-03-05");
        assert_eq!(dates(Some(&day(5)), Some(&day(7))), "2022-03-05..2022-03-07");
    }
}
