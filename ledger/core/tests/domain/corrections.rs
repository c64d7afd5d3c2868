//! Corrections: what takes whose place, what comes back, and what is refused (ADR 43).

use std::collections::BTreeMap;
use std::sync::LazyLock;

use keshi_core::balance::Why;
use keshi_core::codes::{Level, Post, TitleClass};
use keshi_core::entry::Verdict;
use keshi_core::event::{Event, Fact, PersonRegistered};
use keshi_core::ids::EventId;
use keshi_core::reason::ReasonCode;
use keshi_core::submission::{EventVerdict, Taking};

use proptest::prelude::*;
use proptest::sample::Index;

use crate::acts::{self, Act, Done};
use crate::properties::answers_that_count;
use crate::support::facts::{
    assigned, assignment_ended, attended, person, project, recommended, session, teacher, title, visit, void,
};
use crate::support::{Ledger, assert_refused, assert_verdict, day, hours, id, on, random};

/// A county with a session of six hours; `T1` was there for six, as entry 60 says.
fn county() -> Ledger {
    let mut ledger = Ledger::county();
    ledger.given([
        on(50, "2022-01-01", project("P1", "国培计划")),
        on(51, "2022-03-01", session("X1", "P1")),
        on(60, "2022-03-01", attended("T1", "X1", "6")),
    ]);
    ledger
}

/// The event in the place of another.
fn correcting(original: u128, event: Event) -> Event {
    Event {
        supersedes: Some(id(original)),
        ..event
    }
}

/// A correction of the attendance: so many hours instead.
fn hours_instead(number: u128, original: u128, hours: &str) -> Event {
    correcting(original, on(number, "2022-03-01", attended("T1", "X1", hours)))
}

/// The hours that are counted for `T1` in the year, and why each line does not.
fn told(ledger: &Ledger) -> (String, Vec<Why>) {
    let at = ledger.state.at(ledger.size());
    let balance = at.balance(&teacher("T1"), ledger.period("2022")).unwrap().unwrap();
    let mut lines: Vec<(u64, Why)> = balance.sections[0]
        .lines
        .iter()
        .map(|l| (l.index, l.why.clone()))
        .collect();
    lines.sort_by_key(|line| line.0);
    (
        ledger.hours("T1", "2022"),
        lines.into_iter().map(|(_, why)| why).collect(),
    )
}

fn index(verdict: &EventVerdict) -> u64 {
    verdict.index.unwrap()
}

#[test]
fn a_correction_takes_the_place_of_its_original_from_that_size_on_and_a_void_of_it_brings_that_back() {
    let mut ledger = county();
    let before = ledger.size();
    assert_eq!(told(&ledger), ("6".into(), vec![Why::Counted]));
    let correction = index(&ledger.post(hours_instead(61, 60, "4")));
    let corrected = Why::Corrected { by: correction };
    assert_eq!(told(&ledger), ("4".into(), vec![corrected, Why::Counted]));
    // As of the size before nothing is known of it.
    let at = ledger.state.at(before);
    let then = at.balance(&teacher("T1"), ledger.period("2022")).unwrap().unwrap();
    assert_eq!(then.sections[0].meters[0].1, hours("6"));

    let void = index(&ledger.post(on(62, "2022-06-01", void(id(61)))));
    assert_eq!(told(&ledger), ("6".into(), vec![Why::Counted, Why::Void { by: void }]));
}

#[test]
fn a_correction_is_corrected_in_turn_and_each_void_brings_back_the_one_before() {
    let mut ledger = county();
    ledger.given([hours_instead(61, 60, "4"), hours_instead(62, 61, "5")]);
    assert_eq!(told(&ledger).0, "5");
    // Only the last may go: what it took the place of has no effect to lose.
    for (number, target) in [(70, 60), (71, 61)] {
        let refused = ledger.post(on(number, "2022-06-01", void(id(target))));
        assert_refused(&refused, ReasonCode::CorrectionFirst);
        assert_eq!(
            ledger.entries[usize::try_from(refused.reason.unwrap().index.unwrap()).unwrap()]
                .posted
                .key(),
            id(62)
        );
    }
    for (number, target, left) in [(80, 62, "4"), (81, 61, "6"), (82, 60, "0")] {
        ledger.given([on(number, "2022-06-01", void(id(target)))]);
        assert_eq!(told(&ledger).0, left);
    }
    // All three at once, the last first.
    let mut ledger = county();
    ledger.given([hours_instead(61, 60, "4"), hours_instead(62, 61, "5")]);
    let all = [(80, 62), (81, 61), (82, 60)].map(|(number, target)| on(number, "2022-06-01", void(id(target))));
    let verdicts = ledger.post_all(Taking::Atomic, all.to_vec());
    assert!(
        verdicts.iter().all(|verdict| verdict.verdict == Verdict::Recorded),
        "{verdicts:?}"
    );
    assert_eq!(told(&ledger).0, "0");
}

