//! How much a question is, said before it is answered.

use std::fmt::Write as _;
use std::thread;

use keshi_core::balance::{Assessor, Excess, Extent, SPAN_YEARS_MAX, STANDINGS_MAX, STEPS_MAX};
use keshi_core::policy::size::{CARRIES_MAX, CYCLE_DAYS_MIN, REQUIREMENTS_MAX};

use crate::credit::{TEACHERS, under};
use crate::support::Ledger;
use crate::support::facts::teacher;

const EVERY_PERIOD: &str = r#"
[cycle]
from = 2019-03-01
days = 100
[[requirement]]
id = "R1"
meter = "hours"
period = "month"
min = 1
carry = {share = "1"}
[[requirement]]
id = "R2"
meter = "hours"
period = "semester"
min = 1
[[requirement]]
id = "R3"
meter = "hours"
period = "school_year"
min = 1
[[requirement]]
id = "R4"
meter = "hours"
period = "cycle"
min = 1
"#;

fn extent(ledger: &Ledger, period: &str) -> Extent {
    Assessor::new(ledger.state.at(ledger.size())).extent(&ledger.period(period))
}

fn standings(ledger: &Ledger, period: &str) -> usize {
    let assessor = Assessor::new(ledger.state.at(ledger.size()));
    let balance = assessor
        .standings(&teacher("T1"), ledger.period(period))
        .unwrap()
        .unwrap();
    balance.sections.iter().map(|section| section.standings.len()).sum()
}

#[test]
fn an_extent_is_never_less_than_the_answer_and_not_much_more() {
    let ledger = under(TEACHERS, EVERY_PERIOD);
    for period in [
        "2022",
        "2022-2023",
        "2022-05",
        "2019..2028",
        "2021-03-15..2026-03-14",
        "1990..2000",
    ] {
        let (extent, standings) = (extent(&ledger, period), standings(&ledger, period));
        assert!(
            extent.standings >= standings as u64,
            "{period}: {extent:?} for {standings}"
        );
        assert!(
            extent.standings <= 2 * standings as u64 + 16,
            "{period}: {extent:?} for {standings}"
        );
    }
}

#[test]
fn a_requirement_whose_surplus_goes_on_weighs_with_all_the_periods_before() {
    let plain = under(TEACHERS, &EVERY_PERIOD.replace("carry = {share = \"1\"}", ""));
    let carried = under(TEACHERS, EVERY_PERIOD);
    assert_eq!(extent(&plain, "2022").standings, extent(&plain, "2022").steps);
    // Twelve months, each with the forty-eight since 2019.
    assert!(extent(&carried, "2022").steps > extent(&plain, "2022").steps + 12 * 48);
}

#[test]
fn fifty_years_are_a_question_and_fifty_one_are_not() {
    let ledger = under(TEACHERS, "");
    let years = |count| format!("1960..{}", 1959 + count);
    assert_eq!(extent(&ledger, &years(SPAN_YEARS_MAX)).excess(), None);
    assert_eq!(extent(&ledger, &years(SPAN_YEARS_MAX + 1)).excess(), Some(Excess::Span));
}

#[test]
fn many_requirements_over_many_months_are_no_question_though_the_years_are_few() {
    let mut body = String::new();
    for number in 0..REQUIREMENTS_MAX {
        let _ = writeln!(
            body,
            "[[requirement]]\nid = \"R{number}\"\nmeter = \"hours\"\nperiod = \"month\"\nmin = 1"
        );
    }
    let ledger = under(TEACHERS, &body);
    assert_eq!(extent(&ledger, "2022").excess(), None);
    let Some(Excess::Standings(count)) = extent(&ledger, "2020..2029").excess() else {
        panic!("{:?}", extent(&ledger, "2020..2029"));
    };
    assert!(count > STANDINGS_MAX);
    // Of those whose surplus goes on, fewer are enough, each after seven years of months.
    let carried = body.replacen("min = 1", "min = 1\ncarry = {share = \"1\"}", CARRIES_MAX);
    let carried = under(TEACHERS, &carried);
    assert_eq!(extent(&carried, "2021-05").excess(), None);
    let Some(Excess::Steps(count)) = extent(&carried, "2025").excess() else {
        panic!("{:?}", extent(&carried, "2025"));
    };
    assert!(count > STEPS_MAX);
}

#[test]
fn the_shortest_cycles_of_two_hundred_years_are_looked_through_within_a_small_stack() {
    let body = format!(
        "first_period = \"full\"\n{TEACHERS}\n[cycle]\nfrom = 1950-01-01\ndays = {CYCLE_DAYS_MIN}\ngrace_days = 30\n\
         grace = \"ended_until_all_met\"\n[[requirement]]\nid = \"R1\"\nmeter = \"hours\"\nperiod = \"cycle\"\nmin = 1\n\
         carry = {{share = \"1\"}}"
    );
    let asked = move || {
        let mut ledger = under(TEACHERS, "");
        let policy = crate::credit::document("old", 1, "1950-01-01", "", &body);
        crate::documents::adopted(
            &mut ledger,
            crate::documents::adopt_policy(9_000, "2026-01-09", &policy),
        );
        standings(&ledger, "2149")
    };
    let small = thread::Builder::new().stack_size(2 << 20).spawn(asked).unwrap();
    assert!(small.join().unwrap() >= 4);
}
