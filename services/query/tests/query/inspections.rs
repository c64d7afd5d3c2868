//! Inspections as they are listed: by school and year, what is open, and to whom.

use keshi_office::access::{RoleName, Scope};
use keshi_proto::api;
use keshi_proto::api::FindingStanding;
use keshi_proto::api::ledger_service_client::LedgerServiceClient;
use keshi_proto::event as pb;
use keshi_proto::event::fact::Fact;
use tonic::{Code, Status};

use crate::support::{Office, day, finding, inspection, looked, of_school, refused, with};

/// `I1` at S2 by T1 with two findings, one changed in part; `I2` at S1 by T2 with one that asks for nothing; `I0` of 2021.
async fn inspected() -> (Office, String) {
    let (office, admin) = Office::furnished().await;
    let mut noted = finding("F3", "I2");
    if let Some(Fact::FindingMade(made)) = noted.fact.as_mut().and_then(|fact| fact.fact.as_mut()) {
        (made.change_requested, made.due) = (false, None);
        made.aspect = pb::InspectionAspect::Other.into();
    }
    let past = api::Event {
        occurred_from: day(2021, 10, 11),
        ..inspection("I0", "S2", &["T1"])
    };
    let events = vec![
        past,
        inspection("I1", "S2", &["T1"]),
        finding("F1", "I1"),
        finding("F2", "I1"),
        looked("F2", "T1"),
        inspection("I2", "S1", &["T2"]),
        noted,
    ];
    office.record(&admin, events).await;
    (office, admin)
}

async fn listed(
    office: &Office,
    token: &str,
    request: api::ListInspectionsRequest,
) -> Result<api::ListInspectionsResponse, Status> {
    let mut client = LedgerServiceClient::new(office.channel.clone());
    Ok(client.list_inspections(with(token, request)).await?.into_inner())
}

fn ids(answer: &api::ListInspectionsResponse) -> Vec<&str> {
    answer.inspections.iter().map(|one| one.id.as_str()).collect()
}

fn in_2022() -> api::ListInspectionsRequest {
    api::ListInspectionsRequest {
        year: 2022,
        on: day(2022, 12, 1),
        ..api::ListInspectionsRequest::default()
    }
}

#[tokio::test]
async fn inspections_have_their_findings_and_what_is_open_or_overdue_is_found() {
    let (office, admin) = inspected().await;
    let told = listed(&office, &admin, in_2022()).await.unwrap();
    assert_eq!(ids(&told), ["I1", "I2"]);
    let standings: Vec<_> = told.inspections[0]
        .findings
        .iter()
        .map(|one| (one.id.as_str(), one.standing()))
        .collect();
    assert_eq!(
        standings,
        [("F1", FindingStanding::Overdue), ("F2", FindingStanding::PartlyDone)]
    );
    assert_eq!(told.inspections[0].inspectors[0].teacher_id, "T1");
    let counts: Vec<_> = told.counts.iter().map(|one| (one.standing(), one.findings)).collect();
    assert_eq!(
        counts,
        [
            (FindingStanding::Noted, 1),
            (FindingStanding::Overdue, 1),
            (FindingStanding::PartlyDone, 1)
        ]
    );
    let open = api::ListInspectionsRequest {
        open: true,
        on: day(2022, 11, 30),
        ..in_2022()
    };
    let told = listed(&office, &admin, open).await.unwrap();
    assert_eq!(ids(&told), ["I1"]);
    assert_eq!(told.inspections[0].findings[0].standing(), FindingStanding::Requested);
    let all = api::ListInspectionsRequest {
        year: 0,
        page_size: 2,
        ..in_2022()
    };
    let first = listed(&office, &admin, all.clone()).await.unwrap();
    assert_eq!((ids(&first), first.total), (vec!["I1", "I2"], 3));
    let next = api::ListInspectionsRequest {
        page_token: first.next_page_token,
        ..all
    };
    let last = listed(&office, &admin, next).await.unwrap();
    assert!(ids(&last) == ["I0"] && last.next_page_token.is_empty());
}

#[tokio::test]
async fn a_school_is_told_of_its_own_and_an_unknown_one_is_an_error() {
    let (office, admin) = inspected().await;
    for token in [office.clerk("S2"), office.token(RoleName::HeadTeacher, of_school("S2"))] {
        let told = listed(&office, &token, in_2022()).await.unwrap();
        assert_eq!(ids(&told), ["I1"]);
        // Of whom she may read nothing there is the id alone.
        assert_eq!(told.inspections[0].inspectors[0].name, "");
        let other = api::ListInspectionsRequest {
            school_id: "S1".to_owned(),
            ..in_2022()
        };
        let status = listed(&office, &token, other).await.unwrap_err();
        refused(&status, Code::PermissionDenied, "NotAllowed");
    }
    let unknown = api::ListInspectionsRequest {
        school_id: "S9".to_owned(),
        ..in_2022()
    };
    let status = listed(&office, &admin, unknown).await.unwrap_err();
    refused(&status, Code::InvalidArgument, "InvalidFields");
    let teacher = Scope {
        teacher_id: Some("T1".to_owned()),
        ..Scope::default()
    };
    let status = listed(&office, &office.token(RoleName::Teacher, teacher), in_2022()).await;
    refused(&status.unwrap_err(), Code::PermissionDenied, "NotAllowed");
}

#[tokio::test]
async fn an_entry_tells_of_a_finding_what_its_list_does_and_no_more() {
    let (office, admin) = inspected().await;
    let told = listed(&office, &admin, in_2022()).await.unwrap();
    let first = &told.inspections[0];
    let (held, made) = (first.index, first.findings[1].index);
    let looked = first.findings[1].checks[0].index;
    let read = async |token: &str, index: u64| {
        let mut client = LedgerServiceClient::new(office.channel.clone());
        let request = api::GetEntryRequest {
            index,
            ..api::GetEntryRequest::default()
        };
        client.get_entry(with(token, request)).await.map(drop)
    };
    for index in [held, made, looked] {
        read(&office.clerk("S2"), index).await.unwrap();
        let status = read(&office.clerk("S1"), index).await.unwrap_err();
        refused(&status, Code::PermissionDenied, "NotAllowed");
    }
    let teacher = Scope {
        teacher_id: Some("T1".to_owned()),
        ..Scope::default()
    };
    let teacher = office.token(RoleName::Teacher, teacher);
    read(&teacher, held).await.unwrap();
    read(&teacher, looked).await.unwrap();
    let status = read(&teacher, made).await.unwrap_err();
    refused(&status, Code::PermissionDenied, "NotAllowed");
}
