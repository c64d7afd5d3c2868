//! What is wrong with a field that came from outside, before anything is published.

use crate::lang::Lang;
use crate::reason::field_zh;

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Path of the field, e.g. `events[3].attendance_recorded.present_centihours`.
    pub field: String,
    /// The offending value, shortened to 80 characters.
    pub value: String,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What may be wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// It is needed and was not given.
    Missing,
    /// It is not a well-formed id; the text says why.
    BadId(String),
    /// It is not an allowed text; the text says why.
    BadText(String),
    /// It is not a UUID of 16 bytes, or is the nil UUID.
    BadUuid,
    /// It is not a hash of 32 bytes.
    BadHash,
    /// It is not a day of the calendar between 1950 and 2150.
    BadDate,
    /// No such code.
    UnknownCode,
    /// Not a number, or one with more decimals than two.
    BadNumber(String),
    /// Below the least or above the greatest value.
    OutOfRange {
        /// Least value.
        min: String,
        /// Greatest value.
        max: String,
    },
    /// The last day lies before the first.
    EndBeforeStart,
    /// It lies in the future.
    Future,
    /// Too many of them.
    TooMany {
        /// How many are allowed.
        max: usize,
    },
    /// Too large.
    TooLarge {
        /// Bytes given.
        bytes: usize,
        /// Bytes allowed.
        max: usize,
    },
    /// A text or id that looks like an ID number, a phone number or an e-mail address.
    PersonalData,
    /// A text that calls a pupil by name: children appear nowhere in the ledger.
    NamesPupil,
    /// It stands in the list already.
    Repeated,
    /// A day until when something is to change, where nothing is.
    DueOfNothing,
    /// It cannot stand under a claim.
    NotClaimable,
    /// A school that ends cannot go on in its own place.
    SucceedsItself,
}

impl Violation {
    /// A violation of `field` by `value`.
    pub fn new(field: impl Into<String>, value: &str, problem: Problem) -> Self {
        Self {
            field: field.into(),
            value: value.chars().take(80).collect(),
            problem,
        }
    }

    /// What is wrong and what to do, in a sentence.
    pub fn text(&self, lang: Lang) -> String {
        let field = lang.pick(field_zh(&self.field), &self.field);
        let value = &self.value;
        match (&self.problem, lang) {
            (Problem::Missing, Lang::Zh) => format!("缺少{field}，请填写"),
            (Problem::Missing, Lang::En) => format!("{field} is missing; please give it"),
            (Problem::BadId(why), Lang::Zh) => format!("{field} “{value}” 不是有效编号（{why}）"),
            (Problem::BadId(why), Lang::En) => format!("{field} {value:?} is not an id: {why}"),
            (Problem::BadText(why), Lang::Zh) => format!("{field} 的文字不合要求（{why}）"),
            (Problem::BadText(why), Lang::En) => format!("{field} is not an allowed text: {why}"),
            (Problem::BadUuid, Lang::Zh) => format!("{field} 应为 16 字节的 UUID"),
            (Problem::BadUuid, Lang::En) => format!("{field} must be a UUID of 16 bytes"),
            (Problem::BadHash, Lang::Zh) => format!("{field} 应为 32 字节的 SHA-256"),
            (Problem::BadHash, Lang::En) => format!("{field} must be a SHA-256 of 32 bytes"),
            (Problem::BadDate, Lang::Zh) => format!("{field} “{value}” 不是 1950—2150 年间的日期"),
            (Problem::BadDate, Lang::En) => format!("{field} {value:?} is not a day between 1950 and 2150"),
            (Problem::UnknownCode, Lang::Zh) => format!("{field} 没有 “{value}” 这一项"),
            (Problem::UnknownCode, Lang::En) => format!("{field} has no value {value:?}"),
            (Problem::BadNumber(why), Lang::Zh) => format!("{field} “{value}” 不是有效数字（{why}）"),
            (Problem::BadNumber(why), Lang::En) => format!("{field} {value:?} is not a valid number: {why}"),
            (Problem::OutOfRange { min, max }, Lang::Zh) => format!("{field} 为 {value}，应在 {min} 到 {max} 之间"),
            (Problem::OutOfRange { min, max }, Lang::En) => {
                format!("{field} is {value}, but must lie between {min} and {max}")
            }
            (Problem::EndBeforeStart, Lang::Zh) => format!("结束日期 {value} 早于开始日期"),
            (Problem::EndBeforeStart, Lang::En) => format!("the last day {value} lies before the first"),
            (Problem::Future, Lang::Zh) => format!("{field} {value} 晚于今天；尚未发生的请在结束后提交"),
            (Problem::Future, Lang::En) => format!("{field} {value} lies in the future; post it once it has happened"),
            (Problem::TooMany { max }, Lang::Zh) => format!("{field} 共 {value} 项，至多 {max} 项，请分批提交"),
            (Problem::TooMany { max }, Lang::En) => format!("{field} has {value} items, at most {max}; split it"),
            (Problem::TooLarge { bytes, max }, Lang::Zh) => format!("{field} 为 {bytes} 字节，至多 {max} 字节，请拆分"),
            (Problem::TooLarge { bytes, max }, Lang::En) => {
                format!("{field} has {bytes} bytes, at most {max}; split it")
            }
            (Problem::PersonalData, Lang::Zh) => {
                format!("{field} 中似有身份证号、电话号码或邮箱，请删去或改用别的编号后再提交")
            }
            (Problem::PersonalData, Lang::En) => {
                format!(
                    "{field} seems to hold an ID number, a phone number or an e-mail address; take it out and send again"
                )
            }
            (Problem::NamesPupil, Lang::Zh) => {
                format!("{field} 中似有学生姓名；学生信息不入台账，请改为“某学生”“有的学生”等说法后再提交")
            }
            (Problem::NamesPupil, Lang::En) => {
                format!(
                    "{field} seems to name a pupil; children are not named in the ledger: say \"a pupil\" and send again"
                )
            }
            (Problem::DueOfNothing, Lang::Zh) => {
                format!("没有要求整改，却写了{field} {value}；请写明要求整改，或删去期限")
            }
            (Problem::DueOfNothing, Lang::En) => {
                format!("{field} is {value}, but nothing is to change: say that something is, or leave the day out")
            }
            (Problem::NotClaimable, Lang::Zh) => {
                format!("这类记录不能申报，请去掉申报编号{value}，或由举办单位直接提交")
            }
            (Problem::NotClaimable, Lang::En) => {
                format!("this cannot be claimed: leave out the claim {value}, or let whoever held it post it")
            }
            (Problem::SucceedsItself, Lang::Zh) => format!("{field} {value} 正是撤并的学校，请填写承接的学校"),
            (Problem::SucceedsItself, Lang::En) => {
                format!("{field} {value} is a school that ends here; name the school that goes on")
            }
            (Problem::Repeated, Lang::Zh) => format!("{field} 中 {value} 重复出现，每个只列一次"),
            (Problem::Repeated, Lang::En) => format!("{field} names {value}, who stands there already; name each once"),
        }
    }
}
