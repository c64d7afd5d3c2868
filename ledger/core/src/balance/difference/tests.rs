use std::sync::Arc;

use jiff::civil::date;
use uuid::Uuid;

use super::super::{Cut, Status, Why};
use super::*;
use crate::ids::EventId;
use crate::period::Name;
use crate::policy::Requirement;

const BEFORE: u64 = 100;

fn hours(whole: u32) -> Hours {
    Hours::whole(whole)
}

fn rule(id: &str) -> RuleId {
    RuleId::new(id).unwrap()
}

fn year() -> Period {
    Name::Year(2022).resolve(&[]).unwrap()
}

fn line(index: u64, amount: u32) -> Line {
    let day = date(2022, 3, 5);
    Line {
        index,
        event_id: EventId::new(Uuid::from_u128(index.into())),
        from: day,
        to: day,
        on: day,
        kind: "attendance_recorded",
        what: None,
        project: None,
        meter: Meter::TrainingHours,
        asked: hours(amount),
        converted: hours(amount),
        cuts: Vec::new(),
        counted: hours(amount),
        rule: Some(rule("V1")),
        version: Some(1),
        lesson_type: None,
        level: None,
        result: None,
        overlaps: None,
        why: Why::Counted,
    }
}

fn without_effect(why: Why, line: Line) -> Line {
    Line {
        counted: Hours::ZERO,
        why,
        ..line
    }
}

fn balance(size: u64, lines: Vec<Line>) -> Balance {
    let counted: i64 = lines.iter().map(|line| line.counted.hundredths()).sum();
    let counted = Hours::from_hundredths(counted);
    let min = hours(90);
    let requirement = requirement();
    let standing = Standing {
        version: 1,
        period: year(),
        min,
        target: None,
        prorated: min,
        exempted: Vec::new(),
        counted,
        adjustments: Vec::new(),
        lines: (0..).zip(&lines).map(|(place, _)| place).collect(),
        missing: counted.missing_to(min),
        status: if counted < min { Status::Short } else { Status::Met },
        requirement,
    };
    let section = Section {
        pending: Vec::new(),
        policy: Some((PolicyId::new("p").unwrap(), 1, "规则".to_owned())),
        meters: Meter::ALL
            .iter()
            .map(|&meter| {
                (
                    meter,
                    if meter == Meter::TrainingHours {
                        counted
                    } else {
                        Hours::ZERO
                    },
                )
            })
            .collect(),
        standings: vec![standing],
        lines,
    };
    Balance {
        teacher_id: TeacherId::new("T1").unwrap(),
        period: year(),
        size,
        sections: vec![section],
    }
}

/// 90 hours a year.
fn requirement() -> Arc<Requirement> {
    let text = "language = 1\nid = \"p\"\nversion = 1\nname = \"n\"\neffective_from = 2022-01-01\n\
                [scope]\npost = [\"教师\"]\n[[requirement]]\nid = \"R1\"\nmeter = \"hours\"\n\
                period = \"calendar_year\"\nmin = 90\n";
    let policy = crate::policy::Policy::parse(text).unwrap();
    Arc::clone(policy.requirements.first().unwrap())
}

fn causes(before: Vec<Line>, after: Vec<Line>) -> Vec<(u64, Cause)> {
    let difference = difference(&balance(BEFORE, before), &balance(200, after));
    let lines = difference.sections.into_iter().flat_map(|section| section.lines);
    lines
        .map(|change| {
            let line = change.after.or(change.before).unwrap();
            (line.index, change.cause)
        })
        .collect()
}

#[test]
fn two_equal_balances_have_no_difference() {
    let one = balance(BEFORE, vec![line(1, 18)]);
    let same = difference(
        &one,
        &Balance {
            size: 200,
            ..one.clone()
        },
    );
    assert_eq!((same.before, same.after, same.sections.len()), (BEFORE, 200, 0));
}

