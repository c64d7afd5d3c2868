//! What ties one person to a school or a pool of experts for a time: linked schools (联系点), experts (专家库).

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::At;
use crate::codes::ExpertPool;
use crate::ids::{EventId, SchoolId, TeacherId};
use crate::policy::Word;
use crate::text::Text;

/// One tie, as one entry says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tie {
    /// The entry.
    pub index: u32,
    /// Whose.
    pub teacher_id: TeacherId,
    /// First day.
    pub from: Date,
    /// Last day, if one is set.
    pub until: Option<Date>,
    /// To what.
    pub to: TiedTo,
}

/// To what a person is tied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TiedTo {
    /// 联系点: the school that she looks after.
    School(SchoolId),
    /// 专家库: the pool, and her subject or field.
    Pool(ExpertPool, Option<Text>),
}

/// A pool comes after all schools; subjects alike after normalisation are one.
type Key = (Option<(ExpertPool, Word)>, Option<SchoolId>);

impl TiedTo {
    fn key(&self) -> Key {
        match self {
            Self::School(id) => (None, Some(*id)),
            Self::Pool(pool, subject) => {
                let subject = subject.as_ref().map_or("", Text::as_str);
                (Some((*pool, Word::new(subject))), None)
            }
        }
    }
}

impl At<'_> {
    /// The ties that hold on the day at `size`, by what they are to, then by person: each person once to each, by the
    /// entry that holds longest, then by event id. Whoever was registered twice is named by the id that stands for her.
    pub fn ties(self, day: Date) -> Vec<Tie> {
        let all = self.state.ties.iter();
        let holds = |tie: &&Tie| tie.from <= day && tie.until.is_none_or(|last| day <= last);
        let mut longest: BTreeMap<(Key, TeacherId), &Tie> = BTreeMap::new();
        for tie in all.filter(holds).filter(|tie| self.state.live(tie.index, self.size)) {
            let whose = self.state.kept_id(tie.teacher_id, self.size);
            let known = longest.entry((tie.to.key(), whose)).or_insert(tie);
            if self.length_of(known) < self.length_of(tie) {
                *known = tie;
            }
        }
        let told = longest.into_iter().map(|((_, teacher_id), tie)| Tie {
            teacher_id,
            ..tie.clone()
        });
        told.collect()
    }

    /// By what one of two like ties is chosen, in whatever order they came.
    fn length_of(self, tie: &Tie) -> (Date, Option<EventId>) {
        (tie.until.unwrap_or(Date::MAX), self.state.events.id(tie.index))
    }
}
