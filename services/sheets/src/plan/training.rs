//! 培训: a row is a project, a session of it, and one person's attendance; 签到: that attendance alone.

use jiff::civil::{Date, date};
use keshi_core::codes::{AttendanceResult, AttendanceRole, Level, Mode};
use keshi_core::event::{AttendanceRecorded, ProjectOpened, SessionHeld};
use keshi_core::hours::Hours;
use keshi_core::ids::{EventId, SessionId};
use keshi_core::text::Text;

use super::draft::Drafting;
use super::fields::Fields;
use crate::columns::{Col, Words};
use crate::problem::Issue;
use crate::read::{Row, Sheet};

impl Drafting<'_, '_> {
    pub(super) fn training(&mut self, sheet: &Sheet, row: &Row) -> Option<()> {
        let teacher_id = self.person(sheet, row);
        let level = self.level();
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
        let event_id = self.attendance_id(&attendance);
        self.add(event_id, from, to, attendance);
        Some(())
    }

    /// Somebody at a session that the ledger knows: the same fact as that of a row of 培训 about that session.
    pub(super) fn attendance(&mut self, sheet: &Sheet, row: &Row) -> Option<()> {
        let teacher_id = self.person(sheet, row);
        let session_id = self.fields.must(Col::SessionId, |f, col| f.id(col, SessionId::new));
        let hours_present = self.fields.must(Col::Hours, Fields::hours);
        let (from, to) = self.days();
        let role = self.fields.word(Col::Role, Words::Role, AttendanceRole::from_code);
        let result = self
            .fields
            .word(Col::Result, Words::Result, AttendanceResult::from_code);
        let (from, to) = (from?, to?);
        let attendance = AttendanceRecorded {
            session_id: session_id?,
            teacher_id: teacher_id?,
            role: role.unwrap_or(AttendanceRole::Learner),
            hours_present: hours_present?,
            result,
        };
        let event_id = self.attendance_id(&attendance);
        self.add(event_id, from, to, attendance);
        Some(())
    }

    /// Somebody is at a session once in each role, whatever sheet says so.
    fn attendance_id(&self, attendance: &AttendanceRecorded) -> EventId {
        let role = attendance.role.code().to_string();
        let parts = [attendance.teacher_id.as_str(), attendance.session_id.as_str(), &role];
        self.ids.event("attendance_recorded", &parts)
    }

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
        let project_id = self.project_id(&name, provider.as_ref(), year.or(from.map(Date::year))?)?;
        Some(ProjectOpened {
            project_id,
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

    /// Its hours stay 0 where the sheet does not say them: two rows of one session must never differ.
    fn session(
        &mut self,
        project: Option<&ProjectOpened>,
        from: Option<Date>,
        to: Option<Date>,
    ) -> Option<SessionHeld> {
        let which = self.which();
        let hours = self.fields.hours(Col::SessionHours);
        let place = self.fields.text(Col::Place);
        let subject = self.fields.text(Col::Subject);
        let doc_no = self.fields.text(Col::DocNo);
        let project_id = project?.project_id;
        let session_id = self.session_id(project_id, &which, (from?, to?))?;
        Some(SessionHeld {
            project_id,
            session_id,
            session_type: which.session_type,
            place,
            hours: hours.unwrap_or(Hours::ZERO),
            subject,
            base: which.base,
            group: which.group,
            doc_no,
        })
    }
}
