//! One teacher as rules see her: posts, dates of her own, cycles.

use jiff::civil::Date;

use super::Assessor;
use super::credit::Credit;
use crate::codes::Post;
use crate::ids::SemesterId;
use crate::period::{Kind, Name, Period, Semester};
use crate::policy::{CycleStart, Length, OnlyIf, OwnDay, Policy, version_on};
use crate::state::{State, Teacher};
use crate::time::{anniversary, days_inclusive, plus_days};

/// A teacher, with what rules ask about her.
pub(super) struct Person<'s> {
    pub(super) teacher: &'s Teacher,
    /// Posts with effect: post, hundredths of a full one, first and last day.
    pub(super) posts: Vec<(Post, u8, Date, Date)>,
    pub(super) hired_on: Option<Date>,
    career_from: Option<Date>,
    /// The day of the first title with effect, where a policy asks for it.
    titled_on: Option<Date>,
}

impl<'s> Person<'s> {
    pub(super) fn new(state: &'s State, teacher: &'s Teacher, size: u64, titles: bool) -> Self {
        let live = teacher.assignments.iter().filter(|row| state.live(row.index, size));
        let posts = live.map(|row| {
            let last = state.last_day(teacher, row, size).unwrap_or(Date::MAX);
            (row.post, row.share_hundredths, row.from, last)
        });
        let profile = state.profile_of(teacher, size);
        let titled_on = || {
            let mut titles = state.titles(teacher, size);
            titles.retain(|title| title.waits_for.is_empty());
            titles.iter().map(|title| title.conferred_on).min()
        };
        Self {
            teacher,
            // One that ended before it began was never held.
            posts: posts.filter(|(_, _, from, last)| from <= last).collect(),
            hired_on: profile.and_then(|profile| profile.hired_on),
            career_from: profile.and_then(|profile| profile.career_from),
            titled_on: if titles { titled_on() } else { None },
        }
    }

    /// Hundredths of full time that she holds of these posts on a day.
    pub(super) fn share_on(&self, day: Date, policy: &Policy) -> u32 {
        let held = self
            .posts
            .iter()
            .filter(|(post, _, from, last)| *from <= day && day <= *last && policy.posts.contains(post));
        let sum: u32 = held.map(|(_, share, ..)| u32::from(*share)).sum();
        if policy.by_share {
            sum.min(100)
        } else {
            sum.min(1) * 100
        }
    }

    /// Whether she holds one of the posts on some day of the period.
    pub(super) fn holds(&self, posts: &[Post], period: &Period) -> bool {
        let mut held = self.posts.iter();
        held.any(|(post, _, from, last)| posts.contains(post) && period.overlaps(*from, *last))
    }

    /// Whether a requirement's `only_if` takes her in.
    pub(super) fn is_concerned(&self, only_if: Option<OnlyIf>, period: &Period, versions: &[&Policy]) -> bool {
        match only_if {
            None => true,
            Some(OnlyIf::Post(post)) => self.holds(&[post], period),
            Some(OnlyIf::NewTeacher) => self.hired_on.is_some_and(|day| version_on(versions, day).is_some()),
        }
    }

    /// The twelve months from her first day in service.
    pub(super) fn probation_year(&self) -> Option<Period> {
        let from = self.hired_on?;
        let to = plus_days(anniversary(from, 1)?, -1);
        Some(Period::span(from, to))
    }

    fn own_day(&self, day: OwnDay) -> Option<Date> {
        match day {
            OwnDay::HiredOn => self.hired_on,
            OwnDay::CareerFrom => self.career_from,
            OwnDay::Title => self.titled_on,
        }
    }
}

