//! The year's end.
//!
//! That root and figures are what they are said to be is checked where they are posted (`keshi-query` counts them), and by
//! every audit: the writer does not count a year. What it decides is what only the one order of entries can: who was first.

use jiff::civil::date;

use super::Judged;
use super::documents::invalid;
use crate::decide::rules::View;
use crate::decide::ruling::Ruling;
use crate::definitions::Definitions;
use crate::event::{AdoptedVersion, Event, FiguresAdopted, YearClosed, YearRestated};
use crate::reason::ReasonCode;

impl Judged for FiguresAdopted {
    fn ruling(&self, view: &View<'_>, _: &Event) -> Option<Ruling> {
        self.refusal(view).err()
    }
}

impl FiguresAdopted {
    fn refusal(&self, view: &View<'_>) -> Result<(), Ruling> {
        let text = view.document(&self.sha256)?;
        let definitions = Definitions::parse(&text).map_err(|problems| invalid(&problems))?;
        let as_named =
            definitions.version == self.version && i32::from(definitions.from_year) == i32::from(self.from_year);
        if !as_named {
            let what = "version / from_year";
            return Err(Ruling::refused(ReasonCode::DocumentInvalid, "version", what));
        }
        let mut adopted = view.state.at(view.size).figures_versions();
        if adopted.any(|row| row.definitions.version == definitions.version) {
            return Err(Ruling::refused(
                ReasonCode::VersionTaken,
                "version",
                definitions.version,
            ));
        }
        Ok(())
    }
}

/// What closing and restating say alike.
struct Said<'e> {
    year: u16,
    position: u64,
    policies: &'e [AdoptedVersion],
}

impl Said<'_> {
    /// Why it cannot be, whether or not the year is closed.
    fn refusal(&self, view: &View<'_>) -> Option<Ruling> {
        let year = i16::try_from(self.year).unwrap_or(i16::MAX);
        if view.today <= date(year, 12, 31) {
            return Some(Ruling::refused(ReasonCode::YearNotOver, "year", year));
        }
        // A submission's own entries are none that it could have counted.
        if self.position > view.size {
            return Some(Ruling::refused(
                ReasonCode::PositionAhead,
                "log_position",
                self.position,
            ));
        }
        let then = view.state.at(self.position);
        if then.definitions_of(year).is_none() {
            return Some(Ruling::refused(ReasonCode::NoDefinitions, "year", year));
        }
        if then.adopted_versions() != self.policies {
            return Some(Ruling::refused(
                ReasonCode::OtherVersions,
                "policy_versions",
                self.position,
            ));
        }
        None
    }
}

impl Judged for YearClosed {
    fn ruling(&self, view: &View<'_>, _: &Event) -> Option<Ruling> {
        let year = i16::try_from(self.year).unwrap_or(i16::MAX);
        if let Some(closed) = view.state.at(view.size).official(year) {
            let index = u32::try_from(closed.index).unwrap_or(u32::MAX);
            return Some(Ruling::refused_for(ReasonCode::YearIsClosed, "year", year, index));
        }
        let said = Said {
            year: self.year,
            position: self.log_position,
            policies: &self.policy_versions,
        };
        said.refusal(view)
    }
}

impl Judged for YearRestated {
    fn ruling(&self, view: &View<'_>, _: &Event) -> Option<Ruling> {
        let year = i16::try_from(self.year).unwrap_or(i16::MAX);
        let Some(last) = view.state.at(view.size).official(year) else {
            return Some(Ruling::refused(ReasonCode::YearIsOpen, "year", year));
        };
        let index = u32::try_from(last.index).unwrap_or(u32::MAX);
        // Two at once: the second has counted from before the first, or counts the same.
        if self.log_position <= last.position || self.figures_hash == last.figures {
            return Some(Ruling::refused_for(ReasonCode::NothingToRestate, "year", year, index));
        }
        let said = Said {
            year: self.year,
            position: self.log_position,
            policies: &self.policy_versions,
        };
        said.refusal(view)
    }
}
