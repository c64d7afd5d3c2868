//! Policies (规则): what is required of whom, and what is credited. Data, adopted by an event (DOMAIN §8).
//!
//! `ledger/docs/policy.md` describes the language; here stands what a document says, checked. How it is applied is
//! the matter of [`crate::balance`].

mod filter;
mod fraction;
mod ladder;
mod office;
pub(crate) mod parse;
mod review;
mod rules;
pub mod size;

use std::sync::{Arc, LazyLock};

use jiff::ToSpan;
use jiff::civil::Date;

pub use self::filter::{Shape, Where, Word};
pub(crate) use self::fraction::gcd;
pub use self::fraction::{Fraction, FractionError};
pub(crate) use self::ladder::Ladders;
pub use self::ladder::{Count, LadderStep, Prize};
pub use self::office::{MIDTERM_MONTHS, usual_months};
pub use self::review::ReviewRules;
pub use self::rules::{
    Base, Cap, Carry, Ceiling, Conversion, Kind, OneOf, OnlyIf, Per, Prorate, Requirement, Role, Share, Substitution,
};

use crate::certificate::Form;
use crate::codes::{AssignmentNature, AttendanceRole, Level, Post};
use crate::event::PolicyAdopted;
use crate::ids::{PolicyId, RuleId, Sha256};
use crate::time::anniversary;

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
    /// Whether a minimum is multiplied by the share of the post.
    pub by_share: bool,
    /// The cycles over which it counts.
    pub cycle: Option<Cycle>,
    /// What is due in a period that began before the policy.
    pub first_period: FirstPeriod,
    /// The day that an entry counts on.
    pub attribution: Attribution,
    /// How an entry's amount is rounded.
    pub rounding: Rounding,
    /// Least share of a session's hours that learners and listeners must be present.
    pub min_presence: Fraction,
    /// Whether of several credits for one work only the best counts.
    pub same_work_best_only: bool,
    /// What is required.
    pub requirements: Vec<Arc<Requirement>>,
    /// What is credited.
    pub conversions: Vec<Conversion>,
    /// Upper limits, in the order in which they cut.
    pub caps: Vec<Cap>,
    /// Which surplus fills what, in order.
    pub substitutions: Vec<Substitution>,
    /// Requirements of which one is enough.
    pub one_of: Vec<OneOf>,
    /// Titles, and what each presupposes (称号阶梯).
    pub steps: Vec<LadderStep>,
    /// Shares of the teachers that are to hold a title of the level (骨干教师比例).
    pub targets: Vec<(Level, Fraction)>,
    /// How the office numbers its certificates, if it says so.
    pub certificates: Option<Form>,
    /// How the office reviews claims, where this policy says so.
    pub review: Option<ReviewRules>,
    /// 轮岗、交流等最少月数, where this policy says so.
    pub assignment_terms: Vec<(AssignmentNature, u32)>,
    /// Months after its approval by which a topic is checked (中期), where this policy says so.
    pub midterm_months: Option<u32>,
}

/// The cycles (周期) of a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cycle {
    /// Where they begin.
    pub start: CycleStart,
    /// The window after each cycle.
    pub grace: Option<Grace>,
}

/// Where cycles begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CycleStart {
    /// One cycle with these first and last days.
    Once(Date, Date),
    /// Cycles of this length from this day on.
    Every(Date, Length),
    /// Cycles of this length from a day of the person's own.
    Own(OwnDay, Length),
}

/// How long a cycle or window is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// To the same day so many years on.
    Years(i16),
    /// To the same day so many months on.
    Months(i32),
    /// So many days.
    Days(i32),
}

impl Length {
    /// Whole years that are not shorter.
    pub fn years_max(self) -> i16 {
        let years = match self {
            Self::Years(years) => i32::from(years),
            Self::Months(months) => months / 12 + 1,
            Self::Days(days) => days / 365 + 1,
        };
        i16::try_from(years).unwrap_or(i16::MAX)
    }

    /// The day on which the next one begins, after `times` of them from `first` on; `None` past the calendar's end.
    pub fn after(self, first: Date, times: i32) -> Option<Date> {
        match self {
            Self::Years(years) => anniversary(first, i16::try_from(i32::from(years).checked_mul(times)?).ok()?),
            Self::Months(months) => first.checked_add(months.checked_mul(times)?.months()).ok(),
            Self::Days(days) => first.checked_add(days.checked_mul(times)?.days()).ok(),
        }
    }
}

/// A day of the person's own that cycles begin on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnDay {
    /// First day in the county's service.
    HiredOn,
    /// 教龄起
    CareerFrom,
    /// The day of the first title with effect.
    Title,
}

/// What becomes of entries in the months after a cycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grace {
    /// Length of the window.
    pub window: Length,
    /// What of it the ended cycle takes.
    pub takes: GraceTakes,
}

/// What an ended cycle takes of the entries in its window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GraceTakes {
    /// All.
    All,
    /// For each requirement, while that is short.
    WhileShort,
    /// For all requirements together, while one of them is short.
    UntilAllMet,
}

