//! The one way from any service to the bus and back.

use std::time::{Duration, Instant};

use keshi_bus::{Answer, Message, SubmitError};
use keshi_proto::api;
use keshi_proto::api_convert::recorded;
use prost::Message as _;
use tracing::debug;

use crate::Context;
use crate::error::Error;
use crate::mistaken::among;
use crate::read::{Batch, Ready, read};
use keshi_door::Call;
use keshi_door::rights::Earlier;

/// Reads, checks and publishes a submission, and waits for its receipt.
pub(crate) async fn post(context: &Context, call: &Call, batch: Batch) -> Result<api::SubmitResponse, Error> {
    let ready = read(context, call, batch, &mut Earlier::default()).await?;
    publish(context, call, &ready, call.deadline).await
}

/// Publishes a submission and waits for its receipt until `deadline`.
pub(crate) async fn publish(
    context: &Context,
    call: &Call,
    ready: &Ready,
    deadline: Instant,
) -> Result<api::SubmitResponse, Error> {
    // The last moment to find out: what is on the bus is recorded.
    let still = context.guard.still(&call.caller);
    still.map_err(|fault| Error::NoLonger(Box::new(fault)))?;
    let answer = context.bus.submit(message(call, ready), deadline).await?;
    debug!(submission_id = %ready.submission_id, poster = call.caller.poster_id(), events = ready.events, "answered");
    match answer {
        Answer::Recorded(bytes) => {
            let mut receipt = api::Receipt::decode(bytes).map_err(|_| Error::Garbled { what: "receipt" })?;
            receipt.verdicts = among(receipt.verdicts, ready.mistaken.clone());
            Ok(recorded(receipt))
        }
        Answer::Accepted => Ok(api::SubmitResponse {
            submission_id: ready.submission_id.to_string(),
            state: api::submit_response::State::Accepted.into(),
            receipt: None,
        }),
    }
}

/// The same for one of many on a stream: a full queue is waited out within the deadline, because the stream's sender is
/// to be slowed down, not turned away.
pub(crate) async fn publish_patiently(
    context: &Context,
    call: &Call,
    ready: &Ready,
) -> Result<api::SubmitResponse, Error> {
    let deadline = call.next_deadline();
    loop {
        match publish(context, call, ready, deadline).await {
            Err(Error::Submit(SubmitError::Full { retry_after })) if Instant::now() + retry_after < deadline => {
                tokio::time::sleep(retry_after.max(Duration::from_millis(1))).await;
            }
            answer => return answer,
        }
    }
}

fn message(call: &Call, ready: &Ready) -> Message {
    let school = call.caller.role().school().unwrap_or("office");
    Message {
        submission_id: ready.submission_id.uuid(),
        kind: ready.kind.to_owned(),
        // An id may hold dots, which separate the words of a subject.
        school: school.replace('.', "_"),
        bytes: ready.bytes.clone(),
    }
}
