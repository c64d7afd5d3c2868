//! What would become of each row, and what did.

use std::collections::HashSet;
use std::sync::Arc;

use axum::extract::State as Shared;
use axum::http::header::{HeaderName, HeaderValue};
use axum::response::{Html, IntoResponse as _, Redirect};
use keshi_core::lang::Lang;
use keshi_core::text::Text;
use keshi_import::{Import, is_bad, lacks_person, needs_work, who};
use keshi_sheets::columns::Kind;
use keshi_sheets::plan::Place;
use keshi_sheets::report::{Outcome, copy_bytes, lines_of};
use keshi_words::names::count;
use maud::{Markup, html};
use serde::Deserialize;
use tonic::Status;
use uuid::Uuid;

use super::held;
use super::rows::{Chosen, rows};
use crate::Console;
use crate::ask::day;
use crate::download::{attachment, made};
use crate::extract::{Filled, Named, Question};
use crate::fault::Answer;
use crate::form::field;
use crate::imports::{Held, State};
use crate::page::{Frame, framed};
use crate::visitor::Visitor;

/// Most causes and people that are listed; the checked copies have them all.
const LISTED_MAX: usize = 50;

pub(super) async fn show(
    visitor: Visitor,
    Shared(console): Shared<Console>,
    Named(id): Named<Uuid>,
    Question(chosen): Question<Chosen>,
) -> Answer {
    let held = held(&console, &visitor, id)?;
    let lang = visitor.lang;
    let state = held.state();
    let (content, refresh_s) = match &*state {
        State::Working => (working(&held, lang), Some(2)),
        State::Stopped(says) => (stopped(&held, says, lang), None),
        State::Done(import) => (done(&held, import, &chosen, lang), None),
    };
    let title = lang.pick(
        format!("导入 {}", held.names.join("、")),
        format!("Import of {}", held.names.join(", ")),
    );
    // What was typed is not called a file.
    let title = held
        .form
        .as_ref()
        .map_or(title, |_| held.names.join(lang.pick("、", ", ")));
    Ok(framed(&visitor, &title, &content, Frame { refresh_s }))
}

/// Where it is, in place of the part of the page that says so.
pub(super) async fn progress(visitor: Visitor, Shared(console): Shared<Console>, Named(id): Named<Uuid>) -> Answer {
    let held = held(&console, &visitor, id)?;
    if held.is_working() {
        return Ok(Html(working(&held, visitor.lang).into_string()).into_response());
    }
    let to = HeaderValue::try_from(format!("/import/{id}")).unwrap_or(HeaderValue::from_static("/import"));
    Ok(([(HeaderName::from_static("hx-redirect"), to)], "").into_response())
}

pub(super) async fn send(visitor: Visitor, Shared(console): Shared<Console>, Named(id): Named<Uuid>) -> Answer {
    held(&console, &visitor, id)?.send(visitor.api.clone());
    Ok(Redirect::to(&format!("/import/{id}")).into_response())
}

