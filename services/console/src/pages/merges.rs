//! Persons who were registered twice: which id stands for whom, merging, and the way back.

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use keshi_office::access::RoleName;
use keshi_proto::api;
use keshi_words::merge::{HEADINGS, person, row, told};
use keshi_words::names::count;
use maud::{Markup, html};
use serde::{Deserialize, Serialize};
use tonic::Status;

use super::claims::{problems, refusals};
use crate::ask::{Wrong, address, turning};
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
    /// Also those that were reversed.
    all: String,
    page: String,
}

/// Two ids that are to be one, or two again.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    kept: String,
    dropped: String,
    reason: String,
    /// Whether both records were seen.
    sure: String,
}

/// Whether the visitor's role merges records. Whether she may is decided when she does.
fn merges(visitor: &Visitor) -> bool {
    matches!(visitor.role(), RoleName::Reviewer | RoleName::Admin | RoleName::Dev)
}

pub(crate) async fn show(visitor: Visitor, Question(asked): Question<Asked>) -> Answer {
    shown(&visitor, &asked, &Typed::default(), &[]).await
}

async fn shown(visitor: &Visitor, asked: &Asked, typed: &Typed, says: &[String]) -> Answer {
    let request = api::ListMergesRequest {
        teacher_id: asked.about.trim().to_owned(),
        reversed_too: !asked.all.is_empty(),
        page_token: asked.page.clone(),
        ..api::ListMergesRequest::default()
    };
    let answer = visitor.api.ledger().list_merges(visitor.api.call(request)).await;
    let title = visitor.say("重复档案", "Merged records");
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
            "一人建了两份档案时，把一份并入另一份：从此有关两个编号的记录都算在保留的编号上。什么都不会消失，撤销合并后各归各的。",
            "where a person was registered twice, one id is merged into the other: from then on what names either counts for the one kept. Nothing vanishes, and a reversal gives each back its own.",
        )) }
        @if merges(visitor) { (form(visitor, typed)) }
        (question(visitor, asked, &Wrong::default()))
        p.about {
            span { (visitor.lang.pick(format!("{} 项", found.total), format!("{} in all", found.total))) }
            span { (visitor.lang.pick(format!("台账 {} 条", count(found.size)), format!("ledger of {} entries", count(found.size)))) }
        }
        (list(visitor, &found.merges))
        (turning(visitor, "/merges", asked, &found.next_page_token))
    };
    Ok(page(visitor, title, &content))
}

fn form(visitor: &Visitor, typed: &Typed) -> Markup {
    let id = |label: &str, name: &str, value: &str| {
        field(
            label,
            &html! { input name=(name) value=(value) required maxlength="32" size="14"; },
        )
    };
    html! {
        form.stack.noprint method="post" action="/merges" {
            (id(visitor.say("保留的教师编号", "teacher id to keep"), "kept", &typed.kept))
            (id(visitor.say("并入的教师编号", "teacher id to drop"), "dropped", &typed.dropped))
            (field(visitor.say("怎样查明是同一人", "how it was found that they are one"), &html! { input name="reason" value=(typed.reason) required maxlength="100" size="40"; }))
            div.actions { button { (visitor.say("看看两份档案", "see both records")) } }
        }
    }
}

fn question(visitor: &Visitor, asked: &Asked, wrong: &Wrong) -> Markup {
    html! {
        form.row.noprint method="get" action="/merges" {
            (wrong.text(visitor.say("只看这位教师（编号）", "only this teacher (id)"), "about", &asked.about, 14))
            label { input type="checkbox" name="all" value="yes" checked[!asked.all.is_empty()]; " " (visitor.say("已撤销的也列出", "reversed ones too")) }
            button.second { (visitor.say("查看", "show")) }
        }
    }
}

fn list(visitor: &Visitor, merges: &[api::Merge]) -> Markup {
    let [kept, dropped, index, reversed] = HEADINGS.map(|(zh, en)| visitor.say(zh, en));
    let mut table = Table::new([
        (kept, Set::Text),
        (dropped, Set::Text),
        (index, Set::Number),
        (reversed, Set::Number),
        (visitor.say("办理", "to do"), Set::Text),
    ]);
    for merge in merges {
        let [kept, dropped, ..] = row(merge);
        table.row([
            html! { a href=(format!("/teachers/{}", merge.kept_id)) { (kept) } },
            text(dropped),
            html! { a href=(format!("/entries/{}", merge.index)) { (merge.index) } },
            html! { @if let Some(by) = merge.reversed_by { a href=(format!("/entries/{by}")) { (by) } } },
            html! { @if merge.reversed_by.is_none() && self::merges(visitor) { (reversal(visitor, merge)) } },
        ]);
    }
    html! {
        @if merges.is_empty() { p.quiet { (visitor.say("没有合并的档案。", "no records are merged.")) } }
        (table.render(visitor.say("合并的档案", "merged records")))
    }
}

fn reversal(visitor: &Visitor, merge: &api::Merge) -> Markup {
    html! {
        form.row.noprint method="post" action="/merges/reverse" {
            input type="hidden" name="kept" value=(merge.kept_id);
            input type="hidden" name="dropped" value=(merge.dropped_id);
            (field(visitor.say("为什么不是同一人", "why they are two"), &html! { input name="reason" required maxlength="100" size="16"; }))
            button.danger { (visitor.say("撤销", "reverse")) }
        }
    }
}

