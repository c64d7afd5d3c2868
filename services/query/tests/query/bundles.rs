//! Bundles and receipts as the service gives them out: they hold by the public key alone, and go to nobody who may not have them.

use keshi_bundle::check::Checked;
use keshi_bundle::failed::Failed;
use keshi_bundle::format::Bundle;
use keshi_bundle::trust::TrustedKey;
use keshi_office::access::{RoleName, Scope};
use keshi_proto::api;
use keshi_proto::api::audit_service_client::AuditServiceClient;
use keshi_verify::checkpoint::Checkpoint;
use keshi_verify::proof_file::{ProofFile, Proved};
use tonic::transport::Channel;
use tonic::{Code, Status};
use uuid::Uuid;

use crate::support::{Office, attendance, refused, session, with};

fn audit(office: &Office) -> AuditServiceClient<Channel> {
    AuditServiceClient::new(office.channel.clone())
}

async fn keys(office: &Office, auditor: &str) -> Vec<TrustedKey> {
    let asked = with(auditor, api::ListSigningKeysRequest {});
    let listed = audit(office).list_signing_keys(asked).await.unwrap().into_inner();
    listed
        .keys
        .iter()
        .map(|key| TrustedKey::parse(&key.key).unwrap())
        .collect()
}

fn of(year: &str, teacher_id: &str) -> api::ExportBundleRequest {
    api::ExportBundleRequest {
        year: year.to_owned(),
        teacher_id: teacher_id.to_owned(),
        ..api::ExportBundleRequest::default()
    }
}

async fn exported(office: &Office, token: &str, request: api::ExportBundleRequest) -> Result<Vec<u8>, Status> {
    let mut pieces = audit(office).export_bundle(with(token, request)).await?.into_inner();
    let mut bundle = Vec::new();
    while let Some(piece) = pieces.message().await? {
        bundle.extend(piece.content);
    }
    Ok(bundle)
}

fn check(bundle: &[u8], keys: &[TrustedKey]) -> Result<Checked, Failed> {
    Bundle::parse(bundle)?.check(keys)
}

/// An office with a few attendances, and the token of an auditor.
async fn office() -> (Office, String) {
    let (office, admin) = Office::furnished().await;
    office
        .record(&admin, vec![session("P1", "Y1"), attendance("Y1", "T1", 600)])
        .await;
    let auditor = office.token(RoleName::Auditor, Scope::default());
    (office, auditor)
}

#[tokio::test]
async fn the_year_and_a_person_hold_by_the_public_key_alone_also_at_an_earlier_size() {
    let (office, auditor) = office().await;
    let (keys, size) = (keys(&office, &auditor).await, office.engine.head().size);
    let year = exported(&office, &auditor, of("2022", "")).await.unwrap();
    let checked = check(&year, &keys).unwrap();
    assert_eq!((checked.checkpoint.size, checked.entries), (size, size));
    let person = exported(&office, &auditor, of("2022-2023", "T1")).await.unwrap();
    let hers = check(&person, &keys).unwrap();
    assert_eq!(hers.checkpoint, checked.checkpoint);
    assert!(hers.entries < size && hers.about > 0);
    // The ledger goes on, and the bundle of before can be had again, but for the time of nothing in it.
    office
        .record(&office.admin(), vec![session("P1", "Y2"), attendance("Y2", "T1", 300)])
        .await;
    let at = Some(api::At {
        at: Some(api::at::At::Size(size)),
        min_size: 0,
    });
    let again = exported(&office, &auditor, api::ExportBundleRequest { at, ..of("2022", "") })
        .await
        .unwrap();
    assert_eq!(again, year);
    assert_eq!(
        check(&exported(&office, &auditor, of("2022", "T1")).await.unwrap(), &keys)
            .unwrap()
            .about,
        hers.about + 1
    );
}

#[tokio::test]
async fn a_checkpoint_says_what_there_is_about_persons_where_that_is_wanted() {
    let (office, auditor) = office().await;
    let keys: Vec<_> = keys(&office, &auditor).await.into_iter().map(|key| key.key).collect();
    let mut found = Vec::new();
    for with_people in [true, false, true] {
        let asked = api::GetCheckpointRequest { at: None, with_people };
        let note = audit(&office)
            .get_checkpoint(with(&auditor, asked))
            .await
            .unwrap()
            .into_inner()
            .note;
        found.push(Checkpoint::open(note.as_bytes(), &keys).unwrap().people);
    }
    let year = exported(&office, &auditor, of("2022", "")).await.unwrap();
    let in_bundle = Bundle::parse(&year).unwrap().checkpoint.people;
    assert_eq!(found, [in_bundle, None, in_bundle]);
    assert!(in_bundle.is_some());
}

#[tokio::test]
async fn what_is_asked_wrongly_is_told_what_to_do() {
    let (office, auditor) = office().await;
    for year in ["2022-09", "2022..2025", "later"] {
        let status = exported(&office, &auditor, of(year, "")).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument, "{year}");
    }
    let status = exported(&office, &auditor, of("2022", "NOBODY")).await.unwrap_err();
    refused(&status, Code::NotFound, "UnknownTeacher");
    for role in [RoleName::RegistryReader, RoleName::Reviewer] {
        let token = office.token(role, Scope::default());
        let status = exported(&office, &token, of("2022", "")).await.unwrap_err();
        refused(&status, Code::PermissionDenied, "NotAllowed");
    }
}

#[tokio::test]
async fn a_receipt_is_for_whoever_posted_it_and_for_auditors() {
    let (office, auditor) = office().await;
    let plain: Vec<_> = keys(&office, &auditor).await.into_iter().map(|key| key.key).collect();
    let (poster, other) = (
        office.named_token("poster-1", RoleName::Admin, Scope::default()),
        clerk(&office),
    );
    let event = session("P1", "Y9");
    let event_id = event.event_id.clone();
    office.record(&poster, vec![event]).await;
    let receipt = async |token: &str, event_id: &str| {
        let request = api::GetReceiptProofRequest {
            event_id: event_id.to_owned(),
            ..api::GetReceiptProofRequest::default()
        };
        audit(&office)
            .get_receipt_proof(with(token, request))
            .await
            .map(tonic::Response::into_inner)
    };
    let last = office.engine.head().size - 1;
    for token in [&poster, &auditor] {
        let proof = receipt(token, &event_id).await.unwrap();
        let proved = ProofFile::parse(proof.file.as_bytes()).unwrap().check(&plain).unwrap();
        assert!(matches!(proved, Proved::Inclusion { index, .. } if index == last));
    }
    // She is not told whether it is there.
    let nothing = Uuid::from_u128(7).to_string();
    let (hers, none) = (
        receipt(&other, &event_id).await.unwrap_err(),
        receipt(&other, &nothing).await.unwrap_err(),
    );
    refused(&hers, Code::NotFound, "NotPosted");
    refused(&none, Code::NotFound, "NotPosted");
    assert_eq!(receipt(&other, "Y9").await.unwrap_err().code(), Code::InvalidArgument);
}

fn clerk(office: &Office) -> String {
    let schools = Scope {
        school: Some("S1".to_owned()),
        ..Scope::default()
    };
    office.token(RoleName::Clerk, schools)
}
