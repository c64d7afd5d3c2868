//! The pages' own port: HTTP/1.1 and HTTP/2, with the same limits on connections as the services' port.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use futures::StreamExt as _;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tonic::transport::server::Connected as _;
use tower::ServiceExt as _;
use tracing::debug;

use super::connections::{self, Doors};

/// How long a request's head may take.
const HEAD_LIMIT: Duration = Duration::from_secs(15);

/// How long what is under way may still take once the server is to end.
const DRAIN_LIMIT: Duration = Duration::from_secs(10);

/// A port that serves pages.
pub(super) struct Pages {
    address: SocketAddr,
    task: JoinHandle<()>,
}

/// Serves `pages` at this door until `shutdown`.
pub(super) fn serve(doors: Doors, pages: Router, shutdown: CancellationToken) -> std::io::Result<Pages> {
    let address = doors.tcp.local_addr()?;
    Ok(Pages {
        address,
        task: tokio::spawn(accept(doors, pages, shutdown)),
    })
}

async fn accept(doors: Doors, pages: Router, shutdown: CancellationToken) {
    let incoming = connections::incoming(doors, connections::room());
    tokio::pin!(incoming);
    let ending = GracefulShutdown::new();
    loop {
        let connection = tokio::select! {
            () = shutdown.cancelled() => break,
            next = incoming.next() => match next {
                Some(Ok(connection)) => connection,
                Some(Err(_)) => continue,
                None => break,
            },
        };
        let peer = connection.connect_info().remote_addr();
        let pages = pages.clone().map_request(move |mut request: axum::http::Request<_>| {
            if let Some(peer) = peer {
                request.extensions_mut().insert(ConnectInfo(peer));
            }
            request
        });
        let mut server = auto::Builder::new(TokioExecutor::new());
        server.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_LIMIT);
        server.http2().timer(TokioTimer::new()).keep_alive_interval(HEAD_LIMIT);
        let connection = server.serve_connection(TokioIo::new(connection), TowerToHyperService::new(pages));
        let connection = ending.watch(connection.into_owned());
        tokio::spawn(async move {
            if let Err(cause) = connection.await {
                debug!(%cause, "a connection of a browser broke off");
            }
        });
    }
    if timeout(DRAIN_LIMIT, ending.shutdown()).await.is_err() {
        debug!(limit_s = DRAIN_LIMIT.as_secs(), "pages still under way are cut off");
    }
}

impl Pages {
    /// Where it listens.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits until it has ended, after `shutdown`.
    pub(super) async fn ended(self) {
        // A task that broke off has ended too.
        let _ended = self.task.await;
    }
}
