//! What is done from a list: a few events, all of them or none, and then the list again.

use axum::http::StatusCode;
use jiff::civil::Date;
use keshi_proto::{api, date_to_wire, event};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::claims::refusals;
use crate::fault::Unanswered;
use crate::visitor::Visitor;

/// An event of the form shown under `key`: sent twice, it is one.
pub(super) fn posted(key: Uuid, what: &str, day: Date, fact: impl Into<event::Fact>) -> api::Event {
    api::Event {
        event_id: Uuid::new_v5(&key, what.as_bytes()).to_string(),
        occurred_from: Some(date_to_wire(day)),
        fact: Some(fact.into()),
        ..api::Event::default()
    }
}

/// Posts these. What is wrong with them, in her language and as a status, if they are not taken.
///
/// # Errors
///
/// Who is not signed in any more is asked to.
pub(super) async fn send(
    visitor: &Visitor,
    events: Vec<api::Event>,
) -> Result<Result<(), (Vec<String>, StatusCode)>, Unanswered> {
    let request = api::SubmitRequest {
        submission_id: String::new(),
        taking: api::Taking::Atomic.into(),
        events,
    };
    let answer = visitor.api.submissions().submit(visitor.api.call(request)).await;
    let (says, code) = match answer {
        Ok(response) => (refusals(&response.into_inner(), visitor.lang), StatusCode::CONFLICT),
        Err(status) if status.code() == tonic::Code::Unauthenticated => return Err(visitor.unanswered(status)),
        Err(status) => (vec![status.message().to_owned()], crate::fault::code(status.code())),
    };
    Ok(if says.is_empty() { Ok(()) } else { Err((says, code)) })
}

/// What the list asked that the form stands on.
pub(super) fn asked<A: DeserializeOwned + Default>(visitor: &Visitor) -> A {
    let question = visitor.here.split_once('?').map_or("", |(_, question)| question);
    serde_urlencoded::from_str(question).unwrap_or_default()
}
