//! A year in the national system's columns: whole hours, and the rest beside them.

use keshi_core::balance::{Assessor, National, NationalYear, RestOf};
use keshi_core::codes::{LessonType, Level, Post, SessionType};
use keshi_core::event::Event;
use keshi_core::ids::PolicyId;
use keshi_core::policy::Meter;
use proptest::prelude::*;

use crate::documents::{adopt_policy, adopted};
use crate::support::facts::{assigned, attended, lesson, project, project_at, session, session_as, teacher};
use crate::support::{Ledger, between, on, random};

/// Thirds of hours, quarters of credits, a day's limit, lessons that count as hours, and two caps.
const THIRDS: &str = r#"language = 1
id = "thirds"
version = 1
name = "三分之一"
effective_from = 2020-01-01
[scope]
post = ["教师"]
[[requirement]]
id = "C1"
meter = "hours"
period = "calendar_year"
min = 10
[[conversion]]
id = "V1"
kind = "attendance_recorded"
role = ["学员"]
hours = "hours_present"
factor = "1/3"
per_day_max = 2
[[conversion]]
id = "V2"
kind = "attendance_recorded"
role = ["学员"]
meter = "credits"
hours = "hours_present"
factor = "0.25"
[[conversion]]
id = "V3"
kind = "lesson_given"
hours = "periods"
factor = "0.7"
[[cap]]
id = "K1"
where = {conversion = ["V1"]}
period = "calendar_year"
max = "9.5"
[[cap]]
id = "K2"
where = {conversion = ["V3"]}
period = "calendar_year"
max = "3.1"
"#;

/// The four teachers in post under `policy`, and `events`.
fn ledger(policy: &str, events: impl IntoIterator<Item = Event>) -> Ledger {
    let mut ledger = Ledger::county();
    let posts = (30..).zip(["T1", "T2", "T3", "T4"]);
    ledger.given(posts.map(|(number, id)| on(number, "2020-01-01", assigned(id, Post::Teacher, Some("S1")))));
    if !policy.is_empty() {
        adopted(&mut ledger, adopt_policy(9_100, "2022-01-01", policy));
    }
    for event in events {
        ledger.post(event);
    }
    ledger
}

fn asked(ledger: &Ledger, of: &str, under: Option<&str>) -> National {
    let under = under.map(|id| PolicyId::new(id).unwrap());
    let assessor = Assessor::new(ledger.state.at(ledger.size()));
    assessor.national(&teacher(of), 2022, under).unwrap().unwrap()
}

fn year(ledger: &Ledger, of: &str) -> NationalYear {
    match asked(ledger, of, None) {
        National::Year(year) => year,
        other => panic!("{other:?}"),
    }
}

/// A course of P1 of 2 × 4 hours, one of P2 of 2, a lesson of 3 periods.
fn events() -> Vec<Event> {
    vec![
        on(100, "2022-01-01", project("P1", "国培计划")),
        on(101, "2022-01-01", project_at("P2", Level::DistrictGroup)),
        on(102, "2022-03-01", session("X1", "P1")),
        on(103, "2022-05-01", session("X2", "P1")),
        on(104, "2022-06-01", session_as("X3", "P2", SessionType::Training, "2")),
        on(105, "2022-05-02", attended("T1", "X2", "4")),
        on(106, "2022-03-02", attended("T1", "X1", "4")),
        on(107, "2022-06-02", attended("T1", "X3", "2")),
        on(108, "2022-06-03", lesson("T1", LessonType::Open, 3, None)),
        on(109, "2022-06-04", attended("T2", "X3", "3")),
    ]
}

#[test]
fn a_project_is_one_row_in_whole_hours_and_what_is_left_over_stands_beside() {
    let year = year(&ledger(THIRDS, events()), "T1");
    let rows: Vec<_> = year
        .rows
        .iter()
        .map(|row| (row.project.as_str(), row.hours, row.credits))
        .collect();
    // Two times 1.33 hours and one credit; of P2 0.66 hours come to no whole one.
    assert_eq!(rows, [("P1", 2, 2)]);
    assert_eq!(
        (year.rows[0].from.to_string(), year.rows[0].to.to_string()),
        ("2022-03-02".into(), "2022-05-02".into())
    );
    let rests: Vec<_> = year
        .rests
        .iter()
        .map(|rest| (&rest.of, rest.hours.to_string(), rest.credits.to_string()))
        .map(|(of, hours, credits)| match of {
            RestOf::Rounded(id, name) => format!("rounded {id} {name} {hours} {credits}"),
            RestOf::BelowOne(id, _) => format!("below one {id} {hours} {credits}"),
            RestOf::NoProject(kind) => format!("{kind} {hours} {credits}"),
        })
        .collect();
    assert_eq!(
        rests,
        [
            "rounded P1 国培计划 0.66 0",
            "below one P2 0.67 0.5",
            "lesson_given 2.1 0"
        ]
    );
}

