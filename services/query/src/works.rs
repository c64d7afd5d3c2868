//! Works (成果), each with its publications and prizes beside each other, and which of these counts.

mod told;

use std::collections::BTreeMap;

use jiff::civil::Date;
use keshi_core::codes::{Award, Level};
use keshi_core::ids::{TeacherId, WorkId};
use keshi_core::state::At;
use keshi_core::works::{Part, WorkEntry, WorkKind, best};
use keshi_door::Call;
use keshi_engine::Engine;
use keshi_proto::api;

use self::told::Told;
use crate::Context;
use crate::desk::{Room, Turns};
use crate::error::Error;
use crate::everybody::each_teacher;
use crate::page::{ANSWER_BYTES_MAX, page_size_of};
use crate::people::teacher_id;
use crate::place::one;
use crate::scope::{ALWAYS, admit};

/// Works on a page when the caller does not say.
const PAGE_DEFAULT: usize = 50;

/// Most works on a page: each names up to sixty people an entry, and each reading about one is noted.
const PAGE_MAX: usize = 200;

/// The kinds of entries that are prizes, and are counted.
const PRIZES: [WorkKind; 2] = [WorkKind::Awarded, WorkKind::Contest];

/// What is asked. `None`: all.
#[derive(Clone, Copy, Debug)]
struct Wanted {
    year: Option<i16>,
    kind: Option<WorkKind>,
    level: Option<Level>,
    award: Option<Award>,
    /// Under the id that stands for her.
    teacher: Option<TeacherId>,
}

/// An entry about a work, with all whom it is about.
#[derive(Clone, Debug)]
struct Entry {
    of: WorkEntry,
    people: Vec<(TeacherId, Part)>,
}

/// The entries of a work, by their index.
type Work = BTreeMap<u64, Entry>;

/// The works, and what of their entries weighs.
#[derive(Default)]
struct Found {
    works: BTreeMap<WorkId, Work>,
    parts: usize,
}

/// How many won in a year, by kind, then by how high: the last year first, the highest level first.
type Counts = BTreeMap<(i32, WorkKind, i32), api::WorkCount>;

impl Context {
    pub(crate) async fn list_works(
        &self,
        call: &Call,
        request: api::ListWorksRequest,
    ) -> Result<api::ListWorksResponse, Error> {
        let limit = page_size_of(request.page_size, PAGE_DEFAULT, PAGE_MAX)?;
        let mut wanted = Wanted::read(&request)?;
        if wanted.teacher.is_none() {
            call.caller.may_read_sessions()?;
        }
        let parts = ["works", &format!("{wanted:?}")];
        let page = self
            .page(call, request.at.as_ref(), &request.page_token, &parts)
            .await?;
        if let Some(id) = wanted.teacher {
            let kept = self.engine.query_at(page.size, |at| {
                admit(at, &call.caller, &id, ALWAYS)?;
                Ok::<_, Error>(at.kept_id(&id))
            })?;
            wanted.teacher = Some(kept);
        }
        let _room = self.room_for(call, ANSWER_BYTES_MAX)?;
        let seat = self.desk.seat(&call.caller, call.deadline).await?;
        let (engine, caller, mut room) = (self.engine.clone(), call.caller.clone(), self.desk.room(&call.caller)?);
        let (size, from) = (page.size, page.from);
        let work = move |turns: &Turns| {
            let found = wanted.found((&engine, size), turns, &mut room)?;
            let counts = counts(&found);
            let mut meant: Vec<(WorkId, Work)> =
                found.works.into_iter().filter(|(_, work)| wanted.takes(work)).collect();
            meant.sort_by_key(|(id, work)| (std::cmp::Reverse(last_day(work)), *id));
            let all = meant.len();
            let on_page: Vec<_> = meant.into_iter().skip(from).take(limit).collect();
            let told = Told::of(&on_page, &wanted, (&engine, size, &caller), turns)?;
            Ok((counts, all, told, room))
        };
        let (counts, all, told, _room_of_result) = self.desk.work(seat, Some(call.deadline), work).await?;
        let works = self.name_works(call, told, wanted.year, &request.purpose).await?;
        Ok(api::ListWorksResponse {
            next_page_token: page.next(works.len(), all),
            works,
            size,
            total: i64::try_from(all).unwrap_or(i64::MAX),
            counts: counts.into_values().collect(),
        })
    }
}

fn last_day(work: &Work) -> Date {
    work.values().map(|entry| entry.of.on).max().unwrap_or(Date::MIN)
}

const fn kind_to_api(kind: WorkKind) -> api::WorkKind {
    match kind {
        WorkKind::Published => api::WorkKind::Published,
        WorkKind::Awarded => api::WorkKind::Awarded,
        WorkKind::Contest => api::WorkKind::Contest,
    }
}

