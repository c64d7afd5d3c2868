//! A year's bundle of any ledger holds, and holds what it should.

use keshi_bundle::failed::Check;
use proptest::prelude::*;

use crate::made::{Made, check};
use crate::support::{Ledger, facts, on, random};

proptest! {
    #![proptest_config(random::config(random::long(2_000, 60)))]

    #[test]
    fn the_bundle_of_any_ledger_holds(postings in random::postings(60)) {
        let mut ledger = Ledger::county();
        for event in postings {
            ledger.post(event);
        }
        let made = Made::of(&ledger);
        for year in ["2022", "2022-2023"] {
            let checked = check(&made.year(year)).unwrap();
            prop_assert_eq!(checked.entries, ledger.size());
            prop_assert_eq!(checked.balances, 4);
        }
    }
}

#[test]
fn the_bundle_of_an_empty_ledger_holds() {
    let made = Made::of(&Ledger::new());
    assert_eq!(check(&made.year("2022")).unwrap().entries, 0);
}

#[test]
fn a_checkpoint_from_before_there_was_a_map_of_persons_holds() {
    let made = Made::of(&Ledger::county());
    let checkpoint = keshi_verify::checkpoint::Checkpoint {
        people: None,
        ..made.checkpoint()
    };
    let bundle = made.year_at("2022", &checkpoint, &crate::made::key(1));
    assert!(check(&bundle).is_ok());
}

#[test]
fn balances_that_were_reckoned_for_another_ledger_are_found_by_their_line() {
    let mut ledger = Ledger::county();
    ledger.given([
        on(1001, "2022-03-01", facts::project("P1", "培训")),
        on(1002, "2022-03-01", facts::session("X1", "P1")),
        on(1003, "2022-03-01", facts::attended("T1", "X1", "3")),
    ]);
    let made = Made::of(&ledger);
    let bundle = made.year("2022");
    let text = made.balance(&facts::teacher("T1"), "2022");
    assert!(text.contains("meter training_hours 300\n"), "{text}");
    let forged = crate::made::resealed(crate::tampered::replaced(&bundle, "hours 300\n", "hours 900\n"));
    let failed = check(&forged).unwrap_err();
    assert_eq!(failed.check, Check::Balances);
    let (expected, found) = ("meter training_hours 300", "meter training_hours 900");
    assert_eq!((failed.expected.as_str(), failed.found.as_str()), (expected, found));
}
