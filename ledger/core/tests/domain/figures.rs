//! Figures that a second reckoning found wrong, each by name with its numbers (DOMAIN §13a).

use keshi_core::balance::{Status, Why};
use keshi_core::codes::{Level, Post, SessionType, Stage};
use keshi_core::event::{Event, Fact, PersonRegistered, TopicConcluded};
use keshi_core::reason::ReasonCode;

use crate::credit::{TEACHERS, YEARLY, counted, course, document, under, year};
use crate::documents::{adopt_calendar, adopt_policy, adopted};
use crate::support::facts::{
    assigned, attended, lesson_at, project_at, school_term, session_as, teacher, text, topic, void,
};
use crate::support::{Ledger, assert_refused, between, day, id, on};
use crate::worked_example::{calendar, section, standing};

const TERMS: &str = r#"
[[requirement]]
id = "R1"
meter = "hours"
period = "calendar_year"
min = 48
[[requirement]]
id = "R2"
meter = "hours"
period = "semester"
min = 15
[[conversion]]
id = "V1"
kind = "school_based_term"
hours = 15
per = "semester"
"#;

fn term(number: u128, date: &str, semester: &str) -> Event {
    on(number, date, school_term("T1", semester))
}

#[test]
fn terms_filed_in_the_holidays_count_once_for_each_semester_that_they_name() {
    let mut ledger = under(TEACHERS, TERMS);
    ledger.given([
        term(50, "2022-07-20", "2021-2022-2"),
        term(51, "2022-07-21", "2021-2022-2"),
        term(52, "2022-07-22", "2021-2022-1"),
    ]);
    assert_eq!(counted(&ledger, "R1", "2022"), "30");
    let why = |place: usize| year(&ledger, "2022")[place].why.clone();
    assert!(matches!(why(1), Why::BestOnly { .. }));
}

#[test]
fn a_term_filed_late_belongs_to_the_semester_that_it_names() {
    let mut ledger = under(TEACHERS, TERMS);
    ledger.given([
        term(50, "2022-03-10", "2021-2022-1"),
        term(51, "2022-06-30", "2021-2022-2"),
    ]);
    assert_eq!(counted(&ledger, "R1", "2022"), "30", "one for each semester");
    for semester in ["2021-2022-1", "2021-2022-2"] {
        assert_eq!(counted(&ledger, "R2", semester), "15", "{semester}");
    }
    let section = section(&ledger, "T1", ledger.period("2021-2022-1"));
    assert_eq!(section.meters[0].1.to_string(), "15");
    assert_eq!(section.lines[0].on, day("2022-03-10"), "its day stays its own");
}

#[test]
fn one_term_counts_for_a_semester_also_before_a_calendar_is_adopted() {
    let mut ledger = Ledger::county();
    ledger.today = day("2026-01-10");
    ledger.given([on(30, "2018-09-01", assigned("T1", Post::Teacher, Some("S1")))]);
    let policy = document("p", 1, "2019-01-01", TEACHERS, TERMS);
    adopted(&mut ledger, adopt_policy(2_000, "2026-01-09", &policy));
    ledger.given([
        term(50, "2022-06-01", "2021-2022-2"),
        term(51, "2022-06-02", "2021-2022-2"),
        term(52, "2022-06-03", "2021-2022-1"),
    ]);
    assert_eq!(counted(&ledger, "R1", "2022"), "30");
}

#[test]
fn a_term_of_a_semester_that_begins_after_its_last_day_is_refused() {
    let mut ledger = under(TEACHERS, TERMS);
    assert_refused(
        &ledger.post(term(50, "2022-02-19", "2021-2022-2")),
        ReasonCode::SemesterAhead,
    );
    ledger.given([
        term(51, "2022-02-20", "2021-2022-2"),
        term(52, "2022-02-19", "2030-2031-1"),
    ]);
}

const TOPICS: &str = r#"
[[requirement]]
id = "R1"
meter = "hours"
period = "calendar_year"
min = 48
[[conversion]]
id = "V1"
kind = "topic_concluded"
hours_by_level = {30 = 20, 40 = 10}
"#;

fn concluded(id: &str, level: Level, result: &str) -> Fact {
    let Fact::TopicConcluded(fact) = topic(id, level, &["T1"], &[]) else {
        unreachable!()
    };
    let result = Some(text(result));
    TopicConcluded { result, ..fact }.into()
}

#[test]
fn a_topic_concluded_twice_counts_once_at_its_best() {
    let mut ledger = under(TEACHERS, TOPICS);
    ledger.given([
        on(50, "2022-03-01", topic("K", Level::County, &["T1"], &[])),
        on(51, "2022-04-01", topic("K", Level::City, &["T1"], &[])),
    ]);
    assert_eq!(counted(&ledger, "R1", "2022"), "20");
    let lines = year(&ledger, "2022");
    assert_eq!(lines[0].why, Why::BestOnly { index: lines[1].index });
}

