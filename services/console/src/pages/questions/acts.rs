//! What is done on the page: questions put together or planned, answers rated.

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use jiff::civil::Date;
use keshi_core::lang::{Say, say};
use keshi_proto::{api, event};
use keshi_words::time::today;
use serde::Deserialize;
use uuid::Uuid;

use super::shown;
use crate::extract::Filled;
use crate::fault::Answer;
use crate::pages::acting::{asked, posted, send};
use crate::pages::own_address;
use crate::visitor::Visitor;

/// What the form says of the ticked questions.
#[derive(Default)]
struct Ticked {
    key: Uuid,
    questions: Vec<String>,
    act: String,
    on: String,
    into: String,
    session: String,
}

/// How a school rates an answer.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Judged {
    key: Uuid,
    question: String,
    school: String,
    rating: String,
    remark: String,
}

impl Ticked {
    fn read(fields: Vec<(String, String)>) -> Self {
        let mut ticked = Self::default();
        for (name, value) in fields {
            let value = value.trim().to_owned();
            match name.as_str() {
                "key" => ticked.key = value.parse().unwrap_or_default(),
                "question" => ticked.questions.push(value),
                "act" => ticked.act = value,
                "on" => ticked.on = value,
                "into" => ticked.into = value,
                "session" => ticked.session = value,
                _ => {}
            }
        }
        ticked
    }

    fn events(&self) -> Result<Vec<api::Event>, Say> {
        let day = match self.on.as_str() {
            "" => today(),
            text => text
                .parse()
                .map_err(|_| say("日期写作 2022-12-31", "write the day as 2022-12-31"))?,
        };
        if self.act == "plan" {
            self.planned(day)
        } else {
            self.joined(day)
        }
    }

    fn joined(&self, day: Date) -> Result<Vec<api::Event>, Say> {
        let into = if self.into.is_empty() {
            self.questions.first()
        } else {
            Some(&self.into)
        };
        let into = into.ok_or_else(none_ticked)?;
        let rest: Vec<String> = self.questions.iter().filter(|id| *id != into).cloned().collect();
        if rest.is_empty() {
            return Err(say(
                "至少勾选两项，或勾选一项并写明合并到哪一项",
                "tick two at least, or one and say into which it goes",
            ));
        }
        let fact = event::QuestionsJoined {
            into_id: into.clone(),
            question_ids: rest,
        };
        Ok(vec![posted(self.key, &self.act, day, fact)])
    }

    fn planned(&self, day: Date) -> Result<Vec<api::Event>, Say> {
        if self.questions.is_empty() {
            return Err(none_ticked());
        }
        let plan = |id: &String| {
            let fact = event::QuestionPlanned {
                question_id: id.clone(),
                session_id: self.session.clone(),
            };
            posted(self.key, id, day, fact)
        };
        Ok(self.questions.iter().map(plan).collect())
    }
}

fn none_ticked() -> Say {
    say("请先勾选需求", "tick the questions first")
}

pub(crate) async fn act(visitor: Visitor, Filled(fields): Filled<Vec<(String, String)>>) -> Answer {
    match Ticked::read(fields).events() {
        Ok(events) => submit(&visitor, events).await,
        Err(what) => again(&visitor, &[what.pick(visitor.lang).to_owned()], StatusCode::BAD_REQUEST).await,
    }
}

pub(crate) async fn rate(visitor: Visitor, Filled(judged): Filled<Judged>) -> Answer {
    let fact = event::AnswerRated {
        question_id: judged.question,
        school_id: judged.school.clone(),
        rating: judged.rating.parse().unwrap_or(0),
        remark: judged.remark.trim().to_owned(),
    };
    let event = api::Event {
        org: judged.school,
        ..posted(judged.key, "rate", today(), fact)
    };
    submit(&visitor, vec![event]).await
}

async fn submit(visitor: &Visitor, events: Vec<api::Event>) -> Answer {
    match send(visitor, events).await? {
        Ok(()) => Ok(Redirect::to(own_address(&visitor.here)).into_response()),
        Err((says, code)) => again(visitor, &says, code).await,
    }
}

async fn again(visitor: &Visitor, says: &[String], code: StatusCode) -> Answer {
    let mut response: Response = shown(visitor, &asked(visitor), says).await?;
    *response.status_mut() = code;
    Ok(response)
}
