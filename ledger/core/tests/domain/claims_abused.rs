//! Claims as they are abused: what would count without a review, reviews of one's own, and what would grow without end.

use keshi_core::codes::LessonType;
use keshi_core::decide::Trial;
use keshi_core::entry::{Posted, Verdict};
use keshi_core::event::{ClaimSubmitted, Event, Fact, ObjectionRaised};
use keshi_core::ids::ClaimId;
use keshi_core::reason::ReasonCode;
use keshi_core::review::{Stage, Step};
use keshi_core::state::State;
use keshi_core::submission::Taking;
use keshi_core::violation::Problem;

use crate::claims::{claim, claimed, county, decided, ended, objection, step, submitted};
use crate::support::facts::{attended, lesson, session, teacher, text, void};
use crate::support::{assert_refused, assert_verdict, day, id, on, submission};

/// A lesson of T1's of so many periods that corrects another, under no claim.
fn instead(number: u128, original: u128, periods: u16) -> Event {
    Event {
        supersedes: Some(id(original)),
        ..on(number, "2026-09-18", lesson("T1", LessonType::Open, periods, None))
    }
}

#[test]
fn what_is_claimed_is_not_corrected_beside_its_claim_before_that_is_credited() {
    for stage in Stage::ALL {
        let mut ledger = county();
        ledger.brought_to("C1", 60, stage);
        let verdict = ledger.post(instead(90, 60, 9));
        if stage == Stage::Credited {
            assert_verdict(&verdict, Verdict::Recorded);
            assert_eq!(ledger.lessons(), "9");
        } else {
            assert_refused(&verdict, ReasonCode::CorrectsClaimed);
            assert_eq!(ledger.lessons(), "0", "{stage:?}");
        }
    }
    // Nor before it is submitted.
    let mut ledger = county();
    ledger.given([claimed(60, "C1")]);
    assert_refused(&ledger.post(instead(90, 60, 9)), ReasonCode::CorrectsClaimed);
}

#[test]
fn a_correction_that_came_before_what_is_claimed_waits_with_it_and_so_does_what_corrects_that() {
    let mut ledger = county();
    // The second first, so that neither is looked at when what is claimed arrives.
    ledger.given([instead(91, 90, 9), instead(90, 60, 8)]);
    ledger.given([claimed(60, "C1")]);
    assert_eq!(ledger.lessons(), "0");
    ledger.now(61, submitted("C1", &[60]));
    assert_eq!(ledger.lessons(), "0");
    assert_refused(
        &ledger.now(62, step(Step::SchoolCheck, "C1", 61, "T2")),
        ReasonCode::ClaimIncomplete,
    );
    // What turns out wrong is voided, and what is claimed stands again.
    ledger.given([on(92, "2026-09-21", void(id(91))), on(93, "2026-09-21", void(id(90)))]);
    for (number, one, by) in [
        (63, Step::SchoolCheck, "T2"),
        (64, Step::CountyCheck, "T3"),
        (65, Step::Publish, "T3"),
    ] {
        assert_verdict(&ledger.now(number, step(one, "C1", 61, by)), Verdict::Recorded);
        assert_eq!(ledger.lessons(), "0");
    }
    ledger.today = day("2026-09-28");
    ledger.now(66, ended("C1"));
    let credited = ledger.now(67, step(Step::Credit, "C1", 61, "T3"));
    assert_verdict(&credited, Verdict::Recorded);
    assert_eq!(ledger.lessons(), "2");
    // As it was known before, also now.
    let size = credited.index.unwrap();
    let before = ledger.replayed(size);
    assert_eq!(ledger.state.at(size).digest(), before.at(size).digest());
}

