//! How much a question about one teacher is, before it is answered: what an answer costs is bounded by what is asked.

use jiff::civil::Date;

use super::Assessor;
use super::standing::carries;
use crate::ids::TeacherId;
use crate::period::{Kind, Period};
use crate::policy::{CycleStart, Length, Policy, Requirement};
use crate::time::{days_inclusive, plus_days};

/// Most years that a question may span: longer than any career. All that a teacher ever did fits into one question.
pub const SPAN_YEARS_MAX: i64 = 50;

/// Most requirements in their periods that one question is answered with. Ten years under the five released policies are some
/// 1,000; each takes microseconds while the state is locked and some 400 bytes of an answer, so that both stay small.
pub const STANDINGS_MAX: u64 = 2_000;

/// Most periods that are looked through for those: where surplus goes on (结转), each looks through all before it. Ten school
/// years under a policy of twenty years are some 300 for each requirement.
pub const STEPS_MAX: u64 = 20_000;

/// The size of a question, for any teacher: never less than what it comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    /// Days that the period has.
    pub days: i64,
    /// Requirements, each in each of its periods.
    pub standings: u64,
    /// The same, with the periods that each looks through.
    pub steps: u64,
}

/// Which limit a question goes beyond, and by how much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Excess {
    /// More than [`SPAN_YEARS_MAX`].
    Span,
    /// More than [`STANDINGS_MAX`]: so many.
    Standings(u64),
    /// More than [`STEPS_MAX`]: so many.
    Steps(u64),
}

impl Extent {
    /// That of a period, before any policy is looked at.
    pub fn of(period: &Period) -> Self {
        Self {
            days: days_inclusive(period.from, period.to),
            ..Self::default()
        }
    }

    /// The limit that it goes beyond, if it does.
    pub const fn excess(self) -> Option<Excess> {
        // No fifty years have fewer than thirteen leap days.
        if self.days > SPAN_YEARS_MAX * 366 {
            Some(Excess::Span)
        } else if self.standings > STANDINGS_MAX {
            Some(Excess::Standings(self.standings))
        } else if self.steps > STEPS_MAX {
            Some(Excess::Steps(self.steps))
        } else {
            None
        }
    }

    fn add(&mut self, standings: u64, steps: u64) {
        self.standings = self.standings.saturating_add(standings);
        self.steps = self.steps.saturating_add(steps);
    }
}

impl Assessor<'_> {
    /// How much a question about `asked` is.
    pub fn extent(&self, asked: &Period) -> Extent {
        let mut extent = Extent::of(asked);
        for versions in &self.policies {
            let begin = versions.iter().map(|policy| policy.effective_from).min();
            for &policy in versions {
                let Some(reign) = reign(policy, versions, asked) else {
                    continue;
                };
                for requirement in &policy.requirements {
                    let standings = self.periods_max(requirement, policy, reign);
                    let before = if versions.iter().any(|policy| carries(policy, requirement.id)) {
                        let first = begin.unwrap_or(asked.from).min(asked.from);
                        self.periods_max(requirement, policy, (first, asked.to))
                    } else {
                        0
                    };
                    extent.add(standings, standings.saturating_mul(before + 1));
                }
            }
        }
        extent
    }

    /// How many entries name a teacher, at whatever size: what a balance of hers looks through.
    pub fn entries_of(&self, teacher_id: &TeacherId) -> usize {
        let teacher = self.state.person(teacher_id, self.size);
        teacher.map_or(0, |teacher| teacher.items.len())
    }

    /// No fewer than the periods of a requirement that share a day with the span, or lie at its ends.
    fn periods_max(&self, requirement: &Requirement, policy: &Policy, (from, to): (Date, Date)) -> u64 {
        let of_days = |least: i64| days_inclusive(from, to).max(0) / least + 2;
        let periods = match requirement.period {
            Kind::CalendarYear | Kind::SchoolYear => of_days(365),
            Kind::Month => of_days(28),
            Kind::Semester => {
                let within = self
                    .semesters
                    .iter()
                    .filter(|semester| semester.from <= to && from <= semester.to);
                i64::try_from(within.count()).unwrap_or(i64::MAX).saturating_add(2)
            }
            Kind::ProbationYear => 1,
            Kind::Cycle => match policy.cycle.map(|cycle| cycle.start) {
                None | Some(CycleStart::Once(..)) => 1,
                Some(CycleStart::Every(_, length) | CycleStart::Own(_, length)) => of_days(match length {
                    Length::Years(years) => i64::from(years.max(1)) * 365,
                    Length::Months(months) => i64::from(months.max(1)) * 28,
                    Length::Days(days) => i64::from(days.max(1)),
                }),
            },
        };
        u64::try_from(periods).unwrap_or(0)
    }
}

/// The part of `asked` in which this version is in force; a period's end decides, so a version that begins after it may still
/// have one. `None` if a later one, or its own end, leaves it nothing.
fn reign(policy: &Policy, versions: &[&Policy], asked: &Period) -> Option<(Date, Date)> {
    let later = versions.iter().filter(|other| other.version > policy.version);
    let ended = later.map(|other| plus_days(other.effective_from, -1)).min();
    let last = policy.effective_to.into_iter().chain(ended).min();
    let from = asked.from.max(policy.effective_from.min(asked.to));
    let to = last.map_or(asked.to, |last| asked.to.min(last));
    (from <= to).then_some((from, to))
}
