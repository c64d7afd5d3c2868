//! What holds for any postings: order, repetition, atomicity, determinism, replay.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use keshi_core::balance::{Assessor, Why};
use keshi_core::decide::{Trial, decide};
use keshi_core::entry::{Posted, Verdict};
use keshi_core::event::{Event, Fact};
use keshi_core::figures::{Definitions, Figures};
use keshi_core::hours::Hours;
use keshi_core::ids::{EventId, Sha256};
use keshi_core::state::State;
use keshi_core::submission::{Submission, Taking};
use keshi_core::time::plus_days;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::support::facts::{self, county};
use crate::support::{Ledger, day, noon, random, submission};

/// The digest, and all that is derived.
fn derived(state: &State) -> String {
    format!("{}\n{}", state.at(state.size()).digest(), answers(state))
}

/// All that is derived, without indices: what must not depend on the order of arrival.
pub fn answers(state: &State) -> String {
    told(state, |_| true)
}

/// As [`answers`], without the lines of what is void or corrected.
pub fn answers_that_count(state: &State) -> String {
    told(state, |why| !matches!(why, Why::Void { .. } | Why::Corrected { .. }))
}

fn told(state: &State, is_told: impl Fn(&Why) -> bool) -> String {
    let at = state.at(state.size());
    let mut out = balances(state, &Assessor::new(at), is_told);
    for id in at.teacher_ids() {
        let tier = at.tier(&id, day("2023-06-30")).unwrap();
        for title in tier.titles.iter().chain(&tier.waiting).chain(&tier.past) {
            let (waits, until) = (&title.waits_for, title.valid_to);
            writeln!(out, "{} {:?} {until} {waits:?}", title.event_id, title.class).unwrap();
            for renewal in &title.renewals {
                writeln!(out, "renewed {} {:?}", renewal.event_id, renewal.valid_to).unwrap();
            }
            writeln!(out, "withdrawn {:?}", title.withdrawn.map(|row| row.event_id)).unwrap();
        }
        for candidacy in tier.candidacies {
            writeln!(out, "candidate {} {:?}", candidacy.event_id, candidacy.class).unwrap();
        }
        writeln!(out, "{:?}", tier.steps).unwrap();
        let record = at.teacher_record(&id).unwrap();
        for contest in record.contests.iter().filter(|contest| contest.why_not.is_none()) {
            writeln!(out, "{} {:?} {:?}", contest.event_id, contest.held, contest.award).unwrap();
        }
        for row in record.recommendations.iter().filter(|row| row.why_not.is_none()) {
            writeln!(out, "{} {:?}", row.event_id, row.to_level).unwrap();
        }
        for work in record.works.iter().filter(|work| work.why_not.is_none()) {
            writeln!(out, "{} {:?}", work.event_id, work.school).unwrap();
        }
    }
    for id in at.school_ids() {
        writeln!(out, "{id} {:?}", at.successor(&id)).unwrap();
    }
    let figures = Figures::of(at, Definitions::usual(), 2022);
    for figure in &figures.figures {
        writeln!(
            out,
            "{} {:?} of {} entries, {:?}",
            figure.id,
            figure.value,
            figure.entries.len(),
            figure.people
        )
        .unwrap();
    }
    writeln!(out, "{:?}", figures.people).unwrap();
    out
}

/// All balances of 2022, without indices.
fn balances(state: &State, assessor: &Assessor<'_>, is_told: impl Fn(&Why) -> bool) -> String {
    let mut out = String::new();
    for id in state.at(state.size()).teacher_ids() {
        let balance = assessor.balance(&id, crate::as_of::year(2022)).unwrap().unwrap();
        for section in balance.sections {
            writeln!(out, "{id} {:?} {:?}", section.policy, section.meters).unwrap();
            for standing in section.standings {
                writeln!(out, "{standing:?}").unwrap();
            }
            for line in section.lines.into_iter().filter(|line| is_told(&line.why)) {
                let why = match line.why {
                    Why::Void { .. } => "void".to_owned(),
                    Why::Corrected { .. } => "corrected".to_owned(),
                    Why::Cancelled { .. } => "cancelled".to_owned(),
                    Why::OtherOfSession { .. } => "other".to_owned(),
                    Why::BestOnly { .. } => "best".to_owned(),
                    why => format!("{why:?}"),
                };
                let (event, what, counted) = (line.event_id, line.what, line.counted);
                writeln!(out, "{event} {} {what:?} {} {counted} {why}", line.to, line.kind).unwrap();
            }
        }
    }
    out
}

