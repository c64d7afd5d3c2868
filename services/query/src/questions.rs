//! Ordered research: what schools ask, how many ask it, where it is planned, and how they rate the answer.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use keshi_core::ids::{SchoolId, SemesterId, TeacherId};
use keshi_core::period::Name;
use keshi_core::state::{At, PlanView, QuestionStage, QuestionView, RatingView, SentView};
use keshi_core::text::normalised;
use keshi_door::Call;
use keshi_office::access::{Need, Questions};
use keshi_proto::{api, date_to_wire};

use crate::Context;
use crate::error::Error;
use crate::ledger::day;
use crate::page::{ANSWER_BYTES_MAX, fitting, page_size_of};
use crate::people::readable;
use crate::place::{blocking, dates, one};
use crate::scope::Read;
use crate::shortfalls::registered;

/// Questions on a page when the caller does not say.
const PAGE_DEFAULT: usize = 50;

/// Most questions on a page: each may be put together of two hundred.
const PAGE_MAX: usize = 200;

/// What of the questions is asked for.
#[derive(Clone, Debug)]
struct Wanted {
    /// `None`: all.
    semester: Option<SemesterId>,
    /// Compared without script and width; empty: all.
    subject: String,
    /// `None`: all.
    school: Option<SchoolId>,
    /// `None`: all.
    stage: Option<api::QuestionStage>,
    /// The subjects that the caller looks after; `None`: she may read all.
    subjects: Option<Vec<String>>,
    /// The school to which alone its own part is told.
    only: Option<SchoolId>,
}

impl Wanted {
    fn read(request: &api::ListQuestionsRequest, may_read: Questions<'_>, at: At<'_>) -> Result<Self, Error> {
        let semester = match request.semester.as_str() {
            "" => None,
            text => Some(semester(text, at)?),
        };
        let stage = match api::QuestionStage::try_from(request.stage) {
            Ok(api::QuestionStage::Unspecified) => None,
            Ok(stage) => Some(stage),
            Err(_) => {
                let (zh, en) = ("没有这个状态", "there is no such stage");
                return Err(one("stage", request.stage.to_string(), zh, en));
            }
        };
        let asked = match request.school_id.as_str() {
            "" => None,
            text => Some(registered(at, text)?),
        };
        let (subjects, only) = match may_read {
            Questions::All => (None, None),
            Questions::OfSubjects(subjects) => (Some(subjects.to_vec()), None),
            Questions::OfSchool(own) => (None, Some(registered(at, own)?)),
        };
        Ok(Self {
            semester,
            subject: normalised(&request.subject),
            school: asked,
            stage,
            subjects,
            only,
        })
    }

    /// The question as far as it is asked for and may be told, however far it is.
    fn of(&self, view: QuestionView) -> Option<QuestionView> {
        let hers = self.subjects.as_ref();
        let may_read = hers.is_none_or(|own| Questions::OfSubjects(own).have(view.subject.as_str()));
        let is_meant = self.semester.is_none_or(|semester| view.semester == semester)
            && (self.subject.is_empty() || normalised(view.subject.as_str()) == self.subject)
            && self
                .school
                .is_none_or(|school| view.sent.iter().any(|sent| sent.school == school));
        if !may_read || !is_meant {
            return None;
        }
        match &self.only {
            None => Some(view),
            Some(school) => view.of_school(school),
        }
    }

    fn takes(&self, question: &QuestionView) -> bool {
        self.stage.is_none_or(|stage| stage_to_api(question.stage) == stage)
    }
}

fn semester(text: &str, at: At<'_>) -> Result<SemesterId, Error> {
    let wrong = || {
        let (zh, en) = ("学期写作 2022-2023-1", "write the semester as 2022-2023-1");
        one("semester", text, zh, en)
    };
    let name = Name::parse(text).filter(|name| matches!(name, Name::Semester(_)));
    // One that no calendar has is an error that says so.
    dates(name.ok_or_else(wrong)?, at)?;
    SemesterId::new(text).map_err(|_| wrong())
}

impl Context {
    pub(crate) async fn list_questions(
        &self,
        call: &Call,
        request: api::ListQuestionsRequest,
    ) -> Result<api::ListQuestionsResponse, Error> {
        let some = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let (subject, school) = (some(&request.subject), some(&request.school_id));
        let may_read = call.caller.may_read_questions(subject.as_deref(), school.as_deref())?;
        let limit = page_size_of(request.page_size, PAGE_DEFAULT, PAGE_MAX)?;
        let on = request.on.map_or_else(|| Ok(self.today()), |date| day("on", &date))?;
        let parts = [
            "questions",
            &on.to_string(),
            &request.semester,
            &request.subject,
            &request.school_id,
            &request.stage.to_string(),
        ];
        let page = self
            .page(call, request.at.as_ref(), &request.page_token, &parts)
            .await?;
        let wanted = self
            .engine
            .query_at(page.size, |at| Wanted::read(&request, may_read, at))?;
        let _room = self.room_for(call, ANSWER_BYTES_MAX)?;
        let (engine, size, from) = (self.engine.clone(), page.size, page.from);
        let (counts, all, mut questions) = blocking(move || {
            engine.query_at(size, |at| {
                let read = at.questions(on).into_iter().filter_map(|view| wanted.of(view));
                let read: Vec<QuestionView> = read.collect();
                let counts = counts(&read);
                let meant: Vec<&QuestionView> = read.iter().filter(|view| wanted.takes(view)).collect();
                let on_page = meant.iter().skip(from).take(limit);
                let questions = fitting(on_page.map(|view| to_api(at, view)), ANSWER_BYTES_MAX);
                (counts, meant.len(), questions)
            })
        })
        .await?;
        self.name_who_asked(call, &mut questions, (on, size), &request.purpose)
            .await?;
        Ok(api::ListQuestionsResponse {
            next_page_token: page.next(questions.len(), all),
            questions,
            size,
            total: i64::try_from(all).unwrap_or(i64::MAX),
            counts,
        })
    }

