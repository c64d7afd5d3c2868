//! New accounts.

use keshi_import::accounts::{self, Wanted};
use keshi_proto::api;
use maud::html;
use serde::Deserialize;
use tonic::Status;

use super::Rights;
use super::slips::slips;
use crate::extract::Filled;
use crate::fault::{Answer, refused};
use crate::form::{choice, field};
use crate::page::page;
use crate::visitor::Visitor;

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
    let wanted = Wanted {
        account,
        ..Wanted::default()
    };
    made(&visitor, vec![wanted], &new).await
}

/// An account for everyone of a school who has none.
pub(super) async fn school(visitor: Visitor, Filled(asked): Filled<School>) -> Answer {
    let found = accounts::staff(&visitor.api, &asked.school, "").await;
    let staff = found.map_err(|status| visitor.unanswered(status))?;
    let nobody = match &staff {
        None => visitor.say(
            "没有登记这所学校；请先导入“学校”表",
            "this school is not registered; import the sheet 学校 first",
        ),
        Some(staff) if staff.all == 0 => visitor.say(
            "这所学校现在没有在任的教师；请先导入“教师”表",
            "nobody holds a post at this school; import the sheet 教师 first",
        ),
        Some(staff) if staff.wanted.is_empty() => visitor.say(
            "这所学校的教师都已有账号",
            "everybody of this school has an account already",
        ),
        Some(_) => "",
    };
    if !nobody.is_empty() {
        return form(&visitor, &New::default(), Some(&Status::failed_precondition(nobody))).await;
    }
    let wanted = staff.map(|staff| staff.wanted).unwrap_or_default();
    made(&visitor, wanted, &New::default()).await
}

/// Makes accounts and shows their slips; where none was made, the form again.
async fn made(visitor: &Visitor, wanted: Vec<Wanted>, typed: &New) -> Answer {
    let (handed, result) = accounts::create(&visitor.api, wanted).await;
    match result {
        Err(status) if handed.is_empty() => form(visitor, typed, Some(&status)).await,
        result => Ok(slips(visitor, &handed, result.err().as_ref().map(Status::message))),
    }
}

async fn form(visitor: &Visitor, new: &New, wrong: Option<&Status>) -> Answer {
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
    let content = html! {
        @if let Some(wrong) = wrong { p.problem role="alert" { (wrong.message()) } }
        h2 { (lang.pick("一所学校的教师", "Everybody of a school")) }
        @if schools.is_empty() {
            p.quiet { (lang.pick("还没有登记学校：先导入“学校”和“教师”表。", "no school is registered yet: import the sheets 学校 and 教师 first.")) }
        } @else {
            form.row method="post" action="/accounts/school" {
                (field(lang.pick("学校", "school"), &choice("school", &schools, "")))
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
    let page = page(visitor, lang.pick("新账号", "New accounts"), &content);
    Ok(refused(page, wrong))
}
