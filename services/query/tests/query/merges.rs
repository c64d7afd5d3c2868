//! Persons who were registered twice: merging and the way back, over the wire.

use keshi_office::access::{RoleName, Scope};
use keshi_proto::api;
use keshi_proto::api::audit_service_client::AuditServiceClient;
use keshi_proto::api::ledger_service_client::LedgerServiceClient;
use keshi_proto::api::registry_service_client::RegistryServiceClient;
use keshi_proto::api::review_service_client::ReviewServiceClient;
use keshi_proto::event as pb;
use keshi_proto::event::fact::Fact;
use tonic::{Code, Status};

use crate::support::{Office, attendance, of_school, of_teacher, person, refused, session, with};

/// An office where `T3` reviews for the county, with sessions of 2022 under both ids.
async fn office() -> (Office, String, String) {
    let (office, admin) = Office::furnished().await;
    office.record(&admin, vec![person("T3")]).await;
    office.record(&admin, vec![session("P1", "X2")]).await;
    office
        .record(&admin, vec![attendance("X1", "T1", 600), attendance("X2", "T2", 400)])
        .await;
    let reviewer = office.token(RoleName::Reviewer, of_teacher("T3"));
    (office, admin, reviewer)
}

fn pair(kept: &str, dropped: &str) -> Vec<api::MergedPair> {
    vec![api::MergedPair {
        kept_id: kept.to_owned(),
        dropped_id: dropped.to_owned(),
        reason: "证件一致".to_owned(),
    }]
}

async fn merge(office: &Office, token: &str, kept: &str, dropped: &str) -> Result<api::EventVerdict, Status> {
    let request = api::MergePersonsRequest {
        items: pair(kept, dropped),
        ..api::MergePersonsRequest::default()
    };
    let mut reviews = ReviewServiceClient::new(office.channel.clone());
    let answer = reviews.merge_persons(with(token, request)).await?;
    Ok(answer.into_inner().receipt.unwrap().verdicts.remove(0))
}

async fn reverse(office: &Office, token: &str, kept: &str, dropped: &str) -> Result<api::EventVerdict, Status> {
    let request = api::ReverseMergesRequest {
        items: pair(kept, dropped),
        ..api::ReverseMergesRequest::default()
    };
    let mut reviews = ReviewServiceClient::new(office.channel.clone());
    let answer = reviews.reverse_merges(with(token, request)).await?;
    Ok(answer.into_inner().receipt.unwrap().verdicts.remove(0))
}

async fn balance(office: &Office, token: &str, id: &str) -> Result<(String, i64), Status> {
    let request = api::GetBalanceRequest {
        teacher_id: id.to_owned(),
        period: "2022".to_owned(),
        ..api::GetBalanceRequest::default()
    };
    let mut ledger = LedgerServiceClient::new(office.channel.clone());
    let balance = ledger.get_balance(with(token, request)).await?.into_inner();
    let hours = balance.policies[0].meters.iter().map(|meter| meter.centiamount).max();
    Ok((balance.teacher_id, hours.unwrap_or_default()))
}

async fn listed(office: &Office, token: &str, teacher: &str, all: bool) -> Result<Vec<api::Merge>, Status> {
    let request = api::ListMergesRequest {
        teacher_id: teacher.to_owned(),
        reversed_too: all,
        ..api::ListMergesRequest::default()
    };
    let mut ledger = LedgerServiceClient::new(office.channel.clone());
    Ok(ledger.list_merges(with(token, request)).await?.into_inner().merges)
}

#[tokio::test]
async fn a_merge_by_the_reviewer_counts_both_ids_together_and_is_told_and_reversed() {
    let (office, admin, reviewer) = office().await;
    let merged = merge(&office, &reviewer, "T1", "T2").await.unwrap();
    assert_eq!(merged.verdict(), api::Verdict::Recorded);
    for asked in ["T1", "T2"] {
        assert_eq!(balance(&office, &admin, asked).await.unwrap(), ("T1".to_owned(), 1_000));
    }
    let told = listed(&office, &admin, "T2", false).await.unwrap();
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].kept_id.as_str(), told[0].dropped_id.as_str()), ("T1", "T2"));
    assert_eq!((Some(told[0].index), told[0].stands_for.as_str()), (merged.index, "T1"));
    // Again: there is nothing to do, and it says so.
    let again = merge(&office, &reviewer, "T1", "T2").await.unwrap();
    assert_eq!(again.reason.unwrap().code, "MergedAlready");
    let parted = reverse(&office, &reviewer, "T1", "T2").await.unwrap();
    assert_eq!(parted.verdict(), api::Verdict::Recorded);
    assert_eq!(balance(&office, &admin, "T2").await.unwrap(), ("T2".to_owned(), 400));
    assert_eq!(listed(&office, &admin, "", false).await.unwrap(), []);
    let ever = listed(&office, &admin, "", true).await.unwrap();
    assert_eq!(ever[0].reversed_by, parted.index);
    // Merging the same two in the same words is another act.
    let anew = merge(&office, &reviewer, "T1", "T2").await.unwrap();
    assert_eq!(anew.verdict(), api::Verdict::Recorded);
}

