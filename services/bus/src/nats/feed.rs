//! Hands the stream's messages to the ledger, in order and without gaps.

use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::context::Context;
use futures::StreamExt as _;
use tokio::sync::{Notify, watch};
use tokio::time::{sleep, timeout};
use tracing::{debug, info, warn};
use uuid::Uuid;

use crate::follows::Follows;
use crate::ledger::Route;
use crate::nats::attach::{ATTACH_PAUSE, Attached};
use crate::nats::config::NatsConfig;
use crate::nats::duty::{Claim, Duty, Role};
use crate::nats::halt::ServeError;
use crate::nats::identity::Begins;
use crate::nats::link::Link;
use crate::nats::position::{Position, Seen};
use crate::nats::receipts::Receipts;
use crate::nats::stream::{self, Look, LookAt};
use crate::{Delivery, Ledger, Reply, TryRecordError};

/// After how much silence the stream's state is compared with ours: a pull consumer can stall without a word.
const QUIET_LIMIT: Duration = Duration::from_secs(3);

/// One ledger on one stream.
pub(crate) struct Feed<'a> {
    pub(crate) config: &'a NatsConfig,
    pub(crate) link: &'a Link,
    pub(crate) ledger: &'a Arc<dyn Ledger>,
    pub(crate) role: Role,
    pub(crate) context: Context,
    pub(crate) stream: String,
    pub(crate) receipts: Option<Receipts>,
    /// In sequences of this stream, once it was found.
    pub(crate) position: Position,
    /// Where in the ledger the stream begins, once it was found.
    pub(crate) begins: Option<Begins>,
    /// The sequence up to which the stream went when it was found first.
    pub(crate) behind: u64,
    /// The last trouble logged, so that a lasting one is logged once.
    pub(crate) trouble: String,
    /// Told once the ledger has been given what stood on the stream at the start.
    pub(crate) caught_up: &'a Notify,
    /// What our claims say.
    pub(crate) instance: Uuid,
    pub(crate) duty: &'a watch::Sender<Duty>,
    pub(crate) follows: &'a Follows,
}