impl Wanted {
    fn read(request: &api::ListWorksRequest) -> Result<Self, Error> {
        let year = match i16::try_from(request.year) {
            Ok(0) => None,
            Ok(year) => Some(year),
            Err(_) => {
                let (zh, en) = ("年份写作 2022", "write the year as 2022");
                return Err(one("year", request.year.to_string(), zh, en));
            }
        };
        let kind = match api::WorkKind::try_from(request.kind) {
            Ok(api::WorkKind::Unspecified) => None,
            Ok(api::WorkKind::Published) => Some(WorkKind::Published),
            Ok(api::WorkKind::Awarded) => Some(WorkKind::Awarded),
            Ok(api::WorkKind::Contest) => Some(WorkKind::Contest),
            Err(_) => {
                let (zh, en) = ("没有这类成果记录", "there is no such kind of entries");
                return Err(one("kind", request.kind.to_string(), zh, en));
            }
        };
        let level = coded(
            request.level,
            Level::from_code,
            ("level", "没有这个级别", "there is no such level"),
        )?;
        let award = coded(
            request.award,
            Award::from_code,
            ("award", "没有这个奖次", "there is no such prize"),
        )?;
        let teacher = Some(request.teacher_id.as_str()).filter(|id| !id.is_empty());
        Ok(Self {
            year,
            kind,
            level,
            award,
            teacher: teacher.map(teacher_id).transpose()?,
        })
    }

    /// All works, or those of the one asked about, each with all whom it is about; in steps at the desk.
    fn found(&self, (engine, size): (&Engine, u64), turns: &Turns, room: &mut Room) -> Result<Found, Error> {
        let (mut found, mut weighed) = (Found::default(), 0);
        each_teacher(
            (engine, size),
            turns,
            &mut found,
            |found, at, _, id| found.look(at, id),
            |found| {
                let new = found.parts - std::mem::replace(&mut weighed, found.parts);
                room.take(new * size_of::<Entry>())
            },
        )?;
        if let Some(id) = self.teacher {
            let is_hers = |work: &Work| work.values().any(|entry| entry.people.iter().any(|(of, _)| *of == id));
            found.works.retain(|_, work| is_hers(work));
        }
        Ok(found)
    }

    fn takes(&self, work: &Work) -> bool {
        let fits = |entry: &WorkEntry| {
            self.level.is_none_or(|level| entry.level == Some(level))
                && self.award.is_none_or(|award| entry.award == Some(award))
        };
        let of_prizes = self.kind.filter(|kind| PRIZES.contains(kind));
        if let Some(kind) = of_prizes.filter(|_| self.level.is_some() || self.award.is_some()) {
            return best_of(work, kind, self.year).is_some_and(fits);
        }
        let mut entries = work.values().map(|entry| &entry.of);
        entries.any(|entry| {
            self.year.is_none_or(|year| entry.on.year() == year)
                && self.kind.is_none_or(|kind| entry.kind == kind)
                && fits(entry)
        })
    }
}

/// 件: of each year and kind of prize each work once, at its highest.
fn counts(found: &Found) -> Counts {
    let mut counts = Counts::new();
    for work in found.works.values() {
        let mut years: Vec<i16> = work.values().map(|entry| entry.of.on.year()).collect();
        years.sort_unstable();
        years.dedup();
        for (kind, year) in PRIZES
            .iter()
            .flat_map(|kind| years.iter().map(move |year| (*kind, *year)))
        {
            let top = best_of(work, kind, Some(year));
            let Some((level, award)) = top.and_then(|top| top.level.zip(top.award)) else {
                continue;
            };
            let year = i32::from(year);
            let count = counts
                .entry((-year, kind, level.code()))
                .or_insert_with(|| api::WorkCount {
                    year,
                    kind: kind_to_api(kind).into(),
                    level: level.code(),
                    ..api::WorkCount::default()
                });
            match award {
                Award::First => count.first += 1,
                Award::Second => count.second += 1,
                Award::Third => count.third += 1,
                Award::Excellent => count.excellent += 1,
            }
        }
    }
    counts
}

/// The value of a code that may be left out.
fn coded<T>(code: i32, of: fn(i32) -> Option<T>, (field, zh, en): (&str, &str, &str)) -> Result<Option<T>, Error> {
    match code {
        0 => Ok(None),
        code => of(code).map(Some).ok_or_else(|| one(field, code.to_string(), zh, en)),
    }
}

/// Of a kind the best prize of the work, in a year or ever.
fn best_of(work: &Work, kind: WorkKind, year: Option<i16>) -> Option<&WorkEntry> {
    let entries = work.values().map(|entry| &entry.of);
    best(entries.filter(|entry| entry.kind == kind && year.is_none_or(|year| entry.on.year() == year)))
}

impl Found {
    fn look(&mut self, at: At<'_>, id: TeacherId) {
        for of in at.work_entries(&id) {
            let part = of.part;
            let work = self.works.entry(of.work_id).or_default();
            let entry = work.entry(of.index).or_insert_with(|| Entry {
                of: of.clone(),
                people: Vec::new(),
            });
            // What it is to the work itself is what it is to whoever did it.
            if part != Part::Guide {
                entry.of.part = part;
            }
            entry.people.push((id, part));
            self.parts += 1;
        }
    }
}
