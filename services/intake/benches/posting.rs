//! What the write side costs by itself: real gRPC on loopback and the embedded bus, over a ledger that answers at once,
//! beside a server of the same service that does nothing. Run with `cargo bench -p keshi-intake`.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use futures::Stream;
use keshi_bus::{BoxFuture, Bus, Closed, Delivery, Embedded, Ledger, TryRecordError};
use keshi_core::ids::OfficeCode;
use keshi_door::{Guard, system_clock};
use keshi_office::access::Access;
use keshi_proto::api::submission_service_client::SubmissionServiceClient;
use keshi_proto::api::submission_service_server::{SubmissionService, SubmissionServiceServer};
use keshi_proto::{api, event as pb, log};
use prost::Message as _;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tonic::service::RoutesBuilder;
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Channel, Server};
use tonic::{Request, Response, Status, Streaming};

/// Connections that the clients share.
const CONNECTIONS: usize = 8;

/// Slices of each side in turn; the best of each is shown, because the machine is shared.
const SLICES: usize = 7;

/// Says at once that everything is recorded.
struct AtOnce;

impl Ledger for AtOnce {
    keshi_bus::empty_ledger!();

    fn try_record(&self, delivery: Delivery) -> Result<(), TryRecordError> {
        let submission = log::Submission::decode(delivery.bytes).expect("a submission");
        let verdict = |index: usize| api::EventVerdict {
            event_id: "00000000-0000-0000-0000-000000000000".to_owned(),
            verdict: api::Verdict::Recorded.into(),
            index: Some(index as u64),
            reason: None,
            ..api::EventVerdict::default()
        };
        let receipt = api::Receipt {
            submission_id: "00000000-0000-0000-0000-000000000000".to_owned(),
            size: 1,
            root: vec![0; 32],
            verdicts: (0..submission.events.len()).map(verdict).collect(),
        };
        delivery.reply.send(move || receipt.encode_to_vec().into());
        Ok(())
    }

    fn record(&self, delivery: Delivery) -> BoxFuture<'_, Result<(), Closed>> {
        Box::pin(async move { self.try_record(delivery).map_err(|_| Closed) })
    }

    fn answer(&self, topic: String, _: Bytes) -> BoxFuture<'_, Result<Bytes, String>> {
        Box::pin(async move { Err(topic) })
    }
}

/// The transport's floor.
struct Nothing;

type Answers<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

#[tonic::async_trait]
impl SubmissionService for Nothing {
    type CheckSubmissionsStream = Answers<api::CheckedSubmission>;
    type StreamSubmissionsStream = Answers<api::SubmitProgress>;

    async fn submit(&self, _: Request<api::SubmitRequest>) -> Result<Response<api::SubmitResponse>, Status> {
        Ok(Response::new(api::SubmitResponse::default()))
    }

    async fn check_submissions(
        &self,
        _: Request<Streaming<api::SubmitRequest>>,
    ) -> Result<Response<Self::CheckSubmissionsStream>, Status> {
        Err(Status::unimplemented("the floor"))
    }

    async fn stream_submissions(
        &self,
        _: Request<Streaming<api::SubmitRequest>>,
    ) -> Result<Response<Self::StreamSubmissionsStream>, Status> {
        Err(Status::unimplemented("the floor"))
    }

    async fn get_submission(
        &self,
        _: Request<api::GetSubmissionRequest>,
    ) -> Result<Response<api::SubmitResponse>, Status> {
        Ok(Response::new(api::SubmitResponse::default()))
    }
}

fn attendance() -> api::Event {
    api::Event {
        event_id: "018f0000-0000-7000-8000-000000000001".to_owned(),
        occurred_from: Some(pb::Date {
            year: 2022,
            month: 11,
            day: 1,
        }),
        org: "S-0042".to_owned(),
        source: "签到表 2022-11 第 17 行".to_owned(),
        fact: Some(pb::Fact::from(pb::AttendanceRecorded {
            session_id: "X-2022-0017".to_owned(),
            teacher_id: "T-004217".to_owned(),
            role: 1,
            present_centihours: 450,
            ..pb::AttendanceRecorded::default()
        })),
        ..api::Event::default()
    }
}

async fn serve(routes: RoutesBuilder) -> Vec<SubmissionServiceClient<Channel>> {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("its address");
    // Without it an answer of more than one packet waits 40 ms for the delayed acknowledgement.
    let connections = TcpIncoming::from(listener).with_nodelay(Some(true));
    tokio::spawn(
        Server::builder()
            .add_routes(routes.routes())
            .serve_with_incoming(connections),
    );
    let mut clients = Vec::new();
    for _ in 0..CONNECTIONS {
        let channel = Channel::from_shared(format!("http://{address}")).expect("an address");
        clients.push(SubmissionServiceClient::new(
            channel.connect().await.expect("connected"),
        ));
    }
    clients
}

/// Events per second.
async fn slice(servers: &[SubmissionServiceClient<Channel>], clients: usize, events: usize, calls: usize) -> f64 {
    let request = api::SubmitRequest {
        taking: api::Taking::Each.into(),
        events: vec![attendance(); events],
        ..api::SubmitRequest::default()
    };
    let mut tasks = JoinSet::new();
    let started = Instant::now();
    for client in 0..clients {
        let (mut server, request) = (servers[client % CONNECTIONS].clone(), request.clone());
        tasks.spawn(async move {
            for _ in 0..calls {
                server.submit(request.clone()).await.expect("an answer");
            }
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.expect("a client");
    }
    #[allow(clippy::cast_precision_loss, reason = "a rate, to be printed")]
    let all = (clients * events * calls) as f64;
    all / started.elapsed().as_secs_f64()
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let dir = tempfile::tempdir().expect("a directory");
    let access = Arc::new(Access::open_or_create(dir.path().join("access.redb")).expect("tokens"));
    let office = OfficeCode::new("610729").expect("a code");
    let guard = Guard::new(access, office, system_clock()).with_dev();
    let bus = Bus::Embedded(Embedded::new(Arc::new(AtOnce)));
    let mut routes = RoutesBuilder::default();
    keshi_intake::add_services(&keshi_intake::Context::new(bus, guard), &mut routes);
    let ours = serve(routes).await;
    let mut routes = RoutesBuilder::default();
    routes.add_service(SubmissionServiceServer::new(Nothing));
    let floor = serve(routes).await;
    println!("{:<12} {:>12} {:>12} {:>7}", "", "floor ev/s", "intake ev/s", "ratio");
    for (clients, events, calls) in [(1, 1, 2_000), (16, 1, 1_000), (256, 1, 150), (16, 100, 100)] {
        let (mut best_floor, mut best_ours) = (0.0_f64, 0.0_f64);
        for _ in 0..SLICES {
            best_floor = best_floor.max(slice(&floor, clients, events, calls).await);
            best_ours = best_ours.max(slice(&ours, clients, events, calls).await);
        }
        let name = format!("{clients} × {events}");
        println!(
            "{name:<12} {best_floor:>12.0} {best_ours:>12.0} {:>7.2}",
            best_ours / best_floor
        );
    }
}
