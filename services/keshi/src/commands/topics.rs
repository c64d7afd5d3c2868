//! `keshi topics`: research topics, each as far as it is, and how many there are by level and year.

use keshi_core::lang::Lang;
use keshi_proto::{api, date_to_wire};
use keshi_words::topic::{COUNT_HEADINGS, HEADINGS, count_row, row};

use super::shared::at;
use crate::Ctx;
use crate::cli::TopicsArgs;
use crate::exit::{Outcome, say};
use crate::remote::Session;
use crate::show::json;
use crate::show::table::{Align, Table, Width};

/// Topics in one answer of the server.
const PAGE: i32 = 200;

pub(super) async fn run(ctx: &mut Ctx<'_>, args: TopicsArgs) -> Outcome {
    let session = Session::open(ctx).await?;
    let result = ask(ctx, &session, args).await;
    result.and(session.close().await)
}

async fn ask(ctx: &mut Ctx<'_>, session: &Session, args: TopicsArgs) -> Outcome {
    let request = api::ListTopicsRequest {
        on: args.on.map(date_to_wire),
        at: at(&args.at),
        year: args.year.map_or(0, i32::from),
        overdue: args.overdue,
        page_size: PAGE,
        purpose: args.purpose.unwrap_or_default(),
        ..api::ListTopicsRequest::default()
    };
    let all = all_pages(session, request).await?;
    if ctx.globals.json {
        return json::print(&all, &mut ctx.io.stdout);
    }
    if all.topics.is_empty() {
        ctx.note(&say(
            "没有所选的课题；由县级审核员或管理员用 keshi post 登记（topic_approved、topic_opened、topic_checked、topic_concluded）",
            "there is no such topic; a county reviewer or admin posts them with keshi post (topic_approved, topic_opened, topic_checked, topic_concluded)",
        ));
        return Ok(());
    }
    ctx.print_text(&render(&all, ctx.lang, ctx.width()))
}

/// All pages as one answer.
async fn all_pages(session: &Session, mut request: api::ListTopicsRequest) -> Outcome<api::ListTopicsResponse> {
    let mut topics = Vec::new();
    loop {
        let answer = session.ledger().list_topics(session.call(request.clone())).await;
        let mut page = answer.map_err(|status| session.failed(&status))?.into_inner();
        topics.append(&mut page.topics);
        if page.next_page_token.is_empty() {
            page.topics = topics;
            return Ok(page);
        }
        request.page_token = page.next_page_token;
    }
}

fn render(all: &api::ListTopicsResponse, lang: Lang, width: Width) -> String {
    let mut counts = Table::new(COUNT_HEADINGS.map(|(zh, en)| {
        let is_text = zh == COUNT_HEADINGS[0].0 || zh == COUNT_HEADINGS[1].0;
        let align = if is_text { Align::Left } else { Align::Right };
        (lang.pick(zh, en), align)
    }));
    all.counts.iter().for_each(|count| counts.row(count_row(count, lang)));
    let mut topics = Table::new(HEADINGS.map(|(zh, en)| (lang.pick(zh, en), Align::Left)));
    all.topics.iter().for_each(|topic| topics.row(row(topic, lang)));
    counts.render(width) + &topics.render(width)
}
