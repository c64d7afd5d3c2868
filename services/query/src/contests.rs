//! Competitions, level by level: who was recommended to them, took part, and won.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use keshi_core::codes::{Award, AwardRole, Level};
use keshi_core::ids::{CompetitionId, TeacherId};
use keshi_core::period::{Name, Period};
use keshi_core::record::TeacherRecord;
use keshi_core::state::At;
use keshi_core::text::Text;
use keshi_door::Call;
use keshi_engine::Engine;
use keshi_office::access::{Caller, Need};
use keshi_proto::{api, date_to_wire};

use crate::Context;
use crate::counted::Persons;
use crate::desk::{Room, Turns};
use crate::error::Error;
use crate::everybody::each_teacher;
use crate::page::{ANSWER_BYTES_MAX, fitting, page_size_of};
use crate::people::schools_and_subject;
use crate::place::{dates, one};
use crate::scope::{Read, Scope};

/// Records on a page when the caller does not say.
const PAGE_DEFAULT: usize = 50;

/// Most records on a page: each leaves a line in the log of reads.
const PAGE_MAX: usize = 200;

/// What is asked.
#[derive(Debug)]
struct Question {
    period: Period,
    size: u64,
    /// `None`: all.
    level: Option<Level>,
    /// `None`: all.
    step: Option<api::ContestStep>,
}

/// One teacher at one step.
#[derive(Clone, Debug)]
struct Row {
    teacher_id: TeacherId,
    need: Need,
    index: u64,
    on: Date,
    level: Level,
    step: api::ContestStep,
    competition: Option<(CompetitionId, Text)>,
    award: Option<Award>,
}

/// What there is: the rows asked for, and the counts of all.
#[derive(Debug, Default)]
struct Found {
    rows: Vec<Row>,
    /// By how high the level is.
    levels: BTreeMap<u8, api::ContestLevel>,
    /// Of whom the counts are.
    persons: Persons,
}

/// The counts alone.
#[derive(Debug)]
pub(crate) struct Funnel {
    total: usize,
    levels: Vec<api::ContestLevel>,
    persons: Persons,
}

impl Context {
    pub(crate) async fn list_contests(
        &self,
        call: &Call,
        request: api::ListContestsRequest,
    ) -> Result<api::ListContestsResponse, Error> {
        let limit = page_size_of(request.page_size, PAGE_DEFAULT, PAGE_MAX)?;
        let name = self.period_name(&request.period)?;
        let parts = [
            "contests",
            &name.to_string(),
            &request.level.to_string(),
            &request.step.to_string(),
        ];
        let page = self
            .page(call, request.at.as_ref(), &request.page_token, &parts)
            .await?;
        let question = Question {
            period: self.engine.query_at(page.size, |at| dates(name, at))?,
            size: page.size,
            level: level(request.level)?,
            step: step(request.step)?,
        };
        let of_few = Read::of("contests", &name);
        if request.counts_only {
            let funnel = self.funnel(call, question).await?;
            self.note_few(call, (&funnel.persons, &[]), &of_few, &request.purpose)?;
            return Ok(api::ListContestsResponse {
                size: page.size,
                total: i64::try_from(funnel.total).unwrap_or(i64::MAX),
                levels: funnel.levels.clone(),
                ..api::ListContestsResponse::default()
            });
        }
        let _room = self.room_for(call, ANSWER_BYTES_MAX)?;
        let (found, _room_of_result) = self.found(call, question).await?;
        let all = found.rows.len();
        let end = page.from.saturating_add(limit).min(all);
        let on_page = found.rows.get(page.from.min(end)..end).unwrap_or_default();
        let records = self
            .records_told(call, (name, page.size), on_page, &request.purpose)
            .await?;
        let told: Vec<TeacherId> = on_page.iter().take(records.len()).map(|row| row.teacher_id).collect();
        self.note_few(call, (&found.persons, &told), &of_few, &request.purpose)?;
        Ok(api::ListContestsResponse {
            next_page_token: page.next(records.len(), all),
            records,
            size: page.size,
            total: i64::try_from(all).unwrap_or(i64::MAX),
            levels: found.levels.into_values().collect(),
        })
    }

    /// The counts, as somebody with the same rights may have asked for them at the same size.
    async fn funnel(&self, call: &Call, question: Question) -> Result<Arc<Funnel>, Error> {
        // Whom she may read about is told by her role alone.
        let key = format!("{question:?} {:?}", call.caller.role());
        let count = async {
            let (found, _room) = self.found(call, question).await?;
            Ok(Funnel {
                total: found.rows.len(),
                levels: found.levels.into_values().collect(),
                persons: found.persons,
            })
        };
        self.funnels.get(key, call.deadline, count).await
    }

    async fn found(&self, call: &Call, question: Question) -> Result<(Found, Room), Error> {
        let seat = self.desk.seat(&call.caller, call.deadline).await?;
        let (engine, caller, mut room) = (self.engine.clone(), call.caller.clone(), self.desk.room(&call.caller)?);
        let work = move |turns: &Turns| Ok((question.work(&engine, &caller, turns, &mut room)?, room));
        self.desk.work(seat, Some(call.deadline), work).await
    }

