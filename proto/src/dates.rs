//! Days on the wire, in and out: the one place for both.

use jiff::civil::Date;

use crate::event as pb;

/// A day for the wire.
pub fn date_to_wire(date: Date) -> pb::Date {
    pb::Date {
        year: date.year().into(),
        month: date.month().into(),
        day: date.day().into(),
    }
}

/// The day that the wire names; `None` if the calendar has no such day.
pub fn date_from_wire(wire: &pb::Date) -> Option<Date> {
    let pb::Date { year, month, day } = *wire;
    Date::new(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?).ok()
}
