//! `keshi overlap`: attendance that may be one course posted twice (重复待定).

use keshi_proto::api;
use keshi_words::overlap::{HEADINGS, row};

use super::review::told;
use super::shared::{at, each_page};
use crate::Ctx;
use crate::cli::{AcceptArgs, MergeListArgs, OverlapCommand};
use crate::exit::{Failure, Outcome, say};
use crate::remote::Session;
use crate::show::json;
use crate::show::table::{Align, Table};

/// Pairs in one answer of the server.
const PAGE: i32 = 200;

pub(super) async fn run(ctx: &mut Ctx<'_>, command: OverlapCommand) -> Outcome {
    let session = Session::open(ctx).await?;
    let result = match command {
        OverlapCommand::List(args) => list(ctx, &session, args).await,
        OverlapCommand::Accept(args) => accept(ctx, &session, args).await,
    };
    result.and(session.close().await)
}

async fn listed(session: &Session, request: api::ListOverlapsRequest) -> Outcome<api::ListOverlapsResponse> {
    let mut all = api::ListOverlapsResponse::default();
    let ask = |page_token| async {
        let request = api::ListOverlapsRequest {
            page_token,
            ..request.clone()
        };
        session.ledger().list_overlaps(session.call(request)).await
    };
    let pages = each_page(ask, |page: api::ListOverlapsResponse| {
        all.overlaps.extend(page.overlaps);
        (all.size, all.total) = (page.size, page.total);
        page.next_page_token
    });
    pages.await.map_err(|status| session.failed(&status))?;
    Ok(all)
}

async fn list(ctx: &mut Ctx<'_>, session: &Session, args: MergeListArgs) -> Outcome {
    let request = api::ListOverlapsRequest {
        teacher_id: args.teacher.unwrap_or_default(),
        at: at(&args.at),
        accepted_too: args.all,
        page_size: PAGE,
        page_token: String::new(),
        purpose: args.purpose.unwrap_or_default(),
    };
    let all = listed(session, request).await?;
    if ctx.globals.json {
        return json::print(&all, &mut ctx.io.stdout);
    }
    if all.overlaps.is_empty() {
        ctx.note(&say("没有待定的重复", "no overlaps are to be decided"));
        return Ok(());
    }
    let mut table = Table::new(HEADINGS.map(|(zh, en)| (ctx.lang.pick(zh, en), Align::Left)));
    for overlap in &all.overlaps {
        table.row(row(overlap, ctx.lang));
    }
    ctx.print_text(&table.render(ctx.width()))
}

async fn accept(ctx: &mut Ctx<'_>, session: &Session, args: AcceptArgs) -> Outcome {
    let AcceptArgs {
        teacher,
        first,
        second,
        reason,
        by,
    } = args;
    let request = api::ListOverlapsRequest {
        teacher_id: teacher.clone(),
        accepted_too: true,
        page_size: PAGE,
        ..api::ListOverlapsRequest::default()
    };
    let all = listed(session, request).await?;
    let pairs = all
        .overlaps
        .into_iter()
        .filter_map(|one| Some((one.first?, one.second?)));
    let mut meant = pairs.filter(|(one, other)| {
        let pair = (one.index, other.index);
        pair == (first, second) || pair == (second, first)
    });
    let Some((one, other)) = meant.next() else {
        return Err(Failure::failed(say(
            format!("第 {first} 条和第 {second} 条没有被列为可能重复（keshi overlap list {teacher}）"),
            format!("entries {first} and {second} are not listed as perhaps one (keshi overlap list {teacher})"),
        )));
    };
    let request = api::AcceptOverlapsRequest {
        items: vec![api::accept_overlaps_request::Item {
            teacher_id: teacher,
            first_event: one.event_id,
            second_event: other.event_id,
            reason,
        }],
        by: by.unwrap_or_default(),
        ..api::AcceptOverlapsRequest::default()
    };
    let answer = session.reviews().accept_overlaps(session.call(request)).await;
    told(ctx, session, answer, &[format!("{first}, {second}")])
}
