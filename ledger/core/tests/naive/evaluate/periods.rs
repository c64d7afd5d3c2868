//! Periods as day ranges: which one holds a day, which come before, which answer a question.

use super::Case;
use super::county::County;
use super::credits::Credit;
use super::pieces::Piece;
use crate::day::Day;
use crate::facts::{Id, Semester};
use crate::model::{Cycle, Length, PeriodKind, PersonalStart, Policy, Span};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    pub kind: PeriodKind,
    pub from: Day,
    pub to: Day,
}

impl Period {
    pub fn holds(&self, day: Day) -> bool {
        self.from <= day && day <= self.to
    }

    /// Whether limits of several versions share their room in the two: they are of one kind and begin together.
    pub fn shares_room(&self, other: &Self) -> bool {
        (self.kind, self.from) == (other.kind, other.from)
    }

    /// The days of the period that are within `range`.
    fn days_within(&self, range: (Day, Day)) -> i64 {
        (self.to.0.min(range.1.0) - self.from.0.max(range.0.0) + 1).max(0)
    }

    /// Whether the period is one that a question about the days `asked` means.
    pub fn answers(&self, asked: (Day, Day)) -> bool {
        let inside = self.days_within(asked);
        if matches!(self.kind, PeriodKind::Cycle | PeriodKind::Probation) {
            return inside > 0;
        }
        let before = self.days_within((self.from, asked.0.plus(-1)));
        let after = self.days_within((asked.1.plus(1), self.to));
        let contains = self.from <= asked.0 && asked.1 <= self.to;
        contains || (inside >= before && inside > after)
    }
}

impl Length {
    pub fn after(self, first: Day, times: i64) -> Day {
        match self {
            Self::Years(years) => first.years_on(years * times),
            Self::Months(months) => first.plus_months(months * times),
            Self::Days(days) => first.plus(days * times),
        }
    }
}

impl County<'_> {
    pub fn semester_of(&self, day: Day) -> Option<&Semester> {
        self.semesters
            .iter()
            .find(|semester| semester.from <= day && day <= semester.to)
    }
}

impl Case<'_> {
    /// The period of this kind that holds the day.
    pub fn period_with(&self, version: &Policy, kind: PeriodKind, day: Day) -> Option<Period> {
        let period = |from, to| Period { kind, from, to };
        let (year, month, _) = day.ymd();
        match kind {
            PeriodKind::Year => Some(period(Day::of(year, 1, 1), Day::of(year, 12, 31))),
            PeriodKind::SchoolYear => {
                let first = if month >= 9 { year } else { year - 1 };
                Some(period(Day::of(first, 9, 1), Day::of(first + 1, 8, 31)))
            }
            PeriodKind::Month => Some(period(Day::of(year, month, 1), day.last_of_month())),
            PeriodKind::Semester => {
                let semester = self.county.semester_of(day)?;
                Some(period(semester.from, semester.to))
            }
            PeriodKind::Probation => self.probation().filter(|period| period.holds(day)),
            PeriodKind::Cycle => {
                let cycles = self.cycles(version.cycle.as_ref()?, day);
                cycles.into_iter().find(|period| period.holds(day))
            }
        }
    }

    /// The semester of a credit: the one that it names, else the one of its day.
    pub fn term(&self, credit: &Credit<'_>) -> Option<Id> {
        let of_day = || self.county.semester_of(credit.day).map(|semester| semester.id);
        credit.deed.term.or_else(of_day)
    }

    /// The period of a kind that a piece falls into.
    pub fn period_of_piece(&self, version: &Policy, kind: PeriodKind, piece: &Piece<'_>) -> Option<Period> {
        match (kind, piece.credit.deed.term) {
            (PeriodKind::Semester, Some(named)) => {
                let semester = self.county.semesters.iter().find(|semester| semester.id == named)?;
                let (from, to) = (semester.from, semester.to);
                Some(Period { kind, from, to })
            }
            _ => self.period_with(version, kind, piece.day),
        }
    }

    /// Whether a piece falls into a period; of semesters a term falls into the one that it names.
    pub fn falls_into(&self, piece: &Piece<'_>, period: Period) -> bool {
        match (period.kind, piece.credit.deed.term) {
            (PeriodKind::Semester, Some(named)) => {
                let mut semesters = self.county.semesters.iter();
                semesters.any(|semester| semester.id == named && semester.from == period.from)
            }
            _ => period.holds(piece.day),
        }
    }

    /// The twelve months from the day she was hired.
    pub fn probation(&self) -> Option<Period> {
        let from = self.county.person(self.teacher).0?;
        Some(Period {
            kind: PeriodKind::Probation,
            from,
            to: from.years_on(1).plus(-1),
        })
    }

    /// The cycles that begin on or before a day.
    fn cycles(&self, cycle: &Cycle, until: Day) -> Vec<Period> {
        let kind = PeriodKind::Cycle;
        let (from, length) = match cycle.span {
            Span::Once { from, to } => return vec![Period { kind, from, to }],
            Span::Repeating { from, length } => (Some(from), length),
            Span::Personal { start, length } => {
                let (hired_on, career_from) = self.county.person(self.teacher);
                let from = match start {
                    PersonalStart::HiredOn => hired_on,
                    PersonalStart::CareerFrom => career_from,
                    PersonalStart::Title => self.county.first_title(self.teacher),
                };
                (from, length)
            }
        };
        let mut cycles = Vec::new();
        if let Some(first) = from {
            let begin = |number: i64| length.after(first, number);
            let numbers = (0..).take_while(|number| begin(*number) <= until);
            cycles.extend(numbers.map(|number| Period {
                kind,
                from: begin(number),
                to: begin(number + 1).plus(-1),
            }));
        }
        cycles
    }

    /// All periods of a kind that have a day in common with `range`, in order.
    pub fn periods_in(&self, version: &Policy, kind: PeriodKind, range: (Day, Day)) -> Vec<Period> {
        let mut periods: Vec<Period> = Vec::new();
        for number in range.0.0..=range.1.0 {
            if periods.last().is_some_and(|last| last.holds(Day(number))) {
                continue;
            }
            periods.extend(self.period_with(version, kind, Day(number)));
        }
        periods
    }

    /// The last day of the neighbouring period before: the day before, or the end of the semester before.
    pub fn neighbour_ends(&self, period: Period) -> Option<Day> {
        match period.kind {
            PeriodKind::Probation => None,
            PeriodKind::Semester => {
                let ends = self.county.semesters.iter().map(|semester| semester.to);
                ends.filter(|to| *to < period.from).max()
            }
            _ => Some(period.from.plus(-1)),
        }
    }
}
