//! Who may read about whom, and the line that it leaves.

use std::collections::BTreeSet;

use keshi_office::access::{RoleName, Scope};
use keshi_proto::api;
use keshi_proto::api::audit_service_client::AuditServiceClient;
use keshi_proto::api::ledger_service_client::LedgerServiceClient;
use keshi_proto::api::policy_choice::Policy as Given;
use keshi_proto::api::registry_service_client::RegistryServiceClient;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::support::{NOW, Office, adopt, attendance, of_teacher, refused, with};

const POLICY: &str = include_str!("policy.toml");

async fn read(office: &Office, token: &str, teacher_id: &str) -> Result<api::Balance, Status> {
    let request = api::GetBalanceRequest {
        teacher_id: teacher_id.to_owned(),
        purpose: "年终核对".to_owned(),
        ..api::GetBalanceRequest::default()
    };
    let mut client = LedgerServiceClient::new(office.channel.clone());
    Ok(client.get_balance(with(token, request)).await?.into_inner())
}

async fn denied(office: &Office, token: &str, teacher_id: &str) {
    let status = read(office, token, teacher_id).await.unwrap_err();
    refused(&status, Code::PermissionDenied, "NotAllowed");
}

fn lines(office: &Office) -> Vec<(String, String)> {
    let today = NOW[..10].parse().unwrap();
    let lines = office.reads.month(today).unwrap();
    assert!(lines.broken.is_empty());
    lines
        .lines
        .into_iter()
        .map(|line| (line.teacher_id, line.what))
        .collect()
}

#[tokio::test]
async fn a_teacher_reads_herself_unlogged_and_nobody_else_known_or_not() {
    let (office, _) = Office::furnished().await;
    let teacher = office.token(RoleName::Teacher, of_teacher("T1"));
    read(&office, &teacher, "T1").await.unwrap();
    denied(&office, &teacher, "T2").await;
    denied(&office, &teacher, "T9").await;
    assert_eq!(lines(&office), []);
    let unregistered = office.token(RoleName::Teacher, of_teacher("T9"));
    let status = read(&office, &unregistered, "T9").await.unwrap_err();
    refused(&status, Code::NotFound, "UnknownTeacher");
}

#[tokio::test]
async fn a_clerk_reads_her_own_school_and_a_researcher_her_subject_or_group() {
    let (office, _) = Office::furnished().await;
    let clerk = office.clerk("S1");
    read(&office, &clerk, "T1").await.unwrap();
    denied(&office, &clerk, "T2").await;
    let researcher = |subject: &str, group: &str| {
        let scope = Scope {
            subjects: vec![subject.to_owned()],
            groups: vec![group.to_owned()],
            ..of_teacher("T8")
        };
        office.token(RoleName::Researcher, scope)
    };
    read(&office, &researcher("语文", "G9"), "T1").await.unwrap();
    read(&office, &researcher("数学", "G1"), "T2").await.unwrap();
    denied(&office, &researcher("数学", "G9"), "T1").await;
    denied(&office, &office.token(RoleName::RegistryReader, Scope::default()), "T1").await;
}

#[tokio::test]
async fn every_reading_of_another_person_leaves_a_line() {
    let (office, admin) = Office::furnished().await;
    read(&office, &admin, "T1").await.unwrap();
    let mut client = LedgerServiceClient::new(office.channel.clone());
    let teacher_id = "T2".to_owned();
    let tier = api::GetTierRequest {
        teacher_id: teacher_id.clone(),
        ..api::GetTierRequest::default()
    };
    client.get_tier(with(&admin, tier)).await.unwrap();
    let entries = api::ListEntriesRequest {
        about_teacher_id: teacher_id,
        ..api::ListEntriesRequest::default()
    };
    client.list_entries(with(&admin, entries)).await.unwrap();
    client
        .list_entries(with(&admin, api::ListEntriesRequest::default()))
        .await
        .unwrap();
    let expected = [("T1", "balance"), ("T2", "tier"), ("T2", "entries"), ("*", "entries")];
    assert_eq!(
        lines(&office),
        expected.map(|(id, what)| (id.to_owned(), what.to_owned()))
    );
    let today = NOW[..10].parse().unwrap();
    let first = office.reads.month(today).unwrap().lines.remove(0);
    assert_eq!(first.purpose.as_deref(), Some("年终核对"));
}

