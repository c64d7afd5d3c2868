//! Claims: 申报 (hers), 待审 (the queue of who reviews), and 公示, which is for whoever asks.

mod attached;
mod form;
mod one;
mod public;
mod queue;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use keshi_core::lang::Lang;
use keshi_proto::api;
use keshi_words::claim::{stage, what};
use keshi_words::names::amount;
use keshi_words::reason::why_not;
use keshi_words::time::moment;
use maud::{Markup, html};

use super::Paged;
use crate::Console;
use crate::ask::turning;
use crate::extract::Question;
use crate::fault::Answer;
use crate::page::page;
use crate::table::{Set, Table, text};
use crate::visitor::Visitor;

pub(super) fn router() -> Router<Console> {
    Router::new()
        .route("/claims", get(mine))
        .route("/claims/new", get(form::kinds))
        .route(
            "/claims/new/{kind}",
            get(form::show)
                .post(form::take)
                .layer(DefaultBodyLimit::max(attached::FORM_BYTES_MAX)),
        )
        .route("/claims/{id}/evidence/{hash}", get(attached::download))
        .route("/claims/{id}", get(one::show).post(one::step))
        .route("/claims/{id}/mend", get(form::mend))
        .route("/claims/{id}/decide", post(one::decide))
        .route("/reviews", get(queue::show).post(queue::take))
        .route("/publicity", get(public::all))
        .route("/publicity/{id}", get(public::one))
        .route("/publicity/{id}/end", post(public::end))
        .route("/publicity/{id}/object", get(public::objection).post(public::object))
}

/// Her own claims, the latest that moved last.
async fn mine(visitor: Visitor, Question(asked): Question<Paged>) -> Answer {
    let Some(own) = visitor.who.role.teacher_id().map(ToOwned::to_owned) else {
        let content = html! { p { (visitor.say(
            "申报和审核要记明是谁，您的账号没有对应的教师档案；请系统管理员填上教师编号。",
            "claims and reviews say who it was, and your account names no person: let the admin give it your teacher id.",
        )) } };
        return Ok(page(&visitor, visitor.say("申报", "Claims"), &content));
    };
    let request = api::ListClaimsRequest {
        teacher_id: own,
        page_token: asked.page.clone(),
        ..api::ListClaimsRequest::default()
    };
    let answer = visitor.api.claims().list_claims(visitor.api.call(request)).await;
    let answer = answer.map_err(|status| visitor.unanswered(status))?.into_inner();
    let content = html! {
        p { (visitor.say(
            "自己参加的培训、上的课、发表和获奖的成果，没有单位替您统一提交的，在这里申报；学校初审、县级审核、公示之后计入课时。",
            "claim here what nobody posted for you: courses, lessons, works and prizes. It counts once your school and the county have checked it and it was published.",
        )) }
        p.noprint { a.button href="/claims/new" { (visitor.say("新的申报", "a new claim")) } }
        @if answer.claims.is_empty() { p.quiet { (visitor.say("还没有申报过。", "you have claimed nothing yet.")) } }
        (listed(&visitor, &answer.claims, false))
        (turning(&visitor, "/claims", &asked, &answer.next_page_token))
    };
    Ok(page(&visitor, visitor.say("申报", "Claims"), &content))
}

/// Claims as a table.
fn listed(visitor: &Visitor, claims: &[api::Claim], with_whose: bool) -> Markup {
    let lang = visitor.lang;
    let mut table = Table::new([
        (visitor.say("申报", "claim"), Set::Text),
        (visitor.say("内容", "what"), Set::Text),
        (visitor.say("申报课时", "hours asked for"), Set::Number),
        (visitor.say("环节", "stage"), Set::Text),
        (visitor.say("自", "since"), Set::Text),
        (visitor.say("意见", "reason"), Set::Text),
    ]);
    for claim in claims {
        let link = html! { a href=(address(&claim.claim_id)) { (claim.claim_id) } @if with_whose { br; (claim.name) } };
        table.row([
            link,
            whats(claim, lang),
            text(asked(claim)),
            staged(claim, lang),
            text(claim.since.as_ref().map_or_else(String::new, moment)),
            text(&claim.last_reason),
        ]);
    }
    table.render(visitor.say("申报", "claims"))
}

fn address(claim: &str) -> String {
    format!("/claims/{claim}")
}

fn asked(claim: &api::Claim) -> String {
    match claim.asked_centihours {
        0 => String::new(),
        asked => amount(asked),
    }
}

fn whats(claim: &api::Claim, lang: Lang) -> Markup {
    html! { @for (place, what) in what(claim, lang).iter().enumerate() { @if place > 0 { br; } (what) } }
}

fn staged(claim: &api::Claim, lang: Lang) -> Markup {
    let class = match claim.stage() {
        api::ClaimStage::Credited => "good",
        api::ClaimStage::Returned | api::ClaimStage::Rejected => "short",
        api::ClaimStage::Unspecified
        | api::ClaimStage::Submitted
        | api::ClaimStage::SchoolChecked
        | api::ClaimStage::CountyChecked
        | api::ClaimStage::Publicity => "",
    };
    html! {
        span class={ "tag " (class) } { (stage(claim.stage, lang)) }
        @if claim.stopped { " " span.tag.short { (lang.pick("有异议", "objected")) } }
    }
}

/// What was not taken of a submission, each with its reason; empty if all of it was.
pub(super) fn refusals(response: &api::SubmitResponse, lang: Lang) -> Vec<String> {
    let Some(receipt) = &response.receipt else {
        let later = lang.pick(
            "已接收，尚未入账；请稍后刷新",
            "accepted, not yet in the ledger: look again later",
        );
        return vec![later.to_owned()];
    };
    receipt
        .verdicts
        .iter()
        .filter_map(|verdict| why_not(verdict, lang))
        .collect()
}

/// Where something was wrong, in one box.
pub(super) fn problems(says: &[String]) -> Markup {
    html! { @if !says.is_empty() { div.problem role="alert" { @for what in says { p { (what) } } } } }
}
