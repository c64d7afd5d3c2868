//! 年度: the annual report of a year, how the year stands, closing and restating it, and the report as a file.

use axum::response::{IntoResponse, Redirect, Response};
use keshi_proto::api;
use keshi_sheets::write::lists_bytes;
use keshi_words::names::count;
use keshi_words::report::{Block, Paper, paper};
use keshi_words::time::{parts, today};
use keshi_words::year::{CHANGE_HEADINGS, CLOSING_HEADINGS, change, closing, stands};
use maud::{Markup, PreEscaped, html};
use serde::{Deserialize, Serialize};
use tonic::Status;

use super::claims::refusals;
use crate::ask::{Wrong, address, turning};
use crate::download::{file as saved, made};
use crate::extract::{Filled, Question};
use crate::fault::{Answer, Unanswered};
use crate::page::page;
use crate::printing::printed;
use crate::table::{Set, Table, text};
use crate::visitor::Visitor;

/// Entries of a figure on a page.
const PAGE: i32 = 500;

/// The forms that a report is saved in.
const FORMS: [(&str, &str); 4] = [("docx", "Word"), ("pdf", "PDF"), ("xlsx", "Excel"), ("html", "HTML")];

/// What is asked, as it stands in the address.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Asked {
    year: String,
    official: String,
    figure: String,
    format: String,
    page: String,
}

impl Asked {
    /// The year asked for; unless one is, the last that is over.
    fn number(&self, visitor: &Visitor) -> Result<i32, Wrong> {
        match self.year.trim() {
            "" => Ok(i32::from(today().year()) - 1),
            text => text
                .parse()
                .map_err(|_| Wrong::field("year", visitor.say("年度写作 2022", "write the year as 2022"))),
        }
    }

    /// Where in the log: as closed, or now.
    fn at(&self, year: i32) -> Option<api::At> {
        self.is_official().then_some(api::At {
            at: Some(api::at::At::OfficialYear(year)),
            min_size: 0,
        })
    }

    fn is_official(&self) -> bool {
        !self.official.is_empty()
    }

    async fn report(&self, visitor: &Visitor) -> Result<api::YearReport, Wrong> {
        let year = self.number(visitor)?;
        let request = api::GetYearReportRequest {
            year,
            at: self.at(year),
            ..api::GetYearReportRequest::default()
        };
        let answer = visitor.api.years().get_year_report(visitor.api.call(request)).await;
        Ok(answer.map_err(Wrong::of)?.into_inner())
    }
}

fn title(visitor: &Visitor) -> &'static str {
    visitor.lang.pick("年度", "Year")
}

pub(crate) async fn show(visitor: Visitor, Question(asked): Question<Asked>) -> Answer {
    let answer = match asked.report(&visitor).await {
        Ok(report) => {
            let request = api::GetYearRequest {
                year: report.year,
                at: None,
            };
            let year = visitor.api.years().get_year(visitor.api.call(request)).await;
            year.map_err(Wrong::of).map(|year| (report, year.into_inner()))
        }
        Err(wrong) => Err(wrong),
    };
    let (report, year) = match answer {
        Ok(answer) => answer,
        Err(wrong) => return visitor.again(title(&visitor), &wrong, &question(&visitor, &asked, &wrong)),
    };
    let set = paper(&report, visitor.lang);
    let of_figure = |figure: &str| {
        let question = Asked {
            year: report.year.to_string(),
            official: asked.official.clone(),
            figure: figure.to_owned(),
            ..Asked::default()
        };
        address("/year/entries", &question)
    };
    let content = html! {
        (question(&visitor, &asked, &Wrong::default()))
        (standing(&visitor, &year))
        (files(&visitor, report.year, &asked))
        section.report {
            h2 { (set.title) }
            p.about { (set.about) }
            @for block in &set.blocks { (part(block, of_figure)) }
        }
    };
    Ok(page(&visitor, title(&visitor), &content))
}

/// A part of the report. Of a figure the number of entries leads to these.
fn part(block: &Block, of_figure: impl Fn(&str) -> String) -> Markup {
    match block {
        Block::Heading(1, heading) => html! { h3 { (heading) } },
        Block::Heading(_, heading) => html! { h4 { (heading) } },
        Block::Paragraph(paragraph) => html! { p { (paragraph) } },
        Block::Table(grid) => {
            let set = |is_number: bool| if is_number { Set::Number } else { Set::Text };
            let mut table = Table::new(grid.columns.iter().map(|(name, number)| (name.as_str(), set(*number))));
            for (place, row) in grid.rows.iter().enumerate() {
                let entries = grid.figures.get(place).map(|id| of_figure(id));
                let last = row.len().saturating_sub(1);
                table.row(row.iter().enumerate().map(|(place, cell)| match &entries {
                    Some(entries) if place == last => html! { a href=(entries) { (cell) } },
                    _ => text(cell),
                }));
            }
            table.render(&grid.caption)
        }
        Block::Bars(bars) => PreEscaped(keshi_papers::funnel(bars)),
    }
}