#[test]
fn a_topic_that_was_not_passed_earns_nothing_unless_the_policy_says_what() {
    for (result, hours) in [("不合格", "0"), ("不 通過", "0"), ("通过", "20"), ("优秀", "20")] {
        let mut ledger = under(TEACHERS, TOPICS);
        ledger.given([on(50, "2022-03-01", concluded("K", Level::City, result))]);
        assert_eq!(counted(&ledger, "R1", "2022"), hours, "{result}");
        let is_failed = year(&ledger, "2022")[0].why == Why::NotPassed;
        assert_eq!(is_failed, hours == "0", "{result}");
    }
    let by_result = format!("{TOPICS}if_result = {{\"优秀\" = \"1.5\", \"不通过\" = \"1/4\"}}\n");
    for (result, hours) in [("优 秀", "30"), ("不通过", "5"), ("合格", "20")] {
        let mut ledger = under(TEACHERS, &by_result);
        ledger.given([on(50, "2022-03-01", concluded("K", Level::City, result))]);
        assert_eq!(counted(&ledger, "R1", "2022"), hours, "{result}");
    }
}

#[test]
fn part_time_researchers_stand_under_every_teacher_policy_that_is_shipped() {
    let shipped = [
        include_str!("../../policies/jiangsu-360.toml"),
        include_str!("../../policies/jilin-form.toml"),
        include_str!("../../policies/sample-360.toml"),
        include_str!("../../policies/yujiang-2019.toml"),
    ];
    for document in shipped {
        let mut ledger = Ledger::county();
        ledger.today = day("2026-01-10");
        ledger.given([on(30, "2018-09-01", assigned("T1", Post::PartTimeResearcher, None))]);
        adopted(&mut ledger, adopt_policy(2_000, "2026-01-09", document));
        let section = section(&ledger, "T1", ledger.period("2023"));
        let due = section.standings.iter().any(|row| row.status == Status::Short);
        assert!(due, "{:?}", section.policy);
    }
}

#[test]
fn a_credit_that_rounds_to_nothing_says_why() {
    let scope = format!("rounding = \"down_1\"\n{TEACHERS}");
    let mut ledger = under(&scope, YEARLY);
    ledger.given(course(50, "2022-03-01", "2022-03-01", "A", "0.75"));
    let line = &year(&ledger, "2022")[0];
    assert_eq!(
        (&line.why, line.counted.to_string()),
        (&Why::RoundsToNothing, "0".into())
    );
    assert_eq!(line.asked.to_string(), "0.75");
}

/// `T1` a teacher since 2018, under a policy of 2022-03-10 over periods that begin before it.
fn begun(head: &str) -> Ledger {
    let body = r#"
[[requirement]]
id = "R1"
meter = "hours"
period = "calendar_year"
min = 48
[[requirement]]
id = "R2"
meter = "lessons_given"
period = "school_year"
min = 6
[[requirement]]
id = "R3"
meter = "lessons_given"
period = "semester"
min = 10
"#;
    let mut ledger = Ledger::county();
    ledger.today = day("2026-01-10");
    ledger.given([on(30, "2018-09-01", assigned("T1", Post::Teacher, Some("S1")))]);
    adopted(&mut ledger, adopt_calendar(1_000, "2026-01-09", &calendar()));
    let scope = format!("{head}{TEACHERS}");
    let policy = document("p", 1, "2022-03-10", &scope, body);
    adopted(&mut ledger, adopt_policy(2_000, "2026-01-09", &policy));
    ledger.given([
        on(40, "2019-01-01", project_at("P1", Level::County)),
        on(50, "2022-02-25", lesson_at("T1", Level::County, 2)),
        on(51, "2022-04-01", lesson_at("T1", Level::County, 3)),
    ]);
    ledger
}

#[test]
fn a_period_that_began_before_the_policy_is_not_due_unless_the_policy_says_so() {
    let min = |head: &str, id: &str, period: &str| {
        let ledger = begun(head);
        let section = section(&ledger, "T1", ledger.period(period));
        let row = standing(&section, id, period);
        (row.min.to_string(), row.status)
    };
    let not_due = ("0".to_owned(), Status::NotInScope);
    for (id, period) in [("R1", "2022"), ("R2", "2021-2022"), ("R3", "2021-2022-2")] {
        assert_eq!(min("", id, period), not_due, "{id}");
    }
    assert_eq!(min("", "R1", "2023"), ("48".to_owned(), Status::Short));
    let full = "first_period = \"full\"\n";
    assert_eq!(min(full, "R1", "2022"), ("48".to_owned(), Status::Short));
    assert_eq!(min(full, "R2", "2021-2022"), ("6".to_owned(), Status::Short));
    let prorated = "first_period = \"prorated\"\n";
    // March to December of the year; March to August of the school year; from the third of twenty weeks on.
    assert_eq!(min(prorated, "R1", "2022"), ("40".to_owned(), Status::Short));
    assert_eq!(min(prorated, "R2", "2021-2022"), ("3".to_owned(), Status::Met));
    assert_eq!(min(prorated, "R3", "2021-2022-2"), ("9".to_owned(), Status::Short));
}

