//! `keshi account`: accounts to sign in with, made and changed through the services.

mod lists;
mod school;
mod slips;

use std::path::Path;

use keshi_proto::api;

use self::lists::{changes, list, signins};
use self::school::for_school;
use self::slips::Slip;
use crate::Ctx;
use crate::cli::{AccountChangeArgs, AccountCommand, AccountCreateArgs, AccountResetArgs, RightsArgs, SlipsArgs};
use crate::exit::{Failure, Outcome, say};
use crate::remote::{Session, write_private};
use crate::show::json;
use crate::show::table::{Align, Table};

/// Accounts made in one request of the server.
const AT_ONCE: usize = 1_000;

/// An account that was made or reset, and whose it is, as far as is known.
struct Handed {
    made: api::AccountWithCode,
    name: String,
    school: String,
}

pub(super) async fn run(ctx: &mut Ctx<'_>, command: AccountCommand) -> Outcome {
    let session = Session::open(ctx).await?;
    let result = match command {
        AccountCommand::Create(args) => create(ctx, &session, *args).await,
        AccountCommand::List => list(ctx, &session).await,
        AccountCommand::Change(args) => change(ctx, &session, *args).await,
        AccountCommand::Reset(args) => reset(ctx, &session, args).await,
        AccountCommand::Close { id } => close(ctx, &session, id).await,
        AccountCommand::Signins(args) => signins(ctx, &session, args).await,
        AccountCommand::Changes { id } => changes(ctx, &session, id).await,
    };
    result.and(session.close().await)
}

async fn create(ctx: &mut Ctx<'_>, session: &Session, args: AccountCreateArgs) -> Outcome {
    let AccountCreateArgs {
        id,
        rights,
        for_school: school,
        note,
        slips,
    } = args;
    not_there_yet(&slips)?;
    let note = note.unwrap_or_default();
    let wanted = match school {
        Some(school) => for_school(ctx, session, &school, &rights, &note).await?,
        None => vec![(
            api::NewAccount {
                id: id.unwrap_or_default(),
                role: rights.role.0.to_string(),
                scope: Some(scope(rights)),
                note,
            },
            String::new(),
            String::new(),
        )],
    };
    let mut handed = Vec::with_capacity(wanted.len());
    for part in wanted.chunks(AT_ONCE) {
        let accounts = part.iter().map(|(account, ..)| account.clone()).collect();
        let request = session.call(api::CreateAccountsRequest { accounts });
        let made = session.accounts().create_accounts(request).await;
        let made = match made {
            Ok(made) => made.into_inner().accounts,
            // What was made before is told all the same: its codes are shown this once.
            Err(status) => {
                hand_over(ctx, &handed, &slips)?;
                return Err(session.failed(&status));
            }
        };
        handed.extend(made.into_iter().zip(part).map(|(made, (_, name, school))| Handed {
            made,
            name: name.clone(),
            school: school.clone(),
        }));
    }
    hand_over(ctx, &handed, &slips)
}

async fn change(ctx: &mut Ctx<'_>, session: &Session, args: AccountChangeArgs) -> Outcome {
    let request = session.call(api::ChangeAccountRequest {
        id: args.id,
        role: args.rights.role.0.to_string(),
        scope: Some(scope(args.rights)),
    });
    let changed = session.accounts().change_account(request).await;
    let account = changed.map_err(|status| session.failed(&status))?.into_inner().account;
    told(ctx, account.as_ref(), |id| {
        say(
            format!("账号 {id} 的身份和范围已更改，立即生效"),
            format!("account {id} has other rights, which count at once"),
        )
    })
}

async fn reset(ctx: &mut Ctx<'_>, session: &Session, args: AccountResetArgs) -> Outcome {
    let AccountResetArgs { id, slips } = args;
    not_there_yet(&slips)?;
    let request = session.call(api::ResetAccountRequest { id });
    let reset = session.accounts().reset_account(request).await;
    let made = reset.map_err(|status| session.failed(&status))?.into_inner().account;
    let handed = made.map(|made| Handed {
        made,
        name: String::new(),
        school: String::new(),
    });
    hand_over(ctx, &handed.into_iter().collect::<Vec<_>>(), &slips)
}

