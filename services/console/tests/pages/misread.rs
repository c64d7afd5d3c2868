//! What cannot be read is answered with a page, in the visitor's language.

use axum::http::StatusCode;
use keshi_office::access::DevRole;

use crate::office::Pages;

const ANY: &str = "00000000-0000-4000-8000-000000000000";

#[tokio::test]
async fn a_form_that_cannot_be_read_is_answered_with_a_page() {
    let pages = Pages::furnished().await;
    let long = format!("reason={}", "x".repeat(3 << 20));
    let cases = [
        ("/lang", "lang=zh", StatusCode::BAD_REQUEST),
        ("/lang", "lang=zh&to=/&to=/", StatusCode::BAD_REQUEST),
        ("/account/end", "", StatusCode::BAD_REQUEST),
        ("/documents/check", "", StatusCode::BAD_REQUEST),
        ("/entries/3/void", "reason=a&reason=b", StatusCode::BAD_REQUEST),
        ("/entries/3/correct", long.as_str(), StatusCode::PAYLOAD_TOO_LARGE),
    ];
    for (address, fields, status) in cases {
        let told = pages.post(&DevRole::default(), "/", address, fields.to_owned()).await;
        assert_eq!(told.status, status, "{address}");
        let text = told.text();
        assert!(text.contains("was not taken: "), "{address}: {text}");
        crate::html::check(address, &text);
    }
}

#[tokio::test]
async fn an_address_that_names_nothing_is_answered_with_a_page() {
    let pages = Pages::furnished().await;
    for address in [
        "/import/some",
        "/import/some/progress",
        "/entries/some/amend",
        &format!("/import/{ANY}/copy/some"),
    ] {
        let told = pages.get(&DevRole::default(), address).await;
        assert_eq!(told.status, StatusCode::NOT_FOUND, "{address}");
        let text = told.text();
        assert!(text.contains("there is no such page"), "{address}: {text}");
        crate::html::check(address, &text);
    }
}

#[tokio::test]
async fn the_address_of_a_form_asked_for_as_a_page_says_that_nothing_was_sent() {
    let pages = Pages::furnished().await;
    for address in ["/signout", "/documents/check", "/entries/3/void", "/account/password"] {
        let told = pages.get(&DevRole::default(), address).await;
        assert_eq!(told.status, StatusCode::METHOD_NOT_ALLOWED, "{address}");
        let text = told.text();
        assert!(text.contains("nothing was sent with it"), "{address}: {text}");
        crate::html::check(address, &text);
    }
}

#[tokio::test]
async fn the_other_language_of_a_form_that_was_refused_is_that_of_the_page_it_stands_on() {
    let pages = Pages::furnished().await;
    let from = "/documents/new?from=%E6%A0%A1%E5%8E%86";
    let fields = "document=no+document".to_owned();
    let told = pages.post(&DevRole::default(), from, "/documents/check", fields).await;
    assert_eq!(told.status, StatusCode::OK);
    let text = told.text();
    let other = format!("name=\"to\" value=\"{from}\"");
    assert!(text.contains(&other), "{text}");
}
