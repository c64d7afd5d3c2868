//! Attendance that may be one course posted twice: both entries side by side, and what is decided of them.

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use keshi_office::access::RoleName;
use keshi_proto::api;
use keshi_words::names::count;
use keshi_words::overlap::{HEADINGS, row};
use maud::{Markup, html};
use serde::{Deserialize, Serialize};

use super::claims::{problems, refusals};
use crate::ask::{Wrong, turning};
use crate::extract::{Filled, Question};
use crate::fault::Answer;
use crate::form::field;
use crate::page::page;
use crate::table::{Set, Table, text};
use crate::visitor::Visitor;

/// What is asked, as it stands in the address.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Asked {
    about: String,
    /// Also those that were decided.
    all: String,
    page: String,
}

/// Two entries that are both right.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Accepted {
    teacher: String,
    first: String,
    second: String,
    reason: String,
}

pub(crate) async fn show(visitor: Visitor, Question(asked): Question<Asked>) -> Answer {
    shown(&visitor, &asked, &[]).await
}

async fn shown(visitor: &Visitor, asked: &Asked, says: &[String]) -> Answer {
    let request = api::ListOverlapsRequest {
        teacher_id: asked.about.trim().to_owned(),
        accepted_too: !asked.all.is_empty(),
        page_token: asked.page.clone(),
        ..api::ListOverlapsRequest::default()
    };
    let answer = visitor.api.ledger().list_overlaps(visitor.api.call(request)).await;
    let title = visitor.say("重复待定", "Perhaps posted twice");
    let found = match answer {
        Ok(answer) => answer.into_inner(),
        Err(status) => {
            let wrong = Wrong::of(status);
            return visitor.again(title, &wrong, &question(visitor, asked, &wrong));
        }
    };
    let content = html! {
        (problems(says))
        p { (visitor.say(
            "同一位教师、日期重叠、培训机构相同或相近的两条出勤，可能是同一次培训报了两遍。两条都照常计算，由县级审核员核定：作废其中一条，或者说明两条都对。",
            "two entries of one teacher on the same days, of one provider or of names alike, may be one course posted twice. Both count until a county reviewer decides: one is voided, or both are right.",
        )) }
        (question(visitor, asked, &Wrong::default()))
        p.about {
            span { (visitor.lang.pick(format!("{} 对", found.total), format!("{} pairs", found.total))) }
            span { (visitor.lang.pick(format!("台账 {} 条", count(found.size)), format!("ledger of {} entries", count(found.size)))) }
        }
        (list(visitor, &found.overlaps))
        (turning(visitor, "/overlaps", asked, &found.next_page_token))
    };
    Ok(page(visitor, title, &content))
}

fn question(visitor: &Visitor, asked: &Asked, wrong: &Wrong) -> Markup {
    html! {
        form.row.noprint method="get" action="/overlaps" {
            (wrong.text(visitor.say("只看这位教师（编号）", "only this teacher (id)"), "about", &asked.about, 14))
            label { input type="checkbox" name="all" value="yes" checked[!asked.all.is_empty()]; " " (visitor.say("已核定的也列出", "decided ones too")) }
            button.second { (visitor.say("查看", "show")) }
        }
    }
}

fn list(visitor: &Visitor, overlaps: &[api::Overlap]) -> Markup {
    let [teacher, first, second, posters, decided] = HEADINGS.map(|(zh, en)| visitor.say(zh, en));
    let mut table = Table::new([
        (teacher, Set::Text),
        (first, Set::Text),
        (second, Set::Text),
        (posters, Set::Text),
        (decided, Set::Text),
    ]);
    for overlap in overlaps {
        let [teacher, first, second, posters, _] = row(overlap, visitor.lang);
        table.row([
            html! { a href=(format!("/teachers/{}", overlap.teacher_id)) { (teacher) } },
            entry(visitor, overlap.first.as_ref(), &first),
            entry(visitor, overlap.second.as_ref(), &second),
            text(posters),
            match overlap.accepted_by {
                Some(by) => html! { a href=(format!("/entries/{by}")) { (visitor.lang.pick(format!("都对（第 {by} 条）"), format!("both right (entry {by})"))) } },
                None => decision(visitor, overlap),
            },
        ]);
    }
    html! {
        @if overlaps.is_empty() { p.quiet { (visitor.say("没有待定的重复。", "there are none to be decided.")) } }
        (table.render(visitor.say("成对的出勤", "pairs of attendance")))
    }
}

fn entry(visitor: &Visitor, entry: Option<&api::OverlapEntry>, told: &str) -> Markup {
    let Some(entry) = entry else { return html! {} };
    html! {
        a href=(format!("/entries/{}", entry.index)) { (told) }
        @if decides(visitor) {
            " " a.noprint href=(format!("/entries/{}/amend", entry.index)) { (visitor.say("作废这一条", "void this one")) }
        }
    }
}

/// Whether the visitor's role decides. Whether she may is decided when she does.
fn decides(visitor: &Visitor) -> bool {
    matches!(visitor.role(), RoleName::Reviewer | RoleName::Admin | RoleName::Dev)
}

fn decision(visitor: &Visitor, overlap: &api::Overlap) -> Markup {
    let event = |entry: &Option<api::OverlapEntry>| entry.as_ref().map_or_else(String::new, |one| one.event_id.clone());
    html! {
        @if decides(visitor) {
            form.row.noprint method="post" action="/overlaps" {
                input type="hidden" name="teacher" value=(overlap.teacher_id);
                input type="hidden" name="first" value=(event(&overlap.first));
                input type="hidden" name="second" value=(event(&overlap.second));
                (field(visitor.say("核实情况", "what was found"), &html! { input name="reason" required maxlength="100" size="16"; }))
                button { (visitor.say("两条都对", "both are right")) }
            }
        }
    }
}

pub(crate) async fn accept(visitor: Visitor, Filled(accepted): Filled<Accepted>) -> Answer {
    let request = api::AcceptOverlapsRequest {
        items: vec![api::accept_overlaps_request::Item {
            teacher_id: accepted.teacher,
            first_event: accepted.first,
            second_event: accepted.second,
            reason: accepted.reason.trim().to_owned(),
        }],
        ..api::AcceptOverlapsRequest::default()
    };
    let answer = visitor.api.reviews().accept_overlaps(visitor.api.call(request)).await;
    let (says, code) = match answer {
        Ok(response) => (refusals(&response.into_inner(), visitor.lang), StatusCode::CONFLICT),
        Err(status) if status.code() == tonic::Code::Unauthenticated => return Err(visitor.unanswered(status)),
        Err(status) => (vec![status.message().to_owned()], crate::fault::code(status.code())),
    };
    if says.is_empty() {
        return Ok(Redirect::to("/overlaps").into_response());
    }
    let mut response: Response = shown(&visitor, &Asked::default(), &says).await?;
    *response.status_mut() = code;
    Ok(response)
}
