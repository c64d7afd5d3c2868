//! What the recorded entries add up to: the state, folded by [`State::evolve`] and asked at any size.
//!
//! Nothing is removed. Every definition, void and cancellation carries the index of its entry, and a
//! question about size N folds only what stands below N. That is why queries need no snapshot: the
//! writer may be ahead of the disk while they ask about the durable size.
//!
//! Forward references are rows without a definition: attendance at a session that has not arrived names
//! the session's row, and begins to count when the definition is put there. Nothing has to be moved.
#![deny(
    clippy::wildcard_enum_match_arm,
    reason = "a new kind must not fall through in silence"
)]

mod adopted;
mod at;
mod certificates;
mod claims;
mod effect;
mod events;
mod evolve;
mod fold;
mod inspections;
mod merges;
mod organisations;
mod questions;
mod rows;
mod sessions;
mod ties;
mod topics;
mod undo;
mod views;
mod years;

use std::collections::BTreeMap;
use std::num::NonZeroU16;

pub(crate) use rows::{
    Accepted, Assignment, AssignmentEnd, Competition, CompetitionDef, Detail, Exemption, Item, Load, Project,
    ProjectDef, School, Session, SessionDef, Teacher, unshifted,
};
pub use rows::{AttendanceView, CalendarVersion, LoadView, PolicyVersion, ProfileView, SchoolView, SessionView};

pub use self::at::At;
use self::certificates::Certificates;
pub(crate) use self::certificates::{Certificate, Change};
pub use self::claims::{Act, BatchView, ClaimStanding, ClaimSubmission, ClaimView, Decided, Objection};
pub(crate) use self::claims::{Batch, Claim, Claims, OBJECTIONS_MAX, SUBMISSIONS_MAX};
use self::effect::Effects;
pub use self::effect::Since;
pub(crate) use self::effect::{CORRECTIONS_MAX, Fate};
use self::events::EventTable;
pub use self::evolve::Print;
pub use self::inspections::{CheckView, FindingStanding, FindingView, InspectionView};
pub(crate) use self::inspections::{Finding, Findings, Inspected, Inspections, Looked, Made};
pub(crate) use self::merges::{IDS_OF_ONE_MAX, MERGES_MAX, Merges};
pub use self::merges::{Merge, Merged};
pub(crate) use self::organisations::Organisations;
pub use self::organisations::{Formed, OrganisationView};
pub(crate) use self::questions::{Asked, Joined, Planned, Question, Questions, Rated, Sent, TOGETHER_MAX, Took};
pub use self::questions::{PlanView, QuestionStage, QuestionView, RatingView, SentView};
pub(crate) use self::sessions::Held;
pub use self::ties::{Tie, TiedTo};
pub use self::topics::{DayEntry, TopicStage, TopicView};
pub(crate) use self::topics::{TopicAct, TopicDef, TopicStep};
pub use self::years::{Closing, FiguresVersion, Noted};
pub(crate) use self::years::{NotedRow, Unattributed};
use crate::document::Documents;
use crate::event::Nature;
use crate::ids::{
    CompetitionId, EventId, LoadId, ProjectId, SchoolId, SemesterId, SessionId, TeacherId, TopicId, WorkId,
};
use crate::intern::Table;
use crate::policy::Word;
use crate::text::Text;
use crate::time::Millis;

