//! The rows of an import, each with its verdict and its own cells, the wrong ones marked.

use keshi_core::lang::Lang;
use keshi_import::{Import, sheet_of};
use keshi_sheets::cell::Cell;
use keshi_sheets::read::{Row, Sheet};
use keshi_sheets::report::{Outcome, RowVerdict, own_width};
use keshi_words::names::count;
use maud::{Markup, html};
use serde::Deserialize;
use uuid::Uuid;

/// Rows on one page.
const ROWS_AT_ONCE: usize = 50;

/// Most columns of a sheet that are shown.
const COLUMNS_SHOWN_MAX: usize = 40;

/// Which rows are shown, as it stands in the address.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Chosen {
    /// The outcome, in English; empty: all.
    outcome: String,
    /// Which page, from 1 on.
    page: usize,
}

/// The rows chosen, by sheet; where none is chosen, those that need work first.
pub(super) fn rows(id: Uuid, import: &Import, chosen: &Chosen, lang: Lang) -> Markup {
    let outcome = Outcome::ALL
        .iter()
        .copied()
        .find(|outcome| outcome.en() == chosen.outcome);
    let fits = |verdict: &&RowVerdict| outcome.is_none_or(|outcome| verdict.outcome == outcome);
    let mut fitting: Vec<&RowVerdict> = import.verdicts.iter().filter(fits).collect();
    if outcome.is_none() {
        fitting.sort_by_key(|verdict| verdict.outcome.is_in_ledger());
    }
    let pages = fitting.len().div_ceil(ROWS_AT_ONCE).max(1);
    let page = chosen.page.clamp(1, pages);
    let from = (page - 1) * ROWS_AT_ONCE;
    let shown: Vec<&RowVerdict> = fitting.iter().copied().skip(from).take(ROWS_AT_ONCE).collect();
    let to = |page: usize| {
        format!(
            "/import/{id}?outcome={}&page={page}#rows",
            chosen.outcome.replace(' ', "%20")
        )
    };
    html! {
        h2 #rows { (lang.pick("逐行结果", "row by row")) }
        (filters(id, import, outcome, lang))
        @for part in shown.chunk_by(|a, b| (a.place.book, a.place.sheet) == (b.place.book, b.place.sheet)) { (table(import, part, lang)) }
        @if pages > 1 {
            nav.pages aria-label=(lang.pick("页", "pages")) {
                @if page > 1 { a href=(to(page - 1)) rel="prev" { (lang.pick("上一页", "previous")) } }
                span { (lang.pick(
                    format!("第 {page}/{pages} 页，共 {} 行", count(fitting.len() as u64)),
                    format!("page {page} of {pages}, {} rows", count(fitting.len() as u64)),
                )) }
                @if page < pages { a href=(to(page + 1)) rel="next" { (lang.pick("下一页", "next")) } }
            }
        }
    }
}

fn filters(id: Uuid, import: &Import, chosen: Option<Outcome>, lang: Lang) -> Markup {
    let name = |outcome: Outcome| {
        if import.is_sent {
            outcome.name(lang)
        } else {
            outcome.would_be(lang)
        }
    };
    html! {
        nav.filters aria-label=(lang.pick("按结果筛选", "by verdict")) {
            a href=(format!("/import/{id}#rows")) aria-current=[chosen.is_none().then_some("true")] { (lang.pick("全部", "all")) }
            @for (outcome, rows) in import.tally().rows() {
                a href=(format!("/import/{id}?outcome={}#rows", outcome.en().replace(' ', "%20"))) aria-current=[(chosen == Some(outcome)).then_some("true")] {
                    (name(outcome)) " " (count(rows))
                }
            }
        }
    }
}

/// Rows of one sheet.
fn table(import: &Import, verdicts: &[&RowVerdict], lang: Lang) -> Markup {
    let Some(first) = verdicts.first() else { return html! {} };
    let books = import.rows.books();
    let Some(sheet) = books
        .get(first.place.book)
        .and_then(|book| book.sheets.get(first.place.sheet))
    else {
        return html! {};
    };
    let headings = headings(sheet);
    html! {
        div.scroll role="region" tabindex="0" aria-label=(sheet_of(&import.rows, first.place)) {
            table.rows {
                caption { (sheet_of(&import.rows, first.place)) }
                thead { tr {
                    th scope="col" .number { (lang.pick("行", "row")) }
                    th scope="col" { (lang.pick("结果", "verdict")) }
                    th scope="col" { (lang.pick("原因和办法", "reason and remedy")) }
                    @for (_, heading) in &headings { th scope="col" { (heading) } }
                } }
                tbody {
                    @for verdict in verdicts {
                        @let row = import.rows.row(verdict.place).map(|(_, row)| row);
                        tr .wrong[!verdict.outcome.is_in_ledger()] {
                            td.number data-label=(lang.pick("行", "row")) { (verdict.place.row) }
                            td data-label=(lang.pick("结果", "verdict")) { (outcome(verdict, import.is_sent, lang)) }
                            td.why data-label=(lang.pick("原因和办法", "reason and remedy")) { (why(verdict, lang)) }
                            @for (place, heading) in &headings { (cell(sheet, row, *place, heading, verdict)) }
                        }
                    }
                }
            }
        }
    }
}

/// The sheet's own columns that have a heading, without those of a checked copy.
fn headings(sheet: &Sheet) -> Vec<(usize, String)> {
    let header = sheet.top.last().map(|row| row.cells.as_slice()).unwrap_or_default();
    let own = header.iter().take(own_width(sheet));
    let named = own.enumerate().filter(|(_, cell)| !cell.is_empty());
    named
        .map(|(place, cell)| (place, cell.text()))
        .take(COLUMNS_SHOWN_MAX)
        .collect()
}

fn cell(sheet: &Sheet, row: Option<&Row>, place: usize, heading: &str, verdict: &RowVerdict) -> Markup {
    let is_wrong = verdict
        .remarks
        .iter()
        .any(|remark| sheet.place_of(&remark.column) == Some(place));
    let is_wrong = is_wrong && !verdict.outcome.is_in_ledger();
    let text = row
        .and_then(|row| row.cells.get(place))
        .map(Cell::text)
        .unwrap_or_default();
    html! {
        td data-label=(heading) .wrong[is_wrong] {
            @if is_wrong && text.is_empty() { mark { "　" } } @else if is_wrong { mark { (text) } } @else { (text) }
        }
    }
}

fn outcome(verdict: &RowVerdict, is_sent: bool, lang: Lang) -> Markup {
    let name = if is_sent {
        verdict.outcome.name(lang)
    } else {
        verdict.outcome.would_be(lang)
    };
    let class = if verdict.outcome.is_in_ledger() {
        "tag good"
    } else {
        "tag short"
    };
    html! { span class=(class) { (name) } }
}

fn why(verdict: &RowVerdict, lang: Lang) -> Markup {
    html! {
        @for remark in &verdict.remarks {
            p {
                @if !remark.column.is_empty() { b { (remark.column) } " " }
                @if !remark.value.is_empty() { "“" mark { (remark.value) } "” " }
                (remark.reason(lang))
                @if !remark.remedy(lang).is_empty() { (lang.pick("；", "; ")) (remark.remedy(lang)) }
            }
        }
    }
}
