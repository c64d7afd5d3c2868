//! The office's stream: how it must be set, how it is created, what is known of it.

use std::time::Duration;

use async_nats::Client;
use async_nats::jetstream::context::{
    Context, ContextBuilder, CreateStreamErrorKind, GetStreamErrorKind, RequestError, RequestErrorKind,
};
use async_nats::jetstream::stream::{
    Config, DiscardPolicy, Info, LastRawMessageErrorKind, PersistenceMode, RetentionPolicy, StorageType,
};
use async_nats::jetstream::{self, ErrorCode};
use tokio::time::{Instant, timeout};
use uuid::Uuid;

use crate::MESSAGE_BYTES_MAX;
use crate::nats::config::{ConfigError, NatsConfig};
use crate::nats::link::Link;
use crate::nats::position::Seen;

/// Where the stream's metadata carries the ledger id.
pub(crate) const LEDGER_ID_KEY: &str = "keshi-ledger-id";

/// How long one request to JetStream may take.
const REQUEST_LIMIT: Duration = Duration::from_secs(5);

/// How long [`inspect`] waits for the server.
const INSPECT_PATIENCE: Duration = Duration::from_secs(5);

/// How long the server remembers message ids; only an optimisation for retries, which come within seconds.
const DUPLICATE_WINDOW: Duration = Duration::from_mins(2);

/// What a look at the stream showed.
#[derive(Debug)]
pub(crate) enum Look {
    /// It exists.
    Found(Box<Info>),
    /// JetStream is on and has no such stream.
    Missing,
    /// The server answers without JetStream, or this account has none.
    NoJetStream(String),
    /// No answer this time.
    Unclear(String),
}

/// What a look at one message showed.
#[derive(Debug)]
pub(crate) enum LookAt {
    /// It is there.
    Found(Seen),
    /// The stream has no message at this sequence.
    Missing,
    /// No answer this time.
    Unclear(String),
}

/// Why the stream was not created.
#[derive(Debug)]
pub(crate) enum CreateError {
    /// Somebody else created it this moment, or no answer came: look again.
    LookAgain(String),
    /// The server refused.
    Refused(String),
}

/// What [`inspect`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamSummary {
    /// The ledger the stream belongs to; `None` if its metadata does not say.
    pub ledger_id: Option<Uuid>,
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
        Self {
            ledger_id: ledger_id(info).and_then(|id| id.parse().ok()),
            first_sequence: info.state.first_sequence.max(1),
            last_sequence: info.state.last_sequence,
            deleted: info.state.deleted_count.unwrap_or(0),
            bytes: info.state.bytes,
            replicas: info.config.num_replicas,
            differences: differences(&info.config, config),
        }
    }
}

/// The requests of this module.
pub(crate) fn context(client: &Client) -> Context {
    ContextBuilder::new().timeout(REQUEST_LIMIT).build(client.clone())
}

/// The ledger id in the stream's metadata, as it stands there.
pub(crate) fn ledger_id(info: &Info) -> Option<&str> {
    info.config.metadata.get(LEDGER_ID_KEY).map(String::as_str)
}

/// Reads the stream's settings and state.
pub(crate) async fn look(context: &Context, stream: &str) -> Look {
    // The client's requests know a timeout of their own; this one also covers a full command queue.
    let Ok(answer) = timeout(REQUEST_LIMIT * 2, context.get_stream(stream)).await else {
        return Look::Unclear("no answer from jetstream".to_owned());
    };
    let error = match answer {
        Ok(stream) => return Look::Found(Box::new(stream.cached_info().clone())),
        Err(error) => error,
    };
    match error.kind() {
        GetStreamErrorKind::JetStream(error) if error.error_code() == ErrorCode::STREAM_NOT_FOUND => Look::Missing,
        GetStreamErrorKind::JetStream(error) if is_off(&error) => Look::NoJetStream(error.to_string()),
        GetStreamErrorKind::Request if is_unanswered(&error) => {
            Look::NoJetStream("nobody answers jetstream requests".to_owned())
        }
        _ => Look::Unclear(error.to_string()),
    }
}

/// Reads one message.
pub(crate) async fn look_at(context: &Context, stream: &str, sequence: u64) -> LookAt {
    let request = async {
        let stream = context
            .get_stream_no_info(stream)
            .await
            .map_err(|error| LookAt::Unclear(error.to_string()))?;
        stream
            .get_raw_message(sequence)
            .await
            .map_err(|error| match error.kind() {
                LastRawMessageErrorKind::NoMessageFound => LookAt::Missing,
                _ => LookAt::Unclear(error.to_string()),
            })
    };
    match timeout(REQUEST_LIMIT * 2, request).await {
        Ok(Ok(message)) => {
            let stored_at_ns = message.time.unix_timestamp_nanos();
            LookAt::Found(Seen {
                payload: message.payload,
                stored_at_ns,
            })
        }
        Ok(Err(outcome)) => outcome,
        Err(_elapsed) => LookAt::Unclear("no answer from jetstream".to_owned()),
    }
}