/// The fold of the ledger's entries.
#[derive(Clone, Debug, Default)]
pub struct State {
    pub(crate) events: EventTable,
    pub(crate) recorded_at: Millis,
    pub(crate) teachers: Table<TeacherId, Teacher>,
    pub(crate) schools: Table<SchoolId, School>,
    pub(crate) projects: Table<ProjectId, Project>,
    pub(crate) sessions: Table<SessionId, Session>,
    pub(crate) competitions: Table<CompetitionId, Competition>,
    pub(crate) works: Table<WorkId, ()>,
    pub(crate) topics: Table<TopicId, ()>,
    /// Semesters that terms of school-based training name.
    pub(crate) semesters_named: Table<SemesterId, ()>,
    /// The office's words for kinds of work and for results of topics; words alike after normalisation are one.
    pub(crate) words: Table<Word, ()>,
    /// Events that others rest on, so that a row can name them in four bytes.
    pub(crate) referred: Table<EventId, ()>,
    pub(crate) loads: BTreeMap<LoadId, Load>,
    pub(crate) organisations: Organisations,
    /// By their entries, rising.
    pub(crate) ties: Vec<Tie>,
    /// By their entries, rising.
    pub(crate) topic_steps: Vec<TopicStep>,
    pub(crate) questions: Questions,
    pub(crate) inspections: Inspections,
    pub(crate) findings: Findings,
    pub(crate) effects: Effects,
    pub(crate) claims: Claims,
    /// Entries from which the ledger's time is another, earlier one; and that time.
    pub(crate) clock_corrections: Vec<(u32, Millis)>,
    pub(crate) documents: Documents,
    pub(crate) policies: Vec<PolicyVersion>,
    pub(crate) calendars: Vec<CalendarVersion>,
    pub(crate) certificates: Certificates,
    pub(crate) merges: Merges,
    /// By their entries, rising, as are the three below.
    pub(crate) figures: Vec<FiguresVersion>,
    pub(crate) closings: Vec<Closing>,
    pub(crate) noted: Vec<NotedRow>,
    pub(crate) unattributed: Vec<Unattributed>,
}

impl State {
    /// The state of an empty ledger.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes room for `entries` in all: a replay that knows how many will come need not move what it has again and again.
    pub fn reserve(&mut self, entries: usize) {
        self.events.reserve(entries);
    }

    /// Number of entries folded.
    pub fn size(&self) -> u64 {
        self.events.len() as u64
    }

    /// `recorded_at` of the last entry; the epoch in an empty ledger.
    pub fn recorded_at(&self) -> Millis {
        self.recorded_at
    }

    /// Indices of all entries that carry this event id: the recorded one, refusals, conflicts; in no set order.
    ///
    /// The writer fetches them from the log and hands them to [`crate::decide::decide`].
    pub fn indices_of(&self, event_id: EventId) -> impl Iterator<Item = u64> {
        self.events.candidates(event_id).map(u64::from)
    }

    /// Kind and nature of the recorded event of this id.
    pub(crate) fn kind_of(&self, event_id: EventId) -> Option<(&'static str, Nature)> {
        self.events.nature(self.events.recorded(event_id)?)
    }

    /// Whether the recorded event of this id, or what stands in its place, is an assignment or another fact of this
    /// teacher.
    pub(crate) fn is_about(&self, event_id: EventId, teacher_id: &TeacherId) -> bool {
        let index = self.stands_or_stood_for(event_id, self.size());
        let row = index.zip(self.person(teacher_id, self.size()));
        row.is_some_and(|(index, teacher)| {
            let assigned = teacher.assignments.iter().any(|row| row.index == index);
            let exempted = teacher.exemptions.iter().any(|row| row.index == index);
            assigned || exempted || teacher.items.iter().any(|row| row.index == index)
        })
    }

    /// The number of a word, from 1 on.
    pub(crate) fn word_number(&mut self, word: &Text) -> NonZeroU16 {
        let number = self.words.mention(Word::new(word.as_str())).saturating_add(1);
        // An office has a handful of words. Past the type's end they share a number that names none.
        let number = u16::try_from(number).ok().and_then(NonZeroU16::new);
        number.unwrap_or(NonZeroU16::MAX)
    }

    /// The word of this number.
    pub(crate) fn word(&self, number: NonZeroU16) -> Option<&Word> {
        let named = (number != NonZeroU16::MAX).then(|| u32::from(number.get()) - 1);
        self.words.key_ref(named?)
    }

