//! Certificates (证书): the register, one of them, and what is done to it.

use axum::response::{IntoResponse as _, Redirect, Response};
use keshi_core::lang::Say;
use keshi_import::amend::{Unamended, known, recorded};
use keshi_import::certificates::{self, Wanted, numbered};
use keshi_office::access::RoleName;
use keshi_proto::api;
use keshi_words::certificate::{HEADINGS, STATES, cells, kind, state};
use keshi_words::names::count;
use keshi_words::reason::why_not;
use keshi_words::time::date;
use maud::{Markup, html};
use serde::{Deserialize, Serialize};
use tonic::Status;

use crate::ask::{Wrong, address, day, options, turning};
use crate::extract::{Filled, Named, Question};
use crate::fault::{Answer, Unanswered};
use crate::form::field;
use crate::page::page;
use crate::table::{Set, Table, text};
use crate::visitor::Visitor;
use crate::who::id_of;

/// Certificates on a page.
const PAGE: i32 = 100;

/// What is asked, as it stands in the address.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Asked {
    teacher: String,
    school: String,
    year: String,
    state: String,
    number: String,
    purpose: String,
    page: String,
}

/// What was typed to issue one, issue it again, or void it.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    teacher: String,
    attests: String,
    on: String,
    old_number: String,
    reason: String,
    authorised_by: String,
}

pub(crate) async fn show(visitor: Visitor, Question(asked): Question<Asked>) -> Answer {
    let title = visitor.say("证书登记", "Certificates");
    let answer = match look(&visitor, &asked).await {
        Ok(answer) => answer,
        Err(wrong) => return visitor.again(title, &wrong, &question(&visitor, &asked, &wrong)),
    };
    let mut table = Table::new(HEADINGS.map(|(zh, en)| (visitor.say(zh, en), Set::Text)));
    for certificate in &answer.certificates {
        let [number, rest @ ..] = cells(certificate, visitor.lang);
        let [name, id, school, kind, attests, on, state] = rest.map(text);
        let link = html! { a href=(at(&certificate.event_id)) { (number) } };
        table.marked(mark(certificate), [link, name, id, school, kind, attests, on, state]);
    }
    let content = html! {
        (question(&visitor, &asked, &Wrong::default()))
        @if answer.certificates.is_empty() {
            p.quiet { (visitor.say("没有这样的证书。发证从一条记录的页面开始：打开记录，按“发证”。",
                "there is no such certificate. One is issued from the page of the entry that it rests on.")) }
        } @else {
            p.quiet { (visitor.lang.pick(format!("共 {} 张", count(answer.total)), format!("{} in all", count(answer.total)))) }
        }
        (table.render(visitor.say("证书，后发的在前", "certificates, the latest first")))
        (turning(&visitor, "/certificates", &asked, &answer.next_page_token))
        p.noprint { a href="/check" { (visitor.say("公开核验一个编号", "check one number, as anybody may")) } }
    };
    Ok(page(&visitor, title, &content))
}

async fn look(visitor: &Visitor, asked: &Asked) -> Result<api::ListCertificatesResponse, Wrong> {
    let year = match asked.year.trim() {
        "" => 0,
        text => text.parse().map_err(|_| {
            let says = visitor.say("年度应写成 2022", "write the year as 2022");
            Wrong::field("year", says)
        })?,
    };
    let request = api::ListCertificatesRequest {
        teacher_id: id_of(visitor, "teacher", &asked.teacher, &asked.purpose).await?,
        school_id: asked.school.trim().to_owned(),
        year,
        state: asked.state.parse().unwrap_or(0),
        number: asked.number.trim().to_owned(),
        page_size: PAGE,
        page_token: asked.page.clone(),
        purpose: asked.purpose.trim().to_owned(),
        ..api::ListCertificatesRequest::default()
    };
    let mut register = visitor.api.certificate_register();
    let answer = register.list_certificates(visitor.api.call(request)).await;
    Ok(answer.map_err(Wrong::of)?.into_inner())
}