#[test]
fn what_caps_cut_is_in_no_row() {
    let mut events = events();
    let more = (0_u8..6).flat_map(|n| {
        let day = format!("2022-07-{:02}", n * 2 + 1);
        let name = format!("Y{n}");
        [
            on(200 + 2 * u128::from(n), &day, session(&name, "P1")),
            on(201 + 2 * u128::from(n), &day, attended("T1", &name, "6")),
        ]
    });
    events.extend(more);
    let year = year(&ledger(THIRDS, events), "T1");
    // 9.5 at most of attendance, in order of the days: 0.67 of it are P2's.
    assert_eq!(year.rows[0].hours, 8);
    assert_eq!(year.rests[0].hours.to_string(), "0.83");
}

#[test]
fn a_district_groups_level_is_other_in_the_national_system_and_all_other_levels_are_themselves() {
    for &level in Level::ALL {
        let there = level.in_national_system();
        match level {
            Level::DistrictGroup => assert_eq!(there.code(), 99),
            level => assert_eq!(there, level),
        }
    }
    let year = year(&ledger("", events()), "T2");
    assert_eq!((year.rows[0].level, year.rows[0].hours), (Level::Other, 3));
}

#[test]
fn under_two_policies_that_count_differently_one_must_be_named() {
    let whole = THIRDS
        .replace("\"thirds\"", "\"whole\"")
        .replace("factor = \"1/3\"\n", "");
    let mut both = ledger(THIRDS, events());
    adopted(&mut both, adopt_policy(9_300, "2022-01-01", &whole));
    let National::Several(ids) = asked(&both, "T1", None) else {
        panic!()
    };
    assert_eq!(
        ids.iter().map(PolicyId::as_str).collect::<Vec<_>>(),
        ["thirds", "whole"]
    );
    let hours = |under: &str| match asked(&both, "T1", Some(under)) {
        National::Year(year) => year.rows[0].hours,
        other => panic!("{other:?}"),
    };
    assert_eq!((hours("thirds"), hours("whole")), (2, 4));
    assert_eq!(asked(&both, "T1", Some("nobody-is-under-it")), National::NotUnder);
    // Where both count the same there is nothing to choose.
    let same = THIRDS.replace("\"thirds\"", "\"same\"");
    let mut same_twice = ledger(THIRDS, events());
    adopted(&mut same_twice, adopt_policy(9_300, "2022-01-01", &same));
    assert_eq!(year(&same_twice, "T1"), year(&ledger(THIRDS, events()), "T1"));
}

#[test]
fn a_winter_course_belongs_to_the_year_in_which_it_ends() {
    let mut events = events();
    events.push(on(300, "2021-12-20", session("W", "P2")));
    events.push(between(301, "2021-12-20", "2022-01-05", attended("T3", "W", "20")));
    let year = year(&ledger("", events), "T3");
    assert_eq!(year.rows[0].from.to_string(), "2021-12-20");
    assert_eq!(year.rows[0].hours, 20);
}

/// Rows and rests of a year, and what the balance counts, in hundredths of hours and of credits.
fn sums(ledger: &Ledger, of: &str) -> ((i64, i64), (i64, i64)) {
    let year = year(ledger, of);
    let whole = |number: u64| i64::try_from(number).unwrap() * 100;
    let rows = year.rows.iter().fold((0, 0), |sum, row| {
        assert!(row.hours > 0 && row.from <= row.to);
        (sum.0 + whole(row.hours), sum.1 + whole(row.credits))
    });
    let told = year.rests.iter().fold(rows, |sum, rest| {
        if let RestOf::Rounded(..) = rest.of {
            assert!(rest.hours.hundredths() < 100 && rest.credits.hundredths() < 100);
        }
        (sum.0 + rest.hours.hundredths(), sum.1 + rest.credits.hundredths())
    });
    let balance = ledger
        .state
        .at(ledger.size())
        .balance(&teacher(of), ledger.period("2022"));
    let meters = balance.unwrap().unwrap().sections.remove(0).meters;
    let meter = |wanted| {
        meters
            .iter()
            .find(|(meter, _)| *meter == wanted)
            .unwrap()
            .1
            .hundredths()
    };
    (told, (meter(Meter::TrainingHours), meter(Meter::Credits)))
}

proptest! {
    #![proptest_config(random::config(random::long(4_000, 600)))]

    #[test]
    fn rows_and_rests_together_are_what_the_balance_counts(events in random::postings(80), under_none in any::<bool>()) {
        let ledger = ledger(if under_none { "" } else { THIRDS }, events);
        for of in ["T1", "T2", "T3", "T4"] {
            let (told, counted) = sums(&ledger, of);
            prop_assert_eq!(told, counted, "{}", of);
        }
    }
}
