//! A licence that is renewed by hours, as other countries' boards have it: cycles in days, a grace window until everything
//! is met, carry for those who needed none, a minimum that is a share, one requirement in place of another.

use keshi_core::balance::{AdjustmentKind, Standing, Status};
use keshi_core::codes::{Level, Mode, Post, SessionType, Stage};
use keshi_core::event::{Event, Fact, PersonRegistered, ProjectOpened, TopicConcluded};
use keshi_core::period::{Name, Period};

use crate::documents::{adopt_policy, adopted};
use crate::support::facts::{assigned, attended, lesson_at, project_at, session_as, teacher, text, topic};
use crate::support::{Ledger, between, day, on};
use crate::worked_example::section;

const LICENCE: &str = include_str!("../policies/adopted/licence-cpd.toml");

/// 730 days from 2020-03-01, the licence's day: 29 February 2020 lies before it.
const FIRST: &str = "2020-03-01..2022-02-28";
const SECOND: &str = "2022-03-01..2024-02-28";

fn project(id: &str, mode: Mode, topic: &str) -> Fact {
    let Fact::ProjectOpened(opened) = project_at(id, Level::County) else {
        unreachable!()
    };
    let topic = Some(text(topic));
    ProjectOpened { mode, topic, ..opened }.into()
}

/// `T9` with her licence of 2020-03-01, in this post.
fn licensed(post: Post) -> Ledger {
    let mut ledger = Ledger::county();
    ledger.today = day("2026-01-10");
    let registered = PersonRegistered {
        teacher_id: teacher("T9"),
        stage: Stage::Primary,
        subject: None,
        hired_on: None,
        career_from: Some(day("2020-03-01")),
        rank: None,
    };
    ledger.given([
        on(30, "2020-03-01", registered),
        on(31, "2020-03-01", assigned("T9", post, Some("S1"))),
        on(32, "2020-01-01", project("SUBJECT", Mode::FaceToFace, "学科")),
        on(33, "2020-01-01", project("ETHICS", Mode::FaceToFace, "师德")),
        on(34, "2020-01-01", project("WEB", Mode::Online, "信息技术")),
    ]);
    adopted(&mut ledger, adopt_policy(2_000, "2026-01-09", LICENCE));
    ledger
}

/// A course of one day; sessions are named by their day.
fn course(number: u128, date: &str, project: &str, hours: &str) -> [Event; 2] {
    let session = format!("{project}-{date}");
    [
        between(
            number,
            date,
            date,
            session_as(&session, project, SessionType::Training, hours),
        ),
        between(number + 1, date, date, attended("T9", &session, hours)),
    ]
}

fn standing(ledger: &Ledger, id: &str, cycle: &str) -> Standing {
    let name = Name::parse(cycle).unwrap();
    let asked: Period = name.resolve(&[]).unwrap();
    let section = section(ledger, "T9", asked);
    let row = section
        .standings
        .into_iter()
        .find(|row| row.requirement.id.as_str() == id && (row.period.from, row.period.to) == (asked.from, asked.to));
    row.unwrap()
}

/// Counted, minimum, status.
fn stands(ledger: &Ledger, id: &str, cycle: &str) -> (String, String, Status) {
    let row = standing(ledger, id, cycle);
    (row.counted.to_string(), row.min.to_string(), row.status)
}

fn of(counted: &str, min: &str, status: Status) -> (String, String, Status) {
    (counted.to_owned(), min.to_owned(), status)
}

#[test]
fn a_cycle_of_730_days_is_met_by_hours_a_share_and_one_of_two() {
    let mut ledger = licensed(Post::Teacher);
    ledger.given(course(100, "2020-06-01", "SUBJECT", "36"));
    ledger.given(course(110, "2021-06-01", "ETHICS", "4"));
    assert_eq!(stands(&ledger, "T", FIRST), of("40", "40", Status::Met));
    assert_eq!(stands(&ledger, "ETHICS", FIRST), of("4", "4", Status::Met));
    assert_eq!(stands(&ledger, "SUBJECT", FIRST), of("36", "12", Status::Met));
    assert_eq!(stands(&ledger, "LESSONS", FIRST), of("0", "6", Status::MetByAnother));
    // Four hours more are a larger whole, of which 4 are less than a tenth: 4.4 are due.
    ledger.given(course(120, "2021-07-01", "SUBJECT", "4"));
    assert_eq!(stands(&ledger, "ETHICS", FIRST), of("4", "4.4", Status::Short));
}

