//! What credits rest on, looked up once and kept while an [`super::Assessor`] lives: sessions and their projects.

use std::rc::Rc;

use super::{Assessor, Why};
use crate::codes::{Level, Mode, SessionType};
use crate::hours::Hours;
use crate::ids::{CompetitionId, SessionId};
use crate::intern::Slot;
use crate::policy::Word;
use crate::state::{Fate, Item, ProjectDef, SessionDef, State};

/// A project, as filters see it.
#[derive(Debug)]
pub(super) struct ProjectFacts {
    pub(super) slot: Slot,
    pub(super) level: Level,
    pub(super) mode: Mode,
    pub(super) category: Option<Word>,
    pub(super) topic: Option<Word>,
}

/// What one posting of a session says.
#[derive(Debug)]
pub(super) struct SessionVariant {
    pub(super) session_type: SessionType,
    pub(super) hours: Hours,
    pub(super) project: Rc<ProjectFacts>,
    slot: Slot,
}

/// A session, as credits see it.
#[derive(Debug)]
pub(super) enum SessionFacts {
    /// It took place: as each posting of it says, the earliest first, without those that say the same.
    Held(Vec<SessionVariant>),
    /// Why what hangs on it has no effect.
    Without(Why),
}

impl Assessor<'_> {
    /// The session of this row, from memory if it was asked for before.
    pub(super) fn session(&self, slot: Slot) -> Rc<SessionFacts> {
        if let Some(known) = self.sessions.borrow().get(&slot) {
            return Rc::clone(known);
        }
        let facts = Rc::new(self.read_session(slot));
        self.sessions.borrow_mut().insert(slot, Rc::clone(&facts));
        facts
    }

    fn read_session(&self, slot: Slot) -> SessionFacts {
        let held = match self.state.session_held(slot, self.size) {
            Ok(held) => held,
            Err(why) => return SessionFacts::Without(why),
        };
        let mut variants: Vec<SessionVariant> = Vec::new();
        for (definition, project) in held {
            let (session_type, hours, slot) = (definition.session_type, definition.hours, definition.project);
            let is_same =
                |other: &SessionVariant| (other.session_type, other.hours, other.slot) == (session_type, hours, slot);
            if !variants.iter().any(is_same) {
                variants.push(SessionVariant {
                    session_type,
                    hours,
                    project: self.project(slot, project),
                    slot,
                });
            }
        }
        SessionFacts::Held(variants)
    }

    /// A project, from memory if it was asked for before.
    fn project(&self, slot: Slot, project: &ProjectDef) -> Rc<ProjectFacts> {
        let mut known = self.projects.borrow_mut();
        let facts = known.entry(slot).or_insert_with(|| {
            Rc::new(ProjectFacts {
                slot,
                level: project.level,
                mode: project.mode,
                category: project.category.as_ref().map(|text| Word::new(text.as_str())),
                topic: project.topic.as_ref().map(|text| Word::new(text.as_str())),
            })
        });
        Rc::clone(facts)
    }

    /// The level of a competition, or what it waits for.
    pub(super) fn competition_level(&self, slot: Slot) -> Result<Level, Why> {
        let definition = self.state.competition_def(slot, self.size);
        definition.map(|definition| definition.level).ok_or_else(|| {
            let id: Option<CompetitionId> = self.state.competitions.key(slot);
            Why::WaitingFor {
                field: "comp_id",
                id: id.map_or_else(String::new, |id| id.to_string()),
            }
        })
    }
}

impl State {
    /// What holds of the session of this row, each with its project, the earliest first; or why what hangs on it has no
    /// effect. One posted twice may say two things (DOMAIN §13a).
    fn session_held(&self, slot: Slot, size: u64) -> Result<Vec<(&SessionDef, &ProjectDef)>, Why> {
        let session = self.sessions.at(slot);
        let mut cancellations = session.into_iter().flat_map(|session| &session.cancellations);
        if let Some(&by) = cancellations.find(|&&index| self.live(index, size)) {
            return Err(Why::Cancelled { by: by.into() });
        }
        let waiting = |field, id: Option<String>| Why::WaitingFor {
            field,
            id: id.unwrap_or_default(),
        };
        let with_project = self.live_session_defs(slot, size).filter_map(|definition| {
            let project = self.project_def(definition.project, size)?;
            Some((definition, project))
        });
        let mut held: Vec<_> = with_project.collect();
        if !held.is_empty() {
            held.sort_by_key(|(definition, _)| self.order_of(definition));
            return Ok(held);
        }
        if let Some(definition) = self.session_def(slot, size) {
            let id = self.projects.key(definition.project).map(|id| id.to_string());
            return Err(waiting("project_id", id));
        }
        let id = self.sessions.key(slot).map(|id: SessionId| id.to_string());
        Err(waiting("session_id", id))
    }

    /// Why a fact has no effect by voids and corrections.
    pub(super) fn void(&self, item: &Item, size: u64) -> Option<Why> {
        match self.fate(item.index, size) {
            Fate::Stands => {
                let (claim_id, stage) = self.pending(item.index, size)?;
                Some(Why::UnderReview { claim_id, stage })
            }
            Fate::Void(by) => Some(Why::Void { by: by.into() }),
            Fate::Corrected(by) => Some(Why::Corrected { by: by.into() }),
            Fate::WithoutOriginal(id) => Some(Why::WaitingFor {
                field: "supersedes",
                id: id.to_string(),
            }),
        }
    }

    /// Why a fact has no effect: void, or its session cancelled or not arrived; `None` if it has.
    pub(crate) fn why_void_or_unheld(&self, item: &Item, size: u64) -> Option<Why> {
        let session = || self.session_held(item.detail.session()?, size).err();
        self.void(item, size).or_else(session)
    }
}
