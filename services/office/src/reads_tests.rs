use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::thread;

use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::china;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn of(teacher_id: &str) -> ReadOf<'_> {
    ReadOf {
        caller: "clerk-1",
        teacher_id,
        what: "balance",
        period: None,
        purpose: None,
    }
}

#[test]
fn a_line_has_its_fixed_form_and_a_private_file() {
    let dir = tempfile::tempdir().unwrap();
    let log = ReadLog::open(dir.path().join("reads")).unwrap();
    log.record(
        at("2022-09-01T08:00:00Z"),
        &ReadOf {
            purpose: Some("年终核对\n\"甲\""),
            ..of("T1")
        },
    )
    .unwrap();
    let path = dir.path().join("reads/2022-09.jsonl");
    assert_eq!(
        fs::read_to_string(&path).unwrap(),
        "{\"at\":\"2022-09-01T08:00:00Z\",\"caller\":\"clerk-1\",\"teacher_id\":\"T1\",\"what\":\"balance\",\
         \"purpose\":\"年终核对\\n\\\"甲\\\"\"}\n"
    );
    assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn months_end_at_midnight_in_china_and_restarts_lose_nothing() {
    let dir = tempfile::tempdir().unwrap();
    for (time, teacher_id) in [
        ("2022-08-31T15:59:59Z", "T1"),
        ("2022-08-31T16:00:00Z", "T2"),
        ("2022-08-31T15:59:58Z", "T3"),
    ] {
        ReadLog::open(dir.path())
            .unwrap()
            .record(at(time), &of(teacher_id))
            .unwrap();
    }
    let log = ReadLog::open(dir.path()).unwrap();
    let teachers = |day| -> Vec<String> {
        log.month(day)
            .unwrap()
            .lines
            .into_iter()
            .map(|line| line.teacher_id)
            .collect()
    };
    assert_eq!(teachers(date(2022, 8, 1)), ["T1", "T3"]);
    assert_eq!(teachers(date(2022, 9, 30)), ["T2"]);
    assert!(teachers(date(2022, 10, 1)).is_empty());
}

#[test]
fn a_line_cut_off_by_a_power_cut_is_listed_and_spoils_no_other() {
    let dir = tempfile::tempdir().unwrap();
    let september = at("2022-09-01T08:00:00Z");
    let log = ReadLog::open(dir.path()).unwrap();
    log.record(september, &of("T1")).unwrap();
    log.record(september, &of("T2")).unwrap();
    let path = dir.path().join("2022-09.jsonl");
    let text = fs::read(&path).unwrap();
    fs::write(&path, &text[..text.len() - 10]).unwrap();
    ReadLog::open(dir.path()).unwrap().record(september, &of("T3")).unwrap();
    let found = log.month(date(2022, 9, 1)).unwrap();
    assert_eq!(
        found
            .lines
            .iter()
            .map(|line| line.teacher_id.as_str())
            .collect::<Vec<_>>(),
        ["T1", "T3"]
    );
    assert_eq!(found.broken, [2]);
}

/// Makes the file of a month one that cannot be written.
type Spoil = fn(&Path);

#[test]
fn what_cannot_be_written_is_an_error_until_it_can_and_then_nothing_else_is_needed() {
    let september = at("2022-09-01T08:00:00Z");
    let spoils: [(&str, Spoil); 3] = [
        ("a directory", |path| fs::create_dir(path).unwrap()),
        ("a full disk", |path| symlink("/dev/full", path).unwrap()),
        ("nowhere", |path| symlink("/nowhere/at/all", path).unwrap()),
    ];
    for (what, spoil) in spoils {
        for was_open in [false, true] {
            let dir = tempfile::tempdir().unwrap();
            let log = ReadLog::open(dir.path()).unwrap();
            let (path, aside) = (dir.path().join("2022-09.jsonl"), dir.path().join("aside"));
            if was_open {
                log.record(september, &of("T0")).unwrap();
                fs::rename(&path, &aside).unwrap();
            }
            spoil(&path);
            for _ in 0..2 {
                let failed = log.record(september, &of("T1")).unwrap_err();
                assert_eq!(failed.path, path, "{what}");
            }
            fs::remove_dir(&path).or_else(|_| fs::remove_file(&path)).unwrap();
            if was_open {
                fs::rename(&aside, &path).unwrap();
            }
            log.record(september, &of("T2")).unwrap();
            let found = log.month(date(2022, 9, 1)).unwrap();
            let teachers: Vec<_> = found.lines.iter().map(|line| line.teacher_id.as_str()).collect();
            let expected: &[&str] = if was_open { &["T0", "T2"] } else { &["T2"] };
            assert_eq!(teachers, expected, "{what}");
        }
    }
}

#[test]
fn a_log_removed_while_in_use_takes_no_line_that_nobody_finds() {
    let dir = tempfile::tempdir().unwrap();
    let reads = dir.path().join("reads");
    let log = ReadLog::open(&reads).unwrap();
    let september = at("2022-09-01T08:00:00Z");
    log.record(september, &of("T1")).unwrap();
    fs::remove_dir_all(&reads).unwrap();
    log.record(september, &of("T2")).unwrap();
    assert_eq!(log.month(date(2022, 9, 1)).unwrap().lines[0].teacher_id, "T2");
    assert_eq!(fs::metadata(&reads).unwrap().permissions().mode() & 0o777, 0o700);
    // Where not even the directory can be made, nothing is written down and nothing answered.
    fs::remove_dir_all(&reads).unwrap();
    fs::write(&reads, "in the way").unwrap();
    log.record(september, &of("T3")).unwrap_err();
    fs::remove_file(&reads).unwrap();
    log.record(september, &of("T4")).unwrap();
}

#[test]
fn an_end_of_line_too_many_is_no_broken_line() {
    let dir = tempfile::tempdir().unwrap();
    let september = at("2022-09-01T08:00:00Z");
    ReadLog::open(dir.path()).unwrap().record(september, &of("T1")).unwrap();
    let path = dir.path().join("2022-09.jsonl");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text + "\n").unwrap();
    let log = ReadLog::open(dir.path()).unwrap();
    log.record(september, &of("T2")).unwrap();
    let found = log.month(date(2022, 9, 1)).unwrap();
    assert_eq!((found.lines.len(), found.broken), (2, Vec::new()));
}

