//! The poster's side on NATS.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant as StdInstant};

use async_nats::header::NATS_MESSAGE_ID;
use async_nats::jetstream::ErrorCode;
use async_nats::jetstream::publish::PublishAck;
use async_nats::jetstream::response::Response;
use async_nats::{HeaderMap, StatusCode, Subject};
use bytes::Bytes;
use keshi_core::lang::Say;
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, sleep_until, timeout_at};
use uuid::Uuid;

use crate::nats::config::{ConfigError, NatsConfig};
use crate::nats::inbox::{Expected, Inbox};
use crate::nats::link::Link;
use crate::nats::questions::REFUSED_HEADER;
use crate::nats::receipts::INBOX_HEADER;
use crate::nats::standing::{PostsTo, Standing};
use crate::{Answer, AskError, Message, SubmitError};

/// How many publishes of one process may wait for their acknowledgement at a time.
///
/// The server's throughput with a sync per write stops growing at about 64 in flight; four times that keeps it busy
/// while replies travel, and bounds what is in doubt when the connection breaks to 256 × 900 KiB.
const PUBLISHES_IN_FLIGHT_MAX: usize = 256;

/// How long to wait for the first acknowledgement before publishing again under the same id; doubled each time up to the
/// second of these.
///
/// A sync takes milliseconds, on a slow disk under load perhaps a second. A leader that died acknowledges nothing, and
/// nobody says so; a broken connection ends the wait at once. The server drops copies that it has.
const ACK_LIMIT: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(4));

/// How long a submission waits for a server that is away, if nothing of it was sent yet.
///
/// A restart takes less; a clerk should hear of an outage soon rather than at the end of a long deadline.
const UNREACHABLE_PATIENCE: Duration = Duration::from_secs(2);

/// The same for a stream on several servers, one of which is reached: they may be electing a leader, which takes them 4 to
/// 9 seconds after one was killed.
const ELECTION_PATIENCE: Duration = Duration::from_secs(15);

/// How long before the deadline an acknowledged submission is answered as accepted.
const ACCEPT_BEFORE_DEADLINE: Duration = Duration::from_millis(100);

/// How long before that the stream is looked at, to see that it keeps what it has acknowledged.
const LOOK_BEFORE_ACCEPTING: Duration = Duration::from_millis(400);

/// How long to wait for an answer before the question is asked again; doubled each time, so that a slow one is worked on
/// only a few times.
const ANSWER_PATIENCE: Duration = Duration::from_secs(1);

/// The pause before a publish is tried again that nobody took.
const NOBODY_PAUSE: Duration = Duration::from_millis(50);

/// How long to wait when too many publishes are in flight.
const BUSY_RETRY_AFTER: Duration = Duration::from_millis(200);

/// How long to wait when the stream has no room; somebody has to make room first.
const STREAM_FULL_RETRY_AFTER: Duration = Duration::from_secs(30);

/// The bytes of a message's subject-independent headers, rounded up, which count towards the server's `max_payload`.
const HEADER_BYTES_MAX: usize = 512;

/// Error codes of the server that mean: no room.
const NO_ROOM: [ErrorCode; 3] = [
    ErrorCode::INSUFFICIENT_RESOURCES,
    ErrorCode::STORAGE_RESOURCES_EXCEEDED,
    ErrorCode::STREAM_STORE_FAILED,
];

/// A poster's connection to the stream of one office. Clones share it.
#[derive(Clone)]
pub struct Nats {
    inner: Arc<Inner>,
}

struct Inner {
    config: NatsConfig,
    link: Link,
    inbox: Inbox,
    standing: Standing,
    in_flight: Semaphore,
    withheld: OnceLock<Say>,
}

/// What came of one publish.
enum Published {
    /// The receipt overtook the acknowledgement.
    Receipt(Bytes),
    /// The stream has it, or says it has something under this id.
    Acked { is_duplicate: bool },
    /// No acknowledgement; it may or may not be in the stream.
    InDoubt,
    /// No stream takes the subject.
    Nobody,
    /// The server refused it.
    Refused(SubmitError),
    /// Time is up before it could be sent.
    NotSent,
}

/// Where the acknowledgement of a submission is expected, and how long the next copy waits for it.
struct Ack {
    expected: Expected,
    limit: Duration,
}

