//! A year in the national columns: who is told what, what is left out, and the line that each person leaves.

use std::collections::BTreeMap;

use keshi_office::access::{RoleName, Scope};
use keshi_proto::api::ledger_service_client::LedgerServiceClient;
use keshi_proto::api::registry_service_client::RegistryServiceClient;
use keshi_proto::api::{self, NationalGap, NationalRestReason};
use keshi_proto::event as pb;
use tonic::{Code, Status};

use crate::support::{
    NOW, Office, adopt, assignment, attendance, of_teacher, person, project_of_level, refused, session, with,
};

/// Half of the hours, for teachers.
fn policy(id: &str, factor: &str) -> String {
    format!(
        "language = 1\nid = \"{id}\"\nversion = 1\nname = \"半数\"\neffective_from = 2020-01-01\n[scope]\npost = [\"教师\"]\n\
         [[requirement]]\nid = \"C1\"\nmeter = \"hours\"\nperiod = \"calendar_year\"\nmin = 10\n[[conversion]]\nid = \"V1\"\n\
         kind = \"attendance_recorded\"\nrole = [\"学员\"]\nhours = \"hours_present\"\nfactor = \"{factor}\"\n"
    )
}

fn identity(id: &str, document: &str) -> api::Identity {
    api::Identity {
        teacher_id: id.to_owned(),
        name: format!("试样{id}"),
        id_doc_type: if document.is_empty() {
            String::new()
        } else {
            "护照".to_owned()
        },
        id_doc_no: document.to_owned(),
        ..api::Identity::default()
    }
}

/// T1 of S1 with a document, T2 of S2 with a name alone, T3 of S1 erased, T4 of S1 without hours, T5 of S1 unknown to the
/// register. All but T4 were at the session X1 for so many hours.
async fn with_hours() -> (Office, String) {
    let (office, admin) = Office::furnished().await;
    let people = ["T3", "T4", "T5"];
    office.record(&admin, people.map(person).to_vec()).await;
    office
        .record(&admin, people.map(|id| assignment(id, "S1")).to_vec())
        .await;
    let hours = [("T1", 525), ("T2", 600), ("T3", 600), ("T5", 500)];
    let present = hours.map(|(id, hours)| attendance("X1", id, hours));
    office.record(&admin, present.to_vec()).await;
    let identities = vec![
        identity("T1", "E12345678"),
        identity("T2", ""),
        identity("T3", "E22222222"),
        identity("T4", "E4"),
    ];
    let mut registry = RegistryServiceClient::new(office.channel.clone());
    let put = registry.put_identities(with(&admin, api::PutIdentitiesRequest { identities }));
    put.await.unwrap();
    let erase = api::EraseIdentityRequest {
        teacher_id: "T3".to_owned(),
        purpose: "本人申请".to_owned(),
    };
    registry.erase_identity(with(&admin, erase)).await.unwrap();
    (office, admin)
}

fn of_2022() -> api::ListNationalRecordsRequest {
    api::ListNationalRecordsRequest {
        year: 2022,
        purpose: "报送2022年度".to_owned(),
        ..api::ListNationalRecordsRequest::default()
    }
}

async fn ask(
    office: &Office,
    token: &str,
    request: api::ListNationalRecordsRequest,
) -> Result<api::ListNationalRecordsResponse, Status> {
    let mut client = LedgerServiceClient::new(office.channel.clone());
    Ok(client.list_national_records(with(token, request)).await?.into_inner())
}

fn by_id(answer: &api::ListNationalRecordsResponse) -> BTreeMap<&str, &api::NationalRecord> {
    answer
        .records
        .iter()
        .map(|one| (one.teacher_id.as_str(), one))
        .collect()
}

fn noted(office: &Office) -> Vec<(String, String, String)> {
    let lines = office.reads.month(NOW[..10].parse().unwrap()).unwrap().lines;
    let exported = lines.into_iter().filter(|line| line.what == "national");
    exported
        .map(|line| {
            (
                line.teacher_id,
                line.period.unwrap_or_default(),
                line.purpose.unwrap_or_default(),
            )
        })
        .collect()
}

