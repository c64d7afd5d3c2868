//! Policies and calendars: read here first, so that every mistake comes back with line and column, then sent as one
//! atomic submission of the document's parts and the event that adopts it.

use jiff::civil::Date;
use keshi_core::calendar::Calendar;
use keshi_core::event::{CalendarAdopted, DocumentPart, Event, Fact};
use keshi_core::ids::{EventId, Sha256};
use keshi_core::policy::Policy;
use keshi_proto::api_convert::event_to_api;
use keshi_proto::log::{Known, KnownAnswer, KnownQuestion};
use keshi_proto::{api, date_from_wire};
use uuid::Uuid;

use crate::Context;
use crate::error::Error;
use crate::form::Form;
use crate::read::Batch;
use crate::submit::post;
use keshi_door::topics;
use keshi_door::{Call, in_document, violation};

/// Namespace of the ids of events that a document brings along. Fixed for ever: the same document has the same ids.
const NAMESPACE: Uuid = Uuid::from_u128(0x0b9a_5ee6_2f5c_5d0e_9d3f_7c0c_4b1e_a7d1);

/// A document to be adopted.
pub(crate) type Adoption = api::AdoptPolicyRequest;

/// Adopts a policy.
pub(crate) async fn policy(context: &Context, call: &Call, adoption: Adoption) -> Result<api::SubmitResponse, Error> {
    call.caller.may_adopt_policy()?;
    let policy =
        Policy::parse(&adoption.document).map_err(|problems| Error::Fields(in_document("document", &problems)))?;
    let sha256 = Sha256::of(adoption.document.as_bytes());
    let fact = Fact::from(policy.adoption(sha256));
    adopt(context, call, adoption, fact, sha256).await
}

/// Adopts a calendar.
pub(crate) async fn calendar(
    context: &Context,
    call: &Call,
    adoption: api::AdoptCalendarRequest,
) -> Result<api::SubmitResponse, Error> {
    call.caller.may_adopt_policy()?;
    let api::AdoptCalendarRequest {
        submission_id,
        document,
        event_id,
    } = adoption;
    let adoption = Adoption {
        submission_id,
        document,
        event_id,
    };
    let calendar =
        Calendar::parse(&adoption.document).map_err(|problems| Error::Fields(in_document("document", &problems)))?;
    let sha256 = Sha256::of(adoption.document.as_bytes());
    let calendar_id = calendar.id;
    adopt(
        context,
        call,
        adoption,
        Fact::from(CalendarAdopted { calendar_id, sha256 }),
        sha256,
    )
    .await
}

/// Sends a document's parts and the fact that adopts it.
pub(crate) async fn adopt(
    context: &Context,
    call: &Call,
    adoption: Adoption,
    fact: Fact,
    sha256: Sha256,
) -> Result<api::SubmitResponse, Error> {
    let derived = |what: &str| {
        let name = format!("{}/{what}/{sha256}", context.guard.office());
        EventId::new(Uuid::new_v5(&NAMESPACE, name.as_bytes()))
    };
    let event_id = if adoption.event_id.is_empty() {
        derived(fact.kind())
    } else {
        let id = Uuid::try_parse(&adoption.event_id).ok().map(EventId::new);
        id.ok_or_else(|| {
            Error::Fields(vec![violation(
                "event_id",
                &adoption.event_id,
                "事件编号应为 UUID；也可留空，由文件内容推出",
                "the event id must be a UUID; or leave it empty, and it is derived from the document",
            )])
        })?
    };
    let parts = DocumentPart::all_of(adoption.document.as_bytes());
    let part_id = |part: &DocumentPart| derived(&format!("document_part/{}", part.part));
    let ids: Vec<EventId> = parts.iter().map(part_id).chain([event_id]).collect();
    let days = days_of(context, call, &ids).await?;
    let facts = parts.into_iter().map(Fact::from).chain([fact]);
    let events = ids
        .iter()
        .zip(facts)
        .zip(days)
        .map(|((&id, fact), day)| event_to_api(&Event::of(id, day, day, fact)));
    let batch = Batch {
        submission_id: adoption.submission_id,
        taking: api::Taking::Atomic.into(),
        events: events.collect(),
        form: Form::Events,
    };
    post(context, call, batch).await
}

/// The day of each event: today, or of one that is recorded already its own day, so that adopting the same document
/// again on another day is a duplicate and no conflict.
pub(crate) async fn days_of(context: &Context, call: &Call, ids: &[EventId]) -> Result<Vec<Date>, Error> {
    let question = KnownQuestion {
        event_ids: ids.iter().map(|id| id.as_bytes().to_vec().into()).collect(),
        ..KnownQuestion::default()
    };
    let answer: KnownAnswer = context.ask(topics::KNOWN, &question, call.deadline).await?;
    let today = call.received_at.local_date();
    let day = |known: &Known| known.occurred_from.as_ref().and_then(date_from_wire);
    let days = answer.events.iter().map(|known| day(known).unwrap_or(today));
    let days: Vec<Date> = days.collect();
    if days.len() == ids.len() {
        Ok(days)
    } else {
        Err(Error::Garbled { what: topics::KNOWN })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_a_document_put_together_are_the_document() {
        let document: Vec<u8> = (0..10_000_u32).map(|n| u8::try_from(n % 251).unwrap()).collect();
        let parts = DocumentPart::all_of(&document);
        assert_eq!(parts.len(), 3);
        assert!(parts.iter().all(|part| part.parts == 3));
        assert_eq!(
            parts.iter().flat_map(|part| part.body.clone()).collect::<Vec<_>>(),
            document
        );
    }
}
