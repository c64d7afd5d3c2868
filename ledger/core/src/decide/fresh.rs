//! What the events judged so far would add to the state: an overlay, so that judging changes nothing.
//!
//! Two layers: what earlier submissions of a trial added, and what the one under judgement adds. A failed atomic
//! submission drops the upper one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;

use super::trial::{same_content, says_the_same};
use crate::document::Documents;
use crate::entry::{Posted, Verdict};
use crate::event::{Event, Fact, TitleConferred};
use crate::ids::{CompetitionId, EventId, LoadId, PolicyId, ProjectId, SchoolId, SessionId, Sha256, TeacherId};
use crate::reason::Reason;
use crate::state::State;
use crate::submission::Submission;

/// A refusal or conflict that would get an entry.
#[derive(Clone)]
pub(super) struct Refusal<'a> {
    posted: &'a Posted,
    verdict: Verdict,
    reason: Option<Reason>,
    index: u64,
}

/// First day, last day, closed.
pub(super) type LoadRow = (Date, Date, bool);

#[derive(Default)]
struct Layer<'a> {
    events: BTreeMap<EventId, (&'a Event, u64)>,
    refusals: BTreeMap<EventId, Vec<Refusal<'a>>>,
    teachers: BTreeSet<TeacherId>,
    schools: BTreeSet<SchoolId>,
    projects: BTreeSet<(ProjectId, EventId)>,
    /// First day and project of each definition.
    sessions: BTreeMap<(SessionId, EventId), (Date, ProjectId)>,
    competitions: BTreeSet<(CompetitionId, EventId)>,
    loads: BTreeMap<LoadId, LoadRow>,
    policies: BTreeSet<(PolicyId, u32, EventId)>,
    voided: BTreeSet<EventId>,
    titles: Vec<&'a Event>,
    documents: Documents,
}

#[derive(Default)]
pub(super) struct Fresh<'a> {
    base: Layer<'a>,
    top: Layer<'a>,
    /// All parts that the submission under judgement brings, recorded or not.
    offered: Documents,
}

impl<'a> Refusal<'a> {
    pub(super) fn of(posted: &'a Posted, verdict: Verdict, reason: Option<&Reason>, index: u64) -> Self {
        Self {
            posted,
            verdict,
            reason: reason.cloned(),
            index,
        }
    }
}

impl<'a> Fresh<'a> {
    /// Looks at the parts of the next submission.
    pub(super) fn begin(&mut self, submission: &Submission) {
        self.offered = Documents::default();
        for event in submission.events.iter().filter_map(Posted::event) {
            if let Fact::DocumentPart(part) = &event.fact {
                self.offered.add(0, part);
            }
        }
    }

    /// The submission stands: what it adds becomes part of the base.
    pub(super) fn keep(&mut self) {
        let mut top = std::mem::take(&mut self.top);
        let base = &mut self.base;
        base.events.append(&mut top.events);
        for (id, refusals) in top.refusals {
            base.refusals.entry(id).or_default().extend(refusals);
        }
        base.teachers.append(&mut top.teachers);
        base.schools.append(&mut top.schools);
        base.projects.append(&mut top.projects);
        base.sessions.append(&mut top.sessions);
        base.competitions.append(&mut top.competitions);
        base.loads.append(&mut top.loads);
        base.policies.append(&mut top.policies);
        base.voided.append(&mut top.voided);
        base.titles.append(&mut top.titles);
        base.documents.append(top.documents);
    }

    /// The submission fails: nothing of it stands.
    pub(super) fn discard(&mut self) {
        self.top = Layer::default();
    }

