//! Where in the log a question is asked, and about which period.

use std::time::Instant;

use keshi_core::period::{Name, Period};
use keshi_core::state::At;
use keshi_door::{Call, Held, violation};
use keshi_office::access::Caller;
use keshi_proto::api::{self, at};
use keshi_proto::api_convert::millis_from_api;

use crate::Context;
use crate::bounds;
use crate::desk::Turns;
use crate::error::Error;
use crate::years::year_of;

impl Context {
    /// The size at which a question is answered: the one it names, that of a moment, or the newest durable one, after
    /// waiting for `min_size`.
    pub(crate) async fn place(&self, at: Option<&api::At>, deadline: Instant) -> Result<u64, Error> {
        let Some(at) = at else {
            return Ok(self.engine.head().size);
        };
        let durable = self.wait_for(at.min_size, deadline).await?;
        match &at.at {
            None => Ok(durable),
            Some(at::At::Size(size)) if *size <= durable => Ok(*size),
            Some(at::At::Size(size)) => Err(Error::BeyondEnd {
                asked: *size,
                size: durable,
            }),
            Some(at::At::OfficialYear(year)) => Ok(self.official(year_of(*year)?, durable)?.position),
            Some(at::At::Time(time)) => match millis_from_api(time) {
                Some(time) => {
                    let engine = self.engine.clone();
                    Ok(blocking(move || engine.size_at(time)).await??)
                }
                None => Err(one(
                    "at.time",
                    time.seconds.to_string(),
                    "时间超出范围",
                    "the time is out of range",
                )),
            },
        }
    }

    /// Waits until the ledger durably has `min_size` entries; says how many it has.
    async fn wait_for(&self, min_size: u64, deadline: Instant) -> Result<u64, Error> {
        match tokio::time::timeout_at(deadline.into(), self.engine.grown_to(min_size)).await {
            Ok(Ok(head)) => Ok(head.size),
            Ok(Err(_)) => Err(Error::Closing),
            Err(_) => Err(Error::NotYet {
                asked: min_size,
                size: self.engine.head().size,
            }),
        }
    }

    /// Room for so many bytes of an answer, until it is read.
    pub(crate) fn room_for(&self, call: &Call, bytes: usize) -> Result<Held, Error> {
        self.parts.guard.answer(&call.caller, bytes).ok_or(Error::Unread)
    }

    /// Answers on the spot what is light, and at the desk, as one step, what is heavy. `ask` is told whether it is wanted on
    /// the spot, and then says `None` to what is heavy.
    pub(crate) async fn at_once_or_at_the_desk<T: Send + 'static>(
        &self,
        call: &Call,
        ask: impl FnOnce(At<'_>, &Caller, bool) -> Result<Option<T>, Error> + Copy + Send + 'static,
    ) -> Result<T, Error> {
        if let Some(answer) = self.engine.query(|at| ask(at, &call.caller, true))? {
            return Ok(answer);
        }
        let seat = self.desk.seat(&call.caller, call.deadline).await?;
        let (engine, caller) = (self.engine.clone(), call.caller.clone());
        let work = move |turns: &Turns| turns.step(|_| engine.query(|at| ask(at, &caller, false)))?;
        let answer = self.desk.work(seat, Some(call.deadline), work).await?;
        answer.ok_or(Error::BrokeOff)
    }

    /// The period of this name, by default this calendar year.
    pub(crate) fn period_name(&self, text: &str) -> Result<Name, Error> {
        if text.is_empty() {
            return Ok(Name::Year(self.today().year()));
        }
        Name::parse(text).ok_or_else(|| {
            one(
                "period",
                text,
                format!("“{text}” 不是期间；请写 2022、2022-2023、2022-2023-1、2022-09 或 2021..2025"),
                format!("{text:?} is no period; write 2022, 2022-2023, 2022-2023-1, 2022-09 or 2021..2025"),
            )
        })
    }
}

/// The dates of a period, as the calendars of that size give them, if it is not too long.
pub(crate) fn dates(name: Name, at: At<'_>) -> Result<Period, Error> {
    // Every other period has its dates in its name.
    let semesters = match name {
        Name::Semester(_) => at.semesters(),
        _ => Vec::new(),
    };
    let period = name
        .resolve(&semesters)
        .ok_or(Error::UnknownSemester { name, size: at.size() })?;
    bounds::not_too_long(&period)?;
    Ok(period)
}

/// One wrong field of a question.
pub(crate) fn one(field: &str, value: impl Into<String>, zh: impl Into<String>, en: impl Into<String>) -> Error {
    Error::Fields(vec![violation(field, value, zh, en)])
}

/// Runs what reads the disk, or computes for long, beside the tasks that answer calls.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    Ok(tokio::task::spawn_blocking(work).await?)
}