/// Cuts `events` into submissions at these places.
fn cut(events: &[Event], cuts: &[Index]) -> Vec<Vec<Event>> {
    let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(events.len() + 1)).collect();
    places.extend([0, events.len()]);
    places.sort_unstable();
    let parts = places.windows(2).map(|pair| events[pair[0]..pair[1]].to_vec());
    parts.filter(|part| !part.is_empty()).collect()
}

fn cuts() -> impl Strategy<Value = Vec<Index>> {
    proptest::collection::vec(any::<Index>(), 0..6)
}

/// Submissions of any kind: repeated ids, other content under one id, unknown people, unreadable bytes, corrections.
fn submissions() -> impl Strategy<Value = Vec<Submission>> {
    submissions_with(8)
}

/// As [`submissions`], with these kinds of mischief.
fn submissions_with(kinds: u8) -> impl Strategy<Value = Vec<Submission>> {
    let mischief = proptest::collection::vec((any::<Index>(), 0..kinds), 0..12);
    let takings = proptest::collection::vec(any::<bool>(), 8);
    (random::postings(30), mischief, cuts(), takings).prop_map(|(mut events, mischief, cuts, takings)| {
        let mut unreadable = Vec::new();
        for (place, what) in mischief {
            let mut event = place.get(&events).clone();
            match what {
                // The same again.
                0 => {}
                // Other content under the same id.
                1 => event.to = day("2022-07-07").max(event.from),
                2 => event.fact = facts::visit("T1", "S2"),
                // Refused: nobody knows them.
                3 => (event.fact, event.event_id) = (facts::visit("T9", "S1"), other(event.event_id)),
                4 => (event.fact, event.event_id) = (facts::visit("T1", "S9"), other(event.event_id)),
                5 => unreadable.push((place, event.event_id)),
                // Of two ends of one post the later one is refused, and after its start for another reason.
                6 | 7 if matches!(event.fact, Fact::AssignmentEnded(_)) => {}
                // A correction of it, or of the one that corrects it, before or after it.
                6 => (event.supersedes, event.event_id) = (Some(event.event_id), other(event.event_id)),
                _ => {
                    event.supersedes = Some(other(event.event_id));
                    event.event_id = other(other_number(event.event_id, 2));
                }
            }
            let at = place.index(events.len() + 1);
            events.insert(at, event);
        }
        let mut all = Vec::new();
        for (part, atomic) in cut(&events, &cuts).into_iter().zip(takings.into_iter().cycle()) {
            let mut posted: Vec<Posted> = part.into_iter().map(Posted::Event).collect();
            for (place, event_id) in &unreadable {
                if let Some(slot) = posted.get_mut(place.index(40)) {
                    let sha256 = Sha256::of(event_id.as_bytes());
                    *slot = Posted::Unreadable {
                        event_id: (event_id.as_bytes()[0] % 2 == 0).then_some(*event_id),
                        sha256,
                    };
                }
            }
            let taking = if atomic { Taking::Atomic } else { Taking::Each };
            all.push(submission(taking, posted, day("2024-01-01")));
        }
        all
    })
}

fn other(id: EventId) -> EventId {
    other_number(id, 1)
}

fn other_number(id: EventId, number: u128) -> EventId {
    EventId::new(uuid::Uuid::from_u128(id.uuid().as_u128() ^ number))
}

fn recorded(ledger: &Ledger) -> BTreeSet<EventId> {
    let entries = ledger.entries.iter().filter(|entry| entry.verdict.is_in_ledger());
    entries.map(|entry| entry.posted.key()).collect()
}

