//! `keshi cert`: certificates issued, issued again, voided, listed and checked.

pub(super) mod print;

use keshi_core::lang::Lang;
use keshi_import::amend::Unamended;
use keshi_import::certificates::{self, Wanted, all, numbered};
use keshi_proto::api;
use keshi_words::certificate::{HEADINGS, advice, cells, state};

use super::shared::{at, date, taken, teacher, why_not};
use crate::Ctx;
use crate::cli::{CertCommand, CertFilter, CertIssueArgs, CertListArgs};
use crate::exit::{Exit, Failure, Outcome, Say, say};
use crate::remote::Session;
use crate::show::json;
use crate::show::table::{Align, Table};

pub(super) async fn run(ctx: &mut Ctx<'_>, command: CertCommand) -> Outcome {
    let session = Session::open(ctx).await?;
    let result = match command {
        CertCommand::Issue(args) => issue(ctx, &session, &args).await,
        CertCommand::Reissue { number, reason } => reissue(ctx, &session, &number, &reason).await,
        CertCommand::Void {
            number,
            reason,
            authorised_by,
        } => {
            let why = (reason.as_str(), authorised_by.as_deref().unwrap_or_default());
            void(ctx, &session, &number, why).await
        }
        CertCommand::List(args) => list(ctx, &session, &args).await,
        CertCommand::Pdf(args) => print::certificates(ctx, &session, &args).await,
        CertCommand::Transcript(args) => print::transcript(ctx, &session, &args).await,
        CertCommand::Check { number } => check(ctx, &session, &number).await,
    };
    result.and(session.close().await)
}

async fn issue(ctx: &mut Ctx<'_>, session: &Session, args: &CertIssueArgs) -> Outcome {
    let mut items = Vec::new();
    let whose = match &args.teacher {
        Some(text) => Some(teacher(session, (ctx.lang, ctx.width()), text, "").await?),
        None => None,
    };
    for &entry in &args.entries {
        let wanted = Wanted {
            entry,
            teacher_id: whose.clone(),
            on: args.on,
            attests: args.text.clone().unwrap_or_default(),
            old_number: args.old_number.clone().unwrap_or_default(),
        };
        let found = certificates::items(session, &wanted).await;
        items.extend(found.map_err(|unamended| failure(session, &unamended))?);
    }
    let response = certificates::issue(session, items).await;
    let response = response.map_err(|status| session.failed(&status))?;
    let receipt = taken(ctx, &response)?;
    // What was told is read again: the number as it stands on paper, of a duplicate too.
    let mut told = Vec::new();
    let mut refused = Vec::new();
    for verdict in &receipt.verdicts {
        match (why_not(verdict, Lang::Zh), why_not(verdict, Lang::En)) {
            (Some(zh), Some(en)) => refused.push(say(zh, en)),
            _ => told.push(by_event(session, &verdict.event_id, receipt.size).await?),
        }
    }
    if !ctx.globals.json {
        if !told.is_empty() {
            ctx.print_text(&table(&told, ctx.lang).render(ctx.width()))?;
        }
        for why in &refused {
            ctx.note(why);
        }
    }
    if refused.is_empty() {
        Ok(())
    } else {
        Err(Failure::silent(Exit::Failed))
    }
}

async fn by_event(session: &Session, event_id: &str, min_size: u64) -> Outcome<api::Certificate> {
    let asked = api::ListCertificatesRequest {
        event_id: event_id.to_owned(),
        at: Some(api::At { at: None, min_size }),
        ..api::ListCertificatesRequest::default()
    };
    let found = all(session, &asked).await.map_err(|status| session.failed(&status))?;
    Ok(found.certificates.into_iter().next().unwrap_or_default())
}

async fn reissue(ctx: &mut Ctx<'_>, session: &Session, number: &str, reason: &str) -> Outcome {
    let certificate = found(session, number).await?;
    let response = certificates::reissue(session, &certificate, reason).await;
    let response = response.map_err(|status| session.failed(&status))?;
    let size = done(ctx, &response)?;
    let now = numbered(session, &certificate.code, size).await;
    let now = now.map_err(|status| session.failed(&status))?.number;
    say_done(ctx, &say(format!("已补发：{now}"), format!("issued again: {now}")))
}

