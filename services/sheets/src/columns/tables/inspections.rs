//! The columns of 教学视导.

use super::{CORRECT, Col, Column, Form, NO, NOTE, VOID, Words, may, must};

pub(in crate::columns) const INSPECTIONS: &[Column] = &[
    must(Col::School, "受视导学校", Form::School, "LB-XX01", "the school").or(&["视导学校", "学校"]),
    must(Col::From, "视导日期", Form::Date, "2022-10-11", "the (first) day").or(&["视导开始日期"]),
    may(
        Col::To,
        "视导结束日期",
        Form::Date,
        "2022-10-12",
        "last day; blank means the first",
    )
    .or(&["结束日期"]),
    must(Col::Purpose, "视导目的", Form::Text, "教学常规", "why").or(&["目的", "视导内容"]),
    must(
        Col::Inspectors,
        "视导人员编号",
        Form::People,
        "LB-0001、LB-0002",
        "who inspected, by their ids; none of them in post at that school",
    )
    .or(&["视导人员"]),
    may(
        Col::Aspect,
        "方面",
        Form::Word(Words::Aspect),
        "课堂教学",
        "what the finding is about; needed with a finding",
    ),
    may(
        Col::Finding,
        "发现",
        Form::Text,
        "备课有教案无二次修改",
        "what was found, one row each; no names of pupils, no personal data; blank: the inspection alone",
    )
    .or(&["发现的问题", "反馈意见"]),
    may(
        Col::Requested,
        "要求整改",
        Form::YesNo,
        "是",
        "whether the school is to change something; blank means 否",
    )
    .or(&["是否整改"]),
    may(
        Col::Due,
        "整改期限",
        Form::Date,
        "2022-11-30",
        "until when; blank: no day is set",
    ),
    may(
        Col::CheckedOn,
        "复查日期",
        Form::Date,
        "",
        "the day somebody looked again; blank while nobody has",
    ),
    may(
        Col::Outcome,
        "复查结果",
        Form::Word(Words::Outcome),
        "",
        "what was seen then; needed with 复查日期",
    ),
    may(
        Col::CheckedBy,
        "复查人编号",
        Form::Id,
        "",
        "who looked, by her id; needed with 复查日期",
    ),
    may(
        Col::Why,
        "复查意见",
        Form::Text,
        "",
        "what was said then; no names of pupils, no personal data",
    ),
    NO,
    NOTE,
    CORRECT,
    VOID,
];
