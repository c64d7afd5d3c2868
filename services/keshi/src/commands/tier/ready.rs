//! Who fulfils a next step of the ladders.

use keshi_core::lang::Lang;
use keshi_proto::{api, date_to_wire};
use keshi_words::tier::{COUNT_HEADINGS, READY_HEADINGS, count_row, ready_leaf, ready_row, target};
use keshi_words::time::date;

use super::table;
use crate::Ctx;
use crate::cli::TierArgs;
use crate::commands::paper;
use crate::commands::shared::at;
use crate::exit::Outcome;
use crate::remote::Session;
use crate::show::table::Width;
use crate::show::{add, json};
use crate::texts::names::count;

/// Teachers in one answer of the server.
const PAGE: i32 = 200;

pub(super) async fn ask(ctx: &mut Ctx<'_>, session: &Session, args: TierArgs) -> Outcome {
    let on = args.on.map(date_to_wire);
    let (class, level) = args.title.map_or((0, 0), |title| (title.0.code(), title.1.code()));
    let request = api::ListReadyRequest {
        on,
        at: at(&args.at),
        class,
        level,
        school_id: args.school.unwrap_or_default(),
        page_size: PAGE,
        page_token: String::new(),
        purpose: args.purpose.unwrap_or_default(),
    };
    let all = all_pages(session, request).await?;
    if let Some(path) = &args.xlsx {
        let on = args
            .on
            .map_or_else(|| ctx.lang.pick("今天", "today").to_owned(), |_| date(on.as_ref()));
        paper::write(ctx, path, &[ready_leaf(&all, &on, &all.teachers)])?;
    }
    if ctx.globals.json {
        return json::print(&all, &mut ctx.io.stdout);
    }
    ctx.print_text(&render(&all, ctx.lang, ctx.width()))
}

/// All pages as one answer.
async fn all_pages(session: &Session, mut request: api::ListReadyRequest) -> Outcome<api::ListReadyResponse> {
    let mut teachers = Vec::new();
    loop {
        let answer = session.ledger().list_ready(session.call(request.clone())).await;
        let mut page = answer.map_err(|status| session.failed(&status))?.into_inner();
        teachers.append(&mut page.teachers);
        if page.next_page_token.is_empty() {
            page.teachers = teachers;
            return Ok(page);
        }
        request.page_token = page.next_page_token;
    }
}

fn render(all: &api::ListReadyResponse, lang: Lang, width: Width) -> String {
    let (size, looked_at) = (count(all.size), count(all.looked_at.unsigned_abs()));
    let mut text = lang.pick(
        format!("查看了 {looked_at} 位教师  台账 {size} 条\n"),
        format!("{looked_at} teachers were looked at  ledger of {size} entries\n"),
    );
    if !all.titles.is_empty() {
        let mut titles = table(COUNT_HEADINGS, lang);
        all.titles.iter().for_each(|title| titles.row(count_row(title)));
        text += &titles.render(width);
    }
    for level in &all.levels {
        add(&mut text, format!("  {}\n", target(level, all.looked_at, lang)));
    }
    if all.teachers.is_empty() {
        text += lang.pick("没有教师具备所选条件\n", "nobody fulfils what was asked for\n");
        return text;
    }
    let mut rows = table(READY_HEADINGS, lang);
    all.teachers.iter().for_each(|teacher| rows.row(ready_row(teacher)));
    text + &rows.render(width)
}
