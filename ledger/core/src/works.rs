//! Works (论文, 著作, 成果, 参赛作品): what was published of each and which prizes it won, and which of these is its best.
//!
//! One work with several prizes counts once, at its highest (DOMAIN §13.8): in the figures of prizes by [`best`], in hours as
//! each author's policy says.

use jiff::civil::Date;

use crate::balance::Why;
use crate::codes::{Award, AwardRole, Level};
use crate::ids::{EventId, TeacherId, WorkId};
use crate::state::{At, Detail, Item, unshifted};

crate::words! {
    /// What an entry says of a work.
    WorkKind {
        /// It was published.
        Published "发表" "published",
        /// It won a prize as a paper or result.
        Awarded "成果获奖" "prize for the work",
        /// It won in a competition of teaching.
        Contest "赛教获奖" "prize in a competition",
    }
}

/// One entry about a work, as it is about one person.
#[derive(Clone, Debug, PartialEq)]
pub struct WorkEntry {
    /// The work.
    pub work_id: WorkId,
    /// The entry.
    pub index: u64,
    /// The event.
    pub event_id: EventId,
    /// Its last day.
    pub on: Date,
    /// What it says.
    pub kind: WorkKind,
    /// 级别; `None` while its competition has not arrived.
    pub level: Option<Level>,
    /// 奖次, of a prize.
    pub award: Option<Award>,
    /// What she is to it.
    pub part: Part,
    /// Why it is without effect; `None` if it has effect.
    pub why_not: Option<Why>,
}

/// What somebody is to a work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The first author, or who won.
    Lead,
    /// Another author.
    Author,
    /// 指导教师 of others, whose work it is.
    Guide,
}

/// How high a prize is, the highest first: by level, then prize, then the earlier day, then the smaller event id.
type Height = (i32, i32, Date, EventId);

impl WorkEntry {
    /// How high its prize is; `None` if it is no prize, has no effect, or is for guiding others.
    fn height(&self) -> Option<Height> {
        let (level, award) = self.level.zip(self.award)?;
        // The codes of levels rise from the nation's downwards, and what is none of them is last.
        let counts = self.why_not.is_none() && self.part != Part::Guide;
        counts.then_some((level.code(), award.code(), self.on, self.event_id))
    }
}

/// The best prize among these entries of one work, in whatever order they are given.
pub fn best<'e>(entries: impl IntoIterator<Item = &'e WorkEntry>) -> Option<&'e WorkEntry> {
    let prizes = entries.into_iter().filter_map(|entry| Some((entry.height()?, entry)));
    prizes.min_by_key(|(height, _)| *height).map(|(_, entry)| entry)
}

impl At<'_> {
    /// What the entries about a person say of works, by day, then event id; those without effect, too. Nothing if she is not
    /// registered.
    pub fn work_entries(self, teacher_id: &TeacherId) -> Vec<WorkEntry> {
        let Some(teacher) = self.state.person(teacher_id, self.size) else {
            return Vec::new();
        };
        let below = teacher
            .items
            .iter()
            .filter(|item| u64::from(item.index) < self.size && item.detail.has_work());
        let entry = |item: &Item| -> Option<WorkEntry> {
            let Item { index, to, detail, .. } = *item;
            let author = |lead| if lead { Part::Lead } else { Part::Author };
            let (work, kind, level, award, part) = match detail {
                Detail::WorkPublished { work, level, lead, .. } => {
                    (work, WorkKind::Published, Some(level), None, author(lead))
                }
                Detail::WorkAwarded {
                    work,
                    level,
                    award,
                    lead,
                    ..
                } => (work, WorkKind::Awarded, Some(level), Some(award), author(lead)),
                Detail::Award {
                    competition,
                    award,
                    role,
                    work,
                } => {
                    let held = self.state.competition_def(competition, self.size);
                    let part = match role {
                        AwardRole::Oneself => Part::Lead,
                        AwardRole::Guide => Part::Guide,
                    };
                    let level = held.map(|held| held.level);
                    (unshifted(work?), WorkKind::Contest, level, Some(award), part)
                }
                Detail::Attendance { .. }
                | Detail::Outreach { .. }
                | Detail::LessonGiven { .. }
                | Detail::LessonObserved { .. }
                | Detail::SchoolVisit { .. }
                | Detail::CompetitionEntry { .. }
                | Detail::SchoolBasedTerm { .. }
                | Detail::TopicConcluded { .. }
                | Detail::Recommended { .. }
                | Detail::Title { .. }
                | Detail::Candidate { .. }
                | Detail::Renewed { .. }
                | Detail::Withdrawn { .. } => return None,
            };
            Some(WorkEntry {
                work_id: self.state.works.key(work)?,
                index: index.into(),
                event_id: self.state.events.id(index)?,
                on: to,
                kind,
                level,
                award,
                part,
                why_not: self.state.why_without_effect(&teacher, item, self.size),
            })
        };
        let mut entries: Vec<WorkEntry> = below.filter_map(entry).collect();
        entries.sort_by_key(|entry| (entry.on, entry.event_id));
        entries
    }
}