#[test]
fn of_two_corrections_of_one_entry_the_second_is_refused_and_told_of_the_first() {
    let mut ledger = county();
    ledger.given([hours_instead(61, 60, "4")]);
    let second = ledger.post(hours_instead(62, 60, "5"));
    assert_refused(&second, ReasonCode::CorrectedAlready);
    assert_eq!(second.reason.unwrap().index, Some(ledger.size() - 2));
    assert_eq!(told(&ledger).0, "4");
    // What is void is posted anew instead.
    ledger.given([on(63, "2022-06-01", void(id(61))), on(64, "2022-06-01", void(id(60)))]);
    assert_refused(&ledger.post(hours_instead(65, 60, "5")), ReasonCode::CorrectsVoid);
    assert_refused(&ledger.post(hours_instead(66, 61, "5")), ReasonCode::CorrectsVoid);
}

#[test]
fn corrections_before_their_original_wait_and_the_first_of_them_takes_its_place() {
    let orders: [[usize; 4]; 4] = [[0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2], [2, 0, 1, 3]];
    for order in orders {
        let mut ledger = Ledger::county();
        let events = [
            on(51, "2022-03-01", session("X1", "P1")),
            on(60, "2022-03-01", attended("T1", "X1", "6")),
            hours_instead(61, 60, "4"),
            hours_instead(62, 61, "5"),
        ];
        ledger.given([on(50, "2022-01-01", project("P1", "国培计划"))]);
        for place in order {
            let verdict = ledger.post(events[place].clone());
            assert!(verdict.verdict.is_in_ledger(), "{order:?} {verdict:?}");
        }
        assert_eq!(ledger.hours("T1", "2022"), "5", "{order:?}");
    }
    // Two that wait for one: the earlier takes its place, and once that is void, the later.
    let mut ledger = Ledger::county();
    ledger.given([
        on(50, "2022-01-01", project("P1", "国培计划")),
        on(51, "2022-03-01", session("X1", "P1")),
    ]);
    assert_verdict(&ledger.post(hours_instead(61, 60, "4")), Verdict::Waiting);
    assert_verdict(&ledger.post(hours_instead(62, 60, "5")), Verdict::Waiting);
    assert_eq!(ledger.hours("T1", "2022"), "0");
    ledger.given([on(60, "2022-03-01", attended("T1", "X1", "6"))]);
    assert_eq!(ledger.hours("T1", "2022"), "4");
    ledger.given([on(63, "2022-06-01", void(id(61)))]);
    assert_eq!(ledger.hours("T1", "2022"), "5");
}

#[test]
fn what_cannot_be_corrected_and_by_what_is_refused_with_the_reason() {
    let mut ledger = county();
    ledger.given([
        on(61, "2022-03-01", visit("T1", "S1")),
        on(62, "2022-06-01", void(id(61))),
    ]);
    let visit_for_attendance = correcting(60, on(70, "2022-03-01", visit("T1", "S1")));
    assert_refused(&ledger.post(visit_for_attendance), ReasonCode::WrongTarget);
    let void_for_void = correcting(62, on(71, "2022-06-01", void(id(60))));
    assert_refused(&ledger.post(void_for_void), ReasonCode::NotCorrectable);
    assert_refused(&ledger.post(hours_instead(72, 72, "4")), ReasonCode::CorrectsItself);
    // Round by way of two that were posted ahead.
    assert_verdict(&ledger.post(hours_instead(73, 74, "4")), Verdict::Waiting);
    assert_verdict(&ledger.post(hours_instead(74, 75, "4")), Verdict::Waiting);
    assert_refused(&ledger.post(hours_instead(75, 73, "4")), ReasonCode::CorrectsItself);
}

