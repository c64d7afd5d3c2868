//! Accounts, sign-ins and changes as tables.

use keshi_core::lang::Lang;
use keshi_office::access::RoleName;
use keshi_proto::{api, date_to_wire};
use keshi_words::time::moment;

use crate::Ctx;
use crate::cli::AccountSigninsArgs;
use crate::commands::shared::each_page;
use crate::exit::{Outcome, say};
use crate::remote::Session;
use crate::show::json;
use crate::show::table::{Align, Table};

/// Lines in one answer of the server.
const PAGE: i32 = 1000;

pub(super) async fn list(ctx: &mut Ctx<'_>, session: &Session) -> Outcome {
    let accounts = all_accounts(session).await?;
    if ctx.globals.json {
        return accounts
            .iter()
            .try_for_each(|account| json::print(account, &mut ctx.io.stdout));
    }
    if accounts.is_empty() {
        ctx.note(&say(
            "没有账号：keshi account create --role 身份",
            "no accounts: keshi account create --role ROLE",
        ));
        return Ok(());
    }
    let text = table(&accounts, ctx.lang).render(ctx.width());
    ctx.print_text(&text)
}

pub(super) async fn all_accounts(session: &Session) -> Outcome<Vec<api::Account>> {
    let mut accounts = Vec::new();
    let ask = async |page_token| {
        let request = api::ListAccountsRequest {
            page_size: PAGE,
            page_token,
        };
        session.accounts().list_accounts(session.call(request)).await
    };
    let told = each_page(ask, |page| {
        accounts.extend(page.accounts);
        page.next_page_token
    });
    told.await.map_err(|status| session.failed(&status))?;
    Ok(accounts)
}

fn table(accounts: &[api::Account], lang: Lang) -> Table {
    let mut table = Table::new([
        (lang.pick("账号", "account"), Align::Left),
        (lang.pick("身份", "role"), Align::Left),
        (lang.pick("范围", "scope"), Align::Left),
        (lang.pick("状态", "state"), Align::Left),
        (lang.pick("自（北京）", "since (Beijing)"), Align::Left),
        (lang.pick("建账号者", "made by"), Align::Left),
        (lang.pick("备注", "note"), Align::Left),
    ]);
    for account in accounts {
        let (state, since) = state(account, lang);
        table.row([
            account.id.clone(),
            role(&account.role, lang),
            scope(account.scope.as_ref(), lang),
            state.to_owned(),
            since.map_or_else(String::new, moment),
            account.created_by.clone(),
            account.note.clone(),
        ]);
    }
    table
}

/// In which state an account is, and since when.
fn state(account: &api::Account, lang: Lang) -> (&'static str, Option<&prost_types::Timestamp>) {
    match account.state() {
        api::AccountState::MustSetPassword => (lang.pick("待设密码", "to set password"), account.created_at.as_ref()),
        api::AccountState::Active => (lang.pick("正常", "active"), account.password_set_at.as_ref()),
        api::AccountState::Closed => (lang.pick("已停用", "closed"), account.closed_at.as_ref()),
        api::AccountState::Unspecified => ("-", None),
    }
}

fn role(name: &str, lang: Lang) -> String {
    match name.parse::<RoleName>() {
        Ok(role) => lang.pick(role.zh(), role.as_str()).to_owned(),
        Err(_) => name.to_owned(),
    }
}

/// For whom, in one line.
fn scope(scope: Option<&api::AccountScope>, lang: Lang) -> String {
    let Some(scope) = scope else { return String::new() };
    let one = [&scope.school_id, &scope.teacher_id].into_iter();
    let lists = [&scope.base_ids, &scope.studio_ids, &scope.subjects, &scope.group_ids];
    let all = one.chain(lists.into_iter().flatten());
    let all: Vec<&str> = all.map(String::as_str).filter(|part| !part.is_empty()).collect();
    all.join(lang.pick("、", ", "))
}

pub(super) async fn signins(ctx: &mut Ctx<'_>, session: &Session, args: AccountSigninsArgs) -> Outcome {
    let mut request = api::ListSignInsRequest {
        account: args.id.unwrap_or_default(),
        since: args.since.map(date_to_wire),
        page_size: PAGE,
        page_token: String::new(),
    };
    let mut widths = Vec::new();
    loop {
        let answer = session.accounts().list_sign_ins(session.call(request.clone())).await;
        let page = answer.map_err(|status| session.failed(&status))?.into_inner();
        for month in &page.broken_lines {
            ctx.note(&say(
                format!("{month} 的登录记录中有一行无法读取"),
                format!("a line of {month} in the log of sign-ins cannot be read"),
            ));
        }
        if ctx.globals.json {
            for line in &page.sign_ins {
                json::print(line, &mut ctx.io.stdout)?;
            }
        } else if !page.sign_ins.is_empty() {
            let text = sign_in_rows(&page.sign_ins, ctx.lang).render_on(&mut widths, ctx.width());
            ctx.print(text.trim_end_matches('\n'))?;
        }
        if page.next_page_token.is_empty() {
            return Ok(());
        }
        request.page_token = page.next_page_token;
    }
}