/// Asks for everything about `T1` that is told about her, each by the name of what it asks for.
async fn ask_everything(office: &Office, token: &str) -> Vec<(&'static str, Result<(), Status>)> {
    let mut client = LedgerServiceClient::new(office.channel.clone());
    let teacher_id = || "T1".to_owned();
    let tier = api::GetTierRequest {
        teacher_id: teacher_id(),
        ..api::GetTierRequest::default()
    };
    let about = api::ListEntriesRequest {
        about_teacher_id: teacher_id(),
        ..api::ListEntriesRequest::default()
    };
    // The start of her post.
    let entry = api::GetEntryRequest {
        index: 2,
        ..api::GetEntryRequest::default()
    };
    let posts = api::ListPostsRequest {
        teacher_ids: vec![teacher_id()],
        ..api::ListPostsRequest::default()
    };
    let difference = api::DiffBalanceRequest {
        teacher_id: teacher_id(),
        before: Some(api::At {
            at: Some(api::at::At::Size(1)),
            ..api::At::default()
        }),
        ..api::DiffBalanceRequest::default()
    };
    let shortfalls = api::ListShortfallsRequest {
        period: "2022".to_owned(),
        ..api::ListShortfallsRequest::default()
    };
    let balances = api::ListBalancesRequest {
        school_id: "S1".to_owned(),
        ..api::ListBalancesRequest::default()
    };
    let attendance = api::ListAttendanceRequest {
        session_id: "X1".to_owned(),
        ..api::ListAttendanceRequest::default()
    };
    let stricter = POLICY.replace("min = 90", "min = 95");
    let choice = |policy| Some(api::PolicyChoice { policy: Some(policy) });
    let comparison = api::ComparePoliciesRequest {
        before: choice(Given::Document(POLICY.to_owned())),
        after: choice(Given::Document(stricter)),
        period: "2022".to_owned(),
        ..api::ComparePoliciesRequest::default()
    };
    let compared = async {
        let mut client = LedgerServiceClient::new(office.channel.clone());
        let mut answer = client.compare_policies(with(token, comparison)).await?.into_inner();
        while answer.message().await?.is_some() {}
        Ok(())
    };
    vec![
        ("balance", read(office, token, "T1").await.map(drop)),
        ("tier", client.get_tier(with(token, tier)).await.map(drop)),
        (
            "difference",
            client.diff_balance(with(token, difference)).await.map(drop),
        ),
        ("entries", client.list_entries(with(token, about)).await.map(drop)),
        ("entry", client.get_entry(with(token, entry)).await.map(drop)),
        ("posts", client.list_posts(with(token, posts)).await.map(drop)),
        (
            "shortfall",
            client.list_shortfalls(with(token, shortfalls)).await.map(drop),
        ),
        (
            "attendance",
            client.list_attendance(with(token, attendance)).await.map(drop),
        ),
        ("balances", client.list_balances(with(token, balances)).await.map(drop)),
        ("comparison", compared.await),
    ]
}

