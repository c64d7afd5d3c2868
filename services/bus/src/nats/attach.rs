//! Getting hold of the stream, and making sure that it is the one the log was written from.

use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, pull};
use async_nats::jetstream::stream::Info;
use tokio::time::{Instant, sleep, timeout};
use tracing::{debug, info, warn};
use uuid::Uuid;

use crate::follows::{LogEnd, Parted};
use crate::nats::duty::{Duty, Role};
use crate::nats::feed::Feed;
use crate::nats::halt::ServeError;
use crate::nats::identity::{Begins, Identity};
use crate::nats::position::Position;
use crate::nats::settings;
use crate::nats::stream::{self, CreateError, Look, LookAt};

/// How many messages one pull asks for.
const PULL_MESSAGES: usize = 512;

/// How many bytes one pull asks for, which bounds what waits in memory when messages are large.
const PULL_BYTES: usize = 16 * 1024 * 1024;

/// How long one pull stays open.
const PULL_EXPIRES: Duration = Duration::from_secs(30);

/// How often the server gives a sign of life on an idle pull. Two that do not come end it: the server that held the
/// consumer may be gone while the stream lives on elsewhere.
const PULL_HEARTBEAT: Duration = Duration::from_millis(500);

/// How long the server may take to make a consumer, doubled with each attempt up to four times: a cluster between two
/// leaders answers nothing, and a new leader only what is asked of it.
const CONSUMER_LIMIT: Duration = Duration::from_millis(500);

/// How long the server keeps our consumer when nothing pulls.
const CONSUMER_KEPT: Duration = Duration::from_mins(1);

/// The pauses between attempts to get hold of the stream double from the first to the second of these.
pub(crate) const ATTACH_PAUSE: (Duration, Duration) = (Duration::from_millis(20), Duration::from_millis(500));

/// How long a connected server may leave JetStream requests unanswered before it counts as having no JetStream.
///
/// A server in a cluster may be electing a leader; one alone answers at once.
const NO_JETSTREAM_PATIENCE: Duration = Duration::from_secs(3);

/// How long a stream on several servers may end before the cursor: a leader just elected may not have read all it has.
const BEHIND_PATIENCE: Duration = Duration::from_secs(3);

/// What the attempts to get hold of the stream have waited for so far.
struct Patience {
    /// Since when a connected server leaves JetStream requests unanswered.
    silent_since: Option<Instant>,
    /// Since when the stream ends before the cursor.
    behind_since: Option<Instant>,
    /// How long the next consumer may take.
    consumer: Duration,
}

impl Patience {
    fn new() -> Self {
        Self {
            silent_since: None,
            behind_since: None,
            consumer: CONSUMER_LIMIT,
        }
    }
}

/// A consumer and the connection it was made over.
pub(crate) struct Attached {
    pub(crate) messages: pull::Stream,
    pub(crate) generation: u64,
}

