//! One gRPC server with all services of the process.

use std::net::SocketAddr;
use std::time::Duration;

use keshi_proto::DESCRIPTORS;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tonic::service::RoutesBuilder;
use tonic::transport::Server;
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;
use tracing::{error, warn};

use super::connections::{self, Doors};
use super::metrics::Calls;
use crate::exit::{Failure, Outcome, Say, say};

/// Calls at once on one connection; a client that wants more opens another.
const STREAMS_PER_CONNECTION_MAX: u32 = 1_024;

/// How often a quiet connection is asked whether anyone is there, and how long the answer may take.
const KEEPALIVE: (Duration, Duration) = (Duration::from_mins(1), Duration::from_secs(20));

/// How long calls under way may still take once the server is to end. Longer than a call's longest deadline is kept
/// from anyone: those that are not done by then are cut off, and their posters send the same again.
const DRAIN_LIMIT: Duration = Duration::from_secs(20);

/// Services that post, so that they serve only while the bus does.
pub(super) const WRITE_SERVICES: [&str; 7] = [
    "keshi.v1.TrainingService",
    "keshi.v1.OutreachService",
    "keshi.v1.CompetitionService",
    "keshi.v1.RegistryService",
    "keshi.v1.ReviewService",
    "keshi.v1.SubmissionService",
    "keshi.v1.CertificateService",
];

/// Services that read.
pub(super) const READ_SERVICES: [&str; 5] = [
    "keshi.v1.LedgerService",
    "keshi.v1.ClaimService",
    "keshi.v1.AuditService",
    "keshi.v1.CertificateRegisterService",
    "keshi.v1.TileService",
];

/// Where one signs in, and how the process does: they serve wherever there is a process.
pub(super) const OWN_SERVICES: [&str; 2] = ["keshi.v1.AccountService", "keshi.v1.OperationsService"];

/// A server that runs.
pub(super) struct Running {
    address: SocketAddr,
    health: HealthReporter,
    shutdown: CancellationToken,
    task: JoinHandle<Result<(), tonic::transport::Error>>,
}

/// Binds the port.
pub(super) async fn bind(address: SocketAddr) -> Outcome<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        let text = match error.kind() {
            std::io::ErrorKind::AddrInUse => say(
                format!("{address} 已被占用：请停止占用它的程序，或换一个端口（--grpc、--http、--metrics）"),
                format!("{address} is taken: stop what uses it, or choose another port (--grpc, --http, --metrics)"),
            ),
            std::io::ErrorKind::PermissionDenied => say(
                format!("没有权限监听 {address}：请用 1024 以上的端口"),
                format!("no permission to listen on {address}: use a port above 1024"),
            ),
            _ => say(format!("无法监听 {address}"), format!("cannot listen on {address}")).because(&error),
        };
        Failure::failed(text)
    })
}

/// Serves `routes` at these doors until `shutdown`, with health and reflection beside them.
pub(super) async fn serve(
    doors: Doors,
    mut routes: RoutesBuilder,
    shutdown: CancellationToken,
    calls: Calls,
) -> Outcome<Running> {
    let failed =
        |error: &dyn std::error::Error| Failure::failed(say("无法启动服务", "the server cannot start").because(error));
    let address = doors.tcp.local_addr().map_err(|error| failed(&error))?;
    let (health, health_service) = tonic_health::server::health_reporter();
    let reflection = || {
        tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(DESCRIPTORS)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
    };
    // Many clients, such as those of Python, still ask the older form alone.
    let older = reflection().build_v1alpha().map_err(|error| failed(&error))?;
    let reflection = reflection().build_v1().map_err(|error| failed(&error))?;
    routes
        .add_service(health_service)
        .add_service(reflection)
        .add_service(older);
    let server = Server::builder()
        .layer(calls)
        .max_concurrent_streams(STREAMS_PER_CONNECTION_MAX)
        .http2_keepalive_interval(Some(KEEPALIVE.0))
        .http2_keepalive_timeout(Some(KEEPALIVE.1))
        .add_routes(routes.routes());
    let incoming = connections::incoming(doors, connections::room());
    let ended = shutdown.clone().cancelled_owned();
    let task = tokio::spawn(server.serve_with_incoming_shutdown(incoming, ended));
    Ok(Running {
        address,
        health,
        shutdown,
        task,
    })
}

impl Running {
    /// Where it listens.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Says of these services whether they serve.
    pub(super) async fn set_serving(&self, services: &[&str], is_serving: bool) {
        set_serving(&self.health, services, is_serving).await;
    }

    /// A handle to say so from elsewhere.
    pub(super) fn health(&self) -> HealthReporter {
        self.health.clone()
    }

    /// Takes no more calls, and waits for those under way.
    pub(super) async fn drain(self) {
        self.shutdown.cancel();
        let mut task = self.task;
        if task.is_finished() {
            // It ended by itself, and `broken` has said why.
            return;
        }
        match timeout(DRAIN_LIMIT, &mut task).await {
            Ok(Ok(Ok(()))) => {}
            Ok(Ok(Err(cause))) => error!(
                cause = &cause as &dyn std::error::Error,
                "the server ended with an error"
            ),
            Ok(Err(cause)) => error!(%cause, "the server's task broke off"),
            Err(_elapsed) => {
                warn!(limit_s = DRAIN_LIMIT.as_secs(), "calls still under way are cut off");
                task.abort();
            }
        }
    }

    /// Resolves when the server ends by itself, with the reason.
    pub(super) async fn broken(&mut self) -> Say {
        let why = match (&mut self.task).await {
            Ok(Ok(())) => "it ended".to_owned(),
            Ok(Err(cause)) => crate::exit::causes(&cause),
            Err(cause) => cause.to_string(),
        };
        say(format!("服务中断：{why}"), format!("the server broke off: {why}"))
    }
}

/// Says of services whether they serve.
pub(super) async fn set_serving(health: &HealthReporter, services: &[&str], is_serving: bool) {
    let status = if is_serving {
        ServingStatus::Serving
    } else {
        ServingStatus::NotServing
    };
    for service in services {
        health.set_service_status(*service, status).await;
    }
}