#[test]
fn a_claim_credits_her_alone_who_claims() {
    let mut ledger = county();
    // Another's lesson that names the claim.
    let others = Event {
        claim_id: Some(claim("C1")),
        ..on(60, "2026-09-18", lesson("T2", LessonType::Open, 2, None))
    };
    ledger.given([others.clone(), claimed(62, "C1")]);
    assert_refused(&ledger.now(61, submitted("C1", &[62, 60])), ReasonCode::WrongTarget);
    // Nor where it comes after what lists it.
    let mut ledger = county();
    ledger.given([claimed(62, "C1")]);
    assert_verdict(&ledger.now(61, submitted("C1", &[62, 60])), Verdict::Recorded);
    ledger.given([others]);
    let check = ledger.now(63, step(Step::SchoolCheck, "C1", 61, "T3"));
    assert_refused(&check, ReasonCode::ClaimIncomplete);
    assert_eq!(check.reason.unwrap().value, id(60).to_string());
}

#[test]
fn nobody_reviews_what_she_objected_to() {
    for one in [Step::Return, Step::Reject, Step::Credit] {
        let mut ledger = county();
        ledger.brought_to("C1", 60, Stage::Publicity);
        assert_verdict(&ledger.now(70, objection("C1")), Verdict::Recorded);
        assert_verdict(&ledger.now(71, decided(id(70), false, "T3")), Verdict::Recorded);
        ledger.today = day("2026-09-28");
        ledger.now(72, ended("C1"));
        assert_refused(&ledger.now(73, step(one, "C1", 61, "T4")), ReasonCode::OwnReview);
        assert_verdict(&ledger.now(74, step(one, "C1", 61, "T3")), Verdict::Recorded);
    }
}

#[test]
fn a_claim_is_not_submitted_nor_objected_to_without_end() {
    let mut ledger = county();
    ledger.brought_to("C1", 60, Stage::Submitted);
    for number in 100..149 {
        assert_verdict(&ledger.now(number, submitted("C1", &[60])), Verdict::Recorded);
    }
    assert_refused(&ledger.now(149, submitted("C1", &[60])), ReasonCode::ClaimTooOften);
    assert_verdict(
        &ledger.now(150, step(Step::SchoolCheck, "C1", 148, "T2")),
        Verdict::Recorded,
    );
    ledger.brought_to("C2", 200, Stage::Publicity);
    for number in 300..350 {
        assert_verdict(&ledger.now(number, objection("C2")), Verdict::Recorded);
    }
    assert_refused(&ledger.now(350, objection("C2")), ReasonCode::ClaimTooOften);
}

#[test]
fn an_id_of_one_claim_is_never_that_of_another_whose_id_begins_alike() {
    let under = |claim_id: &str, session_id: &str| Event {
        claim_id: Some(ClaimId::new(claim_id).unwrap()),
        ..on(60, "2026-09-18", session(session_id, "P1"))
    };
    let problems = |event: &Event| keshi_core::check::violations(event).into_iter().map(|one| one.problem);
    assert_eq!(problems(&under("C.7", "C.7.s")).count(), 0);
    assert_eq!(problems(&under("C", "C.s")).count(), 0);
    assert!(matches!(
        problems(&under("C", "C.7.s")).collect::<Vec<_>>()[..],
        [Problem::BadId(_)]
    ));
}

/// Everything that a claim's life leaves in the state.
fn life() -> Vec<(&'static str, Vec<Event>)> {
    let fact = |number, day: &str, fact: Fact| on(number, day, fact);
    let today = "2026-09-21";
    let mut publicity = fact(65, today, step(Step::Publish, "C1", 61, "T3"));
    publicity.to = day("2026-09-25");
    let Fact::ObjectionRaised(one) = objection("C1") else {
        unreachable!()
    };
    let from_outside = ObjectionRaised {
        raised_by: None,
        reason: text("另有一事"),
        ..one
    };
    vec![
        (
            today,
            vec![
                claimed(60, "C1"),
                fact(61, today, submitted("C1", &[60])),
                fact(63, today, step(Step::SchoolCheck, "C1", 61, "T2")),
                fact(64, today, step(Step::CountyCheck, "C1", 61, "T3")),
                publicity,
                fact(66, today, objection("C1")),
                fact(67, today, from_outside.into()),
                fact(68, today, decided(id(66), false, "T3")),
                fact(69, today, decided(id(67), false, "T3")),
            ],
        ),
        (
            "2026-09-28",
            vec![
                fact(70, "2026-09-28", ended("C1")),
                fact(71, "2026-09-28", step(Step::Credit, "C1", 61, "T3")),
                instead(72, 60, 1),
            ],
        ),
    ]
}

