//! The figures of the annual report, as a year's bundle states them: those of `keshi_core`, as text.

use std::sync::Arc;

use keshi_core::figures::{Definitions, Figures};
use keshi_core::ids::Sha256;
use keshi_core::period::{Name, Period};
use keshi_core::state::At;

/// The calendar year of which figures are stated; `None` of a school year, which has none.
pub fn calendar_year(year: &Period) -> Option<i16> {
    match year.name {
        Name::Year(year) => Some(year),
        Name::SchoolYear(_) | Name::Semester(_) | Name::Month(..) | Name::Cycle(..) | Name::Span(..) => None,
    }
}

/// The definitions by which a year is counted: those adopted, else the usual ones.
pub fn definitions(at: At<'_>, year: i16) -> (Arc<Definitions>, Sha256) {
    let adopted = at.definitions_of(year);
    adopted.map_or_else(Definitions::usual, |row| (Arc::clone(&row.definitions), row.sha256))
}

/// The figures of a year.
pub fn of(at: At<'_>, year: i16) -> Figures {
    Figures::of(at, definitions(at, year), year)
}
