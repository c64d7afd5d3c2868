//! What the office alone brings by spreadsheet: exemptions, and schools that close.

use std::path::Path;

use keshi_tests::process::Keshi;
use keshi_tests::sheet::{Cell, TRAINING, training, write};
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn moved_and_cancelled_sessions_come_by_sheet_and_name_the_session_as_the_sheet_of_training_did() {
    let (_data, server, caller) = furnished().await;
    let folder = tempdir().expect("a directory");
    let attended = |project: &str| training("T1", project, 6.0, 3, 5);
    let path = folder.path().join("培训.xlsx");
    write(&path, &TRAINING, &[attended("师德研修"), attended("课标培训")]);
    assert_eq!(import(&server, &path, &[]).of("recorded"), 2);
    assert_eq!(caller.centihours("T1").await, 1_200);

    // The move may lie ahead; it changes no hours.
    let headings = ["培训项目名称", "原开始日期", "新开始日期", "新地点", "改期原因"];
    let moved: &[&[&str]] = &[&["师德研修", "2022-03-05", "2099-03-19", "县第一小学", "暴雨"]];
    let done = imported(&server, folder.path(), &headings, moved);
    assert_eq!((done.code, done.of("recorded")), (Some(0), 1), "{done:?}");
    let log = keshi(&server, &["log"]).out;
    assert!(log.contains("师德研修"), "{log}");
    assert_eq!(caller.centihours("T1").await, 1_200);
    assert_eq!(imported(&server, folder.path(), &headings, moved).of("duplicate"), 1);
    // Another place on the same days is a change to be confirmed; other days are another move.
    let elsewhere: &[&[&str]] = &[&["师德研修", "2022-03-05", "2099-03-19", "县第二小学", "暴雨"]];
    assert_eq!(imported(&server, folder.path(), &headings, elsewhere).of("changed"), 1);
    let again: &[&[&str]] = &[&["师德研修", "2022-03-05", "2099-04-02", "县第一小学", "暴雨"]];
    assert_eq!(imported(&server, folder.path(), &headings, again).of("recorded"), 1);

    // Attendance at a cancelled session counts no more. `X1` has an id that was given to it.
    let headings_off = ["培训项目名称", "场次编号", "原开始日期", "取消日期", "取消原因"];
    let cancelled: &[&[&str]] = &[
        &["课标培训", "", "2022-03-05", "2022-03-04", "暴雨"],
        &["", "X1", "", "2022-03-04", ""],
    ];
    let done = imported(&server, folder.path(), &headings_off, cancelled);
    assert_eq!((done.code, done.of("recorded")), (Some(0), 2), "{done:?}");
    assert_eq!(caller.centihours("T1").await, 600);
    assert_eq!(
        imported(&server, folder.path(), &headings_off, cancelled).of("duplicate"),
        2
    );

    // A session that the row does not name is a problem of the row; one that nobody recorded waits.
    let nameless: &[&[&str]] = &[&["", "", "2022-03-05", "2022-03-04", "暴雨"]];
    let refused = imported(&server, folder.path(), &headings_off, nameless);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.only_remark().2.contains("场次编号"), "{refused:?}");
    let mistyped: &[&[&str]] = &[&["课标培训二", "", "2022-03-05", "2022-03-04", "暴雨"]];
    let waits = imported(&server, folder.path(), &headings_off, mistyped);
    assert_eq!(waits.of("waiting"), 1, "{waits:?}");
}
