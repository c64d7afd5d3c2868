//! Moving a ledger to a stream: what `keshi bus attach` does.

use std::time::Duration;

use tokio::time::Instant;
use uuid::Uuid;

use crate::follows::{Followed, Follows, FollowsError, StreamId};
use crate::nats::config::{ConfigError, NatsConfig};
use crate::nats::identity::{Begins, Identity};
use crate::nats::link::Link;
use crate::nats::settings::differences;
use crate::nats::stream::{CreateError, Look, context, create, look};

/// How long the server may take to be reached and to make the stream.
const PATIENCE: Duration = Duration::from_secs(10);

/// A closed ledger that is to be moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Its id.
    pub ledger_id: Uuid,
    /// Its number of entries.
    pub size: u64,
    /// The root over them.
    pub root: [u8; 32],
    /// The stream position in it, of whatever stream it followed before.
    pub cursor: u64,
}

/// Why a ledger is not moved. Nothing has changed for it.
#[derive(Debug, thiserror::Error)]
pub enum AttachError {
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
    /// The server refused to create the stream.
    #[error("stream {stream} cannot be created: {reason}")]
    CannotCreate {
        /// The stream.
        stream: String,
        /// The server's words.
        reason: String,
    },
    /// A stream is there that does not continue this ledger.
    #[error(
        "there is a stream {stream} that does not continue this ledger of {size} entries: {why}; use another server, or \
         have its operator remove that stream if nothing on it is needed"
    )]
    Occupied {
        /// The stream.
        stream: String,
        /// The ledger's size.
        size: u64,
        /// What it is instead.
        why: String,
    },
    /// The memory of the data directory cannot be used.
    #[error(transparent)]
    Memory(#[from] FollowsError),
}

/// Lets the ledger follow the stream of its office: one that begins where the ledger ends, made now unless it is there.
///
/// Sent again after any failure it ends the same way: a stream that an attempt made is found and followed.
///
/// # Errors
///
/// See [`AttachError`].
pub async fn attach(config: &NatsConfig, follows: &Follows, ledger: Moved) -> Result<StreamId, AttachError> {
    let link = Link::start(config, "keshi-attach", &config.ledger_inbox()).await?;
    let give_up = Instant::now() + PATIENCE;
    if !link.wait_connected(give_up).await {
        return Err(AttachError::Unreachable { reason: link.reason() });
    }
    let (context, stream) = (context(&link.client), config.stream());
    loop {
        let trouble = match look(&context, &stream).await {
            Look::Found(info) => {
                let differences = differences(&info.config, config);
                if !differences.is_empty() {
                    return Err(ledger.occupied(
                        stream,
                        format!("it is not set as it must be: {}", differences.join("; ")),
                    ));
                }
                let found = Identity::of(&info);
                let id = ledger
                    .continued_by(found, follows)
                    .map_err(|why| ledger.occupied(stream, why))?;
                follows.follow(Followed::Stream(id.clone()), ledger.size)?;
                return Ok(id);
            }
            Look::Missing => {
                let identity = Identity::new(stream.clone(), ledger.ledger_id, ledger.end());
                match create(&context, config, &identity).await {
                    Ok(()) => continue,
                    Err(CreateError::LookAgain(trouble)) => trouble,
                    Err(CreateError::Refused(reason)) => return Err(AttachError::CannotCreate { stream, reason }),
                }
            }
            Look::NoJetStream(reason) => return Err(AttachError::JetStreamOff { reason }),
            Look::Unclear(trouble) => trouble,
        };
        if Instant::now() >= give_up {
            return Err(AttachError::Unreachable { reason: trouble });
        }
    }
}

impl Moved {
    fn end(&self) -> Begins {
        Begins {
            size: self.size,
            root: self.root,
            cursor: self.cursor,
        }
    }

    /// The stream's id if its first message comes behind this ledger's last entry, or if it was left at this very size.
    fn continued_by(&self, found: Option<Identity>, follows: &Follows) -> Result<StreamId, String> {
        let Some(Identity { id, begins }) = found else {
            return Err("keshi did not make it".to_owned());
        };
        if id.ledger_id != self.ledger_id {
            return Err(format!("it belongs to ledger {}", id.ledger_id));
        }
        let end = self.end();
        let begins_here = if end.size == 0 { begins.size == 0 } else { begins == end };
        let is_followed = follows.current() == Some(Followed::Stream(id.clone()));
        if begins_here || is_followed || follows.may_return_to(&id, self.size) {
            return Ok(id);
        }
        Err(format!("it begins at size {}", begins.size))
    }

    fn occupied(&self, stream: String, why: String) -> AttachError {
        let size = self.size;
        AttachError::Occupied { stream, size, why }
    }
}
