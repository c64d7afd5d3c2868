//! The log of reads, for those who audit.

use keshi_office::access::{RoleName, Scope};
use keshi_proto::api;
use keshi_proto::api::audit_service_client::AuditServiceClient;
use keshi_proto::api::ledger_service_client::LedgerServiceClient;
use tonic::{Code, Status};

use crate::support::{Office, refused, with};

async fn reads(office: &Office, token: &str, request: api::ListReadsRequest) -> Result<Vec<api::Reading>, Status> {
    let mut client = AuditServiceClient::new(office.channel.clone());
    let mut request = request;
    let mut all = Vec::new();
    loop {
        let page = client.list_reads(with(token, request.clone())).await?.into_inner();
        all.extend(page.reads);
        if page.next_page_token.is_empty() {
            return Ok(all);
        }
        request.page_token = page.next_page_token;
    }
}

async fn read(office: &Office, token: &str, teacher_id: &str, period: &str) {
    let request = api::GetBalanceRequest {
        teacher_id: teacher_id.to_owned(),
        period: period.to_owned(),
        purpose: "年终核对".to_owned(),
        ..api::GetBalanceRequest::default()
    };
    let mut client = LedgerServiceClient::new(office.channel.clone());
    client.get_balance(with(token, request)).await.unwrap();
}

#[tokio::test]
async fn an_auditor_sees_who_asked_for_whose_balance_of_which_period_and_why_and_asking_is_noted() {
    let (office, admin) = Office::furnished().await;
    let clerk = office.clerk("S1");
    read(&office, &admin, "T1", "2022").await;
    read(&office, &clerk, "T1", "2022-09").await;
    read(&office, &admin, "T2", "2022").await;
    let auditor = office.token(RoleName::Auditor, Scope::default());
    for page_size in [1, 2, 0] {
        let about = |id: &str| api::ListReadsRequest {
            about_teacher_id: id.to_owned(),
            page_size,
            ..api::ListReadsRequest::default()
        };
        let found = reads(&office, &auditor, about("T1")).await.unwrap();
        let periods: Vec<_> = found
            .iter()
            .map(|reading| (reading.what.as_str(), reading.period.as_str()))
            .collect();
        assert_eq!(periods[..2], [("balance", "2022"), ("balance", "2022-09")]);
        assert_eq!(found[0].purpose, "年终核对");
        assert!(
            periods[2..].iter().all(|period| *period == ("reads", "")),
            "{periods:?}"
        );
    }
    let by = api::ListReadsRequest {
        by: reads(&office, &auditor, api::ListReadsRequest::default())
            .await
            .unwrap()[1]
            .reader
            .clone(),
        ..api::ListReadsRequest::default()
    };
    assert_eq!(reads(&office, &auditor, by).await.unwrap().len(), 1);
    let later = api::ListReadsRequest {
        since: Some(keshi_proto::event::Date {
            year: 2199,
            month: 1,
            day: 1,
        }),
        ..api::ListReadsRequest::default()
    };
    assert_eq!(reads(&office, &auditor, later).await.unwrap(), []);
}

#[tokio::test]
async fn whoever_does_not_audit_reads_nothing_of_it() {
    let (office, _) = Office::furnished().await;
    let reviewer = office.token(RoleName::Reviewer, Scope::default());
    for token in [office.clerk("S1"), reviewer] {
        let status = reads(&office, &token, api::ListReadsRequest::default())
            .await
            .unwrap_err();
        refused(&status, Code::PermissionDenied, "NotAllowed");
    }
}
