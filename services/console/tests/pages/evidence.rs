//! Files on the form of a claim, and where its reviewer finds them.

use axum::http::StatusCode;
use keshi_office::access::{DevRole, Role};

use crate::office::Pages;

const BOUNDARY: &str = "0123456789";

fn multipart(fields: &[(&str, &str)], files: &[(&str, &str)]) -> String {
    let field = |(name, value): &(&str, &str)| {
        format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let file = |(name, content): &(&str, &str)| {
        let head = format!("Content-Disposition: form-data; name=\"file\"; filename=\"{name}\"");
        format!("--{BOUNDARY}\r\n{head}\r\nContent-Type: image/png\r\n\r\n{content}\r\n")
    };
    let body: String = fields.iter().map(field).chain(files.iter().map(file)).collect();
    body + &format!("--{BOUNDARY}--\r\n")
}

const FIELDS: [(&str, &str); 7] = [
    ("claim", "C-evidence"),
    ("teacher", "T1"),
    ("from", "2022-03-04"),
    ("name", "a poem"),
    ("lesson_type", "2"),
    ("level", "40"),
    ("periods", "2"),
];

fn teacher() -> DevRole {
    DevRole(Role::Teacher {
        teacher_id: "T1".to_owned(),
    })
}

#[tokio::test]
async fn a_claim_is_submitted_with_a_file_that_its_reviewer_saves_and_no_browser_shows() {
    let pages = Pages::furnished().await;
    let form = "/claims/new/lesson";
    let paper = "%PDF-1.7 a scan";
    let body = multipart(&FIELDS, &[("../证书.html", paper)]);
    let taken = pages.multipart(&teacher(), form, BOUNDARY, body).await;
    assert_eq!(
        taken.location.as_deref(),
        Some("/claims/C-evidence"),
        "{}",
        taken.text()
    );
    let shown = pages.get(&DevRole::default(), "/claims/C-evidence").await;
    let text = shown.text();
    assert!(
        text.contains("证书.pdf") && text.contains("kept until 2030-12-31"),
        "{text}"
    );
    let (_, after) = text.split_once("href=\"/claims/C-evidence/evidence/").expect("a link");
    let hash = &after[..64];
    let saved = pages
        .get(&DevRole::default(), &format!("/claims/C-evidence/evidence/{hash}"))
        .await;
    assert_eq!(
        (saved.status, saved.bytes.as_slice()),
        (StatusCode::OK, paper.as_bytes())
    );
    assert_eq!(saved.kind, "application/pdf");
    let header = |name: &str| {
        saved
            .headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    assert!(
        header("content-disposition").starts_with("attachment; filename=\"evidence.pdf\"; filename*="),
        "{:?}",
        saved.headers
    );
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert!(
        header("content-security-policy").contains("sandbox"),
        "{:?}",
        saved.headers
    );
    let other = DevRole(Role::Teacher {
        teacher_id: "T2".to_owned(),
    });
    let kept_from = pages.get(&other, &format!("/claims/C-evidence/evidence/{hash}")).await;
    assert_eq!(kept_from.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_file_that_is_not_taken_keeps_what_was_typed_and_says_why() {
    let pages = Pages::furnished().await;
    let form = "/claims/new/lesson";
    let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";
    let told = pages
        .multipart(&teacher(), form, BOUNDARY, multipart(&FIELDS, &[("a.png", svg)]))
        .await;
    assert_eq!(told.status, StatusCode::BAD_REQUEST);
    let text = told.text();
    assert!(
        text.contains("no PDF, JPEG, PNG or WebP") && text.contains("a poem"),
        "{text}"
    );
    assert!(!text.contains("<script>alert(1)"), "{text}");
    let many: Vec<(&str, &str)> = (0..6).map(|_| ("a.pdf", "%PDF-1.7")).collect();
    let told = pages
        .multipart(&teacher(), form, BOUNDARY, multipart(&FIELDS, &many))
        .await;
    assert_eq!(told.status, StatusCode::BAD_REQUEST);
    let text = told.text();
    assert!(text.contains("at most 5 files") && text.contains("a poem"), "{text}");
    let large = "x".repeat(11 << 20);
    let told = pages
        .multipart(&teacher(), form, BOUNDARY, multipart(&FIELDS, &[("a.pdf", &large)]))
        .await;
    assert_eq!(told.status, StatusCode::BAD_REQUEST);
    let text = told.text();
    assert!(text.contains("at most 10 MiB") && text.contains("a poem"), "{text}");
}
