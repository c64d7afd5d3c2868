//! The ledger's side on NATS.

use std::future::Future;
use std::sync::Arc;

use tokio::sync::Notify;

use crate::Ledger;
use crate::nats::config::NatsConfig;
use crate::nats::feed::Feed;
use crate::nats::halt::ServeError;
use crate::nats::link::Link;
use crate::nats::position::Position;
use crate::nats::questions;
use crate::nats::receipts::Receipts;
use crate::nats::stream;

/// What a ledger is on its stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Consumes, sends receipts and answers questions. Creates the stream if there is none.
    Primary,
    /// Consumes and keeps silent.
    Standby,
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
        never = answers => match never {},
    }
}
