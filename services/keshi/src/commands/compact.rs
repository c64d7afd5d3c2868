//! `keshi compact`: the ledger put together anew from its entries, with everything compared, while no keshi runs.

use keshi_core::hex;
use keshi_engine::{CompactError, Compacted, compact};
use keshi_log::CompactError as NotRemade;
use tokio::task::spawn_blocking;

use super::shared::percent_bar;
use crate::Ctx;
use crate::exit::{Failure, Outcome, causes, say};
use crate::remote::Place;
use crate::texts::names::count;
use crate::up::{contents_failure, engine_failure};

pub(super) async fn run(ctx: &mut Ctx<'_>) -> Outcome {
    let office = Place::of(ctx)?.office(ctx.globals.office.as_deref())?;
    office.check().map_err(|error| contents_failure(&error))?;
    let bar = percent_bar(ctx, &say("重新整理台账", "putting the ledger together anew"));
    let (ledger, shown) = (office.ledger(), bar.clone());
    let done = spawn_blocking(move || {
        compact(&ledger, &mut |done, all| {
            shown.set_length(all);
            shown.set_position(done);
        })
    });
    let done = done.await;
    bar.finish_and_clear();
    let done = done.map_err(|error| Failure::failed(say("程序中断", "the program broke off").because(&error)))?;
    let done = done.map_err(|error| failure(&error))?;
    let Compacted {
        committed,
        digest,
        before,
        after,
        repairs,
    } = done;
    for repair in &repairs {
        ctx.note(&say(
            format!("磁盘正在损坏：整理前先修复了一份副本（{repair}）；请检查磁盘，并立即备份"),
            format!("the disk is failing: {repair}; look at the disk, and make a backup now"),
        ));
    }
    let (size, root, digest) = (count(committed.size), committed.root, hex::show(&digest.0));
    let (before, after) = (count(before / 1024), count(after / 1024));
    let said = say(
        format!(
            "台账 {size} 条已重新整理，前后一致：树根 {root}，余额与称号 {digest}\n磁盘占用原为 {before} KiB，现为 {after} KiB"
        ),
        format!(
            "the ledger of {size} entries is put together anew and is the same: root {root}, balances and titles {digest}\n\
             on the disk it took {before} KiB and takes {after} KiB now"
        ),
    );
    ctx.print_text(said.pick(ctx.lang))
}

fn failure(error: &CompactError) -> Failure {
    let en = causes(error);
    match error {
        CompactError::Open(error) => engine_failure(error),
        CompactError::Log(NotRemade::Make(error) | NotRemade::Look(error)) => Failure::failed(
            say(
                "新台账未能建立，原台账未动",
                "the new ledger could not be made; the old one is as it was",
            )
            .because(error),
        ),
        CompactError::Log(NotRemade::Differs { .. }) | CompactError::OtherAnswers => Failure::not_verified(say(
            format!("新台账与原台账不一致，未作替换；请检查内存和磁盘后重试（{en}）"),
            en,
        )),
        CompactError::Log(NotRemade::Read(_)) => Failure::not_verified(say(
            format!("原台账无法读完，未作替换；请用 keshi doctor 检查（{en}）"),
            en,
        )),
        CompactError::Log(NotRemade::Moved { dir }) => Failure::failed(say(
            format!("{} 刚刚被另一个 keshi 打开：请先停止它，再重新整理", dir.display()),
            en,
        )),
        CompactError::Log(NotRemade::Write(_) | NotRemade::Append(_) | NotRemade::Io { .. }) => Failure::failed(say(
            format!("未能写完新台账，原台账未动；请检查磁盘空间后重试（{en}）"),
            en,
        )),
        CompactError::NotThere { kept } => Failure::not_verified(say(
            format!(
                "换上的新台账与原台账不一致；原台账在 {}，请把它改回原名",
                kept.display()
            ),
            en,
        )),
    }
}

#[cfg(test)]
mod tests {
    use keshi_log::OpenError;

    use super::*;
    use crate::exit::Exit;

    #[test]
    fn a_ledger_that_runs_is_no_damage_and_other_answers_are() {
        let in_use = CompactError::Open(OpenError::InUse { dir: "/d".into() }.into());
        assert_eq!(failure(&in_use).exit, Exit::Failed);
        assert_eq!(failure(&CompactError::OtherAnswers).exit, Exit::NotVerified);
        let kept = failure(&CompactError::NotThere {
            kept: "/d/ledger.compacting".into(),
        });
        assert!(kept.text(keshi_core::lang::Lang::Zh).contains("ledger.compacting"));
    }
}
