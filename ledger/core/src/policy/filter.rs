//! Filters of policies (`where`): which credits a rule is about.

use std::sync::LazyLock;

use crate::codes::{AttendanceResult, LessonType, Level, Mode, SessionType};
use crate::ids::RuleId;
use crate::text::normalised;

/// An office's own word, in its normalised form.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Word(Box<str>);

/// 结果 that are not passed (DOMAIN §13a).
const FAILURES: [&str; 2] = ["不合格", "不通过"];

/// The words of results of attendance, in the order of their codes.
static RESULTS: LazyLock<Vec<Word>> = LazyLock::new(|| {
    let words = AttendanceResult::ALL.iter().map(|result| Word::new(result.zh()));
    words.collect()
});

impl Word {
    /// The word of a result of attendance.
    pub(crate) fn of_result(result: AttendanceResult) -> &'static Self {
        static NONE: LazyLock<Word> = LazyLock::new(|| Word::new(""));
        let place = AttendanceResult::ALL.iter().position(|known| *known == result);
        place.and_then(|place| RESULTS.get(place)).unwrap_or(&NONE)
    }

    /// Whether it says that something was not passed.
    pub(crate) fn is_failure(&self) -> bool {
        FAILURES.contains(&&*self.0)
    }

    /// The normalised form of `text`.
    pub fn new(text: &str) -> Self {
        Self(normalised(text).into())
    }

    /// The normalised form.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// 场次类型 or 课型. A word that both have, like 公开课, means either.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Of a session.
    Session(SessionType),
    /// Of a lesson.
    Lesson(LessonType),
}

impl Shape {
    /// All that a word names.
    pub fn of_word(word: &str) -> Vec<Self> {
        let by_word = |zh: &str, en: &str| zh == word || en == word;
        let sessions = SessionType::ALL.iter().filter(|kind| by_word(kind.zh(), kind.en()));
        let lessons = LessonType::ALL.iter().filter(|kind| by_word(kind.zh(), kind.en()));
        let sessions = sessions.map(|kind| Self::Session(*kind));
        sessions.chain(lessons.map(|kind| Self::Lesson(*kind))).collect()
    }

    /// 中文
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Session(kind) => kind.zh(),
            Self::Lesson(kind) => kind.zh(),
        }
    }
}

/// Which credits a rule is about: those that pass every filter given. A credit without the attribute does not pass.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Where {
    /// 级别
    pub level: Option<Vec<Level>>,
    /// 培训方式
    pub mode: Option<Vec<Mode>>,
    /// 必修, 选修, …
    pub category: Option<Vec<Word>>,
    /// 师德, 班主任, …
    pub topic: Option<Vec<Word>>,
    /// 场次类型 or 课型
    pub shape: Option<Vec<Shape>>,
    /// The event's kind.
    pub kind: Option<Vec<super::Kind>>,
    /// The conversion that credits it.
    pub conversion: Option<Vec<RuleId>>,
}

impl Where {
    /// Whether it lets everything pass.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
