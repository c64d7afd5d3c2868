//! Forward references and voids: what comes before what it refers to, and what becomes of it.

use keshi_core::codes::{AttendanceRole, Level, Post, TitleClass};
use keshi_core::entry::Verdict;
use keshi_core::event::{Event, Fact, PersonRegistered, SchoolClosed, SchoolsMerged, SessionMoved};
use keshi_core::reason::ReasonCode;
use keshi_core::state::At;
use keshi_core::submission::Taking;

use crate::credit::{TEACHERS, YEARLY, under};
use crate::support::facts::{
    assigned, assignment_ended, attended, attended_as, cancelled, exemption, person, project, recommended, school,
    school_registered, session, session_id, teacher, title, visit, void,
};
use crate::support::{Ledger, assert_refused, assert_verdict, day, id, on};

#[test]
fn attendance_waits_for_its_session_and_the_session_for_its_project() {
    let mut ledger = Ledger::county();
    let awaited = |verdict: keshi_core::submission::EventVerdict| {
        assert_verdict(&verdict, Verdict::Waiting);
        verdict.reason.unwrap().field
    };
    assert_eq!(
        awaited(ledger.post(on(60, "2022-03-01", attended("T1", "X1", "6")))),
        "session_id"
    );
    assert_eq!(
        awaited(ledger.post(on(61, "2022-03-01", session("X1", "P1")))),
        "project_id"
    );
    // The session is there, but has no effect yet, and so has nothing at it.
    assert_eq!(
        awaited(ledger.post(on(62, "2022-03-01", attended("T2", "X1", "6")))),
        "project_id"
    );
    assert_eq!(ledger.hours("T1", "2022"), "0");
    ledger.given([on(63, "2022-03-01", project("P1", "国培"))]);
    assert_eq!(
        (ledger.hours("T1", "2022"), ledger.hours("T2", "2022")),
        ("6".into(), "6".into())
    );
    assert_verdict(
        &ledger.post(on(64, "2022-03-01", attended("T3", "X1", "6"))),
        Verdict::Recorded,
    );
}

#[test]
fn what_comes_earlier_in_the_same_submission_is_there() {
    let mut ledger = Ledger::county();
    let verdicts = ledger.post_all(
        Taking::Atomic,
        vec![
            on(60, "2022-03-01", project("P1", "国培")),
            on(61, "2022-03-01", session("X1", "P1")),
            on(62, "2022-03-01", attended("T1", "X1", "6")),
            on(63, "2022-03-01", crate::support::facts::person("T7")),
            on(64, "2022-03-01", attended("T7", "X1", "6")),
        ],
    );
    assert!(
        verdicts.iter().all(|verdict| verdict.verdict == Verdict::Recorded),
        "{verdicts:?}"
    );
    assert_eq!(ledger.hours("T7", "2022"), "6");
}

#[test]
fn a_void_may_come_before_its_target() {
    let mut ledger = Ledger::county();
    assert_verdict(&ledger.post(on(60, "2022-04-01", void(id(61)))), Verdict::Waiting);
    ledger.given([on(61, "2022-03-01", visit("T1", "S1"))]);
    assert_eq!(
        ledger.counted("T1", keshi_core::policy::Meter::SchoolVisits, "2022"),
        "0"
    );
    assert_refused(
        &ledger.post(on(62, "2022-04-01", void(id(61)))),
        ReasonCode::AlreadyVoided,
    );
}

#[test]
fn a_void_of_a_void_or_of_itself_is_refused_and_one_posted_ahead_has_no_effect() {
    let mut ledger = Ledger::county();
    ledger.given([
        on(60, "2022-03-01", visit("T1", "S1")),
        on(61, "2022-04-01", void(id(60))),
    ]);
    assert_refused(&ledger.post(on(62, "2022-04-02", void(id(61)))), ReasonCode::VoidOfVoid);
    assert_refused(&ledger.post(on(63, "2022-04-02", void(id(63)))), ReasonCode::VoidOfVoid);
    let mut other = Ledger::county();
    other.given([
        on(62, "2022-04-02", void(id(61))),
        on(60, "2022-03-01", visit("T1", "S1")),
        on(61, "2022-04-01", void(id(60))),
    ]);
    let visits = |ledger: &Ledger| ledger.counted("T1", keshi_core::policy::Meter::SchoolVisits, "2022");
    assert_eq!(visits(&other), "0");
    assert_eq!(visits(&ledger), "0");
}

#[test]
fn what_others_stand_on_cannot_be_voided_in_either_order() {
    let mut ledger = Ledger::county();
    assert_refused(
        &ledger.post(on(60, "2022-03-01", void(id(11)))),
        ReasonCode::NotVoidable,
    );
    let mut other = Ledger::new();
    other.given([on(60, "2022-03-01", void(id(11)))]);
    other.given(crate::support::facts::county());
    assert!(other.state.at(other.size()).knows_teacher(&teacher("T1")));
}

