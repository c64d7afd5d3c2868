//! Hours and counts: what is credited, when, once, and to whom (DOMAIN §5, §13).

use keshi_core::balance::{Status, Why};
use keshi_core::codes::{AttendanceResult, AttendanceRole, LessonType, Post};
use keshi_core::event::SchoolsMerged;
use keshi_core::hours::Hours;
use keshi_core::policy::Meter;
use keshi_core::submission::Taking;

use crate::documents::{RESEARCHERS, adopt_calendar, adopt_policy, adopted, calendar, policy};
use crate::support::facts::{
    assigned, assignment_ended, attended, attended_as, cancelled, lesson, observed, outreach, project, school, session,
    teacher, visit, void,
};
use crate::support::{Ledger, between, day, id, on};

/// A county with a project `P1` and a session `X1` on 1 March 2022.
fn with_session() -> Ledger {
    let mut ledger = Ledger::county();
    ledger.given([
        on(50, "2022-03-01", project("P1", "国培计划（2022）")),
        on(51, "2022-03-01", session("X1", "P1")),
    ]);
    ledger
}

fn lines(ledger: &Ledger, who: &str, period: &str) -> Vec<keshi_core::balance::Line> {
    let balance = ledger
        .state
        .at(ledger.size())
        .balance(&teacher(who), ledger.period(period))
        .unwrap();
    balance.unwrap().sections.remove(0).lines
}

#[test]
fn hours_follow_the_person_through_two_schools() {
    let mut ledger = with_session();
    ledger.given([
        on(60, "2021-09-01", assigned("T1", Post::Teacher, Some("S1"))),
        on(61, "2022-02-28", assignment_ended("T1", id(60))),
        on(62, "2022-03-01", assigned("T1", Post::Teacher, Some("S2"))),
        on(63, "2022-01-10", session("X2", "P1")),
        on(64, "2022-01-10", attended("T1", "X2", "6")),
        on(65, "2022-03-01", attended("T1", "X1", "6")),
    ]);
    assert_eq!(ledger.hours("T1", "2022"), "12");
    let holdings = ledger.state.at(ledger.size()).holdings(&teacher("T1"));
    let posts: Vec<_> = holdings.iter().map(|h| (h.school, h.from, h.to)).collect();
    assert_eq!(
        posts,
        [
            (Some(school("S1")), day("2021-09-01"), Some(day("2022-02-28"))),
            (Some(school("S2")), day("2022-03-01"), None),
        ]
    );
}

#[test]
fn posts_taken_on_one_day_are_listed_alike_whatever_arrives_first() {
    let posts = [
        on(60, "2021-09-01", assigned("T1", Post::Teacher, Some("S1"))),
        on(61, "2021-09-01", assigned("T1", Post::ClassTeacher, Some("S2"))),
    ];
    let (mut one, mut two) = (Ledger::county(), Ledger::county());
    one.given(posts.clone());
    two.given(posts.into_iter().rev());
    assert_eq!(one.state.at(one.size()).digest(), two.state.at(two.size()).digest());
}

#[test]
fn a_retro_posted_course_counts_in_the_period_in_which_it_happened() {
    let mut ledger = with_session();
    ledger.given([on(60, "2022-03-01", attended("T1", "X1", "6"))]);
    assert_eq!(ledger.hours("T1", "2022"), "6");
    assert_eq!(ledger.hours("T1", "2023"), "0");
    assert!(
        ledger.entries.last().unwrap().outcome.late,
        "posted in 2024 under no load"
    );
}

#[test]
fn a_posting_is_late_from_the_thirty_first_day_on() {
    for (today, late) in [("2022-03-31", false), ("2022-04-01", true)] {
        let mut ledger = Ledger::new();
        ledger.today = day("2022-03-01");
        ledger.given(crate::support::facts::county());
        ledger.today = day(today);
        ledger.given([on(60, "2022-03-01", visit("T1", "S1"))]);
        assert_eq!(ledger.entries.last().unwrap().outcome.late, late, "{today}");
    }
}

#[test]
fn attendance_posted_by_host_and_home_school_counts_once_the_better() {
    let mut ledger = with_session();
    ledger.given([
        on(60, "2022-03-01", attended("T1", "X1", "5")),
        on(61, "2022-03-01", attended("T1", "X1", "6")),
        on(62, "2022-03-01", attended("T1", "X1", "6")),
    ]);
    assert_eq!(ledger.hours("T1", "2022"), "6");
    let lines = lines(&ledger, "T1", "2022");
    let better = lines[1].index;
    let why: Vec<_> = lines.iter().map(|line| line.why.clone()).collect();
    let other = Why::OtherOfSession { index: better };
    assert_eq!(
        why,
        [other.clone(), Why::Counted, other],
        "at a tie the earlier event id"
    );
}

