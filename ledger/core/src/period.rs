//! Periods: named spans of local dates (DOMAIN §5, written as §13a says).

use std::fmt;

use jiff::civil::Date;

use crate::ids::SemesterId;
use crate::time::{days_inclusive, plus_days};

/// A period's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Name {
    /// 自然年: `2022`
    Year(i16),
    /// 学年: `2022-2023`, named by its first year; 1 September to 31 August.
    SchoolYear(i16),
    /// 学期: `2022-2023-1`; its dates come from a calendar.
    Semester(SemesterId),
    /// 月: `2022-09`
    Month(i16, i8),
    /// 周期: `2021..2025`, first and last calendar year.
    Cycle(i16, i16),
    /// A person's own: `2021-03-15..2026-03-14`, first and last day.
    Span(Date, Date),
}

/// A kind of period that a requirement may be about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// 自然年
    CalendarYear,
    /// 学年
    SchoolYear,
    /// 学期
    Semester,
    /// 月
    Month,
    /// 新教师见习期: the twelve months from a person's first day in service.
    ProbationYear,
    /// 周期, as the policy says.
    Cycle,
}

impl Kind {
    /// The words that policies use.
    pub const WORDS: &[&str] = &[
        "calendar_year",
        "school_year",
        "semester",
        "month",
        "probation_year",
        "cycle",
    ];

    /// The kind by its word in policies.
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "calendar_year" => Some(Self::CalendarYear),
            "school_year" => Some(Self::SchoolYear),
            "semester" => Some(Self::Semester),
            "month" => Some(Self::Month),
            "probation_year" => Some(Self::ProbationYear),
            "cycle" => Some(Self::Cycle),
            _ => None,
        }
    }

    /// The periods of this kind that share a day with `from ..= to`, by first day. None for those that depend on a
    /// policy or person.
    pub fn periods(self, from: Date, to: Date, semesters: &[Semester]) -> Vec<Period> {
        let years = from.year() - 1..=to.year();
        let mut periods: Vec<Period> = match self {
            Self::CalendarYear => years.filter_map(|year| Name::Year(year).resolve(&[])).collect(),
            Self::SchoolYear => years.filter_map(|year| Name::SchoolYear(year).resolve(&[])).collect(),
            Self::Month => years
                .flat_map(|year| (1..=12).filter_map(move |month| Name::Month(year, month).resolve(&[])))
                .collect(),
            Self::Semester => semesters.iter().map(Semester::period).collect(),
            Self::ProbationYear | Self::Cycle => Vec::new(),
        };
        periods.retain(|period| period.overlaps(from, to));
        periods
    }

    /// The period of this kind that holds the day; none in the holidays between semesters, nor for kinds that depend
    /// on a policy or person.
    pub fn period_of(self, day: Date, semesters: &[Semester]) -> Option<Period> {
        let name = match self {
            Self::CalendarYear => Name::Year(day.year()),
            Self::SchoolYear if day.month() >= 9 => Name::SchoolYear(day.year()),
            Self::SchoolYear => Name::SchoolYear(day.year() - 1),
            Self::Month => Name::Month(day.year(), day.month()),
            Self::Semester => {
                let mut holding = semesters
                    .iter()
                    .filter(|semester| semester.from <= day && day <= semester.to);
                return holding.next().map(Semester::period);
            }
            Self::ProbationYear | Self::Cycle => return None,
        };
        name.resolve(&[])
    }
}

/// A named span of dates, both ends counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// Its name.
    pub name: Name,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
}

impl Name {
    /// Reads `2022`, `2022-2023`, `2022-2023-1`, `2022-09`, `2021..2025` or `2021-03-15..2026-03-14`; `None` for anything
    /// else.
    pub fn parse(text: &str) -> Option<Self> {
        let year = |text: &str| -> Option<i16> {
            let digits = text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit());
            digits
                .then(|| text.parse().ok())
                .flatten()
                .filter(|y| (1950..=2150).contains(y))
        };
        if let Some((first, last)) = text.split_once("..") {
            let day = |text: &str| -> Option<Date> {
                let day: Date = (text.len() == 10).then(|| text.parse().ok()).flatten()?;
                (1950..=2150).contains(&day.year()).then_some(day)
            };
            if let Some((first, last)) = day(first).zip(day(last)) {
                return (first <= last).then_some(Self::Span(first, last));
            }
            let (first, last) = (year(first)?, year(last)?);
            return (first <= last).then_some(Self::Cycle(first, last));
        }
        let parts: Vec<&str> = text.split('-').collect();
        match parts.as_slice() {
            [one] => year(one).map(Self::Year),
            [one, month] if month.len() == 2 => {
                let digits = month.bytes().all(|b| b.is_ascii_digit());
                let month: i8 = month.parse().ok().filter(|month| digits && (1..=12).contains(month))?;
                Some(Self::Month(year(one)?, month))
            }
            [one, two] => (year(two)? == year(one)? + 1).then_some(Self::SchoolYear(year(one)?)),
            [one, two, "1" | "2"] if year(two)? == year(one)? + 1 => SemesterId::new(text).ok().map(Self::Semester),
            _ => None,
        }
    }

    /// The period of this name; `None` for a semester that no calendar gives, and for a date that no calendar has.
    pub fn resolve(self, semesters: &[Semester]) -> Option<Period> {
        let day = |year, month, day| Date::new(year, month, day).ok();
        let (from, to) = match self {
            Self::Year(year) => (day(year, 1, 1)?, day(year, 12, 31)?),
            Self::SchoolYear(year) => (day(year, 9, 1)?, day(year.checked_add(1)?, 8, 31)?),
            Self::Month(year, month) => (day(year, month, 1)?, day(year, month, 1)?.last_of_month()),
            Self::Cycle(first, last) => (day(first, 1, 1)?, day(last, 12, 31)?),
            Self::Span(from, to) => (from, to),
            Self::Semester(id) => {
                let semester = semesters.iter().find(|semester| semester.id == id)?;
                (semester.from, semester.to)
            }
        };
        Some(Period { name: self, from, to })
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Year(year) => write!(f, "{year}"),
            Self::SchoolYear(year) => write!(f, "{year}-{}", i32::from(*year) + 1),
            Self::Semester(id) => write!(f, "{id}"),
            Self::Month(year, month) => write!(f, "{year}-{month:02}"),
            Self::Cycle(first, last) => write!(f, "{first}..{last}"),
            Self::Span(from, to) => write!(f, "{from}..{to}"),
        }
    }
}

