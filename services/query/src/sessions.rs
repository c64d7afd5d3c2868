//! The sessions of the county (场次), with their projects: of nobody in particular, for whoever may post who was there.

use std::ops::Range;

use jiff::civil::Date;
use keshi_core::event::{Event, Fact};
use keshi_core::ids::{SchoolId, SessionId};
use keshi_core::state::{At, SessionView};
use keshi_core::text::name_form;
use keshi_door::Call;
use keshi_engine::{Engine, StoredEntry};
use keshi_proto::{api, date_from_wire, date_to_wire};

use crate::Context;
use crate::desk::Turns;
use crate::error::Error;
use crate::page::{ANSWER_BYTES_MAX, fitting, page_size_of};
use crate::place::{dates, one};
use crate::shortfalls::registered;

/// Sessions on a page when the caller does not say.
const PAGE_DEFAULT: usize = 50;

/// Most sessions on a page: of each an entry is read, and of a moved one two.
const PAGE_MAX: usize = 200;

/// Entries read in one step.
const READ_AT_ONCE: usize = 32;

/// Which sessions are asked for.
struct Wanted {
    size: u64,
    only: Option<SessionId>,
    days: (Date, Date),
    /// A part of the project's name, or of an id; empty: any.
    part: String,
    school: Option<SchoolId>,
    page: Range<usize>,
}

impl Context {
    /// The sessions that are asked for, the latest first.
    pub(crate) async fn list_sessions(
        &self,
        call: &Call,
        request: api::ListHeldSessionsRequest,
    ) -> Result<api::ListHeldSessionsResponse, Error> {
        call.caller.may_read_sessions()?;
        let limit = page_size_of(request.page_size, PAGE_DEFAULT, PAGE_MAX)?;
        let day = |date: Option<_>| date.map_or_else(String::new, |date: keshi_proto::event::Date| format!("{date:?}"));
        let parts = [
            "sessions",
            &request.session_id,
            &request.period,
            &day(request.from),
            &day(request.to),
            &request.text,
            &request.school_id,
        ];
        let page = self
            .page(call, request.at.as_ref(), &request.page_token, &parts)
            .await?;
        let days = self.days(&request, page.size)?;
        let only = match request.session_id.as_str() {
            "" => None,
            text => Some(session_id(text)?),
        };
        let school = match request.school_id.as_str() {
            "" => None,
            text => Some(self.engine.query_at(page.size, |at| registered(at, text))?),
        };
        let wanted = Wanted {
            size: page.size,
            only,
            days,
            part: name_form(&request.text),
            school,
            page: page.from..page.from.saturating_add(limit),
        };
        let _room = self.room_for(call, ANSWER_BYTES_MAX)?;
        let seat = self.desk.seat(&call.caller, call.deadline).await?;
        let engine = self.engine.clone();
        let work = move |turns: &Turns| wanted.work(&engine, turns);
        let (sessions, all) = self.desk.work(seat, Some(call.deadline), work).await?;
        Ok(api::ListHeldSessionsResponse {
            next_page_token: page.next(sessions.len(), all),
            sessions,
            size: page.size,
            total: i64::try_from(all).unwrap_or(i64::MAX),
        })
    }

    /// The days asked about: those of a period, or from one day to another.
    fn days(&self, request: &api::ListHeldSessionsRequest, size: u64) -> Result<(Date, Date), Error> {
        let day = |field: &str, date: Option<&keshi_proto::event::Date>| match date {
            None => Ok(None),
            Some(date) => date_from_wire(date).map(Some).ok_or_else(|| {
                let text = format!("{}-{}-{}", date.year, date.month, date.day);
                let (zh, en) = (format!("没有 {text} 这一天"), format!("{text} is no day"));
                one(field, text, zh, en)
            }),
        };
        let (from, to) = (day("from", request.from.as_ref())?, day("to", request.to.as_ref())?);
        if request.period.is_empty() {
            let (from, to) = (from.unwrap_or(Date::MIN), to.unwrap_or(Date::MAX));
            if to < from {
                let (zh, en) = (
                    "截止日期早于开始日期，请核对",
                    "it is before the first day: correct one of them",
                );
                return Err(one("to", to.to_string(), zh, en));
            }
            return Ok((from, to));
        }
        if from.or(to).is_some() {
            let (zh, en) = ("期间和起止日期只写其一", "give a period or days, not both");
            return Err(one("period", &request.period, zh, en));
        }
        let name = self.period_name(&request.period)?;
        let period = self.engine.query_at(size, |at| dates(name, at))?;
        Ok((period.from, period.to))
    }
}

/// Reads a session's id.
pub(crate) fn session_id(text: &str) -> Result<SessionId, Error> {
    SessionId::new(text).map_err(|why| {
        let zh = format!("“{text}” 不是场次编号；请核对后重查");
        one(
            "session_id",
            text,
            zh,
            format!("{text:?} is no session's id: {why}; correct it and ask again"),
        )
    })
}

