//! Whether the generated counties reach every rule often enough for an agreement to say something.

use std::collections::BTreeMap;

use keshi_core::balance::{AdjustmentKind, Balance, Line};
use keshi_core::ids::TeacherId;
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;

use crate::compare::period;
use crate::facts::Fact;
use crate::generate::raw_counties;
use crate::post::{InLedger, post};

const COUNTIES: usize = 1_500;

/// How often each thing must at least be met with.
const EXPECTED: &[(&str, usize)] = &[
    ("Counted", 8_000),
    ("Void", 400),
    ("Corrected", 100),
    ("Cancelled", 150),
    ("WaitingFor", 1_000),
    ("NotInForce", 800),
    ("NotCredited", 3_000),
    ("BelowPresence", 400),
    ("NotPassed", 120),
    ("NotInTable", 800),
    ("RoundsToNothing", 50),
    ("Incomplete", 60),
    ("OtherOfSession", 250),
    ("BestOnly", 300),
    ("cut by a day limit", 120),
    ("cut by a cap", 800),
    ("in parts", 500),
    ("TargetReached", 100),
    ("Met", 500),
    ("Short", 5_000),
    ("Exempt", 100),
    ("NotInScope", 1_500),
    ("MetByAnother", 20),
    ("reduced by an exemption", 40),
    ("part of the minimum", 2_000),
    ("CarriedIn", 200),
    ("carried in from two periods", 10),
    ("SubstitutedFrom", 30),
    ("SubstitutedTo", 30),
    ("Probation", 5),
    ("GraceIn", 30),
    ("GraceOut", 30),
    ("UnderReview", 1_000),
    ("counted under a claim", 200),
    ("corrected under a claim", 5),
    ("pending amounts", 300),
    ("Submit", 1_000),
    ("SchoolCheck", 500),
    ("CountyCheck", 300),
    ("Publish", 300),
    ("EndPublicity", 200),
    ("Object", 40),
    ("Decide", 30),
    ("Return", 100),
    ("Reject", 50),
    ("Credit", 150),
    ("refused Submit", 50),
    ("refused SchoolCheck", 100),
    ("refused CountyCheck", 50),
    ("refused Publish", 50),
    ("refused EndPublicity", 50),
    ("refused Object", 50),
    ("refused Decide", 20),
    ("refused Return", 10),
    ("refused Reject", 10),
    ("refused Credit", 50),
    ("Merged", 500),
    ("Parted", 50),
    ("refused Merged", 50),
    ("refused Parted", 100),
    ("asked of a dropped id", 100),
    ("asked of one kept", 200),
];

/// The first word of what a value is written as.
fn name(value: &impl std::fmt::Debug) -> String {
    let text = format!("{value:?}");
    text.split([' ', '(']).next().unwrap_or_default().to_owned()
}

fn note(balance: &Balance, met: &mut BTreeMap<String, usize>) {
    let mut add = |what: String| *met.entry(what).or_default() += 1;
    for section in balance.sections.iter().filter(|section| section.policy.is_some()) {
        for line in &section.lines {
            add(name(&line.why));
            for cut in &line.cuts {
                let by_day = line.rule == Some(cut.rule);
                add(if by_day { "cut by a day limit" } else { "cut by a cap" }.to_owned());
            }
        }
        // Parts of one entry stand on different days.
        let parts = |one: &&Line| {
            let other = |other: &Line| other.index == one.index && other.meter == one.meter && other.on > one.on;
            section.lines.iter().any(other)
        };
        section
            .lines
            .iter()
            .filter(parts)
            .for_each(|_| add("in parts".to_owned()));
        for standing in &section.standings {
            add(name(&standing.status));
            if standing.min != standing.prorated && standing.min.hundredths() > 0 {
                add("reduced by an exemption".to_owned());
            }
            if standing.prorated != standing.requirement.min && standing.prorated.hundredths() > 0 {
                add("part of the minimum".to_owned());
            }
            for adjustment in &standing.adjustments {
                add(name(&adjustment.kind));
            }
            let carried = |kind: AdjustmentKind| matches!(kind, AdjustmentKind::CarriedIn { .. });
            if standing.adjustments.iter().filter(|row| carried(row.kind)).count() > 1 {
                add("carried in from two periods".to_owned());
            }
        }
    }
}

fn note_claimed(ledger: &InLedger, balance: &Balance, met: &mut BTreeMap<String, usize>) {
    let mut add = |what: &str| *met.entry(what.to_owned()).or_default() += 1;
    for section in balance.sections.iter().filter(|section| section.policy.is_some()) {
        section.pending.iter().for_each(|_| add("pending amounts"));
        let counted = section.lines.iter().filter(|line| line.counted.hundredths() > 0);
        let indices: Vec<u64> = counted.map(|line| line.index).collect();
        let claimed = ledger.facts.iter().filter(|row| row.event.claim.is_some());
        claimed
            .filter(|row| indices.contains(&row.index))
            .for_each(|_| add("counted under a claim"));
    }
}

fn note_claims(ledger: &InLedger, met: &mut BTreeMap<String, usize>) {
    let mut add = |what: String| *met.entry(what).or_default() += 1;
    for row in &ledger.facts {
        if let Fact::Claim { act, .. } = &row.event.fact {
            add(name(act));
        }
        if row.event.claim.is_some() && row.event.supersedes.is_some() {
            add("corrected under a claim".to_owned());
        }
        note_merge(&row.event.fact, "", &mut add);
    }
    for (_, event) in &ledger.refused {
        if let Fact::Claim { act, .. } = &event.fact {
            add(format!("refused {}", name(act)));
        }
        note_merge(&event.fact, "refused ", &mut add);
    }
}

fn note_merge(fact: &Fact, before: &str, add: &mut dyn FnMut(String)) {
    if matches!(fact, Fact::Merged { .. } | Fact::Parted { .. }) {
        add(format!("{before}{}", name(fact)));
    }
}

#[test]
fn generated_counties_reach_every_rule() {
    let mut runner = TestRunner::deterministic();
    let mut met = BTreeMap::new();
    for _ in 0..COUNTIES {
        let county = raw_counties().new_tree(&mut runner).unwrap().current().county();
        let ledger = post(&county.events).unwrap();
        let size = ledger.state.size();
        note_claims(&ledger, &mut met);
        for ask in &county.asks {
            let Some((period, _)) = period(&ask.period, &ledger.state, size) else {
                continue;
            };
            let teacher = TeacherId::new(ask.teacher).unwrap();
            if let Some(balance) = ledger.state.at(size).balance(&teacher, period).unwrap() {
                note(&balance, &mut met);
                let merged = ledger.state.at(size).merged(&teacher);
                let mut add = |what: &str| *met.entry(what.to_owned()).or_default() += 1;
                match merged.map(|merged| merged.kept == teacher) {
                    Some(true) => add("asked of one kept"),
                    Some(false) => add("asked of a dropped id"),
                    None => {}
                }
                note_claimed(&ledger, &balance, &mut met);
            }
        }
    }
    println!("{met:#?}");
    for (what, least) in EXPECTED {
        let times = met.get(*what).copied().unwrap_or(0);
        assert!(times >= *least, "{what}: {times}, at least {least} expected");
    }
}
