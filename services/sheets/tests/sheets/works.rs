//! 课题, 发表, 成果获奖: a work and a topic are what their names say, in every sheet.

use keshi_core::event::{Event, Fact};
use keshi_sheets::plan::Plan;

use crate::row;
use crate::support::{Put, folder, planned, workbook};

fn plan_of(sheet: &str, rows: &[Vec<Put>]) -> Plan {
    let dir = folder();
    planned(&workbook(&dir, "rows.xlsx", sheet, rows))
}

fn lines(plan: &Plan) -> Vec<String> {
    let lines = plan.rows.iter().flat_map(|row| &row.problems);
    lines.map(ToString::to_string).collect()
}

fn event<'p>(plan: &'p Plan, kind: &str) -> &'p Event {
    plan.events
        .iter()
        .find(|event| event.fact.kind() == kind)
        .unwrap_or_else(|| panic!("no {kind}"))
}

#[test]
fn a_topic_that_is_concluded_later_is_the_same_topic_with_one_event_more() {
    let heads = || {
        row![
            "姓名",
            "课题名称",
            "课题级别",
            "立项日期",
            "成员",
            "结题日期",
            "结题结果"
        ]
    };
    let running = plan_of(
        "课题",
        &[
            heads(),
            row!["甲", "作业设计研究", "县级", (2022, 3, 10), "LB-0102、LB-0103", "", ""],
        ],
    );
    assert_eq!(lines(&running), Vec::<String>::new());
    assert_eq!(running.events.len(), 1);
    let concluded = plan_of(
        "课题",
        &[
            heads(),
            row![
                "甲",
                "作业设计研究",
                "县级",
                (2022, 3, 10),
                "LB-0102、LB-0103",
                (2022, 12, 20),
                "优秀"
            ],
        ],
    );
    let approved = event(&running, "topic_approved");
    assert!(event(&concluded, "topic_approved").differing_field(approved).is_none());
    let (Fact::TopicApproved(first), Fact::TopicConcluded(last)) =
        (&approved.fact, &event(&concluded, "topic_concluded").fact)
    else {
        panic!("two of a topic");
    };
    assert_eq!((first.topic_id, first.member_ids.len()), (last.topic_id, 2));
    assert_eq!(
        concluded.rows[0].events.last(),
        Some(&1),
        "what is corrected is the conclusion"
    );
}

#[test]
fn a_result_without_a_day_of_conclusion_and_members_by_name_are_said() {
    let plan = plan_of(
        "课题",
        &[
            row!["姓名", "课题名称", "课题级别", "立项日期", "成员", "结题结果"],
            row!["甲", "一", "县级", (2022, 3, 10), "", "合格"],
            row!["甲", "二", "县级", (2022, 3, 10), "李晓芸", ""],
        ],
    );
    let lines = lines(&plan);
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[0].contains("结题日期"), "{lines:?}");
    assert!(lines[1].contains("成员"), "{lines:?}");
    assert!(plan.events.is_empty());
}

#[test]
fn one_work_is_one_however_often_it_is_published_and_wins() {
    let published = plan_of(
        "发表",
        &[
            row!["姓名", "作品名称", "作品类别", "级别", "发表日期", "其他作者"],
            row![
                "甲",
                "《整本书阅读》",
                "论文",
                "省级",
                (2022, 6, 30),
                "LB-0102，LB-0102"
            ],
        ],
    );
    let awarded = plan_of(
        "成果获奖",
        &[
            row!["姓名", "作品名称", "级别", "奖次", "获奖日期"],
            row!["甲", "《整本书阅读》", "县级", "一等奖", (2022, 7, 1)],
            row!["甲", "《 整本书阅读》", "市级", "二等", (2022, 11, 18)],
        ],
    );
    assert_eq!((lines(&published), lines(&awarded)), (Vec::new(), Vec::new()));
    let Fact::WorkPublished(work) = &event(&published, "work_published").fact else {
        panic!("published");
    };
    assert_eq!(work.author_ids.len(), 2, "who is named twice is one author");
    let won: Vec<_> = awarded
        .events
        .iter()
        .filter_map(|event| match &event.fact {
            Fact::WorkAwarded(fact) => Some(fact.work_id),
            _ => None,
        })
        .collect();
    assert_eq!(won, [work.work_id, work.work_id]);
}
