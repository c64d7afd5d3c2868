//! The ledger's side on NATS: feeds the stream to the ledger, in order and without gaps.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, pull};
use async_nats::jetstream::context::Context;
use async_nats::jetstream::stream::Info;
use futures::StreamExt as _;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, timeout};
use tracing::{debug, info, warn};
use uuid::Uuid;

use crate::ledger::Route;
use crate::nats::config::{ConfigError, NatsConfig};
use crate::nats::link::Link;
use crate::nats::position::{Position, Seen};
use crate::nats::questions;
use crate::nats::receipts::Receipts;
use crate::nats::stream::{self, CreateError, Look, LookAt};
use crate::{Delivery, Ledger, Reply, TryRecordError};

/// How many messages one pull asks for.
const PULL_MESSAGES: usize = 512;

/// How many bytes one pull asks for, which bounds what waits in memory when messages are large.
const PULL_BYTES: usize = 16 * 1024 * 1024;

/// How long one pull stays open.
const PULL_EXPIRES: Duration = Duration::from_secs(30);

/// How often the server gives a sign of life on an idle pull.
const PULL_HEARTBEAT: Duration = Duration::from_secs(5);

/// How long the server keeps our consumer when nothing pulls.
const CONSUMER_KEPT: Duration = Duration::from_secs(60);

/// After how much silence the stream's state is compared with ours: a pull consumer can stall without a word.
const QUIET_LIMIT: Duration = Duration::from_secs(3);

/// The pauses between attempts to get hold of the stream double from the first to the second of these.
const ATTACH_PAUSE: (Duration, Duration) = (Duration::from_millis(20), Duration::from_secs(2));

/// How long a connected server may leave JetStream requests unanswered before it counts as having no JetStream.
///
/// A server in a cluster may be electing a leader; one alone answers at once.
const NO_JETSTREAM_PATIENCE: Duration = Duration::from_secs(3);

/// What a ledger is on its stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Consumes, sends receipts and answers questions. Creates the stream if there is none.
    Primary,
    /// Consumes and keeps silent.
    Standby,
}

/// Why a ledger stopped following its stream. None of these heals by waiting.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The server has no JetStream for us.
    #[error("jetstream is off at the server: {reason}: turn it on in nats.conf, then start again")]
    JetStreamOff {
        /// What the server said.
        reason: String,
    },
    /// The server refused to create the stream.
    #[error("stream {stream} cannot be created: {reason}")]
    CannotCreate {
        /// The stream.
        stream: String,
        /// The server's words.
        reason: String,
    },
    /// The log was written from a stream that is gone.
    #[error(
        "stream {stream} does not exist, but the log contains it up to sequence {cursor}: \
         restore the stream, or attach the log to a new one with `keshi bus attach`"
    )]
    StreamMissing {
        /// The stream.
        stream: String,
        /// The last sequence handed to the ledger.
        cursor: u64,
    },
    /// The stream could lose or change what it holds.
    #[error("stream {stream} is not set as it must be: {}: correct it, then start again", differences.join("; "))]
    SettingsDiffer {
        /// The stream.
        stream: String,
        /// What differs, in words.
        differences: Vec<String>,
    },
    /// The stream belongs to another ledger.
    #[error(
        "stream {stream} belongs to ledger {found}, this is ledger {expected}: \
         check --data and the server's address; `keshi bus attach` moves a log to a new stream"
    )]
    LedgerIdDiffers {
        /// The stream.
        stream: String,
        /// Our ledger id.
        expected: Uuid,
        /// What the stream's metadata says.
        found: String,
    },
    /// The stream ends before what the ledger already took from it.
    #[error(
        "stream {stream} ends at sequence {last_sequence}, but the ledger has taken {cursor}: \
         it was recreated or restored from an older copy; attach the log to a new stream with `keshi bus attach`"
    )]
    StreamBehind {
        /// The stream.
        stream: String,
        /// The last sequence the stream has assigned.
        last_sequence: u64,
        /// The last sequence handed to the ledger.
        cursor: u64,
    },
    /// The stream has another message where the ledger already took one.
    #[error(
        "stream {stream} holds another message at sequence {sequence} than the ledger took: \
         it was restored from an older copy and grew again; attach the log to a new stream with `keshi bus attach`"
    )]
    StreamDiffers {
        /// The stream.
        stream: String,
        /// The sequence.
        sequence: u64,
    },
    /// The stream has lost a message.
    #[error(
        "stream {stream} has no message at sequence {expected}, the next it has is {found}: \
         restore the stream, or rebuild from a standby"
    )]
    Gap {
        /// The stream.
        stream: String,
        /// The sequence that is missing.
        expected: u64,
        /// The sequence found instead.
        found: u64,
    },
    /// The ledger takes nothing any more.
    #[error("the ledger is closed")]
    LedgerClosed,
}

