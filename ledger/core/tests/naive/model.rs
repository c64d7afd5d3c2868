//! A policy as plain data, every key of the policy language in it. Amounts are hundredths.

use keshi_core::codes::{Award, LessonType, Level, Mode, Post, SessionType, TitleClass};

use crate::day::Day;
use crate::fraction::Fraction;

/// One version of a policy.
#[derive(Clone, Debug)]
pub struct Policy {
    pub id: &'static str,
    pub version: u32,
    pub from: Day,
    pub to: Option<Day>,
    pub retroactive: bool,
    pub first_period: FirstPeriod,
    pub attribution: Attribution,
    pub rounding: Rounding,
    pub min_presence: Fraction,
    pub best_only: bool,
    pub scope: Vec<Post>,
    pub by_share: bool,
    pub cycle: Option<Cycle>,
    pub requirements: Vec<Requirement>,
    pub conversions: Vec<Conversion>,
    pub caps: Vec<Cap>,
    pub substitutions: Vec<Substitution>,
    pub one_of: Vec<OneOf>,
    pub steps: Vec<Step>,
}

/// A step of a ladder.
#[derive(Clone, Debug)]
pub struct Step {
    pub id: &'static str,
    pub class: TitleClass,
    pub level: Level,
    pub after: Vec<(TitleClass, Level)>,
    pub recommended: bool,
    /// 培养对象, for so many years.
    pub candidate: Option<i64>,
    pub career_years: Option<i64>,
    pub ranks: Vec<&'static str>,
    pub prize: Option<Prize>,
    /// Lessons observed, in hundredths, in so many years or ever.
    pub observed: Option<(i64, Option<i64>)>,
}

#[derive(Clone, Debug)]
pub struct Prize {
    pub levels: Vec<Level>,
    pub awards: Vec<Award>,
    pub years: Option<i64>,
}

