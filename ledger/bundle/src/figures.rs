//! The figures of the annual report, as a year's bundle states them: those of `keshi_core`, as text.

use keshi_core::figures::{Definitions, Figures};
use keshi_core::period::{Name, Period};
use keshi_core::state::At;

/// The calendar year of which figures are stated; `None` of a school year, which has none.
pub fn calendar_year(year: &Period) -> Option<i16> {
    match year.name {
        Name::Year(year) => Some(year),
        Name::SchoolYear(_) | Name::Semester(_) | Name::Month(..) | Name::Cycle(..) | Name::Span(..) => None,
    }
}

/// The figures of a year.
pub fn of(at: At<'_>, year: i16) -> Figures {
    let (definitions, _) = Definitions::of(at, year);
    Figures::of(at, definitions, year)
}
