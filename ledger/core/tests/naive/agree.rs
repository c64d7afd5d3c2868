//! The property: engine and naive evaluator say the same of every generated county.

use std::fmt::Write as _;

use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, RngSeed};

use crate::compare::{difference, period};
use crate::evaluate::claims::takes;
use crate::evaluate::sections;
use crate::facts::{Event, Fact, Recorded};
use crate::generate::{Ask, raw_counties};
use crate::merges::Merges;
use crate::post::{InLedger, post};
use crate::smaller::smallest;
use crate::toml;

/// The number of cases, many more in the long form of the tests, and a seed that is random or `PROPTEST_RNG_SEED`, and printed.
pub fn config() -> ProptestConfig {
    use std::hash::{BuildHasher, Hasher};
    let number = |name: &str| std::env::var(name).ok().and_then(|value| value.parse::<u64>().ok());
    let random = || std::hash::RandomState::new().build_hasher().finish();
    let seed = number("PROPTEST_RNG_SEED").unwrap_or_else(random);
    let is_long = std::env::var_os("KESHI_TEST_LONG").is_some();
    let cases = if is_long { 20_000 } else { 2_000 };
    let cases = number("PROPTEST_CASES").map_or(cases, |cases| u32::try_from(cases).unwrap());
    println!("PROPTEST_RNG_SEED={seed}");
    ProptestConfig {
        cases,
        rng_seed: RngSeed::Fixed(seed),
        rng_algorithm: RngAlgorithm::XorShift,
        failure_persistence: None,
        // A county is made smaller as a county, not as words.
        max_shrink_iters: 0,
        ..ProptestConfig::default()
    }
}

/// What differs in the answer to one question.
fn disagreement(ledger: &InLedger, ask: &Ask) -> Option<String> {
    let size = ledger.state.size() * u64::try_from(ask.share).unwrap() / 100;
    let (period, days) = period(&ask.period, &ledger.state, size)?;
    let teacher = keshi_core::ids::TeacherId::new(ask.teacher).unwrap();
    let balance = ledger.state.at(size).balance(&teacher, period).unwrap()?;
    let naive = sections(&ledger.facts, size, ask.teacher, days);
    let difference = difference(&balance, &naive)?;
    Some(format!("{ask:?} {days:?} size {size}\n{difference}\n{}", told(ledger)))
}

/// A step of a claim that one opinion takes and the other refuses, or an entry that claims stand in the way of.
fn other_verdict(ledger: &InLedger) -> Option<String> {
    let taken = (0..).zip(&ledger.facts).map(|(before, row)| (before, &row.event, true));
    let steps = ledger
        .refused
        .iter()
        .filter(|row| matches!(row.1.fact, Fact::Claim { .. }));
    let refused = steps.map(|(before, event)| (*before, event, false));
    let takes_it = |event: &Event, before: &[Recorded]| {
        let merges = Merges::of(before);
        let before = merges.facts(before);
        takes(&merges.event(event), &before.iter().collect::<Vec<_>>())
    };
    let mut other = taken
        .chain(refused)
        .filter(|row| takes_it(row.1, &ledger.facts[..row.0]) != row.2);
    let (_, event, taken) = other.next()?;
    Some(format!("the engine takes it: {taken}\n{event:?}\n{}", told(ledger)))
}

/// The recorded facts, policies as documents.
pub fn told(ledger: &InLedger) -> String {
    let mut out = String::new();
    for row in &ledger.facts {
        match &row.event.fact {
            Fact::Policy(policy) => {
                writeln!(out, "{} {}\n{}", row.index, row.event.id, toml::document(policy)).unwrap();
            }
            _ => writeln!(out, "{} {:?}", row.index, row.event).unwrap(),
        }
    }
    out
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_engine_and_the_naive_evaluator_agree_on_generated_counties(raw in raw_counties()) {
        let county = raw.county();
        let ledger = post(&county.events).map_err(TestCaseError::fail)?;
        if other_verdict(&ledger).is_some() {
            let again = |events: &[Event]| other_verdict(&post(events).ok()?);
            let least = smallest(county.events.clone(), |events| again(events).is_some());
            return Err(TestCaseError::fail(again(&least).unwrap()));
        }
        for ask in &county.asks {
            if disagreement(&ledger, ask).is_some() {
                let again = |events: &[Event]| disagreement(&post(events).ok()?, ask);
                let least = smallest(county.events.clone(), |events| again(events).is_some());
                return Err(TestCaseError::fail(again(&least).unwrap()));
            }
        }
    }
}
