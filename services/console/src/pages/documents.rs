//! Policies and calendars: written or uploaded, their mistakes marked in their places, adopted.

use std::collections::BTreeMap;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Multipart};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use keshi_core::document::Problem;
use keshi_core::lang::Say;
use keshi_import::document::{Document, TEMPLATES, adopted, read, send};
use keshi_proto::api;
use keshi_words::calendar::{days, name, warnings};
use keshi_words::names::count;
use maud::{Markup, html};
use serde::Deserialize;
use tokio::time::timeout;
use tonic::Status;

use super::comparison;
use crate::Console;
use crate::extract::{FORM_LIMIT, Filled, Question};
use crate::fault::{Answer, Unanswered};
use crate::form::field;
use crate::page::page;
use crate::table::{Set, Table, text};
use crate::visitor::Visitor;

/// Largest document, in bytes, and what a form makes of it.
pub(super) const FORM_BYTES_MAX: usize = 512 * 1024;

pub(super) fn router() -> Router<Console> {
    let limit = DefaultBodyLimit::max(FORM_BYTES_MAX);
    Router::new()
        .route("/documents/new", get(show))
        .route("/documents/upload", post(upload).layer(limit))
        .route("/documents/check", post(check).layer(limit))
        .route("/documents/adopt", post(adopt).layer(limit))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    from: String,
}

#[derive(Deserialize)]
struct Typed {
    document: String,
}

async fn show(visitor: Visitor, Question(asked): Question<Asked>) -> Response {
    let template = TEMPLATES.iter().find(|template| template.zh == asked.from);
    let text = template.map_or("", |template| template.text);
    editor(&visitor, text, &html! {})
}

/// A file chosen instead of a text typed.
async fn upload(visitor: Visitor, parts: Multipart) -> Answer {
    let slow = || {
        visitor.unanswered(Status::deadline_exceeded(visitor.say(
            "文件传得太慢，没有收下；请再传一次",
            "the file took too long to arrive and was not taken: send it again",
        )))
    };
    match timeout(FORM_LIMIT, text_of(&visitor, parts))
        .await
        .map_err(|_| slow())??
    {
        Some(text) => Ok(checked(&visitor, &text).await),
        None => Ok(Redirect::to("/documents/new").into_response()),
    }
}

/// The text of the file in a form, if there is one.
async fn text_of(visitor: &Visitor, mut parts: Multipart) -> Result<Option<String>, Unanswered> {
    let unread = || {
        visitor.unanswered(Status::invalid_argument(visitor.say(
            "文件没有传完；请再传一次",
            "the file did not arrive whole; send it again",
        )))
    };
    while let Some(part) = parts.next_field().await.map_err(|_| unread())? {
        if part.name() == Some("file") {
            let bytes = part.bytes().await.map_err(|_| unread())?;
            let no_text = |_| {
                visitor.unanswered(Status::invalid_argument(visitor.say(
                    "文件不是 UTF-8 文本；请另存为 UTF-8",
                    "the file is not text in UTF-8: save it so",
                )))
            };
            let text = String::from_utf8(bytes.to_vec()).map_err(no_text)?;
            return Ok(Some(text));
        }
    }
    Ok(None)
}

async fn check(visitor: Visitor, Filled(typed): Filled<Typed>) -> Response {
    checked(&visitor, &typed.document.replace("\r\n", "\n")).await
}

pub(super) async fn checked(visitor: &Visitor, document: &str) -> Response {
    let found = match read(document) {
        Ok(good) => good_one(visitor, &good, document).await,
        Err(problems) => marked(visitor, document, &problems),
    };
    editor(visitor, document, &found)
}

async fn adopt(visitor: Visitor, Filled(typed): Filled<Typed>) -> Answer {
    let document = typed.document.replace("\r\n", "\n");
    let Ok(good) = read(&document) else {
        return Ok(checked(&visitor, &document).await);
    };
    let sent = send(&visitor.api, &good, document.clone()).await;
    let (what, response) = sent.map_err(|status| visitor.unanswered(status))?;
    let said = match adopted(&what, &response) {
        Ok(said) => html! {
            p.done role="status" { (said.pick(visitor.lang)) }
            p { a href=(match good { Document::Policy(_) => "/policies", Document::Calendar(_) => "/calendars", Document::Figures(_) => "/year" }) {
                (visitor.say("看已发布的", "see what is adopted"))
            } }
        },
        Err(why) => problem(&visitor, &why),
    };
    Ok(editor(&visitor, &document, &said))
}

fn problem(visitor: &Visitor, what: &Say) -> Markup {
    html! { p.problem role="alert" { (what.pick(visitor.lang)) } }
}

