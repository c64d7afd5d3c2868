//! The bus on a real NATS server.

use std::sync::Arc;

use async_nats::jetstream::stream::Stream;
use keshi_bus::nats::{self, Duty, NatsConfig, Role, Seat, ServeError};
use keshi_bus::testing::NatsServer;
use keshi_bus::{Bus, Follows, Ledger, Nats};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;

use crate::behaviours::contract;
use crate::ledger::TestLedger;
use crate::system::System;

/// The office of all these tests.
pub const OFFICE: &str = "610729";

/// A server, a primary and a poster.
pub struct NatsSystem {
    pub primary: Serving,
    pub bus: Bus,
    pub server: NatsServer,
}

/// A ledger that follows the stream.
pub struct Serving {
    pub ledger: Arc<TestLedger>,
    pub duty: watch::Receiver<Duty>,
    shutdown: Option<oneshot::Sender<()>>,
    task: JoinHandle<Result<(), ServeError>>,
}

impl System for NatsSystem {
    async fn start(queue: usize) -> Self {
        let server = NatsServer::start().await;
        let primary = Serving::start(&server, TestLedger::new(queue), Role::Primary);
        let bus = poster(&server).await;
        Self { primary, bus, server }
    }

    fn bus(&self) -> &Bus {
        &self.bus
    }

    fn ledger(&self) -> &Arc<TestLedger> {
        &self.primary.ledger
    }
}

impl Serving {
    pub fn start(server: &NatsServer, ledger: Arc<TestLedger>, role: Role) -> Self {
        Self::start_with(config(server), ledger, role)
    }

    pub fn start_with(config: NatsConfig, ledger: Arc<TestLedger>, role: Role) -> Self {
        Self::start_following(config, ledger, role, Follows::forgetful().into())
    }

    /// With what the data directory remembers.
    pub fn start_following(config: NatsConfig, ledger: Arc<TestLedger>, role: Role, follows: Arc<Follows>) -> Self {
        let (seat, duty) = Seat::new(role, "the test's", follows);
        let (shutdown, stopped) = oneshot::channel::<()>();
        let its_ledger = Arc::clone(&ledger) as Arc<dyn Ledger>;
        let task = tokio::spawn(async move {
            let stopped = async {
                // A dropped sender stops nothing; only a message does.
                if stopped.await.is_err() {
                    std::future::pending::<()>().await;
                }
            };
            nats::serve(config, its_ledger, seat, stopped).await
        });
        Self {
            ledger,
            duty,
            shutdown: Some(shutdown),
            task,
        }
    }

    /// Waits until it answers, or does not.
    pub async fn wait_primary(&mut self, wanted: bool) {
        let changed = self
            .duty
            .wait_for(|duty| matches!(duty, Duty::Primary { .. }) == wanted);
        let outcome = tokio::time::timeout(std::time::Duration::from_secs(30), changed).await;
        outcome.expect("its duty changes within 30 s").expect("it serves");
    }

    /// Stops following and waits for the end.
    pub async fn stop(mut self) -> Arc<TestLedger> {
        self.shutdown.take().unwrap().send(()).expect("it still runs");
        (&mut self.task).await.unwrap().expect("stopped without an error");
        Arc::clone(&self.ledger)
    }

    /// Waits until it halts by itself.
    pub async fn halt(mut self) -> ServeError {
        let halted = tokio::time::timeout(std::time::Duration::from_secs(30), &mut self.task).await;
        halted
            .expect("it halts within 30 s")
            .unwrap()
            .expect_err("nobody asked it to stop")
    }

    pub fn is_running(&self) -> bool {
        !self.task.is_finished()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub fn config(server: &NatsServer) -> NatsConfig {
    NatsConfig::new(server.url(), OFFICE)
}

pub async fn poster(server: &NatsServer) -> Bus {
    Bus::Nats(Nats::connect(config(server)).await.expect("a good configuration"))
}

/// A plain client, for what only an operator or an intruder would do.
pub async fn raw_client(server: &NatsServer) -> async_nats::Client {
    async_nats::connect(server.url()).await.expect("the server runs")
}

/// The office's stream, past the bus.
pub async fn raw_stream(server: &NatsServer) -> Stream {
    let context = async_nats::jetstream::new(raw_client(server).await);
    context
        .get_stream(config(server).stream())
        .await
        .expect("the stream exists")
}

/// How many messages the office's stream holds.
pub async fn messages_on(server: &NatsServer) -> u64 {
    raw_stream(server).await.get_info().await.unwrap().state.messages
}

contract!(NatsSystem);
