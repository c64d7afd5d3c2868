//! The rows of the state: what is kept of teachers, schools, sessions and so on, each with its index.

use std::num::{NonZeroU16, NonZeroU32};
use std::sync::Arc;

use jiff::civil::Date;

use crate::calendar::Calendar;
use crate::codes::{
    AssignmentNature, AttendanceResult, AttendanceRole, Award, AwardRole, LessonType, Level, Mode, Post, SessionType,
    Stage, TitleClass,
};
use crate::event::PersonRegistered;
use crate::hours::Hours;
use crate::ids::{BaseId, EventId, GroupId, LoadId, PolicyId, ProjectId, RuleId, SchoolId, Sha256};
use crate::intern::Slot;
use crate::policy::Policy;
use crate::text::Text;

/// A person's data at some entry.
#[derive(Clone, Debug)]
pub struct ProfileView {
    /// The entry that says so.
    pub index: u32,
    /// The day from which it is so.
    pub on: Date,
    /// 学段
    pub stage: Stage,
    /// 学科
    pub subject: Option<Text>,
    /// First day in the county's service.
    pub hired_on: Option<Date>,
    /// 教龄起
    pub career_from: Option<Date>,
    /// 职称
    pub rank: Option<Text>,
}

impl ProfileView {
    /// Whether the registration says the same of the person.
    pub(crate) fn is_said_by(&self, registered: &PersonRegistered) -> bool {
        let Self {
            index: _,
            on: _,
            stage,
            subject,
            hired_on,
            career_from,
            rank,
        } = self;
        *stage == registered.stage
            && *subject == registered.subject
            && *hired_on == registered.hired_on
            && *career_from == registered.career_from
            && *rank == registered.rank
    }
}

/// All that is kept of one person.
#[derive(Clone, Debug, Default)]
pub(crate) struct Teacher {
    pub(crate) profiles: Vec<ProfileView>,
    pub(crate) assignments: Vec<Assignment>,
    pub(crate) ends: Vec<AssignmentEnd>,
    pub(crate) items: Vec<Item>,
    pub(crate) exemptions: Vec<Exemption>,
    /// Pairs of her entries that were looked at and are both right.
    pub(crate) accepted: Vec<Accepted>,
    /// Entries that name her and give no row of the above.
    pub(crate) named: Vec<u32>,
}

impl Teacher {
    pub(crate) fn push(&mut self, item: Item) {
        if self.items.len() == self.items.capacity() {
            // Grow by a quarter: items are most of the state, and doubling would waste a third of it.
            self.items.reserve_exact(self.items.len() / 4 + 4);
        }
        self.items.push(item);
    }
}

/// A post held.
#[derive(Clone, Debug)]
pub(crate) struct Assignment {
    pub(crate) index: u32,
    pub(crate) event_id: EventId,
    pub(crate) school: Option<SchoolId>,
    pub(crate) unit: Option<Text>,
    pub(crate) post: Post,
    pub(crate) share_hundredths: u8,
    pub(crate) from: Date,
    pub(crate) until: Option<Date>,
    pub(crate) nature: Option<AssignmentNature>,
}

/// The end of a post, found by the event that started it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AssignmentEnd {
    pub(crate) index: u32,
    pub(crate) started_event: EventId,
    pub(crate) last_day: Date,
}

/// A requirement reduced (减免).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Exemption {
    pub(crate) index: u32,
    pub(crate) rule_id: RuleId,
    pub(crate) policy_id: Option<PolicyId>,
    /// The event's last day: it falls into the period that holds it.
    pub(crate) to: Date,
    pub(crate) reduce_by: Hours,
}

/// Two entries that might be one course posted twice, and are not (重复已核).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Accepted {
    pub(crate) index: u32,
    pub(crate) pair: (EventId, EventId),
}

/// One fact about one person: 24 bytes, because there are millions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Item {
    pub(crate) index: u32,
    pub(crate) from: Date,
    pub(crate) to: Date,
    pub(crate) detail: Detail,
}

