//! The columns of each kind of sheet.

mod inspections;
mod office;
mod organisations;
mod questions;
mod sessions;
mod works;

pub(super) use self::inspections::INSPECTIONS;
pub(super) use self::office::{EXPERTS, LINKED_SCHOOLS, RENEWALS, TOPIC_CHECKS};
pub(super) use self::organisations::{BASES, GROUPS, STUDIOS};
pub(super) use self::questions::{ANSWER_RATINGS, QUESTION_JOINS, QUESTION_PLANS, QUESTIONS};
pub(super) use self::sessions::{ATTENDANCE, CANCELLATIONS, MOVES};
pub(super) use self::works::{CANDIDATES, TOPICS, WORKS_AWARDED, WORKS_PUBLISHED};

use super::{Col, Column, Form, Need, Words};

const fn column(
    need: Need,
    col: Col,
    heading: &'static str,
    form: Form,
    example: &'static str,
    about: &'static str,
) -> Column {
    Column {
        col,
        heading,
        aliases: &[],
        need,
        form,
        example,
        about,
    }
}

impl Column {
    const fn or(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }
}

const fn must(col: Col, heading: &'static str, form: Form, example: &'static str, about: &'static str) -> Column {
    column(Need::Must, col, heading, form, example, about)
}

const fn may(col: Col, heading: &'static str, form: Form, example: &'static str, about: &'static str) -> Column {
    column(Need::May, col, heading, form, example, about)
}

const NO: Column = may(Col::Ignored, "序号", Form::Text, "1", "running number; not read").or(&["编号"]);
const NOTE: Column = may(Col::Ignored, "备注", Form::Text, "", "not read: notes stay in the file").or(&[
    "说明",
    "校验结果",
    "核对结果",
    "原因",
    "处理",
]);
const CORRECT: Column = may(
    Col::Correct,
    "更正理由",
    Form::Text,
    "",
    "why the row corrects what was imported before; blank in all other rows",
)
.or(&["更正"]);
const VOID: Column = may(
    Col::Void,
    "作废理由",
    Form::Text,
    "",
    "why what was imported from the row before is void; blank in all other rows",
)
.or(&["作废"]);
const UNIT: Column = column(
    Need::OneOf,
    Col::Unit,
    "部门",
    Form::Text,
    "",
    "or the unit of the office (小学组 …)",
)
.or(&["教研室部门", "组室"]);
const POST_TO: Column = may(
    Col::PostTo,
    "任职截止",
    Form::Date,
    "",
    "last day in the post, when known at the start",
)
.or(&["任职截止日期"]);
const SHARE: Column = may(
    Col::Share,
    "任职比例",
    Form::Hours,
    "1",
    "share of a full post: 1 or blank is full, 0.5 half",
);
const NAME: Column = column(
    Need::OneOf,
    Col::Name,
    "姓名",
    Form::Text,
    "（姓名）",
    "the person, to be found in the people register; never in the ledger",
)
.or(&["教师姓名", "人员姓名"]);
const ID_TYPE: Column = may(
    Col::IdType,
    "身份证件类型",
    Form::Text,
    "居民身份证",
    "type of the ID document; blank means 居民身份证",
)
.or(&["证件类型"]);
const ID_NO: Column = may(
    Col::IdNo,
    "身份证件号码",
    Form::Text,
    "（证件号码）",
    "number of the ID document; never in the ledger",
)
.or(&["身份证号", "身份证号码", "证件号码", "公民身份号码"]);
const TEACHER: Column = column(
    Need::OneOf,
    Col::Teacher,
    "教师编号",
    Form::Id,
    "LB-0101",
    "the person's id in the ledger",
)
.or(&["人员编号", "教师id"]);
const SUBJECT: Column = may(Col::Subject, "学科", Form::Text, "小学语文", "the subject").or(&["任教学科", "学科领域"]);
/// As what somebody was at a session.
const ROLE: Column = may(
    Col::Role,
    "身份",
    Form::Word(Words::Role),
    "学员",
    "as what she was there; blank means 学员",
)
.or(&["参训身份", "签到身份", "角色"]);
/// How she was assessed there.
const RESULT: Column = may(
    Col::Result,
    "考核结果",
    Form::Word(Words::Result),
    "合格",
    "the assessment's result",
)
.or(&["考核", "结果"]);
const LEVEL: Form = Form::Word(Words::Level);

