//! Verdicts back to the rows that they are about.

use keshi_core::lang::Lang;
use keshi_proto::api;
use keshi_proto::api_convert::verdict_to_api;
use keshi_sheets::cell::Cell;
use keshi_sheets::plan::{Found, People, Plan, Rows};
use keshi_sheets::report::{self, Answers, Outcome};

use crate::row;
use crate::support::{Ledger, attended, everyone, folder, national, open, options, training, workbook};

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
    let verdicts = report::verdicts(&rows, &plan, &answers);
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
        lines(1).contains("教师 T-9 未建档") && lines(1).contains("教研室先为该教师建档"),
        "{}",
        lines(1)
    );
    assert!(lines(2).contains("培训获得学时“99”"), "{}", lines(2));
    assert!(lines(3).contains("与第 3 行完全相同"), "{}", lines(3));

    let copy = report::write_copy(&rows, 0, (&verdicts, true), &path).unwrap();
    assert!(copy.ends_with("培训-核对.xlsx"));
    let checked = open(&copy);
    let sheet = &checked.sheets[0];
    assert_eq!(
        (sheet.name.as_str(), sheet.header_row, sheet.rows.len()),
        ("登记表", 2, 4)
    );
    let beside = |row: usize| sheet.rows[row].cells[12..].iter().map(Cell::text).collect::<Vec<_>>();
    assert_eq!(beside(0), ["已入账"]);
    assert_eq!(beside(1)[0], "不予入账");
    assert!(beside(1)[1].contains("教研室先为该教师建档"), "{:?}", beside(1));
    assert_eq!((sheet.rows[2].number, beside(2)[0].as_str()), (5, "有误"));

    // Where nothing was sent, no row is said to be recorded.
    let unsent = report::write_copy(&rows, 0, (&verdicts, false), &path).unwrap();
    assert_eq!(open(&unsent).sheets[0].rows[0].cells[12], Cell::Text("可入账".into()));

    // The copy, corrected or not, reads like the original.
    let checked = Rows::new(vec![checked]);
    let (again, answers) = import(&mut ledger, &checked);
    let outcomes: Vec<_> = report::verdicts(&checked, &again, &answers)
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
    let path = training(&dir, "t.xlsx");
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
    assert_eq!(report::verdicts(&rows, &plan, &answers)[0].outcome, Outcome::Recorded);
    // The row leaves the topic blank, so it contradicts nobody; the level it fills in.
    answers.verdicts(batch, &[conflict("topic"), recorded.clone(), recorded.clone()]);
    assert_eq!(report::verdicts(&rows, &plan, &answers)[0].outcome, Outcome::Recorded);
    answers.verdicts(batch, &[conflict("level"), recorded.clone(), recorded.clone()]);
    assert_eq!(report::verdicts(&rows, &plan, &answers)[0].outcome, Outcome::Conflict);
    // Its own fact, posted by the host school before: the same, and it counts once.
    answers.verdicts(batch, &[recorded.clone(), recorded, conflict("org")]);
    let verdict = &report::verdicts(&rows, &plan, &answers)[0];
    assert_eq!(verdict.outcome, Outcome::Duplicate);
    assert!(verdict.lines(Lang::En)[0].contains("posted it already"), "{verdict:?}");
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
        report::verdicts(&rows, &plan, answers)
            .iter()
            .map(|verdict| verdict.outcome)
            .collect::<Vec<_>>()
    };
    assert_eq!(outcomes(&answers), [Outcome::NotSent; 2]);
    let batch = &plan.batches()[0];
    answers.failed(batch, ["连接中断", "the connection broke"]);
    let verdicts = report::verdicts(&rows, &plan, &answers);
    assert!(verdicts[0].lines(Lang::Zh)[0].contains("连接中断"), "{verdicts:?}");
    let own = plan.rows[1].events.last().unwrap();
    let violation = api::FieldViolation {
        field: format!("events[{own}].fact.attendance_recorded.present_centihours"),
        value: "0".into(),
        text_zh: "出勤课时太小".into(),
        text_en: "too small".into(),
    };
    let whole = api::FieldViolation {
        field: "events[0]".to_owned(),
        text_zh: "无权提交；请由县级审核员办理".into(),
        ..api::FieldViolation::default()
    };
    answers.violations(batch, &[whole]);
    let denied: Vec<_> = report::verdicts(&rows, &plan, &answers)
        .iter()
        .flat_map(|verdict| verdict.lines(Lang::Zh))
        .filter(|line| line.contains("无权提交"))
        .collect();
    assert_eq!(denied.len(), 1, "{denied:?}");
    assert!(
        denied[0].ends_with("不予入账：无权提交；请由县级审核员办理"),
        "{denied:?}"
    );
    answers.violations(batch, &[violation]);
    assert_eq!(outcomes(&answers), [Outcome::NotSent, Outcome::Refused]);
    let verdicts = report::verdicts(&rows, &plan, &answers);
    assert!(
        verdicts[1]
            .lines(Lang::Zh)
            .iter()
            .any(|line| line.contains("培训获得学时“6”：出勤课时太小")),
        "{verdicts:?}"
    );
}

