//! Research topics through their life, and posts that are to last a least time.

use keshi_core::balance::TermStanding;
use keshi_core::codes::{AssignmentNature, Level, Post, TopicCheck};
use keshi_core::entry::Verdict;
use keshi_core::event::{AssignmentStarted, Event, Fact, TopicApproved, TopicChecked, TopicConcluded, TopicOpened};
use keshi_core::ids::TopicId;
use keshi_core::reason::ReasonCode;
use keshi_core::state::{TopicStage, TopicView};
use keshi_core::submission::Taking;

use crate::documents::{RESEARCHERS, adopt_policy, policy};
use crate::support::facts::{school, teacher, text};
use crate::support::{Ledger, assert_refused, assert_verdict, day, facts, id, on};

fn topic() -> TopicId {
    TopicId::new("K1").unwrap()
}

fn approved() -> Fact {
    TopicApproved {
        topic_id: topic(),
        name: Some(text("整本书阅读")),
        level: Level::County,
        lead_ids: vec![teacher("T1")],
        member_ids: vec![teacher("T2")],
    }
    .into()
}

fn opened() -> Fact {
    TopicOpened {
        topic_id: topic(),
        lead_ids: vec![teacher("T1")],
        remark: None,
    }
    .into()
}

fn checked(result: TopicCheck) -> Fact {
    TopicChecked {
        topic_id: topic(),
        lead_ids: vec![teacher("T1")],
        result,
        remark: Some(text("见意见")),
    }
    .into()
}

fn concluded() -> Fact {
    TopicConcluded {
        topic_id: topic(),
        name: None,
        level: Level::County,
        lead_ids: vec![teacher("T1")],
        member_ids: vec![],
        result: Some(text("合格")),
    }
    .into()
}

/// The one topic on a day, of a ledger with these events.
fn told(events: &[Event], when: &str) -> TopicView {
    let mut ledger = Ledger::county();
    for event in events {
        ledger.post(event.clone());
    }
    let mut all = ledger.state.at(ledger.size()).topics(day(when));
    assert_eq!(all.len(), 1);
    all.remove(0)
}

fn life() -> [Event; 5] {
    [
        on(601, "2020-03-01", approved()),
        on(602, "2020-04-01", opened()),
        on(603, "2021-02-01", checked(TopicCheck::ToMend)),
        on(604, "2021-05-01", checked(TopicCheck::Passed)),
        on(605, "2021-12-01", concluded()),
    ]
}

#[test]
fn a_topic_goes_from_approval_to_conclusion_and_each_day_knows_how_far_it_was() {
    for (when, stage) in [
        ("2020-03-01", TopicStage::Approved),
        ("2020-04-01", TopicStage::Opened),
        ("2021-02-01", TopicStage::ToMend),
        ("2021-05-01", TopicStage::Checked),
        ("2021-12-01", TopicStage::Concluded),
    ] {
        assert_eq!(told(&life(), when).stage, stage, "{when}");
    }
    let view = told(&life(), "2022-01-01");
    assert_eq!(view.name.as_ref().map(ToString::to_string).unwrap(), "整本书阅读");
    assert_eq!(view.result.unwrap().to_string(), "合格");
    assert_eq!(view.checks.len(), 2);
}

#[test]
fn a_topic_is_the_same_in_whatever_order_its_steps_came() {
    let forwards = told(&life(), "2022-01-01");
    let mut backwards = life();
    backwards.reverse();
    let indices_aside = |mut view: TopicView| {
        let entries = [&mut view.approved, &mut view.opened, &mut view.concluded];
        entries.into_iter().flatten().for_each(|(_, index)| *index = 0);
        view.checks.iter_mut().for_each(|((_, index), _)| *index = 0);
        view
    };
    assert_eq!(indices_aside(told(&backwards, "2022-01-01")), indices_aside(forwards));
}

#[test]
fn a_topic_is_overdue_for_its_check_the_day_after_and_no_more_once_it_was_checked() {
    let begun = &life()[..2];
    assert!(!told(begun, "2021-03-01").overdue);
    assert!(told(begun, "2021-03-02").overdue);
    assert!(!told(&life()[..3], "2021-03-02").overdue);
    let stopped = on(603, "2020-06-01", checked(TopicCheck::Stopped));
    let view = told(&[life()[0].clone(), stopped], "2021-03-02");
    assert!(!view.overdue && view.stage == TopicStage::Stopped);
}

