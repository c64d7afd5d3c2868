//! How the ledger grew: what each month brought, and the root at its end.

use jiff::civil::Date;
use keshi_core::time::{CHINA, Millis};
use keshi_door::Call;
use keshi_engine::Engine;
use keshi_proto::api;

use crate::Context;
use crate::desk::Turns;
use crate::error::Error;
use crate::page::page_size_of;

/// Months on a page when the caller does not say.
const PAGE_DEFAULT: usize = 24;

/// Most months on a page: for each, entries are looked for and hashed.
const PAGE_MAX: usize = 120;

/// A month of China's calendar, counted from January of year 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Month(i32);

impl Context {
    /// The months of the ledger, the latest first.
    pub(crate) async fn list_growth(
        &self,
        call: &Call,
        request: api::ListGrowthRequest,
    ) -> Result<api::ListGrowthResponse, Error> {
        call.caller.may_audit()?;
        let limit = page_size_of(request.page_size, PAGE_DEFAULT, PAGE_MAX)?;
        let page = self
            .page(call, request.at.as_ref(), &request.page_token, &["growth"])
            .await?;
        let seat = self.desk.seat(&call.caller, call.deadline).await?;
        let (engine, size, from) = (self.engine.clone(), page.size, page.from);
        let work = move |turns: &Turns| months(&engine, turns, size, (from, limit));
        let (months, all) = self.desk.work(seat, Some(call.deadline), work).await?;
        Ok(api::ListGrowthResponse {
            next_page_token: page.next(months.len(), all),
            months,
            size,
        })
    }
}

/// So many months of the ledger of `size` entries, after the latest `from` of them, and how many there are in all. In steps at
/// the desk, a month in each.
fn months(
    engine: &Engine,
    turns: &Turns,
    size: u64,
    (from, limit): (usize, usize),
) -> Result<(Vec<api::GrowthMonth>, usize), Error> {
    let Some(last) = size.checked_sub(1) else {
        return Ok((Vec::new(), 0));
    };
    let ends = turns.step(|_| -> Result<_, Error> { Ok((month_of(engine, 0)?, month_of(engine, last)?)) })??;
    let (Some(first), Some(last)) = ends else {
        return Ok((Vec::new(), 0));
    };
    let all = usize::try_from(last.0 - first.0 + 1).unwrap_or(0);
    let latest = Month(last.0 - i32::try_from(from.min(all)).unwrap_or(i32::MAX));
    let mut told = Vec::new();
    let mut end = turns.step(|_| size_before(engine, latest.next(), size))??;
    for month in (first.0..=latest.0).rev().take(limit).map(Month) {
        let (row, before) = turns.step(|_| -> Result<_, Error> {
            let before = size_before(engine, month, size)?;
            let row = api::GrowthMonth {
                month: month.name(),
                entries: end.saturating_sub(before),
                size: end,
                root: engine.root_at(end)?.to_vec(),
            };
            Ok((row, before))
        })??;
        told.push(row);
        end = before;
    }
    Ok((told, all))
}

/// The month in which the entry was recorded, as far as is known where the clock was corrected since.
fn month_of(engine: &Engine, index: u64) -> Result<Option<Month>, Error> {
    let stored = engine.entry(index)?;
    Ok(stored.map(|stored| {
        let time = engine.query(|at| at.recorded_at(index, stored.entry.recorded_at));
        let day = time.local_date();
        Month(i32::from(day.year()) * 12 + i32::from(day.month()) - 1)
    }))
}

/// How many of the first `size` entries were recorded before the month begins.
fn size_before(engine: &Engine, month: Month, size: u64) -> Result<u64, Error> {
    let Some(begins) = month.begins() else { return Ok(size) };
    Ok(engine.size_at(Millis(begins.0.saturating_sub(1)))?.min(size))
}

impl Month {
    fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// As 2022-09.
    fn name(self) -> String {
        format!("{:04}-{:02}", self.0.div_euclid(12), self.0.rem_euclid(12) + 1)
    }

    /// Its first moment; `None` beyond the calendar's end.
    fn begins(self) -> Option<Millis> {
        let (year, month) = (self.0.div_euclid(12), self.0.rem_euclid(12) + 1);
        let day = Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, 1).ok()?;
        let moment = CHINA.to_timestamp(day.at(0, 0, 0, 0)).ok()?;
        Some(Millis(moment.as_millisecond()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_begins_at_midnight_in_china_and_the_last_of_the_calendar_never_ends() {
        let september = Month(2022 * 12 + 8);
        let begins: jiff::Timestamp = "2022-08-31T16:00:00Z".parse().unwrap();
        assert_eq!(september.name(), "2022-09");
        assert_eq!(september.begins(), Some(Millis(begins.as_millisecond())));
        let last = Month(9999 * 12 + 11);
        assert_eq!(last.name(), "9999-12");
        assert_eq!(last.next().begins(), None);
    }
}
