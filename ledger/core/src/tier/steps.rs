//! The next steps of a teacher, and exactly what is missing for each, as of the day of selection.

use jiff::civil::Date;

use super::titles::Title;
use super::{is_or_above, level_below, rank};
use crate::balance::Assessor;
use crate::codes::{AwardRole, Level, TitleClass};
use crate::hours::Hours;
use crate::ids::{PolicyId, RuleId};
use crate::policy::{Count, LadderStep, Ladders, Meter, Policy, Prize, Word};
use crate::state::{At, Detail, Item, Teacher};
use crate::text::Text;
use crate::time::{anniversary, plus_days};

/// Years of service before a province title where no ladder says so (Shaanxi 2020 notice, DOMAIN §7).
pub const CAREER_YEARS_FOR_PROVINCE: i16 = 5;

/// What a teacher still lacks for a step.
#[derive(Clone, Debug, PartialEq)]
pub enum Lack {
    /// A recommendation to this level.
    Recommendation(Level),
    /// To have been chosen as 培养对象 for the title.
    Candidacy,
    /// Years of development since she was chosen.
    Development {
        /// So many.
        needed: i16,
        /// The day on which they are over, if the calendar goes so far.
        reached_on: Option<Date>,
    },
    /// Years of service.
    CareerYears {
        /// So many.
        needed: i16,
        /// The day on which she has them, if the calendar goes so far.
        reached_on: Option<Date>,
    },
    /// Her years of service are not on record.
    CareerUnknown,
    /// One of these 职称.
    Rank {
        /// Of which one is needed.
        one_of: Vec<Word>,
        /// The one on record.
        has: Option<Text>,
    },
    /// A prize of her own.
    Prize(Prize),
    /// An amount.
    Amount {
        /// What is asked.
        asked: Count,
        /// What is counted.
        counted: Hours,
        /// The first day that counts, if not all do.
        since: Option<Date>,
    },
    /// The amount is counted under a policy that is not adopted.
    NotAdopted(PolicyId),
    /// At this entry her amounts go beyond what can be counted.
    TooLarge(u64),
}

/// A next step of a teacher.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The ladder that has the step: its policy, version, and the step's id; `None` where no ladder is in force for her.
    pub ladder: Option<(PolicyId, u32, RuleId)>,
    /// 称号类别
    pub class: TitleClass,
    /// 级别
    pub level: Level,
    /// What is missing for it, besides the selection itself.
    pub missing: Vec<Lack>,
    /// The greatest age in full years. The ledger knows no birth dates: it says nothing about whether she is older.
    pub age_max: Option<u8>,
    /// The regulation's own words.
    pub text: String,
}

/// The step after `(class, level)` where no ladder is in force: the next level up to the province, then the next class there.
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

impl<'s> At<'s> {
    /// The ladders in force on `day`, by policy id.
    pub fn ladders(self, day: Date) -> Vec<&'s Policy> {
        Ladders::of(self).on(day).collect()
    }
}