/// A sheet of a school with headings of its own, of one row.
fn own_headings(dir: &tempfile::TempDir, name: &str, hours: f64) -> std::path::PathBuf {
    let headings = row!["姓名", "培训级别", "项目名称", "课 时（节）", "开始日期"];
    let row = row!["甲", "县级", "师德", hours, (2022, 3, 5)];
    workbook(dir, name, "培训", &[headings, row])
}

#[test]
fn a_conflict_names_the_column_by_the_sheets_own_heading_with_the_value_that_stands_there() {
    let dir = folder();
    let mut ledger = ledger();
    import(&mut ledger, &Rows::new(vec![open(&own_headings(&dir, "a.xlsx", 6.0))]));
    let rows = Rows::new(vec![open(&own_headings(&dir, "b.xlsx", 5.0))]);
    let (plan, answers) = import(&mut ledger, &rows);
    let verdict = &report::verdicts(&rows, &plan, &answers)[0];
    assert_eq!(verdict.outcome, Outcome::Conflict);
    let [remark] = &verdict.remarks[..] else {
        panic!("{verdict:?}")
    };
    assert_eq!((remark.column.as_str(), remark.value.as_str()), ("课 时（节）", "5"));
    let line = &verdict.lines(Lang::Zh)[0];
    assert!(
        line.contains("台账第 4 条已记有这一项") && line.contains("请提交原记录的单位或教研室更正"),
        "{line}"
    );
}

#[test]
fn rows_that_contradict_each_other_name_the_sheets_own_heading() {
    let dir = folder();
    let headings = row!["姓名", "培训级别", "项目名称", "课 时（节）", "开始日期"];
    let of = |hours: f64| row!["甲", "县级", "师德", hours, (2022, 3, 5)];
    let path = workbook(&dir, "c.xlsx", "培训", &[headings, of(6.0), of(5.0)]);
    let rows = Rows::new(vec![open(&path)]);
    let plan = rows.plan(&crate::support::everyone(&rows), &options());
    let said: Vec<_> = plan.rows.iter().flat_map(|row| row.lines(Lang::En)).collect();
    assert!(
        said[0].starts_with("row 2, 课 时（节） \"6\": it differs from row 3"),
        "{said:?}"
    );
    assert!(
        said[1].starts_with("row 3, 课 时（节） \"5\": it differs from row 2"),
        "{said:?}"
    );
}

#[test]
fn corrections_made_in_a_checked_copy_are_never_written_over() {
    let dir = folder();
    let path = workbook(
        &dir,
        "培训.xlsx",
        "培训",
        &[national(), attended("甲", "师德", 99.0, (2022, 3, 5))],
    );
    let check = |path: &std::path::Path| {
        let rows = Rows::new(vec![open(path)]);
        let plan = rows.plan(&crate::support::everyone(&rows), &options());
        let verdicts = report::verdicts(&rows, &plan, &Answers::new(&plan));
        report::write_copy(&rows, 0, (&verdicts, true), path).unwrap()
    };
    let first = check(&path);
    // Nobody touched it: the same copy stays.
    assert_eq!(check(&path), first);
    std::fs::copy(&path, &first).unwrap();
    let corrected = std::fs::read(&first).unwrap();
    let second = check(&path);
    assert!(second.ends_with("培训-核对2.xlsx"), "{second:?}");
    assert_eq!(std::fs::read(&first).unwrap(), corrected);
    // A copy that is checked in its turn gets no second pair of columns: it would be the same copy.
    assert_eq!(check(&second), second);
}

#[test]
fn a_list_is_written_with_its_headings_and_its_numbers_as_numbers() {
    let dir = folder();
    let path = dir.path().join("名单.xlsx");
    let row = vec![
        Cell::text_of("LB-0001"),
        Cell::hundredths(350),
        Cell::Date(jiff::civil::date(2022, 3, 5)),
    ];
    // A title that Excel would not take as it is.
    keshi_sheets::write::write_table(
        &path,
        "未达标：2022/2023 [一片]",
        &["教师编号", "差额", "日期"],
        vec![row],
    )
    .unwrap();
    // Over an older file of this name.
    let headings = ["教师编号", "学校编号", "岗位", "任职开始"];
    let row = ["T-1", "S1", "教师"].map(Cell::text_of).into_iter();
    let row = row.chain([Cell::Date(jiff::civil::date(2022, 3, 5))]).collect();
    keshi_sheets::write::write_table(&path, "任职", &headings, vec![row]).unwrap();
    let sheet = &open(&path).sheets[0];
    assert_eq!((sheet.header_row, sheet.rows.len()), (1, 1));
    assert_eq!(sheet.rows[0].cells[3], Cell::Date(jiff::civil::date(2022, 3, 5)));
}