    /// Names those about whom the caller may read, each noted before she is told; the others stay ids.
    async fn name_who_asked(
        &self,
        call: &Call,
        questions: &mut [api::AskedQuestion],
        (on, size): (Date, u64),
        purpose: &str,
    ) -> Result<(), Error> {
        let sent = questions.iter().flat_map(|question| &question.sent);
        let ids: BTreeSet<&str> = sent
            .map(|sent| sent.asked_by.as_str())
            .filter(|id| !id.is_empty())
            .collect();
        let told: Vec<(TeacherId, Need)> = self.engine.query_at(size, |at| {
            let may_read = ids.iter().filter_map(|id| readable(at, &call.caller, id));
            may_read.collect()
        });
        for (id, need) in &told {
            self.note_read(&call.caller, *need, id.as_str(), Read::of("questions", &on), purpose)?;
        }
        let names = self.names(told.iter().map(|(id, _)| *id).collect()).await?;
        let names: BTreeMap<String, String> = told.iter().map(|(id, _)| id.to_string()).zip(names).collect();
        for sent in questions.iter_mut().flat_map(|question| &mut question.sent) {
            sent.asked_by_name = names.get(&sent.asked_by).cloned().unwrap_or_default();
        }
        Ok(())
    }
}

/// How many there are of each stage, in the order of the stages.
fn counts(all: &[QuestionView]) -> Vec<api::QuestionCount> {
    let mut counts: BTreeMap<QuestionStage, i64> = BTreeMap::new();
    for question in all {
        *counts.entry(question.stage).or_default() += 1;
    }
    let told = counts.into_iter().map(|(stage, questions)| api::QuestionCount {
        stage: stage_to_api(stage).into(),
        questions,
    });
    told.collect()
}

const fn stage_to_api(stage: QuestionStage) -> api::QuestionStage {
    match stage {
        QuestionStage::Received => api::QuestionStage::Received,
        QuestionStage::Joined => api::QuestionStage::Joined,
        QuestionStage::Planned => api::QuestionStage::Planned,
        QuestionStage::Answered => api::QuestionStage::Answered,
        QuestionStage::Rated => api::QuestionStage::Rated,
    }
}

/// For the API, without names of people.
fn to_api(at: At<'_>, question: &QuestionView) -> api::AskedQuestion {
    let number = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
    api::AskedQuestion {
        id: question.id.to_string(),
        subject: question.subject.to_string(),
        semester: question.semester.to_string(),
        text: question.text.to_string(),
        schools: number(question.schools),
        together: number(question.together),
        sent: question.sent.iter().map(|sent| sent_to_api(at, sent)).collect(),
        stage: stage_to_api(question.stage).into(),
        plan: question.plan.as_ref().map(|plan| plan_to_api(at, plan)),
        cancelled_session_id: question.fell_through.map_or_else(String::new, |id| id.to_string()),
        ratings: question
            .ratings
            .iter()
            .map(|rating| rating_to_api(at, rating))
            .collect(),
        mean_centirating: question
            .mean_rating()
            .and_then(|mean| i32::try_from(mean).ok())
            .unwrap_or(0),
    }
}

fn name_of(at: At<'_>, school: &SchoolId) -> String {
    at.school(school)
        .map(|school| school.name.to_string())
        .unwrap_or_default()
}

fn sent_to_api(at: At<'_>, sent: &SentView) -> api::SentQuestion {
    api::SentQuestion {
        id: sent.id.to_string(),
        school_id: sent.school.to_string(),
        school_name: name_of(at, &sent.school),
        text: sent.text.to_string(),
        asked_by: sent.asked_by.map_or_else(String::new, |id| id.to_string()),
        asked_by_name: String::new(),
        on: Some(date_to_wire(sent.sent.0)),
        index: sent.sent.1,
        joined_on: sent.joined.map(|(on, _)| date_to_wire(on)),
        joined_index: sent.joined.map_or(0, |(_, index)| index),
    }
}

fn plan_to_api(at: At<'_>, plan: &PlanView) -> api::QuestionPlan {
    let session = at.session(&plan.session_id);
    let title = session.and_then(|session| session.project);
    api::QuestionPlan {
        session_id: plan.session_id.to_string(),
        title: title.map(|title| title.to_string()).unwrap_or_default(),
        from: plan.days.map(|(from, _)| date_to_wire(from)),
        to: plan.days.map(|(_, to)| date_to_wire(to)),
        planned_on: Some(date_to_wire(plan.planned.0)),
        index: plan.planned.1,
    }
}

fn rating_to_api(at: At<'_>, rating: &RatingView) -> api::AnswerRating {
    api::AnswerRating {
        school_id: rating.school.to_string(),
        school_name: name_of(at, &rating.school),
        rating: rating.rating.into(),
        remark: rating.remark.as_ref().map(ToString::to_string).unwrap_or_default(),
        on: Some(date_to_wire(rating.rated.0)),
        index: rating.rated.1,
    }
}
