//! The queue of claims.

use keshi_office::access::RoleName;
use keshi_proto::api::claim_service_client::ClaimServiceClient;
use keshi_proto::api::review_service_client::ReviewServiceClient;
use keshi_proto::event::fact::Fact;
use keshi_proto::{api, event as pb};

use crate::support::{Office, event, of_teacher, with};

/// Claims a lesson of T1.
async fn claim(office: &Office, teacher: &str, claim_id: &str) {
    let lesson = event(Fact::LessonGiven(pb::LessonGiven {
        teacher_id: "T1".to_owned(),
        r#type: 2,
        level: 40,
        periods: 1,
        ..pb::LessonGiven::default()
    }));
    let item = api::submit_claims_request::Item {
        claim_id: claim_id.to_owned(),
        teacher_id: "T1".to_owned(),
        events: vec![lesson],
        ..api::submit_claims_request::Item::default()
    };
    let request = api::SubmitClaimsRequest {
        items: vec![item],
        ..api::SubmitClaimsRequest::default()
    };
    let mut reviews = ReviewServiceClient::new(office.channel.clone());
    let answer = reviews.submit_claims(with(teacher, request)).await.unwrap();
    let verdicts = answer.into_inner().receipt.unwrap().verdicts;
    let is_in = |verdict: &api::EventVerdict| keshi_proto::api_convert::is_in_ledger(verdict.verdict);
    assert!(verdicts.iter().all(is_in), "{verdicts:?}");
}

#[tokio::test]
async fn pages_of_the_queue_begin_with_those_who_have_waited_longest_and_tell_each_claim_once() {
    let (office, admin) = Office::furnished().await;
    // Not in the order of their ids.
    let ids = ["C-5", "C-1", "C-4", "C-2", "C-3"];
    let teacher = office.token(RoleName::Teacher, of_teacher("T1"));
    for id in ids {
        claim(&office, &teacher, id).await;
    }
    let mut client = ClaimServiceClient::new(office.channel.clone());
    for page_size in [1, 2, 3, 5, 6] {
        let (mut found, mut page_token) = (Vec::new(), String::new());
        loop {
            let request = api::ListClaimsRequest {
                page_size,
                page_token,
                ..api::ListClaimsRequest::default()
            };
            let page = client.list_claims(with(&admin, request)).await.unwrap().into_inner();
            assert_eq!((page.total, page.counts[0].claims), (5, 5));
            found.extend(page.claims.into_iter().map(|claim| claim.claim_id));
            page_token = page.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
        assert_eq!(found, ids, "{page_size} on a page");
    }
}
