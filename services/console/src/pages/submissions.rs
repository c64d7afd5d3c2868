//! 我的提交: what the visitor posted herself, submission by submission, read from the ledger.

use keshi_core::event::Fact;
use keshi_core::lang::Lang;
use keshi_proto::api;
use keshi_words::names::{count, verdict};
use keshi_words::time::moment;
use maud::{Markup, html};
use serde::{Deserialize, Serialize};
use tonic::Status;

use super::{Paged, entries};
use crate::ask::{address, turning};
use crate::download::file;
use crate::extract::{Named, Question};
use crate::fault::Answer;
use crate::page::page;
use crate::table::{Set, Table, text};
use crate::visitor::Visitor;

/// Submissions on a page.
const PAGE: i32 = 30;

/// Entries of one submission on a page.
const ENTRIES: i32 = 100;

/// How often the next part of the ledger is looked at for one page: whoever has not posted for long is not at its end.
const ASKED_MAX: usize = 8;

pub(crate) async fn show(visitor: Visitor, Question(asked): Question<Paged>) -> Answer {
    let answer = look(&visitor, &asked.page).await;
    let answer = answer.map_err(|status| visitor.unanswered(status))?;
    let lang = visitor.lang;
    let content = html! {
        p { (lang.pick(
            "您自己提交并进入台账的内容，每次提交一行，新的在前。与台账重复的行不产生条目，不在此列。",
            "what you posted yourself and the ledger has, one line for each submission, the latest first. Rows that it had already left no \
             entry, and are not here.",
        )) }
        @if answer.submissions.is_empty() { (empty(&visitor, &answer)) }
        (list(&answer.submissions, lang))
        (turning(&visitor, "/submissions", &asked, &answer.next_page_token))
    };
    Ok(page(&visitor, lang.pick("我的提交", "My submissions"), &content))
}

/// A page that has something, unless a long part of the ledger has nothing.
async fn look(visitor: &Visitor, from: &str) -> Result<api::ListSubmissionsResponse, Status> {
    let mut answer = api::ListSubmissionsResponse::default();
    from.clone_into(&mut answer.next_page_token);
    for _ in 0..ASKED_MAX {
        let request = visitor.api.call(api::ListSubmissionsRequest {
            page_size: PAGE,
            page_token: answer.next_page_token,
            ..api::ListSubmissionsRequest::default()
        });
        answer = visitor.api.ledger().list_submissions(request).await?.into_inner();
        if !answer.submissions.is_empty() || answer.next_page_token.is_empty() {
            break;
        }
    }
    Ok(answer)
}

fn empty(visitor: &Visitor, answer: &api::ListSubmissionsResponse) -> Markup {
    html! {
        p.quiet {
            @if answer.next_page_token.is_empty() {
                (visitor.say("您还没有提交过。", "you have posted nothing yet.")) " "
                a href="/post" { (visitor.say("补录一条", "post a record")) } " · " a href="/import" { (visitor.say("导入表格", "import a spreadsheet")) }
            } @else {
                (visitor.say("这一段台账中没有您的提交，请看下一页。", "this part of the ledger has nothing of yours: look at the next page."))
            }
        }
    }
}

fn list(submissions: &[api::PostedSubmission], lang: Lang) -> Markup {
    let mut table = Table::new([
        (lang.pick("入账（北京时间）", "recorded (Beijing)"), Set::Text),
        (lang.pick("事项", "kind"), Set::Text),
        (lang.pick("结果", "verdicts"), Set::Text),
        (lang.pick("条目", "entries"), Set::Text),
        (lang.pick("来源", "source"), Set::Text),
    ]);
    for one in submissions {
        let to = address(
            &format!("/submissions/{}", one.submission_id),
            &[("from", one.first_index.to_string())],
        );
        let range = if one.first_index == one.last_index {
            one.first_index.to_string()
        } else {
            format!("{}–{}", one.first_index, one.last_index)
        };
        table.row([
            text(one.recorded_at.as_ref().map_or_else(String::new, moment)),
            text(kinds(&one.kinds, lang)),
            html! { @for counted in &one.verdicts { span .tag .good[is_taken(counted)] .short[!is_taken(counted)] {
                (verdict(counted.verdict(), lang)) " " (count(u64::try_from(counted.entries).unwrap_or_default()))
            } " " } },
            html! { a href=(to) { (range) } },
            // Of which row its first entry is stands in that entry.
            text(one.source.split(" row ").next().unwrap_or_default()),
        ]);
    }
    table.render(lang.pick("提交记录", "submissions"))
}

