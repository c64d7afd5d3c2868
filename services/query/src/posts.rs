//! Who holds which post: for a roster that is compared with what the ledger has.

use std::collections::BTreeSet;

use jiff::civil::Date;
use keshi_core::balance::Holding;
use keshi_core::ids::{SchoolId, TeacherId};
use keshi_door::Call;
use keshi_engine::Engine;
use keshi_office::access::{Caller, Need};
use keshi_proto::api::{self, ListPostsRequest, ListPostsResponse};
use keshi_proto::api_convert::event_to_api;
use keshi_proto::{date_from_wire, date_to_wire};

use crate::Context;
use crate::desk::Turns;
use crate::error::Error;
use crate::page::{ANSWER_BYTES_MAX, fitting};
use crate::people::teacher_id;
use crate::place::one;
use crate::scope::Scope;

/// Most teachers in one question.
const TEACHERS_MAX: usize = 500;

/// Most schools in one question: the whole register is looked through for them.
const SCHOOLS_MAX: usize = 50;

/// Most posts in one answer.
const POSTS_MAX: usize = 10_000;

/// Entries read in one step.
const READ_AT_ONCE: usize = 32;

/// Whose posts are asked for.
enum Whose {
    Teachers(Vec<TeacherId>),
    Schools(BTreeSet<SchoolId>),
}

/// A post that the caller may read about, and whether that is to be noted.
type Found = (TeacherId, Need, Holding);

impl Context {
    pub(crate) async fn list_posts(&self, call: &Call, request: ListPostsRequest) -> Result<ListPostsResponse, Error> {
        let ListPostsRequest {
            teacher_ids,
            school_ids,
            on,
            at,
            purpose,
            or_later,
        } = request;
        let whose = whose(&teacher_ids, &school_ids)?;
        let on = on.as_ref().and_then(date_from_wire).unwrap_or_else(|| self.today());
        let size = self.place(at.as_ref(), call.deadline).await?;
        let _room = self.room_for(call, ANSWER_BYTES_MAX)?;
        let seat = self.desk.seat(&call.caller, call.deadline).await?;
        let (engine, caller) = (self.engine.clone(), call.caller.clone());
        let work = move |turns: &Turns| {
            let found = held(&engine, &caller, (size, on, or_later), whose, turns)?;
            let mut posts = Vec::with_capacity(found.len());
            for part in found.chunks(READ_AT_ONCE) {
                let read = turns.step(|_| {
                    part.iter()
                        .map(|(id, _, holding)| post(&engine, *id, holding))
                        .collect::<Result<Vec<_>, Error>>()
                })?;
                posts.extend(read?.into_iter().flatten());
            }
            Ok((found, posts))
        };
        let (found, mut posts) = self.desk.work(seat, Some(call.deadline), work).await?;
        let noted = found.iter().filter(|(_, need, _)| *need == Need::Record);
        let noted: BTreeSet<TeacherId> = noted.map(|(id, ..)| *id).collect();
        for id in noted {
            self.note_read(&call.caller, Need::Record, id.as_str(), "posts", &purpose)?;
        }
        let of_post = |post: &api::HeldPost| teacher_id(&post.teacher_id);
        let ids = posts.iter().map(of_post).collect::<Result<Vec<_>, _>>()?;
        for (post, name) in posts.iter_mut().zip(self.names(ids).await?) {
            post.teacher_name = name;
        }
        let count = posts.len();
        let posts = fitting(posts.into_iter(), ANSWER_BYTES_MAX);
        if posts.len() < count {
            return Err(Error::ResultTooLarge);
        }
        Ok(ListPostsResponse { posts, size })
    }
}

fn whose(teacher_ids: &[String], school_ids: &[String]) -> Result<Whose, Error> {
    let right = match (teacher_ids.len(), school_ids.len()) {
        (teachers, 0) => (1..=TEACHERS_MAX).contains(&teachers),
        (0, schools) => schools <= SCHOOLS_MAX,
        _ => false,
    };
    if !right {
        return Err(one(
            "teacher_ids",
            teacher_ids.len().to_string(),
            format!("请写 1 至 {TEACHERS_MAX} 位教师的编号，或 1 至 {SCHOOLS_MAX} 所学校的编号"),
            format!("give the ids of 1 to {TEACHERS_MAX} teachers, or of 1 to {SCHOOLS_MAX} schools"),
        ));
    }
    if school_ids.is_empty() {
        let ids = teacher_ids.iter().map(|id| teacher_id(id)).collect::<Result<_, _>>()?;
        return Ok(Whose::Teachers(ids));
    }
    let school = |id: &String| {
        SchoolId::new(id).map_err(|why| {
            let zh = "不是学校编号，请核对后重查";
            one("school_ids", id, zh, format!("it is no school's id: {why}"))
        })
    };
    Ok(Whose::Schools(school_ids.iter().map(school).collect::<Result<_, _>>()?))
}

/// The posts held on the day, or also later, that the caller may read about, by teacher, looked for in steps.
fn held(
    engine: &Engine,
    caller: &Caller,
    (size, on, or_later): (u64, Date, bool),
    whose: Whose,
    turns: &Turns,
) -> Result<Vec<Found>, Error> {
    let (ids, schools) = match whose {
        Whose::Teachers(ids) => (ids, None),
        #[allow(
            clippy::redundant_closure_for_method_calls,
            reason = "the method is of one lifetime, not of any"
        )]
        Whose::Schools(schools) => (
            turns.step(|_| engine.query_at(size, |at| at.teacher_ids()))?,
            Some(schools),
        ),
    };
    let is_asked = |school: Option<SchoolId>| match &schools {
        Some(schools) => school.is_some_and(|id| schools.contains(&id)),
        None => true,
    };
    let mut ids = ids.iter();
    let mut found = Vec::new();
    while !ids.as_slice().is_empty() {
        turns.step(|step| {
            engine.query_at(size, |at| {
                for id in ids.by_ref() {
                    let mut then = at.holdings(id);
                    then.retain(|post| {
                        (or_later || post.from <= on) && post.to.is_none_or(|last| on <= last) && is_asked(post.school)
                    });
                    let scope = (!then.is_empty()).then(|| Scope::of(at, id, (on, on))).flatten();
                    if let Some(Ok(need)) = scope.map(|scope| scope.admits(caller, id)) {
                        found.extend(then.into_iter().map(|post| (*id, need, post)));
                    }
                    if step.is_over() {
                        break;
                    }
                }
            });
        })?;
        if found.len() > POSTS_MAX {
            return Err(Error::ResultTooLarge);
        }
    }
    Ok(found)
}

fn post(engine: &Engine, id: TeacherId, holding: &Holding) -> Result<Option<api::HeldPost>, Error> {
    let stored = engine.entry(holding.index)?;
    let event = stored.as_ref().and_then(|stored| stored.entry.posted.event());
    Ok(event.map(|event| api::HeldPost {
        teacher_id: id.to_string(),
        index: holding.index,
        event: Some(event_to_api(event)),
        last_day: holding.to.map(date_to_wire),
        teacher_name: String::new(),
    }))
}