proptest! {
    #![proptest_config(random::config(1_500))]

    #[test]
    fn until_a_day_a_balance_is_that_of_a_ledger_without_what_happened_later(
        events in random::postings(60),
        days in 0_i64..370,
    ) {
        let last = plus_days(day("2022-01-01"), days);
        // A title says from when something is due, not what counts.
        let is_later = |event: &Event| {
            event.fact.nature().credits && !matches!(event.fact, Fact::TitleConferred(_)) && last < event.to
        };
        let documents = || crate::documents::adopt_policy(
            9_100,
            "2022-01-01",
            &crate::documents::policy(crate::documents::RESEARCHERS, 1, "2020-01-01", None, "60"),
        );
        let post = |events: Vec<Event>| {
            let mut ledger = Ledger::county();
            ledger.post_all(Taking::Atomic, documents());
            for event in events {
                ledger.post(event);
            }
            ledger
        };
        let earlier = post(events.iter().filter(|event| !is_later(event)).cloned().collect());
        let all = post(events);
        let until = Assessor::new(all.state.at(all.size())).until(Some(last));
        let expected = Assessor::new(earlier.state.at(earlier.size()));
        prop_assert_eq!(balances(&all.state, &until, |_| true), balances(&earlier.state, &expected, |_| true));
    }

    #[test]
    fn postings_about_known_people_in_any_order_and_any_submissions_give_the_same(
        (events, shuffled) in random::postings(48).prop_flat_map(|events| {
            let shuffled = Just(events.clone()).prop_shuffle();
            (Just(events), shuffled)
        }),
        (one_cuts, two_cuts) in (cuts(), cuts()),
    ) {
        let mut one = Ledger::county();
        let mut two = one.clone();
        for part in cut(&events, &one_cuts) {
            one.post_all(Taking::Each, part);
        }
        for part in cut(&shuffled, &two_cuts) {
            two.post_all(Taking::Each, part);
        }
        prop_assert_eq!(answers(&one.state), answers(&two.state));
        // An event that one order refuses may be recorded without effect in another, as a void of a void is.
        let digests_agree = one.state.at(one.size()).digest() == two.state.at(two.size()).digest();
        prop_assert_eq!(recorded(&one) == recorded(&two), digests_agree);
    }

    // Here and below without corrections: one that is refused because another came first is taken once that is void.
    #[test]
    fn delivering_a_submission_again_at_once_adds_nothing(submissions in submissions_with(6)) {
        let mut ledger = Ledger::county();
        for submission in &submissions {
            let first = ledger.submit(submission);
            let size = ledger.size();
            let again = ledger.submit(submission);
            prop_assert!(again.entries.is_empty(), "{:#?}\nfirst {first:#?}", again);
            prop_assert_eq!(ledger.size(), size);
            for ((first, again), posted) in first.verdicts.iter().zip(&again.verdicts).zip(&submission.events) {
                let conflicts_now = first.verdict == Verdict::Refused && again.verdict == Verdict::Conflict;
                match first.verdict {
                    Verdict::Recorded | Verdict::Waiting => prop_assert_eq!(again.verdict, Verdict::Duplicate),
                    // An id refused and then taken in one submission is taken when that comes again.
                    Verdict::Refused => prop_assert!(matches!(again.verdict, Verdict::Refused | Verdict::Conflict)),
                    verdict => prop_assert_eq!(again.verdict, verdict),
                }
                if conflicts_now {
                    // Any refusal of this content answers for it, also one from before.
                    let held = again.index.and_then(|index| ledger.entries.get(usize::try_from(index).unwrap()));
                    prop_assert_eq!(held.map(|entry| &entry.posted), Some(posted));
                } else {
                    prop_assert_eq!(again.index, first.index);
                }
            }
        }
    }

    #[test]
    fn delivering_everything_again_later_adds_nothing(submissions in submissions_with(6)) {
        let mut ledger = Ledger::county();
        let each = submissions.into_iter().map(|submission| Submission { taking: Taking::Each, ..submission });
        let each: Vec<Submission> = each.collect();
        for submission in &each {
            ledger.submit(submission);
        }
        let before = derived(&ledger.state);
        for submission in &each {
            let again = ledger.submit(submission);
            prop_assert!(again.entries.is_empty(), "{:#?}", again);
        }
        prop_assert_eq!(derived(&ledger.state), before);
    }

    #[test]
    fn an_atomic_submission_is_taken_whole_or_leaves_only_its_refusals(submissions in submissions()) {
        let mut ledger = Ledger::county();
        for submission in submissions {
            let atomic = Submission { taking: Taking::Atomic, ..submission };
            let before = derived(&ledger.state);
            let decision = ledger.submit(&atomic);
            let refused = |verdict: Verdict| matches!(verdict, Verdict::Refused | Verdict::Conflict);
            if decision.verdicts.iter().any(|v| refused(v.verdict)) {
                prop_assert!(decision.entries.iter().all(|entry| refused(entry.verdict)));
                prop_assert_eq!(derived(&ledger.state), before);
                for verdict in decision.verdicts.iter().filter(|v| !refused(v.verdict)) {
                    // Only what was in the ledger before may still be called so.
                    prop_assert_eq!(verdict.verdict, Verdict::Duplicate);
                    let index = verdict.index.unwrap();
                    prop_assert!(index < ledger.size() - decision.entries.len() as u64);
                }
            } else {
                let new = decision.verdicts.iter().filter(|v| v.verdict != Verdict::Duplicate).count();
                prop_assert_eq!(decision.entries.len(), new);
            }
        }
    }

    #[test]
    fn deciding_twice_gives_the_same_decision(submissions in submissions()) {
        let mut ledger = Ledger::county();
        for submission in &submissions {
            let originals = ledger.originals(submission);
            let mut reversed = originals.clone();
            for entries in reversed.values_mut() {
                entries.reverse();
            }
            let mut replayed = ledger.replayed(ledger.size());
            let two = decide(&mut replayed, submission, &reversed);
            let one = ledger.submit(submission);
            prop_assert_eq!(&one, &two);
            prop_assert_eq!(one.verdicts.len(), submission.events.len());
            prop_assert_eq!(format!("{:?}", ledger.state), format!("{replayed:?}"));
        }
    }

    #[test]
    fn a_trial_of_a_whole_file_says_what_sending_it_will_say(submissions in submissions(), at_a_time in 1..4_usize) {
        let mut ledger = Ledger::county();
        let mut checked = ledger.clone();
        let before = format!("{:?}", checked.state);
        let mut trial = Trial::new();
        for part in submissions.chunks(at_a_time) {
            let originals = part.iter().flat_map(|submission| checked.originals(submission)).collect();
            let tried = trial.judge(&mut checked.state, part, &originals);
            prop_assert_eq!(format!("{:?}", checked.state), before.clone());
            let sent: Vec<_> = part.iter().map(|submission| ledger.submit(submission)).collect();
            prop_assert_eq!(tried, sent);
        }
    }

    #[test]
    fn a_replay_of_the_entries_equals_the_live_state(submissions in submissions()) {
        let mut ledger = Ledger::county();
        for submission in &submissions {
            ledger.submit(submission);
        }
        let replayed = ledger.replayed(ledger.size());
        prop_assert_eq!(derived(&replayed), derived(&ledger.state));
        for entry in &ledger.entries {
            let indices = |state: &State| {
                let mut indices: Vec<u64> = state.indices_of(entry.posted.key()).collect();
                indices.sort_unstable();
                indices
            };
            prop_assert_eq!(indices(&replayed), indices(&ledger.state));
        }
    }

    #[test]
    fn lines_sum_up_to_the_meters_and_never_count_more_than_asked(events in random::postings(48)) {
        let mut ledger = Ledger::county();
        ledger.post_all(Taking::Each, events);
        for id in ledger.state.at(ledger.size()).teacher_ids() {
            let balance = ledger.state.at(ledger.size()).balance(&id, crate::as_of::year(2022)).unwrap().unwrap();
            for section in &balance.sections {
                for (meter, total) in &section.meters {
                    let lines = section.lines.iter().filter(|line| line.meter == *meter);
                    let sum: i64 = lines.map(|line| line.counted.hundredths()).sum();
                    prop_assert_eq!(sum, total.hundredths());
                }
                for line in &section.lines {
                    prop_assert!(line.counted <= line.asked);
                    let expected = if line.why == Why::Counted { line.asked } else { Hours::ZERO };
                    prop_assert_eq!(line.counted, expected);
                }
            }
        }
    }
}

#[test]
fn recorded_at_never_falls_when_the_clock_goes_back() {
    let mut ledger = Ledger::county();
    let late = submission(Taking::Each, vec![Posted::Event(county().remove(0))], day("2023-01-01"));
    let decision = ledger.submit(&late);
    assert_eq!(decision.recorded_at, noon(day("2024-01-01")));
}
