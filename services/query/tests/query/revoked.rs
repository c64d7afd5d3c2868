//! A token that is revoked while its streams are open: nothing more is told on them.

use std::time::Duration;

use keshi_office::access::{RoleName, Scope};
use keshi_proto::api;
use keshi_proto::api::audit_service_client::AuditServiceClient;
use keshi_proto::api::ledger_service_client::LedgerServiceClient;
use keshi_proto::api::policy_choice::Policy as Given;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status, Streaming};

use crate::support::{Office, adopt, assignment, attendance, person, refused, with};

const POLICY: &str = include_str!("policy.toml");

const PATIENCE: Duration = Duration::from_secs(30);

/// Reads on until the stream ends; how it did, and how many messages came before.
async fn ended<T>(stream: &mut Streaming<T>) -> (Status, usize) {
    let end = async {
        let mut count = 0;
        loop {
            match stream.message().await {
                Ok(Some(_)) => count += 1,
                Ok(None) => panic!("it ended as if all were well, after {count} messages"),
                Err(status) => return (status, count),
            }
        }
    };
    tokio::time::timeout(PATIENCE, end).await.expect("the stream ends")
}

async fn until_refused(office: &Office, token: &str) {
    let mut client = LedgerServiceClient::new(office.channel.clone());
    let refused = async {
        while client
            .get_head(with(token, api::GetHeadRequest::default()))
            .await
            .is_ok()
        {}
    };
    tokio::time::timeout(PATIENCE, refused).await.expect("it is refused");
}

#[tokio::test]
async fn one_who_watches_is_told_nothing_more_once_another_process_revoked_her_token() {
    let (office, admin) = Office::furnished().await;
    let reviewer = office.named_token("reviewer-1", RoleName::Reviewer, Scope::default());
    let mut client = LedgerServiceClient::new(office.channel.clone());
    let request = with(&reviewer, api::WatchEntriesRequest::default());
    let mut batches = client.watch_entries(request).await.unwrap().into_inner();
    batches.message().await.unwrap().unwrap();
    office.revoke_elsewhere("reviewer-1");
    until_refused(&office, &reviewer).await;
    office.record(&admin, vec![attendance("X1", "T1", 100)]).await;
    let (status, more) = ended(&mut batches).await;
    refused(&status, Code::Unauthenticated, "TokenRevoked");
    assert_eq!(more, 0);
}

/// So many teachers who come out otherwise that the changes do not fit into what a slow reader lets be sent.
const TEACHERS: usize = 3_000;

#[tokio::test]
async fn a_comparison_that_is_being_read_ends_where_the_token_was_revoked() {
    let (office, admin) = Office::furnished().await;
    for ids in (0..TEACHERS).collect::<Vec<_>>().chunks(1_000) {
        let events = ids.iter().map(|n| format!("N{n}"));
        office
            .record(
                &admin,
                events.flat_map(|id| [person(&id), assignment(&id, "S1")]).collect(),
            )
            .await;
    }
    adopt(&office, &admin, &POLICY.replace("min = 90", "min = 2")).await;
    let reviewer = office.named_token("reviewer-1", RoleName::Reviewer, Scope::default());
    let stricter = POLICY.replace("min = 90", "min = 3");
    let choice = |policy| Some(api::PolicyChoice { policy: Some(policy) });
    let request = api::ComparePoliciesRequest {
        before: choice(Given::Adopted("teacher-90".to_owned())),
        after: choice(Given::Document(stricter)),
        period: "2022".to_owned(),
        ..api::ComparePoliciesRequest::default()
    };
    let mut client = LedgerServiceClient::new(slow_reader(&office).await);
    let mut answer = client
        .compare_policies(with(&reviewer, request))
        .await
        .unwrap()
        .into_inner();
    while answer.message().await.unwrap().unwrap().changes.is_empty() {}
    office.revoke_elsewhere("reviewer-1");
    until_refused(&office, &reviewer).await;
    let (status, _) = ended(&mut answer).await;
    refused(&status, Code::Unauthenticated, "TokenRevoked");
}

/// A connection on which little is sent ahead of what is read.
async fn slow_reader(office: &Office) -> Channel {
    let endpoint = Endpoint::from_shared(format!("http://{}", office.address)).unwrap();
    endpoint.initial_stream_window_size(65_535).connect().await.unwrap()
}

#[tokio::test]
async fn a_replay_is_not_begun_for_one_whose_token_has_ended() {
    let (office, _) = Office::furnished().await;
    let auditor = office.named_token("auditor-1", RoleName::Auditor, Scope::default());
    office.revoke_elsewhere("auditor-1");
    until_refused(&office, &auditor).await;
    let mut audit = AuditServiceClient::new(office.channel.clone());
    let replayed = audit.replay(with(&auditor, api::ReplayRequest::default())).await;
    refused(&replayed.unwrap_err(), Code::Unauthenticated, "TokenRevoked");
}
