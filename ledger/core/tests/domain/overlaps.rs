//! Courses that may have been posted twice (DOMAIN §13.3): one session is one, and what only looks alike is flagged until
//! somebody has looked at it. Nothing is dropped.

use keshi_core::balance::{Assessor, Overlap};
use keshi_core::entry::Verdict;
use keshi_core::event::{Event, Fact, OverlapAccepted, ProjectOpened};
use keshi_core::reason::ReasonCode;

use crate::merges::merged;
use crate::support::facts::{attended, project, session, teacher, text, void};
use crate::support::{Ledger, assert_refused, assert_verdict, between, id, on};

fn provided(project_id: &str, provider: &str) -> Fact {
    let Fact::ProjectOpened(opened) = project(project_id, project_id) else {
        unreachable!()
    };
    ProjectOpened {
        provider: Some(text(provider)),
        ..opened
    }
    .into()
}

fn accepted(first: u128, second: u128, by: &str) -> Fact {
    let fact = OverlapAccepted {
        teacher_id: teacher("T1"),
        first_event: id(first),
        second_event: id(second),
        reviewer: teacher(by),
        reason: text("上午和下午各一场"),
    };
    fact.into()
}

/// T1 at two sessions of two projects on the same days, whose providers are named alike.
fn county() -> Ledger {
    let mut ledger = Ledger::county();
    ledger.given([
        on(20, "2022-05-01", provided("P1", "县教师进修学校")),
        on(21, "2022-05-01", provided("P2", "进修学校")),
        on(22, "2022-05-01", provided("P3", "市教育学院")),
        on(23, "2022-05-10", session("A", "P1")),
        on(24, "2022-05-10", session("B", "P2")),
        on(25, "2022-05-10", session("C", "P3")),
        between(30, "2022-05-10", "2022-05-12", attended("T1", "A", "12")),
        between(31, "2022-05-12", "2022-05-13", attended("T1", "B", "8")),
        on(32, "2022-05-12", attended("T1", "C", "3")),
    ]);
    ledger
}

fn overlaps(ledger: &Ledger, of: &str) -> Vec<Overlap> {
    Assessor::new(ledger.state.at(ledger.size())).overlaps(&teacher(of))
}

fn index(ledger: &Ledger, number: u128) -> u64 {
    ledger.state.at(ledger.size()).index_of(id(number)).unwrap()
}

#[test]
fn one_session_from_two_posters_is_one_and_overlapping_days_of_like_providers_are_flagged_and_both_count() {
    let mut ledger = county();
    // The home school posts the same session again.
    ledger.given([between(33, "2022-05-10", "2022-05-12", attended("T1", "A", "12"))]);
    let found = overlaps(&ledger, "T1");
    let of_other_sessions = found.iter().map(|one| (one.first, one.second, one.accepted));
    let pairs = [(30, 31), (33, 31)].map(|(one, other)| (index(&ledger, one), index(&ledger, other), None));
    assert_eq!(of_other_sessions.collect::<Vec<_>>(), pairs);
    assert_eq!(ledger.hours("T1", "2022"), "23");
    let period = ledger.period("2022");
    let balance = ledger
        .state
        .at(ledger.size())
        .balance(&teacher("T1"), period)
        .unwrap()
        .unwrap();
    assert_eq!(
        balance.sections[0]
            .lines
            .iter()
            .filter(|line| line.overlaps.is_some())
            .count(),
        1
    );
    assert_eq!(overlaps(&ledger, "T2"), []);
}

#[test]
fn what_somebody_else_found_right_is_flagged_no_more_until_that_is_taken_back() {
    let mut ledger = county();
    assert_verdict(
        &ledger.post(on(40, "2022-06-01", accepted(31, 30, "T2"))),
        Verdict::Recorded,
    );
    assert_eq!(overlaps(&ledger, "T1")[0].accepted, Some(index(&ledger, 40)));
    let period = ledger.period("2022");
    let balance = ledger
        .state
        .at(ledger.size())
        .balance(&teacher("T1"), period)
        .unwrap()
        .unwrap();
    assert!(balance.sections[0].lines.iter().all(|line| line.overlaps.is_none()));
    let again = ledger.post(on(41, "2022-06-01", accepted(30, 31, "T2")));
    assert_refused(&again, ReasonCode::OverlapAccepted);
    ledger.given([on(42, "2022-06-02", void(id(40)))]);
    assert_eq!(overlaps(&ledger, "T1")[0].accepted, None);
    let size = ledger.size();
    assert_eq!(ledger.replayed(size).at(size).digest(), ledger.state.at(size).digest());
}

#[test]
fn one_of_the_two_voided_leaves_nothing_to_decide() {
    let mut ledger = county();
    ledger.given([on(40, "2022-06-01", void(id(31)))]);
    assert_eq!(overlaps(&ledger, "T1"), []);
    assert_eq!(ledger.hours("T1", "2022"), "15");
    let late = ledger.post(on(41, "2022-06-01", accepted(30, 31, "T2")));
    assert_refused(&late, ReasonCode::NoOverlap);
}

#[test]
fn nobody_decides_of_her_own_entries_nor_of_what_is_not_flagged() {
    let mut ledger = county();
    let own = ledger.post(on(40, "2022-06-01", accepted(30, 31, "T1")));
    assert_refused(&own, ReasonCode::OwnOverlap);
    let strange = ledger.post(on(41, "2022-06-01", accepted(30, 32, "T2")));
    assert_refused(&strange, ReasonCode::NoOverlap);
    // Nor under another id of hers.
    ledger.given([on(42, "2022-06-01", merged("T3", "T1"))]);
    let merged_self = ledger.post(on(43, "2022-06-01", accepted(30, 31, "T3")));
    assert_refused(&merged_self, ReasonCode::OwnOverlap);
    assert_verdict(
        &ledger.post(on(44, "2022-06-01", accepted(30, 31, "T2"))),
        Verdict::Recorded,
    );
}

#[test]
fn a_merge_brings_the_postings_of_both_ids_beside_each_other() {
    let mut ledger = county();
    ledger.given([
        Event::of(
            id(33),
            "2022-05-11".parse().unwrap(),
            "2022-05-11".parse().unwrap(),
            attended("T2", "B", "3"),
        ),
        on(40, "2022-06-01", merged("T2", "T1")),
    ]);
    assert_eq!(overlaps(&ledger, "T1").len(), 2);
    assert_eq!(overlaps(&ledger, "T1"), overlaps(&ledger, "T2"));
}
