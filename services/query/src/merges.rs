//! Persons who were registered twice: which id stands for whom.

use std::collections::BTreeSet;

use keshi_core::ids::TeacherId;
use keshi_core::state::{At, Merge};
use keshi_door::Call;
use keshi_office::access::{Caller, Need};
use keshi_proto::api;

use crate::Context;
use crate::desk::Turns;
use crate::error::Error;
use crate::page::{ANSWER_BYTES_MAX, fitting, page_size_of};
use crate::people::{readable, teacher_id};

/// Merges on a page when the caller does not say.
const PAGE_DEFAULT: usize = 100;

/// Most merges on a page.
const PAGE_MAX: usize = 500;

/// A merge that the caller may read of.
struct Found {
    dropped: TeacherId,
    merge: Merge,
    stands_for: TeacherId,
    need: Need,
}

impl Context {
    pub(crate) async fn list_merges(
        &self,
        call: &Call,
        request: api::ListMergesRequest,
    ) -> Result<api::ListMergesResponse, Error> {
        let limit = page_size_of(request.page_size, PAGE_DEFAULT, PAGE_MAX)?;
        let whose = match request.teacher_id.as_str() {
            "" => None,
            text => Some(teacher_id(text)?),
        };
        let too = request.reversed_too.to_string();
        let parts = ["merges", &request.teacher_id, &too];
        let page = self
            .page(call, request.at.as_ref(), &request.page_token, &parts)
            .await?;
        let _room = self.room_for(call, ANSWER_BYTES_MAX)?;
        let seat = self.desk.seat(&call.caller, call.deadline).await?;
        let (engine, caller, size) = (self.engine.clone(), call.caller.clone(), page.size);
        let work = move |turns: &Turns| {
            turns.step(|_| engine.query_at(size, |at| found(at, &caller, whose, request.reversed_too)))
        };
        let found = self.desk.work(seat, Some(call.deadline), work).await?;
        let on_page = found.get(page.from.min(found.len())..).unwrap_or_default();
        let on_page = on_page.get(..limit).unwrap_or(on_page);
        let mut merges = fitting(on_page.iter().map(to_api), ANSWER_BYTES_MAX);
        let told = on_page.get(..merges.len()).unwrap_or(on_page);
        let mut noted = BTreeSet::new();
        for one in told {
            if noted.insert(one.stands_for) {
                self.note_read(
                    &call.caller,
                    one.need,
                    one.stands_for.as_str(),
                    "merges",
                    &request.purpose,
                )?;
            }
        }
        let ids = told.iter().flat_map(|one| [one.merge.kept, one.dropped]);
        let mut names = self.names(ids.collect()).await?.into_iter();
        for merge in &mut merges {
            merge.kept_name = names.next().unwrap_or_default();
            merge.dropped_name = names.next().unwrap_or_default();
        }
        Ok(api::ListMergesResponse {
            next_page_token: page.next(merges.len(), found.len()),
            merges,
            size,
            total: i64::try_from(found.len()).unwrap_or(i64::MAX),
        })
    }
}

/// Those merged last first.
fn found(at: At<'_>, caller: &Caller, whose: Option<TeacherId>, reversed_too: bool) -> Vec<Found> {
    let ever = at.registered_ids();
    let of_one = ever
        .iter()
        .flat_map(|id| at.merges_of(id).into_iter().map(|merge| (*id, merge)));
    let is_meant = |(dropped, merge): &(TeacherId, Merge)| {
        let is_hers = |id: TeacherId| {
            let is_of = |one: &TeacherId| *one == *dropped || *one == merge.kept || at.is_one(one, dropped);
            is_of(&id)
        };
        (reversed_too || merge.reversed.is_none()) && whose.is_none_or(is_hers)
    };
    let mut found: Vec<Found> = of_one
        .filter(is_meant)
        .filter_map(|(dropped, merge)| {
            // What was parted again is told to those who may read about both.
            let (_, need) = readable(at, caller, dropped.as_str())?;
            readable(at, caller, merge.kept.as_str())?;
            Some(Found {
                dropped,
                merge,
                stands_for: at.kept_id(&dropped),
                need,
            })
        })
        .collect();
    found.sort_unstable_by_key(|one| std::cmp::Reverse(one.merge.index));
    found
}

fn to_api(found: &Found) -> api::Merge {
    api::Merge {
        kept_id: found.merge.kept.to_string(),
        kept_name: String::new(),
        dropped_id: found.dropped.to_string(),
        dropped_name: String::new(),
        index: found.merge.index.into(),
        reversed_by: found.merge.reversed.map(u64::from),
        stands_for: found.stands_for.to_string(),
    }
}
