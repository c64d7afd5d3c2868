//! `keshi policy`: check a document here, adopt it, show what is adopted.

use std::path::Path;

use keshi_core::calendar::Calendar;
use keshi_core::document::Problem;
use keshi_core::lang::Lang;
use keshi_core::policy::Policy;
use keshi_proto::api;

use super::shared::{at, date, dates, read_text, reason};
use crate::Ctx;
use crate::cli::{AtArgs, PolicyCommand};
use crate::exit::{Failure, Outcome, Say, say};
use crate::remote::Session;
use crate::show::add;
use crate::show::json;
use crate::show::table::{Align, Table};
use crate::texts::names::{amount, verdict};

/// A document that a file holds.
pub(super) enum Document {
    Policy(Policy),
    Calendar(Calendar),
}

pub(super) async fn run(ctx: &mut Ctx<'_>, command: PolicyCommand) -> Outcome {
    match command {
        PolicyCommand::Check { file } => {
            let document = parse(&file, &read_text(&file)?)?;
            ctx.print(describe(&document, ctx.lang).trim_end())
        }
        PolicyCommand::Adopt { file } => {
            let text = read_text(&file)?;
            let session = Session::open(ctx).await?;
            let result = adopt_and_print(ctx, &session, &file, text).await;
            result.and(session.close().await)
        }
        PolicyCommand::Show { id, at } => {
            let session = Session::open(ctx).await?;
            let result = show(ctx, &session, id.as_deref(), &at).await;
            result.and(session.close().await)
        }
    }
}

/// Reads a document. A calendar is told by its semesters.
pub(super) fn parse(path: &Path, text: &str) -> Outcome<Document> {
    let is_calendar = text.lines().any(|line| line.trim_start().starts_with("[[semester]]"));
    let parsed = if is_calendar {
        Calendar::parse(text).map(Document::Calendar)
    } else {
        Policy::parse(text).map(Document::Policy)
    };
    parsed.map_err(|problems| wrong(path, &problems))
}

fn wrong(path: &Path, problems: &[Problem]) -> Failure {
    let (count, path) = (problems.len(), path.display());
    let mut failure = Failure::failed(say(
        format!("{path} 有 {count} 处错误："),
        format!("{path} has {count} mistakes:"),
    ));
    for problem in problems {
        failure = failure.and(say(
            format!("{path}:{}", problem.text(Lang::Zh)),
            format!("{path}:{}", problem.text(Lang::En)),
        ));
    }
    failure
}

fn describe(document: &Document, lang: Lang) -> String {
    match document {
        Document::Policy(policy) => {
            let until = policy.effective_to.map_or_else(String::new, |day| day.to_string());
            let mut text = lang.pick(
                format!(
                    "规则 {} 第 {} 版  {}\n  自 {} 起生效 {until}\n",
                    policy.id, policy.version, policy.name, policy.effective_from
                ),
                format!(
                    "policy {} version {}  {}\n  in force from {} {until}\n",
                    policy.id, policy.version, policy.name, policy.effective_from
                ),
            );
            for requirement in &policy.requirements {
                let min = amount(requirement.min.hundredths());
                let (id, unit, words) = (requirement.id, &requirement.unit, &requirement.text);
                add(&mut text, format!("  {id}  ≥ {min} {unit}  {words}\n"));
            }
            text
        }
        Document::Calendar(calendar) => {
            let mut text = lang.pick(format!("校历 {}\n", calendar.id), format!("calendar {}\n", calendar.id));
            for semester in &calendar.semesters {
                add(
                    &mut text,
                    format!("  {}  {} … {}\n", semester.id, semester.from, semester.to),
                );
            }
            text
        }
    }
}

