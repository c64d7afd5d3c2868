//! Who is let in.

use keshi_core::ids::OfficeCode;
use keshi_door::{CALLS_AT_ONCE, Guard};
use keshi_office::access::{Request, Role};
use keshi_proto::api::submission_service_client::SubmissionServiceClient;
use tonic::Code;
use tonic::codegen::http::uri::PathAndQuery;
use tonic_types::StatusExt as _;

use crate::support::{NOW, OFFICE, Office, attendance, each, refused, school, with};

#[tokio::test]
async fn without_a_token_nobody_is_let_in_and_each_reason_is_told_apart() {
    let (office, admin) = Office::furnished().await;
    let mut bare = with("", each(vec![attendance("X1", "T1", 100)]));
    bare.metadata_mut().remove("authorization");
    let status = office.submissions().submit(bare).await.unwrap_err();
    refused(&status, Code::Unauthenticated, "TokenMissing");
    let one_letter_wrong = admin.replacen(&admin[10..11], if &admin[10..11] == "A" { "B" } else { "A" }, 1);
    let elsewhere = Office::start().await.admin();
    let gone = office.clerk("S1");
    let id = office.access.list().last().unwrap().id.clone();
    office.access.revoke(&id, NOW.parse().unwrap()).unwrap();
    for (token, reason) in [
        (one_letter_wrong.as_str(), "TokenMalformed"),
        ("", "TokenMissing"),
        (elsewhere.as_str(), "TokenUnknown"),
        (gone.as_str(), "TokenRevoked"),
    ] {
        let status = office
            .submit(token, vec![attendance("X1", "T1", 100)])
            .await
            .unwrap_err();
        refused(&status, Code::Unauthenticated, reason);
        assert!(!status.message().contains("ks_AA"));
    }
}

#[tokio::test]
async fn an_expired_token_and_another_offices_are_told_apart() {
    let office = Office::start_with(|guard| guard).await;
    let expired = office.create(&Request {
        id: None,
        office: OFFICE.to_owned(),
        role: Role::Admin,
        expires_on: Some("2022-12-01".parse().unwrap()),
    });
    office.record(&expired, vec![school("S1")]).await;
    let other = office.create(&Request {
        id: None,
        office: "610730".to_owned(),
        role: Role::Admin,
        expires_on: None,
    });
    let status = office.submit(&other, vec![school("S2")]).await.unwrap_err();
    refused(&status, Code::PermissionDenied, "NotAllowed");
    let tomorrow = "2022-12-01T16:00:00Z".parse().unwrap();
    let access = std::sync::Arc::clone(&office.access);
    let later = Guard::new(
        access,
        OfficeCode::new(OFFICE).unwrap(),
        std::sync::Arc::new(move || tomorrow),
    );
    let status = later.enter(&with(&expired, ())).unwrap_err();
    refused(&status, Code::Unauthenticated, "TokenExpired");
}

#[tokio::test]
async fn what_a_clock_that_jumped_would_stamp_is_not_taken_in() {
    let office = Office::start().await;
    let admin = office.admin();
    for jumped in ["2032-12-01T00:00:00Z", "1990-01-01T00:00:00Z"] {
        office.set_clock(jumped);
        let status = office.submit(&admin, vec![school("S1")]).await.unwrap_err();
        refused(&status, Code::Unavailable, "ClockJumped");
        assert_eq!(office.engine.head().size, 0);
    }
    office.set_clock("2022-12-20T00:00:00Z");
    office.record(&admin, vec![school("S1")]).await;
}

#[tokio::test]
async fn the_developers_door_needs_no_token_but_a_wrong_one_is_still_wrong() {
    let office = Office::start_with(Guard::with_dev).await;
    let mut request = with("", each(vec![school("S1")]));
    request.metadata_mut().remove("authorization");
    let receipt = office
        .submissions()
        .submit(request)
        .await
        .unwrap()
        .into_inner()
        .receipt
        .unwrap();
    assert_eq!(receipt.verdicts.len(), 1);
    let status = office.submit("ks_wrong", vec![school("S2")]).await.unwrap_err();
    refused(&status, Code::Unauthenticated, "TokenMalformed");
}

#[tokio::test]
async fn bytes_that_do_not_decode_and_unknown_methods_are_answered_with_a_remedy() {
    let (office, admin) = Office::furnished().await;
    let mut client = tonic::client::Grpc::new(office.channel.clone());
    for (path, code, reason) in [
        (
            "/keshi.v1.SubmissionService/Submit",
            Code::InvalidArgument,
            "Undecodable",
        ),
        (
            "/keshi.v1.SubmissionService/Nothing",
            Code::Unimplemented,
            "NoSuchMethod",
        ),
    ] {
        client.ready().await.unwrap();
        let codec = keshi_tests::raw::RawCodec;
        let sent = client.unary(with(&admin, vec![0xff_u8; 20]), PathAndQuery::from_static(path), codec);
        let status = sent.await.unwrap_err();
        refused(&status, code, reason);
    }
}

#[tokio::test]
async fn a_deadline_that_the_caller_names_is_kept() {
    let (office, admin) = Office::furnished().await;
    let mut request = with(&admin, each(vec![attendance("X1", "T1", 100)]));
    request.set_timeout(std::time::Duration::from_nanos(1));
    let mut client = SubmissionServiceClient::new(office.channel.clone());
    let status = client.submit(request).await.unwrap_err();
    assert!(
        matches!(status.code(), Code::DeadlineExceeded | Code::Cancelled),
        "{status:?}"
    );
}

#[tokio::test]
async fn when_too_many_calls_are_under_way_the_next_is_asked_to_come_back() {
    let office = Office::start().await;
    let admin = office.admin();
    let access = std::sync::Arc::clone(&office.access);
    let guard = Guard::new(access, OfficeCode::new(OFFICE).unwrap(), keshi_door::system_clock());
    let request = with(&admin, ());
    let mut inside: Vec<_> = (0..CALLS_AT_ONCE.caller)
        .map(|_| guard.enter(&request).unwrap())
        .collect();
    let status = guard.enter(&request).unwrap_err();
    refused(&status, Code::ResourceExhausted, "TooManyCalls");
    assert!(status.get_details_retry_info().unwrap().retry_delay.is_some());
    inside.pop();
    guard.enter(&request).unwrap();
}
