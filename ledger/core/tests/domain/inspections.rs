//! Teaching inspections: what was found, what is to change, and whether it did.

use keshi_core::check;
use keshi_core::codes::{FindingOutcome, InspectionAspect, Post};
use keshi_core::entry::Verdict;
use keshi_core::event::{Event, Fact, FindingChecked, FindingMade, InspectionHeld};
use keshi_core::ids::{FindingId, InspectionId};
use keshi_core::policy::Meter;
use keshi_core::reason::ReasonCode;
use keshi_core::state::{FindingStanding, FindingView};
use keshi_core::submission::{EventVerdict, Taking};
use keshi_core::violation::Problem;

use crate::support::facts::{school, teacher, text};
use crate::support::{Ledger, assert_refused, assert_verdict, between, day, facts, id, on};

fn held(id: &str, inspectors: &[&str]) -> InspectionHeld {
    InspectionHeld {
        inspection_id: InspectionId::new(id).unwrap(),
        school_id: school("S1"),
        purpose: text("教学常规"),
        inspector_ids: inspectors.iter().map(|id| teacher(id)).collect(),
    }
}

fn made(id: &str, inspection: &str) -> FindingMade {
    FindingMade {
        finding_id: FindingId::new(id).unwrap(),
        inspection_id: InspectionId::new(inspection).unwrap(),
        aspect: InspectionAspect::Homework,
        text: text("书面作业总量偏多"),
        change_requested: true,
        due: Some(day("2022-11-30")),
    }
}

fn checked(id: &str, outcome: FindingOutcome, by: &str) -> Fact {
    FindingChecked {
        finding_id: FindingId::new(id).unwrap(),
        outcome,
        checked_by: teacher(by),
        remark: None,
    }
    .into()
}

/// S1 inspected by T1 and T2, with one finding that is to change by the end of November.
fn inspected() -> Ledger {
    let mut ledger = Ledger::county();
    ledger.given([
        between(101, "2022-10-11", "2022-10-12", held("I1", &["T1", "T2"])),
        on(102, "2022-10-12", made("F1", "I1")),
    ]);
    ledger
}

fn finding(ledger: &Ledger, when: &str) -> FindingView {
    let all = ledger.state.at(ledger.size()).inspections(day(when));
    let [one] = &all[..] else { panic!("one inspection") };
    let [finding] = &one.findings[..] else {
        panic!("one finding")
    };
    finding.clone()
}

fn judged(ledger: &mut Ledger, number: u128, fact: impl Into<Fact>) -> EventVerdict {
    ledger.post(on(number, "2022-12-01", fact))
}

#[test]
fn a_finding_is_overdue_the_day_after_and_no_more_once_somebody_has_looked() {
    let mut ledger = inspected();
    assert_eq!(finding(&ledger, "2022-11-30").standing, FindingStanding::Requested);
    assert_eq!(finding(&ledger, "2022-12-01").standing, FindingStanding::Overdue);
    ledger.given([on(201, "2022-12-02", checked("F1", FindingOutcome::NotDone, "T1"))]);
    assert_eq!(finding(&ledger, "2022-12-01").standing, FindingStanding::Overdue);
    assert_eq!(finding(&ledger, "2022-12-02").standing, FindingStanding::NotDone);
}

#[test]
fn of_several_looks_the_latest_by_day_counts_in_whatever_order_they_came() {
    let looks = [
        on(201, "2022-11-01", checked("F1", FindingOutcome::NotDone, "T1")),
        on(202, "2022-11-20", checked("F1", FindingOutcome::Partly, "T2")),
        on(203, "2022-12-10", checked("F1", FindingOutcome::Done, "T1")),
    ];
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
        let mut ledger = inspected();
        ledger.given(order.map(|place: usize| looks[place].clone()));
        for (when, expected) in [
            ("2022-11-01", FindingStanding::NotDone),
            ("2022-12-09", FindingStanding::PartlyDone),
            ("2022-12-10", FindingStanding::Done),
        ] {
            assert_eq!(finding(&ledger, when).standing, expected, "{order:?} {when}");
        }
        assert_eq!(finding(&ledger, "2022-12-31").checks.len(), 3);
        ledger.given([on(301, "2022-12-11", facts::void(id(203)))]);
        assert_eq!(finding(&ledger, "2022-12-31").standing, FindingStanding::PartlyDone);
    }
}

#[test]
fn a_void_inspection_has_no_findings_and_none_are_posted_to_it() {
    let mut ledger = inspected();
    ledger.given([on(301, "2022-10-20", facts::void(id(101)))]);
    assert!(ledger.state.at(ledger.size()).inspections(day("2022-12-31")).is_empty());
    let verdict = judged(&mut ledger, 302, checked("F1", FindingOutcome::Done, "T1"));
    assert_refused(&verdict, ReasonCode::NotThere);
}

