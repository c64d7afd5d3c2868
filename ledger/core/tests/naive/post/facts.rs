//! The core's facts of the plain ones.

use keshi_core::codes::Stage;
use keshi_core::event as core;
use keshi_core::hours::Hours;
use keshi_core::ids::{
    CompetitionId, EventId, OutreachId, PolicyId, ProjectId, RuleId, SchoolId, SemesterId, SessionId, TeacherId,
    TopicId, WorkId,
};
use keshi_core::text::Text;
use uuid::Uuid;

use crate::day::Day;
use crate::facts::{Fact, Ground, Id};

pub fn text(text: &str) -> Text {
    Text::new(text).unwrap()
}

pub fn teacher(id: Id) -> TeacherId {
    TeacherId::new(id).unwrap()
}

fn teachers(ids: &[Id]) -> Vec<TeacherId> {
    ids.iter().map(|id| teacher(id)).collect()
}

pub fn school() -> SchoolId {
    SchoolId::new("S1").unwrap()
}

fn session_id(id: Id) -> SessionId {
    SessionId::new(id).unwrap()
}

fn competition_id(id: Id) -> CompetitionId {
    CompetitionId::new(id).unwrap()
}

fn work_id(id: Id) -> WorkId {
    WorkId::new(id).unwrap()
}

pub fn event_id(id: u128) -> EventId {
    EventId::new(Uuid::from_u128(id))
}

pub fn register(own: &Fact) -> core::Fact {
    match *own {
        Fact::Person {
            teacher: id,
            hired_on,
            career_from,
            rank,
        } => core::Fact::from(core::PersonRegistered {
            teacher_id: teacher(id),
            stage: Stage::Primary,
            subject: None,
            hired_on: hired_on.map(Day::jiff),
            career_from: career_from.map(Day::jiff),
            rank: rank.map(text),
        }),
        Fact::Assignment {
            teacher: id,
            post,
            share,
            until,
        } => core::Fact::from(core::AssignmentStarted {
            teacher_id: teacher(id),
            school_id: Some(school()),
            unit: None,
            post,
            share_hundredths: share,
            until: until.map(Day::jiff),
            nature: None,
        }),
        Fact::AssignmentEnd { teacher: id, started } => core::Fact::from(core::AssignmentEnded {
            teacher_id: teacher(id),
            started_event: event_id(started),
        }),
        Fact::Title {
            teacher: id,
            class,
            level,
            valid_to,
        } => core::Fact::from(core::TitleConferred {
            teacher_id: teacher(id),
            class,
            level,
            doc_no: None,
            valid_to: valid_to.map(Day::jiff),
        }),
        _ => of_title(own),
    }
}

fn of_title(own: &Fact) -> core::Fact {
    match *own {
        Fact::Renewed {
            teacher: id,
            title,
            valid_to,
        } => core::Fact::from(core::TitleRenewed {
            teacher_id: teacher(id),
            title_event: event_id(title),
            doc_no: None,
            valid_to: valid_to.map(Day::jiff),
        }),
        Fact::Withdrawn { teacher: id, title } => core::Fact::from(core::TitleWithdrawn {
            teacher_id: teacher(id),
            title_event: event_id(title),
            reason: text("考核不合格"),
            doc_no: None,
        }),
        Fact::Recommended { teacher: id, from, to } => {
            let (from_comp, from_title) = match from {
                Ground::Competition(id) => (Some(competition_id(id)), None),
                Ground::Title(id) => (None, Some(event_id(id))),
            };
            core::Fact::from(core::Recommended {
                teacher_id: teacher(id),
                from_comp,
                from_title,
                to_level: to,
            })
        }
        Fact::Candidate {
            teacher: id,
            class,
            level,
            until,
        } => core::Fact::from(core::CandidateChosen {
            teacher_id: teacher(id),
            class,
            level,
            doc_no: None,
            until: until.map(Day::jiff),
        }),
        _ => unreachable!(),
    }
}

