//! Slips with one-time codes: on A4, two side by side, to be cut apart and handed out. They are shown once.

use std::collections::BTreeMap;

use axum::response::Response;
use keshi_proto::api;
use keshi_words::time::moment;
use maud::html;

use super::role;
use crate::page::page;
use crate::visitor::Visitor;

/// The slips of new accounts; `names` of teachers where they are known.
pub(super) fn slips(visitor: &Visitor, made: &[api::AccountWithCode], names: &BTreeMap<String, String>) -> Response {
    let lang = visitor.lang;
    let count = made.len();
    let content = html! {
        p.done.noprint { (lang.pick(
            format!("建好 {count} 个账号。一次性代码只在这一页显示一次：请现在打印，裁开后交给本人。"),
            format!("{count} accounts are made. The codes are shown on this page and never again: print it now, cut it apart, hand the slips out."),
        )) }
        ul.slips {
            @for AccountAndCode { account, code } in made.iter().filter_map(AccountAndCode::of) {
                @let teacher = account.scope.as_ref().map(|scope| scope.teacher_id.as_str()).unwrap_or_default();
                li {
                    p.who { b { (names.get(teacher).map_or("", String::as_str)) } " " (role(&account.role, visitor)) " " small { (teacher) } }
                    dl.facts {
                        dt { (lang.pick("网址", "address")) } dd.line {}
                        dt { (lang.pick("账号", "account")) } dd { code { (account.id) } }
                        dt { (lang.pick("一次性代码", "one-time code")) } dd { code.big { (code) } }
                        @if let Some(until) = &account.code_expires_at { dt { (lang.pick("有效至", "good until")) } dd { (moment(until)) } }
                    }
                    p.hint { (lang.pick("首次登录时在“密码”处填代码，随后设自己的密码。", "the first time, the code goes where the password is asked; then choose a password.")) }
                }
            }
        }
        p.noprint { a href="/accounts" { (lang.pick("回账号", "back to the accounts")) } }
    };
    page(visitor, lang.pick("一次性代码", "One-time codes"), &content)
}

/// An account and its code, both there.
struct AccountAndCode<'a> {
    account: &'a api::Account,
    code: &'a str,
}

impl<'a> AccountAndCode<'a> {
    fn of(made: &'a api::AccountWithCode) -> Option<Self> {
        Some(Self {
            account: made.account.as_ref()?,
            code: &made.code,
        })
    }
}
