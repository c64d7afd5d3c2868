//! DOMAIN §8.2's worked example: five years under `sample-360`, to the hour, in whatever order it is posted.

use keshi_core::balance::{Section, Standing, Why};
use keshi_core::codes::{AttendanceResult, AttendanceRole, Award, Level, Post, SessionType};
use keshi_core::event::{Event, Fact};
use keshi_core::period::{Name, Period};
use keshi_core::submission::Taking;
use rand::seq::SliceRandom as _;
use rand::{Rng as _, SeedableRng as _};

use crate::documents::{adopt_calendar, adopt_policy, adopted};
use crate::support::facts::{
    assigned, attended, attended_as, award_for, competition_at, lesson_at, project_at, school_term, session_as,
    teacher, topic, void,
};
use crate::support::{Ledger, between, day, on};

pub const SAMPLE_360: &str = include_str!("../../policies/sample-360.toml");

/// Two semesters for each calendar year of the cycle, all with twenty teaching weeks.
pub fn calendar() -> String {
    let mut text = "id = \"c\"\n".to_owned();
    for year in 2020..=2025 {
        let next = year + 1;
        let semesters = format!(
            "[[semester]]\nid = \"{year}-{next}-1\"\nfrom = {year}-09-01\nto = {next}-01-15\nteaching_weeks = 20\n\
             [[semester]]\nid = \"{year}-{next}-2\"\nfrom = {next}-02-20\nto = {next}-07-08\nteaching_weeks = 20\n"
        );
        text.push_str(&semesters);
    }
    text
}

/// The people, schools, calendar and policy, in place before anything is posted.
pub fn county() -> Ledger {
    let mut ledger = Ledger::county();
    ledger.today = day("2026-01-10");
    ledger.given([on(30, "2020-09-01", assigned("T1", Post::Teacher, Some("S1")))]);
    adopted(&mut ledger, adopt_calendar(1_000, "2026-01-09", &calendar()));
    adopted(&mut ledger, adopt_policy(2_000, "2026-01-09", SAMPLE_360));
    ledger
}

/// The table: a course of county level and above each year, open lessons, prizes, two school-based terms a year.
fn postings() -> Vec<Event> {
    let mut events = vec![
        on(100, "2021-01-01", project_at("COUNTY", Level::County)),
        on(101, "2021-01-01", competition_at("CONTEST", Level::County)),
        on(102, "2021-01-01", competition_at("CITY", Level::City)),
    ];
    let mut number = 200;
    let mut add = |from: &str, to: &str, fact: Fact| {
        number += 1;
        events.push(between(number, from, to, fact));
    };
    for (year, days) in [(2021, 6), (2022, 8), (2023, 7), (2024, 5), (2025, 9)] {
        let (from, to) = (format!("{year}-03-01"), format!("{year}-03-{days:02}"));
        let course = format!("COURSE-{year}");
        let present = (days * 6).to_string();
        add(
            &from,
            &to,
            session_as(&course, "COUNTY", SessionType::Training, &present),
        );
        add(&from, &to, attended("T1", &course, &present));
        let (spring, autumn) = (format!("{}-{year}-2", year - 1), format!("{year}-{}-1", year + 1));
        add(
            &format!("{year}-07-01"),
            &format!("{year}-07-01"),
            school_term("T1", &spring),
        );
        add(
            &format!("{year}-12-20"),
            &format!("{year}-12-20"),
            school_term("T1", &autumn),
        );
    }
    add("2022-05-10", "2022-05-10", lesson_at("T1", Level::County, 2));
    add("2023-05-10", "2023-05-10", lesson_at("T1", Level::County, 5));
    // Two prizes in one year, for two works: only one is counted.
    add(
        "2023-06-01",
        "2023-06-01",
        award_for("T1", "CONTEST", Award::First, "WORK-1"),
    );
    add(
        "2023-10-01",
        "2023-10-01",
        award_for("T1", "CITY", Award::Second, "WORK-2"),
    );
    events
}

pub fn cycle() -> Period {
    Name::parse("2021..2025").unwrap().resolve(&[]).unwrap()
}

pub fn section(ledger: &Ledger, who: &str, period: Period) -> Section {
    let balance = ledger.state.at(ledger.size()).balance(&teacher(who), period);
    balance.unwrap().unwrap().sections.remove(0)
}

pub fn standing<'s>(section: &'s Section, id: &str, period: &str) -> &'s Standing {
    let mut standings = section.standings.iter();
    standings
        .find(|standing| standing.requirement.id.as_str() == id && standing.period.name.to_string() == period)
        .unwrap_or_else(|| panic!("{id} in {period}: {:#?}", section.standings))
}

