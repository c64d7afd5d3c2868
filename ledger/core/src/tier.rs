//! Tiers (三级三类, DOMAIN §7): the set of unexpired titles, the next step, and what is missing for it.
#![deny(
    clippy::wildcard_enum_match_arm,
    reason = "a new kind must not fall through in silence"
)]

use jiff::civil::Date;

use crate::codes::{Level, TitleClass};
use crate::ids::{EventId, TeacherId};
use crate::state::{At, Detail, Item, State, Teacher};
use crate::time::anniversary;

/// Years of service before a province title (Shaanxi 2020 notice, DOMAIN §7).
pub const CAREER_YEARS_FOR_PROVINCE: i16 = 5;

/// A title that a teacher holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Title {
    /// The entry.
    pub index: u64,
    /// The event.
    pub event_id: EventId,
    /// 称号类别
    pub class: TitleClass,
    /// 级别
    pub level: Level,
    /// Day of naming.
    pub conferred_on: Date,
    /// Last day it holds.
    pub valid_to: Date,
    /// The title that it presupposes and that was not held on the day; until it arrives, this one waits.
    pub waits_for: Option<(TitleClass, Level)>,
}

/// What a teacher still lacks for a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack {
    /// A recommendation to this level.
    Recommendation(Level),
    /// Years of service.
    CareerYears(i16),
    /// Her years of service are not on record.
    CareerUnknown,
}

/// The next step of a tier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// 称号类别
    pub class: TitleClass,
    /// 级别
    pub level: Level,
    /// What is missing for it, besides the selection itself.
    pub missing: Vec<Lack>,
}

/// A teacher's tier: never one number, but a set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tier {
    /// Unexpired titles with effect, highest first: by class, then level.
    pub titles: Vec<Title>,
    /// Titles posted before what they presuppose.
    pub waiting: Vec<Title>,
    /// The next step; `None` at the top.
    pub next: Option<Step>,
}

/// County 1, city 2, province 3, nation 4; other levels have no titles.
const fn rank(level: Level) -> u8 {
    match level {
        Level::County => 1,
        Level::City => 2,
        Level::Province => 3,
        Level::National => 4,
        Level::DistrictGroup | Level::School | Level::Other => 0,
    }
}

const fn level_below(level: Level) -> Option<Level> {
    match level {
        Level::City => Some(Level::County),
        Level::Province => Some(Level::City),
        Level::National => Some(Level::Province),
        Level::County | Level::DistrictGroup | Level::School | Level::Other => None,
    }
}

/// The step after `(class, level)`: the next level up to the province, then the next class there.
const fn step_after(class: TitleClass, level: Level) -> Option<(TitleClass, Level)> {
    match (class, level) {
        (TitleClass::RisingTeacher, _) => Some((TitleClass::ExpertTeacher, Level::County)),
        (class, Level::County) => Some((class, Level::City)),
        (class, Level::City) => Some((class, Level::Province)),
        (TitleClass::ExpertTeacher, level) => Some((TitleClass::SubjectLeader, level)),
        (TitleClass::SubjectLeader, level) => Some((TitleClass::MasterTeacher, level)),
        (TitleClass::MasterTeacher, _) => None,
    }
}

impl State {
    /// All titles ever conferred and not voided, with what each waits for.
    pub(crate) fn titles(&self, teacher: &Teacher, size: u64) -> Vec<Title> {
        let mut titles = self.titles_of(teacher, size);
        settle(&mut titles);
        titles
    }

    /// All titles of a teacher that stand at `size`, not yet settled.
    pub(crate) fn live_titles(&self, teacher_id: &TeacherId, size: u64) -> Vec<Title> {
        let teacher = self.teachers.get(teacher_id);
        teacher.map_or_else(Vec::new, |teacher| self.titles_of(teacher, size))
    }

    fn titles_of(&self, teacher: &Teacher, size: u64) -> Vec<Title> {
        let live = teacher.items.iter().filter(|item| self.live(item.index, size));
        let title = |item: &Item| {
            let Detail::Title { class, level, valid_to } = item.detail else {
                return None;
            };
            Some(Title {
                index: item.index.into(),
                event_id: self.events.id(item.index)?,
                class,
                level,
                conferred_on: item.to,
                valid_to,
                waits_for: None,
            })
        };
        live.filter_map(title).collect()
    }