#[test]
fn the_window_of_ninety_days_is_the_ended_cycle_s_until_everything_is_met() {
    let mut ledger = licensed(Post::Teacher);
    ledger.given(course(100, "2020-06-01", "SUBJECT", "40"));
    // All is there but the ethics: the hours count all the same until those are there too.
    ledger.given(course(110, "2022-03-10", "SUBJECT", "6"));
    ledger.given(course(120, "2022-03-20", "ETHICS", "6"));
    ledger.given(course(130, "2022-03-30", "ETHICS", "3"));
    ledger.given(course(140, "2022-05-30", "SUBJECT", "2"));
    assert_eq!(stands(&ledger, "T", FIRST), of("52", "40", Status::Met));
    assert_eq!(stands(&ledger, "ETHICS", FIRST), of("6", "5.2", Status::Met));
    // 3 and 2 from 30 March on, and 10 carried: the hours themselves needed no grace.
    assert_eq!(stands(&ledger, "T", SECOND), of("15", "40", Status::Short));
}

#[test]
fn what_lies_after_the_window_is_the_new_cycle_s_though_the_old_one_is_short() {
    let mut ledger = licensed(Post::Teacher);
    ledger.given(course(100, "2022-05-29", "SUBJECT", "3"));
    ledger.given(course(110, "2022-05-30", "SUBJECT", "5"));
    assert_eq!(
        stands(&ledger, "T", FIRST),
        of("3", "40", Status::Short),
        "the 90th day"
    );
    assert_eq!(stands(&ledger, "T", SECOND), of("5", "40", Status::Short));
}

#[test]
fn hours_are_carried_only_from_a_cycle_that_needed_no_grace() {
    let mut ledger = licensed(Post::Teacher);
    ledger.given(course(100, "2020-06-01", "SUBJECT", "50"));
    ledger.given(course(110, "2021-06-01", "ETHICS", "7"));
    assert_eq!(
        stands(&ledger, "T", SECOND),
        of("10", "40", Status::Short),
        "17 beyond, at most 10"
    );
    let mut late = licensed(Post::Teacher);
    late.given(course(100, "2020-06-01", "SUBJECT", "30"));
    late.given(course(110, "2022-03-10", "ETHICS", "27"));
    assert_eq!(stands(&late, "T", FIRST), of("57", "40", Status::Met));
    assert_eq!(stands(&late, "T", SECOND), of("0", "40", Status::Short));
}

#[test]
fn carried_hours_take_the_room_of_the_cap_that_they_fill() {
    let mut ledger = licensed(Post::Teacher);
    ledger.given(course(100, "2020-06-01", "SUBJECT", "50"));
    ledger.given(course(110, "2021-06-01", "ETHICS", "7"));
    ledger.given(course(120, "2022-09-01", "WEB", "16"));
    assert_eq!(
        stands(&ledger, "T", SECOND),
        of("20", "40", Status::Short),
        "16 online, 4 of the 10 carried"
    );
    let carried = standing(&ledger, "T", SECOND).adjustments[0];
    assert!(matches!(carried.kind, AdjustmentKind::CarriedIn { .. }));
    assert_eq!(carried.amount.to_string(), "4");
}

#[test]
fn a_conversion_is_of_those_who_hold_its_post_on_the_day() {
    for (post, hours) in [(Post::Teacher, "8"), (Post::PartTimeResearcher, "4")] {
        let mut ledger = licensed(post);
        let Fact::LessonGiven(mut lesson) = lesson_at("T1", Level::County, 8) else {
            unreachable!()
        };
        lesson.teacher_id = teacher("T9");
        ledger.given([on(100, "2020-06-01", lesson)]);
        assert_eq!(
            standing(&ledger, "LESSONS", FIRST).counted.to_string(),
            hours,
            "{post:?}"
        );
    }
}

#[test]
fn a_topic_earns_by_its_result() {
    for (result, hours) in [("优秀", "15"), ("合格", "10"), ("不通过", "0")] {
        let mut ledger = licensed(Post::Teacher);
        let Fact::TopicConcluded(concluded) = topic("K", Level::County, &["T9"], &[]) else {
            unreachable!()
        };
        let result_word = Some(text(result));
        ledger.given([on(
            100,
            "2020-06-01",
            TopicConcluded {
                result: result_word,
                ..concluded
            },
        )]);
        assert_eq!(standing(&ledger, "T", FIRST).counted.to_string(), hours, "{result}");
    }
}
