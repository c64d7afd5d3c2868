//! The bus of a process: embedded, or NATS with a feed from the stream into the engine.

use std::sync::Arc;
use std::time::Duration;

use keshi_bus::nats::{Duty, Nats, NatsConfig, PostsTo, Seat, ServeError, serve};
use keshi_bus::{Bus, Embedded, Follows, Ledger, LogEnd};
use keshi_office::layout::OfficeDir;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::config::{BusConfig, Config};
use super::failures::{follows_failure, goes_on_reading, parted_failure, serve_failure};
use super::identity::config_failure;
use super::server::{Running, WRITE_SERVICES, set_serving};
use crate::exit::{Failure, Outcome, say};
use crate::remote::layout_failure;

/// How often health looks at the connection to NATS.
const HEALTH_EVERY: Duration = Duration::from_millis(500);

/// What a process has of the bus.
pub(super) struct Joined {
    /// The poster's side, where this process takes postings.
    pub(super) poster: Option<Bus>,
    /// The way from the stream into the engine, on NATS.
    pub(super) feed: Option<Feed>,
}

/// The task that follows the stream.
pub(super) struct Feed {
    shutdown: CancellationToken,
    task: JoinHandle<Result<(), ServeError>>,
    duty: watch::Receiver<Duty>,
    is_deposed: bool,
}

/// What becomes of following the stream.
pub(super) enum News {
    /// Another primary has taken this one's place.
    Deposed {
        /// What it calls itself.
        by: String,
    },
    /// It cannot be followed any further.
    Ended(Ended),
}

/// How following the stream ended.
pub(super) struct Ended {
    pub(super) failure: Failure,
    /// Whether what the ledger holds can be asked for all the same.
    pub(super) goes_on_reading: bool,
}

/// Joins the bus that the data directory follows. On NATS it returns at once, whether or not the server is there: both
/// ends keep trying. `name` is what a primary calls itself.
pub(super) async fn join(config: &Config, name: &str, ledger: Option<Arc<dyn Ledger>>) -> Outcome<Joined> {
    let office = config.data.office(config.office.as_str());
    let dir = office.map_err(|error| layout_failure(&error))?;
    match &config.bus {
        BusConfig::Embedded => {
            let poster = ledger.map(|ledger| embedded(&dir, ledger)).transpose()?;
            Ok(Joined { poster, feed: None })
        }
        BusConfig::Nats { config: nats, role } => {
            let ledger_id = ledger.as_ref().map(|ledger| ledger.ledger_id());
            let feed = match ledger {
                Some(ledger) => {
                    let follows = Follows::open(dir.bus()).map_err(|error| follows_failure(&error))?;
                    let (seat, duty) = Seat::new(*role, name, Arc::new(follows));
                    Some(Feed::start(nats.clone(), ledger, seat, duty))
                }
                None => None,
            };
            let poster = if config.roles.intake {
                let posts_to = match ledger_id {
                    Some(id) => PostsTo::LedgerOf(id),
                    None => remembered(&dir)?,
                };
                let poster = Nats::connect_to(nats.clone(), posts_to).await;
                Some(Bus::Nats(poster.map_err(|error| config_failure(&error))?))
            } else {
                None
            };
            Ok(Joined { poster, feed })
        }
    }
}

/// The bus of this process alone, unless the ledger follows a stream.
fn embedded(dir: &OfficeDir, ledger: Arc<dyn Ledger>) -> Outcome<Bus> {
    let follows = Follows::open(dir.bus()).map_err(|error| follows_failure(&error))?;
    let admitted = follows.admit_embedded(log_end(&*ledger));
    admitted.map_err(|error| parted_failure(&error))?;
    Ok(Bus::Embedded(Embedded::new(ledger)))
}

/// As [`embedded`]; but a ledger that follows a stream can at least be read.
pub(super) fn embedded_or_reading(dir: &OfficeDir, ledger: Arc<dyn Ledger>) -> Outcome<Bus> {
    let follows = Follows::open(dir.bus()).map_err(|error| follows_failure(&error))?;
    let admitted = follows.admit_embedded(log_end(&*ledger));
    let bus = Bus::Embedded(Embedded::new(ledger));
    if let Err(error) = admitted {
        bus.withhold(error.say());
    }
    Ok(bus)
}

