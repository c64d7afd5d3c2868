//! Who owes a requirement, and how much: scope, proration, share, exemptions.

use jiff::civil::Date;

use super::person::Person;
use super::{Assessor, Exempted};
use crate::hours::Hours;
use crate::period::{Kind, Period};
use crate::policy::{FirstPeriod, Policy, Prorate, Requirement};
use crate::state::Exemption;
use crate::time::plus_days;

/// A requirement in one of its periods.
#[derive(Clone, Copy)]
pub(super) struct Due<'p> {
    pub(super) policy: &'p Policy,
    pub(super) requirement: &'p std::sync::Arc<Requirement>,
    pub(super) period: Period,
}

/// What is due of a person.
pub(super) struct Owed {
    pub(super) min: Hours,
    pub(super) target: Option<Hours>,
    pub(super) prorated: Hours,
    pub(super) exempted: Vec<Exempted>,
}

/// Time in post: hundredths of full time summed over the months or weeks that count, how many count, how many lie in
/// the policy's time, and all.
struct TimeInPost {
    hundredths: u64,
    counting: u64,
    in_force: u64,
    all: u64,
}

impl TimeInPost {
    /// Over days that stand for months or weeks; those before `begin` are not in force.
    fn over(days: impl Iterator<Item = Date>, begin: Date, share_on: impl Fn(Date) -> u32) -> Self {
        let mut time = Self {
            hundredths: 0,
            counting: 0,
            in_force: 0,
            all: 0,
        };
        for day in days {
            time.all += 1;
            if begin <= day {
                let share = u64::from(share_on(day));
                time.in_force += 1;
                time.counting += u64::from(share > 0);
                time.hundredths += share;
            }
        }
        time
    }

    /// The part of `amount` that is due, rounded up to a whole unless it is all of it; `None` beyond the type.
    fn part_of(&self, amount: Hours, prorate: Prorate) -> Option<Hours> {
        // Hundredths of full time over the units, and, where those are not all, the part of the units in force.
        let (part, whole) = match prorate {
            Prorate::None => (
                self.hundredths.checked_mul(self.in_force)?,
                self.counting.checked_mul(self.all)?,
            ),
            Prorate::Month | Prorate::TeachingWeek => (self.hundredths, self.all),
        };
        let whole = whole.checked_mul(100)?;
        if part == whole {
            return Some(amount);
        }
        let above = i128::from(amount.hundredths()).checked_mul(i128::from(part))?;
        // Hundredths of the unit: up to the next whole unit.
        let below = i128::from(whole) * 100;
        let rounded_up = above.checked_add(below - 1)?.div_euclid(below);
        i64::try_from(rounded_up.checked_mul(100)?)
            .ok()
            .map(Hours::from_hundredths)
    }
}

impl Assessor<'_> {
    /// What is due; `None` if the requirement is not in scope for her in this period.
    pub(super) fn owed(&self, due: &Due<'_>, person: &Person<'_>, versions: &[&Policy]) -> Option<Owed> {
        let Due {
            policy,
            requirement,
            period,
        } = *due;
        let first_day = versions.iter().map(|policy| policy.effective_from).min();
        let begin = match (first_day.filter(|day| period.from < *day), policy.first_period) {
            (Some(_), FirstPeriod::NotDue) => return None,
            (Some(first_day), FirstPeriod::Prorated) => first_day,
            (Some(_), FirstPeriod::Full) | (None, _) => period.from,
        };
        if !person.is_concerned(requirement.only_if, &period, versions) {
            return None;
        }
        let (time, prorate) = if requirement.period == Kind::ProbationYear {
            (self.time(due, begin, |_| 100), Prorate::Month)
        } else {
            (
                self.time(due, begin, |day| person.share_on(day, policy)),
                requirement.prorate,
            )
        };
        if time.counting == 0 {
            return None;
        }
        let part = |amount| time.part_of(amount, prorate).unwrap_or(amount);
        let (prorated, target) = (part(requirement.min), requirement.target.map(part));
        let exempted = self.exempted(due, person);
        let granted = exempted
            .iter()
            .map(|exempted| exempted.reduce_by.hundredths())
            .fold(0, i64::saturating_add);
        let reduced = |amount: Hours| Hours::from_hundredths(amount.hundredths().saturating_sub(granted).max(0));
        Some(Owed {
            min: reduced(prorated),
            target: target.map(reduced),
            prorated,
            exempted,
        })
    }

    /// The months or teaching weeks of a period, and which of them count.
    fn time(&self, due: &Due<'_>, begin: Date, share_on: impl Fn(Date) -> u32) -> TimeInPost {
        let period = due.period;
        if due.requirement.period == Kind::Semester {
            let semester = self.semesters.iter().find(|semester| semester.from == period.from);
            let weeks = semester.map_or(0, |semester| semester.teaching_weeks);
            let fourth_days = (0..i64::from(weeks)).map(|week| plus_days(period.from, week * 7 + 3));
            return TimeInPost::over(fourth_days, begin, share_on);
        }
        let months = Kind::Month.periods(period.from, period.to, &[]);
        let fifteenths = months.iter().map(|month| plus_days(month.from, 14));
        // A cycle of one's own begins within a month: the months whose 15th it holds are its months.
        TimeInPost::over(fifteenths.filter(|day| period.contains(*day)), begin, share_on)
    }

    fn exempted(&self, due: &Due<'_>, person: &Person<'_>) -> Vec<Exempted> {
        let rows = person.teacher.exemptions.iter().filter(|row| {
            row.rule_id == due.requirement.id
                && row.policy_id.is_none_or(|id| id == due.policy.id)
                && due.period.contains(row.to)
                && self.state.live(row.index, self.size)
        });
        let mut rows: Vec<_> = rows.collect();
        rows.sort_by_key(|row| (row.to, self.state.events.id(row.index)));
        let exempted = |row: &Exemption| Exempted {
            index: row.index.into(),
            reduce_by: row.reduce_by,
        };
        rows.into_iter().map(exempted).collect()
    }
}