fn question(visitor: &Visitor, asked: &Asked, wrong: &Wrong) -> Markup {
    let lang = visitor.lang;
    let mut states = vec![(String::new(), lang.pick("全部", "all").to_owned())];
    states.extend(STATES.map(|one| ((one as i32).to_string(), state(one, lang).to_owned())));
    let is_teacher = visitor.role() == RoleName::Teacher;
    html! {
        form.row.noprint method="get" action="/certificates" {
            @if !is_teacher {
                (wrong.text(visitor.say("教师（姓名或编号）", "teacher (name or id)"), "teacher", &asked.teacher, 10))
                (wrong.text(visitor.say("学校编号", "school id"), "school", &asked.school, 10))
            }
            (wrong.text(visitor.say("年度", "year"), "year", &asked.year, 5))
            (options(visitor.say("状态", "state"), "state", &states, &asked.state))
            (wrong.text(visitor.say("编号", "number"), "number", &asked.number, 16))
            @if !is_teacher {
                (wrong.text(visitor.say("事由（记入查阅记录）", "purpose (noted in the log of reads)"), "purpose", &asked.purpose, 12))
            }
            button { (visitor.say("查看", "show")) }
        }
    }
}

/// Where a certificate is.
pub(crate) fn at(event_id: &str) -> String {
    format!("/certificates/{event_id}")
}

/// Whether a row is set back.
fn mark(certificate: &api::Certificate) -> &'static str {
    match certificate.state() {
        api::CertificateState::Void | api::CertificateState::ToBeRecalled => "idle",
        _ => "",
    }
}

/// Whether she issues and voids certificates. Whether she may is decided when she does.
pub(crate) fn is_issuer(visitor: &Visitor) -> bool {
    matches!(visitor.role(), RoleName::Reviewer | RoleName::Admin | RoleName::Dev)
}

// === one certificate ===

pub(crate) async fn one(visitor: Visitor, Named(event_id): Named<String>) -> Answer {
    let certificate = by_event(&visitor, &event_id).await?;
    Ok(facts(&visitor, &certificate, &Typed::default(), None))
}

async fn by_event(visitor: &Visitor, event_id: &str) -> Result<api::Certificate, Unanswered> {
    let asked = api::ListCertificatesRequest {
        event_id: event_id.to_owned(),
        ..api::ListCertificatesRequest::default()
    };
    let found = certificates::all(&visitor.api, &asked).await;
    let found = found.map_err(|status| visitor.unanswered(status))?;
    found.certificates.into_iter().next().ok_or_else(|| {
        let says = visitor.say(
            "没有这张证书，或您无权查看",
            "there is no such certificate, or it is not yours to see",
        );
        visitor.unanswered(Status::not_found(says))
    })
}

