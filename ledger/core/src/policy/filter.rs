//! Filters of policies (`where`): which credits a rule is about.

use crate::codes::{LessonType, Level, Mode, SessionType};
use crate::ids::RuleId;
use crate::text::normalised;

/// An office's own word, in its normalised form.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Word(Box<str>);

impl Word {
    /// The normalised form of `text`.
    pub fn new(text: &str) -> Self {
        Self(normalised(text).into())
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
