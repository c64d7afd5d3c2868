//! Policies, calendars and definitions of figures: reading one, adopting it, and what an office begins with.

use keshi_client::Client;
use keshi_core::calendar::Calendar;
use keshi_core::document::Problem;
use keshi_core::figures::Definitions;
use keshi_core::lang::{Lang, Say, say};
use keshi_core::policy::Policy;
use keshi_proto::api;
use keshi_proto::api_convert::is_in_ledger;
use keshi_sheets::sample::{CALENDAR, POLICY};
use keshi_words::names::verdict;
use keshi_words::reason::why_not;
use tonic::Status;

/// A document that was read.
#[derive(Debug)]
pub enum Document {
    /// A policy.
    Policy(Box<Policy>),
    /// A calendar.
    Calendar(Calendar),
    /// Definitions of the annual report's figures.
    Figures(Definitions),
}

/// Reads a document. A calendar is told by its semesters and its working days, definitions by their language.
///
/// # Errors
///
/// Every mistake in it.
pub fn read(text: &str) -> Result<Document, Vec<Problem>> {
    let begins = |line: &str| {
        ["[[semester]]", "[[working_days]]"]
            .iter()
            .any(|table| line.trim_start().starts_with(table))
    };
    let is_calendar = text.lines().any(begins);
    let is_figures = text
        .lines()
        .any(|line| line.trim_start().starts_with("figures_language"));
    if is_figures {
        Definitions::parse(text).map(Document::Figures)
    } else if is_calendar {
        Calendar::parse(text).map(Document::Calendar)
    } else {
        Policy::parse(text).map(|policy| Document::Policy(Box::new(policy)))
    }
}

/// Adopts `document`, whose text this is: what it is called, and the answer.
///
/// # Errors
///
/// As the services answer.
pub async fn send(client: &Client, document: &Document, text: String) -> Result<(Say, api::SubmitResponse), Status> {
    let (what, answer) = match document {
        Document::Policy(policy) => {
            let (id, version) = (policy.id, policy.version);
            let request = client.call(api::AdoptPolicyRequest {
                document: text,
                ..api::AdoptPolicyRequest::default()
            });
            let what = say(
                format!("规则 {id} 第 {version} 版"),
                format!("policy {id} version {version}"),
            );
            (what, client.registry().adopt_policy(request).await)
        }
        Document::Calendar(calendar) => {
            let request = client.call(api::AdoptCalendarRequest {
                document: text,
                ..api::AdoptCalendarRequest::default()
            });
            let what = say(format!("校历 {}", calendar.id), format!("calendar {}", calendar.id));
            (what, client.registry().adopt_calendar(request).await)
        }
        Document::Figures(definitions) => {
            let version = definitions.version;
            let request = client.call(api::AdoptFiguresRequest {
                document: text,
                ..api::AdoptFiguresRequest::default()
            });
            let what = say(
                format!("指标口径第 {version} 版"),
                format!("version {version} of the figures' definitions"),
            );
            (what, client.registry().adopt_figures(request).await)
        }
    };
    Ok((what, answer?.into_inner()))
}

/// What became of an adoption.
///
/// # Errors
///
/// Why it was refused.
pub fn adopted(what: &Say, response: &api::SubmitResponse) -> Result<Say, Say> {
    let Some(receipt) = &response.receipt else {
        let id = &response.submission_id;
        return Ok(say(
            format!("{}：已接收，尚未入账（提交编号 {id}）", what.zh),
            format!("{}: accepted, not yet in the ledger (submission {id})", what.en),
        ));
    };
    // The event that adopts is the last one; the parts of the document stand before it. The worst verdict counts.
    let worst = receipt.verdicts.iter().filter(|verdict| !is_in_ledger(verdict.verdict));
    // Of an atomic submission one event has the reason and the others only refer to it.
    let refused = worst.max_by_key(|verdict| {
        verdict
            .reason
            .as_ref()
            .is_some_and(|reason| reason.code != "AtomicOther")
    });
    if let Some(refused) = refused {
        let said = |lang| {
            format!("{}{}", verdict(refused.verdict(), lang), lang.pick("：", ": "))
                + &why_not(refused, lang).unwrap_or_default()
        };
        return Err(say(
            format!("{}{}", what.zh, said(Lang::Zh)),
            format!("{} {}", what.en, said(Lang::En)),
        ));
    }
    let is_new = receipt
        .verdicts
        .iter()
        .any(|verdict| verdict.verdict() == api::Verdict::Recorded);
    Ok(if is_new {
        say(
            format!("{} 已发布（台账 {} 条）", what.zh, receipt.size),
            format!("{} is adopted (ledger of {} entries)", what.en, receipt.size),
        )
    } else {
        say(
            format!("{} 此前已发布，内容相同", what.zh),
            format!("{} was adopted before, with the same content", what.en),
        )
    })
}

/// A document that is written as it stands, to be changed.
#[derive(Debug)]
pub struct Template {
    /// Its name in Chinese.
    pub zh: &'static str,
    /// Its name in English.
    pub en: &'static str,
    /// The command that checks and adopts it.
    pub command: &'static str,
    /// The document.
    pub text: &'static str,
}

/// The documents that an office begins with.
pub const TEMPLATES: [Template; 5] = [
    Template {
        zh: "规则-教师",
        en: "policy for teachers",
        command: "policy",
        text: include_str!("../../../ledger/core/policies/sample-360.toml"),
    },
    Template {
        zh: "规则-教研员",
        en: "policy for researchers",
        command: "policy",
        text: POLICY,
    },
    Template {
        zh: "规则-称号阶梯",
        en: "ladder of titles",
        command: "policy",
        text: include_str!("../../../ledger/core/policies/shaanxi-ladder-2021.toml"),
    },
    Template {
        zh: "校历",
        en: "school calendar",
        command: "calendar",
        text: CALENDAR,
    },
    Template {
        zh: "口径",
        en: "figures of the annual report",
        command: "figures",
        text: Definitions::USUAL_TEXT,
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_adoption_tells_the_real_reason_of_a_refusal() {
        let refused = |code: &str| api::EventVerdict {
            verdict: api::Verdict::Refused.into(),
            reason: Some(api::Reason {
                code: code.into(),
                ..api::Reason::default()
            }),
            ..api::EventVerdict::default()
        };
        let receipt = api::Receipt {
            verdicts: vec![refused("AtomicOther"), refused("VersionTaken"), refused("AtomicOther")],
            ..api::Receipt::default()
        };
        let response = api::SubmitResponse {
            receipt: Some(receipt),
            ..api::SubmitResponse::default()
        };
        let failure = adopted(&Say::same("x"), &response).unwrap_err();
        assert!(failure.en.contains("VersionTaken"), "{failure:?}");
    }
}