#[test]
fn a_moved_session_keeps_its_id_and_attendance_its_own_dates() {
    let mut ledger = Ledger::county();
    let moved = SessionMoved {
        session_id: session_id("X1"),
        reason: None,
        place: None,
    };
    ledger.given([
        on(60, "2022-03-01", project("P1", "国培")),
        on(61, "2022-03-01", session("X1", "P1")),
        on(62, "2022-03-01", attended("T1", "X1", "6")),
        // A move may name days to come.
        on(63, "2024-03-08", moved.clone()),
    ]);
    let view = ledger.state.at(ledger.size()).session(&session_id("X1")).unwrap();
    assert_eq!((view.from, view.to), (day("2024-03-08"), day("2024-03-08")));
    assert_eq!(ledger.hours("T1", "2022"), "6");
    ledger.given([on(64, "2022-03-09", void(id(63)))]);
    let view = ledger.state.at(ledger.size()).session(&session_id("X1")).unwrap();
    assert_eq!(view.from, day("2022-03-01"));
}

#[test]
fn sessions_are_listed_latest_first_and_say_who_moved_and_cancelled_them_and_who_was_there() {
    let mut ledger = Ledger::county();
    let moved = SessionMoved {
        session_id: session_id("X1"),
        reason: None,
        place: None,
    };
    ledger.given([
        on(60, "2022-03-01", project("P1", "国培")),
        on(61, "2022-03-01", session("X1", "P1")),
        on(62, "2022-03-02", session("X2", "P9")),
        on(63, "2022-03-02", session("X0", "P1")),
        on(64, "2022-03-01", attended("T1", "X1", "6")),
        on(
            65,
            "2022-03-01",
            attended_as("T1", "X1", "1.5", AttendanceRole::Speaker, None),
        ),
        // Of a session that nobody posted nothing is listed, and who was there is told all the same.
        on(66, "2022-03-01", attended("T1", "X7", "2")),
    ]);
    let at_first = ledger.size();
    ledger.given([
        on(67, "2022-03-08", moved),
        on(68, "2022-03-02", cancelled("X2")),
        on(69, "2022-03-02", void(id(64))),
    ]);
    let ids = |size: u64| {
        let listed = ledger.state.at(size).sessions();
        listed
            .into_iter()
            .map(|(id, (from, _))| format!("{id} {from}"))
            .collect::<Vec<_>>()
    };
    assert_eq!(ids(at_first), ["X0 2022-03-02", "X2 2022-03-02", "X1 2022-03-01"]);
    assert_eq!(ids(ledger.size()), ["X1 2022-03-08", "X0 2022-03-02", "X2 2022-03-02"]);
    let (then, now) = (ledger.state.at(at_first), ledger.state.at(ledger.size()));
    let told = |at: At<'_>, id: &str| {
        let view = at.session(&session_id(id)).unwrap();
        (
            view.moved.is_some(),
            view.cancelled.is_some(),
            view.project_id.to_string(),
        )
    };
    assert_eq!(told(then, "X1"), (false, false, "P1".to_owned()));
    assert_eq!(told(now, "X1"), (true, false, "P1".to_owned()));
    assert_eq!(told(now, "X2"), (false, true, "P9".to_owned()));
    let hours = |at: At<'_>, id: &str| {
        let there = at.attendance(&teacher("T1"), &session_id(id));
        there.iter().map(|one| (one.role, one.centihours)).collect::<Vec<_>>()
    };
    let (listened, spoke) = ((AttendanceRole::Learner, 600), (AttendanceRole::Speaker, 150));
    assert_eq!(hours(then, "X1"), [listened, spoke]);
    assert_eq!(hours(now, "X1"), [spoke]);
    assert_eq!(hours(now, "X7"), [(AttendanceRole::Learner, 200)]);
    assert!(hours(now, "X2").is_empty() && hours(now, "X8").is_empty());
}

#[test]
fn a_cancellation_may_come_before_its_session() {
    let mut ledger = Ledger::county();
    ledger.given([
        on(60, "2022-03-02", cancelled("X1")),
        on(61, "2022-03-01", attended("T1", "X1", "6")),
        on(62, "2022-03-01", session("X1", "P1")),
        on(63, "2022-03-01", project("P1", "国培")),
    ]);
    assert_eq!(ledger.hours("T1", "2022"), "0");
}

#[test]
fn the_end_of_a_post_may_come_before_its_start_and_must_be_the_same_teacher_s() {
    let mut ledger = Ledger::county();
    let to = |ledger: &Ledger| ledger.state.at(ledger.size()).holdings(&teacher("T1"))[0].to;
    assert_verdict(
        &ledger.post(on(60, "2022-07-31", assignment_ended("T1", id(61)))),
        Verdict::Waiting,
    );
    ledger.given([on(61, "2021-09-01", assigned("T1", Post::Teacher, Some("S1")))]);
    assert_eq!(to(&ledger), Some(day("2022-07-31")));
    let wrong = ledger.post(on(62, "2022-06-30", assignment_ended("T2", id(61))));
    assert_refused(&wrong, ReasonCode::WrongTarget);
    let wrong = ledger.post(on(63, "2022-06-30", assignment_ended("T1", id(11))));
    assert_refused(&wrong, ReasonCode::WrongTarget);
    // A second end is refused; once the first is voided, the right one is recorded.
    let second = ledger.post(on(64, "2022-06-30", assignment_ended("T1", id(61))));
    assert_refused(&second, ReasonCode::EndedAlready);
    assert_eq!(second.reason.unwrap().index, Some(6));
    ledger.given([on(65, "2022-08-01", void(id(60)))]);
    assert_eq!(to(&ledger), None);
    ledger.given([on(66, "2022-06-30", assignment_ended("T1", id(61)))]);
    assert_eq!(to(&ledger), Some(day("2022-06-30")));
}

