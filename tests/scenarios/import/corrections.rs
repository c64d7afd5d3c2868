//! Sheets imported again after they were changed, and entries that are corrected and voided by command.

use std::path::Path;

use keshi_tests::process::Keshi;
use keshi_tests::sheet::{Cell, TRAINING, training, write};
use serde_json::Value;
use tempfile::tempdir;

use super::{Imported, furnished, import, keshi};

const PROJECT: &str = "2022年小学语文新课标培训";

/// Imports three rows, the first with so many hours.
fn import_with(server: &Keshi, folder: &Path, hours: f64, more: &[&str]) -> Imported {
    let path = folder.join("培训.xlsx");
    let rows = [
        training("T1", PROJECT, hours, 3, 5),
        training("T2", PROJECT, 6.0, 3, 5),
        training("T1", "另一培训", 3.0, 4, 5),
    ];
    write(&path, &TRAINING, &rows);
    import(server, &path, more)
}

/// The training hours of `T1` in 2022, in hundredths.
fn hours(server: &Keshi) -> i64 {
    let ran = keshi(server, &["balance", "T1", "--period", "2022", "--json"]);
    let balance: Value = serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {ran:?}"));
    let meters = balance["policies"][0]["meters"].as_array().expect("meters");
    let hours = meters.iter().find(|meter| meter["meter"] == "training_hours");
    hours
        .and_then(|meter| meter["centiamount"].as_str()?.parse().ok())
        .unwrap_or(0)
}

