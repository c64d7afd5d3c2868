//! The yearly roster: the sheet 教师 imported again next September.

use std::path::Path;

use keshi_tests::caller::Caller;
use keshi_tests::process::Keshi;
use keshi_tests::sheet::{Cell, write};
use serde_json::Value;
use tempfile::tempdir;

use super::{Imported, empty, import, keshi};

const ROSTER: [&str; 7] = ["教师编号", "姓名", "学段", "学科", "学校", "岗位", "入职日期"];

fn row(id: &str, name: &str, subject: &str, school: &str) -> Vec<Cell> {
    [id, name, "小学", subject, school, "教师", "2020-09-01"]
        .into_iter()
        .map(Cell::from)
        .collect()
}

fn roster(server: &Keshi, folder: &Path, rows: &[Vec<Cell>], more: &[&str]) -> Imported {
    let path = folder.join("教师.xlsx");
    write(&path, &ROSTER, rows);
    import(server, &path, more)
}

/// School and days of each post in the log, by its event.
fn posts(server: &Keshi, teacher: &str) -> Vec<String> {
    let ran = keshi(server, &["log", "--about", teacher, "--json"]);
    let entries = ran
        .out
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let told = entries.filter_map(|entry| {
        let event = &entry["event"];
        let day = &event["occurredFrom"];
        let day = format!("{}-{}-{}", day["year"], day["month"], day["day"]);
        let fact = &event["fact"];
        if let Some(school) = fact["assignmentStarted"]["schoolId"].as_str() {
            return Some(format!("{school} from {day}"));
        }
        fact["assignmentEnded"].is_object().then(|| format!("ended on {day}"))
    });
    told.collect()
}