impl Person<'_> {
    /// Her cycles under a version that share a day with the span, by first day.
    pub(super) fn cycles(&self, policy: &Policy, (from, to): (Date, Date)) -> Vec<Period> {
        let Some(cycle) = policy.cycle else { return Vec::new() };
        let (first, length) = match cycle.start {
            CycleStart::Once(first, last) => {
                let once = Period::span(first, last);
                return if once.overlaps(from, to) {
                    vec![once]
                } else {
                    Vec::new()
                };
            }
            CycleStart::Every(first, length) => (first, length),
            CycleStart::Own(day, length) => match self.own_day(day) {
                Some(first) => (first, length),
                None => return Vec::new(),
            },
        };
        let mut cycles = Vec::new();
        let days = days_inclusive(first, from);
        let skipped = match length {
            // None is longer than its years of 366 days, so no cycle that ends later is skipped.
            Length::Years(years) => days / (i64::from(years.max(1)) * 366),
            Length::Months(months) => days / (i64::from(months.max(1)) * 31),
            Length::Days(days_of_one) => days / i64::from(days_of_one.max(1)),
        };
        let mut number = i32::try_from(skipped - 1).unwrap_or(0).max(0);
        loop {
            let bounds = length.after(first, number).zip(length.after(first, number + 1));
            let Some((begin, next)) = bounds.filter(|(begin, _)| *begin <= to) else {
                return cycles;
            };
            let end = plus_days(next, -1);
            if from <= end {
                cycles.push(Period::span(begin, end));
            }
            number += 1;
        }
    }
}

impl Assessor<'_> {
    /// The period of a kind that holds the day, under a version and for a person.
    pub(super) fn period_of(&self, kind: Kind, day: Date, policy: &Policy, person: &Person<'_>) -> Option<Period> {
        match kind {
            Kind::Cycle => person.cycles(policy, (day, day)).into_iter().next(),
            Kind::ProbationYear => person.probation_year().filter(|year| year.contains(day)),
            Kind::CalendarYear | Kind::SchoolYear | Kind::Semester | Kind::Month => {
                kind.period_of(day, &self.semesters)
            }
        }
    }

    /// The semester that a credit belongs to: the one that it names (DOMAIN §13a), else the one that holds its day.
    pub(super) fn semester_of(&self, credit: &Credit<'_>) -> Option<SemesterId> {
        if let Some(named) = credit.source.semester {
            return self.state.semesters_named.key(named);
        }
        let holds = |semester: &&Semester| semester.period().contains(credit.on);
        self.semesters.iter().find(holds).map(|semester| semester.id)
    }

    /// Whether a credit belongs to a period: by its day, or to the semester that it names.
    pub(super) fn lies_in(&self, credit: &Credit<'_>, period: &Period) -> bool {
        match (period.name, credit.source.semester) {
            (Name::Semester(id), Some(_)) => self.semester_of(credit) == Some(id),
            _ => period.contains(credit.on),
        }
    }

    /// The period of a kind that a credit belongs to, under a version and for a person.
    pub(super) fn period_of_credit(
        &self,
        kind: Kind,
        credit: &Credit<'_>,
        policy: &Policy,
        person: &Person<'_>,
    ) -> Option<Period> {
        if kind != Kind::Semester || credit.source.semester.is_none() {
            return self.period_of(kind, credit.on, policy, person);
        }
        let id = self.semester_of(credit)?;
        let semester = self.semesters.iter().find(|semester| semester.id == id);
        semester.map(Semester::period)
    }

    /// The periods of a kind that share a day with the span, under a version and for a person, by first day.
    pub(super) fn periods(&self, kind: Kind, span: (Date, Date), policy: &Policy, person: &Person<'_>) -> Vec<Period> {
        match kind {
            Kind::Cycle => person.cycles(policy, span),
            Kind::ProbationYear => {
                let year = person.probation_year();
                year.into_iter().filter(|year| year.overlaps(span.0, span.1)).collect()
            }
            Kind::CalendarYear | Kind::SchoolYear | Kind::Semester | Kind::Month => {
                kind.periods(span.0, span.1, &self.semesters)
            }
        }
    }
}