async fn void(ctx: &mut Ctx<'_>, session: &Session, number: &str, why: (&str, &str)) -> Outcome {
    let certificate = found(session, number).await?;
    let response = certificates::void(session, &certificate, why).await;
    let response = response.map_err(|status| session.failed(&status))?;
    done(ctx, &response)?;
    let number = certificate.number;
    say_done(
        ctx,
        &say(
            format!("{number} 已作废；请收回纸质证书"),
            format!("{number} is void; take the paper back"),
        ),
    )
}

async fn list(ctx: &mut Ctx<'_>, session: &Session, args: &CertListArgs) -> Outcome {
    let mut request = asked(&args.filter, &args.at, args.purpose.as_deref());
    if let Some(text) = &args.filter.teacher {
        request.teacher_id = teacher(session, (ctx.lang, ctx.width()), text, &request.purpose).await?;
    }
    let all = all(session, &request).await.map_err(|status| session.failed(&status))?;
    if ctx.globals.json {
        return json::print(&all, &mut ctx.io.stdout);
    }
    if all.certificates.is_empty() {
        ctx.note(&say(
            "没有这样的证书：用 keshi cert issue 台账序号 发证",
            "there is no such certificate: keshi cert issue ENTRY issues one",
        ));
        return Ok(());
    }
    ctx.print_text(&table(&all.certificates, ctx.lang).render(ctx.width()))
}

async fn check(ctx: &mut Ctx<'_>, session: &Session, number: &str) -> Outcome {
    let request = api::GetCertificateCheckRequest {
        number: number.to_owned(),
    };
    let mut register = session.certificate_register();
    let answer = register.get_certificate_check(session.call(request)).await;
    let answer = answer.map_err(|status| session.failed(&status))?.into_inner();
    if ctx.globals.json {
        return json::print(&answer, &mut ctx.io.stdout);
    }
    let lang = ctx.lang;
    let mut lines = vec![state(answer.state(), lang).to_owned()];
    if !answer.number.is_empty() {
        let kind = lang.pick(&answer.kind_zh, &answer.kind_en).clone();
        let on = date(answer.issued_on.as_ref());
        lines.push(format!("{}  {kind}", answer.number));
        lines.push(format!("{}  {on}  {}", answer.masked_name, answer.issuer));
    }
    lines.push(advice(&answer, lang));
    ctx.print_text(&format!("{}\n", lines.join("\n")))
}

/// The question of a list.
fn asked(filter: &CertFilter, place: &crate::cli::AtArgs, purpose: Option<&str>) -> api::ListCertificatesRequest {
    api::ListCertificatesRequest {
        school_id: filter.school.clone().unwrap_or_default(),
        year: filter.year.map_or(0, i32::from),
        state: filter.state.map_or(0, |state| state.0.into()),
        at: at(place),
        page_size: 500,
        purpose: purpose.unwrap_or_default().to_owned(),
        ..api::ListCertificatesRequest::default()
    }
}

async fn found(session: &Session, number: &str) -> Outcome<api::Certificate> {
    let found = numbered(session, number, 0).await;
    found.map_err(|status| session.failed(&status))
}

/// The ledger's size, if the one event was recorded.
fn done(ctx: &mut Ctx<'_>, response: &api::SubmitResponse) -> Outcome<u64> {
    let receipt = taken(ctx, response)?;
    let refused = receipt.verdicts.iter().find_map(|verdict| {
        let (zh, en) = (why_not(verdict, Lang::Zh)?, why_not(verdict, Lang::En)?);
        Some(say(zh, en))
    });
    match refused {
        Some(why) => Err(Failure::failed(why)),
        None => Ok(receipt.size),
    }
}

fn say_done(ctx: &mut Ctx<'_>, said: &Say) -> Outcome {
    if ctx.globals.json {
        return Ok(());
    }
    ctx.print_text(said.pick(ctx.lang))
}

/// Why no certificate can rest on an entry.
pub(crate) fn failure(session: &Session, unamended: &Unamended) -> Failure {
    match unamended {
        Unamended::Services(status) => session.failed(status),
        other => Failure::failed(other.say()),
    }
}

fn table(certificates: &[api::Certificate], lang: Lang) -> Table {
    let mut table = Table::new(HEADINGS.map(|(zh, en)| (lang.pick(zh, en), Align::Left)));
    for certificate in certificates {
        table.row(cells(certificate, lang));
    }
    table
}
