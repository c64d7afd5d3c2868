//! Who fulfils a next step of the ladders, and how many hold the titles of each level.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use keshi_core::balance::Assessor;
use keshi_core::codes::{Level, TitleClass};
use keshi_core::ids::TeacherId;
use keshi_core::policy::Fraction;
use keshi_core::state::At;
use keshi_core::tier::Step;
use keshi_core::title::title_zh;
use keshi_door::Call;
use keshi_engine::Engine;
use keshi_office::access::{Caller, Need};
use keshi_proto::api;

use crate::Context;
use crate::counted::Persons;
use crate::desk::{Room, Turns};
use crate::error::Error;
use crate::everybody::each_teacher;
use crate::ledger::day;
use crate::page::{ANSWER_BYTES_MAX, fitting, page_size_of};
use crate::people::schools_and_subject;
use crate::place::one;
use crate::scope::{Read, Scope};
use crate::shortfalls::registered;
use crate::tiers::{is_young_enough, share_text, step_to_api};

/// Teachers on a page when the caller does not say.
const PAGE_DEFAULT: usize = 50;

/// Most teachers on a page: each leaves a line in the log of reads.
const PAGE_MAX: usize = 200;

/// Birth dates asked for in one step.
pub(crate) const BIRTHS_AT_ONCE: usize = 1_000;

/// What is asked.
#[derive(Debug)]
struct Question {
    on: Date,
    size: u64,
    /// `None`: every step.
    title: Option<(TitleClass, Level)>,
    /// Empty: all.
    school_id: String,
}

/// A title's place in a list: the lowest class first, then the lowest level.
pub(crate) type Place = (TitleClass, Reverse<Level>);

pub(crate) fn place(class: TitleClass, level: Level) -> Place {
    // A level's code falls as it rises.
    (class, Reverse(level))
}

/// One teacher who fulfils a step, her age aside.
#[derive(Clone, Debug)]
struct Row {
    teacher_id: TeacherId,
    need: Need,
    step: Step,
}

impl Row {
    fn weight(&self) -> usize {
        size_of::<Self>() + self.step.text.len()
    }
}

#[derive(Debug, Default)]
struct Found {
    rows: Vec<Row>,
    counts: BTreeMap<Place, api::TitleCount>,
    /// Who hold a title of the level.
    holders: BTreeMap<Level, i64>,
    looked_at: i64,
    persons: Persons,
}

impl Found {
    fn count(&mut self, class: TitleClass, level: Level) -> &mut api::TitleCount {
        let count = || api::TitleCount {
            class: class.code(),
            level: level.code(),
            name_zh: title_zh(class, level),
            ..api::TitleCount::default()
        };
        self.counts.entry(place(class, level)).or_insert_with(count)
    }
}

impl Context {
    pub(crate) async fn list_ready(
        &self,
        call: &Call,
        request: api::ListReadyRequest,
    ) -> Result<api::ListReadyResponse, Error> {
        let limit = page_size_of(request.page_size, PAGE_DEFAULT, PAGE_MAX)?;
        let on = request.on.map_or_else(|| Ok(self.today()), |date| day("on", &date))?;
        let parts = [
            "ready",
            &on.to_string(),
            &request.class.to_string(),
            &request.level.to_string(),
            &request.school_id,
        ];
        let page = self
            .page(call, request.at.as_ref(), &request.page_token, &parts)
            .await?;
        let title = title(request.class, request.level)?;
        let question = Question {
            on,
            size: page.size,
            title,
            school_id: request.school_id,
        };
        let levels = self.engine.query_at(page.size, |at| question.check(at))?;
        let _room = self.room_for(call, ANSWER_BYTES_MAX)?;
        let (mut found, _room_of_result) = self.ready(call, question).await?;
        self.leave_out_by_age(&mut found, on).await?;
        found
            .rows
            .retain(|row| title.is_none_or(|title| title == (row.step.class, row.step.level)));
        let all = found.rows.len();
        let end = page.from.saturating_add(limit).min(all);
        let on_page = found.rows.get(page.from.min(end)..end).unwrap_or_default();
        let teachers = self
            .ready_told(call, (on, page.size), on_page, &request.purpose)
            .await?;
        let told: Vec<TeacherId> = on_page.iter().take(teachers.len()).map(|row| row.teacher_id).collect();
        self.note_few(call, (&found.persons, &told), &Read::of("ready", &on), &request.purpose)?;
        let levels = levels.iter();
        let levels = levels.map(|(Reverse(level), target)| target.to_api(*level, &found));
        Ok(api::ListReadyResponse {
            next_page_token: page.next(teachers.len(), all),
            teachers,
            size: page.size,
            total: i64::try_from(all).unwrap_or(i64::MAX),
            levels: levels.collect(),
            titles: found.counts.values().cloned().collect(),
            looked_at: found.looked_at,
        })
    }

