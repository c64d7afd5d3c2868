//! `keshi review`: claims (申报), their reviews (初审, 审核), publicity (公示) and crediting (入账).

mod evidence;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use keshi_core::lang::Lang;
use keshi_core::review::{Stage, Step};
use keshi_proto::{api, date_to_wire};
use keshi_words::claim::{HEADINGS, HISTORY, act, cells, one, stage};
use keshi_words::names::{amount, verdict};
use tonic::{Response, Status};

use super::shared::{at, date, each_page, read_text, taken, why_not};
use crate::Ctx;
use crate::cli::{ClaimsArgs, ReviewCommand, ReviewDecideArgs, ReviewListArgs, ReviewPublishArgs};
use crate::exit::{Exit, Failure, Outcome, say};
use crate::remote::Session;
use crate::show::json;
use crate::show::table::{Align, Table};

/// Claims in one answer of the server.
const PAGE: i32 = 200;

pub(super) async fn run(ctx: &mut Ctx<'_>, command: ReviewCommand) -> Outcome {
    let session = Session::open(ctx).await?;
    let result = match command {
        ReviewCommand::List(args) => list(ctx, &session, *args).await,
        ReviewCommand::Show { claim, at, purpose } => {
            let asked = api::GetClaimRequest {
                claim_id: claim,
                at: self::at(&at),
                purpose: purpose.unwrap_or_default(),
            };
            show(ctx, &session, asked).await
        }
        ReviewCommand::Evidence { claim, to, purpose } => {
            let purpose = purpose.unwrap_or_default();
            evidence::save(ctx, &session, (claim, &to), purpose).await
        }
        ReviewCommand::Submit { file, attach } => submit(ctx, &session, &file, &attach).await,
        ReviewCommand::Check { claims } => step(ctx, &session, claims, None).await,
        ReviewCommand::Return { claims } => step(ctx, &session, claims, Some(Step::Return)).await,
        ReviewCommand::Reject { claims } => step(ctx, &session, claims, Some(Step::Reject)).await,
        ReviewCommand::Credit { claims } => step(ctx, &session, claims, Some(Step::Credit)).await,
        ReviewCommand::Publish(args) => publish(ctx, &session, args).await,
        ReviewCommand::End { batch, by } => {
            let request = api::EndPublicityRequest {
                batch_id: batch.clone(),
                by: by.unwrap_or_default(),
                ..api::EndPublicityRequest::default()
            };
            let answer = session.reviews().end_publicity(session.call(request)).await;
            told(ctx, &session, answer, &[batch])
        }
        ReviewCommand::Object {
            claim,
            reason,
            batch,
            from_outside,
            by,
        } => {
            let request = api::RaiseObjectionRequest {
                batch_id: batch,
                claim_id: claim.clone(),
                reason,
                from_outside,
                by: by.unwrap_or_default(),
                ..api::RaiseObjectionRequest::default()
            };
            let answer = session.reviews().raise_objection(session.call(request)).await;
            told(ctx, &session, answer, &[claim])
        }
        ReviewCommand::Decide(args) => decide(ctx, &session, args).await,
    };
    result.and(session.close().await)
}

async fn list(ctx: &mut Ctx<'_>, session: &Session, args: ReviewListArgs) -> Outcome {
    let request = api::ListClaimsRequest {
        at: at(&args.at),
        stages: args.stage.iter().map(|stage| stage.0.code()).collect(),
        school_id: args.school.unwrap_or_default(),
        teacher_id: args.teacher.unwrap_or_default(),
        kind: args.kind.unwrap_or_default(),
        waiting_days: args.waiting.unwrap_or(0),
        page_size: PAGE,
        purpose: args.purpose.unwrap_or_default(),
        ..api::ListClaimsRequest::default()
    };
    let mut all = api::ListClaimsResponse::default();
    let ask = |page_token| async {
        let request = api::ListClaimsRequest {
            page_token,
            ..request.clone()
        };
        session.claims().list_claims(session.call(request)).await
    };
    let listed = each_page(ask, |page: api::ListClaimsResponse| {
        all.claims.extend(page.claims);
        (all.size, all.total, all.counts) = (page.size, page.total, page.counts);
        page.next_page_token
    });
    listed.await.map_err(|status| session.failed(&status))?;
    if ctx.globals.json {
        return json::print(&all, &mut ctx.io.stdout);
    }
    if all.claims.is_empty() {
        ctx.note(&say("没有这样的申报", "there is no such claim"));
        return Ok(());
    }
    let mut table = Table::new(HEADINGS.map(|(zh, en)| {
        let align = if en == "asked" { Align::Right } else { Align::Left };
        (ctx.lang.pick(zh, en), align)
    }));
    for claim in &all.claims {
        table.row(cells(claim, ctx.lang));
    }
    ctx.print_text(&table.render(ctx.width()))
}

