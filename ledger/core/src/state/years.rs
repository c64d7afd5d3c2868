//! The year's end in the state: definitions adopted, years closed and restated, figures typed in, outreach known as a count.

use std::sync::Arc;

use super::At;
use crate::codes::Bound;
use crate::definitions::Definitions;
use crate::event::AdoptedVersion;
use crate::hours::Hours;
use crate::ids::{FigureId, Sha256};
use crate::period::Name;
use crate::text::Text;

/// Definitions as adopted.
#[derive(Clone, Debug)]
pub struct FiguresVersion {
    /// The entry that adopted them.
    pub index: u32,
    /// What the document says.
    pub definitions: Arc<Definitions>,
    /// Hash of the document.
    pub sha256: Sha256,
}

/// A year closed, or restated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closing {
    /// The entry.
    pub index: u64,
    /// The year.
    pub year: i16,
    /// How many entries its figures are counted from.
    pub position: u64,
    /// The root over these.
    pub root: Sha256,
    /// Hash of the figures' statement.
    pub figures: Sha256,
    /// The versions of policies that were adopted then.
    pub policies: Vec<AdoptedVersion>,
    /// Why it was restated; `None` for the closing.
    pub restated: Option<Text>,
}

/// A figure that was typed in (手填数据).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noted {
    /// The entry.
    pub index: u64,
    /// Which figure.
    pub figure_id: FigureId,
    /// What was typed.
    pub value: Hours,
    /// Whether that is exact or a bound.
    pub bound: Bound,
    /// 单位
    pub unit: Option<Text>,
}

/// A figure typed in, whatever becomes of the entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NotedRow {
    pub(crate) index: u32,
    pub(crate) period: Name,
    pub(crate) figure_id: FigureId,
    pub(crate) value: Hours,
    pub(crate) bound: Bound,
    pub(crate) unit: Option<Text>,
}

/// Outreach of which nobody knows who gave it (DOMAIN §13.23).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unattributed {
    pub(crate) index: u32,
    pub(crate) year: i16,
    pub(crate) lessons: u32,
    pub(crate) talks: u32,
}

impl<'s> At<'s> {
    /// All versions of definitions adopted and not voided, in the order of adoption.
    pub fn figures_versions(self) -> impl Iterator<Item = &'s FiguresVersion> {
        let all = self.state.figures.iter();
        all.filter(move |row| self.state.live(row.index, self.size))
    }

    /// The definitions by which a year is counted: the highest version from that year or before; `None` if the office
    /// adopted none for it.
    pub fn definitions_of(self, year: i16) -> Option<&'s FiguresVersion> {
        let meant = self.figures_versions().filter(|row| row.definitions.from_year <= year);
        meant.max_by_key(|row| row.definitions.version)
    }

    /// The closing of a year and its restatements, in their order; nothing if it is open.
    pub fn closings(self, year: i16) -> impl Iterator<Item = &'s Closing> {
        let own = self.state.closings.iter().filter(move |row| row.year == year);
        own.filter(move |row| row.index < self.size)
    }

    /// What makes a year's figures official: its last restatement, or its closing; `None` if it is open.
    pub fn official(self, year: i16) -> Option<&'s Closing> {
        self.closings(year).last()
    }

    /// The years that are closed, rising.
    pub fn closed_years(self) -> Vec<i16> {
        let below = self.state.closings.iter().filter(|row| row.index < self.size);
        let mut years: Vec<i16> = below.map(|row| row.year).collect();
        years.sort_unstable();
        years.dedup();
        years
    }

    /// The versions of policies adopted and not voided, by id then version: what a closing names.
    pub fn adopted_versions(self) -> Vec<AdoptedVersion> {
        let adopted = self.policies().map(|row| AdoptedVersion {
            policy_id: row.policy.id,
            version: row.policy.version,
        });
        let mut versions: Vec<_> = adopted.collect();
        versions.sort_unstable();
        versions
    }

    /// The figures typed in for a year, by entry.
    pub(crate) fn noted(self, year: i16) -> Vec<Noted> {
        let own = self.state.noted.iter().filter(|row| row.period == Name::Year(year));
        let live = own.filter(|row| self.state.live(row.index, self.size));
        live.map(|row| Noted {
            index: row.index.into(),
            figure_id: row.figure_id,
            value: row.value,
            bound: row.bound,
            unit: row.unit.clone(),
        })
        .collect()
    }

    /// The outreach of a year that is known only as a count, by entry.
    pub(crate) fn unattributed(self, year: i16) -> impl Iterator<Item = &'s Unattributed> {
        let own = self.state.unattributed.iter().filter(move |row| row.year == year);
        own.filter(move |row| self.state.live(row.index, self.size))
    }
}
