//! Verdicts back to the rows that they are about.

use keshi_core::lang::Lang;
use keshi_proto::api;
use keshi_proto::api_convert::verdict_to_api;
use keshi_sheets::cell::Cell;
use keshi_sheets::plan::{Found, People, Plan, Rows};
use keshi_sheets::report::{self, Answers, Outcome};

use crate::row;
use crate::support::{Ledger, attended, folder, national, open, options, workbook};

/// Imports a file into a ledger that knows 甲 as T-1, and one that it does not know as T-9.
fn import(ledger: &mut Ledger, rows: &Rows) -> (Plan, Answers) {
    let mut people = People::default();
    for person in rows.people() {
        let id = if person.key.name == "甲" { "T-1" } else { "T-9" };
        people.set(person.key, Found::One(keshi_core::ids::TeacherId::new(id).unwrap()));
    }
    let plan = rows.plan(&people, &options());
    let mut answers = Answers::new(&plan);
    let verdicts: Vec<_> = ledger.import(&plan).iter().map(verdict_to_api).collect();
    for batch in plan.batches() {
        let of = &verdicts[batch.first..batch.first + batch.request.events.len()];
        answers.verdicts(&batch, of);
    }
    (plan, answers)
}

fn ledger() -> Ledger {
    let dir = folder();
    let path = workbook(
        &dir,
        "r.xlsx",
        "教师",
        &[
            row!["教师编号", "姓名", "学段", "部门"],
            row!["T-1", "甲", "小学", "小学组"],
        ],
    );
    let mut ledger = Ledger::default();
    import(&mut ledger, &Rows::new(vec![open(&path)]));
    ledger
}

#[test]
fn every_row_gets_its_verdict_and_the_checked_copy_shows_it_beside_the_row() {
    let dir = folder();
    let same = attended("甲", "师德", 6.0, (2022, 3, 5));
    let path = workbook(
        &dir,
        "培训.xlsx",
        "登记表",
        &[
            row!["2022 年登记"],
            national(),
            same.clone(),
            attended("乙", "师德", 6.0, (2022, 3, 5)),
            attended("甲", "班主任", 99.0, (2022, 3, 6)),
            same,
        ],
    );
    let rows = Rows::new(vec![open(&path)]);
    let mut ledger = ledger();
    let (plan, answers) = import(&mut ledger, &rows);
    let verdicts = report::verdicts(&plan, &answers);
    let outcomes: Vec<_> = verdicts
        .iter()
        .map(|verdict| (verdict.place.row, verdict.outcome))
        .collect();
    assert_eq!(
        outcomes,
        [
            (3, Outcome::Recorded),
            (4, Outcome::Refused),
            (5, Outcome::Mistaken),
            (6, Outcome::Recorded)
        ]
    );
    let lines = |row: usize| verdicts[row].lines(Lang::Zh).join("\n");
    assert_eq!(lines(0), "第 3 行 已入账");
    assert!(
        lines(1).contains("教师 T-9 未建档") && lines(1).contains("先为该教师建档"),
        "{}",
        lines(1)
    );
    assert!(lines(2).contains("培训获得学时“99”"), "{}", lines(2));
    assert!(lines(3).contains("与第 3 行完全相同"), "{}", lines(3));

    let copy = report::copy_path(&path);
    assert!(copy.ends_with("培训-核对.xlsx"));
    report::write_copy(&rows, 0, &verdicts, &copy).unwrap();
    let checked = open(&copy);
    let sheet = &checked.sheets[0];
    assert_eq!(
        (sheet.name.as_str(), sheet.header_row, sheet.rows.len()),
        ("登记表", 2, 4)
    );
    let beside = |row: usize| sheet.rows[row].cells[12..].iter().map(Cell::text).collect::<Vec<_>>();
    assert_eq!(beside(0), ["已入账"]);
    assert_eq!(beside(1)[0], "不予入账");
    assert!(beside(1)[1].contains("先为该教师建档"), "{:?}", beside(1));
    assert_eq!((sheet.rows[2].number, beside(2)[0].as_str()), (5, "有误"));

    // The copy, corrected or not, reads like the original.
    let (again, answers) = import(&mut ledger, &Rows::new(vec![checked]));
    let outcomes: Vec<_> = report::verdicts(&again, &answers)
        .iter()
        .map(|verdict| verdict.outcome)
        .collect();
    assert_eq!(
        outcomes,
        [
            Outcome::Duplicate,
            Outcome::Refused,
            Outcome::Mistaken,
            Outcome::Duplicate
        ]
    );
}