#[test]
fn no_meter_counts_what_lies_before_the_policy() {
    let ledger = begun("first_period = \"full\"\n");
    assert_eq!(counted(&ledger, "R2", "2021-2022"), "3", "the lessons of April alone");
    let lines = year(&ledger, "2022");
    let of_february = lines.iter().find(|line| line.on == day("2022-02-25")).unwrap();
    assert_eq!(
        (&of_february.why, of_february.counted.to_string()),
        (&Why::NotInForce, "0".into())
    );
}

const CAPPED: &str = r#"
[[requirement]]
id = "R1"
meter = "hours"
period = "calendar_year"
min = 48
[[conversion]]
id = "V1"
kind = "lesson_given"
hours = 10
[[conversion]]
id = "V2"
kind = "school_based_term"
hours = 15
per = "semester"
"#;

/// Six lessons at her school, then a term there.
fn six_lessons_and_a_term(caps: &str) -> Ledger {
    let mut ledger = under(TEACHERS, &format!("{CAPPED}{caps}"));
    for number in 0..6 {
        let date = format!("2022-03-0{}", number + 1);
        ledger.given([on(50 + number, &date, lesson_at("T1", Level::School, 1))]);
    }
    ledger.given([term(60, "2022-06-30", "2021-2022-2")]);
    ledger
}

#[test]
fn hours_that_a_later_cap_cuts_use_no_room_of_an_earlier_one() {
    let caps = r#"
[[cap]]
id = "K1"
where = {level = [60]}
period = "calendar_year"
max = 60
[[cap]]
id = "K2"
where = {conversion = ["V1"]}
period = "calendar_year"
max = 18
"#;
    let ledger = six_lessons_and_a_term(caps);
    assert_eq!(counted(&ledger, "R1", "2022"), "33");
    let lines = year(&ledger, "2022");
    let second: Vec<_> = lines.iter().filter(|line| line.rule.is_some()).collect();
    assert_eq!(second[1].cuts[0].rule.as_str(), "K2");
    assert_eq!(second[1].cuts[0].amount.to_string(), "2");
}

#[test]
fn relative_caps_come_after_fixed_ones_wherever_the_policy_lists_them() {
    let caps = r#"
[[cap]]
id = "K1"
where = {conversion = ["V1"]}
period = "calendar_year"
not_above = {conversion = ["V2"]}
[[cap]]
id = "K2"
where = {conversion = ["V2"]}
period = "calendar_year"
max = 12
"#;
    let ledger = six_lessons_and_a_term(caps);
    assert_eq!(
        counted(&ledger, "R1", "2022"),
        "24",
        "12 of the term, and as many of the lessons"
    );
}

#[test]
fn the_rooms_of_caps_are_shared_across_versions_only_if_both_say_so() {
    for (shared, hours) in [("", "36"), ("across_versions = true\n", "18")] {
        let caps = format!(
            "[[cap]]\nid = \"K1\"\nwhere = {{conversion = [\"V1\"]}}\nperiod = \"calendar_year\"\nmax = 18\n{shared}"
        );
        let body = format!("{CAPPED}{caps}");
        let mut ledger = under(TEACHERS, &body);
        let second = document("p", 2, "2022-03-04", TEACHERS, &body);
        adopted(&mut ledger, adopt_policy(3_000, "2026-01-09", &second));
        for number in 0..6 {
            let date = format!("2022-03-0{}", number + 1);
            ledger.given([on(50 + number, &date, lesson_at("T1", Level::School, 1))]);
        }
        assert_eq!(counted(&ledger, "R1", "2022"), hours, "{shared:?}");
    }
}

#[test]
fn of_two_attendances_of_one_session_the_better_after_the_day_s_limit_counts() {
    let mut ledger = under(TEACHERS, YEARLY);
    ledger.given([
        between(
            50,
            "2022-03-01",
            "2022-03-02",
            session_as("A", "P1", SessionType::Training, "8"),
        ),
        between(51, "2022-03-01", "2022-03-01", attended("T1", "A", "8")),
        between(52, "2022-03-01", "2022-03-02", attended("T1", "A", "7")),
    ]);
    assert_eq!(counted(&ledger, "R1", "2022"), "7");
}

