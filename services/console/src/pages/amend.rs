//! Correcting and voiding one entry: what it says, what it would say, and then it is done.

use axum::response::{IntoResponse as _, Redirect, Response};
use keshi_core::lang::{Lang, Say, say};
use keshi_import::amend::{self, Change, Known, Unamended, hours_of};
use keshi_office::access::RoleName;
use keshi_proto::api;
use keshi_words::names::amount;
use keshi_words::time::dates;
use maud::{Markup, html};
use serde::Deserialize;

use crate::extract::{Filled, Named};
use crate::fault::Answer;
use crate::form::field;
use crate::page::page;
use crate::table::{Set, Table, text};
use crate::visitor::Visitor;

/// What was typed; kept when something is wrong.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    hours: String,
    from: String,
    to: String,
    reason: String,
    authorised_by: String,
    /// Whether the values were seen and are to be recorded.
    sure: String,
}

pub(crate) async fn show(visitor: Visitor, Named(index): Named<u64>) -> Answer {
    match amend::known(&visitor.api, index).await {
        Ok(known) => Ok(forms(&visitor, &known, &Typed::default(), None)),
        Err(unamended) => refused(&visitor, index, unamended),
    }
}

pub(crate) async fn correct(visitor: Visitor, Named(index): Named<u64>, Filled(typed): Filled<Typed>) -> Answer {
    let known = match amend::known(&visitor.api, index).await {
        Ok(known) => known,
        Err(unamended) => return refused(&visitor, index, unamended),
    };
    let wished = change(&typed).and_then(|change| {
        let changed = change.of(&known.event).map_err(|unamended| unamended.say())?;
        let correction = amend::correction(&known, changed.clone(), typed.reason.trim());
        let correction = correction.map_err(|unamended| unamended.say())?;
        Ok((changed, correction))
    });
    let (changed, correction) = match wished {
        Ok(wished) => wished,
        Err(what) => return Ok(forms(&visitor, &known, &typed, Some(&what))),
    };
    if typed.sure.is_empty() {
        return Ok(asked(&visitor, &known, &changed, &typed));
    }
    posted(&visitor, &known, vec![correction], &typed).await
}

pub(crate) async fn void(visitor: Visitor, Named(index): Named<u64>, Filled(typed): Filled<Typed>) -> Answer {
    let chain = match amend::chain(&visitor.api, index, false).await {
        Ok(chain) => chain,
        Err(unamended) => return refused(&visitor, index, unamended),
    };
    let voids = amend::voids(&chain, typed.reason.trim(), typed.authorised_by.trim());
    match chain.first() {
        Some(known) => posted(&visitor, known, voids, &typed).await,
        None => Ok(Redirect::to(&entry(index)).into_response()),
    }
}

/// Whether an entry's page offers to amend it: it has effect, and her role posts at all. Whether she may is decided when she
/// does.
pub(crate) fn is_offered(visitor: &Visitor, entry: &api::Entry) -> bool {
    let posts = match visitor.role() {
        RoleName::Clerk
        | RoleName::HeadTeacher
        | RoleName::Lead
        | RoleName::Researcher
        | RoleName::Reviewer
        | RoleName::Admin
        | RoleName::Dev => true,
        RoleName::Teacher | RoleName::Auditor | RoleName::RegistryReader => false,
    };
    let is_recorded = matches!(entry.verdict(), api::Verdict::Recorded | api::Verdict::Waiting);
    posts && is_recorded && entry.voided_by.is_none() && entry.corrected_by.is_none()
}

fn entry(index: u64) -> String {
    format!("/entries/{index}")
}

fn change(typed: &Typed) -> Result<Change, Say> {
    let day = |text: &str| match text.trim() {
        "" => Ok(None),
        text => text
            .parse()
            .map(Some)
            .map_err(|_| say("日期应写成 2022-06-30", "write the day as 2022-06-30")),
    };
    Ok(Change {
        from: day(&typed.from)?,
        to: day(&typed.to)?,
        hours: Some(typed.hours.trim().to_owned()).filter(|hours| !hours.is_empty()),
    })
}

async fn posted(visitor: &Visitor, known: &Known, events: Vec<api::Event>, typed: &Typed) -> Answer {
    let response = match amend::post(&visitor.api, events).await {
        Ok(response) => response,
        Err(Unamended::Services(status)) => {
            let what = Say::same(status.message());
            return Ok(forms(visitor, known, typed, Some(&what)));
        }
        Err(unamended) => return Ok(forms(visitor, known, typed, Some(&unamended.say()))),
    };
    match amend::recorded(&response) {
        // What was done is an entry of its own.
        Ok(indices) => Ok(Redirect::to(&entry(indices.last().copied().unwrap_or(known.entry.index))).into_response()),
        Err(unamended) => Ok(forms(visitor, known, typed, Some(&unamended.say()))),
    }
}

/// An entry that cannot be amended, and where to go from here.
fn refused(visitor: &Visitor, index: u64, unamended: Unamended) -> Answer {
    let on = match unamended {
        Unamended::Services(status) => return Err(visitor.unanswered(status)),
        Unamended::CorrectedSince { by, .. } | Unamended::Void { by, .. } => by,
        Unamended::NothingRecorded { .. }
        | Unamended::NothingChanges
        | Unamended::NoHours
        | Unamended::WrongHours(_)
        | Unamended::Refused(_) => index,
    };
    let what = unamended.say();
    let content = html! {
        p.problem role="alert" { (what.pick(visitor.lang)) }
        p { a href=(entry(on)) { (visitor.lang.pick(format!("看第 {on} 条"), format!("see entry {on}"))) } }
    };
    Ok(page(visitor, &title(index, visitor.lang), &content))
}

