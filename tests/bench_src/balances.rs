//! Balances under a whole policy, in this process: one teacher explained, one as of an earlier size, all of a county.

use std::time::{Duration, Instant};

use jiff::civil::date;
use keshi_core::balance::Assessor;
use keshi_core::codes::Post;
use keshi_core::entry::{Posted, Verdict};
use keshi_core::event::{AssignmentStarted, DocumentPart, Event};
use keshi_core::figures::{Definitions, Figures};
use keshi_core::ids::{SchoolId, Sha256, TeacherId};
use keshi_core::period::{Name, Period};
use keshi_core::policy::Policy;
use keshi_core::state::State;
use keshi_tests::county;

/// Balances timed one by one.
const ASKED: u64 = 4_000;

/// `sample-360`, moved to the years of the made-up postings.
fn policy() -> String {
    let text = include_str!("../../ledger/core/policies/sample-360.toml");
    text.replace("2021-01-01", "2013-01-01")
        .replace("2025-12-31", "2017-12-31")
}

/// Prints the rows for a county of `entries` postings, and all balances of one of 700,000.
pub fn run(entries: u64) {
    let year = Name::Year(2014).resolve(&[]).expect("a year");
    let small = filled(700_000);
    all_of_a_county(&small, year);
    report(&small);
    digest(&small);
    drop(small);
    let state = filled(entries);
    let size = state.size();
    one_by_one(&format!("balance explained, {entries} entries"), &state, size, year);
    one_by_one("the same as of the middle", &state, size / 2, year);
}

/// All balances, beside the bare sum of the same hours by teacher.
fn all_of_a_county(state: &State, year: Period) {
    let ids = state.at(state.size()).teacher_ids();
    let started = Instant::now();
    let mut met = 0;
    let assessor = Assessor::new(state.at(state.size()));
    for id in &ids {
        let balance = assessor
            .standings(id, year)
            .expect("small amounts")
            .expect("registered");
        met += balance.sections[0]
            .standings
            .iter()
            .filter(|standing| standing.status.is_met())
            .count();
    }
    let took = started.elapsed();
    let rows: Vec<(TeacherId, i64)> = (0..700_000)
        .map(|number| (ids[(number % county::TEACHERS) as usize], 600))
        .collect();
    let started = Instant::now();
    let mut sums = std::collections::HashMap::<TeacherId, i64>::new();
    for (id, hours) in &rows {
        *sums.entry(*id).or_default() += hours;
    }
    let floor = started.elapsed();
    assert!(met > 0 && sums.len() == ids.len());
    println!(
        "{:<34} {:>11.0} ms {:>11.0} ms {:>6.1} ×",
        "all balances, 700,000 entries",
        floor.as_secs_f64() * 1e3,
        took.as_secs_f64() * 1e3,
        took.as_secs_f64() / floor.as_secs_f64()
    );
}

/// A year's report, every figure of the usual definitions with its entries, and its statement's hash.
fn report(state: &State) {
    let started = Instant::now();
    let figures = Figures::of(state.at(state.size()), Definitions::usual(), 2014);
    let counted = started.elapsed();
    let hash = figures.hash();
    let took = started.elapsed();
    assert!(figures.people.len() > 1_000 && hash.0 != [0; 32]);
    println!(
        "{:<34} {:>30.0} ms, of which {:.0} ms for its hash",
        "annual report, 700,000 entries",
        took.as_secs_f64() * 1e3,
        took.saturating_sub(counted).as_secs_f64() * 1e3
    );
}

/// The digest over all rows and balances, beside all balances of one year.
fn digest(state: &State) {
    let started = Instant::now();
    let digest = state.at(state.size()).digest();
    let took = started.elapsed();
    assert_eq!(digest, state.at(state.size()).digest());
    println!(
        "{:<34} {:>30.0} ms",
        "digest, 700,000 entries",
        took.as_secs_f64() * 1e3
    );
}

fn one_by_one(what: &str, state: &State, size: u64, year: Period) {
    let mut times: Vec<Duration> = (0..ASKED)
        .map(|call| {
            let id = TeacherId::new(&format!("T{:06}", call * 7_919 % county::TEACHERS)).expect("a valid id");
            let started = Instant::now();
            let balance = state.at(size).balance(&id, year).expect("small amounts");
            let took = started.elapsed();
            assert!(balance.is_some());
            took
        })
        .collect();
    times.sort();
    for part in [50, 99] {
        let time = times[times.len() * part / 100].as_secs_f64() * 1e6;
        println!("{:<34} {:>14} {:>11.0} µs", format!("{what}, p{part}"), "", time);
    }
}

/// A county whose teachers hold posts and stand under a policy.
fn filled(entries: u64) -> State {
    let mut state = State::new();
    let mut number = 1_u64 << 57;
    let mut add = |event: Event| state.evolve_posted(county::NOON, (Verdict::Recorded, None), &Posted::Event(event));
    county::register().into_iter().for_each(&mut add);
    let mut next = || {
        number += 1;
        number
    };
    let first = date(2013, 1, 1);
    for teacher in 0..county::TEACHERS {
        let fact = AssignmentStarted {
            teacher_id: TeacherId::new(&format!("T{teacher:06}")).expect("a valid id"),
            school_id: SchoolId::new("S-1").ok(),
            unit: None,
            post: Post::Teacher,
            share_hundredths: 100,
            until: None,
            nature: None,
        };
        add(county::event(next(), first, fact));
    }
    let text = policy();
    let sha256 = Sha256::of(text.as_bytes());
    for part in DocumentPart::all_of(text.as_bytes()) {
        add(county::event(next(), first, part));
    }
    let policy = Policy::parse(&text).expect("a policy");
    let fact = policy.adoption(sha256);
    add(county::event(next(), first, fact));
    (0..entries).map(county::attendance).for_each(&mut add);
    state
}
