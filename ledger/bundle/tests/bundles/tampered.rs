//! Every way to change a bundle that is named, and each bit of it: all are found.

use keshi_bundle::balances;
use keshi_bundle::failed::{Check, Failed, Place};
use keshi_bundle::trust::TrustedKey;
use keshi_core::codes::LessonType;
use keshi_core::ids::TeacherId;
use keshi_verify::checkpoint::Checkpoint;
use keshi_verify::key::SigningKey;

use crate::made::{Made, ORIGIN, check, check_with, key, resealed, trusted};
use crate::support::{Ledger, facts, on, random};

pub fn replaced(bundle: &[u8], from: &str, to: &str) -> Vec<u8> {
    let at = bundle.windows(from.len()).position(|window| window == from.as_bytes());
    let at = at.unwrap_or_else(|| panic!("{from} is not there"));
    [&bundle[..at], to.as_bytes(), &bundle[at + from.len()..]].concat()
}

fn ledger() -> Ledger {
    let mut ledger = Ledger::county();
    ledger.given([
        on(1001, "2022-03-01", facts::project("P1", "培训")),
        on(1002, "2022-03-01", facts::session("X1", "P1")),
        on(1003, "2022-03-01", facts::attended("T1", "X1", "3")),
        on(1004, "2022-03-01", facts::attended("T2", "X1", "2")),
    ]);
    ledger
}

pub fn both() -> [Vec<u8>; 2] {
    let made = Made::of(&ledger());
    [made.year("2022"), made.person(&TeacherId::new("T1").unwrap(), "2022")]
}

/// The failure, which says what was expected.
#[track_caller]
fn failure(bundle: &[u8]) -> Failed {
    let failed = check(bundle).unwrap_err();
    assert!(
        !failed.expected.is_empty() && failed.expected != failed.found,
        "{failed:?}"
    );
    failed
}

#[test]
fn every_flipped_bit_is_found_also_where_the_hash_at_the_end_is_made_anew() {
    for bundle in both() {
        let end = bundle.len() - 72;
        // Each bit in the long form, else one of each byte.
        let bits = 0..bundle.len() * 8;
        let is_long = random::long(1, 0) == 1;
        for bit in bits.filter(|bit| is_long || bit % 8 == bit / 8 % 8) {
            let mut changed = bundle.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            failure(&changed);
            if bit / 8 < end {
                failure(&resealed(changed));
            }
        }
    }
}

#[test]
fn a_change_anywhere_in_two_thousand_entries_is_found() {
    let mut ledger = ledger();
    let lessons = (0..2_000_u128).map(|number| {
        let who = ["T1", "T2", "T3", "T4"][usize::try_from(number % 4).unwrap()];
        on(
            10_000 + number,
            "2022-05-04",
            facts::lesson(who, LessonType::Open, 1, None),
        )
    });
    ledger.given(lessons);
    let bundle = Made::of(&ledger).year("2022");
    let (end, step) = (bundle.len() - 72, if random::long(1, 0) == 1 { 1 } else { 997 });
    let mut changed = bundle.clone();
    for byte in (0..end).step_by(step) {
        changed[byte] ^= 1 << (byte % 8);
        failure(&changed);
        changed[byte] = bundle[byte];
    }
    check(&changed).unwrap();
}

#[test]
fn every_truncation_is_found() {
    for bundle in both() {
        for end in 0..bundle.len() {
            failure(&bundle[..end]);
        }
        assert_eq!(failure(&[&bundle, &b"\n"[..]].concat()).check, Check::Form);
    }
}