#[tokio::test]
async fn nobody_merges_her_own_record_nor_without_being_somebody_of_the_county() {
    let (office, admin, reviewer) = office().await;
    let own = merge(&office, &reviewer, "T1", "T3").await.unwrap_err();
    assert_eq!(own.code(), Code::PermissionDenied);
    for (role, scope) in [
        (RoleName::Teacher, of_teacher("T1")),
        (RoleName::Researcher, of_teacher("T1")),
        (
            RoleName::Clerk,
            Scope {
                teacher_id: Some("T2".to_owned()),
                ..of_school("S1")
            },
        ),
    ] {
        let token = office.token(role, scope);
        let denied = merge(&office, &token, "T1", "T2").await.unwrap_err();
        assert_eq!(denied.code(), Code::PermissionDenied, "{role:?}");
    }
    // An admin without a person decides nothing in nobody's name.
    let nobody = merge(&office, &admin, "T1", "T2").await.unwrap_err();
    let fields = refused(&nobody, Code::InvalidArgument, "InvalidFields");
    assert!(fields[0].contains("reviewer"), "{fields:?}");
    let herself = merge(&office, &reviewer, "T1", "T1").await.unwrap_err();
    let fields = refused(&herself, Code::InvalidArgument, "InvalidFields");
    assert!(fields[0].contains("dropped_id"), "{fields:?}");
}

#[tokio::test]
async fn a_reviewer_posts_nothing_about_herself_under_her_other_id() {
    let (office, admin, reviewer) = office().await;
    let other = office.token(RoleName::Reviewer, of_teacher("T1"));
    office.record(&admin, vec![person("T4")]).await;
    office.record(&reviewer, vec![attendance("X1", "T4", 100)]).await;
    let merged = merge(&office, &other, "T3", "T4").await.unwrap();
    assert_eq!(merged.verdict(), api::Verdict::Recorded);
    let denied = office.submit(&reviewer, vec![attendance("X2", "T4", 600)]).await;
    assert_eq!(denied.unwrap_err().code(), Code::PermissionDenied);
    office.record(&reviewer, vec![attendance("X2", "T1", 600)]).await;
    // Nor does she part herself.
    let own = reverse(&office, &reviewer, "T3", "T4").await.unwrap_err();
    assert_eq!(own.code(), Code::PermissionDenied);
}

#[tokio::test]
async fn a_teacher_reads_herself_under_either_id_and_a_name_finds_her_once() {
    let (office, admin, reviewer) = office().await;
    let identities = [("T1", "韩雨"), ("T2", "韩雨")].map(|(id, name)| api::Identity {
        teacher_id: id.to_owned(),
        name: name.to_owned(),
        ..api::Identity::default()
    });
    let mut registry = RegistryServiceClient::new(office.channel.clone());
    let request = api::PutIdentitiesRequest {
        identities: identities.to_vec(),
    };
    registry.put_identities(with(&admin, request)).await.unwrap();
    let request = || api::ResolvePeopleRequest {
        queries: vec![api::PersonQuery {
            name: "韩雨".to_owned(),
            ..api::PersonQuery::default()
        }],
        ..api::ResolvePeopleRequest::default()
    };
    let before = registry
        .resolve_people(with(&admin, request()))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(before.matches[0].people.len(), 2);
    merge(&office, &reviewer, "T1", "T2").await.unwrap();
    let after = registry
        .resolve_people(with(&admin, request()))
        .await
        .unwrap()
        .into_inner();
    let ids: Vec<_> = after.matches[0]
        .people
        .iter()
        .map(|one| one.teacher_id.as_str())
        .collect();
    assert_eq!(ids, ["T1"]);
    // The account of the dropped id is hers as well.
    let herself = office.token(RoleName::Teacher, of_teacher("T2"));
    for asked in ["T1", "T2"] {
        assert_eq!(balance(&office, &herself, asked).await.unwrap().0, "T1");
    }
    let stranger = balance(&office, &herself, "T3").await.unwrap_err();
    assert_eq!(stranger.code(), Code::PermissionDenied);
}

