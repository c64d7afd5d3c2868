//! Why a ledger stops following its stream.

use uuid::Uuid;

use crate::follows::Parted;
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
    /// The ledger follows another bus.
    #[error(transparent)]
    Parted(#[from] Parted),
    /// The stream begins in the middle of the ledger, and this log does not reach there.
    #[error(
        "stream {stream} begins at size {begins}, but this log has {size} entries: begin with a copy of a ledger that \
         has them all"
    )]
    BeginsLater {
        /// The stream.
        stream: String,
        /// The size at which it begins.
        begins: u64,
        /// The log's size.
        size: u64,
    },
    /// The stream continues a ledger with other entries than this log's.
    #[error(
        "stream {stream} continues a ledger with another root at size {begins} than this log's: one of the two is not \
         what was recorded; verify both with `keshi audit replay`, and rebuild the wrong one from a copy of the right one"
    )]
    ContinuesAnother {
        /// The stream.
        stream: String,
        /// The size at which it begins.
        begins: u64,
    },
    /// The primary has other entries than this log.
    #[error(
        "this ledger and its primary differ {} entry {} (of {compared_at} entries this has root {ours}, the primary {theirs}): \
         one of the two is not what was recorded; verify both with `keshi audit replay`, and rebuild the wrong one from \
         the stream or from a copy of the right one",
        if *is_exact { "first in" } else { "in or before" }, size.saturating_sub(1)
    )]
    RootDiffers {
        /// The first size at which the two differ.
        size: u64,
        /// Whether it is known to be the first.
        is_exact: bool,
        /// The size at which the primary's root was heard.
        compared_at: u64,
        /// Our root there, in hexadecimal digits.
        ours: String,
        /// The primary's.
        theirs: String,
    },
    /// The server does not let this user claim the stream.
    #[error(
        "the server does not let this user be the primary ({reason}): allow it to publish {subject} in nats.conf, or \
         start it as a standby"
    )]
    MayNotClaim {
        /// The subject of claims.
        subject: String,
        /// The server's words.
        reason: String,
    },
    /// The ledger takes nothing any more.
    #[error("the ledger is closed")]
    LedgerClosed,
}
