//! `keshi questions`: what schools ask (订单式教研), how many ask it, where it is planned, and how they rate the answer.

use keshi_core::lang::Lang;
use keshi_proto::{api, date_to_wire};
use keshi_words::question::{HEADINGS, NUMBERS, counts, row};

use super::shared::at;
use crate::Ctx;
use crate::cli::QuestionsArgs;
use crate::exit::{Outcome, say};
use crate::remote::Session;
use crate::show::json;
use crate::show::table::{Align, Table, Width};

/// Questions in one answer of the server.
const PAGE: i32 = 200;

pub(super) async fn run(ctx: &mut Ctx<'_>, args: QuestionsArgs) -> Outcome {
    let session = Session::open(ctx).await?;
    let result = ask(ctx, &session, args).await;
    result.and(session.close().await)
}

async fn ask(ctx: &mut Ctx<'_>, session: &Session, args: QuestionsArgs) -> Outcome {
    let request = api::ListQuestionsRequest {
        on: args.on.map(date_to_wire),
        at: at(&args.at),
        semester: args.semester.unwrap_or_default(),
        subject: args.subject.unwrap_or_default(),
        school_id: args.school.unwrap_or_default(),
        page_size: PAGE,
        purpose: args.purpose.unwrap_or_default(),
        ..api::ListQuestionsRequest::default()
    };
    let all = all_pages(session, request).await?;
    if ctx.globals.json {
        return json::print(&all, &mut ctx.io.stdout);
    }
    if all.questions.is_empty() {
        ctx.note(&say(
            "没有所选的需求；由学校用表格“教研需求”或 keshi post 提出（question_sent）",
            "there is no such question; schools send them with the sheet 教研需求 or keshi post (question_sent)",
        ));
        return Ok(());
    }
    ctx.print_text(&render(&all, ctx.lang, ctx.width()))
}

/// All pages as one answer.
async fn all_pages(session: &Session, mut request: api::ListQuestionsRequest) -> Outcome<api::ListQuestionsResponse> {
    let mut questions = Vec::new();
    loop {
        let answer = session.ledger().list_questions(session.call(request.clone())).await;
        let mut page = answer.map_err(|status| session.failed(&status))?.into_inner();
        questions.append(&mut page.questions);
        if page.next_page_token.is_empty() {
            page.questions = questions;
            return Ok(page);
        }
        request.page_token = page.next_page_token;
    }
}

fn render(all: &api::ListQuestionsResponse, lang: Lang, width: Width) -> String {
    let mut place = 0;
    let mut table = Table::new(HEADINGS.map(|(zh, en)| {
        let align = if NUMBERS.contains(&place) {
            Align::Right
        } else {
            Align::Left
        };
        place += 1;
        (lang.pick(zh, en), align)
    }));
    all.questions.iter().for_each(|question| table.row(row(question, lang)));
    format!("{}\n{}", counts(&all.counts, lang), table.render(width))
}