    fn layers(&self) -> impl Iterator<Item = &Layer<'a>> {
        [&self.top, &self.base].into_iter()
    }

    /// Notes an event that is recorded or waits.
    pub(super) fn note(&mut self, event: &'a Event, index: u64) {
        let loads = self.loads_of_note(event);
        let (id, top) = (event.event_id, &mut self.top);
        top.events.insert(id, (event, index));
        match &event.fact {
            Fact::SchoolRegistered(f) => drop(top.schools.insert(f.school_id)),
            Fact::PersonRegistered(f) => drop(top.teachers.insert(f.teacher_id)),
            Fact::ProjectOpened(f) => drop(top.projects.insert((f.project_id, id))),
            Fact::SessionHeld(f) => drop(top.sessions.insert((f.session_id, id), (event.from, f.project_id))),
            Fact::CompetitionHeld(f) => drop(top.competitions.insert((f.comp_id, id))),
            Fact::HistoricalLoadOpened(_) | Fact::HistoricalLoadClosed(_) => top.loads.extend(loads),
            Fact::PolicyAdopted(f) => drop(top.policies.insert((f.policy_id, f.version, id))),
            Fact::EntryVoided(f) => drop(top.voided.insert(f.target_event)),
            Fact::TitleConferred(_) => top.titles.push(event),
            Fact::DocumentPart(f) => top.documents.add(u32::try_from(index).unwrap_or(u32::MAX), f),
            _ => {}
        }
    }

    /// The load's row after this event.
    fn loads_of_note(&self, event: &Event) -> Option<(LoadId, LoadRow)> {
        match &event.fact {
            Fact::HistoricalLoadOpened(f) => Some((f.load_id, (event.from, event.to, false))),
            Fact::HistoricalLoadClosed(f) => {
                let (from, to, _) = self.load(f.load_id).unwrap_or((event.from, event.to, false));
                Some((f.load_id, (from, to, true)))
            }
            _ => None,
        }
    }

    pub(super) fn note_refusal(&mut self, key: EventId, refusal: Refusal<'a>) {
        self.top.refusals.entry(key).or_default().push(refusal);
    }

    /// The index that this refusal of this content would already have.
    pub(super) fn same_refusal(&self, posted: &Posted, verdict: Verdict, reason: Option<&Reason>) -> Option<u64> {
        let key = posted.key();
        let mut refusals = self.layers().filter_map(|layer| layer.refusals.get(&key)).flatten();
        let same = |refusal: &&Refusal<'_>| {
            let held = (refusal.verdict, refusal.reason.as_ref());
            says_the_same(held, (verdict, reason)) && same_content(refusal.posted, posted)
        };
        refusals.find(same).map(|refusal| refusal.index)
    }

    /// The event of this id judged earlier, with the index it would get.
    pub(super) fn event(&self, id: EventId) -> Option<(&'a Event, u64)> {
        self.layers().find_map(|layer| layer.events.get(&id).copied())
    }

    pub(super) fn knows_teacher(&self, id: &TeacherId) -> bool {
        self.layers().any(|layer| layer.teachers.contains(id))
    }

    pub(super) fn knows_school(&self, id: &SchoolId) -> bool {
        self.layers().any(|layer| layer.schools.contains(id))
    }

    pub(super) fn load(&self, id: LoadId) -> Option<LoadRow> {
        self.layers().find_map(|layer| layer.loads.get(&id).copied())
    }

    pub(super) fn is_voided(&self, id: EventId) -> bool {
        self.layers().any(|layer| layer.voided.contains(&id))
    }

    /// The events that open this project.
    pub(super) fn projects(&self, id: ProjectId) -> impl Iterator<Item = EventId> {
        let all = self.layers().flat_map(move |layer| layer.projects.range(ids_of(id)));
        all.map(|(_, event)| *event)
    }

    /// First day, event and project of the definitions of this session.
    pub(super) fn sessions(&self, id: SessionId) -> impl Iterator<Item = (Date, EventId, ProjectId)> {
        let all = self.layers().flat_map(move |layer| layer.sessions.range(ids_of(id)));
        all.map(|(&(_, event), &(from, project))| (from, event, project))
    }

    /// The events that hold this competition.
    pub(super) fn competitions(&self, id: CompetitionId) -> impl Iterator<Item = EventId> {
        let all = self
            .layers()
            .flat_map(move |layer| layer.competitions.range(ids_of(id)));
        all.map(|(_, event)| *event)
    }

    /// Version and event of the adoptions of this policy.
    pub(super) fn policies(&self, id: PolicyId) -> impl Iterator<Item = (u32, EventId)> {
        let all = self.layers().flat_map(|layer| &layer.policies);
        all.filter(move |row| row.0 == id)
            .map(|&(_, version, event)| (version, event))
    }

    /// The titles conferred on this teacher.
    pub(super) fn titles(&self, teacher: TeacherId) -> impl Iterator<Item = (&'a Event, &'a TitleConferred)> {
        let all = self.layers().flat_map(|layer| layer.titles.iter().copied());
        all.filter_map(move |event| match &event.fact {
            Fact::TitleConferred(f) if f.teacher_id == teacher => Some((event, f)),
            _ => None,
        })
    }

    /// A document whose parts all stand, in the state or posted before in the trial.
    pub(super) fn document(&self, state: &State, sha256: &Sha256) -> Option<Arc<str>> {
        Documents::text_of(&[&state.documents, &self.base.documents, &self.top.documents], sha256)
    }

    /// Whether the submission under judgement brings the whole document.
    pub(super) fn is_offered(&self, sha256: &Sha256) -> bool {
        self.offered.text(sha256, 1).is_some()
    }
}

const ID_MIN: EventId = EventId::new(uuid::Uuid::nil());
const ID_MAX: EventId = EventId::new(uuid::Uuid::max());

fn ids_of<K: Copy>(id: K) -> std::ops::RangeInclusive<(K, EventId)> {
    (id, ID_MIN)..=(id, ID_MAX)
}
