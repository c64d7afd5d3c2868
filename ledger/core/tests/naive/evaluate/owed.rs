//! Who owes a requirement, and how much of it.

use keshi_core::codes::Post;

use super::Case;
use super::county::Holding;
use super::periods::Period;
use crate::day::Day;
use crate::facts::Fact;
use crate::fraction::Fraction;
use crate::model::{FirstPeriod, OnlyIf, PeriodKind, Policy, Prorate, Requirement};

/// What is due of her: minimum and target after proration and exemptions.
#[derive(Clone, Copy, Debug)]
pub struct Due {
    pub min: i64,
    pub target: Option<i64>,
    /// What exemptions take off.
    pub reduced: i64,
    /// Exemptions brought the minimum to 0.
    pub exempt: bool,
}

impl Holding {
    fn holds_on(&self, day: Day) -> bool {
        self.from <= day && self.to.is_none_or(|to| day <= to)
    }

    fn overlaps(&self, range: (Day, Day)) -> bool {
        let to = self.to.unwrap_or(range.1);
        self.from <= to && self.from <= range.1 && range.0 <= to
    }
}

impl Case<'_> {
    pub fn holds_post_between(&self, version: &Policy, range: (Day, Day)) -> bool {
        let holdings = self.county.holdings(self.teacher);
        holdings
            .iter()
            .any(|holding| version.scope.contains(&holding.post) && holding.overlaps(range))
    }

    /// Whether she holds this post on the day.
    pub fn holds_on(&self, post: Post, day: Day) -> bool {
        let holdings = self.county.holdings(self.teacher);
        holdings
            .iter()
            .any(|holding| holding.post == post && holding.overlaps((day, day)))
    }

    fn holds_this_post(&self, post: Post, period: Period) -> bool {
        let holdings = self.county.holdings(self.teacher);
        holdings
            .iter()
            .any(|holding| holding.post == post && holding.overlaps((period.from, period.to)))
    }

    /// What is due in the period; `None` if nothing is.
    pub fn due(&self, version: &Policy, row: &Requirement, period: Period) -> Option<Due> {
        let taken_in = match row.only_if {
            None => true,
            Some(OnlyIf::Post(post)) => self.holds_this_post(post, period),
            Some(OnlyIf::NewTeacher) => {
                let hired_on = self.county.person(self.teacher).0;
                hired_on.is_some_and(|day| self.in_force(day).is_some())
            }
        };
        let begin = self.versions.iter().map(|version| version.from).min().unwrap();
        let in_force = |day: Day| begin <= day || version.first_period == FirstPeriod::Full;
        if period.from < begin && version.first_period == FirstPeriod::NotDue {
            return None;
        }
        let (_, month, _) = period.from.ymd();
        let skipped = period.kind == PeriodKind::Month && row.skip_months.contains(&month);
        if !taken_in || skipped {
            return None;
        }
        let part = if period.kind == PeriodKind::Probation {
            let months = fifteenths(period);
            let counting = months.iter().filter(|day| in_force(**day)).count();
            if counting == 0 {
                return None;
            }
            Fraction::new(i128::try_from(counting).unwrap(), i128::try_from(months.len()).unwrap())
        } else {
            self.part(version, row, period, in_force)?
        };
        let owed = |stated: i64| {
            let result = Fraction::whole(stated) * part;
            if result == Fraction::whole(stated) {
                stated
            } else {
                (result * Fraction::new(1, 100)).up() * 100
            }
        };
        let reduced = self.exemptions(version, row, period);
        let min = owed(row.min);
        Some(Due {
            reduced,
            min: (min - reduced).max(0),
            target: row.target.map(|target| (owed(target) - reduced).max(0)),
            exempt: reduced > 0 && min <= reduced,
        })
    }

    /// The part of the stated minimum that she owes; `None` if she is in no post of the scope on any of the days.
    /// Only months and weeks of the policy's time count; where some are not, the rest is that part of the whole.
    fn part(
        &self,
        version: &Policy,
        row: &Requirement,
        period: Period,
        in_force: impl Fn(Day) -> bool,
    ) -> Option<Fraction> {
        let prorate = row.prorate.unwrap_or(match period.kind {
            PeriodKind::Year => Prorate::Month,
            PeriodKind::Semester => Prorate::TeachingWeek,
            _ => Prorate::Not,
        });
        let by_weeks = period.kind == PeriodKind::Semester && prorate != Prorate::Month;
        let days = if by_weeks {
            self.fourth_days(period)
        } else {
            fifteenths(period)
        };
        let of_time: Vec<Day> = days.iter().copied().filter(|day| in_force(*day)).collect();
        let shares: Vec<i64> = of_time.iter().filter_map(|day| self.share(version, *day)).collect();
        if shares.is_empty() {
            return None;
        }
        let count = |number: usize| i128::try_from(number).unwrap();
        let sum: i64 = shares.iter().sum();
        let whole = if prorate == Prorate::Not {
            let part_of_time = Fraction::new(count(of_time.len()), count(days.len()));
            return Some(Fraction::new(sum.into(), count(shares.len()) * 100) * part_of_time);
        } else {
            count(days.len()) * 100
        };
        Some(Fraction::new(sum.into(), whole))
    }

    /// Hundredths of full time in posts of the scope on a day; `None` if she is in none.
    fn share(&self, version: &Policy, day: Day) -> Option<i64> {
        let holdings = self.county.holdings(self.teacher);
        let shares = holdings
            .iter()
            .filter(|holding| version.scope.contains(&holding.post) && holding.holds_on(day));
        let shares: Vec<i64> = shares.map(|holding| holding.share.into()).collect();
        if shares.is_empty() {
            None
        } else if version.by_share {
            Some(shares.iter().sum::<i64>().min(100))
        } else {
            Some(100)
        }
    }

    /// The fourth day of each teaching week.
    fn fourth_days(&self, period: Period) -> Vec<Day> {
        let semester = self.county.semester_of(period.from).unwrap();
        (0..semester.weeks)
            .map(|week| semester.from.plus(week * 7 + 3))
            .collect()
    }

    fn exemptions(&self, version: &Policy, row: &Requirement, period: Period) -> i64 {
        let granted = self.county.live.iter().filter_map(|entry| match &entry.event.fact {
            Fact::Exemption {
                teacher,
                rule,
                policy,
                reduce_by,
            } if *teacher == self.teacher && *rule == row.id && policy.is_none_or(|policy| policy == version.id) => {
                Some((entry.event.to, *reduce_by))
            }
            _ => None,
        });
        granted
            .filter(|(last_day, _)| period.holds(*last_day))
            .map(|(_, reduce_by)| reduce_by)
            .sum()
    }
}

/// The fifteenths of months that lie in the period.
fn fifteenths(period: Period) -> Vec<Day> {
    let mut days = Vec::new();
    let (year, month, _) = period.from.ymd();
    let mut day = Day::of(year, month, 15);
    while day <= period.to {
        if period.from <= day {
            days.push(day);
        }
        day = day.plus_months(1);
    }
    days
}