pub(crate) async fn merge(visitor: Visitor, Filled(typed): Filled<Typed>) -> Answer {
    if typed.sure.is_empty() {
        return compared(&visitor, &typed).await;
    }
    let request = api::MergePersonsRequest {
        items: vec![pair(&typed)],
        ..api::MergePersonsRequest::default()
    };
    let answer = visitor.api.reviews().merge_persons(visitor.api.call(request)).await;
    done(&visitor, &typed, answer).await
}

pub(crate) async fn reverse(visitor: Visitor, Filled(typed): Filled<Typed>) -> Answer {
    let request = api::ReverseMergesRequest {
        items: vec![pair(&typed)],
        ..api::ReverseMergesRequest::default()
    };
    let answer = visitor.api.reviews().reverse_merges(visitor.api.call(request)).await;
    done(&visitor, &Typed::default(), answer).await
}

fn pair(typed: &Typed) -> api::MergedPair {
    api::MergedPair {
        kept_id: typed.kept.trim().to_owned(),
        dropped_id: typed.dropped.trim().to_owned(),
        reason: typed.reason.trim().to_owned(),
    }
}

/// The list as it is now; with what was refused, if something was.
async fn done(
    visitor: &Visitor,
    typed: &Typed,
    answer: Result<tonic::Response<api::SubmitResponse>, Status>,
) -> Answer {
    let (says, code) = match answer {
        Ok(response) => (refusals(&response.into_inner(), visitor.lang), StatusCode::CONFLICT),
        Err(status) if status.code() == tonic::Code::Unauthenticated => return Err(visitor.unanswered(status)),
        Err(status) => (vec![status.message().to_owned()], crate::fault::code(status.code())),
    };
    if says.is_empty() {
        return Ok(Redirect::to("/merges").into_response());
    }
    let mut response: Response = shown(visitor, &Asked::default(), typed, &says).await?;
    *response.status_mut() = code;
    Ok(response)
}

/// Both records side by side, before they are one.
async fn compared(visitor: &Visitor, typed: &Typed) -> Answer {
    let mut table = Table::new([
        (visitor.say("档案", "record"), Set::Text),
        (visitor.say("姓名", "name"), Set::Text),
        (visitor.say("学校", "school"), Set::Text),
        (visitor.say("学科", "subject"), Set::Text),
    ]);
    let both = [
        (visitor.say("保留", "kept"), typed.kept.trim()),
        (visitor.say("并入", "dropped"), typed.dropped.trim()),
    ];
    for (what, id) in both {
        let request = api::GetBalanceRequest {
            teacher_id: id.to_owned(),
            ..api::GetBalanceRequest::default()
        };
        let answer = visitor.api.ledger().get_balance(visitor.api.call(request)).await;
        let record = match answer {
            Ok(answer) => answer.into_inner(),
            Err(status) => return done(visitor, typed, Err(status)).await,
        };
        table.row([
            text(format!("{what} {id}")),
            html! { a href=(format!("/teachers/{id}")) { (record.name) } },
            text(record.school_names.join(visitor.lang.pick("、", ", "))),
            text(&record.subject),
        ]);
    }
    let content = html! {
        (table.render(visitor.say("两份档案", "both records")))
        p { (visitor.say("理由：", "reason: ")) (typed.reason) }
        form method="post" action="/merges" {
            @for (name, value) in [("kept", &typed.kept), ("dropped", &typed.dropped), ("reason", &typed.reason)] {
                input type="hidden" name=(name) value=(value);
            }
            div.actions {
                button name="sure" value="yes" { (visitor.say("是同一人，合并", "they are one: merge")) }
                a href="/merges" { (visitor.say("不合并", "leave them as they are")) }
            }
        }
    };
    Ok(page(
        visitor,
        visitor.say("合并两份档案？", "Merge these records?"),
        &content,
    ))
}

/// What a teacher's page says of her other ids; nothing if she has none.
pub(crate) async fn hers(
    visitor: &Visitor,
    asked: &str,
    teacher_id: &str,
    at: Option<api::At>,
) -> Result<Markup, Status> {
    let request = api::ListMergesRequest {
        teacher_id: teacher_id.to_owned(),
        at,
        ..api::ListMergesRequest::default()
    };
    let answer = visitor.api.ledger().list_merges(visitor.api.call(request)).await?;
    let merges = answer.into_inner().merges;
    let all = address("/merges", &[("about", teacher_id), ("all", "yes")]);
    Ok(html! {
        @if !merges.is_empty() {
            p.about {
                @for merge in &merges {
                    b { a href=(format!("/entries/{}", merge.index)) { (told(merge, asked, visitor.lang)) } }
                }
                @if asked != teacher_id && !asked.is_empty() {
                    span { (visitor.lang.pick(
                        format!("以下是 {teacher_id} 的记录", teacher_id = person("", teacher_id)),
                        format!("what follows is of {teacher_id}"),
                    )) }
                }
                a.noprint href=(all) { (visitor.say("合并的经过", "how they were merged")) }
            }
        }
    })
}
