//! 教研需求, 需求合并, 需求安排, 需求评价.

use keshi_core::event::Fact;
use keshi_sheets::plan::Plan;

use crate::row;
use crate::support::{folder, planned, workbook};

fn lines(plan: &Plan) -> Vec<String> {
    let lines = plan.rows.iter().flat_map(|row| &row.problems);
    lines.map(ToString::to_string).collect()
}

#[test]
fn a_question_has_an_id_of_what_it_says_unless_the_office_numbers_it() {
    let dir = folder();
    let sheet = workbook(
        &dir,
        "1.xlsx",
        "需求",
        &[
            row!["学期", "学校", "学科", "问题", "提出日期", "需求编号"],
            row![
                "2022-2023-1",
                "LB-XX01",
                "小学语文",
                "整本书阅读怎样推进",
                (2022, 9, 5),
                ""
            ],
            row![
                "2022-2023-1",
                "LB-XX02",
                "小学语文",
                "整本书阅读怎样推进",
                (2022, 9, 5),
                ""
            ],
            row![
                "2022-2023-1",
                "LB-XX01",
                "小学语文",
                "习作怎样讲评",
                (2022, 9, 5),
                "XQ-7"
            ],
        ],
    );
    let plan = planned(&sheet);
    assert_eq!(lines(&plan), Vec::<String>::new());
    let ids: Vec<String> = plan
        .events
        .iter()
        .map(|event| match &event.fact {
            Fact::QuestionSent(sent) => sent.question_id.to_string(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert!(ids.contains(&"XQ-7".to_owned()), "{ids:?}");
    assert_eq!(ids.iter().filter(|id| id.starts_with("Q-")).count(), 2);
    let again: Vec<_> = planned(&sheet).events.iter().map(|event| event.event_id).collect();
    assert_eq!(
        again,
        plan.events.iter().map(|event| event.event_id).collect::<Vec<_>>()
    );
}

#[test]
fn a_question_that_names_a_pupil_and_one_of_no_semester_are_said_without_the_name() {
    let dir = folder();
    let sheet = workbook(
        &dir,
        "1.xlsx",
        "需求",
        &[
            row!["学期", "学校", "学科", "问题", "提出日期"],
            row![
                "2022-2023-1",
                "LB-XX01",
                "小学语文",
                "学生王小明上课走神怎么办",
                (2022, 9, 5)
            ],
            row!["autumn", "LB-XX01", "小学语文", "习作怎样讲评", (2022, 9, 5)],
        ],
    );
    let found = lines(&planned(&sheet));
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(
        found[0].contains("name a pupil") && !found[0].contains("王小明"),
        "{found:?}"
    );
    assert!(found[1].contains("学期"), "{found:?}");
}

#[test]
fn a_plan_finds_its_session_as_the_sheet_of_training_tells_it() {
    let dir = folder();
    let training = workbook(
        &dir,
        "1.xlsx",
        "培训",
        &[
            row![
                "姓名",
                "培训类别",
                "培训项目名称",
                "培训方式",
                "培训获得学时",
                "培训开始日期",
                "培训结束日期",
                "场次"
            ],
            row![
                "甲",
                "县级",
                "语文教研",
                "短期面授",
                "3",
                (2022, 10, 19),
                (2022, 10, 19),
                "第1次"
            ],
        ],
    );
    let held = planned(&training).events.iter().find_map(|event| match &event.fact {
        Fact::SessionHeld(held) => Some(held.session_id),
        _ => None,
    });
    let plans = workbook(
        &dir,
        "2.xlsx",
        "安排",
        &[
            row!["需求编号", "安排日期", "培训项目名称", "原开始日期", "场次", "场次编号"],
            row!["XQ-1", (2022, 9, 26), "语文教研", (2022, 10, 19), "第1次", ""],
            row!["XQ-2", (2022, 9, 26), "", "", "", "X-9"],
            row!["XQ-3", (2022, 9, 26), "", "", "", ""],
        ],
    );
    let plan = planned(&plans);
    let sessions: Vec<_> = plan
        .events
        .iter()
        .map(|event| match &event.fact {
            Fact::QuestionPlanned(planned) => (planned.question_id.to_string(), planned.session_id),
            other => panic!("{other:?}"),
        })
        .collect();
    assert!(
        sessions.contains(&("XQ-1".to_owned(), held.expect("a session"))),
        "{sessions:?}"
    );
    assert_eq!((sessions.len(), lines(&plan).len()), (2, 1));
}

#[test]
fn joinings_and_ratings_are_rows_and_a_rating_beyond_five_is_said() {
    let dir = folder();
    let joins = workbook(
        &dir,
        "1.xlsx",
        "合并",
        &[
            row!["需求编号", "合并到需求编号", "合并日期"],
            row!["XQ-2", "XQ-1", (2022, 9, 20)],
            row!["XQ-3", "XQ-3", (2022, 9, 20)],
        ],
    );
    let plan = planned(&joins);
    assert!(matches!(&plan.events[..], [event] if matches!(&event.fact, Fact::QuestionsJoined(_))));
    assert_eq!(lines(&plan).len(), 1);
    let ratings = workbook(
        &dir,
        "2.xlsx",
        "评价",
        &[
            row!["需求编号", "评价学校", "评分", "评语", "评价日期"],
            row!["XQ-1", "LB-XX01", "5", "可以直接用", (2022, 11, 10)],
            row!["XQ-1", "LB-XX02", "6", "", (2022, 11, 10)],
        ],
    );
    let plan = planned(&ratings);
    assert!(
        matches!(&plan.events[..], [event] if matches!(&event.fact, Fact::AnswerRated(rated) if rated.rating == 5))
    );
    let found = lines(&plan);
    assert!(found.len() == 1 && found[0].contains("评分"), "{found:?}");
}

#[test]
fn what_is_sent_joined_planned_and_rated_on_one_day_goes_in_that_order() {
    let dir = folder();
    let day = (2022, 9, 5);
    let sheets = [
        workbook(
            &dir,
            "1.xlsx",
            "评价",
            &[
                row!["需求编号", "评价学校", "评分", "评价日期"],
                row!["XQ-1", "LB-XX01", "5", day],
            ],
        ),
        workbook(
            &dir,
            "2.xlsx",
            "安排",
            &[row!["需求编号", "安排日期", "场次编号"], row!["XQ-1", day, "X-9"]],
        ),
        workbook(
            &dir,
            "3.xlsx",
            "合并",
            &[
                row!["需求编号", "合并到需求编号", "合并日期"],
                row!["XQ-2", "XQ-1", day],
            ],
        ),
        workbook(
            &dir,
            "4.xlsx",
            "需求",
            &[
                row!["学期", "学校", "学科", "问题", "提出日期", "需求编号"],
                row!["2022-2023-1", "LB-XX01", "小学语文", "整本书阅读怎样推进", day, "XQ-1"],
                row!["2022-2023-1", "LB-XX02", "小学语文", "习作怎样讲评", day, "XQ-2"],
            ],
        ),
    ];
    let books = sheets
        .iter()
        .map(|path| keshi_sheets::read::open(path).unwrap())
        .collect();
    let rows = keshi_sheets::plan::Rows::new(books);
    let plan = rows.plan(&keshi_sheets::plan::People::default(), &crate::support::options());
    let kinds: Vec<_> = plan.events.iter().map(|event| event.fact.kind()).collect();
    assert_eq!(
        kinds,
        [
            "question_sent",
            "question_sent",
            "questions_joined",
            "question_planned",
            "answer_rated"
        ]
    );
}
