//! Files and rows that are not right.

use std::fs;
use std::path::Path;

use keshi_tests::sheet::{Cell, TRAINING, fill, training, write, write_with};
use rust_xlsxwriter::Format;
use tempfile::tempdir;

use super::{furnished, import};

/// Makes a file.
type Make<'a> = dyn Fn(&Path) + 'a;

const PROJECT: &str = "2022年小学语文新课标培训";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_cannot_be_read_as_a_sheet_says_why_and_changes_nothing() {
    let (_data, server, caller) = furnished().await;
    let head = caller.head().await;
    let folder = tempdir().expect("a directory");
    let row = training("T1", PROJECT, 6.0, 3, 5);
    let cases: [(&str, &Make<'_>, &str); 7] = [
        (
            "missing.xlsx",
            &|path| write(path, &TRAINING[..4], &[row[..4].to_vec()]),
            "lacks the columns 培训开始日期",
        ),
        (
            "merged.xlsx",
            &|path| {
                write_with(path, |sheet| {
                    fill(sheet, 0, &TRAINING[..3], std::slice::from_ref(&row));
                    let format = Format::new();
                    sheet.merge_range(0, 3, 0, 4, "培训获得学时", &format).expect("merged");
                });
            },
            "merged",
        ),
        ("empty.xlsx", &|path| fs::write(path, "").expect("written"), "is empty"),
        ("blank.xlsx", &|path| write(path, &[], &[]), "is empty"),
        ("empty.csv", &|path| fs::write(path, "").expect("written"), "is empty"),
        (
            "no.xlsx",
            &|path| fs::write(path, "PK\u{3}\u{4} no workbook").expect("written"),
            "cannot be read",
        ),
        (
            "other.xlsx",
            &|path| write(path, &["甲", "乙"], &[vec!["1".into(), "2".into()]]),
            "has no sheet that is known",
        ),
    ];
    for (name, make, said) in cases {
        let path = folder.path().join(name);
        make(&path);
        let imported = import(&server, &path, &[]);
        assert_eq!(imported.code, Some(1), "{name}: {}", imported.err);
        assert!(
            imported.err.contains(said) && imported.err.contains(name),
            "{name}: {}",
            imported.err
        );
        assert!(imported.rows.is_empty());
        assert_eq!(caller.head().await, head, "{name} changed something");
    }
    let missing = import(&server, &folder.path().join("nowhere.xlsx"), &[]);
    assert_eq!(missing.code, Some(1), "{}", missing.err);
    assert!(missing.err.contains("nowhere.xlsx"), "{}", missing.err);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bad_row_is_named_with_its_column_and_the_file_changes_nothing_without_partial() {
    let (_data, server, caller) = furnished().await;
    let folder = tempdir().expect("a directory");
    let dated = |day: &str| {
        let mut row = training("T2", PROJECT, 6.0, 3, 5);
        row[4] = day.into();
        row
    };
    let cases: [(Vec<Cell>, &str, &str); 10] = [
        (training("T2", PROJECT, "六个", 3, 5), "培训获得学时", "not a number"),
        (training("T2", PROJECT, 0.0, 3, 5), "培训获得学时", "between"),
        (training("T2", PROJECT, -6.0, 3, 5), "培训获得学时", "between"),
        (training("T2", PROJECT, 25.0, 3, 5), "培训获得学时", "between"),
        (
            training("T2", PROJECT, 6.125, 3, 5),
            "培训获得学时",
            "more than two decimals",
        ),
        (training("T9", PROJECT, 6.0, 3, 5), "教师编号", "nobody among those"),
        (training("", PROJECT, 6.0, 3, 5), "姓名", "教师编号 are all blank"),
        (dated("去年三月"), "培训开始日期", "not a date"),
        (dated("2099-01-01"), "培训开始日期", "future"),
        (training("T2", &"长".repeat(201), 6.0, 3, 5), "培训项目名称", "text"),
    ];
    for (place, (bad, column, said)) in cases.into_iter().enumerate() {
        let head = caller.head().await;
        let path = folder.path().join(format!("{place}.xlsx"));
        let good = training("T1", &format!("{PROJECT}{place}"), 6.0, 3, 5);
        write(&path, &TRAINING, &[good, bad]);
        let imported = import(&server, &path, &[]);
        assert_eq!(imported.code, Some(1), "{place}: {}", imported.err);
        assert_eq!(imported.summary["sent"], false, "{imported:?}");
        let (row, at, text) = imported.only_remark();
        assert_eq!((row, at), (3, column), "{place}: {text}");
        assert!(text.contains(said), "{place}: {text}");
        assert_eq!(caller.head().await, head, "{place} changed something");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_partial_the_good_rows_are_recorded_and_the_mended_file_adds_the_rest() {
    let (_data, server, caller) = furnished().await;
    let folder = tempdir().expect("a directory");
    let path = folder.path().join("培训.xlsx");
    let good = training("T1", PROJECT, 6.0, 3, 5);
    write(&path, &TRAINING, &[good.clone(), training("T2", PROJECT, "六", 3, 5)]);
    let partial = import(&server, &path, &["--partial"]);
    assert_eq!(partial.code, Some(1), "a row still needs work: {}", partial.err);
    assert_eq!(partial.of("recorded"), 1);
    assert_eq!(partial.only_remark().0, 3);
    assert_eq!(caller.centihours("T1").await, 600);
    // The checked copy beside it says what to do in the file itself.
    let copies = fs::read_dir(folder.path()).expect("it can be read").count();
    assert_eq!(copies, 2);

    // It reads like the original: what is recorded is a duplicate, what is wrong still is.
    let copy = import(&server, &folder.path().join("培训-核对.xlsx"), &["--partial"]);
    assert_eq!((copy.code, copy.of("duplicate"), copy.of("mistaken")), (Some(1), 1, 1));
    assert_eq!(copy.only_remark().0, 3);

    write(&path, &TRAINING, &[good, training("T2", PROJECT, 6.0, 3, 5)]);
    let mended = import(&server, &path, &[]);
    assert_eq!(mended.code, Some(0), "{}", mended.err);
    assert_eq!((mended.of("duplicate"), mended.of("recorded")), (1, 1));
    assert_eq!(
        (caller.centihours("T1").await, caller.centihours("T2").await),
        (600, 600)
    );
    let head = caller.head().await;
    let again = import(&server, &path, &[]);
    assert_eq!((again.code, again.of("duplicate")), (Some(0), 2), "{}", again.err);
    assert_eq!(caller.head().await, head);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_with_other_hours_than_were_recorded_is_told_as_changed_and_leaves_the_original() {
    let (_data, server, caller) = furnished().await;
    let folder = tempdir().expect("a directory");
    let path = folder.path().join("培训.xlsx");
    write(&path, &TRAINING, &[training("T1", PROJECT, 6.0, 3, 5)]);
    assert_eq!(import(&server, &path, &[]).code, Some(0));
    let head = caller.head().await;
    write(&path, &TRAINING, &[training("T1", PROJECT, 5.0, 3, 5)]);
    let other = import(&server, &path, &[]);
    assert_eq!((other.code, other.of("changed")), (Some(1), 1), "{}", other.err);
    let (row, column, text) = other.only_remark();
    assert_eq!(row, 2);
    assert_eq!(column, "培训获得学时", "the sheet's own heading");
    assert!(text.contains("ledger 6 · sheet 5"), "{text}");
    assert_eq!(caller.head().await, head);
    assert_eq!(caller.centihours("T1").await, 600);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn days_and_numbers_kept_as_text_are_read_as_what_they_say() {
    let (_data, server, caller) = furnished().await;
    let folder = tempdir().expect("a directory");
    let days = ["2022-03-05", "2022/3/6", "2022年3月7日", "20220308"];
    let rows: Vec<_> = days
        .iter()
        .map(|day| {
            let mut row = training("T1", PROJECT, " ６.５ ", 3, 5);
            row[4] = (*day).into();
            row
        })
        .collect();
    let path = folder.path().join("培训.xlsx");
    write(&path, &TRAINING, &rows);
    let imported = import(&server, &path, &[]);
    assert_eq!((imported.code, imported.of("recorded")), (Some(0), 4), "{imported:?}");
    assert_eq!(caller.centihours("T1").await, 4 * 650);
    // The same as true days and numbers is the same.
    let rows: Vec<_> = (5..9).map(|day| training("T1", PROJECT, 6.5, 3, day)).collect();
    write(&path, &TRAINING, &rows);
    let again = import(&server, &path, &[]);
    assert_eq!((again.code, again.of("duplicate")), (Some(0), 4), "{again:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_csv_file_in_either_encoding_gives_the_same_rows() {
    let (_data, server, _caller) = furnished().await;
    let folder = tempdir().expect("a directory");
    let header = TRAINING.join(",");
    let utf8 = folder.path().join("a.csv");
    fs::write(&utf8, format!("\u{feff}{header}\r\nT1,县级,{PROJECT},6,2022-03-05\r\n")).expect("written");
    let first = import(&server, &utf8, &[]);
    assert_eq!((first.code, first.of("recorded")), (Some(0), 1), "{first:?}");
    let wrong = folder.path().join("b.csv");
    fs::write(&wrong, b"\xff\xfe\xff\xff\x81").expect("written");
    let refused = import(&server, &wrong, &[]);
    assert_eq!(refused.code, Some(1), "{}", refused.err);
    assert!(refused.err.contains("b.csv"), "{}", refused.err);
    let again = import(&server, &utf8, &[]);
    assert_eq!((again.code, again.of("duplicate")), (Some(0), 1), "{again:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_spreadsheet_hides_is_named_before_it_is_taken_and_one_course_under_two_names_is_told_of() {
    let (_data, server, caller) = furnished().await;
    let folder = tempdir().expect("a directory");
    let path = folder.path().join("隐藏.xlsx");
    write_with(&path, |sheet| {
        let mut rows = vec![training("T1", PROJECT, 6.0, 3, 5), training("T2", PROJECT, 6.0, 3, 5)];
        for row in &mut rows {
            row.push("县进修校".into());
        }
        let mut again = training("T1", "2022小学语文·新课标培训", 6.0, 3, 5);
        again.push("县进修校".into());
        rows.push(again);
        let headings = [&TRAINING[..], &["培训机构名称"]].concat();
        fill(sheet, 0, &headings, &rows);
        sheet.set_row_hidden(2).expect("hidden");
        sheet.set_column_hidden(3).expect("hidden");
    });
    let named = "row 3 is hidden or filtered out and is imported all the same";
    let checked = import(&server, &path, &["--dry-run"]);
    assert!(checked.err.contains(named), "{}", checked.err);
    assert!(
        checked.err.contains("the columns 培训获得学时 are hidden"),
        "{}",
        checked.err
    );
    let plain = super::keshi(&server, &["import", path.to_str().expect("a plain path")]);
    assert_eq!(plain.code, Some(0), "{plain:?}");
    assert!(plain.err.contains(named), "{plain:?}");
    assert!(plain.out.contains("it may be the course of row 4"), "{plain:?}");
    assert_eq!(caller.centihours("T1").await, 1_200);
    assert_eq!(caller.centihours("T2").await, 600);
    // Said once, when it is new.
    let again = super::keshi(&server, &["import", path.to_str().expect("a plain path")]);
    assert!(!again.out.contains("may be the course"), "{again:?}");
}