pub(super) const TRAINING: &[Column] = &[
    NAME,
    ID_TYPE,
    ID_NO,
    may(
        Col::Year,
        "培训年度",
        Form::Year,
        "2022",
        "the project's year; blank means the year of the first day",
    )
    .or(&["年度"]),
    must(Col::Level, "培训类别", LEVEL, "县级", "the level, as a code or a word").or(&["培训级别"]),
    must(
        Col::Project,
        "培训项目名称",
        Form::Text,
        "2022年小学语文新课标培训",
        "the project",
    )
    .or(&["项目名称", "培训名称", "培训项目", "培训课程名称"]),
    may(
        Col::Provider,
        "培训机构名称",
        Form::Text,
        "县教师进修学校",
        "who gives the training",
    )
    .or(&["培训机构", "主办单位", "承办单位"]),
    may(
        Col::Mode,
        "培训方式",
        Form::Word(Words::Mode),
        "短期面授",
        "the mode, as a code or a word; blank means 其他",
    )
    .or(&["培训形式"]),
    must(
        Col::Hours,
        "培训获得学时",
        Form::Hours,
        "6",
        "hours present: above 0, at most 24 a day",
    )
    .or(&["获得学时", "学时", "培训学时", "课时"]),
    may(
        Col::Credits,
        "培训获得学分",
        Form::Hours,
        "0.6",
        "checked, but not read: credits are computed by policy",
    )
    .or(&["获得学分", "学分", "培训学分"]),
    must(Col::From, "培训开始日期", Form::Date, "2022-03-05", "first day").or(&[
        "开始日期",
        "培训开始时间",
        "开始时间",
        "培训日期",
        "日期",
    ]),
    may(
        Col::To,
        "培训结束日期",
        Form::Date,
        "2022-03-05",
        "last day; blank means the first",
    )
    .or(&["结束日期", "培训结束时间", "结束时间"]),
    TEACHER,
    ROLE,
    RESULT,
    may(
        Col::Session,
        "场次",
        Form::Text,
        "第1场",
        "which session of the project; blank: one session for each pair of days",
    )
    .or(&["场次名称", "活动名称", "活动主题"]),
    may(
        Col::SessionType,
        "场次类型",
        Form::Word(Words::SessionType),
        "培训",
        "what was held; blank means 培训",
    )
    .or(&["活动类型"]),
    may(Col::SessionHours, "场次学时", Form::Hours, "6", "length of the session").or(&["场次课时", "活动学时"]),
    may(
        Col::Base,
        "学科基地",
        Form::Place,
        "JD01",
        "the subject base that held it",
    )
    .or(&["基地", "基地编号"]),
    may(
        Col::Group,
        "片区",
        Form::Place,
        "PQ1",
        "the district group that held it",
    )
    .or(&["片区编号"]),
    may(
        Col::Category,
        "选课类别",
        Form::Text,
        "必修",
        "必修, 选修, 线上 …: the office's own list",
    )
    .or(&["必修/选修", "课程类别", "类别", "必选修"]),
    may(Col::Topic, "主题", Form::Text, "学科", "师德, 班主任, 学科 …").or(&["培训主题", "培训内容"]),
    SUBJECT,
    may(Col::Place, "地点", Form::Text, "县教研室", "where").or(&["培训地点"]),
    may(
        Col::DocNo,
        "发文字号",
        Form::Text,
        "留教研发〔2022〕6号",
        "number of the paper that announced it",
    )
    .or(&["文号"]),
    may(
        Col::PlannedHours,
        "计划学时",
        Form::Hours,
        "48",
        "planned hours of the project",
    ),
    may(
        Col::Assessed,
        "是否考核",
        Form::YesNo,
        "否",
        "whether the project ends in an assessment",
    ),
    NO,
    NOTE,
    CORRECT,
    VOID,
];

