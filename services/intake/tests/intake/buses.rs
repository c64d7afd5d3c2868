//! What a poster hears when the way to the ledger is full, slow, closed, or answers nonsense.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use keshi_bus::{BoxFuture, Bus, Closed, Delivery, Embedded, Ledger, TryRecordError};
use keshi_core::ids::OfficeCode;
use keshi_door::{Guard, system_clock};
use keshi_office::access::Access;
use keshi_proto::api;
use keshi_proto::api::submission_service_client::SubmissionServiceClient;
use parking_lot::Mutex;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tonic::service::RoutesBuilder;
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Channel, Server};
use tonic::{Code, Request, Status};
use tonic_types::StatusExt as _;
use uuid::Uuid;

use crate::support::{OFFICE, attendance, each, refused};

/// How the ledger behaves. It records nothing in any case.
#[derive(Clone, Copy, PartialEq)]
enum Mood {
    Full,
    Silent,
    Closed,
    Nonsense,
}

struct Moody {
    mood: Mood,
    kept: Mutex<Vec<Delivery>>,
}

impl Ledger for Moody {
    keshi_bus::empty_ledger!();

    fn try_record(&self, delivery: Delivery) -> Result<(), TryRecordError> {
        match self.mood {
            Mood::Full => Err(TryRecordError::Full(delivery)),
            Mood::Closed => Err(TryRecordError::Closed),
            Mood::Silent => {
                self.kept.lock().push(delivery);
                Ok(())
            }
            Mood::Nonsense => {
                delivery.reply.send(|| Bytes::from_static(&[0xff; 9]));
                Ok(())
            }
        }
    }

    fn record(&self, delivery: Delivery) -> BoxFuture<'_, Result<(), Closed>> {
        Box::pin(async move { self.try_record(delivery).map_err(|_| Closed) })
    }

    fn answer(&self, _: String, _: Bytes) -> BoxFuture<'_, Result<Bytes, String>> {
        Box::pin(async move { Ok(Bytes::from_static(&[0xff; 9])) })
    }
}

async fn client(mood: Mood) -> (SubmissionServiceClient<Channel>, TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let access = Arc::new(Access::open_or_create(dir.path().join("access.redb")).unwrap());
    let guard = Guard::new(access, OfficeCode::new(OFFICE).unwrap(), system_clock()).with_dev();
    let ledger = Moody {
        mood,
        kept: Mutex::default(),
    };
    let context = keshi_intake::Context::new(Bus::Embedded(Embedded::new(Arc::new(ledger))), guard);
    let mut routes = RoutesBuilder::default();
    keshi_intake::add_services(&context, &mut routes);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = Server::builder().add_routes(routes.routes());
    tokio::spawn(server.serve_with_incoming(TcpIncoming::from(listener)));
    (SubmissionServiceClient::connect(url).await.unwrap(), dir)
}

async fn post(client: &mut SubmissionServiceClient<Channel>, timeout: Duration) -> Status {
    let mut request = Request::new(each(vec![attendance("X1", "T1", 100)]));
    request.set_timeout(timeout);
    request.metadata_mut().insert("accept-language", "en".parse().unwrap());
    client.submit(request).await.unwrap_err()
}

#[tokio::test]
async fn a_full_queue_says_when_to_come_back() {
    let (mut client, _dir) = client(Mood::Full).await;
    let status = post(&mut client, Duration::from_secs(5)).await;
    refused(&status, Code::ResourceExhausted, "QueueFull");
    assert!(status.get_details_retry_info().unwrap().retry_delay.is_some());
}

#[tokio::test]
async fn a_silent_ledger_leaves_the_outcome_unknown_within_the_callers_deadline() {
    let (mut client, _dir) = client(Mood::Silent).await;
    let started = Instant::now();
    let status = post(&mut client, Duration::from_millis(800)).await;
    refused(&status, Code::DeadlineExceeded, "OutcomeUnknown");
    assert!(status.message().contains("outcome unknown: send the same again"));
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_closed_ledger_is_unavailable_for_now() {
    let (mut client, _dir) = client(Mood::Closed).await;
    let status = post(&mut client, Duration::from_secs(5)).await;
    refused(&status, Code::Unavailable, "LedgerClosed");
    assert!(status.get_details_retry_info().is_some());
}

#[tokio::test]
async fn a_receipt_or_answer_that_does_not_decode_is_not_passed_on() {
    let (mut client, _dir) = client(Mood::Nonsense).await;
    let status = post(&mut client, Duration::from_secs(5)).await;
    refused(&status, Code::Internal, "Garbled");
    let submission_id = Uuid::nil().to_string();
    let status = client
        .get_submission(api::GetSubmissionRequest { submission_id })
        .await
        .unwrap_err();
    refused(&status, Code::Internal, "Garbled");
}

#[tokio::test]
async fn on_a_stream_a_full_queue_is_waited_out_until_the_deadline() {
    use keshi_proto::api::submit_progress::Outcome;
    let (mut client, _dir) = client(Mood::Full).await;
    let mut request = Request::new(tokio_stream::iter(vec![each(vec![attendance("X1", "T1", 100)])]));
    request.set_timeout(Duration::from_secs(2));
    let started = Instant::now();
    let mut answers = client.stream_submissions(request).await.unwrap().into_inner();
    let Some(Outcome::Rejection(rejection)) = answers.message().await.unwrap().unwrap().outcome else {
        panic!("nothing can have been recorded")
    };
    assert_eq!(rejection.code, i32::from(Code::ResourceExhausted));
    assert!(started.elapsed() > Duration::from_secs(1));
}