/// Has a working import stop, and shows what came of it.
pub(super) async fn stop(visitor: Visitor, Shared(console): Shared<Console>, Named(id): Named<Uuid>) -> Answer {
    held(&console, &visitor, id)?.stop();
    Ok(Redirect::to(&format!("/import/{id}")).into_response())
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Anew {
    correct: String,
    back: String,
    from: String,
}

pub(super) async fn check_again(
    visitor: Visitor,
    Shared(console): Shared<Console>,
    Named(id): Named<Uuid>,
    Filled(anew): Filled<Anew>,
) -> Answer {
    let held = held(&console, &visitor, id)?;
    let wrong = |says| visitor.unanswered(Status::invalid_argument(says));
    let correct = match anew.correct.trim() {
        "" => None,
        text => Some(Text::new(text).map_err(|_| {
            wrong(visitor.say(
                "理由太长或有不可见的字符，没有核对；请返回改短",
                "the reason is too long or has hidden characters, nothing was checked: go back and shorten it",
            ))
        })?),
    };
    let from = day(&visitor, "from", &anew.from).map_err(|wrong| visitor.unanswered(wrong.into_status()))?;
    held.check_again(visitor.api.clone(), |job| {
        job.correct = correct.or(job.correct.take());
        job.brings_back |= !anew.back.is_empty();
        job.from = from.or(job.from.take());
    });
    Ok(Redirect::to(&format!("/import/{id}")).into_response())
}

pub(super) async fn copy(
    visitor: Visitor,
    Shared(console): Shared<Console>,
    Named((id, book)): Named<(Uuid, usize)>,
) -> Answer {
    let held = held(&console, &visitor, id)?;
    // Taken out, so that nobody waits for the state while the copy is made.
    let (rows, verdicts, is_sent) = match &*held.state() {
        State::Done(import) if book < import.rows.books().len() => {
            (Arc::clone(&import.rows), import.verdicts.clone(), import.is_sent)
        }
        State::Done(_) | State::Working | State::Stopped(_) => {
            return Ok(Redirect::to(&format!("/import/{id}")).into_response());
        }
    };
    let making = made(&visitor, move || copy_bytes(&rows, book, (&verdicts, is_sent)));
    let made = making.await.map_err(|status| visitor.unanswered(status))?;
    Ok(match made {
        Ok((name, bytes)) => attachment(&name, "checked", bytes),
        Err(error) => visitor.broken(&error.say()),
    })
}

/// How far it is, in a few words.
pub(super) fn short(held: &Held, lang: Lang) -> Markup {
    let (class, text) = match &*held.state() {
        State::Working => ("", lang.pick("进行中", "under way").to_owned()),
        State::Stopped(_) => ("short", lang.pick("中断", "stopped").to_owned()),
        State::Done(import) if import.is_sent => ("good", import.tally().text(lang, true)),
        State::Done(import) => ("", import.tally().text(lang, false)),
    };
    html! { span class={ "tag " (class) } { (text) } }
}

fn working(held: &Held, lang: Lang) -> Markup {
    let (what, steps, reached) = held.progress.now(lang);
    html! {
        div #progress hx-get=(format!("/import/{}/progress", held.id)) hx-trigger="load delay:700ms" hx-swap="outerHTML" aria-live="polite" {
            p { (what) @if steps > 1 { " " (count(reached)) " / " (count(steps)) } " …" }
            @if steps > 1 { progress max=(steps) value=(reached) aria-label=(what) {} } @else { progress aria-label=(what) {} }
            p.hint { (lang.pick("可以离开本页，导入会继续；结果在“导入”页上。", "you may leave this page, the import goes on; its outcome is on the page Import.")) }
            @if held.is_stopping() {
                p.hint { (lang.pick("正在停止：已送出的部分等到结果就停。", "it is stopping, as soon as what was sent is answered.")) }
            } @else {
                form.actions method="post" action=(format!("/import/{}/stop", held.id)) {
                    button.second { (lang.pick("停止", "stop")) }
                    span.hint { (lang.pick("已入账的保留，其余不再送出", "what is recorded stays, the rest is not sent")) }
                }
            }
        }
    }
}

fn stopped(held: &Held, says: &[keshi_core::lang::Say], lang: Lang) -> Markup {
    html! {
        div.problem role="alert" { @for says in says { p { (says.pick(lang)) } } }
        div.actions {
            @if held.is_read() {
                form method="post" action=(format!("/import/{}/check", held.id)) { button { (lang.pick("再核对一次", "check once more")) } }
            }
            @if let Some(form) = held.form_again() { a.button.second href=(form) { (lang.pick("返回填写", "back to the form")) } }
            @else { a.button.second href="/import" { (lang.pick("另选文件", "choose other files")) } }
        }
    }
}

fn done(held: &Held, import: &Import, chosen: &Chosen, lang: Lang) -> Markup {
    let tally = import.tally();
    let is_sent = import.is_sent;
    html! {
        @for note in held.progress.notes() { p.hint { (note.pick(lang)) } }
        p .done[is_sent && tally.is_good()] { b { (tally.text(lang, is_sent)) } }
        (next(held, import, lang))
        (people(import, lang))
        (causes(import, lang))
        (rows(held.id, import, chosen, lang))
    }
}

