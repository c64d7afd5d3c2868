//! 签到, 改期 and 取消.

use super::{
    CORRECT, Col, Column, Form, ID_NO, ID_TYPE, NAME, NO, NOTE, Need, RESULT, ROLE, TEACHER, VOID, Words, column, may,
    must,
};

/// Which session of which project: as the sheet 培训 told it when it was imported, before any move.
pub(super) const OF_PROJECT: Column = column(
    Need::OneOf,
    Col::Project,
    "培训项目名称",
    Form::Text,
    "2022年小学语文新课标培训",
    "the project, as the sheet 培训 has it",
)
.or(&["项目名称", "培训名称", "培训项目"]);
pub(super) const SESSION_ID: Column = column(
    Need::OneOf,
    Col::SessionId,
    "场次编号",
    Form::Id,
    "",
    "or the session by its id in the ledger; then the columns that tell project and session may be left blank",
);
pub(super) const OF_PROVIDER: Column = may(
    Col::Provider,
    "培训机构名称",
    Form::Text,
    "县教师进修学校",
    "as the sheet 培训 has it",
)
.or(&["培训机构", "主办单位", "承办单位"]);
pub(super) const OF_YEAR: Column = may(
    Col::Year,
    "培训年度",
    Form::Year,
    "2022",
    "as the sheet 培训 has it; blank means the year of the first day",
)
.or(&["年度"]);
pub(super) const HELD_FROM: Column = may(
    Col::From,
    "原开始日期",
    Form::Date,
    "2022-03-05",
    "the session's first day as imported; needed without 场次编号",
)
.or(&["培训开始日期", "原定日期", "原日期"]);
pub(super) const HELD_TO: Column = may(
    Col::To,
    "原结束日期",
    Form::Date,
    "2022-03-05",
    "its last day as imported; blank means the first",
)
.or(&["培训结束日期"]);
pub(super) const OF_SESSION: Column = may(Col::Session, "场次", Form::Text, "第1场", "as the sheet 培训 has it").or(&[
    "场次名称",
    "活动名称",
    "活动主题",
]);
pub(super) const OF_TYPE: Column = may(
    Col::SessionType,
    "场次类型",
    Form::Word(Words::SessionType),
    "培训",
    "as the sheet 培训 has it; blank means 培训",
)
.or(&["活动类型"]);
pub(super) const OF_BASE: Column =
    may(Col::Base, "学科基地", Form::Place, "", "as the sheet 培训 has it").or(&["基地", "基地编号"]);
pub(super) const OF_GROUP: Column =
    may(Col::Group, "片区", Form::Place, "", "as the sheet 培训 has it").or(&["片区编号"]);

pub(in crate::columns) const ATTENDANCE: &[Column] = &[
    must(
        Col::SessionId,
        "场次编号",
        Form::Id,
        "S-00000000000000000000",
        "the session by its id in the ledger, as keshi sessions and the page 点名 have it",
    ),
    NAME,
    ID_TYPE,
    ID_NO,
    TEACHER,
    must(
        Col::Hours,
        "获得学时",
        Form::Hours,
        "6",
        "hours present: above 0, at most 24 a day",
    )
    .or(&["学时", "课时"]),
    must(Col::From, "开始日期", Form::Date, "2022-03-05", "her first day there").or(&["签到日期", "日期"]),
    may(
        Col::To,
        "结束日期",
        Form::Date,
        "2022-03-05",
        "her last day there; blank means the first",
    ),
    ROLE,
    RESULT,
    NO,
    NOTE,
    CORRECT,
    VOID,
];

pub(in crate::columns) const MOVES: &[Column] = &[
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
    must(
        Col::NewFrom,
        "新开始日期",
        Form::Date,
        "2022-03-19",
        "the first day after the move; it may lie ahead",
    )
    .or(&["改至日期", "新日期", "改期日期"]),
    may(
        Col::NewTo,
        "新结束日期",
        Form::Date,
        "2022-03-19",
        "the last day after the move; blank means the first",
    )
    .or(&["改至结束日期"]),
    may(
        Col::Place,
        "新地点",
        Form::Text,
        "县第一小学",
        "where it is held after the move",
    )
    .or(&["地点"]),
    may(Col::Why, "改期原因", Form::Text, "暴雨", "why; no personal data").or(&["改期事由"]),
    NO,
    NOTE,
    CORRECT,
    VOID,
];

pub(in crate::columns) const CANCELLATIONS: &[Column] = &[
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
    must(
        Col::CancelledOn,
        "取消日期",
        Form::Date,
        "2022-03-04",
        "the day on which it was cancelled",
    ),
    may(Col::Why, "取消原因", Form::Text, "暴雨", "why; no personal data").or(&["取消事由"]),
    NO,
    NOTE,
    CORRECT,
    VOID,
];
