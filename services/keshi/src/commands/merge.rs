//! `keshi merge`: persons who were registered twice (合并重复档案), and the way back.

use keshi_proto::api;
use keshi_words::merge::{HEADINGS, row};

use super::review::told;
use super::shared::{at, each_page};
use crate::Ctx;
use crate::cli::{MergeCommand, MergeListArgs, PairArgs};
use crate::exit::{Outcome, say};
use crate::remote::Session;
use crate::show::json;
use crate::show::table::{Align, Table};

/// Merges in one answer of the server.
const PAGE: i32 = 500;

pub(super) async fn run(ctx: &mut Ctx<'_>, command: MergeCommand) -> Outcome {
    let session = Session::open(ctx).await?;
    let result = match command {
        MergeCommand::List(args) => list(ctx, &session, args).await,
        MergeCommand::Into(args) => {
            let (items, named, by) = pairs(args);
            let request = api::MergePersonsRequest {
                submission_id: String::new(),
                items,
                by,
            };
            let answer = session.reviews().merge_persons(session.call(request)).await;
            told(ctx, &session, answer, &named)
        }
        MergeCommand::Reverse(args) => {
            let (items, named, by) = pairs(args);
            let request = api::ReverseMergesRequest {
                submission_id: String::new(),
                items,
                by,
            };
            let answer = session.reviews().reverse_merges(session.call(request)).await;
            told(ctx, &session, answer, &named)
        }
    };
    result.and(session.close().await)
}

/// The pairs, what each is called when it is told of, and who does it.
fn pairs(args: PairArgs) -> (Vec<api::MergedPair>, Vec<String>, String) {
    let PairArgs {
        kept,
        dropped,
        reason,
        by,
    } = args;
    let named = dropped.iter().map(|dropped| format!("{dropped} → {kept}")).collect();
    let pair = |dropped_id| api::MergedPair {
        kept_id: kept.clone(),
        dropped_id,
        reason: reason.clone(),
    };
    (dropped.into_iter().map(pair).collect(), named, by.unwrap_or_default())
}

async fn list(ctx: &mut Ctx<'_>, session: &Session, args: MergeListArgs) -> Outcome {
    let request = api::ListMergesRequest {
        teacher_id: args.teacher.unwrap_or_default(),
        at: at(&args.at),
        reversed_too: args.all,
        page_size: PAGE,
        page_token: String::new(),
        purpose: args.purpose.unwrap_or_default(),
    };
    let mut all = api::ListMergesResponse::default();
    let ask = |page_token| async {
        let request = api::ListMergesRequest {
            page_token,
            ..request.clone()
        };
        session.ledger().list_merges(session.call(request)).await
    };
    let listed = each_page(ask, |page: api::ListMergesResponse| {
        all.merges.extend(page.merges);
        (all.size, all.total) = (page.size, page.total);
        page.next_page_token
    });
    listed.await.map_err(|status| session.failed(&status))?;
    if ctx.globals.json {
        return json::print(&all, &mut ctx.io.stdout);
    }
    if all.merges.is_empty() {
        ctx.note(&say("没有合并的档案", "no ids are merged"));
        return Ok(());
    }
    let mut table = Table::new(HEADINGS.map(|(zh, en)| {
        let align = if en.ends_with("entry") {
            Align::Right
        } else {
            Align::Left
        };
        (ctx.lang.pick(zh, en), align)
    }));
    for merge in &all.merges {
        table.row(row(merge));
    }
    ctx.print_text(&table.render(ctx.width()))
}
