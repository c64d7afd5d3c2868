//! Receipts on their way from the ledger to posters' inboxes.

use async_nats::{Client, HeaderMap, Subject};
use bytes::Bytes;
use tokio::sync::{mpsc, watch};
use tracing::warn;

use crate::message::is_token;
use crate::nats::duty::Duty;

/// The header in which a poster names the inbox for its receipt.
pub(crate) const INBOX_HEADER: &str = "Keshi-Inbox";

/// How many receipts may wait for the connection.
///
/// The ledger must never wait for a poster's network, so what does not fit is dropped; the poster then sends its
/// submission again and gets an answer. Two full group commits of single-event submissions fit with room to spare.
const RECEIPTS_WAITING_MAX: usize = 16_384;

/// How many receipts are taken from the queue at once.
const RECEIPTS_AT_ONCE: usize = 256;

/// Makes ways back to posters.
#[derive(Clone)]
pub(crate) struct Receipts {
    queue: mpsc::Sender<Receipt>,
    /// `keshi-inbox.<office>.`: nothing else is ever published to on a poster's word.
    inboxes: String,
}

/// The way back to one poster.
pub(crate) struct Remote {
    queue: mpsc::Sender<Receipt>,
    /// Where in the stream the submission stands.
    sequence: u64,
    inbox: Subject,
}

/// A receipt on its way.
struct Receipt {
    sequence: u64,
    inbox: Subject,
    bytes: Bytes,
}

impl Receipts {
    /// Starts the task that publishes receipts, those that `duty` lets it. It ends when the last [`Remote`] is gone, so
    /// receipts of what was delivered before a shutdown still go out.
    pub(crate) fn start(client: Client, inboxes: String, mut duty: watch::Receiver<Duty>) -> Self {
        let (queue, mut waiting) = mpsc::channel::<Receipt>(RECEIPTS_WAITING_MAX);
        tokio::spawn(async move {
            let mut batch = Vec::with_capacity(RECEIPTS_AT_ONCE);
            while waiting.recv_many(&mut batch, RECEIPTS_AT_ONCE).await > 0 {
                for Receipt { sequence, inbox, bytes } in batch.drain(..) {
                    // The sender goes with the feed: then nothing is claimed any more.
                    let answers = duty.wait_for(|duty| duty.answers(sequence).is_some()).await;
                    if !answers.is_ok_and(|duty| duty.answers(sequence) == Some(true)) {
                        continue;
                    }
                    if let Err(error) = client.publish(inbox, bytes).await {
                        warn!(%error, "a receipt could not be sent; the poster will send again");
                    }
                }
            }
        });
        Self { queue, inboxes }
    }

    /// The way back named in a message's headers, if it names an inbox of this office.
    pub(crate) fn way_back(&self, headers: Option<&HeaderMap>, sequence: u64) -> Option<Remote> {
        let inbox = headers?.get(INBOX_HEADER)?.as_str();
        is_inbox(&self.inboxes, inbox).then(|| Remote {
            queue: self.queue.clone(),
            sequence,
            inbox: inbox.into(),
        })
    }
}

impl Remote {
    pub(crate) fn send(self, bytes: Bytes) {
        let Self { queue, sequence, inbox } = self;
        let receipt = Receipt { sequence, inbox, bytes };
        if queue.try_send(receipt).is_err() {
            warn!("too many receipts wait for the connection, one is dropped; the poster will send again");
        }
    }
}

/// Whether `subject` is `<inboxes><poster>.<token>`.
pub(crate) fn is_inbox(inboxes: &str, subject: &str) -> bool {
    let rest = subject.strip_prefix(inboxes).and_then(|rest| rest.split_once('.'));
    rest.is_some_and(|(poster, token)| is_token(poster) && is_token(token))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_inbox_of_this_office_is_published_to() {
        let is_ours = |subject| is_inbox("keshi-inbox.610729.", subject);
        assert!(is_ours("keshi-inbox.610729.0af3.17"));
        for other in [
            "keshi-inbox.610730.0af3.17",
            "keshi.610729.mixed.office",
            "keshi-inbox.610729.0af3",
            "keshi-inbox.610729.>.1",
        ] {
            assert!(!is_ours(other), "{other}");
        }
    }
}
