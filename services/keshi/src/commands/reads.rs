//! `keshi reads`: who read about whom, of which period and why.

use keshi_core::lang::Lang;
use keshi_proto::{api, date_to_wire};
use keshi_sheets::cell::Cell;
use keshi_words::reading::{HEADINGS, cells};

use super::paper;
use super::shared::teacher_or_self;
use crate::Ctx;
use crate::cli::ReadsArgs;
use crate::exit::{Outcome, say};
use crate::remote::Session;
use crate::show::json;
use crate::show::table::{Align, Table};

/// Lines in one answer of the server.
const PAGE: i32 = 1000;

pub(super) async fn run(ctx: &mut Ctx<'_>, args: ReadsArgs) -> Outcome {
    let session = Session::open(ctx).await?;
    let result = print_all(ctx, &session, args).await;
    result.and(session.close().await)
}

async fn print_all(ctx: &mut Ctx<'_>, session: &Session, args: ReadsArgs) -> Outcome {
    let purpose = args.purpose.clone().unwrap_or_default();
    let mut request = api::ListReadsRequest {
        about_teacher_id: teacher_or_self(session, (ctx.lang, ctx.width()), args.about.as_deref(), &purpose).await?,
        by: args.by.clone().unwrap_or_default(),
        since: args.since.map(date_to_wire),
        page_size: PAGE,
        page_token: String::new(),
        purpose,
    };
    let mut widths = Vec::new();
    let mut sheet = Vec::new();
    loop {
        let answer = session.audit().list_reads(session.call(request.clone())).await;
        let page = answer.map_err(|status| session.failed(&status))?.into_inner();
        for month in &page.broken_lines {
            ctx.note(&say(
                format!("{month} 的查阅记录中有一行无法读取"),
                format!("a line of {month} in the log of reads cannot be read"),
            ));
        }
        if args.xlsx.is_some() {
            let rows = page.reads.iter().map(|reading| cells(reading, Lang::Zh));
            sheet.extend(rows.map(|cells| cells.map(|text| Cell::text_of(&text)).to_vec()));
            if sheet.len() > paper::ROWS_MAX {
                return Err(paper::too_long());
            }
        } else if ctx.globals.json {
            for reading in &page.reads {
                json::print(reading, &mut ctx.io.stdout)?;
            }
        } else if !page.reads.is_empty() {
            let text = rows(&page.reads, ctx.lang).render_on(&mut widths, ctx.width());
            ctx.print(text.trim_end_matches('\n'))?;
        }
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
    }
    let Some(path) = &args.xlsx else { return Ok(()) };
    let mut of = Vec::new();
    of.extend(args.since.map(|day| format!("{day} 起")));
    of.extend((!request.by.is_empty()).then(|| format!("查阅者 {}", request.by)));
    of.extend((!request.about_teacher_id.is_empty()).then(|| format!("教师 {}", request.about_teacher_id)));
    let headings = HEADINGS.map(|(zh, _)| zh);
    paper::write(
        ctx,
        path,
        &[paper::leaf("查阅记录", vec![of.join("　")], &headings, sheet)],
    )
}

fn rows(reads: &[api::Reading], lang: Lang) -> Table {
    let mut table = Table::new(HEADINGS.map(|(zh, en)| (lang.pick(zh, en), Align::Left)));
    for reading in reads {
        table.row(cells(reading, lang));
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::show::table::Width;

    #[test]
    fn a_line_says_when_who_about_whom_of_which_period_and_why() {
        let reading = api::Reading {
            read_at: Some(prost_types::Timestamp {
                seconds: 1_646_409_600,
                nanos: 0,
            }),
            reader: "clerk-1".into(),
            teacher_id: "T1".into(),
            name: "王芳".into(),
            what: "balance".into(),
            period: "2022".into(),
            purpose: "年终核对".into(),
        };
        let many = api::Reading {
            teacher_id: "*".into(),
            what: "entries".into(),
            ..api::Reading::default()
        };
        let text = rows(&[reading, many], Lang::Zh).render(Width::ANY);
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(
            lines[1],
            "2022-03-05 00:00  clerk-1  王芳 T1         课时      2022  年终核对"
        );
        assert!(lines[2].contains("（全体或多人）  台账条目"), "{text}");
    }
}