/// Feeds the office's stream to `ledger` until `shutdown` resolves or something is found that waiting cannot heal.
///
/// Starts behind [`Ledger::cursor`] and hands over every message once, in stream order. While the server is away it
/// keeps trying, for ever; then it goes on behind the last message handed over. Receipts of what was handed over are
/// still sent after this returns.
///
/// # Errors
///
/// See [`ServeError`]. What was handed over before stays valid.
pub async fn serve(
    config: NatsConfig,
    ledger: Arc<dyn Ledger>,
    role: Role,
    shutdown: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    let link = Link::start(
        &config,
        &format!("keshi-ledger-{}", config.office),
        &config.ledger_inbox(),
    )
    .await?;
    let attached = Notify::new();
    let mut feed = Feed {
        context: stream::context(&link.client),
        stream: config.stream(),
        receipts: (role == Role::Primary).then(|| Receipts::start(link.client.clone(), config.inboxes())),
        position: Position::at(ledger.cursor()),
        trouble: String::new(),
        attached: &attached,
        link: &link,
        config: &config,
        ledger: &ledger,
        role,
    };
    let answers = async {
        // Not before the stream is known to be this ledger's.
        attached.notified().await;
        match role {
            Role::Primary => questions::answer(&link, &config, &ledger).await,
            Role::Standby => std::future::pending().await,
        }
    };
    tokio::select! {
        biased;
        () = shutdown => Ok(()),
        error = feed.run() => Err(error),
        () = answers => Ok(()), // Never: it answers for as long as it is polled.
    }
}

struct Feed<'a> {
    config: &'a NatsConfig,
    link: &'a Link,
    ledger: &'a Arc<dyn Ledger>,
    role: Role,
    context: Context,
    stream: String,
    receipts: Option<Receipts>,
    position: Position,
    /// The last trouble logged, so that a lasting one is logged once.
    trouble: String,
    attached: &'a Notify,
}

/// A consumer and the connection it was made over.
struct Attached {
    messages: pull::Stream,
    generation: u64,
}