#[test]
fn an_inspection_is_no_visit_of_its_inspectors() {
    let ledger = inspected();
    assert_eq!(ledger.counted("T1", Meter::SchoolVisits, "2022"), "0");
}

#[test]
fn what_names_a_pupil_or_sets_a_day_for_nothing_is_wrong_in_itself() {
    let problems = |fact: Fact| -> Vec<(String, Problem)> {
        let violations = check::violations(&on(1, "2022-10-12", fact));
        violations.into_iter().map(|one| (one.field, one.problem)).collect()
    };
    let named = FindingMade {
        text: text("三（2）班刘子涵作业未批"),
        ..made("F1", "I1")
    };
    assert_eq!(problems(named.into()), [("text".to_owned(), Problem::NamesPupil)]);
    let idle = FindingMade {
        change_requested: false,
        ..made("F1", "I1")
    };
    assert_eq!(problems(idle.into()), [("due".to_owned(), Problem::DueOfNothing)]);
    let early = FindingMade {
        due: Some(day("2022-10-11")),
        ..made("F1", "I1")
    };
    assert_eq!(problems(early.into()), [("due".to_owned(), Problem::EndBeforeStart)]);
    assert_eq!(
        problems(held("I1", &[]).into()),
        [("inspector_ids".to_owned(), Problem::Missing)]
    );
    assert!(problems(made("F1", "I1").into()).is_empty());
}

#[test]
fn findings_and_looks_that_rest_on_nothing_are_refused() {
    let mut ledger = inspected();
    assert_refused(&judged(&mut ledger, 401, made("F2", "I9")), ReasonCode::NotThere);
    assert_refused(&judged(&mut ledger, 402, made("F1", "I1")), ReasonCode::IdTaken);
    assert_refused(&judged(&mut ledger, 403, held("I1", &["T1"])), ReasonCode::IdTaken);
    let unknown = judged(&mut ledger, 404, checked("F9", FindingOutcome::Done, "T1"));
    assert_refused(&unknown, ReasonCode::NotThere);
    let noted = FindingMade {
        change_requested: false,
        due: None,
        ..made("F3", "I1")
    };
    assert_verdict(&judged(&mut ledger, 405, noted), Verdict::Recorded);
    let idle = judged(&mut ledger, 406, checked("F3", FindingOutcome::Done, "T1"));
    assert_refused(&idle, ReasonCode::NoChangeRequested);
    let early = ledger.post(on(407, "2022-10-11", checked("F1", FindingOutcome::Done, "T1")));
    assert_refused(&early, ReasonCode::BeforeFound);
    let before = FindingMade {
        due: None,
        ..made("F4", "I1")
    };
    assert_refused(&ledger.post(on(408, "2022-10-10", before)), ReasonCode::BeforeFound);
    // A correction does not stand in its own way.
    let corrects = Event {
        supersedes: Some(id(102)),
        ..on(409, "2022-10-12", made("F1", "I1"))
    };
    assert_verdict(&ledger.post(corrects), Verdict::Recorded);
}

#[test]
fn nobody_inspects_or_looks_again_at_the_school_where_she_is_in_post() {
    let mut ledger = inspected();
    let post = Event {
        ..on(501, "2022-11-15", facts::assigned("T2", Post::Teacher, Some("S1")))
    };
    ledger.given([
        post,
        on(502, "2020-01-01", facts::assigned("T3", Post::Teacher, Some("S1"))),
    ]);
    let own = judged(&mut ledger, 503, held("I2", &["T1", "T3"]));
    assert_refused(&own, ReasonCode::OwnSchool);
    assert_eq!(own.reason.unwrap().value, "T3");
    // T2 inspected before she came to the school; now she looks no more.
    let early = ledger.post(on(504, "2022-11-14", checked("F1", FindingOutcome::Partly, "T2")));
    assert_verdict(&early, Verdict::Recorded);
    let late = judged(&mut ledger, 505, checked("F1", FindingOutcome::Done, "T2"));
    assert_refused(&late, ReasonCode::OwnSchool);
}

#[test]
fn what_was_folded_of_a_submission_that_fails_leaves_no_trace() {
    let mut ledger = inspected();
    let digest = |ledger: &Ledger| ledger.state.at(ledger.size()).digest();
    let before = digest(&ledger);
    let verdicts = ledger.post_all(
        Taking::Atomic,
        vec![
            on(701, "2022-12-01", held("I2", &["T3"])),
            on(
                702,
                "2022-12-01",
                FindingMade {
                    due: None,
                    ..made("F2", "I2")
                },
            ),
            on(703, "2022-12-01", checked("F1", FindingOutcome::Done, "T1")),
            on(704, "2022-12-01", made("F1", "I1")),
        ],
    );
    assert!(
        verdicts.iter().all(|one| one.verdict == Verdict::Refused),
        "{verdicts:?}"
    );
    assert_eq!(digest(&ledger), before);
    assert_eq!(ledger.replayed(ledger.size()).at(ledger.size()).digest(), before);
}
