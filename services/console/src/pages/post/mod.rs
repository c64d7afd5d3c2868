//! 补录: one record typed instead of a sheet, with the same checks and words as a sheet's row.

mod fields;
mod typed;

use std::time::Duration;

use axum::Router;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use keshi_core::lang::{Lang, Say, say};
use keshi_import::{Import, Stopped, check, is_bad};
use keshi_office::access::rights::{self, Right};
use keshi_sheets::columns::{Col, Kind};
use keshi_sheets::report::{Outcome, Remark, RowVerdict};
use maud::{Markup, html};
use tokio::time::timeout;
use tonic::Status;

use self::typed::Typed;
use crate::Console;
use crate::extract::{Filled, Named, Question};
use crate::fault::{Answer, Unanswered};
use crate::imports::Progress;
use crate::page::page;
use crate::schools::Schools;
use crate::visitor::Visitor;

/// How long a page waits for a record to be checked, or recorded.
const LIMIT: Duration = Duration::from_secs(40);

pub(super) fn router() -> Router<Console> {
    Router::new()
        .route("/post", get(kinds))
        .route("/post/{kind}", get(show).post(take))
}

/// The right of her role to what rows of this kind record. What it reaches is decided when she posts.
fn right(visitor: &Visitor, kind: Kind) -> Right {
    rights::find(kind.fact()).map_or(Right::No, |row| row.right(visitor.role()))
}

/// The kinds of records that her role posts.
async fn kinds(visitor: Visitor) -> Response {
    let lang = visitor.lang;
    // Who was at a session is told for all of them together.
    let own = |kind: &&Kind| **kind != Kind::Attendance && right(&visitor, **kind) != Right::No;
    let own: Vec<&Kind> = Kind::ALL.iter().filter(own).collect();
    let content = html! {
        @if own.is_empty() {
            p.quiet { (lang.pick("您的身份不填报记录；如需要，请联系系统管理员。", "your role posts nothing; ask the admin if you need to.")) }
        } @else {
            p { (lang.pick(
                "一次填一条，先核对再入账。人多的用“点名”，行多的填表格导入。",
                "one record at a time, checked before it is recorded. For many people use Attendance, for many rows a sheet.",
            )) }
            ul.doors {
                @if right(&visitor, Kind::Attendance) != Right::No { li { a href="/sessions" { (lang.pick("点名", "attendance")) } } }
                @for kind in own { li { a href=(address(*kind)) { (lang.pick(kind.zh(), kind.en())) } } }
            }
        }
    };
    page(&visitor, visitor.say("补录", "Post a record"), &content)
}

/// Where the form of this kind is.
fn address(kind: Kind) -> String {
    format!("/post/{}", kind.en().replace(' ', "%20"))
}

fn kind_of(visitor: &Visitor, word: &str) -> Result<Kind, Unanswered> {
    Kind::from_word(word).ok_or_else(|| {
        let says = visitor.say(
            "没有这种记录；请从“补录”页选",
            "there is no such kind of record: choose one on the page Post",
        );
        visitor.unanswered(Status::not_found(says))
    })
}

async fn show(
    visitor: Visitor,
    Named(word): Named<String>,
    Question(asked): Question<Vec<(String, String)>>,
) -> Answer {
    let kind = kind_of(&visitor, &word)?;
    let mut typed = Typed::read(kind, asked);
    if right(&visitor, kind) == Right::Herself
        && let Some(own) = visitor.who.role.teacher_id()
    {
        typed.suggest(Col::Teacher, own);
    }
    // Elsewhere a clerk may well mean another school.
    if matches!(kind, Kind::Questions | Kind::AnswerRatings)
        && let Some(own) = visitor.who.role.school()
    {
        typed.suggest(Col::School, own);
    }
    form(&visitor, &typed, &Told::default()).await
}

async fn take(visitor: Visitor, Named(word): Named<String>, Filled(fields): Filled<Vec<(String, String)>>) -> Answer {
    let kind = kind_of(&visitor, &word)?;
    let typed = Typed::read(kind, fields);
    if typed.again {
        return form(&visitor, &typed, &Told::default()).await;
    }
    let watch = Progress::default();
    let checked = within(async {
        let job = typed.job().map_err(|says| vec![says])?;
        let mut import = check(&visitor.api, &watch, &job, typed.rows()).await.map_err(told)?;
        let is_new = import.verdicts.iter().all(|verdict| is_new(verdict.outcome));
        if typed.sure && is_new {
            import.send(&visitor.api, &watch).await.map_err(told)?;
        }
        Ok(import)
    });
    let import = match checked.await {
        Ok(import) => import,
        Err(says) => return form(&visitor, &typed, &Told::says(says)).await,
    };
    let Some(verdict) = import.verdicts.first() else {
        return form(&visitor, &typed, &Told::default()).await;
    };
    match (is_new(verdict.outcome), import.is_sent) {
        (true, true) => Ok(Redirect::to(&typed.next(verdict.entry)).into_response()),
        (true, false) => Ok(preview(&visitor, &typed, verdict, &watch.notes())),
        (false, _) => form(&visitor, &typed, &Told::of(verdict, &import)).await,
    }
}

/// Whether the record would be entered anew, or was.
const fn is_new(outcome: Outcome) -> bool {
    outcome.is_in_ledger() && !matches!(outcome, Outcome::Duplicate)
}

