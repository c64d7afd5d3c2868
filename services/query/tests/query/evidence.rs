//! The files behind claims, piece by piece: who may give and get them, and what is not taken.

use keshi_core::hex;
use keshi_core::ids::Sha256;
use keshi_office::access::RoleName;
use keshi_proto::api::claim_service_client::ClaimServiceClient;
use keshi_proto::api::registry_service_client::RegistryServiceClient;
use keshi_proto::api::review_service_client::ReviewServiceClient;
use keshi_proto::event::fact::Fact;
use keshi_proto::{api, event as pb};
use tonic::transport::Channel;
use tonic::{Code, Status};

use crate::support::{Office, day, of_school, of_teacher, refused, with};

/// Longer than a piece.
fn paper() -> Vec<u8> {
    let mut bytes = b"%PDF-1.7\n".to_vec();
    bytes.resize(1_500_000, b'x');
    bytes
}

fn claims(office: &Office) -> ClaimServiceClient<Channel> {
    ClaimServiceClient::new(office.channel.clone())
}

fn piece(name: &str, bytes: &[u8], (offset, end): (usize, usize)) -> api::PutEvidenceRequest {
    api::PutEvidenceRequest {
        teacher_id: "T1".to_owned(),
        name: name.to_owned(),
        sha256: hex::show(&Sha256::of(bytes).0),
        size: i64::try_from(bytes.len()).unwrap(),
        offset: i64::try_from(offset).unwrap(),
        piece: bytes[offset..end].to_vec(),
        occurred_to: day(2022, 3, 4),
    }
}

async fn put(
    office: &Office,
    token: &str,
    request: api::PutEvidenceRequest,
) -> Result<api::PutEvidenceResponse, Status> {
    let answer = claims(office).put_evidence(with(token, request)).await;
    answer.map(tonic::Response::into_inner)
}

/// Gives the whole file; its hash.
async fn give(office: &Office, token: &str, bytes: &[u8]) -> String {
    let mut offset = 0;
    loop {
        let end = (offset + (1 << 20)).min(bytes.len());
        let answer = put(office, token, piece("扫描 证书.exe", bytes, (offset, end)))
            .await
            .unwrap();
        assert_eq!(answer.received, i64::try_from(end).unwrap());
        offset = end;
        if let Some(file) = answer.file {
            assert_eq!(
                (file.name.as_str(), file.media_type.as_str()),
                ("扫描 证书.pdf", "application/pdf")
            );
            assert_eq!(file.keep_until, day(2030, 12, 31));
            return file.sha256;
        }
    }
}

async fn claim(office: &Office, token: &str, hash: &str) {
    let lesson = pb::LessonGiven {
        teacher_id: "T1".to_owned(),
        r#type: 2,
        level: 40,
        periods: 2,
        ..pb::LessonGiven::default()
    };
    let event = api::Event {
        occurred_from: day(2022, 3, 4),
        evidence: vec![hash.to_owned()],
        fact: Some(Fact::LessonGiven(lesson).into()),
        ..api::Event::default()
    };
    let item = api::submit_claims_request::Item {
        claim_id: "C-1".to_owned(),
        teacher_id: "T1".to_owned(),
        events: vec![event],
        ..api::submit_claims_request::Item::default()
    };
    let request = api::SubmitClaimsRequest {
        items: vec![item],
        ..api::SubmitClaimsRequest::default()
    };
    let mut reviews = ReviewServiceClient::new(office.channel.clone());
    let answer = reviews.submit_claims(with(token, request)).await.unwrap().into_inner();
    let verdicts = answer.receipt.unwrap().verdicts;
    let is_in = |verdict: &api::EventVerdict| keshi_proto::api_convert::is_in_ledger(verdict.verdict);
    assert!(verdicts.iter().all(is_in), "{verdicts:?}");
}

async fn get(office: &Office, token: &str, hash: &str, offset: i64) -> Result<api::GetEvidenceResponse, Status> {
    let request = api::GetEvidenceRequest {
        claim_id: "C-1".to_owned(),
        sha256: hash.to_owned(),
        offset,
        purpose: "审核".to_owned(),
    };
    let answer = claims(office).get_evidence(with(token, request)).await;
    answer.map(tonic::Response::into_inner)
}

async fn state(office: &Office, token: &str) -> api::EvidenceState {
    let request = api::GetClaimRequest {
        claim_id: "C-1".to_owned(),
        ..api::GetClaimRequest::default()
    };
    let claim = claims(office)
        .get_claim(with(token, request))
        .await
        .unwrap()
        .into_inner();
    claim.events[0].files[0].state()
}