/// Requirements of which one is enough.
#[derive(Clone, Debug)]
pub struct OneOf {
    pub id: String,
    pub requirements: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Meter {
    Hours,
    Observed,
    Given,
    Visits,
    Talks,
    Credits,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Attendance,
    Outreach,
    Given,
    Observed,
    Visit,
    Award,
    SchoolTerm,
    Topic,
    Published,
    Awarded,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PeriodKind {
    Year,
    SchoolYear,
    Semester,
    Month,
    Probation,
    Cycle,
}

/// What is due in a period that began before the policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirstPeriod {
    NotDue,
    Full,
    Prorated,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attribution {
    End,
    Start,
    Split,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    HalfUpHundredth,
    DownHundredth,
    DownWhole,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Cycle {
    pub span: Span,
    /// The window after each cycle.
    pub window: Option<Length>,
    pub grace: Grace,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Span {
    Once { from: Day, to: Day },
    Repeating { from: Day, length: Length },
    Personal { start: PersonalStart, length: Length },
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Length {
    Years(i64),
    Months(i64),
    Days(i64),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PersonalStart {
    HiredOn,
    CareerFrom,
    Title,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Grace {
    Ended,
    EndedIfShort,
    UntilAllMet,
}

/// Filters; an empty list lets everything pass.
#[derive(Clone, Debug, Default)]
pub struct Where {
    pub levels: Vec<Level>,
    pub modes: Vec<Mode>,
    pub categories: Vec<&'static str>,
    pub topics: Vec<&'static str>,
    pub types: Vec<&'static str>,
    pub kinds: Vec<Kind>,
    pub conversions: Vec<String>,
}

#[derive(Clone, Debug)]
pub struct Requirement {
    pub id: String,
    pub meter: Meter,
    pub period: PeriodKind,
    pub min: i64,
    /// In place of `min`: a share of what another requirement counts.
    pub min_share_of: Option<(String, Fraction)>,
    pub target: Option<i64>,
    pub filter: Where,
    pub types: Vec<LessonType>,
    pub only_if: Option<OnlyIf>,
    pub skip_months: Vec<i64>,
    pub prorate: Option<Prorate>,
    pub then_record: Option<i64>,
    pub carry: Option<Carry>,
}

#[derive(Clone, Copy, Debug)]
pub enum OnlyIf {
    Post(Post),
    NewTeacher,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prorate {
    Month,
    TeachingWeek,
    Not,
}

#[derive(Clone, Debug)]
pub struct Carry {
    pub share: Fraction,
    pub max: Option<i64>,
    pub filter: Where,
    pub within_cycle: bool,
    pub only_if_met: bool,
    /// A cap.
    pub fills: Option<String>,
    pub expires_after: u32,
}

#[derive(Clone, Debug)]
pub struct Conversion {
    pub id: String,
    pub kind: Kind,
    pub meter: Meter,
    /// Words; empty for the default.
    pub roles: Vec<&'static str>,
    pub events: Vec<SessionType>,
    pub filter: Where,
    pub awards: Vec<Award>,
    pub work_kinds: Vec<&'static str>,
    pub posts: Vec<Post>,
    pub base: Base,
    pub factor: Factor,
    pub per: Option<Per>,
    /// By word: 考核结果, or a topic's 结题结果.
    pub if_result: Vec<(&'static str, Fraction)>,
    pub shares: Shares,
    pub min_presence: Option<Fraction>,
    pub per_day_max: Option<i64>,
    pub best_only_per: Option<PeriodKind>,
    pub counts_as_level: Option<Level>,
    pub counts_as_category: Option<&'static str>,
}

#[derive(Clone, Debug)]
pub enum Base {
    HoursPresent,
    Periods,
    Lessons,
    Talks,
    Fixed(i64),
    ByLevel(Vec<(Level, i64)>),
    ByAward(Vec<(Award, i64)>),
    ByLevelAward(Vec<(Level, Vec<(Award, i64)>)>),
}

#[derive(Clone, Debug)]
pub enum Factor {
    None,
    Plain(Fraction),
    ByLevel(Vec<(Level, Fraction)>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Per {
    Day,
    HalfDay,
    Semester,
}

#[derive(Clone, Copy, Debug)]
pub enum Shares {
    /// Each the whole.
    Whole,
    /// One amount shared among all.
    Equal,
    Parts {
        lead: Part,
        member: Part,
    },
}

#[derive(Clone, Copy, Debug)]
pub enum Part {
    Fraction(Fraction),
    Equal,
}

#[derive(Clone, Debug)]
pub struct Cap {
    pub id: String,
    pub period: PeriodKind,
    pub meter: Meter,
    pub filter: Where,
    pub limit: Limit,
    pub across_versions: bool,
}

#[derive(Clone, Debug)]
pub enum Limit {
    Max(i64),
    ShareOf { requirement: String, share: Fraction },
    NotAbove(Where),
}

#[derive(Clone, Debug)]
pub struct Substitution {
    pub id: String,
    pub from: String,
    pub to: String,
    pub max: i64,
}

impl Meter {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Hours => "training_hours",
            Self::Credits => "credits",
            Self::Observed => "lessons_observed",
            Self::Given => "lessons_given",
            Self::Visits => "school_visits",
            Self::Talks => "talks",
        }
    }
}

impl Kind {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Attendance => "attendance_recorded",
            Self::Outreach => "outreach_delivered",
            Self::Given => "lesson_given",
            Self::Observed => "lesson_observed",
            Self::Visit => "school_visit",
            Self::Award => "award_given",
            Self::SchoolTerm => "school_based_term",
            Self::Topic => "topic_concluded",
            Self::Published => "work_published",
            Self::Awarded => "work_awarded",
        }
    }
}

impl PeriodKind {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Year => "calendar_year",
            Self::SchoolYear => "school_year",
            Self::Semester => "semester",
            Self::Month => "month",
            Self::Probation => "probation_year",
            Self::Cycle => "cycle",
        }
    }
}
