//! A token that is revoked while its streams are open: they end, and nothing more is recorded.

use std::time::Duration;

use keshi_office::access::RoleName;
use keshi_proto::api;
use keshi_proto::api::submit_progress::Outcome;
use tokio::sync::mpsc::{Sender, channel};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Status, Streaming};

use crate::support::{Office, attendance, each, of_school, refused, with};

const PATIENCE: Duration = Duration::from_secs(20);

/// The office, the token of `clerk-1` at S1, and her open stream of submissions.
async fn streaming() -> (
    Office,
    String,
    Sender<api::SubmitRequest>,
    Streaming<api::SubmitProgress>,
) {
    let (office, _) = Office::furnished().await;
    let clerk = office.named_token("clerk-1", RoleName::Clerk, of_school("S1"));
    let (sender, receiver) = channel(64);
    let sent = with(&clerk, ReceiverStream::new(receiver));
    let answers = office.submissions().stream_submissions(sent).await.unwrap();
    (office, clerk, sender, answers.into_inner())
}

fn row() -> api::SubmitRequest {
    each(vec![attendance("X1", "T1", 100)])
}

async fn ended<T>(answers: &mut Streaming<T>) -> Status {
    let end = async {
        loop {
            match answers.message().await {
                Ok(Some(_)) => {}
                Ok(None) => panic!("the stream ended as if all were well"),
                Err(status) => return status,
            }
        }
    };
    tokio::time::timeout(PATIENCE, end).await.expect("the stream ends")
}

#[tokio::test]
async fn a_quiet_stream_of_submissions_ends_when_another_process_revokes_its_token() {
    let (office, _clerk, sender, mut answers) = streaming().await;
    sender.send(row()).await.unwrap();
    let first = answers.message().await.unwrap().unwrap();
    assert!(matches!(first.outcome, Some(Outcome::Response(_))), "{first:?}");
    office.revoke_elsewhere("clerk-1");
    refused(&ended(&mut answers).await, Code::Unauthenticated, "TokenRevoked");
    // And the server takes nothing from it any more.
    let closed = tokio::time::timeout(PATIENCE, sender.closed());
    closed.await.expect("the stream is closed on this side too");
}

#[tokio::test]
async fn of_a_busy_stream_nothing_is_recorded_once_its_token_was_refused_anywhere() {
    let (office, clerk, sender, mut answers) = streaming().await;
    let sending = tokio::spawn(async move { while sender.send(row()).await.is_ok() {} });
    for _ in 0..50 {
        answers.message().await.unwrap().unwrap();
    }
    office.revoke_elsewhere("clerk-1");
    let limit = std::time::Instant::now() + PATIENCE;
    let status = loop {
        match office.submit(&clerk, vec![attendance("X1", "T1", 100)]).await {
            Err(status) => break status,
            Ok(_) => assert!(std::time::Instant::now() < limit, "the token stays good"),
        }
    };
    refused(&status, Code::Unauthenticated, "TokenRevoked");
    // What was handed over before is recorded; an admin's entry comes after all of it.
    let admin = office.admin();
    office.record(&admin, vec![attendance("X1", "T1", 100)]).await;
    let size = office.engine.head().size;
    refused(&ended(&mut answers).await, Code::Unauthenticated, "TokenRevoked");
    sending.await.unwrap();
    assert_eq!(office.engine.head().size, size);
}

#[tokio::test]
async fn what_is_sent_right_after_the_token_ended_is_not_handed_over_before_anybody_looked() {
    let (office, _clerk, sender, mut answers) = streaming().await;
    sender.send(row()).await.unwrap();
    answers.message().await.unwrap().unwrap();
    let size = office.engine.head().size;
    office
        .access
        .revoke("clerk-1", crate::support::NOW.parse().unwrap())
        .unwrap();
    sender.send(row()).await.unwrap();
    refused(&ended(&mut answers).await, Code::Unauthenticated, "TokenRevoked");
    let admin = office.admin();
    office.record(&admin, vec![attendance("X1", "T1", 100)]).await;
    assert_eq!(office.engine.head().size, size + 1, "the admin's alone");
}

#[tokio::test]
async fn a_dry_run_under_way_ends_when_its_token_is_revoked_or_has_expired() {
    let (office, _) = Office::furnished().await;
    let expiring = keshi_office::access::Request {
        id: None,
        office: crate::support::OFFICE.to_owned(),
        role: keshi_office::access::Role::new(RoleName::Clerk, of_school("S1")).unwrap(),
        expires_on: Some("2022-12-01".parse().unwrap()),
    };
    let revoked = office.named_token("clerk-1", RoleName::Clerk, of_school("S1"));
    for (token, reason) in [(revoked, "TokenRevoked"), (office.create(&expiring), "TokenExpired")] {
        let (sender, receiver) = channel(64);
        let sent = with(&token, ReceiverStream::new(receiver));
        let mut answers = office.submissions().check_submissions(sent).await.unwrap().into_inner();
        sender.send(row()).await.unwrap();
        match reason {
            "TokenRevoked" => office.revoke_elsewhere("clerk-1"),
            _ => office.set_clock("2022-12-02T08:00:00Z"),
        }
        refused(&ended(&mut answers).await, Code::Unauthenticated, reason);
    }
}
