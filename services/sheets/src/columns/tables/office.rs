//! 复核续期, 联系点, 专家库, 中期检查.

use super::{
    CORRECT, Col, Column, Form, ID_NO, ID_TYPE, LEVEL, NAME, NO, NOTE, Need, TEACHER, VOID, Words, column, may, must,
};

const TERM_END: Column = may(
    Col::PostTo,
    "截止日期",
    Form::Date,
    "2025-08-31",
    "last day of the term; blank: none is set",
)
.or(&["任期截止"]);

pub(in super::super) const RENEWALS: &[Column] = &[
    NAME,
    ID_TYPE,
    ID_NO,
    TEACHER,
    must(
        Col::Class,
        "称号类别",
        Form::Word(Words::Class),
        "教学能手",
        "the class of the title",
    )
    .or(&["称号"]),
    must(Col::Level, "称号级别", LEVEL, "县级", "its level").or(&["级别"]),
    must(
        Col::TitleDay,
        "命名日期",
        Form::Date,
        "2017-05-30",
        "the day it was conferred, as in the sheet 称号",
    )
    .or(&["授予日期"]),
    must(
        Col::From,
        "复核日期",
        Form::Date,
        "2022-05-20",
        "the day it was renewed",
    )
    .or(&["续期日期"]),
    may(
        Col::DocNo,
        "发文字号",
        Form::Text,
        "留教研发〔2022〕9号",
        "number of the paper",
    )
    .or(&["文号"]),
    may(
        Col::ValidTo,
        "有效期至",
        Form::Date,
        "2027-05-29",
        "the new last day; blank: five years after the one before",
    )
    .or(&["有效期止"]),
    NO,
    NOTE,
    CORRECT,
    VOID,
];

pub(in super::super) const LINKED_SCHOOLS: &[Column] = &[
    NAME,
    ID_TYPE,
    ID_NO,
    TEACHER,
    must(
        Col::School,
        "联系学校",
        Form::School,
        "LB-XX01",
        "the school that the researcher looks after",
    )
    .or(&["联系点学校"]),
    must(Col::From, "联系开始日期", Form::Date, "2022-09-01", "the first day").or(&["开始日期"]),
    TERM_END,
    NO,
    NOTE,
    CORRECT,
    VOID,
];

pub(in super::super) const EXPERTS: &[Column] = &[
    NAME,
    ID_TYPE,
    ID_NO,
    TEACHER,
    must(
        Col::Pool,
        "专家库",
        Form::Word(Words::Pool),
        "学科专家库",
        "which pool of experts",
    )
    .or(&["库别"]),
    column(
        Need::Column,
        Col::Subject,
        "学科",
        Form::Text,
        "小学语文",
        "the subject of a subject expert; of a policy expert the field",
    )
    .or(&["领域"]),
    must(Col::From, "入库日期", Form::Date, "2022-09-01", "first day of the term").or(&["聘任日期"]),
    TERM_END,
    may(
        Col::DocNo,
        "发文字号",
        Form::Text,
        "留教研发〔2022〕12号",
        "number of the paper",
    )
    .or(&["文号"]),
    NO,
    NOTE,
    CORRECT,
    VOID,
];

pub(in super::super) const TOPIC_CHECKS: &[Column] = &[
    NAME,
    ID_TYPE,
    ID_NO,
    TEACHER,
    must(
        Col::TopicName,
        "课题名称",
        Form::Text,
        "小学语文整本书阅读教学策略研究",
        "the topic's name, as in the sheet 课题",
    )
    .or(&["课题"]),
    must(Col::Level, "课题级别", LEVEL, "县级", "its level").or(&["级别"]),
    may(
        Col::Leads,
        "其他主持人",
        Form::People,
        "",
        "other leads, by their ids; the row's own person is the first",
    )
    .or(&["其他主持人编号"]),
    must(Col::From, "检查日期", Form::Date, "2022-06-15", "the day of the check").or(&["中期日期"]),
    must(
        Col::Result,
        "检查结果",
        Form::Word(Words::TopicCheck),
        "通过",
        "passed, to be mended, or stopped",
    )
    .or(&["中期结果"]),
    may(
        Col::Why,
        "检查意见",
        Form::Text,
        "",
        "what was said; required unless it passed; no personal data",
    )
    .or(&["中期意见"]),
    NO,
    NOTE,
    CORRECT,
    VOID,
];