fn question(visitor: &Visitor, asked: &Asked, wrong: &Wrong) -> Markup {
    html! {
        form.row.noprint method="get" action="/year" {
            (wrong.text(visitor.say("年度", "year"), "year", &asked.year, 6))
            label { input type="checkbox" name="official" value="1" checked[asked.is_official()]; " " (visitor.say("只看封账数据", "as closed")) }
            button { (visitor.say("查看", "show")) }
        }
    }
}

/// Whether the year is closed, what has become other since, what is not done, and what there is to do.
fn standing(visitor: &Visitor, year: &api::Year) -> Markup {
    let lang = visitor.lang;
    let mut closings = Table::new(CLOSING_HEADINGS.map(|(zh, en)| (lang.pick(zh, en), Set::Text)));
    for one in &year.closings {
        let [what, when, entries, hash, by] = closing(one, lang);
        let what = html! { a href=(format!("/entries/{}", one.index)) { (what) } };
        closings.row([
            what,
            text(when),
            text(entries),
            html! { span.hash { (hash) } },
            text(by),
        ]);
    }
    html! {
        section {
            p { b { (stands(year, lang)) } }
            @if !year.closings.is_empty() { (closings.render(visitor.say("封账与重述", "closed and restated"))) }
            @for (place, restated) in year.restatements.iter().enumerate() {
                (changes(visitor, &restated.changed, &lang.pick(format!("第 {} 次重述改变的", place + 1), format!("changed by restatement {}", place + 1))))
            }
            @if !year.changed.is_empty() { (changes(visitor, &year.changed, visitor.say("待重述", "to be restated"))) }
            @if !year.open.is_empty() {
                details open[year.closings.is_empty()] {
                    summary { (visitor.say("还没有办完的", "not done yet")) }
                    ul { @for item in &year.open { li {
                        b { (count(item.count.unsigned_abs())) } " " (lang.pick(&item.text_zh, &item.text_en))
                        @for index in item.entries.iter().take(8) { " " a href=(format!("/entries/{index}")) { (index) } }
                    } } }
                }
            }
            (acts(visitor, year))
        }
    }
}

fn changes(visitor: &Visitor, all: &[api::ChangedFigure], says: &str) -> Markup {
    let lang = visitor.lang;
    let mut table = Table::new(CHANGE_HEADINGS.map(|(zh, en)| (lang.pick(zh, en), Set::Text)));
    for one in all {
        let [name, before, after, entries] = change(one, lang);
        table.row([text(name), text(before), html! { b { (after) } }, text(entries)]);
    }
    table.render(says)
}

/// The buttons, for whoever may press them.
fn acts(visitor: &Visitor, year: &api::Year) -> Markup {
    let number = year.year;
    let is_closed = !year.closings.is_empty();
    let is_other = !year.changed.is_empty() || year.changed_teachers_total > 0;
    let adopted = year.definitions.as_ref().is_some_and(|used| used.adopted);
    html! {
        @if !is_closed && year.is_over && adopted && visitor.posts("year_closed") {
            form.stack.noprint method="post" action="/year/close" {
                input type="hidden" name="year" value=(number);
                p.hint { (visitor.say(
                    "封账后，官方数据以此刻的台账为准；此后的迟报和更正列为待重述，不改变官方数据。",
                    "Once closed, the official figures are those of this moment; what comes later is listed as to be restated and does not change them.",
                )) }
                button { (visitor.lang.pick(format!("{number} 年封账"), format!("close {number}"))) }
            }
        }
        @if is_closed && is_other && visitor.posts("year_restated") {
            form.stack.noprint method="post" action="/year/restate" {
                input type="hidden" name="year" value=(number);
                label { (visitor.say("为什么重述", "why")) " " input name="reason" required maxlength="200" size="40"; }
                button { (visitor.lang.pick(format!("{number} 年重述"), format!("restate {number}"))) }
            }
        }
    }
}

fn files(visitor: &Visitor, year: i32, asked: &Asked) -> Markup {
    html! {
        p.noprint {
            (visitor.say("保存：", "save as: "))
            @for (format, name) in FORMS {
                @let question = Asked { year: year.to_string(), official: asked.official.clone(), format: format.to_owned(), ..Asked::default() };
                a href=(address("/year/file", &question)) { (name) } " "
            }
        }
    }
}

