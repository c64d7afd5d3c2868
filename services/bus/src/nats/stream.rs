//! The office's stream: how it is created, what is known of it.

use std::time::Duration;

use async_nats::Client;
use async_nats::jetstream::context::{
    Context, ContextBuilder, CreateStreamErrorKind, GetStreamErrorKind, RequestError, RequestErrorKind,
};
use async_nats::jetstream::stream::{
    Config, DiscardPolicy, Info, LastRawMessageErrorKind, RetentionPolicy, StorageType,
};
use async_nats::jetstream::{self, ErrorCode};
use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use tokio::time::{sleep, timeout};

use crate::nats::config::NatsConfig;
use crate::nats::identity::Identity;
use crate::nats::position::Seen;

/// How long one request to JetStream may take.
const REQUEST_LIMIT: Duration = Duration::from_secs(5);

/// How long reading one message may take.
const MESSAGE_LIMIT: Duration = Duration::from_secs(2);

/// After how long without an answer the stream's state is asked for once more, while the first may still come: without a
/// leader nobody answers, and a new one answers only what is asked of it.
const ASK_AGAIN: Duration = Duration::from_millis(200);

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

/// The requests of this module.
pub(crate) fn context(client: &Client) -> Context {
    ContextBuilder::new().timeout(REQUEST_LIMIT).build(client.clone())
}

/// Reads the stream's settings and state.
pub(crate) async fn look(context: &Context, stream: &str) -> Look {
    let mut asked = FuturesUnordered::new();
    let asking = async {
        loop {
            asked.push(context.get_stream(stream));
            tokio::select! {
                Some(answer) = asked.next() => return answer,
                () = sleep(ASK_AGAIN) => {}
            }
        }
    };
    let Ok(answer) = timeout(REQUEST_LIMIT, asking).await else {
        return Look::Unclear("nobody answers for the stream".to_owned());
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
    match timeout(MESSAGE_LIMIT, request).await {
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

/// Creates the stream.
pub(crate) async fn create(context: &Context, config: &NatsConfig, identity: &Identity) -> Result<(), CreateError> {
    let wanted = Config {
        name: config.stream(),
        description: Some(format!("Keshi submissions of office {}, kept for ever", config.office)),
        subjects: config.subjects().into(),
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
        metadata: identity.metadata().into_iter().collect(),
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
