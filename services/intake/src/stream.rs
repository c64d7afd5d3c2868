//! Many submissions on one stream: read and handed over in the order sent, several under way at once, answered in order.

use std::sync::Arc;

use futures::{Stream, StreamExt as _};
use keshi_proto::api;
use keshi_proto::api::submit_progress::Outcome;
use tokio::sync::Mutex;
use tonic::Status;

use crate::Context;
use crate::closing;
use crate::error::Error;
use crate::form::Form;
use crate::mistaken::tellable;
use crate::read::{Batch, Ready, read};
use crate::submit::publish_patiently;
use keshi_door::rights::Earlier;
use keshi_door::{Call, Fault};

/// Submissions of one stream under way at once: enough to fill a group commit, few enough that one stream cannot take
/// the ledger's whole queue.
const IN_FLIGHT_MAX: usize = 32;

/// Answers each request of `requests`, in order. A submission that is not taken is answered with a rejection and the
/// stream goes on; a request that does not decode ends it, because what follows cannot be told apart any more, and so does
/// the end of the caller's token.
pub(crate) fn answers(
    context: Arc<Context>,
    call: Call,
    requests: impl Stream<Item = Result<api::SubmitRequest, Status>> + Send + 'static,
) -> impl Stream<Item = Result<api::SubmitProgress, Status>> + Send {
    let call = Arc::new(call);
    let lang = call.lang;
    let requests = closing::until(context.shutdown.clone(), requests);
    let mut outcomes = Box::pin(
        requests
            // One after the other, because a question to the ledger about one must not let the next overtake it.
            .then({
                let (context, call) = (Arc::clone(&context), Arc::clone(&call));
                let earlier = Arc::new(Mutex::new(Earlier::default()));
                move |request| taken(Arc::clone(&context), Arc::clone(&call), Arc::clone(&earlier), request)
            })
            .map(move |taken| answer(Arc::clone(&context), Arc::clone(&call), taken))
            .buffered(IN_FLIGHT_MAX),
    );
    async_stream::stream! {
        let (mut position, mut events) = (0, 0);
        while let Some(outcome) = outcomes.next().await {
            let (sent, outcome) = match outcome {
                Ok(outcome) => outcome,
                Err(fault) => {
                    yield Err(fault.status(lang));
                    return;
                }
            };
            events += sent;
            yield Ok(api::SubmitProgress { position, submissions: position + 1, events, outcome: Some(outcome) });
            position += 1;
        }
    }
}

/// A submission that may be published, or why not; with the number of its events.
type Taken = (u64, Result<Ready, Outcome>);

/// Reads one submission. A stream that broke is an error.
async fn taken(
    context: Arc<Context>,
    call: Arc<Call>,
    earlier: Arc<Mutex<Earlier>>,
    request: Result<api::SubmitRequest, Status>,
) -> Result<Taken, Fault> {
    let api::SubmitRequest {
        submission_id,
        taking,
        events,
    } = request.map_err(|status| Error::Stream(Box::new(status)))?;
    let count = events.len() as u64;
    let batch = Batch {
        submission_id: submission_id.clone(),
        taking,
        events,
        form: Form::Events,
    };
    // Nobody waits: the next is read when this one was.
    let ready = read(&context, &call, batch, &mut *earlier.lock().await).await;
    Ok((
        count,
        ready.map_err(|error| rejection(submission_id, error.into(), &call)),
    ))
}

/// Publishes what was read, and waits for the receipt.
async fn answer(context: Arc<Context>, call: Arc<Call>, taken: Result<Taken, Fault>) -> Result<(u64, Outcome), Fault> {
    let (count, ready) = taken?;
    let outcome = match ready {
        Err(rejection) => rejection,
        Ok(ready) => match publish_patiently(&context, &call, &ready).await {
            Ok(response) => Outcome::Response(response),
            Err(error @ Error::NoLonger(_)) => return Err(error.into()),
            Err(error) => rejection(ready.submission_id.to_string(), error.into(), &call),
        },
    };
    Ok((count, outcome))
}

fn rejection(submission_id: String, fault: Fault, call: &Call) -> Outcome {
    Outcome::Rejection(api::Rejection {
        submission_id,
        code: fault.code.into(),
        message: fault.text.pick(call.lang).to_owned(),
        violations: tellable(fault.violations),
    })
}