impl Feed<'_> {
    /// Gets hold of the stream: checks that it is the one the log was written from, and makes a consumer behind the
    /// last message handed over. Tries for ever while that is merely impossible now.
    pub(crate) async fn attach(&mut self) -> Result<Attached, ServeError> {
        let mut pause = ATTACH_PAUSE.0;
        let mut patience = Patience::new();
        loop {
            self.link.until_connected().await;
            match self.try_attach(&mut patience).await? {
                Ok(attached) => {
                    if !self.trouble.is_empty() {
                        info!(stream = self.stream, "following the stream again");
                        self.trouble.clear();
                    }
                    self.note_caught_up();
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
            patience.consumer = (patience.consumer * 2).min(CONSUMER_LIMIT * 4);
        }
    }

    /// One attempt. The inner error is trouble that may pass.
    async fn try_attach(&mut self, patience: &mut Patience) -> Result<Result<Attached, String>, ServeError> {
        // Read before the checks: a server that is replaced after them has another generation.
        let generation = self.link.generation();
        let look = stream::look(&self.context, &self.stream).await;
        if !matches!(look, Look::NoJetStream(_)) {
            patience.silent_since = None;
        }
        let info = match look {
            Look::Found(info) => info,
            Look::Missing => return self.create_or_wait().await.map(Err),
            Look::Unclear(trouble) => return Ok(Err(trouble)),
            Look::NoJetStream(reason) => {
                let since = *patience.silent_since.get_or_insert_with(Instant::now);
                if self.link.is_connected() && since.elapsed() >= NO_JETSTREAM_PATIENCE {
                    return Err(ServeError::JetStreamOff { reason });
                }
                return Ok(Err(reason));
            }
        };
        match self.check(&info) {
            Ok(()) => patience.behind_since = None,
            Err(error @ ServeError::StreamBehind { .. }) if info.config.num_replicas > 1 => {
                let since = *patience.behind_since.get_or_insert_with(Instant::now);
                if since.elapsed() >= BEHIND_PATIENCE {
                    return Err(error);
                }
                return Ok(Err(error.to_string()));
            }
            Err(error) => return Err(error),
        }
        if self.behind == u64::MAX && *self.duty.borrow() == Duty::Claiming {
            self.behind = info.state.last_sequence;
        }
        if let Some(trouble) = self.check_last_message(&info).await? {
            return Ok(Err(trouble));
        }
        let messages = match self.consumer(patience.consumer).await {
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
        let end = self.log_end();
        if end.size > 0 {
            return Err(Parted::FollowsNone { size: end.size }.into());
        }
        let identity = Identity::new(stream.clone(), self.ledger.ledger_id(), Begins::default());
        match stream::create(&self.context, self.config, &identity).await {
            Ok(()) => {
                info!(stream, "stream created");
                Ok(String::new())
            }
            Err(CreateError::LookAgain(trouble)) => Ok(trouble),
            Err(CreateError::Refused(reason)) => Err(ServeError::CannotCreate { stream, reason }),
        }
    }

    /// Checks whose the stream is, how it is set and where it ends.
    pub(crate) fn check(&mut self, info: &Info) -> Result<(), ServeError> {
        let stream = self.stream.clone();
        let identity = self.identity(info)?;
        let differences = settings::differences(&info.config, self.config);
        if !differences.is_empty() {
            return Err(ServeError::SettingsDiffer { stream, differences });
        }
        self.follow(identity)?;
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

    /// What the stream says of itself, if it is this ledger's.
    fn identity(&self, info: &Info) -> Result<Identity, ServeError> {
        let expected = self.ledger.ledger_id();
        match Identity::of(info) {
            Some(identity) if identity.id.ledger_id == expected => Ok(identity),
            other => {
                let unknown = || "unknown (its metadata does not say: keshi did not make it)".to_owned();
                Err(ServeError::LedgerIdDiffers {
                    stream: self.stream.clone(),
                    expected,
                    found: other.map_or_else(unknown, |other| other.id.ledger_id.to_string()),
                })
            }
        }
    }

    /// Makes sure that the data directory follows this stream, and that the log reaches to where it begins.
    fn follow(&mut self, Identity { id, begins }: Identity) -> Result<(), ServeError> {
        let stream = self.stream.clone();
        let end = self.log_end();
        self.follows.admit(&id, end)?;
        if self.begins == Some(begins) {
            return Ok(());
        }
        let size = end.size;
        match self.ledger.root_at(begins.size) {
            _ if begins.size == 0 => {}
            Some(root) if root == begins.root => {}
            Some(_) => {
                return Err(ServeError::ContinuesAnother {
                    stream,
                    begins: begins.size,
                });
            }
            None => {
                return Err(ServeError::BeginsLater {
                    stream,
                    begins: begins.size,
                    size,
                });
            }
        }
        self.begins = Some(begins);
        self.position = Position::at(self.ledger.cursor().saturating_sub(begins.cursor));
        Ok(())
    }

    fn log_end(&self) -> LogEnd {
        LogEnd {
            size: self.ledger.size(),
            cursor: self.ledger.cursor(),
        }
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
    async fn consumer(&self, limit: Duration) -> Result<pull::Stream, String> {
        let config = pull::Config {
            // Named by us, so that the request's subject can be allowed per stream; never used twice.
            name: Some(format!("keshi-{:?}-{}", self.role, Uuid::new_v4().simple()).to_lowercase()),
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
        let consumer = self.context.create_consumer_on_stream(config, self.stream.as_str());
        let consumer = timeout(limit, consumer).await;
        let consumer = consumer
            .map_err(|_elapsed| "no answer to the request for a consumer".to_owned())?
            .map_err(|error| error.to_string())?;
        let messages = consumer
            .stream()
            .max_messages_per_batch(PULL_MESSAGES)
            .max_bytes_per_batch(PULL_BYTES)
            .expires(PULL_EXPIRES)
            .heartbeat(PULL_HEARTBEAT)
            .messages();
        messages.await.map_err(|error| error.to_string())
    }
}
