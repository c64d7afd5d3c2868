//! `keshi import`: spreadsheets, policies and calendars into the ledger, with a verdict for each row.
//!
//! ```text
//! files ─▶ rows ─▶ who are they? (ResolvePeople) ─▶ events ─▶ check all (CheckSubmissions)
//!                                                               │ a bad row: stop, unless --partial
//!                                     identities, documents ◀───┤
//!                                            verdict per row ◀──┴── send (StreamSubmissions)
//! ```
//!
//! Nothing is sent before everything was read and checked. Event ids come from what the rows say, so importing the same
//! file again, or a mended copy of it, never counts anything twice.

mod files;
mod show;
mod watch;

use std::path::PathBuf;
use std::sync::Arc;

use keshi_core::ids::{LoadId, SchoolId};
use keshi_core::text::Text;
pub(crate) use keshi_import::Tally;
use keshi_import::check;
use keshi_sheets::plan::Rows;

use self::files::{Sources, gather};
use self::watch::Screen;
use crate::Ctx;
use crate::cli::ImportArgs;
use crate::commands::policy::{adopt, adopted, parse};
use crate::exit::{Exit, Failure, Outcome, say};
use crate::remote::Session;

/// What is imported, and how.
#[derive(Debug, Default)]
pub(crate) struct Job {
    /// Files and directories, in order.
    pub(crate) paths: Vec<PathBuf>,
    /// Only check.
    pub(crate) dry_run: bool,
    /// Leave bad rows and record the others.
    pub(crate) partial: bool,
    /// How its rows are read.
    pub(crate) rows: keshi_import::Job,
}

/// What an import came to.
#[derive(Debug, Default)]
pub(crate) struct Imported {
    /// Rows by verdict.
    pub(crate) tally: Tally,
    /// Whether the rows were sent, and not only checked.
    pub(crate) is_sent: bool,
}

pub(super) async fn run(ctx: &mut Ctx<'_>, args: &ImportArgs) -> Outcome {
    let id = |flag: &str, text: &str, why: &dyn std::fmt::Display| {
        Failure::usage(say(
            format!("{flag} “{text}”不是编号：用 1 至 32 个字母、数字或 . _ -"),
            format!("{flag} {text:?}: {why}"),
        ))
    };
    let load = args
        .load
        .as_deref()
        .map(|text| LoadId::new(text).map_err(|why| id("--load", text, &why)));
    let org = args
        .org
        .as_deref()
        .map(|text| SchoolId::new(text).map_err(|why| id("--org", text, &why)));
    let job = Job {
        paths: args.files.clone(),
        dry_run: args.dry_run,
        partial: args.partial,
        rows: keshi_import::Job {
            office: ctx.globals.office.clone(),
            load: load.transpose()?,
            org: org.transpose()?,
            correct: reason(args)?,
            brings_back: false,
            from: args.from,
        },
    };
    // The files first: most mistakes are found without any server.
    let sources = gather(ctx, &job)?;
    let session = Session::open(ctx).await?;
    let result = import(ctx, &session, &job, sources).await;
    let imported = result.and_then(|imported| {
        show::totals(ctx, &imported.tally, imported.is_sent)?;
        Ok(imported)
    });
    let closed = session.close().await;
    if !imported?.tally.is_good() {
        return Err(Failure::silent(Exit::Failed));
    }
    closed
}

fn reason(args: &ImportArgs) -> Outcome<Option<Text>> {
    let reason = args.correct.as_deref().map(Text::new).transpose();
    reason.map_err(|why| {
        Failure::usage(say(
            "--correct 后请写明更正的理由".to_owned(),
            format!("--correct needs the reason: {why}"),
        ))
    })
}

/// Reads and imports what `job` names. Rows that are bad are printed; the tally is left to the caller.
pub(crate) async fn load_files(ctx: &mut Ctx<'_>, session: &Session, job: &Job) -> Outcome<Imported> {
    let sources = gather(ctx, job)?;
    import(ctx, session, job, sources).await
}

async fn import(ctx: &mut Ctx<'_>, session: &Session, job: &Job, sources: Sources) -> Outcome<Imported> {
    let Sources {
        documents,
        books,
        paths,
    } = sources;
    for (path, text) in &documents {
        // All documents are sound before the first is adopted.
        parse(path, text)?;
        if job.dry_run {
            let path = path.display();
            ctx.note(&say(format!("{path} 没有错误"), format!("{path} has no mistakes")));
        }
    }
    let screen = Screen::new(ctx);
    let checked = check(session, &screen, &job.rows, Arc::new(Rows::new(books))).await;
    screen.tell(ctx);
    let mut import = checked.map_err(|stopped| session.stopped(stopped))?;
    if job.dry_run || (import.has_bad() && !job.partial) {
        let tally = show::report(ctx, &import, &paths)?;
        return Ok(Imported { tally, is_sent: false });
    }
    for (path, text) in documents {
        let (what, response) = adopt(session, &path, text).await?;
        ctx.note(&adopted(&what, &response)?);
    }
    let sent = import.send(session, &screen).await;
    sent.map_err(|stopped| session.stopped(stopped))?;
    let tally = show::report(ctx, &import, &paths)?;
    Ok(Imported { tally, is_sent: true })
}
