//! A year's figures: counted in steps at the desk, kept, and held against what closed the year (DOMAIN §10, §12).

mod closing;
mod report;

use std::sync::Arc;
use std::time::{Duration, Instant};

use keshi_core::event::AdoptedVersion;
use keshi_core::figures::{Count, Definitions, Figures};
use keshi_core::ids::Sha256;
use keshi_core::state::Closing;
use keshi_door::{AnswerRoom, Call, Fault};
use keshi_engine::Engine;
use keshi_office::access::Caller;
use keshi_proto::api;
use keshi_proto::api::year_service_server::YearService;
use keshi_proto::log::{YearAnswer, YearQuestion};
use prost::Message as _;
use tonic::{Code, Request, Response};
use tracing::{Instrument as _, debug_span};

use crate::desk::Turns;
use crate::error::Error;
use crate::everybody::each_teacher;
use crate::ledger::{Answer, questions};
use crate::place::one;
use crate::{Context, Query};

/// Years kept: the report asks for one and the one before it, a closing for one at two sizes. A large county's has some
/// megabytes.
pub(crate) const KEPT_MAX: usize = 6;

/// Most entries behind all figures of a year together, each eight bytes: a county of 7,000 teachers has some three million by
/// the usual definitions.
const ENTRIES_MAX: usize = 16 << 20;

/// How long the write side waits for figures at the longest.
const ASKED_MAX: Duration = Duration::from_mins(1);

/// A year's figures, and whether the office adopted their definitions.
#[derive(Debug)]
pub(crate) struct YearFigures {
    pub(crate) figures: Figures,
    pub(crate) adopted: bool,
    /// Of the statement.
    pub(crate) hash: Sha256,
}

#[tonic::async_trait]
impl YearService for Query {
    questions! {
        get_year_report GetYearReportRequest -> YearReport
        list_figure_entries ListFigureEntriesRequest -> ListFigureEntriesResponse
        get_year GetYearRequest -> Year
        list_figures ListFiguresRequest -> ListFiguresResponse
    }
}

impl Context {
    /// The figures of a year at a size, for a caller.
    async fn figures(&self, call: &Call, year: i16, size: u64) -> Result<Arc<YearFigures>, Error> {
        self.figures_by(Some(&call.caller), call.deadline, (year, size)).await
    }

    async fn figures_by(
        &self,
        caller: Option<&Caller>,
        deadline: Instant,
        (year, size): (i16, u64),
    ) -> Result<Arc<YearFigures>, Error> {
        let count = async {
            let seat = match caller {
                Some(caller) => Some(self.desk.seat(caller, deadline).await?),
                // The write side asks one thing at a time of what somebody looked at before.
                None => None,
            };
            let engine = self.engine.clone();
            let work = move |turns: &Turns| count(&engine, turns, (year, size));
            self.desk.work(seat, Some(deadline), work).await
        };
        self.years.get(format!("{year} {size}"), deadline, count).await
    }

    /// What the write side asks to close a year, to restate it, or to find out whether what was posted is so.
    pub(crate) async fn year_at(&self, question: YearQuestion) -> Result<YearAnswer, Fault> {
        let size = self.engine.head().size;
        let year = year_of(question.year)?;
        let position = if question.position == 0 {
            size
        } else {
            question.position
        };
        if position > size {
            return Err(Error::BeyondEnd { asked: position, size }.into());
        }
        let _turn = self.searching.acquire().await.map_err(|_| Error::Closing)?;
        let deadline = Instant::now() + ASKED_MAX;
        let counted = self.figures_by(None, deadline, (year, position)).await?;
        if !counted.adopted {
            return Err(Fault::new(
                Code::FailedPrecondition,
                "NoDefinitions",
                format!("{year} 年没有已发布的指标口径：请教研室先发布（keshi figures adopt），再封账"),
                format!(
                    "no definitions of figures are adopted for {year}: the office has to adopt some first (keshi figures adopt)"
                ),
            ));
        }
        let root = self.engine.root_at(position).map_err(Error::from)?;
        #[allow(
            clippy::redundant_closure_for_method_calls,
            reason = "the method is of one lifetime, not of any"
        )]
        let versions = self.engine.query_at(position, |at| at.adopted_versions());
        let version = |one: AdoptedVersion| keshi_proto::event::AdoptedVersion {
            policy_id: one.policy_id.to_string(),
            version: i32::try_from(one.version).unwrap_or(i32::MAX),
        };
        Ok(YearAnswer {
            position,
            log_hash: root.to_vec().into(),
            figures_hash: counted.hash.0.to_vec().into(),
            policy_versions: versions.into_iter().map(version).collect(),
        })
    }

    /// Where the official figures of a year are counted from.
    pub(crate) fn official(&self, year: i16, size: u64) -> Result<Closing, Error> {
        let closing = self.engine.query_at(size, |at| at.official(year).cloned());
        closing.ok_or_else(|| {
            Error::Refused(Box::new(Fault::new(
                Code::FailedPrecondition,
                "YearIsOpen",
                format!("{year} 年还没有封账，没有官方数据；按现有记录计算的随时可看"),
                format!("the year {year} is not closed and has no official figures; those counted from what is there can be asked for at any time"),
            )))
        })
    }
}

/// A year that figures can be of.
pub(crate) fn year_of(asked: i32) -> Result<i16, Error> {
    let year = i16::try_from(asked).ok().filter(|year| (1950..=2999).contains(year));
    year.ok_or_else(|| {
        one(
            "year",
            asked.to_string(),
            "请写明年度，如 2022",
            "say of which year, such as 2022",
        )
    })
}

fn too_many(year: i16) -> Fault {
    Fault::new(
        Code::FailedPrecondition,
        "FiguresTooLarge",
        format!("{year} 年各项指标所依据的条目合计超过 {ENTRIES_MAX} 条：请教研室减少口径中重复计数的指标"),
        format!(
            "the figures of {year} have more than {ENTRIES_MAX} entries behind them together: the office has to define fewer that count the same"
        ),
    )
}

/// Counts a year teacher by teacher, in steps that hold the state for a moment each.
pub(crate) fn count(engine: &Engine, turns: &Turns, (year, size): (i16, u64)) -> Result<YearFigures, Error> {
    let (definitions, adopted) = turns.step(|_| engine.query_at(size, |at| Definitions::of(at, year)))?;
    let mut count = Count::new(definitions, year);
    each_teacher(
        (engine, size),
        turns,
        &mut count,
        |count, _, assessor, id| count.teacher(assessor, &id),
        |count| {
            if count.weight() > ENTRIES_MAX {
                Err(Error::Refused(Box::new(too_many(year))))
            } else {
                Ok(())
            }
        },
    )?;
    turns.step(|_| engine.query_at(size, |at| count.county(at)))?;
    // Without the state's lock.
    let figures = count.finish();
    let hash = figures.hash();
    Ok(YearFigures { figures, adopted, hash })
}
