//! The map of persons: what it is by definition, and that it is the same however the entries come.

use std::collections::BTreeMap;

use keshi_bundle::people::{About, undoes};
use keshi_core::entry::Entry;
use keshi_core::ids::{EventId, TeacherId};
use keshi_proto::store::decode_entry;
use keshi_verify::proof::verify_inclusion;
use keshi_verify::{Hash, leaf_hash};
use proptest::prelude::*;
use sha2::{Digest as _, Sha256};

use crate::made::Made;
use crate::support::{Ledger, random};

/// Whom each entry is about, at the end, found by looking at all of them again and again.
fn about_whom(entries: &[Entry]) -> Vec<Vec<TeacherId>> {
    let recorded: BTreeMap<EventId, usize> = entries
        .iter()
        .enumerate()
        .rev()
        .filter(|(_, entry)| entry.verdict.is_in_ledger())
        .filter_map(|(place, entry)| Some((entry.posted.event_id()?, place)))
        .collect();
    let mut about: Vec<Vec<TeacherId>> = entries
        .iter()
        .map(|entry| {
            entry
                .posted
                .event()
                .map_or_else(Vec::new, |event| event.fact.subjects().into_iter().copied().collect())
        })
        .collect();
    loop {
        let before = about.clone();
        for (place, entry) in entries
            .iter()
            .enumerate()
            .filter(|(_, entry)| entry.verdict.is_in_ledger())
        {
            let target = entry.posted.event().and_then(undoes).and_then(|id| recorded.get(&id));
            for id in target.map_or_else(Vec::new, |target| about[*target].clone()) {
                if !about[place].contains(&id) {
                    about[place].push(id);
                }
            }
        }
        if about == before {
            return about;
        }
    }
}

proptest! {
    #![proptest_config(random::config(random::long(3_000, 150)))]

    #[test]
    fn of_each_person_every_entry_about_her_is_counted_once(postings in random::postings(80)) {
        let mut ledger = Ledger::county();
        for event in postings {
            ledger.post(event);
        }
        let made = Made::of(&ledger);
        let about = about_whom(&ledger.entries);
        for id in ["T1", "T2", "T3", "T4"].map(|id| TeacherId::new(id).unwrap()) {
            let expected = about.iter().filter(|ids| ids.contains(&id)).count() as u64;
            prop_assert_eq!(made.people.about(&id).unwrap().count, expected, "{}", id);
        }
        prop_assert_eq!(made.people.root().count, 4);
    }
}

#[test]
fn the_leaves_are_sorted_and_each_is_proved() {
    let made = Made::of(&Ledger::county());
    let root = made.people.root();
    for (position, id) in ["T1", "T2", "T3", "T4"].into_iter().enumerate() {
        let id = TeacherId::new(id).unwrap();
        let placed = made.people.place(&id).unwrap();
        assert_eq!(placed.position, position as u64);
        let leaf = placed.about.leaf(&id);
        verify_inclusion(leaf, placed.position, root.count, &placed.hashes, root.root).unwrap();
    }
    assert_eq!(made.people.place(&TeacherId::new("T5").unwrap()), None);
}

#[test]
fn a_chain_and_a_leaf_are_what_the_document_says() {
    let made = Made::of(&Ledger::county());
    let id = TeacherId::new("T1").unwrap();
    let mut chain = [0; 32];
    let mut count = 0_u64;
    for bytes in &made.entries {
        let entry = decode_entry(bytes).unwrap();
        if entry.posted.event().unwrap().fact.subjects().contains(&&id) {
            chain = Sha256::digest([chain, leaf_hash(bytes).0].concat()).into();
            count += 1;
        }
    }
    let about = made.people.about(&id).unwrap();
    assert_eq!(
        about,
        About {
            count,
            chain: Hash(chain)
        }
    );
    let bytes = [&[0][..], b"T1", &[0], &count.to_be_bytes(), &chain].concat();
    assert_eq!(about.leaf(&id).0, <[u8; 32]>::from(Sha256::digest(bytes)));
}
