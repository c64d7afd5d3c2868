//! The rules of a policy: requirements, conversions, caps, substitutions.

use super::{Fraction, Meter, Where, Word};
use crate::codes::{AttendanceRole, Award, AwardRole, LessonType, Level, Post, SessionType};
use crate::hours::Hours;
use crate::ids::RuleId;
use crate::period;

/// One requirement of a policy.
#[derive(Clone, Debug, PartialEq)]
pub struct Requirement {
    /// Its id within the policy, e.g. `R1`.
    pub id: RuleId,
    /// What is counted.
    pub meter: Meter,
    /// Per which period.
    pub period: period::Kind,
    /// The least amount.
    pub min: Hours,
    /// In place of `min`, which is then zero: this share of what the other requirement counts in the period.
    pub min_share_of: Option<(RuleId, Fraction)>,
    /// The amount that counts as 优, if it differs.
    pub target: Option<Hours>,
    /// Only credits that pass.
    pub filter: Where,
    /// Only lessons of these types; empty means all. Outreach lessons pass, for they have no type.
    pub types: Vec<LessonType>,
    /// Of whom it is due; `None`: of all in the scope.
    pub only_if: Option<OnlyIf>,
    /// Months (1 to 12) in which nothing is due.
    pub skip_months: Vec<u32>,
    /// How the minimum follows the time in post.
    pub prorate: Prorate,
    /// What a probation year brings to cycles.
    pub then_record: Option<Hours>,
    /// Whether surplus goes on to the next period.
    pub carry: Option<Carry>,
    /// 单位
    pub unit: String,
    /// The regulation's own words.
    pub text: String,
}

/// Of whom a requirement is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnlyIf {
    /// Who holds this post on some day of the period.
    Post(Post),
    /// 新教师: whose `hired_on` lies in the policy's time.
    NewTeacher,
}

/// How a minimum follows the time in post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prorate {
    /// By months.
    Month,
    /// By the semester's teaching weeks.
    TeachingWeek,
    /// In full.
    None,
}

/// How surplus goes on (结转).
#[derive(Clone, Debug, PartialEq)]
pub struct Carry {
    /// This share of it.
    pub share: Fraction,
    /// At most so much.
    pub max: Option<Hours>,
    /// Only what was earned so.
    pub filter: Where,
    /// Nothing crosses from cycle to cycle.
    pub within_cycle: bool,
    /// Only from a period that was met without what it took by grace.
    pub only_if_met: bool,
    /// The cap whose room it takes in the period that it goes to.
    pub fills: Option<RuleId>,
    /// Periods that it lasts, from 1 on.
    pub expires_after: u32,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident $word:literal,)*) => {
        /// The kinds of events that credits come from.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind { $($(#[$doc])* $name,)* }

        impl Kind {
            /// The words, as event kinds are named.
            pub const WORDS: &[&str] = &[$($word,)*];

            /// The kind by its word.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$name),)* _ => None }
            }

            /// Its word.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }
        }
    };
}

kinds! {
    /// 出勤
    Attendance "attendance_recorded",
    /// 送教送培
    Outreach "outreach_delivered",
    /// 授课
    LessonGiven "lesson_given",
    /// 听课
    LessonObserved "lesson_observed",
    /// 驻点教研
    SchoolVisit "school_visit",
    /// 获奖
    Award "award_given",
    /// 校本研修学期
    SchoolBasedTerm "school_based_term",
    /// 结题
    TopicConcluded "topic_concluded",
    /// 发表
    WorkPublished "work_published",
    /// 论文 / 成果获奖
    WorkAwarded "work_awarded",
}

/// As what the person took part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// In a session.
    Attendance(AttendanceRole),
    /// In a competition.
    Award(AwardRole),
    /// 负责人: of a topic or work.
    Lead,
    /// 成员: of a topic or work.
    Member,
}

