//! The list as it is asked for, page by page.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::civil::Date;
use keshi_core::balance::Assessor;
use keshi_core::codes::{Post, Stage};
use keshi_core::ids::TeacherId;
use keshi_door::Call;
use keshi_office::access::Need;
use keshi_proto::api;

use super::{Filter, List, Row, What};
use crate::balances::standing_to_api;
use crate::desk::Turns;
use crate::error::Error;
use crate::page::{ANSWER_BYTES_MAX, Cursor, fitting, page_size, question};
use crate::people::schools_and_subject;
use crate::place::{dates, one};
use crate::scope::{Read, is_herself};
use crate::{Context, bounds, shortfalls};

/// Most teachers without a policy that are named.
const WITHOUT_POLICY_MAX: usize = 100;

impl Context {
    pub(crate) async fn list_shortfalls(
        &self,
        call: &Call,
        request: api::ListShortfallsRequest,
    ) -> Result<api::ListShortfallsResponse, Error> {
        let api::ListShortfallsRequest {
            period,
            at,
            requirement_id,
            school_id,
            group,
            page_size: asked,
            page_token,
            purpose,
            stage,
            post,
            subject,
        } = request;
        let limit = page_size(asked)?;
        let name = self.period_name(&period)?;
        let codes = [stage.to_string(), post.to_string()];
        let [stage_text, post_text] = &codes;
        let parts = [
            "shortfalls",
            &name.to_string(),
            &requirement_id,
            &school_id,
            &group,
            stage_text,
            post_text,
            &subject,
        ];
        let question = question(&parts);
        let (stage, post) = (
            code("stage", stage, Stage::from_code)?,
            code("post", post, Post::from_code)?,
        );
        let cursor = Cursor::read(&page_token, question, self.engine.head().size)?;
        let size = match cursor {
            Some(cursor) => cursor.size,
            None => self.place(at.as_ref(), call.deadline).await?,
        };
        let period = self.engine.query_at(size, |at| -> Result<_, Error> {
            let period = dates(name, at)?;
            bounds::extent(&Assessor::new(at), &period)?;
            Ok(period)
        })?;
        let filter = Filter {
            period,
            size,
            requirement_id,
            school_id,
            group,
            stage,
            post,
            today: self.today(),
            subject,
        };
        self.engine.query_at(size, |at| filter.check(at))?;
        let list = self.shortfall_list(call, filter).await?;
        let rows = &list.rows;
        let from = cursor.map_or(0, |cursor| usize::try_from(cursor.position).unwrap_or(usize::MAX));
        let _room = self.room_for(call, ANSWER_BYTES_MAX)?;
        let page = rows.get(from..).unwrap_or_default();
        let page = page.get(..limit).unwrap_or(page);
        let today = self.today();
        let mut shortfalls = fitting(page.iter().map(|row| shortfall_to_api(row, today)), ANSWER_BYTES_MAX);
        let page = page.get(..shortfalls.len()).unwrap_or(page);
        let shown: BTreeSet<TeacherId> = page.iter().map(|row| row.teacher_id).collect();
        for id in &shown {
            let need = if self.engine.query_at(size, |at| is_herself(at, &call.caller, id)) {
                Need::Nothing
            } else {
                Need::Record
            };
            self.note_read(&call.caller, need, id.as_str(), Read::of("shortfall", &name), &purpose)?;
        }
        let names = self.names(page.iter().map(|row| row.teacher_id).collect()).await?;
        for (shortfall, name) in shortfalls.iter_mut().zip(names) {
            shortfall.name = name;
        }
        self.engine.query_at(size, |at| {
            for (shortfall, row) in shortfalls.iter_mut().zip(page) {
                let days = (period.from, period.to);
                (shortfall.school_names, shortfall.subject) = schools_and_subject(at, &row.teacher_id, days);
            }
        });
        let position = (from + page.len()) as u64;
        let more = position < rows.len() as u64;
        let uncovered = list.without_policy.iter().take(WITHOUT_POLICY_MAX);
        let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        Ok(api::ListShortfallsResponse {
            shortfalls,
            next_page_token: if more {
                Cursor { size, position }.token(question)
            } else {
                String::new()
            },
            size,
            total: number(rows.len()),
            teachers: number(list.teachers),
            without_policy: number(list.without_policy.len()),
            without_policy_ids: uncovered.map(ToString::to_string).collect(),
            without_calendar: list.without_calendar.clone(),
            not_begun: today < period.from,
        })
    }

    async fn shortfall_list(&self, call: &Call, filter: Filter) -> Result<Arc<List>, Error> {
        let key = filter.key(&call.caller);
        if let Some(list) = self.shortfalls.get(&key) {
            return Ok(list);
        }
        let seat = self.desk.seat(&call.caller, call.deadline).await?;
        // Whoever was before may have asked the same.
        if let Some(list) = self.shortfalls.get(&key) {
            return Ok(list);
        }
        let (engine, caller, mut room) = (self.engine.clone(), call.caller.clone(), self.desk.room(&call.caller)?);
        let work = move |turns: &Turns| shortfalls::compute(&engine, &caller, &filter, turns, &mut room);
        let list = Arc::new(self.desk.work(seat, Some(call.deadline), work).await?);
        self.shortfalls.keep(key, Arc::clone(&list));
        Ok(list)
    }
}

/// A row for the API, without the name.
fn shortfall_to_api(row: &Row, today: Date) -> api::Shortfall {
    let (policy_id, standing, too_large_at) = match &row.what {
        What::Short(id, standing) => (id.to_string(), Some(standing_to_api(standing, today)), None),
        What::TooLarge(index) => (String::new(), None, Some(*index)),
    };
    api::Shortfall {
        teacher_id: row.teacher_id.to_string(),
        name: String::new(),
        policy_id,
        standing,
        too_large_at,
        ..api::Shortfall::default()
    }
}

/// A coded value of a question; 0: none.
fn code<T>(field: &str, number: i32, of: fn(i32) -> Option<T>) -> Result<Option<T>, Error> {
    match number {
        0 => Ok(None),
        number => of(number).map(Some).ok_or_else(|| {
            let (zh, en) = (format!("没有代码 {number}"), format!("there is no code {number}"));
            one(field, number.to_string(), zh, en)
        }),
    }
}