    /// The rows for the API, as many as fit into one answer, each noted before it is told.
    async fn records_told(
        &self,
        call: &Call,
        (period, size): (Name, u64),
        rows: &[Row],
        purpose: &str,
    ) -> Result<Vec<api::ContestRecord>, Error> {
        let records = self.engine.query_at(size, |at| {
            fitting(rows.iter().map(|row| row.to_api(at)), ANSWER_BYTES_MAX)
        });
        let rows = rows.get(..records.len()).unwrap_or(rows);
        for row in rows {
            let (id, what) = (row.teacher_id.as_str(), Read::of("contests", &period));
            self.note_read(&call.caller, row.need, id, what, purpose)?;
        }
        let names = self.names(rows.iter().map(|row| row.teacher_id).collect()).await?;
        let told = records.into_iter().zip(names);
        Ok(told
            .map(|(record, name)| api::ContestRecord { name, ..record })
            .collect())
    }
}

fn level(code: i32) -> Result<Option<Level>, Error> {
    if code == 0 {
        return Ok(None);
    }
    let known = Level::from_code(code).map(Some);
    known.ok_or_else(|| one("level", code.to_string(), "没有这个级别", "there is no such level"))
}

fn step(code: i32) -> Result<Option<api::ContestStep>, Error> {
    match api::ContestStep::try_from(code) {
        Ok(api::ContestStep::Unspecified) => Ok(None),
        Ok(step) => Ok(Some(step)),
        Err(_) => Err(one("step", code.to_string(), "没有这一步", "there is no such step")),
    }
}

/// How high a level is, the school's lowest; what is none of them stands last.
fn height(level: Level) -> u8 {
    match level {
        Level::School => 0,
        Level::DistrictGroup => 1,
        Level::County => 2,
        Level::City => 3,
        Level::Province => 4,
        Level::National => 5,
        Level::Other => 6,
    }
}

impl Question {
    /// Looks through the records of all teachers, in steps at the desk.
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
        let order = |row: &Row| (height(row.level), i32::from(row.step), row.on, row.index);
        found.rows.sort_by_key(order);
        Ok(found)
    }

    fn look(&self, at: At<'_>, caller: &Caller, id: &TeacherId, found: &mut Found) {
        let days = (self.period.from, self.period.to);
        let admitted = Scope::of(at, id, days).and_then(|scope| scope.admits(caller, id).ok());
        let Some((need, record)) = admitted.zip(at.teacher_record(id)) else {
            return;
        };
        found.persons.add(id, need);
        for row in self.rows(at, *id, need, record) {
            let counts = found
                .levels
                .entry(height(row.level))
                .or_insert_with(|| api::ContestLevel {
                    level: row.level.code(),
                    ..api::ContestLevel::default()
                });
            match row.step {
                api::ContestStep::Recommended => counts.recommended += 1,
                api::ContestStep::TookPart => counts.took_part += 1,
                api::ContestStep::Won => counts.won += 1,
                api::ContestStep::Unspecified => {}
            }
            if self.level.is_none_or(|level| level == row.level) && self.step.is_none_or(|step| step == row.step) {
                found.rows.push(row);
            }
        }
    }

    /// What of her record has effect and lies in the period, each step of a competition once.
    fn rows(&self, at: At<'_>, teacher_id: TeacherId, need: Need, record: TeacherRecord) -> Vec<Row> {
        let is_of = |on: Date| self.period.from <= on && on <= self.period.to;
        let row = |index, on, level, step| Row {
            teacher_id,
            need,
            index,
            on,
            level,
            step,
            competition: None,
            award: None,
        };
        let sent = record.recommendations.into_iter();
        let sent = sent.filter(|sent| sent.why_not.is_none() && is_of(sent.on));
        let mut rows: Vec<Row> = sent
            .map(|sent| Row {
                competition: sent.from_comp.and_then(|id| Some((id, at.competition(&id)?.0.clone()))),
                ..row(sent.index, sent.on, sent.to_level, api::ContestStep::Recommended)
            })
            .collect();
        // Of each competition the entry that tells most: the best prize, else that she took part.
        let mut best: BTreeMap<CompetitionId, Row> = BTreeMap::new();
        for contest in record.contests {
            let own = match contest.award {
                None => Some(None),
                Some((award, AwardRole::Oneself)) => Some(Some(award)),
                Some((_, AwardRole::Guide)) => None,
            };
            let (Some(award), Some((name, level))) = (own, contest.held) else {
                continue;
            };
            if contest.why_not.is_some() || !is_of(contest.on) {
                continue;
            }
            let told = Row {
                competition: Some((contest.comp_id, name)),
                award,
                ..row(contest.index, contest.on, level, api::ContestStep::TookPart)
            };
            let rank = |award: Option<Award>| award.map_or(i32::MAX, Award::code);
            let known = best.entry(contest.comp_id).or_insert_with(|| told.clone());
            if rank(told.award) < rank(known.award) {
                *known = told;
            }
        }
        for took_part in best.into_values() {
            if took_part.award.is_some() {
                let step = api::ContestStep::Won;
                rows.push(Row {
                    step,
                    ..took_part.clone()
                });
            }
            rows.push(took_part);
        }
        rows
    }
}

impl Row {
    /// For the API, without the name.
    fn to_api(&self, at: At<'_>) -> api::ContestRecord {
        let (school_names, _) = schools_and_subject(at, &self.teacher_id, (self.on, self.on));
        let (comp_id, competition) = self
            .competition
            .as_ref()
            .map_or_else(Default::default, |(id, name)| (id.to_string(), name.to_string()));
        api::ContestRecord {
            index: self.index,
            teacher_id: self.teacher_id.to_string(),
            name: String::new(),
            school_names,
            step: self.step.into(),
            level: self.level.code(),
            on: Some(date_to_wire(self.on)),
            comp_id,
            competition,
            award: self.award.map_or(0, Award::code),
        }
    }
}
