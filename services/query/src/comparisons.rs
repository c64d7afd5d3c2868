//! What if: who would stand otherwise under another policy or version, without adopting it.

mod choice;
mod steps;
mod turns;
mod work;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use futures::Stream;
use jiff::civil::Date;
use keshi_core::balance::{Assessor, Standing};
use keshi_core::ids::TeacherId;
use keshi_core::period::{Name, Period};
use keshi_door::Call;
use keshi_office::access::Need;
use keshi_proto::api;
use tokio::sync::watch;
use tonic::Status;

use self::choice::{Choice, choose, read};
use self::steps::Ladders;
use self::turns::{Pair, Row, What};
use crate::Context;
use crate::balances::standing_to_api;
use crate::bounds;
use crate::desk::{Seat, Turns};
use crate::error::Error;
use crate::page::fitting;
use crate::place::dates;
use crate::scope::{Read, is_herself};

/// How often progress is told.
const PROGRESS_EVERY: Duration = Duration::from_millis(200);

/// Changes in one message.
const CHANGES_AT_ONCE: usize = 500;

/// Most bytes of changes in one message, to one who may be slow to read and is not alone.
const CHANGES_BYTES_MAX: usize = 512 * 1024;

/// What is asked, read and found to be good.
pub(crate) struct Question {
    before: Choice,
    after: Choice,
    period: Period,
    size: u64,
    ladders: Option<Ladders>,
    purpose: String,
    seat: Seat,
}

/// What the work is about.
struct Compare {
    before: Choice,
    after: Choice,
    period: Period,
    size: u64,
    /// What is needed to compare steps; `None` if neither side has any.
    ladders: Option<Ladders>,
}

/// Teachers looked at, and all there are.
#[derive(Clone, Copy, Debug, Default)]
struct Progress {
    done: usize,
    total: usize,
}

impl Context {
    /// Reads the question. All mistakes of both documents are reported at once.
    pub(crate) async fn compare(&self, call: &Call, request: api::ComparePoliciesRequest) -> Result<Question, Error> {
        let api::ComparePoliciesRequest {
            before,
            after,
            period,
            at,
            purpose,
        } = request;
        let name = self.period_name(&period)?;
        let (before, after) = match (read("before", before), read("after", after)) {
            (Ok(before), Ok(after)) => (before, after),
            (before, after) => {
                let problems = [before.err(), after.err()].into_iter().flatten();
                return Err(Error::Fields(problems.flatten().collect()));
            }
        };
        let size = self.place(at.as_ref(), call.deadline).await?;
        let (before, after, period) = self.engine.query_at(size, |at| -> Result<_, Error> {
            let period = dates(name, at)?;
            let choose = |asked| choose(asked, at, period);
            let (before, after) = (choose(before)?, choose(after)?);
            for choice in [&before, &after] {
                bounds::extent(&Assessor::under(at, &choice.policies), &period)?;
            }
            Ok((before, after, period))
        })?;
        let seat = self.desk.seat(&call.caller, call.deadline).await?;
        let ladders = self.ladders([&before, &after], period, size).await?;
        Ok(Question {
            before,
            after,
            period,
            size,
            ladders,
            purpose,
            seat,
        })
    }
}

/// Progress, then the changes, then the counts.
pub(crate) fn answer(
    context: Arc<Context>,
    call: Call,
    question: Question,
) -> impl Stream<Item = Result<api::ComparePoliciesResponse, Status>> + Send {
    async_stream::try_stream! {
        let Question { before, after, period, size, ladders, purpose, seat } = question;
        // Until the answer is read, or its reader has gone.
        let _queued = seat.queued;
        let (told, mut progress) = watch::channel(Progress::default());
        let (engine, caller) = (context.engine.clone(), call.caller.clone());
        let room = context.desk.room(&call.caller).map_err(|error| call.status(error))?;
        let ends = call.has_own_deadline.then_some(call.deadline);
        let work = move |turns: &Turns| {
            work::compare(&engine, &caller, &Compare { before, after, period, size, ladders }, (turns, room), &told)
        };
        let mut working = Box::pin(context.desk.work(seat.working, ends, work));
        let mut tick = tokio::time::interval(PROGRESS_EVERY);
        let worked = loop {
            tokio::select! {
                worked = &mut working => break worked,
                _ = tick.tick() => {
                    let progress = *progress.borrow_and_update();
                    yield message(progress);
                }
            }
        };
        let compared = worked.map_err(|error| call.status(error))?;
        let end = *progress.borrow_and_update();
        let today = context.today();
        let mut rows = compared.rows.as_slice();
        while !rows.is_empty() {
            let next = rows.get(..CHANGES_AT_ONCE).unwrap_or(rows);
            let changes = next.iter().map(|row| change_to_api(row, today));
            let mut changes = fitting(changes, CHANGES_BYTES_MAX);
            let (sent, left) = rows.split_at(changes.len());
            context.note_compared(&call, sent, period.name, &purpose).map_err(|error| call.status(error))?;
            let names = context.names(sent.iter().map(|row| row.teacher_id).collect()).await;
            for (change, name) in changes.iter_mut().zip(names.map_err(|error| call.status(error))?) {
                change.name = name;
            }
            rows = left;
            yield api::ComparePoliciesResponse { changes, ..message(end) };
        }
        yield api::ComparePoliciesResponse { result: Some(compared.result), ..message(end) };
    }
}

impl Context {
    /// Notes that the caller read how these teachers would stand.
    fn note_compared(&self, call: &Call, rows: &[Row], period: Name, purpose: &str) -> Result<(), Error> {
        let shown: BTreeSet<TeacherId> = rows.iter().map(|row| row.teacher_id).collect();
        for id in &shown {
            let herself = self.engine.query(|at| is_herself(at, &call.caller, id));
            let need = if herself { Need::Nothing } else { Need::Record };
            self.note_read(
                &call.caller,
                need,
                id.as_str(),
                Read::of("comparison", &period),
                purpose,
            )?;
        }
        Ok(())
    }
}

fn message(progress: Progress) -> api::ComparePoliciesResponse {
    let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    api::ComparePoliciesResponse {
        teachers_done: count(progress.done),
        teachers_total: count(progress.total),
        ..api::ComparePoliciesResponse::default()
    }
}

/// A change for the API, without the name.
fn change_to_api(row: &Row, today: Date) -> api::PolicyChange {
    let standing = |standing: &Option<Standing>| {
        let standing = standing.as_ref();
        standing.map(|standing| standing_to_api(standing, today))
    };
    api::PolicyChange {
        teacher_id: row.teacher_id.to_string(),
        name: String::new(),
        turn: row.turn.into(),
        missing_change_centiamount: row.missing_change(),
        ..match &row.what {
            What::Requirement(Pair { before, after }) => api::PolicyChange {
                before: standing(before),
                after: standing(after),
                ..api::PolicyChange::default()
            },
            What::Step { before, after } => api::PolicyChange {
                step_before: before.clone(),
                step_after: after.clone(),
                ..api::PolicyChange::default()
            },
        }
    }
}
