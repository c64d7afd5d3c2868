//! The page of inspections: what was found, and the form of whoever looks again.

use axum::http::StatusCode;
use keshi_office::access::{DevRole, Scope};

use crate::office::Pages;
use crate::support::{finding, inspection};

const HERE: &str = "/inspections?year=2022";

fn of(name: &str, school: Option<&str>, teacher: Option<&str>) -> DevRole {
    let scope = Scope {
        school: school.map(ToOwned::to_owned),
        teacher_id: teacher.map(ToOwned::to_owned),
        ..Scope::default()
    };
    DevRole::new(name, scope).expect("a role")
}

fn form(finding: &str, by: &str) -> String {
    let fields = [
        ("key", "6f1c2f0e-6a0f-4d0e-9a46-5b5b7a3f8f11"),
        ("finding", finding),
        ("outcome", "1"),
        ("by", by),
    ];
    serde_urlencoded::to_string(fields).expect("encoded")
}

#[tokio::test]
async fn whoever_inspected_looks_again_on_the_page_and_the_school_does_not() {
    let pages = Pages::furnished_at(&jiff::Timestamp::now().to_string()).await;
    let admin = pages.office.admin();
    let events = vec![inspection("I1", "S2", &["T1"]), finding("F1", "I1")];
    pages.office.record(&admin, events).await;
    let (own, clerk) = (of("researcher", None, Some("T1")), of("clerk", Some("S2"), None));
    let text = pages.get(&own, HERE).await.text();
    assert!(text.contains("overdue") && text.contains("name=\"outcome\""), "{text}");
    crate::html::check(HERE, &text);
    let text = pages.get(&clerk, HERE).await.text();
    assert!(text.contains("overdue") && !text.contains("name=\"outcome\""), "{text}");
    let told = pages.post(&clerk, HERE, "/inspections", form("F1", "T2")).await;
    assert_eq!(told.status, StatusCode::FORBIDDEN, "{}", told.text());
    let told = pages.post(&own, HERE, "/inspections", form("F9", "T1")).await;
    assert_eq!(told.status, StatusCode::CONFLICT, "{}", told.text());
    for _ in 0..2 {
        let done = pages.post(&own, HERE, "/inspections", form("F1", "T1")).await;
        assert_eq!(done.location.as_deref(), Some(HERE), "{}", done.text());
    }
    let text = pages.get(&own, HERE).await.text();
    assert!(
        text.contains("changed 1") && !text.contains("name=\"outcome\""),
        "{text}"
    );
}
