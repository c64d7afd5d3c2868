//! Where in the log a question is asked.

use std::time::Duration;

use keshi_proto::api;
use keshi_proto::api::ledger_service_client::LedgerServiceClient;
use tonic::Code;

use crate::support::{Office, attendance, refused, with};

fn head_at(at: Option<api::at::At>, min_size: u64) -> api::GetHeadRequest {
    api::GetHeadRequest {
        at: Some(api::At { at, min_size }),
    }
}

#[tokio::test]
async fn the_head_has_the_root_of_each_size_and_not_of_one_that_is_not_there() {
    let (office, admin) = Office::furnished().await;
    let mut client = LedgerServiceClient::new(office.channel.clone());
    let now = client
        .get_head(with(&admin, api::GetHeadRequest::default()))
        .await
        .unwrap()
        .into_inner();
    assert_eq!((now.office.as_str(), now.size), ("610729", office.engine.head().size));
    for size in 0..=now.size {
        let head = client
            .get_head(with(&admin, head_at(Some(api::at::At::Size(size)), 0)))
            .await
            .unwrap()
            .into_inner();
        assert_eq!(head.root, office.engine.root_at(size).unwrap());
        assert_eq!(head.recorded_at.is_some(), size > 0);
    }
    let beyond = head_at(Some(api::at::At::Size(now.size + 1)), 0);
    let status = client.get_head(with(&admin, beyond)).await.unwrap_err();
    refused(&status, Code::OutOfRange, "BeyondEnd");
    assert!(status.message().contains("min_size"));
}

#[tokio::test]
async fn a_question_waits_for_what_was_just_written_but_not_beyond_its_deadline() {
    let (office, admin) = Office::furnished().await;
    let size = office.engine.head().size;
    let mut client = LedgerServiceClient::new(office.channel.clone());
    let mut late = with(&admin, head_at(None, size + 1));
    late.set_timeout(Duration::from_millis(300));
    let status = client.get_head(late).await.unwrap_err();
    refused(&status, Code::DeadlineExceeded, "NotYet");
    let asked = tokio::spawn({
        let (mut client, request) = (client.clone(), with(&admin, head_at(None, size + 1)));
        async move { client.get_head(request).await.unwrap().into_inner() }
    });
    office.record(&admin, vec![attendance("X1", "T1", 100)]).await;
    assert!(asked.await.unwrap().size > size);
}