pub(super) const OUTREACH: &[Column] = &[
    NAME,
    ID_TYPE,
    ID_NO,
    TEACHER,
    must(Col::From, "送教日期", Form::Date, "2022-04-12", "the (first) day").or(&["日期", "开始日期", "送教开始日期"]),
    may(
        Col::To,
        "送教结束日期",
        Form::Date,
        "2022-04-12",
        "last day; blank means the first",
    )
    .or(&["结束日期"]),
    must(
        Col::School,
        "送达学校",
        Form::School,
        "LB-XX03",
        "the school that received it",
    )
    .or(&["送教学校", "受援学校", "送达学校编号"]),
    may(
        Col::FromSchool,
        "派出学校",
        Form::School,
        "LB-XX01",
        "the school that sent it; blank: the office",
    )
    .or(&["派出单位", "派出学校编号"]),
    column(
        Need::OneOf,
        Col::Lessons,
        "送课节数",
        Form::Count,
        "1",
        "lessons carried by this person",
    )
    .or(&["送课", "送教节数", "节数"]),
    column(
        Need::OneOf,
        Col::Talks,
        "讲座场数",
        Form::Count,
        "0",
        "talks carried by this person",
    )
    .or(&["微讲座", "微讲座场数", "讲座", "场数"]),
    may(
        Col::Content,
        "送教内容",
        Form::Text,
        "《观潮》",
        "what was taught; tells two rows of one person and day apart",
    )
    .or(&["内容", "课题", "送教课题"]),
    may(
        Col::Listeners,
        "听课人数",
        Form::Count,
        "12",
        "how many listened to this person",
    )
    .or(&["参与人数"]),
    may(
        Col::Requested,
        "是否预约",
        Form::YesNo,
        "是",
        "whether the school asked for it",
    )
    .or(&["预约"]),
    NO,
    NOTE,
    CORRECT,
    VOID,
];

pub(super) const LESSONS_GIVEN: &[Column] = &[
    NAME,
    ID_TYPE,
    ID_NO,
    TEACHER,
    must(Col::From, "授课日期", Form::Date, "2022-05-10", "the day").or(&["日期"]),
    must(
        Col::LessonType,
        "课型",
        Form::Word(Words::LessonType),
        "示范课",
        "the type of lesson",
    )
    .or(&["授课类型", "公开课类型"]),
    must(Col::Level, "级别", LEVEL, "县级", "the level").or(&["授课级别"]),
    may(Col::School, "授课学校", Form::School, "LB-XX01", "where").or(&["学校", "授课学校编号", "学校编号"]),
    SUBJECT,
    may(
        Col::Content,
        "课题",
        Form::Text,
        "《观潮》",
        "what was taught; tells two lessons of one day apart",
    )
    .or(&["授课内容", "内容"]),
    may(Col::Lessons, "授课节数", Form::Count, "1", "periods; blank means 1").or(&["节数"]),
    may(Col::Listeners, "听课人数", Form::Count, "23", "how many listened"),
    NO,
    NOTE,
    CORRECT,
    VOID,
];

