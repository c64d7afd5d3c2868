//! Inspections through the door: who posts what was found, and who looks again.

use keshi_office::access::{RoleName, Scope};
use keshi_proto::api;
use keshi_proto::api::outreach_service_client::OutreachServiceClient;
use keshi_proto::event::fact::Fact;
use tonic::Code;

use crate::support::{Office, each, finding, inspection, looked, of_school, person, refused, with};

/// `I1` at S2 by R1, with the finding `F1`.
async fn inspected() -> (Office, String) {
    let (office, admin) = Office::furnished().await;
    let events = vec![
        person("R1"),
        person("R2"),
        inspection("I1", "S2", &["R1"]),
        finding("F1", "I1"),
    ];
    office.record(&admin, events).await;
    (office, admin)
}

fn researcher(office: &Office, id: &str) -> String {
    let scope = Scope {
        teacher_id: Some(id.to_owned()),
        subjects: vec!["语文".to_owned()],
        ..Scope::default()
    };
    office.token(RoleName::Researcher, scope)
}

async fn denied(office: &Office, token: &str, event: api::Event) {
    let status = office.submit(token, vec![event]).await.unwrap_err();
    refused(&status, Code::PermissionDenied, "NotAllowed");
}

#[tokio::test]
async fn a_school_posts_neither_findings_about_itself_nor_looks() {
    let (office, _) = inspected().await;
    let head = office.token(RoleName::HeadTeacher, of_school("S2"));
    for token in [office.clerk("S2"), head, office.clerk("S1")] {
        denied(&office, &token, inspection("I2", "S2", &["R1"])).await;
        denied(&office, &token, finding("F2", "I1")).await;
        denied(&office, &token, looked("F1", "R1")).await;
    }
}

#[tokio::test]
async fn a_researcher_posts_and_looks_again_at_inspections_that_she_carried_out() {
    let (office, _) = inspected().await;
    let (own, other) = (researcher(&office, "R1"), researcher(&office, "R2"));
    denied(&office, &other, inspection("I2", "S2", &["R1"])).await;
    denied(&office, &other, finding("F2", "I1")).await;
    denied(&office, &other, looked("F1", "R2")).await;
    // In her own name.
    denied(&office, &own, looked("F1", "R2")).await;
    office.record(&own, vec![finding("F2", "I1"), looked("F1", "R1")]).await;
    // What comes in one submission, and what came before on the same stream.
    office
        .record(
            &own,
            vec![
                inspection("I2", "S1", &["R2", "R1"]),
                finding("F3", "I2"),
                looked("F3", "R1"),
            ],
        )
        .await;
    let stream = vec![
        each(vec![inspection("I3", "S1", &["R1"])]),
        each(vec![finding("F4", "I3")]),
    ];
    for answer in office.stream(&own, stream).await {
        let verdicts = answer.receipt.unwrap().verdicts;
        assert!(
            verdicts.iter().all(|one| one.verdict() == api::Verdict::Recorded),
            "{verdicts:?}"
        );
    }
    // What never was is the ledger's to say, with what to do.
    let unknown = office.submit(&own, vec![finding("F9", "I9")]).await.unwrap();
    let verdict = &unknown.receipt.unwrap().verdicts[0];
    assert_eq!(verdict.reason.as_ref().unwrap().code, "NotThere");
}

#[tokio::test]
async fn a_county_reviewer_looks_in_her_own_name_and_not_at_her_own_school() {
    let (office, _) = inspected().await;
    let of = |id: Option<&str>| {
        let scope = Scope {
            teacher_id: id.map(ToOwned::to_owned),
            ..Scope::default()
        };
        office.token(RoleName::Reviewer, scope)
    };
    denied(&office, &of(Some("R2")), looked("F1", "R1")).await;
    office.record(&of(Some("R2")), vec![looked("F1", "R2")]).await;
    // T2 is in post at S2.
    let own = office.submit(&of(Some("T2")), vec![looked("F1", "T2")]).await.unwrap();
    let verdict = &own.receipt.unwrap().verdicts[0];
    assert_eq!(verdict.reason.as_ref().unwrap().code, "OwnSchool");
}

#[tokio::test]
async fn each_step_of_an_inspection_has_a_call_of_its_own() {
    let (office, admin) = Office::furnished().await;
    office.record(&admin, vec![person("R1")]).await;
    let mut outreach = OutreachServiceClient::new(office.channel.clone());
    macro_rules! call {
        ($method:ident $request:ident $item:ident $kind:ident $event:expr) => {{
            let event: api::Event = $event;
            let Some(Fact::$kind(fact)) = event.fact.clone().and_then(|fact| fact.fact) else {
                panic!("another fact");
            };
            let head = api::EventHead {
                event_id: event.event_id.clone(),
                occurred_from: event.occurred_from,
                ..api::EventHead::default()
            };
            let request = api::$request {
                items: vec![api::$item::Item {
                    head: Some(head),
                    fact: Some(fact),
                }],
                ..api::$request::default()
            };
            let answer = outreach.$method(with(&admin, request)).await.unwrap();
            let receipt = answer.into_inner().receipt.unwrap();
            assert_eq!(receipt.verdicts[0].verdict(), api::Verdict::Recorded, "{receipt:?}");
        }};
    }
    call!(hold_inspections HoldInspectionsRequest hold_inspections_request InspectionHeld inspection("I1", "S2", &["R1"]));
    call!(make_findings MakeFindingsRequest make_findings_request FindingMade finding("F1", "I1"));
    call!(check_findings CheckFindingsRequest check_findings_request FindingChecked looked("F1", "R1"));
}
