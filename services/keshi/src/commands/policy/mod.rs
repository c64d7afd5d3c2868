//! `keshi policy`: check a document here, adopt it, show what is adopted, try what another would change.

mod check;
mod diff;
mod show;
mod source;

use std::path::Path;

use keshi_import::document;
pub(super) use keshi_import::document::Document;
use keshi_proto::api;

pub(super) use self::check::run as check;
use self::source::Read;
pub(super) use self::source::{parse, parse_as};
use super::calendar;
use super::shared::read_text;
use crate::Ctx;
use crate::cli::PolicyCommand;
use crate::exit::{Failure, Outcome, Say};
use crate::remote::Session;
use crate::show::json;

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
    let sent = document::send(session, &document, text).await;
    sent.map_err(|status| session.failed(&status))
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
    let sent = document::send(session, &document, text).await;
    let (what, response) = sent.map_err(|status| session.failed(&status))?;
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
    document::adopted(what, response).map_err(Failure::failed)
}
