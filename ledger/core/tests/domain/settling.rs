//! Settling is free of order: titles, recommendations, claims, merges and what they presuppose, delivered in any order, end in
//! the same.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use keshi_core::codes::{AwardRole, Level, Post, TitleClass};
use keshi_core::entry::Verdict;
use keshi_core::event::{Event, Fact};
use keshi_core::ids::EventId;
use keshi_core::submission::Taking;
use keshi_core::time::plus_days;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::acts::{Act, Done, STEPS, maybe_claimed};
use crate::documents::{adopt_policy, adopted};
use crate::properties::answers;
use crate::support::facts::{
    assigned, award, candidate, competition_at, lesson_at, recommended, renewed, teacher, title, withdrawn,
};
use crate::support::{Ledger, day, id, on, random};

const LADDER: &str = include_str!("../../policies/shaanxi-ladder-2021.toml");

/// Those that merge one of two others into one of two: no id is merged into one that is merged itself.
const PAIRS: [u8; 4] = [4, 8, 5, 9];

/// A history is made of these bytes: what, who, when, and which other posting it names.
type Raw = [u8; 6];

fn office() -> Ledger {
    static OFFICE: LazyLock<Ledger> = LazyLock::new(|| {
        let mut ledger = Ledger::office();
        for (number, who) in [(30, "T1"), (31, "T2"), (32, "T3"), (33, "T4")] {
            ledger.given([on(number, "2012-09-01", assigned(who, Post::Teacher, Some("S1")))]);
        }
        ledger
    });
    OFFICE.clone()
}

fn event(number: usize, raw: Raw, titles: &[EventId]) -> Event {
    let [what, who, when, which, level, named] = raw;
    let who = ["T1", "T2", "T3", "T4"][usize::from(who % 4)];
    let date = plus_days(day("2021-06-01"), i64::from(when) * 3);
    let class = TitleClass::ALL[usize::from(which) % 4];
    let level = [Level::County, Level::City, Level::Province][usize::from(level % 3)];
    let comp = ["C1", "C2"][usize::from(which % 2)];
    let named = (!titles.is_empty()).then(|| titles[usize::from(named) % titles.len().max(1)]);
    let fact = match (what % 12, named) {
        (0..=3, _) => title(who, class, level),
        (4, Some(named)) => renewed(who, named, None),
        (5, Some(named)) => withdrawn(who, named),
        (6, Some(named)) => recommended(who, None, Some(named), level),
        (7, _) => recommended(who, Some(comp), None, level),
        (8, _) => competition_at(comp, level),
        (9, _) => award(who, comp, AwardRole::Oneself),
        (10, _) => candidate(who, class, level),
        _ => lesson_at(who, level, 1 + u16::from(which % 8)),
    };
    let scattered = 10_000 + u128::from(number as u64 * 7_919 % 1_009) * 1_000 + number as u128;
    maybe_claimed(Event::of(id(scattered), date, date, fact), number, raw[5])
}

/// The postings, and what the office does with them when they come in this order: each claim on its way so far, merges and
/// reversals of ids none of which is merged into one that is.
fn history(raws: &[Raw], ways: &[(Index, usize)], merges: &[(u8, bool)]) -> (Vec<Event>, Vec<Done>) {
    let mut events: Vec<Event> = Vec::new();
    let mut known: Vec<EventId> = Vec::new();
    for (number, raw) in raws.iter().enumerate() {
        let event = event(number, *raw, &known);
        if matches!(event.fact, Fact::TitleConferred(_)) {
            known.push(event.event_id);
        }
        events.push(event);
    }
    let mut ledger = office();
    ledger.post_all(Taking::Each, events.clone());
    let mut done = Vec::new();
    let mut number = 90_000;
    let mut act = |ledger: &mut Ledger, act, at: (usize, Option<&Event>)| {
        number += 1;
        let one = ledger.act(number, act, at);
        let taken = one.is_some();
        done.extend(one);
        taken
    };
    for (place, steps) in ways {
        let at = place.index(events.len());
        for _ in 0..*steps {
            if !act(&mut ledger, Act::Advance, (at, events.get(at))) {
                break;
            }
        }
    }
    let mut dropped = BTreeSet::new();
    for (which, parted) in merges {
        let pair = PAIRS[usize::from(*which) % 4];
        let (_, other) = crate::acts::pair(pair);
        if dropped.insert(other) && act(&mut ledger, Act::Merge(pair), (0, None)) && *parted {
            act(&mut ledger, Act::Part(pair), (0, None));
        }
    }
    (events, done)
}

