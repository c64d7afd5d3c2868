//! Rows into events: the same rows give the same events, in any order; contradictions are noticed.

use std::collections::BTreeSet;

use keshi_core::codes::Level;
use keshi_core::entry::Verdict;
use keshi_core::event::{Event, Fact};
use keshi_core::ids::{EventId, LoadId, SchoolId, TeacherId};
use keshi_core::submission::{EVENTS_MAX, SUBMISSION_BYTES_MAX};
use keshi_sheets::columns::{Col, Kind};
use keshi_sheets::plan::{Found, People, Plan, Rows};
use keshi_sheets::read::{self, TypedRow};
use proptest::prelude::*;
use prost::Message;

use crate::row;
use crate::support::{Ledger, Put, attended, everyone, folder, national, open, options, planned, training, workbook};

fn plan_of(rows: &[Vec<Put>]) -> Plan {
    let dir = folder();
    planned(&workbook(&dir, "rows.xlsx", "Sheet1", rows))
}

fn csv_plan(lines: &[String]) -> Plan {
    let rows = Rows::new(vec![read::read("rows.csv", lines.join("\n").as_bytes()).unwrap()]);
    rows.plan(&everyone(&rows), &options())
}

/// Ids and contents, without sources.
fn contents(plan: &Plan) -> Vec<Event> {
    plan.events
        .iter()
        .map(|event| Event {
            source: None,
            ..event.clone()
        })
        .collect()
}

fn kinds(plan: &Plan) -> Vec<&'static str> {
    plan.events.iter().map(|event| event.fact.kind()).collect()
}

#[test]
fn a_training_row_is_project_session_and_attendance_each_once() {
    let plan = plan_of(&[
        national(),
        attended("甲", "师德", 6.0, (2022, 3, 5)),
        attended("乙", "师德", 4.5, (2022, 3, 5)),
        attended("乙", "师德", 6.0, (2022, 3, 6)),
    ]);
    let wanted = [
        "project_opened",
        "session_held",
        "session_held",
        "attendance_recorded",
        "attendance_recorded",
        "attendance_recorded",
    ];
    assert_eq!(kinds(&plan), wanted);
    assert_eq!(plan.rows[1].events.len(), 3);
    let Fact::ProjectOpened(project) = &plan.events[0].fact else {
        panic!()
    };
    assert_eq!(
        (project.level, project.provider.as_ref().unwrap().as_str()),
        (Level::County, "县教师进修学校")
    );
    let source = plan.events[0].source.as_ref().unwrap().as_str();
    assert!(source.starts_with("import ") && source.ends_with(" row 2"), "{source}");
}

#[test]
fn the_same_rows_in_another_file_of_another_name_in_another_format_are_the_same_events() {
    let xlsx = plan_of(&[
        row!["2022年登记"],
        national(),
        attended("甲", "师德培训（一）", 6.0, (2022, 3, 5)),
    ]);
    let csv = csv_plan(&[
        "姓名,培训年度,培训类别,培训项目名称,培训机构名称,培训方式,培训获得学时,培训开始日期".into(),
        "甲,2022,40,師德培訓(一),縣教師進修學校,2,6,2022/3/5".into(),
    ]);
    let ids = |plan: &Plan| plan.events.iter().map(|event| event.event_id).collect::<Vec<_>>();
    assert_eq!(ids(&xlsx), ids(&csv));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn order_repetition_and_line_ends_do_not_matter(
        rows in proptest::collection::vec((0..6_usize, 0..4_usize, 1..5_u32, 1..9_u32, 0..3_usize), 1..30),
        seed in any::<u64>(),
    ) {
        let header = "姓名,培训年度,培训类别,培训项目名称,培训获得学时,培训开始日期,地点".to_owned();
        let line = |(who, project, day, hours, place): &(usize, usize, u32, u32, usize)| {
            let (who, place) = (["甲", "乙", "丙", "丁", "戊", "己"][*who], ["", "县教研室", "青禾小学"][*place]);
            format!("{who},2022,县级,项目{project},{hours},2022-03-0{day},{place}")
        };
        let lines: Vec<String> = rows.iter().map(line).collect();
        let mut shuffled = lines.clone();
        for at in (1..shuffled.len()).rev() {
            shuffled.swap(at, usize::try_from((seed >> (at % 48)) % (at as u64 + 1)).unwrap());
        }
        let first = csv_plan(&[std::slice::from_ref(&header), &lines[..]].concat());
        let again = csv_plan(&[&[header], &shuffled[..]].concat());
        prop_assert_eq!(contents(&first), contents(&again));
        let ids = |plan: &Plan| plan.batches().iter().map(|batch| batch.request.submission_id.clone()).collect::<Vec<_>>();
        prop_assert_eq!(ids(&first), ids(&again));
        // A line has a problem in one order exactly if it has one in the other.
        let bad = |plan: &Plan, lines: &[String]| {
            let at = |row: &keshi_sheets::plan::PlannedRow| lines[row.place.row as usize - 2].clone();
            plan.rows.iter().filter(|row| !row.problems.is_empty()).map(at).collect::<BTreeSet<_>>()
        };
        prop_assert_eq!(bad(&first, &lines), bad(&again, &shuffled));
    }

    #[test]
    fn no_table_makes_the_reader_panic(text in "[姓名,培训类别项目称获得学时开始日期0-9\\-./年月日\n\"甲;\t]{0,200}") {
        if let Ok(book) = read::read("any.csv", text.as_bytes()) {
            let rows = Rows::new(vec![book]);
            let _ = rows.plan(&everyone(&rows), &options());
        }
    }
}

