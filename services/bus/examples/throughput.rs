//! How many submissions per second the bus alone carries, on both buses.
//!
//! ```text
//! cargo run --release -p keshi-bus --features testing --example throughput
//! ```
//!
//! The ledger at the far end answers at once and keeps nothing, so the figures are what the bus costs, and on NATS
//! what a durable stream costs (`sync_interval: always`).

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use keshi_bus::nats::{self, NatsConfig, Role, Seat};
use keshi_bus::testing::NatsServer;
use keshi_bus::{BoxFuture, Bus, Closed, Delivery, Embedded, Follows, Ledger, Message, Nats, TryRecordError};
use uuid::Uuid;

/// Answers at once.
#[derive(Default)]
struct InstantLedger {
    cursor: AtomicU64,
}

impl Ledger for InstantLedger {
    fn ledger_id(&self) -> Uuid {
        Uuid::nil()
    }

    fn cursor(&self) -> u64 {
        self.cursor.load(Ordering::Relaxed)
    }

    fn size(&self) -> u64 {
        0
    }

    fn root_at(&self, _: u64) -> Option<[u8; 32]> {
        None
    }

    fn try_record(&self, delivery: Delivery) -> Result<(), TryRecordError> {
        self.cursor.store(delivery.cursor.unwrap_or(0), Ordering::Relaxed);
        delivery.reply.send(|| Bytes::from_static(b"receipt"));
        Ok(())
    }

    fn record(&self, _: Delivery) -> BoxFuture<'_, Result<(), Closed>> {
        Box::pin(async { Err(Closed) })
    }

    fn answer(&self, _: String, question: Bytes) -> BoxFuture<'_, Result<Bytes, String>> {
        Box::pin(async { Ok(question) })
    }
}

const RUN_FOR: Duration = Duration::from_secs(3);

async fn measure(name: &str, bus: &Bus, posters: usize, payload_bytes: usize) {
    let payload = Bytes::from(vec![b'x'; payload_bytes]);
    let give_up = Instant::now() + RUN_FOR;
    let tasks: Vec<_> = (0..posters)
        .map(|_| {
            let (bus, payload) = (bus.clone(), payload.clone());
            tokio::spawn(async move {
                let mut answered = 0_u64;
                while Instant::now() < give_up {
                    let message = Message {
                        submission_id: Uuid::new_v4(),
                        kind: "mixed".into(),
                        school: "office".into(),
                        bytes: payload.clone(),
                    };
                    bus.submit(message, Instant::now() + Duration::from_secs(10))
                        .await
                        .expect("an answer");
                    answered += 1;
                }
                answered
            })
        })
        .collect();
    let started = Instant::now();
    let mut answered = 0;
    for task in tasks {
        answered += task.await.expect("a poster");
    }
    let per_second = u128::from(answered) * 1000 / started.elapsed().as_millis().max(1);
    println!("{name:9} {posters:4} posters {payload_bytes:6} bytes: {per_second:8} submissions/s");
}

/// The floor: publishes with nothing around them and nobody who consumes, each waiting for its acknowledgement.
async fn measure_floor(server: &NatsServer, posters: usize, payload_bytes: usize) {
    let client = async_nats::connect(server.url()).await.expect("the server runs");
    let context = async_nats::jetstream::new(client);
    let config = async_nats::jetstream::stream::Config {
        name: "FLOOR".into(),
        subjects: vec!["floor".into()],
        ..Default::default()
    };
    context.create_stream(config).await.expect("a stream");
    let payload = Bytes::from(vec![b'x'; payload_bytes]);
    let give_up = Instant::now() + RUN_FOR;
    let tasks: Vec<_> = (0..posters)
        .map(|_| {
            let (context, payload) = (context.clone(), payload.clone());
            tokio::spawn(async move {
                let mut acked = 0_u64;
                while Instant::now() < give_up {
                    context
                        .publish("floor", payload.clone())
                        .await
                        .expect("sent")
                        .await
                        .expect("acknowledged");
                    acked += 1;
                }
                acked
            })
        })
        .collect();
    let started = Instant::now();
    let mut acked = 0;
    for task in tasks {
        acked += task.await.expect("a poster");
    }
    let per_second = u128::from(acked) * 1000 / started.elapsed().as_millis().max(1);
    println!("floor     {posters:4} posters {payload_bytes:6} bytes: {per_second:8} acknowledged publishes/s");
}

#[tokio::main]
async fn main() {
    let embedded = Bus::Embedded(Embedded::new(Arc::new(InstantLedger::default())));
    for posters in [1, 16, 256] {
        measure("embedded", &embedded, posters, 150).await;
    }
    let server = NatsServer::start().await;
    for (posters, payload_bytes) in [(1, 150), (64, 150), (64, 9_000)] {
        measure_floor(&server, posters, payload_bytes).await;
    }
    let config = NatsConfig::new(server.url(), "610729");
    let (seat, _duty) = Seat::new(Role::Primary, "throughput", Arc::new(Follows::forgetful()));
    tokio::spawn(nats::serve(
        config.clone(),
        Arc::new(InstantLedger::default()),
        seat,
        std::future::pending(),
    ));
    let bus = Bus::Nats(Nats::connect(config).await.expect("a good configuration"));
    for (posters, payload_bytes) in [(1, 150), (16, 150), (64, 150), (256, 150), (64, 9_000)] {
        measure("nats", &bus, posters, payload_bytes).await;
    }
}
