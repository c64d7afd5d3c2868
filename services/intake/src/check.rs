//! A dry run of a whole file: its submissions go to the ledger one by one, which judges them against a scratch copy.

use std::sync::Arc;

use futures::{Stream, StreamExt as _};
use keshi_proto::api;
use keshi_proto::log::check_question::Step;
use keshi_proto::log::{CheckAnswer, CheckFrom, CheckQuestion};
use tonic::Status;
use uuid::Uuid;

use crate::Context;
use crate::closing;
use crate::error::Error;
use crate::form::Form;
use crate::mistaken::{Mistaken, among, tellable, weight_of};
use crate::read::{Batch, read};
use keshi_door::rights::Earlier;
use keshi_door::topics;
use keshi_door::{Call, Fault, Held, Limits, violation};

/// Dry runs at once: the ledger holds as many in all, and each for its poster alone.
pub(crate) const CHECKS_AT_ONCE: Limits = Limits {
    all: 16,
    role: 12,
    caller: 4,
};

/// Bytes that are kept of dry runs until they are told: mistakes, and ids. A county's largest file with a mistake in every
/// row has some 20 MB of them; whoever needs more splits the file.
pub(crate) const KEPT_BYTES_AT_ONCE: Limits = Limits {
    all: 96 << 20,
    role: 64 << 20,
    caller: 32 << 20,
};

/// What is known of one submission before the ledger has spoken.
#[derive(Default)]
struct Sent {
    submission_id: String,
    /// Why it did not even go to the ledger.
    violations: Vec<api::FieldViolation>,
    /// Those of its events that did not go there with the others.
    mistaken: Vec<Mistaken>,
}

/// One dry run.
struct Check {
    context: Arc<Context>,
    call: Call,
    id: Uuid,
    sent: Vec<Sent>,
    /// A dry run is not told of rights that only a file in parts would lack: nothing of it is ever recorded.
    earlier: Earlier,
    /// A place among the dry runs.
    _place: Held,
    /// Room for what was sent.
    room: Held,
}

/// Takes all requests in, then answers one by one. Nothing is recorded.
pub(crate) fn answers(
    context: Arc<Context>,
    call: Call,
    requests: impl Stream<Item = Result<api::SubmitRequest, Status>> + Send + 'static,
) -> impl Stream<Item = Result<api::CheckedSubmission, Status>> + Send {
    async_stream::try_stream! {
        let requests = closing::until(context.shutdown.clone(), requests);
        let mut check = Check::new(context, call.clone()).map_err(|error| call.status(error))?;
        let mut requests = Box::pin(requests);
        while let Some(request) = requests.next().await {
            let request = request.map_err(|status| check.call.status(Error::Stream(Box::new(status))))?;
            check.take(request).await.map_err(|error| check.call.status(error))?;
        }
        let mut from = Some(CheckFrom::default());
        // Verdicts of a submission may be spread over several pages.
        let mut gathered: Vec<api::EventVerdict> = Vec::new();
        let mut position = 0;
        let mut valid = 0;
        while position < check.sent.len() {
            if check.violations_at(position) {
                yield check.checked(position, Vec::new());
                position += 1;
                continue;
            }
            let Some(next) = from.take() else {
                Err(check.call.status(Error::Garbled { what: "check" }))?;
                return;
            };
            let answer = check.page(next).await.map_err(|error| check.call.status(error))?;
            from = answer.next;
            for part in answer.parts {
                while part.position > valid && position < check.sent.len() {
                    if check.violations_at(position) {
                        yield check.checked(position, Vec::new());
                    } else {
                        yield check.checked(position, std::mem::take(&mut gathered));
                        valid += 1;
                    }
                    position += 1;
                }
                gathered.extend(part.verdicts);
            }
            if from.is_none() {
                while position < check.sent.len() {
                    let verdicts = if check.violations_at(position) { Vec::new() } else { std::mem::take(&mut gathered) };
                    yield check.checked(position, verdicts);
                    position += 1;
                }
            }
        }
        check.forget().await;
    }
}

impl Check {
    fn new(context: Arc<Context>, call: Call) -> Result<Self, Error> {
        let place = context.checks.take(&call.caller, 1).ok_or(Error::TooManyChecks)?;
        let room = context.checked.take(&call.caller, 0).ok_or(Error::TooManyChecks)?;
        Ok(Self {
            context,
            call,
            id: Uuid::new_v4(),
            sent: Vec::new(),
            earlier: Earlier::default(),
            _place: place,
            room,
        })
    }

    /// Reads one submission and adds it to the ledger's side of the check.
    async fn take(&mut self, request: api::SubmitRequest) -> Result<(), Error> {
        let api::SubmitRequest {
            submission_id,
            taking,
            events,
        } = request;
        let batch = Batch {
            submission_id: submission_id.clone(),
            taking,
            events,
            form: Form::Events,
        };
        let mut mistaken = Vec::new();
        let violations = match read(&self.context, &self.call, batch, &mut self.earlier).await {
            Ok(ready) => {
                self.ask(Step::Submission(ready.bytes)).await?;
                mistaken = ready.mistaken;
                Vec::new()
            }
            Err(Error::Fields(violations)) => violations,
            // In a dry run a missing right is one more thing to mend in the file.
            Err(Error::DeniedEvents(denied)) => denied
                .into_iter()
                .map(|(position, denied)| {
                    let fault = Fault::from(denied);
                    violation(Form::Events.whole(position), "", fault.text.zh, fault.text.en)
                })
                .collect(),
            Err(error) => return Err(error),
        };
        let sent = Sent {
            submission_id,
            violations: tellable(violations),
            mistaken,
        };
        if !self.room.grow(sent.weight()) {
            return Err(Error::TooManyMistakes);
        }
        self.sent.push(sent);
        Ok(())
    }

    async fn page(&self, from: CheckFrom) -> Result<CheckAnswer, Error> {
        self.ask(Step::From(from)).await
    }

    /// Best effort: what is not forgotten now the ledger forgets by itself.
    async fn forget(&self) {
        if let Err(error) = self.ask(Step::Drop(true)).await {
            tracing::debug!(%error, "a check was not dropped");
        }
    }

    async fn ask(&self, step: Step) -> Result<CheckAnswer, Error> {
        let question = CheckQuestion {
            check_id: self.id.as_bytes().to_vec().into(),
            step: Some(step),
        };
        self.context
            .ask(topics::CHECK, &question, self.call.next_deadline())
            .await
    }

    fn violations_at(&self, position: usize) -> bool {
        self.sent.get(position).is_some_and(|sent| !sent.violations.is_empty())
    }

    fn checked(&mut self, position: usize, verdicts: Vec<api::EventVerdict>) -> api::CheckedSubmission {
        let sent = self.sent.get_mut(position);
        let Sent {
            submission_id,
            violations,
            mistaken,
        } = sent.map_or_else(Sent::default, std::mem::take);
        api::CheckedSubmission {
            submission_id,
            position: position as u64,
            verdicts: among(verdicts, mistaken),
            violations,
        }
    }
}

impl Sent {
    /// The bytes that it takes.
    fn weight(&self) -> usize {
        let mistaken: usize = self.mistaken.iter().map(Mistaken::weight).sum();
        size_of::<Self>() + self.submission_id.len() + weight_of(&self.violations) + mistaken
    }
}