pub fn work(own: &Fact) -> core::Fact {
    match own {
        Fact::Topic {
            topic,
            level,
            leads,
            members,
            result,
        } => core::Fact::from(core::TopicConcluded {
            topic_id: TopicId::new(topic).unwrap(),
            name: None,
            level: *level,
            lead_ids: teachers(leads),
            member_ids: teachers(members),
            result: result.map(text),
        }),
        Fact::Published {
            work,
            kind,
            level,
            authors,
        } => core::Fact::from(core::WorkPublished {
            work_id: work_id(work),
            work_kind: text(kind),
            level: *level,
            title: None,
            author_ids: teachers(authors),
        }),
        Fact::Awarded {
            work,
            level,
            award,
            authors,
        } => core::Fact::from(core::WorkAwarded {
            work_id: work_id(work),
            title: None,
            level: *level,
            award: *award,
            author_ids: teachers(authors),
            contest: None,
        }),
        Fact::Exemption {
            teacher: id,
            rule,
            policy,
            reduce_by,
        } => core::Fact::from(core::ExemptionGranted {
            teacher_id: teacher(id),
            rule_id: RuleId::new(rule).unwrap(),
            policy_id: policy.map(|policy| PolicyId::new(policy).unwrap()),
            reduce_by: Hours::from_hundredths(*reduce_by),
            reason: text("病假"),
        }),
        _ => unreachable!(),
    }
}

pub fn training(id: u128, own: &Fact) -> core::Fact {
    match own {
        Fact::Project {
            project,
            level,
            mode,
            category,
            topic,
        } => core::Fact::from(core::ProjectOpened {
            project_id: ProjectId::new(project).unwrap(),
            name: text("国培计划"),
            provider: None,
            level: *level,
            mode: *mode,
            category: category.map(text),
            topic: topic.map(text),
            planned_hours: Hours::ZERO,
            assessed: false,
        }),
        Fact::Session {
            session,
            project,
            kind,
            hours,
        } => core::Fact::from(core::SessionHeld {
            project_id: ProjectId::new(project).unwrap(),
            session_id: session_id(session),
            session_type: *kind,
            place: None,
            hours: Hours::from_hundredths(*hours),
            subject: None,
            base: None,
            group: None,
            doc_no: None,
        }),
        Fact::Cancelled { session } => core::Fact::from(core::SessionCancelled {
            session_id: session_id(session),
            reason: None,
        }),
        Fact::Competition { competition, level } => core::Fact::from(core::CompetitionHeld {
            comp_id: competition_id(competition),
            name: text("教学能手评选"),
            level: *level,
            organiser: None,
            edition: None,
        }),
        other => deed(id, other),
    }
}

fn deed(id: u128, own: &Fact) -> core::Fact {
    match own {
        Fact::Attendance {
            session,
            teacher: who,
            role,
            present,
            result,
        } => core::Fact::from(core::AttendanceRecorded {
            session_id: session_id(session),
            teacher_id: teacher(who),
            role: *role,
            hours_present: Hours::from_hundredths(*present),
            result: *result,
        }),
        Fact::Outreach { deliveries } => core::Fact::from(core::OutreachDelivered {
            outreach_id: OutreachId::new(&format!("O{}", id % 100_000)).unwrap(),
            from_org: None,
            to_school: school(),
            deliveries: deliveries
                .iter()
                .map(|delivery| core::Delivery {
                    teacher_id: teacher(delivery.teacher),
                    lessons: delivery.lessons,
                    talks: delivery.talks,
                })
                .collect(),
            listeners: 0,
            requested_by_school: false,
            unattributed_lessons: 0,
            unattributed_talks: 0,
        }),
        Fact::LessonGiven {
            teacher: who,
            kind,
            level,
            periods,
            session,
        } => core::Fact::from(core::LessonGiven {
            teacher_id: teacher(who),
            lesson_type: *kind,
            level: *level,
            school_id: None,
            subject: None,
            periods: *periods,
            listeners: 0,
            session_id: session.map(session_id),
        }),
        Fact::LessonObserved { teacher: who, periods } => core::Fact::from(core::LessonObserved {
            observer_id: teacher(who),
            teacher_id: None,
            school_id: school(),
            periods: *periods,
            comment_given: false,
        }),
        Fact::Visit { teacher: who } => core::Fact::from(core::SchoolVisit {
            researcher_id: teacher(who),
            school_id: school(),
            purpose: None,
        }),
        Fact::Award {
            competition,
            teacher: who,
            award,
            role,
            work,
        } => core::Fact::from(core::AwardGiven {
            comp_id: competition_id(competition),
            teacher_id: teacher(who),
            award: *award,
            rank_no: None,
            role: *role,
            work_id: work.map(work_id),
        }),
        Fact::SchoolTerm {
            teacher: who,
            semester,
            plan,
            log,
            reflection,
        } => core::Fact::from(core::SchoolBasedTerm {
            teacher_id: teacher(who),
            school_id: school(),
            semester: SemesterId::new(semester).unwrap(),
            plan: *plan,
            log: *log,
            reflection: *reflection,
        }),
        _ => unreachable!(),
    }
}