#[test]
fn a_row_said_twice_counts_once_and_says_so() {
    let row = attended("甲", "师德", 6.0, (2022, 3, 5));
    let plan = plan_of(&[national(), row.clone(), row]);
    assert_eq!(
        (plan.events.len(), plan.rows[0].same_as, plan.rows[1].same_as),
        (3, None, Some(plan.rows[0].place))
    );
    assert_eq!(plan.rows_of(2), [0, 1]);
}

#[test]
fn rows_that_contradict_each_other_about_one_fact_are_both_problems() {
    let plan = plan_of(&[
        national(),
        attended("甲", "师德", 6.0, (2022, 3, 5)),
        attended("乙", "师德", 6.0, (2022, 3, 5)),
        attended("甲", "师德", 5.0, (2022, 3, 5)),
    ]);
    let lines = |row: usize| plan.rows[row].lines(keshi_core::lang::Lang::Zh);
    assert!(
        lines(0)[0].contains("第 4 行") && lines(2)[0].contains("第 2 行"),
        "{:?} {:?}",
        lines(0),
        lines(2)
    );
    assert_eq!((lines(1).len(), plan.events.len()), (0, 3));
}

#[test]
fn equal_rows_that_wish_different_things_of_their_fact_are_problems_and_undo_nothing() {
    let wishing = |wishes: [[&'static str; 2]; 2]| {
        let mut headings = national();
        headings.extend(row!["更正理由", "作废理由"]);
        let rows = wishes.map(|[correct, void]| {
            let mut row = attended("甲", "师德", 6.0, (2022, 3, 5));
            row.extend(row![correct, void]);
            row
        });
        plan_of(&[vec![headings], rows.to_vec()].concat())
    };
    for wishes in [
        // She may mean that it stands in the sheet twice.
        [["", ""], ["", "重复"]],
        [["补记", ""], ["", "未参加"]],
        [["", "未参加"], ["", "重复"]],
        [["补记", ""], ["", ""]],
    ] {
        let plan = wishing(wishes);
        assert!(plan.events.is_empty(), "{wishes:?}");
        let lines = |row: usize| plan.rows[row].lines(keshi_core::lang::Lang::Zh);
        assert!(
            lines(0)[0].contains("与第 3 行") && lines(1)[0].contains("与第 2 行"),
            "{:?} {:?}",
            lines(0),
            lines(1)
        );
    }
    for wish in [["", "未参加"], ["补记", ""], ["", ""]] {
        assert_eq!(wishing([wish, wish]).events.len(), 3);
    }
}

#[test]
fn what_one_row_leaves_blank_of_a_session_another_fills_in() {
    let header = row![
        "姓名",
        "培训类别",
        "培训项目名称",
        "培训获得学时",
        "培训开始日期",
        "地点",
        "场次学时",
        "主题"
    ];
    let plan = plan_of(&[
        header.clone(),
        row!["甲", "县级", "师德", 6.0, (2022, 3, 5), "", "", "师德"],
        row!["乙", "县级", "师德", 6.0, (2022, 3, 5), "县教研室", 6.0, ""],
    ]);
    assert!(plan.rows.iter().all(|row| row.problems.is_empty()));
    assert_eq!(
        kinds(&plan),
        [
            "project_opened",
            "session_held",
            "attendance_recorded",
            "attendance_recorded"
        ]
    );
    let Fact::SessionHeld(session) = &plan.events[1].fact else {
        panic!()
    };
    assert_eq!(
        (
            session.place.as_ref().unwrap().as_str(),
            session.hours.to_string().as_str()
        ),
        ("县教研室", "6")
    );
    // Of three rows that disagree, the one that stands alone is wrong.
    let plan = plan_of(&[
        header,
        row!["甲", "县级", "师德", 6.0, (2022, 3, 5), "县教研室"],
        row!["乙", "县级", "师德", 6.0, (2022, 3, 5), "青禾小学"],
        row!["丙", "县级", "师德", 6.0, (2022, 3, 5), "县教研室"],
    ]);
    let bad: Vec<_> = plan
        .rows
        .iter()
        .filter(|row| !row.problems.is_empty())
        .map(|row| row.place.row)
        .collect();
    assert_eq!(bad, [3]);
}

#[test]
fn other_hours_in_a_later_file_are_a_conflict_in_the_ledger() {
    let mut ledger = Ledger::default();
    let register = plan_of(&[
        row!["教师编号", "姓名", "学段", "部门"],
        row!["T-1", "甲", "小学", "小学组"],
    ]);
    assert!(
        ledger
            .import(&register)
            .iter()
            .all(|verdict| verdict.verdict == Verdict::Recorded)
    );
    let dir = folder();
    let mut import = |hours: f64| {
        let path = workbook(
            &dir,
            "t.xlsx",
            "培训",
            &[national(), attended("甲", "师德", hours, (2022, 3, 5))],
        );
        let rows = Rows::new(vec![open(&path)]);
        let mut people = People::default();
        people.set(rows.people()[0].key.clone(), Found::One(TeacherId::new("T-1").unwrap()));
        ledger
            .import(&rows.plan(&people, &options()))
            .iter()
            .map(|verdict| verdict.verdict)
            .collect::<Vec<_>>()
    };
    assert_eq!(import(6.0), [Verdict::Recorded; 3]);
    assert_eq!(import(6.0), [Verdict::Duplicate; 3]);
    assert_eq!(import(5.0), [Verdict::Duplicate, Verdict::Duplicate, Verdict::Conflict]);
}

#[test]
fn submissions_stay_within_the_limits_and_keep_the_order() {
    let mut lines = vec!["姓名,培训类别,培训项目名称,培训获得学时,培训开始日期".to_owned()];
    lines.extend((0..6_000).map(|row| format!("人{row},县级,项目{},6,2022-03-05", row % 40)));
    let plan = csv_plan(&lines);
    assert_eq!(plan.events.len(), 6_000 + 40 + 40);
    let batches = plan.batches();
    let mut next = 0;
    for batch in &batches {
        assert_eq!(batch.first, next);
        assert!(batch.request.events.len() <= EVENTS_MAX && batch.request.encoded_len() <= SUBMISSION_BYTES_MAX);
        next += batch.request.events.len();
    }
    assert_eq!((next, batches.len() >= 2), (plan.events.len(), true));
    let again: Vec<_> = csv_plan(&lines)
        .batches()
        .into_iter()
        .map(|batch| batch.request)
        .collect();
    assert_eq!(
        again,
        batches.into_iter().map(|batch| batch.request).collect::<Vec<_>>()
    );
}

#[test]
fn the_posting_school_and_the_load_are_on_every_event_but_in_no_id() {
    let dir = folder();
    let path = training(&dir, "t.xlsx");
    let rows = Rows::new(vec![open(&path)]);
    let mut named = options();
    named.org = Some(SchoolId::new("LB-XX01").unwrap());
    named.load_id = Some(LoadId::new("2022-paper").unwrap());
    let (plain, named) = (
        rows.plan(&everyone(&rows), &options()),
        rows.plan(&everyone(&rows), &named),
    );
    assert!(
        named
            .events
            .iter()
            .all(|event| event.org.is_some() && event.load_id.is_some())
    );
    assert!(
        plain
            .events
            .iter()
            .zip(&named.events)
            .all(|(one, two)| one.event_id == two.event_id)
    );
}

#[test]
fn a_contest_its_prizes_and_recommendations_name_each_other_across_files() {
    let dir = folder();
    let held = workbook(
        &dir,
        "1.xlsx",
        "赛教",
        &[
            row!["竞赛名称", "届次", "级别", "主办单位", "开始日期", "结束日期"],
            row!["创新大赛", "第二届", "县级", "县教研室", (2022, 3, 21), (2022, 3, 23)],
        ],
    );
    let won = workbook(
        &dir,
        "2.xlsx",
        "获奖",
        &[
            row![
                "姓名",
                "竞赛名称",
                "届次",
                "参赛日期",
                "奖次",
                "名次",
                "获奖身份",
                "作品名称"
            ],
            row!["甲", "创新大赛", "第二届", (2022, 3, 22), "一等奖", 1.0, "", "《观潮》"],
            row!["乙", "创新大赛", "第二届", (2022, 3, 22), "", "", "", ""],
            row![
                "丙",
                "创新大赛",
                "第二届",
                (2022, 3, 22),
                "一等",
                "",
                "指导教师",
                "《观潮》"
            ],
        ],
    );
    let sent = workbook(
        &dir,
        "3.xlsx",
        "推荐",
        &[
            row![
                "姓名",
                "推荐至级别",
                "推荐日期",
                "竞赛名称",
                "届次",
                "称号类别",
                "称号级别",
                "命名日期"
            ],
            row!["甲", "市级", (2022, 4, 1), "创新大赛", "第二届", "", "", ""],
            row!["乙", "市级", (2022, 4, 1), "", "", "教学能手", "县级", (2022, 3, 30)],
            row!["丙", "市级", (2022, 4, 1), "", "", "", "", ""],
            row!["丙", "市级", (2022, 4, 1), "", "", "教学能手", "", ""],
        ],
    );
    let named = workbook(
        &dir,
        "4.xlsx",
        "称号",
        &[
            row!["姓名", "称号类别", "称号级别", "命名日期", "发文字号"],
            row!["乙", "教学能手", "县级", (2022, 3, 30), "留教研发〔2022〕9号"],
        ],
    );
    let plan = planned(&held);
    let Fact::CompetitionHeld(contest) = &plan.events[0].fact else {
        panic!()
    };
    let plan = planned(&won);
    assert_eq!(
        kinds(&plan).iter().filter(|kind| **kind == "entry_made").count(),
        2,
        "a guide takes no part herself"
    );
    let mut works = BTreeSet::new();
    for event in &plan.events {
        match &event.fact {
            Fact::EntryMade(f) => assert_eq!(f.comp_id, contest.comp_id),
            Fact::AwardGiven(f) => drop(works.insert((f.comp_id, f.work_id))),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(works.len(), 1, "one work, two prizes");
    let conferred = planned(&named).events[0].event_id;
    let plan = planned(&sent);
    let sources: BTreeSet<_> = plan
        .events
        .iter()
        .map(|event| match &event.fact {
            Fact::Recommended(f) => (f.from_comp, f.from_title),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        sources,
        BTreeSet::from([(Some(contest.comp_id), None), (None, Some(conferred))])
    );
    let bad: Vec<_> = plan
        .rows
        .iter()
        .filter(|row| !row.problems.is_empty())
        .map(|row| row.place.row)
        .collect();
    assert_eq!(bad, [4, 5]);
}

#[test]
fn posts_are_taken_and_left() {
    let plan = plan_of(&[
        row!["姓名", "任职学校", "岗位", "任职开始", "离任日期", "任职比例"],
        row!["甲", "LB-XX01", "教师", (2019, 9, 1), (2022, 8, 31), ""],
        row!["甲", "LB-CZ01", "班主任", (2022, 9, 1), "", "0.5"],
        row!["乙", "LB-CZ01", "教师", (2022, 9, 1), (2022, 8, 1), ""],
        row!["丙", "LB-CZ01", "教师", (2022, 9, 1), "", 2.0],
    ]);
    assert_eq!(
        kinds(&plan),
        ["assignment_started", "assignment_started", "assignment_ended"]
    );
    let Fact::AssignmentEnded(end) = &plan.events[2].fact else {
        panic!()
    };
    assert_eq!(end.started_event, plan.events[0].event_id);
    let Fact::AssignmentStarted(half) = &plan.events[1].fact else {
        panic!()
    };
    assert_eq!(half.share_hundredths, 50);
    let bad: Vec<_> = plan
        .rows
        .iter()
        .filter(|row| !row.problems.is_empty())
        .map(|row| row.place.row)
        .collect();
    assert_eq!(bad, [4, 5]);
}

/// What was typed in a form of this kind, as a plan.
fn typed_plan(kind: Kind, cols: &[Col], rows: &[&[&str]]) -> Plan {
    let rows = typed_rows(kind, cols, rows, None);
    rows.plan(&everyone(&rows), &options())
}

fn typed_rows(kind: Kind, cols: &[Col], rows: &[&[&str]], entry: Option<u64>) -> Rows {
    let row = |row: &&[&str]| TypedRow {
        cells: row.iter().map(ToString::to_string).collect(),
        entry,
    };
    let rows: Vec<TypedRow> = rows.iter().map(row).collect();
    Rows::new(vec![read::typed("点名", kind, cols, &rows)])
}

#[test]
fn attendance_at_a_session_by_its_id_is_the_fact_that_the_training_sheet_tells() {
    let told = plan_of(&[national(), attended("甲", "师德", 6.0, (2022, 3, 5))]);
    let Some(Fact::AttendanceRecorded(fact)) = told.events.last().map(|event| &event.fact) else {
        panic!("{:?}", kinds(&told))
    };
    let cols = [
        Col::SessionId,
        Col::Name,
        Col::Hours,
        Col::From,
        Col::To,
        Col::Role,
        Col::Result,
    ];
    let result = fact.result.map_or("", keshi_core::codes::AttendanceResult::zh);
    let row = [fact.session_id.as_str(), "甲", "6", "2022-03-05", "", "学员", result];
    let typed = typed_plan(Kind::Attendance, &cols, &[&row]);
    assert_eq!(contents(&typed), [contents(&told).pop().unwrap()]);
}

#[test]
fn a_row_about_an_entry_has_the_id_of_its_event() {
    let cols = [Col::SessionId, Col::Name, Col::Hours, Col::From];
    let rows = typed_rows(Kind::Attendance, &cols, &[&["S1", "甲", "6", "2022-03-05"]], Some(812));
    let about: Vec<_> = rows.about().collect();
    let [(place, 812)] = about[..] else { panic!("{about:?}") };
    let known = EventId::new(uuid::Uuid::from_u128(7));
    let mut options = options();
    options.about.insert(place, known);
    let plan = rows.plan(&everyone(&rows), &options);
    assert_eq!(plan.events.last().map(|event| event.event_id), Some(known));
}

#[test]
fn what_was_typed_says_so_in_its_source_and_a_blank_row_lacks_everything() {
    let cols = [Col::Name, Col::From, Col::School];
    let plan = typed_plan(
        Kind::LessonsObserved,
        &cols,
        &[&["甲", "2022-03-05", "LB-XX01"], &["", "", ""]],
    );
    let source = plan.events[0].source.as_ref().unwrap().to_string();
    assert!(source.starts_with("form ") && source.ends_with(" row 2"), "{source}");
    let wrong: Vec<&str> = plan.rows[1]
        .problems
        .iter()
        .map(|problem| problem.column.as_str())
        .collect();
    assert_eq!(wrong, ["听课人", "听课日期", "听课学校"]);
}
