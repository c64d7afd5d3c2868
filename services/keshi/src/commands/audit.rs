//! `keshi audit replay`: recompute everything from entry 0 and compare it with what is served. `keshi audit growth`: how many
//! entries there were at each month's end, and under which root. Checkpoints and proofs: `proofs.rs`; checking them: `check.rs`. Bundles
//! and samples: `bundles.rs`.

mod bundles;
mod check;
mod proofs;

use keshi_core::hex;
use keshi_core::lang::Lang;
use keshi_proto::api;

use super::shared::{at, percent_bar};
use crate::Ctx;
use crate::cli::{AtArgs, AuditCommand};
use crate::exit::{Failure, Outcome, say};
use crate::remote::Session;
use crate::show::add;
use crate::show::json;
use crate::show::table::{Align, Table};
use crate::texts::names::count;

pub(super) async fn run(ctx: &mut Ctx<'_>, command: AuditCommand) -> Outcome {
    // These two ask no server: a file is checked anywhere, and a key is changed while nothing runs.
    let command = match command {
        AuditCommand::Check { file, keys, earlier } => return check::run(ctx, &file, &keys, earlier.as_deref()),
        AuditCommand::RotateKey => return proofs::rotate_key(ctx).await,
        other => other,
    };
    let session = Session::open(ctx).await?;
    let result = match command {
        AuditCommand::Replay { size } => replay(ctx, &session, size.unwrap_or(0)).await,
        AuditCommand::Growth { at } => growth(ctx, &session, &at).await,
        AuditCommand::Checkpoint { at, people, output } => {
            proofs::checkpoint(ctx, &session, (&at, people), output.as_deref()).await
        }
        AuditCommand::Bundle {
            year,
            teacher,
            at,
            purpose,
            output,
        } => {
            let asked = (year.unwrap_or_default(), teacher, purpose.unwrap_or_default());
            bundles::bundle(ctx, &session, asked, (&at, &output)).await
        }
        AuditCommand::Sample {
            count,
            seed,
            at,
            purpose,
            output,
        } => {
            let asked = (count, seed, purpose.unwrap_or_default());
            bundles::sample(ctx, &session, asked, (&at, output.as_deref())).await
        }
        AuditCommand::Prove {
            entry,
            at,
            purpose,
            output,
        } => {
            proofs::prove(
                ctx,
                &session,
                (entry, purpose.unwrap_or_default(), &at),
                output.as_deref(),
            )
            .await
        }
        AuditCommand::Consistency { old, new, output } => {
            proofs::consistency(ctx, &session, (old, new), output.as_deref()).await
        }
        AuditCommand::Key => proofs::keys(ctx, &session).await,
        AuditCommand::Check { .. } | AuditCommand::RotateKey => Ok(()),
    };
    result.and(session.close().await)
}

async fn growth(ctx: &mut Ctx<'_>, session: &Session, args: &AtArgs) -> Outcome {
    let mut request = api::ListGrowthRequest {
        at: at(args),
        ..api::ListGrowthRequest::default()
    };
    let mut widths = Vec::new();
    loop {
        let answer = session.audit().list_growth(session.call(request.clone())).await;
        let page = answer.map_err(|status| session.failed(&status))?.into_inner();
        if ctx.globals.json {
            for month in &page.months {
                json::print(month, &mut ctx.io.stdout)?;
            }
        } else if page.size == 0 {
            ctx.note(&say("台账是空的", "the ledger is empty"));
        } else {
            let text = months(&page.months, ctx.lang).render_on(&mut widths, ctx.width());
            ctx.print(text.trim_end_matches('\n'))?;
        }
        if page.next_page_token.is_empty() {
            return Ok(());
        }
        request.page_token = page.next_page_token;
    }
}

