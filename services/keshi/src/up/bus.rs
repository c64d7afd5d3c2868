//! The bus of a process: embedded, or NATS with a feed from the stream into the engine.

use std::sync::Arc;
use std::time::Duration;

use keshi_bus::nats::{Nats, ServeError, serve};
use keshi_bus::{Bus, Embedded, Ledger};
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::config::{BusConfig, Config};
use super::failures::serve_failure;
use super::glue::EngineLedger;
use super::server::{Running, WRITE_SERVICES, set_serving};
use crate::exit::{Failure, Outcome, causes, say};

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
}

/// Joins the bus. On NATS it returns at once, whether or not the server is there: both ends keep trying.
pub(super) async fn join(config: &Config, ledger: Option<Arc<EngineLedger>>) -> Outcome<Joined> {
    match (&config.bus, ledger) {
        (BusConfig::Embedded, Some(ledger)) => {
            let ledger: Arc<dyn Ledger> = ledger;
            Ok(Joined {
                poster: Some(Bus::Embedded(Embedded::new(ledger))),
                feed: None,
            })
        }
        (BusConfig::Embedded, None) => Ok(Joined {
            poster: None,
            feed: None,
        }),
        (BusConfig::Nats { config: nats, role }, ledger) => {
            let ledger_id = ledger.as_ref().map(|ledger| ledger.ledger_id());
            let feed = ledger.map(|ledger| {
                let shutdown = CancellationToken::new();
                let ledger: Arc<dyn Ledger> = ledger;
                let following = serve(nats.clone(), ledger, *role, shutdown.clone().cancelled_owned());
                Feed {
                    shutdown,
                    task: tokio::spawn(following),
                }
            });
            let poster = if config.roles.intake {
                let poster = Nats::connect_for(nats.clone(), ledger_id).await.map_err(|error| {
                    Failure::usage(say(format!("NATS 设置不可用：{}", causes(&error)), causes(&error)))
                })?;
                Some(Bus::Nats(poster))
            } else {
                None
            };
            Ok(Joined { poster, feed })
        }
    }
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
    /// Resolves when the stream cannot be followed any further.
    pub(super) async fn ended(&mut self) -> Failure {
        match (&mut self.task).await {
            Ok(Err(error)) => serve_failure(&error),
            Ok(Ok(())) => Failure::failed(say("不再跟随 NATS 上的流", "the stream on NATS is no longer followed")),
            Err(error) => Failure::failed(say("跟随流的任务中断", "following the stream broke off").because(&error)),
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
