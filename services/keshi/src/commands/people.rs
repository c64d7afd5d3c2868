//! `keshi people`: the people register.

use keshi_office::people::change_key;
use tokio::task::spawn_blocking;

use crate::Ctx;
use crate::cli::PeopleCommand;
use crate::exit::{Failure, Outcome, say};
use crate::remote::{Place, key_places};
use crate::up::people_failure;

pub(super) async fn run(ctx: &mut Ctx<'_>, command: PeopleCommand) -> Outcome {
    match command {
        PeopleCommand::RotateKey => rotate_key(ctx).await,
    }
}

/// Changes the office's key of the register in the data directory, on which no keshi runs.
async fn rotate_key(ctx: &mut Ctx<'_>) -> Outcome {
    let office = Place::of(ctx)?.office(ctx.globals.office.as_deref())?;
    let places = key_places(ctx);
    let changed = spawn_blocking(move || change_key(&office.people(), &places)).await;
    let changed = changed
        .map_err(|error| Failure::failed(say("程序中断", "the program broke off").because(&error)))?
        .map_err(|error| people_failure(&error))?;
    let id = &changed.key_id;
    let said = match changed.file {
        Some(file) => say(
            format!("人员档案的密钥已更换为 {id}，在 {}", file.display()),
            format!("the key of the people register is now {id}, in {}", file.display()),
        ),
        None => say(
            format!("人员档案改由密钥 {id} 加密"),
            format!("the people register is under key {id} now"),
        ),
    };
    ctx.print_text(said.pick(ctx.lang))?;
    ctx.note(&say(
        "请另存新密钥、销毁旧密钥，并再做一次备份：此前备份中的人员档案只有旧密钥才读得出",
        "keep a copy of the new key elsewhere, destroy the old one, and make a backup: the people registers of earlier backups are \
         read with the old key alone",
    ));
    Ok(())
}
