//! What the county decides of persons: that two ids are one or are not, and that two entries are not one course.
//!
//! All of it may be said, taken back and said again in the same words, so an event's id is of its submission: the same
//! submission again changes nothing, and another is another act.

use keshi_door::Call;
use keshi_proto::api::{self, MergedPair};
use keshi_proto::event as pb;
use uuid::Uuid;

use super::{Made, derived, person, posted, step, wrong};
use crate::Context;
use crate::error::Error;

/// Most that one call decides.
const ITEMS_MAX: usize = 200;

/// What one call decides, and in whose name.
struct Decided<I> {
    submission_id: String,
    items: Vec<I>,
    by: String,
}

pub(crate) async fn merge(
    context: &Context,
    call: &Call,
    request: api::MergePersonsRequest,
) -> Result<api::SubmitResponse, Error> {
    let api::MergePersonsRequest {
        submission_id,
        items,
        by,
    } = request;
    let decided = Decided {
        submission_id,
        items,
        by,
    };
    let key = |pair: &MergedPair| ["persons_merged".into(), pair.kept_id.clone(), pair.dropped_id.clone()];
    let fact = |pair: MergedPair, reviewer| pb::PersonsMerged {
        kept_id: pair.kept_id,
        dropped_id: pair.dropped_id,
        reviewer,
        reason: pair.reason,
    };
    decide(context, call, decided, key, fact).await
}

pub(crate) async fn reverse(
    context: &Context,
    call: &Call,
    request: api::ReverseMergesRequest,
) -> Result<api::SubmitResponse, Error> {
    let api::ReverseMergesRequest {
        submission_id,
        items,
        by,
    } = request;
    let decided = Decided {
        submission_id,
        items,
        by,
    };
    let key = |pair: &MergedPair| ["merge_reversed".into(), pair.kept_id.clone(), pair.dropped_id.clone()];
    let fact = |pair: MergedPair, reviewer| pb::MergeReversed {
        kept_id: pair.kept_id,
        dropped_id: pair.dropped_id,
        reviewer,
        reason: pair.reason,
    };
    decide(context, call, decided, key, fact).await
}

pub(crate) async fn accept_overlaps(
    context: &Context,
    call: &Call,
    request: api::AcceptOverlapsRequest,
) -> Result<api::SubmitResponse, Error> {
    use api::accept_overlaps_request::Item;
    let api::AcceptOverlapsRequest {
        submission_id,
        items,
        by,
    } = request;
    let decided = Decided {
        submission_id,
        items,
        by,
    };
    let key = |item: &Item| {
        [
            "overlap_accepted".into(),
            item.first_event.clone(),
            item.second_event.clone(),
        ]
    };
    let fact = |item: Item, reviewer| pb::OverlapAccepted {
        teacher_id: item.teacher_id,
        first_event: item.first_event,
        second_event: item.second_event,
        reviewer,
        reason: item.reason,
    };
    decide(context, call, decided, key, fact).await
}

/// Posts one event for each item.
async fn decide<I, F: Into<pb::Fact>>(
    context: &Context,
    call: &Call,
    decided: Decided<I>,
    key: impl Fn(&I) -> [String; 3],
    fact: impl Fn(I, String) -> F,
) -> Result<api::SubmitResponse, Error> {
    let Decided {
        submission_id,
        items,
        by,
    } = decided;
    if items.is_empty() || items.len() > ITEMS_MAX {
        let count = items.len().to_string();
        let (zh, en) = ("一次办理 1 至 200 项", "decide of 1 to 200 at once");
        return Err(wrong("items", &count, zh, en));
    }
    let submission_id = if submission_id.is_empty() {
        Uuid::new_v4().to_string()
    } else {
        submission_id
    };
    let reviewer = person(call, by);
    let events = items.into_iter().map(|item| {
        let key = key(&item);
        let parts: Vec<&str> = std::iter::once(&submission_id)
            .chain(&key)
            .map(String::as_str)
            .collect();
        step(derived(context, &parts), fact(item, reviewer.clone()))
    });
    let made = Made {
        events: events.collect(),
        taking: api::Taking::Each,
        submission_id,
    };
    posted(context, call, made).await
}
