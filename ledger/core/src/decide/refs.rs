//! What an event refers to and has not arrived; it settles by itself when that does.

use super::rules::View;
use crate::event::{Event, Fact, Field, TitleConferred};
use crate::ids::{CompetitionId, EventId, ProjectId, SessionId};
use crate::reason::{Reason, ReasonCode};
use crate::tier::{Title, default_valid_to, settle};

impl View<'_, '_> {
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
        let recorded = self.state.projects.get(&id);
        let known = recorded.is_some_and(|project| project.definitions.iter().any(|d| self.is_live(d.index)))
            || self.fresh.projects(id).any(|event| self.is_fresh_live(event));
        (!known).then(|| waiting_for(field, id))
    }

    /// The session, and the project of the definition that holds.
    fn await_session(&self, field: &str, id: SessionId) -> Option<Reason> {
        let recorded = self.state.sessions.get(&id);
        let definitions = recorded.into_iter().flat_map(|session| &session.definitions);
        let recorded = definitions.filter(|d| self.is_live(d.index)).filter_map(|d| {
            let project = self.state.projects.key(d.project)?;
            Some((d.from, self.state.events.id(d.index)?, project))
        });
        let fresh = self.fresh.sessions(id).filter(|row| self.is_fresh_live(row.1));
        match recorded.chain(fresh).min() {
            Some((_, _, project)) => self.await_project("project_id", project),
            None => Some(waiting_for(field, id)),
        }
    }

    fn await_competition(&self, field: &str, id: CompetitionId) -> Option<Reason> {
        let recorded = self.state.competitions.get(&id);
        let known = recorded.is_some_and(|c| c.definitions.iter().any(|d| self.is_live(d.index)))
            || self.fresh.competitions(id).any(|event| self.is_fresh_live(event));
        (!known).then(|| waiting_for(field, id))
    }

    fn await_event(&self, field: &str, id: EventId) -> Option<Reason> {
        let known = self.state.index_of(id, self.size).is_some() || self.fresh.event(id).is_some();
        (!known).then(|| waiting_for(field, id))
    }

    fn await_live(&self, field: &str, id: EventId) -> Option<Reason> {
        let recorded = self.state.events.recorded(id).is_some_and(|index| self.is_live(index));
        let known = recorded || (self.fresh.event(id).is_some() && self.is_fresh_live(id));
        (!known).then(|| waiting_for(field, id))
    }

    /// The title that this one presupposes and that is not held on the day.
    fn await_title(&self, event: &Event, conferred: &TitleConferred) -> Option<Reason> {
        let title = |event: &Event, f: &TitleConferred| Title {
            index: self.size,
            event_id: event.event_id,
            class: f.class,
            level: f.level,
            conferred_on: event.to,
            valid_to: f.valid_to.unwrap_or_else(|| default_valid_to(event.to)),
            waits_for: None,
        };
        let mut titles = self.state.live_titles(&conferred.teacher_id, self.size);
        titles.retain(|title| !self.fresh.is_voided(title.event_id));
        let fresh = self.fresh.titles(conferred.teacher_id);
        let fresh = fresh.filter(|(event, _)| self.is_fresh_live(event.event_id));
        titles.extend(fresh.map(|(event, f)| title(event, f)));
        titles.push(title(event, conferred));
        settle(&mut titles);
        let own = titles.iter().find(|title| title.event_id == event.event_id)?;
        let (class, level) = own.waits_for?;
        Some(waiting_for("title", format!("{}{}", level.zh(), class.zh())))
    }
}

fn waiting_for(field: &str, id: impl ToString) -> Reason {
    Reason::about(ReasonCode::WaitingFor, field, id)
}
