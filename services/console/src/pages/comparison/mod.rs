//! Before a policy is adopted: who would stand otherwise under it. Nothing is adopted for it.

mod outcome;

use std::collections::BTreeMap;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::response::Response;
use axum::routing::post;
use futures::Stream;
use keshi_core::lang::Lang;
use keshi_core::policy::Policy;
use keshi_import::document::{Document, read};
use keshi_proto::api;
use keshi_proto::api::policy_choice::Policy as Given;
use keshi_words::comparison::leaf;
use keshi_words::time::today;
use maud::{Markup, html};
use serde::Deserialize;
use tonic::{Status, Streaming};

use self::outcome::{Listed, outcome};
use super::documents::{FORM_BYTES_MAX, checked};
use crate::Console;
use crate::ask::{Wrong, at_size, options};
use crate::download;
use crate::extract::Filled;
use crate::fault::{Answer, code};
use crate::parts::{broke_off, far, of_all, sent};
use crate::visitor::Visitor;

/// What is said where the answer ends before its result.
const BROKE_OFF: (&str, &str) = (
    "试算中断，没有结果：请重新试算",
    "the comparison broke off without a result: run it again",
);

pub(super) fn router() -> Router<Console> {
    let limit = DefaultBodyLimit::max(FORM_BYTES_MAX);
    Router::new()
        .route("/documents/compare", post(compare).layer(limit))
        .route("/documents/compare.xlsx", post(sheet).layer(limit))
}

/// What is asked.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    document: String,
    before: String,
    period: String,
    purpose: String,
    size: String,
}

impl Asked {
    fn document(&self) -> String {
        self.document.replace("\r\n", "\n")
    }

    /// The policy in the document; `None` if it is not one without mistakes.
    fn policy(&self) -> Option<Box<Policy>> {
        match read(&self.document()) {
            Ok(Document::Policy(policy)) => Some(policy),
            Ok(Document::Calendar(_) | Document::Figures(_)) | Err(_) => None,
        }
    }
}

/// The way to a comparison, for a policy without mistakes.
pub(super) async fn offer(visitor: &Visitor, policy: &Policy, document: &str) -> Markup {
    let asked = Asked {
        document: document.to_owned(),
        before: policy.id.to_string(),
        period: today().year().to_string(),
        ..Asked::default()
    };
    match adopted(visitor).await {
        Ok(adopted) if adopted.is_empty() => html! {
            p.hint { (visitor.say("还没有发布过规则，没有可对照的：发布后，适用的教师才有要求。", "no policy is adopted yet, so there is nothing to compare with: once this one is, something is asked of those under it.")) }
        },
        Ok(adopted) => question(visitor, &asked, &adopted, &Wrong::default()),
        Err(status) => Wrong::of(status).told(),
    }
}

/// Ids and names of the policies adopted, as many as one answer has.
async fn adopted(visitor: &Visitor) -> Result<BTreeMap<String, String>, Status> {
    let request = visitor.api.call(api::ListPoliciesRequest::default());
    let answer = visitor.api.ledger().list_policies(request).await?.into_inner();
    let policies = answer.policies.into_iter();
    Ok(policies.map(|policy| (policy.policy_id, policy.name)).collect())
}

fn question(visitor: &Visitor, asked: &Asked, adopted: &BTreeMap<String, String>, wrong: &Wrong) -> Markup {
    let named = adopted.iter().map(|(id, name)| (id.clone(), format!("{id} {name}")));
    html! {
        h2 { (visitor.say("发布前先试算", "Try it before adopting it")) }
        p.hint { (visitor.say(
            "用这份规则重算一个期间：谁由达标变为未达标，谁相反，各差多少。不写入台账。",
            "A period is computed anew under it: who would be short and is not now, who the other way, and by how much. Nothing is written into the ledger.",
        )) }
        form.row method="post" action="/documents/compare" {
            input type="hidden" name="document" value=(asked.document());
            (options(visitor.say("与已发布的对照", "compare with"), "before", &named.collect::<Vec<_>>(), &asked.before))
            (wrong.text(visitor.say("期间", "period"), "period", &asked.period, 12))
            (wrong.text(visitor.say("事由（记入查阅记录）", "purpose (noted in the log of reads)"), "purpose", &asked.purpose, 16))
            button { (visitor.say("试算", "compare")) }
        }
    }
}

/// The answer of the services as it comes.
async fn begin(visitor: &Visitor, asked: &Asked) -> Result<Streaming<api::ComparePoliciesResponse>, Wrong> {
    let choice = |policy| Some(api::PolicyChoice { policy: Some(policy) });
    let request = api::ComparePoliciesRequest {
        before: choice(Given::Adopted(asked.before.trim().to_owned())),
        after: choice(Given::Document(asked.document())),
        period: asked.period.trim().to_owned(),
        at: at_size(visitor, "size", &asked.size)?,
        purpose: asked.purpose.trim().to_owned(),
    };
    let answer = visitor.api.ledger().compare_policies(visitor.api.stream(request)).await;
    Ok(answer.map_err(Wrong::of)?.into_inner())
}

