//! Spreadsheets into the ledger, for the command line and the pages alike.
//!
//! ```text
//! rows ─▶ who are they? (ResolvePeople) ─▶ events ─▶ check all (CheckSubmissions) ─▶ verdict per row
//!                                                              │
//!                          identities (PutIdentities) ─▶ send (StreamSubmissions) ─▶ verdict per row
//! ```
//!
//! Nothing is sent before everything was read and checked. Event ids come from what the rows say, so importing the same
//! file again, or a mended copy of it, never counts anything twice.
#![deny(missing_docs)]

pub mod accounts;
pub mod amend;
pub mod certificates;
mod changes;
mod check;
pub mod document;
pub mod national;
mod people;
pub mod report;
mod roster;
mod send;
mod stop;
mod tally;
mod words;

use std::collections::HashSet;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use keshi_client::Client;
use keshi_core::ids::{LoadId, OfficeCode, SchoolId};
use keshi_core::lang::{Say, say};
use keshi_core::text::Text;
use keshi_core::time::Millis;
use keshi_proto::api;
use keshi_sheets::plan::{Options, Plan, Rows, Schools};
use keshi_sheets::report::{Answers, Outcome as RowOutcome, RowVerdict, Told, verdicts};
use tonic::{Code, Status};

use self::changes::Reasons;
pub use self::tally::{Tally, is_bad, needs_work};
pub use self::words::{lacks_person, passed_over, sheet_of, who};

/// How rows are imported.
#[derive(Clone, Debug, Default)]
pub struct Job {
    /// The office, for a server that only takes postings and does not know it.
    pub office: Option<String>,
    /// The historical load that the rows belong to.
    pub load: Option<LoadId>,
    /// The posting school.
    pub org: Option<SchoolId>,
    /// Why rows that were changed since they were imported are to correct the ledger; if they are.
    pub correct: Option<Text>,
    /// Whether that reason also brings back what the rows say and is void since.
    pub brings_back: bool,
    /// The first day of what a roster of teachers changes.
    pub from: Option<Date>,
}

/// Who is told how far an import is.
pub trait Watch: Send + Sync {
    /// Something to be known that is no row's verdict.
    fn note(&self, what: Say);

    /// Work of so many steps begins.
    fn begins(&self, what: Say, steps: u64);

    /// So many of its steps are done.
    fn reached(&self, steps: u64);

    /// It is done.
    fn ended(&self);

    /// Whether it is to stop at the next part.
    fn is_stopped(&self) -> bool {
        false
    }
}

/// An import that stopped: what the services answered, and what else there is to say.
#[derive(Debug)]
pub struct Stopped {
    /// The services' answer, if that is why.
    pub status: Option<Status>,
    /// What there is to say besides.
    pub says: Vec<Say>,
    /// Whether the caller has to ask otherwise, rather than again.
    pub is_usage: bool,
}

impl Stopped {
    fn usage(what: Say) -> Self {
        Self {
            status: None,
            says: vec![what],
            is_usage: true,
        }
    }
}

impl From<Status> for Stopped {
    fn from(status: Status) -> Self {
        Self {
            status: Some(status),
            says: Vec::new(),
            is_usage: false,
        }
    }
}

pub(crate) type Outcome<T = ()> = Result<T, Stopped>;

/// Rows that were checked, and what became of each, or would.
pub struct Import {
    /// The rows.
    pub rows: Arc<Rows>,
    /// What they mean.
    pub plan: Plan,
    /// The verdict on each row, in the files' order: what would become of it, and once sent, what did.
    pub verdicts: Vec<RowVerdict>,
    /// Whether it was sent.
    pub is_sent: bool,
    /// Whether somebody stopped it before all was sent.
    pub is_stopped: bool,
    checked: Option<check::Checked>,
}

/// Finds out who the people of `rows` are, and asks the ledger what would become of every row. Nothing is recorded.
///
/// # Errors
///
/// [`Stopped`] if the services answer with an error.
pub async fn check(client: &Client, watch: &dyn Watch, job: &Job, rows: Arc<Rows>) -> Result<Import, Stopped> {
    let (plan, checked) = plan_and_check(watch, client, job, &rows).await?;
    let verdicts = verdicts(&rows, &plan, &checked.answers);
    Ok(Import {
        rows,
        plan,
        verdicts,
        is_sent: false,
        is_stopped: false,
        checked: Some(checked),
    })
}

impl Import {
    /// Whether somebody must do something about a row.
    pub fn has_bad(&self) -> bool {
        self.verdicts.iter().any(|verdict| is_bad(verdict.outcome))
    }

    /// Rows by what became of them.
    pub fn tally(&self) -> Tally {
        Tally::of_rows(&self.verdicts, self.is_sent)
    }