fn is_taken(counted: &api::VerdictCount) -> bool {
    matches!(counted.verdict(), api::Verdict::Recorded | api::Verdict::Waiting)
}

fn kinds(kinds: &[String], lang: Lang) -> String {
    let named = kinds.iter().map(|kind| match Fact::kind_in_zh(kind) {
        Some(zh) => lang.pick(zh.to_owned(), kind.replace('_', " ")),
        None => kind.clone(),
    });
    named.collect::<Vec<_>>().join(lang.pick("、", ", "))
}

/// The question of one submission's entries, as it stands in the address.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Asked {
    /// Its first entry.
    from: String,
    page: String,
}

pub(crate) async fn one(visitor: Visitor, Named(id): Named<String>, Question(asked): Question<Asked>) -> Answer {
    let request = visitor.api.call(api::ListEntriesRequest {
        from_index: asked.from.parse().unwrap_or(0),
        page_size: ENTRIES,
        page_token: asked.page.clone(),
        in_words: true,
        filter: Some(api::EntryFilter {
            poster: visitor.who.id.clone(),
            submission_id: id.clone(),
            ..api::EntryFilter::default()
        }),
        ..api::ListEntriesRequest::default()
    });
    let answer = visitor.api.ledger().list_entries(request).await;
    let answer = answer.map_err(|status| visitor.unanswered(status))?.into_inner();
    let path = format!("/submissions/{id}");
    let is_first = asked.page.is_empty();
    if is_first && answer.entries.is_empty() && answer.next_page_token.is_empty() {
        return Err(visitor.unanswered(Status::not_found(visitor.say(
            "没有这次提交的条目：编号不对，或内容全都早已入账；请从“我的提交”选",
            "there are no entries of this submission: its id is wrong, or all of it was recorded before; choose one of your submissions",
        ))));
    }
    // What follows the submission is looked through too, so that a page without any is the end of it.
    let next = if answer.entries.is_empty() && !is_first {
        ""
    } else {
        &answer.next_page_token
    };
    let content = html! {
        p.about { span.hash { (id) } }
        @if answer.entries.is_empty() { p.quiet { (visitor.say("没有更多条目。", "there are no more entries.")) } }
        (entries::list(&visitor, &answer))
        (receipts(&answer.entries, visitor.lang))
        (turning(&visitor, &path, &asked, next))
        p.noprint { a href="/submissions" { (visitor.say("回我的提交", "back to my submissions")) } }
    };
    Ok(page(&visitor, visitor.say("一次提交", "One submission"), &content))
}

/// Where the proof of each entry is saved.
fn receipts(entries: &[api::Entry], lang: Lang) -> Markup {
    let events = entries
        .iter()
        .filter_map(|entry| Some((entry.index, &entry.event.as_ref()?.event_id)));
    let events: Vec<_> = events.collect();
    html! {
        @if !events.is_empty() {
            details .noprint {
                summary { (lang.pick("回执", "receipts")) }
                p { (lang.pick(
                    "每条一个文件：条目、哈希路径和教研室签名的检查点。存到别处，日后凭公钥用 keshi audit check 即可证明学校当时已提交。",
                    "One file for each entry: the entry, the path of hashes and a checkpoint that the office signed. Kept elsewhere, it proves later, \
                     with the public key and keshi audit check, that the school posted it.",
                )) }
                p { @for (index, event_id) in events {
                    a href=(format!("/receipts/{event_id}")) download=(format!("{index}.tlog-proof")) { (count(index)) } " "
                } }
            }
        }
    }
}

/// A receipt to be saved.
pub(crate) async fn receipt(visitor: Visitor, Named(event_id): Named<String>) -> Answer {
    let request = visitor.api.call(api::GetReceiptProofRequest {
        event_id,
        ..api::GetReceiptProofRequest::default()
    });
    let answer = visitor.api.audit().get_receipt_proof(request).await;
    let proof = answer.map_err(|status| visitor.unanswered(status))?.into_inner();
    Ok(file(
        &format!("{}.tlog-proof", proof.index),
        "receipt",
        proof.file.into_bytes(),
    ))
}
