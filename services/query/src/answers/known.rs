//! Whose entries these are: asked before something is done to them.

use std::sync::Arc;

use jiff::civil::Date;
use keshi_core::codes::Level;
use keshi_core::entry::Posted;
use keshi_core::event::Fact;
use keshi_core::ids::{ClaimId, EventId, FindingId, InspectionId, ProjectId, QuestionId, SessionId, TeacherId};
use keshi_core::state::ClaimView;
use keshi_door::Fault;
use keshi_door::whose::is_placed_elsewhere;
use keshi_engine::Engine;
use keshi_proto::log::{Known, KnownAnswer, KnownQuestion};
use keshi_proto::{date_from_wire, date_to_wire};
use uuid::Uuid;

use super::Reply;
use super::people::belongs;
use crate::Context;
use crate::error::Error;
use crate::place::blocking;

impl Context {
    pub(super) async fn known(self: &Arc<Self>, question: KnownQuestion) -> Reply<KnownAnswer> {
        let (engine, people) = (self.engine.clone(), Arc::clone(&self.parts.people));
        let answer = blocking(move || {
            let merging = question.merging.iter();
            let erased = merging.filter_map(|id| match people.erased_at(id) {
                Ok(at) => at.map(|_| Ok(id.clone())),
                Err(error) => Some(Err(Error::People(error))),
            });
            let erased = erased.collect::<Result<Vec<_>, Error>>()?;
            Ok(KnownAnswer {
                erased,
                ..answer(&engine, &question)?
            })
        });
        let answer = answer.await.and_then(|answer| answer);
        answer.map_err(Fault::from)
    }
}

fn answer(engine: &Engine, question: &KnownQuestion) -> Result<KnownAnswer, Error> {
    let events: Vec<Option<u64>> = engine.query(|at| {
        let index = |id: &bytes::Bytes| at.index_of(EventId::new(Uuid::from_slice(id).ok()?));
        question.event_ids.iter().map(index).collect()
    });
    let sessions: Vec<Option<(u64, String, i32)>> = engine.query(|at| {
        let session = |id: &String| {
            let session = at.session(&SessionId::new(id).ok()?)?;
            let base = session.base.map_or_else(String::new, |base| base.to_string());
            Some((session.index, base, session.level.map_or(0, Level::code)))
        };
        question.session_ids.iter().map(session).collect()
    });
    let events = events
        .into_iter()
        .map(|index| index.map_or_else(|| Ok(Known::default()), |index| known(engine, index, &question.school)));
    let sessions = sessions.into_iter().map(|session| match session {
        None => Ok(Known::default()),
        Some((index, base, level)) => Ok(Known {
            base,
            level,
            ..known(engine, index, &question.school)?
        }),
    });
    let today = question.today.as_ref().and_then(date_from_wire);
    let teachers = question
        .teacher_ids
        .iter()
        .map(|id| teacher(engine, id, &question.school, today));
    let projects = engine.query(|at| {
        let level = |id: &String| at.project_level(&ProjectId::new(id).ok()?);
        let project = |id| {
            let level = level(id);
            Known {
                recorded: level.is_some(),
                level: level.map_or(0, Level::code),
                ..Known::default()
            }
        };
        question.project_ids.iter().map(project).collect()
    });
    let claims = engine.query(|at| {
        let claim = |id: &String| {
            let claim = ClaimId::new(id).ok().and_then(|id| at.claim(&id));
            let teacher = claim.as_ref().and_then(ClaimView::teacher_id);
            Known {
                recorded: claim.is_some(),
                stage: claim.map_or(0, |claim| claim.stage.code()),
                about: teacher.iter().map(ToString::to_string).collect(),
                ..Known::default()
            }
        };
        question.claim_ids.iter().map(claim).collect()
    });
    let questions = engine.query(|at| {
        let subject = |id: &String| at.question_subject(&QuestionId::new(id).ok()?);
        let asked = |id| {
            let subject = subject(id);
            Known {
                recorded: subject.is_some(),
                subject: subject.map_or_else(String::new, ToString::to_string),
                ..Known::default()
            }
        };
        question.question_ids.iter().map(asked).collect()
    });
    let (inspections, findings) = engine.query(|at| {
        let known = |inspectors: Option<Vec<TeacherId>>| Known {
            recorded: inspectors.is_some(),
            about: inspectors.iter().flatten().map(ToString::to_string).collect(),
            ..Known::default()
        };
        let inspection = |id: &String| known(InspectionId::new(id).ok().and_then(|id| at.inspectors(&id)));
        let of_finding = |id: &String| at.inspectors(&at.inspection_of(&FindingId::new(id).ok()?)?);
        let finding = |id: &String| known(of_finding(id));
        (
            question.inspection_ids.iter().map(inspection).collect(),
            question.finding_ids.iter().map(finding).collect(),
        )
    });
    let publicity_from = question.publicity_from.as_ref().and_then(date_from_wire);
    let publicity_to = publicity_from.and_then(|from| {
        engine.query(|at| {
            let days = at.review_rules(today.unwrap_or(from)).publicity_days;
            at.working_day_after(from, days).ok()
        })
    });
    let caller_ids = engine.query(|at| {
        let own = TeacherId::new(&question.caller_id).ok();
        let merged = own.and_then(|own| Some((own, at.merged(&own)?)));
        merged.map_or_else(Vec::new, |(own, merged)| {
            let ids = std::iter::once(merged.kept).chain(merged.others);
            ids.filter(|id| *id != own).map(|id| id.to_string()).collect()
        })
    });
    Ok(KnownAnswer {
        erased: Vec::new(),
        caller_ids,
        publicity_to: publicity_to.map(date_to_wire),
        claims,
        questions,
        inspections,
        findings,
        projects,
        teachers: teachers.collect::<Result<_, Error>>()?,
        events: events.collect::<Result<_, Error>>()?,
        sessions: sessions.collect::<Result<_, Error>>()?,
    })
}

