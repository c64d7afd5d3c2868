//! What an event refers to and has not arrived; it settles by itself when that does.

use super::rules::View;
use crate::event::{Event, Fact, Field, TitleConferred};
use crate::ids::{CompetitionId, EventId, ProjectId, SessionId};
use crate::reason::{Reason, ReasonCode};
use crate::tier::{Title, default_valid_to, settle};

impl View<'_> {
    pub(super) fn awaited(&self, event: &Event) -> Option<Reason> {
        let mut awaited = None;
        event.fields(&mut |name, field| {
            awaited = awaited.take().or_else(|| match field {
                Field::Project(id) => self.await_project(name, *id),
                Field::Session(id) => self.await_session(name, *id),
                Field::Competition(id) => self.await_competition(name, *id),
                Field::Title(id) => self.await_live(name, *id),
                Field::Assignment(id) | Field::Entry(id) => self.await_event(name, *id),
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
                | Field::Unit(_)
                | Field::Name(_)
                | Field::Text(_) => None,
            });
        });
        awaited.or_else(|| match &event.fact {
            Fact::TitleConferred(f) => self.await_title(event, f),
            _ => None,
        })
    }

    fn await_project(&self, field: &str, id: ProjectId) -> Option<Reason> {
        let slot = self.state.projects.slot(&id);
        let known = slot.and_then(|slot| self.state.project_def(slot, self.size));
        known.is_none().then(|| waiting_for(field, id))
    }

    /// The session, and the project of the definition that holds.
    fn await_session(&self, field: &str, id: SessionId) -> Option<Reason> {
        let slot = self.state.sessions.slot(&id);
        let known = slot.and_then(|slot| self.state.session_def(slot, self.size));
        let Some(definition) = known else {
            return Some(waiting_for(field, id));
        };
        self.await_project("project_id", self.state.projects.key(definition.project)?)
    }

    fn await_competition(&self, field: &str, id: CompetitionId) -> Option<Reason> {
        let slot = self.state.competitions.slot(&id);
        let known = slot.and_then(|slot| self.state.competition_def(slot, self.size));
        known.is_none().then(|| waiting_for(field, id))
    }

    fn await_event(&self, field: &str, id: EventId) -> Option<Reason> {
        let known = self.state.index_of(id, self.size);
        known.is_none().then(|| waiting_for(field, id))
    }

    fn await_live(&self, field: &str, id: EventId) -> Option<Reason> {
        let index = self.state.events.recorded(id);
        let is_live = index.is_some_and(|index| self.state.live(index, self.size));
        (!is_live).then(|| waiting_for(field, id))
    }

    /// The title that this one presupposes and that is not held on the day.
    fn await_title(&self, event: &Event, conferred: &TitleConferred) -> Option<Reason> {
        let mut titles = self.state.live_titles(&conferred.teacher_id, self.size);
        titles.push(Title {
            index: self.size,
            event_id: event.event_id,
            class: conferred.class,
            level: conferred.level,
            conferred_on: event.to,
            valid_to: conferred.valid_to.unwrap_or_else(|| default_valid_to(event.to)),
            waits_for: None,
        });
        settle(&mut titles);
        let own = titles.iter().find(|title| title.event_id == event.event_id)?;
        let (class, level) = own.waits_for?;
        Some(waiting_for("title", format!("{}{}", level.zh(), class.zh())))
    }
}

fn waiting_for(field: &str, id: impl ToString) -> Reason {
    Reason::about(ReasonCode::WaitingFor, field, id)
}
