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

mod changes;
mod files;
mod people;
mod roster;
mod send;
mod show;

use std::collections::HashSet;
use std::path::PathBuf;

use jiff::Timestamp;
use jiff::civil::Date;
use keshi_core::ids::{LoadId, OfficeCode, SchoolId};
use keshi_core::text::Text;
use keshi_core::time::Millis;
use keshi_proto::api;
use keshi_sheets::plan::{Options, Plan, Rows, Schools};
use keshi_sheets::report::{Answers, Outcome as RowOutcome, RowVerdict, Told, verdicts};
use tonic::Code;

use self::changes::Reasons;
use self::files::{Sources, gather};
pub(crate) use self::show::Tally;
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
    /// The historical load that the rows belong to.
    pub(crate) load: Option<LoadId>,
    /// The posting school.
    pub(crate) org: Option<SchoolId>,
    /// Why rows that were changed since they were imported are to correct the ledger; if they are.
    pub(crate) correct: Option<Text>,
    /// The first day of what a roster of teachers changes.
    pub(crate) from: Option<Date>,
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
        load: load.transpose()?,
        org: org.transpose()?,
        correct: reason(args)?,
        from: args.from,
    };
    // The files first: most mistakes are found without any server.
    let sources = gather(ctx, &job)?;
    let session = Session::open(ctx).await?;
    let result = import(ctx, &session, &job, sources).await;
    let imported = result.and_then(|imported| {
        imported.tally.print(ctx, imported.is_sent)?;
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
    let rows = Rows::new(books);
    let (plan, answers) = plan_and_check(ctx, session, job, &rows).await?;
    let checked = verdicts(&rows, &plan, &answers.answers);
    let has_bad = checked.iter().any(|verdict| is_bad(verdict.outcome));
    if job.dry_run || (has_bad && !job.partial) {
        let tally = show::report(ctx, &rows, &paths, &plan, &checked, false)?;
        return Ok(Imported { tally, is_sent: false });
    }
    for (path, text) in documents {
        let (what, response) = adopt(session, &path, text).await?;
        ctx.note(&adopted(&what, &response)?);
    }
    put_identities(session, &identities(&plan, &checked)).await?;
    // Nothing new: what stands in the ledger need not be sent to hear so again. A session may be new though all who were
    // there stand in the ledger already, posted by their schools and waiting for it.
    let is_known =
        checked.iter().all(|verdict| verdict.outcome == RowOutcome::Duplicate) && !answers.answers.has_news();
    let done = if is_known {
        checked
    } else {
        verdicts(&rows, &plan, &send::send(ctx, session, answers).await?)
    };
    let tally = show::report(ctx, &rows, &paths, &plan, &done, true)?;
    Ok(Imported { tally, is_sent: true })
}

/// The people to put into the register: not those of rows that were corrected since, whose names are of before, nor those
/// of rows that are asked about.
fn identities(plan: &Plan, checked: &[RowVerdict]) -> Vec<api::Identity> {
    let since = plan
        .rows
        .iter()
        .zip(checked)
        .filter(|(_, verdict)| verdict.is_since_changed || verdict.outcome == RowOutcome::Changed);
    let events = since.flat_map(|(row, _)| row.events.iter().filter_map(|at| plan.events.get(*at)));
    let past: HashSet<String> = events
        .filter_map(|event| event.fact.new_teacher())
        .map(ToString::to_string)
        .collect();
    let now = plan
        .identities
        .iter()
        .filter(|identity| !past.contains(&identity.teacher_id));
    now.cloned().collect()
}

/// Finds the people, plans the events, and asks the ledger what would become of them.
async fn plan_and_check(
    ctx: &mut Ctx<'_>,
    session: &Session,
    job: &Job,
    rows: &Rows,
) -> Outcome<(Plan, send::Checked)> {
    let office = office(ctx, session).await?;
    let found = people::resolve(session, rows).await?;
    let today = Millis(Timestamp::now().as_millisecond()).local_date();
    let mut options = Options::new(office, today);
    (options.org, options.load_id) = (job.org, job.load);
    options.schools = schools(session).await?;
    let mut plan = rows.plan(&found, &options);
    let is_right = job.correct.is_some();
    let unsettled = roster::settle(ctx, session, (rows, &mut plan), (job.from, today), is_right).await?;
    // Of whom another name is asked about the register keeps the one that it has, whatever else is wrong with her row.
    let asked: HashSet<String> = unsettled
        .iter()
        .filter(|(_, told)| matches!(told, Told::Renamed { .. }))
        .filter_map(|(at, _)| plan.events.get(*at)?.fact.subjects().first().map(ToString::to_string))
        .collect();
    plan.identities.retain(|identity| !asked.contains(&identity.teacher_id));
    let answers = Answers::new(&plan);
    let reasons = Reasons {
        correct: job.correct.clone(),
        roster: job.from.and_then(|from| Text::new(&format!("{from} 名册")).ok()),
        load: job.load,
    };
    let checked = send::check(ctx, session, (rows, &mut plan), answers, (&reasons, today), unsettled).await?;
    Ok((plan, checked))
}

/// The schools that the ledger knows, which rows may name; none where the server only takes postings.
async fn schools(session: &Session) -> Outcome<Schools> {
    let mut schools = Schools::default();
    let all = match super::schools::all(session, "", None).await {
        Err(status) if status.code() == Code::Unimplemented => return Ok(schools),
        all => all.map_err(|status| session.failed(&status))?,
    };
    for school in all.schools {
        if let Ok(id) = SchoolId::new(&school.school_id) {
            schools.add(id, &school.name);
        }
    }
    Ok(schools)
}

/// The office whose ledger it is: the server says so, or, where it only takes postings, the user.
async fn office(ctx: &Ctx<'_>, session: &Session) -> Outcome<OfficeCode> {
    let request = session.call(api::GetHeadRequest::default());
    let code = match session.ledger().get_head(request).await {
        Ok(head) => head.into_inner().office,
        Err(status) if status.code() == Code::Unimplemented => ctx.globals.office.clone().ok_or_else(|| {
            Failure::usage(say(
                "该服务只接收提交，不知道机构编号：请用 --office 写明，如 --office 610729",
                "this server only takes postings: name the office with --office, such as --office 610729",
            ))
        })?,
        Err(status) => return Err(session.failed(&status)),
    };
    OfficeCode::new(&code).map_err(|error| {
        let en = format!("{code:?} is no office code: {error}");
        Failure::usage(say(
            format!("“{code}”不是机构编号：应为六位行政区划代码，如 610729"),
            en,
        ))
    })
}

/// Puts the names into the people register, before the events that the ledger keeps without them.
async fn put_identities(session: &Session, identities: &[api::Identity]) -> Outcome {
    for part in identities.chunks(people::PEOPLE_AT_ONCE) {
        let request = session.call(api::PutIdentitiesRequest {
            identities: part.to_vec(),
        });
        let put = session.registry().put_identities(request).await;
        put.map_err(|status| session.failed(&status))?;
    }
    Ok(())
}

/// Whether somebody must do something about the row.
fn is_bad(outcome: RowOutcome) -> bool {
    matches!(
        outcome,
        RowOutcome::Mistaken | RowOutcome::Refused | RowOutcome::Conflict | RowOutcome::Changed
    )
}

/// Whether the row needs work, or is not where it was to go.
fn needs_work(verdict: &RowVerdict, is_sent: bool) -> bool {
    is_bad(verdict.outcome) || (is_sent && verdict.outcome == RowOutcome::NotSent)
}