fn log_end(ledger: &dyn Ledger) -> LogEnd {
    LogEnd {
        size: ledger.size(),
        cursor: ledger.cursor(),
    }
}

/// The ledger for which an intake of its own has posted before.
fn remembered(dir: &OfficeDir) -> Outcome<PostsTo> {
    dir.create().map_err(|error| layout_failure(&error))?;
    let follows = Follows::open(dir.posts_to()).map_err(|error| follows_failure(&error))?;
    Ok(PostsTo::Remembered(Arc::new(follows)))
}

/// Keeps the health of the services that post true: they serve while the bus can be reached.
pub(super) async fn report_health(poster: &Bus, running: &Running) {
    let Bus::Nats(nats) = poster else {
        running.set_serving(&WRITE_SERVICES, true).await;
        return;
    };
    running.set_serving(&WRITE_SERVICES, false).await;
    let (nats, health) = (nats.clone(), running.health());
    // Ends with the runtime; it holds nothing that anybody waits for.
    tokio::spawn(async move {
        let mut is_serving = false;
        let mut is_told = false;
        let mut ticks = interval(HEALTH_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let is_connected = nats.is_connected();
            if is_connected == is_serving && is_told {
                continue;
            }
            if is_connected {
                info!("nats is reached, the services that post serve");
            } else {
                warn!("nats is not reached, the services that post do not serve; trying again");
            }
            set_serving(&health, &WRITE_SERVICES, is_connected).await;
            (is_serving, is_told) = (is_connected, true);
        }
    });
}

impl Feed {
    fn start(nats: NatsConfig, ledger: Arc<dyn Ledger>, seat: Seat, duty: watch::Receiver<Duty>) -> Self {
        let shutdown = CancellationToken::new();
        let following = serve(nats, ledger, seat, shutdown.clone().cancelled_owned());
        Self {
            shutdown,
            task: tokio::spawn(following),
            duty,
            is_deposed: false,
        }
    }

    /// What becomes of it, each thing once.
    pub(super) async fn news(&mut self) -> News {
        if self.is_deposed {
            return News::Ended(ended(&mut self.task).await);
        }
        tokio::select! {
            biased;
            ended = ended(&mut self.task) => News::Ended(ended),
            by = deposed(self.duty.clone()) => {
                self.is_deposed = true;
                News::Deposed { by }
            }
        }
    }

    /// Takes no more from the stream.
    pub(super) async fn stop(self) {
        self.shutdown.cancel();
        // Its result was looked at in `ended`, or is that of the shutdown just asked for.
        if !self.task.is_finished() {
            drop(self.task.await);
        }
    }
}

/// Resolves when the stream cannot be followed any further.
async fn ended(task: &mut JoinHandle<Result<(), ServeError>>) -> Ended {
    let failure = match task.await {
        Ok(Err(error)) => {
            return Ended {
                failure: serve_failure(&error),
                goes_on_reading: goes_on_reading(&error),
            };
        }
        Ok(Ok(())) => Failure::failed(say("不再跟随 NATS 上的流", "the stream on NATS is no longer followed")),
        Err(error) => Failure::failed(say("跟随流的任务中断", "following the stream broke off").because(&error)),
    };
    Ended {
        failure,
        goes_on_reading: false,
    }
}

/// Resolves with what a primary calls itself that has taken this one's place.
async fn deposed(mut duty: watch::Receiver<Duty>) -> String {
    let deposed = duty.wait_for(|duty| matches!(duty, Duty::Deposed { .. })).await;
    match deposed.as_deref() {
        Ok(Duty::Deposed { by, .. }) => by.clone(),
        Ok(Duty::Standby | Duty::Claiming | Duty::Primary { .. }) | Err(_) => std::future::pending().await,
    }
}