/// What a good document says, what it would change, and the button to adopt it.
async fn good_one(visitor: &Visitor, good: &Document, document: &str) -> Markup {
    let lang = visitor.lang;
    let changes = match good {
        Document::Policy(policy) => comparison::offer(visitor, policy, document).await,
        Document::Calendar(_) => calendar_changes(visitor, document).await,
        Document::Figures(_) => html! {},
    };
    html! {
        section {
            p.done role="status" { (lang.pick("没有错误。", "no mistakes.")) }
            @match good {
                Document::Policy(policy) => {
                    p { b { (policy.name) } " " (policy.id) " " (lang.pick(format!("第 {} 版，自 {} 起", policy.version, policy.effective_from), format!("version {}, from {}", policy.version, policy.effective_from))) }
                    ul { @for requirement in &policy.requirements { li { (requirement.id) " ≥ " (requirement.min) " " (requirement.unit) " " (requirement.text) } } }
                }
                Document::Figures(definitions) => {
                    p { b { (definitions.name) } " " (lang.pick(format!("第 {} 版，自 {} 年起", definitions.version, definitions.from_year), format!("version {}, from {} on", definitions.version, definitions.from_year))) }
                    ul { @for figure in &definitions.figures { li { (figure.name) @if !figure.unit.is_empty() { "（" (figure.unit) "）" } } } }
                }
                Document::Calendar(calendar) => {
                    p { b { (calendar.id) } }
                    ul { @for semester in &calendar.semesters { li { (semester.id) " " (semester.from) " … " (semester.to) " · " (semester.teaching_weeks) " " (lang.pick("周", "weeks")) } } }
                }
            }
            (changes)
            form method="post" action="/documents/adopt" {
                input type="hidden" name="document" value=(document);
                div.actions { button { (lang.pick("发布，写入台账", "adopt it: write it into the ledger")) } }
            }
        }
    }
}

/// Which semesters it would move. Whoever may not ask that is told so where it is adopted.
async fn calendar_changes(visitor: &Visitor, document: &str) -> Markup {
    let request = visitor.api.call(api::CompareCalendarRequest {
        document: document.to_owned(),
        at: None,
    });
    let changes = match visitor.api.ledger().compare_calendar(request).await {
        Ok(answer) => answer.into_inner().changes,
        Err(status) => return problem(visitor, &Say::same(status.message())),
    };
    let mut table = Table::new([
        (visitor.say("学期", "semester"), Set::Text),
        (visitor.say("台账", "ledger"), Set::Text),
        (visitor.say("文件", "file"), Set::Text),
        (visitor.say("牵涉条数", "entries touched"), Set::Number),
    ]);
    for change in &changes {
        let shown = |semester: Option<&api::Semester>| semester.map_or_else(String::new, |it| days(it, visitor.lang));
        table.row([
            text(name(change)),
            text(shown(change.before.as_ref())),
            text(shown(change.after.as_ref())),
            text(count(change.entries)),
        ]);
    }
    html! {
        (table.render(visitor.say("会变动的学期", "semesters that would change")))
        @for warning in changes.iter().flat_map(warnings) { p.hint { (warning.pick(visitor.lang)) } }
    }
}

/// The document with its lines numbered, and each mistake below its line.
fn marked(visitor: &Visitor, document: &str, problems: &[Problem]) -> Markup {
    let lang = visitor.lang;
    let mut by_line: BTreeMap<usize, Vec<&Problem>> = BTreeMap::new();
    for problem in problems {
        by_line.entry(problem.line).or_default().push(problem);
    }
    let lines: Vec<&str> = document.lines().collect();
    // What is said of the end of the text stands below its last line.
    let last = lines.len().max(1);
    html! {
        p.problem role="alert" { (lang.pick(format!("有 {} 处错误：", problems.len()), format!("{} mistakes:", problems.len()))) }
        ul { @for problem in problems { li { a href=(format!("#l{}", problem.line.min(last))) { (lang.pick(format!("第 {} 行", problem.line), format!("line {}", problem.line))) } " " (problem.what.pick(lang)) } } }
        ol.source {
            @for (number, line) in (1..).zip(&lines) {
                @let here = by_line.get(&number);
                li #{ "l" (number) } .wrong[here.is_some()] {
                    code { (line) }
                    @for problem in here.into_iter().flatten() { p.problem { (lang.pick(format!("第 {} 字：", problem.column), format!("column {}: ", problem.column))) (problem.what.pick(lang)) } }
                }
            }
        }
    }
}

fn editor(visitor: &Visitor, document: &str, found: &Markup) -> Response {
    let lang = visitor.lang;
    let content = html! {
        (found)
        @if document.is_empty() {
            p { (lang.pick("规则和校历是文件：从模板改起，或上传现成的，检查无误后发布。", "policies and calendars are documents: begin with a template or upload one; once it has no mistakes it is adopted.")) }
        }
        p { (lang.pick("模板：", "templates: "))
            @for template in &TEMPLATES { a href=(format!("/documents/new?{}", serde_urlencoded::to_string([("from", template.zh)]).unwrap_or_default())) { (lang.pick(template.zh, template.en)) } " " }
        }
        form.row method="post" action="/documents/upload" enctype="multipart/form-data" {
            (field(lang.pick("或上传文件（toml）", "or upload a file (toml)"), &html! { input type="file" name="file" accept=".toml,text/plain" required; }))
            button.second { (lang.pick("上传并检查", "send and check")) }
        }
        form method="post" action="/documents/check" {
            label.field.wide { span { (lang.pick("文件内容", "the document")) }
                textarea name="document" rows="24" spellcheck="false" autocapitalize="none" { (document) }
            }
            div.actions { button { (lang.pick("检查", "check it")) } }
        }
    };
    page(visitor, lang.pick("规则和校历", "Policies and calendars"), &content)
}
