//! The columns of 片区, 学科基地 and 工作室.

use super::{CORRECT, ID_NO, ID_TYPE, LEVEL, NAME, NO, NOTE, SUBJECT, TEACHER, VOID, may, must};
use crate::columns::{Col, Column, Form, Words};

const FORMED: Column =
    must(Col::From, "成立日期", Form::Date, "2021-03-01", "the day it was formed").or(&["组建日期", "挂牌日期"]);
const UNTIL: Column = may(
    Col::ValidTo,
    "终止日期",
    Form::Date,
    "",
    "its last day; blank while it goes on",
)
.or(&["撤销日期"]);
const MEMBERS: Column = may(
    Col::Members,
    "成员",
    Form::People,
    "",
    "the members, by their ids; the row's own person leads them",
)
.or(&["核心团队", "成员编号"]);

pub(in super::super) const GROUPS: &[Column] = &[
    may(
        Col::Group,
        "片区编号",
        Form::Place,
        "PQ1",
        "the group as schools and sessions name it; blank: by its name",
    )
    .or(&["片区"]),
    must(Col::OrgName, "片区名称", Form::Text, "青禾片区", "its name"),
    must(
        Col::Schools,
        "成员学校",
        Form::Schools,
        "LB-XX01、LB-CZ01",
        "its schools, by id or full name",
    )
    .or(&["成员校"]),
    may(
        Col::Leads,
        "牵头人",
        Form::People,
        "",
        "who leads it or supervises it, by id; at most one",
    )
    .or(&["牵头人编号", "蹲点教研员"]),
    FORMED,
    UNTIL,
    NO,
    NOTE,
    CORRECT,
    VOID,
];

pub(in super::super) const BASES: &[Column] = &[
    may(
        Col::Base,
        "基地编号",
        Form::Place,
        "JD01",
        "the base as sessions name it; blank: by its name",
    )
    .or(&["基地"]),
    must(Col::OrgName, "基地名称", Form::Text, "小学语文学科基地", "its name"),
    NAME,
    ID_TYPE,
    ID_NO,
    TEACHER,
    SUBJECT,
    may(
        Col::School,
        "所在学校",
        Form::School,
        "LB-XX01",
        "the school where it is",
    )
    .or(&["基地学校"]),
    may(
        Col::Research,
        "是否教研基地",
        Form::YesNo,
        "否",
        "whether it is a research base (教研基地) and none of one subject; blank means 否",
    )
    .or(&["教研基地"]),
    MEMBERS,
    FORMED,
    UNTIL,
    NO,
    NOTE,
    CORRECT,
    VOID,
];

pub(in super::super) const STUDIOS: &[Column] = &[
    may(
        Col::Base,
        "工作室编号",
        Form::Place,
        "GZS01",
        "the studio as sessions name it; blank: by its name",
    ),
    must(
        Col::OrgName,
        "工作室名称",
        Form::Text,
        "小学数学教学能手工作站",
        "its name",
    ),
    NAME,
    ID_TYPE,
    ID_NO,
    TEACHER,
    must(
        Col::Class,
        "称号类别",
        Form::Word(Words::Class),
        "教学能手",
        "the class of its host: 名师工作室, 学科带头人工作坊 or 教学能手工作站",
    )
    .or(&["称号"]),
    must(Col::Level, "级别", LEVEL, "县级", "its level").or(&["工作室级别"]),
    SUBJECT,
    MEMBERS,
    FORMED,
    UNTIL,
    NO,
    NOTE,
    CORRECT,
    VOID,
];
