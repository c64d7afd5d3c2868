//! What may stand in a column's cells.

use keshi_core::codes::{
    AssignmentNature, AttendanceResult, AttendanceRole, Award, AwardRole, ExpertPool, FindingOutcome, InspectionAspect,
    LessonType, Level, Mode, Post, SessionType, Stage, TitleClass, TopicCheck,
};

/// What may stand in a column's cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Free text.
    Text,
    /// An id: 1 to 32 of A–Z a–z 0–9 . _ -
    Id,
    /// Ids of people in the ledger, with 、 between them.
    People,
    /// The id of a school, or its full name.
    School,
    /// Schools, each by its id or full name, with 、 between them.
    Schools,
    /// The id of a base or group, or its name.
    Place,
    /// A day.
    Date,
    /// A year.
    Year,
    /// Hours or credits with at most two decimals.
    Hours,
    /// A whole number.
    Count,
    /// 是 or 否.
    YesNo,
    /// One word of a list, or its code.
    Word(Words),
}

/// The lists of coded words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "named as the codes in keshi-core")]
pub enum Words {
    Level,
    Mode,
    Role,
    Result,
    SessionType,
    LessonType,
    Award,
    AwardRole,
    Class,
    Stage,
    Post,
    Nature,
    Pool,
    TopicCheck,
    Aspect,
    Outcome,
}

impl Words {
    /// The words, each with its code.
    pub fn list(self) -> Vec<(i32, &'static str)> {
        macro_rules! all {
            ($code:ident) => {
                $code::ALL
                    .iter()
                    .map(|value| (value.code(), value.zh()))
                    .collect()
            };
        }
        match self {
            Self::Level => all!(Level),
            Self::Mode => all!(Mode),
            Self::Role => all!(AttendanceRole),
            Self::Result => all!(AttendanceResult),
            Self::SessionType => all!(SessionType),
            Self::LessonType => all!(LessonType),
            Self::Award => all!(Award),
            Self::AwardRole => all!(AwardRole),
            Self::Class => all!(TitleClass),
            Self::Stage => all!(Stage),
            Self::Post => all!(Post),
            Self::Nature => all!(AssignmentNature),
            Self::Pool => all!(ExpertPool),
            Self::TopicCheck => all!(TopicCheck),
            Self::Aspect => all!(InspectionAspect),
            Self::Outcome => all!(FindingOutcome),
        }
    }
}

/// What may stand in a column, in Chinese.
pub fn form_zh(form: Form) -> String {
    match form {
        Form::Text => "文字".to_owned(),
        Form::Id => "编号（字母、数字、. _ -，至多 32 位）".to_owned(),
        Form::People => "教师编号，几个之间用顿号隔开".to_owned(),
        Form::School => "学校编号或学校全称".to_owned(),
        Form::Schools => "学校编号或学校全称，几所之间用顿号隔开".to_owned(),
        Form::Place => "编号或名称".to_owned(),
        Form::Date => "日期，如 2022-03-05".to_owned(),
        Form::Year => "四位年份".to_owned(),
        Form::Hours => "数字，至多两位小数".to_owned(),
        Form::Count => "整数".to_owned(),
        Form::YesNo => "是 / 否".to_owned(),
        Form::Word(words) => {
            let words: Vec<String> = words
                .list()
                .iter()
                .map(|(code, word)| format!("{word}（{code}）"))
                .collect();
            words.join("、")
        }
    }
}
