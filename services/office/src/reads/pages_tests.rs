use std::fs;

use super::*;

fn log(lines: &[(&str, &str)]) -> (tempfile::TempDir, ReadLog) {
    let dir = tempfile::tempdir().unwrap();
    let log = ReadLog::open(dir.path()).unwrap();
    for (at, teacher_id) in lines {
        let read = ReadOf {
            caller: "clerk-1",
            teacher_id,
            what: "balance",
            period: Some("2022"),
            purpose: None,
        };
        log.record(at.parse().unwrap(), &read).unwrap();
    }
    (dir, log)
}

const LINES: [(&str, &str); 5] = [
    ("2022-08-01T00:00:00Z", "T1"),
    ("2022-08-02T00:00:00Z", "T2"),
    ("2022-10-01T00:00:00Z", "T1"),
    ("2022-10-02T00:00:00Z", "T2"),
    ("2023-01-02T00:00:00Z", "T1"),
];

#[test]
fn pages_of_any_size_put_together_are_the_log_over_all_months() {
    let (_dir, log) = log(&LINES);
    for (limit, looked_at) in [(1, 100), (2, 100), (100, 1), (100, 100)] {
        for whose in ["T1", "T2", ""] {
            let mut place = Some(Place::default());
            let mut found = Vec::new();
            while let Some(from) = place {
                let wanted = |line: &Line| whose.is_empty() || line.teacher_id == whose;
                let page = log.page(from, (limit, looked_at), wanted).unwrap();
                found.extend(page.lines.into_iter().map(|line| line.at.to_string()));
                place = page.next;
            }
            let of = |id: &str| whose.is_empty() || id == whose;
            let expected = LINES.iter().filter(|(_, id)| of(id)).map(|(at, _)| *at);
            assert_eq!(found, expected.collect::<Vec<_>>(), "{limit} {looked_at} {whose}");
        }
    }
    let autumn = log.page(Place::month_of("2022-09-15".parse().unwrap()), (9, 9), |_| true);
    assert_eq!(autumn.unwrap().lines.len(), 3);
}

#[test]
fn a_line_that_cannot_be_read_is_told_of_and_one_being_written_is_left_for_later() {
    let (dir, log) = log(&LINES[..2]);
    let path = dir.path().join("2022-08.jsonl");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("half\n{text}{{\"at\":")).unwrap();
    let page = log.page(Place::default(), (9, 9), |_| true).unwrap();
    assert_eq!((page.lines.len(), page.broken.len()), (2, 1));
    assert_eq!((page.broken[0].name(), page.next), ("2022-08".to_owned(), None));
}