impl Period {
    /// Whether the day lies in it.
    pub fn contains(&self, day: Date) -> bool {
        self.from <= day && day <= self.to
    }

    /// Whether it shares a day with `from ..= to`.
    pub fn overlaps(&self, from: Date, to: Date) -> bool {
        self.from <= to && from <= self.to
    }

    /// Weeks that are left after `today`, rounded up; 0 once it is over.
    pub fn weeks_left(&self, today: Date) -> i64 {
        let from = if today < self.from {
            self.from
        } else {
            plus_days(today, 1)
        };
        (days_inclusive(from, self.to) + 6) / 7
    }

    /// The periods of `kind` that are looked at when this one is asked about, by first day.
    ///
    /// A period belongs to the asked one that holds most of its days (the later one at a tie): 2022 is answered with
    /// the semesters 2021-2022-2 and 2022-2023-1 and the school year 2021-2022. A longer period that holds the
    /// asked one within itself is looked at whole: a month is answered with the year around it.
    pub fn parts(&self, kind: Kind, semesters: &[Semester]) -> Vec<Period> {
        let mut parts = kind.periods(self.from, self.to, semesters);
        parts.retain(|part| part.belongs_to(self));
        parts
    }

    /// The span from `from` to `to`, named by its years where it is made of whole ones.
    pub fn span(from: Date, to: Date) -> Self {
        let whole_years = (from.month(), from.day(), to.month(), to.day()) == (1, 1, 12, 31);
        let name = if whole_years {
            Name::Cycle(from.year(), to.year())
        } else {
            Name::Span(from, to)
        };
        Self { name, from, to }
    }

    fn belongs_to(&self, asked: &Self) -> bool {
        if !self.overlaps(asked.from, asked.to) {
            return false;
        }
        let (from, to) = (self.from.max(asked.from), self.to.min(asked.to));
        let (inside, before) = (
            days_inclusive(from, to),
            days_inclusive(self.from, plus_days(asked.from, -1)),
        );
        let after = days_inclusive(plus_days(asked.to, 1), self.to);
        let holds_asked = self.from <= asked.from && asked.to <= self.to;
        holds_asked || (inside >= before && inside > after)
    }
}

/// One semester (学期).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Semester {
    /// `2022-2023-1` or `2022-2023-2`.
    pub id: SemesterId,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// 教学周数
    pub teaching_weeks: u32,
}

impl Semester {
    /// The semester as a period.
    pub const fn period(&self) -> Period {
        Period {
            name: Name::Semester(self.id),
            from: self.from,
            to: self.to,
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn semester(id: &str, from: Date, to: Date) -> Semester {
        Semester {
            id: SemesterId::new(id).unwrap(),
            from,
            to,
            teaching_weeks: 20,
        }
    }

    #[test]
    fn periods_are_written_as_the_offices_write_them() {
        for text in [
            "2022",
            "2022-2023",
            "2022-2023-1",
            "2022-09",
            "2021..2025",
            "2021-03-15..2026-03-14",
        ] {
            assert_eq!(Name::parse(text).map(|name| name.to_string()), Some(text.to_owned()));
        }
        for text in [
            "",
            "22",
            "2022-2024",
            "2022-13",
            "2022-2023-3",
            "2025..2021",
            "2022-9",
            "2022-00",
            "2022-+1",
            "2022-03-15..2022-03-14",
        ] {
            assert_eq!(Name::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_year_is_answered_with_the_periods_that_lie_mostly_in_it() {
        let semesters = [
            semester("2021-2022-1", date(2021, 9, 1), date(2022, 1, 14)),
            semester("2021-2022-2", date(2022, 2, 14), date(2022, 7, 8)),
            semester("2022-2023-1", date(2022, 9, 1), date(2023, 1, 13)),
        ];
        let year = Name::Year(2022).resolve(&[]).unwrap();
        let names = |kind| {
            year.parts(kind, &semesters)
                .iter()
                .map(|p| p.name.to_string())
                .collect::<Vec<_>>()
        };
        assert_eq!(names(Kind::Semester), ["2021-2022-2", "2022-2023-1"]);
        assert_eq!(names(Kind::SchoolYear), ["2021-2022"]);
        assert_eq!(names(Kind::Month).len(), 12);
        assert_eq!(names(Kind::CalendarYear), ["2022"]);
    }

    #[test]
    fn weeks_left_are_counted_from_the_next_day() {
        let year = Name::Year(2022).resolve(&[]).unwrap();
        assert_eq!(year.weeks_left(date(2022, 12, 31)), 0);
        assert_eq!(year.weeks_left(date(2022, 12, 24)), 1);
        assert_eq!(year.weeks_left(date(2021, 1, 1)), 53);
    }
}
