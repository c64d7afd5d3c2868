//! The path over NATS, beside raw publishing plus pulling of equal messages on the same server.

use std::time::Instant;

use async_nats::jetstream::{self, consumer, stream};
use bytes::Bytes;
use futures::{StreamExt, stream as streams};
use keshi_bus::testing::NatsServer;
use keshi_core::submission::Taking;
use keshi_tests::process::Keshi;
use keshi_tests::{client, county};

use crate::grpc::{connections, slice};
use crate::{median, row};

/// Events in a submission: some 9 kB a message.
const EVENTS: u64 = 60;
const POSTERS: usize = 64;
const CALLS: u64 = 12;
const SLICES: usize = 5;

pub async fn run() {
    let server = NatsServer::start().await;
    let data = tempfile::tempdir_in("target").expect("a directory");
    let url = server.url();
    let keshi = Keshi::up(
        data.path(),
        &["--dev", "--office", "610729", "--bus", &url, "--primary"],
    )
    .expect("it listens");
    let ours = connections(&keshi.url()).await;
    client::post_register(&mut ours[0].clone()).await;
    let raw = Raw::connect(&url).await;
    let (mut floor_rates, mut rates) = (Vec::new(), Vec::new());
    for round in 0..SLICES {
        floor_rates.push(raw.slice(round).await);
        rates.push(slice(&ours, POSTERS, EVENTS, CALLS).await);
    }
    row(
        &format!("NATS {POSTERS} × {EVENTS}, events/s"),
        median(floor_rates),
        median(rates),
        "",
    );
}

struct Raw {
    context: jetstream::Context,
}

impl Raw {
    async fn connect(url: &str) -> Self {
        let client = async_nats::connect(url).await.expect("connected");
        Self {
            context: jetstream::new(client),
        }
    }

    /// Publishes with as many in flight as there are posters, and pulls everything back at the same time.
    async fn slice(&self, round: usize) -> f64 {
        let name = format!("RAW_{round}");
        let config = stream::Config {
            name: name.clone(),
            subjects: vec![format!("raw.{round}")],
            ..Default::default()
        };
        let stream = self.context.create_stream(config).await.expect("a stream");
        let pull = consumer::pull::Config {
            ack_policy: consumer::AckPolicy::None,
            ..Default::default()
        };
        let consumer = stream.create_consumer(pull).await.expect("a consumer");
        let messages = POSTERS as u64 * CALLS;
        let events: Vec<_> = (0..EVENTS).map(county::attendance).collect();
        let bytes: Bytes = county::message(1, Taking::Each, &events);
        let started = Instant::now();
        let publish = streams::iter(0..messages).for_each_concurrent(POSTERS, |_| {
            let (context, subject, bytes) = (self.context.clone(), format!("raw.{round}"), bytes.clone());
            async move {
                context
                    .publish(subject, bytes)
                    .await
                    .expect("published")
                    .await
                    .expect("acknowledged");
            }
        });
        let pull = async {
            let taken = consumer
                .messages()
                .await
                .expect("messages")
                .take(usize::try_from(messages).expect("small"));
            taken
                .for_each(|message| async { drop(message.expect("a message")) })
                .await;
        };
        futures::join!(publish, pull);
        let rate = (messages * EVENTS) as f64 / started.elapsed().as_secs_f64();
        self.context.delete_stream(name).await.expect("deleted");
        rate
    }
}