/// An office with two schools, and what imports into it.
fn two_schools(server: &Keshi, folder: &Path) {
    let schools = folder.join("学校.xlsx");
    let named = [["S1", "第一小学", "小学"], ["S2", "第二小学", "小学"]];
    let named: Vec<Vec<Cell>> = named.map(|school| school.map(Cell::from).to_vec()).to_vec();
    write(&schools, &["学校编号", "学校名称", "学段"], &named);
    assert_eq!(import(server, &schools, &[]).code, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_move_before_the_post_began_or_of_a_teacher_with_two_rows_is_asked_about_and_never_a_second_post() {
    let (_data, server) = empty();
    let caller = Caller::connect(&server.url()).await;
    let folder = tempdir().expect("a directory");
    two_schools(&server, folder.path());
    let roster = |rows: &[Vec<Cell>], more: &[&str]| roster(&server, folder.path(), rows, more);
    assert_eq!(roster(&[row("T1", "王芳", "语文", "S1")], &[]).of("recorded"), 1);
    let head = caller.head().await;
    let moved = row("T1", "王芳", "语文", "S2");
    let early = roster(std::slice::from_ref(&moved), &["--from", "2019-09-01"]);
    assert_eq!((early.code, early.of("changed")), (Some(1), 1), "{early:?}");
    let other = row("T1", "王芳", "语文", "S1");
    let mut third = moved.clone();
    third[5] = "班主任".into();
    let twice = roster(&[moved, third], &["--from", "2023-09-01"]);
    assert_eq!((twice.code, twice.of("changed")), (Some(1), 2), "{twice:?}");
    let said = format!("{:?}", twice.rows);
    assert!(said.contains("2 rows here"), "{twice:?}");
    assert_eq!(caller.head().await, head);
    // What she holds is known by itself, however many rows are hers.
    let same = roster(&[other], &[]);
    assert_eq!((same.code, same.of("duplicate")), (Some(0), 1), "{same:?}");
    assert_eq!(posts(&server, "T1"), ["S1 from 2020-9-1"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn next_years_roster_moves_renames_and_adds_and_ends_nobodys_post_in_silence() {
    let (_data, server) = empty();
    let caller = Caller::connect(&server.url()).await;
    let folder = tempdir().expect("a directory");
    two_schools(&server, folder.path());
    let roster = |rows: &[Vec<Cell>], more: &[&str]| roster(&server, folder.path(), rows, more);
    let first = [
        row("T1", "王芳", "语文", "S1"),
        row("T2", "赵敏", "英语", "S2"),
        row("T5", "李娜", "数学", "S1"),
    ];
    let imported = roster(&first, &[]);
    assert_eq!((imported.code, imported.of("recorded")), (Some(0), 3), "{imported:?}");

    let next = [
        row("T1", "王芳", "语文", "S2"),
        row("T5", "李娜娜", "科学", "S1"),
        row("T6", "张伟", "体育", "S1"),
    ];
    let head = caller.head().await;
    let undated = roster(&next, &[]);
    assert_eq!((undated.code, undated.of("changed")), (Some(1), 2), "{undated:?}");
    assert_eq!(caller.head().await, head);

    let moved = roster(&next, &["--from", "2023-09-01"]);
    assert_eq!(moved.code, Some(0), "{moved:?}");
    assert!(
        moved.err.contains("teacher T1: S1 教师 → S2 教师, from 2023-09-01"),
        "{}",
        moved.err
    );
    // T2 is at S2, and not in the roster.
    assert!(
        moved.err.contains("T2 赵敏（S2）") && moved.err.contains("nothing changes for them"),
        "{}",
        moved.err
    );
    assert_eq!(
        posts(&server, "T1"),
        ["S1 from 2020-9-1", "ended on 2023-8-31", "S2 from 2023-9-1"]
    );
    assert_eq!(posts(&server, "T2"), ["S2 from 2020-9-1"]);

    // Again, with and without the day: nothing changes.
    let head = caller.head().await;
    for more in [&["--from", "2023-09-01"][..], &[]] {
        let again = roster(&next, more);
        assert_eq!((again.code, again.of("duplicate")), (Some(0), 3), "{again:?}");
    }
    // Last year's roster brings nobody back.
    let old = roster(&first, &[]);
    assert_eq!(
        (old.code, old.of("changed"), old.of("duplicate")),
        (Some(1), 1, 2),
        "{old:?}"
    );
    assert_eq!(caller.head().await, head);
    // Nor an old name.
    let one = roster(&first[2..], &[]);
    assert_eq!((one.code, one.of("duplicate")), (Some(0), 1), "{one:?}");
    let named = keshi(&server, &["balance", "T5", "--period", "2023"]);
    assert!(named.out.contains("李娜娜"), "{named:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_name_alone_is_a_change_that_is_asked_about_and_told_before_it_is_taken() {
    let (_data, server) = empty();
    let folder = tempdir().expect("a directory");
    two_schools(&server, folder.path());
    let roster = |rows: &[Vec<Cell>], more: &[&str]| roster(&server, folder.path(), rows, more);
    let name = || keshi(&server, &["balance", "T1", "--period", "2022"]).out;
    let (old, new) = ([row("T1", "李娜", "语文", "S1")], [row("T1", "李娜娜", "语文", "S1")]);
    assert_eq!(roster(&old, &[]).of("recorded"), 1);
    let asked = roster(&new, &[]);
    assert_eq!((asked.code, asked.of("changed")), (Some(1), 1), "{asked:?}");
    let (_, column, said) = asked.only_remark();
    assert_eq!(column, "姓名");
    assert!(said.contains("people register 李娜 · sheet 李娜娜"), "{said}");
    // Not beside other rows either.
    let part = roster(&[new[0].clone(), row("T2", "赵敏", "英语", "S2")], &["--partial"]);
    assert_eq!((part.of("changed"), part.of("recorded")), (1, 1), "{part:?}");
    assert!(!name().contains("李娜娜"));
    let taken = roster(&new, &["--from", "2023-09-01"]);
    assert!(taken.err.contains("T1：李娜 → 李娜娜"), "{taken:?}");
    assert!(name().contains("李娜娜"));
    // Last year's roster brings the old name back only for somebody who says that it is right.
    assert_eq!(roster(&old, &[]).of("changed"), 1);
    assert!(name().contains("李娜娜"));
    assert_eq!(roster(&old, &["--correct", "the new one was mistyped"]).code, Some(0));
    assert!(!name().contains("李娜娜"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_whom_another_name_is_asked_about_nothing_moves_and_the_register_keeps_its_own() {
    let (_data, server) = empty();
    let folder = tempdir().expect("a directory");
    two_schools(&server, folder.path());
    let roster = |rows: &[Vec<Cell>], more: &[&str]| roster(&server, folder.path(), rows, more);
    let name = |id: &str| keshi(&server, &["balance", id, "--period", "2022"]).out;
    let first = [row("T1", "李娜", "语文", "S1"), row("T2", "赵敏", "英语", "S1")];
    assert_eq!(roster(&first, &[]).of("recorded"), 2);

    // Another name and another school with its day: neither is taken, nor a second post.
    let headings = ["教师编号", "姓名", "学段", "学科", "学校", "岗位", "任职开始"];
    let moved = ["T1", "李娜娜", "小学", "语文", "S2", "教师", "2022-09-01"].map(Cell::from);
    let path = folder.path().join("变动.xlsx");
    write(&path, &headings, &[moved.to_vec()]);
    let asked = import(&server, &path, &["--partial"]);
    assert_eq!((asked.code, asked.of("changed")), (Some(1), 1), "{asked:?}");
    assert_eq!(posts(&server, "T1"), ["S1 from 2020-9-1"]);
    // Nor is the name where more is wrong with the row.
    let unknown = roster(&[row("T1", "李娜娜", "语文", "S9")], &["--partial"]);
    assert_eq!(unknown.code, Some(1), "{unknown:?}");
    assert!(!name("T1").contains("李娜娜"), "{}", name("T1"));

    // Nor that of who left.
    let left = ["T2", "S1", "教师", "2020-09-01", "2021-08-31"].map(Cell::from);
    let posts = folder.path().join("任职.xlsx");
    write(
        &posts,
        &["教师编号", "学校", "岗位", "任职开始", "离任日期"],
        &[left.to_vec()],
    );
    assert_eq!(import(&server, &posts, &[]).code, Some(0));
    let asked = roster(&[row("T2", "周敏", "英语", "S1")], &[]);
    assert_eq!((asked.code, asked.of("changed")), (Some(1), 1), "{asked:?}");
    assert!(!name("T2").contains("周敏"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_cannot_take_the_new_post_does_not_lose_the_old_one() {
    let (_data, server) = empty();
    let folder = tempdir().expect("a directory");
    two_schools(&server, folder.path());
    let roster = |rows: &[Vec<Cell>], more: &[&str]| roster(&server, folder.path(), rows, more);
    assert_eq!(roster(&[row("T1", "李娜", "语文", "S1")], &[]).of("recorded"), 1);
    let next = |school| [row("T1", "李娜", "语文", school), row("T2", "赵敏", "英语", "S2")];
    let mistyped = roster(&next("S9"), &["--from", "2023-09-01", "--partial"]);
    assert_eq!(
        (mistyped.of("refused"), mistyped.of("recorded")),
        (1, 1),
        "{mistyped:?}"
    );
    assert_eq!(posts(&server, "T1"), ["S1 from 2020-9-1"]);
    let mended = roster(&next("S2"), &["--from", "2023-09-01"]);
    assert_eq!(mended.code, Some(0), "{mended:?}");
    assert_eq!(
        posts(&server, "T1"),
        ["S1 from 2020-9-1", "ended on 2023-8-31", "S2 from 2023-9-1"]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_left_and_comes_back_holds_her_post_from_the_rosters_day_and_not_from_when_she_was_hired() {
    let (_data, server) = empty();
    let caller = Caller::connect(&server.url()).await;
    let folder = tempdir().expect("a directory");
    two_schools(&server, folder.path());
    let roster = |rows: &[Vec<Cell>], more: &[&str]| roster(&server, folder.path(), rows, more);
    let first = [row("T1", "李娜", "语文", "S1")];
    assert_eq!(roster(&first, &[]).of("recorded"), 1);
    let left = ["T1", "S1", "教师", "2020-09-01", "2021-08-31"].map(Cell::from);
    let leaving = folder.path().join("任职.xlsx");
    write(
        &leaving,
        &["教师编号", "学校", "岗位", "任职开始", "离任日期"],
        &[left.to_vec()],
    );
    assert_eq!(import(&server, &leaving, &[]).code, Some(0));
    // Her old row brings her back to nothing, and another is asked about.
    let head = caller.head().await;
    assert_eq!(roster(&first, &[]).of("duplicate"), 1);
    let undated = roster(&[row("T1", "李娜", "语文", "S2")], &[]);
    assert_eq!((undated.code, undated.of("changed")), (Some(1), 1), "{undated:?}");
    assert_eq!(caller.head().await, head);
    for _ in 0..2 {
        let back = roster(&[row("T1", "李娜", "语文", "S2")], &["--from", "2022-09-01"]);
        assert_eq!(back.code, Some(0), "{back:?}");
        assert_eq!(
            posts(&server, "T1"),
            ["S1 from 2020-9-1", "ended on 2021-8-31", "S2 from 2022-9-1"]
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sheet_names_schools_of_the_ledger_by_their_full_names() {
    let (_data, server) = empty();
    let folder = tempdir().expect("a directory");
    two_schools(&server, folder.path());
    // Not in this file: the ledger knows it.
    let imported = roster(&server, folder.path(), &[row("T1", "王芳", "语文", "第二小学")], &[]);
    assert_eq!((imported.code, imported.of("recorded")), (Some(0), 1), "{imported:?}");
    assert_eq!(posts(&server, "T1"), ["S2 from 2020-9-1"]);
    let unknown = roster(&server, folder.path(), &[row("T2", "赵敏", "英语", "第三小学")], &[]);
    assert_eq!((unknown.code, unknown.of("mistaken")), (Some(1), 1), "{unknown:?}");

    let listed = keshi(&server, &["schools", "二小"]);
    assert!(listed.out.contains("S2") && !listed.out.contains("S1"), "{listed:?}");
    let none = keshi(&server, &["schools", "三小"]);
    assert_eq!(none.code, Some(1));
    assert!(none.err.contains("no school has 三小"), "{none:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_id_beside_another_ones_name_or_document_credits_nobody() {
    let (_data, server) = empty();
    let folder = tempdir().expect("a directory");
    two_schools(&server, folder.path());
    let path = folder.path().join("教师.xlsx");
    let headings: Vec<&str> = ROSTER.into_iter().chain(["身份证件号码"]).collect();
    let documents = [
        ("T1", "王芳", "11010519491231002X"),
        ("T2", "赵敏", "440524188001010014"),
    ];
    let people = documents.map(|(id, name, number)| {
        let mut person = row(id, name, "语文", "S1");
        person.push(number.into());
        person
    });
    write(&path, &headings, &people);
    assert_eq!(import(&server, &path, &[]).of("recorded"), 2);

    let attended = |id: &str, name: &str, number: &str| {
        let headings = [
            "教师编号",
            "姓名",
            "身份证件号码",
            "培训类别",
            "培训项目名称",
            "培训获得学时",
            "培训开始日期",
        ];
        let mut attended: Vec<Cell> = [id, name, number, "校级", "校本研修"].map(Cell::from).to_vec();
        attended.extend([3.0.into(), "2022-11-02".into()]);
        let path = folder.path().join("培训.xlsx");
        write(&path, &headings, &[attended]);
        import(&server, &path, &[])
    };
    let other = attended("T2", "王芳", "");
    assert_eq!((other.code, other.of("mistaken")), (Some(1), 1), "{other:?}");
    assert!(
        other.only_remark().2.contains("is 赵敏 in the people register"),
        "{other:?}"
    );
    let other = attended("T2", "", "11010519491231002X");
    assert_eq!((other.code, other.of("mistaken")), (Some(1), 1), "{other:?}");
    for (name, number) in [("赵 敏", ""), ("", "440524188001010014"), ("", "")] {
        let hers = attended("T2", name, number);
        assert_eq!(hers.code, Some(0), "{hers:?}");
    }
}
