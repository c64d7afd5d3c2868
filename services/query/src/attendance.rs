//! Who was at one session (出勤).

use keshi_core::codes::AttendanceResult;
use keshi_core::ids::{SchoolId, SessionId, TeacherId};
use keshi_core::state::{At, AttendanceView};
use keshi_door::Call;
use keshi_engine::Engine;
use keshi_office::access::{Caller, Need};
use keshi_proto::{api, date_to_wire};

use crate::Context;
use crate::desk::{Room, Turns};
use crate::error::Error;
use crate::everybody::each_teacher;
use crate::page::{ANSWER_BYTES_MAX, fitting, page_size_of};
use crate::people::schools_and_subject;
use crate::scope::Scope;
use crate::sessions::session_id;
use crate::shortfalls::registered;

/// Entries on a page when the caller does not say.
const PAGE_DEFAULT: usize = 200;

/// Most entries on a page: each leaves a line in the log of reads.
const PAGE_MAX: usize = 1_000;

/// What is asked.
struct Question {
    session: SessionId,
    school: Option<SchoolId>,
    size: u64,
}

/// An entry that the caller may read, and whether that is to be noted.
type Found = (TeacherId, Need, AttendanceView);

impl Context {
    /// Who was at the session, of those about whom the caller may read. Each who is told of is noted.
    pub(crate) async fn list_attendance(
        &self,
        call: &Call,
        request: api::ListAttendanceRequest,
    ) -> Result<api::ListAttendanceResponse, Error> {
        let limit = page_size_of(request.page_size, PAGE_DEFAULT, PAGE_MAX)?;
        let parts = ["attendance", &request.session_id, &request.school_id];
        let page = self
            .page(call, request.at.as_ref(), &request.page_token, &parts)
            .await?;
        let id = session_id(&request.session_id)?;
        let school = self.engine.query_at(page.size, |at| {
            if at.session(&id).is_none() {
                return Err(Error::UnknownSession { id, size: page.size });
            }
            match request.school_id.as_str() {
                "" => Ok(None),
                text => registered(at, text).map(Some),
            }
        })?;
        let question = Question {
            session: id,
            school,
            size: page.size,
        };
        let _room = self.room_for(call, ANSWER_BYTES_MAX)?;
        let seat = self.desk.seat(&call.caller, call.deadline).await?;
        let (engine, caller, mut room) = (self.engine.clone(), call.caller.clone(), self.desk.room(&call.caller)?);
        let work = move |turns: &Turns| Ok((question.work(&engine, &caller, turns, &mut room)?, room));
        let (found, _room_of_result) = self.desk.work(seat, Some(call.deadline), work).await?;
        let end = page.from.saturating_add(limit).min(found.len());
        let on_page = found.get(page.from.min(end)..end).unwrap_or_default();
        let attendance = self.engine.query_at(page.size, |at| {
            fitting(on_page.iter().map(|found| to_api(at, found)), ANSWER_BYTES_MAX)
        });
        let attendance = self.named(call, on_page, attendance, &request.purpose).await?;
        Ok(api::ListAttendanceResponse {
            next_page_token: page.next(attendance.len(), found.len()),
            attendance,
            size: page.size,
        })
    }

    /// The same with names, each noted before it is told.
    async fn named(
        &self,
        call: &Call,
        found: &[Found],
        mut attendance: Vec<api::Attendance>,
        purpose: &str,
    ) -> Result<Vec<api::Attendance>, Error> {
        let found = found.get(..attendance.len()).unwrap_or(found);
        let mut last = None;
        for (id, need, _) in found {
            // Whoever spoke and listened is read about once.
            if last.replace(id) != Some(id) {
                self.note_read(&call.caller, *need, id.as_str(), "attendance", purpose)?;
            }
        }
        let names = self.names(found.iter().map(|(id, ..)| *id).collect()).await?;
        for (told, name) in attendance.iter_mut().zip(names) {
            told.name = name;
        }
        Ok(attendance)
    }
}

impl Question {
    /// Looks through all teachers, in steps at the desk.
    fn work(&self, engine: &Engine, caller: &Caller, turns: &Turns, room: &mut Room) -> Result<Vec<Found>, Error> {
        let (mut found, mut weighed) = (Vec::new(), 0);
        each_teacher(
            (engine, self.size),
            turns,
            &mut found,
            |found, at, _, id| {
                for there in at.attendance(&id, &self.session) {
                    found.extend(self.admit(at, caller, &id, there).map(|need| (id, need, there)));
                }
            },
            |found| room.take((found.len() - std::mem::replace(&mut weighed, found.len())) * size_of::<Found>()),
        )?;
        Ok(found)
    }

    /// Whether the caller may read it, and it is of the school asked for.
    fn admit(&self, at: At<'_>, caller: &Caller, id: &TeacherId, there: AttendanceView) -> Option<Need> {
        let scope = Scope::of(at, id, (there.from, there.to))?;
        let is_asked = self.school.is_none_or(|school| scope.stood_at.contains(&school));
        is_asked.then(|| scope.admits(caller, id).ok()).flatten()
    }
}

fn to_api(at: At<'_>, (id, _, there): &Found) -> api::Attendance {
    let (school_names, _) = schools_and_subject(at, id, (there.from, there.to));
    api::Attendance {
        index: there.index,
        teacher_id: id.to_string(),
        name: String::new(),
        school_names,
        role: there.role.code(),
        from: Some(date_to_wire(there.from)),
        to: Some(date_to_wire(there.to)),
        centihours: there.centihours.into(),
        result: there.result.map_or(0, AttendanceResult::code),
    }
}