#[tokio::test]
async fn a_file_is_given_in_pieces_and_got_by_who_may_read_the_claim_which_is_noted() {
    let (office, admin) = Office::furnished().await;
    let teacher = office.token(RoleName::Teacher, of_teacher("T1"));
    let bytes = paper();
    let hash = give(&office, &teacher, &bytes).await;
    assert_eq!(
        give(&office, &teacher, &bytes).await,
        hash,
        "the same again is the same"
    );
    claim(&office, &teacher, &hash).await;
    assert_eq!(state(&office, &teacher).await, api::EvidenceState::Kept);
    for token in [&teacher, &admin, &office.clerk("S1")] {
        let first = get(&office, token, &hash, 0).await.unwrap();
        let rest = get(&office, token, &hash, i64::try_from(first.piece.len()).unwrap())
            .await
            .unwrap();
        assert_eq!([first.piece, rest.piece].concat(), bytes);
    }
    for token in [office.token(RoleName::Teacher, of_teacher("T2")), office.clerk("S2")] {
        let status = get(&office, &token, &hash, 0).await.unwrap_err();
        assert_eq!(status.code(), Code::PermissionDenied, "{status:?}");
    }
    let log = std::fs::read_dir(office.reads_dir()).unwrap().next().unwrap().unwrap();
    let log = std::fs::read_to_string(log.path()).unwrap();
    assert_eq!(
        log.matches("\"evidence\"").count(),
        2,
        "once each for the office and the school: {log}"
    );
    // A hash that the claim does not name is no evidence of it.
    let status = get(&office, &admin, &"00".repeat(32), 0).await.unwrap_err();
    assert_eq!(refused(&status, Code::InvalidArgument, "InvalidFields"), ["sha256"]);

    // Her identity erased, the file is gone, and both say so.
    let request = api::EraseIdentityRequest {
        teacher_id: "T1".to_owned(),
        purpose: "本人申请".to_owned(),
    };
    let mut registry = RegistryServiceClient::new(office.channel.clone());
    assert!(
        registry
            .erase_identity(with(&admin, request))
            .await
            .unwrap()
            .into_inner()
            .erased
    );
    let status = get(&office, &admin, &hash, 0).await.unwrap_err();
    refused(&status, Code::FailedPrecondition, "EvidenceErased");
    assert_eq!(state(&office, &admin).await, api::EvidenceState::Erased);
}

#[tokio::test]
async fn what_is_too_large_of_another_kind_or_not_whole_is_not_taken() {
    let (office, _) = Office::furnished().await;
    let teacher = office.token(RoleName::Teacher, of_teacher("T1"));
    let svg = br#"<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>"#;
    let status = put(&office, &teacher, piece("picture.svg", svg, (0, svg.len())))
        .await
        .unwrap_err();
    refused(&status, Code::InvalidArgument, "EvidenceKind");
    let status = put(&office, &teacher, piece("picture.png", svg, (0, svg.len())))
        .await
        .unwrap_err();
    refused(&status, Code::InvalidArgument, "EvidenceKind");
    // 200 MB are refused by what is said of them, before any of it is held.
    let bytes = paper();
    let large = api::PutEvidenceRequest {
        size: 200_000_000,
        ..piece("scan.pdf", &bytes, (0, 1000))
    };
    refused(
        &put(&office, &teacher, large).await.unwrap_err(),
        Code::InvalidArgument,
        "EvidenceTooLarge",
    );
    let empty = api::PutEvidenceRequest {
        size: 0,
        ..piece("scan.pdf", &bytes, (0, 1000))
    };
    refused(
        &put(&office, &teacher, empty).await.unwrap_err(),
        Code::InvalidArgument,
        "EvidenceEmpty",
    );
    // Pieces out of order, beyond the end, of other bytes.
    let status = put(&office, &teacher, piece("scan.pdf", &bytes, (1000, 2000)))
        .await
        .unwrap_err();
    assert_eq!(refused(&status, Code::InvalidArgument, "InvalidFields"), ["offset"]);
    put(&office, &teacher, piece("scan.pdf", &bytes, (0, 1000)))
        .await
        .unwrap();
    let status = put(&office, &teacher, piece("scan.pdf", &bytes, (0, bytes.len())))
        .await
        .unwrap_err();
    assert_eq!(refused(&status, Code::InvalidArgument, "InvalidFields"), ["piece"]);
    let other = api::PutEvidenceRequest {
        sha256: "11".repeat(32),
        size: 1000,
        ..piece("scan.pdf", &bytes, (0, 1000))
    };
    let status = put(&office, &teacher, other).await.unwrap_err();
    assert_eq!(refused(&status, Code::InvalidArgument, "InvalidFields"), ["sha256"]);
    // Not about others: not by another teacher, nor by another school.
    for token in [
        office.token(RoleName::Teacher, of_teacher("T2")),
        office.token(RoleName::Clerk, of_school("S2")),
    ] {
        let status = put(&office, &token, piece("scan.pdf", &bytes, (0, 1000)))
            .await
            .unwrap_err();
        assert!(
            matches!(status.code(), Code::PermissionDenied | Code::NotFound),
            "{status:?}"
        );
    }
    // One who begins many files holds no more than her share.
    let mut refused_at = None;
    for n in 0..4_u8 {
        let mut large = b"%PDF-1.7\n".to_vec();
        large.resize(9 << 20, n);
        let status = put(&office, &teacher, piece("scan.pdf", &large, (0, 1000))).await;
        if let Err(status) = status {
            refused(&status, Code::ResourceExhausted, "TooManyFiles");
            refused_at = Some(n);
            break;
        }
    }
    assert_eq!(refused_at, Some(2));
}

#[tokio::test]
async fn a_file_that_is_not_here_is_said_to_be_missing() {
    let (office, admin) = Office::furnished().await;
    let teacher = office.token(RoleName::Teacher, of_teacher("T1"));
    let hash = "22".repeat(32);
    claim(&office, &teacher, &hash).await;
    assert_eq!(state(&office, &admin).await, api::EvidenceState::Missing);
    let status = get(&office, &admin, &hash, 0).await.unwrap_err();
    refused(&status, Code::NotFound, "EvidenceMissing");
}
