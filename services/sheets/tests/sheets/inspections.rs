//! 教学视导: a row is a finding with its inspection, and perhaps the look at what has changed.

use keshi_core::codes::{FindingOutcome, InspectionAspect};
use keshi_core::event::Fact;
use keshi_sheets::plan::Plan;

use crate::row;
use crate::support::{Put, folder, planned, workbook};

fn plan_of(rows: &[Vec<Put>]) -> Plan {
    let dir = folder();
    let mut all = vec![row![
        "受视导学校",
        "视导日期",
        "视导结束日期",
        "视导目的",
        "视导人员编号",
        "方面",
        "发现",
        "要求整改",
        "整改期限",
        "复查日期",
        "复查结果",
        "复查人编号"
    ]];
    all.extend(rows.iter().cloned());
    planned(&workbook(&dir, "1.xlsx", "视导", &all))
}

fn lines(plan: &Plan) -> Vec<String> {
    let lines = plan.rows.iter().flat_map(|row| &row.problems);
    lines.map(ToString::to_string).collect()
}

fn kinds(plan: &Plan) -> Vec<&'static str> {
    let mut kinds: Vec<_> = plan.events.iter().map(|event| event.fact.kind()).collect();
    kinds.sort_unstable();
    kinds
}

#[test]
fn rows_of_one_inspection_make_it_once_with_a_finding_each_and_the_look_at_it() {
    let first = row![
        "LB-XX01",
        (2022, 10, 11),
        "",
        "教学常规",
        "LB-0001、LB-0002",
        "作业与评价",
        "作业偏多",
        "是",
        (2022, 11, 15),
        (2022, 11, 16),
        "部分整改",
        "LB-0001"
    ];
    let second = row![
        "LB-XX01",
        (2022, 10, 11),
        "",
        "教学常规",
        "LB-0001、LB-0002",
        "课堂教学",
        "提问层次清楚",
        "",
        "",
        "",
        "",
        ""
    ];
    let plan = plan_of(&[first, second]);
    assert_eq!(lines(&plan), Vec::<String>::new());
    assert_eq!(
        kinds(&plan),
        ["finding_checked", "finding_made", "finding_made", "inspection_held"]
    );
    let looked = plan.events.iter().find_map(|event| match &event.fact {
        Fact::FindingChecked(looked) => Some(looked.outcome),
        _ => None,
    });
    let aspects = plan.events.iter().filter_map(|event| match &event.fact {
        Fact::FindingMade(made) => Some((made.aspect, made.change_requested)),
        _ => None,
    });
    let mut aspects: Vec<_> = aspects.collect();
    aspects.sort_unstable();
    assert_eq!(looked, Some(FindingOutcome::Partly));
    assert_eq!(
        aspects,
        [(InspectionAspect::Classroom, false), (InspectionAspect::Homework, true)]
    );
}

#[test]
fn a_look_without_its_day_and_an_aspect_without_a_finding_are_said() {
    let plan = plan_of(&[
        row![
            "LB-XX01",
            (2022, 10, 11),
            "",
            "教学常规",
            "LB-0001",
            "",
            "",
            "",
            "",
            "",
            "",
            ""
        ],
        row![
            "LB-XX02",
            (2022, 10, 11),
            "",
            "教学常规",
            "LB-0001",
            "课堂教学",
            "",
            "",
            "",
            "",
            "",
            ""
        ],
        row![
            "LB-XX03",
            (2022, 10, 11),
            "",
            "教学常规",
            "LB-0001",
            "课堂教学",
            "好",
            "是",
            "",
            "",
            "已整改",
            "LB-0001"
        ],
        row![
            "LB-XX04",
            (2022, 10, 11),
            "",
            "教学常规",
            "LB-0001",
            "课堂教学",
            "好",
            "",
            (2022, 11, 1),
            "",
            "",
            ""
        ],
    ]);
    assert_eq!(kinds(&plan), ["inspection_held"]);
    let found = lines(&plan);
    assert_eq!(found.len(), 3, "{found:?}");
    for (line, column) in found.iter().zip(["发现", "复查日期", "整改期限"]) {
        assert!(line.contains(column), "{line}");
    }
}
