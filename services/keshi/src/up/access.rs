//! The tokens and accounts of the office that is to be served.

use std::sync::Arc;

use jiff::Timestamp;
use keshi_office::access::Access;
use keshi_office::accounts::{AccountError, Accounts};
use keshi_office::layout::DataDir;

use super::config::Config;
use super::failures::{contents_failure, store_failure};
use crate::Ctx;
use crate::commands::{change_failure, open_failure};
use crate::exit::{Failure, Outcome, causes, say};
use crate::remote::{layout_failure, write_private};

/// Tokens and accounts; an office that has none yet gets its first ones. For trying out there are no accounts.
pub(super) fn open_access(ctx: &mut Ctx<'_>, config: &Config) -> Outcome<Arc<Access>> {
    let access = match &config.access {
        Some(path) => Access::open_or_create(path).map_err(|error| open_failure(&error))?,
        None => own_access(config)?,
    };
    tell_damaged(ctx, &access);
    if config.dev {
        return Ok(Arc::new(access));
    }
    make_first_token(ctx, config, &access)?;
    let accounts = match &config.access {
        Some(path) => Accounts::open_or_create(path).map_err(|error| accounts_failure(&error))?,
        None => own_accounts(config)?,
    };
    make_first_account(ctx, config, &access, &accounts)?;
    Ok(Arc::new(access.with_accounts(Arc::new(accounts))))
}

/// Tells of tokens that let nobody in any more.
fn tell_damaged(ctx: &mut Ctx<'_>, access: &Access) {
    for id in access.unreadable() {
        ctx.note(&say(
            format!("令牌 {id} 的记录已损坏，不能再用：请从备份恢复，或另发新令牌"),
            format!(
                "the record of token {id} is damaged, it lets nobody in: restore it from a backup, or make another"
            ),
        ));
    }
}

fn make_first_token(ctx: &mut Ctx<'_>, config: &Config, access: &Access) -> Outcome {
    let first = access.first_token(config.office.as_str(), Timestamp::now());
    let Some(new) = first.map_err(|error| change_failure(&error))? else {
        return Ok(());
    };
    let office = config.data.office(config.office.as_str());
    let office = office.map_err(|error| layout_failure(&error))?;
    office.create().map_err(|error| layout_failure(&error))?;
    let file = office.token();
    write_private(&file, &format!("{}\n", new.secret.reveal()))?;
    // The file, not the secret: what is said here stands in the system's log for years.
    let (id, file) = (&new.token.id, file.display());
    ctx.note(&say(
        format!("首次启动：系统管理员令牌 {id} 已存入 {file}（仅本用户可读），本机命令自动使用；请妥善保管"),
        format!(
            "first start: the admin's token {id} is in {file} (readable by you only), where commands on this machine find \
             it; keep it safe"
        ),
    ));
    Ok(())
}

fn make_first_account(ctx: &mut Ctx<'_>, config: &Config, access: &Access, accounts: &Accounts) -> Outcome {
    for key in accounts.unreadable() {
        ctx.note(&say(
            format!("账号记录 {key} 已损坏，不能再用：请从备份恢复账号"),
            format!(
                "the record {key} of the accounts is damaged, it lets nobody in: restore the accounts from a backup"
            ),
        ));
    }
    let first = accounts.first(access, config.office.as_str(), Timestamp::now());
    let Some((account, file)) = first.map_err(|error| accounts_failure(&error))? else {
        return Ok(());
    };
    let (id, file) = (&account.id, file.display());
    ctx.note(&say(
        format!("首次启动：系统管理员账号 {id} 的一次性代码在 {file}（仅本用户可读），用它登录并设密码，14 天内有效"),
        format!(
            "first start: the one-time code of the admin's account {id} is in {file} (readable by you only); sign in with it \
             and set a password within 14 days"
        ),
    ));
    Ok(())
}

/// The accounts in the office's directory, which knows that it has them.
fn own_accounts(config: &Config) -> Outcome<Accounts> {
    let dir = config.data.office(config.office.as_str());
    let dir = dir.map_err(|error| layout_failure(&error))?;
    let accounts = Accounts::open_or_create(&dir.access()).map_err(|error| accounts_failure(&error))?;
    dir.note_accounts().map_err(|error| contents_failure(&error))?;
    Ok(accounts)
}

/// Accounts that cannot be opened, or made.
pub(super) fn accounts_failure(error: &AccountError) -> Failure {
    match error {
        AccountError::Store(error) => store_failure(error),
        AccountError::Sessions { path, .. } => Failure::not_verified(say(
            format!("{} 已损坏：请删除它再启动，之后人人重新登录，别无损失", path.display()),
            causes(error),
        )),
        AccountError::Log(error) => Failure::failed(say(
            format!("登录记录 {} 无法使用：请检查目录属主和磁盘", error.path.display()),
            causes(error),
        )),
        AccountError::FirstCode { path, .. } => Failure::failed(say(
            format!("无法写入 {}：请检查磁盘和目录权限", path.display()),
            causes(error),
        )),
        error => Failure::failed(say("无法建立首个账号", "the first account could not be made").because(error)),
    }
}

/// The tokens in the office's directory, which knows that it has them.
fn own_access(config: &Config) -> Outcome<Access> {
    let dir = config.data.office(config.office.as_str());
    let dir = dir.map_err(|error| layout_failure(&error))?;
    dir.create().map_err(|error| layout_failure(&error))?;
    let begun = dir.check().and_then(|()| dir.begin());
    begun.map_err(|error| contents_failure(&error))?;
    let access = Access::open_or_create(dir.access()).map_err(|error| open_failure(&error))?;
    dir.note_access().map_err(|error| contents_failure(&error))?;
    Ok(access)
}

/// A data directory with the tokens of an earlier form of keshi, which this one would pass over without a word.
pub(crate) fn refuse_old_access(data: &DataDir) -> Outcome {
    let Some(path) = data.old_access() else { return Ok(()) };
    let path = path.display();
    let moved = format!("mv {path} {path}.old");
    Err(Failure::failed(say(
        format!("{path} 是旧形式的令牌文件，本版本不再读取：令牌现存于各机构目录的 access.redb"),
        format!("{path} has the tokens in an old form that is not read any more: they are in each office's access.redb now"),
    ))
    .and(say(
        format!("请把它移走（{moved}），再启动：首次启动会给出新的系统管理员令牌，其余令牌请用 keshi token create 重新发放"),
        format!(
            "move it away ({moved}) and start again: that makes a new admin token; make the others anew with keshi token \
             create"
        ),
    )))
}
