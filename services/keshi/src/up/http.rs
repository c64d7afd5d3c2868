//! The pages' own port: HTTP/1.1 and HTTP/2, with the same limits on connections as the services' port.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::http::HeaderMap;
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

/// Where a proxy says for whom it asks.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// How long a request's head may take.
const HEAD_LIMIT: Duration = Duration::from_secs(15);

/// How long what is under way may still take once the server is to end.
const DRAIN_LIMIT: Duration = Duration::from_secs(10);

/// A port that serves pages.
pub(super) struct Pages {
    address: SocketAddr,
    task: JoinHandle<()>,
}

/// Serves `pages` at this door until `shutdown`, to browsers and to the proxy that asks for others.
pub(super) fn serve(
    doors: Doors,
    pages: Router,
    proxy: Option<IpAddr>,
    shutdown: CancellationToken,
) -> std::io::Result<Pages> {
    let address = doors.tcp.local_addr()?;
    Ok(Pages {
        address,
        task: tokio::spawn(accept(doors, pages, proxy, shutdown)),
    })
}

async fn accept(doors: Doors, pages: Router, proxy: Option<IpAddr>, shutdown: CancellationToken) {
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
                let peer = asked_for(peer, proxy, request.headers());
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

/// For whom a request is: who is connected, or, where that is our proxy, whom it says last. What stands before that in the
/// header was said by whoever asked the proxy.
fn asked_for(peer: SocketAddr, proxy: Option<IpAddr>, headers: &HeaderMap) -> SocketAddr {
    if proxy.is_none_or(|proxy| proxy.to_canonical() != peer.ip().to_canonical()) {
        return peer;
    }
    let said = headers.get_all(FORWARDED_FOR).into_iter().next_back();
    let last = said.and_then(|value| value.to_str().ok()?.rsplit(',').next()?.trim().parse().ok());
    last.map_or(peer, |address| SocketAddr::new(address, peer.port()))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(peer: &str, proxy: Option<&str>, said: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for value in said {
            headers.append(FORWARDED_FOR, value.parse().unwrap());
        }
        let proxy = proxy.map(|proxy| proxy.parse().unwrap());
        asked_for(peer.parse().unwrap(), proxy, &headers).ip().to_string()
    }

    #[test]
    fn only_our_proxy_says_for_whom_it_asks_and_only_its_own_word_counts() {
        assert_eq!(asked("10.0.0.9:1", None, &["1.2.3.4"]), "10.0.0.9");
        assert_eq!(asked("10.0.0.9:1", Some("127.0.0.1"), &["1.2.3.4"]), "10.0.0.9");
        assert_eq!(asked("127.0.0.1:1", Some("127.0.0.1"), &["1.2.3.4"]), "1.2.3.4");
        assert_eq!(
            asked("[::ffff:127.0.0.1]:1", Some("127.0.0.1"), &["1.2.3.4"]),
            "1.2.3.4"
        );
        // What a visitor put into the header herself stands before what the proxy adds.
        assert_eq!(
            asked("127.0.0.1:1", Some("127.0.0.1"), &["9.9.9.9, 1.2.3.4"]),
            "1.2.3.4"
        );
        assert_eq!(
            asked("127.0.0.1:1", Some("127.0.0.1"), &["9.9.9.9", "1.2.3.4"]),
            "1.2.3.4"
        );
        assert_eq!(asked("127.0.0.1:1", Some("127.0.0.1"), &["unknown"]), "127.0.0.1");
        assert_eq!(asked("127.0.0.1:1", Some("127.0.0.1"), &[]), "127.0.0.1");
    }
}