pub(super) const LESSONS_OBSERVED: &[Column] = &[
    column(
        Need::OneOf,
        Col::Name,
        "听课人",
        Form::Text,
        "（姓名）",
        "who observed, to be found in the people register; never in the ledger",
    )
    .or(&["姓名", "听课人姓名", "听课教师"]),
    ID_TYPE,
    ID_NO,
    TEACHER,
    must(Col::From, "听课日期", Form::Date, "2022-09-14", "the day").or(&["日期"]),
    must(Col::School, "听课学校", Form::School, "LB-CZ02", "where").or(&["学校", "听课学校编号", "学校编号"]),
    may(Col::Lessons, "听课节数", Form::Count, "2", "periods; blank means 1").or(&["节数"]),
    may(
        Col::TaughtTeacher,
        "授课教师编号",
        Form::Id,
        "LB-0207",
        "who taught, by id",
    ),
    may(
        Col::TaughtName,
        "授课教师",
        Form::Text,
        "（姓名）",
        "who taught, by name; must be one of the register",
    )
    .or(&["授课人", "授课教师姓名"]),
    SUBJECT,
    may(
        Col::Content,
        "课题",
        Form::Text,
        "《观潮》",
        "what was taught; tells two rows of one day and school apart",
    )
    .or(&["听课内容", "内容", "节次"]),
    may(
        Col::Comment,
        "是否评课",
        Form::YesNo,
        "是",
        "whether the lesson was discussed",
    )
    .or(&["评课"]),
    NO,
    NOTE,
    CORRECT,
    VOID,
];

pub(super) const VISITS: &[Column] = &[
    column(
        Need::OneOf,
        Col::Name,
        "教研员",
        Form::Text,
        "（姓名）",
        "who went, to be found in the people register; never in the ledger",
    )
    .or(&["姓名", "教研员姓名"]),
    ID_TYPE,
    ID_NO,
    TEACHER,
    must(Col::From, "到校日期", Form::Date, "2022-10-11", "the (first) day").or(&["日期", "驻点日期", "视导日期"]),
    may(
        Col::To,
        "离校日期",
        Form::Date,
        "2022-10-11",
        "last day; blank means the first",
    )
    .or(&["结束日期"]),
    must(Col::School, "到访学校", Form::School, "LB-XX01", "the school").or(&[
        "学校",
        "到校学校",
        "驻点学校",
        "学校编号",
    ]),
    may(Col::Purpose, "目的", Form::Text, "教学常规督导", "why").or(&["到校目的", "事由", "工作内容"]),
    NO,
    NOTE,
    CORRECT,
    VOID,
];

pub(super) const CONTESTS: &[Column] = &[
    must(
        Col::Contest,
        "竞赛名称",
        Form::Text,
        "县级教学能手评选",
        "the competition's name",
    )
    .or(&["赛事名称", "赛教名称", "比赛名称"]),
    may(
        Col::Edition,
        "届次",
        Form::Text,
        "第二届",
        "the edition; blank: the year",
    )
    .or(&["届"]),
    must(Col::Level, "级别", LEVEL, "县级", "the level").or(&["竞赛级别"]),
    may(Col::Organiser, "主办单位", Form::Text, "县教研室", "who held it").or(&["组织单位"]),
    must(Col::From, "开始日期", Form::Date, "2022-04-18", "first day").or(&["竞赛日期", "日期", "举办日期"]),
    may(
        Col::To,
        "结束日期",
        Form::Date,
        "2022-04-20",
        "last day; blank means the first",
    ),
    NO,
    NOTE,
    CORRECT,
    VOID,
];

pub(super) const AWARDS: &[Column] = &[
    NAME,
    ID_TYPE,
    ID_NO,
    TEACHER,
    must(
        Col::Contest,
        "竞赛名称",
        Form::Text,
        "县级教学能手评选",
        "the competition's name, as in the sheet 赛教",
    )
    .or(&["赛事名称", "赛教名称", "比赛名称"]),
    may(
        Col::Edition,
        "届次",
        Form::Text,
        "第二届",
        "the edition, as in the sheet 赛教",
    )
    .or(&["届"]),
    must(Col::From, "参赛日期", Form::Date, "2022-04-19", "the day").or(&["获奖日期", "日期"]),
    column(
        Need::Column,
        Col::Award,
        "奖次",
        Form::Word(Words::Award),
        "一等",
        "the prize; blank: took part",
    )
    .or(&["获奖等次", "奖项", "等次"]),
    may(Col::Rank, "名次", Form::Count, "1", "place within the prize").or(&["排名"]),
    may(
        Col::AwardRole,
        "获奖身份",
        Form::Word(Words::AwardRole),
        "本人",
        "本人, or 指导教师 of others; blank means 本人",
    ),
    may(
        Col::Work,
        "作品名称",
        Form::Text,
        "《观潮》教学设计",
        "the work or lesson; one work with several prizes counts once",
    )
    .or(&["作品", "课例名称"]),
    NO,
    NOTE,
    CORRECT,
    VOID,
];

