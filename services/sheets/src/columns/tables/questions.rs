//! The columns of 教研需求, 需求合并, 需求安排 and 需求评价.

use super::sessions::{
    HELD_FROM, HELD_TO, OF_BASE, OF_GROUP, OF_PROJECT, OF_PROVIDER, OF_SESSION, OF_TYPE, OF_YEAR, SESSION_ID,
};
use super::{CORRECT, Col, Column, Form, NO, NOTE, VOID, may, must};

const QUESTION: Column = must(
    Col::QuestionId,
    "需求编号",
    Form::Id,
    "Q-00000000000000000000",
    "the question by its id in the ledger, as keshi questions and the page 订单式教研 have it",
);

pub(in crate::columns) const QUESTIONS: &[Column] = &[
    must(
        Col::Semester,
        "学期",
        Form::Text,
        "2022-2023-1",
        "the semester in which it is to be answered, as the calendar has it",
    )
    .or(&["学年学期"]),
    must(Col::School, "学校", Form::School, "LB-XX01", "the school that asks").or(&["提出学校", "学校编号"]),
    must(Col::Subject, "学科", Form::Text, "小学语文", "the subject").or(&["任教学科"]),
    must(
        Col::Question,
        "问题",
        Form::Text,
        "整本书阅读怎样在课内推进",
        "what is asked, in at most 200 characters; no names of pupils, no personal data",
    )
    .or(&["教研需求", "需求", "问题描述"]),
    must(Col::From, "提出日期", Form::Date, "2022-09-05", "the day it was sent").or(&["日期"]),
    may(
        Col::AskedBy,
        "提出教师编号",
        Form::Id,
        "",
        "who had it, by her id in the ledger; blank: the school does not say",
    ),
    may(
        Col::QuestionId,
        "需求编号",
        Form::Id,
        "",
        "an id of the office's own; blank: made of semester, school, subject and question",
    ),
    NO,
    NOTE,
    CORRECT,
    VOID,
];

pub(in crate::columns) const QUESTION_JOINS: &[Column] = &[
    QUESTION,
    must(
        Col::Into,
        "合并到需求编号",
        Form::Id,
        "Q-00000000000000000000",
        "the question that stands for both from then on, of the same subject and semester",
    )
    .or(&["合并到", "并入需求编号"]),
    must(
        Col::From,
        "合并日期",
        Form::Date,
        "2022-09-20",
        "the day they were put together",
    )
    .or(&["日期"]),
    NO,
    NOTE,
    CORRECT,
    VOID,
];

pub(in crate::columns) const QUESTION_PLANS: &[Column] = &[
    QUESTION,
    must(
        Col::PlannedOn,
        "安排日期",
        Form::Date,
        "2022-09-25",
        "the day it was planned",
    )
    .or(&["列入计划日期"]),
    OF_PROJECT,
    OF_PROVIDER,
    OF_YEAR,
    HELD_FROM,
    HELD_TO,
    OF_SESSION,
    OF_TYPE,
    OF_BASE,
    OF_GROUP,
    SESSION_ID,
    NO,
    NOTE,
    CORRECT,
    VOID,
];

pub(in crate::columns) const ANSWER_RATINGS: &[Column] = &[
    QUESTION,
    must(
        Col::School,
        "评价学校",
        Form::School,
        "LB-XX01",
        "the school that rates; it asked the question, by itself or put together",
    )
    .or(&["学校", "学校编号"]),
    must(
        Col::Rating,
        "评分",
        Form::Count,
        "5",
        "1 (it did not help at all) to 5 (it is solved)",
    )
    .or(&["满意度"]),
    may(
        Col::Why,
        "评语",
        Form::Text,
        "",
        "what the school says of it; no names of pupils, no personal data",
    )
    .or(&["评价意见"]),
    must(
        Col::From,
        "评价日期",
        Form::Date,
        "2022-11-10",
        "the day, after the session",
    )
    .or(&["日期"]),
    NO,
    NOTE,
    CORRECT,
    VOID,
];
