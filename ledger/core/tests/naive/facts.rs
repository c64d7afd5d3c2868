//! What was recorded, as plain data: only what can matter to credits.

use keshi_core::codes::{
    AttendanceResult, AttendanceRole, Award, AwardRole, LessonType, Level, Mode, Post, SessionType, TitleClass,
};

use crate::day::Day;
use crate::model::Policy;

/// A fact at its place in the ledger.
#[derive(Clone, Debug)]
pub struct Recorded {
    pub index: u64,
    pub event: Event,
}

#[derive(Clone, Debug)]
pub struct Event {
    /// Orders as the event id does.
    pub id: u128,
    pub from: Day,
    pub to: Day,
    /// The event whose place it takes.
    pub supersedes: Option<u128>,
    /// It counts once this claim is credited.
    pub claim: Option<Id>,
    pub fact: Fact,
}

pub type Id = &'static str;

#[derive(Clone, Debug)]
pub enum Fact {
    Person {
        teacher: Id,
        hired_on: Option<Day>,
        career_from: Option<Day>,
        /// 职称
        rank: Option<Id>,
    },
    Assignment {
        teacher: Id,
        post: Post,
        share: u8,
        until: Option<Day>,
    },
    AssignmentEnd {
        teacher: Id,
        started: u128,
    },
    Calendar(Vec<Semester>),
    Policy(Box<Policy>),
    Project {
        project: Id,
        level: Level,
        mode: Mode,
        category: Option<Id>,
        topic: Option<Id>,
    },
    Session {
        session: Id,
        project: Id,
        kind: SessionType,
        hours: i64,
    },
    Cancelled {
        session: Id,
    },
    Attendance {
        session: Id,
        teacher: Id,
        role: AttendanceRole,
        present: i64,
        result: Option<AttendanceResult>,
    },
    Outreach {
        deliveries: Vec<Delivery>,
    },
    LessonGiven {
        teacher: Id,
        kind: LessonType,
        level: Level,
        periods: u16,
        session: Option<Id>,
    },
    LessonObserved {
        teacher: Id,
        periods: u16,
    },
    Visit {
        teacher: Id,
    },
    Competition {
        competition: Id,
        level: Level,
    },
    Award {
        competition: Id,
        teacher: Id,
        award: Award,
        role: AwardRole,
        work: Option<Id>,
    },
    Title {
        teacher: Id,
        class: TitleClass,
        level: Level,
        valid_to: Option<Day>,
    },
    Renewed {
        teacher: Id,
        title: u128,
        valid_to: Option<Day>,
    },
    Withdrawn {
        teacher: Id,
        title: u128,
    },
    Recommended {
        teacher: Id,
        from: Ground,
        to: Level,
    },
    Candidate {
        teacher: Id,
        class: TitleClass,
        level: Level,
        until: Option<Day>,
    },
    SchoolTerm {
        teacher: Id,
        semester: &'static str,
        plan: bool,
        log: bool,
        reflection: bool,
    },
    Topic {
        topic: Id,
        level: Level,
        leads: Vec<Id>,
        members: Vec<Id>,
        result: Option<Id>,
    },
    Published {
        work: Id,
        kind: Id,
        level: Level,
        authors: Vec<Id>,
    },
    Awarded {
        work: Id,
        level: Level,
        award: Award,
        authors: Vec<Id>,
    },
    Exemption {
        teacher: Id,
        rule: String,
        /// None: every policy.
        policy: Option<Id>,
        reduce_by: i64,
    },
    Void {
        target: u128,
    },
    Merged {
        kept: Id,
        dropped: Id,
    },
    Parted {
        kept: Id,
        dropped: Id,
    },
    Claim {
        claim: Id,
        teacher: Id,
        act: Act,
    },
}

/// What a recommendation rests on.
#[derive(Clone, Copy, Debug)]
pub enum Ground {
    Competition(Id),
    /// The event that conferred it.
    Title(u128),
}

/// What is done to a claim; a step names the submission that was looked at.
#[derive(Clone, Debug)]
pub enum Act {
    Submit { what: Vec<u128> },
    SchoolCheck { submitted: u128 },
    CountyCheck { submitted: u128 },
    Return { submitted: u128 },
    Reject { submitted: u128 },
    Publish { batch: String },
    Object { batch: String },
    Decide { objection: u128, upheld: bool },
    EndPublicity { batch: String },
    Credit { submitted: u128 },
}

#[derive(Clone, Copy, Debug)]
pub struct Delivery {
    pub teacher: Id,
    pub lessons: u16,
    pub talks: u16,
}

#[derive(Clone, Debug)]
pub struct Semester {
    pub id: &'static str,
    pub from: Day,
    pub to: Day,
    pub weeks: i64,
}
