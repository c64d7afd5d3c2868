//! Names from the people register, for those who may read about a person.

use std::sync::Arc;

use jiff::civil::Date;
use keshi_core::ids::{SchoolId, TeacherId};
use keshi_core::state::At;
use keshi_core::text::{ERASED_NAME, name_form};
use keshi_door::{Call, violation};
use keshi_office::access::{Caller, Need};
use keshi_office::people::{Called, Named, Unreadable};
use keshi_proto::api;

use crate::Context;
use crate::answers::present;
use crate::error::Error;
use crate::place::{blocking, one};
use crate::scope::{ALWAYS, Scope};

/// How many people are told of when the caller does not say.
const FOUND_DEFAULT: usize = 20;

/// Most people who are told of: each leaves a line in the log of reads.
const FOUND_MAX: usize = 50;

/// People looked at in one step, so that the state's lock is never held for long.
const LOOKED_AT_ONCE: usize = 256;

/// In place of a name that the register has but cannot read.
pub(crate) const UNREADABLE: &str = "（人员档案损坏）";

impl Context {
    /// The names of these teachers, empty where the register never had one, and said to be erased where it was; a damaged record
    /// spoils no other line.
    pub(crate) async fn names(&self, ids: Vec<TeacherId>) -> Result<Vec<String>, Error> {
        let people = Arc::clone(&self.parts.people);
        let names = blocking(move || {
            let ids: Vec<&str> = ids.iter().map(TeacherId::as_str).collect();
            people.names(&ids)
        });
        let shown = |called: Result<Called, Unreadable>| match called {
            Ok(Called::Name(name)) => name,
            Ok(Called::Erased(_)) => ERASED_NAME.to_owned(),
            Ok(Called::Unknown) => String::new(),
            Err(_) => UNREADABLE.to_owned(),
        };
        Ok(names.await??.into_iter().map(shown).collect())
    }

    /// The birth dates of these teachers: `None` where the register has none, or cannot read it.
    pub(crate) async fn birth_dates(&self, ids: Vec<TeacherId>) -> Result<Vec<Option<Date>>, Error> {
        let people = Arc::clone(&self.parts.people);
        let dates = blocking(move || {
            let ids: Vec<&str> = ids.iter().map(TeacherId::as_str).collect();
            people.birth_dates(&ids)
        });
        Ok(dates.await??.into_iter().map(Result::unwrap_or_default).collect())
    }

    /// The name of one teacher.
    pub(crate) async fn name(&self, id: TeacherId) -> Result<String, Error> {
        Ok(self.names(vec![id]).await?.pop().unwrap_or_default())
    }
}

impl Context {
    /// Teachers by a part of their name, of those whom the caller may read about. Each who is told of is noted.
    pub(crate) async fn find_people(
        &self,
        call: &Call,
        request: api::FindPeopleRequest,
    ) -> Result<api::FindPeopleResponse, Error> {
        let api::FindPeopleRequest { name, limit, purpose } = request;
        let limit = match usize::try_from(limit) {
            Ok(0) => FOUND_DEFAULT,
            Ok(limit) => limit.min(FOUND_MAX),
            Err(_) => {
                let (zh, en) = ("人数不能为负", "the limit must not be negative");
                return Err(one("limit", limit.to_string(), zh, en));
            }
        };
        if name_form(&name).is_empty() {
            let (zh, en) = ("请写出姓名或其中几个字", "give a name, or a part of one");
            return Err(one("name", "", zh, en));
        }
        let people = Arc::clone(&self.parts.people);
        let (found, unreadable) = blocking(move || Ok((people.containing(&name)?, people.unreadable()?)))
            .await?
            .map_err(Error::People)?;
        // Whom she may not read about is nothing to her answer.
        let unreadable_ids: Vec<String> = self.engine.query(|at| {
            let ids = unreadable.into_iter();
            ids.filter(|id| readable(at, &call.caller, id).is_some())
                .take(FOUND_MAX)
                .collect()
        });
        if !unreadable_ids.is_empty() {
            return Ok(api::FindPeopleResponse {
                unreadable_ids,
                ..api::FindPeopleResponse::default()
            });
        }
        let today = self.today();
        let mut told = Vec::new();
        let mut total = 0;
        for named in found.chunks(LOOKED_AT_ONCE) {
            self.engine.query(|at| {
                for Named { teacher_id, name } in named {
                    let Some((id, need)) = readable(at, &call.caller, teacher_id) else {
                        continue;
                    };
                    total += 1;
                    if told.len() < limit {
                        told.push((need, present(at, &id, today).into_match(teacher_id, name.clone())));
                    }
                }
            });
        }
        let mut people = Vec::with_capacity(told.len());
        for (need, person) in told {
            self.note_read(&call.caller, need, &person.teacher_id, "name", &purpose)?;
            people.push(person);
        }
        Ok(api::FindPeopleResponse {
            people,
            total,
            unreadable_ids,
        })
    }
}

/// The names of a teacher's schools in these days, and her subject.
pub(crate) fn schools_and_subject(at: At<'_>, id: &TeacherId, days: (Date, Date)) -> (Vec<String>, String) {
    let scope = Scope::of(at, id, days).unwrap_or_default();
    let name = |id: &SchoolId| {
        at.school(id)
            .map_or_else(|| id.to_string(), |school| school.name.to_string())
    };
    let names = scope.stood_at.iter().map(name).collect();
    (names, scope.subject.unwrap_or_default())
}

/// Whether the caller may read about this teacher at any time, and whether that is to be noted.
pub(crate) fn readable(at: At<'_>, caller: &Caller, id: &str) -> Option<(TeacherId, Need)> {
    let id = TeacherId::new(id).ok()?;
    let scope = Scope::of(at, &id, ALWAYS).unwrap_or_default();
    Some((id, scope.admits(caller, &id).ok()?))
}

/// The teacher asked about: of this id, or the caller herself if none is given.
pub(crate) fn asked_about(caller: &Caller, text: &str) -> Result<TeacherId, Error> {
    match (text, caller.teacher_id()) {
        ("", Some(own)) => teacher_id(own),
        ("", None) => Err(one(
            "teacher_id",
            "",
            "此令牌没有对应的教师，不知道要查谁；请写明教师编号或姓名",
            "your token is of no teacher, so say whom you ask about: give an id or a name",
        )),
        (text, _) => teacher_id(text),
    }
}

/// Reads a teacher's id.
pub(crate) fn teacher_id(text: &str) -> Result<TeacherId, Error> {
    TeacherId::new(text).map_err(|why| {
        Error::Fields(vec![violation(
            "teacher_id",
            text,
            format!("“{text}” 不是教师编号；请核对后重查"),
            format!("{text:?} is no teacher's id: {why}; correct it and ask again"),
        )])
    })
}
