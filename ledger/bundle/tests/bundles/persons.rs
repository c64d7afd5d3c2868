//! A person's bundle: her balance follows from it alone, and none of her entries can be left out.

use keshi_bundle::failed::Check;
use keshi_core::codes::LessonType;
use keshi_core::event::PersonsMerged;
use keshi_core::ids::TeacherId;
use keshi_proto::store::decode_entry;
use proptest::prelude::*;

use crate::made::{Made, check};
use crate::support::{Ledger, facts, on, random};

fn ledger_of(postings: Vec<keshi_core::event::Event>) -> Made {
    let mut ledger = Ledger::county();
    for event in postings {
        ledger.post(event);
    }
    Made::of(&ledger)
}

proptest! {
    #![proptest_config(random::config(random::long(2_000, 60)))]

    #[test]
    fn the_balance_follows_from_her_entries_and_what_they_rest_on(postings in random::postings(80)) {
        let made = ledger_of(postings);
        for id in ["T1", "T2", "T3", "T4"] {
            let id = TeacherId::new(id).unwrap();
            let checked = check(&made.person(&id, "2022")).unwrap();
            prop_assert_eq!(checked.about, made.people.about(&id).unwrap().count);
        }
    }

    #[test]
    fn leaving_out_any_entry_about_her_is_found(postings in random::postings(50), pick in any::<prop::sample::Index>()) {
        let made = ledger_of(postings);
        let id = TeacherId::new("T1").unwrap();
        let selected = made.selected(&id);
        let without = pick.index(selected.len());
        let mut shown = selected.clone();
        let left_out = shown.remove(without);
        let entry = decode_entry(&made.entries[usize::try_from(left_out).unwrap()]).unwrap();
        let is_about = entry.posted.event().unwrap().fact.subjects().contains(&&id);
        let found = check(&made.person_showing(&id, "2022", &shown));
        // What is about nobody may be missed in the balance, or be of no weight there.
        if is_about {
            prop_assert_eq!(found.unwrap_err().check, Check::People);
        }
    }
}

/// A ledger in which the attendance of T1 is void, and corrected to another person's elsewhere.
fn undone() -> Ledger {
    let mut ledger = Ledger::county();
    let mut moved = on(1005, "2022-03-02", facts::lesson("T2", LessonType::Open, 2, None));
    moved.supersedes = Some(crate::support::id(1004));
    ledger.given([
        on(1001, "2022-03-01", facts::project("P1", "培训")),
        on(1002, "2022-03-01", facts::session("X1", "P1")),
        on(1003, "2022-03-01", facts::attended("T1", "X1", "3")),
        on(1006, "2022-03-01", facts::void(crate::support::id(1003))),
        on(1004, "2022-03-02", facts::lesson("T1", LessonType::Open, 2, None)),
        moved,
    ]);
    ledger
}

#[test]
fn voids_and_corrections_cannot_be_left_out_though_they_name_nobody_or_another() {
    let made = Made::of(&undone());
    let id = TeacherId::new("T1").unwrap();
    assert!(check(&made.person(&id, "2022")).is_ok());
    let size = made.entries.len() as u64;
    // The void, and the correction that moves a lesson to T2.
    for undoing in [size - 3, size - 1] {
        let mut shown = made.selected(&id);
        assert!(shown.contains(&undoing), "{shown:?}");
        shown.retain(|index| *index != undoing);
        let failed = check(&made.person_showing(&id, "2022", &shown)).unwrap_err();
        assert_eq!(failed.check, Check::People, "{failed}");
    }
}

#[test]
fn entries_of_other_persons_are_not_shown() {
    let mut ledger = Ledger::county();
    ledger.given([
        on(1001, "2022-03-01", facts::project("P1", "培训")),
        on(1002, "2022-03-01", facts::session("X1", "P1")),
        on(1003, "2022-03-01", facts::attended("T1", "X1", "3")),
        on(1004, "2022-03-01", facts::attended("T2", "X1", "3")),
    ]);
    let made = Made::of(&ledger);
    let bundle = made.person(&TeacherId::new("T1").unwrap(), "2022");
    let holds = |text: &str| bundle.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(holds("T1") && holds("P1") && holds("X1"));
    assert!(!holds("T2") && !holds("T3"));
}

#[test]
fn both_ids_of_a_merged_person_are_there_and_neither_can_be_left_out() {
    let mut ledger = undone();
    let merge = PersonsMerged {
        kept_id: facts::teacher("T1"),
        dropped_id: facts::teacher("T3"),
        reviewer: facts::teacher("T4"),
        reason: facts::text("同一人"),
    };
    ledger.given([
        on(1007, "2022-03-03", facts::attended("T3", "X1", "2")),
        on(1008, "2022-03-04", merge),
    ]);
    let made = Made::of(&ledger);
    let id = TeacherId::new("T1").unwrap();
    let bundle = made.person(&id, "2022");
    assert!(check(&bundle).is_ok());
    // As though there had been no merge: her other entries stay hidden, and the merge with them.
    let mut before = Made::of(&undone());
    let shown = before.selected(&id);
    before.entries.clone_from(&made.entries);
    before.people = made.people.clone();
    let failed = check(&before.person_showing(&id, "2022", &shown)).unwrap_err();
    assert_eq!(failed.check, Check::People);
}