impl Feed<'_> {
    async fn run(&mut self) -> ServeError {
        loop {
            let outcome = match self.attach().await {
                Ok(attached) => self.consume(attached).await,
                Err(error) => Err(error),
            };
            match outcome {
                Ok(why) => debug!(stream = self.stream, why, "attaching to the stream again"),
                Err(error) => return error,
            }
        }
    }

    /// Gets hold of the stream: checks that it is the one the log was written from, and makes a consumer behind the
    /// last message handed over. Tries for ever while that is merely impossible now.
    async fn attach(&mut self) -> Result<Attached, ServeError> {
        let mut pause = ATTACH_PAUSE.0;
        let mut silent_since = None;
        loop {
            while !self
                .link
                .wait_connected(Instant::now() + Duration::from_secs(3600))
                .await
            {}
            match self.try_attach(&mut silent_since).await? {
                Ok(attached) => {
                    if !self.trouble.is_empty() {
                        info!(stream = self.stream, "following the stream again");
                        self.trouble.clear();
                    }
                    self.attached.notify_one();
                    return Ok(attached);
                }
                Err(trouble) => {
                    if trouble != self.trouble {
                        warn!(stream = self.stream, %trouble, "cannot follow the stream now, trying again");
                        self.trouble = trouble;
                    }
                }
            }
            sleep(pause).await;
            pause = (pause * 2).min(ATTACH_PAUSE.1);
        }
    }

    /// One attempt. The inner error is trouble that may pass.
    async fn try_attach(&self, silent_since: &mut Option<Instant>) -> Result<Result<Attached, String>, ServeError> {
        // Read before the checks: a server that is replaced after them has another generation.
        let generation = self.link.generation();
        let look = stream::look(&self.context, &self.stream).await;
        if !matches!(look, Look::NoJetStream(_)) {
            *silent_since = None;
        }
        let info = match look {
            Look::Found(info) => info,
            Look::Missing => return self.create_or_wait().await.map(Err),
            Look::Unclear(trouble) => return Ok(Err(trouble)),
            Look::NoJetStream(reason) => {
                let since = *silent_since.get_or_insert_with(Instant::now);
                if self.link.is_connected() && since.elapsed() >= NO_JETSTREAM_PATIENCE {
                    return Err(ServeError::JetStreamOff { reason });
                }
                return Ok(Err(reason));
            }
        };
        self.check(&info)?;
        if let Some(trouble) = self.check_last_message(&info).await? {
            return Ok(Err(trouble));
        }
        let messages = match self.consumer().await {
            Ok(messages) => messages,
            Err(trouble) => return Ok(Err(trouble)),
        };
        if self.link.generation() != generation {
            return Ok(Err("the connection changed meanwhile".to_owned()));
        }
        debug!(
            stream = self.stream,
            from = self.position.next(),
            "attached to the stream"
        );
        Ok(Ok(Attached { messages, generation }))
    }

    /// The stream does not exist.
    async fn create_or_wait(&self) -> Result<String, ServeError> {
        let stream = self.stream.clone();
        if self.position.handed() > 0 {
            return Err(ServeError::StreamMissing {
                stream,
                cursor: self.position.handed(),
            });
        }
        if self.role == Role::Standby {
            return Ok(format!("stream {stream} does not exist yet"));
        }
        match stream::create(&self.context, self.config, self.ledger.ledger_id()).await {
            Ok(()) => {
                info!(stream, "stream created");
                Ok(String::new())
            }
            Err(CreateError::LookAgain(trouble)) => Ok(trouble),
            Err(CreateError::Refused(reason)) => Err(ServeError::CannotCreate { stream, reason }),
        }
    }

    /// Checks whose the stream is, how it is set and where it ends.
    fn check(&self, info: &Info) -> Result<(), ServeError> {
        let stream = self.stream.clone();
        let expected = self.ledger.ledger_id();
        let found = stream::ledger_id(info);
        if found.and_then(|id| id.parse().ok()) != Some(expected) {
            let found = found
                .unwrap_or("unknown (its metadata has no keshi-ledger-id)")
                .to_owned();
            return Err(ServeError::LedgerIdDiffers {
                stream,
                expected,
                found,
            });
        }
        let differences = stream::differences(&info.config, self.config);
        if !differences.is_empty() {
            return Err(ServeError::SettingsDiffer { stream, differences });
        }
        let (cursor, last_sequence) = (self.position.handed(), info.state.last_sequence);
        if last_sequence < cursor {
            return Err(ServeError::StreamBehind {
                stream,
                last_sequence,
                cursor,
            });
        }
        let (expected, found) = (self.position.next(), info.state.first_sequence);
        if found > expected {
            return Err(ServeError::Gap {
                stream,
                expected,
                found,
            });
        }
        Ok(())
    }

    /// Checks that the stream still holds the message that the ledger took last. `Some` is trouble that may pass.
    async fn check_last_message(&self, info: &Info) -> Result<Option<String>, ServeError> {
        let (stream, sequence) = (self.stream.clone(), self.position.handed());
        if sequence == 0 {
            return Ok(None);
        }
        match stream::look_at(&self.context, &self.stream, sequence).await {
            LookAt::Found(found) => {
                let is_same = match self.position.last() {
                    Some(last) => *last == found,
                    None => self.ledger.recognizes(&found.payload),
                };
                if is_same {
                    Ok(None)
                } else {
                    Err(ServeError::StreamDiffers { stream, sequence })
                }
            }
            LookAt::Missing => Err(ServeError::Gap {
                stream,
                expected: sequence,
                found: info.state.first_sequence.max(sequence + 1),
            }),
            LookAt::Unclear(trouble) => Ok(Some(trouble)),
        }
    }

    /// A consumer of our own, kept in the server's memory, so that it cannot outlive a restarted server and deliver
    /// from a stream that was not checked. It acknowledges nothing: the ledger's cursor says where to go on.
    async fn consumer(&self) -> Result<pull::Stream, String> {
        let config = pull::Config {
            description: Some("keshi ledger".to_owned()),
            deliver_policy: DeliverPolicy::ByStartSequence {
                start_sequence: self.position.next(),
            },
            ack_policy: AckPolicy::None,
            memory_storage: true,
            num_replicas: 1,
            inactive_threshold: CONSUMER_KEPT,
            ..pull::Config::default()
        };
        let consumer = self
            .context
            .create_consumer_on_stream(config, self.stream.as_str())
            .await;
        let consumer = consumer.map_err(|error| error.to_string())?;
        let messages = consumer
            .stream()
            .max_messages_per_batch(PULL_MESSAGES)
            .max_bytes_per_batch(PULL_BYTES)
            .expires(PULL_EXPIRES)
            .heartbeat(PULL_HEARTBEAT)
            .messages();
        messages.await.map_err(|error| error.to_string())
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
        let way_back = self
            .receipts
            .as_ref()
            .and_then(|receipts| receipts.way_back(message.headers.as_ref()));
        let reply = way_back.map_or_else(Reply::nobody, |remote| Reply(Route::Remote(remote)));
        let seen = Seen {
            payload: message.payload.clone(),
            stored_at_ns,
        };
        let delivery = Delivery {
            bytes: message.payload,
            cursor: Some(sequence),
            reply,
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
        self.position.advance(sequence, seen);
        Ok(())
    }

    /// Whether there is nothing to deliver, when nothing was delivered for a while.
    async fn is_rightly_quiet(&self) -> Result<bool, ServeError> {
        match stream::look(&self.context, &self.stream).await {
            Look::Found(info) => {
                self.check(&info)?;
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
