//! `keshi works`: papers, results and lessons, each with its publications and prizes beside each other.

use keshi_core::lang::Lang;
use keshi_proto::api;
use keshi_words::work::{COUNT_HEADINGS, HEADINGS, count_row, row};

use super::shared::{at, teacher};
use crate::Ctx;
use crate::cli::WorksArgs;
use crate::exit::{Outcome, say};
use crate::remote::Session;
use crate::show::json;
use crate::show::table::{Align, Table, Width};

/// Works in one answer of the server.
const PAGE: i32 = 200;

pub(super) async fn run(ctx: &mut Ctx<'_>, args: WorksArgs) -> Outcome {
    let session = Session::open(ctx).await?;
    let result = ask(ctx, &session, args).await;
    result.and(session.close().await)
}

async fn ask(ctx: &mut Ctx<'_>, session: &Session, args: WorksArgs) -> Outcome {
    let purpose = args.purpose.unwrap_or_default();
    let teacher_id = match &args.teacher {
        Some(text) => teacher(session, (ctx.lang, ctx.width()), text, &purpose).await?,
        None => String::new(),
    };
    let request = api::ListWorksRequest {
        at: at(&args.at),
        year: args.year.map_or(0, i32::from),
        kind: args.kind.map_or(0, |kind| kind.0.into()),
        level: args.level.map_or(0, |level| level.0.code()),
        teacher_id,
        page_size: PAGE,
        purpose,
        ..api::ListWorksRequest::default()
    };
    let all = all_pages(session, request).await?;
    if ctx.globals.json {
        return json::print(&all, &mut ctx.io.stdout);
    }
    if all.works.is_empty() {
        ctx.note(&say(
            "没有所选的成果；用“发表”“成果获奖”“参赛获奖”表导入（keshi template 成果获奖）",
            "there is no such work; import them with the sheets 发表, 成果获奖 and 参赛获奖 (keshi template 成果获奖)",
        ));
        return Ok(());
    }
    ctx.print_text(&render(&all, ctx.lang, ctx.width()))
}

/// All pages as one answer.
async fn all_pages(session: &Session, mut request: api::ListWorksRequest) -> Outcome<api::ListWorksResponse> {
    let mut works = Vec::new();
    loop {
        let answer = session.ledger().list_works(session.call(request.clone())).await;
        let mut page = answer.map_err(|status| session.failed(&status))?.into_inner();
        works.append(&mut page.works);
        if page.next_page_token.is_empty() {
            page.works = works;
            return Ok(page);
        }
        request.page_token = page.next_page_token;
    }
}

fn render(all: &api::ListWorksResponse, lang: Lang, width: Width) -> String {
    let mut place = 0;
    let mut counts = Table::new(COUNT_HEADINGS.map(|(zh, en)| {
        place += 1;
        let align = if place <= 3 { Align::Left } else { Align::Right };
        (lang.pick(zh, en), align)
    }));
    all.counts.iter().for_each(|count| counts.row(count_row(count, lang)));
    let mut works = Table::new(HEADINGS.map(|(zh, en)| (lang.pick(zh, en), Align::Left)));
    for work in &all.works {
        for place in 0..work.entries.len() {
            works.row(row(work, place, lang));
        }
    }
    counts.render(width) + &works.render(width)
}