async fn compare(visitor: Visitor, Filled(asked): Filled<Asked>) -> Answer {
    if asked.policy().is_none() {
        return Ok(checked(&visitor, &asked.document()).await);
    }
    let title = visitor.say("规则试算", "What the policy would change");
    match begin(&visitor, &asked).await {
        Ok(answer) => sent(&visitor, title, told(visitor.lang, asked, answer), &html! {}),
        Err(wrong) => {
            let adopted = adopted(&visitor).await.unwrap_or_default();
            visitor.again(title, &wrong, &question(&visitor, &asked, &adopted, &wrong))
        }
    }
}

/// How far it is, then what came out, then what to do with it.
fn told(
    lang: Lang,
    asked: Asked,
    mut answer: Streaming<api::ComparePoliciesResponse>,
) -> impl Stream<Item = Markup> + Send {
    async_stream::stream! {
        let mut listed = Listed::default();
        let ended = loop {
            match answer.message().await {
                Ok(Some(api::ComparePoliciesResponse { result: Some(result), .. })) => {
                    let next = next(&asked, &result.size.to_string(), lang);
                    break outcome(&result, &listed, &next, lang);
                }
                Ok(Some(step)) => {
                    let [done, total] = [step.teachers_done, step.teachers_total].map(i64::unsigned_abs);
                    listed.add(step.changes);
                    let all = of_all(done, total);
                    yield far(done, total, &lang.pick(format!("已核对教师 {all} 人"), format!("{all} teachers looked at")));
                }
                Ok(None) => break anew(&asked, lang.pick(BROKE_OFF.0, BROKE_OFF.1), lang),
                Err(status) => {
                    tracing::warn!(code = %code(status.code()), "a comparison for a page ended early");
                    break anew(&asked, status.message(), lang);
                }
            }
        };
        yield ended;
    }
}

/// What broke off, and the way to try again with the same document.
fn anew(asked: &Asked, says: &str, lang: Lang) -> Markup {
    html! {
        (broke_off(says))
        form method="post" action="/documents/compare" {
            (hidden(asked, &asked.size))
            div.actions {
                button { (lang.pick("重新试算", "compare again")) }
                button.second formaction="/documents/check" { (lang.pick("回去修改", "go back and change it")) }
            }
        }
    }
}

/// The question, to be sent on.
fn hidden(asked: &Asked, size: &str) -> Markup {
    html! {
        input type="hidden" name="document" value=(asked.document());
        input type="hidden" name="before" value=(asked.before);
        input type="hidden" name="period" value=(asked.period);
        input type="hidden" name="purpose" value=(asked.purpose);
        input type="hidden" name="size" value=(size);
    }
}

/// To adopt it, to keep the comparison, or to change the document.
fn next(asked: &Asked, size: &str, lang: Lang) -> Markup {
    html! {
        form method="post" action="/documents/adopt" {
            (hidden(asked, size))
            div.actions {
                button { (lang.pick("发布，写入台账", "adopt it: write it into the ledger")) }
                button.second formaction="/documents/compare.xlsx" { (lang.pick("下载表格（xlsx）", "download as spreadsheet (xlsx)")) }
                button.second formaction="/documents/check" { (lang.pick("回去修改", "go back and change it")) }
            }
        }
    }
}

/// The same as a spreadsheet.
async fn sheet(visitor: Visitor, Filled(asked): Filled<Asked>) -> Answer {
    if asked.policy().is_none() {
        return Ok(checked(&visitor, &asked.document()).await);
    }
    let made = make_sheet(&visitor, &asked).await;
    made.map_err(|status| visitor.unanswered(status))
}

async fn make_sheet(visitor: &Visitor, asked: &Asked) -> Result<Response, Status> {
    let mut answer = begin(visitor, asked).await.map_err(Wrong::into_status)?;
    let (mut changes, mut result) = (Vec::new(), None);
    while let Some(message) = answer.message().await? {
        changes.extend(message.changes);
        if changes.len() > download::ROWS_MAX {
            return Err(download::too_long(visitor));
        }
        result = message.result.or(result);
    }
    let result = result.ok_or_else(|| Status::internal(visitor.say(BROKE_OFF.0, BROKE_OFF.1)))?;
    let name = format!("规则试算 {} {}", result.after_policy_id, result.period);
    let leaf = leaf(&changes, &result);
    download::workbook(visitor, "comparison", name, vec![leaf]).await
}
