//! Why a ledger stops following its stream.

use uuid::Uuid;

use crate::nats::config::ConfigError;

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
