//! Two bundles of one ledger, or of what should be one.

use keshi_bundle::compare::{Beside, compare};
use keshi_bundle::failed::{Check, Failed, Place};
use keshi_bundle::format::Bundle;
use keshi_core::ids::TeacherId;
use keshi_verify::Hash;
use keshi_verify::checkpoint::{Checkpoint, PeopleRoot};

use crate::made::{Made, check, key};
use crate::support::{Ledger, facts, on};

fn ledger(hours: &str) -> Ledger {
    let mut ledger = Ledger::county();
    ledger.given([
        on(1001, "2022-03-01", facts::project("P1", "培训")),
        on(1002, "2022-03-01", facts::session("X1", "P1")),
        on(1003, "2022-03-01", facts::attended("T1", "X1", hours)),
        on(1004, "2022-03-01", facts::attended("T2", "X1", "2")),
    ]);
    ledger
}

fn beside(one: &[u8], other: &[u8]) -> Result<Beside, Failed> {
    check(one).unwrap();
    check(other).unwrap();
    compare(&Bundle::parse(one).unwrap(), &Bundle::parse(other).unwrap())
}

#[test]
fn of_two_ledgers_of_one_size_the_first_entry_that_differs_is_named() {
    let (one, other) = (Made::of(&ledger("3")), Made::of(&ledger("4")));
    let failed = beside(&one.year("2022"), &other.year("2022")).unwrap_err();
    let differs = one.entries.len() as u64 - 2;
    assert_eq!((failed.check, failed.place), (Check::SplitView, Place::Entry(differs)));
    // Also where one auditor was shown the year and a teacher her own entries.
    let hers = other.person(&TeacherId::new("T1").unwrap(), "2022");
    let failed = beside(&one.year("2022"), &hers).unwrap_err();
    assert_eq!(failed.place, Place::Entry(differs));
    // And where what differs is shown to neither, the roots tell it.
    let not_hers = other.person(&TeacherId::new("T2").unwrap(), "2022");
    let failed = beside(&one.person(&TeacherId::new("T2").unwrap(), "2022"), &not_hers).unwrap_err();
    assert_eq!(
        (failed.check, failed.place),
        (Check::SplitView, Place::Size(one.entries.len() as u64))
    );
}

#[test]
fn a_ledger_that_went_on_is_told_from_one_that_was_written_anew() {
    let (before, mut later) = (ledger("3"), ledger("3"));
    later.given([on(1005, "2022-03-05", facts::attended("T3", "X1", "2"))]);
    let mut anew = ledger("4");
    anew.given([on(1005, "2022-03-05", facts::attended("T3", "X1", "2"))]);
    let [before, later, anew] = [&before, &later, &anew].map(Made::of);
    let (from, to) = (before.entries.len() as u64, later.entries.len() as u64);
    let (was, is) = (before.year("2022"), later.year("2022-2023"));
    assert_eq!(beside(&was, &is), Ok(Beside::GoesOn { from, to }));
    assert_eq!(beside(&is, &was), Ok(Beside::GoesOn { from, to }));
    assert_eq!(beside(&was, &was), Ok(Beside::Same));
    assert_eq!(
        beside(&was, &later.person(&TeacherId::new("T3").unwrap(), "2022")),
        Ok(Beside::Unknown)
    );
    let failed = beside(&was, &anew.year("2022")).unwrap_err();
    assert_eq!(failed.place, Place::Entry(from - 2));
}

#[test]
fn a_map_of_persons_made_for_one_teacher_alone_is_told_from_the_ledgers() {
    // The office leaves the last entry about T2 out of the map that it signs for her.
    let made = Made::of(&ledger("3"));
    let mut lying = made.clone();
    lying.people = Made::from_bytes(made.entries[..made.entries.len() - 1].to_vec()).people;
    let id = TeacherId::new("T2").unwrap();
    let mut shown = made.selected(&id);
    shown.pop();
    lying.state = Made::from_bytes(made.entries[..made.entries.len() - 1].to_vec()).state;
    let hers = lying.person_showing(&id, "2022", &shown);
    // She cannot see it by herself ...
    check(&hers).unwrap();
    // ... whoever has the year can.
    let failed = beside(&made.year("2022"), &hers).unwrap_err();
    assert_eq!(failed.check, Check::SplitView);
    assert!(failed.expected.starts_with("people "), "{failed}");
}

#[test]
fn a_map_that_is_not_the_entries_is_found_by_whoever_has_the_year() {
    let made = Made::of(&ledger("3"));
    let people = Some(PeopleRoot {
        count: 4,
        root: Hash([7; 32]),
    });
    let checkpoint = Checkpoint {
        people,
        ..made.checkpoint()
    };
    let failed = check(&made.year_at("2022", &checkpoint, &key(1))).unwrap_err();
    assert_eq!(failed.check, Check::People);
}
