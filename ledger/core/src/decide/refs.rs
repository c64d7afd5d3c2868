//! What an event refers to and has not arrived; it settles by itself when that does.

use super::rules::View;
use super::ruling::Ruling;
use crate::event::{Event, Field};
use crate::ids::{CompetitionId, EventId, ProjectId, SessionId};

impl View<'_> {
    pub(super) fn awaited(&self, event: &Event) -> Option<Ruling> {
        let mut awaited = None;
        event.fields(&mut |name, field| {
            awaited = awaited.take().or_else(|| match field {
                Field::Project(id) => self.await_project(name, *id),
                Field::Session(id) => self.await_session(name, *id),
                Field::Competition(id) => self.await_competition(name, *id),
                Field::Title(id) => self.await_live(name, *id),
                Field::Assignment(id) | Field::Entry(id) | Field::Original(id) => self.await_event(name, *id),
                Field::Subject(_)
                | Field::Teacher(_)
                | Field::NewTeacher(_)
                | Field::Home(_)
                | Field::Place(_)
                | Field::School(_)
                | Field::Sender(_)
                | Field::NewSchool(_)
                | Field::NewProject(_)
                | Field::NewSession(_)
                | Field::NewCompetition(_)
                | Field::Load(_)
                | Field::NewLoad(_)
                | Field::Claim(_)
                | Field::Batch(_)
                | Field::Question(_)
                | Field::Inspection(_)
                | Field::Finding(_)
                | Field::Claimed(_)
                | Field::Unit(_)
                | Field::Name(_)
                | Field::Text(_) => None,
            });
        });
        awaited
    }

    fn await_project(&self, field: &str, id: ProjectId) -> Option<Ruling> {
        let slot = self.state.projects.slot(&id);
        let known = slot.and_then(|slot| self.state.project_def(slot, self.size));
        known.is_none().then(|| Ruling::waiting_for(field, id))
    }

    /// The session, and the project of the definition that holds.
    fn await_session(&self, field: &str, id: SessionId) -> Option<Ruling> {
        let slot = self.state.sessions.slot(&id);
        let known = slot.and_then(|slot| self.state.session_def(slot, self.size));
        let Some(definition) = known else {
            return Some(Ruling::waiting_for(field, id));
        };
        self.await_project("project_id", self.state.projects.key(definition.project)?)
    }

    fn await_competition(&self, field: &str, id: CompetitionId) -> Option<Ruling> {
        let slot = self.state.competitions.slot(&id);
        let known = slot.and_then(|slot| self.state.competition_def(slot, self.size));
        known.is_none().then(|| Ruling::waiting_for(field, id))
    }

    fn await_event(&self, field: &str, id: EventId) -> Option<Ruling> {
        let known = self.state.at(self.size).index_of(id);
        known.is_none().then(|| Ruling::waiting_for(field, id))
    }

    fn await_live(&self, field: &str, id: EventId) -> Option<Ruling> {
        let is_live = self.state.stands_for(id, self.size).is_some();
        (!is_live).then(|| Ruling::waiting_for(field, id))
    }
}
