//! Single entries with what became of them, and posts: for whom, and what is told.

use keshi_office::access::RoleName;
use keshi_proto::api;
use keshi_proto::api::ledger_service_client::LedgerServiceClient;
use tonic::{Code, Status};

use crate::support::{Office, attendance, day, of_teacher, refused, with};

async fn entry(office: &Office, token: &str, index: u64) -> Result<api::GetEntryResponse, Status> {
    let mut client = LedgerServiceClient::new(office.channel.clone());
    let request = api::GetEntryRequest {
        index,
        ..api::GetEntryRequest::default()
    };
    Ok(client.get_entry(with(token, request)).await?.into_inner())
}

async fn posts(office: &Office, token: &str, teachers: &[&str], schools: &[&str]) -> Result<Vec<String>, Status> {
    let mut client = LedgerServiceClient::new(office.channel.clone());
    let owned = |all: &[&str]| all.iter().map(|id| (*id).to_owned()).collect::<Vec<String>>();
    let request = api::ListPostsRequest {
        teacher_ids: owned(teachers),
        school_ids: owned(schools),
        ..api::ListPostsRequest::default()
    };
    let answer = client.list_posts(with(token, request)).await?.into_inner();
    Ok(answer.posts.into_iter().map(|post| post.teacher_id).collect())
}

#[tokio::test]
async fn an_entry_is_shown_with_what_took_its_place_to_those_who_may_read_about_her() {
    let (office, admin) = Office::furnished().await;
    let first = office.engine.head().size;
    let wrong = attendance("X1", "T1", 600);
    let mut right = attendance("X1", "T1", 400);
    right.supersedes.clone_from(&wrong.event_id);
    office
        .record(&admin, vec![wrong, right, attendance("X1", "T2", 600)])
        .await;

    for token in [admin.clone(), office.clerk("S1")] {
        let shown = entry(&office, &token, first).await.unwrap();
        let corrected = shown.entry.unwrap();
        assert_eq!(
            (corrected.corrected_by, shown.standing),
            (Some(first + 1), Some(first + 1))
        );
        let standing = entry(&office, &token, first + 1).await.unwrap();
        assert_eq!(standing.standing, Some(first + 1));
        assert_eq!(standing.entry.unwrap().corrected_by, None);
    }
    // As of the size before, nothing had taken its place.
    let mut client = LedgerServiceClient::new(office.channel.clone());
    let then = api::GetEntryRequest {
        index: first,
        at: Some(api::At {
            at: Some(api::at::At::Size(first + 1)),
            ..api::At::default()
        }),
        ..api::GetEntryRequest::default()
    };
    let then = client.get_entry(with(&admin, then)).await.unwrap().into_inner();
    assert_eq!(then.standing, Some(first));

    // Another school's teacher is not hers to read about, though she may guess the number.
    let status = entry(&office, &office.clerk("S1"), first + 2).await.unwrap_err();
    refused(&status, Code::PermissionDenied, "NotAllowed");
    let status = entry(&office, &admin, 10_000).await.unwrap_err();
    refused(&status, Code::NotFound, "NoEntry");
}

#[tokio::test]
async fn posts_are_told_of_the_teachers_that_the_caller_may_read_about() {
    let (office, admin) = Office::furnished().await;
    let clerk = office.clerk("S1");
    assert_eq!(
        posts(&office, &admin, &["T1", "T2", "T-none"], &[]).await.unwrap(),
        ["T1", "T2"]
    );
    assert_eq!(posts(&office, &clerk, &["T1", "T2"], &[]).await.unwrap(), ["T1"]);
    assert_eq!(posts(&office, &admin, &[], &["S1", "S2"]).await.unwrap(), ["T1", "T2"]);
    assert_eq!(posts(&office, &clerk, &[], &["S1", "S2"]).await.unwrap(), ["T1"]);
    let mut client = LedgerServiceClient::new(office.channel.clone());
    // Her post began in 2020.
    for (or_later, count) in [(false, 0), (true, 1)] {
        let before = api::ListPostsRequest {
            teacher_ids: vec!["T1".to_owned()],
            on: day(2019, 9, 1),
            or_later,
            ..api::ListPostsRequest::default()
        };
        let answer = client.list_posts(with(&admin, before)).await.unwrap().into_inner();
        assert_eq!(answer.posts.len(), count);
    }
    let reader = office.token(RoleName::Researcher, of_teacher("T2"));
    assert!(posts(&office, &reader, &[], &["S1"]).await.unwrap().is_empty());
    let many: Vec<String> = (0..501).map(|number| format!("T{number}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    for (teachers, schools) in [(&many[..], &[][..]), (&["T1"], &["S1"]), (&[], &[])] {
        let status = posts(&office, &admin, teachers, schools).await.unwrap_err();
        assert_eq!(
            refused(&status, Code::InvalidArgument, "InvalidFields"),
            ["teacher_ids"]
        );
    }
}