    /// Puts the people into the register, and records what was found good. Once sent, it is not sent again. If somebody stops
    /// it, what was sent by then is recorded, and the verdicts say which rows that are.
    ///
    /// # Errors
    ///
    /// [`Stopped`] if the services answer with an error. What was answered before is recorded; checking and sending the
    /// same rows again counts nothing twice.
    pub async fn send(&mut self, client: &Client, watch: &dyn Watch) -> Result<(), Stopped> {
        let Some(checked) = self.checked.take() else {
            return Ok(());
        };
        stop::unless_stopped(watch)?;
        put_identities(client, &identities(&self.plan, &self.verdicts)).await?;
        // Nothing new: what stands in the ledger need not be sent to hear so again. A session may be new though all who were
        // there stand in the ledger already, posted by their schools and waiting for it.
        let is_duplicate = |verdict: &RowVerdict| verdict.outcome == RowOutcome::Duplicate;
        let is_known = self.verdicts.iter().all(is_duplicate) && !checked.answers.has_news();
        if !is_known {
            let (answers, is_stopped) = send::send(watch, client, checked).await?;
            self.is_stopped = is_stopped;
            self.verdicts = verdicts(&self.rows, &self.plan, &answers);
        }
        self.is_sent = true;
        Ok(())
    }
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
async fn plan_and_check(watch: &dyn Watch, client: &Client, job: &Job, rows: &Rows) -> Outcome<(Plan, check::Checked)> {
    let office = office(client, job.office.as_deref()).await?;
    let found = people::resolve(watch, client, rows).await?;
    let today = Millis(Timestamp::now().as_millisecond()).local_date();
    let mut options = Options::new(office, today);
    (options.org, options.load_id) = (job.org, job.load);
    options.schools = schools(client).await?;
    for (place, index) in rows.about() {
        stop::unless_stopped(watch)?;
        options.about.insert(place, amend::origin(client, index).await?);
    }
    let mut plan = rows.plan(&found, &options);
    let is_right = job.correct.is_some();
    let unsettled = roster::settle(watch, client, (rows, &mut plan), (job.from, today), is_right).await?;
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
        brings_back: job.brings_back,
        roster: job.from.and_then(|from| Text::new(&format!("{from} 名册")).ok()),
        load: job.load,
    };
    let checked = check::check(watch, client, (rows, &mut plan), answers, (&reasons, today), unsettled).await?;
    Ok((plan, checked))
}

/// The schools that the ledger knows, which rows may name; none where the server only takes postings.
async fn schools(client: &Client) -> Outcome<Schools> {
    let mut schools = Schools::default();
    let all = match keshi_client::schools(client, "", None).await {
        Err(status) if status.code() == Code::Unimplemented => return Ok(schools),
        all => all?,
    };
    for school in all.schools {
        if let Ok(id) = SchoolId::new(&school.school_id) {
            schools.add(id, &school.name);
        }
    }
    Ok(schools)
}

/// The office whose ledger it is: the server says so, or, where it only takes postings, the user.
async fn office(client: &Client, named: Option<&str>) -> Outcome<OfficeCode> {
    let code = match client
        .ledger()
        .get_head(client.call(api::GetHeadRequest::default()))
        .await
    {
        Ok(head) => head.into_inner().office,
        Err(status) if status.code() == Code::Unimplemented => named.map(ToOwned::to_owned).ok_or_else(|| {
            Stopped::usage(say(
                "该服务只接收提交，不知道机构编号：请用 --office 写明，如 --office 610729",
                "this server only takes postings: name the office with --office, such as --office 610729",
            ))
        })?,
        Err(status) => return Err(status.into()),
    };
    OfficeCode::new(&code).map_err(|error| {
        Stopped::usage(say(
            format!("“{code}”不是机构编号：应为六位行政区划代码，如 610729"),
            format!("{code:?} is no office code: {error}"),
        ))
    })
}

/// Puts the names into the people register, before the events that the ledger keeps without them.
async fn put_identities(client: &Client, identities: &[api::Identity]) -> Outcome {
    for part in identities.chunks(people::PEOPLE_AT_ONCE) {
        let request = client.call(api::PutIdentitiesRequest {
            identities: part.to_vec(),
        });
        client.registry().put_identities(request).await?;
    }
    Ok(())
}

/// An entry, and what stands in its place.
pub(crate) async fn entry(client: &Client, index: u64) -> Result<api::GetEntryResponse, Status> {
    let request = client.call(api::GetEntryRequest {
        index,
        in_words: true,
        ..api::GetEntryRequest::default()
    });
    Ok(client.ledger().get_entry(request).await?.into_inner())
}
