//! One entry, with everything about it.

use keshi_core::hex;
use keshi_proto::api;
use keshi_proto::api_convert::event_from_api;
use keshi_words::entry::{state, what};
use keshi_words::names::{count, verdict};
use keshi_words::reason::reason;
use keshi_words::time::{dates, moment};
use maud::{Markup, html};
use tonic::Status;

use crate::ask::address;
use crate::extract::Named;
use crate::fault::Answer;
use crate::json;
use crate::page::page;
use crate::pages::{amend, certificates};
use crate::visitor::Visitor;

pub(crate) async fn show(visitor: Visitor, Named(index): Named<String>) -> Answer {
    let asked = index.parse().map_err(|_| {
        let says = visitor.say(
            "条目号应是整数，如 /entries/1200",
            "an entry's number is a whole number, such as /entries/1200",
        );
        visitor.unanswered(Status::invalid_argument(says))
    });
    let request = api::GetEntryRequest {
        index: asked?,
        in_words: true,
        ..api::GetEntryRequest::default()
    };
    let answer = visitor.api.ledger().get_entry(visitor.api.call(request)).await;
    let answer = answer.map_err(|status| visitor.unanswered(status))?.into_inner();
    let entry = answer.entry.clone().unwrap_or_default();
    let title = visitor
        .lang
        .pick(format!("第 {} 条", entry.index), format!("Entry {}", entry.index));
    let content = html! {
        (about(&visitor, &entry, &answer))
        (fields(&visitor, &entry))
        (proof(&visitor, &entry, &answer))
        @if amend::is_offered(&visitor, &entry) {
            p.noprint {
                @if bears_certificates(&visitor, &entry) {
                    a.button.second href=(format!("/entries/{}/certificate", entry.index)) { (visitor.say("发证", "issue a certificate")) }
                    " "
                }
                a.button.second href=(format!("/entries/{}/amend", entry.index)) { (visitor.say("更正或作废", "correct or void it")) }
            }
        }
        nav.pages.noprint aria-label=(visitor.say("前后条目", "neighbouring entries")) {
            @if let Some(before) = entry.index.checked_sub(1) { a rel="prev" href=(link(before)) { (visitor.say("上一条", "the one before")) } }
            @if entry.index + 1 < answer.size { a rel="next" href=(link(entry.index + 1)) { (visitor.say("下一条", "the next")) } }
        }
    };
    Ok(page(&visitor, &title, &content))
}

/// Whether a certificate may rest on it: it credits somebody. Whether that is so now is decided when one is issued.
fn bears_certificates(visitor: &Visitor, entry: &api::Entry) -> bool {
    let event = entry.event.clone().and_then(|event| event_from_api(event, "").ok());
    certificates::is_issuer(visitor) && event.is_some_and(|event| event.fact.nature().credits)
}

fn link(index: u64) -> String {
    format!("/entries/{index}")
}

/// An entry as a link, or nothing.
fn entry_link(index: Option<u64>) -> Markup {
    html! { @if let Some(index) = index { a href=(link(index)) { (index) } } }
}

fn about(visitor: &Visitor, entry: &api::Entry, answer: &api::GetEntryResponse) -> Markup {
    let lang = visitor.lang;
    let words = answer.words.clone().unwrap_or_default();
    let event = entry.event.clone().unwrap_or_default();
    let kind = match lang.pick(&words.kind_zh, &words.kind).as_str() {
        "" => lang.pick("无法读取的报文", "a message that cannot be read").to_owned(),
        kind => kind.replace('_', " "),
    };
    // The year in which it counts, for a link to the balance.
    let year = event
        .occurred_to
        .as_ref()
        .or(event.occurred_from.as_ref())
        .map(|date| date.year.to_string());
    let year = year.unwrap_or_default();
    html! {
        dl.facts {
            dt { (lang.pick("事项", "kind")) } dd { b { (kind) } }
            dt { (lang.pick("日期", "date")) } dd { (dates(event.occurred_from.as_ref(), event.occurred_to.as_ref())) }
            @if !words.about.is_empty() {
                dt { (lang.pick("教师", "about")) }
                dd {
                    @for person in &words.about {
                        a href=(address(&format!("/teachers/{}", person.teacher_id), &[("period", &year)])) { (person.name) " " (person.teacher_id) }
                        " "
                    }
                }
            }
            dt { (lang.pick("内容", "what")) } dd { (what(entry, &words, lang)) }
            dt { (lang.pick("状态", "state")) } dd { (state(entry, &words, lang)) }
            @if let Some(why) = &entry.reason {
                dt { (verdict(entry.verdict(), lang)) } dd { (reason(why, lang)) @if why.index.is_some() { " " (entry_link(why.index)) } }
            }
            @if words.corrects.is_some() { dt { (lang.pick("更正了", "corrects")) } dd { (entry_link(words.corrects)) } }
            @if entry.corrected_by.is_some() { dt { (lang.pick("更正为", "corrected by")) } dd { (entry_link(entry.corrected_by)) } }
            @if entry.voided_by.is_some() { dt { (lang.pick("作废于", "voided by")) } dd { (entry_link(entry.voided_by)) } }
            @if let Some(standing) = answer.standing.filter(|index| *index != entry.index) {
                dt { (lang.pick("现以此条为准", "what stands now")) } dd { (entry_link(Some(standing))) }
            }
            dt { (lang.pick("入账（北京时间）", "recorded (Beijing)")) } dd { (entry.recorded_at.as_ref().map_or_else(String::new, moment)) }
            dt { (lang.pick("提交者", "posted by")) } dd { (entry.poster) }
            @if !event.org.is_empty() { dt { (lang.pick("提交单位", "for")) } dd { (event.org) } }
            @if !event.source.is_empty() { dt { (lang.pick("来源", "source")) } dd { (event.source) } }
            @if !event.load_id.is_empty() { dt { (lang.pick("历史补录", "historical load")) } dd { a href="/loads" { (event.load_id) } } }
            @if !event.note.is_empty() { dt { (lang.pick("备注", "note")) } dd { (event.note) } }
        }
    }
}

/// The fact as it was posted.
fn fields(visitor: &Visitor, entry: &api::Entry) -> Markup {
    let text = entry
        .event
        .as_ref()
        .and_then(|event| json::pretty("keshi.v1.Event", event));
    html! {
        @if let Some(text) = text {
            h2 { (visitor.say("填报的字段", "as it was posted")) }
            pre { (text) }
        }
    }
}

/// What an auditor compares.
fn proof(visitor: &Visitor, entry: &api::Entry, answer: &api::GetEntryResponse) -> Markup {
    let lang = visitor.lang;
    html! {
        h2 { (lang.pick("核对用", "to be verified")) }
        dl.facts {
            dt { (lang.pick("叶哈希（RFC 6962）", "leaf hash (RFC 6962)")) } dd.hash { (hex::show(&entry.leaf_hash)) }
            @if !entry.unreadable_sha256.is_empty() {
                dt { (lang.pick("报文的 SHA-256", "SHA-256 of the message")) } dd.hash { (hex::show(&entry.unreadable_sha256)) }
            }
            dt { (lang.pick("批次编号", "submission")) } dd.hash { (entry.submission_id) }
            dt { (lang.pick("台账", "ledger")) } dd { (lang.pick(format!("{} 条时所见", count(answer.size)), format!("as of {} entries", count(answer.size)))) }
        }
    }
}