#[test]
fn one_cause_is_said_once_with_the_rows_that_have_it() {
    let dir = folder();
    let headings = row!["教师编号", "培训类别", "培训项目名称", "培训获得学时", "培训开始日期"];
    let mut all = vec![headings];
    // Nobody knows T-9; the hours of two rows are wrong in the same way, of one in another.
    all.extend((1..=15).map(|day| row!["T-9", "县级", "师德", 6.0, (2022, 3, day)]));
    all.extend([99.0, 99.0, 88.0].map(|hours| row!["T-1", "县级", "师德", hours, (2022, 4, 1)]));
    let rows = Rows::new(vec![open(&workbook(&dir, "a.xlsx", "培训", &all))]);
    let mut ledger = ledger();
    let (plan, answers) = import(&mut ledger, &rows);
    let verdicts = report::verdicts(&rows, &plan, &answers);
    let bad = verdicts.iter().filter(|verdict| verdict.outcome > Outcome::Recorded);
    let lines: Vec<String> = report::lines_of(bad, true, Lang::Zh)
        .into_iter()
        .map(|(_, line)| line)
        .collect();
    assert_eq!(lines.len(), 3, "{lines:#?}");
    assert!(
        lines[0].starts_with("第 2、3、4、5、6、7、8、9、10、11、12、13 … 等 15 行 不予入账"),
        "{}",
        lines[0]
    );
    assert!(
        lines[1].starts_with("第 17、18 行 有误 培训获得学时“99”"),
        "{}",
        lines[1]
    );
    assert!(lines[2].starts_with("第 19 行 有误 培训获得学时“88”"), "{}", lines[2]);
}

#[test]
fn a_paper_has_its_title_its_rows_in_a_frame_and_a_line_to_sign() {
    let dir = folder();
    let path = dir.path().join("差额.xlsx");
    let leaf = |name: &str| keshi_sheets::paper::Leaf {
        name: name.to_owned(),
        title: "未达标教师名单".to_owned(),
        notes: vec!["出具日期：2022-07-01".to_owned()],
        headings: ["教师编号", "差额"].map(str::to_owned).to_vec(),
        rows: vec![
            vec![Cell::text_of("T-1"), Cell::hundredths(1_850)],
            vec![Cell::text_of("T-2"), Cell::Empty],
        ],
        signature: "审核人签字：".to_owned(),
    };
    let leaves = [leaf("一"), leaf("二")];
    keshi_sheets::paper::write_paper(&path, &leaves).unwrap();
    let bytes = keshi_sheets::paper::paper_bytes("差额.xlsx", &leaves).unwrap();
    assert_eq!(bytes, std::fs::read(&path).unwrap(), "the same for a browser");
    let mut book: calamine::Xlsx<_> = calamine::open_workbook(&path).unwrap();
    let names = calamine::Reader::sheet_names(&book);
    assert_eq!(names, ["一", "二"]);
    let sheet = calamine::Reader::worksheet_range(&mut book, "二").unwrap();
    let text = |row: u32, column: u32| {
        sheet
            .get_value((row, column))
            .map(ToString::to_string)
            .unwrap_or_default()
    };
    assert_eq!(text(0, 0), "未达标教师名单");
    assert_eq!(text(1, 0), "出具日期：2022-07-01");
    assert_eq!((text(2, 0).as_str(), text(2, 1).as_str()), ("教师编号", "差额"));
    assert_eq!((text(3, 1).as_str(), text(4, 0).as_str()), ("18.5", "T-2"));
    assert_eq!(text(6, 0), "审核人签字：");
}

#[test]
fn one_course_under_two_slightly_different_names_is_flagged_in_both_rows_and_both_are_recorded() {
    let dir = folder();
    let rows = [
        national(),
        attended("甲", "2022年小学语文新课标培训", 6.0, (2022, 3, 5)),
        attended("甲", "2022小学语文·新课标培训", 6.0, (2022, 3, 5)),
        // Another person, another day, another course: nothing to say.
        attended("乙", "2022小学语文·新课标培训", 6.0, (2022, 3, 5)),
        attended("甲", "2022小学语文·新课标培训", 6.0, (2022, 3, 6)),
        attended("甲", "师德培训", 3.0, (2022, 3, 5)),
    ];
    let files = Rows::new(vec![open(&workbook(&dir, "两名.xlsx", "培训", &rows))]);
    let plan = files.plan(&everyone(&files), &options());
    let told = report::verdicts(&files, &plan, &Answers::new(&plan));
    let noted: Vec<u32> = told
        .iter()
        .filter(|row| row.is_noted)
        .map(|row| row.place.row)
        .collect();
    assert_eq!(noted, [2, 3]);
    assert!(
        plan.rows.iter().all(|row| row.problems.is_empty()),
        "a remark and no refusal"
    );
    let said = told[0].lines(Lang::Zh).join("");
    assert!(
        said.contains("与第 3 行“2022小学语文·新课标培训”可能是同一培训") && said.contains("作废理由"),
        "{said}"
    );
    assert!(told[1].lines(Lang::En).join("").contains("the course of row 2"));
}