#[test]
fn readers_at_the_same_time_do_not_mix_their_lines() {
    let dir = tempfile::tempdir().unwrap();
    let shared = ReadLog::open(dir.path()).unwrap();
    thread::scope(|scope| {
        for reader in 0..4 {
            // Two share one handle; two come as other processes do.
            let own = (reader < 2).then(|| ReadLog::open(dir.path()).unwrap());
            let shared = &shared;
            scope.spawn(move || {
                let log = own.as_ref().unwrap_or(shared);
                for i in 0..500 {
                    log.record(at("2022-09-01T08:00:00Z"), &of(&format!("T{reader}-{i}")))
                        .unwrap();
                }
            });
        }
    });
    let found = shared.month(date(2022, 9, 1)).unwrap();
    assert_eq!((found.lines.len(), found.broken), (2000, Vec::new()));
}

proptest! {
    #[test]
    fn what_is_written_reads_back(
        second in 0_i64..200_000_000_000,
        caller in "[a-z0-9-]{1,32}",
        teacher_id in "[A-Za-z0-9._-]{1,32}",
        what in "\\PC{0,40}",
        period in prop::option::of("[0-9-]{1,9}"),
        purpose in prop::option::of("(?s).{0,300}"),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let log = ReadLog::open(dir.path()).unwrap();
        let at = Timestamp::from_second(second).unwrap();
        let read = ReadOf { caller: &caller, teacher_id: &teacher_id, what: &what, period: period.as_deref(), purpose: purpose.as_deref() };
        log.record(at, &read).unwrap();
        let purpose = purpose.map(|text| text.chars().take(200).collect::<String>());
        let expected = Line { at, caller, teacher_id, what, period, purpose };
        let found = log.month(at.to_zoned(china()).date()).unwrap();
        prop_assert_eq!(found, Lines { lines: vec![expected], broken: vec![] });
    }
}
