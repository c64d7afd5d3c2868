//! The probation year (DOMAIN §13.14): its hours leave the cycles that they lie in, and a record stands in their place.

use super::credit::Credit;
use super::due::Due;
use super::standing::{Case, counts};
use crate::period::{Kind, Period};
use crate::policy::{Meter, Requirement, version_on};

/// What a probation year records on one meter.
pub(super) struct Probation {
    pub(super) meter: Meter,
    year: Period,
    /// By the places of the credits from `first` on, what of each is recorded instead of counted: the earliest hours, up
    /// to the minimum.
    first: usize,
    taken: Vec<i64>,
    /// What is recorded on the year's last day.
    recorded: i64,
}

impl Probation {
    /// Whether the record falls into a cycle.
    pub(super) fn is_recorded_in(&self, cycle: &Period) -> bool {
        cycle.contains(self.year.to)
    }

    /// What of the credit at a place is recorded instead of counted.
    pub(super) fn taken(&self, place: usize) -> i64 {
        let offset = place.checked_sub(self.first);
        offset.and_then(|offset| self.taken.get(offset)).copied().unwrap_or(0)
    }
}

impl<'p> Case<'_, 'p> {
    /// What the probation year records, for each meter of a cycle's requirement.
    pub(super) fn probations(&self) -> Vec<Probation> {
        let Some(year) = self.person.probation_year() else {
            return Vec::new();
        };
        let mut found: Vec<Probation> = Vec::new();
        for requirement in version_on(self.versions, year.to)
            .into_iter()
            .flat_map(|policy| &policy.requirements)
        {
            let is_first = !found.iter().any(|known| known.meter == requirement.meter);
            if is_first && requirement.period == Kind::ProbationYear && requirement.then_record.is_some() {
                found.extend(self.probation(requirement, year));
            }
        }
        found
    }

    fn probation(&self, requirement: &'p std::sync::Arc<Requirement>, year: Period) -> Option<Probation> {
        let due = Due {
            policy: version_on(self.versions, year.to)?,
            requirement,
            period: year,
        };
        self.assessor.owed(&due, self.person, self.versions)?;
        let (mut left, mut sum) = (requirement.min.hundredths(), 0);
        let (first, within) = self.within(year.from, year.to);
        let take = |credit: &Credit<'p>| {
            let is_hour = credit.is_counted() && counts(requirement, credit);
            let taken = if is_hour {
                credit.counted.hundredths().min(left)
            } else {
                0
            };
            left -= taken;
            sum += taken;
            taken
        };
        let taken = within.iter().map(take).collect();
        Some(Probation {
            meter: requirement.meter,
            year,
            first,
            taken,
            recorded: requirement.then_record?.hundredths().min(sum),
        })
    }

    /// What stands in a requirement's cycle for the credits that pass: they are never recorded as more than they are.
    pub(super) fn record(&self, probation: &Probation, passes: impl Fn(&Credit<'p>) -> bool) -> i64 {
        let (first, within) = self.within(probation.year.from, probation.year.to);
        let passing = within.iter().enumerate().filter(|(_, credit)| passes(credit));
        let sum: i64 = passing.map(|(offset, _)| probation.taken(first + offset)).sum();
        sum.min(probation.recorded)
    }
}
