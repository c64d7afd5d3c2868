//! Policies and calendars.

use keshi_proto::api;
use keshi_proto::api::registry_service_client::RegistryServiceClient;
use tonic::Code;
use tonic::transport::Channel;

use crate::support::{CALENDAR, NOW, Office, refused, with};

fn registry(office: &Office) -> RegistryServiceClient<Channel> {
    RegistryServiceClient::new(office.channel.clone())
}

fn adopt(document: &str) -> api::AdoptCalendarRequest {
    api::AdoptCalendarRequest {
        document: document.to_owned(),
        ..api::AdoptCalendarRequest::default()
    }
}

#[tokio::test]
async fn a_calendar_is_adopted_once_however_often_it_is_sent() {
    let office = Office::start().await;
    let admin = office.admin();
    // Long enough for several parts.
    let document = format!("# {}\n{CALENDAR}", "校历".repeat(2_000));
    for (now, verdict) in [
        (NOW, api::Verdict::Recorded),
        ("2022-12-20T00:00:00Z", api::Verdict::Duplicate),
    ] {
        office.set_clock(now);
        let answer = registry(&office)
            .adopt_calendar(with(&admin, adopt(&document)))
            .await
            .unwrap()
            .into_inner();
        let verdicts = answer.receipt.unwrap().verdicts;
        assert_eq!(verdicts.len(), 5);
        assert!(verdicts.iter().all(|v| v.verdict() == verdict), "{verdicts:?}");
    }
    let first = office.engine.query(|at| at.semesters().first().copied());
    assert_eq!(first.unwrap().id.as_str(), "2022-2023-1");
}

#[tokio::test]
async fn every_mistake_of_a_document_is_named_by_line_and_column() {
    let office = Office::start().await;
    let admin = office.admin();
    let document = CALENDAR
        .replace("2022-09-01", "2022-13-01")
        .replace("20\n", "0.5\nmore = 1\n");
    let status = registry(&office)
        .adopt_calendar(with(&admin, adopt(&document)))
        .await
        .unwrap_err();
    let fields = refused(&status, Code::InvalidArgument, "InvalidFields");
    assert!(
        !fields.is_empty() && fields.iter().all(|field| field.starts_with("document:")),
        "{fields:?}"
    );
    let policy = api::AdoptPolicyRequest {
        document: "version = 0.5\n".to_owned(),
        ..api::AdoptPolicyRequest::default()
    };
    let status = registry(&office).adopt_policy(with(&admin, policy)).await.unwrap_err();
    let fields = refused(&status, Code::InvalidArgument, "InvalidFields");
    assert!(
        fields.len() > 1 && fields.iter().any(|field| field == "document:1:11"),
        "{fields:?}"
    );
    assert_eq!(office.engine.head().size, 0);
}

#[tokio::test]
async fn only_the_office_adopts() {
    let (office, _) = Office::furnished().await;
    let clerk = office.clerk("S1");
    let status = registry(&office)
        .adopt_calendar(with(&clerk, adopt(CALENDAR)))
        .await
        .unwrap_err();
    refused(&status, Code::PermissionDenied, "NotAllowed");
}