#[tokio::test]
async fn a_row_has_the_document_and_whole_hours_and_whoever_has_none_is_left_out_with_the_reason() {
    let (office, admin) = with_hours().await;
    let answer = ask(&office, &admin, of_2022()).await.unwrap();
    let told = by_id(&answer);
    assert_eq!(told.keys().copied().collect::<Vec<_>>(), ["T1", "T2", "T3", "T5"]);
    assert_eq!((answer.without_hours, answer.not_under), (1, 0));
    let one = told["T1"];
    assert_eq!(
        (one.name.as_str(), one.id_doc_type.as_str(), one.id_doc_no.as_str()),
        ("试样T1", "护照", "E12345678")
    );
    assert_eq!(one.rows.len(), 1);
    let row = &one.rows[0];
    assert_eq!((row.hours, row.credits, row.level()), (5, 0, pb::Level::County));
    assert_eq!((one.rests.len(), one.rests[0].centihours), (1, 25));
    assert_eq!(one.rests[0].reason(), NationalRestReason::Rounded);
    for (id, gap, name) in [
        ("T2", NationalGap::NoDocument, "试样T2"),
        ("T3", NationalGap::Erased, keshi_core::text::ERASED_NAME),
        ("T5", NationalGap::NoIdentity, ""),
    ] {
        let record = told[id];
        assert_eq!((record.gap(), record.name.as_str()), (gap, name));
        assert!(record.rows.is_empty() && record.id_doc_no.is_empty(), "{id}");
        // What she has is not lost.
        let left: i64 = record.rests.iter().map(|rest| rest.centihours).sum();
        assert_eq!(left, if id == "T5" { 500 } else { 600 });
    }
    // Each who was told of is noted with what it was for; who has nothing is not told of.
    let line = |id: &str| (id.to_owned(), "2022".to_owned(), "报送2022年度".to_owned());
    assert_eq!(noted(&office), ["T1", "T2", "T3", "T5"].map(line));
}

#[tokio::test]
async fn a_clerk_is_told_of_her_own_school_and_whoever_keeps_no_register_of_nobody() {
    let (office, _) = with_hours().await;
    let clerk = office.clerk("S1");
    let own = ask(&office, &clerk, of_2022()).await.unwrap();
    assert_eq!(by_id(&own).keys().copied().collect::<Vec<_>>(), ["T1", "T3", "T5"]);
    let of_school = |school: &str| api::ListNationalRecordsRequest {
        school_id: school.to_owned(),
        ..of_2022()
    };
    assert_eq!(ask(&office, &clerk, of_school("S1")).await.unwrap().records.len(), 3);
    let other = ask(&office, &clerk, of_school("S2")).await.unwrap_err();
    assert_eq!(other.code(), Code::PermissionDenied);
    let reviewer = office.token(RoleName::Reviewer, of_teacher("T2"));
    assert_eq!(ask(&office, &reviewer, of_school("S2")).await.unwrap().records.len(), 1);
    let refused_to = [
        office.token(RoleName::Auditor, Scope::default()),
        office.token(RoleName::Teacher, of_teacher("T1")),
        office.token(
            RoleName::Researcher,
            Scope {
                subjects: vec!["语文".to_owned()],
                ..of_teacher("T1")
            },
        ),
    ];
    let before = noted(&office).len();
    for token in refused_to {
        let status = ask(&office, &token, of_2022()).await.unwrap_err();
        assert_eq!(status.code(), Code::PermissionDenied);
    }
    assert_eq!(noted(&office).len(), before, "what is not told is not noted");
}