impl Feed<'_> {
    /// Runs until something is found that waiting cannot heal.
    pub(crate) async fn run(&mut self) -> ServeError {
        let mut pause = ATTACH_PAUSE.0;
        loop {
            let before = self.position.handed();
            let outcome = match self.attach().await {
                Ok(attached) => self.consume(attached).await,
                Err(error) => Err(error),
            };
            match outcome {
                Ok(why) => debug!(stream = self.stream, why, "attaching to the stream again"),
                Err(error) => return error,
            }
            // Consumers that fail one after the other without a message must not be made without pause.
            pause = if self.position.handed() > before {
                ATTACH_PAUSE.0
            } else {
                (pause * 2).min(ATTACH_PAUSE.1)
            };
            sleep(pause).await;
        }
    }

    /// Hands over message after message. Returns why it has to attach again.
    async fn consume(&mut self, attached: Attached) -> Result<&'static str, ServeError> {
        let Attached {
            mut messages,
            generation,
        } = attached;
        let link = self.link;
        let lost = link.until_lost(generation);
        tokio::pin!(lost);
        loop {
            let next = tokio::select! {
                biased;
                () = &mut lost => return Ok("the connection changed"),
                next = timeout(QUIET_LIMIT, messages.next()) => next,
            };
            let message = match next {
                Ok(Some(Ok(message))) => message,
                Ok(Some(Err(error))) => {
                    debug!(stream = self.stream, %error, "consumer");
                    return Ok("the consumer failed");
                }
                Ok(None) => return Ok("the consumer ended"),
                Err(_elapsed) if self.is_rightly_quiet().await? => continue,
                Err(_elapsed) => return Ok("the consumer stalled"),
            };
            if link.generation() != generation {
                return Ok("the connection changed");
            }
            let Ok(about) = message.info() else {
                return Ok("a message came without its sequence");
            };
            let (sequence, stored_at_ns) = (about.stream_sequence, about.published.unix_timestamp_nanos());
            if sequence <= self.position.handed() {
                continue;
            }
            if sequence > self.position.next() {
                self.confirm_gap(sequence).await?;
                return Ok("a message got lost on the way");
            }
            self.hand_over(sequence, stored_at_ns, message.message).await?;
        }
    }

    async fn hand_over(
        &mut self,
        sequence: u64,
        stored_at_ns: i128,
        message: async_nats::Message,
    ) -> Result<(), ServeError> {
        let seen = Seen {
            payload: message.payload.clone(),
            stored_at_ns,
        };
        if *message.subject == self.config.claim_subject() {
            self.take_claim(sequence, &message.payload);
        } else {
            self.deliver(sequence, message).await?;
        }
        self.position.advance(sequence, seen);
        self.note_caught_up();
        Ok(())
    }

    /// Tells once that what stood on the stream at the start was handed over.
    pub(crate) fn note_caught_up(&mut self) {
        if self.position.handed() >= self.behind {
            self.behind = u64::MAX;
            self.caught_up.notify_one();
        }
    }

    /// A ledger claims the stream from here on. What cannot be read is no claim.
    fn take_claim(&self, sequence: u64, payload: &[u8]) {
        let Ok(claim) = serde_json::from_slice::<Claim>(payload) else {
            warn!(stream = self.stream, sequence, "not a claim");
            return;
        };
        self.duty
            .send_modify(|duty| *duty = duty.after(&claim, self.instance, sequence));
        info!(stream = self.stream, sequence, by = claim.name, duty = ?*self.duty.borrow(), "the stream is claimed");
    }

    async fn deliver(&self, sequence: u64, message: async_nats::Message) -> Result<(), ServeError> {
        let way_back = self
            .receipts
            .as_ref()
            .and_then(|receipts| receipts.way_back(message.headers.as_ref(), sequence));
        let delivery = Delivery {
            bytes: message.payload,
            cursor: Some(self.begins.unwrap_or_default().cursor + sequence),
            reply: way_back.map_or_else(Reply::nobody, |remote| Reply(Route::Remote(remote))),
        };
        match self.ledger.try_record(delivery) {
            Ok(()) => {}
            Err(TryRecordError::Full(delivery)) => {
                self.ledger
                    .record(delivery)
                    .await
                    .map_err(|_closed| ServeError::LedgerClosed)?;
            }
            Err(TryRecordError::Closed) => return Err(ServeError::LedgerClosed),
        }
        Ok(())
    }

    /// Whether there is nothing to deliver, when nothing was delivered for a while.
    async fn is_rightly_quiet(&mut self) -> Result<bool, ServeError> {
        match stream::look(&self.context, &self.stream).await {
            Look::Found(info) => {
                match self.check(&info) {
                    Ok(()) => {}
                    // Attaching again finds out, with patience for a leader just elected.
                    Err(ServeError::StreamBehind { .. }) => return Ok(false),
                    Err(error) => return Err(error),
                }
                let last_sequence = info.state.last_sequence;
                if last_sequence == self.position.handed() {
                    return Ok(true);
                }
                self.confirm_gap(last_sequence).await?;
                warn!(
                    stream = self.stream,
                    last_sequence,
                    handed = self.position.handed(),
                    "the consumer stalled"
                );
                Ok(false)
            }
            // Attaching again finds out.
            Look::Missing | Look::NoJetStream(_) | Look::Unclear(_) => Ok(false),
        }
    }

    /// Fails if the stream really has no message where the next one is due; `found` is what it has instead.
    async fn confirm_gap(&self, found: u64) -> Result<(), ServeError> {
        let expected = self.position.next();
        match stream::look_at(&self.context, &self.stream, expected).await {
            LookAt::Missing => Err(ServeError::Gap {
                stream: self.stream.clone(),
                expected,
                found,
            }),
            LookAt::Found(_) | LookAt::Unclear(_) => Ok(()),
        }
    }
}