#[test]
fn a_project_that_another_school_opened_first_is_no_fault_of_the_row() {
    let dir = folder();
    let path = workbook(
        &dir,
        "t.xlsx",
        "培训",
        &[national(), attended("甲", "师德", 6.0, (2022, 3, 5))],
    );
    let rows = Rows::new(vec![open(&path)]);
    let plan = rows.plan(&crate::support::everyone(&rows), &options());
    let mut answers = Answers::new(&plan);
    let conflict = |field: &str| api::EventVerdict {
        verdict: api::Verdict::Conflict.into(),
        reason: Some(api::Reason {
            field: field.to_owned(),
            text_zh: "不同".into(),
            ..api::Reason::default()
        }),
        ..api::EventVerdict::default()
    };
    let recorded = api::EventVerdict {
        verdict: api::Verdict::Recorded.into(),
        ..api::EventVerdict::default()
    };
    let batch = &plan.batches()[0];
    answers.verdicts(batch, &[conflict("org"), recorded.clone(), recorded.clone()]);
    assert_eq!(report::verdicts(&plan, &answers)[0].outcome, Outcome::Recorded);
    answers.verdicts(batch, &[conflict("level"), recorded.clone(), recorded.clone()]);
    assert_eq!(report::verdicts(&plan, &answers)[0].outcome, Outcome::Conflict);
    answers.verdicts(batch, &[recorded.clone(), recorded, conflict("org")]);
    assert_eq!(report::verdicts(&plan, &answers)[0].outcome, Outcome::Conflict);
}

#[test]
fn rows_that_were_not_sent_or_not_taken_say_so() {
    let dir = folder();
    let path = workbook(
        &dir,
        "t.xlsx",
        "培训",
        &[
            national(),
            attended("甲", "师德", 6.0, (2022, 3, 5)),
            attended("乙", "班主任", 6.0, (2022, 3, 5)),
        ],
    );
    let rows = Rows::new(vec![open(&path)]);
    let plan = rows.plan(&crate::support::everyone(&rows), &options());
    let mut answers = Answers::new(&plan);
    let outcomes = |answers: &Answers| {
        report::verdicts(&plan, answers)
            .iter()
            .map(|verdict| verdict.outcome)
            .collect::<Vec<_>>()
    };
    assert_eq!(outcomes(&answers), [Outcome::NotSent; 2]);
    let batch = &plan.batches()[0];
    answers.failed(batch, "连接中断");
    let verdicts = report::verdicts(&plan, &answers);
    assert!(verdicts[0].lines(Lang::Zh)[0].contains("连接中断"), "{verdicts:?}");
    let own = plan.rows[1].events.last().unwrap();
    let violation = api::FieldViolation {
        field: format!("events[{own}].attendance_recorded.present_centihours"),
        value: "0".into(),
        text_zh: "出勤课时太小".into(),
        text_en: "too small".into(),
    };
    answers.violations(batch, &[violation]);
    assert_eq!(outcomes(&answers), [Outcome::NotSent, Outcome::Refused]);
    let verdicts = report::verdicts(&plan, &answers);
    assert!(
        verdicts[1]
            .lines(Lang::Zh)
            .iter()
            .any(|line| line.contains("出勤课时“0”：出勤课时太小")),
        "{verdicts:?}"
    );
}
