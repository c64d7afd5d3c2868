//! Facts with their usual values, so that a test names only what it is about.

use jiff::civil::Date;
use keshi_core::codes::{
    AttendanceResult, AttendanceRole, Award, AwardRole, LessonType, Level, Mode, Post, SessionType, Stage, TitleClass,
};
use keshi_core::event::{
    AssignmentEnded, AssignmentStarted, AttendanceRecorded, AwardGiven, CandidateChosen, CompetitionHeld, Delivery,
    EntryVoided, Event, ExemptionGranted, Fact, LessonGiven, LessonObserved, OutreachDelivered, PersonRegistered,
    ProjectOpened, Recommended, SchoolBasedTerm, SchoolRegistered, SchoolVisit, SessionCancelled, SessionHeld,
    TitleConferred, TitleRenewed, TitleWithdrawn, TopicConcluded,
};
use keshi_core::hours::Hours;
use keshi_core::ids::{
    CompetitionId, EventId, OutreachId, ProjectId, RuleId, SchoolId, SemesterId, SessionId, TeacherId, TopicId, WorkId,
};
use keshi_core::text::Text;

use super::{day, on};

pub fn text(text: &str) -> Text {
    Text::new(text).unwrap()
}

pub fn teacher(id: &str) -> TeacherId {
    TeacherId::new(id).unwrap()
}

pub fn school(id: &str) -> SchoolId {
    SchoolId::new(id).unwrap()
}

pub fn session_id(id: &str) -> SessionId {
    SessionId::new(id).unwrap()
}

/// Two schools and four teachers; `T1` has served since 2010.
pub fn county() -> Vec<Event> {
    let mut events = vec![
        on(1, "2010-01-01", school_registered("S1", "第一小学")),
        on(2, "2010-01-01", school_registered("S2", "第二小学")),
    ];
    for (number, id) in (11..).zip(["T1", "T2", "T3", "T4"]) {
        events.push(on(number, "2010-01-01", person(id)));
    }
    events
}

pub fn school_registered(id: &str, name: &str) -> Fact {
    let fact = SchoolRegistered {
        school_id: school(id),
        name: text(name),
        stage: Stage::Primary,
        township: None,
        group: None,
    };
    fact.into()
}

pub fn person(id: &str) -> Fact {
    let fact = PersonRegistered {
        teacher_id: teacher(id),
        stage: Stage::Primary,
        subject: None,
        hired_on: None,
        career_from: Some(day("2010-09-01")),
        rank: None,
    };
    fact.into()
}

pub fn assigned(id: &str, post: Post, at: Option<&str>) -> Fact {
    let fact = AssignmentStarted {
        teacher_id: teacher(id),
        school_id: at.map(school),
        unit: None,
        post,
        share_hundredths: 100,
        until: None,
        nature: None,
    };
    fact.into()
}

pub fn assignment_ended(id: &str, started_event: EventId) -> Fact {
    let fact = AssignmentEnded {
        teacher_id: teacher(id),
        started_event,
    };
    fact.into()
}

pub fn project(id: &str, name: &str) -> Fact {
    let fact = ProjectOpened {
        project_id: ProjectId::new(id).unwrap(),
        name: text(name),
        provider: None,
        level: Level::County,
        mode: Mode::FaceToFace,
        category: None,
        topic: None,
        planned_hours: Hours::ZERO,
        assessed: false,
    };
    fact.into()
}

pub fn session(id: &str, project: &str) -> Fact {
    let fact = SessionHeld {
        project_id: ProjectId::new(project).unwrap(),
        session_id: session_id(id),
        session_type: SessionType::Training,
        place: None,
        hours: Hours::whole(6),
        subject: None,
        base: None,
        group: None,
        doc_no: None,
    };
    fact.into()
}

pub fn cancelled(id: &str) -> Fact {
    let fact = SessionCancelled {
        session_id: session_id(id),
        reason: None,
    };
    fact.into()
}

pub fn attended(teacher_id: &str, session: &str, hours: &str) -> Fact {
    attended_as(teacher_id, session, hours, AttendanceRole::Learner, None)
}

pub fn attended_as(
    teacher_id: &str,
    session: &str,
    hours: &str,
    role: AttendanceRole,
    result: Option<AttendanceResult>,
) -> Fact {
    let fact = AttendanceRecorded {
        session_id: session_id(session),
        teacher_id: teacher(teacher_id),
        role,
        hours_present: super::hours(hours),
        result,
    };
    fact.into()
}

pub fn outreach(to: &str, deliveries: &[(&str, u16, u16)]) -> Fact {
    let delivery = |&(id, lessons, talks): &(&str, u16, u16)| Delivery {
        teacher_id: teacher(id),
        lessons,
        talks,
    };
    let fact = OutreachDelivered {
        outreach_id: OutreachId::new("O1").unwrap(),
        from_org: None,
        to_school: school(to),
        deliveries: deliveries.iter().map(delivery).collect(),
        listeners: 0,
        requested_by_school: false,
        unattributed_lessons: 0,
        unattributed_talks: 0,
    };
    fact.into()
}