    /// Day, event and level of the recommendations that have effect, by date then event id.
    pub(crate) fn recommendations_with_effect(&self, teacher: &Teacher, size: u64) -> Vec<(Date, EventId, Level)> {
        let recommendation = |item: &Item| {
            let Detail::Recommended { to_level, .. } = item.detail else {
                return None;
            };
            let has_effect = self.why_without_effect(teacher, item, size).is_none();
            has_effect.then_some((item.to, self.events.id(item.index)?, to_level))
        };
        let below = teacher.items.iter().filter(|item| u64::from(item.index) < size);
        let mut found: Vec<_> = below.filter_map(recommendation).collect();
        found.sort_unstable_by_key(|row| (row.0, row.1));
        found
    }

    fn lacks(&self, teacher: &Teacher, level: Level, today: Date, size: u64) -> Vec<Lack> {
        let mut lacks = Vec::new();
        let recommended = |(on, _, to_level): &(Date, EventId, Level)| *to_level == level && *on <= today;
        if rank(level) > 1 && !self.recommendations_with_effect(teacher, size).iter().any(recommended) {
            lacks.push(Lack::Recommendation(level));
        }
        if level == Level::Province {
            match self.profile_of(teacher, size).and_then(|profile| profile.career_from) {
                Some(from) if anniversary(from, CAREER_YEARS_FOR_PROVINCE).is_some_and(|day| day <= today) => {}
                Some(_) => lacks.push(Lack::CareerYears(CAREER_YEARS_FOR_PROVINCE)),
                None => lacks.push(Lack::CareerUnknown),
            }
        }
        lacks
    }
}

/// Finds out what each of one teacher's titles waits for.
///
/// A title settles once what it presupposes has settled, so this goes round until nothing changes: the outcome does
/// not depend on the order of the titles. At most one round for each title.
pub(crate) fn settle(titles: &mut [Title]) {
    for title in titles.iter_mut() {
        title.waits_for = level_below(title.level).map(|below| (title.class, below));
    }
    loop {
        let settled: Vec<Title> = titles.iter().filter(|t| t.waits_for.is_none()).cloned().collect();
        let waiting = titles.iter_mut().filter(|title| title.waits_for.is_some());
        let mut changed = false;
        for title in waiting {
            if settled.iter().any(|held| carries(held, title)) {
                title.waits_for = None;
                changed = true;
            }
        }
        if !changed {
            return;
        }
    }
}

/// A title above the county presupposes one of the same class or higher at the level below or higher, held on the day
/// of selection: one withdrawn or expired later does not undo it (DOMAIN §7).
fn carries(held: &Title, title: &Title) -> bool {
    let on = title.conferred_on;
    let in_force = held.conferred_on <= on && on <= held.valid_to;
    in_force && held.class >= title.class && rank(held.level) + 1 >= rank(title.level)
}

impl At<'_> {
    /// The teacher's tier on the day `today` at `size`; `None` if she is not registered below it.
    pub fn tier(self, teacher_id: &TeacherId, today: Date) -> Option<Tier> {
        let teacher = self
            .state
            .teachers
            .get(teacher_id)
            .filter(|teacher| self.is_known(teacher))?;
        let mut all = self.state.titles(teacher, self.size);
        all.retain(|title| title.conferred_on <= today && today <= title.valid_to);
        all.sort_by_key(|title| {
            (
                std::cmp::Reverse((title.class, rank(title.level), title.conferred_on)),
                title.event_id,
            )
        });
        let (waiting, titles): (Vec<_>, Vec<_>) = all.into_iter().partition(|title| title.waits_for.is_some());
        let highest = titles.first().map(|title| (title.class, title.level));
        let next = highest.map_or(Some((TitleClass::RisingTeacher, Level::County)), |(c, l)| {
            step_after(c, l)
        });
        let next = next.map(|(class, level)| {
            let missing = self.state.lacks(teacher, level, today, self.size);
            Step { class, level, missing }
        });
        Some(Tier { titles, waiting, next })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_go_county_city_province_and_then_to_the_next_class() {
        let mut step = Some((TitleClass::RisingTeacher, Level::County));
        let mut path = Vec::new();
        while let Some((class, level)) = step {
            path.push(format!("{}{}", level.zh(), class.zh()));
            step = step_after(class, level);
        }
        assert_eq!(
            path,
            [
                "县级教学新秀",
                "县级教学能手",
                "地市级教学能手",
                "省级教学能手",
                "省级学科带头人",
                "省级教学名师"
            ]
        );
    }
}