impl Wanted {
    /// The page's sessions, as many as fit into one answer, and how many there are in all; in steps at the desk.
    fn work(&self, engine: &Engine, turns: &Turns) -> Result<(Vec<api::HeldSession>, usize), Error> {
        let mut ids = turns.step(|_| engine.query_at(self.size, |at| self.of_these_days(at)))??;
        if !self.part.is_empty() {
            ids = self.named(engine, turns, &ids)?;
        }
        if let Some(school) = self.school {
            ids = self.posted_by(engine, turns, &ids, school)?;
        }
        let end = self.page.end.min(ids.len());
        let on_page = ids.get(self.page.start.min(end)..end).unwrap_or_default();
        let mut told = Vec::with_capacity(on_page.len());
        for part in on_page.chunks(READ_AT_ONCE) {
            let read = turns.step(|_| {
                part.iter()
                    .map(|id| self.tell(engine, id))
                    .collect::<Result<Vec<_>, Error>>()
            })?;
            told.extend(read?.into_iter().flatten());
        }
        Ok((fitting(told.into_iter(), ANSWER_BYTES_MAX), ids.len()))
    }

    fn of_these_days(&self, at: At<'_>) -> Result<Vec<SessionId>, Error> {
        if let Some(id) = self.only {
            let known = at.session(&id).map(|_| vec![id]);
            return known.ok_or(Error::UnknownSession { id, size: self.size });
        }
        let (first, last) = self.days;
        let mut held = at.sessions();
        held.retain(|(_, (from, to))| *from <= last && first <= *to);
        Ok(held.into_iter().map(|(id, _)| id).collect())
    }

    /// Those with the part in the project's name, or in an id.
    fn named(&self, engine: &Engine, turns: &Turns, ids: &[SessionId]) -> Result<Vec<SessionId>, Error> {
        let has = |text: &str| name_form(text).contains(&self.part);
        let is_named = |id: &SessionId, view: &SessionView| {
            has(id.as_str())
                || has(view.project_id.as_str())
                || view.project.as_ref().is_some_and(|name| has(name.as_str()))
        };
        let mut ids = ids.iter();
        let mut found = Vec::new();
        while !ids.as_slice().is_empty() {
            turns.step(|step| {
                engine.query_at(self.size, |at| {
                    for id in ids.by_ref() {
                        found.extend(at.session(id).filter(|view| is_named(id, view)).map(|_| *id));
                        if step.is_over() {
                            break;
                        }
                    }
                });
            })?;
        }
        Ok(found)
    }

    /// Those that the school posted: that stands in their entries alone.
    fn posted_by(
        &self,
        engine: &Engine,
        turns: &Turns,
        ids: &[SessionId],
        school: SchoolId,
    ) -> Result<Vec<SessionId>, Error> {
        let mut found = Vec::new();
        for part in ids.chunks(READ_AT_ONCE) {
            turns.step(|_| -> Result<(), Error> {
                for id in part {
                    let view = engine.query_at(self.size, |at| at.session(id));
                    let Some(view) = view else { continue };
                    if event(engine.entry(view.index)?.as_ref()).and_then(|event| event.org) == Some(school) {
                        found.push(*id);
                    }
                }
                Ok(())
            })??;
        }
        Ok(found)
    }

    fn tell(&self, engine: &Engine, id: &SessionId) -> Result<Option<api::HeldSession>, Error> {
        let Some(view) = engine.query_at(self.size, |at| at.session(id)) else {
            return Ok(None);
        };
        let held = engine.entry(view.index)?;
        let moved = view.moved.map(|index| engine.entry(index)).transpose()?.flatten();
        let Some(held) = event(held.as_ref()) else {
            return Ok(None);
        };
        let org = held.org;
        let school =
            org.and_then(|org| engine.query_at(self.size, |at| at.school(&org).map(|school| school.name.clone())));
        let mut told = to_api(id, &view, held, event(moved.as_ref()));
        told.school_name = school.map_or_else(String::new, |name| name.to_string());
        Ok(Some(told))
    }
}

fn event(stored: Option<&StoredEntry>) -> Option<&Event> {
    stored?.entry.posted.event()
}

/// What the state and the entries say of it.
fn to_api(id: &SessionId, view: &SessionView, held: &Event, moved: Option<&Event>) -> api::HeldSession {
    fn text<T: ToString>(value: Option<&T>) -> String {
        value.map(ToString::to_string).unwrap_or_default()
    }
    let mut told = api::HeldSession {
        session_id: id.to_string(),
        index: view.index,
        project_id: view.project_id.to_string(),
        project: text(view.project.as_ref()),
        provider: text(view.provider.as_ref()),
        level: view.level.map_or(0, keshi_core::codes::Level::code),
        mode: view.mode.map_or(0, keshi_core::codes::Mode::code),
        category: text(view.category.as_ref()),
        topic: text(view.topic.as_ref()),
        r#type: view.session_type.code(),
        from: Some(date_to_wire(view.from)),
        to: Some(date_to_wire(view.to)),
        centihours: view.hours.hundredths(),
        school_id: text(held.org.as_ref()),
        moved_by: view.moved,
        held_from: view.moved.map(|_| date_to_wire(held.from)),
        held_to: view.moved.map(|_| date_to_wire(held.to)),
        cancelled_by: view.cancelled,
        ..api::HeldSession::default()
    };
    if let Fact::SessionHeld(fact) = &held.fact {
        told.place = text(fact.place.as_ref());
        told.subject = text(fact.subject.as_ref());
        told.base = text(fact.base.as_ref());
        told.group = text(fact.group.as_ref());
        told.doc_no = text(fact.doc_no.as_ref());
    }
    if let Some(Fact::SessionMoved(fact)) = moved.map(|moved| &moved.fact)
        && let Some(place) = &fact.place
    {
        told.place = place.to_string();
    }
    told
}
