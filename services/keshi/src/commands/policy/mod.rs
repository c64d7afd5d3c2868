//! `keshi policy`: check a document here, adopt it, show what is adopted, try what another would change.

mod check;
mod diff;
mod document;
mod show;

use std::path::Path;

use keshi_core::lang::Lang;
use keshi_proto::api;
use keshi_proto::api_convert::is_in_ledger;

pub(super) use self::check::run as check;
use self::document::Read;
pub(super) use self::document::{Document, parse, parse_as};
use super::calendar;
use super::shared::{read_text, why_not};
use crate::Ctx;
use crate::cli::PolicyCommand;
use crate::exit::{Failure, Outcome, Say, say};
use crate::remote::Session;
use crate::show::json;
use crate::texts::names::verdict;

pub(super) async fn run(ctx: &mut Ctx<'_>, command: PolicyCommand) -> Outcome {
    match command {
        PolicyCommand::Check { file } => check(ctx, &file, document::read),
        PolicyCommand::Diff(args) => diff::run(ctx, *args).await,
        PolicyCommand::Adopt { file } => {
            let text = read_text(&file)?;
            let session = Session::open(ctx).await?;
            let result = adopt_and_print(ctx, &session, &file, (text, document::read)).await;
            result.and(session.close().await)
        }
        PolicyCommand::Show { id, at } => {
            let session = Session::open(ctx).await?;
            let result = show::run(ctx, &session, id.as_ref(), &at).await;
            result.and(session.close().await)
        }
    }
}

/// Adopts the document in `text`. The answer is that of one submission.
pub(super) async fn adopt(session: &Session, path: &Path, text: String) -> Outcome<(Say, api::SubmitResponse)> {
    // Checked here first: all mistakes at once, with line and column, without a server.
    let document = parse(path, &text)?;
    send(session, document, text).await
}

async fn send(session: &Session, document: Document, text: String) -> Outcome<(Say, api::SubmitResponse)> {
    let (what, answer) = match document {
        Document::Policy(policy) => {
            let (id, version) = (policy.id, policy.version);
            let request = session.call(api::AdoptPolicyRequest {
                document: text,
                ..api::AdoptPolicyRequest::default()
            });
            let what = say(
                format!("规则 {id} 第 {version} 版"),
                format!("policy {id} version {version}"),
            );
            (what, session.registry().adopt_policy(request).await)
        }
        Document::Calendar(calendar) => {
            let request = session.call(api::AdoptCalendarRequest {
                document: text,
                ..api::AdoptCalendarRequest::default()
            });
            let what = say(format!("校历 {}", calendar.id), format!("calendar {}", calendar.id));
            (what, session.registry().adopt_calendar(request).await)
        }
    };
    Ok((what, answer.map_err(|status| session.failed(&status))?.into_inner()))
}

/// Adopts the document in `text`, which `read` reads, and says what became of it. Of a calendar it warns first of what
/// moves.
pub(super) async fn adopt_and_print(
    ctx: &mut Ctx<'_>,
    session: &Session,
    path: &Path,
    (text, read): (String, Read),
) -> Outcome {
    let document = parse_as(path, &text, read)?;
    if matches!(document, Document::Calendar(_)) {
        calendar::warn_before(ctx, session, &text).await;
    }
    let (what, response) = send(session, document, text).await?;
    if ctx.globals.json {
        json::print(&response, &mut ctx.io.stdout)?;
    }
    let said = adopted(&what, &response)?;
    if !ctx.globals.json {
        ctx.print_text(said.pick(ctx.lang))?;
    }
    Ok(())
}

/// What became of an adoption, or why it was refused.
pub(super) fn adopted(what: &Say, response: &api::SubmitResponse) -> Outcome<Say> {
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
        return Err(Failure::failed(say(
            format!("{}{}", what.zh, said(Lang::Zh)),
            format!("{} {}", what.en, said(Lang::En)),
        )));
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
        assert!(failure.lines[0].en.contains("VersionTaken"), "{failure:?}");
    }
}
