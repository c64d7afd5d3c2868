//! The review of claims (审核): one table says which step may follow which.
//!
//! `decide` refuses by it, the pages show by it which buttons there are, the tests go through all of it, and
//! `ledger/docs/review.md` holds it as [`drawn`] draws it. What else may stand in a step's way (who takes it, publicity,
//! objections) is `decide`'s to say.

use std::fmt::Write as _;

use crate::event::{
    AttendanceRecorded, AwardGiven, LessonGiven, LessonObserved, ProjectOpened, SchoolBasedTerm, SessionHeld,
    TopicConcluded, WorkAwarded, WorkPublished,
};

/// The kinds that may stand under a claim: what a person did, and the course that she did it in.
pub const CLAIMABLE: [&str; 10] = [
    ProjectOpened::KIND,
    SessionHeld::KIND,
    AttendanceRecorded::KIND,
    LessonGiven::KIND,
    LessonObserved::KIND,
    SchoolBasedTerm::KIND,
    TopicConcluded::KIND,
    WorkPublished::KIND,
    WorkAwarded::KIND,
    AwardGiven::KIND,
];

/// Where a claim stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Stage {
    /// 待学校初审
    Submitted = 1,
    /// 待县级审核
    SchoolChecked = 2,
    /// 待公示
    CountyChecked = 3,
    /// 公示中
    Publicity = 4,
    /// 已入账
    Credited = 5,
    /// 已退回
    Returned = 6,
    /// 不通过
    Rejected = 7,
}

/// What is done to a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Step {
    /// 提交
    Submit = 1,
    /// 初审通过
    SchoolCheck = 2,
    /// 审核通过
    CountyCheck = 3,
    /// 公示
    Publish = 4,
    /// 入账
    Credit = 5,
    /// 退回修改
    Return = 6,
    /// 不通过
    Reject = 7,
}

use Stage::{CountyChecked, Credited, Publicity, Rejected, Returned, SchoolChecked, Submitted};
use Step::{CountyCheck, Credit, Publish, Reject, Return, SchoolCheck, Submit};

/// The machine: from where, by which step, to where. `None` is a claim that was never submitted. What is not in it may not
/// be done.
#[rustfmt::skip]
pub const TABLE: [(Option<Stage>, Step, Stage); 15] = [
    (None,                Submit,      Submitted),
    (Some(Submitted),     Submit,      Submitted),
    (Some(Returned),      Submit,      Submitted),
    (Some(Submitted),     SchoolCheck, SchoolChecked),
    (Some(SchoolChecked), CountyCheck, CountyChecked),
    (Some(CountyChecked), Publish,     Publicity),
    (Some(Publicity),     Credit,      Credited),
    (Some(Submitted),     Return,      Returned),
    (Some(SchoolChecked), Return,      Returned),
    (Some(CountyChecked), Return,      Returned),
    (Some(Publicity),     Return,      Returned),
    (Some(Submitted),     Reject,      Rejected),
    (Some(SchoolChecked), Reject,      Rejected),
    (Some(CountyChecked), Reject,      Rejected),
    (Some(Publicity),     Reject,      Rejected),
];

/// Where a step leads; `None` if it may not be taken from there.
pub fn next(from: Option<Stage>, step: Step) -> Option<Stage> {
    let row = TABLE.iter().find(|row| row.0 == from && row.1 == step);
    row.map(|row| row.2)
}

/// The steps that may be taken from there.
pub fn steps_from(from: Option<Stage>) -> impl Iterator<Item = Step> {
    TABLE.iter().filter(move |row| row.0 == from).map(|row| row.1)
}

impl Stage {
    /// All, in the order of the way.
    pub const ALL: [Self; 7] = [
        Submitted,
        SchoolChecked,
        CountyChecked,
        Publicity,
        Credited,
        Returned,
        Rejected,
    ];

    /// The number on the wire.
    pub const fn code(self) -> i32 {
        self as u8 as i32
    }

