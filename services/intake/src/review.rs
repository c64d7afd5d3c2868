//! What the calls about claims become: events whose ids follow from what they say, so that the same again changes nothing.
//!
//! A step that is recorded already keeps its own day, as a document that is adopted again does.

pub(crate) mod persons;

use jiff::civil::Date;
use keshi_core::ids::EventId;
use keshi_door::{Call, topics, violation};
use keshi_proto::event as pb;
use keshi_proto::log::{KnownAnswer, KnownQuestion};
use keshi_proto::{api, date_to_wire};
use prost::Message as _;
use uuid::Uuid;

use crate::Context;
use crate::adopt::days_of;
use crate::error::Error;
use crate::form::Form;
use crate::read::Batch;
use crate::submit::post;

/// Namespace of the ids of events that these calls make. Fixed for ever: the same step has the same id.
const NAMESPACE: Uuid = Uuid::from_u128(0x6b65_7368_695f_5d0e_9d3f_7c0c_636c_6169);

/// Most claims that one call takes a step of: a page of them, several times over.
const REVIEWED_MAX: usize = 500;

/// Most claims that one call submits.
const SUBMITTED_MAX: usize = 200;

/// What one call makes.
struct Made {
    submission_id: String,
    taking: api::Taking,
    events: Vec<api::Event>,
}

fn derived(context: &Context, parts: &[&str]) -> String {
    let name = format!("{}/{}", context.guard.office(), parts.join("\u{1f}"));
    Uuid::new_v5(&NAMESPACE, name.as_bytes()).to_string()
}

/// The person whose act it is: the caller's own, another only with `--dev`.
fn person(call: &Call, by: String) -> String {
    call.caller.teacher_id().map_or(by, ToOwned::to_owned)
}

fn wrong(field: &str, value: &str, zh: &str, en: &str) -> Error {
    Error::Fields(vec![violation(field, value, zh, en)])
}

/// Fills in whose these claims are. Of one that was not submitted the ledger says so; until then it is the caller's.
async fn say_whose(context: &Context, call: &Call, unsaid: Vec<(String, &mut String)>) -> Result<(), Error> {
    if unsaid.is_empty() {
        return Ok(());
    }
    let question = KnownQuestion {
        claim_ids: unsaid.iter().map(|(claim, _)| claim.clone()).collect(),
        ..KnownQuestion::default()
    };
    let answer: KnownAnswer = context.ask(topics::KNOWN, &question, call.next_deadline()).await?;
    for ((claim, teacher), known) in unsaid.into_iter().zip(answer.claims) {
        let Some(hers) = known.about.into_iter().next() else {
            return Err(wrong("claim_id", &claim, "没有这项申报", "no such claim was submitted"));
        };
        *teacher = hers;
    }
    Ok(())
}

/// Posts what was made; what has no day yet gets that of its entry, or today.
async fn posted(context: &Context, call: &Call, made: Made) -> Result<api::SubmitResponse, Error> {
    let Made {
        submission_id,
        taking,
        mut events,
    } = made;
    let undated = |event: &&mut api::Event| event.occurred_from.is_none();
    let ids: Vec<EventId> = events
        .iter_mut()
        .filter(undated)
        .map(|event| EventId::new(Uuid::try_parse(&event.event_id).unwrap_or_default()))
        .collect();
    if !ids.is_empty() {
        let days = days_of(context, call, &ids).await?;
        for (event, day) in events.iter_mut().filter(undated).zip(days) {
            event.occurred_from = Some(date_to_wire(day));
        }
    }
    let batch = Batch {
        submission_id,
        taking: taking.into(),
        events,
        form: Form::Events,
    };
    post(context, call, batch).await
}

fn step(event_id: String, fact: impl Into<pb::Fact>) -> api::Event {
    api::Event {
        event_id,
        fact: Some(fact.into()),
        ..api::Event::default()
    }
}