#[test]
fn an_end_before_its_start_is_refused_or_ends_nothing() {
    let mut ledger = Ledger::county();
    let to = |ledger: &Ledger| ledger.state.at(ledger.size()).holdings(&teacher("T1"))[0].to;
    ledger.given([on(60, "2021-08-31", assignment_ended("T1", id(61)))]);
    ledger.given([on(61, "2021-09-01", assigned("T1", Post::Teacher, Some("S1")))]);
    assert_eq!(to(&ledger), None, "it came first, so nobody could know");
    let before = ledger.post(on(62, "2021-08-31", assignment_ended("T1", id(61))));
    assert_refused(&before, ReasonCode::EndsBeforeStart);
    ledger.given([on(63, "2021-09-01", assignment_ended("T1", id(61)))]);
    assert_eq!(to(&ledger), Some(day("2021-09-01")));
}

#[test]
fn an_exemption_from_a_rule_that_no_policy_has_waits_for_one() {
    let mut ledger = Ledger::county();
    let waiting = ledger.post(on(60, "2022-03-01", exemption("T1", "R1", "20")));
    assert_verdict(&waiting, Verdict::Waiting);
    let reason = waiting.reason.unwrap();
    assert_eq!(
        (reason.code, reason.field.as_str(), reason.value.as_str()),
        (ReasonCode::RuleNotAdopted, "rule_id", "R1")
    );
    let mut ledger = under(TEACHERS, YEARLY);
    assert_verdict(
        &ledger.post(on(60, "2022-03-01", exemption("T1", "R1", "20"))),
        Verdict::Recorded,
    );
    assert_verdict(
        &ledger.post(on(61, "2022-03-01", exemption("T1", "R9", "20"))),
        Verdict::Waiting,
    );
}

#[test]
fn a_second_registration_with_other_data_is_a_correction_or_refused() {
    let mut ledger = Ledger::county();
    let Fact::PersonRegistered(first) = person("T1") else {
        unreachable!()
    };
    let hired_on = Some(day("2012-09-01"));
    let other = PersonRegistered {
        hired_on,
        ..first.clone()
    };
    let refused = ledger.post(on(60, "2015-01-01", other.clone()));
    assert_refused(&refused, ReasonCode::RegisteredOtherwise);
    assert_eq!(refused.reason.unwrap().index, Some(2));
    // The same data from another school is no contradiction.
    ledger.given([on(61, "2015-01-01", first)]);
    for (number, supersedes, verdict) in [(62, 12, Verdict::Refused), (63, 11, Verdict::Recorded)] {
        let correcting = Event {
            supersedes: Some(id(supersedes)),
            ..on(number, "2015-01-02", other.clone())
        };
        assert_verdict(&ledger.post(correcting), verdict);
    }
    let profile = ledger.state.at(ledger.size()).profile(&teacher("T1")).unwrap();
    assert_eq!(profile.hired_on, hired_on);
}

#[test]
fn schools_do_not_follow_one_another_in_a_circle() {
    let mut ledger = Ledger::county();
    ledger.given([on(60, "2010-01-01", school_registered("S3", "第三小学"))]);
    let closed = |school_id: &str, successor: &str| SchoolClosed {
        school_id: school(school_id),
        successor_id: Some(school(successor)),
    };
    ledger.given([
        on(61, "2020-08-31", closed("S1", "S2")),
        on(62, "2021-08-31", closed("S2", "S3")),
    ]);
    let circle = ledger.post(on(63, "2022-08-31", closed("S3", "S1")));
    assert_refused(&circle, ReasonCode::SuccessionInCircle);
    let merged = SchoolsMerged {
        school_ids: vec![school("S3")],
        successor_id: school("S2"),
    };
    assert_refused(
        &ledger.post(on(64, "2022-08-31", merged.clone())),
        ReasonCode::SuccessionInCircle,
    );
    ledger.given([on(65, "2022-09-01", void(id(62))), on(66, "2022-08-31", merged)]);
}

#[test]
fn a_recommendation_from_what_is_no_title_of_hers_is_refused() {
    let mut ledger = Ledger::county();
    ledger.given([on(
        60,
        "2021-06-01",
        title("T2", TitleClass::ExpertTeacher, Level::County),
    )]);
    for target in [id(60), id(11)] {
        let wrong = recommended("T1", None, Some(target), Level::City);
        assert_refused(&ledger.post(on(61, "2022-06-01", wrong)), ReasonCode::WrongTarget);
    }
}
