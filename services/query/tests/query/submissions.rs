//! 提交记录: what one posted oneself, submission by submission.

use keshi_proto::api;
use keshi_proto::api::ledger_service_client::LedgerServiceClient;
use tonic::{Code, Status};

use crate::support::{Office, attendance, refused, with};

async fn list(
    office: &Office,
    token: &str,
    request: api::ListSubmissionsRequest,
) -> Result<api::ListSubmissionsResponse, Status> {
    let mut client = LedgerServiceClient::new(office.channel.clone());
    Ok(client.list_submissions(with(token, request)).await?.into_inner())
}

fn spans(answer: &api::ListSubmissionsResponse) -> Vec<(u64, u64)> {
    let all = answer.submissions.iter();
    all.map(|one| (one.first_index, one.last_index)).collect()
}

#[tokio::test]
async fn what_one_posted_is_told_by_submission_the_latest_first_and_nothing_of_others() {
    let (office, admin) = Office::furnished().await;
    let clerk = office.clerk("S1");
    let before = office.engine.head().size;
    let first = vec![attendance("X1", "T1", 200), attendance("X1", "T1", 300)];
    office.record(&clerk, first).await;
    let later = (0..600).map(|n| attendance("X1", "T2", 300 + n)).collect();
    office.record(&admin, later).await;
    // One waits for its session, one is the same again and leaves no entry.
    let mut again = attendance("X7", "T1", 400);
    again.source = "import 0a1b2c3d row 2".to_owned();
    let sent = vec![again.clone(), attendance("X1", "T1", 500), again];
    let sent = office.submit(&clerk, sent).await.unwrap();
    let none = api::ListSubmissionsRequest::default;
    let told = list(&office, &clerk, none()).await.unwrap();
    assert_eq!(spans(&told), [(before + 602, before + 603), (before, before + 1)]);
    let latest = &told.submissions[0];
    assert_eq!(latest.submission_id, sent.submission_id);
    assert_eq!(latest.kinds, ["attendance_recorded"]);
    assert_eq!(latest.source, "import 0a1b2c3d row 2");
    let counted: Vec<_> = latest.verdicts.iter().map(|one| (one.verdict(), one.entries)).collect();
    assert_eq!(counted, [(api::Verdict::Recorded, 1), (api::Verdict::Waiting, 1)]);
    assert!(latest.recorded_at.is_some() && told.next_page_token.is_empty());

    // Page by page the same, whatever comes meanwhile.
    let mut one = none();
    one.page_size = 1;
    let first = list(&office, &clerk, one.clone()).await.unwrap();
    office.record(&clerk, vec![attendance("X1", "T1", 100)]).await;
    one.page_token = first.next_page_token.clone();
    let second = list(&office, &clerk, one).await.unwrap();
    assert_eq!([spans(&first), spans(&second)].concat(), spans(&told));

    let poster = office.engine.entry(before).unwrap().unwrap().entry.poster.to_string();
    let of_clerk = api::ListSubmissionsRequest { poster, ..none() };
    assert_eq!(
        list(&office, &admin, of_clerk.clone()).await.unwrap().submissions.len(),
        3
    );
    let status = list(&office, &office.clerk("S2"), of_clerk).await.unwrap_err();
    refused(&status, Code::PermissionDenied, "NotAllowed");
}

#[tokio::test]
async fn the_entries_that_one_posted_are_told_to_her_and_those_of_others_are_not() {
    let (office, admin) = Office::furnished().await;
    let clerk = office.clerk("S1");
    let before = office.engine.head().size;
    let sent = vec![attendance("X1", "T1", 200), attendance("X1", "T1", 300)];
    let sent = office.submit(&clerk, sent).await.unwrap();
    office.record(&clerk, vec![attendance("X1", "T1", 400)]).await;
    office.record(&admin, vec![attendance("X1", "T2", 100)]).await;
    let entry = |index| office.engine.entry(index).unwrap().unwrap().entry;
    let filter = api::EntryFilter {
        poster: entry(before).poster.to_string(),
        submission_id: sent.submission_id,
        ..api::EntryFilter::default()
    };
    let mut client = LedgerServiceClient::new(office.channel.clone());
    let mut ask = async |token: &str, filter: api::EntryFilter| {
        let request = api::ListEntriesRequest {
            filter: Some(filter),
            in_words: true,
            ..api::ListEntriesRequest::default()
        };
        client
            .list_entries(with(token, request))
            .await
            .map(tonic::Response::into_inner)
    };
    let told = ask(&clerk, filter.clone()).await.unwrap();
    let indices: Vec<u64> = told.entries.iter().map(|entry| entry.index).collect();
    assert_eq!(indices, [before, before + 1]);
    let no_poster = api::EntryFilter {
        poster: String::new(),
        ..filter.clone()
    };
    let of_admin = api::EntryFilter {
        poster: entry(before + 3).poster.to_string(),
        ..api::EntryFilter::default()
    };
    for others in [no_poster, of_admin] {
        let status = ask(&clerk, others).await.unwrap_err();
        refused(&status, Code::PermissionDenied, "NotAllowed");
    }
    assert_eq!(ask(&admin, filter).await.unwrap().entries.len(), 2);
}
