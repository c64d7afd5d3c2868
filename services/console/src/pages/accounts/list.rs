//! The accounts there are, one of them, and who signed in.

use axum::response::{IntoResponse as _, Redirect};
use keshi_import::accounts;
use keshi_proto::api;
use keshi_words::account::{ACCOUNTS, CHANGES, Handed, account_cells, change_cells};
use maud::{Markup, html};
use serde::Deserialize;
use tonic::Status;

use super::Rights;
use super::slips::slips;
use crate::extract::{Filled, Named, Question};
use crate::fault::{Answer, refused};
use crate::page::page;
use crate::pages::account::{columns, sign_ins_table};
use crate::table::text;
use crate::visitor::Visitor;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    page: String,
    account: String,
}

pub(super) async fn show(visitor: Visitor, Question(asked): Question<Asked>) -> Answer {
    let request = api::ListAccountsRequest {
        page_size: 200,
        page_token: asked.page,
    };
    let answer = visitor.api.accounts().list_accounts(visitor.api.call(request)).await;
    let answer = answer.map_err(|status| visitor.unanswered(status))?.into_inner();
    let mut table = columns(ACCOUNTS, &visitor);
    for account in &answer.accounts {
        let class = if account.state() == api::AccountState::Closed {
            "idle"
        } else {
            ""
        };
        let [id, rest @ ..] = account_cells(account, visitor.lang);
        let [role, of, state, since, by, note] = rest.map(text);
        let id = html! { a href=(format!("/accounts/{id}")) { (id) } };
        table.marked(class, [id, role, of, state, since, by, note]);
    }
    let content = html! {
        div.actions {
            a.button href="/accounts/new" { (visitor.say("新账号", "new accounts")) }
            a href="/signins" { (visitor.say("登录记录", "sign-ins")) }
        }
        @if answer.accounts.is_empty() { p.quiet { (visitor.say("还没有账号", "there are none yet")) } }
        (table.render(visitor.say("账号", "accounts")))
        @if !answer.next_page_token.is_empty() {
            nav.pages { a rel="next" href=(format!("/accounts?{}", query("page", &answer.next_page_token))) { (visitor.say("下一页", "next")) } }
        }
    };
    Ok(page(&visitor, visitor.say("账号", "Accounts"), &content))
}

fn query(name: &str, value: &str) -> String {
    serde_urlencoded::to_string([(name, value)]).unwrap_or_default()
}

/// The account of this id.
async fn find(visitor: &Visitor, id: &str) -> Result<api::Account, Status> {
    let all = accounts::all(&visitor.api).await?;
    all.into_iter().find(|account| account.id == id).ok_or_else(|| {
        Status::not_found(visitor.lang.pick(
            format!("没有账号 {id}；请核对"),
            format!("there is no account {id}; check it"),
        ))
    })
}

pub(super) async fn one(visitor: Visitor, Named(id): Named<String>) -> Answer {
    let account = find(&visitor, &id).await.map_err(|status| visitor.unanswered(status))?;
    account_page(&visitor, &account, &Rights::of(&account), None).await
}

async fn account_page(visitor: &Visitor, account: &api::Account, rights: &Rights, wrong: Option<&Status>) -> Answer {
    let request = api::ListAccountChangesRequest {
        account: account.id.clone(),
        ..api::ListAccountChangesRequest::default()
    };
    let changes = visitor
        .api
        .accounts()
        .list_account_changes(visitor.api.call(request))
        .await;
    let changes = changes
        .map_err(|status| visitor.unanswered(status))?
        .into_inner()
        .changes;
    let lang = visitor.lang;
    let id = &account.id;
    let content = html! {
        @if let Some(wrong) = wrong { p.problem role="alert" { (wrong.message()) } }
        p.about { @for cell in &account_cells(account, lang)[1..] { @if !cell.is_empty() { span { (cell) } } } }
        @if account.state() != api::AccountState::Closed {
            h2 { (lang.pick("身份和范围", "Role and scope")) }
            form.stack method="post" action=(format!("/accounts/{id}/change")) {
                (rights.fields(visitor))
                div.actions { button { (lang.pick("更改，立即生效", "change it, at once")) } }
            }
            h2 { (lang.pick("密码和停用", "Password and closing")) }
            div.actions {
                form method="post" action=(format!("/accounts/{id}/reset")) { button.second { (lang.pick("忘了密码：发新的一次性代码", "forgotten password: a new one-time code")) } }
                form method="post" action=(format!("/accounts/{id}/close")) { button.danger { (lang.pick("停用，不能恢复", "close it for ever")) } }
            }
        }
        h2 { (lang.pick("变更记录", "Changes")) }
        (changes_table(visitor, &changes))
    };
    let title = lang.pick(format!("账号 {id}"), format!("Account {id}"));
    Ok(refused(page(visitor, &title, &content), wrong))
}

