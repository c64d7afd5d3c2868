//! How the ledger grew, month by month.

use keshi_core::hex;
use keshi_office::access::{RoleName, Scope};
use keshi_proto::api;
use keshi_proto::api::audit_service_client::AuditServiceClient;
use tonic::{Code, Status};

use crate::support::{Office, attendance, furniture, refused, session, with};

async fn growth(office: &Office, token: &str, page_size: i32) -> Result<Vec<api::GrowthMonth>, Status> {
    let mut client = AuditServiceClient::new(office.channel.clone());
    let mut request = api::ListGrowthRequest {
        page_size,
        ..api::ListGrowthRequest::default()
    };
    let mut all = Vec::new();
    loop {
        let page = client.list_growth(with(token, request.clone())).await?.into_inner();
        assert!(page_size == 0 || page.months.len() <= usize::try_from(page_size).unwrap());
        all.extend(page.months);
        if page.next_page_token.is_empty() {
            return Ok(all);
        }
        request.page_token = page.next_page_token;
    }
}

/// The root that a replay of so many entries finds.
async fn replayed(office: &Office, token: &str, size: u64) -> String {
    let mut client = AuditServiceClient::new(office.channel.clone());
    let answer = client.replay(with(token, api::ReplayRequest { size })).await.unwrap();
    let mut answer = answer.into_inner();
    while let Some(step) = answer.message().await.unwrap() {
        if let Some(result) = step.result {
            assert!(result.agrees);
            return hex::show(&result.replayed_root);
        }
    }
    panic!("no result");
}

#[tokio::test]
async fn each_month_has_what_it_brought_and_the_root_that_a_replay_finds_at_its_end() {
    // The last moment of 2023-01 in China, and the first of 2023-03.
    let office = Office::start_at("2023-01-31T15:59:59.999Z", |door| door).await;
    let admin = office.admin();
    office.record(&admin, furniture()).await;
    let began = office.engine.head().size;
    office.set_clock("2023-02-28T16:00:00Z");
    let three = vec![
        session("P1", "X3"),
        attendance("X1", "T1", 100),
        attendance("X3", "T1", 100),
    ];
    office.record(&admin, three).await;
    let auditor = office.token(RoleName::Auditor, Scope::default());
    let months = growth(&office, &auditor, 0).await.unwrap();
    let told: Vec<_> = months
        .iter()
        .map(|month| (month.month.as_str(), month.entries, month.size))
        .collect();
    let expected = [
        ("2023-03", 3, began + 3),
        ("2023-02", 0, began),
        ("2023-01", began, began),
    ];
    assert_eq!(told, expected);
    for month in &months {
        assert_eq!(hex::show(&month.root), replayed(&office, &auditor, month.size).await);
    }
    // In pages of any size it is the same.
    for page_size in [1, 2, 3, 100] {
        assert_eq!(
            growth(&office, &auditor, page_size).await.unwrap(),
            months,
            "{page_size}"
        );
    }
    // As the ledger of an earlier size had it, the last month ends there.
    let mut client = AuditServiceClient::new(office.channel.clone());
    let request = api::ListGrowthRequest {
        at: Some(api::At {
            at: Some(api::at::At::Size(began + 2)),
            min_size: 0,
        }),
        ..api::ListGrowthRequest::default()
    };
    let earlier = client.list_growth(with(&auditor, request)).await.unwrap().into_inner();
    let newest = &earlier.months[0];
    assert_eq!(
        (newest.month.as_str(), newest.entries, newest.size),
        ("2023-03", 2, began + 2)
    );
    assert_eq!(hex::show(&newest.root), replayed(&office, &auditor, began + 2).await);
}

#[tokio::test]
async fn whoever_does_not_audit_is_told_nothing_of_it_and_an_empty_ledger_has_no_month() {
    let office = Office::start().await;
    assert_eq!(growth(&office, &office.admin(), 0).await.unwrap(), []);
    let reviewer = office.token(RoleName::Reviewer, Scope::default());
    for token in [office.clerk("S1"), reviewer] {
        let status = growth(&office, &token, 0).await.unwrap_err();
        refused(&status, Code::PermissionDenied, "NotAllowed");
    }
}
