//! The export for the national system: a file for exactly those whom the services tell, and for nobody without a purpose.

use axum::http::StatusCode;
use keshi_office::access::{DevRole, RoleName};
use keshi_proto::api;
use keshi_proto::api::registry_service_client::RegistryServiceClient;

use crate::html::{self, tags};
use crate::office::{Answered, Pages, roles};
use crate::support::{NOW, with};

async fn export(pages: &Pages, role: &DevRole, purpose: &str) -> Answered {
    let fields = [
        ("year", "2022"),
        ("school_id", ""),
        ("policy_id", ""),
        ("purpose", purpose),
    ];
    let fields = serde_urlencoded::to_string(fields).expect("encoded");
    pages.post(role, "/national", "/national", fields).await
}

fn noted(pages: &Pages) -> usize {
    let month = NOW[..10].parse().expect("a day");
    let lines = pages.office.reads.month(month).expect("readable").lines;
    lines.iter().filter(|line| line.what == "national").count()
}

#[tokio::test]
async fn whoever_keeps_the_register_gets_a_file_and_others_are_told_who_does() {
    let pages = Pages::furnished().await;
    for role in roles() {
        use RoleName::{Admin, Clerk, Dev, HeadTeacher, Reviewer};
        let (name, before) = (role.0.name(), noted(&pages));
        let told = export(&pages, &role, "报送2022年度").await;
        if matches!(name, Admin | Clerk | Dev | HeadTeacher | Reviewer) {
            assert_eq!(told.status, StatusCode::OK, "{name}");
            assert!(told.bytes.starts_with(b"PK") && noted(&pages) > before, "{name}");
        } else {
            assert_eq!(told.status, StatusCode::FORBIDDEN, "{name}");
            assert!(told.text().contains("role=\"alert\""), "{name}");
            assert_eq!(noted(&pages), before, "{name}");
        }
    }
}

#[tokio::test]
async fn without_a_purpose_nothing_is_read_and_the_field_is_marked() {
    let pages = Pages::furnished().await;
    let admin = pages.office.admin();
    let identity = api::Identity {
        teacher_id: "T1".to_owned(),
        name: "试样甲".to_owned(),
        id_doc_type: "护照".to_owned(),
        id_doc_no: "E12345678".to_owned(),
        ..api::Identity::default()
    };
    let request = api::PutIdentitiesRequest {
        identities: vec![identity],
    };
    let mut registry = RegistryServiceClient::new(pages.office.channel.clone());
    registry.put_identities(with(&admin, request)).await.expect("taken");
    let told = export(&pages, &DevRole::default(), " ").await;
    assert_eq!((told.status, noted(&pages)), (StatusCode::BAD_REQUEST, 0));
    let text = told.text();
    html::check("/national", &text);
    let wrong: Vec<_> = tags(&text)
        .filter(|tag| tag.contains("aria-invalid=\"true\""))
        .collect();
    assert!(wrong.len() == 1 && wrong[0].contains("name=\"purpose\""), "{wrong:?}");
    assert!(
        text.contains("name=\"year\" value=\"2022\""),
        "what was typed stays: {text}"
    );
    // No page shows a number; the form alone asks for it.
    assert!(
        !pages
            .get(&DevRole::default(), "/national")
            .await
            .text()
            .contains("E12345678")
    );
}