#[test]
fn corrections_upon_corrections_have_an_end_in_either_direction() {
    for upwards in [true, false] {
        let mut ledger = county();
        let mut chain: Vec<Event> = (61..140).map(|number| hours_instead(number, number - 1, "4")).collect();
        if !upwards {
            chain.reverse();
        }
        let verdicts: Vec<EventVerdict> = chain.into_iter().map(|event| ledger.post(event)).collect();
        let refused = verdicts
            .iter()
            .find(|verdict| verdict.verdict == Verdict::Refused)
            .unwrap();
        assert_refused(refused, ReasonCode::CorrectedTooOften);
    }
}

#[test]
fn an_entry_is_not_corrected_and_brought_back_without_end() {
    let mut ledger = county();
    let mut refused = None;
    for number in (100..400).step_by(2) {
        let verdict = ledger.post(hours_instead(number, 60, "4"));
        if verdict.verdict == Verdict::Refused {
            refused = Some(verdict);
            break;
        }
        ledger.given([on(number + 1, "2022-06-01", void(id(number)))]);
    }
    assert_refused(&refused.expect("an end"), ReasonCode::CorrectedTooOften);
    assert_eq!(told(&ledger).0, "6");
}

#[test]
fn the_same_event_again_is_a_duplicate_that_says_what_became_of_it_since() {
    let mut ledger = county();
    let original = on(60, "2022-03-01", attended("T1", "X1", "6"));
    let since = |ledger: &mut Ledger, event: &Event| {
        let verdict = ledger.post(event.clone());
        assert_verdict(&verdict, Verdict::Duplicate);
        verdict.reason.map(|reason| (reason.code, reason.index.unwrap()))
    };
    assert_eq!(since(&mut ledger, &original), None);
    let correction = hours_instead(61, 60, "4");
    let at = index(&ledger.post(correction.clone()));
    assert_eq!(since(&mut ledger, &original), Some((ReasonCode::CorrectedSince, at)));
    assert_eq!(since(&mut ledger, &correction), None);
    let void = index(&ledger.post(on(62, "2022-06-01", void(id(61)))));
    assert_eq!(since(&mut ledger, &original), None);
    assert_eq!(since(&mut ledger, &correction), Some((ReasonCode::VoidedSince, void)));
    assert_eq!(told(&ledger).0, "6");
}

#[test]
fn what_names_a_corrected_event_goes_on_with_what_stands_in_its_place() {
    let mut ledger = Ledger::county();
    ledger.given([
        on(60, "2019-09-01", assigned("T1", Post::Teacher, Some("S1"))),
        on(61, "2022-08-31", assignment_ended("T1", id(60))),
        // It began a year earlier.
        correcting(60, on(62, "2018-09-01", assigned("T1", Post::Teacher, Some("S1")))),
        on(70, "2020-09-01", title("T1", TitleClass::ExpertTeacher, Level::County)),
        on(71, "2021-05-01", recommended("T1", None, Some(id(70)), Level::City)),
        correcting(
            70,
            on(72, "2020-10-01", title("T1", TitleClass::ExpertTeacher, Level::County)),
        ),
    ]);
    let at = ledger.state.at(ledger.size());
    let held = at.holdings(&teacher("T1"));
    let corrected = held.iter().find(|post| post.from == day("2018-09-01")).unwrap();
    assert_eq!(corrected.to, Some(day("2022-08-31")));
    assert!(held.iter().all(|post| post.from != day("2019-09-01")));
    let record = at.teacher_record(&teacher("T1")).unwrap();
    assert!(
        record.recommendations.iter().all(|row| row.why_not.is_none()),
        "{record:?}"
    );
    // It did not begin after it ended.
    let late = correcting(62, on(79, "2022-09-01", assigned("T1", Post::Teacher, Some("S1"))));
    assert_refused(&ledger.post(late), ReasonCode::EndsBeforeStart);
    // A second end is refused, but for one that corrects the first.
    let end = |number| on(number, "2023-08-31", assignment_ended("T1", id(62)));
    assert_refused(&ledger.post(end(80)), ReasonCode::EndedAlready);
    assert_verdict(&ledger.post(correcting(61, end(81))), Verdict::Recorded);
    let held = ledger.state.at(ledger.size()).holdings(&teacher("T1"));
    assert!(held.iter().any(|post| post.to == Some(day("2023-08-31"))));
}