/// Creates the stream for `ledger_id`.
pub(crate) async fn create(context: &Context, config: &NatsConfig, ledger_id: Uuid) -> Result<(), CreateError> {
    let wanted = Config {
        name: config.stream(),
        description: Some(format!("Keshi submissions of office {}, kept for ever", config.office)),
        subjects: vec![config.subjects()],
        retention: RetentionPolicy::Limits,
        storage: StorageType::File,
        discard: DiscardPolicy::New,
        max_bytes: config
            .bytes_max
            .map_or(-1, |bytes| i64::try_from(bytes).unwrap_or(i64::MAX)),
        max_messages: -1,
        max_messages_per_subject: -1,
        deny_delete: true,
        deny_purge: true,
        duplicate_window: DUPLICATE_WINDOW,
        num_replicas: config.replicas,
        metadata: [(LEDGER_ID_KEY.to_owned(), ledger_id.to_string())].into(),
        ..Config::default()
    };
    let Err(error) = context.create_stream(wanted).await else {
        return Ok(());
    };
    Err(match error.kind() {
        CreateStreamErrorKind::JetStream(error) if error.error_code() == ErrorCode::STREAM_NAME_EXIST => {
            CreateError::LookAgain(error.to_string())
        }
        CreateStreamErrorKind::JetStream(error) if error.error_code() != ErrorCode::CLUSTER_NOT_AVAILABLE => {
            CreateError::Refused(error.to_string())
        }
        _ => CreateError::LookAgain(error.to_string()),
    })
}

/// Names every setting under which the stream could lose, rewrite, duplicate or leak something.
///
/// What only makes it refuse new messages (sizes) or keeps it more safely (replicas) is the operator's affair.
pub(crate) fn differences(found: &Config, config: &NatsConfig) -> Vec<String> {
    let mut differences = Vec::new();
    let mut want = |is_so: bool, wanted: &str, found: String| {
        if !is_so {
            differences.push(format!("{wanted} is wanted, found {found}"));
        }
    };
    let subjects = config.subjects();
    want(
        found.subjects == [subjects.as_str()],
        &format!("subjects [{subjects}]"),
        format!("{:?}", found.subjects),
    );
    want(
        found.storage == StorageType::File,
        "storage file",
        format!("{:?}", found.storage),
    );
    want(
        found.retention == RetentionPolicy::Limits,
        "retention limits",
        format!("{:?}", found.retention),
    );
    want(
        found.discard == DiscardPolicy::New,
        "discard new",
        format!("{:?}", found.discard),
    );
    want(found.max_age.is_zero(), "no max_age", format!("{:?}", found.max_age));
    let per_subject = found.max_messages_per_subject;
    want(per_subject <= 0, "no max_msgs_per_subject", per_subject.to_string());
    let bytes_max = found.max_message_size;
    let is_wide = usize::try_from(bytes_max).map_or(true, |bytes| bytes == 0 || bytes > MESSAGE_BYTES_MAX + 1024);
    want(is_wide, "max_msg_size of 1 MiB or none", bytes_max.to_string());
    want(found.deny_delete, "deny_delete", "false".to_owned());
    want(found.deny_purge, "deny_purge", "false".to_owned());
    for (is_set, name) in [
        (found.no_ack, "no_ack"),
        (found.sealed, "sealed"),
        (found.allow_rollup, "allow_rollup_hdrs"),
        (found.allow_message_ttl, "allow_msg_ttl"),
        (found.allow_message_counter, "allow_msg_counter"),
        (found.allow_message_schedules, "allow_msg_schedules"),
        (found.mirror.is_some(), "mirror"),
        (
            found.sources.as_ref().is_some_and(|sources| !sources.is_empty()),
            "sources",
        ),
        (found.subject_transform.is_some(), "subject_transform"),
        (found.republish.is_some(), "republish"),
        (found.persist_mode == Some(PersistenceMode::Async), "persist_mode async"),
    ] {
        want(!is_set, &format!("no {name}"), "it set".to_owned());
    }
    differences
}

fn is_off(error: &jetstream::Error) -> bool {
    [
        ErrorCode::JETSTREAM_NOT_ENABLED,
        ErrorCode::JETSTREAM_NOT_ENABLED_FOR_ACCOUNT,
    ]
    .contains(&error.error_code())
}

/// Whether a request found nobody who listens: the way a server without JetStream answers.
fn is_unanswered(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut cause = error.source();
    while let Some(error) = cause {
        if error
            .downcast_ref::<RequestError>()
            .is_some_and(|error| error.kind() == RequestErrorKind::NoResponders)
        {
            return true;
        }
        cause = error.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dangerous_setting_is_named() {
        let config = NatsConfig::new("nats://h", "610729");
        let found = Config {
            subjects: vec!["keshi.610729.>".into()],
            storage: StorageType::Memory,
            retention: RetentionPolicy::WorkQueue,
            max_age: Duration::from_mins(1),
            max_messages_per_subject: 1,
            max_message_size: 1000,
            allow_rollup: true,
            persist_mode: Some(PersistenceMode::Async),
            ..Config::default()
        };
        let differences = differences(&found, &config).join("\n");
        for name in [
            "subjects",
            "storage",
            "retention",
            "discard",
            "max_age",
            "max_msgs_per_subject",
            "max_msg_size",
            "deny_delete",
            "deny_purge",
            "allow_rollup_hdrs",
            "persist_mode",
        ] {
            assert!(differences.contains(name), "{name} is not in:\n{differences}");
        }
    }
}
