//! One claim: what is claimed, everything that was done to it, and what the visitor may do now.

use axum::response::{IntoResponse as _, Redirect, Response};
use keshi_core::lang::Lang;
use keshi_core::review::Step;
use keshi_proto::api;
use keshi_words::claim::{HISTORY, act, one, step as step_name};
use maud::{Markup, html};
use serde::Deserialize;

use super::{address, asked, problems, refusals, staged};
use crate::extract::{Filled, Named};
use crate::fault::Answer;
use crate::form::field;
use crate::page::page;
use crate::table::{Set, Table, text};
use crate::visitor::Visitor;

pub(super) async fn show(visitor: Visitor, Named(id): Named<String>) -> Answer {
    shown(&visitor, id, &[]).await
}

async fn shown(visitor: &Visitor, id: String, says: &[String]) -> Answer {
    let request = api::GetClaimRequest {
        claim_id: id,
        ..api::GetClaimRequest::default()
    };
    let answer = visitor.api.claims().get_claim(visitor.api.call(request)).await;
    let claim = answer.map_err(|status| visitor.unanswered(status))?.into_inner();
    let lang = visitor.lang;
    let mut history = Table::new([
        (visitor.say(HISTORY[0].0, HISTORY[0].1), Set::Number),
        (visitor.say(HISTORY[1].0, HISTORY[1].1), Set::Text),
        (visitor.say(HISTORY[2].0, HISTORY[2].1), Set::Text),
        (visitor.say(HISTORY[3].0, HISTORY[3].1), Set::Text),
        (visitor.say(HISTORY[4].0, HISTORY[4].1), Set::Text),
    ]);
    for taken in &claim.history {
        history.row(act(taken, lang).map(text));
    }
    let content = html! {
        (problems(says))
        p { (staged(&claim, lang)) }
        dl.facts {
            dt { (visitor.say("教师", "teacher")) } dd { (claim.name) " " (claim.teacher_id) " " (claim.school_names.join(lang.pick("、", ", "))) }
            @if claim.asked_centihours > 0 { dt { (visitor.say("申报课时", "hours asked for")) } dd { (asked(&claim)) } }
            @if !claim.statement.is_empty() { dt { (visitor.say("说明", "remark")) } dd { (claim.statement) } }
            @if !claim.batch_id.is_empty() {
                dt { (visitor.say("公示批次", "batch")) }
                dd { a href=(format!("/publicity/{}", claim.batch_id)) { (claim.batch_id) } }
            }
        }
        h2 { (visitor.say("申报的内容", "What is claimed")) }
        ul { @for event in &claim.events { li { (claimed(&claim.claim_id, event, lang)) } } }
        (steps(visitor, &claim))
        @if !claim.objections.is_empty() { (objections(visitor, &claim)) }
        h2 { (visitor.say("经过", "History")) }
        (history.render(visitor.say("每一步由谁在何时办理", "each step, by whom and when")))
    };
    let title = lang.pick(format!("申报 {}", claim.claim_id), format!("Claim {}", claim.claim_id));
    Ok(page(visitor, &title, &content))
}

fn claimed(claim_id: &str, event: &api::ClaimedEvent, lang: Lang) -> Markup {
    html! {
        @match event.index {
            Some(index) => a href=(format!("/entries/{index}")) { (one(event, lang)) },
            None => (one(event, lang)),
        }
        @for file in &event.files { " " (evidence(claim_id, file, lang)) }
    }
}

/// A file behind it, to be saved; or why it cannot be.
fn evidence(claim_id: &str, file: &api::EvidenceFile, lang: Lang) -> Markup {
    let why = match file.state() {
        api::EvidenceState::Kept => {
            let to = format!("{}/evidence/{}", address(claim_id), file.sha256);
            let until = keshi_words::time::date(file.keep_until.as_ref());
            let kept = lang.pick(format!("保存至 {until}"), format!("kept until {until}"));
            let kib = file.size.max(1).unsigned_abs().div_ceil(1024);
            return html! { a href=(to) download { (file.name) } " " small { (format!("{kib} KiB · {kept}")) } };
        }
        api::EvidenceState::Erased => lang.pick("材料已随身份信息删除", "the file was erased with her identity"),
        api::EvidenceState::Damaged => lang.pick(
            "材料已损坏，请重新上传或从备份恢复",
            "the file is damaged: send it again, or restore it from a backup",
        ),
        api::EvidenceState::Missing | api::EvidenceState::Unspecified => lang.pick(
            "材料不在本机，请重新上传或从备份恢复",
            "the file is not here: send it again, or restore it from a backup",
        ),
    };
    html! { span.problem { (why) } " " span.hash { (file.sha256) } }
}

