//! The figures of the annual report (年度报告, DOMAIN §12): each a definition in data, an exact value, and the entries behind it.
//!
//! An office adopts [`Definitions`] as it adopts a policy. [`Count`] looks at one teacher after another and then at the county,
//! and gives [`Figures`]; their [`Figures::statement`] is the same bytes on every machine, and its hash is what a closed year
//! is held to (封账, DOMAIN §10).
#![deny(
    clippy::wildcard_enum_match_arm,
    reason = "a new kind must not fall through in silence"
)]

mod contradiction;
mod count;
mod county;
mod difference;
mod finish;
mod person;
mod say;
mod statement;
mod wording;

use std::sync::Arc;

use jiff::civil::Date;

pub use self::contradiction::Contradiction;
pub use self::count::Count;
pub use self::difference::{FigureDifference, differences};
pub use self::person::{PersonYear, Place, StandingYear};
pub use self::statement::STATEMENT_HEAD;
pub use crate::definitions::{
    Carried, Counts, Definition, Definitions, Funnel, Paragraph, Part, Span, Staff, Topics, Trained, Wording,
};
use crate::hours::Hours;
use crate::ids::{FigureId, Sha256, TeacherId};
use crate::state::At;
pub use crate::state::Noted;

/// What a figure comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// A number of its unit.
    Number(Hours),
    /// So many of so many.
    Share {
        /// The part.
        part: i64,
        /// The whole; never zero.
        whole: i64,
    },
    /// A share of nothing, or of what has no value.
    Undefined,
}

impl Value {
    /// A whole number.
    pub(crate) fn whole(number: usize) -> Self {
        Self::Number(Hours::whole(u32::try_from(number).unwrap_or(u32::MAX)))
    }

    /// The whole number that it is, if it is one.
    pub fn as_whole(self) -> Option<i64> {
        match self {
            Self::Number(number) if number.hundredths() % 100 == 0 => Some(number.hundredths() / 100),
            Self::Number(_) | Self::Share { .. } | Self::Undefined => None,
        }
    }
}

/// One figure of a year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// Which.
    pub id: FigureId,
    /// What it comes to.
    pub value: Value,
    /// The entries behind it, rising, each once; none of a figure made of others, see [`Figures::behind`].
    pub entries: Vec<u64>,
    /// Whom it is about, by id, where it counts people.
    pub people: Vec<TeacherId>,
}

/// The figures of one year, as the ledger of some size gives them.
#[derive(Clone, Debug, PartialEq)]
pub struct Figures {
    /// The year.
    pub year: i16,
    /// What they mean.
    pub definitions: Arc<Definitions>,
    /// Hash of the definitions' document.
    pub sha256: Sha256,
    /// In the order of the definitions.
    pub figures: Vec<Figure>,
    /// Everybody in service in the year, and whoever has hours in it without a post, by id.
    pub people: Vec<PersonYear>,
    /// What does not fit together; reported, never repaired.
    pub contradictions: Vec<Contradiction>,
    /// What was typed in for the year (手填数据).
    pub noted: Vec<Noted>,
    /// Outreach known only as a count (DOMAIN §13.23): entries, lessons, talks.
    pub unattributed: Vec<(u64, u32, u32)>,
    /// Entries about somebody in the year that name what has not arrived, rising. In no figure, and not in the statement.
    pub waiting: Vec<u64>,
    /// Entries about somebody in the year that are claimed and not credited yet, rising; likewise.
    pub under_review: Vec<u64>,
}

impl Figures {
    /// Counts a year at once; see [`Count`] for doing it in steps.
    pub fn of(at: At<'_>, definitions: (Arc<Definitions>, Sha256), year: i16) -> Self {
        let mut count = Count::new(definitions, year);
        let assessor = crate::balance::Assessor::new(at);
        for id in at.teacher_ids() {
            count.teacher(&assessor, &id);
        }
        count.county(at);
        count.finish()
    }

    /// The entries behind a figure, rising, each once; of one made of others, theirs.
    pub fn behind(&self, id: &FigureId) -> Vec<u64> {
        // A figure names earlier ones alone, and is looked at once: no more is gathered than there is.
        let (mut named, mut place) = (vec![*id], 0);
        let mut entries = Vec::new();
        while let Some(id) = named.get(place).copied() {
            place += 1;
            entries.extend(self.figure(&id).into_iter().flat_map(|figure| &figure.entries));
            let definition = self.definitions.definition(&id);
            let of = definition.map_or_else(Vec::new, |definition| definition.counts.made_of());
            let new: Vec<FigureId> = of.into_iter().filter(|id| !named.contains(id)).collect();
            named.extend(new);
        }
        entries.sort_unstable();
        entries.dedup();
        entries
    }

    /// The figure of this id.
    pub fn figure(&self, id: &FigureId) -> Option<&Figure> {
        self.figures.iter().find(|figure| figure.id == *id)
    }
}

/// First and last day of a year.
pub(crate) fn days_of(year: i16) -> (Date, Date) {
    (jiff::civil::date(year, 1, 1), jiff::civil::date(year, 12, 31))
}
