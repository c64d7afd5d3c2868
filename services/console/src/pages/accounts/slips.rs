//! Slips with one-time codes: on A4, two side by side, to be cut apart and handed out. They are shown once.

use axum::response::Response;
use keshi_words::account::{Handed, slip};
use maud::html;

use crate::page::page;
use crate::visitor::Visitor;

/// The slips of accounts that were made or reset, and `problem`, which kept others from being made.
pub(super) fn slips(visitor: &Visitor, handed: &[Handed], problem: Option<&str>) -> Response {
    let lang = visitor.lang;
    let count = handed.len();
    let url = visitor.site.as_deref();
    let content = html! {
        @if let Some(problem) = problem { p.problem.noprint role="alert" { (problem) } }
        p.done.noprint { (lang.pick(
            format!("{count} 个账号的一次性代码，只在这一页显示一次：请现在打印，裁开后交给本人。"),
            format!("the one-time codes of {count} accounts, shown on this page and never again: print it now, cut it apart, hand the slips out."),
        )) }
        div.slips lang="zh-CN" { @for handed in handed { (slip(handed, url)) } }
        p.noprint { a href="/accounts" { (lang.pick("回账号", "back to the accounts")) } }
    };
    page(visitor, lang.pick("一次性代码", "One-time codes"), &content)
}
