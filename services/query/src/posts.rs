//! Who holds which post: for a roster that is compared with what the ledger has.

use std::collections::BTreeSet;

use jiff::civil::Date;
use keshi_core::balance::Holding;
use keshi_core::ids::{SchoolId, TeacherId};
use keshi_core::state::At;
use keshi_door::Call;
use keshi_engine::Engine;
use keshi_office::access::Need;
use keshi_proto::api::{self, ListPostsRequest, ListPostsResponse};
use keshi_proto::api_convert::event_to_api;
use keshi_proto::{date_from_wire, date_to_wire};

use crate::Context;
use crate::error::Error;
use crate::page::{ANSWER_BYTES_MAX, fitting};
use crate::people::teacher_id;
use crate::place::{blocking, one};
use crate::scope::Scope;

/// Most teachers in one question.
const TEACHERS_MAX: usize = 500;

/// Whose posts are asked for.
enum Whose {
    Teachers(Vec<TeacherId>),
    School(SchoolId),
}

impl Context {
    pub(crate) async fn list_posts(&self, call: &Call, request: ListPostsRequest) -> Result<ListPostsResponse, Error> {
        let ListPostsRequest {
            teacher_ids,
            school_id,
            on,
            at,
            purpose,
        } = request;
        let whose = whose(&teacher_ids, &school_id)?;
        let today = self.today();
        let on = on.as_ref().and_then(date_from_wire).unwrap_or(today);
        let size = self.place(at.as_ref(), call.deadline).await?;
        let _room = self.room_for(call, ANSWER_BYTES_MAX)?;
        let (engine, caller) = (self.engine.clone(), call.caller.clone());
        let found = blocking(move || -> Result<_, Error> {
            let held = engine.query_at(size, |at| held(at, &whose, on));
            let mut found = Vec::with_capacity(held.len());
            for (id, holding) in held {
                let scope = engine.query_at(size, |at| Scope::of(at, &id, (on, on)));
                let Some(Ok(need)) = scope.map(|scope| scope.admits(&caller, &id)) else {
                    continue;
                };
                found.extend(post(&engine, id, &holding)?.map(|post| (id, need, post)));
            }
            Ok(found)
        })
        .await??;
        let noted: BTreeSet<TeacherId> = found
            .iter()
            .filter(|(_, need, _)| *need == Need::Record)
            .map(|(id, ..)| *id)
            .collect();
        for id in noted {
            self.note_read(&call.caller, Need::Record, id.as_str(), "posts", &purpose)?;
        }
        let count = found.len();
        let posts = fitting(found.into_iter().map(|(_, _, post)| post), ANSWER_BYTES_MAX);
        if posts.len() < count {
            return Err(Error::ResultTooLarge);
        }
        Ok(ListPostsResponse { posts, size })
    }
}

fn whose(teacher_ids: &[String], school_id: &str) -> Result<Whose, Error> {
    if teacher_ids.len() > TEACHERS_MAX || teacher_ids.is_empty() == school_id.is_empty() {
        return Err(one(
            "teacher_ids",
            teacher_ids.len().to_string(),
            format!("请写 1 至 {TEACHERS_MAX} 位教师的编号，或一所学校的编号"),
            format!("give the ids of 1 to {TEACHERS_MAX} teachers, or that of one school"),
        ));
    }
    if school_id.is_empty() {
        let ids = teacher_ids.iter().map(|id| teacher_id(id)).collect::<Result<_, _>>()?;
        return Ok(Whose::Teachers(ids));
    }
    let school = SchoolId::new(school_id).map_err(|why| {
        let zh = "不是学校编号，请核对后重查";
        one("school_id", school_id, zh, format!("it is no school's id: {why}"))
    })?;
    Ok(Whose::School(school))
}

/// The posts held on the day, by teacher.
fn held(at: At<'_>, whose: &Whose, on: Date) -> Vec<(TeacherId, Holding)> {
    let of = |id: TeacherId| {
        let held = at.holdings(&id).into_iter();
        let then = held.filter(|post| post.from <= on && post.to.is_none_or(|last| on <= last));
        then.map(|post| (id, post)).collect::<Vec<_>>()
    };
    match whose {
        Whose::Teachers(ids) => ids.iter().copied().flat_map(of).collect(),
        Whose::School(school) => {
            let all = at.teacher_ids().into_iter().flat_map(of);
            all.filter(|(_, post)| post.school.as_ref() == Some(school)).collect()
        }
    }
}

fn post(engine: &Engine, id: TeacherId, holding: &Holding) -> Result<Option<api::HeldPost>, Error> {
    let stored = engine.entry(holding.index)?;
    let event = stored.as_ref().and_then(|stored| stored.entry.posted.event());
    Ok(event.map(|event| api::HeldPost {
        teacher_id: id.to_string(),
        index: holding.index,
        event: Some(event_to_api(event)),
        last_day: holding.to.map(date_to_wire),
    }))
}
