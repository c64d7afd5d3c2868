//! Three servers that keep each stream together.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use async_nats::jetstream::{self, context::ContextBuilder};

use super::{NatsServer, Options};

/// How long a cluster may take to agree on anything. Generous: the machine may be busy with a build.
const AGREE_LIMIT: Duration = Duration::from_mins(1);

/// How long one request may take; without a leader nobody answers it.
const REQUEST_LIMIT: Duration = Duration::from_millis(100);

/// Three servers, each with a store of its own. Dropping it kills them.
#[derive(Debug)]
pub struct NatsCluster {
    /// The servers; a killed one can be restarted.
    pub servers: Vec<NatsServer>,
}

impl NatsCluster {
    /// Starts three servers that sync every write.
    ///
    /// # Panics
    ///
    /// If they cannot be started, or do not agree on a leader within a minute.
    pub async fn start() -> Self {
        // Free when looked at; held until all are known, so that they differ.
        let held: Vec<_> = (0..3)
            .map(|_| TcpListener::bind("127.0.0.1:0").expect("a port"))
            .collect();
        let ports: Vec<_> = held
            .iter()
            .map(|held| held.local_addr().expect("its port").port())
            .collect();
        drop(held);
        let routes: Vec<_> = ports.iter().map(|port| format!("nats://127.0.0.1:{port}")).collect();
        let routes = routes.join(", ");
        let mut servers = Vec::new();
        for (number, port) in ports.iter().enumerate() {
            let cluster = format!("cluster {{ name: keshi, listen: \"127.0.0.1:{port}\", routes: [ {routes} ] }}");
            let options = Options {
                extra: format!("server_name: n{number}\n{cluster}"),
                ..Options::default()
            };
            servers.push(NatsServer::start_with(options).await);
        }
        let cluster = Self { servers };
        cluster.until_ready().await;
        cluster
    }

    /// The addresses of all, for a client.
    pub fn url(&self) -> String {
        let urls: Vec<_> = self.servers.iter().map(NatsServer::url).collect();
        urls.join(",")
    }

    /// A plain client that may be connected to any of those that run, with short requests.
    ///
    /// # Panics
    ///
    /// If none runs.
    pub async fn context(&self) -> jetstream::Context {
        let urls: Vec<async_nats::ServerAddr> = self
            .servers
            .iter()
            .map(|server| server.url().parse().expect("an address"))
            .collect();
        let client = async_nats::ConnectOptions::new()
            .max_reconnects(None)
            .reconnect_delay_callback(|_| Duration::from_millis(20))
            .connect(urls)
            .await
            .expect("one of them runs");
        ContextBuilder::new().timeout(REQUEST_LIMIT).build(client)
    }

    /// The number of the server that leads `stream`, once there is one other than `old`, and all replicas have caught up
    /// if `whole`.
    ///
    /// # Panics
    ///
    /// If that takes more than a minute.
    pub async fn leader(context: &jetstream::Context, stream: &str, old: Option<usize>, whole: bool) -> usize {
        let give_up = Instant::now() + AGREE_LIMIT;
        loop {
            if let Ok(stream) = context.get_stream(stream).await
                && let Some(cluster) = &stream.cached_info().cluster
                && let Some(number) = cluster
                    .leader
                    .as_deref()
                    .and_then(|name| name.strip_prefix('n')?.parse().ok())
                && old != Some(number)
                && (!whole
                    || cluster.replicas.len() == 2 && cluster.replicas.iter().all(|peer| peer.current && !peer.offline))
            {
                return number;
            }
            assert!(Instant::now() < give_up, "nobody leads {stream}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Waits until streams can be made.
    async fn until_ready(&self) {
        let context = self.context().await;
        let give_up = Instant::now() + AGREE_LIMIT;
        loop {
            let probe = jetstream::stream::Config {
                name: "PROBE".into(),
                num_replicas: 3,
                ..jetstream::stream::Config::default()
            };
            if context.create_stream(probe).await.is_ok() && context.delete_stream("PROBE").await.is_ok() {
                return;
            }
            assert!(Instant::now() < give_up, "the cluster makes no stream");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}
