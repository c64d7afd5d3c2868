//! The ledger by month on the page of the audit.

use axum::http::StatusCode;
use keshi_bundle::format::Bundle;
use keshi_bundle::trust::TrustedKey;
use keshi_core::hex;
use keshi_office::access::DevRole;
use keshi_words::names::count;

use crate::html;
use crate::office::Pages;
use crate::support::session;

#[tokio::test]
async fn the_audit_shows_each_month_with_its_size_and_root() {
    let pages = Pages::furnished_at("2022-12-20T08:00:00Z").await;
    let began = pages.office.engine.head();
    pages.office.set_clock("2023-01-05T08:00:00Z");
    let admin = pages.office.admin();
    pages.office.record(&admin, vec![session("P1", "X8")]).await;
    let told = pages.get(&DevRole::default(), "/audit").await.text();
    html::check("/audit", &told);
    for (month, head) in [("2022-12", began), ("2023-01", pages.office.engine.head())] {
        let line = told.split("<tr").find(|row| row.contains(&format!(">{month}<")));
        let line = line.unwrap_or_else(|| panic!("{month}: {told}"));
        assert!(line.contains(&format!(">{}<", count(head.size))), "{line}");
        assert!(line.contains(&hex::show(&head.root)), "{line}");
    }
    // Each is replayed from its own line, and finds the root that stands there.
    let to = format!("/audit?size={}", began.size);
    assert!(told.contains(&format!("action=\"{to}\"")), "{told}");
    let replayed = pages.ask(&DevRole::default(), "POST", &to).await.text();
    html::check(&to, &replayed);
    let agrees = format!("it agrees: {} entries replayed", count(began.size));
    assert!(
        replayed.contains(&agrees) && replayed.contains(&hex::show(&began.root)),
        "{replayed}"
    );
    for wrong in ["some", "9999999"] {
        let told = pages
            .ask(&DevRole::default(), "POST", &format!("/audit?size={wrong}"))
            .await;
        assert_eq!(told.status, StatusCode::BAD_REQUEST, "{wrong}");
    }
    // The year stands at its January, below its column.
    assert!(told.contains(">2023</text>") && told.contains(">12</text>"), "{told}");
}

#[tokio::test]
async fn a_bundle_is_saved_from_the_page_and_holds() {
    let pages = Pages::furnished().await;
    let told = pages.get(&DevRole::default(), "/audit").await.text();
    html::check("/audit", &told);
    assert!(told.contains("action=\"/audit/bundle\""), "{told}");
    let keys: Vec<TrustedKey> = pages
        .office
        .signing
        .keys()
        .into_iter()
        .map(|key| TrustedKey {
            key: key.key,
            until: key.until,
        })
        .collect();
    for address in [
        "/audit/bundle?year=2022&teacher_id=",
        "/audit/bundle?year=2022&teacher_id=T1",
    ] {
        let saved = pages.get(&DevRole::default(), address).await;
        assert_eq!(
            (saved.status, saved.kind.as_str()),
            (StatusCode::OK, "application/octet-stream")
        );
        Bundle::parse(&saved.bytes)
            .and_then(|bundle| bundle.check(&keys))
            .unwrap();
    }
    let told = pages.get(&DevRole::default(), "/audit/bundle?year=later").await;
    assert_eq!(told.status, StatusCode::BAD_REQUEST);
}