fn teacher(engine: &Engine, id: &str, school: &str, today: Option<Date>) -> Result<Known, Error> {
    let Ok(id) = TeacherId::new(id) else {
        return Ok(Known::default());
    };
    let belongs = belongs(engine, &id, school)?;
    let of = if belongs == Some(true) { school } else { "" };
    Ok(Known {
        recorded: belongs.is_some(),
        school: of.to_owned(),
        placed_elsewhere: engine.query(|at| is_placed_elsewhere(at, &id, school, today)),
        ..Known::default()
    })
}

fn known(engine: &Engine, index: u64, asker: &str) -> Result<Known, Error> {
    let Some(stored) = engine.entry(index)? else {
        return Ok(Known::default());
    };
    let poster = stored.entry.poster.to_string();
    let Posted::Event(event) = stored.entry.posted else {
        return Ok(Known::default());
    };
    let school = match &event.fact {
        Fact::AssignmentStarted(start) => start.school_id,
        Fact::SchoolRegistered(_)
        | Fact::SchoolClosed(_)
        | Fact::SchoolsMerged(_)
        | Fact::PersonRegistered(_)
        | Fact::AssignmentEnded(_)
        | Fact::CalendarAdopted(_)
        | Fact::ProjectOpened(_)
        | Fact::SessionHeld(_)
        | Fact::SessionMoved(_)
        | Fact::SessionCancelled(_)
        | Fact::AttendanceRecorded(_)
        | Fact::OutreachDelivered(_)
        | Fact::LessonGiven(_)
        | Fact::LessonObserved(_)
        | Fact::SchoolVisit(_)
        | Fact::CompetitionHeld(_)
        | Fact::EntryMade(_)
        | Fact::AwardGiven(_)
        | Fact::Recommended(_)
        | Fact::TitleConferred(_)
        | Fact::CandidateChosen(_)
        | Fact::GroupFormed(_)
        | Fact::BaseFormed(_)
        | Fact::StudioFormed(_)
        | Fact::SchoolLinked(_)
        | Fact::ExpertPooled(_)
        | Fact::QuestionSent(_)
        | Fact::QuestionsJoined(_)
        | Fact::QuestionPlanned(_)
        | Fact::AnswerRated(_)
        | Fact::InspectionHeld(_)
        | Fact::FindingMade(_)
        | Fact::FindingChecked(_)
        | Fact::OverlapAccepted(_)
        | Fact::PersonsMerged(_)
        | Fact::MergeReversed(_)
        | Fact::TitleRenewed(_)
        | Fact::TitleWithdrawn(_)
        | Fact::EntryVoided(_)
        | Fact::PolicyAdopted(_)
        | Fact::DocumentPart(_)
        | Fact::HistoricalLoadOpened(_)
        | Fact::HistoricalLoadClosed(_)
        | Fact::SchoolBasedTerm(_)
        | Fact::TopicApproved(_)
        | Fact::TopicOpened(_)
        | Fact::TopicChecked(_)
        | Fact::TopicConcluded(_)
        | Fact::WorkPublished(_)
        | Fact::WorkAwarded(_)
        | Fact::ExemptionGranted(_)
        | Fact::FigureNoted(_)
        | Fact::FiguresAdopted(_)
        | Fact::YearClosed(_)
        | Fact::YearRestated(_)
        | Fact::ClockCorrected(_)
        | Fact::Mentoring(_)
        | Fact::CertificateIssued(_)
        | Fact::CertificateReissued(_)
        | Fact::CertificateVoided(_)
        | Fact::ClaimSubmitted(_)
        | Fact::ClaimSchoolChecked(_)
        | Fact::ClaimCountyChecked(_)
        | Fact::ClaimReturned(_)
        | Fact::ClaimRejected(_)
        | Fact::ClaimCredited(_)
        | Fact::PublicityOpened(_)
        | Fact::ObjectionRaised(_)
        | Fact::ObjectionDecided(_)
        | Fact::PublicityEnded(_) => event.org,
    };
    let about = event.fact.subjects();
    let mut about_school_only = !about.is_empty() && !asker.is_empty();
    for id in &about {
        about_school_only = about_school_only && belongs(engine, id, asker)? == Some(true);
    }
    Ok(Known {
        recorded: true,
        about: about.iter().map(ToString::to_string).collect(),
        about_school_only,
        poster,
        school: school.map_or_else(String::new, |school| school.to_string()),
        base: String::new(),
        occurred_from: Some(date_to_wire(event.from)),
        occurred_to: Some(date_to_wire(event.to)),
        placed_elsewhere: false,
        level: 0,
        stage: 0,
        claimed: engine.query(|at| at.is_claimed(index)),
        subject: String::new(),
    })
}