    async fn ready(&self, call: &Call, question: Question) -> Result<(Found, Room), Error> {
        let seat = self.desk.seat(&call.caller, call.deadline).await?;
        let (engine, caller, mut room) = (self.engine.clone(), call.caller.clone(), self.desk.room(&call.caller)?);
        let work = move |turns: &Turns| Ok((question.work(&engine, &caller, turns, &mut room)?, room));
        self.desk.work(seat, Some(call.deadline), work).await
    }

    /// Takes out who is too old, and who may be for all that is known; and counts the others as ready.
    async fn leave_out_by_age(&self, found: &mut Found, on: Date) -> Result<(), Error> {
        let asked = found.rows.iter().filter(|row| row.step.age_max.is_some());
        let asked: BTreeSet<TeacherId> = asked.map(|row| row.teacher_id).collect();
        let asked: Vec<TeacherId> = asked.into_iter().collect();
        let mut born: BTreeMap<TeacherId, Option<Date>> = BTreeMap::new();
        for some in asked.chunks(BIRTHS_AT_ONCE) {
            let dates = self.birth_dates(some.to_vec()).await?;
            born.extend(some.iter().copied().zip(dates));
        }
        let rows = std::mem::take(&mut found.rows);
        for row in rows {
            let born = born.get(&row.teacher_id).copied().flatten();
            let young = row
                .step
                .age_max
                .map_or(Some(true), |max| is_young_enough(max, born, on));
            let count = found.count(row.step.class, row.step.level);
            match young {
                Some(true) => {
                    count.ready += 1;
                    found.rows.push(row);
                }
                Some(false) => {}
                None => count.age_unknown += 1,
            }
        }
        Ok(())
    }

    /// The rows for the API, as many as fit into one answer, each noted before it is told.
    async fn ready_told(
        &self,
        call: &Call,
        (on, size): (Date, u64),
        rows: &[Row],
        purpose: &str,
    ) -> Result<Vec<api::ReadyTeacher>, Error> {
        let told = self.engine.query_at(size, |at| {
            fitting(rows.iter().map(|row| row.to_api(at, on)), ANSWER_BYTES_MAX)
        });
        let rows = rows.get(..told.len()).unwrap_or(rows);
        for row in rows {
            let (id, what) = (row.teacher_id.as_str(), Read::of("ready", &on));
            self.note_read(&call.caller, row.need, id, what, purpose)?;
        }
        let names = self.names(rows.iter().map(|row| row.teacher_id).collect()).await?;
        let told = told.into_iter().zip(names);
        Ok(told.map(|(row, name)| api::ReadyTeacher { name, ..row }).collect())
    }
}

fn title(class: i32, level: i32) -> Result<Option<(TitleClass, Level)>, Error> {
    if (class, level) == (0, 0) {
        return Ok(None);
    }
    let class_known = TitleClass::from_code(class);
    let class = class_known.ok_or_else(|| {
        one(
            "class",
            class.to_string(),
            "没有这类称号；类别与级别须同时写",
            "there is no such class; say class and level",
        )
    })?;
    let level_known = Level::from_code(level);
    let level = level_known.ok_or_else(|| {
        one(
            "level",
            level.to_string(),
            "没有这个级别；类别与级别须同时写",
            "there is no such level; say class and level",
        )
    })?;
    Ok(Some((class, level)))
}

/// What a ladder wants of a level.
struct Target {
    policy: String,
    share: Fraction,
}