    /// The event id of the entry at `index`.
    pub fn event_at(&self, index: u64) -> Option<EventId> {
        self.events.id(u32::try_from(index).ok()?)
    }
}

impl<'s> At<'s> {
    /// When the entry at `index`, stamped `recorded_at`, was recorded as far as is known: not after the time to which a
    /// later entry corrected the clock (ADR 27). Along the log it never falls.
    pub fn recorded_at(self, index: u64, recorded_at: Millis) -> Millis {
        let later = self.state.clock_corrections.iter().rev();
        let later = later.take_while(|(at, _)| u64::from(*at) > index);
        let below = later.filter(|(at, _)| u64::from(*at) < self.size);
        below.map(|(_, time)| *time).fold(recorded_at, Millis::min)
    }

    /// Indices below `size` of all entries that carry this event id, as [`State::indices_of`] has them.
    pub fn indices_of(self, event_id: EventId) -> impl Iterator<Item = u64> {
        self.state.indices_of(event_id).filter(move |&index| index < self.size)
    }

    /// Index of the entry that recorded this event, below `size`.
    pub fn index_of(self, event_id: EventId) -> Option<u64> {
        self.state
            .events
            .recorded(event_id)
            .map(u64::from)
            .filter(|&index| index < self.size)
    }

    /// The kind of the event of this id, recorded below `size`.
    pub fn kind_of(self, event_id: EventId) -> Option<&'static str> {
        let index = u32::try_from(self.index_of(event_id)?).ok()?;
        self.state.events.nature(index).map(|(kind, _)| kind)
    }

    /// Whether the teacher is registered below `size`.
    pub fn knows_teacher(self, id: &TeacherId) -> bool {
        self.state
            .teachers
            .get(id)
            .is_some_and(|teacher| self.is_known(teacher))
    }

    /// Whether the school is registered below `size`.
    pub fn knows_school(self, id: &SchoolId) -> bool {
        self.state
            .schools
            .get(id)
            .is_some_and(|school| self.is_registered(school))
    }

    /// All registered teachers below `size`, by id: each once, under the id that stands for her.
    pub fn teacher_ids(self) -> Vec<TeacherId> {
        let mut ids = self.registered_ids();
        ids.retain(|id| self.state.merges.standing(id, self.size).is_none());
        ids
    }

    /// All ids that are registered below `size`, by id, also those that were merged into others.
    pub fn registered_ids(self) -> Vec<TeacherId> {
        let known = self.state.teachers.iter();
        let known = known.filter(|(_, teacher)| self.is_known(teacher));
        let mut ids: Vec<_> = known.map(|(id, _)| id).collect();
        ids.sort_unstable();
        ids
    }

    /// All registered schools below `size`, by id.
    pub fn school_ids(self) -> Vec<SchoolId> {
        let mut ids: Vec<_> = self
            .state
            .schools
            .iter()
            .filter(|(_, school)| self.is_registered(school))
            .map(|(id, _)| id)
            .collect();
        ids.sort_unstable();
        ids
    }

    pub(crate) fn is_known(self, teacher: &Teacher) -> bool {
        let mut profiles = teacher.profiles.iter();
        profiles.any(|profile| self.state.live(profile.index, self.size))
    }

    fn is_registered(self, school: &School) -> bool {
        let mut profiles = school.profiles.iter();
        profiles.any(|profile| self.state.live(profile.index, self.size))
    }

    /// All policy versions adopted and not voided below `size`, in the order of adoption.
    pub fn policies(self) -> impl Iterator<Item = &'s PolicyVersion> {
        self.state
            .policies
            .iter()
            .filter(move |version| self.state.live(version.index, self.size))
    }

    /// All calendars adopted and not voided below `size`, in the order of adoption.
    pub fn calendars(self) -> impl Iterator<Item = &'s CalendarVersion> {
        self.state
            .calendars
            .iter()
            .filter(move |version| self.state.live(version.index, self.size))
    }
}
