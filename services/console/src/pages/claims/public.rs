//! 公示: what is before the public, for whoever asks; and what those do who have an account.

use axum::response::{IntoResponse as _, Redirect, Response};
use keshi_proto::api;
use keshi_words::names::amount;
use keshi_words::time::{date, today};
use maud::{Markup, html};
use serde::{Deserialize, Serialize};
use tonic::Status;

use super::{problems, refusals};
use crate::ask::address;
use crate::extract::{Filled, Named, Question};
use crate::fault::Answer;
use crate::form::field;
use crate::page::{open_page, page};
use crate::table::{Set, Table, text};
use crate::visitor::{Stranger, Visitor};

/// Batches whose lines stand on the first page; of more only the names do.
const SHOWN_AT_ONCE: usize = 3;

async fn asked(stranger: &Stranger, batch_id: &str) -> Result<api::ListPublicityResponse, Status> {
    let client = stranger.client();
    let request = api::ListPublicityRequest {
        batch_id: batch_id.to_owned(),
    };
    let answer = client.claims().list_publicity(client.call(request)).await?;
    Ok(answer.into_inner())
}

/// The page, in the visitor's frame if she is signed in.
fn framed(stranger: &Stranger, visitor: Option<&Visitor>, title: &str, content: &Markup) -> Response {
    match visitor {
        Some(visitor) => page(visitor, title, content),
        None => open_page(stranger, title, content),
    }
}

fn broken(stranger: &Stranger, visitor: Option<&Visitor>, status: &Status) -> Response {
    let content = html! { p.problem role="alert" { (status.message()) } };
    let mut response = framed(stranger, visitor, stranger.lang.pick("公示", "Publicity"), &content);
    *response.status_mut() = crate::fault::code(status.code());
    response
}

/// All that runs.
pub(super) async fn all(stranger: Stranger, visitor: Option<Visitor>) -> Response {
    let visitor = visitor.as_ref();
    let lang = stranger.lang;
    let running = match asked(&stranger, "").await {
        Ok(answer) => answer.batches,
        Err(status) => return broken(&stranger, visitor, &status),
    };
    let mut shown = Vec::new();
    for batch in running.iter().take(SHOWN_AT_ONCE) {
        match asked(&stranger, &batch.batch_id).await {
            Ok(answer) => shown.extend(answer.batches),
            Err(status) => return broken(&stranger, visitor, &status),
        }
    }
    let content = html! {
        p { (lang.pick(
            "以下申报正在公示。对其中任何一项有异议的，请在截止日当天结束前向教研室反映；有账号的，登录后可直接提出。",
            "these claims are before the public. Whoever objects to one tells the office by the end of the last day, or signs in and objects here.",
        )) }
        @if running.is_empty() { p.quiet { (lang.pick("目前没有公示。", "nothing is before the public now.")) } }
        @for batch in &shown { (lines(&stranger, visitor, batch)) }
        @if running.len() > shown.len() {
            ul { @for batch in running.iter().skip(shown.len()) { li { a href=(format!("/publicity/{}", batch.batch_id)) { (days(batch, &stranger)) } } } }
        }
    };
    framed(&stranger, visitor, lang.pick("公示", "Publicity"), &content)
}

/// One batch.
pub(super) async fn one(stranger: Stranger, visitor: Option<Visitor>, Named(id): Named<String>) -> Response {
    told(&stranger, visitor.as_ref(), &id, &[]).await
}

async fn told(stranger: &Stranger, visitor: Option<&Visitor>, id: &str, says: &[String]) -> Response {
    let batches = match asked(stranger, id).await {
        Ok(answer) => answer.batches,
        Err(status) => return broken(stranger, visitor, &status),
    };
    let content = html! {
        (problems(says))
        @for batch in &batches { (lines(stranger, visitor, batch)) }
        p { a href="/publicity" { (stranger.lang.pick("全部公示", "all that is before the public")) } }
    };
    framed(stranger, visitor, stranger.lang.pick("公示", "Publicity"), &content)
}

fn days(batch: &api::PublicityBatch, stranger: &Stranger) -> String {
    let (first, last) = (date(batch.first_day.as_ref()), date(batch.last_day.as_ref()));
    let id = &batch.batch_id;
    stranger.lang.pick(
        format!("批次 {id}，{first} 至 {last}"),
        format!("batch {id}, {first} to {last}"),
    )
}

