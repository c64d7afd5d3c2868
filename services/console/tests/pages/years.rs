//! A year on its page: figures lead to their entries, files come in every form, and what cannot be closed says why.

use axum::http::StatusCode;
use keshi_core::figures::Definitions;
use keshi_office::access::DevRole;
use keshi_proto::api::registry_service_client::RegistryServiceClient;
use keshi_proto::api::{self};

use crate::html::tags;
use crate::office::Pages;
use crate::support::with;

#[tokio::test]
async fn a_figure_leads_to_its_entries_and_the_report_is_saved_in_every_form() {
    let pages = Pages::furnished().await;
    let page = pages.get(&DevRole::default(), "/year?year=2021").await;
    assert_eq!(page.status, StatusCode::OK);
    let text = page.text();
    assert!(text.contains("The year 2021 is open"), "{text}");
    // Nothing is closed by definitions that are not the office's own.
    assert!(!text.contains("action=\"/year/close\""), "{text}");
    let behind: Vec<String> = tags(&text)
        .filter_map(|tag| tag.strip_prefix("a href=\"/year/entries?")?.split('"').next())
        .map(|to| format!("/year/entries?{}", to.replace("&amp;", "&")))
        .collect();
    assert!(behind.len() > 30, "{behind:?}");
    for to in [&behind[0], &behind[1]] {
        let entries = pages.get(&DevRole::default(), to).await;
        assert_eq!(entries.status, StatusCode::OK, "{to}");
    }
    let unknown = pages
        .get(&DevRole::default(), "/year/entries?year=2021&figure=no-such")
        .await;
    assert_eq!(unknown.status, StatusCode::BAD_REQUEST);
    assert!(unknown.text().contains("trained"), "it says which there are");
    for (form, begins) in [("docx", &b"PK"[..]), ("xlsx", b"PK"), ("html", b"<!doctype html>")] {
        let file = pages
            .get(&DevRole::default(), &format!("/year/file?year=2021&format={form}"))
            .await;
        assert_eq!(file.status, StatusCode::OK, "{form}");
        assert!(file.bytes.starts_with(begins), "{form}");
    }
    let other = pages.get(&DevRole::default(), "/year/file?year=2021&format=odt").await;
    assert_eq!(other.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_year_is_closed_by_its_button_and_again_by_nobody() {
    let pages = Pages::furnished().await;
    let adopt = api::AdoptFiguresRequest {
        document: Definitions::USUAL_TEXT.to_owned(),
        ..Default::default()
    };
    let mut registry = RegistryServiceClient::new(pages.office.channel.clone());
    registry
        .adopt_figures(with(&pages.office.admin(), adopt))
        .await
        .expect("adopted");
    let text = pages.get(&DevRole::default(), "/year?year=2021").await.text();
    assert!(text.contains("action=\"/year/close\""), "{text}");
    let closed = pages
        .post(
            &DevRole::default(),
            "/year?year=2021",
            "/year/close",
            "year=2021".to_owned(),
        )
        .await;
    assert_eq!(closed.status, StatusCode::SEE_OTHER, "{}", closed.text());
    let text = pages.get(&DevRole::default(), "/year?year=2021").await.text();
    assert!(text.contains("what is known now gives the same figures"), "{text}");
    let again = pages
        .post(
            &DevRole::default(),
            "/year?year=2021",
            "/year/close",
            "year=2021".to_owned(),
        )
        .await;
    assert!(!again.status.is_success() && !again.status.is_redirection());
    assert!(again.text().contains("is closed"), "{}", again.text());
    let open = pages.get(&DevRole::default(), "/year?year=2020&official=1").await;
    assert!(!open.status.is_success());
    assert!(open.text().contains("2020 is not closed"), "{}", open.text());
}
