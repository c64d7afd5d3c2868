//! Who finds whom by name, and the line that it leaves.

use std::collections::BTreeSet;

use keshi_office::access::{RoleName, Scope};
use keshi_proto::api;
use keshi_proto::api::ledger_service_client::LedgerServiceClient;
use keshi_proto::api::registry_service_client::RegistryServiceClient;
use tonic::{Code, Status};

use crate::support::{NOW, Office, assignment, of_teacher, person, refused, with};

/// T1 of S1 and T2 of S2 have the same name, T3 of S2 another that has it in it.
async fn with_names() -> (Office, String) {
    let (office, admin) = Office::furnished().await;
    office.record(&admin, vec![person("T3")]).await;
    office.record(&admin, vec![assignment("T3", "S2")]).await;
    let names = [("T1", "王芳"), ("T2", "王芳"), ("T3", "小王芳芳")];
    let identities = names.map(|(id, name)| api::Identity {
        teacher_id: id.to_owned(),
        name: name.to_owned(),
        ..api::Identity::default()
    });
    let identities = identities.to_vec();
    let mut registry = RegistryServiceClient::new(office.channel.clone());
    let put = registry.put_identities(with(&admin, api::PutIdentitiesRequest { identities }));
    put.await.unwrap();
    (office, admin)
}

async fn find(office: &Office, token: &str, name: &str, limit: i32) -> Result<api::FindPeopleResponse, Status> {
    let request = api::FindPeopleRequest {
        name: name.to_owned(),
        limit,
        purpose: "年终核对".to_owned(),
    };
    let mut client = LedgerServiceClient::new(office.channel.clone());
    Ok(client.find_people(with(token, request)).await?.into_inner())
}

async fn found(office: &Office, token: &str, name: &str) -> Vec<String> {
    let found = find(office, token, name, 0).await.unwrap();
    assert_eq!(found.total, i64::try_from(found.people.len()).unwrap());
    found.people.into_iter().map(|person| person.teacher_id).collect()
}

fn noted(office: &Office) -> BTreeSet<(String, String)> {
    let lines = office.reads.month(NOW[..10].parse().unwrap()).unwrap().lines;
    lines.into_iter().map(|line| (line.caller, line.teacher_id)).collect()
}

#[tokio::test]
async fn everybody_finds_those_about_whom_she_may_read_and_nobody_else() {
    let (office, admin) = with_names().await;
    assert_eq!(found(&office, &admin, "王芳").await, ["T1", "T2", "T3"]);
    assert_eq!(found(&office, &admin, "芳芳").await, ["T3"]);
    assert_eq!(found(&office, &admin, "李").await, [""; 0]);
    assert_eq!(found(&office, &office.clerk("S2"), "王").await, ["T3", "T2"]);
    let teacher = office.token(RoleName::Teacher, of_teacher("T1"));
    assert_eq!(found(&office, &teacher, "王").await, ["T1"]);
    let researcher = Scope {
        groups: vec!["G1".to_owned()],
        subjects: vec!["数学".to_owned()],
        ..of_teacher("T3")
    };
    let researcher = office.token(RoleName::Researcher, researcher);
    let hers = found(&office, &researcher, "王").await;
    assert!(hers.contains(&"T3".to_owned()), "her own name is found: {hers:?}");
    let auditor = office.token(RoleName::Auditor, Scope::default());
    assert_eq!(found(&office, &auditor, "王 芳").await.len(), 3);
    let lead = Scope {
        bases: vec!["B1".to_owned()],
        ..of_teacher("T2")
    };
    let lead = office.token(RoleName::Lead, lead);
    assert_eq!(found(&office, &lead, "王芳").await, ["T2"]);
}

#[tokio::test]
async fn whoever_is_found_by_another_is_noted_and_only_who_is_told_of() {
    let (office, admin) = with_names().await;
    let teacher = office.token(RoleName::Teacher, of_teacher("T1"));
    found(&office, &teacher, "王").await;
    assert_eq!(noted(&office), BTreeSet::new());
    let first = find(&office, &admin, "王芳", 1).await.unwrap();
    assert_eq!((first.people.len(), first.total), (1, 3));
    assert_eq!(first.people[0].school_ids, ["S1"]);
    let about: Vec<_> = noted(&office).into_iter().map(|(_, id)| id).collect();
    assert_eq!(about, ["T1"]);
    let status = find(&office, &admin, " ", 0).await.unwrap_err();
    assert_eq!(refused(&status, Code::InvalidArgument, "InvalidFields"), ["name"]);
    let status = find(&office, &admin, "王", -1).await.unwrap_err();
    assert_eq!(refused(&status, Code::InvalidArgument, "InvalidFields"), ["limit"]);
}

#[tokio::test]
async fn a_look_up_by_the_write_side_is_noted_too() {
    let (office, _) = with_names().await;
    let query = api::PersonQuery {
        name: "王芳".to_owned(),
        ..api::PersonQuery::default()
    };
    let request = with(
        &office.clerk("S1"),
        api::ResolvePeopleRequest {
            queries: vec![query],
            ..Default::default()
        },
    );
    let mut registry = RegistryServiceClient::new(office.channel.clone());
    registry.resolve_people(request).await.unwrap();
    let about: Vec<_> = noted(&office).into_iter().map(|(_, id)| id).collect();
    assert_eq!(about, ["T1"]);
}

#[tokio::test]
async fn how_many_a_school_looked_up_in_vain_is_noted_since_numbers_can_be_tried_out() {
    let (office, _) = with_names().await;
    let guess = |id: &str, name: &str| api::PersonQuery {
        teacher_id: id.to_owned(),
        name: name.to_owned(),
        ..api::PersonQuery::default()
    };
    let queries = vec![
        guess("T1", ""),
        guess("T2", "没有此人"),
        guess("T99", "没有此人"),
        guess("T98", ""),
    ];
    let request = with(
        &office.clerk("S1"),
        api::ResolvePeopleRequest {
            queries,
            ..Default::default()
        },
    );
    let mut registry = RegistryServiceClient::new(office.channel.clone());
    registry.resolve_people(request).await.unwrap();
    let lines = office.reads.month(NOW[..10].parse().unwrap()).unwrap().lines;
    let last = lines.last().unwrap();
    assert_eq!(
        (last.teacher_id.as_str(), last.what.as_str(), last.purpose.as_deref()),
        ("*", "name", Some("查无 2 人"))
    );
}

#[tokio::test]
async fn a_question_about_nobody_is_about_the_caller_if_she_is_a_teacher() {
    let (office, admin) = with_names().await;
    let mut client = LedgerServiceClient::new(office.channel.clone());
    let teacher = office.token(RoleName::Teacher, of_teacher("T1"));
    let balance = client.get_balance(with(&teacher, api::GetBalanceRequest::default()));
    let balance = balance.await.unwrap().into_inner();
    assert_eq!((balance.teacher_id.as_str(), balance.name.as_str()), ("T1", "王芳"));
    let tier = client.get_tier(with(&teacher, api::GetTierRequest::default()));
    assert_eq!(tier.await.unwrap().into_inner().teacher_id, "T1");
    let status = client.get_balance(with(&admin, api::GetBalanceRequest::default()));
    let status = status.await.unwrap_err();
    assert_eq!(refused(&status, Code::InvalidArgument, "InvalidFields"), ["teacher_id"]);
}