/// The part of the fact that credit and tiers rest on.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Detail {
    Attendance {
        session: Slot,
        centihours: u32,
        role: AttendanceRole,
        result: Option<AttendanceResult>,
    },
    Outreach {
        lessons: u16,
        talks: u16,
        to_school: Slot,
    },
    LessonGiven {
        periods: u16,
        lesson_type: LessonType,
        level: Level,
        session: Option<NonZeroU32>,
    },
    LessonObserved {
        periods: u16,
        school: Slot,
    },
    SchoolVisit {
        school: Slot,
    },
    CompetitionEntry {
        competition: Slot,
    },
    Award {
        competition: Slot,
        award: Award,
        role: AwardRole,
        /// Row of the work that won, plus one.
        work: Option<NonZeroU32>,
    },
    SchoolBasedTerm {
        /// Plan, log and reflection are on file.
        complete: bool,
        /// Row of the semester that it names.
        semester: Slot,
    },
    TopicConcluded {
        topic: Slot,
        level: Level,
        lead: bool,
        leads: u8,
        members: u8,
        /// Number of the result's word in [`super::State::words`], if one is stated.
        result: Option<NonZeroU16>,
    },
    WorkPublished {
        work: Slot,
        /// Number of the word in [`super::State::words`].
        work_kind: NonZeroU16,
        level: Level,
        /// The first author.
        lead: bool,
        authors: u8,
    },
    WorkAwarded {
        work: Slot,
        level: Level,
        award: Award,
        lead: bool,
        authors: u8,
    },
    Recommended {
        to_level: Level,
        /// Row of the competition that it rests on, plus one.
        from_comp: Option<NonZeroU32>,
        /// Row of the conferring event in [`super::State::referred`], plus one.
        from_title: Option<NonZeroU32>,
    },
    Title {
        class: TitleClass,
        level: Level,
        valid_to: Date,
    },
    Candidate {
        class: TitleClass,
        level: Level,
        /// [`Date::MAX`] where no end is set.
        until: Date,
    },
    Renewed {
        /// Row of the conferring event in [`super::State::referred`].
        title: Slot,
        valid_to: Option<Date>,
    },
    Withdrawn {
        /// Row of the conferring event in [`super::State::referred`].
        title: Slot,
    },
}

/// What of a fact is a row elsewhere, or a work.
#[derive(Clone, Copy, Default)]
struct RestsOn {
    session: Option<Slot>,
    semester: Option<Slot>,
    competition: Option<Slot>,
    work: bool,
}

impl Detail {
    fn rests_on(self) -> RestsOn {
        let nothing = RestsOn::default();
        match self {
            Self::Attendance { session, .. } => RestsOn {
                session: Some(session),
                ..nothing
            },
            Self::LessonGiven { session, .. } => RestsOn {
                session: session.map(unshifted),
                ..nothing
            },
            Self::SchoolBasedTerm { semester, .. } => RestsOn {
                semester: Some(semester),
                ..nothing
            },
            Self::CompetitionEntry { competition } => RestsOn {
                competition: Some(competition),
                ..nothing
            },
            Self::Award { competition, work, .. } => RestsOn {
                competition: Some(competition),
                work: work.is_some(),
                ..nothing
            },
            Self::Recommended { from_comp, .. } => RestsOn {
                competition: from_comp.map(unshifted),
                ..nothing
            },
            Self::WorkPublished { .. } | Self::WorkAwarded { .. } | Self::TopicConcluded { .. } => {
                RestsOn { work: true, ..nothing }
            }
            Self::Outreach { .. }
            | Self::LessonObserved { .. }
            | Self::SchoolVisit { .. }
            | Self::Title { .. }
            | Self::Candidate { .. }
            | Self::Renewed { .. }
            | Self::Withdrawn { .. } => nothing,
        }
    }

    /// Whether it is about a work, of which other facts may be too.
    pub(crate) fn has_work(self) -> bool {
        self.rests_on().work
    }

    /// The row of the session that the fact hangs on.
    pub(crate) fn session(self) -> Option<Slot> {
        self.rests_on().session
    }

    /// The row of the semester that the fact names.
    pub(crate) fn semester(self) -> Option<Slot> {
        self.rests_on().semester
    }

    /// The row of the competition that the fact hangs on.
    pub(crate) fn competition(self) -> Option<Slot> {
        self.rests_on().competition
    }
}

/// A row number stored plus one, so that none takes no room.
pub(crate) fn shifted(slot: Slot) -> Option<NonZeroU32> {
    NonZeroU32::new(slot.saturating_add(1))
}

/// The row number back.
pub(crate) fn unshifted(slot: NonZeroU32) -> Slot {
    slot.get() - 1
}