#[test]
fn when_the_better_attendance_is_voided_the_other_one_counts() {
    let mut ledger = with_session();
    ledger.given([
        on(60, "2022-03-01", attended("T1", "X1", "5")),
        on(61, "2022-03-01", attended("T1", "X1", "6")),
        on(62, "2022-03-09", void(id(61))),
    ]);
    assert_eq!(ledger.hours("T1", "2022"), "5");
}

#[test]
fn a_session_cancelled_after_attendance_takes_its_effect_and_a_voided_cancellation_gives_it_back() {
    let mut ledger = with_session();
    ledger.given([
        on(60, "2022-03-01", attended("T1", "X1", "6")),
        on(61, "2022-03-02", cancelled("X1")),
    ]);
    assert_eq!(ledger.hours("T1", "2022"), "0");
    assert_eq!(
        lines(&ledger, "T1", "2022")[0].why,
        Why::Cancelled { by: ledger.size() - 1 }
    );
    ledger.given([on(62, "2022-03-03", void(id(61)))]);
    assert_eq!(ledger.hours("T1", "2022"), "6");
}

#[test]
fn a_session_voided_and_posted_anew_counts_again_under_its_id() {
    let mut ledger = with_session();
    ledger.given([
        on(60, "2022-03-01", attended("T1", "X1", "6")),
        on(61, "2022-03-02", void(id(51))),
    ]);
    let waiting = Why::WaitingFor {
        field: "session_id",
        id: "X1".into(),
    };
    assert_eq!(lines(&ledger, "T1", "2022")[0].why, waiting);
    ledger.given([on(62, "2022-03-01", session("X1", "P1"))]);
    assert_eq!(ledger.hours("T1", "2022"), "6");
}

#[test]
fn a_course_over_new_year_counts_wholly_to_the_year_of_its_last_day() {
    let mut ledger = with_session();
    ledger.given([
        between(60, "2022-12-03", "2023-02-28", session("X2", "P1")),
        between(61, "2022-12-03", "2023-02-28", attended("T1", "X2", "40")),
    ]);
    assert_eq!(
        (ledger.hours("T1", "2022"), ledger.hours("T1", "2023")),
        ("0".into(), "40".into())
    );
    assert_eq!(ledger.hours("T1", "2022-2023"), "40");
}

#[test]
fn a_lesson_observed_in_january_counts_to_last_year_s_school_year_and_semester_but_to_this_year() {
    let mut ledger = Ledger::county();
    adopted(
        &mut ledger,
        adopt_calendar(100, "2023-12-30", &calendar("c", "2022-02-14")),
    );
    ledger.given([on(60, "2023-01-10", observed("T1", "S1", 2))]);
    for (period, expected) in [
        ("2022", "0"),
        ("2023", "2"),
        ("2022-2023", "2"),
        ("2022-2023-1", "2"),
        ("2021-2022-2", "0"),
    ] {
        assert_eq!(
            ledger.counted("T1", Meter::LessonsObserved, period),
            expected,
            "{period}"
        );
    }
}

#[test]
fn the_last_days_of_february_and_of_the_month_belong_to_their_periods() {
    let mut ledger = Ledger::county();
    ledger.today = day("2024-04-01");
    ledger.given([
        on(60, "2024-02-29", visit("T1", "S1")),
        on(61, "2023-08-31", visit("T1", "S1")),
        on(62, "2023-12-31", visit("T1", "S1")),
    ]);
    for (period, expected) in [
        ("2024-02", "1"),
        ("2024-03", "0"),
        ("2022-2023", "1"),
        ("2023-2024", "2"),
        ("2023", "2"),
        ("2024..2025", "1"),
    ] {
        assert_eq!(ledger.counted("T1", Meter::SchoolVisits, period), expected, "{period}");
    }
}

#[test]
fn only_learners_earn_hours_and_a_course_not_passed_earns_none() {
    let mut ledger = with_session();
    ledger.given([
        on(59, "2022-03-02", session("X2", "P1")),
        on(
            60,
            "2022-03-01",
            attended_as("T1", "X1", "6", AttendanceRole::Speaker, None),
        ),
        on(
            61,
            "2022-03-02",
            attended_as("T1", "X2", "6", AttendanceRole::Learner, Some(AttendanceResult::Failed)),
        ),
        on(
            62,
            "2022-03-02",
            attended_as("T2", "X2", "6", AttendanceRole::Learner, Some(AttendanceResult::Passed)),
        ),
    ]);
    assert_eq!(
        (ledger.hours("T1", "2022"), ledger.hours("T2", "2022")),
        ("0".into(), "6".into())
    );
    let failed = &lines(&ledger, "T1", "2022")[1];
    assert_eq!(
        (&failed.why, failed.result),
        (&Why::NotPassed, Some(AttendanceResult::Failed))
    );
    assert_eq!(failed.asked, Hours::whole(6));
}