/// The whole state in words: what a digest does not tell apart, this does.
fn all_of(state: &State) -> String {
    format!("{state:?}")
}

#[test]
fn an_atomic_submission_that_fails_at_any_place_of_a_claims_life_leaves_nothing_of_it() {
    let later: Vec<(&str, Event)> = life()
        .into_iter()
        .flat_map(|(day, events)| events.into_iter().map(move |event| (day, event)))
        .collect();
    for (begun, (today, _)) in later.iter().enumerate() {
        let mut ledger = county();
        for (today, event) in later.iter().take(begun) {
            ledger.today = day(today);
            ledger.given([event.clone()]);
        }
        ledger.today = day(today);
        // As many at once as happen on one day, and one of somebody whom the register does not know.
        let of_day = later.iter().skip(begun).filter(|(day, _)| day == today);
        let mut events: Vec<Event> = of_day.map(|(_, event)| event.clone()).collect();
        let stranger = on(999, today, lesson("T99", LessonType::Open, 1, None));
        events.push(stranger.clone());
        let before = ledger.clone();
        let posted = events.iter().cloned().map(Posted::Event).collect();
        let made = submission(Taking::Each, posted, ledger.today);
        let originals = before.originals(&made);
        let decided = Trial::new().judge(&mut ledger.state, std::slice::from_ref(&made), &originals);
        assert_eq!(decided[0].entries.len(), events.len(), "all are judged");
        assert_eq!(all_of(&ledger.state), all_of(&before.state), "a trial from {begun}");
        let verdicts = ledger.post_all(Taking::Atomic, events);
        let is_refused = verdicts.iter().all(|one| one.verdict == Verdict::Refused);
        assert!(is_refused, "{verdicts:?}");
        // Only the refusal is left, as a ledger has it that saw nothing else.
        let mut other = before;
        other.post(stranger);
        assert_eq!(all_of(&ledger.state), all_of(&other.state), "from {begun}");
    }
}

#[test]
fn what_is_claimed_and_not_credited_stands_in_the_way_of_nothing_that_counts() {
    let mut ledger = county();
    ledger.given([
        on(50, "2026-09-18", crate::support::facts::project("P1", "国培")),
        on(51, "2026-09-18", session("S9", "P1")),
        on(52, "2026-09-18", attended("T1", "S9", "3")),
    ]);
    assert_eq!(ledger.hours("T1", "2026"), "3");
    // A better attendance of the same session, under a claim, displaces nothing while it waits.
    ledger.given([Event {
        claim_id: Some(claim("C1")),
        ..on(60, "2026-09-18", attended("T1", "S9", "6"))
    }]);
    assert_eq!(ledger.hours("T1", "2026"), "3");
}

#[test]
fn a_claim_that_another_submitted_first_is_not_hers_to_submit() {
    let mut ledger = county();
    ledger.brought_to("C1", 60, Stage::Returned);
    let Fact::ClaimSubmitted(fact) = submitted("C1", &[60]) else {
        unreachable!()
    };
    let others = ClaimSubmitted {
        teacher_id: teacher("T2"),
        submitted_by: teacher("T2"),
        ..fact
    };
    assert_refused(&ledger.now(70, others.into()), ReasonCode::WrongTarget);
}

#[test]
fn a_rejected_claim_stays_without_effect_whatever_corrects_it() {
    let mut ledger = county();
    ledger.brought_to("C1", 60, Stage::Rejected);
    assert_refused(&ledger.post(instead(90, 60, 9)), ReasonCode::CorrectsClaimed);
    ledger.given([on(91, "2026-09-21", void(id(60)))]);
    // Posted anew it counts: it is organised then, by who may say so.
    ledger.given([on(92, "2026-09-18", lesson("T1", LessonType::Open, 1, None))]);
    assert_eq!(ledger.lessons(), "1");
}