async fn show(ctx: &mut Ctx<'_>, session: &Session, asked: api::GetClaimRequest) -> Outcome {
    let claim = claim(session, asked).await?;
    if ctx.globals.json {
        return json::print(&claim, &mut ctx.io.stdout);
    }
    let lang = ctx.lang;
    let mut text = format!(
        "{}  {} {}  {}\n",
        claim.claim_id,
        claim.name,
        claim.teacher_id,
        stage(claim.stage, lang)
    );
    if claim.asked_centihours > 0 {
        let asked = amount(claim.asked_centihours);
        text += &lang.pick(format!("申报 {asked} 课时\n"), format!("asks for {asked} hours\n"));
    }
    if !claim.statement.is_empty() {
        text.push_str(&claim.statement);
        text.push('\n');
    }
    for event in &claim.events {
        let _ = writeln!(text, "  {}", one(event, lang));
        for file in &event.files {
            let (name, sha256) = (&file.name, &file.sha256);
            let state = match file.state() {
                api::EvidenceState::Kept => "",
                api::EvidenceState::Erased => lang.pick("（已随身份信息删除）", "(erased with her identity)"),
                api::EvidenceState::Damaged => lang.pick("（已损坏）", "(damaged)"),
                api::EvidenceState::Missing | api::EvidenceState::Unspecified => {
                    lang.pick("（不在本机）", "(not here)")
                }
            };
            text += &lang.pick(
                format!("    佐证材料 {name}{state} {sha256}\n"),
                format!("    evidence {name}{state} {sha256}\n"),
            );
        }
    }
    text.push('\n');
    let mut table = Table::new(HISTORY.map(|(zh, en)| (lang.pick(zh, en), Align::Left)));
    for one in &claim.history {
        table.row(act(one, lang));
    }
    text += &table.render(ctx.width());
    for objection in &claim.objections {
        let _ = write!(text, "\n{}", objected(objection, lang));
    }
    let may: Vec<&str> = claim
        .may
        .iter()
        .filter_map(|step| Step::from_code(*step))
        .map(|step| lang.pick(step.zh(), step.en()))
        .collect();
    if !may.is_empty() {
        let may = may.join(lang.pick("、", ", "));
        text += &lang.pick(format!("\n您可以办理：{may}\n"), format!("\nyou may: {may}\n"));
    }
    ctx.print_text(&text)
}

fn objected(objection: &api::Objection, lang: Lang) -> String {
    let fate = match (objection.decided, objection.upheld) {
        (false, _) => lang.pick("待处理", "to be decided"),
        (true, true) => lang.pick("成立", "upheld"),
        (true, false) => lang.pick("不成立", "dismissed"),
    };
    let (id, reason, why) = (&objection.event_id, &objection.reason, &objection.decision_reason);
    lang.pick(
        format!("异议 {id}：{reason}（{fate}{why}）\n"),
        format!("objection {id}: {reason} ({fate} {why})\n"),
    )
}

pub(super) async fn claim(session: &Session, asked: api::GetClaimRequest) -> Outcome<api::Claim> {
    let answer = session.claims().get_claim(session.call(asked)).await;
    Ok(answer.map_err(|status| session.failed(&status))?.into_inner())
}

async fn submit(ctx: &mut Ctx<'_>, session: &Session, file: &Path, attach: &[PathBuf]) -> Outcome {
    let text = read_text(file)?;
    let mut request = json::parse::<api::SubmitClaimsRequest>(&text)?.map_err(|why| {
        Failure::failed(say(
            format!("{} 不是 SubmitClaimsRequest：{why}", file.display()),
            format!("{} is no SubmitClaimsRequest: {why}", file.display()),
        ))
    })?;
    if !attach.is_empty() {
        evidence::attach(session, &mut request, attach).await?;
    }
    let answer = session.reviews().submit_claims(session.call(request)).await;
    told(ctx, session, answer, &[])
}

/// Takes one step of each claim; without one, the check that comes next.
async fn step(ctx: &mut Ctx<'_>, session: &Session, args: ClaimsArgs, step: Option<Step>) -> Outcome {
    let ClaimsArgs { claims, reason, by } = args;
    let reason = reason.unwrap_or_default();
    if reason.is_empty() && matches!(step, Some(Step::Return | Step::Reject)) {
        return Err(Failure::usage(say(
            "退回或不通过须写明原因：--reason",
            "say why: --reason",
        )));
    }
    let mut items = Vec::with_capacity(claims.len());
    for id in &claims {
        let asked = api::GetClaimRequest {
            claim_id: id.clone(),
            ..api::GetClaimRequest::default()
        };
        let claim = claim(session, asked).await?;
        let next = match Stage::from_code(claim.stage) {
            Some(Stage::Submitted) => Step::SchoolCheck,
            _ => Step::CountyCheck,
        };
        items.push(api::review_claims_request::Item {
            claim_id: claim.claim_id,
            teacher_id: claim.teacher_id,
            submitted_event: claim.submitted_event,
            step: step.unwrap_or(next).code(),
            reason: reason.clone(),
        });
    }
    let request = api::ReviewClaimsRequest {
        items,
        by: by.unwrap_or_default(),
        ..api::ReviewClaimsRequest::default()
    };
    let answer = session.reviews().review_claims(session.call(request)).await;
    told(ctx, session, answer, &claims)
}