/// The same, if it is there in time.
async fn within(work: impl Future<Output = Result<Import, Vec<Say>>>) -> Result<Import, Vec<Say>> {
    let late = || {
        vec![say(
            "服务一时没有答复；请再提交一次，同样的内容不会重复入账",
            "the services did not answer in time; send it once more, the same is not recorded twice",
        )]
    };
    timeout(LIMIT, work).await.unwrap_or_else(|_| Err(late()))
}

fn told(stopped: Stopped) -> Vec<Say> {
    let status = stopped.status.map(|status| Say::same(status.message()));
    status.into_iter().chain(stopped.says).collect()
}

/// What is said of what was typed.
#[derive(Default)]
struct Told {
    says: Vec<Say>,
    remarks: Vec<Remark>,
    /// What it is, where that is no mistake: it stands in the ledger already.
    duplicate_of: Option<u64>,
    /// Whether a reason would correct the ledger, or bring back what is void.
    may_correct: bool,
}

impl Told {
    fn says(says: Vec<Say>) -> Self {
        Self {
            says,
            ..Self::default()
        }
    }

    fn of(verdict: &RowVerdict, import: &Import) -> Self {
        let is_wrong = is_bad(verdict.outcome) || (import.is_sent && verdict.outcome == Outcome::NotSent);
        Self {
            says: Vec::new(),
            remarks: verdict.remarks.clone(),
            duplicate_of: verdict.entry.filter(|_| !is_wrong),
            may_correct: verdict.outcome == Outcome::Changed || verdict.is_since_changed,
        }
    }

    /// What is said of the column with this heading.
    fn about<'t>(&'t self, heading: &'t str) -> impl Iterator<Item = &'t Remark> {
        self.remarks.iter().filter(move |remark| remark.column == heading)
    }
}

async fn form(visitor: &Visitor, typed: &Typed, told: &Told) -> Answer {
    let lang = visitor.lang;
    let kind = typed.kind;
    let schools = if fields::names_schools(kind) {
        let schools = Schools::ask(visitor).await;
        schools.map_err(|status| visitor.unanswered(status))?
    } else {
        Schools::default()
    };
    let beside: Vec<&Remark> = told
        .remarks
        .iter()
        .filter(|remark| !typed.has(&remark.column))
        .collect();
    let is_wrong = told.duplicate_of.is_none() && !(told.remarks.is_empty() && told.says.is_empty());
    let content = html! {
        @if let Some(done) = &typed.done {
            p.done role="status" {
                b { (lang.pick("已入账", "recorded")) } " "
                @if let Ok(index) = done.parse::<u64>() { (entry(index, lang)) }
                (lang.pick("。可以接着录下一条；与人无关的内容已替您留着。", ". Go on with the next: what is about nobody in particular is kept for you."))
            }
        }
        @if is_wrong {
            div.problem role="alert" {
                p { b { (lang.pick("没有入账，请改正标出的各处", "nothing was recorded: mend what is marked")) } }
                @for what in &told.says { p { (what.pick(lang)) } }
                @for remark in &beside { p { (remark_text(remark, lang)) } }
            }
        }
        @if let Some(index) = told.duplicate_of {
            div.problem role="alert" {
                p { b { (lang.pick("这一条已在台账中，没有重复入账：", "this is in the ledger already, and was not recorded twice: ")) (entry(index, lang)) } }
                @for remark in &told.remarks { p { (remark_text(remark, lang)) } }
            }
        }
        (fields::form(visitor, typed, told, &schools))
        p.noprint.about {
            a href="/post" { (lang.pick("录别的", "another kind")) }
            a href="/import" { (lang.pick("很多行：导入表格", "many rows: import a sheet")) }
        }
    };
    Ok(page(visitor, &title(kind, lang), &content))
}

fn title(kind: Kind, lang: Lang) -> String {
    lang.pick(format!("补录：{}", kind.zh()), format!("Post a record: {}", kind.en()))
}

fn entry(index: u64, lang: Lang) -> Markup {
    html! { a href=(format!("/entries/{index}")) { (lang.pick(format!("第 {index} 条"), format!("entry {index}"))) } }
}

/// The reason and what to do.
fn remark_text(remark: &Remark, lang: Lang) -> Markup {
    html! {
        @if !remark.column.is_empty() { b { (remark.column) } " " }
        (remark.reason(lang))
        @if !remark.remedy(lang).is_empty() { (lang.pick("；", "; ")) (remark.remedy(lang)) }
    }
}

/// What would be recorded, before it is.
fn preview(visitor: &Visitor, typed: &Typed, verdict: &RowVerdict, notes: &[Say]) -> Response {
    let lang = visitor.lang;
    let content = html! {
        p { span.tag.good { (verdict.outcome.would_be(lang)) } " " (lang.pick("还没有入账；看过再按“入账”。", "nothing is recorded yet: look at it, then record it.")) }
        @for remark in &verdict.remarks { p.hint { (remark_text(remark, lang)) } }
        @for note in notes { p.hint { (note.pick(lang)) } }
        dl.facts { @for (heading, value) in typed.filled() { dt { (heading) } dd { (value) } } }
        form method="post" action=(address(typed.kind)) {
            @for (name, value) in typed.all() { input type="hidden" name=(name) value=(value); }
            div.actions {
                button name="sure" value="yes" { (lang.pick("入账", "record it")) }
                button.second name="again" value="yes" { (lang.pick("再改改", "change it again")) }
            }
        }
    };
    page(visitor, &title(typed.kind, lang), &content)
}