/// The index of the last entry.
fn last(server: &Keshi) -> u64 {
    let ran = keshi(server, &["log", "--json"]);
    let entry: Value = serde_json::from_str(ran.out.lines().last().expect("an entry")).expect("JSON");
    entry["index"].as_str().expect("an index").parse().expect("a number")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_row_is_told_with_both_values_and_corrects_the_ledger_only_when_that_is_asked() {
    let (_data, server, caller) = furnished().await;
    let folder = tempdir().expect("a directory");
    let import_with = |hours: f64, more: &[&str]| import_with(&server, folder.path(), hours, more);
    assert_eq!(import_with(6.0, &[]).of("recorded"), 3);
    assert_eq!(hours(&server), 900);

    let changed = import_with(4.0, &[]);
    assert_eq!(
        (changed.code, changed.of("changed"), changed.of("duplicate")),
        (Some(1), 1, 2)
    );
    let (row, column, said) = changed.only_remark();
    assert_eq!((row, column), (2, "培训获得学时"), "{said}");
    assert!(
        said.contains("ledger 6 · sheet 4") && said.contains("更正理由"),
        "{said}"
    );
    // Not even a conflict is recorded of it.
    let head = caller.head().await;
    import_with(4.0, &["--partial"]);
    assert_eq!(caller.head().await, head);

    let corrected = import_with(4.0, &["--correct", "miscounted"]);
    assert_eq!(
        (corrected.code, corrected.of("corrected")),
        (Some(0), 1),
        "{corrected:?}"
    );
    assert_eq!(hours(&server), 700);
    // Again, with or without, and the file of before: nothing changes, and the row that was corrected is named.
    let head = caller.head().await;
    for more in [
        &[][..],
        &["--correct", "miscounted"],
        &["--correct", "for another reason"],
    ] {
        assert_eq!(import_with(4.0, more).of("duplicate"), 3);
    }
    let before = import_with(6.0, &[]);
    assert_eq!((before.code, before.of("duplicate")), (Some(0), 3));
    let (row, _, said) = before.only_remark();
    assert!(row == 2 && said.contains("corrected since"), "{said}");
    assert_eq!(caller.head().await, head);
    assert_eq!(hours(&server), 700);
    // A third value corrects the correction.
    import_with(5.0, &["--correct", "counted again"]);
    assert_eq!(hours(&server), 800);
    assert_eq!(import_with(4.0, &[]).of("duplicate"), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_entry_is_corrected_and_voided_by_command_and_what_is_void_comes_back_only_on_purpose() {
    let (_data, server, _) = furnished().await;
    let folder = tempdir().expect("a directory");
    import_with(&server, folder.path(), 6.0, &[]);
    let about = keshi(&server, &["log", "--json", "--about", "T1"]);
    let first = about
        .out
        .lines()
        .find(|line| line.contains("\"presentCentihours\":\"600\""))
        .expect("the attendance");
    let first: Value = serde_json::from_str(first).expect("JSON");
    let index = first["index"].as_str().expect("an index");

    let corrected = keshi(&server, &["correct", index, "--hours", "4.5", "--reason", "miscounted"]);
    assert_eq!(corrected.code, Some(0), "{corrected:?}");
    let correction = last(&server).to_string();
    assert_eq!(hours(&server), 750);
    // Each names the other.
    let shown = keshi(&server, &["log", "--json", "--from", index, "--limit", "1"]);
    assert!(
        shown.out.contains(&format!("\"correctedBy\":\"{correction}\"")),
        "{shown:?}"
    );

    let refused = keshi(&server, &["void", index, "--reason", "posted twice"]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.err.contains(&format!("keshi void {correction}")), "{refused:?}");
    let undone = keshi(&server, &["void", &correction, "--reason", "it was right"]);
    assert_eq!(undone.code, Some(0), "{undone:?}");
    assert!(undone.out.contains("stands again"), "{undone:?}");
    assert_eq!(hours(&server), 900);

    keshi(
        &server,
        &["correct", index, "--hours", "5", "--reason", "counted again"],
    );
    assert_eq!(hours(&server), 800);
    let both = keshi(
        &server,
        &["void", index, "--reason", "posted twice", "--with-corrections"],
    );
    assert_eq!(both.code, Some(0), "{both:?}");
    assert_eq!(hours(&server), 300);
    // The sheet again brings nothing back.
    let again = import_with(&server, folder.path(), 6.0, &[]);
    assert_eq!((again.code, again.of("duplicate")), (Some(0), 3));
    assert!(again.only_remark().2.contains("voided since"), "{again:?}");
    let changed = import_with(&server, folder.path(), 4.0, &["--correct", "miscounted"]);
    assert_eq!((changed.code, changed.of("conflict")), (Some(1), 1), "{changed:?}");
    assert!(changed.only_remark().2.contains("voided since"), "{changed:?}");
    assert_eq!(hours(&server), 300);
}

/// Imports the two rows of `T1` with a reason to correct the first and one to void the second.
fn import_wishing(server: &Keshi, folder: &Path, hours: f64, correct: &str, void: &str) -> Imported {
    let path = folder.join("更正.xlsx");
    let headings: Vec<&str> = TRAINING.into_iter().chain(["更正理由", "作废理由"]).collect();
    let mut first = training("T1", PROJECT, hours, 3, 5);
    first.extend([correct.into(), "".into()]);
    let mut second = training("T1", "另一培训", 3.0, 4, 5);
    second.extend(["".into(), void.into()]);
    write(&path, &headings, &[first, second]);
    import(server, &path, &[])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sheet_says_itself_which_rows_correct_and_which_are_void() {
    let (_data, server, caller) = furnished().await;
    let folder = tempdir().expect("a directory");
    import_with(&server, folder.path(), 6.0, &[]);
    let wishing = |hours, correct, void| import_wishing(&server, folder.path(), hours, correct, void);
    let done = wishing(4.0, "miscounted", "never took place");
    assert_eq!(
        (done.code, done.of("corrected"), done.of("voided")),
        (Some(0), 1, 1),
        "{done:?}"
    );
    assert_eq!(hours(&server), 400);
    // The same again, and with nothing in these columns: nothing changes, and what became of the rows is told.
    let head = caller.head().await;
    let again = wishing(4.0, "miscounted", "never took place");
    assert_eq!((again.code, again.of("duplicate")), (Some(0), 2), "{again:?}");
    let plain = wishing(4.0, "", "");
    assert_eq!((plain.code, plain.of("duplicate")), (Some(0), 2), "{plain:?}");
    assert!(plain.only_remark().2.contains("voided since"), "{plain:?}");
    assert_eq!(caller.head().await, head);
    let both = wishing(5.0, "counted again", "x");
    assert_eq!(
        (both.code, both.of("corrected"), both.of("duplicate")),
        (Some(0), 1, 1),
        "{both:?}"
    );
    assert_eq!(hours(&server), 500);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_that_never_was_imported_can_be_neither_voided_nor_corrected() {
    let (_data, server, caller) = furnished().await;
    let folder = tempdir().expect("a directory");
    let head = caller.head().await;
    // One whose date was mended is another event: taken as new, it would count beside the one that it corrects.
    for (correct, void) in [("", "never took place"), ("the date was wrong", "")] {
        let refused = import_wishing(&server, folder.path(), 4.0, correct, void);
        assert_eq!((refused.code, refused.of("refused")), (Some(1), 1), "{refused:?}");
        assert!(
            refused
                .only_remark()
                .2
                .contains("nothing of this row to correct or to void"),
            "{refused:?}"
        );
        assert_eq!(caller.head().await, head);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_void_row_comes_back_only_where_its_row_says_why_and_once_for_each_reason() {
    let (_data, server, caller) = furnished().await;
    let folder = tempdir().expect("a directory");
    import_with(&server, folder.path(), 6.0, &[]);
    let wishing = |hours, correct, void| import_wishing(&server, folder.path(), hours, correct, void);
    let void_first = |reason: &str| {
        let path = folder.path().join("作废.xlsx");
        let headings: Vec<&str> = TRAINING.into_iter().chain(["作废理由"]).collect();
        let mut first = training("T1", PROJECT, 6.0, 3, 5);
        first.push(reason.into());
        write(&path, &headings, &[first]);
        import(&server, &path, &[])
    };
    assert_eq!(void_first("absent").of("voided"), 1);
    assert_eq!(hours(&server), 300);
    let plain = wishing(6.0, "", "");
    assert_eq!((plain.code, plain.of("duplicate")), (Some(0), 2), "{plain:?}");
    assert!(
        plain.only_remark().2.contains("say why in the column 更正理由"),
        "{plain:?}"
    );
    assert_eq!(hours(&server), 300);

    let back = wishing(6.0, "was there after all", "");
    assert_eq!((back.code, back.of("recorded")), (Some(0), 1), "{back:?}");
    assert_eq!(hours(&server), 900);
    // With the reason and without it, it stands; and what is changed is told against what stands.
    let head = caller.head().await;
    for correct in ["was there after all", "for another reason", ""] {
        let again = wishing(6.0, correct, "");
        assert_eq!((again.code, again.of("duplicate")), (Some(0), 2), "{again:?}");
        assert!(!format!("{:?}", again.rows).contains("remarks"), "{again:?}");
    }
    let changed = import_with(&server, folder.path(), 4.0, &[]);
    assert!(changed.only_remark().2.contains("ledger 6 · sheet 4"), "{changed:?}");
    assert_eq!(caller.head().await, head);

    // The file that made it void makes it void no more; void for another reason, the file that brought it back brings nothing back; another reason does.
    let older = void_first("absent");
    assert_eq!((older.code, older.of("duplicate")), (Some(0), 1), "{older:?}");
    // It is not said to be void.
    let (_, _, said) = older.only_remark();
    assert!(
        said.contains("brought back since") && said.contains("another reason"),
        "{said}"
    );
    assert_eq!(hours(&server), 900);
    let again = void_first("absent after all");
    assert_eq!((again.code, again.of("voided")), (Some(0), 1), "{again:?}");
    let same = wishing(6.0, "was there after all", "");
    assert_eq!((same.code, same.of("duplicate")), (Some(0), 2), "{same:?}");
    assert_eq!(hours(&server), 300);
    // Now that nothing of it counts, each file that voided it says that it is void.
    for reason in ["absent", "absent after all"] {
        let older = void_first(reason);
        assert!(older.only_remark().2.contains("is void by entry"), "{older:?}");
    }
    let back = wishing(6.0, "the list was found", "");
    assert_eq!((back.code, back.of("recorded")), (Some(0), 1), "{back:?}");
    assert_eq!(hours(&server), 900);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_corrected_row_that_is_void_counts_neither_as_it_was_nor_as_it_was_corrected() {
    let (_data, server, caller) = furnished().await;
    let folder = tempdir().expect("a directory");
    import_with(&server, folder.path(), 6.0, &[]);
    let wishing = |hours, correct, void| import_wishing(&server, folder.path(), hours, correct, void);
    for hours in [5.0, 4.0] {
        assert_eq!(wishing(hours, "miscounted", "").of("corrected"), 1);
    }
    let void_first = |hours: f64| {
        let path = folder.path().join("作废.xlsx");
        let headings: Vec<&str> = TRAINING.into_iter().chain(["作废理由"]).collect();
        let mut first = training("T1", PROJECT, hours, 3, 5);
        first.push("absent".into());
        write(&path, &headings, &[first]);
        import(&server, &path, &[])
    };
    let void = void_first(4.0);
    assert_eq!((void.code, void.of("voided")), (Some(0), 1), "{void:?}");
    assert_eq!(hours(&server), 300);
    let head = caller.head().await;
    for hours in [4.0, 6.0] {
        let again = void_first(hours);
        assert_eq!((again.code, again.of("duplicate")), (Some(0), 1), "{again:?}");
    }
    assert_eq!(caller.head().await, head);
    let back = wishing(4.0, "was there after all", "");
    assert_eq!((back.code, back.of("recorded")), (Some(0), 1), "{back:?}");
    assert_eq!(hours(&server), 700);
    let head = caller.head().await;
    assert_eq!(wishing(4.0, "was there after all", "").of("duplicate"), 2);
    assert_eq!(caller.head().await, head);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_correction_that_was_voided_is_not_made_again_by_the_file_that_made_it() {
    let (_data, server, caller) = furnished().await;
    let folder = tempdir().expect("a directory");
    import_with(&server, folder.path(), 6.0, &[]);
    let wishing = |hours, correct| import_wishing(&server, folder.path(), hours, correct, "");
    assert_eq!(wishing(4.0, "miscounted").of("corrected"), 1);
    let correction = last(&server).to_string();
    let undone = keshi(&server, &["void", &correction, "--reason", "it was right"]);
    assert_eq!(undone.code, Some(0), "{undone:?}");
    assert_eq!(hours(&server), 900);
    let head = caller.head().await;
    for _ in 0..2 {
        let again = wishing(4.0, "miscounted");
        assert_eq!((again.code, again.of("duplicate")), (Some(0), 2), "{again:?}");
        assert!(again.only_remark().2.contains("voided since"), "{again:?}");
    }
    assert_eq!(caller.head().await, head);
    let anew = wishing(4.0, "it was miscounted, as the list shows");
    assert_eq!((anew.code, anew.of("corrected")), (Some(0), 1), "{anew:?}");
    assert_eq!(hours(&server), 700);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_void_comes_back_though_its_load_is_closed_without_one_or_under_the_one_that_is_named() {
    let (_data, server, caller) = furnished().await;
    let folder = tempdir().expect("a directory");
    let wishing = |correct, void, more: &[&str]| {
        let path = folder.path().join("往年.xlsx");
        let headings: Vec<&str> = TRAINING.into_iter().chain(["更正理由", "作废理由"]).collect();
        let mut row = training("T1", PROJECT, 6.0, 3, 5);
        row.extend([correct, void].map(Cell::from));
        write(&path, &headings, &[row]);
        import(&server, &path, more)
    };
    let load = |args: &[&str]| assert_eq!(keshi(&server, &[&["load"], args].concat()).code, Some(0));
    for id in ["L1", "L2"] {
        load(&["open", id, "--period", "2022", "--reason", "found in a drawer"]);
    }
    assert_eq!(wishing("", "", &["--load", "L1"]).of("recorded"), 1);
    // Of one cause a row is named once, whatever it has of it.
    load(&["close", "L1"]);
    let path = folder.path().join("另一.xlsx");
    write(&path, &TRAINING, &[training("T2", "又一培训", 3.0, 4, 5)]);
    let path = path.to_str().expect("a plain path");
    let closed = keshi(&server, &["import", path, "--load", "L1"]);
    assert!(
        closed.out.contains("row 2 refused") && !closed.out.contains("rows 2, 2"),
        "{closed:?}"
    );
    for (void, back, more) in [
        ("absent", "was there after all", &[][..]),
        ("absent, says the school", "the list was found", &["--load", "L2"][..]),
    ] {
        assert_eq!(wishing("", void, &[]).of("voided"), 1);
        assert_eq!(hours(&server), 0);
        let returned = wishing(back, "", more);
        assert_eq!((returned.code, returned.of("recorded")), (Some(0), 1), "{returned:?}");
        assert_eq!(hours(&server), 600);
        let head = caller.head().await;
        for more in [more, &[], &["--load", "L2"]] {
            let again = wishing(back, "", more);
            assert_eq!((again.code, again.of("duplicate")), (Some(0), 1), "{again:?}");
        }
        assert_eq!(caller.head().await, head);
    }
}