#[test]
fn outreach_counts_each_teacher_s_own_lessons_and_talks() {
    let mut ledger = Ledger::county();
    ledger.given([on(
        60,
        "2022-05-06",
        outreach("S2", &[("T1", 2, 1), ("T2", 3, 0), ("T1", 1, 0)]),
    )]);
    assert_eq!(ledger.counted("T1", Meter::LessonsGiven, "2022"), "3");
    assert_eq!(ledger.counted("T1", Meter::Talks, "2022"), "1");
    assert_eq!(ledger.counted("T2", Meter::LessonsGiven, "2022"), "3");
    let record = ledger.state.at(ledger.size()).teacher_record(&teacher("T1")).unwrap();
    assert_eq!(record.works[0].school, Some(school("S2")));
}

#[test]
fn a_lesson_given_in_a_session_stands_and_falls_with_it() {
    let mut ledger = with_session();
    ledger.given([on(60, "2022-03-01", lesson("T1", LessonType::Open, 1, Some("X1")))]);
    assert_eq!(ledger.counted("T1", Meter::LessonsGiven, "2022"), "1");
    ledger.given([on(61, "2022-03-02", cancelled("X1"))]);
    assert_eq!(ledger.counted("T1", Meter::LessonsGiven, "2022"), "0");
}

#[test]
fn a_merged_school_keeps_its_history_and_names_its_successor() {
    let mut ledger = Ledger::county();
    ledger.given([
        on(60, "2022-03-01", visit("T1", "S1")),
        on(
            61,
            "2022-08-31",
            SchoolsMerged {
                school_ids: vec![school("S1")],
                successor_id: school("S2"),
            },
        ),
    ]);
    let size = ledger.size();
    assert_eq!(ledger.state.at(size).successor(&school("S1")), Some(school("S2")));
    assert_eq!(ledger.state.at(size).successor(&school("S2")), None);
    assert_eq!(ledger.state.at(size - 1).successor(&school("S1")), None);
    assert_eq!(
        ledger.state.at(size).school(&school("S1")).unwrap().name.as_str(),
        "第一小学"
    );
    assert_eq!(ledger.counted("T1", Meter::SchoolVisits, "2022"), "1");
    let record = ledger.state.at(size).teacher_record(&teacher("T1")).unwrap();
    assert_eq!(record.works[0].school, Some(school("S1")));
}

#[test]
fn requirements_are_due_only_of_those_in_the_post_and_only_while_they_hold_it() {
    let mut ledger = Ledger::county();
    adopted(
        &mut ledger,
        adopt_policy(100, "2023-12-30", &policy(RESEARCHERS, 1, "2020-01-01", None, "90")),
    );
    ledger.given([
        on(60, "2022-09-16", assigned("T1", Post::Researcher, None)),
        on(61, "2020-01-01", assigned("T2", Post::PartTimeResearcher, Some("S1"))),
    ]);
    let section = |who: &str| {
        let balance = ledger
            .state
            .at(ledger.size())
            .balance(&teacher(who), ledger.period("2022"));
        balance.unwrap().unwrap().sections.remove(0)
    };
    let months: Vec<_> = section("T1")
        .standings
        .iter()
        .filter(|s| s.status != Status::NotInScope)
        .map(|s| s.period.name.to_string())
        .collect();
    // September's 15th lies before the appointment.
    assert_eq!(months, ["2022", "2022-10", "2022-11", "2022-12"]);
    assert!(
        section("T2").policy.is_none(),
        "兼职教研员 stand under the teacher policies"
    );
}

#[test]
fn a_sum_of_very_many_hours_does_not_wrap() {
    let mut ledger = with_session();
    let events = (0..3_000_u128).flat_map(|n| {
        let name = format!("Y{n}");
        let number = 1_000 + 2 * n;
        [
            between(number, "2013-01-01", "2022-12-31", session(&name, "P1")),
            between(number + 1, "2013-01-01", "2022-12-31", attended("T1", &name, "87648")),
        ]
    });
    for events in events.collect::<Vec<_>>().chunks(1_000) {
        ledger.post_all(Taking::Atomic, events.to_vec());
    }
    assert_eq!(ledger.hours("T1", "2022"), (87_648_u64 * 3_000).to_string());
}