fn lines(stranger: &Stranger, visitor: Option<&Visitor>, batch: &api::PublicityBatch) -> Markup {
    let lang = stranger.lang;
    let mut table = Table::new([
        (lang.pick("姓名", "name"), Set::Text),
        (lang.pick("学校", "school"), Set::Text),
        (lang.pick("申报的内容", "what is claimed"), Set::Text),
        (lang.pick("申报课时", "hours asked for"), Set::Number),
        (lang.pick("异议", "objection"), Set::Text),
    ]);
    for line in &batch.lines {
        let asked = match line.asked_centihours {
            0 => String::new(),
            asked => amount(asked),
        };
        let items = lang.pick(&line.items_zh, &line.items_en);
        let object = Asked {
            claim: line.claim_id.clone(),
        };
        table.row([
            text(&line.name),
            text(line.school_names.join(lang.pick("、", ", "))),
            html! { @for (place, item) in items.iter().enumerate() { @if place > 0 { br; } (item) } },
            text(asked),
            html! { a.noprint href=(address(&format!("/publicity/{}/object", batch.batch_id), &object)) { (lang.pick("提出异议", "object")) } },
        ]);
    }
    let is_over = batch
        .last_day
        .as_ref()
        .and_then(keshi_proto::date_from_wire)
        .is_some_and(|last| last < today());
    let ends = visitor.is_some_and(|visitor| visitor.posts("publicity_ended"));
    html! {
        h2 { (days(batch, stranger)) }
        @if batch.ended { p { (lang.pick("公示已期满。", "the publicity is over.")) } }
        (table.render(lang.pick("公示的申报", "claims before the public")))
        @if ends && is_over && !batch.ended {
            form.noprint method="post" action=(format!("/publicity/{}/end", batch.batch_id)) {
                button { (lang.pick("办理期满", "end the publicity")) }
            }
        }
    }
}

pub(super) async fn end(visitor: Visitor, stranger: Stranger, Named(id): Named<String>) -> Answer {
    let request = api::EndPublicityRequest {
        batch_id: id.clone(),
        ..api::EndPublicityRequest::default()
    };
    let answer = visitor.api.reviews().end_publicity(visitor.api.call(request)).await;
    let answer = answer.map_err(|status| visitor.unanswered(status))?.into_inner();
    let says = refusals(&answer, visitor.lang);
    if says.is_empty() {
        return Ok(Redirect::to("/reviews?stage=publicity").into_response());
    }
    let mut response = told(&stranger, Some(&visitor), &id, &says).await;
    *response.status_mut() = axum::http::StatusCode::CONFLICT;
    Ok(response)
}

/// Which line somebody objects to.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Asked {
    claim: String,
}

pub(super) async fn objection(
    visitor: Visitor,
    Named(id): Named<String>,
    Question(asked): Question<Asked>,
) -> Response {
    objecting(&visitor, &id, &asked.claim, &[])
}

fn objecting(visitor: &Visitor, batch: &str, claim: &str, says: &[String]) -> Response {
    let from_outside = visitor.who.role.teacher_id().is_none();
    let content = html! {
        (problems(says))
        p { (visitor.lang.pick(format!("对批次 {batch} 中的申报 {claim} 提出异议。"), format!("Object to claim {claim} of batch {batch}."))) }
        @if from_outside { p { (visitor.say("您的账号没有教师档案，记为外人向教研室反映的异议。", "your account names no person: it is noted as told by somebody from outside.")) } }
        form.stack method="post" action=(format!("/publicity/{batch}/object")) {
            input type="hidden" name="claim" value=(claim);
            (field(visitor.say("异议内容（请写事实，不写身份证号、电话）", "what is objected (facts; no ID or telephone numbers)"), &html! { input name="reason" required maxlength="150"; }))
            div.actions { button { (visitor.say("提出异议", "object")) } }
        }
    };
    page(visitor, visitor.say("提出异议", "Object"), &content)
}

/// What somebody objects.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Objected {
    claim: String,
    reason: String,
}

pub(super) async fn object(visitor: Visitor, Named(id): Named<String>, Filled(typed): Filled<Objected>) -> Answer {
    let request = api::RaiseObjectionRequest {
        batch_id: id.clone(),
        claim_id: typed.claim.trim().to_owned(),
        reason: typed.reason.trim().to_owned(),
        from_outside: visitor.who.role.teacher_id().is_none(),
        ..api::RaiseObjectionRequest::default()
    };
    let answer = visitor.api.reviews().raise_objection(visitor.api.call(request)).await;
    let (says, code) = match answer {
        Ok(answer) => (
            refusals(&answer.into_inner(), visitor.lang),
            axum::http::StatusCode::CONFLICT,
        ),
        Err(status) if status.code() == tonic::Code::Unauthenticated => return Err(visitor.unanswered(status)),
        Err(status) => (vec![status.message().to_owned()], crate::fault::code(status.code())),
    };
    if says.is_empty() {
        let content = html! {
            p.done role="status" { (visitor.say("异议已记录，处理之前该项不会入账。", "the objection is recorded; nothing of that line is credited before it is decided.")) }
            p { a href="/publicity" { (visitor.say("回公示", "back to the publicity")) } }
        };
        return Ok(page(&visitor, visitor.say("提出异议", "Object"), &content));
    }
    let mut response = objecting(&visitor, &id, &typed.claim, &says);
    *response.status_mut() = code;
    Ok(response)
}
