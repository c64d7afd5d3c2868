//! `keshi audit replay`: recompute everything from entry 0 and compare it with what is served. `keshi audit growth`: how many
//! entries there were at each month's end, and under which root. Checkpoints and proofs: `proofs.rs`; checking them: `check.rs`. Bundles
//! and samples: `bundles.rs`.

mod bundles;
mod check;
mod proofs;
mod witness;

use keshi_core::hex;
use keshi_core::lang::Lang;
use keshi_proto::api;
use keshi_verify::tile::TILE_WIDTH;

use super::shared::{at, percent_bar};
use crate::Ctx;
use crate::cli::{AtArgs, AuditCommand, RootArg};
use crate::exit::{Failure, Outcome, say};
use crate::remote::Session;
use crate::show::add;
use crate::show::json;
use crate::show::table::{Align, Table};
use crate::texts::names::count;

pub(super) async fn run(ctx: &mut Ctx<'_>, command: AuditCommand) -> Outcome {
    // These ask no server: a file is checked anywhere, a key is changed while nothing runs, and a witness has nothing of the ledger.
    let command = match command {
        AuditCommand::Check {
            file,
            keys,
            earlier,
            witnesses,
        } => return check::run(ctx, &file, (&keys, &witnesses), earlier.as_deref()),
        AuditCommand::Witness(args) => return witness::run(ctx, &args).await,
        AuditCommand::RotateKey => return proofs::rotate_key(ctx).await,
        other => other,
    };
    let session = Session::open(ctx).await?;
    let result = match command {
        AuditCommand::Replay { at_size, expect } => replay(ctx, &session, at_size.unwrap_or(0), expect).await,
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
        AuditCommand::Check { .. } | AuditCommand::RotateKey | AuditCommand::Witness(_) => Ok(()),
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

async fn replay(ctx: &mut Ctx<'_>, session: &Session, size: u64, expected: Option<RootArg>) -> Outcome {
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
    verdict(&result, expected)
}

/// What does not agree, the first thing first: the entries with their own hashes, the root with what is expected, then what
/// is served.
fn verdict(result: &api::ReplayResult, expected: Option<RootArg>) -> Outcome {
    let (entries, root) = (count(result.size), hex::show(&result.replayed_root));
    let (root_differs, digest_differs) = (
        result.replayed_root != result.served_root,
        result.replayed_digest != result.served_digest,
    );
    let differs = if let Some(from) = result.differs_from {
        let last = from.saturating_add(TILE_WIDTH - 1);
        say(
            format!("第 {from} 至 {last} 条中有条目与写入时不同"),
            format!("among the entries {from} to {last} there are others than when they were written"),
        )
    } else if root_differs || digest_differs || !result.agrees {
        let (zh, en) = if root_differs {
            ("树根", "root")
        } else if digest_differs {
            ("余额与称号", "balances and titles")
        } else {
            ("封账数据", "figures of a closed year")
        };
        say(
            format!("前 {entries} 条的重算结果与台账所答的不符，最先不符的是{zh}"),
            format!("the replay of the first {entries} entries differs from what the ledger serves, first in its {en}"),
        )
    } else if let Some(RootArg(expected)) = expected
        && result.replayed_root != expected
    {
        let expected = hex::show(&expected);
        return Err(Failure::not_verified(say(
            format!("前 {entries} 条重算的树根是 {root}，应为 {expected}"),
            format!("the first {entries} entries come to the root {root}, not to {expected} as expected"),
        ))
        .and(say(
            "请核对条数（--at-size）和所抄的树根；都无误，这就不是当时的那本台账：请保留检查点和数据目录的副本，用 keshi audit check 查是从哪里起不同",
            "check the size (--at-size) and the root that you copied; if both are right, this is not the ledger of then: keep the checkpoint and \
             a copy of the data directory, and prove with keshi audit check what has changed since",
        )));
    } else {
        return Ok(());
    };
    Err(Failure::not_verified(differs).and(say(
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
    for closing in &result.closings {
        let (year, index, position) = (closing.year, closing.index, count(closing.position));
        let agrees = |agrees: bool| {
            if agrees {
                lang.pick("一致", "agrees")
            } else {
                lang.pick("不符", "differs")
            }
        };
        let (root, figures) = (agrees(closing.root_agrees), agrees(closing.figures_agree));
        let line = lang.pick(
            format!("  {year} 年封账或重述（第 {index} 条，台账 {position} 条）  树根{root}  数据{figures}\n"),
            format!("  {year} as closed or restated (entry {index}, at {position} entries)  root {root}  figures {figures}\n"),
        );
        add(&mut text, line);
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
        let told = |result: &api::ReplayResult, expected| {
            let failure = verdict(result, expected).unwrap_err();
            assert_eq!(failure.exit, crate::Exit::NotVerified);
            failure.text(Lang::En)
        };
        assert!(verdict(&good, None).is_ok() && verdict(&good, Some(RootArg([1; 32]))).is_ok());
        assert!(render(&good, Lang::En).contains("root  agrees"));
        // The client compares for itself: it does not take the server's word for it.
        let bad = api::ReplayResult {
            served_root: vec![2; 32],
            ..good.clone()
        };
        assert_eq!(verdict(&bad, None).unwrap_err().exit, crate::Exit::NotVerified);
        assert!(render(&bad, Lang::Zh).contains("树根  不符"));
        assert!(told(&bad, None).contains("first in its root"));
        let changed = api::ReplayResult {
            differs_from: Some(512),
            ..bad
        };
        assert!(told(&changed, None).contains("the entries 512 to 767"));
        let other = told(&good, Some(RootArg([3; 32])));
        assert!(
            other.contains(&hex::show(&[1; 32])) && other.contains(&hex::show(&[3; 32])),
            "{other}"
        );
    }
}