async fn close(ctx: &mut Ctx<'_>, session: &Session, id: String) -> Outcome {
    let request = session.call(api::CloseAccountRequest { id });
    let closed = session.accounts().close_account(request).await;
    let account = closed.map_err(|status| session.failed(&status))?.into_inner().account;
    told(ctx, account.as_ref(), |id| {
        say(
            format!("账号 {id} 已停用，已登录的全部退出"),
            format!("account {id} is closed, and its sessions have ended"),
        )
    })
}

/// Says what became of an account.
fn told(ctx: &mut Ctx<'_>, account: Option<&api::Account>, text: impl FnOnce(&str) -> crate::exit::Say) -> Outcome {
    let Some(account) = account else { return Ok(()) };
    if ctx.globals.json {
        return json::print(account, &mut ctx.io.stdout);
    }
    ctx.note(&text(&account.id));
    Ok(())
}

/// Shows the codes, this once, and writes slips where they are wanted.
fn hand_over(ctx: &mut Ctx<'_>, handed: &[Handed], slips: &SlipsArgs) -> Outcome {
    if handed.is_empty() {
        return Ok(());
    }
    if ctx.globals.json {
        for handed in handed {
            json::print(&handed.made, &mut ctx.io.stdout)?;
        }
    } else {
        ctx.note(&say(
            "一次性代码只显示这一次，14 天内有效；请交给本人，凭它登录并设密码：",
            "the one-time codes are shown this once and are good for 14 days; hand each to its holder, who signs in with it and \
             sets a password:",
        ));
        let text = codes(ctx, handed).render(ctx.width());
        ctx.print_text(&text)?;
    }
    let Some(path) = &slips.slips else { return Ok(()) };
    let written: Vec<Slip<'_>> = handed.iter().filter_map(Slip::of).collect();
    let page = slips::page(&written, slips.url.as_deref());
    write_private(path, &page)?;
    ctx.note(&say(
        format!("纸条已写入 {}：打印、裁开后请删除该文件", path.display()),
        format!(
            "the slips are in {}: print and cut them, then remove the file",
            path.display()
        ),
    ));
    Ok(())
}

fn codes(ctx: &Ctx<'_>, handed: &[Handed]) -> Table {
    let mut table = Table::new([
        (ctx.lang.pick("账号", "account"), Align::Left),
        (ctx.lang.pick("姓名", "name"), Align::Left),
        (ctx.lang.pick("一次性代码", "one-time code"), Align::Left),
    ]);
    for Handed { made, name, .. } in handed {
        let id = made.account.as_ref().map_or("", |account| &account.id);
        let name = if name.is_empty() { "-" } else { name };
        table.row([id.to_owned(), name.to_owned(), made.code.clone()]);
    }
    table
}

/// The codes are shown once, so a file that cannot be written is noticed before there are any.
fn not_there_yet(slips: &SlipsArgs) -> Outcome {
    let Some(path) = &slips.slips else { return Ok(()) };
    let shown = path.display();
    if path.exists() {
        return Err(Failure::usage(say(
            format!("{shown} 已存在：请换一个文件名"),
            format!("{shown} is there already: name another file"),
        )));
    }
    match path.parent() {
        Some(dir) if dir != Path::new("") && !dir.is_dir() => Err(Failure::usage(say(
            format!("目录 {} 不存在", dir.display()),
            format!("there is no directory {}", dir.display()),
        ))),
        _ => Ok(()),
    }
}

fn scope(rights: RightsArgs) -> api::AccountScope {
    let RightsArgs {
        role: _,
        school,
        teacher,
        bases,
        studios,
        subjects,
        groups,
    } = rights;
    api::AccountScope {
        school_id: school.unwrap_or_default(),
        teacher_id: teacher.unwrap_or_default(),
        base_ids: bases,
        studio_ids: studios,
        subjects,
        group_ids: groups,
    }
}