#[test]
fn a_void_of_a_check_brings_the_topic_back_to_where_it_was() {
    let mut events = life()[..3].to_vec();
    events.push(on(609, "2021-02-02", facts::void(id(603))));
    let view = told(&events, "2021-02-02");
    assert_eq!((view.stage, view.checks.len()), (TopicStage::Opened, 0));
}

fn away(until: Option<&str>, nature: Option<AssignmentNature>) -> Event {
    let fact = AssignmentStarted {
        teacher_id: teacher("T1"),
        school_id: Some(school("S2")),
        unit: None,
        post: Post::Teacher,
        share_hundredths: 100,
        until: until.map(day),
        nature,
    };
    on(651, "2019-09-01", fact)
}

/// How the rotation of T1 stands on a day: done of due months.
fn stands(ledger: &Ledger, when: &str) -> (u32, Option<u32>, TermStanding) {
    let mut all = ledger.state.at(ledger.size()).rotations(&teacher("T1"), day(when));
    assert_eq!(all.len(), 1, "{when}");
    let one = all.remove(0);
    (one.months_done, one.months_due, one.standing)
}

#[test]
fn a_rotation_is_fulfilled_with_the_last_day_of_its_least_time_and_an_end_before_is_early() {
    let rotation = Some(AssignmentNature::Rotation);
    let mut ledger = Ledger::county();
    ledger.post(away(None, rotation));
    let at = ledger.state.at(ledger.size());
    assert!(at.rotations(&teacher("T1"), day("2019-08-31")).is_empty());
    for (when, expected) in [
        ("2019-09-29", (0, Some(36), TermStanding::Underway)),
        ("2019-09-30", (1, Some(36), TermStanding::Underway)),
        ("2022-08-30", (35, Some(36), TermStanding::Underway)),
        ("2022-08-31", (36, Some(36), TermStanding::Fulfilled)),
    ] {
        assert_eq!(stands(&ledger, when), expected, "{when}");
    }
    let mut early = Ledger::county();
    early.post(away(Some("2021-08-31"), rotation));
    assert_eq!(stands(&early, "2020-08-31"), (12, Some(36), TermStanding::EndsEarly));
    assert_eq!(stands(&early, "2022-12-31"), (24, Some(36), TermStanding::EndsEarly));
    let mut lent = Ledger::county();
    lent.post(away(None, Some(AssignmentNature::Secondment)));
    assert_eq!(stands(&lent, "2020-08-31"), (12, None, TermStanding::NoTerm));
    let mut own = Ledger::county();
    own.post(away(None, None));
    let at = own.state.at(own.size());
    assert!(at.rotations(&teacher("T1"), day("2022-08-31")).is_empty());
}

#[test]
fn the_least_time_and_the_check_are_as_the_policy_of_the_first_day_says() {
    let document = policy(RESEARCHERS, 1, "2019-01-01", None, "60").replacen(
        "[[requirement]]",
        "[topics]\nmidterm_months = 6\n[[assignment_term]]\nnature = \"轮岗\"\nmonths = 12\n[[requirement]]",
        1,
    );
    let mut ledger = Ledger::county();
    ledger.post_all(Taking::Atomic, adopt_policy(900, "2020-01-01", &document));
    ledger.post(away(None, Some(AssignmentNature::Rotation)));
    ledger.post(on(602, "2020-03-01", approved()));
    assert_eq!(stands(&ledger, "2020-08-31"), (12, Some(12), TermStanding::Fulfilled));
    let topics = ledger.state.at(ledger.size()).topics(day("2020-09-02"));
    assert!(topics[0].overdue && topics[0].midterm_by == Some(day("2020-09-01")));
}

#[test]
fn a_step_names_who_leads_the_topic_by_its_approval_so_that_nobody_checks_her_own() {
    let by = |number, leads: &[&str]| {
        let fact = TopicChecked {
            topic_id: topic(),
            lead_ids: leads.iter().map(|id| teacher(id)).collect(),
            result: TopicCheck::Passed,
            remark: None,
        };
        on(number, "2021-02-01", fact)
    };
    let mut ledger = Ledger::county();
    // Before the approval nobody can tell.
    ledger.post(by(610, &["T2"]));
    ledger.post(on(601, "2020-03-01", approved()));
    let refused = ledger.post(by(611, &["T2"]));
    assert_refused(&refused, ReasonCode::LeadLeftOut);
    let reason = refused.reason.expect("a reason");
    assert_eq!((reason.field.as_str(), reason.value.as_str()), ("lead_ids", "T1"));
    for (number, leads) in [(612, &["T1"][..]), (613, &["T2", "T1"])] {
        assert_verdict(&ledger.post(by(number, leads)), Verdict::Recorded);
    }
}