    /// The stage with this number.
    pub fn from_code(code: i32) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.code() == code)
    }

    /// The name for machines, as the issue of claims has it.
    pub const fn word(self) -> &'static str {
        match self {
            Submitted => "submitted",
            SchoolChecked => "school_checked",
            CountyChecked => "county_checked",
            Publicity => "publicity",
            Credited => "credited",
            Returned => "returned",
            Rejected => "rejected",
        }
    }

    /// The stage of this name.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.word() == word)
    }

    /// On screen, in Chinese.
    pub const fn zh(self) -> &'static str {
        match self {
            Submitted => "待学校初审",
            SchoolChecked => "待县级审核",
            CountyChecked => "待公示",
            Publicity => "公示中",
            Credited => "已入账",
            Returned => "已退回",
            Rejected => "不通过",
        }
    }

    /// On screen, in English.
    pub const fn en(self) -> &'static str {
        match self {
            Submitted => "awaits the school",
            SchoolChecked => "awaits the county",
            CountyChecked => "awaits publicity",
            Publicity => "in publicity",
            Credited => "credited",
            Returned => "returned",
            Rejected => "rejected",
        }
    }

    /// Whether more may be posted under the claim.
    pub const fn is_open(self) -> bool {
        matches!(self, Submitted | Returned)
    }
}

impl Step {
    /// All, in the order of the way.
    pub const ALL: [Self; 7] = [Submit, SchoolCheck, CountyCheck, Publish, Credit, Return, Reject];

    /// The number on the wire.
    pub const fn code(self) -> i32 {
        self as u8 as i32
    }

    /// The step with this number.
    pub fn from_code(code: i32) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.code() == code)
    }

    /// The name for machines.
    pub const fn word(self) -> &'static str {
        match self {
            Submit => "submit",
            SchoolCheck => "school_check",
            CountyCheck => "county_check",
            Publish => "publish",
            Credit => "credit",
            Return => "return",
            Reject => "reject",
        }
    }

    /// On screen, in Chinese.
    pub const fn zh(self) -> &'static str {
        match self {
            Submit => "提交",
            SchoolCheck => "初审通过",
            CountyCheck => "审核通过",
            Publish => "公示",
            Credit => "入账",
            Return => "退回修改",
            Reject => "不通过",
        }
    }

    /// On screen, in English.
    pub const fn en(self) -> &'static str {
        match self {
            Submit => "submit",
            SchoolCheck => "approve for the school",
            CountyCheck => "approve for the county",
            Publish => "publish",
            Credit => "credit",
            Return => "return",
            Reject => "reject",
        }
    }
}

/// The machine as a table of Markdown: a row for each stage, a column for each step.
pub fn drawn() -> String {
    let mut text = String::from("| |");
    let _ = Step::ALL
        .iter()
        .try_for_each(|step| write!(text, " {} `{}` |", step.zh(), step.word()));
    text.push_str("\n|---|");
    text.push_str(&"---|".repeat(Step::ALL.len()));
    text.push('\n');
    for from in std::iter::once(None).chain(Stage::ALL.map(Some)) {
        let _ = match from {
            None => write!(text, "| – |"),
            Some(stage) => write!(text, "| {} `{}` |", stage.zh(), stage.word()),
        };
        for step in Step::ALL {
            let _ = match next(from, step) {
                None => write!(text, " |"),
                Some(to) => write!(text, " `{}` |", to.word()),
            };
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_draws_the_table_that_the_code_uses() {
        let document = include_str!("../../docs/review.md");
        assert!(
            document.contains(&drawn()),
            "ledger/docs/review.md should hold:\n{}",
            drawn()
        );
    }

    #[test]
    fn nothing_follows_what_is_final_and_every_stage_can_be_reached() {
        for stage in [Credited, Rejected] {
            assert_eq!(steps_from(Some(stage)).count(), 0, "{stage:?}");
        }
        for stage in Stage::ALL {
            assert!(TABLE.iter().any(|row| row.2 == stage), "{stage:?}");
            assert_eq!(
                (Stage::from_code(stage.code()), Stage::from_word(stage.word())),
                (Some(stage), Some(stage))
            );
        }
        for step in Step::ALL {
            assert_eq!(Step::from_code(step.code()), Some(step));
        }
    }
}
