//! Tiers (三级三类, DOMAIN §7): the titles of a teacher through their life, every next step, and what is missing for it.
#![deny(
    clippy::wildcard_enum_match_arm,
    reason = "a new kind must not fall through in silence"
)]

mod steps;
mod titles;

use jiff::civil::Date;

pub use self::steps::{Lack, Step};
pub use self::titles::{Candidate, Renewal, Title, Withdrawal};
use crate::balance::Assessor;
use crate::codes::{Level, TitleClass};
use crate::ids::{EventId, TeacherId};
use crate::state::At;
use crate::title::rank;

/// A teacher's tier: never one number, but a set.
#[derive(Clone, Debug, PartialEq)]
pub struct Tier {
    /// Unexpired titles with effect, highest first: by class, then level.
    pub titles: Vec<Title>,
    /// Titles posted before what they presuppose.
    pub waiting: Vec<Title>,
    /// Titles that expired or were withdrawn, the newest first.
    pub past: Vec<Title>,
    /// What she is or was chosen to be developed towards, the newest first.
    pub candidacies: Vec<Candidate>,
    /// Every next step, the lowest first; empty at the top, and where a ladder has no step for her.
    pub steps: Vec<Step>,
}

const fn level_below(level: Level) -> Option<Level> {
    match level {
        Level::City => Some(Level::County),
        Level::Province => Some(Level::City),
        Level::National => Some(Level::Province),
        Level::County | Level::DistrictGroup | Level::School | Level::Other => None,
    }
}

/// Whether the first is the second or above it: the same class or higher, at the same level or higher.
const fn is_or_above((class, level): (TitleClass, Level), other: (TitleClass, Level)) -> bool {
    class as u8 >= other.0 as u8 && rank(level) >= rank(other.1)
}

impl At<'_> {
    /// The title that this event conferred on the teacher, or what corrected that, if it stands at `size`.
    pub fn title_named(self, teacher_id: &TeacherId, conferral: EventId) -> Option<Title> {
        self.state.title_named(teacher_id, conferral, self.size)
    }

    /// The teacher's tier on the day `today` at `size`; `None` if she is not registered below it.
    pub fn tier(self, teacher_id: &TeacherId, today: Date) -> Option<Tier> {
        Assessor::new(self).tier(teacher_id, today)
    }
}

impl Assessor<'_> {
    /// As [`At::tier`], for many teachers.
    pub fn tier(&self, teacher_id: &TeacherId, today: Date) -> Option<Tier> {
        let at = self.at();
        let known = at.state.person(teacher_id, at.size);
        let teacher = &*known.filter(|teacher| at.is_known(teacher))?;
        let mut all = at.state.titles(teacher, at.size);
        all.retain(|title| title.conferred_on <= today);
        all.sort_by_key(|title| {
            (
                std::cmp::Reverse((title.class, rank(title.level), title.conferred_on)),
                title.event_id,
            )
        });
        let (held, mut past): (Vec<_>, Vec<_>) = all.into_iter().partition(|title| today <= title.valid_to);
        past.sort_by_key(|title| std::cmp::Reverse((title.valid_to, title.event_id)));
        let (waiting, titles): (Vec<_>, Vec<_>) = held.into_iter().partition(|title| !title.waits_for.is_empty());
        let mut candidacies = at.state.candidacies(teacher, at.size);
        candidacies.retain(|row| row.on <= today);
        candidacies.sort_by_key(|row| std::cmp::Reverse((row.on, row.event_id)));
        let steps = self.steps(teacher, &titles, today);
        Some(Tier {
            titles,
            waiting,
            past,
            candidacies,
            steps,
        })
    }
}