impl Nats {
    /// Starts connecting and returns at once, whether or not the server is there.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] if the configuration cannot be used.
    pub async fn connect(config: NatsConfig) -> Result<Self, ConfigError> {
        Self::connect_to(config, PostsTo::First).await
    }

    /// As [`connect`](Self::connect), saying to whose stream it may post; to others nothing is posted.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] if the configuration cannot be used.
    pub async fn connect_to(config: NatsConfig, posts_to: PostsTo) -> Result<Self, ConfigError> {
        let name = format!("keshi-poster-{}", config.office);
        let link = Link::start(&config, &name, config.inboxes().trim_end_matches('.')).await?;
        let inbox = Inbox::open(&link, &config.inboxes())
            .await
            .map_err(|_| ConfigError::Office {
                office: config.office.clone(), // The only way a subscription can fail here is by its name.
            })?;
        let inner = Inner {
            standing: Standing::watch(link.clone(), config.clone(), posts_to),
            config,
            link,
            inbox,
            in_flight: Semaphore::new(PUBLISHES_IN_FLIGHT_MAX),
            withheld: OnceLock::new(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Whether the server is reached right now and its stream fit to post to, for health checks.
    pub fn is_connected(&self) -> bool {
        let Inner {
            link,
            standing,
            withheld,
            ..
        } = &*self.inner;
        withheld.get().is_none() && link.is_connected() && standing.is_fit_over(link.generation())
    }

    /// As [`Bus::withhold`](crate::Bus::withhold).
    pub(crate) fn withhold(&self, reason: Say) {
        // The first reason stands.
        drop(self.inner.withheld.set(reason));
    }

    pub(crate) async fn submit(&self, message: Message, deadline: StdInstant) -> Result<Answer, SubmitError> {
        let inner = &*self.inner;
        let deadline = Instant::from(deadline);
        inner.check_size(&message)?;
        inner.wait_fit(deadline.min(Instant::now() + inner.patience())).await?;
        let permit = timeout_at(deadline, inner.in_flight.acquire()).await;
        let Ok(permit) = permit else {
            return Err(SubmitError::Full {
                retry_after: BUSY_RETRY_AFTER,
            });
        };
        let mut receipt = inner.inbox.expect();
        if let Some(bytes) = inner.publish_until_acked(&message, &mut receipt, deadline).await? {
            return Ok(Answer::Recorded(bytes));
        }
        drop(permit);
        inner.receipt_or_accepted(receipt, deadline).await
    }

    pub(crate) async fn ask(&self, topic: &str, question: Bytes, deadline: StdInstant) -> Result<Bytes, AskError> {
        let inner = &*self.inner;
        let deadline = Instant::from(deadline);
        let mut give_up = deadline.min(Instant::now() + UNREACHABLE_PATIENCE);
        let subject = Subject::from(inner.config.ask_subject(topic));
        let mut answer = inner.inbox.expect();
        let mut patience = ANSWER_PATIENCE;
        loop {
            if !inner.link.wait_connected(give_up).await {
                return Err(not_asked(inner.link.reason()));
            }
            let send = inner
                .link
                .client
                .publish_with_reply(subject.clone(), answer.subject.clone(), question.clone());
            match timeout_at(deadline, send).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => return Err(not_asked(error.to_string())),
                Err(_elapsed) => return Err(not_asked(inner.link.reason())),
            }
            let ask_again = deadline.min(Instant::now() + patience);
            match timeout_at(ask_again, &mut answer.reply).await {
                Ok(Ok(reply)) if reply.status != Some(StatusCode::NO_RESPONDERS) => return read_answer(reply),
                // Nobody saw the question: the primary may just be coming back.
                Ok(Ok(_nobody)) if Instant::now() + NOBODY_PAUSE < give_up => {
                    sleep(NOBODY_PAUSE).await;
                    answer = inner.inbox.expect();
                }
                Ok(Ok(_nobody)) => return Err(not_asked("no primary ledger listens".to_owned())),
                // Whoever heard it may have died or been deposed over it; a question can be asked twice.
                Err(_elapsed) if ask_again < deadline => {
                    patience *= 2;
                    give_up = deadline.min(ask_again + UNREACHABLE_PATIENCE);
                }
                Ok(Err(_)) | Err(_) => return Err(AskError::DeadlineExceeded),
            }
        }
    }
}

impl Inner {
    /// Waits until the server is reached and its stream was found fit over this connection.
    async fn wait_fit(&self, give_up: Instant) -> Result<(), SubmitError> {
        if let Some(reason) = self.withheld.get() {
            let reason = reason.clone();
            return Err(SubmitError::Unfit { reason });
        }
        if !self.link.wait_connected(give_up).await {
            return Err(SubmitError::Unreachable {
                reason: self.link.reason(),
            });
        }
        self.standing.fit_over(self.link.generation(), give_up).await
    }

    /// How long a submission of which nothing was sent waits for somebody to take it.
    fn patience(&self) -> Duration {
        if self.link.is_connected() && self.standing.is_replicated() {
            ELECTION_PATIENCE
        } else {
            UNREACHABLE_PATIENCE
        }
    }

    /// Waits for the receipt of what the stream has acknowledged. Without one it is accepted, if the stream is found
    /// to keep it; else nobody knows what becomes of it.
    async fn receipt_or_accepted(&self, mut receipt: Expected, deadline: Instant) -> Result<Answer, SubmitError> {
        let before = |time| deadline.checked_sub(time).unwrap_or(deadline);
        let look_at = before(ACCEPT_BEFORE_DEADLINE + LOOK_BEFORE_ACCEPTING);
        if let Ok(Ok(message)) = timeout_at(look_at, &mut receipt.reply).await {
            return Ok(Answer::Recorded(message.payload));
        }
        let answer_by = before(ACCEPT_BEFORE_DEADLINE);
        let accepted = async {
            let still_fit = self.standing.still_fit(answer_by).await;
            sleep_until(answer_by).await;
            still_fit
        };
        tokio::select! {
            biased;
            Ok(message) = &mut receipt.reply => Ok(Answer::Recorded(message.payload)),
            still_fit = accepted => still_fit.map_or(Err(SubmitError::DeadlineExceeded), |()| Ok(Answer::Accepted)),
        }
    }

    fn check_size(&self, message: &Message) -> Result<(), SubmitError> {
        let bytes_max = self.link.client.max_payload().saturating_sub(HEADER_BYTES_MAX);
        if message.bytes.len() > bytes_max {
            return Err(SubmitError::TooLarge {
                bytes: message.bytes.len(),
                bytes_max,
            });
        }
        Ok(())
    }

    /// Publishes until the stream certainly has *this* submission, again and again under one id.
    ///
    /// `Some` if the receipt came meanwhile. An acknowledgement that says duplicate proves only that something came
    /// under this id within the server's window, and its receipt may be long gone; then it publishes once more under
    /// a fresh id, for which a duplicate can only be our own retry.
    async fn publish_until_acked(
        &self,
        message: &Message,
        receipt: &mut Expected,
        deadline: Instant,
    ) -> Result<Option<Bytes>, SubmitError> {
        let subject = Subject::from(self.config.subject(&message.kind, &message.school));
        let patience = deadline.min(Instant::now() + self.patience());
        let mut ack = Ack {
            // One place for all copies under one id: whichever is acknowledged, it is this submission.
            expected: self.inbox.expect(),
            limit: ACK_LIMIT.0,
        };
        let mut id = message.submission_id.to_string();
        let mut is_fresh = false;
        // What to say at the end: it stays certain that nothing happened until a publish goes unanswered.
        let mut at_deadline = SubmitError::Unreachable {
            reason: self.link.reason(),
        };
        loop {
            let in_doubt = !at_deadline.is_outcome_known();
            let published = self.publish_once(&subject, &id, &message.bytes, receipt, &mut ack, deadline);
            let published = published.await;
            if !matches!(published, Published::InDoubt) {
                ack.expected = self.inbox.expect();
            }
            match published {
                Published::Receipt(bytes) => return Ok(Some(bytes)),
                Published::Acked { is_duplicate } if !is_duplicate || is_fresh => return Ok(None),
                Published::Acked { .. } => {
                    id = format!("{}.{}", message.submission_id, Uuid::new_v4().simple());
                    is_fresh = true;
                }
                Published::InDoubt => {
                    at_deadline = SubmitError::DeadlineExceeded;
                    ack.limit = (ack.limit * 2).min(ACK_LIMIT.1);
                }
                Published::Refused(error) if !in_doubt => return Err(error),
                Published::Nobody if !in_doubt => {
                    let reason = format!("no stream takes {subject}: its ledger was never started");
                    at_deadline = SubmitError::Unreachable { reason };
                    if Instant::now() >= patience {
                        return Err(at_deadline);
                    }
                    sleep(NOBODY_PAUSE).await;
                }
                Published::NotSent if !in_doubt => return Err(at_deadline),
                // An earlier copy may be stored, so "nothing happened" would be a lie: go on until the deadline.
                Published::Refused(_) | Published::Nobody | Published::NotSent => sleep(NOBODY_PAUSE).await,
            }
            if Instant::now() >= deadline {
                return Err(at_deadline);
            }
        }
    }

    async fn publish_once(
        &self,
        subject: &Subject,
        id: &str,
        bytes: &Bytes,
        receipt: &mut Expected,
        ack: &mut Ack,
        deadline: Instant,
    ) -> Published {
        match self.wait_fit(deadline).await {
            Ok(()) => {}
            Err(error @ SubmitError::Unfit { .. }) => return Published::Refused(error),
            Err(_) => return Published::NotSent,
        }
        let (generation, violations) = (self.link.generation(), self.link.violations());
        let mut headers = HeaderMap::new();
        headers.insert(NATS_MESSAGE_ID, id);
        headers.insert(INBOX_HEADER, receipt.subject.as_str());
        let send = self.link.client.publish_with_reply_and_headers(
            subject.clone(),
            ack.expected.subject.clone(),
            headers,
            bytes.clone(),
        );
        match timeout_at(deadline, send).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                return Published::Refused(SubmitError::Unreachable {
                    reason: error.to_string(),
                });
            }
            Err(_elapsed) => return Published::NotSent,
        }
        tokio::select! {
            // The receipt first: it says more than the acknowledgement, should both be there.
            biased;
            Ok(message) = &mut receipt.reply => Published::Receipt(message.payload),
            Ok(message) = &mut ack.expected.reply => self.read_ack(&message),
            reason = self.link.until_violation(subject, violations) => {
                Published::Refused(SubmitError::Unreachable { reason })
            }
            () = self.link.until_lost(generation) => Published::InDoubt,
            () = sleep_until(deadline.min(Instant::now() + ack.limit)) => Published::InDoubt,
        }
    }