pub fn lesson(id: &str, lesson_type: LessonType, periods: u16, session: Option<&str>) -> Fact {
    let fact = LessonGiven {
        teacher_id: teacher(id),
        lesson_type,
        level: Level::County,
        school_id: None,
        subject: None,
        periods,
        listeners: 0,
        session_id: session.map(session_id),
    };
    fact.into()
}

pub fn observed(id: &str, at: &str, periods: u16) -> Fact {
    let fact = LessonObserved {
        observer_id: teacher(id),
        teacher_id: None,
        school_id: school(at),
        periods,
        comment_given: false,
    };
    fact.into()
}

pub fn visit(id: &str, at: &str) -> Fact {
    let fact = SchoolVisit {
        researcher_id: teacher(id),
        school_id: school(at),
        purpose: None,
    };
    fact.into()
}

pub fn competition(id: &str) -> Fact {
    let fact = CompetitionHeld {
        comp_id: CompetitionId::new(id).unwrap(),
        name: text("教学能手评选"),
        level: Level::County,
        organiser: None,
        edition: None,
    };
    fact.into()
}

pub fn award(id: &str, comp: &str, role: AwardRole) -> Fact {
    let fact = AwardGiven {
        comp_id: CompetitionId::new(comp).unwrap(),
        teacher_id: teacher(id),
        award: Award::First,
        rank_no: None,
        role,
        work_id: None,
    };
    fact.into()
}

pub fn recommended(id: &str, comp: Option<&str>, title: Option<EventId>, to_level: Level) -> Fact {
    let fact = Recommended {
        teacher_id: teacher(id),
        from_comp: comp.map(|comp| CompetitionId::new(comp).unwrap()),
        from_title: title,
        to_level,
    };
    fact.into()
}

pub fn title(id: &str, class: TitleClass, level: Level) -> Fact {
    let fact = TitleConferred {
        teacher_id: teacher(id),
        class,
        level,
        doc_no: None,
        valid_to: None,
    };
    fact.into()
}

pub fn candidate(id: &str, class: TitleClass, level: Level) -> Fact {
    let fact = CandidateChosen {
        teacher_id: teacher(id),
        class,
        level,
        doc_no: None,
        until: None,
    };
    fact.into()
}

pub fn renewed(id: &str, title_event: EventId, valid_to: Option<Date>) -> Fact {
    let fact = TitleRenewed {
        teacher_id: teacher(id),
        title_event,
        doc_no: None,
        valid_to,
    };
    fact.into()
}

pub fn withdrawn(id: &str, title_event: EventId) -> Fact {
    let fact = TitleWithdrawn {
        teacher_id: teacher(id),
        title_event,
        reason: text("弄虚作假"),
        doc_no: None,
    };
    fact.into()
}

pub fn void(target_event: EventId) -> Fact {
    let fact = EntryVoided {
        target_event,
        reason: text("误报"),
        authorised_by: None,
    };
    fact.into()
}

pub fn lesson_at(id: &str, level: Level, periods: u16) -> Fact {
    let Fact::LessonGiven(lesson) = lesson(id, LessonType::Open, periods, None) else {
        unreachable!()
    };
    LessonGiven { level, ..lesson }.into()
}

/// A prize for a work.
pub fn award_for(id: &str, comp: &str, award: Award, work: &str) -> Fact {
    let Fact::AwardGiven(given) = self::award(id, comp, AwardRole::Oneself) else {
        unreachable!()
    };
    let work_id = Some(WorkId::new(work).unwrap());
    AwardGiven {
        award,
        work_id,
        ..given
    }
    .into()
}

pub fn competition_at(id: &str, level: Level) -> Fact {
    let Fact::CompetitionHeld(held) = competition(id) else {
        unreachable!()
    };
    CompetitionHeld { level, ..held }.into()
}

/// A semester of school-based training, with everything on file.
pub fn school_term(id: &str, semester: &str) -> Fact {
    let fact = SchoolBasedTerm {
        teacher_id: teacher(id),
        school_id: school("S1"),
        semester: SemesterId::new(semester).unwrap(),
        plan: true,
        log: true,
        reflection: true,
    };
    fact.into()
}

pub fn topic(id: &str, level: Level, leads: &[&str], members: &[&str]) -> Fact {
    let all = |ids: &[&str]| ids.iter().map(|id| teacher(id)).collect();
    let fact = TopicConcluded {
        topic_id: TopicId::new(id).unwrap(),
        name: None,
        level,
        lead_ids: all(leads),
        member_ids: all(members),
        result: None,
    };
    fact.into()
}

pub fn exemption(id: &str, rule: &str, reduce_by: &str) -> Fact {
    let fact = ExemptionGranted {
        teacher_id: teacher(id),
        rule_id: RuleId::new(rule).unwrap(),
        policy_id: None,
        reduce_by: super::hours(reduce_by),
        reason: text("产假"),
    };
    fact.into()
}

pub fn project_at(id: &str, level: Level) -> Fact {
    let Fact::ProjectOpened(opened) = project(id, id) else {
        unreachable!()
    };
    ProjectOpened { level, ..opened }.into()
}

pub fn session_as(id: &str, project: &str, session_type: SessionType, hours: &str) -> Fact {
    let Fact::SessionHeld(held) = session(id, project) else {
        unreachable!()
    };
    let hours = super::hours(hours);
    SessionHeld {
        session_type,
        hours,
        ..held
    }
    .into()
}
