//! Calls, counted as they are answered; refused logins are told to whoever reads the log.

use std::collections::HashSet;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use keshi_door::Peer;
use keshi_proto::DESCRIPTORS;
use parking_lot::Mutex;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use prost_reflect::DescriptorPool;
use tonic::codegen::{Service, http};
use tonic::transport::server::TcpConnectInfo;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;
use tower_layer::Layer;
use tracing::warn;

/// Bounds of the latencies in seconds: a commit takes some milliseconds, a comparison of policies a minute.
const SECONDS: [f64; 12] = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1.0, 2.5, 10.0, 60.0];

/// How often at most a refused login is logged.
const LOG_EVERY: Duration = Duration::from_secs(10);

/// Counts the calls of one process. Cheap to clone.
#[derive(Clone)]
pub(in crate::up) struct Calls(Arc<Counted>);

struct Counted {
    /// The paths there are: a caller may make up others.
    known: HashSet<String>,
    answered: Family<Answered, Counter>,
    seconds: Family<Method, Histogram, fn() -> Histogram>,
    refusals: Family<Reason, Counter>,
    logins: Family<Reason, Counter>,
    logged: Mutex<Logged>,
}

/// When a refused login was last logged, and how many were not since.
#[derive(Default)]
struct Logged {
    at: Option<Instant>,
    unsaid: u64,
}

#[derive(Clone, Debug, EncodeLabelSet, PartialEq, Eq, Hash)]
struct Method {
    method: String,
}

#[derive(Clone, Debug, EncodeLabelSet, PartialEq, Eq, Hash)]
struct Answered {
    method: String,
    code: &'static str,
}

#[derive(Clone, Debug, EncodeLabelSet, PartialEq, Eq, Hash)]
struct Reason {
    reason: String,
}

impl Calls {
    pub(in crate::up) fn new() -> Self {
        let pool = DescriptorPool::decode(DESCRIPTORS).unwrap_or_default();
        let methods = pool.services().flat_map(|service| {
            let name = service.full_name().to_owned();
            let methods = service
                .methods()
                .map(move |method| format!("/{name}/{}", method.name()));
            methods.collect::<Vec<_>>()
        });
        Self(Arc::new(Counted {
            known: methods.collect(),
            seconds: Family::new_with_constructor(|| Histogram::new(SECONDS)),
            answered: Family::default(),
            refusals: Family::default(),
            logins: Family::default(),
            logged: Mutex::default(),
        }))
    }

    pub(super) fn register(&self, registry: &mut Registry) {
        let Counted {
            answered,
            seconds,
            refusals,
            logins,
            ..
        } = &*self.0;
        registry.register("calls", "Calls answered, by method and gRPC code", answered.clone());
        registry.register(
            "call_seconds",
            "Time until the answer, or its beginning",
            seconds.clone(),
        );
        registry.register("refusals", "Calls refused, by reason", refusals.clone());
        registry.register(
            "refused_logins",
            "Calls refused for want of a good token",
            logins.clone(),
        );
    }

    fn count(&self, path: &str, status: Option<&Status>, took: Duration, from: Option<IpAddr>) {
        let counted = &*self.0;
        let method = if counted.known.contains(path) { path } else { "other" };
        let method = Method {
            method: method.trim_start_matches('/').to_owned(),
        };
        let code = status.map_or(Code::Ok, Status::code);
        let answered = Answered {
            method: method.method.clone(),
            code: name_of(code),
        };
        counted.answered.get_or_create(&answered).inc();
        counted.seconds.get_or_create(&method).observe(took.as_secs_f64());
        let Some(status) = status else { return };
        // The reasons are ours: nobody else's text comes in here.
        let info = status.get_details_error_info();
        let reason = info.map_or_else(|| name_of(code).to_owned(), |info| info.reason);
        let reason = Reason { reason };
        counted.refusals.get_or_create(&reason).inc();
        if code == Code::Unauthenticated {
            counted.logins.get_or_create(&reason).inc();
            self.log(&reason.reason, from);
        }
    }

    /// Without the token, whatever it was.
    fn log(&self, reason: &str, from: Option<IpAddr>) {
        let mut logged = self.0.logged.lock();
        if logged.at.is_some_and(|at| at.elapsed() < LOG_EVERY) {
            logged.unsaid += 1;
            return;
        }
        let unsaid = std::mem::take(&mut logged.unsaid);
        logged.at = Some(Instant::now());
        drop(logged);
        let from = from.map_or_else(|| "this machine's socket".to_owned(), |from| from.to_string());
        warn!(reason, from, unsaid, "a login was refused");
    }
}

/// Whether a status is a refusal stands in the headers where there is no message, which is so for all of ours.
fn refused(headers: &http::HeaderMap) -> Option<Status> {
    headers
        .contains_key("grpc-status")
        .then(|| Status::from_header_map(headers))
        .flatten()
        .filter(|status| status.code() != Code::Ok)
}

/// A code as the gRPC documents write it.
fn name_of(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}

// === the layer ===

/// A service whose calls are counted.
#[derive(Clone)]
pub(in crate::up) struct Watched<S> {
    calls: Calls,
    inner: S,
}

impl<S> Layer<S> for Calls {
    type Service = Watched<S>;

    fn layer(&self, inner: S) -> Watched<S> {
        Watched {
            calls: self.clone(),
            inner,
        }
    }
}

impl<S, B, R> Service<http::Request<B>> for Watched<S>
where
    S: Service<http::Request<B>, Response = http::Response<R>>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: http::Request<B>) -> Self::Future {
        let began = Instant::now();
        let path = request.uri().path().to_owned();
        let info = request.extensions().get::<TcpConnectInfo>();
        let connected = info.and_then(|info| info.remote_addr).map(|address| address.ip());
        // Pages in this process say for whom they ask.
        let from = request.extensions().get::<Peer>().map(|peer| peer.0).or(connected);
        let calls = self.calls.clone();
        let answer = self.inner.call(request);
        Box::pin(async move {
            let answer = answer.await;
            if let Ok(response) = &answer {
                calls.count(&path, refused(response.headers()).as_ref(), began.elapsed(), from);
            }
            answer
        })
    }
}
