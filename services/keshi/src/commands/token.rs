//! `keshi token`: the tokens on this machine, changed in place; a running server follows.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use keshi_core::lang::Lang;
use keshi_office::access::{Access, ChangeError, OpenError, Request, Role, RoleError, Scope, Token};
use serde::Serialize;

use crate::Ctx;
use crate::cli::{TokenCommand, TokenCreateArgs};
use crate::exit::{Failure, Outcome, causes, say};
use crate::remote::Place;
use crate::show::table::{Align, Table, Width};
use crate::up::{refuse_old_access, store_failure};

pub(super) fn run(ctx: &mut Ctx<'_>, command: TokenCommand) -> Outcome {
    match command {
        TokenCommand::Create(args) => create(ctx, *args),
        TokenCommand::List { access } => list(ctx, access.as_deref()),
        TokenCommand::Revoke { id, access } => revoke(ctx, &id, access.as_deref()),
    }
}

fn open(ctx: &Ctx<'_>, file: Option<&Path>) -> Outcome<Access> {
    let path = file.map_or_else(|| own_file(ctx), |path| Ok(path.to_owned()))?;
    Access::open(path).map_err(|error| open_failure(&error))
}

/// The tokens of the office in the data directory.
fn own_file(ctx: &Ctx<'_>) -> Outcome<PathBuf> {
    let place = Place::of(ctx)?;
    refuse_old_access(&place.data)?;
    Ok(place.office(ctx.globals.office.as_deref())?.access())
}

fn create(ctx: &mut Ctx<'_>, args: TokenCreateArgs) -> Outcome {
    let access = open(ctx, args.access.as_deref())?;
    let office = match &ctx.globals.office {
        Some(code) => code.clone(),
        None => only_office(ctx, &access)?,
    };
    let role = Role::new(args.role.0, args.scope.into()).map_err(|error| role_failure(&error))?;
    let request = Request {
        id: args.id,
        office,
        role,
        expires_on: args.expires,
    };
    let new = access
        .create(&request, Timestamp::now())
        .map_err(|error| change_failure(&error))?;
    wait_for_servers();
    if ctx.globals.json {
        let shown = Shown::of(&new.token, Some(new.secret.reveal()));
        return print_json(ctx, &shown);
    }
    ctx.note(&say(
        format!("令牌 {} 只显示这一次，请交给持有人妥善保管：", new.token.id),
        format!("token {} is shown this once; hand it to its holder:", new.token.id),
    ));
    ctx.print(new.secret.reveal())
}

/// Servers look at the tokens every 100 ms: when the command returns, the change is in force with them too.
fn wait_for_servers() {
    std::thread::sleep(Duration::from_millis(250));
}

/// The office of the tokens there are, if it is one and the same; else that of the data directory.
fn only_office(ctx: &Ctx<'_>, access: &Access) -> Outcome<String> {
    let mut codes: Vec<_> = access.list().into_iter().map(|token| token.office).collect();
    codes.sort();
    codes.dedup();
    if let [one] = codes.as_slice() {
        return Ok(one.clone());
    }
    let office = Place::of(ctx)?.office(None)?;
    Ok(office
        .root
        .file_name()
        .map(|code| code.to_string_lossy().into_owned())
        .unwrap_or_default())
}

fn list(ctx: &mut Ctx<'_>, file: Option<&Path>) -> Outcome {
    let office = ctx.globals.office.clone();
    let mut tokens = open(ctx, file)?.list();
    tokens.retain(|token| office.as_ref().is_none_or(|office| *office == token.office));
    if ctx.globals.json {
        return tokens
            .iter()
            .try_for_each(|token| print_json(ctx, &Shown::of(token, None)));
    }
    ctx.print_text(&render(&tokens, ctx.lang, ctx.width()))
}

fn revoke(ctx: &mut Ctx<'_>, id: &str, file: Option<&Path>) -> Outcome {
    let token = open(ctx, file)?
        .revoke(id, Timestamp::now())
        .map_err(|error| change_failure(&error))?;
    wait_for_servers();
    if ctx.globals.json {
        return print_json(ctx, &Shown::of(&token, None));
    }
    ctx.note(&say(
        format!("令牌 {id} 已撤销，正在运行的服务也不再接受"),
        format!("token {id} is revoked, and running servers refuse it"),
    ));
    Ok(())
}

/// A token as `--json` prints it.
#[derive(Serialize)]
struct Shown<'a> {
    id: &'a str,
    office: &'a str,
    role: &'a str,
    scope: String,
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_on: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<&'a str>,
}

impl<'a> Shown<'a> {
    fn of(token: &'a Token, secret: Option<&'a str>) -> Self {
        Self {
            id: &token.id,
            office: &token.office,
            role: token.role.name().as_str(),
            scope: scope(token),
            created_at: token.created_at.to_string(),
            expires_on: token.expires_on.map(|day| day.to_string()),
            revoked_at: token.revoked_at.map(|at| at.to_string()),
            token: secret,
        }
    }
}

fn print_json(ctx: &mut Ctx<'_>, shown: &Shown<'_>) -> Outcome {
    let line = serde_json::to_string(shown).map_err(std::io::Error::from)?;
    ctx.print(line)
}

