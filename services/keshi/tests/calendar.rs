//! `keshi calendar`: whole command lines over a real ledger.

mod support;

use std::fmt::Write as _;

use keshi::Exit;
use uuid::Uuid;

use crate::support::{Office, json, school};

/// A calendar of one school year whose first semester begins on this day of 2022.
fn calendar(id: &str, first_day: &str) -> String {
    format!(
        "id = \"{id}\"\n\n[[semester]]\nid = \"2022-2023-1\"\nfrom = {first_day}\nto = 2023-01-13\nteaching_weeks = 20\n\n\
         [[semester]]\nid = \"2022-2023-2\"\nfrom = 2023-02-13\nto = 2023-07-07\nteaching_weeks = 19\n"
    )
}

fn file(office: &Office, name: &str, text: &str) -> String {
    let path = office.path().join(name);
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}

fn event(label: &str, (year, month, day): (i32, i32, i32), fact: &str) -> String {
    let id = Uuid::new_v5(&Uuid::NAMESPACE_OID, label.as_bytes());
    format!(
        "{{\"events\":[{{\"eventId\":\"{id}\",\"occurredFrom\":{{\"year\":{year},\"month\":{month},\"day\":{day}}},\"fact\":{{{fact}}}}}]}}\n"
    )
}

/// A teacher who observed a lesson on each of the first days of September 2022.
fn county() -> Office {
    let office = Office::new();
    let mut lines = school("S1", "城关小学") + "\n";
    let person = r#""personRegistered":{"teacherId":"T1","stage":"STAGE_PRIMARY","subject":"语文"}"#;
    lines += &event("T1", (2020, 9, 1), person);
    for day in 1..=6 {
        let fact = r#""lessonObserved":{"observerId":"T1","schoolId":"S1","periods":1}"#;
        let _ = write!(lines, "{}", event(&format!("L{day}"), (2022, 9, day), fact));
    }
    let said = office.run_with("post -", &lines);
    assert_eq!(said.exit, Exit::Done, "{}{}", said.out, said.err);
    office
}

#[test]
fn a_calendar_is_checked_without_a_ledger_and_its_mistakes_stand_in_their_places() {
    let office = Office::new();
    let wrong = file(&office, "wrong.toml", "id = \"c\"\nsemesters = 2\n");
    let said = support::run(&format!("calendar check {wrong} --lang zh"), "", &[]);
    assert_eq!(said.exit, Exit::Failed);
    assert!(said.err.contains("wrong.toml:2:1: 错误："), "{}", said.err);
    assert!(said.err.contains("  2 | semesters = 2\n    | ^"), "{}", said.err);
    let good = file(&office, "good.toml", &calendar("liuba-2022", "2022-09-01"));
    let said = support::run(&format!("calendar check {good}"), "", &[("LANG", "en_US.UTF-8")]);
    assert_eq!(said.exit, Exit::Done, "{}", said.err);
    assert!(
        said.out.contains("2022-2023-1  2022-09-01 … 2023-01-13  20 weeks"),
        "{}",
        said.out
    );
    // A policy is no calendar.
    let said = support::run(&format!("calendar check {}", support::POLICY), "", &[]);
    assert_eq!(said.exit, Exit::Failed);
}

#[test]
fn a_semester_that_moves_is_warned_of_with_the_entries_that_it_touches_before_it_is_adopted() {
    let office = county();
    let none = office.run("calendar list");
    assert_eq!((none.exit, none.out.as_str()), (Exit::Done, ""));
    assert!(none.err.contains("keshi calendar adopt"), "{}", none.err);
    let first = file(&office, "first.toml", &calendar("liuba-2022", "2022-09-01"));
    let new = office.run(&format!("calendar diff {first}"));
    assert_eq!(new.exit, Exit::Done, "{}", new.err);
    assert!(
        new.out.contains("(new)") && new.err.contains("6 entries recorded already"),
        "{}{}",
        new.out,
        new.err
    );
    let adopted = office.run(&format!("calendar adopt {first}"));
    assert_eq!(adopted.exit, Exit::Done, "{}", adopted.err);
    let same = office.run(&format!("calendar diff {first}"));
    assert!(
        same.out.is_empty() && same.err.contains("changes nothing"),
        "{}{}",
        same.out,
        same.err
    );

    // Four of the six days are before the new beginning.
    let moved = file(&office, "moved.toml", &calendar("liuba-2022-b", "2022-09-05"));
    let asked = office.run(&format!("calendar diff {moved} --json"));
    let change = &json(&asked.out)["changes"];
    assert_eq!(change.as_array().unwrap().len(), 1, "{}", asked.out);
    assert_eq!(change[0]["after"]["semesterId"], "2022-2023-1");
    assert_eq!(change[0]["entries"], "4");
    for command in ["calendar diff", "calendar adopt"] {
        let said = office.run(&format!("{command} {moved}"));
        assert_eq!(said.exit, Exit::Done, "{}", said.err);
        assert!(
            said.err.contains("4 entries have their last day moved"),
            "{command}: {}",
            said.err
        );
    }
    let listed = office.run("calendar list");
    let lines: Vec<&str> = listed.out.lines().collect();
    assert_eq!(lines.len(), 5, "{}", listed.out);
    assert!(lines[1].contains("2022-09-01..2023-01-13, 20 weeks") && lines[1].ends_with("a later calendar gives it"));
    assert!(
        lines[3].contains("2022-09-05..2023-01-13, 20 weeks  liuba-2022-b"),
        "{}",
        listed.out
    );
    assert_eq!(
        json(&office.run("calendar list --json").out)["calendars"][1]["calendarId"],
        "liuba-2022-b"
    );
    let before = office.run("calendar list --as-of 2000-01-01");
    assert!(before.out.is_empty(), "{}", before.out);
}

#[test]
fn a_semester_that_shares_days_with_one_of_another_calendar_is_said_so() {
    let office = county();
    let first = file(&office, "first.toml", &calendar("liuba-2022", "2022-09-01"));
    assert_eq!(office.run(&format!("calendar adopt {first}")).exit, Exit::Done);
    let text =
        "id = \"b\"\n[[semester]]\nid = \"2021-2022-2\"\nfrom = 2022-02-14\nto = 2022-09-02\nteaching_weeks = 20\n";
    let overlapping = file(&office, "overlapping.toml", text);
    let said = office.run(&format!("calendar diff {overlapping}"));
    assert!(
        said.err.contains("2021-2022-2 shares days with 2022-2023-1"),
        "{}",
        said.err
    );
}
