//! 培训: a row is a project, a session of it, and one person's attendance.

use jiff::civil::{Date, date};
use keshi_core::codes::{AttendanceResult, AttendanceRole, Level, Mode, SessionType};
use keshi_core::event::{AttendanceRecorded, ProjectOpened, SessionHeld};
use keshi_core::hours::Hours;
use keshi_core::ids::{BaseId, GroupId, ProjectId, SessionId};
use keshi_core::text::Text;

use super::draft::Drafting;
use super::fields::Fields;
use crate::columns::{Col, Words};
use crate::problem::Issue;
use crate::read::{Row, Sheet};

fn or_empty(text: Option<&Text>) -> &str {
    text.map_or("", Text::as_str)
}

impl Drafting<'_, '_> {
    pub(super) fn training(&mut self, sheet: &Sheet, row: &Row) -> Option<()> {
        let teacher_id = self.person(sheet, row);
        let level = self
            .fields
            .must(Col::Level, |f, col| f.word(col, Words::Level, Level::from_code));
        let name = self.fields.must(Col::Project, Fields::text);
        let hours_present = self.fields.must(Col::Hours, Fields::hours);
        if let Some(credits) = self.fields.hours(Col::Credits)
            && credits < Hours::ZERO
        {
            self.fields.note(Col::Credits, Issue::NotANumber);
        }
        let (from, to) = self.days();
        let year = self.fields.year(Col::Year);
        let role = self.fields.word(Col::Role, Words::Role, AttendanceRole::from_code);
        let result = self
            .fields
            .word(Col::Result, Words::Result, AttendanceResult::from_code);
        let project = self.project(level, name, year, from);
        let session = self.session(project.as_ref(), from, to);
        let (project, session) = (project?, session?);
        let (from, to) = (from?, to?);
        let attendance = AttendanceRecorded {
            session_id: session.session_id,
            teacher_id: teacher_id?,
            role: role.unwrap_or(AttendanceRole::Learner),
            hours_present: hours_present?,
            result,
        };
        let opened = date(year.unwrap_or(from.year()), 1, 1);
        let event_id = self.ids.event("project_opened", &[project.project_id.as_str()]);
        self.add(event_id, opened, opened, project);
        let event_id = self.ids.event("session_held", &[session.session_id.as_str()]);
        self.add(event_id, from, to, session);
        let role = attendance.role.code().to_string();
        let parts = [attendance.teacher_id.as_str(), attendance.session_id.as_str(), &role];
        let event_id = self.ids.event("attendance_recorded", &parts);
        self.add(event_id, from, to, attendance);
        Some(())
    }

    /// A project is its name, provider and year: next year's of the same name is another.
    fn project(
        &mut self,
        level: Option<Level>,
        name: Option<Text>,
        year: Option<i16>,
        from: Option<Date>,
    ) -> Option<ProjectOpened> {
        let provider = self.fields.text(Col::Provider);
        let mode = self.fields.word(Col::Mode, Words::Mode, Mode::from_code);
        let category = self.fields.text(Col::Category);
        let topic = self.fields.text(Col::Topic);
        let planned_hours = self.fields.hours(Col::PlannedHours);
        let assessed = self.fields.yes(Col::Assessed);
        let (name, level) = (name?, level?);
        let year = year.or(from.map(Date::year))?.to_string();
        let id = self
            .ids
            .short("P", &[name.as_str(), or_empty(provider.as_ref()), &year]);
        Some(ProjectOpened {
            project_id: ProjectId::new(&id).ok()?,
            name,
            provider,
            level,
            mode: mode.unwrap_or(Mode::Other),
            category,
            topic,
            planned_hours: planned_hours.unwrap_or(Hours::ZERO),
            assessed,
        })
    }

    /// A session is its project, days, name, type, base and group. Its hours stay 0 where the sheet does not say them:
    /// two rows of one session must never differ.
    fn session(
        &mut self,
        project: Option<&ProjectOpened>,
        from: Option<Date>,
        to: Option<Date>,
    ) -> Option<SessionHeld> {
        let name = self.fields.text(Col::Session);
        let session_type = self
            .fields
            .word(Col::SessionType, Words::SessionType, SessionType::from_code);
        let session_type = session_type.unwrap_or(SessionType::Training);
        let hours = self.fields.hours(Col::SessionHours);
        let place = self.fields.text(Col::Place);
        let subject = self.fields.text(Col::Subject);
        let doc_no = self.fields.text(Col::DocNo);
        let base = self.named_id(Col::Base, "B", BaseId::new);
        let group = self.named_id(Col::Group, "G", GroupId::new);
        let project_id = project?.project_id;
        let base_part = base.map(|id| id.to_string()).unwrap_or_default();
        let group_part = group.map(|id| id.to_string()).unwrap_or_default();
        let days = (from?.to_string(), to?.to_string());
        let kind = session_type.code().to_string();
        let name = or_empty(name.as_ref());
        let parts = [
            project_id.as_str(),
            name,
            &days.0,
            &days.1,
            &kind,
            &base_part,
            &group_part,
        ];
        let id = self.ids.short("S", &parts);
        Some(SessionHeld {
            project_id,
            session_id: SessionId::new(&id).ok()?,
            session_type,
            place,
            hours: hours.unwrap_or(Hours::ZERO),
            subject,
            base,
            group,
            doc_no,
        })
    }

    /// A base or group by its id, or an id derived from its name.
    pub(super) fn named_id<T>(
        &mut self,
        col: Col,
        prefix: &str,
        new: impl Fn(&str) -> Result<T, keshi_core::ids::IdError>,
    ) -> Option<T> {
        let text = self.fields.text(col)?;
        new(text.as_str())
            .or_else(|_| new(&self.ids.short(prefix, &[text.as_str()])))
            .ok()
    }
}