#[test]
fn of_two_attendances_the_one_counts_that_finds_more_room_on_its_day() {
    let mut ledger = under(TEACHERS, YEARLY);
    ledger.given(course(40_000, "2022-03-01", "2022-03-01", "FULL", "6"));
    ledger.given([
        between(
            50_000,
            "2022-03-01",
            "2022-03-02",
            session_as("A", "P1", SessionType::Training, "6"),
        ),
        on(50_001, "2022-03-01", attended("T1", "A", "6")),
        on(50_002, "2022-03-02", attended("T1", "A", "6")),
    ]);
    assert_eq!(counted(&ledger, "R1", "2022"), "12");
}

#[test]
fn a_session_posted_twice_with_different_hours_is_taken_for_the_better() {
    for (first, second) in [("12", "6"), ("6", "12")] {
        let mut ledger = under(TEACHERS, YEARLY);
        ledger.given([
            on(50, "2022-03-01", session_as("A", "P1", SessionType::Training, first)),
            on(51, "2022-03-01", session_as("A", "P1", SessionType::Training, second)),
            on(52, "2022-03-01", attended("T1", "A", "6")),
        ]);
        assert_eq!(counted(&ledger, "R1", "2022"), "6", "{first}, {second}");
        assert_eq!(year(&ledger, "2022").len(), 1, "one line for one entry");
    }
}

#[test]
fn a_void_entry_of_a_session_posted_twice_is_still_one_line() {
    let mut ledger = under(TEACHERS, &YEARLY.replace("role = ", "event = [\"公开课\"]\nrole = "));
    ledger.given([
        on(50, "2022-03-01", session_as("A", "P1", SessionType::Training, "6")),
        on(51, "2022-03-01", session_as("A", "P1", SessionType::OpenLesson, "6")),
        on(52, "2022-03-01", attended("T1", "A", "6")),
    ]);
    assert_eq!(counted(&ledger, "R1", "2022"), "6", "as an open lesson");
    ledger.given([on(53, "2022-03-02", void(id(52)))]);
    let lines = year(&ledger, "2022");
    assert_eq!(lines.len(), 1);
    assert!(matches!(lines[0].why, Why::Void { .. }));
}

const PROBATION: &str = r#"
[cycle]
from = 2021-01-01
years = 5
[[requirement]]
id = "C1"
meter = "hours"
period = "cycle"
min = 360
[[requirement]]
id = "C2"
meter = "hours"
period = "cycle"
min = 100
where = {level = [30]}
[[requirement]]
id = "N1"
meter = "hours"
period = "probation_year"
min = 120
only_if = "新教师"
then_record = 72
[[conversion]]
id = "V1"
kind = "attendance_recorded"
role = ["学员"]
hours = "hours_present"
"#;

/// `T1`, new on that day, with 150 hours of county level and then 30 of the city, all in a July.
fn hired(date: &str, july: &str) -> Ledger {
    let mut ledger = under(&format!("{TEACHERS}\n"), PROBATION);
    let registered = PersonRegistered {
        teacher_id: teacher("T9"),
        stage: Stage::Primary,
        subject: None,
        hired_on: Some(day(date)),
        career_from: None,
        rank: None,
    };
    ledger.given([
        on(60, date, registered),
        on(61, date, assigned("T9", Post::Teacher, Some("S1"))),
        on(62, "2019-01-01", project_at("CITY", Level::City)),
    ]);
    for (number, first, last, project, hours) in [(70, 1, 25, "P1", "150"), (80, 26, 30, "CITY", "30")] {
        let (from, to) = (format!("{july}-{first:02}"), format!("{july}-{last:02}"));
        let session = format!("S-{project}");
        ledger.given([
            between(
                number,
                &from,
                &to,
                session_as(&session, project, SessionType::Training, hours),
            ),
            between(number + 1, &from, &to, attended("T9", &session, hours)),
        ]);
    }
    ledger
}

fn in_cycle(ledger: &Ledger, id: &str, cycle: &str) -> String {
    let section = section(ledger, "T9", ledger.period(cycle));
    let row = section.standings.iter().find(|row| row.requirement.id.as_str() == id);
    row.unwrap().counted.to_string()
}

#[test]
fn a_probation_year_s_hours_leave_the_cycles_that_they_lie_in() {
    let crossing = hired("2025-06-27", "2025-07");
    assert_eq!(
        in_cycle(&crossing, "C1", "2021..2025"),
        "60",
        "what exceeds 120, where it falls"
    );
    assert_eq!(in_cycle(&crossing, "C2", "2021..2025"), "30", "the latest hours exceed");
    assert_eq!(
        in_cycle(&crossing, "C1", "2026..2030"),
        "72",
        "the record, on the year's last day"
    );
    assert_eq!(in_cycle(&crossing, "C2", "2026..2030"), "0");
    let inside = hired("2023-06-27", "2023-07");
    assert_eq!(in_cycle(&inside, "C1", "2021..2025"), "132");
    assert_eq!(in_cycle(&inside, "N1", "2023"), "180");
}