#[tokio::test]
async fn what_cannot_be_noted_is_not_told_until_it_can_be_again() {
    let (office, admin) = Office::furnished().await;
    adopt(&office, &admin, POLICY).await;
    office.record(&admin, vec![attendance("X1", "T1", 600)]).await;
    let teacher = office.token(RoleName::Teacher, of_teacher("T1"));
    let (reads, aside) = (office.reads_dir(), office.reads_dir().with_extension("aside"));
    let refuse_all = async || {
        for (what, answer) in ask_everything(&office, &admin).await {
            let status = answer.expect_err(what);
            refused(&status, Code::Unavailable, "ReadLogUnwritable");
            assert!(status.get_details_retry_info().is_some(), "{what}");
        }
        let mut client = LedgerServiceClient::new(office.channel.clone());
        let log = client
            .list_entries(with(&admin, api::ListEntriesRequest::default()))
            .await;
        let watch = client
            .watch_entries(with(&admin, api::WatchEntriesRequest::default()))
            .await;
        refused(&log.unwrap_err(), Code::Unavailable, "ReadLogUnwritable");
        refused(&watch.unwrap_err(), Code::Unavailable, "ReadLogUnwritable");
        // She reads herself, of which no line is due.
        read(&office, &teacher, "T1").await.unwrap();
    };
    // Before the first line, and with the month's file open.
    for _ in 0..2 {
        std::fs::rename(&reads, &aside).unwrap();
        std::fs::write(&reads, "in the way").unwrap();
        refuse_all().await;
        std::fs::remove_file(&reads).unwrap();
        std::fs::rename(&aside, &reads).unwrap();
        for (what, answer) in ask_everything(&office, &admin).await {
            answer.expect(what);
        }
    }
    let noted: BTreeSet<String> = lines(&office).into_iter().map(|(_, what)| what).collect();
    let all = [
        "attendance",
        "balance",
        "comparison",
        "difference",
        "entries",
        "posts",
        "shortfall",
        "tier",
    ];
    assert_eq!(noted.into_iter().collect::<Vec<_>>(), all);
}

#[tokio::test]
async fn names_come_from_the_register_to_those_who_may_read_about_the_person() {
    let (office, admin) = Office::furnished().await;
    let identity = api::Identity {
        teacher_id: "T1".to_owned(),
        name: "试样甲".to_owned(),
        ..api::Identity::default()
    };
    let mut registry = RegistryServiceClient::new(office.channel.clone());
    let request = api::PutIdentitiesRequest {
        identities: vec![identity],
    };
    registry.put_identities(with(&admin, request)).await.unwrap();
    assert_eq!(read(&office, &admin, "T1").await.unwrap().name, "试样甲");
    assert_eq!(read(&office, &admin, "T2").await.unwrap().name, "");
}

#[tokio::test]
async fn a_registry_reader_reads_nothing_here() {
    let (office, _) = Office::furnished().await;
    let reader = office.token(RoleName::RegistryReader, Scope::default());
    let mut client = LedgerServiceClient::new(office.channel.clone());
    let head = client.get_head(with(&reader, api::GetHeadRequest::default())).await;
    let policies = client
        .list_policies(with(&reader, api::ListPoliciesRequest::default()))
        .await;
    let list = api::ListShortfallsRequest::default();
    let listed = client.list_shortfalls(with(&reader, list)).await;
    for status in [head.unwrap_err(), policies.unwrap_err(), listed.unwrap_err()] {
        refused(&status, Code::PermissionDenied, "NotAllowed");
    }
}

#[tokio::test]
async fn the_whole_log_and_the_audit_are_for_the_office() {
    let (office, admin) = Office::furnished().await;
    let clerk = office.clerk("S1");
    let auditor = office.token(RoleName::Auditor, Scope::default());
    let mut client = LedgerServiceClient::new(office.channel.clone());
    let mut audit = AuditServiceClient::new(office.channel.clone());
    let status = client
        .list_entries(with(&clerk, api::ListEntriesRequest::default()))
        .await
        .unwrap_err();
    refused(&status, Code::PermissionDenied, "NotAllowed");
    let status = client
        .watch_entries(with(&clerk, api::WatchEntriesRequest::default()))
        .await
        .unwrap_err();
    refused(&status, Code::PermissionDenied, "NotAllowed");
    let status = audit
        .replay(with(&clerk, api::ReplayRequest::default()))
        .await
        .unwrap_err();
    refused(&status, Code::PermissionDenied, "NotAllowed");
    client
        .list_entries(with(&auditor, api::ListEntriesRequest::default()))
        .await
        .unwrap();
    client
        .list_entries(with(&admin, api::ListEntriesRequest::default()))
        .await
        .unwrap();
}