impl Target {
    fn to_api(&self, level: Level, found: &Found) -> api::LevelTarget {
        let share = self.share;
        api::LevelTarget {
            level: level.code(),
            holders: found.holders.get(&level).copied().unwrap_or(0),
            share: share_text(share),
            target: found.looked_at.saturating_mul(share.numerator()) / share.denominator().max(1),
            policy_id: self.policy.clone(),
        }
    }
}

impl Question {
    /// That there is what it names; and what the ladders in force want of each level, the lowest first.
    ///
    /// # Errors
    ///
    /// [`Error::Fields`] naming the field.
    fn check(&self, at: At<'_>) -> Result<BTreeMap<Reverse<Level>, Target>, Error> {
        if !self.school_id.is_empty() {
            registered(at, &self.school_id)?;
        }
        let ladders = at.ladders(self.on);
        let steps = || ladders.iter().flat_map(|policy| &policy.steps);
        if let Some((class, level)) = self.title
            && !ladders.is_empty()
            && !steps().any(|step| (step.class, step.level) == (class, level))
        {
            let known: Vec<String> = steps().map(|step| title_zh(step.class, step.level)).collect();
            let known = known.join("、");
            let zh = format!("当日有效的称号阶梯中没有这一级；现有 {known}");
            let en = format!("no ladder in force on the day has a step to it; there are {known}");
            return Err(one("class", title_zh(class, level), zh, en));
        }
        let targets = ladders.iter().flat_map(|policy| {
            let target = |&(level, share): &(Level, Fraction)| {
                let policy = policy.id.to_string();
                (Reverse(level), Target { policy, share })
            };
            policy.targets.iter().map(target)
        });
        Ok(targets.collect())
    }

    /// Looks at all teachers, in steps at the desk.
    fn work(&self, engine: &Engine, caller: &Caller, turns: &Turns, room: &mut Room) -> Result<Found, Error> {
        let (mut found, mut weighed) = (Found::default(), 0);
        each_teacher(
            (engine, self.size),
            turns,
            &mut found,
            |found, at, assessor, id| self.look((at, assessor), caller, &id, found),
            |found| {
                let before = std::mem::replace(&mut weighed, found.rows.len());
                room.take(
                    found
                        .rows
                        .get(before..)
                        .unwrap_or_default()
                        .iter()
                        .map(Row::weight)
                        .sum(),
                )
            },
        )?;
        let order = |row: &Row| (place(row.step.class, row.step.level), row.teacher_id);
        found.rows.sort_by_key(order);
        Ok(found)
    }

    fn look(&self, (at, assessor): (At<'_>, &Assessor<'_>), caller: &Caller, id: &TeacherId, found: &mut Found) {
        let Some(scope) = Scope::of(at, id, (self.on, self.on)) else {
            return;
        };
        let of_school = || scope.stood_at.iter().any(|school| school.as_str() == self.school_id);
        if !self.school_id.is_empty() && !of_school() {
            return;
        }
        let Some((need, tier)) = scope.admits(caller, id).ok().zip(assessor.tier(id, self.on)) else {
            return;
        };
        found.persons.add(id, need);
        found.looked_at += 1;
        let levels: BTreeSet<Level> = tier.titles.iter().map(|title| title.level).collect();
        for level in levels {
            *found.holders.entry(level).or_default() += 1;
        }
        let held: BTreeSet<_> = tier.titles.iter().map(|title| (title.class, title.level)).collect();
        for (class, level) in held {
            found.count(class, level).holders += 1;
        }
        let ready = tier.steps.into_iter().filter(|step| step.missing.is_empty());
        found.rows.extend(ready.map(|step| Row {
            teacher_id: *id,
            need,
            step,
        }));
    }
}

impl Row {
    /// For the API, without the name.
    fn to_api(&self, at: At<'_>, on: Date) -> api::ReadyTeacher {
        let (school_names, subject) = schools_and_subject(at, &self.teacher_id, (on, on));
        // Whose age was asked for is young enough: that is not said again.
        let step = Step {
            age_max: None,
            ..self.step.clone()
        };
        api::ReadyTeacher {
            teacher_id: self.teacher_id.to_string(),
            name: String::new(),
            school_names,
            subject,
            step: Some(step_to_api(&step, None, on)),
        }
    }
}
