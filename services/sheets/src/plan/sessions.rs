//! Projects and sessions by what a row says of them; 改期 and 取消, which name a session so, or by its id.

use jiff::civil::Date;
use keshi_core::codes::SessionType;
use keshi_core::event::{SessionCancelled, SessionMoved};
use keshi_core::ids::{BaseId, GroupId, IdError, ProjectId, SessionId};
use keshi_core::text::Text;

use super::draft::Drafting;
use super::fields::Fields;
use crate::columns::{Col, Words};

/// What tells one session of a project from the others, besides its days.
pub(super) struct Which {
    name: Option<Text>,
    pub(super) session_type: SessionType,
    pub(super) base: Option<BaseId>,
    pub(super) group: Option<GroupId>,
}

fn or_empty(text: Option<&Text>) -> &str {
    text.map_or("", Text::as_str)
}

impl Drafting<'_, '_> {
    /// A project is its name, provider and year: next year's of the same name is another.
    pub(super) fn project_id(&self, name: &Text, provider: Option<&Text>, year: i16) -> Option<ProjectId> {
        let parts = [name.as_str(), or_empty(provider), &year.to_string()];
        ProjectId::new(&self.ids.short("P", &parts)).ok()
    }

    /// Name, type, base and group of the row's session.
    pub(super) fn which(&mut self) -> Which {
        let name = self.fields.text(Col::Session);
        let session_type = self
            .fields
            .word(Col::SessionType, Words::SessionType, SessionType::from_code);
        Which {
            name,
            session_type: session_type.unwrap_or(SessionType::Training),
            base: self.named_id(Col::Base, "B", BaseId::new),
            group: self.named_id(Col::Group, "G", GroupId::new),
        }
    }

    /// A session is its project, days, name, type, base and group.
    pub(super) fn session_id(&self, project: ProjectId, which: &Which, (from, to): (Date, Date)) -> Option<SessionId> {
        let base = which.base.map(|id| id.to_string()).unwrap_or_default();
        let group = which.group.map(|id| id.to_string()).unwrap_or_default();
        let parts = [
            project.as_str(),
            or_empty(which.name.as_ref()),
            &from.to_string(),
            &to.to_string(),
            &which.session_type.code().to_string(),
            &base,
            &group,
        ];
        SessionId::new(&self.ids.short("S", &parts)).ok()
    }

    /// A base or group by its id, or an id derived from its name.
    pub(super) fn named_id<T>(
        &mut self,
        col: Col,
        prefix: &str,
        new: impl Fn(&str) -> Result<T, IdError>,
    ) -> Option<T> {
        let text = self.fields.text(col)?;
        new(text.as_str())
            .or_else(|_| new(&self.ids.short(prefix, &[text.as_str()])))
            .ok()
    }

    /// A session moves; each move is a fact of its own, and the one recorded last holds.
    pub(super) fn moved(&mut self) -> Option<()> {
        let session_id = self.named_session();
        let from = self.fields.must(Col::NewFrom, Fields::date);
        let to = if self.fields.is_blank(Col::NewTo) {
            from
        } else {
            self.fields.date(Col::NewTo)
        };
        let place = self.fields.text(Col::Place);
        let reason = self.fields.text(Col::Why);
        let (session_id, from, to) = (session_id?, from?, to?);
        let days = [from.to_string(), to.to_string()];
        let event_id = self
            .ids
            .event("session_moved", &[session_id.as_str(), &days[0], &days[1]]);
        let fact = SessionMoved {
            session_id,
            reason,
            place,
        };
        self.add(event_id, from, to, fact);
        Some(())
    }

    /// A session is cancelled once: another day or reason is a correction.
    pub(super) fn cancelled(&mut self) -> Option<()> {
        let session_id = self.named_session();
        let on = self.fields.must(Col::CancelledOn, Fields::date);
        let reason = self.fields.text(Col::Why);
        let (session_id, on) = (session_id?, on?);
        let event_id = self.ids.event("session_cancelled", &[session_id.as_str()]);
        self.add(event_id, on, on, SessionCancelled { session_id, reason });
        Some(())
    }

    /// The session that the row names: by its id, or as the sheet 培训 tells it.
    pub(super) fn named_session(&mut self) -> Option<SessionId> {
        if !self.fields.is_blank(Col::SessionId) {
            return self.fields.id(Col::SessionId, SessionId::new);
        }
        if self.fields.is_blank(Col::Project) {
            self.fields.one_of(&[Col::SessionId, Col::Project]);
            return None;
        }
        let name = self.fields.text(Col::Project);
        let provider = self.fields.text(Col::Provider);
        let year = self.fields.year(Col::Year);
        let (from, to) = self.days();
        let which = self.which();
        let (from, to) = (from?, to?);
        let project = self.project_id(&name?, provider.as_ref(), year.unwrap_or(from.year()))?;
        self.session_id(project, &which, (from, to))
    }
}