/// What is due in a period that began before the first version of the policy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FirstPeriod {
    /// Nothing.
    #[default]
    NotDue,
    /// All of it.
    Full,
    /// The part of its months (of a semester: teaching weeks) that lie in the policy's time.
    Prorated,
}

/// The day that an entry counts on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attribution {
    /// Its last day.
    End,
    /// Its first day.
    Start,
    /// Spread over its days, where periods part it.
    Split,
}

/// How an entry's amount is rounded, once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rounding {
    /// To the nearest hundredth, half up.
    #[default]
    HalfUpHundredth,
    /// Down to the hundredth.
    DownHundredth,
    /// Down to the whole.
    DownWhole,
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
    /// 学分
    Credits,
}

impl Meter {
    /// All meters.
    pub const ALL: &[Self] = &[
        Self::TrainingHours,
        Self::LessonsObserved,
        Self::LessonsGiven,
        Self::SchoolVisits,
        Self::Talks,
        Self::Credits,
    ];

    /// The words that policies use.
    pub const WORDS: &[&str] = &[
        "training_hours",
        "hours",
        "lessons_observed",
        "lessons_given",
        "school_visits",
        "talks",
        "credits",
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
            Self::Credits => "credits",
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
            Self::Credits => "学分",
        }
    }

    /// 单位
    pub const fn unit_zh(self) -> &'static str {
        match self {
            Self::TrainingHours => "课时",
            Self::LessonsObserved | Self::LessonsGiven => "节",
            Self::SchoolVisits => "次",
            Self::Talks => "场",
            Self::Credits => "学分",
        }
    }
}

/// Of the versions of one policy the one in force on `day`: the highest that has begun, for a new version ends its
/// predecessor the day before; `None` if that one has ended (DOMAIN §8).
pub fn version_on<'p>(versions: &[&'p Policy], day: Date) -> Option<&'p Policy> {
    let begun = versions.iter().filter(|policy| policy.effective_from <= day);
    let highest = begun.max_by_key(|policy| policy.version)?;
    highest.is_in_force(day).then_some(*highest)
}

/// What credits without a policy: hours of learners who did not fail, and lessons carried out. See [`Policy::plain`].
static PLAIN: LazyLock<Policy> = LazyLock::new(|| {
    let conversion = |kind, meter, roles| Conversion {
        id: RuleId::plain(),
        kind,
        meter,
        roles,
        events: Vec::new(),
        awards: Vec::new(),
        work_kinds: Vec::new(),
        posts: Vec::new(),
        filter: Where::default(),
        base: Base::Amount,
        factor: Fraction::ONE,
        factor_by_level: Vec::new(),
        per: Per::Event,
        if_result: Vec::new(),
        lead_share: Share::Each(Fraction::ONE),
        member_share: Share::Each(Fraction::ONE),
        min_presence: None,
        per_day_max: None,
        best_only_per: None,
        counts_as_level: None,
        counts_as_category: None,
    };
    let learner = Role::Attendance(AttendanceRole::Learner);
    Policy {
        id: PolicyId::plain(),
        version: 1,
        name: String::new(),
        effective_from: Date::MIN,
        effective_to: None,
        retroactive: false,
        posts: Vec::new(),
        by_share: false,
        cycle: None,
        first_period: FirstPeriod::NotDue,
        attribution: Attribution::End,
        rounding: Rounding::HalfUpHundredth,
        min_presence: Fraction::ZERO,
        same_work_best_only: false,
        requirements: Vec::new(),
        conversions: vec![
            conversion(Kind::Attendance, Meter::TrainingHours, vec![learner]),
            conversion(Kind::Outreach, Meter::LessonsGiven, Vec::new()),
        ],
        caps: Vec::new(),
        substitutions: Vec::new(),
        one_of: Vec::new(),
        steps: Vec::new(),
        targets: Vec::new(),
        certificates: None,
        review: None,
        assignment_terms: Vec::new(),
        midterm_months: None,
    }
});

impl Policy {
    /// How hours count where no policy is about a person: as learners were present, unless they failed (不合格).
    pub(crate) fn plain() -> &'static Self {
        &PLAIN
    }

    /// What adopts this policy, whose document has this hash.
    pub fn adoption(&self, sha256: Sha256) -> PolicyAdopted {
        PolicyAdopted {
            policy_id: self.id,
            version: self.version,
            effective_from: self.effective_from,
            effective_to: self.effective_to,
            sha256,
        }
    }

    /// Whether it is about titles or certificates alone, and nobody's hours are counted under it.
    pub(crate) fn is_about_no_hours(&self) -> bool {
        let is_about_others = !self.steps.is_empty() || self.certificates.is_some();
        is_about_others && self.requirements.is_empty() && self.conversions.is_empty()
    }

    /// Whether the day lies in the time that the document names.
    pub fn is_in_force(&self, day: Date) -> bool {
        self.effective_from <= day && self.effective_to.is_none_or(|last| day <= last)
    }
}
