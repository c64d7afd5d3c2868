//! A year's bundle of any ledger holds, and holds what it should.

use keshi_bundle::failed::{Check, Place};
use keshi_core::event::{DocumentPart, FiguresAdopted, YearClosed};
use keshi_core::figures::Definitions;
use keshi_core::ids::Sha256;
use keshi_core::submission::Taking;
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

/// A ledger whose year 2022 is closed by the poster `figures` and `root`, or by what they should be.
fn closed(forge: impl FnOnce(&mut YearClosed)) -> Ledger {
    let mut ledger = Ledger::county();
    ledger.given([
        on(1001, "2022-03-01", facts::project("P1", "培训")),
        on(1002, "2022-03-01", facts::session("X1", "P1")),
        on(1003, "2022-03-01", facts::attended("T1", "X1", "3")),
    ]);
    let text = Definitions::USUAL_TEXT.replace("from_year = 2000", "from_year = 2022");
    let definitions = Definitions::parse(&text).unwrap();
    let adopted = FiguresAdopted {
        version: definitions.version,
        from_year: u16::try_from(definitions.from_year).unwrap(),
        sha256: Sha256::of(text.as_bytes()),
    };
    let parts = (2000..).zip(DocumentPart::all_of(text.as_bytes()));
    let mut posted: Vec<_> = parts.map(|(number, part)| on(number, "2022-12-31", part)).collect();
    posted.push(on(3000, "2022-12-31", adopted));
    let verdicts = ledger.post_all(Taking::Atomic, posted);
    assert!(verdicts.iter().all(|one| one.verdict.is_in_ledger()), "{verdicts:?}");
    let made = Made::of(&ledger);
    let at = ledger.state.at(ledger.size());
    let mut closing = YearClosed {
        year: 2022,
        log_position: ledger.size(),
        log_hash: Sha256(made.checkpoint().root.0),
        figures_hash: keshi_bundle::figures::of(at, 2022).hash(),
        policy_versions: at.adopted_versions(),
    };
    forge(&mut closing);
    ledger.given([on(3001, "2023-01-10", closing)]);
    ledger
}

#[test]
fn a_closed_year_is_held_to_what_its_closing_says_of_the_ledger_of_then() {
    let mut ledger = closed(|_| ());
    ledger.given([on(3002, "2022-03-02", facts::attended("T2", "X1", "2"))]);
    let bundle = Made::of(&ledger).year("2022");
    check(&bundle).unwrap();
    assert!(String::from_utf8_lossy(&bundle).contains("figures\nkeshi/figures@v1\nyear 2022\n"));

    let figures = check(&Made::of(&closed(|one| one.figures_hash = Sha256([7; 32]))).year("2022")).unwrap_err();
    let root = check(&Made::of(&closed(|one| one.log_hash = Sha256([7; 32]))).year("2022")).unwrap_err();
    for (failed, what) in [(figures, "figures "), (root, "root ")] {
        assert_eq!(failed.check, Check::Figures, "{failed}");
        assert!(
            matches!(failed.place, Place::Entry(_)) && failed.found.starts_with(what),
            "{failed}"
        );
    }
}

#[test]
fn figures_that_do_not_follow_are_found_by_their_line() {
    let bundle = Made::of(&Ledger::county()).year("2022");
    let text = String::from_utf8_lossy(&bundle).into_owned();
    let line = text.lines().find(|line| line.starts_with("figure ")).unwrap();
    let forged = crate::made::resealed(crate::tampered::replaced(
        &bundle,
        line,
        &line.replacen("figure ", "figure x", 1),
    ));
    let failed = check(&forged).unwrap_err();
    assert_eq!((failed.check, failed.expected.as_str()), (Check::Figures, line));
}
