//! The property: engine and naive evaluator say the same of titles and next steps in every generated county.

use std::collections::BTreeMap;

use keshi_core::codes::Level;
use keshi_core::tier as engine;
use proptest::prelude::*;

use crate::agree::{config, told};
use crate::compare::day;
use crate::evaluate::county::height;
use crate::evaluate::tier::{Next, Tier, Title, tier};
use crate::facts::{Event, Fact, Ground};
use crate::generate::ladders::{AskTier, raw_ladders};
use crate::post::{InLedger, post};
use crate::smaller::smallest;

fn title(of: &engine::Title) -> Title {
    Title {
        index: of.index,
        id: of.event_id.uuid().as_u128(),
        class: of.class,
        level: of.level,
        on: day(of.conferred_on),
        to: day(of.valid_to),
        waits: !of.waits_for.is_empty(),
        renewals: of.renewals.iter().filter(|row| row.valid_to.is_some()).count(),
        withdrawn: of.withdrawn.map(|row| row.index),
    }
}

fn lack(of: &engine::Lack) -> String {
    match of {
        engine::Lack::Recommendation(_) => "recommendation".to_owned(),
        engine::Lack::Candidacy => "candidacy".to_owned(),
        engine::Lack::Development { reached_on, .. } => format!("development to {:?}", reached_on.map(day)),
        engine::Lack::CareerYears { reached_on, .. } => format!("career to {}", day(reached_on.unwrap())),
        engine::Lack::CareerUnknown => "career unknown".to_owned(),
        engine::Lack::Rank { .. } => "rank".to_owned(),
        engine::Lack::Prize(_) => "prize".to_owned(),
        engine::Lack::Amount { asked, counted, .. } => {
            format!("observed {} of {}", counted.hundredths(), asked.min.hundredths())
        }
        engine::Lack::NotAdopted(_) | engine::Lack::TooLarge(_) => format!("{of:?}"),
    }
}

fn next(of: &engine::Step) -> Next {
    let ladder = of
        .ladder
        .map(|(id, version, step)| (id.to_string(), version, step.to_string()));
    (
        ladder,
        of.class,
        height(of.level),
        of.missing.iter().map(lack).collect(),
    )
}

fn plain(of: &engine::Tier) -> Tier {
    let titles = |list: &[engine::Title]| list.iter().map(title).collect::<Vec<_>>();
    let (mut past, mut steps) = (titles(&of.past), of.steps.iter().map(next).collect::<Vec<_>>());
    past.sort_by_key(|title| title.index);
    steps.sort();
    Tier {
        titles: titles(&of.titles),
        waiting: titles(&of.waiting),
        past,
        steps,
    }
}

/// What both say, the engine first; `None` while she is not registered.
fn both(ledger: &InLedger, ask: &AskTier) -> Option<(Tier, Tier)> {
    let size = ledger.state.size() * ask.share / 100;
    let teacher = keshi_core::ids::TeacherId::new("T1").unwrap();
    let engine = ledger.state.at(size).tier(&teacher, ask.today.jiff())?;
    Some((plain(&engine), tier(&ledger.facts, size, "T1", ask.today)))
}

fn disagreement(ledger: &InLedger, ask: &AskTier) -> Option<String> {
    let (engine, naive) = both(ledger, ask)?;
    let differ = engine != naive;
    differ.then(|| format!("{ask:?}\nengine {engine:#?}\nnaive {naive:#?}\n{}", told(ledger)))
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_engine_and_the_naive_evaluator_agree_on_generated_ladders(raw in raw_ladders()) {
        let (events, asks) = raw.county();
        let ledger = post(&events).map_err(TestCaseError::fail)?;
        for ask in &asks {
            if disagreement(&ledger, ask).is_some() {
                let again = |events: &[Event]| disagreement(&post(events).ok()?, ask);
                let least = smallest(events.clone(), |events| again(events).is_some());
                return Err(TestCaseError::fail(again(&least).unwrap()));
            }
        }
    }
}

/// How often each thing must at least be met with.
const EXPECTED: [(&str, usize); 12] = [
    ("in force", 500),
    ("waiting", 500),
    ("past", 500),
    ("renewed and in force", 50),
    ("withdrawn", 50),
    ("steps of a ladder", 500),
    ("steps with nothing missing", 100),
    ("usual steps", 300),
    ("missing", 500),
    ("above the county", 100),
    ("asked of one merged", 200),
    ("recommended from a title, and ready", 5),
];

#[test]
fn generated_ladders_reach_every_rule() {
    use proptest::strategy::{Strategy as _, ValueTree as _};
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut met: BTreeMap<&str, usize> = BTreeMap::new();
    for _ in 0..1_500 {
        let (events, asks) = raw_ladders().new_tree(&mut runner).unwrap().current().county();
        let ledger = post(&events).unwrap();
        let t1 = keshi_core::ids::TeacherId::new("T1").unwrap();
        for ask in &asks {
            let size = ledger.state.size() * ask.share / 100;
            let is_merged = ledger.state.at(size).merged(&t1).is_some();
            *met.entry("asked of one merged").or_default() += usize::from(is_merged);
        }
        let by_title = events.iter().any(|event| {
            matches!(
                event.fact,
                Fact::Recommended {
                    from: Ground::Title(_),
                    ..
                }
            )
        });
        let ready = asks.iter().filter_map(|ask| both(&ledger, ask)).any(|(said, _)| {
            let of_ladder = |step: &&Next| step.0.is_none() && step.2 > 1;
            said.steps.iter().filter(of_ladder).any(|step| step.3.is_empty())
        });
        *met.entry("recommended from a title, and ready").or_default() += usize::from(by_title && ready);
        for (said, _) in asks.iter().filter_map(|ask| both(&ledger, ask)) {
            let mut add = |what, times: usize| *met.entry(what).or_default() += times;
            let titles = |fits: &dyn Fn(&&Title) -> bool| said.titles.iter().filter(fits).count();
            let steps = |fits: &dyn Fn(&&Next) -> bool| said.steps.iter().filter(fits).count();
            add("in force", said.titles.len());
            add("waiting", said.waiting.len());
            add("past", said.past.len());
            add("renewed and in force", titles(&|title| title.renewals > 0));
            add("above the county", titles(&|title| title.level != Level::County));
            add(
                "withdrawn",
                said.past.iter().filter(|title| title.withdrawn.is_some()).count(),
            );
            add("steps of a ladder", steps(&|step| step.0.is_some()));
            add("usual steps", steps(&|step| step.0.is_none()));
            add("steps with nothing missing", steps(&|step| step.3.is_empty()));
            said.steps.iter().for_each(|step| add("missing", step.3.len()));
        }
    }
    println!("{met:#?}");
    for (what, least) in EXPECTED {
        let times = met.get(what).copied().unwrap_or(0);
        assert!(times >= least, "{what}: {times}, at least {least} expected");
    }
}
