//! Sending what was checked, a part at a time.

use std::time::Duration;

use keshi_client::Client;
use keshi_core::lang::say;
use keshi_proto::api;
use keshi_proto::api::submit_progress::Outcome as Answer;
use keshi_sheets::plan::Batch;
use keshi_sheets::report::Answers;
use tokio::sync::mpsc;
use tokio::time::sleep;
use tokio_stream::wrappers::UnboundedReceiverStream;
use tonic::Code;

use crate::check::Checked;
use crate::{Outcome, Stopped, Watch};

/// How often a submission is sent again that was not answered, and the pause before: together about half a minute.
const TRIES: (u32, Duration) = (15, Duration::from_secs(2));

/// Parts on their way before their answers are there.
const AHEAD: usize = 2;

/// Sends what was checked; what became of each event, and whether somebody stopped it before all was sent.
///
/// Parts go out a little ahead of their answers, so that little is under way when it is stopped; of what went out the answer is
/// awaited, so that the verdicts say what is recorded.
pub(crate) async fn send(watch: &dyn Watch, client: &Client, checked: Checked) -> Outcome<(Answers, bool)> {
    let Checked { mut answers, batches } = checked;
    if batches.is_empty() {
        return Ok((answers, false));
    }
    watch.begins(
        say("入账", "recording"),
        batches.iter().map(|batch| batch.request.events.len() as u64).sum(),
    );
    let (feed, requests) = mpsc::unbounded_channel();
    let mut feed = Some(feed);
    let (mut sent, mut done) = (0, 0);
    feed_some(watch, &mut feed, &batches, (&mut sent, done));
    let request = client.stream(UnboundedReceiverStream::new(requests));
    let answer = client.submissions().stream_submissions(request).await;
    let mut progress = answer?.into_inner();
    while let Some(batch) = batches.get(done).filter(|_| done < sent) {
        // If the stream breaks off, the rest is sent one by one: sending again is always safe.
        let next = progress.message().await.ok().flatten();
        let outcome = next.and_then(|next| next.outcome);
        match outcome {
            Some(Answer::Response(response)) if response.receipt.is_some() => {
                note_receipt(&mut answers, batch, &response);
            }
            Some(Answer::Rejection(rejection)) if !is_worth_repeating(Code::from(rejection.code)) => {
                note_rejection(&mut answers, batch, &rejection);
            }
            _ => again(client, &mut answers, batch).await?,
        }
        done += 1;
        watch.reached((batch.first + batch.request.events.len()) as u64);
        feed_some(watch, &mut feed, &batches, (&mut sent, done));
    }
    let left = batches.get(done..).unwrap_or_default();
    for batch in left {
        answers.unsent(batch);
    }
    watch.ended();
    Ok((answers, !left.is_empty()))
}

/// Puts as many parts on their way as may be, and ends the stream after the last one that goes out.
fn feed_some(
    watch: &dyn Watch,
    feed: &mut Option<mpsc::UnboundedSender<api::SubmitRequest>>,
    batches: &[Batch],
    (sent, done): (&mut usize, usize),
) {
    while let Some(sender) = feed {
        let next = batches.get(*sent).filter(|_| !watch.is_stopped());
        let Some(batch) = next else {
            *feed = None;
            return;
        };
        if *sent - done >= AHEAD {
            return;
        }
        // Where the stream broke off nobody takes it: it is sent again by itself.
        let _taken = sender.send(batch.request.clone());
        *sent += 1;
    }
}

fn note_receipt(answers: &mut Answers, batch: &Batch, response: &api::SubmitResponse) {
    if let Some(receipt) = &response.receipt {
        answers.verdicts(batch, &receipt.verdicts);
    }
}

fn note_rejection(answers: &mut Answers, batch: &Batch, rejection: &api::Rejection) {
    if rejection.violations.is_empty() {
        let why = &*rejection.message;
        answers.failed(batch, [why, why]);
    } else {
        answers.violations(batch, &rejection.violations);
    }
}

fn is_worth_repeating(code: Code) -> bool {
    matches!(
        code,
        Code::Unavailable | Code::ResourceExhausted | Code::DeadlineExceeded | Code::Aborted | Code::Cancelled
    )
}

/// Sends one submission until it is answered with a receipt, or it is clear that it will not be.
async fn again(client: &Client, answers: &mut Answers, batch: &Batch) -> Outcome {
    let (tries, pause) = TRIES;
    let mut last = None;
    for _ in 0..tries {
        let answer = client.submissions().submit(client.call(batch.request.clone())).await;
        match answer.map(tonic::Response::into_inner) {
            Ok(response) if response.receipt.is_some() => {
                note_receipt(answers, batch, &response);
                return Ok(());
            }
            // Accepted: it is safe on the bus, and the receipt comes when the ledger has it.
            Ok(_) => last = None,
            Err(status) if is_worth_repeating(status.code()) => last = Some(status),
            Err(status) => {
                let why = status.message();
                answers.failed(batch, [why, why]);
                return Ok(());
            }
        }
        sleep(pause).await;
    }
    if let Some(status) = last {
        let remedy = say(
            "已答复的部分均已入账；恢复后重新导入同一文件即可，不会重复",
            "what was answered is recorded; import the same file again once it works, nothing counts twice",
        );
        return Err(Stopped {
            status: Some(status),
            says: vec![remedy],
            is_usage: false,
        });
    }
    let why = [
        "已接收，尚未入账：稍后重新导入可见结果",
        "accepted, not yet recorded: import again later to see",
    ];
    answers.failed(batch, why);
    Ok(())
}