fn sign_in_rows(lines: &[api::SignIn], lang: Lang) -> Table {
    let mut table = Table::new([
        (lang.pick("时间（北京）", "time (Beijing)"), Align::Left),
        (lang.pick("账号", "account"), Align::Left),
        (lang.pick("结果", "result"), Align::Left),
        (lang.pick("地址", "address"), Align::Left),
        (lang.pick("次数", "times"), Align::Right),
    ]);
    for line in lines {
        let or = |text: &str, none: &'static str| {
            if text.is_empty() {
                none.to_owned()
            } else {
                text.to_owned()
            }
        };
        let result = if line.is_success {
            lang.pick("登录", "signed in")
        } else {
            lang.pick("未通过", "failed")
        };
        table.row([
            line.at.as_ref().map_or_else(String::new, moment),
            or(
                &line.account,
                lang.pick("（多个或不存在）", "(several, or none that is)"),
            ),
            result.to_owned(),
            or(&line.address, lang.pick("（多处）", "(several)")),
            line.count.to_string(),
        ]);
    }
    table
}

pub(super) async fn changes(ctx: &mut Ctx<'_>, session: &Session, id: Option<String>) -> Outcome {
    let mut request = api::ListAccountChangesRequest {
        account: id.unwrap_or_default(),
        page_size: PAGE,
        page_token: String::new(),
    };
    let mut widths = Vec::new();
    loop {
        let answer = session
            .accounts()
            .list_account_changes(session.call(request.clone()))
            .await;
        let page = answer.map_err(|status| session.failed(&status))?.into_inner();
        if ctx.globals.json {
            for change in &page.changes {
                json::print(change, &mut ctx.io.stdout)?;
            }
        } else if !page.changes.is_empty() {
            let text = change_rows(&page.changes, ctx.lang).render_on(&mut widths, ctx.width());
            ctx.print(text.trim_end_matches('\n'))?;
        }
        if page.next_page_token.is_empty() {
            return Ok(());
        }
        request.page_token = page.next_page_token;
    }
}

fn change_rows(changes: &[api::AccountChange], lang: Lang) -> Table {
    let mut table = Table::new([
        (lang.pick("时间（北京）", "time (Beijing)"), Align::Left),
        (lang.pick("办理者", "by"), Align::Left),
        (lang.pick("账号", "account"), Align::Left),
        (lang.pick("变更", "what"), Align::Left),
        (lang.pick("原身份和范围", "was"), Align::Left),
        (lang.pick("身份和范围", "is"), Align::Left),
    ]);
    for change in changes {
        let rights = |name: &str, of: Option<&api::AccountScope>| {
            let text = format!("{} {}", role(name, lang), scope(of, lang));
            text.trim().to_owned()
        };
        table.row([
            change.at.as_ref().map_or_else(String::new, moment),
            change.by.clone(),
            change.account.clone(),
            what(&change.what, lang).to_owned(),
            rights(&change.role_before, change.scope_before.as_ref()),
            rights(&change.role, change.scope.as_ref()),
        ]);
    }
    table
}

/// What became of an account, on screen.
fn what(word: &str, lang: Lang) -> &str {
    let (zh, en) = match word {
        "created" => ("新建", "created"),
        "rights_changed" => ("改权限", "rights changed"),
        "reset" => ("重置密码", "reset"),
        "password_set" => ("设密码", "password set"),
        "closed" => ("停用", "closed"),
        other => (other, other),
    };
    lang.pick(zh, en)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::show::table::Width;

    const AT: Option<prost_types::Timestamp> = Some(prost_types::Timestamp {
        seconds: 1_646_409_600,
        nanos: 0,
    });

    #[test]
    fn a_list_says_who_is_what_for_whom_and_in_which_state() {
        let mut clerk = api::Account {
            id: "clerk-1".into(),
            role: "clerk".into(),
            scope: Some(api::AccountScope {
                school_id: "S1".into(),
                ..api::AccountScope::default()
            }),
            created_by: "admin".into(),
            password_set_at: AT,
            ..api::Account::default()
        };
        clerk.set_state(api::AccountState::Active);
        let text = table(&[clerk], Lang::Zh).render(Width::ANY);
        let line = text.lines().nth(1).unwrap_or_default().trim_end().to_owned();
        assert_eq!(line, "clerk-1  学校管理员  S1    正常  2022-03-05 00:00  admin");
    }

    #[test]
    fn what_was_only_counted_is_told_with_its_number() {
        let counted = api::SignIn {
            at: AT,
            count: 99,
            ..api::SignIn::default()
        };
        let text = sign_in_rows(&[counted], Lang::En).render(Width::ANY);
        assert!(
            text.contains("(several, or none that is)  failed  (several)     99"),
            "{text}"
        );
    }
}
