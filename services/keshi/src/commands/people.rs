//! `keshi people`: the people register.

use keshi_core::lang::Say;
use keshi_office::people::change_key;
use keshi_proto::api;
use keshi_words::held::{HEADINGS, things};
use keshi_words::reading;
use tokio::task::spawn_blocking;

use super::shared::{teacher, teacher_or_self};
use crate::Ctx;
use crate::cli::PeopleCommand;
use crate::exit::{Failure, Outcome, say};
use crate::remote::{Place, Session, key_places};
use crate::show::json;
use crate::show::table::{Align, Table};
use crate::up::people_failure;

/// Readings in one answer of the server.
const PAGE: i32 = 1000;

pub(super) async fn run(ctx: &mut Ctx<'_>, command: PeopleCommand) -> Outcome {
    if matches!(command, PeopleCommand::RotateKey) {
        return rotate_key(ctx).await;
    }
    let session = Session::open(ctx).await?;
    let result = match command {
        PeopleCommand::Held { teacher, purpose } => held(ctx, &session, teacher, purpose.unwrap_or_default()).await,
        PeopleCommand::Erase { teacher, purpose } => erase(ctx, &session, &teacher, purpose).await,
        PeopleCommand::Readmit { teacher, purpose } => readmit(ctx, &session, teacher, purpose).await,
        PeopleCommand::RotateKey => Ok(()),
    };
    result.and(session.close().await)
}

/// What is held about a person, then who read it.
async fn held(ctx: &mut Ctx<'_>, session: &Session, whom: Option<String>, purpose: String) -> Outcome {
    let teacher_id = teacher_or_self(session, (ctx.lang, ctx.width()), whom.as_deref(), &purpose).await?;
    let mut request = api::GetHeldRequest {
        teacher_id,
        purpose,
        page_size: PAGE,
        page_token: String::new(),
    };
    let mut is_first = true;
    let mut widths = Vec::new();
    loop {
        let answer = session.audit().get_held(session.call(request.clone())).await;
        let page = answer.map_err(|status| session.failed(&status))?.into_inner();
        for month in &page.broken_lines {
            ctx.note(&say(
                format!("{month} 的查阅记录中有一行无法读取"),
                format!("a line of {month} in the log of reads cannot be read"),
            ));
        }
        if ctx.globals.json {
            json::print(&page, &mut ctx.io.stdout)?;
        } else {
            if std::mem::take(&mut is_first) {
                say_things(ctx, &page)?;
            }
            if !page.reads.is_empty() {
                let mut table = Table::new(reading::HEADINGS.map(|(zh, en)| (ctx.lang.pick(zh, en), Align::Left)));
                for one in &page.reads {
                    table.row(reading::cells(one, ctx.lang));
                }
                let text = table.render_on(&mut widths, ctx.width());
                ctx.print(text.trim_end_matches('\n'))?;
            }
        }
        if page.next_page_token.is_empty() {
            return Ok(());
        }
        request.page_token = page.next_page_token;
    }
}

fn say_things(ctx: &mut Ctx<'_>, held: &api::Held) -> Outcome {
    let lang = ctx.lang;
    let mut table = Table::new(HEADINGS.map(|(zh, en)| (lang.pick(zh, en), Align::Left)));
    for thing in things(held, lang) {
        table.row([
            thing.what.to_owned(),
            thing.says,
            thing.kept.to_owned(),
            thing.purpose.to_owned(),
            thing.until,
        ]);
    }
    let title = lang.pick(
        format!("教师 {} 所存的个人信息", held.teacher_id),
        format!("what is held about teacher {}", held.teacher_id),
    );
    ctx.print(title)?;
    let text = table.render(ctx.width());
    ctx.print(text.trim_end_matches('\n'))?;
    ctx.print(lang.pick(
        "\n查阅过的人（整表查阅只记一行，不在其中）",
        "\nwho read about her (readings of whole lists are noted once, and are not here)",
    ))
}

/// What is held of somebody under another of her ids.
fn held_still(id: &str) -> Say {
    say(
        format!("本人另有编号 {id}（合并的重复档案），其身份信息仍在：如一并删除，请运行 keshi people erase {id}"),
        format!(
            "her other id {id}, of a record that was merged, has its identity still: to erase that too, run keshi people erase {id}"
        ),
    )
}

async fn erase(ctx: &mut Ctx<'_>, session: &Session, whom: &str, purpose: String) -> Outcome {
    let teacher_id = teacher(session, (ctx.lang, ctx.width()), whom, &purpose).await?;
    let request = api::EraseIdentityRequest {
        teacher_id: teacher_id.clone(),
        purpose,
    };
    let answer = session.registry().erase_identity(session.call(request)).await;
    let api::EraseIdentityResponse { erased, other_ids } =
        answer.map_err(|status| session.failed(&status))?.into_inner();
    let said = if erased {
        say(
            format!("教师 {teacher_id} 的身份信息已删除，密钥已销毁；台账条目和合计不变"),
            format!(
                "the identity of teacher {teacher_id} is erased and its key destroyed; entries and totals are as they were"
            ),
        )
    } else if let Some(id) = other_ids.first() {
        return Err(Failure::failed(held_still(id)));
    } else {
        return Err(Failure::failed(say(
            format!("人员档案中没有教师 {teacher_id} 的身份信息：请核对编号"),
            format!("the people register holds no identity of teacher {teacher_id}: check the id"),
        )));
    };
    ctx.print_text(said.pick(ctx.lang))?;
    for id in &other_ids {
        ctx.note(&held_still(id));
    }
    ctx.note(&say(
        "此前的备份连同密钥仍可读出该信息：请更换密钥（keshi people rotate-key）、销毁旧密钥，并再做一次备份",
        "backups of before tell it still to who has the key: change the key (keshi people rotate-key), destroy the old one, and make \
         a backup",
    ));
    Ok(())
}

async fn readmit(ctx: &mut Ctx<'_>, session: &Session, teacher_id: String, purpose: String) -> Outcome {
    let request = api::ReadmitIdentityRequest {
        teacher_id: teacher_id.clone(),
        purpose,
    };
    let answer = session.registry().readmit_identity(session.call(request)).await;
    if !answer
        .map_err(|status| session.failed(&status))?
        .into_inner()
        .readmitted
    {
        return Err(Failure::failed(say(
            format!("教师 {teacher_id} 的身份信息没有删除过：请核对编号"),
            format!("the identity of teacher {teacher_id} was never erased: check the id"),
        )));
    }
    let said = say(
        format!("教师 {teacher_id} 可以重新登记"),
        format!("teacher {teacher_id} can be registered again"),
    );
    ctx.print_text(said.pick(ctx.lang))
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
