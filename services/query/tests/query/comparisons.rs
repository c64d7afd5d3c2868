//! What if: policies compared without adopting one.

use keshi_proto::api;
use keshi_proto::api::ledger_service_client::LedgerServiceClient;
use keshi_proto::api::policy_choice::Policy as Given;
use keshi_proto::event as pb;
use keshi_proto::event::fact::Fact;
use tonic::{Code, Status};

use crate::support::{NOW, Office, adopt, assignment, attendance, event, person, refused, with};

const POLICY: &str = include_str!("policy.toml");

fn adopted(text: &str) -> Given {
    Given::Adopted(text.to_owned())
}

/// The policy with another minimum, version and first day.
fn document(min: &str, version: &str, from: &str) -> Given {
    let text = POLICY.replace("min = 90", &format!("min = {min}"));
    let text = text.replace("version = 1", &format!("version = {version}"));
    Given::Document(text.replace("2022-01-01", from))
}

async fn compare(
    office: &Office,
    token: &str,
    before: Given,
    after: Given,
) -> Result<api::ComparePoliciesResponse, Status> {
    let choice = |policy| Some(api::PolicyChoice { policy: Some(policy) });
    let request = api::ComparePoliciesRequest {
        before: choice(before),
        after: choice(after),
        period: "2022".to_owned(),
        ..api::ComparePoliciesRequest::default()
    };
    let mut client = LedgerServiceClient::new(office.channel.clone());
    let mut answer = client.compare_policies(with(token, request)).await?.into_inner();
    let mut all = api::ComparePoliciesResponse::default();
    while let Some(message) = answer.message().await? {
        assert!(all.result.is_none(), "the result is the last message");
        all.changes.extend(message.changes);
        (all.teachers_done, all.teachers_total) = (message.teachers_done, message.teachers_total);
        all.result = message.result;
    }
    Ok(all)
}

/// `T1` (at `S1`) and `T2` (at `S2`) with nothing, `T10` to `T13` at `S1` with 1, 2, 3 and 4 hours; 2 hours are asked.
async fn county() -> (Office, String) {
    let (office, admin) = Office::furnished().await;
    // Of a session of no stated length any presence counts.
    let open_ended = event(Fact::SessionHeld(pb::SessionHeld {
        project_id: "P1".to_owned(),
        session_id: "X0".to_owned(),
        r#type: 1,
        ..pb::SessionHeld::default()
    }));
    let mut events = vec![open_ended];
    for hours in 1..=4 {
        let id = format!("T{}", 9 + hours);
        let attended = attendance("X0", &id, hours * 100);
        events.extend([person(&id), assignment(&id, "S1"), attended]);
    }
    office.record(&admin, events).await;
    adopt(&office, &admin, &POLICY.replace("min = 90", "min = 2")).await;
    (office, admin)
}

fn turns(compared: &api::ComparePoliciesResponse) -> Vec<(&str, api::Turn, i64)> {
    let changes = compared.changes.iter();
    changes
        .map(|change| {
            (
                change.teacher_id.as_str(),
                change.turn(),
                change.missing_change_centiamount,
            )
        })
        .collect()
}

#[tokio::test]
async fn a_higher_minimum_makes_some_short_and_others_miss_more_and_nothing_is_adopted() {
    let (office, admin) = county().await;
    let size = office.engine.head().size;
    let after = document("\"3.5\"", "2", "2022-01-01");
    let compared = compare(&office, &admin, adopted("teacher-90"), after).await.unwrap();
    assert_eq!(
        turns(&compared),
        [
            ("T11", api::Turn::NowShort, 150),
            ("T12", api::Turn::NowShort, 50),
            ("T1", api::Turn::MoreMissing, 150),
            ("T10", api::Turn::MoreMissing, 150),
            ("T2", api::Turn::MoreMissing, 150),
        ]
    );
    assert_eq!((compared.teachers_done, compared.teachers_total), (6, 6));
    let result = compared.result.unwrap();
    assert_eq!((result.teachers, result.met_before, result.met_after), (6, 3, 1));
    assert_eq!((result.under_before, result.under_after), (6, 6));
    assert_eq!((result.now_short, result.now_met), (2, 0));
    assert_eq!((result.before_version, result.after_version), (0, 2));
    let [counts] = result.requirements.as_slice() else {
        panic!("{result:?}")
    };
    assert_eq!(
        (counts.short_before, counts.short_after, counts.more_missing),
        (3, 5, 3)
    );
    assert_eq!(
        (counts.missing_before_centiamount, counts.missing_after_centiamount),
        (500, 1150)
    );
    assert_eq!((office.engine.head().size, result.size), (size, size));
}

