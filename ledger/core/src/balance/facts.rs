//! What credits rest on, looked up once and kept while an [`super::Assessor`] lives: sessions and their projects.

use std::rc::Rc;

use super::{Assessor, Why};
use crate::codes::{Level, Mode, SessionType};
use crate::hours::Hours;
use crate::ids::{CompetitionId, SessionId};
use crate::intern::Slot;
use crate::policy::Word;
use crate::state::Item;

/// A project, as filters see it.
#[derive(Debug)]
pub(super) struct ProjectFacts {
    pub(super) level: Level,
    pub(super) mode: Mode,
    pub(super) category: Option<Word>,
    pub(super) topic: Option<Word>,
}

/// A session, as credits see it.
#[derive(Debug)]
pub(super) enum SessionFacts {
    /// It took place.
    Held {
        session_type: SessionType,
        hours: Hours,
        project: Rc<ProjectFacts>,
    },
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
        let (state, size) = (self.state, self.size);
        let cancellations = state.sessions.at(slot).map(|session| session.cancellations.as_slice());
        let mut cancellations = cancellations.unwrap_or_default().iter();
        if let Some(&by) = cancellations.find(|&&index| state.live(index, size)) {
            return SessionFacts::Without(Why::Cancelled { by: by.into() });
        }
        let waiting = |field, id: Option<String>| {
            SessionFacts::Without(Why::WaitingFor {
                field,
                id: id.unwrap_or_default(),
            })
        };
        let Some(definition) = state.session_def(slot, size) else {
            let id = state.sessions.key(slot).map(|id: SessionId| id.to_string());
            return waiting("session_id", id);
        };
        let Some(project) = state.project_def(definition.project, size) else {
            let id = state.projects.key(definition.project).map(|id| id.to_string());
            return waiting("project_id", id);
        };
        let known = self.projects.borrow().get(&definition.project).map(Rc::clone);
        let project = known.unwrap_or_else(|| {
            let facts = Rc::new(ProjectFacts {
                level: project.level,
                mode: project.mode,
                category: project.category.as_ref().map(|text| Word::new(text.as_str())),
                topic: project.topic.as_ref().map(|text| Word::new(text.as_str())),
            });
            self.projects.borrow_mut().insert(definition.project, Rc::clone(&facts));
            facts
        });
        SessionFacts::Held {
            session_type: definition.session_type,
            hours: definition.hours,
            project,
        }
    }

    /// Why a fact has no effect, its session aside.
    pub(super) fn void(&self, item: &Item) -> Option<Why> {
        let by = self.state.voided_by(item.index, self.size)?;
        Some(Why::Void { by: by.into() })
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
