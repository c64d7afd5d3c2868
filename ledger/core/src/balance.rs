//! Hour balances: a fold over one teacher's facts in the order of date then event id, never of arrival.
//!
//! [`Assessor`] answers: it knows the policies and calendars at one size and folds one teacher at a time. The order of
//! crediting is that of DOMAIN §13a, spelled out in `ledger/docs/policy.md`. Every fact gives a line, also when nothing
//! is counted, and says why; the lines and adjustments of a requirement always sum to what it counts.
#![deny(
    clippy::wildcard_enum_match_arm,
    reason = "a new kind must not fall through in silence"
)]

mod alternatives;
mod assessor;
mod caps;
mod course;
mod credit;
pub mod difference;
mod due;
mod exact;
mod extent;
mod facts;
mod gather;
mod grace;
mod holdings;
mod lines;
mod national;
mod overlaps;
mod person;
mod probation;
mod rotation;
mod settle;
mod standing;

pub use self::assessor::Assessor;
pub use self::course::Course;
pub use self::extent::{Excess, Extent, SPAN_YEARS_MAX, STANDINGS_MAX, STEPS_MAX};
pub use self::holdings::Holding;
pub use self::national::{National, NationalRest, NationalRow, NationalYear, RestOf};
pub use self::overlaps::{OVERLAPS_MAX, Overlap};
pub use self::rotation::{Rotation, TermStanding};

use std::sync::Arc;

use jiff::civil::Date;
use thiserror::Error;

use crate::codes::{AttendanceResult, LessonType, Level};
use crate::hours::Hours;
use crate::ids::{ClaimId, EventId, PolicyId, ProjectId, RuleId, TeacherId};
use crate::period::Period;
use crate::policy::{Meter, Requirement};
use crate::review::Stage;
use crate::text::Text;

/// What one fact adds to one meter, or why it adds nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The entry.
    pub index: u64,
    /// The event.
    pub event_id: EventId,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// The day of attribution, by which it falls into periods.
    pub on: Date,
    /// The event's kind (DOMAIN §6).
    pub kind: &'static str,
    /// What it was: the project's or competition's name, the topic's or work's id, if there is one.
    pub what: Option<Text>,
    /// The training project of its session, if it has one.
    pub project: Option<ProjectId>,
    /// The meter that it belongs to.
    pub meter: Meter,
    /// The amount in the event.
    pub asked: Hours,
    /// The amount after conversion, rounded, before limits and caps; zero if no conversion credits it.
    pub converted: Hours,
    /// What limits and caps took, in their order; `converted` is `counted` plus these if the line is counted.
    pub cuts: Vec<Cut>,
    /// The amount in the balance.
    pub counted: Hours,
    /// The policy's conversion that credits it; `None` for what a meter counts by itself.
    pub rule: Option<RuleId>,
    /// The version of the policy that credits it.
    pub version: Option<u32>,
    /// 课型, for lessons that have one.
    pub lesson_type: Option<LessonType>,
    /// 级别, after the conversion.
    pub level: Option<Level>,
    /// 考核结果, of attendance that was assessed.
    pub result: Option<AttendanceResult>,
    /// Another entry of hers at the same provider on the same days: perhaps one course posted twice (DOMAIN §13.3).
    pub overlaps: Option<u64>,
    /// Why it counts or not.
    pub why: Why,
}

/// What a limit or cap took from a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// The cap, or the conversion whose day limit it is.
    pub rule: RuleId,
    /// How much.
    pub amount: Hours,
}

/// Why a line counts or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// It counts, as far as the cuts leave something.
    Counted,
    /// Voided by this entry.
    Void {
        /// The void's entry.
        by: u64,
    },
    /// This entry took its place.
    Corrected {
        /// The correction's entry.
        by: u64,
    },
    /// Its session was cancelled by this entry.
    Cancelled {
        /// The cancellation's entry.
        by: u64,
    },
    /// It counts once its claim is credited.
    UnderReview {
        /// The claim.
        claim_id: ClaimId,
        /// Where that stands; `None` where it was not submitted, or does not claim it.
        stage: Option<Stage>,
    },
    /// The session, the session's project, or the competition has not arrived.
    WaitingFor {
        /// `session_id`, `project_id`, `comp_id` or `supersedes`.
        field: &'static str,
        /// The missing id.
        id: String,
    },
    /// No version of the policy was in force on the day.
    NotInForce,
    /// No conversion of the policy in force on the day credits this.
    NotCredited,
    /// Less than the least presence.
    BelowPresence {
        /// The session's own hours.
        of: Hours,
    },
    /// The course or topic was not passed (不合格, 不通过) and the conversion gives nothing for that (DOMAIN §13.6).
    NotPassed,
    /// The conversion's table has no such level or award.
    NotInTable,
    /// After conversion it is less than the policy's rounding leaves anything of.
    RoundsToNothing,
    /// A school-based term without plan, log or reflection on file.
    Incomplete,
    /// Another credit of the same session counts, being the better.
    OtherOfSession {
        /// The entry that counts.
        index: u64,
    },
    /// Another credit of the same work, or of the same conversion in the period, counts, being the better.
    BestOnly {
        /// The entry that counts.
        index: u64,
    },
}