#[tokio::test]
async fn the_other_way_round_the_same_teachers_are_met_and_miss_less() {
    let (office, admin) = county().await;
    let before = document("\"3.5\"", "2", "2022-01-01");
    let compared = compare(&office, &admin, before, adopted("teacher-90@1")).await.unwrap();
    let turns = turns(&compared);
    assert_eq!(turns[0], ("T11", api::Turn::NowMet, -150));
    assert_eq!(turns[4], ("T2", api::Turn::LessMissing, -150));
    assert_eq!(compared.result.unwrap().now_met, 2);
}

#[tokio::test]
async fn a_version_that_begins_later_is_tried_on_the_whole_period() {
    let (office, admin) = county().await;
    let after = document("5", "2", "2023-01-01");
    let compared = compare(&office, &admin, adopted("teacher-90"), after).await.unwrap();
    let after: Vec<i64> = compared
        .changes
        .iter()
        .filter_map(|change| change.after.as_ref())
        .map(|standing| standing.counted_centiamount)
        .collect();
    assert_eq!(after.len(), 6, "all are short of five hours");
    assert_eq!(after.iter().sum::<i64>(), 1_000, "and what they attended counts");
}

#[tokio::test]
async fn whoever_stands_under_one_of_the_two_only_is_not_taken_for_one_who_meets_the_other() {
    let (office, admin) = county().await;
    let Given::Document(text) = document("2", "2", "2022-01-01") else {
        unreachable!()
    };
    let researchers = Given::Document(text.replace("\"教师\"", "\"专职教研员\""));
    let compared = compare(&office, &admin, researchers, adopted("teacher-90"))
        .await
        .unwrap();
    let first = &compared.changes[0];
    assert_eq!((first.turn(), &first.before), (api::Turn::NowShort, &None));
    let result = compared.result.unwrap();
    assert_eq!((result.under_before, result.under_after), (0, 6));
    assert_eq!((result.met_before, result.met_after, result.now_short), (0, 3, 3));
}

#[tokio::test]
async fn all_mistakes_of_both_documents_are_reported_with_their_places() {
    let (office, admin) = county().await;
    let broken = |text: &str| Given::Document(POLICY.replace("min = 90", text));
    let status = compare(&office, &admin, broken("min = 0.5"), broken("mix = 90"))
        .await
        .unwrap_err();
    let fields = refused(&status, Code::InvalidArgument, "InvalidFields");
    assert!(fields.contains(&"before.document:15:7".to_owned()), "{fields:?}");
    assert!(fields.contains(&"after.document:15:1".to_owned()), "{fields:?}");
    let status = compare(&office, &admin, adopted("规则"), adopted("teacher-90@0"))
        .await
        .unwrap_err();
    let fields = refused(&status, Code::InvalidArgument, "InvalidFields");
    assert_eq!(fields, ["before.adopted", "after.adopted"]);
    let status = compare(&office, &admin, adopted("teacher-90@7"), adopted("teacher-90"))
        .await
        .unwrap_err();
    refused(&status, Code::NotFound, "UnknownPolicy");
    assert!(status.message().contains("teacher-90 version 7"), "{status:?}");
}

#[tokio::test]
async fn a_clerk_compares_her_own_school_and_every_teacher_shown_leaves_a_line() {
    let (office, _) = county().await;
    let clerk = office.clerk("S2");
    let after = document("5", "2", "2022-01-01");
    let compared = compare(&office, &clerk, adopted("teacher-90"), after).await.unwrap();
    assert_eq!(turns(&compared), [("T2", api::Turn::MoreMissing, 300)]);
    let today = NOW[..10].parse().unwrap();
    let lines = office.reads.month(today).unwrap().lines;
    let read: Vec<_> = lines
        .iter()
        .map(|line| (line.teacher_id.as_str(), line.what.as_str()))
        .collect();
    assert_eq!(read, [("T2", "comparison")]);
}