/// The entries behind a figure.
pub(crate) async fn entries(visitor: Visitor, Question(asked): Question<Asked>) -> Answer {
    let heading = visitor.say("指标的依据", "Behind a figure");
    let answer = match asked.number(&visitor) {
        Ok(year) => {
            let request = api::ListFigureEntriesRequest {
                year,
                figure_id: asked.figure.clone(),
                at: asked.at(year),
                page_size: PAGE,
                page_token: asked.page.clone(),
            };
            let answer = visitor.api.years().list_figure_entries(visitor.api.call(request)).await;
            answer.map_err(Wrong::of)
        }
        Err(wrong) => Err(wrong),
    };
    let found = match answer {
        Ok(answer) => answer.into_inner(),
        Err(wrong) => return visitor.again(heading, &wrong, &question(&visitor, &asked, &wrong)),
    };
    let (total, size) = (count(found.total.unsigned_abs()), count(found.size));
    let back = Asked {
        year: asked.year.clone(),
        official: asked.official.clone(),
        ..Asked::default()
    };
    let content = html! {
        p.about {
            b { (asked.figure) }
            span { (visitor.lang.pick(format!("{total} 条，按台账 {size} 条计算"), format!("{total} entries, counted from {size}"))) }
            a href=(address("/year", &back)) { (visitor.say("回到年度报告", "back to the report")) }
        }
        p.entries { @for entry in &found.entries { a href=(format!("/entries/{}", entry.index)) { (entry.index) } " " } }
        (turning(&visitor, "/year/entries", &asked, &found.next_page_token))
    };
    Ok(page(&visitor, heading, &content))
}

/// The report as a file.
pub(crate) async fn file(visitor: Visitor, Question(asked): Question<Asked>) -> Answer {
    let report = match asked.report(&visitor).await {
        Ok(report) => report,
        Err(wrong) => return visitor.again(title(&visitor), &wrong, &question(&visitor, &asked, &wrong)),
    };
    let set = paper(&report, visitor.lang);
    let made = made_file(&visitor, &asked.format, report.year, set).await;
    made.map_err(|status| visitor.unanswered(status))
}

async fn made_file(visitor: &Visitor, format: &str, year: i32, set: Paper) -> Result<Response, Status> {
    let name = format!("年度报告{year}");
    let language = visitor.lang.pick("zh-CN", "en");
    match format {
        "pdf" => {
            printed(visitor, ("report", &name), move |fonts| {
                keshi_papers::pdf(fonts, &set, parts(today()))
            })
            .await
        }
        "docx" => {
            let bytes = made(visitor, move || keshi_papers::docx(&set)).await?;
            let bytes = bytes.map_err(|unprinted| Status::failed_precondition(unprinted.say().pick(visitor.lang)))?;
            Ok(saved(&format!("{name}.docx"), "report", bytes))
        }
        "xlsx" => {
            let shown = name.clone();
            let bytes = made(visitor, move || lists_bytes(&shown, keshi_import::report::lists(&set))).await?;
            let bytes = bytes.map_err(|cause| {
                tracing::error!(%cause, "a report was not made");
                Status::internal(visitor.say("表格没有生成，请重试", "the spreadsheet was not made: try again"))
            })?;
            Ok(saved(&format!("{name}.xlsx"), "report", bytes))
        }
        "html" => {
            let text = keshi_papers::html(&set, language);
            Ok(saved(&format!("{name}.html"), "report", text.into_bytes()))
        }
        _ => Err(Status::invalid_argument(visitor.say(
            "没有这种格式；有 docx、pdf、xlsx、html",
            "there is no such form; there are docx, pdf, xlsx and html",
        ))),
    }
}

/// What is typed to close or restate.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    year: String,
    reason: String,
}

pub(crate) async fn close(visitor: Visitor, Filled(typed): Filled<Typed>) -> Answer {
    let request = api::CloseYearRequest {
        year: typed.year.trim().parse().unwrap_or(-1),
        ..api::CloseYearRequest::default()
    };
    let answer = visitor.api.registry().close_year(visitor.api.call(request)).await;
    told(&visitor, &typed, answer.map(tonic::Response::into_inner))
}

pub(crate) async fn restate(visitor: Visitor, Filled(typed): Filled<Typed>) -> Answer {
    let request = api::RestateYearRequest {
        year: typed.year.trim().parse().unwrap_or(-1),
        reason: typed.reason.trim().to_owned(),
        ..api::RestateYearRequest::default()
    };
    let answer = visitor.api.registry().restate_year(visitor.api.call(request)).await;
    told(&visitor, &typed, answer.map(tonic::Response::into_inner))
}

/// Back to the year, or why not.
fn told(visitor: &Visitor, typed: &Typed, answer: Result<api::SubmitResponse, Status>) -> Result<Response, Unanswered> {
    let asked = Asked {
        year: typed.year.clone(),
        ..Asked::default()
    };
    let says = match answer {
        Ok(response) => refusals(&response, visitor.lang),
        Err(status) if status.code() == tonic::Code::Unauthenticated => return Err(visitor.unanswered(status)),
        Err(status) => {
            let wrong = Wrong::of(status);
            return visitor.again(title(visitor), &wrong, &question(visitor, &asked, &wrong));
        }
    };
    if says.is_empty() {
        return Ok(Redirect::to(&address("/year", &asked)).into_response());
    }
    let wrong = Wrong::of(Status::failed_precondition(says.join("；")));
    visitor.again(title(visitor), &wrong, &question(visitor, &asked, &wrong))
}