/// Adopts the document in `text`. The answer is that of one submission.
pub(super) async fn adopt(session: &Session, path: &Path, text: String) -> Outcome<(Say, api::SubmitResponse)> {
    // Checked here first: all mistakes at once, with line and column, without a server.
    let document = parse(path, &text)?;
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

async fn adopt_and_print(ctx: &mut Ctx<'_>, session: &Session, path: &Path, text: String) -> Outcome {
    let (what, response) = adopt(session, path, text).await?;
    if ctx.globals.json {
        json::print(&response, &mut ctx.io.stdout)?;
    }
    let said = adopted(&what, &response)?;
    if !ctx.globals.json {
        ctx.print(said.pick(ctx.lang))?;
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
    let worst = receipt
        .verdicts
        .iter()
        .filter(|verdict| matches!(verdict.verdict(), api::Verdict::Refused | api::Verdict::Conflict));
    // Of an atomic submission one event has the reason and the others only refer to it.
    let refused = worst.max_by_key(|verdict| {
        verdict
            .reason
            .as_ref()
            .is_some_and(|reason| reason.code != "AtomicOther")
    });
    if let Some(refused) = refused {
        let why = refused.reason.clone().unwrap_or_default();
        let said =
            |lang| format!("{}{}", verdict(refused.verdict(), lang), lang.pick("：", ": ")) + &reason(&why, lang);
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

async fn show(ctx: &mut Ctx<'_>, session: &Session, id: Option<&str>, args: &AtArgs) -> Outcome {
    let request = session.call(api::ListPoliciesRequest { at: at(args) });
    let answer = session.ledger().list_policies(request).await;
    let mut all = answer.map_err(|status| session.failed(&status))?.into_inner();
    if let Some(id) = id {
        all.policies.retain(|policy| policy.policy_id == id);
        if all.policies.is_empty() {
            return Err(Failure::failed(say(
                format!("没有发布过规则 {id}：运行 keshi policy show 可列出全部"),
                format!("no policy {id} is adopted: keshi policy show lists all"),
            )));
        }
    }
    if ctx.globals.json {
        return json::print(&all, &mut ctx.io.stdout);
    }
    if id.is_some() {
        let newest = all.policies.iter().max_by_key(|policy| policy.version);
        return ctx.print(newest.map_or("", |policy| policy.document.trim_end()));
    }
    if all.policies.is_empty() {
        ctx.note(&say(
            "还没有发布规则：keshi policy adopt 文件",
            "no policy is adopted yet: keshi policy adopt FILE",
        ));
        return Ok(());
    }
    ctx.print(listed(&all.policies, ctx.lang).trim_end())
}

fn listed(policies: &[api::AdoptedPolicy], lang: Lang) -> String {
    let mut table = Table::new([
        (lang.pick("规则", "policy"), Align::Left),
        (lang.pick("版本", "version"), Align::Right),
        (lang.pick("名称", "name"), Align::Left),
        (lang.pick("生效", "in force"), Align::Left),
        (lang.pick("条目", "entry"), Align::Right),
    ]);
    for policy in policies {
        let from = date(policy.effective_from.as_ref());
        let in_force = match &policy.effective_to {
            Some(to) => dates(policy.effective_from.as_ref(), Some(to)),
            None => format!("{from}.."),
        };
        table.row([
            policy.policy_id.clone(),
            policy.version.to_string(),
            policy.name.clone(),
            in_force,
            policy.index.to_string(),
        ]);
    }
    table.render()
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: &str = include_str!("../../../../ledger/core/policies/dongxing-researcher-2020.toml");

    #[test]
    fn a_policy_and_a_calendar_are_told_apart() {
        let policy = parse(Path::new("p.toml"), POLICY).unwrap();
        let text = describe(&policy, Lang::Zh);
        assert!(text.contains("R1  ≥ 90 课时"), "{text}");
        let calendar = "id = \"c\"\n[[semester]]\nid = \"2022-2023-1\"\nfrom = 2022-09-01\nto = 2023-01-13\n\
                        teaching_weeks = 20\n";
        assert!(matches!(
            parse(Path::new("c.toml"), calendar),
            Ok(Document::Calendar(_))
        ));
    }

    #[test]
    fn all_mistakes_of_a_document_are_listed_with_line_and_column() {
        let failure = parse(Path::new("p.toml"), "id = 3\nversion = \"x\"\n").err().unwrap();
        assert_eq!(failure.exit, crate::Exit::Failed);
        assert!(failure.lines.len() > 2, "{failure:?}");
        assert!(failure.text(Lang::En).contains("p.toml:1:"), "{failure:?}");
    }

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
