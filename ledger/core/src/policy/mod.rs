//! Policies (规则): what is required of whom, and what is credited. Data, adopted by an event (DOMAIN §8).

mod parse;

use jiff::civil::Date;

use crate::codes::{AttendanceRole, LessonType, Post};
use crate::hours::Hours;
use crate::ids::{PolicyId, RuleId};
use crate::period::Kind;

/// Version of the policy language that this release writes and reads.
pub const LANGUAGE: u32 = 1;

/// One version of a policy.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// Its id, without the version.
    pub id: PolicyId,
    /// From 1 on.
    pub version: u32,
    /// Its name on screen.
    pub name: String,
    /// First day in force.
    pub effective_from: Date,
    /// Last day in force, if limited.
    pub effective_to: Option<Date>,
    /// Whether it may begin before it is adopted.
    pub retroactive: bool,
    /// The posts that it is about.
    pub posts: Vec<Post>,
    /// What is required.
    pub requirements: Vec<Requirement>,
    /// What is credited.
    pub conversions: Vec<Conversion>,
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Meter {
    /// 培训课时
    TrainingHours,
    /// 听课节数
    LessonsObserved,
    /// 授课节数
    LessonsGiven,
    /// 到校次数
    SchoolVisits,
    /// 讲座场次
    Talks,
}

impl Meter {
    /// All meters.
    pub const ALL: &[Self] = &[
        Self::TrainingHours,
        Self::LessonsObserved,
        Self::LessonsGiven,
        Self::SchoolVisits,
        Self::Talks,
    ];

    /// The words that policies use.
    pub const WORDS: &[&str] = &[
        "training_hours",
        "hours",
        "lessons_observed",
        "lessons_given",
        "school_visits",
        "talks",
    ];

    /// The meter by its word in policies; `hours` and `training_hours` are one (DOMAIN §13a).
    pub fn from_word(word: &str) -> Option<Self> {
        if word == "hours" {
            return Some(Self::TrainingHours);
        }
        Self::ALL.iter().copied().find(|meter| meter.word() == word)
    }

    /// The word in policies and `--json`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::TrainingHours => "training_hours",
            Self::LessonsObserved => "lessons_observed",
            Self::LessonsGiven => "lessons_given",
            Self::SchoolVisits => "school_visits",
            Self::Talks => "talks",
        }
    }

    /// 中文
    pub const fn zh(self) -> &'static str {
        match self {
            Self::TrainingHours => "培训课时",
            Self::LessonsObserved => "听课",
            Self::LessonsGiven => "授课",
            Self::SchoolVisits => "到校",
            Self::Talks => "讲座",
        }
    }

    /// 单位
    pub const fn unit_zh(self) -> &'static str {
        match self {
            Self::TrainingHours => "课时",
            Self::LessonsObserved | Self::LessonsGiven => "节",
            Self::SchoolVisits => "次",
            Self::Talks => "场",
        }
    }
}

/// One requirement of a policy.
#[derive(Clone, Debug, PartialEq)]
pub struct Requirement {
    /// Its id within the policy, e.g. `R1`.
    pub id: RuleId,
    /// What is counted.
    pub meter: Meter,
    /// Per which period.
    pub period: Kind,
    /// The least amount.
    pub min: Hours,
    /// The amount that counts as 优, if it differs.
    pub target: Option<Hours>,
    /// Only lessons of these types; empty means all. Outreach lessons pass, for they have no type.
    pub types: Vec<LessonType>,
    /// Months (1 to 12) in which nothing is due.
    pub skip_months: Vec<u32>,
    /// 单位
    pub unit: String,
    /// The regulation's own words.
    pub text: String,
}

/// One conversion of a policy: which activity is credited, and to which meter.
#[derive(Clone, Debug, PartialEq)]
pub struct Conversion {
    /// Its id within the policy, e.g. `V1`.
    pub id: RuleId,
    /// What it credits.
    pub credits: Credits,
}

/// What a conversion credits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credits {
    /// `attendance_recorded` in one of these roles: the hours present, as `training_hours`.
    AttendanceHours {
        /// The roles that count; empty means all.
        roles: Vec<AttendanceRole>,
    },
    /// `outreach_delivered`: lessons, as `lessons_given`.
    OutreachLessons,
}

/// Of the versions of one policy the one in force on `day`: the highest that has begun, for a new version ends its
/// predecessor the day before; `None` if that one has ended (DOMAIN §8).
pub fn version_on<'p>(versions: &[&'p Policy], day: Date) -> Option<&'p Policy> {
    let begun = versions.iter().filter(|policy| policy.effective_from <= day);
    let highest = begun.max_by_key(|policy| policy.version)?;
    highest.is_in_force(day).then_some(*highest)
}

impl Policy {
    /// Whether the day lies in the time that the document names.
    pub fn is_in_force(&self, day: Date) -> bool {
        self.effective_from <= day && self.effective_to.is_none_or(|last| day <= last)
    }

    /// The conversion for attendance in this role.
    pub(crate) fn attendance(&self, role: AttendanceRole) -> Option<&Conversion> {
        self.conversions.iter().find(|conversion| match &conversion.credits {
            Credits::AttendanceHours { roles } => roles.is_empty() || roles.contains(&role),
            Credits::OutreachLessons => false,
        })
    }

    /// The conversion for outreach lessons.
    pub(crate) fn outreach(&self) -> Option<&Conversion> {
        self.conversions
            .iter()
            .find(|conversion| conversion.credits == Credits::OutreachLessons)
    }
}
