//! Historical loads (历史补录).

use keshi_core::event::Fact;
use keshi_core::state::LoadView;
use keshi_door::Call;
use keshi_engine::{Engine, StoredEntry};
use keshi_proto::api_convert::millis_to_api;
use keshi_proto::{api, date_to_wire};

use crate::Context;
use crate::desk::Turns;
use crate::error::Error;
use crate::page::{ANSWER_BYTES_MAX, fitting};

/// Most loads in one answer: each needs two entries of the log. An office opens a few in all.
const LOADS_AT_ONCE: usize = 500;

/// Entries counted in one step.
const COUNTED_AT_ONCE: usize = 8_192;

impl Context {
    /// The loads opened, as many as fit into one answer.
    pub(crate) async fn list_loads(
        &self,
        call: &Call,
        request: api::ListLoadsRequest,
    ) -> Result<api::ListLoadsResponse, Error> {
        let api::ListLoadsRequest { at, page_token } = request;
        let _room = self.room_for(call, ANSWER_BYTES_MAX)?;
        let page = self.page(call, at.as_ref(), &page_token, &["loads"]).await?;
        let (size, from) = (page.size, page.from);
        #[allow(
            clippy::redundant_closure_for_method_calls,
            reason = "the method is of one lifetime, not of any"
        )]
        let views = self.engine.query_at(size, |at| at.loads());
        let all = views.len();
        let seat = self.desk.seat(&call.caller, call.deadline).await?;
        let engine = self.engine.clone();
        let work = move |turns: &Turns| {
            let views = views.iter().skip(from).take(LOADS_AT_ONCE);
            views
                .map(|view| load_to_api(&engine, view, count(&engine, size, view, turns)?))
                .collect::<Result<Vec<_>, _>>()
        };
        let loads = self.desk.work(seat, Some(call.deadline), work).await?;
        let loads = fitting(loads.into_iter(), ANSWER_BYTES_MAX);
        let next_page_token = page.next(loads.len(), all);
        Ok(api::ListLoadsResponse {
            loads,
            size,
            next_page_token,
        })
    }
}

/// How many entries came under the load and have effect.
fn count(engine: &Engine, size: u64, view: &LoadView, turns: &Turns) -> Result<u64, Error> {
    let (mut count, mut from) = (0, 0);
    loop {
        let part = from..from + COUNTED_AT_ONCE;
        let counted = turns.step(|_| engine.query_at(size, |at| at.effective_under(&view.id, part)))?;
        let Some(counted) = counted else { return Ok(count) };
        count += counted;
        from += COUNTED_AT_ONCE;
    }
}

/// A load for the API: why it was opened, and by whom, the entries say.
fn load_to_api(engine: &Engine, view: &LoadView, entries: u64) -> Result<api::Load, Error> {
    let opened = engine.entry(view.opened)?;
    let closed = view.closed.map(|index| engine.entry(index)).transpose()?.flatten();
    let fact = opened.as_ref().and_then(|stored| stored.entry.posted.event());
    let (reason, authorised_by) = match fact.map(|event| &event.fact) {
        Some(Fact::HistoricalLoadOpened(opened)) => {
            let authorised_by = opened.authorised_by.as_ref();
            (
                opened.reason.to_string(),
                authorised_by.map_or_else(String::new, ToString::to_string),
            )
        }
        // The state has the load from that entry.
        Some(_) | None => Default::default(),
    };
    Ok(api::Load {
        load_id: view.id.to_string(),
        from: Some(date_to_wire(view.from)),
        to: Some(date_to_wire(view.to)),
        reason,
        authorised_by,
        opened: opened.as_ref().map(step),
        closed: closed.as_ref().map(step),
        entries,
    })
}

fn step(StoredEntry { entry, .. }: &StoredEntry) -> api::LoadStep {
    api::LoadStep {
        index: entry.index,
        poster: entry.poster.to_string(),
        recorded_at: Some(millis_to_api(entry.recorded_at)),
    }
}