/// A school's data at some entry.
#[derive(Clone, Debug)]
pub struct SchoolView {
    /// The entry that says so.
    pub index: u32,
    /// The day from which it is so.
    pub on: Date,
    /// Its full name.
    pub name: Text,
    /// 学段
    pub stage: Stage,
    /// 乡镇
    pub township: Option<Text>,
    /// 片区
    pub group: Option<GroupId>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct School {
    pub(crate) profiles: Vec<SchoolView>,
    /// Closed or merged away: entry, last day, successor.
    pub(crate) closings: Vec<(u32, Date, Option<SchoolId>)>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Project {
    pub(crate) definitions: Vec<ProjectDef>,
}

#[derive(Clone, Debug)]
pub(crate) struct ProjectDef {
    pub(crate) index: u32,
    pub(crate) name: Text,
    pub(crate) provider: Option<Text>,
    pub(crate) level: Level,
    pub(crate) mode: Mode,
    pub(crate) category: Option<Text>,
    pub(crate) topic: Option<Text>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Session {
    pub(crate) definitions: Vec<SessionDef>,
    pub(crate) cancellations: Vec<u32>,
    /// Entry, new first and last day.
    pub(crate) moves: Vec<(u32, Date, Date)>,
}

#[derive(Clone, Debug)]
pub(crate) struct SessionDef {
    pub(crate) index: u32,
    pub(crate) from: Date,
    pub(crate) to: Date,
    pub(crate) project: Slot,
    pub(crate) session_type: SessionType,
    pub(crate) hours: Hours,
    pub(crate) base: Option<BaseId>,
}

/// A session as asked.
#[derive(Clone, Debug)]
pub struct SessionView {
    /// The entry that holds it.
    pub index: u64,
    /// The entry of the move that holds, if it was moved.
    pub moved: Option<u64>,
    /// The entry that cancelled it first, if it is cancelled.
    pub cancelled: Option<u64>,
    /// First day, after moves.
    pub from: Date,
    /// Last day, after moves.
    pub to: Date,
    /// 类型
    pub session_type: SessionType,
    /// Its length.
    pub hours: Hours,
    /// 学科基地
    pub base: Option<BaseId>,
    /// The project that it is of, which may not have arrived.
    pub project_id: ProjectId,
    /// 培训项目名称, if the project has arrived.
    pub project: Option<Text>,
    /// 培训机构名称
    pub provider: Option<Text>,
    /// 培训类别
    pub level: Option<Level>,
    /// 培训方式
    pub mode: Option<Mode>,
    /// 必修, 选修, …
    pub category: Option<Text>,
    /// 师德, 学科, …
    pub topic: Option<Text>,
}

/// What somebody did at a session, as one entry says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttendanceView {
    /// The entry.
    pub index: u64,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// Hours present, in hundredths.
    pub centihours: u32,
    /// As what.
    pub role: AttendanceRole,
    /// 考核结果
    pub result: Option<AttendanceResult>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Competition {
    pub(crate) definitions: Vec<CompetitionDef>,
}

#[derive(Clone, Debug)]
pub(crate) struct CompetitionDef {
    pub(crate) index: u32,
    pub(crate) name: Text,
    pub(crate) level: Level,
}

/// A load of old postings. Its opening and its closing stand at entries of their own.
#[derive(Clone, Debug)]
pub(crate) struct Load {
    pub(crate) index: u32,
    pub(crate) from: Date,
    pub(crate) to: Date,
    pub(crate) closings: Vec<u32>,
    /// What was recorded under it, rising; four bytes for each.
    pub(crate) entries: Vec<u32>,
}

/// A load of old postings as asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoadView {
    /// Its id.
    pub id: LoadId,
    /// The entry that opened it.
    pub opened: u64,
    /// The entry that closed it first, if it is closed.
    pub closed: Option<u64>,
    /// First day of the period that it is for.
    pub from: Date,
    /// Last day.
    pub to: Date,
}

impl Load {
    /// Whether it has ended, as the ledger of `size` entries has it.
    pub(crate) fn is_closed(&self, size: u64) -> bool {
        self.closings.iter().any(|&closing| u64::from(closing) < size)
    }
}

/// A policy version as adopted.
#[derive(Clone, Debug)]
pub struct PolicyVersion {
    /// The entry that adopted it.
    pub index: u32,
    /// What the document says.
    pub policy: Arc<Policy>,
    /// Hash of the document.
    pub sha256: Sha256,
}

/// A calendar as adopted.
#[derive(Clone, Debug)]
pub struct CalendarVersion {
    /// The entry that adopted it.
    pub index: u32,
    /// What the document says.
    pub calendar: Arc<Calendar>,
    /// Hash of the document.
    pub sha256: Sha256,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_stays_within_twenty_four_bytes() {
        assert_eq!(size_of::<Item>(), 24);
    }
}
