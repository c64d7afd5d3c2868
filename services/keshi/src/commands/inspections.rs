//! `keshi inspections`: teaching inspections (教学视导), what they found, and what has changed since.

use keshi_core::lang::Lang;
use keshi_proto::{api, date_to_wire};
use keshi_words::inspection::{HEADINGS, counts, row};

use super::shared::at;
use crate::Ctx;
use crate::cli::InspectionsArgs;
use crate::exit::{Outcome, say};
use crate::remote::Session;
use crate::show::json;
use crate::show::table::{Align, Table, Width};

/// Inspections in one answer of the server.
const PAGE: i32 = 200;

pub(super) async fn run(ctx: &mut Ctx<'_>, args: InspectionsArgs) -> Outcome {
    let session = Session::open(ctx).await?;
    let result = ask(ctx, &session, args).await;
    result.and(session.close().await)
}

async fn ask(ctx: &mut Ctx<'_>, session: &Session, args: InspectionsArgs) -> Outcome {
    let request = api::ListInspectionsRequest {
        on: args.on.map(date_to_wire),
        at: at(&args.at),
        school_id: args.school.unwrap_or_default(),
        year: args.year.map_or(0, i32::from),
        open: args.open,
        page_size: PAGE,
        purpose: args.purpose.unwrap_or_default(),
        ..api::ListInspectionsRequest::default()
    };
    let all = all_pages(session, request).await?;
    if ctx.globals.json {
        return json::print(&all, &mut ctx.io.stdout);
    }
    if all.inspections.is_empty() {
        ctx.note(&say(
            "没有所选的视导；由教研员、县级审核员或管理员用表格“教学视导”或 keshi post 登记（inspection_held、finding_made、finding_checked）",
            "there is no such inspection; a researcher, county reviewer or admin posts them with the sheet 教学视导 or keshi post (inspection_held, finding_made, finding_checked)",
        ));
        return Ok(());
    }
    ctx.print_text(&render(&all, ctx.lang, ctx.width()))
}

/// All pages as one answer.
async fn all_pages(
    session: &Session,
    mut request: api::ListInspectionsRequest,
) -> Outcome<api::ListInspectionsResponse> {
    let mut inspections = Vec::new();
    loop {
        let answer = session.ledger().list_inspections(session.call(request.clone())).await;
        let mut page = answer.map_err(|status| session.failed(&status))?.into_inner();
        inspections.append(&mut page.inspections);
        if page.next_page_token.is_empty() {
            page.inspections = inspections;
            return Ok(page);
        }
        request.page_token = page.next_page_token;
    }
}

fn render(all: &api::ListInspectionsResponse, lang: Lang, width: Width) -> String {
    let mut table = Table::new(HEADINGS.map(|(zh, en)| (lang.pick(zh, en), Align::Left)));
    for inspection in &all.inspections {
        if inspection.findings.is_empty() {
            table.row(row(inspection, None, lang));
        }
        for finding in &inspection.findings {
            table.row(row(inspection, Some(finding), lang));
        }
    }
    format!("{}\n{}", counts(&all.counts, lang), table.render(width))
}
