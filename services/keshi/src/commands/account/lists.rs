//! Accounts, sign-ins and changes as tables.

use keshi_core::lang::Lang;
use keshi_import::accounts;
use keshi_proto::{api, date_to_wire};
use keshi_words::account::{ACCOUNTS, CHANGES, SIGN_INS, account_cells, change_cells, sign_in_cells};

use crate::Ctx;
use crate::cli::AccountSigninsArgs;
use crate::exit::{Outcome, say};
use crate::remote::Session;
use crate::show::json;
use crate::show::table::{Align, Table};

/// Lines in one answer of the server.
const PAGE: i32 = 1000;

pub(super) async fn list(ctx: &mut Ctx<'_>, session: &Session) -> Outcome {
    let accounts = accounts::all(session).await.map_err(|status| session.failed(&status))?;
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
    let mut table = columns(ACCOUNTS, ctx.lang);
    for account in &accounts {
        table.row(account_cells(account, ctx.lang));
    }
    ctx.print_text(&table.render(ctx.width()))
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
            let mut table = columns(SIGN_INS, ctx.lang);
            for line in &page.sign_ins {
                table.row(sign_in_cells(line, ctx.lang));
            }
            let text = table.render_on(&mut widths, ctx.width());
            ctx.print(text.trim_end_matches('\n'))?;
        }
        if page.next_page_token.is_empty() {
            return Ok(());
        }
        request.page_token = page.next_page_token;
    }
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
            let mut table = columns(CHANGES, ctx.lang);
            for change in &page.changes {
                table.row(change_cells(change, ctx.lang));
            }
            let text = table.render_on(&mut widths, ctx.width());
            ctx.print(text.trim_end_matches('\n'))?;
        }
        if page.next_page_token.is_empty() {
            return Ok(());
        }
        request.page_token = page.next_page_token;
    }
}

/// A table with these columns, which are named in both languages; how often stands to the right.
fn columns<const N: usize>(headings: [(&str, &str); N], lang: Lang) -> Table {
    let align = |zh| if zh == "次数" { Align::Right } else { Align::Left };
    Table::new(headings.map(|(zh, en)| (lang.pick(zh, en), align(zh))))
}