/// One conversion (折算) of a policy: which activity is credited, how, and to which meter.
#[derive(Clone, Debug, PartialEq)]
pub struct Conversion {
    /// Its id within the policy, e.g. `V1`.
    pub id: RuleId,
    /// The events that it is about.
    pub kind: Kind,
    /// The meter that it credits.
    pub meter: Meter,
    /// The roles that count; empty means all.
    pub roles: Vec<Role>,
    /// The sessions that count; empty means all.
    pub events: Vec<SessionType>,
    /// The awards that count; empty means all.
    pub awards: Vec<Award>,
    /// The kinds of work that count; empty means all.
    pub work_kinds: Vec<Word>,
    /// The posts of which one must be held on the day; empty means any or none.
    pub posts: Vec<Post>,
    /// The credits that count, before `counts_as_level`.
    pub filter: Where,
    /// What is multiplied.
    pub base: Base,
    /// By what.
    pub factor: Fraction,
    /// By what, for each level; a level outside earns nothing.
    pub factor_by_level: Vec<(Level, Fraction)>,
    /// For a fixed base: for each what.
    pub per: Per,
    /// By what, for each result: 考核结果 of attendance, 结题结果 of a topic.
    pub if_result: Vec<(Word, Fraction)>,
    /// How several people share.
    pub lead_share: Share,
    /// How several people share.
    pub member_share: Share,
    /// Least share of the session's hours, in place of the policy's.
    pub min_presence: Option<Fraction>,
    /// Most on one calendar day.
    pub per_day_max: Option<Hours>,
    /// Of its credits in each such period only the best counts.
    pub best_only_per: Option<period::Kind>,
    /// The level that it is taken for.
    pub counts_as_level: Option<Level>,
    /// The category that it is taken for.
    pub counts_as_category: Option<Word>,
}

impl Conversion {
    /// By what a result multiplies, if the document says so.
    pub(crate) fn if_result(&self, result: &Word) -> Option<Fraction> {
        let row = self.if_result.iter().find(|(word, _)| word == result);
        row.map(|(_, fraction)| *fraction)
    }
}

/// What a conversion multiplies.
#[derive(Clone, Debug, PartialEq)]
pub enum Base {
    /// The amount in the event: hours present, periods, lessons.
    Amount,
    /// Of outreach: its talks.
    Talks,
    /// This amount.
    Fixed(Hours),
    /// By level.
    ByLevel(Vec<(Level, Hours)>),
    /// By award.
    ByAward(Vec<(Award, Hours)>),
    /// By level and award.
    ByLevelAward(Vec<(Level, Vec<(Award, Hours)>)>),
}

/// For each what a fixed base is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Per {
    /// Each event.
    Event,
    /// Each calendar day of the event.
    Day,
    /// Each semester, once.
    Semester,
}

/// How much one of several people gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    /// This much each.
    Each(Fraction),
    /// One amount among those of the same role.
    EqualInRole,
    /// One amount among all.
    EqualAmongAll,
}

/// An upper limit (封顶).
#[derive(Clone, Debug, PartialEq)]
pub struct Cap {
    /// Its id within the policy, e.g. `K1`.
    pub id: RuleId,
    /// The meter that it limits.
    pub meter: Meter,
    /// The credits that it limits.
    pub filter: Where,
    /// In each such period.
    pub period: period::Kind,
    /// At most what.
    pub ceiling: Ceiling,
    /// Whether its room is one with that of the same cap in other versions that say so too.
    pub across_versions: bool,
}

/// What a cap leaves.
#[derive(Clone, Debug, PartialEq)]
pub enum Ceiling {
    /// This amount.
    Amount(Hours),
    /// What these other credits count in the period.
    NotAbove(Where),
}

/// One-way filling of one requirement by another's surplus.
#[derive(Clone, Debug, PartialEq)]
pub struct Substitution {
    /// Its id within the policy.
    pub id: RuleId,
    /// The requirement that gives.
    pub from: RuleId,
    /// The requirement that takes.
    pub to: RuleId,
    /// At most so much in each period.
    pub max: Option<Hours>,
}

/// Requirements over one kind of period of which one is enough.
#[derive(Clone, Debug, PartialEq)]
pub struct OneOf {
    /// Its id within the policy.
    pub id: RuleId,
    /// The requirements.
    pub requirements: Vec<RuleId>,
}
