//! One entry, and what stands in its place.

use keshi_core::event::{Event, Fact};
use keshi_core::ids::{InspectionId, QuestionId, TeacherId};
use keshi_core::state::At;
use keshi_core::text::Text;
use keshi_door::Call;
use keshi_office::access::{Caller, Denied, Need};
use keshi_proto::api;

use crate::Context;
use crate::entries::fitting;
use crate::error::Error;
use crate::listing::Noted;
use crate::page::ANSWER_BYTES_MAX;
use crate::people::readable;
use crate::place::blocking;
use crate::scope::{ALWAYS, admit, is_herself};

/// Checks that the caller may read an entry that is about nobody, but about what a school asked or how it was found: what the lists
/// of these do not tell her, no entry does. Who asked, or looked again, reads that.
fn of_schools(at: At<'_>, caller: &Caller, event: &Event) -> Result<(), Denied> {
    let is_own = |id: &TeacherId| is_herself(at, caller, id);
    let about = |id: &QuestionId| at.question_subject(id).map(Text::as_str);
    let inspection = |id: &InspectionId| match at.inspected_school(id) {
        Some(school) => caller.may_read_inspections(Some(school.as_str())).map(drop),
        None => caller.may_read_all(),
    };
    if let Fact::QuestionSent(sent) = &event.fact {
        if sent.asked_by.as_ref().is_some_and(is_own) {
            return Ok(());
        }
        let school = Some(sent.school_id.as_str());
        return caller.may_read_questions(Some(sent.subject.as_str()), school).map(drop);
    }
    if let Fact::QuestionsJoined(joined) = &event.fact {
        return caller.may_read_questions(about(&joined.into_id), None).map(drop);
    }
    if let Fact::QuestionPlanned(planned) = &event.fact {
        return caller.may_read_questions(about(&planned.question_id), None).map(drop);
    }
    if let Fact::AnswerRated(rated) = &event.fact {
        let school = Some(rated.school_id.as_str());
        return caller.may_read_questions(about(&rated.question_id), school).map(drop);
    }
    if let Fact::InspectionHeld(held) = &event.fact {
        if held.inspector_ids.iter().any(is_own) {
            return Ok(());
        }
        return caller.may_read_inspections(Some(held.school_id.as_str())).map(drop);
    }
    if let Fact::FindingMade(made) = &event.fact {
        return inspection(&made.inspection_id);
    }
    if let Fact::FindingChecked(looked) = &event.fact {
        if is_own(&looked.checked_by) {
            return Ok(());
        }
        return match at.inspection_of(&looked.finding_id) {
            Some(id) => inspection(&id),
            None => caller.may_read_all(),
        };
    }
    Ok(())
}

impl Context {
    /// The entry, for whoever posted it or may read about all whom it is about.
    pub(crate) async fn get_entry(
        &self,
        call: &Call,
        request: api::GetEntryRequest,
    ) -> Result<api::GetEntryResponse, Error> {
        let api::GetEntryRequest {
            index,
            at,
            purpose,
            in_words,
        } = request;
        let size = self.place(at.as_ref(), call.deadline).await?;
        let engine = self.engine.clone();
        let found = blocking(move || if index < size { engine.entry(index) } else { Ok(None) }).await??;
        let Some(stored) = found else {
            return Err(Error::NoEntry { index, size });
        };
        let event = stored.entry.posted.event();
        // Who posted it, and who reads all, needs no further right; whom it is about is noted in any case.
        let is_hers = stored.entry.poster.as_str() == call.caller.poster_id();
        let is_free = is_hers || call.caller.may_read_all().is_ok();
        let subjects = event.map(|event| event.fact.subjects());
        if subjects.is_none() && !is_free {
            call.caller.may_read_all()?;
        }
        if !is_free && let Some(event) = event {
            self.engine.query_at(size, |at| of_schools(at, &call.caller, event))?;
        }
        let mut needs = Vec::new();
        for id in subjects.unwrap_or_default() {
            let is_own = || self.engine.query_at(size, |at| is_herself(at, &call.caller, id));
            needs.push(match is_free {
                true if is_own() => Need::Nothing,
                true => Need::Record,
                false => self.engine.query_at(size, |at| admit(at, &call.caller, id, ALWAYS))?,
            });
        }
        for (id, need) in event.iter().flat_map(|event| event.fact.subjects()).zip(needs) {
            self.note_read(&call.caller, need, id.as_str(), "entries", &purpose)?;
        }
        let standing = event.and_then(|event| self.engine.query_at(size, |at| at.standing(event.event_id)));
        let named: Vec<TeacherId> = event.iter().flat_map(|event| event.fact.subjects()).copied().collect();
        let mut entry = fitting(&self.engine, size, std::slice::from_ref(&stored), ANSWER_BYTES_MAX);
        let words = if in_words {
            // Who posted it may not read about everybody in it: then she is told the id that she wrote, and no name.
            let may_read = |id: &TeacherId| {
                self.engine
                    .query_at(size, |at| readable(at, &call.caller, id.as_str()).is_some())
            };
            let named: Vec<TeacherId> = named.into_iter().filter(may_read).collect();
            let noted = Noted::Only(&named);
            self.in_words(&call.caller, noted, size, vec![stored], &purpose)
                .await?
                .pop()
        } else {
            None
        };
        Ok(api::GetEntryResponse {
            entry: entry.pop(),
            standing,
            size,
            words,
        })
    }
}
