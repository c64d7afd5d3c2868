//! `keshi year`: how a year stands, its report, closing it, restating it.

mod report;

use keshi_core::lang::Lang;
use keshi_proto::api;
use keshi_words::year::{CHANGE_HEADINGS, CLOSING_HEADINGS, change, closing, stands};

use super::review::told;
use super::shared::at;
use crate::Ctx;
use crate::cli::{AtArgs, YearCommand};
use crate::exit::{Outcome, say};
use crate::remote::Session;
use crate::show::table::{Align, Table, Width};
use crate::show::{add, json};

/// Entries in one answer of the server.
const PAGE: i32 = 10_000;

pub(super) async fn run(ctx: &mut Ctx<'_>, command: YearCommand) -> Outcome {
    let session = Session::open(ctx).await?;
    let result = match command {
        YearCommand::Show { year, at } => show(ctx, &session, year, &at).await,
        YearCommand::Report(args) => report::run(ctx, &session, *args).await,
        YearCommand::Entries { year, figure, at } => entries(ctx, &session, (year, figure), &at).await,
        YearCommand::Close { year } => {
            let request = api::CloseYearRequest {
                year: year.into(),
                ..api::CloseYearRequest::default()
            };
            let answer = session.registry().close_year(session.call(request)).await;
            told(
                ctx,
                &session,
                answer,
                &[ctx.lang.pick(format!("{year} 年封账"), format!("closing {year}"))],
            )
        }
        YearCommand::Restate { year, reason } => {
            let request = api::RestateYearRequest {
                year: year.into(),
                reason,
                ..api::RestateYearRequest::default()
            };
            let answer = session.registry().restate_year(session.call(request)).await;
            let name = ctx.lang.pick(format!("{year} 年重述"), format!("restating {year}"));
            match told(ctx, &session, answer, &[name]) {
                // What it changed, line by line.
                Ok(()) if !ctx.globals.json => show(ctx, &session, year, &AtArgs::default()).await,
                result => result,
            }
        }
    };
    result.and(session.close().await)
}

async fn show(ctx: &mut Ctx<'_>, session: &Session, year: i16, args: &AtArgs) -> Outcome {
    let request = session.call(api::GetYearRequest {
        year: year.into(),
        at: at(args),
    });
    let answer = session.years().get_year(request).await;
    let year = answer.map_err(|status| session.failed(&status))?.into_inner();
    if ctx.globals.json {
        return json::print(&year, &mut ctx.io.stdout);
    }
    ctx.print_text(&render(&year, ctx.lang, ctx.width()))
}

fn render(year: &api::Year, lang: Lang, width: Width) -> String {
    let mut text = stands(year, lang) + "\n";
    if !year.closings.is_empty() {
        let mut table = Table::new(CLOSING_HEADINGS.map(|(zh, en)| (lang.pick(zh, en), Align::Left)));
        for one in &year.closings {
            table.row(closing(one, lang));
        }
        text += &table.render(width);
    }
    for (place, restated) in year.restatements.iter().enumerate() {
        let number = place + 1;
        text += &lang.pick(
            format!("\n第 {number} 次重述（第 {} 条）改变的：\n", restated.index),
            format!("\nchanged by restatement {number} (entry {}):\n", restated.index),
        );
        text += &changes(&restated.changed, lang, width);
    }
    if !year.changed.is_empty() {
        text += lang.pick("\n待重述：\n", "\nto be restated:\n");
        text += &changes(&year.changed, lang, width);
    }
    if !year.changed_teachers.is_empty() {
        let named = year.changed_teachers.join(lang.pick("、", ", "));
        let total = year.changed_teachers_total;
        text += &lang.pick(
            format!("年度数据有变化的教师 {total} 人：{named}\n"),
            format!("{total} teachers whose year is other now: {named}\n"),
        );
    }
    if !year.open.is_empty() {
        text += lang.pick("\n还没有办完的：\n", "\nnot done yet:\n");
        for item in &year.open {
            let words = lang.pick(&item.text_zh, &item.text_en);
            add(&mut text, format!("  {} {words}\n", item.count));
        }
    }
    text
}

fn changes(all: &[api::ChangedFigure], lang: Lang, width: Width) -> String {
    let mut table = Table::new(CHANGE_HEADINGS.map(|(zh, en)| (lang.pick(zh, en), Align::Left)));
    for one in all {
        table.row(change(one, lang));
    }
    table.render(width)
}

async fn entries(ctx: &mut Ctx<'_>, session: &Session, (year, figure_id): (i16, String), args: &AtArgs) -> Outcome {
    let mut request = api::ListFigureEntriesRequest {
        year: year.into(),
        figure_id,
        at: at(args),
        page_size: PAGE,
        page_token: String::new(),
    };
    loop {
        let answer = session.years().list_figure_entries(session.call(request.clone())).await;
        let page = answer.map_err(|status| session.failed(&status))?.into_inner();
        if ctx.globals.json {
            json::print(&page, &mut ctx.io.stdout)?;
        } else {
            for entry in &page.entries {
                ctx.print(format!("{}\t{}", entry.index, entry.event_id))?;
            }
        }
        if page.next_page_token.is_empty() {
            let (total, size) = (page.total, page.size);
            ctx.note(&say(
                format!("共 {total} 条，按台账 {size} 条计算；keshi log --from 条目序号 --limit 1 查看一条"),
                format!("{total} entries, counted from {size}; keshi log --from ENTRY --limit 1 shows one"),
            ));
            return Ok(());
        }
        request.page_token = page.next_page_token;
    }
}
