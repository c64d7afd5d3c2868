//! Figures that a second reckoning found wrong, each by name with its numbers (DOMAIN §13a).

use keshi_core::balance::{Status, Why};
use keshi_core::codes::{Level, Post};
use keshi_core::event::{Event, Fact, TopicConcluded};
use keshi_core::reason::ReasonCode;

use crate::credit::{TEACHERS, counted, course, document, under, year};
use crate::documents::{adopt_calendar, adopt_policy, adopted};
use crate::support::facts::{assigned, lesson_at, project_at, school_term, text, topic};
use crate::support::{Ledger, assert_refused, day, on};
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
    let small = r#"
[[requirement]]
id = "R1"
meter = "hours"
period = "calendar_year"
min = 48
[[conversion]]
id = "V1"
kind = "attendance_recorded"
role = ["学员"]
hours = "hours_present"
"#;
    let scope = format!("rounding = \"down_1\"\n{TEACHERS}");
    let mut ledger = under(&scope, small);
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