fn months(months: &[api::GrowthMonth], lang: Lang) -> Table {
    let mut table = Table::new([
        (lang.pick("月", "month"), Align::Left),
        (lang.pick("本月条数", "entries"), Align::Right),
        (lang.pick("月末台账", "size at its end"), Align::Right),
        (lang.pick("月末树根", "root at its end"), Align::Left),
    ]);
    for month in months {
        table.row([
            month.month.clone(),
            count(month.entries),
            count(month.size),
            hex::show(&month.root),
        ]);
    }
    table
}

async fn replay(ctx: &mut Ctx<'_>, session: &Session, size: u64) -> Outcome {
    let answer = session
        .audit()
        .replay(session.stream(api::ReplayRequest { size }))
        .await;
    let mut progress = answer.map_err(|status| session.failed(&status))?.into_inner();
    let bar = percent_bar(ctx, &say("重算", "replaying"));
    let mut result = None;
    while let Some(step) = progress.message().await.map_err(|status| session.failed(&status))? {
        bar.set_length(step.entries_total);
        bar.set_position(step.entries_done);
        result = step.result.or(result);
    }
    bar.finish_and_clear();
    let result = result.ok_or_else(|| {
        Failure::failed(say(
            "重算中断，没有结果：请重新运行",
            "the replay broke off without a result: run it again",
        ))
    })?;
    if ctx.globals.json {
        json::print(&result, &mut ctx.io.stdout)?;
    } else {
        ctx.print_text(&render(&result, ctx.lang))?;
    }
    verdict(&result)
}

fn verdict(result: &api::ReplayResult) -> Outcome {
    let differs = result.replayed_root != result.served_root || result.replayed_digest != result.served_digest;
    if result.agrees && !differs {
        return Ok(());
    }
    Err(Failure::not_verified(say(
        format!("前 {} 条的重算结果与台账所答的不符", result.size),
        format!(
            "the replay of the first {} entries differs from what the ledger serves",
            result.size
        ),
    ))
    .and(say(
        "请停止使用该服务，保留数据目录的副本，再从备份、备节点或消息流恢复",
        "stop using this server, keep a copy of its data directory, and restore from a backup, a standby or the stream",
    )))
}

fn render(result: &api::ReplayResult, lang: Lang) -> String {
    let entries = count(result.size);
    let seconds = format!("{}.{:03}", result.elapsed_ms / 1000, result.elapsed_ms.rem_euclid(1000));
    let mut text = lang.pick(
        format!("重算 {entries} 条，用时 {seconds} 秒\n"),
        format!("replayed {entries} entries in {seconds} s\n"),
    );
    let pairs = [
        (lang.pick("树根", "root"), &result.replayed_root, &result.served_root),
        (
            lang.pick("余额与称号", "balances and titles"),
            &result.replayed_digest,
            &result.served_digest,
        ),
    ];
    for (what, replayed, served) in pairs {
        if replayed == served {
            add(
                &mut text,
                format!("  {what}  {}  {}\n", lang.pick("一致", "agrees"), hex::show(replayed)),
            );
        } else {
            add(&mut text, format!("  {what}  {}\n", lang.pick("不符", "differs")));
            add(
                &mut text,
                format!("    {}  {}\n", lang.pick("重算", "replayed"), hex::show(replayed)),
            );
            add(
                &mut text,
                format!("    {}  {}\n", lang.pick("所答", "served"), hex::show(served)),
            );
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replay_that_differs_is_exit_code_four() {
        let good = api::ReplayResult {
            size: 3,
            replayed_root: vec![1; 32],
            served_root: vec![1; 32],
            agrees: true,
            ..api::ReplayResult::default()
        };
        assert!(verdict(&good).is_ok());
        assert!(render(&good, Lang::En).contains("root  agrees"));
        // The client compares for itself: it does not take the server's word for it.
        let bad = api::ReplayResult {
            served_root: vec![2; 32],
            ..good
        };
        assert_eq!(verdict(&bad).unwrap_err().exit, crate::Exit::NotVerified);
        assert!(render(&bad, Lang::Zh).contains("树根  不符"));
    }
}