    fn read_ack(&self, message: &async_nats::Message) -> Published {
        if message.status == Some(StatusCode::NO_RESPONDERS) {
            return Published::Nobody;
        }
        let refused = |reason: String| Published::Refused(SubmitError::Unreachable { reason });
        match serde_json::from_slice::<Response<PublishAck>>(&message.payload) {
            Ok(Response::Ok(ack)) if ack.stream == self.config.stream() => {
                self.standing.acknowledged(ack.sequence, !ack.duplicate);
                Published::Acked {
                    is_duplicate: ack.duplicate,
                }
            }
            Ok(Response::Ok(ack)) => refused(format!(
                "stream {} takes the subjects of {}: remove it",
                ack.stream,
                self.config.stream()
            )),
            Ok(Response::Err { error }) if NO_ROOM.contains(&error.error_code()) => {
                Published::Refused(SubmitError::Full {
                    retry_after: STREAM_FULL_RETRY_AFTER,
                })
            }
            Ok(Response::Err { error }) => refused(format!("the server refused the submission: {error}")),
            // Something answered, so it may be stored.
            Err(_) => Published::InDoubt,
        }
    }
}

fn read_answer(answer: async_nats::Message) -> Result<Bytes, AskError> {
    if answer
        .headers
        .is_some_and(|headers| headers.get(REFUSED_HEADER).is_some())
    {
        return Err(AskError::Refused {
            reason: String::from_utf8_lossy(&answer.payload).into_owned(),
        });
    }
    Ok(answer.payload)
}

impl fmt::Debug for Nats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Nats")
            .field("config", &self.inner.config)
            .finish_non_exhaustive()
    }
}

fn not_asked(reason: String) -> AskError {
    AskError::Unreachable { reason }
}