#[test]
fn a_new_entry_a_void_and_a_session_that_arrived_are_each_named() {
    let waiting = Why::WaitingFor {
        field: "session_id",
        id: "X9".to_owned(),
    };
    let before = vec![line(1, 18), line(2, 6), without_effect(waiting, line(3, 9)), line(4, 1)];
    let after = vec![
        line(1, 18),
        without_effect(Why::Void { by: 150 }, line(2, 6)),
        line(3, 9),
        without_effect(Why::Cancelled { by: 151 }, line(4, 1)),
        line(120, 12),
    ];
    assert_eq!(
        causes(before, after),
        [
            (2, Cause::Voided { by: 150 }),
            (
                3,
                Cause::Arrived {
                    field: "session_id",
                    id: "X9".to_owned()
                }
            ),
            (4, Cause::Cancelled { by: 151 }),
            (120, Cause::NewEntry),
        ]
    );
}

#[test]
fn an_entry_whose_cap_was_used_by_another_is_counted_otherwise() {
    let cut = Line {
        counted: hours(4),
        cuts: vec![Cut {
            rule: rule("K1"),
            amount: hours(14),
        }],
        ..line(1, 18)
    };
    assert_eq!(causes(vec![line(1, 18)], vec![cut]), [(1, Cause::OtherCuts)]);
}

#[test]
fn a_better_credit_takes_the_place_of_another_and_gives_it_back_when_it_is_voided() {
    let outdone = without_effect(Why::BestOnly { index: 120 }, line(1, 18));
    assert_eq!(
        causes(vec![line(1, 18)], vec![outdone.clone(), line(120, 20)]),
        [(1, Cause::Outdone { index: 120 }), (120, Cause::NewEntry)]
    );
    assert_eq!(
        causes(vec![outdone], vec![line(1, 18)]),
        [(1, Cause::NoLongerOutdone { index: 120 })]
    );
}

#[test]
fn a_new_version_is_a_change_only_where_it_counts_otherwise() {
    let newer = Line {
        version: Some(2),
        ..line(1, 18)
    };
    assert_eq!(causes(vec![line(1, 18)], vec![newer.clone()]), []);
    let halved = Line {
        converted: hours(9),
        counted: hours(9),
        ..newer
    };
    let (before, after) = (Some((rule("V1"), 1)), Some((rule("V1"), 2)));
    assert_eq!(
        causes(vec![line(1, 18)], vec![halved]),
        [(1, Cause::OtherRule { before, after })]
    );
}

#[test]
fn an_old_entry_that_comes_into_sight_is_not_called_new() {
    assert_eq!(causes(vec![], vec![line(1, 18)]), [(1, Cause::NowLookedAt)]);
    assert_eq!(causes(vec![line(1, 18)], vec![]), [(1, Cause::NoLongerLookedAt)]);
}

#[test]
fn the_parts_of_a_split_entry_are_told_apart_by_their_days() {
    let part = |month, amount| Line {
        on: date(2022, month, 28),
        counted: hours(amount),
        converted: hours(amount),
        ..line(1, 18)
    };
    let before = vec![part(1, 6), part(2, 12)];
    assert_eq!(causes(before.clone(), before.clone()), []);
    assert_eq!(
        causes(before.clone(), vec![part(1, 6), part(2, 10)]),
        [(1, Cause::OtherAmount)]
    );
    assert_eq!(causes(before, vec![part(1, 6), part(3, 12)]), [(1, Cause::OtherDay)]);
}

#[test]
fn standings_and_totals_that_changed_are_given_before_and_after() {
    let difference = difference(
        &balance(BEFORE, vec![line(1, 80)]),
        &balance(200, vec![line(1, 80), line(120, 12)]),
    );
    let section = &difference.sections[0];
    assert_eq!(section.meters, [(Meter::TrainingHours, hours(80), hours(92))]);
    let [change] = section.standings.as_slice() else {
        panic!("{:?}", section.standings)
    };
    let status = |standing: &Option<Standing>| standing.as_ref().map(|standing| standing.status);
    assert_eq!(
        (status(&change.before), status(&change.after)),
        (Some(Status::Short), Some(Status::Met))
    );
}

#[test]
fn a_section_that_appears_is_a_difference_even_if_it_counts_nothing() {
    let one = balance(BEFORE, vec![]);
    let none = Balance {
        sections: vec![],
        ..one.clone()
    };
    let difference = difference(&none, &one);
    let section = &difference.sections[0];
    assert_eq!((section.before.is_some(), section.after.is_some()), (false, true));
    assert_eq!(section.standings.len(), 1);
}