fn assert_is_the_table(ledger: &Ledger, told: &str) {
    let section = section(ledger, "T1", cycle());
    let counted = |id, period| standing(&section, id, period).counted.to_string();
    let years = ["2021", "2022", "2023", "2024", "2025"].map(|year| counted("C4", year));
    assert_eq!(years, ["66", "88", "108", "60", "54"], "{told}");
    assert_eq!(counted("C1", "2021..2025"), "376", "{told}");
    assert_eq!(counted("C2", "2021..2025"), "256", "{told}");
    assert!(
        section
            .standings
            .iter()
            .filter(|s| s.requirement.id.as_str() != "C5")
            .all(|s| { s.status.is_met() || s.requirement.id.as_str() == "C3" })
    );

    let mut cut: Vec<(String, String)> = Vec::new();
    let mut not_counted: Vec<String> = Vec::new();
    for line in &section.lines {
        cut.extend(
            line.cuts
                .iter()
                .map(|cut| (cut.rule.to_string(), cut.amount.to_string())),
        );
        if matches!(line.why, Why::BestOnly { .. }) {
            not_counted.push(format!("{} {}", line.rule.unwrap(), line.converted));
        }
    }
    // 30 by K1 in two terms of 2025, 7 by K2.
    cut.sort();
    let expected = [("K1", "15"), ("K1", "15"), ("K2", "7")].map(|(rule, amount)| (rule.to_owned(), amount.to_owned()));
    assert_eq!(cut, expected, "{told}");
    assert_eq!(not_counted, ["V7 18"], "{told}");
}

#[test]
fn the_worked_example_comes_out_exactly() {
    let mut ledger = county();
    ledger.given(postings());
    assert_is_the_table(&ledger, "in order");
}

#[test]
fn the_worked_example_comes_out_exactly_in_every_order_of_posting() {
    let seed: u64 = std::env::var("KESHI_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok())
        .unwrap_or(20_221_231);
    println!("KESHI_SEED={seed}");
    let mut random = rand::rngs::StdRng::seed_from_u64(seed);
    let county = county();
    for shuffle in 0..1_000 {
        let mut ledger = county.clone();
        let mut events = postings();
        events.shuffle(&mut random);
        while !events.is_empty() {
            let some = events.split_off(events.len() - random.random_range(1..=events.len().min(9)));
            let taking = if random.random_bool(0.5) {
                Taking::Atomic
            } else {
                Taking::Each
            };
            for verdict in ledger.post_all(taking, some) {
                assert!(verdict.verdict.is_in_ledger(), "{verdict:?}");
            }
        }
        assert_is_the_table(&ledger, &format!("shuffle {shuffle} of KESHI_SEED={seed}"));
    }
}

#[test]
fn the_small_checks_below_the_table_come_out_exactly() {
    let mut ledger = county();
    ledger.given([
        on(100, "2021-01-01", project_at("P1", Level::County)),
        between(
            101,
            "2022-03-01",
            "2022-03-05",
            session_as("X1", "P1", SessionType::Training, "30"),
        ),
        between(
            102,
            "2022-03-01",
            "2022-03-05",
            attended_as(
                "T1",
                "X1",
                "30",
                AttendanceRole::Learner,
                Some(AttendanceResult::Failed),
            ),
        ),
        on(103, "2022-04-01", topic("TOPIC", Level::County, &["T2"], &["T1", "T3"])),
        on(104, "2022-04-02", session_as("X2", "P1", SessionType::OpenLesson, "2")),
        on(
            105,
            "2022-04-02",
            attended_as("T1", "X2", "2", AttendanceRole::Listener, None),
        ),
    ]);
    let section = section(&ledger, "T1", cycle());
    let lines: Vec<String> = section
        .lines
        .iter()
        .map(|line| format!("{} {} {}", line.kind, line.rule.unwrap(), line.counted))
        .collect();
    assert_eq!(
        lines,
        [
            "attendance_recorded V1 6",
            "topic_concluded V4 3.33",
            "attendance_recorded V3 1",
        ]
    );
}

#[test]
fn the_balance_at_every_size_is_that_of_a_ledger_that_holds_no_more() {
    let mut ledger = county();
    // Last year first, each after the project and contests that it rests on.
    let mut events = postings();
    events[3..].reverse();
    let voided = events.iter().map(|event| event.event_id).step_by(5).collect::<Vec<_>>();
    ledger.given(events);
    ledger.given(
        (5_000..)
            .zip(voided)
            .map(|(number, target)| on(number, "2025-12-31", void(target))),
    );
    let mut seen = std::collections::BTreeSet::new();
    for size in 0..=ledger.size() {
        let only = ledger.replayed(size);
        for period in [cycle(), ledger.period("2023")] {
            let then = ledger.state.at(size).balance(&teacher("T1"), period);
            assert_eq!(then, only.at(size).balance(&teacher("T1"), period), "at size {size}");
            let sections = then.unwrap().map(|balance| balance.sections).unwrap_or_default();
            seen.extend(sections.iter().map(|section| format!("{:?}", section.meters)));
        }
    }
    assert!(seen.len() > 20, "the balance changes as the ledger grows");
}
