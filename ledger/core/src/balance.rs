//! Hour balances: a fold over one teacher's facts in the order of date then event id, never of arrival.
//!
//! The order of crediting follows DOMAIN §13a: validity (void, cancelled, waiting), then the result, then conversion
//! under the policy version of the day, then one credit per session. Every fact gives a line, also when nothing is
//! counted, and says why.

mod holdings;
mod lines;
mod sections;

use jiff::civil::Date;

pub use self::holdings::Holding;

use crate::codes::{AttendanceResult, LessonType, Level};
use crate::hours::Hours;
use crate::ids::{EventId, PolicyId, RuleId, TeacherId};
use crate::period::Period;
use crate::policy::{Meter, Requirement};
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
    /// Last day: the day of attribution.
    pub to: Date,
    /// The event's kind (DOMAIN §6).
    pub kind: &'static str,
    /// What it was: the project's name, if there is one.
    pub what: Option<Text>,
    /// The meter that it belongs to.
    pub meter: Meter,
    /// The amount in the event.
    pub asked: Hours,
    /// The amount in the balance.
    pub counted: Hours,
    /// The policy's conversion that credits it; `None` for what a meter counts by itself.
    pub rule: Option<RuleId>,
    /// 课型, for lessons that have one.
    pub lesson_type: Option<LessonType>,
    /// 级别, of a lesson given.
    pub level: Option<Level>,
    /// 考核结果, of attendance that was assessed.
    pub result: Option<AttendanceResult>,
    /// Why it counts or not.
    pub why: Why,
}

/// Why a line counts or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// It counts.
    Counted,
    /// Voided by this entry.
    Void {
        /// The void's entry.
        by: u64,
    },
    /// Its session was cancelled by this entry.
    Cancelled {
        /// The cancellation's entry.
        by: u64,
    },
    /// The session, or the session's project, has not arrived.
    WaitingFor {
        /// `session_id` or `project_id`.
        field: &'static str,
        /// The missing id.
        id: String,
    },
    /// No conversion of the policy in force on the day credits this role or kind, or the course was not passed (不合格,
    /// DOMAIN §13.6; the line's `result` says so).
    NotCredited,
    /// Another attendance at the same session counts, being the better.
    OtherOfSession {
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
}

impl Status {
    /// 中文
    pub const fn zh(self) -> &'static str {
        match self {
            Self::TargetReached => "优",
            Self::Met => "达标",
            Self::Short => "未达标",
        }
    }
}

/// One requirement in one of its periods.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    /// The requirement, as the policy states it.
    pub requirement: Requirement,
    /// The period.
    pub period: Period,
    /// What counts.
    pub counted: Hours,
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
    /// The requirements, each in each of its periods.
    pub standings: Vec<Standing>,
    /// The lines of the period and of the requirements' periods, by date then event id.
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