#[tokio::test]
async fn a_question_without_year_purpose_school_or_policy_that_there_is_tells_nobody() {
    let (office, admin) = with_hours().await;
    let purpose = |purpose: &str| api::ListNationalRecordsRequest {
        purpose: purpose.to_owned(),
        ..of_2022()
    };
    for (request, field) in [
        (purpose(""), "purpose"),
        (purpose(" \u{3000}"), "purpose"),
        (purpose("王芳 19900000000"), "purpose"),
        (api::ListNationalRecordsRequest { year: 0, ..of_2022() }, "year"),
        (
            api::ListNationalRecordsRequest {
                school_id: "S9".into(),
                ..of_2022()
            },
            "school_id",
        ),
        (
            api::ListNationalRecordsRequest {
                policy_id: "none".into(),
                ..of_2022()
            },
            "policy_id",
        ),
    ] {
        let status = ask(&office, &admin, request).await.unwrap_err();
        assert_eq!(refused(&status, Code::InvalidArgument, "InvalidFields"), [field]);
    }
    assert_eq!(noted(&office), []);
}

#[tokio::test]
async fn pages_tell_everybody_once_and_are_all_read_at_one_size() {
    let (office, admin) = with_hours().await;
    let mut request = api::ListNationalRecordsRequest {
        page_size: 1,
        ..of_2022()
    };
    let (mut told, mut without, mut sizes) = (Vec::new(), 0, Vec::new());
    loop {
        let page = ask(&office, &admin, request.clone()).await.unwrap();
        told.extend(page.records.into_iter().map(|record| record.teacher_id));
        without += page.without_hours;
        sizes.push(page.size);
        if page.next_page_token.is_empty() {
            break;
        }
        // What is posted meanwhile is not seen.
        office.record(&admin, vec![attendance("X1", "T4", 600)]).await;
        request.page_token = page.next_page_token;
        assert!(sizes.len() < 10);
    }
    assert_eq!(told, ["T1", "T2", "T3", "T5"]);
    assert_eq!(without, 1);
    sizes.dedup();
    assert_eq!(sizes.len(), 1);
    let other = api::ListNationalRecordsRequest {
        school_id: "S1".into(),
        ..request
    };
    let status = ask(&office, &admin, other).await.unwrap_err();
    assert_eq!(refused(&status, Code::InvalidArgument, "InvalidFields"), ["page_token"]);
}

#[tokio::test]
async fn the_policy_asked_for_counts_and_who_stands_under_two_is_told_which() {
    let (office, admin) = with_hours().await;
    adopt(&office, &admin, &policy("half", "0.5")).await;
    let halved = ask(&office, &admin, of_2022()).await.unwrap();
    let one = by_id(&halved)["T1"].clone();
    assert_eq!((one.rows[0].hours, one.rests[0].centihours), (2, 63));
    adopt(&office, &admin, &policy("whole", "1")).await;
    let two = ask(&office, &admin, of_2022()).await.unwrap();
    let one = by_id(&two)["T1"].clone();
    assert_eq!((one.gap(), one.rows.len()), (NationalGap::SeveralPolicies, 0));
    assert_eq!(one.policy_ids, ["half", "whole"]);
    let named = api::ListNationalRecordsRequest {
        policy_id: "whole".into(),
        ..of_2022()
    };
    let named = ask(&office, &admin, named).await.unwrap();
    assert_eq!(by_id(&named)["T1"].rows[0].hours, 5);
    assert_eq!(named.not_under, 0);
}

#[tokio::test]
async fn a_district_groups_project_is_other_there() {
    let (office, admin) = with_hours().await;
    let (level, other) = (pb::Level::DistrictGroup, pb::Level::Other);
    let events = vec![
        project_of_level("P5", level.into()),
        session("P5", "X5"),
        attendance("X5", "T4", 600),
    ];
    office.record(&admin, events).await;
    let answer = ask(&office, &admin, of_2022()).await.unwrap();
    let row = &by_id(&answer)["T4"].rows[0];
    assert_eq!((row.level(), row.project_id.as_str()), (other, "P5"));
    assert!(row.from.is_some() && row.from == row.to);
}
