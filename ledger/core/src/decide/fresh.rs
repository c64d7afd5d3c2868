//! What the events judged so far would add to the state: an overlay, so that judging changes nothing.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::codes::{Level, TitleClass};
use crate::document::Documents;
use crate::entry::Posted;
use crate::event::{Event, Fact};
use crate::ids::{CompetitionId, EventId, LoadId, PolicyId, ProjectId, SchoolId, SessionId, TeacherId};
use crate::submission::Submission;

#[derive(Clone, Default)]
pub(crate) struct Fresh<'a> {
    events: BTreeMap<EventId, (&'a Event, u64)>,
    pub(super) teachers: BTreeSet<TeacherId>,
    pub(super) schools: BTreeSet<SchoolId>,
    pub(super) projects: BTreeSet<ProjectId>,
    pub(super) sessions: BTreeSet<SessionId>,
    pub(super) competitions: BTreeSet<CompetitionId>,
    /// First day, last day, closed.
    pub(super) loads: BTreeMap<LoadId, (Date, Date, bool)>,
    pub(super) policies: BTreeSet<(PolicyId, u32)>,
    pub(super) voided: BTreeSet<EventId>,
    pub(super) titles: Vec<(TeacherId, TitleClass, Level, Date)>,
    /// Parts of the submission under judgement.
    pub(super) documents: Documents,
}

impl<'a> Fresh<'a> {
    /// The event of this id judged earlier, with the index it would get.
    pub(super) fn event(&self, id: EventId) -> Option<(&'a Event, u64)> {
        self.events.get(&id).copied()
    }

    /// A document counts only together with the event that names it, so each submission begins with its own parts.
    pub(super) fn note_documents(&mut self, submission: &'a Submission) {
        self.documents = Documents::default();
        for posted in &submission.events {
            if let Posted::Event(Event {
                fact: Fact::DocumentPart(part),
                ..
            }) = posted
            {
                self.documents.add(part);
            }
        }
    }

    pub(super) fn note(&mut self, event: &'a Event, index: u64) {
        self.events.insert(event.event_id, (event, index));
        match &event.fact {
            Fact::SchoolRegistered(f) => drop(self.schools.insert(f.school_id)),
            Fact::PersonRegistered(f) => drop(self.teachers.insert(f.teacher_id)),
            Fact::ProjectOpened(f) => drop(self.projects.insert(f.project_id)),
            Fact::SessionHeld(f) => drop(self.sessions.insert(f.session_id)),
            Fact::CompetitionHeld(f) => drop(self.competitions.insert(f.comp_id)),
            Fact::HistoricalLoadOpened(f) => drop(self.loads.insert(f.load_id, (event.from, event.to, false))),
            Fact::HistoricalLoadClosed(f) => {
                let load = self.loads.entry(f.load_id).or_insert((event.from, event.to, true));
                load.2 = true;
            }
            Fact::PolicyAdopted(f) => drop(self.policies.insert((f.policy_id, f.version))),
            Fact::EntryVoided(f) => drop(self.voided.insert(f.target_event)),
            Fact::TitleConferred(f) => self.titles.push((f.teacher_id, f.class, f.level, event.to)),
            _ => {}
        }
    }
}