#[test]
fn a_registration_is_corrected_by_one_of_the_same_person_that_is_there() {
    let mut ledger = Ledger::county();
    let Fact::PersonRegistered(first) = person("T1") else {
        unreachable!()
    };
    let changed = |hired: &str| PersonRegistered {
        hired_on: Some(day(hired)),
        ..first.clone()
    };
    ledger.given([correcting(11, on(60, "2015-01-01", changed("2012-09-01")))]);
    let of_another = correcting(12, on(61, "2015-01-01", changed("2013-09-01")));
    assert_refused(&ledger.post(of_another), ReasonCode::WrongTarget);
    let of_none = correcting(999, on(62, "2015-01-01", changed("2013-09-01")));
    assert_refused(&ledger.post(of_none), ReasonCode::WrongTarget);
    let of_the_first = correcting(11, on(63, "2015-01-01", changed("2013-09-01")));
    assert_refused(&ledger.post(of_the_first), ReasonCode::CorrectedAlready);
    // What the first one said may come again only in the place of what holds.
    let back = on(64, "2016-01-01", first.clone());
    assert_refused(&ledger.post(back.clone()), ReasonCode::RegisteredOtherwise);
    let back = Event {
        event_id: id(65),
        ..back
    };
    assert_verdict(&ledger.post(correcting(60, back)), Verdict::Recorded);
    let profile = ledger.state.at(ledger.size()).profile(&teacher("T1")).unwrap();
    assert_eq!(profile.hired_on, first.hired_on);
}

#[test]
fn an_atomic_submission_that_fails_leaves_corrections_as_they_were() {
    let mut ledger = county();
    assert_verdict(&ledger.post(hours_instead(62, 61, "5")), Verdict::Waiting);
    let before = format!("{:?}", ledger.state.at(ledger.size()).digest());
    let failing = vec![
        hours_instead(61, 60, "4"),
        on(63, "2022-06-01", void(id(62))),
        on(64, "2022-03-01", visit("T9", "S1")),
    ];
    let verdicts = ledger.post_all(Taking::Atomic, failing);
    assert!(verdicts.iter().all(|verdict| verdict.verdict == Verdict::Refused));
    assert_eq!(format!("{:?}", ledger.state.at(ledger.size()).digest()), before);
    assert_eq!(told(&ledger).0, "6");
    ledger.given([hours_instead(61, 60, "4")]);
    assert_eq!(told(&ledger).0, "5");
}

/// What is done to what was posted at some place.
#[derive(Clone, Debug)]
struct Change {
    place: Index,
    how: How,
}

#[derive(Clone, Copy, Debug)]
enum How {
    /// Corrected by these bytes.
    Instead(random::Raw),
    Voided,
    /// So often.
    Acted(Act, usize),
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let how = prop_oneof![
        6 => any::<random::Raw>().prop_map(How::Instead),
        4 => Just(How::Voided),
        6 => (1..=acts::STEPS).prop_map(|steps| How::Acted(Act::Advance, steps)),
        1 => Just(How::Acted(Act::Return, 1)),
        4 => Just(How::Acted(Act::Certify, 1)),
        2 => any::<u8>().prop_map(|number| How::Acted(Act::Merge(number), 1)),
        1 => any::<u8>().prop_map(|number| How::Acted(Act::Part(number), 1)),
    ];
    let change = (any::<Index>(), how).prop_map(|(place, how)| Change { place, how });
    proptest::collection::vec(change, 1..20)
}

/// The event with every mention of these events replaced.
fn renamed(mut event: Event, names: &BTreeMap<EventId, EventId>) -> Event {
    let rename = |id: &mut EventId| *id = *names.get(id).unwrap_or(id);
    match &mut event.fact {
        Fact::AssignmentEnded(end) => rename(&mut end.started_event),
        Fact::Recommended(recommended) => recommended.from_title.iter_mut().for_each(rename),
        Fact::TitleRenewed(renewed) => rename(&mut renewed.title_event),
        Fact::TitleWithdrawn(withdrawn) => rename(&mut withdrawn.title_event),
        _ => {}
    }
    event
}

/// Whether its void or correction can be told from its never having been posted so: others are judged by these when they
/// are posted, or go by them under their event id.
fn is_judged_by_others(event: &Event) -> bool {
    matches!(
        event.fact,
        Fact::EntryVoided(_) | Fact::SchoolClosed(_) | Fact::AssignmentEnded(_)
    )
}

