//! Rotation and secondment: posts that are to last a least time, and how each stands to it.

use std::collections::BTreeMap;

use jiff::civil::Date;
use keshi_core::balance::{Rotation, TermStanding};
use keshi_core::codes::AssignmentNature;
use keshi_core::ids::TeacherId;
use keshi_core::state::At;
use keshi_door::Call;
use keshi_engine::Engine;
use keshi_office::access::{Caller, Need};
use keshi_proto::{api, date_to_wire};

use crate::Context;
use crate::counted::Persons;
use crate::desk::{Room, Turns};
use crate::error::Error;
use crate::everybody::each_teacher;
use crate::ledger::day;
use crate::page::{ANSWER_BYTES_MAX, fitting, page_size_of};
use crate::people::teacher_id;
use crate::place::one;
use crate::scope::{ALWAYS, Read, Scope, admit};
use crate::shortfalls::registered;

/// Posts on a page when the caller does not say.
const PAGE_DEFAULT: usize = 50;

/// Most posts on a page: each leaves a line in the log of reads.
const PAGE_MAX: usize = 200;

/// What is asked.
#[derive(Debug)]
struct Question {
    on: Date,
    size: u64,
    /// `None`: everybody.
    teacher: Option<TeacherId>,
    /// Empty: all.
    school_id: String,
    /// `None`: all.
    nature: Option<AssignmentNature>,
    /// `None`: all.
    standing: Option<api::TermStanding>,
}

/// One post.
#[derive(Clone, Debug)]
struct Row {
    teacher_id: TeacherId,
    need: Need,
    rotation: Rotation,
}

#[derive(Debug, Default)]
struct Found {
    rows: Vec<Row>,
    counts: BTreeMap<i32, i64>,
    /// Of whom the counts are.
    persons: Persons,
}

impl Context {
    pub(crate) async fn list_rotations(
        &self,
        call: &Call,
        request: api::ListRotationsRequest,
    ) -> Result<api::ListRotationsResponse, Error> {
        let limit = page_size_of(request.page_size, PAGE_DEFAULT, PAGE_MAX)?;
        let on = request.on.map_or_else(|| Ok(self.today()), |date| day("on", &date))?;
        let parts = [
            "rotations",
            &on.to_string(),
            &request.teacher_id,
            &request.school_id,
            &request.nature.to_string(),
            &request.standing.to_string(),
        ];
        let page = self
            .page(call, request.at.as_ref(), &request.page_token, &parts)
            .await?;
        let question = Question {
            on,
            size: page.size,
            teacher: named(&request.teacher_id)?,
            school_id: request.school_id,
            nature: nature(request.nature)?,
            standing: standing(request.standing)?,
        };
        if !question.school_id.is_empty() {
            self.engine
                .query_at(page.size, |at| registered(at, &question.school_id))?;
        }
        let _room = self.room_for(call, ANSWER_BYTES_MAX)?;
        let (found, _room_of_result) = self.rotations(call, question).await?;
        let all = found.rows.len();
        let end = page.from.saturating_add(limit).min(all);
        let on_page = found.rows.get(page.from.min(end)..end).unwrap_or_default();
        let rotations = self
            .rotations_told(call, (on, page.size), on_page, &request.purpose)
            .await?;
        let told: Vec<TeacherId> = on_page.iter().take(rotations.len()).map(|row| row.teacher_id).collect();
        self.note_few(
            call,
            (&found.persons, &told),
            &Read::of("rotations", &on),
            &request.purpose,
        )?;
        let counts = found.counts.into_iter();
        Ok(api::ListRotationsResponse {
            next_page_token: page.next(rotations.len(), all),
            rotations,
            size: page.size,
            total: i64::try_from(all).unwrap_or(i64::MAX),
            counts: counts
                .map(|(standing, posts)| api::RotationCount { standing, posts })
                .collect(),
        })
    }

    async fn rotations(&self, call: &Call, question: Question) -> Result<(Found, Room), Error> {
        let mut room = self.desk.room(&call.caller)?;
        if let Some(id) = question.teacher {
            let found = self.engine.query_at(question.size, |at| {
                admit(at, &call.caller, &id, ALWAYS)?;
                let mut found = Found::default();
                question.look(at, &call.caller, &at.kept_id(&id), &mut found);
                Ok::<_, Error>(found)
            })?;
            return Ok((found, room));
        }
        let seat = self.desk.seat(&call.caller, call.deadline).await?;
        let (engine, caller) = (self.engine.clone(), call.caller.clone());
        let work = move |turns: &Turns| Ok((question.work(&engine, &caller, turns, &mut room)?, room));
        self.desk.work(seat, Some(call.deadline), work).await
    }

