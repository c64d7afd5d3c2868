//! What the sample county's teachers claimed by themselves, and how far the review of each is. Taken in after the sheets, through
//! the calls that a teacher, her school and the county make.
//!
//! None is credited: between publicity and that lie working days, and the ledger's clock is that of whoever loads the county.

use jiff::civil::{Date, date};
use keshi_core::codes::{LessonType, Level, Post};
use keshi_core::event::{Event, Fact, LessonGiven, LessonObserved, WorkPublished};
use keshi_core::hours::Hours;
use keshi_core::ids::{EventId, SchoolId, TeacherId, WorkId};
use keshi_core::review::Step;
use keshi_core::text::Text;
use keshi_core::time::plus_days;

use super::county::{County, School, Teacher};
use super::rng::{Rng, SEED};

/// The batch that is before the public.
pub const BATCH: &str = "LB-2022-1";

/// A claim, with all that was done to it, in order.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Its id.
    pub id: String,
    /// Whose it is.
    pub teacher_id: String,
    /// What was done, the first a submission.
    pub acts: Vec<Act>,
}

/// One thing done to a claim.
#[derive(Clone, Debug)]
pub enum Act {
    /// It is submitted, or submitted again after it was returned.
    Submit {
        /// What is claimed; its id is the ledger's to derive.
        event: Box<Event>,
        /// 申报课时
        asked: Hours,
        /// 说明
        statement: &'static str,
    },
    /// A step of its review, by this person; to return and to reject with the reason.
    Review(Step, String, &'static str),
    /// It is put before the public with the others of [`BATCH`], by this person.
    Publish(String),
}

/// How far a claim goes.
#[derive(Clone, Copy)]
enum Road {
    Submitted,
    SchoolChecked,
    CountyChecked,
    Published,
    /// By her school.
    Returned,
    /// By the county, after her school had checked it.
    ReturnedByCounty,
    /// Returned, mended, and checked by her school.
    Mended,
    Rejected,
}

const ROADS: [Road; 14] = [
    Road::Submitted,
    Road::SchoolChecked,
    Road::CountyChecked,
    Road::Published,
    Road::Returned,
    Road::ReturnedByCounty,
    Road::Mended,
    Road::Rejected,
    Road::Submitted,
    Road::SchoolChecked,
    Road::CountyChecked,
    Road::Published,
    Road::Submitted,
    Road::Published,
];

const NO_PROOF: &str = "缺少证明材料，请补齐后重报";
const WRONG_LEVEL: &str = "级别与所附材料不符，请核对后重报";
const TWICE: &str = "该次听课已由教研室统一登记，不能重复申报";

/// The claims, the same on every machine.
pub fn claims() -> Vec<Claim> {
    let county = County::new(&mut Rng::new(SEED));
    let reviewer = county.teachers.iter().find(|teacher| teacher.unit == "研培组");
    let Some(reviewer) = reviewer.map(|teacher| teacher.id.clone()) else {
        return Vec::new();
    };
    let claim = |(number, road): (usize, Road)| {
        // Each of another school: its head checks, and one of its teachers claims.
        let school = county.schools.get(number)?;
        let mut staff = county.teachers.iter().filter(|teacher| teacher.school == Some(number));
        let head = staff.clone().find(|teacher| teacher.post == Post::HeadTeacher)?;
        let teacher = staff.nth(3 + number % 5)?;
        Some(Claim {
            id: format!("SB-LB-{:02}", number + 1),
            teacher_id: teacher.id.clone(),
            acts: acts(road, (number, teacher, school), (&head.id, &reviewer))?,
        })
    };
    ROADS.into_iter().enumerate().filter_map(claim).collect()
}

fn acts(
    road: Road,
    (number, teacher, school): (usize, &Teacher, &School),
    (head, reviewer): (&str, &str),
) -> Option<Vec<Act>> {
    let submitted = |periods| {
        let (event, statement) = claimed(number, teacher, school, periods)?;
        Some(Act::Submit {
            event: Box::new(event),
            asked: Hours::whole(u32::from(periods)),
            statement,
        })
    };
    let by = |step, who: &str, why| Act::Review(step, who.to_owned(), why);
    let checked = || by(Step::SchoolCheck, head, "");
    let approved = || by(Step::CountyCheck, reviewer, "");
    let mut acts = vec![submitted(2)?];
    acts.extend(match road {
        Road::Submitted => vec![],
        Road::SchoolChecked => vec![checked()],
        Road::CountyChecked => vec![checked(), approved()],
        Road::Published => vec![checked(), approved(), Act::Publish(reviewer.to_owned())],
        Road::Returned => vec![by(Step::Return, head, NO_PROOF)],
        Road::ReturnedByCounty => vec![checked(), by(Step::Return, reviewer, WRONG_LEVEL)],
        Road::Mended => vec![by(Step::Return, head, NO_PROOF), submitted(1)?, checked()],
        Road::Rejected => vec![checked(), by(Step::Reject, reviewer, TWICE)],
    });
    Some(acts)
}

/// What is claimed, and what is said of it.
fn claimed(number: usize, teacher: &Teacher, school: &School, periods: u16) -> Option<(Event, &'static str)> {
    let teacher_id = TeacherId::new(&teacher.id).ok()?;
    let school_id = SchoolId::new(&school.id).ok()?;
    let subject = Text::new(teacher.subject).ok();
    let on: Date = plus_days(date(2022, 10, 10), i64::try_from(number).unwrap_or(0));
    let (fact, statement): (Fact, _) = match number % 3 {
        0 => {
            let fact = LessonGiven {
                teacher_id,
                lesson_type: LessonType::Open,
                level: Level::DistrictGroup,
                school_id: Some(school_id),
                subject,
                periods,
                listeners: 12,
                session_id: None,
            };
            (fact.into(), "片区联片教研公开课，附教学设计")
        }
        1 => {
            let fact = LessonObserved {
                observer_id: teacher_id,
                teacher_id: None,
                school_id,
                periods,
                comment_given: true,
            };
            (fact.into(), "听课并评课，附听课记录")
        }
        _ => {
            let title = Text::new(&format!("《{}教学札记》（{}）", teacher.subject, school.name)).ok();
            let fact = WorkPublished {
                work_id: WorkId::new(&format!("W-SB-{:02}", number + 1)).ok()?,
                work_kind: Text::new("论文").ok()?,
                level: Level::City,
                title,
                author_ids: vec![teacher_id],
            };
            (fact.into(), "发表于市级内部刊物，附目录和正文")
        }
    };
    Some((Event::of(EventId::new(uuid::Uuid::nil()), on, on, fact), statement))
}
