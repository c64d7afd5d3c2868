//! Works with their publications and prizes: which of these is the best (DOMAIN §13.8).

use keshi_core::codes::{Award, AwardRole, Level};
use keshi_core::event::{AwardGiven, Event, Fact, WorkAwarded, WorkPublished};
use keshi_core::ids::{CompetitionId, WorkId};
use keshi_core::works::{Part, WorkEntry, WorkKind, best};
use proptest::prelude::*;

use crate::support::facts::{award_for, competition_at, teacher, text, void};
use crate::support::{Ledger, id, on, random};

fn awarded(work: &str, level: Level, award: Award) -> Fact {
    let fact = WorkAwarded {
        work_id: WorkId::new(work).unwrap(),
        title: None,
        level,
        award,
        author_ids: vec![teacher("T1"), teacher("T2")],
        contest: None,
    };
    fact.into()
}

fn published(work: &str) -> Fact {
    let fact = WorkPublished {
        work_id: WorkId::new(work).unwrap(),
        work_kind: text("论文"),
        level: Level::National,
        title: None,
        author_ids: vec![teacher("T1")],
    };
    fact.into()
}

fn guided(work: &str) -> Fact {
    let fact = AwardGiven {
        comp_id: CompetitionId::new("C1").unwrap(),
        teacher_id: teacher("T1"),
        award: Award::First,
        rank_no: None,
        role: AwardRole::Guide,
        work_id: Some(WorkId::new(work).unwrap()),
    };
    fact.into()
}

fn entries(events: impl IntoIterator<Item = Event>, of: &str) -> Vec<WorkEntry> {
    let mut ledger = Ledger::county();
    for event in events {
        ledger.post(event);
    }
    ledger.state.at(ledger.size()).work_entries(&teacher(of))
}

/// The event of the best prize, as its number.
fn best_of(entries: &[WorkEntry]) -> Option<u128> {
    best(entries).map(|entry| entry.event_id.uuid().as_u128())
}

#[test]
fn of_several_prizes_the_highest_level_is_best_then_the_prize_then_the_earlier() {
    let all = [
        on(101, "2022-03-01", awarded("W", Level::County, Award::First)),
        on(102, "2022-06-01", awarded("W", Level::City, Award::Third)),
        on(103, "2022-07-01", awarded("W", Level::City, Award::Second)),
        on(105, "2022-09-01", awarded("W", Level::City, Award::Second)),
        on(104, "2022-09-01", awarded("W", Level::City, Award::Second)),
        on(106, "2022-10-01", awarded("W", Level::Other, Award::First)),
        on(107, "2022-11-01", published("W")),
    ];
    assert_eq!(best_of(&entries(all.clone(), "T1")), Some(103));
    // Without that one the earlier day says so, and on one day the smaller id.
    let mut rest = all.to_vec();
    rest.push(on(200, "2022-12-01", void(id(103))));
    assert_eq!(best_of(&entries(rest, "T2")), Some(104));
    assert_eq!(
        best_of(&entries([all[6].clone()], "T1")),
        None,
        "a publication is no prize"
    );
}

#[test]
fn a_prize_for_guiding_others_and_one_of_a_competition_that_has_not_arrived_are_no_best() {
    let guided_one = [
        on(90, "2022-01-01", competition_at("C1", Level::Province)),
        on(101, "2022-03-01", guided("W")),
    ];
    let told = entries(guided_one.clone(), "T1");
    assert_eq!((told.len(), told[0].part, best_of(&told)), (1, Part::Guide, None));
    let own = [on(102, "2022-03-02", award_for("T1", "C1", Award::Second, "W"))];
    let told = entries(own.clone(), "T1");
    assert_eq!((told[0].level, best_of(&told)), (None, None));
    assert!(told[0].why_not.is_some());
    let told = entries(guided_one.into_iter().chain(own), "T1");
    assert_eq!((told[1].kind, best_of(&told)), (WorkKind::Contest, Some(102)));
}

#[test]
fn every_author_has_the_entry_and_the_first_leads() {
    let told = |of| entries([on(101, "2022-03-01", awarded("W", Level::County, Award::First))], of);
    assert_eq!(told("T1")[0].part, Part::Lead);
    assert_eq!(told("T2")[0].part, Part::Author);
    assert!(told("T3").is_empty() && told("T9").is_empty());
}

proptest! {
    #![proptest_config(random::config(random::long(4_000, 400)))]

    #[test]
    fn the_best_is_the_same_in_any_order_and_there_is_one_wherever_a_prize_counts(
        prizes in proptest::collection::vec((0_usize..7, 0_usize..4, 1_u32..28), 1..12),
        turned in any::<prop::sample::Index>(),
    ) {
        let events = prizes.iter().enumerate().map(|(place, &(level, award, day))| {
            let date = format!("2022-03-{day:02}");
            on(100 + place as u128, &date, awarded("W", Level::ALL[level], Award::ALL[award]))
        });
        let told = entries(events, "T1");
        let mut other = told.clone();
        other.rotate_left(turned.index(told.len()));
        prop_assert_eq!(best_of(&told), best_of(&other));
        let top = best(&told).unwrap();
        prop_assert!(told.iter().all(|entry| top.level <= entry.level));
        let of_level = told.iter().filter(|entry| entry.level == top.level);
        prop_assert!(of_level.clone().all(|entry| top.award <= entry.award));
    }
}
