//! `keshi audit checkpoint`, `prove`, `consistency` and `key`: what an auditor takes away; `keshi audit rotate-key`.

use std::io::Write as _;
use std::path::Path;

use keshi_core::hex;
use keshi_office::write_atomically;
use keshi_proto::api;

use super::super::shared::{at, at_size};
use crate::Ctx;
use crate::cli::AtArgs;
use crate::exit::{Failure, Outcome, Say, say};
use crate::remote::{Place, Session, office_keys};
use crate::show::json;
use crate::show::table::{Align, Table};
use crate::texts::names::count;
use crate::up::rotate_signing_key;

/// A checkpoint, as it is signed.
pub(super) async fn checkpoint(
    ctx: &mut Ctx<'_>,
    session: &Session,
    (args, with_people): (&AtArgs, bool),
    output: Option<&Path>,
) -> Outcome {
    let request = api::GetCheckpointRequest {
        at: at(args),
        with_people,
    };
    let answer = session.audit().get_checkpoint(session.call(request)).await;
    let checkpoint = answer.map_err(|status| session.failed(&status))?.into_inner();
    let (size, root) = (count(checkpoint.size), hex::show(&checkpoint.root));
    let what = say(
        format!("{size} 条的检查点，树根 {root}"),
        format!("the checkpoint of {size} entries, root {root}"),
    );
    give(ctx, &checkpoint, &checkpoint.note, (&what, output))
}

/// That an entry is in the ledger.
pub(super) async fn prove(
    ctx: &mut Ctx<'_>,
    session: &Session,
    (index, purpose, args): (u64, String, &AtArgs),
    output: Option<&Path>,
) -> Outcome {
    let request = api::GetInclusionProofRequest {
        index,
        at: at(args),
        purpose,
    };
    let answer = session.audit().get_inclusion_proof(session.call(request)).await;
    let proof = answer.map_err(|status| session.failed(&status))?.into_inner();
    let size = count(proof.checkpoint.as_ref().map_or(0, |checkpoint| checkpoint.size));
    let what = say(
        format!("第 {index} 条在 {size} 条的台账之中的证明"),
        format!("the proof that entry {index} is in the ledger of {size} entries"),
    );
    give(ctx, &proof, &proof.file, (&what, output))
}

/// That the ledger goes on from where it was.
pub(super) async fn consistency(
    ctx: &mut Ctx<'_>,
    session: &Session,
    (old, new): (u64, Option<u64>),
    output: Option<&Path>,
) -> Outcome {
    let request = api::GetConsistencyProofRequest {
        old_size: old,
        at: new.map(at_size),
    };
    let answer = session.audit().get_consistency_proof(session.call(request)).await;
    let proof = answer.map_err(|status| session.failed(&status))?.into_inner();
    let (old, new) = (count(old), count(proof.newer.as_ref().map_or(0, |newer| newer.size)));
    let what = say(
        format!("{old} 条的台账延续为 {new} 条的证明"),
        format!("the proof that the ledger of {old} entries went on to {new}"),
    );
    give(ctx, &proof, &proof.file, (&what, output))
}

/// With which keys checkpoints are signed, and were.
pub(super) async fn keys(ctx: &mut Ctx<'_>, session: &Session) -> Outcome {
    let answer = session
        .audit()
        .list_signing_keys(session.call(api::ListSigningKeysRequest {}))
        .await;
    let listed = answer.map_err(|status| session.failed(&status))?.into_inner();
    if ctx.globals.json {
        return json::print(&listed, &mut ctx.io.stdout);
    }
    if let [only] = listed.keys.as_slice() {
        // Alone on its line, to be copied whole.
        return ctx.print(&only.key);
    }
    let lang = ctx.lang;
    let mut table = Table::new([
        (lang.pick("自", "from"), Align::Right),
        (lang.pick("至", "until"), Align::Right),
        (lang.pick("公钥", "public key"), Align::Left),
    ]);
    for key in &listed.keys {
        let until = key.until_size.map_or_else(|| "-".to_owned(), count);
        table.row([count(key.from_size), until, key.key.clone()]);
    }
    let text = table.render(ctx.width());
    ctx.print(text.trim_end_matches('\n'))
}

/// Changes the key of the ledger in the data directory, on which no keshi runs.
pub(super) async fn rotate_key(ctx: &mut Ctx<'_>) -> Outcome {
    let office = Place::of(ctx)?.office(ctx.globals.office.as_deref())?;
    let changed = rotate_signing_key(&office, &office_keys(ctx)).await?;
    let (size, public) = (count(changed.size), changed.public);
    let said = say(
        format!("自 {size} 条起，检查点改由新密钥签名。公钥请交给审计：{public}"),
        format!(
            "from {size} entries on checkpoints are signed with a new key. The public key is for the auditors: {public}"
        ),
    );
    ctx.print(said.pick(ctx.lang))?;
    ctx.note(&say(
        "请另存新密钥，并再做一次备份；旧公钥仍列在 keshi audit key 中，用于核对此前的检查点",
        "keep a copy of the new key elsewhere, and make a backup; the public key of before stays listed by keshi audit key, for the \
         checkpoints from before",
    ));
    Ok(())
}

/// Prints what a file holds, or writes it; byte for byte, since it is signed.
fn give<M: json::Named>(ctx: &mut Ctx<'_>, message: &M, file: &str, (what, output): (&Say, Option<&Path>)) -> Outcome {
    let Some(path) = output else {
        if ctx.globals.json {
            return json::print(message, &mut ctx.io.stdout);
        }
        return Ok(ctx.io.stdout.write_all(file.as_bytes())?);
    };
    let bytes = if ctx.globals.json {
        let mut line = Vec::new();
        json::print(message, &mut line)?;
        line
    } else {
        file.as_bytes().to_vec()
    };
    let shown = path.display();
    write_atomically(path, &bytes).map_err(|error| {
        let what = say(
            format!("无法写入 {shown}：请检查磁盘和目录权限"),
            format!("{shown} could not be written: check the disk and the directory's mode"),
        );
        Failure::failed(what.because(&error))
    })?;
    ctx.note(&say(
        format!("已写出 {shown}：{}", what.zh),
        format!("wrote {shown}: {}", what.en),
    ));
    Ok(())
}