#[tokio::test]
async fn nobody_is_merged_with_a_person_whose_identity_was_erased() {
    let (office, admin, reviewer) = office().await;
    let identities = vec![api::Identity {
        teacher_id: "T2".to_owned(),
        name: "韩雨".to_owned(),
        ..api::Identity::default()
    }];
    let mut registry = RegistryServiceClient::new(office.channel.clone());
    let put = registry.put_identities(with(&admin, api::PutIdentitiesRequest { identities }));
    put.await.unwrap();
    let erase = api::EraseIdentityRequest {
        teacher_id: "T2".to_owned(),
        ..api::EraseIdentityRequest::default()
    };
    registry.erase_identity(with(&admin, erase)).await.unwrap();
    for (kept, dropped) in [("T1", "T2"), ("T2", "T1")] {
        let answer = merge(&office, &reviewer, kept, dropped).await.unwrap_err();
        refused(&answer, Code::PermissionDenied, "NotAllowed");
        assert!(answer.message().contains("T2 was erased"), "{answer:?}");
        // Nor by the way that all events take.
        let fact = pb::PersonsMerged {
            kept_id: kept.to_owned(),
            dropped_id: dropped.to_owned(),
            reviewer: "T3".to_owned(),
            reason: "证件一致".to_owned(),
        };
        let raw = keshi_tests::caller::event(Fact::PersonsMerged(fact));
        let answer = office.submit(&reviewer, vec![raw]).await.unwrap_err();
        refused(&answer, Code::PermissionDenied, "NotAllowed");
        assert!(answer.message().contains("T2 was erased"), "{answer:?}");
    }
}

#[tokio::test]
async fn whoever_is_merged_is_called_as_whom_she_is_kept_and_at_an_earlier_size_as_she_was() {
    let (office, admin, reviewer) = office().await;
    let identities = [("T1", "韩雨"), ("T2", "韩羽")].map(|(id, name)| api::Identity {
        teacher_id: id.to_owned(),
        name: name.to_owned(),
        ..api::Identity::default()
    });
    let mut registry = RegistryServiceClient::new(office.channel.clone());
    let request = api::PutIdentitiesRequest {
        identities: identities.to_vec(),
    };
    registry.put_identities(with(&admin, request)).await.unwrap();
    let merged = merge(&office, &reviewer, "T1", "T2").await.unwrap();
    let size = merged.index.unwrap();
    let at = |size| {
        Some(api::At {
            at: Some(api::at::At::Size(size)),
            ..api::At::default()
        })
    };
    let kept = ("T1".to_owned(), "韩雨".to_owned());
    for (size, expected) in [(size + 1, kept), (size, ("T2".to_owned(), "韩羽".to_owned()))] {
        let mut ledger = LedgerServiceClient::new(office.channel.clone());
        let balance = api::GetBalanceRequest {
            teacher_id: "T2".to_owned(),
            period: "2022".to_owned(),
            at: at(size),
            ..api::GetBalanceRequest::default()
        };
        let balance = ledger.get_balance(with(&admin, balance)).await.unwrap().into_inner();
        assert_eq!((balance.teacher_id, balance.name), expected);
        let tier = api::GetTierRequest {
            teacher_id: "T2".to_owned(),
            at: at(size),
            ..api::GetTierRequest::default()
        };
        let tier = ledger.get_tier(with(&admin, tier)).await.unwrap().into_inner();
        assert_eq!((tier.teacher_id, tier.name), expected);
        let changes = api::DiffBalanceRequest {
            teacher_id: "T2".to_owned(),
            period: "2022".to_owned(),
            before: at(0),
            after: at(size),
            ..api::DiffBalanceRequest::default()
        };
        let changes = ledger.diff_balance(with(&admin, changes)).await.unwrap().into_inner();
        assert_eq!((changes.teacher_id, changes.name), expected);
    }
}

#[tokio::test]
async fn whoever_is_erased_under_one_id_is_said_to_be_held_under_the_other_until_that_is_erased_too() {
    let (office, admin, reviewer) = office().await;
    let identities = [("T1", "韩雨"), ("T2", "韩雨")].map(|(id, name)| api::Identity {
        teacher_id: id.to_owned(),
        name: name.to_owned(),
        ..api::Identity::default()
    });
    let mut registry = RegistryServiceClient::new(office.channel.clone());
    let request = api::PutIdentitiesRequest {
        identities: identities.to_vec(),
    };
    registry.put_identities(with(&admin, request)).await.unwrap();
    merge(&office, &reviewer, "T1", "T2").await.unwrap();
    let mut audit = AuditServiceClient::new(office.channel.clone());
    let held = api::GetHeldRequest {
        teacher_id: "T1".to_owned(),
        ..api::GetHeldRequest::default()
    };
    let held = audit.get_held(with(&admin, held)).await.unwrap().into_inner();
    assert_eq!(held.other_ids, ["T2"]);
    for (id, others) in [("T1", vec!["T2"]), ("T2", Vec::new())] {
        let erase = api::EraseIdentityRequest {
            teacher_id: id.to_owned(),
            ..api::EraseIdentityRequest::default()
        };
        let told = registry.erase_identity(with(&admin, erase)).await.unwrap().into_inner();
        assert!(told.erased);
        assert_eq!(told.other_ids, others);
    }
}
