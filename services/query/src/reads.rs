//! The log of reads, for those who audit.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use keshi_core::ids::TeacherId;
use keshi_core::time::CHINA;
use keshi_door::Call;
use keshi_office::access::Need;
use keshi_office::reads::{Line, Place};
use keshi_proto::{api, date_from_wire};

use crate::Context;
use crate::error::Error;
use crate::page::{Cursor, page_size, question};
use crate::place::{blocking, one};

/// Most lines looked at for one page; the next goes on from there.
pub(crate) const LOOKED_AT_MAX: usize = 20_000;

/// Bits of a position in a page token that say how far into the month.
const OFFSET_BITS: u32 = 44;

impl Context {
    pub(crate) async fn list_reads(
        &self,
        call: &Call,
        request: api::ListReadsRequest,
    ) -> Result<api::ListReadsResponse, Error> {
        let api::ListReadsRequest {
            about_teacher_id: about,
            by,
            since,
            page_size: asked,
            page_token,
            purpose,
        } = request;
        call.caller.may_audit()?;
        let limit = page_size(asked)?;
        let since = match since {
            None => None,
            Some(date) => {
                let text = format!("{}-{}-{}", date.year, date.month, date.day);
                let (zh, en) = (format!("没有 {text} 这一天"), format!("{text} is no day"));
                Some(date_from_wire(&date).ok_or_else(|| one("since", text, zh, en))?)
            }
        };
        let question = question(&[
            "reads",
            &about,
            &by,
            &since.map_or_else(String::new, |day| day.to_string()),
        ]);
        let cursor = Cursor::read(&page_token, question, u64::MAX)?;
        let from = match cursor {
            Some(cursor) => place(cursor.position),
            None => since.map_or_else(Place::default, Place::month_of),
        };
        if cursor.is_none() {
            // Once for a list, or each page would have one more line to tell of.
            let whose = if about.is_empty() { "*" } else { &about };
            self.note_read(&call.caller, Need::Record, whose, "reads", &purpose)?;
        }
        let begins = since.and_then(|day| CHINA.to_timestamp(day.at(0, 0, 0, 0)).ok());
        let reads = Arc::clone(&self.parts.reads);
        let wanted = move |line: &Line| {
            (about.is_empty() || line.teacher_id == about)
                && (by.is_empty() || line.caller == by)
                && begins.is_none_or(|begins: Timestamp| begins <= line.at)
        };
        let page = blocking(move || reads.page(from, (limit, LOOKED_AT_MAX), wanted)).await?;
        let page = page.map_err(Error::ReadsUnreadable)?;
        let ids = page
            .lines
            .iter()
            .filter_map(|line| TeacherId::new(&line.teacher_id).ok());
        let ids: Vec<TeacherId> = ids.collect();
        let names = self.names(ids.clone()).await?;
        let names: BTreeMap<TeacherId, String> = ids.into_iter().zip(names).collect();
        let next = page.next.map(|next| Cursor {
            size: 0,
            position: position(next),
        });
        Ok(api::ListReadsResponse {
            reads: page.lines.into_iter().map(|line| reading(line, &names)).collect(),
            next_page_token: next.map_or_else(String::new, |cursor| cursor.token(question)),
            broken_lines: page.broken.into_iter().map(Place::name).collect(),
        })
    }
}

pub(crate) fn reading(line: Line, names: &BTreeMap<TeacherId, String>) -> api::Reading {
    let id = TeacherId::new(&line.teacher_id).ok();
    api::Reading {
        read_at: Some(prost_types::Timestamp {
            seconds: line.at.as_second(),
            nanos: line.at.subsec_nanosecond(),
        }),
        reader: line.caller,
        name: id.and_then(|id| names.get(&id).cloned()).unwrap_or_default(),
        teacher_id: line.teacher_id,
        what: line.what,
        period: line.period.unwrap_or_default(),
        purpose: line.purpose.unwrap_or_default(),
    }
}

/// A place as a number: the month, then how far into it.
pub(crate) fn position(place: Place) -> u64 {
    let month = u64::from(place.year) * 12 + u64::from(place.month.saturating_sub(1));
    (month << OFFSET_BITS) | place.offset
}

pub(crate) fn place(position: u64) -> Place {
    let month = position >> OFFSET_BITS;
    Place {
        year: u16::try_from(month / 12).unwrap_or(u16::MAX),
        month: u8::try_from(month % 12 + 1).unwrap_or(1),
        offset: position & ((1 << OFFSET_BITS) - 1),
    }
}
