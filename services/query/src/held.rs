//! What is held about a person, for herself and the office.

use std::collections::BTreeMap;
use std::sync::Arc;

use keshi_door::Call;
use keshi_office::access::Need;
use keshi_office::people::Identity;
use keshi_office::reads::{Line, Place};
use keshi_proto::{api, date_to_wire};

use crate::Context;
use crate::error::Error;
use crate::evidence::{refused, told};
use crate::page::{Cursor, page_size, question};
use crate::people::asked_about;
use crate::place::blocking;
use crate::reads::{LOOKED_AT_MAX, place, position, reading};

impl Context {
    pub(crate) async fn get_held(&self, call: &Call, request: api::GetHeldRequest) -> Result<api::Held, Error> {
        let api::GetHeldRequest {
            teacher_id,
            purpose,
            page_size: asked,
            page_token,
        } = request;
        let id = asked_about(&call.caller, &teacher_id)?;
        let need = if call.caller.teacher_id() == Some(id.as_str()) {
            Need::Nothing
        } else {
            call.caller.may_manage_people(None)?;
            Need::Record
        };
        let limit = page_size(asked)?;
        let question = question(&["held", id.as_str()]);
        let cursor = Cursor::read(&page_token, question, u64::MAX)?;
        if cursor.is_none() {
            self.note_read(&call.caller, need, id.as_str(), "held", &purpose)?;
        }
        let people = Arc::clone(&self.parts.people);
        let kept = blocking(move || Ok((people.get(id.as_str())?, people.erased_at(id.as_str())?)));
        let (identity, erased_at) = kept.await?.map_err(Error::People)?;
        let evidence = Arc::clone(&self.parts.evidence);
        let files = blocking(move || evidence.of(id.as_str()))
            .await?
            .map_err(|error| refused(&error))?;
        let size = self.engine.head().size;
        let (is_registered, entries, others) = self.engine.query_at(size, |at| {
            let is_registered = at.profile(&id).is_some();
            (is_registered, at.indices_about(&id).len(), at.other_ids(&id))
        });
        if !is_registered && identity.is_none() && erased_at.is_none() {
            return Err(Error::UnknownTeacher { id, size });
        }
        let from = cursor.map_or_else(Place::default, |cursor| place(cursor.position));
        let reads = Arc::clone(&self.parts.reads);
        let wanted = move |line: &Line| line.teacher_id == id.as_str();
        let page = blocking(move || reads.page(from, (limit, LOOKED_AT_MAX), wanted)).await?;
        let page = page.map_err(Error::ReadsUnreadable)?;
        let names = BTreeMap::from([(id, self.name(id).await?)]);
        let next = page.next.map(|next| Cursor {
            size: 0,
            position: position(next),
        });
        let timestamp = |at: jiff::Timestamp| prost_types::Timestamp {
            seconds: at.as_second(),
            nanos: at.subsec_nanosecond(),
        };
        Ok(api::Held {
            teacher_id: id.to_string(),
            updated_at: identity.as_ref().map(|identity| timestamp(identity.updated_at)),
            identity: identity.map(to_api),
            erased_at: erased_at.map(timestamp),
            entries: i64::try_from(entries).unwrap_or(i64::MAX),
            size,
            reads: page.lines.into_iter().map(|line| reading(line, &names)).collect(),
            next_page_token: next.map_or_else(String::new, |cursor| cursor.token(question)),
            evidence: files.iter().map(|(sha256, kept)| told(sha256, kept)).collect(),
            other_ids: others.iter().map(ToString::to_string).collect(),
            broken_lines: page.broken.into_iter().map(Place::name).collect(),
        })
    }
}

fn to_api(identity: Identity) -> api::Identity {
    // Taken apart in full: what is held is told.
    let Identity {
        teacher_id,
        name,
        id_document,
        phone,
        birth_date,
        updated_at: _,
    } = identity;
    let text = |of: fn(&keshi_office::people::IdDocument) -> &str| id_document.as_ref().map_or("", of).to_owned();
    api::Identity {
        id_doc_type: text(keshi_office::people::IdDocument::kind),
        id_doc_no: text(keshi_office::people::IdDocument::number),
        teacher_id,
        name,
        phone: phone.unwrap_or_default(),
        birth_date: birth_date.map(date_to_wire),
    }
}
