//! The ledger's side on NATS.

use std::future::Future;
use std::sync::Arc;

use tokio::sync::{Notify, watch};
use uuid::Uuid;

use crate::Ledger;
use crate::follows::Follows;
use crate::nats::config::NatsConfig;
use crate::nats::duty::{self, Claim, Duty, Role};
use crate::nats::feed::Feed;
use crate::nats::halt::ServeError;
use crate::nats::link::Link;
use crate::nats::position::Position;
use crate::nats::receipts::Receipts;
use crate::nats::stream;
use crate::nats::{heads, questions};

/// How a ledger takes its place on its stream.
pub struct Seat {
    /// What it is to be.
    pub role: Role,
    /// What it calls itself when it claims the stream, for people, such as the address where it listens.
    pub name: String,
    /// What its data directory follows.
    pub follows: Arc<Follows>,
    /// Told what it may do, as that changes.
    pub duty: watch::Sender<Duty>,
}

impl Seat {
    /// A seat whose duty can be watched.
    pub fn new(role: Role, name: impl Into<String>, follows: Arc<Follows>) -> (Self, watch::Receiver<Duty>) {
        let (duty, watched) = watch::channel(match role {
            Role::Primary => Duty::Claiming,
            Role::Standby => Duty::Standby,
        });
        let name = name.into();
        let seat = Self {
            role,
            name,
            follows,
            duty,
        };
        (seat, watched)
    }
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
    seat: Seat,
    shutdown: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    let name = format!("keshi-ledger-{}", config.office);
    let link = Link::start(&config, &name, &config.ledger_inbox()).await?;
    let claim = Claim {
        instance: Uuid::new_v4(),
        name: seat.name,
    };
    let (duty, caught_up) = (&seat.duty, Notify::new());
    let receipts = || Receipts::start(link.client.clone(), config.inboxes(), duty.subscribe());
    let mut feed = Feed {
        context: stream::context(&link.client),
        stream: config.stream(),
        receipts: (seat.role == Role::Primary).then(receipts),
        position: Position::at(ledger.cursor()),
        begins: None,
        behind: u64::MAX,
        trouble: String::new(),
        caught_up: &caught_up,
        instance: claim.instance,
        duty,
        follows: &seat.follows,
        link: &link,
        config: &config,
        ledger: &ledger,
        role: seat.role,
    };
    let claiming = async {
        caught_up.notified().await;
        match seat.role {
            Role::Primary => duty::claim(&link, &config, &claim, duty.subscribe()).await,
            Role::Standby => std::future::pending().await,
        }
    };
    tokio::select! {
        biased;
        () = shutdown => Ok(()),
        error = feed.run() => Err(error),
        error = claiming => Err(error),
        error = heads::compare(&link, &config, &ledger, duty.subscribe()) => Err(error),
        never = heads::publish(&link, &config, &ledger, duty.subscribe()) => match never {},
        never = answer_while_primary(&link, &config, &ledger, duty.subscribe()) => match never {},
    }
}

async fn answer_while_primary(
    link: &Link,
    config: &NatsConfig,
    ledger: &Arc<dyn Ledger>,
    mut duty: watch::Receiver<Duty>,
) -> std::convert::Infallible {
    let is_primary = |duty: &Duty| matches!(duty, Duty::Primary { .. });
    loop {
        if duty.wait_for(is_primary).await.is_err() {
            return std::future::pending().await;
        }
        tokio::select! {
            never = questions::answer(link, config, ledger) => match never {},
            _ = duty.wait_for(|duty| !is_primary(duty)) => {}
        }
    }
}
