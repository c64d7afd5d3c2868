//! What the office alone brings by spreadsheet: exemptions, and schools that close.

use std::path::Path;

use keshi_tests::process::Keshi;
use keshi_tests::sheet::{Cell, write};
use tempfile::tempdir;

use super::{Imported, furnished, import, keshi};

fn imported(server: &Keshi, folder: &Path, headings: &[&str], rows: &[&[&str]]) -> Imported {
    let path = folder.join("表.xlsx");
    let rows: Vec<Vec<Cell>> = rows
        .iter()
        .map(|row| row.iter().map(|cell| Cell::from(*cell)).collect())
        .collect();
    write(&path, headings, &rows);
    import(server, &path, &[])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn exemptions_and_closed_schools_come_by_sheet_and_the_same_again_changes_nothing() {
    let (_data, server, caller) = furnished().await;
    let folder = tempdir().expect("a directory");
    let headings = [
        "教师编号",
        "要求编号",
        "减免数",
        "减免开始日期",
        "减免结束日期",
        "减免原因",
    ];
    // Leave may lie ahead; a requirement that no policy has yet waits.
    let leave: &[&[&str]] = &[&["T1", "R1", "45.5", "2022-03-01", "2099-08-31", "产假"]];
    let granted = imported(&server, folder.path(), &headings, leave);
    assert_eq!((granted.code, granted.of("waiting")), (Some(0), 1), "{granted:?}");
    let headings_closing = ["撤并学校", "撤并日期", "并入学校"];
    let closing: &[&[&str]] = &[&["S1", "2022-08-31", "S2"]];
    let closed = imported(&server, folder.path(), &headings_closing, closing);
    assert_eq!((closed.code, closed.of("recorded")), (Some(0), 1), "{closed:?}");
    let log = keshi(&server, &["log", "--json"]).out;
    assert!(
        log.contains("\"reduceCentiamount\":\"4550\"") || log.contains("4550"),
        "{log}"
    );
    assert!(log.contains("\"successorId\":\"S2\""), "{log}");

    let head = caller.head().await;
    assert_eq!(imported(&server, folder.path(), &headings, leave).of("duplicate"), 1);
    assert_eq!(
        imported(&server, folder.path(), &headings_closing, closing).of("duplicate"),
        1
    );
    // Another day is a change to be confirmed, not a second closing.
    let other: &[&[&str]] = &[&["S1", "2022-07-31", "S2"]];
    let changed = imported(&server, folder.path(), &headings_closing, other);
    assert_eq!((changed.code, changed.of("changed")), (Some(1), 1), "{changed:?}");
    assert_eq!(caller.head().await, head);
}
