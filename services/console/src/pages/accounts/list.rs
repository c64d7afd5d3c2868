//! The accounts there are, one of them, and who signed in.

use std::collections::BTreeMap;

use axum::response::{IntoResponse as _, Redirect};
use keshi_core::lang::Lang;
use keshi_proto::api;
use keshi_words::time::moment;
use maud::{Markup, html};
use serde::Deserialize;
use tonic::Status;

use super::slips::slips;
use super::{Rights, of, role};
use crate::ask::{Filled, Named, Question};
use crate::fault::Answer;
use crate::page::page;
use crate::pages::account::sign_ins_table;
use crate::table::{Set, Table, text};
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
    let mut table = Table::new([
        (visitor.say("账号", "account"), Set::Text),
        (visitor.say("身份", "role"), Set::Text),
        (visitor.say("范围", "for whom"), Set::Text),
        (visitor.say("状态", "state"), Set::Text),
        (visitor.say("备注", "note"), Set::Text),
    ]);
    for account in &answer.accounts {
        let class = if account.state() == api::AccountState::Closed {
            "idle"
        } else {
            ""
        };
        table.marked(
            class,
            [
                html! { a href=(format!("/accounts/{}", account.id)) { (account.id) } },
                text(role(&account.role, &visitor)),
                text(of(account.scope.as_ref())),
                state(account, visitor.lang),
                text(&account.note),
            ],
        );
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

fn state(account: &api::Account, lang: Lang) -> Markup {
    let (class, word) = match account.state() {
        api::AccountState::Active => ("tag good", lang.pick("正常", "active")),
        api::AccountState::MustSetPassword => ("tag", lang.pick("待设密码", "password to be set")),
        api::AccountState::Closed => ("tag", lang.pick("已停用", "closed")),
        api::AccountState::Unspecified => ("tag", lang.pick("未知", "unknown")),
    };
    html! { span class=(class) { (word) } }
}

/// The account of this id. The service lists them by id.
async fn find(visitor: &Visitor, id: &str) -> Result<api::Account, Status> {
    let mut page_token = String::new();
    loop {
        let request = api::ListAccountsRequest {
            page_size: 1_000,
            page_token,
        };
        let answer = visitor
            .api
            .accounts()
            .list_accounts(visitor.api.call(request))
            .await?
            .into_inner();
        if let Some(account) = answer.accounts.into_iter().find(|account| account.id == id) {
            return Ok(account);
        }
        page_token = answer.next_page_token;
        if page_token.is_empty() {
            return Err(Status::not_found(visitor.lang.pick(
                format!("没有账号 {id}；请核对"),
                format!("there is no account {id}; check it"),
            )));
        }
    }
}

pub(super) async fn one(visitor: Visitor, Named(id): Named<String>) -> Answer {
    let account = find(&visitor, &id).await.map_err(|status| visitor.unanswered(status))?;
    account_page(&visitor, &account, &Rights::of(&account), None).await
}

async fn account_page(visitor: &Visitor, account: &api::Account, rights: &Rights, wrong: Option<&str>) -> Answer {
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
        @if let Some(wrong) = wrong { p.problem role="alert" { (wrong) } }
        p.about { span { (role(&account.role, visitor)) } span { (of(account.scope.as_ref())) } (state(account, lang)) span { (account.note) } }
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
    Ok(page(
        visitor,
        &lang.pick(format!("账号 {id}"), format!("Account {id}")),
        &content,
    ))
}

fn changes_table(visitor: &Visitor, changes: &[api::AccountChange]) -> Markup {
    let mut table = Table::new([
        (visitor.say("时间", "time"), Set::Text),
        (visitor.say("经手", "by"), Set::Text),
        (visitor.say("事项", "what"), Set::Text),
        (visitor.say("此前", "before"), Set::Text),
        (visitor.say("此后", "since"), Set::Text),
    ]);
    for change in changes {
        let rights = |word: &str, scope: Option<&api::AccountScope>| {
            if word.is_empty() {
                String::new()
            } else {
                format!("{} {}", role(word, visitor), of(scope))
            }
        };
        table.row([
            text(change.at.as_ref().map(moment).unwrap_or_default()),
            text(&change.by),
            text(what(&change.what, visitor.lang)),
            text(rights(&change.role_before, change.scope_before.as_ref())),
            text(rights(&change.role, change.scope.as_ref())),
        ]);
    }
    table.render(visitor.say("变更记录", "changes"))
}

fn what(word: &str, lang: Lang) -> String {
    let zh = match word {
        "created" => "建立",
        "rights_changed" => "更改身份",
        "reset" => "重置密码",
        "password_set" => "设置密码",
        "closed" => "停用",
        other => other,
    };
    lang.pick(zh.to_owned(), word.replace('_', " "))
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
            account_page(&visitor, &account, &rights, Some(status.message())).await
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
    Ok(slips(&visitor, made.as_slice(), &BTreeMap::new()))
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