async fn publish(ctx: &mut Ctx<'_>, session: &Session, args: ReviewPublishArgs) -> Outcome {
    let ReviewPublishArgs {
        batch,
        claims,
        from,
        to,
        by,
    } = args;
    let request = api::OpenPublicityRequest {
        batch_id: batch.clone(),
        claim_ids: claims,
        first_day: from.map(date_to_wire),
        last_day: to.map(date_to_wire),
        by: by.unwrap_or_default(),
        ..api::OpenPublicityRequest::default()
    };
    let answer = session.reviews().open_publicity(session.call(request)).await;
    told(ctx, session, answer, std::slice::from_ref(&batch))?;
    if ctx.globals.json {
        return Ok(());
    }
    let asked = api::ListPublicityRequest { batch_id: batch };
    let answer = session.claims().list_publicity(session.call(asked)).await;
    let answer = answer.map_err(|status| session.failed(&status))?.into_inner();
    for batch in answer.batches {
        let (first, last) = (date(batch.first_day.as_ref()), date(batch.last_day.as_ref()));
        ctx.print_text(&ctx.lang.pick(
            format!("公示 {first} 至 {last}，共 {} 项", batch.lines.len()),
            format!("published from {first} to {last}, {} lines", batch.lines.len()),
        ))?;
    }
    Ok(())
}

/// The one objection of a claim that is to be decided.
async fn the_open_one(session: &Session, id: &str) -> Outcome<String> {
    let asked = api::GetClaimRequest {
        claim_id: id.to_owned(),
        ..api::GetClaimRequest::default()
    };
    let objections = claim(session, asked).await?.objections;
    let mut open = objections.into_iter().filter(|one| !one.decided);
    match (open.next(), open.next()) {
        (Some(only), None) => Ok(only.event_id),
        (None, _) => Err(Failure::failed(say(
            format!("申报 {id} 没有待处理的异议"),
            format!("claim {id} has no objection to be decided"),
        ))),
        (Some(_), Some(_)) => Err(Failure::usage(say(
            format!("申报 {id} 有几项异议：用 --objection 写明哪一项（keshi review show {id}）"),
            format!("claim {id} has several objections: name one with --objection (keshi review show {id})"),
        ))),
    }
}

async fn decide(ctx: &mut Ctx<'_>, session: &Session, args: ReviewDecideArgs) -> Outcome {
    let ReviewDecideArgs {
        claim: id,
        objection,
        upheld,
        dismissed: _,
        reason,
        by,
    } = args;
    let objection = match objection {
        Some(objection) => objection,
        None => the_open_one(session, &id).await?,
    };
    let request = api::DecideObjectionRequest {
        objection_event: objection,
        claim_id: id.clone(),
        upheld,
        reason,
        by: by.unwrap_or_default(),
        ..api::DecideObjectionRequest::default()
    };
    let answer = session.reviews().decide_objection(session.call(request)).await;
    told(ctx, session, answer, &[id])
}

/// Says what became of each; what was not taken is on stderr, with what to do.
pub(super) fn told(
    ctx: &mut Ctx<'_>,
    session: &Session,
    answer: Result<Response<api::SubmitResponse>, Status>,
    named: &[String],
) -> Outcome {
    let response = answer.map_err(|status| session.failed(&status))?.into_inner();
    let receipt = taken(ctx, &response)?;
    let mut refused = false;
    for (place, one) in receipt.verdicts.iter().enumerate() {
        let name = named.get(place).map_or("", String::as_str);
        if let (Some(zh), Some(en)) = (why_not(one, Lang::Zh), why_not(one, Lang::En)) {
            refused = true;
            ctx.note(&say(format!("{name} {zh}"), format!("{name} {en}")));
        } else if !ctx.globals.json {
            let index = one.index.map_or_else(String::new, |index| index.to_string());
            let said = verdict(one.verdict(), ctx.lang);
            ctx.print_text(&ctx.lang.pick(
                format!("{name} {said}（第 {index} 条）").trim_start().to_owned(),
                format!("{name} {said} (entry {index})").trim_start().to_owned(),
            ))?;
        }
    }
    if refused {
        return Err(Failure::silent(Exit::Failed));
    }
    Ok(())
}