fn facts(visitor: &Visitor, certificate: &api::Certificate, typed: &Typed, wrong: Option<&Say>) -> Response {
    let lang = visitor.lang;
    let entry = |index: u64| html! { a href=(format!("/entries/{index}")) { (index) } " " };
    let now = certificate.state();
    let is_void = now == api::CertificateState::Void;
    let reason = |label| {
        field(
            label,
            &html! { input name="reason" value=(typed.reason) required maxlength="200" size="40"; },
        )
    };
    let content = html! {
        @if let Some(wrong) = wrong { p.problem role="alert" { (wrong.pick(lang)) } }
        @if now == api::CertificateState::ToBeRecalled {
            p.problem { (lang.pick("证书所依据的记录已不再有效：请收回证书并作废。", "what it rests on has no effect any more: take the paper back and void it.")) }
        }
        dl.facts {
            dt { (lang.pick("编号", "number")) } dd { b { (certificate.number) } " " (certificate.code) }
            dt { (lang.pick("状态", "state")) } dd { (state(now, lang)) }
            dt { (lang.pick("教师", "teacher")) } dd { a href=(format!("/teachers/{}", certificate.teacher_id)) { (certificate.name) " " (certificate.teacher_id) } }
            @if !certificate.school_names.is_empty() { dt { (lang.pick("学校", "school")) } dd { (certificate.school_names.join("、")) } }
            dt { (lang.pick("种类", "kind")) } dd { (kind(certificate, lang)) }
            dt { (lang.pick("证明事项", "attests")) } dd { (certificate.attests) }
            dt { (lang.pick("发证日期", "issued")) } dd { (date(certificate.issued_on.as_ref())) }
            @if !certificate.issuer.is_empty() { dt { (lang.pick("发证单位", "issuer")) } dd { (certificate.issuer) } }
            @if !certificate.old_number.is_empty() { dt { (lang.pick("原编号", "old number")) } dd { (certificate.old_number) } }
            dt { (lang.pick("发证", "issued by")) } dd { (entry(certificate.index)) }
            @if let Some(basis) = certificate.basis_index { dt { (lang.pick("依据", "rests on")) } dd { (entry(basis)) } }
            @if !certificate.reissues.is_empty() {
                dt { (lang.pick("补发", "issued again")) } dd { @for index in &certificate.reissues { (entry(*index)) } }
            }
            @if let Some(by) = certificate.voided_by { dt { (lang.pick("作废于", "voided by")) } dd { (entry(by)) } }
        }
        p.noprint { a href=(format!("/check/{}", certificate.code)) { (lang.pick("公开核验时所见", "what anybody sees who checks it")) } }
        @if is_issuer(visitor) && !is_void {
            @if certificate.basis_index.is_some() {
                h2 { (lang.pick("补发", "Issue it again")) }
                form.stack method="post" action=(format!("{}/reissue", at(&certificate.event_id))) {
                    (reason(lang.pick("补发的理由，如遗失", "why, such as: lost")))
                    div.actions { button { (lang.pick("补发", "issue it again")) } }
                }
            }
            h2 { (lang.pick("作废", "Void")) }
            form.stack method="post" action=(format!("{}/void", at(&certificate.event_id))) {
                (reason(lang.pick("作废的理由", "the reason for voiding it")))
                (field(lang.pick("批准的文件或人（可不填）", "who or what authorises it (optional)"), &html! { input name="authorised_by" value=(typed.authorised_by) maxlength="200"; }))
                div.actions { button.danger { (lang.pick("作废这张证书", "void this certificate")) } }
            }
        }
    };
    let title = if certificate.number.is_empty() {
        lang.pick("证书", "Certificate").to_owned()
    } else {
        certificate.number.clone()
    };
    page(visitor, &title, &content)
}

pub(crate) async fn reissue(visitor: Visitor, Named(id): Named<String>, Filled(typed): Filled<Typed>) -> Answer {
    let certificate = by_event(&visitor, &id).await?;
    let answer = certificates::reissue(&visitor.api, &certificate, typed.reason.trim()).await;
    Ok(done(&visitor, &certificate, &typed, answer))
}

pub(crate) async fn void(visitor: Visitor, Named(id): Named<String>, Filled(typed): Filled<Typed>) -> Answer {
    let certificate = by_event(&visitor, &id).await?;
    let why = (typed.reason.trim(), typed.authorised_by.trim());
    let answer = certificates::void(&visitor.api, &certificate, why).await;
    Ok(done(&visitor, &certificate, &typed, answer))
}

fn done(
    visitor: &Visitor,
    certificate: &api::Certificate,
    typed: &Typed,
    answer: Result<api::SubmitResponse, Status>,
) -> Response {
    let wrong = match answer.map_err(Unamended::from).and_then(|answer| recorded(&answer)) {
        Ok(_) => return Redirect::to(&at(&certificate.event_id)).into_response(),
        Err(unamended) => unamended.say(),
    };
    facts(visitor, certificate, typed, Some(&wrong))
}

// === issuing ===

pub(crate) async fn form(visitor: Visitor, Named(index): Named<u64>) -> Answer {
    Ok(match known(&visitor.api, index).await {
        Ok(known) => issuing(&visitor, index, &known.words.what_zh, &Typed::default(), &[]),
        Err(Unamended::Services(status)) => return Err(visitor.unanswered(status)),
        Err(other) => issuing(&visitor, index, "", &Typed::default(), &[other.say()]),
    })
}