proptest! {
    #![proptest_config(random::config(10_000))]

    /// With claims on their way, certificates, and persons who are merged and parted in between. What the ledger took of
    /// these is done again at the end in the other one, which never held what was corrected or voided.
    #[test]
    fn correcting_and_voiding_equals_a_ledger_in_which_it_had_been_so_from_the_start(
        raws in random::raws(24),
        changes in changes(),
    ) {
        let mut ledger = office();
        let place_of: BTreeMap<EventId, usize> = (0..raws.len()).map(|place| (random::id(&raws, place), place)).collect();
        let claimed = |event: Event, place: usize| acts::maybe_claimed(event, place, raws[place][3]);
        let events = random::events(&raws).into_iter().map(|event| {
            let place = place_of[&event.event_id];
            claimed(event, place)
        });
        let events: Vec<Event> = events.collect();
        let verdicts = ledger.post_all(Taking::Each, events.clone());
        // By posting: the events that stand for it, one upon the other; none once all are void, or if it was refused.
        let taken = events.iter().zip(verdicts);
        let taken = taken.map(|(event, verdict)| verdict.verdict.is_in_ledger().then(|| event.clone()));
        let mut stacks: Vec<Vec<Event>> = taken.map(|event| event.into_iter().collect()).collect();
        let mut done: Vec<Done> = Vec::new();
        let mut certified: Vec<Done> = Vec::new();
        for (number, Change { place, how }) in changes.into_iter().enumerate() {
            let at = place.index(stacks.len());
            let posted = place_of[&events[at].event_id];
            let number = 90_000 + 100 * u128::try_from(number).unwrap();
            let change = match how {
                How::Acted(act, times) => {
                    for time in 0..times {
                        let number = number + u128::try_from(time).unwrap();
                        let Some(one) = ledger.act(number, act, (posted, stacks[at].last())) else { break };
                        match act {
                            Act::Certify => certified.push(one),
                            _ => done.push(one),
                        }
                    }
                    continue;
                }
                How::Instead(bytes) => Some(bytes),
                How::Voided => None,
            };
            let Some(standing) = stacks[at].last().cloned().filter(|event| !is_judged_by_others(event)) else {
                continue;
            };
            let event = match change {
                Some(bytes) => Event {
                    supersedes: Some(standing.event_id),
                    ..claimed(random::instead(&raws, posted, bytes), posted)
                },
                None => on(number, "2023-06-01", void(standing.event_id)),
            };
            if !ledger.post(event.clone()).verdict.is_in_ledger() {
                continue;
            }
            if change.is_none() {
                stacks[at].pop();
            } else {
                stacks[at].push(event);
            }
        }
        let standing = |stack: &Vec<Event>| stack.last().map(|event| event.event_id);
        let names = events.iter().zip(&stacks).filter_map(|(event, stack)| Some((event.event_id, standing(stack)?)));
        let names: BTreeMap<EventId, EventId> = names.collect();
        // What stands for an event: nothing once it was voided, whatever came in the place of what it corrected.
        let on_each = stacks.iter().flat_map(|stack| stack.iter().zip(std::iter::repeat(standing(stack))));
        let stands_for: BTreeMap<EventId, EventId> =
            on_each.filter_map(|(event, last)| Some((event.event_id, last?))).collect();
        let mut never = office();
        let as_it_stands = stacks.into_iter().filter_map(|mut stack| stack.pop());
        let as_it_stands = as_it_stands.map(|event| renamed(Event { supersedes: None, ..event }, &names));
        let posted: Vec<Event> = as_it_stands.collect();
        let verdicts = never.post_all(Taking::Each, posted.clone());
        // What names somebody else's title is refused while they are two, and comes again once they are one.
        let refused = posted.into_iter().zip(verdicts);
        let mut refused: Vec<Event> = refused
            .filter_map(|(event, verdict)| (!verdict.verdict.is_in_ledger()).then_some(event))
            .collect();
        for one in &done {
            never.again(one);
            if matches!(one.event.fact, Fact::PersonsMerged(_)) {
                refused.retain(|event| !never.post(event.clone()).verdict.is_in_ledger());
            }
        }
        for mut one in certified {
            let Fact::CertificateIssued(issued) = &mut one.event.fact else { continue };
            if let Some(basis) = stands_for.get(&issued.basis_event) {
                issued.basis_event = *basis;
                never.again(&one);
            }
        }
        prop_assert_eq!(answers_that_count(&ledger.state), answers_that_count(&never.state));
        prop_assert_eq!(ledger.valid_certificates(), never.valid_certificates());
    }
}

/// The office of the property, made once.
fn office() -> Ledger {
    static OFFICE: LazyLock<Ledger> = LazyLock::new(Ledger::office);
    OFFICE.clone()
}
