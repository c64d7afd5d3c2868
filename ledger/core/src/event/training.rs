//! Training: projects, sessions, attendance, school-based terms.

use super::kind::{Checked, Found, kinds};
use super::{Event, LEAST};
use crate::codes::{AttendanceResult, AttendanceRole, Level, Mode, SessionType};
use crate::hours::Hours;
use crate::ids::{BaseId, EventId, GroupId, ProjectId, SchoolId, SemesterId, SessionId, TeacherId};
use crate::text::Text;
use crate::violation::Problem;

kinds! {
    /// A training project opens.
    ProjectOpened "project_opened" "培训立项" { voidable: true, correctable: true, may_lie_ahead: false, credits: false } {
        /// The project.
        project_id: ProjectId => NewProject,
        /// 培训项目名称
        name: Text => Text,
        /// 培训机构名称
        provider: Option<Text> => Text,
        /// 培训类别
        level: Level => Value,
        /// 培训方式
        mode: Mode => Value,
        /// 必修, 选修, 线上, …
        category: Option<Text> => Text,
        /// 师德, 班主任, 学科, …
        topic: Option<Text> => Text,
        /// Planned hours.
        planned_hours: Hours => Value,
        /// Whether it ends in an assessment.
        assessed: bool => Value,
    }
    /// A session of a project took place.
    SessionHeld "session_held" "场次" { voidable: true, correctable: true, may_lie_ahead: false, credits: false } {
        /// The project.
        project_id: ProjectId => Project,
        /// The session.
        session_id: SessionId => NewSession,
        /// 类型
        session_type: SessionType => Value,
        /// Where.
        place: Option<Text> => Text,
        /// Its length.
        hours: Hours => Value,
        /// 学科
        subject: Option<Text> => Text,
        /// 学科基地
        base: Option<BaseId> => Unit,
        /// 片区
        group: Option<GroupId> => Name,
        /// 发文字号
        doc_no: Option<Text> => Text,
    }
    /// A session moves to the event's dates; attendance keeps its own.
    SessionMoved "session_moved" "改期" { voidable: true, correctable: true, may_lie_ahead: true, credits: false } {
        /// The session.
        session_id: SessionId => Session,
        /// Why.
        reason: Option<Text> => Text,
        /// New place.
        place: Option<Text> => Text,
    }
    /// A session is cancelled; attendance at it loses effect.
    SessionCancelled "session_cancelled" "取消" { voidable: true, correctable: true, may_lie_ahead: false, credits: false } {
        /// The session.
        session_id: SessionId => Session,
        /// Why.
        reason: Option<Text> => Text,
    }
    /// One person was at one session.
    AttendanceRecorded "attendance_recorded" "出勤" { voidable: true, correctable: true, may_lie_ahead: false, credits: true } {
        /// The session.
        session_id: SessionId => Session,
        /// The person.
        teacher_id: TeacherId => Subject,
        /// As what.
        role: AttendanceRole => Value,
        /// Hours present: above zero, at most 24 for each day.
        hours_present: Hours => Value,
        /// 考核结果
        result: Option<AttendanceResult> => Value,
    }
    /// A teacher did a semester of school-based training.
    SchoolBasedTerm "school_based_term" "校本研修学期" { voidable: true, correctable: true, may_lie_ahead: false, credits: true } {
        /// The teacher.
        teacher_id: TeacherId => Subject,
        /// The school.
        school_id: SchoolId => Home,
        /// The semester, like `2022-2023-1`.
        semester: SemesterId => Name,
        /// Whether the plan is on file.
        plan: bool => Value,
        /// Whether the log is on file.
        log: bool => Value,
        /// Whether the reflection is on file.
        reflection: bool => Value,
    }
    /// Somebody of the county looked at two entries that might be one course posted twice, and both are right.
    OverlapAccepted "overlap_accepted" "重复已核" { voidable: true, correctable: false, may_lie_ahead: false, credits: false } {
        /// Whose entries they are.
        teacher_id: TeacherId => Subject,
        /// The one.
        first_event: EventId => Claimed,
        /// The other.
        second_event: EventId => Claimed,
        /// The reviewer's person.
        reviewer: TeacherId => Teacher,
        /// How it was found that both are right.
        reason: Text => Text,
    }
}

impl Checked for ProjectOpened {
    fn check(&self, _: &Event, found: &mut Found) {
        found.range("planned_hours", self.planned_hours, Hours::ZERO, Hours::whole(100_000));
    }
}

impl Checked for SessionHeld {
    fn check(&self, event: &Event, found: &mut Found) {
        found.hours("hours", self.hours, Hours::ZERO, event);
    }
}

impl Checked for SessionMoved {
    fn check(&self, _: &Event, _: &mut Found) {}
}

impl Checked for SessionCancelled {
    fn check(&self, _: &Event, _: &mut Found) {}
}

impl Checked for AttendanceRecorded {
    fn check(&self, event: &Event, found: &mut Found) {
        found.hours("hours_present", self.hours_present, LEAST, event);
    }
}

impl Checked for SchoolBasedTerm {
    fn check(&self, _: &Event, found: &mut Found) {
        found.semester("semester", self.semester);
    }
}

impl Checked for OverlapAccepted {
    fn check(&self, _: &Event, found: &mut Found) {
        if self.first_event == self.second_event {
            found.add("second_event", self.second_event, Problem::Repeated);
        }
    }
}