    /// The rows for the API, as many as fit into one answer, each noted before it is told.
    async fn rotations_told(
        &self,
        call: &Call,
        (on, size): (Date, u64),
        rows: &[Row],
        purpose: &str,
    ) -> Result<Vec<api::Rotation>, Error> {
        let told = self.engine.query_at(size, |at| {
            fitting(rows.iter().map(|row| row.to_api(at)), ANSWER_BYTES_MAX)
        });
        let rows = rows.get(..told.len()).unwrap_or(rows);
        for row in rows {
            let (id, what) = (row.teacher_id.as_str(), Read::of("rotations", &on));
            self.note_read(&call.caller, row.need, id, what, purpose)?;
        }
        let names = self.names(rows.iter().map(|row| row.teacher_id).collect()).await?;
        let told = told.into_iter().zip(names);
        Ok(told.map(|(row, name)| api::Rotation { name, ..row }).collect())
    }
}

fn named(text: &str) -> Result<Option<TeacherId>, Error> {
    let text = Some(text).filter(|text| !text.is_empty());
    text.map(teacher_id).transpose()
}

fn nature(code: i32) -> Result<Option<AssignmentNature>, Error> {
    if code == 0 {
        return Ok(None);
    }
    let known = AssignmentNature::from_code(code).map(Some);
    known.ok_or_else(|| {
        one(
            "nature",
            code.to_string(),
            "没有这种任职性质",
            "there is no such nature",
        )
    })
}

fn standing(code: i32) -> Result<Option<api::TermStanding>, Error> {
    match api::TermStanding::try_from(code) {
        Ok(api::TermStanding::Unspecified) => Ok(None),
        Ok(standing) => Ok(Some(standing)),
        Err(_) => Err(one(
            "standing",
            code.to_string(),
            "没有这种情况",
            "there is no such standing",
        )),
    }
}

const fn standing_to_api(standing: TermStanding) -> api::TermStanding {
    match standing {
        TermStanding::Fulfilled => api::TermStanding::Fulfilled,
        TermStanding::Underway => api::TermStanding::Underway,
        TermStanding::EndsEarly => api::TermStanding::EndsEarly,
        TermStanding::NoTerm => api::TermStanding::NoTerm,
    }
}

impl Question {
    /// Looks at all teachers, in steps at the desk.
    fn work(&self, engine: &Engine, caller: &Caller, turns: &Turns, room: &mut Room) -> Result<Found, Error> {
        let (mut found, mut weighed) = (Found::default(), 0);
        each_teacher(
            (engine, self.size),
            turns,
            &mut found,
            |found, at, _, id| self.look(at, caller, &id, found),
            |found| {
                let new = found.rows.len() - std::mem::replace(&mut weighed, found.rows.len());
                room.take(new * size_of::<Row>())
            },
        )?;
        found
            .rows
            .sort_by_key(|row| (row.rotation.holding.from, row.teacher_id, row.rotation.holding.index));
        Ok(found)
    }

    fn look(&self, at: At<'_>, caller: &Caller, id: &TeacherId, found: &mut Found) {
        let rotations = at.rotations(id, self.on).into_iter();
        let mut rotations = rotations.filter(|one| self.asks_for(one)).peekable();
        if rotations.peek().is_none() {
            return;
        }
        let admitted = Scope::of(at, id, ALWAYS).and_then(|scope| scope.admits(caller, id).ok());
        let Some(need) = admitted else { return };
        found.persons.add(id, need);
        for rotation in rotations {
            let standing = standing_to_api(rotation.standing);
            *found.counts.entry(standing.into()).or_default() += 1;
            if self.standing.is_none_or(|asked| asked == standing) {
                found.rows.push(Row {
                    teacher_id: *id,
                    need,
                    rotation,
                });
            }
        }
    }

    fn asks_for(&self, one: &Rotation) -> bool {
        let school = one.holding.school.as_ref();
        let at_school = self.school_id.is_empty() || school.is_some_and(|id| id.as_str() == self.school_id);
        at_school && self.nature.is_none_or(|nature| nature == one.nature)
    }
}

impl Row {
    /// For the API, without the name.
    fn to_api(&self, at: At<'_>) -> api::Rotation {
        let Rotation {
            holding,
            nature,
            months_due,
            due,
            months_done,
            standing,
        } = &self.rotation;
        let name = |id| at.school(id).map(|school| school.name.to_string());
        let unit = || holding.unit.as_ref().map(ToString::to_string);
        let school_id = holding.school.as_ref().map(ToString::to_string).unwrap_or_default();
        let place = holding.school.as_ref().and_then(name).or_else(unit);
        let months = |months: u32| i32::try_from(months).unwrap_or(i32::MAX);
        api::Rotation {
            teacher_id: self.teacher_id.to_string(),
            name: String::new(),
            nature: nature.code(),
            place: place.unwrap_or_else(|| school_id.clone()),
            school_id,
            from: Some(date_to_wire(holding.from)),
            to: holding.to.map(date_to_wire),
            months_done: months(*months_done),
            months_due: months_due.map_or(0, months),
            due: due.map(date_to_wire),
            standing: standing_to_api(*standing).into(),
            index: holding.index,
        }
    }
}