pub(crate) async fn submit_claims(
    context: &Context,
    call: &Call,
    request: api::SubmitClaimsRequest,
) -> Result<api::SubmitResponse, Error> {
    let api::SubmitClaimsRequest {
        submission_id,
        taking,
        items,
        by,
    } = request;
    if items.is_empty() || items.len() > SUBMITTED_MAX {
        let count = items.len().to_string();
        return Err(wrong(
            "items",
            &count,
            "一次提交 1 至 200 项申报",
            "submit 1 to 200 claims at once",
        ));
    }
    let submitted_by = person(call, by);
    let mut events = Vec::new();
    for item in items {
        let api::submit_claims_request::Item {
            claim_id,
            teacher_id,
            asked_centihours,
            statement,
            events: claimed,
            submitted_event: before,
        } = item;
        let mut what = Vec::with_capacity(claimed.len());
        for mut event in claimed {
            event.claim_id.clone_from(&claim_id);
            if event.event_id.is_empty() {
                // What it says beside where it came from, so that what stays as it was keeps its id.
                let says = api::Event {
                    source: String::new(),
                    note: String::new(),
                    ..event.clone()
                };
                let says = keshi_core::hex::show(&says.encode_to_vec());
                event.event_id = derived(context, &["claimed", &claim_id, &says]);
            }
            what.push(event.event_id.clone());
            events.push(event);
        }
        let asked = asked_centihours.to_string();
        let listed = what.join(" ");
        let parts = [
            "claim_submitted",
            &*claim_id,
            &*teacher_id,
            &*submitted_by,
            &*asked,
            &*statement,
            &*listed,
            &*before,
        ];
        let event_id = derived(context, &parts);
        let fact = pb::ClaimSubmitted {
            claim_id,
            teacher_id,
            submitted_by: submitted_by.clone(),
            what,
            asked_centihours,
            statement,
        };
        events.push(step(event_id, fact));
    }
    let taking = api::Taking::try_from(taking).unwrap_or(api::Taking::Unspecified);
    posted(
        context,
        call,
        Made {
            submission_id,
            taking,
            events,
        },
    )
    .await
}

pub(crate) async fn review_claims(
    context: &Context,
    call: &Call,
    request: api::ReviewClaimsRequest,
) -> Result<api::SubmitResponse, Error> {
    let api::ReviewClaimsRequest {
        submission_id,
        items,
        by,
    } = request;
    if items.is_empty() || items.len() > REVIEWED_MAX {
        let count = items.len().to_string();
        return Err(wrong(
            "items",
            &count,
            "一次办理 1 至 500 项",
            "take a step of 1 to 500 claims at once",
        ));
    }
    let reviewer = person(call, by);
    let mut items = items;
    let unsaid = items.iter_mut().filter(|item| item.teacher_id.is_empty());
    let unsaid = unsaid.map(|item| (item.claim_id.clone(), &mut item.teacher_id));
    say_whose(context, call, unsaid.collect()).await?;
    let mut events = Vec::with_capacity(items.len());
    for (place, item) in items.into_iter().enumerate() {
        events.push(reviewed(context, place, item, &reviewer)?);
    }
    let made = Made {
        submission_id,
        taking: api::Taking::Each,
        events,
    };
    posted(context, call, made).await
}

fn reviewed(
    context: &Context,
    place: usize,
    item: api::review_claims_request::Item,
    reviewer: &str,
) -> Result<api::Event, Error> {
    let taken = item.step();
    let api::review_claims_request::Item {
        claim_id,
        teacher_id,
        submitted_event,
        step: number,
        reason,
    } = item;
    let parts = [taken.as_str_name(), &*claim_id, &*submitted_event, reviewer, &*reason];
    let id = derived(context, &parts);
    let reviewer = reviewer.to_owned();
    macro_rules! of {
        ($kind:ident) => {
            step(
                id,
                pb::$kind {
                    claim_id,
                    teacher_id,
                    submitted_event,
                    reviewer,
                    reason,
                },
            )
        };
    }
    Ok(match taken {
        api::ClaimStep::SchoolCheck => of!(ClaimSchoolChecked),
        api::ClaimStep::CountyCheck => of!(ClaimCountyChecked),
        api::ClaimStep::Credit => of!(ClaimCredited),
        api::ClaimStep::Return => of!(ClaimReturned),
        api::ClaimStep::Reject => of!(ClaimRejected),
        api::ClaimStep::Unspecified | api::ClaimStep::Submit | api::ClaimStep::Publish => {
            let (zh, en) = (
                "这里办理初审、审核、入账、退回或不通过",
                "the steps here are to check, to credit, to return and to reject",
            );
            return Err(wrong(&format!("items[{place}].step"), &number.to_string(), zh, en));
        }
    })
}