/// For whom: what limits the role, in one line.
fn scope(token: &Token) -> String {
    let Scope {
        school,
        teacher_id,
        bases,
        studios,
        subjects,
        groups,
    } = token.role.scope();
    let lists = [bases, studios, subjects, groups];
    let all = school.into_iter().chain(teacher_id).chain(lists.into_iter().flatten());
    all.collect::<Vec<_>>().join(",")
}

fn render(tokens: &[Token], lang: Lang, width: Width) -> String {
    if tokens.is_empty() {
        return lang
            .pick(
                "没有令牌：keshi token create 身份",
                "no tokens: keshi token create ROLE",
            )
            .to_owned();
    }
    let mut table = Table::new([
        (lang.pick("编号", "id"), Align::Left),
        (lang.pick("机构", "office"), Align::Left),
        (lang.pick("身份", "role"), Align::Left),
        (lang.pick("范围", "scope"), Align::Left),
        (lang.pick("建于", "created"), Align::Left),
        (lang.pick("有效至", "expires"), Align::Left),
        (lang.pick("状态", "state"), Align::Left),
    ]);
    for token in tokens {
        let role = token.role.name();
        table.row([
            token.id.clone(),
            token.office.clone(),
            lang.pick(role.zh(), role.as_str()).to_owned(),
            scope(token).replace(',', lang.pick("、", ", ")),
            token.created_at.strftime("%Y-%m-%d").to_string(),
            token.expires_on.map_or_else(|| "-".to_owned(), |day| day.to_string()),
            match token.revoked_at {
                Some(_) => lang.pick("已撤销", "revoked").to_owned(),
                None => lang.pick("有效", "valid").to_owned(),
            },
        ]);
    }
    table.render(width)
}

// === failures ===

/// Tokens that cannot be opened.
pub(crate) fn open_failure(error: &OpenError) -> Failure {
    match error {
        OpenError::Missing { path } => Failure::failed(say(
            format!("{} 中没有令牌：先运行一次 keshi up，或用 --access 指定", path.display()),
            causes(error),
        )),
        OpenError::Store(error) => store_failure(error),
    }
}

/// Tokens that were not changed.
pub(crate) fn change_failure(error: &ChangeError) -> Failure {
    let en = causes(error);
    let (is_usage, zh) = match error {
        ChangeError::Open(error) => return open_failure(error),
        ChangeError::Id { id } => (
            true,
            format!("“{id}”不能作令牌编号：用 1 至 32 个 a-z 0-9 -，以字母或数字开头，不得是证件号或手机号"),
        ),
        ChangeError::Taken { id } => (true, format!("令牌 {id} 已存在（或曾经存在），请换一个编号")),
        ChangeError::Office { office } => (true, format!("“{office}”不是机构编号：应为六位行政区划代码，如 610729")),
        ChangeError::DevRole => (true, "令牌不能有 dev 身份，请用 admin".to_owned()),
        ChangeError::ExpiresInThePast { expires_on, today } => (
            true,
            format!("有效期 {expires_on} 已过（今天 {today}），请改为以后的日期"),
        ),
        ChangeError::NoSuchToken { id } => (false, format!("没有令牌 {id}：keshi token list 可列出全部")),
        ChangeError::Random(cause) => (false, format!("系统不能提供随机数，无法新建令牌（{cause}）")),
        ChangeError::Unreadable { id } => (
            false,
            format!("令牌 {id} 的记录已损坏，已不能使用：请从备份恢复令牌，或另发新令牌"),
        ),
        ChangeError::Encode(cause) => (false, format!("令牌无法写成记录（{cause}）")),
    };
    let text = say(zh, en);
    if is_usage {
        Failure::usage(text)
    } else {
        Failure::failed(text)
    }
}

fn role_failure(error: &RoleError) -> Failure {
    let flag = |part: &str| match part {
        "teacher_id" => "--teacher".to_owned(),
        part => format!("--{part}"),
    };
    let zh = match error {
        RoleError::UnknownRole { found } => format!("没有身份 {found}"),
        RoleError::Needs { role, part } => format!("{}须用 {} 写明", role.zh(), flag(part)),
        RoleError::HasNo { role, part } => format!("{}没有 {} 这一项，请去掉", role.zh(), flag(part)),
        RoleError::NotAnId { part, found } => {
            format!("{} 的“{found}”不是编号：用 1 至 32 个字母、数字或 . _ -", flag(part))
        }
        RoleError::TooMany { part, found } => format!("{} 有 {found} 项，至多 64 项", flag(part)),
        RoleError::Subject { found } => format!("学科“{found}”应为 1 至 40 个字"),
    };
    Failure::usage(say(zh, error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_without_its_scope_is_a_usage_error_that_names_the_flag() {
        let clerk = keshi_office::access::RoleName::Clerk;
        let error = Role::new(clerk, Scope::default()).unwrap_err();
        let failure = role_failure(&error);
        assert_eq!(failure.exit, crate::Exit::Usage);
        assert!(failure.lines[0].zh.contains("--school"), "{failure:?}");
    }
}
