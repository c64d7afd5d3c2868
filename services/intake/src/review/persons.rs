//! Merging persons who were registered twice, and its reversal.

use keshi_door::Call;
use keshi_proto::api::{self, MergedPair};
use keshi_proto::event as pb;
use uuid::Uuid;

use super::{Made, derived, person, posted, step, wrong};
use crate::Context;
use crate::error::Error;

/// Most pairs that one call merges or reverses.
const PAIRS_MAX: usize = 200;

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
    let made = |event_id, pair: MergedPair, reviewer| {
        let MergedPair {
            kept_id,
            dropped_id,
            reason,
        } = pair;
        let fact = pb::PersonsMerged {
            kept_id,
            dropped_id,
            reviewer,
            reason,
        };
        step(event_id, fact)
    };
    pairs(context, call, (submission_id, items, by), "persons_merged", made).await
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
    let made = |event_id, pair: MergedPair, reviewer| {
        let MergedPair {
            kept_id,
            dropped_id,
            reason,
        } = pair;
        let fact = pb::MergeReversed {
            kept_id,
            dropped_id,
            reviewer,
            reason,
        };
        step(event_id, fact)
    };
    pairs(context, call, (submission_id, items, by), "merge_reversed", made).await
}

/// Posts one event for each pair. Two ids may be merged and parted again in the same words, so the event's id is of the
/// submission: the same submission again changes nothing, and another is another act.
async fn pairs(
    context: &Context,
    call: &Call,
    (submission_id, items, by): (String, Vec<MergedPair>, String),
    kind: &str,
    made: impl Fn(String, MergedPair, String) -> api::Event,
) -> Result<api::SubmitResponse, Error> {
    if items.is_empty() || items.len() > PAIRS_MAX {
        let count = items.len().to_string();
        let (zh, en) = ("一次办理 1 至 200 对", "give 1 to 200 pairs at once");
        return Err(wrong("items", &count, zh, en));
    }
    let submission_id = if submission_id.is_empty() {
        Uuid::new_v4().to_string()
    } else {
        submission_id
    };
    let reviewer = person(call, by);
    let events = items.into_iter().map(|pair| {
        let parts = [kind, &*submission_id, &*pair.kept_id, &*pair.dropped_id];
        let id = derived(context, &parts);
        made(id, pair, reviewer.clone())
    });
    let made = Made {
        events: events.collect(),
        taking: api::Taking::Each,
        submission_id,
    };
    posted(context, call, made).await
}