fn title(index: u64, lang: Lang) -> String {
    lang.pick(
        format!("更正或作废第 {index} 条"),
        format!("Correct or void entry {index}"),
    )
}

fn forms(visitor: &Visitor, known: &Known, typed: &Typed, wrong: Option<&Say>) -> Response {
    let lang = visitor.lang;
    let index = known.entry.index;
    let has_hours = hours_of(&known.event).is_some();
    let reason = |label: &str| {
        field(
            label,
            &html! { input name="reason" value=(typed.reason) required maxlength="200" size="40"; },
        )
    };
    let content = html! {
        @if let Some(wrong) = wrong { p.problem role="alert" { (wrong.pick(lang)) } }
        p { (lang.pick("原记录不会消失：更正和作废都是新的记录，谁、何时、为什么都留着。",
            "the original does not vanish: a correction or a void is an entry of its own, with who, when and why.")) }
        (known_as(known, lang))
        (values(&known.event, None, lang))
        h2 { (lang.pick("更正", "Correct")) }
        form.stack method="post" action=(format!("/entries/{index}/correct")) {
            @if has_hours {
                (field(lang.pick("改为多少课时（节）", "hours (lessons) instead"), &html! { input name="hours" inputmode="decimal" value=(typed.hours) size="8"; }))
            }
            (field(lang.pick("开始日期改为", "first day instead"), &html! { input type="date" name="from" value=(typed.from); }))
            (field(lang.pick("结束日期改为", "last day instead"), &html! { input type="date" name="to" value=(typed.to); }))
            (reason(lang.pick("更正的理由", "the reason for the correction")))
            div.actions { button { (lang.pick("看看改后的样子", "see what it would be")) } }
        }
        h2 { (lang.pick("作废", "Void")) }
        form.stack method="post" action=(format!("/entries/{index}/void")) {
            (reason(lang.pick("作废的理由", "the reason for voiding it")))
            (field(lang.pick("批准的文件或人（可不填）", "who or what authorises it (optional)"), &html! { input name="authorised_by" value=(typed.authorised_by) maxlength="200"; }))
            div.actions { button.danger { (lang.pick("作废这一条", "void this entry")) } a href=(entry(index)) { (lang.pick("不改了", "leave it as it is")) } }
        }
    };
    page(visitor, &title(index, lang), &content)
}

/// What it says and what it would say, before it is recorded.
fn asked(visitor: &Visitor, known: &Known, changed: &api::Event, typed: &Typed) -> Response {
    let lang = visitor.lang;
    let index = known.entry.index;
    let content = html! {
        (known_as(known, lang))
        (values(&known.event, Some(changed), lang))
        p { (lang.pick("理由：", "reason: ")) (typed.reason) }
        form method="post" action=(format!("/entries/{index}/correct")) {
            @for (name, value) in [("hours", &typed.hours), ("from", &typed.from), ("to", &typed.to), ("reason", &typed.reason)] {
                input type="hidden" name=(name) value=(value);
            }
            div.actions {
                button name="sure" value="yes" { (lang.pick("确认更正", "record the correction")) }
                a href=(format!("/entries/{index}/amend")) { (lang.pick("再改改", "change it again")) }
            }
        }
    };
    page(visitor, &title(index, lang), &content)
}

/// Whom and what the entry is about.
fn known_as(known: &Known, lang: Lang) -> Markup {
    let words = &known.words;
    let about = words
        .about
        .iter()
        .map(|about| format!("{} {}", about.name, about.teacher_id).trim().to_owned());
    html! {
        p { b { (lang.pick(&words.kind_zh, &words.kind)) } " " (about.collect::<Vec<_>>().join(lang.pick("、", ", "))) " " (lang.pick(&words.what_zh, &words.what_en)) }
    }
}

/// The values that may be changed here: as they are, and as they would be.
fn values(event: &api::Event, changed: Option<&api::Event>, lang: Lang) -> Markup {
    let rows = |event: &api::Event| {
        [
            dates(event.occurred_from.as_ref(), event.occurred_to.as_ref()),
            hours_of(event).map_or_else(String::new, amount),
        ]
    };
    let names = [lang.pick("日期", "days"), lang.pick("课时（节）", "hours (lessons)")];
    let mut table = Table::new([
        (lang.pick("内容", "what"), Set::Text),
        (lang.pick("现在", "now"), Set::Text),
        (lang.pick("改后", "instead"), Set::Text),
    ]);
    let new = changed.map(&rows);
    for (place, (name, old)) in names.into_iter().zip(rows(event)).enumerate() {
        let new = new.as_ref().and_then(|new| new.get(place)).cloned().unwrap_or_default();
        let is_changed = changed.is_some() && new != old;
        table.row([
            text(name),
            text(&old),
            html! { @if is_changed { mark { (new) } } @else { (new) } },
        ]);
    }
    table.render(lang.pick("原记录", "the entry"))
}
