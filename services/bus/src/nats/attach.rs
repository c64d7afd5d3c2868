//! Getting hold of the stream, and making sure that it is the one the log was written from.

use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, pull};
use async_nats::jetstream::stream::Info;
use tokio::time::{Instant, sleep};
use tracing::{debug, info, warn};
use uuid::Uuid;

use crate::follows::{LogEnd, Parted};
use crate::nats::duty::Duty;
use crate::nats::feed::Feed;
use crate::nats::halt::ServeError;
use crate::nats::identity::{Begins, Identity};
use crate::nats::position::Position;
use crate::nats::serve::Role;
use crate::nats::settings;
use crate::nats::stream::{self, CreateError, Look, LookAt};

/// How many messages one pull asks for.
const PULL_MESSAGES: usize = 512;

/// How many bytes one pull asks for, which bounds what waits in memory when messages are large.
const PULL_BYTES: usize = 16 * 1024 * 1024;

/// How long one pull stays open.
const PULL_EXPIRES: Duration = Duration::from_secs(30);

/// How often the server gives a sign of life on an idle pull.
const PULL_HEARTBEAT: Duration = Duration::from_secs(5);

/// How long the server keeps our consumer when nothing pulls.
const CONSUMER_KEPT: Duration = Duration::from_mins(1);

/// The pauses between attempts to get hold of the stream double from the first to the second of these.
pub(crate) const ATTACH_PAUSE: (Duration, Duration) = (Duration::from_millis(20), Duration::from_secs(2));

/// How long a connected server may leave JetStream requests unanswered before it counts as having no JetStream.
///
/// A server in a cluster may be electing a leader; one alone answers at once.
const NO_JETSTREAM_PATIENCE: Duration = Duration::from_secs(3);

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
        let mut silent_since = None;
        loop {
            self.link.until_connected().await;
            match self.try_attach(&mut silent_since).await? {
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
        }
    }

    /// One attempt. The inner error is trouble that may pass.
    async fn try_attach(&mut self, silent_since: &mut Option<Instant>) -> Result<Result<Attached, String>, ServeError> {
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
        if self.behind == u64::MAX && *self.duty.borrow() == Duty::Claiming {
            self.behind = info.state.last_sequence;
        }
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
    async fn consumer(&self) -> Result<pull::Stream, String> {
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
}