pub(super) const RECOMMENDATIONS: &[Column] = &[
    NAME,
    ID_TYPE,
    ID_NO,
    TEACHER,
    must(Col::ToLevel, "推荐至级别", LEVEL, "地市级", "to which level").or(&["推荐级别", "推荐至"]),
    must(Col::From, "推荐日期", Form::Date, "2022-06-20", "the day").or(&["日期"]),
    column(
        Need::OneOf,
        Col::Contest,
        "竞赛名称",
        Form::Text,
        "思政课教学竞赛",
        "from which competition",
    )
    .or(&["赛事名称", "比赛名称"]),
    may(
        Col::Edition,
        "届次",
        Form::Text,
        "第二届",
        "its edition; blank: the year of the day",
    )
    .or(&["届"]),
    column(
        Need::OneOf,
        Col::Class,
        "称号类别",
        Form::Word(Words::Class),
        "教学能手",
        "or from which title",
    )
    .or(&["称号"]),
    may(Col::TitleLevel, "称号级别", LEVEL, "县级", "the title's level"),
    may(
        Col::TitleDay,
        "命名日期",
        Form::Date,
        "2022-05-30",
        "the day it was conferred",
    ),
    NO,
    NOTE,
    CORRECT,
    VOID,
];

pub(super) const TITLES: &[Column] = &[
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
        Col::From,
        "命名日期",
        Form::Date,
        "2022-05-30",
        "the day it was conferred",
    )
    .or(&["授予日期", "日期"]),
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
        "2027-05-30",
        "last day it holds; blank: five years on",
    )
    .or(&["有效期止"]),
    NO,
    NOTE,
    CORRECT,
    VOID,
];

pub(super) const SCHOOLS: &[Column] = &[
    must(Col::School, "学校编号", Form::Id, "LB-XX01", "the school's id").or(&["学校代码"]),
    must(
        Col::SchoolName,
        "学校名称",
        Form::Text,
        "青禾镇中心小学",
        "its full name",
    )
    .or(&["学校全称"]),
    must(Col::Stage, "学段", Form::Word(Words::Stage), "小学", "its stage").or(&["办学类型", "学校类型"]),
    may(Col::Township, "乡镇", Form::Text, "青禾镇", "where it is").or(&["所在乡镇"]),
    may(Col::Group, "片区", Form::Place, "PQ1", "its district group").or(&["教研片区", "片区编号"]),
    may(
        Col::From,
        "建校日期",
        Form::Date,
        "1998-09-01",
        "since when; blank means 1950-01-01, before any event",
    ),
    NO,
    NOTE,
    CORRECT,
    VOID,
];

pub(super) const TEACHERS: &[Column] = &[
    must(
        Col::Teacher,
        "教师编号",
        Form::Id,
        "LB-0101",
        "the person's id in the ledger",
    )
    .or(&["人员编号"]),
    must(
        Col::Name,
        "姓名",
        Form::Text,
        "（姓名）",
        "to the people register, never to the ledger",
    )
    .or(&["教师姓名"]),
    ID_TYPE,
    ID_NO,
    may(
        Col::Born,
        "出生日期",
        Form::Date,
        "1985-06-01",
        "to the people register",
    )
    .or(&["出生年月日"]),
    may(Col::Phone, "手机", Form::Text, "（手机号）", "to the people register").or(&[
        "手机号",
        "手机号码",
        "联系电话",
        "电话",
    ]),
    must(
        Col::Stage,
        "学段",
        Form::Word(Words::Stage),
        "小学",
        "the stage she teaches",
    )
    .or(&["任教学段"]),
    SUBJECT,
    may(
        Col::Hired,
        "入职日期",
        Form::Date,
        "2008-09-01",
        "first day in the county's service",
    )
    .or(&["参加工作日期"]),
    may(
        Col::CareerFrom,
        "教龄起",
        Form::Date,
        "2006-09-01",
        "first day as a teacher",
    )
    .or(&["从教日期", "从教起始日期"]),
    may(Col::Grade, "职称", Form::Text, "一级教师", "the grade"),
    column(
        Need::OneOf,
        Col::School,
        "学校编号",
        Form::School,
        "LB-XX01",
        "the school of her post",
    )
    .or(&["任职学校", "学校", "所在学校"]),
    UNIT,
    may(
        Col::Post,
        "岗位",
        Form::Word(Words::Post),
        "教师",
        "the post; blank means 教师",
    ),
    may(
        Col::PostFrom,
        "任职开始",
        Form::Date,
        "2019-09-01",
        "first day in the post; blank means 入职日期",
    )
    .or(&["任职开始日期"]),
    POST_TO,
    SHARE,
    NO,
    NOTE,
    CORRECT,
    VOID,
];

