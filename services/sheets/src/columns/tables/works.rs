//! The columns of 培养对象, 课题, 发表 and 成果获奖.

use super::{CORRECT, ID_NO, ID_TYPE, LEVEL, NAME, NO, NOTE, TEACHER, VOID, may, must};
use crate::columns::{Col, Column, Form, Words};

const WORK: Column = must(
    Col::Work,
    "作品名称",
    Form::Text,
    "《整本书阅读的课堂支架》",
    "the work's name; one work with several prizes counts once",
)
.or(&["论文题目", "成果名称", "作品"]);
const AUTHORS: Column = may(
    Col::Authors,
    "其他作者",
    Form::People,
    "",
    "the other authors, by their ids; the row's own person is the first",
)
.or(&["其他作者编号", "合作者编号"]);

pub(in super::super) const CANDIDATES: &[Column] = &[
    NAME,
    ID_TYPE,
    ID_NO,
    TEACHER,
    must(
        Col::Class,
        "培养称号",
        Form::Word(Words::Class),
        "学科带头人",
        "the class of the title aimed at",
    )
    .or(&["称号类别", "培养类别"]),
    must(Col::Level, "称号级别", LEVEL, "市级", "its level").or(&["级别"]),
    must(
        Col::From,
        "确定日期",
        Form::Date,
        "2022-09-15",
        "the day she was chosen",
    )
    .or(&["日期"]),
    may(
        Col::ValidTo,
        "培养期至",
        Form::Date,
        "2023-09-14",
        "last day of the development; blank: none is set",
    )
    .or(&["培养截止日期"]),
    may(
        Col::DocNo,
        "发文字号",
        Form::Text,
        "留教研发〔2022〕15号",
        "number of the paper",
    )
    .or(&["文号"]),
    NO,
    NOTE,
    CORRECT,
    VOID,
];

pub(in super::super) const TOPICS: &[Column] = &[
    NAME,
    ID_TYPE,
    ID_NO,
    TEACHER,
    must(
        Col::TopicName,
        "课题名称",
        Form::Text,
        "小学语文整本书阅读教学策略研究",
        "the topic's name; name and level are the topic, in every sheet",
    )
    .or(&["课题"]),
    must(Col::Level, "课题级别", LEVEL, "县级", "its level").or(&["级别"]),
    must(Col::From, "立项日期", Form::Date, "2022-03-10", "the day of approval").or(&["立项时间"]),
    may(
        Col::Leads,
        "其他主持人",
        Form::People,
        "",
        "other leads, by their ids; the row's own person is the first",
    )
    .or(&["其他主持人编号"]),
    may(Col::Members, "成员", Form::People, "", "the members, by their ids").or(&["成员编号", "参与人编号"]),
    may(
        Col::OpenedOn,
        "开题日期",
        Form::Date,
        "",
        "the day on which its plan was defended; blank if it was not",
    )
    .or(&["开题时间"]),
    may(
        Col::ConcludedOn,
        "结题日期",
        Form::Date,
        "",
        "the day of conclusion; blank while it runs",
    )
    .or(&["结题时间"]),
    may(
        Col::Conclusion,
        "结题结果",
        Form::Text,
        "",
        "合格, 优秀 …; 不合格 and 不通过 earn nothing",
    )
    .or(&["鉴定结果"]),
    NO,
    NOTE,
    CORRECT,
    VOID,
];

pub(in super::super) const WORKS_PUBLISHED: &[Column] = &[
    NAME,
    ID_TYPE,
    ID_NO,
    TEACHER,
    WORK,
    must(
        Col::WorkKind,
        "作品类别",
        Form::Text,
        "论文",
        "what it is: 论文, 著作 …, the office's own word",
    )
    .or(&["类别"]),
    must(Col::Level, "级别", LEVEL, "省级", "level of the journal or press").or(&["刊物级别"]),
    must(
        Col::From,
        "发表日期",
        Form::Date,
        "2022-06-30",
        "the day it was published",
    )
    .or(&["出版日期", "日期"]),
    AUTHORS,
    NO,
    NOTE,
    CORRECT,
    VOID,
];

pub(in super::super) const WORKS_AWARDED: &[Column] = &[
    NAME,
    ID_TYPE,
    ID_NO,
    TEACHER,
    WORK,
    must(Col::Level, "级别", LEVEL, "地市级", "level of the contest").or(&["获奖级别"]),
    must(Col::Award, "奖次", Form::Word(Words::Award), "一等", "the prize").or(&["获奖等次", "奖项"]),
    may(
        Col::Contest,
        "评选名称",
        Form::Text,
        "全市教育教学论文评选",
        "the contest that judged it",
    )
    .or(&["评比名称", "活动名称"]),
    must(
        Col::From,
        "获奖日期",
        Form::Date,
        "2022-11-18",
        "the day the prize was given",
    )
    .or(&["日期"]),
    AUTHORS,
    NO,
    NOTE,
    CORRECT,
    VOID,
];
