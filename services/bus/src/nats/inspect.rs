//! A look at an office's stream for whoever does not follow it yet.

use std::time::Duration;

use async_nats::jetstream::stream::Info;
use tokio::time::Instant;
use uuid::Uuid;

use crate::nats::config::{ConfigError, NatsConfig};
use crate::nats::identity::Identity;
use crate::nats::link::Link;
use crate::nats::settings::differences;
use crate::nats::stream::{Look, context, look};

/// How long [`inspect`] waits for the server.
const INSPECT_PATIENCE: Duration = Duration::from_secs(5);

/// What [`inspect`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamSummary {
    /// The ledger the stream belongs to; `None` if its metadata does not say.
    pub ledger_id: Option<Uuid>,
    /// The size of the ledger to which its first message comes.
    pub begins_at_size: u64,
    /// The first sequence it holds; one more than the last if it holds none.
    pub first_sequence: u64,
    /// The last sequence ever assigned; 0 if none was.
    pub last_sequence: u64,
    /// How many messages between them are missing.
    pub deleted: u64,
    /// Its size in bytes.
    pub bytes: u64,
    /// On how many servers it is kept.
    pub replicas: usize,
    /// Settings under which the stream could lose or change something, in words.
    pub differences: Vec<String>,
}

/// Why a stream could not be inspected.
#[derive(Debug, thiserror::Error)]
pub enum InspectError {
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The server is not reached or does not answer.
    #[error("{reason}: start the server or correct the address")]
    Unreachable {
        /// What is known of the cause.
        reason: String,
    },
    /// The server has no JetStream for us.
    #[error("jetstream is off at the server: {reason}: turn it on in nats.conf")]
    JetStreamOff {
        /// The server's words.
        reason: String,
    },
}

/// Looks at an office's stream without changing anything; `None` if there is none.
///
/// A new ledger that is to follow an existing stream (a standby, a rebuild) takes its ledger id from here.
///
/// # Errors
///
/// See [`InspectError`].
pub async fn inspect(config: &NatsConfig) -> Result<Option<StreamSummary>, InspectError> {
    let link = Link::start(config, "keshi-inspect", &config.ledger_inbox()).await?;
    if !link.wait_connected(Instant::now() + INSPECT_PATIENCE).await {
        return Err(InspectError::Unreachable { reason: link.reason() });
    }
    match look(&context(&link.client), &config.stream()).await {
        Look::Found(info) => Ok(Some(StreamSummary::of(&info, config))),
        Look::Missing => Ok(None),
        Look::NoJetStream(reason) => Err(InspectError::JetStreamOff { reason }),
        Look::Unclear(reason) => Err(InspectError::Unreachable { reason }),
    }
}

impl StreamSummary {
    fn of(info: &Info, config: &NatsConfig) -> Self {
        let identity = Identity::of(info);
        Self {
            ledger_id: identity.as_ref().map(|it| it.id.ledger_id),
            begins_at_size: identity.map_or(0, |it| it.begins.size),
            first_sequence: info.state.first_sequence.max(1),
            last_sequence: info.state.last_sequence,
            deleted: info.state.deleted_count.unwrap_or(0),
            bytes: info.state.bytes,
            replicas: info.config.num_replicas,
            differences: differences(&info.config, config),
        }
    }
}
