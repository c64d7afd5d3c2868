//! `keshi calendar`: check a calendar (校历) here, tell what it would change, adopt it, list what is adopted.

mod changes;
mod list;

use keshi_core::calendar::Calendar;
use keshi_core::document::Problem;
use keshi_proto::api;

use super::policy::{Document, adopt_and_print, check, parse_as};
use super::shared::{at, read_text};
use crate::Ctx;
use crate::cli::CalendarCommand;
use crate::exit::{Outcome, say};
use crate::remote::Session;
use crate::show::json;

pub(super) async fn run(ctx: &mut Ctx<'_>, command: CalendarCommand) -> Outcome {
    match command {
        CalendarCommand::Check { file } => check(ctx, &file, read),
        CalendarCommand::Adopt { file } => {
            let text = read_text(&file)?;
            parse_as(&file, &text, read)?;
            let session = Session::open(ctx).await?;
            let result = adopt_and_print(ctx, &session, &file, (text, read)).await;
            result.and(session.close().await)
        }
        CalendarCommand::Diff { file, at: place } => {
            let text = read_text(&file)?;
            // All mistakes at once, without a server.
            parse_as(&file, &text, read)?;
            let session = Session::open(ctx).await?;
            let result = diff(ctx, &session, text, at(&place)).await;
            result.and(session.close().await)
        }
        CalendarCommand::List { at } => {
            let session = Session::open(ctx).await?;
            let result = list::run(ctx, &session, &at).await;
            result.and(session.close().await)
        }
    }
}

/// Reads a calendar, whatever it looks like.
fn read(text: &str) -> Result<Document, Vec<Problem>> {
    Calendar::parse(text).map(Document::Calendar)
}

async fn diff(ctx: &mut Ctx<'_>, session: &Session, document: String, at: Option<api::At>) -> Outcome {
    let request = session.call(api::CompareCalendarRequest { document, at });
    let answer = session.ledger().compare_calendar(request).await;
    let compared = answer.map_err(|status| session.failed(&status))?.into_inner();
    if ctx.globals.json {
        return json::print(&compared, &mut ctx.io.stdout);
    }
    if compared.changes.is_empty() {
        let id = &compared.calendar_id;
        ctx.note(&say(
            format!("校历 {id} 的学期与台账一致，发布它不改变什么"),
            format!("the semesters of calendar {id} are as the ledger has them; adopting it changes nothing"),
        ));
        return Ok(());
    }
    ctx.print_text(&changes::table(&compared.changes, ctx.lang).render(ctx.width()))?;
    warn(ctx, &compared.changes);
    Ok(())
}

/// Warns of semesters that a calendar about to be adopted moves. Whoever may not ask that, or whose server cannot tell it,
/// adopts without the warning.
pub(super) async fn warn_before(ctx: &mut Ctx<'_>, session: &Session, document: &str) {
    let request = session.call(api::CompareCalendarRequest {
        document: document.to_owned(),
        at: None,
    });
    if let Ok(answer) = session.ledger().compare_calendar(request).await {
        warn(ctx, &answer.into_inner().changes);
    }
}

fn warn(ctx: &mut Ctx<'_>, changes: &[api::SemesterChange]) {
    for warning in changes.iter().flat_map(changes::warnings) {
        ctx.note(&warning);
    }
}
