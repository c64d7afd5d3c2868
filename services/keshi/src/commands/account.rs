//! `keshi account`: accounts to sign in with, made and changed through the services.

mod lists;
mod slips;

use std::path::Path;

use keshi_import::accounts::{self, Wanted};
use keshi_office::access::RoleName;
use keshi_proto::api;
use keshi_words::account::Handed;

use self::lists::{changes, list, signins};
use crate::Ctx;
use crate::cli::{
    AccountChangeArgs, AccountCommand, AccountCreateArgs, AccountResetArgs, RightsArgs, ScopeArgs, SlipsArgs,
};
use crate::exit::{Failure, Outcome, say};
use crate::remote::{Session, write_private};
use crate::show::json;
use crate::show::table::{Align, Table};

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
        None => vec![Wanted {
            account: api::NewAccount {
                id: id.unwrap_or_default(),
                role: rights.role.0.to_string(),
                scope: Some(scope(rights.scope)),
                note,
            },
            ..Wanted::default()
        }],
    };
    let (handed, made) = accounts::create(session, wanted).await;
    // What was made before something failed is told all the same: its codes are shown this once.
    hand_over(ctx, &handed, &slips)?;
    made.map_err(|status| session.failed(&status))
}

/// Accounts for those who hold a post at `school` and have none yet.
async fn for_school(
    ctx: &mut Ctx<'_>,
    session: &Session,
    school: &str,
    rights: &RightsArgs,
    note: &str,
) -> Outcome<Vec<Wanted>> {
    if rights.role.0 != RoleName::Teacher {
        return Err(Failure::usage(say(
            "--for-school 为每位教师各建一个账号，身份须为 teacher",
            "--for-school makes an account for each teacher: the role is teacher",
        )));
    }
    let found = accounts::staff(session, school, note).await;
    let staff = found.map_err(|status| session.failed(&status))?.ok_or_else(|| {
        Failure::failed(say(
            format!("没有登记编号为 {school} 的学校；keshi schools 列出全部"),
            format!("there is no school {school}; keshi schools lists all"),
        ))
    })?;
    let (name, all) = (&staff.school, staff.all);
    if all == 0 {
        return Err(Failure::failed(say(
            format!("{name}（{school}）现在没有教师任职；请先导入“任职”或“教师”表"),
            format!("nobody holds a post at {name} ({school}) now: import the sheet of posts or teachers first"),
        )));
    }
    let left = all - staff.wanted.len();
    if left > 0 {
        ctx.note(&say(
            format!("{name}现任教师 {all} 人，其中 {left} 人已有账号，不再建"),
            format!("{all} teachers are at {name} now, of whom {left} have an account and get no other"),
        ));
    }
    Ok(staff.wanted)
}

async fn change(ctx: &mut Ctx<'_>, session: &Session, args: AccountChangeArgs) -> Outcome {
    let request = session.call(api::ChangeAccountRequest {
        id: args.id,
        role: args.rights.role.0.to_string(),
        scope: Some(scope(args.rights.scope)),
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
        ..Handed::default()
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
    let page = slips::page(handed, slips.url.as_deref());
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

fn scope(scope: ScopeArgs) -> api::AccountScope {
    let ScopeArgs {
        school,
        teacher,
        bases,
        studios,
        subjects,
        groups,
    } = scope;
    api::AccountScope {
        school_id: school.unwrap_or_default(),
        teacher_id: teacher.unwrap_or_default(),
        base_ids: bases,
        studio_ids: studios,
        subjects,
        group_ids: groups,
    }
}