pub(crate) async fn open_publicity(
    context: &Context,
    call: &Call,
    request: api::OpenPublicityRequest,
) -> Result<api::SubmitResponse, Error> {
    let api::OpenPublicityRequest {
        submission_id,
        batch_id,
        mut claim_ids,
        first_day,
        last_day,
        by,
    } = request;
    let reviewer = person(call, by);
    claim_ids.sort_unstable();
    claim_ids.dedup();
    let today = call.received_at.local_date();
    let first_day = first_day.unwrap_or_else(|| date_to_wire(today));
    let last_day = match last_day {
        Some(day) => day,
        None => earliest_end(context, call, first_day, today).await?,
    };
    let listed = claim_ids.join(" ");
    let event_id = derived(context, &["publicity_opened", &batch_id, &listed, &reviewer]);
    let fact = pb::PublicityOpened {
        batch_id,
        claim_ids,
        reviewer,
    };
    let event = api::Event {
        occurred_from: Some(first_day),
        occurred_to: Some(last_day),
        ..step(event_id, fact)
    };
    let made = Made {
        submission_id,
        taking: api::Taking::Atomic,
        events: vec![event],
    };
    posted(context, call, made).await
}

/// The earliest last day of a publicity; its first day where no calendar says, so that the ledger refuses it with what is
/// missing.
async fn earliest_end(context: &Context, call: &Call, first: pb::Date, today: Date) -> Result<pb::Date, Error> {
    let question = KnownQuestion {
        publicity_from: Some(first),
        today: Some(date_to_wire(today)),
        ..KnownQuestion::default()
    };
    let answer: KnownAnswer = context.ask(topics::KNOWN, &question, call.next_deadline()).await?;
    Ok(answer.publicity_to.unwrap_or(first))
}

pub(crate) async fn end_publicity(
    context: &Context,
    call: &Call,
    request: api::EndPublicityRequest,
) -> Result<api::SubmitResponse, Error> {
    let api::EndPublicityRequest {
        submission_id,
        batch_id,
        by,
    } = request;
    let reviewer = person(call, by);
    let event_id = derived(context, &["publicity_ended", &batch_id, &reviewer]);
    let made = Made {
        submission_id,
        taking: api::Taking::Atomic,
        events: vec![step(event_id, pb::PublicityEnded { batch_id, reviewer })],
    };
    posted(context, call, made).await
}

pub(crate) async fn raise_objection(
    context: &Context,
    call: &Call,
    request: api::RaiseObjectionRequest,
) -> Result<api::SubmitResponse, Error> {
    let api::RaiseObjectionRequest {
        submission_id,
        batch_id,
        claim_id,
        mut teacher_id,
        reason,
        from_outside,
        by,
    } = request;
    if teacher_id.is_empty() {
        say_whose(context, call, vec![(claim_id.clone(), &mut teacher_id)]).await?;
    }
    let raised_by = if from_outside { String::new() } else { person(call, by) };
    let event_id = derived(
        context,
        &["objection_raised", &batch_id, &claim_id, &raised_by, &reason],
    );
    let fact = pb::ObjectionRaised {
        batch_id,
        claim_id,
        teacher_id,
        reason,
        raised_by,
    };
    let made = Made {
        submission_id,
        taking: api::Taking::Atomic,
        events: vec![step(event_id, fact)],
    };
    posted(context, call, made).await
}

pub(crate) async fn decide_objection(
    context: &Context,
    call: &Call,
    request: api::DecideObjectionRequest,
) -> Result<api::SubmitResponse, Error> {
    let api::DecideObjectionRequest {
        submission_id,
        objection_event,
        claim_id,
        mut teacher_id,
        upheld,
        reason,
        by,
    } = request;
    if teacher_id.is_empty() {
        say_whose(context, call, vec![(claim_id.clone(), &mut teacher_id)]).await?;
    }
    let reviewer = person(call, by);
    let decided = if upheld { "upheld" } else { "not upheld" };
    let event_id = derived(
        context,
        &["objection_decided", &objection_event, decided, &reviewer, &reason],
    );
    let fact = pb::ObjectionDecided {
        objection_event,
        claim_id,
        teacher_id,
        upheld,
        reason,
        reviewer,
    };
    let made = Made {
        submission_id,
        taking: api::Taking::Atomic,
        events: vec![step(event_id, fact)],
    };
    posted(context, call, made).await
}
