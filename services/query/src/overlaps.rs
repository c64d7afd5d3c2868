//! Attendance that may be one course posted twice, for whoever decides of it.

use std::collections::BTreeSet;

use keshi_core::balance::{Assessor, Overlap};
use keshi_core::event::Fact;
use keshi_core::ids::TeacherId;
use keshi_core::state::At;
use keshi_door::Call;
use keshi_engine::Engine;
use keshi_office::access::{Caller, Need};
use keshi_proto::{api, date_to_wire};

use crate::Context;
use crate::desk::Turns;
use crate::error::Error;
use crate::everybody::each_teacher;
use crate::page::{ANSWER_BYTES_MAX, fitting, page_size_of};
use crate::people::teacher_id;
use crate::scope::{ALWAYS, Scope};

/// Pairs on a page when the caller does not say.
const PAGE_DEFAULT: usize = 50;

/// Most pairs on a page: of each two entries are read.
const PAGE_MAX: usize = 200;

/// Most pairs of an office: beyond, the list says that it is too long.
const FOUND_MAX: usize = 20_000;

/// A pair of somebody whom the caller may read about.
struct Found {
    teacher: TeacherId,
    need: Need,
    overlap: Overlap,
}

impl Context {
    pub(crate) async fn list_overlaps(
        &self,
        call: &Call,
        request: api::ListOverlapsRequest,
    ) -> Result<api::ListOverlapsResponse, Error> {
        let limit = page_size_of(request.page_size, PAGE_DEFAULT, PAGE_MAX)?;
        let whose = match request.teacher_id.as_str() {
            "" => None,
            text => Some(teacher_id(text)?),
        };
        let too = request.accepted_too.to_string();
        let parts = ["overlaps", &request.teacher_id, &too];
        let page = self
            .page(call, request.at.as_ref(), &request.page_token, &parts)
            .await?;
        let _room = self.room_for(call, ANSWER_BYTES_MAX)?;
        let seat = self.desk.seat(&call.caller, call.deadline).await?;
        let (engine, caller, size) = (self.engine.clone(), call.caller.clone(), page.size);
        let (accepted_too, from) = (request.accepted_too, page.from);
        let work = move |turns: &Turns| {
            let all = found(&engine, size, turns, whose, |found, at, assessor, id| {
                look(found, at, assessor, &caller, (id, accepted_too));
            })?;
            let total = all.len();
            let on_page: Vec<Found> = all.into_iter().skip(from).take(limit).collect();
            let told = turns.step(|_| told(&engine, size, &on_page))??;
            Ok((on_page, told, total))
        };
        let (on_page, told, total) = self.desk.work(seat, Some(call.deadline), work).await?;
        let mut overlaps = fitting(told.into_iter(), ANSWER_BYTES_MAX);
        let on_page = on_page.get(..overlaps.len()).unwrap_or(&on_page);
        let mut noted = BTreeSet::new();
        for one in on_page {
            if noted.insert(one.teacher) {
                self.note_read(
                    &call.caller,
                    one.need,
                    one.teacher.as_str(),
                    "overlaps",
                    &request.purpose,
                )?;
            }
        }
        let names = self.names(on_page.iter().map(|one| one.teacher).collect()).await?;
        for (overlap, name) in overlaps.iter_mut().zip(names) {
            overlap.name = name;
        }
        Ok(api::ListOverlapsResponse {
            next_page_token: page.next(overlaps.len(), total),
            overlaps,
            size,
            total: i64::try_from(total).unwrap_or(i64::MAX),
        })
    }
}

/// Looks at one teacher, or at all.
fn found(
    engine: &Engine,
    size: u64,
    turns: &Turns,
    whose: Option<TeacherId>,
    look: impl Fn(&mut Vec<Found>, At<'_>, &Assessor<'_>, TeacherId),
) -> Result<Vec<Found>, Error> {
    let mut all = Vec::new();
    if let Some(one) = whose {
        turns.step(|_| engine.query_at(size, |at| look(&mut all, at, &Assessor::new(at), at.kept_id(&one))))?;
        return Ok(all);
    }
    let weigh = |found: &Vec<Found>| match found.len() {
        count if count > FOUND_MAX => Err(Error::ResultTooLarge),
        _ => Ok(()),
    };
    each_teacher((engine, size), turns, &mut all, look, weigh)?;
    Ok(all)
}

fn look(
    found: &mut Vec<Found>,
    at: At<'_>,
    assessor: &Assessor<'_>,
    caller: &Caller,
    (teacher, accepted_too): (TeacherId, bool),
) {
    let mut hers = assessor.overlaps(&teacher);
    hers.retain(|one| accepted_too || one.accepted.is_none());
    if hers.is_empty() {
        return;
    }
    let scope = Scope::of(at, &teacher, ALWAYS).unwrap_or_default();
    let Ok(need) = scope.admits(caller, &teacher) else {
        return;
    };
    found.extend(hers.into_iter().map(|overlap| Found { teacher, need, overlap }));
}

fn told(engine: &Engine, size: u64, found: &[Found]) -> Result<Vec<api::Overlap>, Error> {
    let told = found.iter().map(|one| {
        Ok(api::Overlap {
            teacher_id: one.teacher.to_string(),
            name: String::new(),
            first: side(engine, size, one.overlap.first)?,
            second: side(engine, size, one.overlap.second)?,
            accepted_by: one.overlap.accepted,
        })
    });
    told.collect()
}

fn side(engine: &Engine, size: u64, index: u64) -> Result<Option<api::OverlapEntry>, Error> {
    let Some(stored) = engine.entry(index)? else {
        return Ok(None);
    };
    let Some(event) = stored.entry.posted.event() else {
        return Ok(None);
    };
    let Fact::AttendanceRecorded(attended) = &event.fact else {
        return Ok(None);
    };
    let session = engine.query_at(size, |at| at.session(&attended.session_id));
    let text = |text: Option<keshi_core::text::Text>| text.map_or_else(String::new, |text| text.to_string());
    let (project, provider) = session.map_or_else(Default::default, |session| (session.project, session.provider));
    Ok(Some(api::OverlapEntry {
        index,
        event_id: event.event_id.to_string(),
        from: Some(date_to_wire(event.from)),
        to: Some(date_to_wire(event.to)),
        session_id: attended.session_id.to_string(),
        project: text(project),
        provider: text(provider),
        present_centihours: attended.hours_present.hundredths(),
        poster: stored.entry.poster.to_string(),
    }))
}