#[test]
fn a_bundle_of_another_office_or_signed_with_another_key_does_not_verify() {
    let made = Made::of(&ledger());
    let failed = failure(&made.year_at("2022", &made.checkpoint(), &key(2)));
    assert_eq!(failed.check, Check::Signature);
    let other = SigningKey::of_secret("keshi/610728/00000000000000000000000061072800", &[1; 32]).unwrap();
    let checkpoint = Checkpoint {
        origin: other.public().name().to_owned(),
        ..made.checkpoint()
    };
    assert_eq!(
        failure(&made.year_at("2022", &checkpoint, &other)).check,
        Check::Signature
    );
    // The office's own key over another's name.
    let grafted = Checkpoint {
        origin: "keshi/610728/00000000000000000000000061072800".to_owned(),
        ..made.checkpoint()
    };
    assert_eq!(
        failure(&made.year_at("2022", &grafted, &key(1))).check,
        Check::Signature
    );
}

#[test]
fn a_key_that_was_changed_signs_nothing_beyond_the_size_at_which_it_ended() {
    let made = Made::of(&ledger());
    let size = made.entries.len() as u64;
    let bundle = made.year("2022");
    let until = |until: u64| {
        let text = format!("{}@{until}\n{}", key(1).public(), key(2).public());
        check_with(&bundle, &TrustedKey::parse_all(&text).unwrap())
    };
    assert!(until(size).is_ok());
    let failed = until(size - 1).unwrap_err();
    assert_eq!((failed.check, failed.place), (Check::KeyEnd, Place::Size(size)));
    assert!(TrustedKey::parse(&format!("{}@", key(1).public())).is_err());
    assert!(TrustedKey::parse(&format!("{}@07", key(1).public())).is_err());
    assert!(TrustedKey::parse_all("\n").is_err());
    assert_eq!(trusted(), TrustedKey::parse_all(&key(1).public().to_string()).unwrap());
}

#[test]
fn an_entry_removed_swapped_doubled_or_replaced_does_not_come_to_the_root() {
    let made = Made::of(&ledger());
    let checkpoint = made.checkpoint();
    let change = |change: &dyn Fn(&mut Vec<Vec<u8>>)| {
        let mut changed = made.clone();
        change(&mut changed.entries);
        failure(&changed.year_at("2022", &checkpoint, &key(1))).check
    };
    assert_eq!(change(&|entries| entries.swap(3, 4)), Check::Root);
    assert_eq!(change(&|entries| entries[4] = entries[3].clone()), Check::Root);
    assert_eq!(change(&|entries| drop(entries.remove(3))), Check::Form);
    assert_eq!(change(&|entries| entries.push(entries[3].clone())), Check::Form);
    // With a root that fits, signed by an office that lies: the entries say their places themselves.
    let mut moved = made.clone();
    moved.entries.swap(3, 4);
    let failed = failure(&moved.year_at("2022", &moved.checkpoint(), &key(1)));
    assert_eq!((failed.check, failed.place), (Check::Entry, Place::Entry(3)));
}

#[test]
fn a_checkpoint_of_another_size_does_not_fit() {
    let made = Made::of(&ledger());
    let shorter = Made::from_bytes(made.entries[..made.entries.len() - 1].to_vec());
    assert_eq!(
        failure(&made.year_at("2022", &shorter.checkpoint(), &key(1))).check,
        Check::Form
    );
    assert_eq!(
        failure(&shorter.year_at("2022", &made.checkpoint(), &key(1))).check,
        Check::Form
    );
    let hers = made.person(&TeacherId::new("T1").unwrap(), "2022");
    let text = |made: &Made| made.checkpoint().sign([&key(1)]).to_string();
    let grafted = resealed(replaced(&hers, &text(&made), &text(&shorter)));
    assert_eq!(failure(&grafted).check, Check::Root);
}

#[test]
fn another_year_has_other_balances() {
    let bundle = both()[0].clone();
    let failed = failure(&resealed(replaced(&bundle, "year 2022\n", "year 2023\n")));
    assert_eq!(failed.check, Check::Balances);
    assert!(balances::year("2022-2024").is_none() && balances::year("2022-09").is_none());
    assert_eq!(ORIGIN, key(1).public().name());
}
