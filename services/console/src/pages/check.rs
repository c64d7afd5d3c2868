//! The check of a certificate, for whoever holds one: no account, one number, and nothing to list.

use axum::response::Response;
use keshi_proto::api;
use keshi_words::certificate::{advice, state};
use keshi_words::time::{date, moment};
use maud::{Markup, html};
use serde::Deserialize;
use tonic::Status;

use crate::extract::{Named, Question};
use crate::fault::code;
use crate::form::field;
use crate::page::open_page;
use crate::visitor::Stranger;

/// What was typed.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    number: String,
}

pub(crate) async fn form(stranger: Stranger, Question(asked): Question<Asked>) -> Response {
    if asked.number.trim().is_empty() {
        return open_page(&stranger, title(&stranger), &again(&stranger, ""));
    }
    checked(&stranger, &asked.number).await
}

/// Where the code on a paper leads.
pub(crate) async fn one(stranger: Stranger, Named(number): Named<String>) -> Response {
    checked(&stranger, &number).await
}

async fn checked(stranger: &Stranger, number: &str) -> Response {
    match ask(stranger, number).await {
        Ok(check) => {
            let content = html! { (told(stranger, &check)) (again(stranger, number)) };
            open_page(stranger, title(stranger), &content)
        }
        Err(status) => {
            let content = html! { p.problem role="alert" { (status.message()) } (again(stranger, number)) };
            let mut response = open_page(stranger, title(stranger), &content);
            *response.status_mut() = code(status.code());
            response
        }
    }
}

async fn ask(stranger: &Stranger, number: &str) -> Result<api::CertificateCheck, Status> {
    let request = stranger.call_from_her(api::GetCertificateCheckRequest {
        number: number.to_owned(),
    });
    let mut register = stranger.client().certificate_register();
    Ok(register.get_certificate_check(request).await?.into_inner())
}

fn title(stranger: &Stranger) -> &'static str {
    stranger.lang.pick("证书核验", "Certificate check")
}

fn again(stranger: &Stranger, number: &str) -> Markup {
    let lang = stranger.lang;
    html! {
        form.stack.noprint method="get" action="/check" {
            (field(lang.pick("证书编号", "number of the certificate"), &html! { input name="number" value=(number) maxlength="100" size="30" required; }))
            p.hint { (lang.pick("照纸面输入，如 留教研证〔2022〕第0017号；括号、全角半角、空格都不要紧。", "type it as it stands on the paper, e.g. 留教研证〔2022〕第0017号; any brackets, widths and blanks will do.")) }
            div.actions { button { (lang.pick("核验", "check")) } }
        }
    }
}

fn told(stranger: &Stranger, check: &api::CertificateCheck) -> Markup {
    let lang = stranger.lang;
    let is_good = matches!(
        check.state(),
        api::CertificateState::Valid | api::CertificateState::Reissued
    );
    html! {
        p.problem[!is_good] role="status" { b { (state(check.state(), lang)) } }
        @if !check.number.is_empty() {
            dl.facts {
                dt { (lang.pick("编号", "number")) } dd { (check.number) }
                dt { (lang.pick("姓名", "name")) } dd { (check.masked_name) }
                dt { (lang.pick("种类", "kind")) } dd { (lang.pick(&check.kind_zh, &check.kind_en)) }
                dt { (lang.pick("发证单位", "issuer")) } dd { (check.issuer) }
                dt { (lang.pick("发证日期", "issued")) } dd { (date(check.issued_on.as_ref())) }
            }
        }
        p { (advice(check, lang)) }
        p.quiet { (lang.pick("核验时间（北京时间）", "checked at (Beijing)")) " " (check.checked_at.as_ref().map_or_else(String::new, moment)) }
    }
}
