//! Calendars (校历): what is adopted, and what another would change.

use std::collections::{BTreeSet, HashSet};

use keshi_core::calendar::{Calendar, SemesterChange};
use keshi_core::ids::SemesterId;
use keshi_core::period::Semester;
use keshi_core::state::{At, CalendarVersion};
use keshi_door::{Call, in_document};
use keshi_engine::Engine;
use keshi_proto::{api, date_to_wire};

use crate::Context;
use crate::desk::Turns;
use crate::error::Error;
use crate::page::{ANSWER_BYTES_MAX, fitting, whole};

impl Context {
    /// The adopted calendars with their documents, as many as fit into one answer.
    pub(crate) async fn list_calendars(
        &self,
        call: &Call,
        request: api::ListCalendarsRequest,
    ) -> Result<api::ListCalendarsResponse, Error> {
        let api::ListCalendarsRequest { at, page_token } = request;
        let _room = self.room_for(call, ANSWER_BYTES_MAX)?;
        let page = self.page(call, at.as_ref(), &page_token, &["calendars"]).await?;
        let (size, from) = (page.size, page.from);
        let (calendars, all) = self.engine.query_at(size, |at| {
            let mut adopted = calendars_to_api(at);
            let all = adopted.len();
            adopted.drain(..from.min(all));
            (fitting(adopted.into_iter(), ANSWER_BYTES_MAX), all)
        });
        let next_page_token = page.next(calendars.len(), all);
        Ok(api::ListCalendarsResponse {
            calendars,
            size,
            next_page_token,
        })
    }

    /// What a calendar would change. It looks at everybody's entries, so it is done at the desk.
    pub(crate) async fn compare_calendar(
        &self,
        call: &Call,
        request: api::CompareCalendarRequest,
    ) -> Result<api::CompareCalendarResponse, Error> {
        call.caller.may_read_all()?;
        let api::CompareCalendarRequest { document, at } = request;
        let calendar = Calendar::parse(&document);
        let calendar = calendar.map_err(|problems| Error::Fields(in_document("document", &problems)))?;
        let size = self.place(at.as_ref(), call.deadline).await?;
        let changes = self.engine.query_at(size, |at| calendar.changes(&at.semesters()));
        let seat = self.desk.seat(&call.caller, call.deadline).await?;
        let engine = self.engine.clone();
        let ends = Some(call.deadline);
        let work = move |turns: &Turns| count(&engine, size, &changes, turns);
        let changes = self.desk.work(seat, ends, work).await?;
        whole(api::CompareCalendarResponse {
            calendar_id: calendar.id.to_string(),
            changes,
            size,
        })
    }
}

fn calendars_to_api(at: At<'_>) -> Vec<api::AdoptedCalendar> {
    // From the last on: of a semester that several give, the one adopted last says its dates.
    let versions: Vec<&CalendarVersion> = at.calendars().collect();
    let mut given: HashSet<SemesterId> = HashSet::new();
    let mut adopted: Vec<_> = versions
        .into_iter()
        .rev()
        .map(|version| {
            let calendar = &version.calendar;
            let semester = |semester: &Semester| api::Semester {
                replaced: given.contains(&semester.id),
                ..semester_to_api(semester)
            };
            let semesters = calendar.semesters.iter().map(semester).collect();
            given.extend(calendar.semesters.iter().map(|semester| semester.id));
            api::AdoptedCalendar {
                index: version.index.into(),
                calendar_id: calendar.id.to_string(),
                semesters,
                sha256: version.sha256.0.to_vec(),
                document: at.document(&version.sha256).unwrap_or_default(),
            }
        })
        .collect();
    adopted.reverse();
    adopted
}

fn semester_to_api(semester: &Semester) -> api::Semester {
    api::Semester {
        semester_id: semester.id.to_string(),
        from: Some(date_to_wire(semester.from)),
        to: Some(date_to_wire(semester.to)),
        teaching_weeks: semester.teaching_weeks,
        replaced: false,
    }
}

/// The changes with how many entries each touches. One entry may be about several teachers.
fn count(
    engine: &Engine,
    size: u64,
    changes: &[SemesterChange],
    turns: &Turns,
) -> Result<Vec<api::SemesterChange>, Error> {
    #[allow(
        clippy::redundant_closure_for_method_calls,
        reason = "the method is of one lifetime, not of any"
    )]
    let ids = turns.step(|_| engine.query_at(size, |at| at.teacher_ids()))?;
    let mut touched: Vec<BTreeSet<u64>> = vec![BTreeSet::new(); changes.len()];
    let mut ids = ids.iter();
    while !ids.as_slice().is_empty() {
        turns.step(|step| {
            engine.query_at(size, |at| {
                for id in ids.by_ref() {
                    for (change, touched) in changes.iter().zip(&mut touched) {
                        touched.extend(at.ending_on(id, |day| change.moves(day)));
                    }
                    if step.is_over() {
                        break;
                    }
                }
            });
        })?;
    }
    let both = changes.iter().zip(touched);
    let change = |(change, touched): (&SemesterChange, BTreeSet<u64>)| api::SemesterChange {
        before: change.before.as_ref().map(semester_to_api),
        after: Some(semester_to_api(&change.after)),
        entries: touched.len() as u64,
        overlaps: change.overlaps.iter().map(ToString::to_string).collect(),
    };
    Ok(both.map(change).collect())
}