pub(crate) async fn issue(visitor: Visitor, Named(index): Named<u64>, Filled(typed): Filled<Typed>) -> Answer {
    let again = |wrong: &[Say]| issuing(&visitor, index, "", &typed, wrong);
    let teacher = match id_of(&visitor, "teacher", &typed.teacher, "").await {
        Ok(id) => Some(id).filter(|id| !id.is_empty()),
        Err(wrong) => return Ok(again(&[Say::same(wrong.into_status().message())])),
    };
    let on = match day(&visitor, "on", &typed.on) {
        Ok(on) => on,
        Err(wrong) => return Ok(again(&[Say::same(wrong.into_status().message())])),
    };
    let wanted = Wanted {
        entry: index,
        teacher_id: teacher,
        on,
        attests: typed.attests.trim().to_owned(),
        old_number: typed.old_number.trim().to_owned(),
    };
    let items = match certificates::items(&visitor.api, &wanted).await {
        Ok(items) => items,
        Err(unamended) => return Ok(again(&[unamended.say()])),
    };
    let events: Vec<String> = items
        .iter()
        .filter_map(|item| Some(item.head.as_ref()?.event_id.clone()))
        .collect();
    let response = match certificates::issue(&visitor.api, items).await {
        Ok(response) => response,
        Err(status) => return Ok(again(&[Say::same(status.message())])),
    };
    let verdicts = response.receipt.unwrap_or_default().verdicts;
    let wrong: Vec<Say> = verdicts
        .iter()
        .filter_map(|verdict| why_not(verdict, visitor.lang))
        .map(Say::same)
        .collect();
    let to = match events.as_slice() {
        _ if !wrong.is_empty() => return Ok(again(&wrong)),
        [only] => at(only),
        _ => "/certificates".to_owned(),
    };
    Ok(Redirect::to(&to).into_response())
}

fn issuing(visitor: &Visitor, index: u64, what: &str, typed: &Typed, wrong: &[Say]) -> Response {
    let lang = visitor.lang;
    let attests = if typed.attests.is_empty() { what } else { &typed.attests };
    let content = html! {
        @for wrong in wrong { p.problem role="alert" { (wrong.pick(lang)) } }
        p { (lang.pick("编号由台账按年连续给出；一条记录涉及几位教师的，每人一张。", "the ledger gives the number, without gaps within the year; an entry about several teachers gives one to each.")) }
        form.stack method="post" action=(format!("/entries/{index}/certificate")) {
            (field(lang.pick("证明事项", "what it attests"), &html! { input name="attests" value=(attests) maxlength="200" size="50"; }))
            (field(lang.pick("只给这位教师（姓名或编号，可不填）", "only for this teacher (name or id, optional)"), &html! { input name="teacher" value=(typed.teacher) size="12"; }))
            (field(lang.pick("发证日期（不填为今天）", "day of issue (today unless said)"), &html! { input type="date" name="on" value=(typed.on); }))
            (field(lang.pick("原编号（统一编号以前的旧证书）", "old number (of a paper from before the office numbered them)"), &html! { input name="old_number" value=(typed.old_number) maxlength="200"; }))
            div.actions { button { (lang.pick("发证", "issue")) } a href=(format!("/entries/{index}")) { (lang.pick("不发了", "leave it")) } }
        }
    };
    let title = lang.pick(
        format!("凭第 {index} 条发证"),
        format!("A certificate on entry {index}"),
    );
    page(visitor, &title, &content)
}

/// Where a certificate's number leads, for who typed it.
pub(crate) async fn by_number(visitor: Visitor, Named(number): Named<String>) -> Answer {
    let found = numbered(&visitor.api, &number, 0).await;
    let certificate = found.map_err(|status| visitor.unanswered(status))?;
    Ok(Redirect::to(&at(&certificate.event_id)).into_response())
}

/// The link to a teacher's certificates.
pub(crate) fn hers(visitor: &Visitor, teacher_id: &str) -> Markup {
    let to = address("/certificates", &[("teacher", teacher_id)]);
    html! { a.button.second href=(to) { (visitor.say("她的证书", "her certificates")) } }
}