pub(super) const POSTS: &[Column] = &[
    NAME,
    ID_TYPE,
    ID_NO,
    TEACHER,
    column(
        Need::OneOf,
        Col::School,
        "任职学校",
        Form::School,
        "LB-CZ02",
        "the school of the post",
    )
    .or(&["学校编号", "学校"]),
    UNIT,
    must(Col::Post, "岗位", Form::Word(Words::Post), "教师", "the post"),
    must(
        Col::PostFrom,
        "任职开始",
        Form::Date,
        "2022-09-01",
        "first day in the post",
    )
    .or(&["任职开始日期", "开始日期"]),
    POST_TO,
    SHARE,
    may(
        Col::Nature,
        "任职性质",
        Form::Word(Words::Nature),
        "",
        "rotation, exchange, secondment or support teaching; blank: a post of her own",
    ),
    may(
        Col::LeftOn,
        "离任日期",
        Form::Date,
        "",
        "last day in the post, when she has left it",
    )
    .or(&["离职日期"]),
    NO,
    NOTE,
    CORRECT,
    VOID,
];

pub(super) const EXEMPTIONS: &[Column] = &[
    NAME,
    ID_TYPE,
    ID_NO,
    TEACHER,
    must(
        Col::Rule,
        "要求编号",
        Form::Id,
        "R1",
        "the requirement, as the policy numbers it",
    )
    .or(&["减免要求"]),
    may(
        Col::Policy,
        "规则编号",
        Form::Id,
        "dongxing-researcher-2020",
        "the policy; blank means every policy with such a requirement",
    )
    .or(&["规则"]),
    must(
        Col::ReduceBy,
        "减免数",
        Form::Hours,
        "45",
        "by how much, in the requirement's unit",
    )
    .or(&["减免课时", "减免节数"]),
    must(Col::From, "减免开始日期", Form::Date, "2022-03-01", "the first day").or(&["开始日期"]),
    must(
        Col::To,
        "减免结束日期",
        Form::Date,
        "2022-08-31",
        "the last day; the period that holds it is reduced",
    )
    .or(&["结束日期"]),
    must(
        Col::Why,
        "减免原因",
        Form::Text,
        "产假",
        "why: 产假, 病假 …; no personal data",
    )
    .or(&["减免事由"]),
    NO,
    NOTE,
    CORRECT,
    VOID,
];

pub(super) const CLOSINGS: &[Column] = &[
    must(
        Col::School,
        "撤并学校",
        Form::School,
        "LB-XX09",
        "the school that closes",
    )
    .or(&["撤点学校", "被并学校"]),
    must(Col::From, "撤并日期", Form::Date, "2022-08-31", "its last day").or(&["撤点日期", "并校日期"]),
    may(
        Col::Successor,
        "并入学校",
        Form::School,
        "LB-XX01",
        "the school that goes on in its place; blank if none does",
    )
    .or(&["接收学校"]),
    NO,
    NOTE,
    CORRECT,
    VOID,
];
