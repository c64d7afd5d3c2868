//! Certificates: issued under numbers, listed for those who may read about the teachers, and checked by anybody.

use keshi_office::access::{RoleName, Scope};
use keshi_proto::api;
use keshi_proto::api::CertificateState as State;
use keshi_proto::api::certificate_register_service_client::CertificateRegisterServiceClient;
use keshi_proto::api::certificate_service_client::CertificateServiceClient;
use keshi_proto::api::registry_service_client::RegistryServiceClient;
use keshi_proto::event::{self as pb, fact::Fact};
use tonic::{Code, Request, Status};

use crate::support::{Office, adopt, attendance, day, event, new_id, of_school, of_teacher, refused, with};

const PAPERS: &str = r#"language = 1
id = "papers"
version = 1
name = "证书编号办法"
effective_from = 2022-01-01
[scope]
post = ["教师"]
[certificates]
word = "留教研证"
code = "LJYZ"
issuer = "留坝县教学研究室"
"#;

/// An office that says how it numbers, in which `T1` and `T2` were at `X1`; and their entries' event ids.
async fn office() -> (Office, String, [String; 2]) {
    let (office, admin) = Office::furnished().await;
    adopt(&office, &admin, PAPERS).await;
    let identity = |id: &str, name: &str| api::Identity {
        teacher_id: id.to_owned(),
        name: name.to_owned(),
        ..api::Identity::default()
    };
    let identities = vec![identity("T1", "王小芳"), identity("T2", "李明")];
    let mut registry = RegistryServiceClient::new(office.channel.clone());
    let put = registry.put_identities(with(&admin, api::PutIdentitiesRequest { identities }));
    put.await.unwrap();
    let there = [attendance("X1", "T1", 600), attendance("X1", "T2", 600)];
    let ids = there.clone().map(|event| event.event_id);
    office.record(&admin, there.to_vec()).await;
    (office, admin, ids)
}

fn item(teacher: &str, basis: &str) -> api::issue_certificates_request::Item {
    api::issue_certificates_request::Item {
        head: Some(api::EventHead {
            event_id: new_id(),
            occurred_from: day(2022, 11, 30),
            ..api::EventHead::default()
        }),
        fact: Some(pb::CertificateIssued {
            teacher_id: teacher.to_owned(),
            basis_event: basis.to_owned(),
            attests: "参加国培，考核合格".to_owned(),
            old_number: String::new(),
        }),
    }
}

async fn issue(
    office: &Office,
    token: &str,
    items: Vec<api::issue_certificates_request::Item>,
) -> Result<Vec<api::EventVerdict>, Status> {
    let mut client = CertificateServiceClient::new(office.channel.clone());
    let request = api::IssueCertificatesRequest {
        taking: api::Taking::Each.into(),
        items,
        ..api::IssueCertificatesRequest::default()
    };
    let answer = client.issue_certificates(with(token, request)).await?.into_inner();
    Ok(answer.receipt.unwrap().verdicts)
}

async fn list(
    office: &Office,
    token: &str,
    request: api::ListCertificatesRequest,
) -> Result<api::ListCertificatesResponse, Status> {
    let mut client = CertificateRegisterServiceClient::new(office.channel.clone());
    Ok(client.list_certificates(with(token, request)).await?.into_inner())
}

/// As somebody does who has no token.
async fn check(office: &Office, number: &str) -> Result<api::CertificateCheck, Status> {
    let mut client = CertificateRegisterServiceClient::new(office.channel.clone());
    let request = api::GetCertificateCheckRequest {
        number: number.to_owned(),
    };
    Ok(client.get_certificate_check(Request::new(request)).await?.into_inner())
}

#[tokio::test]
async fn certificates_are_issued_under_numbers_and_a_repeated_posting_answers_the_same_one() {
    let (office, admin, [one, two]) = office().await;
    let items = vec![item("T1", &one), item("T2", &one), item("T2", &two)];
    let verdicts = issue(&office, &admin, items.clone()).await.unwrap();
    let told: Vec<_> = verdicts
        .iter()
        .map(|verdict| (verdict.verdict(), verdict.number))
        .collect();
    let recorded = |number| (api::Verdict::Recorded, number);
    assert_eq!(told, [recorded(1), (api::Verdict::Refused, 0), recorded(2)]);
    assert_eq!(verdicts[1].reason.as_ref().unwrap().code, "BasisOfAnother");
    let again = issue(&office, &admin, items).await.unwrap();
    assert_eq!((again[2].verdict(), again[2].number), (api::Verdict::Duplicate, 2));
}

