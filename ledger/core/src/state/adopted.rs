//! What adopted policies and calendars say of a day beyond hours: reviews, and days that are worked.

use jiff::civil::Date;

use super::{At, PolicyVersion};
use crate::codes::AssignmentNature;
use crate::policy::{MIDTERM_MONTHS, ReviewRules, usual_months};

/// Most days that are looked at for the end of a publicity: a holiday and a few weeks.
const LOOK_AHEAD_DAYS: usize = 400;

impl At<'_> {
    /// How the office reviews claims on `day`, if a policy in force then says so: of several the one adopted last.
    pub fn reviews(self, day: Date) -> Option<ReviewRules> {
        let stated = self.policies().filter(|version| version.policy.review.is_some());
        let in_force = stated.filter(|version| self.is_in_force(version, day));
        in_force.last().and_then(|version| version.policy.review)
    }

    /// Whether the version is in force on `day`. A new version ends its predecessor, also where it says less.
    pub(crate) fn is_in_force(self, version: &PolicyVersion, day: Date) -> bool {
        let same = self.policies().filter(|other| other.policy.id == version.policy.id);
        let begun = same.filter(|other| other.policy.effective_from <= day);
        let last = begun.map(|other| other.policy.version).max();
        version.policy.is_in_force(day) && last == Some(version.policy.version)
    }

    /// The least time in months of a post of this nature that began on `day`: of several policies in force then that say it,
    /// by the one adopted last; else the usual one, if there is one.
    pub fn assignment_months(self, nature: AssignmentNature, day: Date) -> Option<u32> {
        let said = |version: &&PolicyVersion| {
            let mut terms = version.policy.assignment_terms.iter();
            terms.find(|(of, _)| *of == nature).map(|&(_, months)| months)
        };
        let stated = self.policies().filter(|version| said(version).is_some());
        let in_force = stated.filter(|version| self.is_in_force(version, day));
        in_force.last().as_ref().and_then(said).or_else(|| usual_months(nature))
    }

    /// After how many months a topic approved on `day` is checked (中期), chosen likewise.
    pub fn midterm_months(self, day: Date) -> u32 {
        let stated = self
            .policies()
            .filter(|version| version.policy.midterm_months.is_some());
        let in_force = stated.filter(|version| self.is_in_force(version, day));
        let said = in_force.last().and_then(|version| version.policy.midterm_months);
        said.unwrap_or(MIDTERM_MONTHS)
    }

    /// As [`At::reviews`], or the defaults.
    pub fn review_rules(self, day: Date) -> ReviewRules {
        self.reviews(day).unwrap_or_default()
    }
}

impl At<'_> {
    /// Whether the day is worked, by the calendar adopted last that says so of its year.
    ///
    /// # Errors
    ///
    /// The year, if no calendar gives its working days.
    pub fn is_worked(self, day: Date) -> Result<bool, i16> {
        let years = self.calendars().flat_map(|version| &version.calendar.working_days);
        let year = years.filter(|one| one.year == day.year()).last();
        year.map(|year| year.is_worked(day)).ok_or(day.year())
    }

    /// The day that ends `count` working days, the first of which is `from` or the next one worked.
    ///
    /// # Errors
    ///
    /// The year, if no calendar gives its working days.
    pub fn working_day_after(self, from: Date, count: u32) -> Result<Date, i16> {
        let mut left = count;
        for day in from.series(jiff::Span::new().days(1)).take(LOOK_AHEAD_DAYS) {
            if self.is_worked(day)? {
                left = left.saturating_sub(1);
            }
            if left == 0 {
                return Ok(day);
            }
        }
        Err(from.year())
    }
}