/// How a requirement stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Status {
    /// 优: the target is reached.
    TargetReached = 1,
    /// 达标
    Met = 2,
    /// 未达标
    Short = 3,
    /// 减免: exemptions leave nothing due.
    Exempt = 4,
    /// 不适用: not due of her in this period.
    NotInScope = 5,
    /// 择一达标: short, but another requirement is enough in its place.
    MetByAnother = 6,
}

impl Status {
    /// 中文
    pub const fn zh(self) -> &'static str {
        match self {
            Self::TargetReached => "优",
            Self::Met => "达标",
            Self::Short => "未达标",
            Self::Exempt => "减免",
            Self::NotInScope => "不适用",
            Self::MetByAnother => "择一达标",
        }
    }

    /// Whether its own minimum is reached.
    pub const fn is_met(self) -> bool {
        matches!(self, Self::TargetReached | Self::Met)
    }
}

/// What a requirement counts besides its lines, or does not count of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Adjustment {
    /// What for.
    pub kind: AdjustmentKind,
    /// The amount; negative if it is taken away.
    pub amount: Hours,
}

/// What an adjustment is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdjustmentKind {
    /// 结转: surplus of the period that ends on this day, carried in.
    CarriedIn {
        /// Last day of the period in which it was earned.
        from: Date,
    },
    /// Surplus of another requirement that fills this one.
    SubstitutedFrom {
        /// The requirement that gives.
        requirement: RuleId,
    },
    /// Surplus that fills another requirement.
    SubstitutedTo {
        /// The requirement that takes.
        requirement: RuleId,
    },
    /// The probation year's hours are recorded as less (DOMAIN §13.14).
    Probation,
    /// Earned in the grace window after the cycle, and counted to the cycle that ended.
    GraceIn,
    /// Earned in the grace window, and counted to the cycle before.
    GraceOut,
}

/// An exemption that reduces what is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exempted {
    /// The entry.
    pub index: u64,
    /// How much it grants.
    pub reduce_by: Hours,
}

/// One requirement in one of its periods.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    /// The requirement, as the policy states it.
    pub requirement: Arc<Requirement>,
    /// The policy's version that states it.
    pub version: u32,
    /// The period.
    pub period: Period,
    /// What is due of her: the stated minimum after proration, share and exemptions. Zero if it is not due.
    pub min: Hours,
    /// The target, treated alike.
    pub target: Option<Hours>,
    /// The minimum after proration and share, before exemptions.
    pub prorated: Hours,
    /// The exemptions behind it.
    pub exempted: Vec<Exempted>,
    /// What counts: the lines named in `lines`, and the adjustments.
    pub counted: Hours,
    /// What counts besides the lines.
    pub adjustments: Vec<Adjustment>,
    /// Places in [`Section::lines`] of the lines that it counts; empty where lines were not asked for.
    pub lines: Vec<u32>,
    /// What is missing to the minimum.
    pub missing: Hours,
    /// How it stands.
    pub status: Status,
}

/// A teacher's balance under one policy, or under none.
#[derive(Clone, Debug, PartialEq)]
pub struct Section {
    /// The policy's id, version and name; `None` if no policy is about this teacher in the period.
    pub policy: Option<(PolicyId, u32, String)>,
    /// What each meter counts in the period, in the order of [`Meter::ALL`].
    pub meters: Vec<(Meter, Hours)>,
    /// What would come to a meter in the period from what waits for its claim, before limits and caps; meters without any
    /// are left out. In no sum and no requirement.
    pub pending: Vec<(Meter, Hours)>,
    /// The requirements, each in each of its periods.
    pub standings: Vec<Standing>,
    /// The lines of the period and of the requirements' periods, by date then event id; empty where they were not
    /// asked for.
    pub lines: Vec<Line>,
}

/// A teacher's balance in a period, as the ledger of `size` entries has it.
#[derive(Clone, Debug, PartialEq)]
pub struct Balance {
    /// Whose.
    pub teacher_id: TeacherId,
    /// The period asked about.
    pub period: Period,
    /// The size asked about.
    pub size: u64,
    /// One section for each policy she stands under, else one without a policy.
    pub sections: Vec<Section>,
}

/// An amount beyond the type's limit: a policy or an entry with absurd numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the amounts of teacher {teacher_id} go beyond what can be counted, at entry {index}")]
pub struct TooLarge {
    /// Whose balance.
    pub teacher_id: TeacherId,
    /// The entry at which it happened.
    pub index: u64,
}