impl Assessor<'_> {
    /// The next steps of a teacher who holds these titles: those of the ladders that are about a post that she holds, whose
    /// title she neither holds nor has surpassed, and that presuppose no title that she lacks.
    pub(super) fn steps(&self, teacher: &Teacher, titles: &[Title], today: Date) -> Vec<Step> {
        let mut own = self
            .ladders
            .on(today)
            .filter(|policy| self.holds_post(teacher, policy, today))
            .peekable();
        if own.peek().is_none() {
            return self.usual_step(teacher, titles, today).into_iter().collect();
        }
        let mut steps = Vec::new();
        for policy in own {
            let next = policy.steps.iter().filter(|step| is_next(step, titles));
            steps.extend(next.map(|step| Step {
                ladder: Some((policy.id, policy.version, step.id)),
                class: step.class,
                level: step.level,
                missing: self.lacks(teacher, step, today),
                age_max: step.age_max,
                text: step.text.clone(),
            }));
        }
        steps.sort_by_key(|step| (step.class, rank(step.level), step.ladder));
        steps
    }

    fn holds_post(&self, teacher: &Teacher, policy: &Policy, today: Date) -> bool {
        let At { state, size } = self.at();
        let mut live = teacher.assignments.iter().filter(|row| state.live(row.index, size));
        live.any(|row| {
            let last = state.last_day(teacher, row, size).unwrap_or(Date::MAX);
            policy.posts.contains(&row.post) && row.from <= today && today <= last
        })
    }

    /// The one next step where no ladder is in force for her.
    fn usual_step(&self, teacher: &Teacher, titles: &[Title], today: Date) -> Option<Step> {
        let highest = titles.first().map(|title| (title.class, title.level));
        let first = Some((TitleClass::RisingTeacher, Level::County));
        let (class, level) = highest.map_or(first, |(class, level)| step_after(class, level))?;
        let usual = LadderStep {
            id: RuleId::plain(),
            class,
            level,
            after: Vec::new(),
            recommended: level_below(level).is_some(),
            candidate: None,
            career_years: (level == Level::Province).then_some(CAREER_YEARS_FOR_PROVINCE),
            age_max: None,
            ranks: Vec::new(),
            prize: None,
            counts: Vec::new(),
            text: String::new(),
        };
        Some(Step {
            ladder: None,
            class,
            level,
            missing: self.lacks(teacher, &usual, today),
            age_max: None,
            text: String::new(),
        })
    }

    fn lacks(&self, teacher: &Teacher, step: &LadderStep, today: Date) -> Vec<Lack> {
        let At { state, size } = self.at();
        let mut lacks = Vec::new();
        let recommended = |(on, _, to_level): &(Date, _, Level)| *to_level == step.level && *on <= today;
        if step.recommended && !state.recommendations_with_effect(teacher, size).iter().any(recommended) {
            lacks.push(Lack::Recommendation(step.level));
        }
        if let Some(needed) = step.candidate {
            let chosen = state.candidacies(teacher, size);
            let meant = chosen
                .iter()
                .filter(|row| (row.class, row.level) == (step.class, step.level));
            match meant.map(|row| row.on).filter(|on| *on <= today).min() {
                Some(on) => {
                    let reached_on = anniversary(on, needed);
                    if reached_on.is_none_or(|day| today < day) {
                        lacks.push(Lack::Development { needed, reached_on });
                    }
                }
                None => lacks.push(Lack::Candidacy),
            }
        }
        let profile = state.profile_of(teacher, size);
        if let Some(needed) = step.career_years {
            match profile.and_then(|profile| profile.career_from) {
                Some(from) => {
                    let reached_on = anniversary(from, needed);
                    if reached_on.is_none_or(|day| today < day) {
                        lacks.push(Lack::CareerYears { needed, reached_on });
                    }
                }
                None => lacks.push(Lack::CareerUnknown),
            }
        }
        if !step.ranks.is_empty() {
            let has = profile.and_then(|profile| profile.rank.clone());
            let rank = has.as_ref().map(|rank| Word::new(rank.as_str()));
            if rank.is_none_or(|rank| !step.ranks.contains(&rank)) {
                let one_of = step.ranks.clone();
                lacks.push(Lack::Rank { one_of, has });
            }
        }
        if let Some(prize) = &step.prize
            && !self.has_won(teacher, prize, today)
        {
            lacks.push(Lack::Prize(prize.clone()));
        }
        lacks.extend(
            step.counts
                .iter()
                .filter_map(|asked| self.amount(teacher, asked, today)),
        );
        lacks
    }

    fn has_won(&self, teacher: &Teacher, prize: &Prize, today: Date) -> bool {
        let At { state, size } = self.at();
        let since = since(prize.years, today);
        let wins = |item: &&Item| {
            let Detail::Award {
                competition,
                award,
                role: AwardRole::Oneself,
                ..
            } = item.detail
            else {
                return false;
            };
            let level = state.competition_def(competition, size).map(|held| held.level);
            let of_level = level.is_some_and(|level| prize.levels.is_empty() || prize.levels.contains(&level));
            let is_meant = prize.awards.is_empty() || prize.awards.contains(&award);
            since <= item.to && item.to <= today && of_level && is_meant
        };
        let mut below = teacher.items.iter().filter(|item| u64::from(item.index) < size);
        below.any(|item| wins(&item) && state.why_without_effect(teacher, item, size).is_none())
    }

    fn amount(&self, teacher: &Teacher, asked: &Count, today: Date) -> Option<Lack> {
        let first = since(asked.years, today);
        let counted = match self.counted(teacher, asked.under, (first, today)) {
            Ok(Some(meters)) => meters,
            Ok(None) => return asked.under.map(Lack::NotAdopted),
            Err(index) => return Some(Lack::TooLarge(index)),
        };
        let of_meter = counted
            .iter()
            .find(|(meter, _): &&(Meter, Hours)| *meter == asked.meter);
        let counted = of_meter.map_or(Hours::ZERO, |(_, amount)| *amount);
        (counted < asked.min).then(|| Lack::Amount {
            asked: asked.clone(),
            counted,
            since: asked.years.map(|_| first),
        })
    }
}

/// Whether she neither holds the step's title nor has surpassed it, and holds a title that it presupposes.
fn is_next(step: &LadderStep, titles: &[Title]) -> bool {
    let to = (step.class, step.level);
    let mut held = titles.iter().map(|title| (title.class, title.level));
    let surpassed = held.clone().any(|title| is_or_above(title, to));
    let presupposed = step.after.is_empty() || held.any(|title| step.after.iter().any(|&one| is_or_above(title, one)));
    !surpassed && presupposed
}

/// The first day of the last so many years, of which `today` is the last day.
fn since(years: Option<i16>, today: Date) -> Date {
    let back = years.and_then(|years| anniversary(plus_days(today, 1), -years));
    back.unwrap_or(Date::MIN)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::title::title_zh;

    #[test]
    fn without_a_ladder_steps_go_county_city_province_and_then_to_the_next_class() {
        let mut step = Some((TitleClass::RisingTeacher, Level::County));
        let mut path = Vec::new();
        while let Some((class, level)) = step {
            path.push(title_zh(class, level));
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

    #[test]
    fn the_last_years_end_on_the_day_and_begin_the_day_after_the_same_day_before_them() {
        assert_eq!(since(Some(3), date(2022, 12, 31)), date(2020, 1, 1));
        assert_eq!(since(Some(1), date(2024, 2, 28)), date(2023, 3, 1));
        assert_eq!(since(None, date(2024, 2, 28)), Date::MIN);
    }
}
