//! What credits rest on, looked up once and kept while an [`super::Assessor`] lives: sessions and their projects.

use std::rc::Rc;

use super::{Assessor, Why};
use crate::codes::{Level, Mode, SessionType};
use crate::hours::Hours;
use crate::ids::{CompetitionId, SessionId};
use crate::intern::Slot;
use crate::policy::Word;
use crate::state::{Item, ProjectDef, SessionDef, State};

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
        let (definition, project) = match self.state.session_held(slot, self.size) {
            Ok(held) => held,
            Err(why) => return SessionFacts::Without(why),
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
    /// The session of this row and its project, or why what hangs on it has no effect.
    fn session_held(&self, slot: Slot, size: u64) -> Result<(&SessionDef, &ProjectDef), Why> {
        let session = self.sessions.at(slot);
        let mut cancellations = session.into_iter().flat_map(|session| &session.cancellations);
        if let Some(&by) = cancellations.find(|&&index| self.live(index, size)) {
            return Err(Why::Cancelled { by: by.into() });
        }
        let waiting = |field, id: Option<String>| Why::WaitingFor {
            field,
            id: id.unwrap_or_default(),
        };
        let definition = self.session_def(slot, size).ok_or_else(|| {
            let id = self.sessions.key(slot).map(|id: SessionId| id.to_string());
            waiting("session_id", id)
        })?;
        let project = self.project_def(definition.project, size).ok_or_else(|| {
            let id = self.projects.key(definition.project).map(|id| id.to_string());
            waiting("project_id", id)
        })?;
        Ok((definition, project))
    }

    /// Why a fact is void.
    pub(super) fn void(&self, item: &Item, size: u64) -> Option<Why> {
        let by = self.voided_by(item.index, size)?;
        Some(Why::Void { by: by.into() })
    }

    /// Why a fact has no effect: void, or its session cancelled or not arrived; `None` if it has.
    pub(crate) fn why_void_or_unheld(&self, item: &Item, size: u64) -> Option<Why> {
        let session = || self.session_held(item.detail.session()?, size).err();
        self.void(item, size).or_else(session)
    }
}