#[tokio::test]
async fn the_register_is_for_those_who_may_read_about_the_teachers() {
    let (office, admin, [one, two]) = office().await;
    issue(&office, &admin, vec![item("T1", &one), item("T2", &two)])
        .await
        .unwrap();
    let all = list(&office, &admin, api::ListCertificatesRequest::default())
        .await
        .unwrap();
    assert_eq!((all.total, all.certificates.len()), (2, 2));
    let latest = &all.certificates[0];
    assert_eq!(
        (latest.number.as_str(), latest.name.as_str(), latest.kind_zh.as_str()),
        ("留教研证〔2022〕第0002号", "李明", "培训证书")
    );
    assert_eq!(
        (latest.attests.as_str(), latest.state()),
        ("参加国培，考核合格", State::Valid)
    );
    let numbers = |answer: api::ListCertificatesResponse| -> Vec<String> {
        answer.certificates.into_iter().map(|one| one.teacher_id).collect()
    };
    let teacher = office.token(RoleName::Teacher, of_teacher("T1"));
    let hers = list(&office, &teacher, api::ListCertificatesRequest::default())
        .await
        .unwrap();
    assert_eq!(numbers(hers), ["T1"]);
    let clerk = office.token(RoleName::Clerk, of_school("S2"));
    let of_hers = list(&office, &clerk, api::ListCertificatesRequest::default())
        .await
        .unwrap();
    assert_eq!(numbers(of_hers), ["T2"]);
    let reader = office.token(RoleName::RegistryReader, Scope::default());
    let status = list(&office, &reader, api::ListCertificatesRequest::default()).await;
    refused(&status.unwrap_err(), Code::PermissionDenied, "NotAllowed");
    let by_number = api::ListCertificatesRequest {
        number: "留教研证(2022)1号".to_owned(),
        ..api::ListCertificatesRequest::default()
    };
    assert_eq!(numbers(list(&office, &admin, by_number).await.unwrap()), ["T1"]);
    let status = issue(&office, &clerk, vec![item("T2", &two)]).await.unwrap_err();
    refused(&status, Code::PermissionDenied, "NotAllowed");
}

#[tokio::test]
async fn anybody_may_check_a_number_and_learns_at_once_that_it_is_void() {
    let (office, admin, [one, two]) = office().await;
    let (first, second) = (item("T1", &one), item("T2", &two));
    let event_of = |item: &api::issue_certificates_request::Item| item.head.clone().unwrap().event_id;
    let (first_event, second_event) = (event_of(&first), event_of(&second));
    issue(&office, &admin, vec![first, second]).await.unwrap();
    let found = check(&office, "留教研证【２０２２】第 1 号").await.unwrap();
    assert_eq!(found.state(), State::Valid);
    assert_eq!(
        (
            found.masked_name.as_str(),
            found.issuer.as_str(),
            found.kind_zh.as_str()
        ),
        ("王*芳", "留坝县教学研究室", "培训证书")
    );
    assert_eq!(found.issued_on, day(2022, 11, 30));
    assert_eq!(check(&office, &found.code).await.unwrap().number, found.number);
    for (number, state) in [
        ("留教研证〔2022〕第0003号", State::Unknown),
        ("县教研证〔2022〕第0001号", State::Unknown),
        ("LJYZ-2022-0001-?", State::Mistyped),
        ("王小芳", State::Mistyped),
    ] {
        let answer = check(&office, number).await.unwrap();
        let told = api::CertificateCheck {
            state: state.into(),
            checked_at: answer.checked_at,
            ..api::CertificateCheck::default()
        };
        assert_eq!(answer, told, "{number}");
    }
    let void = event(Fact::EntryVoided(pb::EntryVoided {
        target_event: two,
        reason: "误登".to_owned(),
        authorised_by: String::new(),
    }));
    let reissued = event(Fact::CertificateReissued(pb::CertificateReissued {
        teacher_id: "T1".to_owned(),
        certificate_event: first_event.clone(),
        reason: "遗失".to_owned(),
    }));
    office.record(&admin, vec![void, reissued]).await;
    assert_eq!(
        check(&office, "留教研证〔2022〕2号").await.unwrap().state(),
        State::ToBeRecalled
    );
    let copied = check(&office, &found.code).await.unwrap();
    assert_eq!((copied.state(), copied.copy), (State::Reissued, 1));
    let voided = |teacher: &str, certificate: &str| {
        event(Fact::CertificateVoided(pb::CertificateVoided {
            teacher_id: teacher.to_owned(),
            certificate_event: certificate.to_owned(),
            reason: "误发".to_owned(),
            authorised_by: String::new(),
        }))
    };
    office
        .record(&admin, vec![voided("T1", &first_event), voided("T2", &second_event)])
        .await;
    for number in ["留教研证〔2022〕1号", "留教研证〔2022〕2号"] {
        assert_eq!(check(&office, number).await.unwrap().state(), State::Void);
    }
}

#[tokio::test]
async fn whoever_tries_numbers_out_is_made_to_wait() {
    let (office, ..) = office().await;
    for number in 1..=30 {
        check(&office, &format!("留教研证〔2022〕{number}号")).await.unwrap();
    }
    let status = check(&office, "留教研证〔2022〕31号").await.unwrap_err();
    refused(&status, Code::ResourceExhausted, "TooManyChecks");
}