/// Delivers all of it: what is refused comes again until nothing more is taken, as a clerk sends it again. A publicity has
/// to be opened before its days, so what leads to one comes before them.
fn delivered(events: &[Event], done: &[Done], order: &[usize], ladder_at: usize) -> Ledger {
    let mut ledger = office();
    let opening = ledger.today;
    let all: Vec<(Option<&Done>, &Event)> = events
        .iter()
        .map(|event| (None, event))
        .chain(done.iter().map(|one| (Some(one), &one.event)))
        .collect();
    let mut left: Vec<usize> = order.iter().copied().filter(|place| *place < all.len()).collect();
    let mut days: Vec<_> = done.iter().map(|one| one.today).collect();
    days.extend([opening]);
    days.sort_unstable();
    days.dedup();
    let mut ladder = Some(());
    for today in days {
        ledger.today = today;
        loop {
            let before = left.len();
            left.retain(|place| {
                if left_over(ladder_at, before) && ladder.take().is_some() {
                    adopted(&mut ledger, adopt_policy(2_000, "2021-01-01", LADDER));
                }
                let (act, event) = all[*place];
                // What is done later was not done yet.
                if act.is_some_and(|one| one.today > today) {
                    return true;
                }
                let verdict = ledger.post(event.clone()).verdict;
                !matches!(verdict, Verdict::Recorded | Verdict::Waiting)
            });
            if left.len() == before {
                break;
            }
        }
    }
    if ladder.take().is_some() {
        adopted(&mut ledger, adopt_policy(2_000, "2021-01-01", LADDER));
    }
    ledger.today = day("2026-01-01");
    ledger
}

fn left_over(ladder_at: usize, left: usize) -> bool {
    left <= ladder_at
}

proptest! {
    #![proptest_config(random::config(random::long(10_000, 500)))]

    #[test]
    fn any_order_of_titles_recommendations_claims_merges_and_what_they_presuppose_ends_in_the_same_tiers(
        raws in proptest::collection::vec(any::<Raw>(), 1..16),
        ways in proptest::collection::vec((any::<Index>(), 1..=STEPS), 0..5),
        merges in proptest::collection::vec((any::<u8>(), any::<bool>()), 0..4),
        order in Just((0..64).collect::<Vec<usize>>()).prop_shuffle(),
        (one_ladder, other_ladder) in (0..40_usize, 0..40_usize),
    ) {
        let (events, done) = history(&raws, &ways, &merges);
        let straight: Vec<usize> = (0..64).collect();
        let one = delivered(&events, &done, &straight, one_ladder);
        let other = delivered(&events, &done, &order, other_ladder);
        prop_assert_eq!(answers(&one.state), answers(&other.state));
        let kept = |ledger: &Ledger| ["T1", "T2", "T3", "T4"].map(|id| ledger.state.at(ledger.size()).kept_id(&teacher(id)));
        prop_assert_eq!(kept(&one), kept(&other));
        prop_assert_eq!(one.credited(), other.credited());
        for size in 0..=other.size() {
            let at = other.state.at(size);
            let whole = at.claims().map(|claim| (claim.claim_id, claim.teacher_id(), claim.stage, claim.since));
            let listed = at.standings(0).map(|(_, id, on)| (id, Some(on.teacher_id), on.stage, on.since));
            let mut listed: Vec<_> = listed.collect();
            listed.sort_unstable_by_key(|row| row.0);
            prop_assert_eq!(whole.collect::<Vec<_>>(), listed);
        }
        let replayed = other.replayed(other.size());
        prop_assert_eq!(answers(&replayed), answers(&other.state));
    }
}