/// What there is to do.
fn next(held: &Held, import: &Import, lang: Lang) -> Markup {
    let tally = import.tally();
    let to_record: u64 = tally
        .rows()
        .filter(|(outcome, _)| outcome.is_in_ledger() && *outcome != Outcome::Duplicate)
        .map(|(_, rows)| rows)
        .sum();
    let has_bad = import.has_bad();
    // What was only stopped needs no mending.
    let needs_mending = has_bad || (import.is_sent && !tally.is_good() && !import.is_stopped);
    let rows = count(to_record);
    let id = held.id;
    html! {
        @if import.is_stopped { (halted(held, import, lang)) }
        @if import.is_sent && tally.is_good() {
            p {
                (lang.pick("已办完。", "that is done.")) " "
                @if let Some(form) = &held.form { a href=(form.from) { (lang.pick("返回", "back")) } }
                @else { a href="/import" { (lang.pick("再导入一个", "import another")) } }
            }
        } @else if !import.is_sent && tally.of(Outcome::Duplicate) == tally.total() {
            p { (lang.pick("这些行都已在台账中，没有新内容。", "all of it is in the ledger already: there is nothing new.")) }
        }
        @if let Some(form) = held.form_again().filter(|_| needs_mending) {
            p { (lang.pick("原因列在下面；返回改正后再提交。", "the reasons stand below: go back, mend it, and send it again.")) }
            div.actions { a.button.second href=(form) { (lang.pick("返回改正", "back to mend it")) } }
        } @else if needs_mending {
            p { (lang.pick(
                "下载核对副本，在标色的格里改正，再导入副本。",
                "save the checked copy, mend the coloured cells, and import the copy.",
            )) }
            div.actions {
                @for (book, workbook) in import.rows.books().iter().enumerate() {
                    @if import.verdicts.iter().any(|verdict| verdict.place.book == book && needs_work(verdict, import.is_sent)) {
                        a.button href=(format!("/import/{id}/copy/{book}")) download { (lang.pick("核对副本", "checked copy")) "：" (workbook.name) }
                    }
                }
                a.button.second href="/import" { (lang.pick("导入改好的副本", "import the mended copy")) }
            }
        }
        @if !import.is_sent && tally.of(Outcome::Changed) > 0 {
            form.row method="post" action=(format!("/import/{id}/check")) {
                (field(lang.pick("改动过的行确要更正：理由", "the changed rows are to correct the ledger: the reason"),
                    &html! { input name="correct" required maxlength="200" size="30"; }))
                button.second { (lang.pick("按更正重新核对", "check again as corrections")) }
            }
        }
        @if !import.is_sent && held.form.is_some() && import.verdicts.iter().any(|verdict| verdict.is_since_changed) {
            form.row method="post" action=(format!("/import/{id}/check")) {
                input type="hidden" name="back" value="yes";
                (field(lang.pick("作废过的确要重新记入：理由", "what was voided is to count again: the reason"),
                    &html! { input name="correct" required maxlength="200" size="30"; }))
                button.second { (lang.pick("重新记入并核对", "bring it back and check")) }
            }
        }
        @if !import.is_sent && has_bad && import.rows.books().iter().flat_map(|book| &book.sheets).any(|sheet| sheet.kind == Kind::Teachers) {
            form.row method="post" action=(format!("/import/{id}/check")) {
                (field(lang.pick("这是新名册，自", "this is a new roster, from"), &html! { input type="date" name="from" required; }))
                button.second { (lang.pick("按名册重新核对", "check again as a roster")) }
            }
        }
        @if !import.is_sent && to_record > 0 {
            form.actions method="post" action=(format!("/import/{id}/send")) {
                button .second[has_bad] {
                    @if has_bad { (lang.pick(format!("先入账其余 {rows} 行"), format!("record the other {rows} rows now"))) }
                    @else { (lang.pick(format!("入账 {rows} 行"), format!("record {rows} rows"))) }
                }
            }
        }
    }
}

/// What an import that was stopped has done, and how it goes on.
fn halted(held: &Held, import: &Import, lang: Lang) -> Markup {
    let left = count(import.tally().of(Outcome::NotSent));
    html! {
        div.problem role="status" {
            p { (lang.pick(
                format!("已按您的要求停止：上面写明已入账的各行保留，其余 {left} 行没有送出。"),
                format!("it was stopped as you asked: the rows recorded, as said above, stay; the other {left} were not sent."),
            )) }
            form method="post" action=(format!("/import/{}/check", held.id)) { button { (lang.pick("接着核对其余各行", "go on and check the rest")) } }
        }
    }
}

fn people(import: &Import, lang: Lang) -> Markup {
    let people = &import.plan.people;
    html! {
        @if !people.is_empty() {
            h2 { (lang.pick(format!("有 {} 人需要确认", people.len()), format!("{} people to clear up", people.len()))) }
            p.hint { (lang.pick(
                "核对姓名和证件号码；新教师先导入“教师”表；同名的填写教师编号；外校教师写明姓名和教师编号或证件号码。",
                "check name and document; import new teachers in the sheet 教师 first; where several have the name, give the 教师编号; \
                 of another school's teacher give the name with her 教师编号 or ID number.",
            )) }
            ul {
                @for person in people.iter().take(LISTED_MAX) { li { (who(&import.rows, person, lang).trim()) } }
                @if let Some(more) = people.len().checked_sub(LISTED_MAX).filter(|more| *more > 0) {
                    li.quiet { (lang.pick(format!("另有 {more} 人，见核对副本"), format!("and {more} more, see the checked copy"))) }
                }
            }
        }
    }
}

/// One line for each cause, with the rows that have it.
fn causes(import: &Import, lang: Lang) -> Markup {
    // Rows that lack nothing but the person stand in the list of people.
    let rows = import.plan.rows.iter().filter(|row| lacks_person(row));
    let listed: HashSet<Place> = rows.map(|row| row.place).collect();
    let told = import
        .verdicts
        .iter()
        .filter(|verdict| !listed.contains(&verdict.place))
        .filter(|verdict| is_bad(verdict.outcome) || verdict.is_noted || verdict.is_since_changed);
    let lines = lines_of(told, import.is_sent, lang);
    html! {
        @if !lines.is_empty() {
            h2 { (lang.pick("需要知道的", "what to know")) }
            ul {
                @for (_, line) in lines.iter().take(LISTED_MAX) { li { (line) } }
                @if let Some(more) = lines.len().checked_sub(LISTED_MAX).filter(|more| *more > 0) {
                    li.quiet { (lang.pick(format!("另有 {more} 项，见核对副本"), format!("and {more} more, see the checked copy"))) }
                }
            }
        }
    }
}
