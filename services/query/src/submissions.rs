//! 提交记录: what somebody posted, submission by submission, read from the log backwards.

use std::collections::BTreeMap;

use keshi_core::entry::Entry;
use keshi_core::ids::{PosterId, SubmissionId};
use keshi_core::text::Text;
use keshi_door::Call;
use keshi_engine::Engine;
use keshi_proto::api;
use keshi_proto::api_convert::millis_to_api;

use crate::Context;
use crate::desk::Turns;
use crate::error::Error;
use crate::page::{ANSWER_BYTES_MAX, Cursor, page_size_of, question};
use crate::place::one;

/// Submissions on a page when the caller does not say.
const PAGE_DEFAULT: usize = 20;

/// Most submissions on a page.
const PAGE_MAX: usize = 100;

/// Entries read in one step.
const READ_AT_ONCE: u64 = 512;

/// Most entries looked at for one page; the next goes on from there.
const LOOKED_AT_MAX: u64 = 16_384;

/// Most kinds that are named of one submission.
const KINDS_MAX: usize = 8;

/// One poster's submissions before an entry.
struct Wanted {
    poster: PosterId,
    limit: usize,
    /// Entries from here on are looked at no more.
    end: u64,
}

/// What a submission left, while it is read backwards.
struct Open {
    id: SubmissionId,
    first: u64,
    last: u64,
    recorded_at: prost_types::Timestamp,
    verdicts: BTreeMap<i32, i64>,
    kinds: Vec<&'static str>,
    source: Option<Text>,
}

impl Context {
    /// What the poster that is asked for posted, the latest first.
    pub(crate) async fn list_submissions(
        &self,
        call: &Call,
        request: api::ListSubmissionsRequest,
    ) -> Result<api::ListSubmissionsResponse, Error> {
        let own = call.caller.poster_id();
        let poster = match request.poster.as_str() {
            "" => own,
            other => other,
        };
        if poster != own {
            call.caller.may_read_all()?;
        }
        let limit = page_size_of(request.page_size, PAGE_DEFAULT, PAGE_MAX)?;
        let question = question(&["submissions", poster]);
        let cursor = Cursor::read(&request.page_token, question, self.engine.head().size)?;
        let (size, end) = if let Some(cursor) = cursor {
            (cursor.size, cursor.position.min(cursor.size))
        } else {
            let size = self.place(request.at.as_ref(), call.deadline).await?;
            (size, size)
        };
        let id = PosterId::new(poster).map_err(|why| {
            let zh = "不是提交者的编号，请核对后重查";
            one("poster", poster, zh, format!("it is no poster's id: {why}"))
        })?;
        let wanted = Wanted { poster: id, limit, end };
        let _room = self.room_for(call, ANSWER_BYTES_MAX)?;
        let seat = self.desk.seat(&call.caller, call.deadline).await?;
        let engine = self.engine.clone();
        let work = move |turns: &Turns| wanted.work(&engine, turns);
        let (found, next) = self.desk.work(seat, Some(call.deadline), work).await?;
        Ok(api::ListSubmissionsResponse {
            submissions: found.into_iter().map(Open::told).collect(),
            next_page_token: next.map_or_else(String::new, |position| Cursor { size, position }.token(question)),
            size,
        })
    }
}

impl Wanted {
    /// The page's submissions, and before which entry the next page looks, if there is one.
    fn work(&self, engine: &Engine, turns: &Turns) -> Result<(Vec<Open>, Option<u64>), Error> {
        let mut found: Vec<Open> = Vec::new();
        let mut open: Option<Open> = None;
        let mut end = self.end;
        while end > 0 {
            // Never within a submission: its entries lie side by side.
            if open.is_none() && self.end - end >= LOOKED_AT_MAX {
                return Ok((found, Some(end)));
            }
            let from = end.saturating_sub(READ_AT_ONCE);
            let count = usize::try_from(end - from).unwrap_or(usize::MAX);
            let entries = turns.step(|_| engine.entries(from, count))??;
            for stored in entries.iter().rev() {
                let entry = &stored.entry;
                if let Some(known) = open.take_if(|known| known.id != entry.submission_id) {
                    found.push(known);
                    if found.len() == self.limit {
                        return Ok((found, Some(entry.index + 1)));
                    }
                }
                if entry.poster == self.poster {
                    open.get_or_insert_with(|| Open::new(entry)).add(entry);
                }
            }
            end = from;
        }
        found.extend(open);
        Ok((found, None))
    }
}

impl Open {
    fn new(entry: &Entry) -> Self {
        Self {
            id: entry.submission_id,
            first: entry.index,
            last: entry.index,
            recorded_at: millis_to_api(entry.recorded_at),
            verdicts: BTreeMap::new(),
            kinds: Vec::new(),
            source: None,
        }
    }

    /// Adds the entry before those that are known.
    fn add(&mut self, entry: &Entry) {
        self.first = entry.index;
        *self.verdicts.entry(entry.verdict.code()).or_default() += 1;
        let Some(event) = entry.posted.event() else { return };
        self.source.clone_from(&event.source);
        let kind = event.fact.kind();
        if self.kinds.len() < KINDS_MAX && !self.kinds.contains(&kind) {
            self.kinds.push(kind);
        }
    }

    fn told(self) -> api::PostedSubmission {
        let verdicts = self.verdicts.into_iter();
        api::PostedSubmission {
            submission_id: self.id.to_string(),
            first_index: self.first,
            last_index: self.last,
            recorded_at: Some(self.recorded_at),
            verdicts: verdicts
                .map(|(verdict, entries)| api::VerdictCount { verdict, entries })
                .collect(),
            kinds: self.kinds.into_iter().map(ToOwned::to_owned).collect(),
            source: self.source.map_or_else(String::new, |source| source.to_string()),
        }
    }
}