fn changes_table(visitor: &Visitor, changes: &[api::AccountChange]) -> Markup {
    let mut table = columns(CHANGES, visitor);
    for change in changes {
        table.row(change_cells(change, visitor.lang).map(text));
    }
    table.render(visitor.say("变更记录", "changes"))
}

pub(super) async fn change(visitor: Visitor, Named(id): Named<String>, Filled(rights): Filled<Rights>) -> Answer {
    let request = visitor.api.call(api::ChangeAccountRequest {
        id: id.clone(),
        role: rights.role.clone(),
        scope: Some(rights.scope()),
    });
    match visitor.api.accounts().change_account(request).await {
        Ok(_) => Ok(Redirect::to(&format!("/accounts/{id}")).into_response()),
        Err(status) => {
            let account = find(&visitor, &id).await.map_err(|status| visitor.unanswered(status))?;
            account_page(&visitor, &account, &rights, Some(&status)).await
        }
    }
}

pub(super) async fn reset(visitor: Visitor, Named(id): Named<String>) -> Answer {
    let request = visitor.api.call(api::ResetAccountRequest { id });
    let answer = visitor.api.accounts().reset_account(request).await;
    let made = answer
        .map_err(|status| visitor.unanswered(status))?
        .into_inner()
        .account;
    let handed = made.map(|made| Handed {
        made,
        ..Handed::default()
    });
    Ok(slips(&visitor, handed.as_slice(), None))
}

pub(super) async fn close(visitor: Visitor, Named(id): Named<String>) -> Answer {
    let request = visitor.api.call(api::CloseAccountRequest { id: id.clone() });
    let answer = visitor.api.accounts().close_account(request).await;
    answer.map_err(|status| visitor.unanswered(status))?;
    Ok(Redirect::to(&format!("/accounts/{id}")).into_response())
}

pub(super) async fn sign_ins(visitor: Visitor, Question(asked): Question<Asked>) -> Answer {
    let request = api::ListSignInsRequest {
        account: asked.account.trim().to_owned(),
        page_size: 200,
        page_token: asked.page,
        ..api::ListSignInsRequest::default()
    };
    let answer = visitor.api.accounts().list_sign_ins(visitor.api.call(request)).await;
    let answer = answer.map_err(|status| visitor.unanswered(status))?.into_inner();
    let next = serde_urlencoded::to_string([("account", asked.account.as_str()), ("page", &answer.next_page_token)]);
    let content = html! {
        form.row method="get" action="/signins" {
            (crate::form::field(visitor.say("账号", "account"), &html! { input name="account" value=(asked.account); }))
            button { (visitor.say("查看", "show")) }
        }
        @if !answer.broken_lines.is_empty() {
            p.problem { (visitor.lang.pick(
                format!("有读不出的行：{}", answer.broken_lines.join("、")),
                format!("lines that cannot be read: {}", answer.broken_lines.join(", ")),
            )) }
        }
        (sign_ins_table(&visitor, &answer.sign_ins))
        @if !answer.next_page_token.is_empty() {
            nav.pages { a rel="next" href=(format!("/signins?{}", next.unwrap_or_default())) { (visitor.say("下一页", "next")) } }
        }
    };
    Ok(page(&visitor, visitor.say("登录记录", "Sign-ins"), &content))
}
