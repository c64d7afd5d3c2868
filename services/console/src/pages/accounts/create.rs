//! New accounts.

use std::collections::{BTreeMap, BTreeSet};

use axum::response::Response;
use keshi_office::access::RoleName;
use keshi_proto::api;
use maud::html;
use serde::Deserialize;

use super::Rights;
use super::slips::slips;
use crate::ask::Filled;
use crate::fault::Answer;
use crate::form::{choice, field};
use crate::page::page;
use crate::visitor::Visitor;

/// Most accounts that are made at once, as the service has it.
const AT_ONCE_MAX: usize = 1_000;

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct New {
    id: String,
    note: String,
    #[serde(flatten)]
    rights: Rights,
}

#[derive(Deserialize)]
pub(super) struct School {
    school: String,
    role: String,
}

pub(super) async fn show(visitor: Visitor) -> Answer {
    form(&visitor, &New::default(), None).await
}

pub(super) async fn one(visitor: Visitor, Filled(new): Filled<New>) -> Answer {
    let account = api::NewAccount {
        id: new.id.trim().to_owned(),
        role: new.rights.role.clone(),
        scope: Some(new.rights.scope()),
        note: new.note.trim().to_owned(),
    };
    match create(&visitor, vec![account]).await {
        Ok(made) => Ok(slips(&visitor, &made, &BTreeMap::new())),
        Err(status) => form(&visitor, &new, Some(status.message())).await,
    }
}

/// An account for everyone of a school who has none.
pub(super) async fn school(visitor: Visitor, Filled(asked): Filled<School>) -> Answer {
    let failed = |status| visitor.unanswered(status);
    let request = api::ListPostsRequest {
        school_ids: vec![asked.school.clone()],
        ..api::ListPostsRequest::default()
    };
    let api = &visitor.api;
    let posts = api
        .ledger()
        .list_posts(api.call(request))
        .await
        .map_err(failed)?
        .into_inner()
        .posts;
    let names: BTreeMap<String, String> = posts
        .into_iter()
        .map(|post| (post.teacher_id, post.teacher_name))
        .collect();
    let have = with_accounts(&visitor).await.map_err(failed)?;
    let is_clerk = asked.role == RoleName::Clerk.as_str();
    let new: Vec<_> = names
        .keys()
        .filter(|id| !have.contains(*id))
        .take(AT_ONCE_MAX)
        .map(|id| api::NewAccount {
            role: asked.role.clone(),
            scope: Some(api::AccountScope {
                teacher_id: id.clone(),
                school_id: if is_clerk { asked.school.clone() } else { String::new() },
                ..api::AccountScope::default()
            }),
            ..api::NewAccount::default()
        })
        .collect();
    if new.is_empty() {
        let none = if names.is_empty() {
            visitor.say(
                "这所学校现在没有在任的教师；请先导入“教师”表",
                "nobody holds a post at this school; import the sheet 教师 first",
            )
        } else {
            visitor.say(
                "这所学校的教师都已有账号",
                "everybody of this school has an account already",
            )
        };
        return form(&visitor, &New::default(), Some(none)).await;
    }
    match create(&visitor, new).await {
        Ok(made) => Ok(slips(&visitor, &made, &names)),
        Err(status) => form(&visitor, &New::default(), Some(status.message())).await,
    }
}

/// The teachers who have an account that is not closed.
async fn with_accounts(visitor: &Visitor) -> Result<BTreeSet<String>, tonic::Status> {
    let mut have = BTreeSet::new();
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
        let open = answer
            .accounts
            .into_iter()
            .filter(|account| account.state() != api::AccountState::Closed);
        have.extend(open.filter_map(|account| Some(account.scope?.teacher_id)));
        page_token = answer.next_page_token;
        if page_token.is_empty() {
            return Ok(have);
        }
    }
}

async fn create(visitor: &Visitor, accounts: Vec<api::NewAccount>) -> Result<Vec<api::AccountWithCode>, tonic::Status> {
    let request = visitor.api.call(api::CreateAccountsRequest { accounts });
    Ok(visitor
        .api
        .accounts()
        .create_accounts(request)
        .await?
        .into_inner()
        .accounts)
}

async fn form(visitor: &Visitor, new: &New, wrong: Option<&str>) -> Result<Response, crate::fault::Unanswered> {
    let lang = visitor.lang;
    let schools = keshi_client::schools(&visitor.api, "", None).await;
    let schools = schools.map_err(|status| visitor.unanswered(status))?.schools;
    let schools: Vec<_> = schools
        .into_iter()
        .map(|school| {
            (
                school.school_id.clone(),
                format!("{} {}", school.school_id, school.name),
            )
        })
        .collect();
    let roles: Vec<_> = [RoleName::Teacher, RoleName::Clerk]
        .into_iter()
        .map(|role| (role.as_str().to_owned(), lang.pick(role.zh(), role.en()).to_owned()))
        .collect();
    let content = html! {
        @if let Some(wrong) = wrong { p.problem role="alert" { (wrong) } }
        h2 { (lang.pick("一所学校的教师", "Everybody of a school")) }
        @if schools.is_empty() {
            p.quiet { (lang.pick("还没有登记学校：先导入“学校”和“教师”表。", "no school is registered yet: import the sheets 学校 and 教师 first.")) }
        } @else {
            form.row method="post" action="/accounts/school" {
                (field(lang.pick("学校", "school"), &choice("school", &schools, "")))
                (field(lang.pick("身份", "role"), &choice("role", &roles, "teacher")))
                button { (lang.pick("建账号并打印", "make accounts and slips")) }
            }
        }
        h2 { (lang.pick("一个人", "One person")) }
        form.stack method="post" action="/accounts/new" {
            (field(lang.pick("账号（小写字母、数字、-；不填则由教师编号生成）", "account (small letters, digits, -; made of the teacher's id if empty)"),
                &html! { input name="id" value=(new.id) maxlength="32" autocapitalize="none" spellcheck="false"; }))
            (new.rights.fields(visitor))
            (field(lang.pick("备注（不写姓名、证件、电话）", "note (no name, document or phone)"), &html! { input name="note" value=(new.note) maxlength="100"; }))
            div.actions { button { (lang.pick("建账号", "make the account")) } a href="/accounts" { (lang.pick("回账号", "back to the accounts")) } }
        }
    };
    Ok(page(visitor, lang.pick("新账号", "New accounts"), &content))
}
