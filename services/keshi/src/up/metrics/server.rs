//! Plain HTTP for those who watch: `/metrics` and `/ready`.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::CONTENT_TYPE;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use tracing::{debug, warn};

use super::Metrics;

/// Connections at once: Prometheus, an orchestrator, somebody who looks.
const CONNECTIONS_MAX: usize = 16;

/// How long one connection may last.
const CONNECTION_LIMIT: Duration = Duration::from_mins(1);

/// How long a request's head may take.
const HEAD_LIMIT: Duration = Duration::from_secs(5);

/// Answers those who watch, as long as the process lives. Where it listens.
pub(in crate::up) fn serve(listener: TcpListener, metrics: Arc<Metrics>) -> std::io::Result<SocketAddr> {
    let address = listener.local_addr()?;
    tokio::spawn(accept(listener, metrics));
    Ok(address)
}

async fn accept(listener: TcpListener, metrics: Arc<Metrics>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            return;
        };
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(cause) => {
                warn!(%cause, "a connection of those who watch could not be taken");
                sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let metrics = Arc::clone(&metrics);
        tokio::spawn(async move {
            let answer = service_fn(move |request: Request<Incoming>| {
                let response = respond(&metrics, &request);
                async move { Ok::<_, Infallible>(response) }
            });
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEAD_LIMIT)
                .serve_connection(TokioIo::new(stream), answer);
            if let Ok(Err(cause)) = timeout(CONNECTION_LIMIT, connection).await {
                debug!(%cause, "a connection of those who watch broke off");
            }
            drop(place);
        });
    }
}

fn respond(metrics: &Metrics, request: &Request<Incoming>) -> Response<Full<Bytes>> {
    const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    const PLAIN: &str = "text/plain; charset=utf-8";
    let (status, kind, text) = match (request.method(), request.uri().path()) {
        (&Method::GET | &Method::HEAD, "/metrics") => match metrics.text() {
            Ok(text) => (StatusCode::OK, OPEN_METRICS, text),
            Err(_) => (
                StatusCode::INTERNAL_SERVER_ERROR,
                PLAIN,
                "the figures cannot be written\n".to_owned(),
            ),
        },
        (&Method::GET | &Method::HEAD, "/ready") => {
            let ready = metrics.ready();
            let status = if ready.is_ready() {
                StatusCode::OK
            } else {
                StatusCode::SERVICE_UNAVAILABLE
            };
            // One damaged copy takes nothing away from what is answered: it is told and changes no status.
            let damaged = if metrics.is_sound() == Some(false) {
                "copies: damaged, see keshi doctor\n"
            } else {
                ""
            };
            (status, PLAIN, ready.text() + damaged)
        }
        (&Method::GET | &Method::HEAD, _) => (StatusCode::NOT_FOUND, PLAIN, "/metrics, /ready\n".to_owned()),
        _ => (StatusCode::METHOD_NOT_ALLOWED, PLAIN, "GET only\n".to_owned()),
    };
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, hyper::header::HeaderValue::from_static(kind));
    response
}