/// What she may do now.
fn steps(visitor: &Visitor, claim: &api::Claim) -> Markup {
    let may = |step: Step| claim.may.contains(&step.code());
    let verdicts = [
        Step::SchoolCheck,
        Step::CountyCheck,
        Step::Credit,
        Step::Return,
        Step::Reject,
    ];
    let verdicts: Vec<Step> = verdicts.into_iter().filter(|step| may(*step)).collect();
    let lang = visitor.lang;
    html! {
        @if may(Step::Submit) {
            p.noprint { a.button href=(format!("{}/mend", address(&claim.claim_id))) { (visitor.say("修改后重新提交", "mend it and submit it again")) } }
        }
        @if !verdicts.is_empty() {
            form.noprint method="post" action=(address(&claim.claim_id)) {
                input type="hidden" name="seen" value=(claim.submitted_event);
                div.fields { (field(visitor.say("意见（退回、不通过必填）", "reason (needed to return or reject)"), &html! { input name="reason" maxlength="100"; })) }
                div.actions {
                    @for step in verdicts {
                        button.second[step == Step::Return] .danger[step == Step::Reject] name="step" value=(step.code()) { (step_name(step.code(), lang)) }
                    }
                }
            }
        }
        @if may(Step::Publish) {
            p { (visitor.say("可以公示：在“待审”页选中若干项一起开始。", "it can be published: choose it with others on the page of reviews.")) }
        }
    }
}

fn objections(visitor: &Visitor, claim: &api::Claim) -> Markup {
    let lang = visitor.lang;
    let decides = claim.may.contains(&Step::Return.code()) && visitor.who.role.school().is_none();
    html! {
        h2 { (visitor.say("异议", "Objections")) }
        @for objection in &claim.objections {
            div.problem {
                p { (objection.reason) @if !objection.raised_by.is_empty() { " " small { (objection.raised_by) } } }
                @if objection.decided {
                    p { b { @if objection.upheld { (lang.pick("成立", "upheld")) } @else { (lang.pick("不成立", "dismissed")) } } " " (objection.decision_reason) }
                } @else if decides {
                    form.row method="post" action=(format!("{}/decide", address(&claim.claim_id))) {
                        input type="hidden" name="objection" value=(objection.event_id);
                        (field(visitor.say("核实情况", "what was found"), &html! { input name="reason" required maxlength="100"; }))
                        button name="upheld" value="no" { (visitor.say("不成立", "dismiss")) }
                        button.danger name="upheld" value="yes" { (visitor.say("成立", "uphold")) }
                    }
                }
            }
        }
    }
}

/// A step that the visitor takes.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Taken {
    seen: String,
    step: i32,
    reason: String,
}

pub(super) async fn step(visitor: Visitor, Named(id): Named<String>, Filled(taken): Filled<Taken>) -> Answer {
    let request = api::ReviewClaimsRequest {
        items: vec![api::review_claims_request::Item {
            claim_id: id.clone(),
            submitted_event: taken.seen,
            step: taken.step,
            reason: taken.reason.trim().to_owned(),
            ..api::review_claims_request::Item::default()
        }],
        ..api::ReviewClaimsRequest::default()
    };
    let answer = visitor.api.reviews().review_claims(visitor.api.call(request)).await;
    done(&visitor, id, answer).await
}

/// What an objection was found to be.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Found {
    objection: String,
    upheld: String,
    reason: String,
}

pub(super) async fn decide(visitor: Visitor, Named(id): Named<String>, Filled(found): Filled<Found>) -> Answer {
    let request = api::DecideObjectionRequest {
        objection_event: found.objection,
        claim_id: id.clone(),
        upheld: found.upheld == "yes",
        reason: found.reason.trim().to_owned(),
        ..api::DecideObjectionRequest::default()
    };
    let answer = visitor.api.reviews().decide_objection(visitor.api.call(request)).await;
    done(&visitor, id, answer).await
}

/// The claim as it is now; with what was refused, if something was.
async fn done(
    visitor: &Visitor,
    id: String,
    answer: Result<tonic::Response<api::SubmitResponse>, tonic::Status>,
) -> Answer {
    let (says, code) = match answer {
        Ok(response) => (
            refusals(&response.into_inner(), visitor.lang),
            axum::http::StatusCode::CONFLICT,
        ),
        Err(status) if status.code() == tonic::Code::Unauthenticated => return Err(visitor.unanswered(status)),
        Err(status) => (vec![status.message().to_owned()], crate::fault::code(status.code())),
    };
    if says.is_empty() {
        return Ok(Redirect::to(&address(&id)).into_response());
    }
    let mut response: Response = shown(visitor, id, &says).await?;
    *response.status_mut() = code;
    Ok(response)
}
