//! Projects, sessions, attendance, school-based terms.

use super::Fold;
use crate::event::{
    AttendanceRecorded, Event, OverlapAccepted, ProjectOpened, SchoolBasedTerm, SessionCancelled, SessionHeld,
    SessionMoved,
};
use crate::state::State;
use crate::state::rows::{Accepted, Detail, ProjectDef, SessionDef};

impl Fold for ProjectOpened {
    fn fold(&self, state: &mut State, index: u32, _: &Event) {
        if let Some(project) = state.projects.entry(self.project_id) {
            project.definitions.push(ProjectDef {
                index,
                name: self.name.clone(),
                provider: self.provider.clone(),
                level: self.level,
                mode: self.mode,
                category: self.category.clone(),
                topic: self.topic.clone(),
            });
        }
    }
}

impl Fold for SessionHeld {
    fn fold(&self, state: &mut State, index: u32, event: &Event) {
        let project = state.projects.mention(self.project_id);
        if let Some(session) = state.sessions.entry(self.session_id) {
            session.definitions.push(SessionDef {
                index,
                from: event.from,
                to: event.to,
                project,
                session_type: self.session_type,
                hours: self.hours,
                base: self.base,
            });
        }
    }
}

impl Fold for SessionMoved {
    fn fold(&self, state: &mut State, index: u32, event: &Event) {
        if let Some(session) = state.sessions.entry(self.session_id) {
            session.moves.push((index, event.from, event.to));
        }
    }
}

impl Fold for SessionCancelled {
    fn fold(&self, state: &mut State, index: u32, _: &Event) {
        if let Some(session) = state.sessions.entry(self.session_id) {
            session.cancellations.push(index);
        }
    }
}

impl Fold for AttendanceRecorded {
    fn fold(&self, state: &mut State, index: u32, event: &Event) {
        let centihours = self.hours_present.hundredths().clamp(0, u32::MAX.into());
        let detail = Detail::Attendance {
            session: state.sessions.mention(self.session_id),
            centihours: u32::try_from(centihours).unwrap_or(u32::MAX),
            role: self.role,
            result: self.result,
        };
        state.add(self.teacher_id, index, event, detail);
    }
}

impl Fold for SchoolBasedTerm {
    fn fold(&self, state: &mut State, index: u32, event: &Event) {
        let detail = Detail::SchoolBasedTerm {
            complete: self.plan && self.log && self.reflection,
            semester: state.semesters_named.mention(self.semester),
        };
        state.add(self.teacher_id, index, event, detail);
    }
}

impl Fold for OverlapAccepted {
    fn fold(&self, state: &mut State, index: u32, _: &Event) {
        if let Some(teacher) = state.teachers.entry(self.teacher_id) {
            teacher.accepted.push(Accepted {
                index,
                pair: (self.first_event, self.second_event),
            });
        }
    }
}
