//! The page of ordered research: what is ticked is put together or planned, and an answer is rated.

use axum::http::StatusCode;
use keshi_office::access::{DevRole, Scope};

use crate::office::Pages;
use crate::support::{adopt_calendar, planned, question, session};

async fn with_questions() -> Pages {
    // What is done on the page is of the day on which it is done.
    let pages = Pages::furnished_at(&jiff::Timestamp::now().to_string()).await;
    let admin = pages.office.admin();
    adopt_calendar(&pages.office, &admin).await;
    let events = vec![
        question("Q1", "S1"),
        question("Q2", "S2"),
        question("Q3", "S1"),
        session("P1", "X2"),
    ];
    pages.office.record(&admin, events).await;
    pages
}

fn researcher(subject: &str) -> DevRole {
    let scope = Scope {
        teacher_id: Some("T1".to_owned()),
        subjects: vec![subject.to_owned()],
        ..Scope::default()
    };
    DevRole::new("researcher", scope).expect("a role")
}

fn clerk(school: &str) -> DevRole {
    let scope = Scope {
        school: Some(school.to_owned()),
        ..Scope::default()
    };
    DevRole::new("clerk", scope).expect("a role")
}

fn form(fields: &[(&str, &str)]) -> String {
    let key = [("key", "6f1c2f0e-6a0f-4d0e-9a46-5b5b7a3f8f11")];
    serde_urlencoded::to_string(key.iter().chain(fields).collect::<Vec<_>>()).expect("encoded")
}

#[tokio::test]
async fn what_is_ticked_is_put_together_and_planned_once_however_often_the_form_is_sent() {
    let pages = with_questions().await;
    let role = researcher("语文");
    let here = "/questions?subject=%E8%AF%AD%E6%96%87";
    let join = form(&[
        ("question", "Q1"),
        ("question", "Q2"),
        ("act", "join"),
        ("on", "2022-11-10"),
    ]);
    for _ in 0..2 {
        let done = pages.post(&role, here, "/questions", join.clone()).await;
        assert_eq!(done.location.as_deref(), Some(here), "{}", done.text());
    }
    let plan = form(&[("question", "Q1"), ("act", "plan"), ("session", "X2")]);
    let done = pages.post(&role, here, "/questions", plan).await;
    assert_eq!(done.location.as_deref(), Some(here), "{}", done.text());
    let text = pages.get(&role, here).await.text();
    assert!(
        text.contains("2 sent") && text.contains("answered 1, received 1") || text.contains("received 1, answered 1"),
        "{text}"
    );
    crate::html::check(here, &text);
}

#[tokio::test]
async fn what_cannot_be_done_is_said_on_the_page_with_what_to_do() {
    let pages = with_questions().await;
    let here = "/questions";
    for (role, fields, status, says) in [
        (
            researcher("语文"),
            form(&[("act", "join")]),
            StatusCode::BAD_REQUEST,
            "tick the questions first",
        ),
        (
            researcher("语文"),
            form(&[("question", "Q1"), ("act", "join")]),
            StatusCode::BAD_REQUEST,
            "tick two",
        ),
        (
            researcher("语文"),
            form(&[("question", "Q1"), ("act", "plan"), ("session", "X2"), ("on", "soon")]),
            StatusCode::BAD_REQUEST,
            "write the day as",
        ),
        (
            researcher("语文"),
            form(&[("question", "Q9"), ("act", "plan"), ("session", "X2")]),
            StatusCode::CONFLICT,
            "there is no question_id Q9",
        ),
        (
            clerk("S1"),
            form(&[("question", "Q1"), ("act", "plan"), ("session", "X2")]),
            StatusCode::FORBIDDEN,
            "may not post",
        ),
    ] {
        let told = pages.post(&role, here, "/questions", fields).await;
        assert_eq!(told.status, status, "{says}: {}", told.text());
        assert!(told.text().contains(says), "{says}: {}", told.text());
    }
}

#[tokio::test]
async fn a_school_rates_on_the_page_what_it_asked_and_is_not_asked_again() {
    let pages = with_questions().await;
    let admin = pages.office.admin();
    pages.office.record(&admin, vec![planned("Q1", "X2")]).await;
    let role = clerk("S1");
    let shown = pages.get(&role, "/questions").await.text();
    assert_eq!(shown.matches("action=\"/questions/rate\"").count(), 1, "{shown}");
    assert!(!shown.contains("name=\"act\""), "a clerk plans nothing: {shown}");
    let fields = form(&[
        ("question", "Q1"),
        ("school", "S1"),
        ("rating", "4"),
        ("remark", "可以直接用"),
    ]);
    let done = pages.post(&role, "/questions", "/questions/rate", fields).await;
    assert_eq!(done.location.as_deref(), Some("/questions"), "{}", done.text());
    let shown = pages.get(&role, "/questions").await.text();
    assert!(
        shown.contains("可以直接用") && !shown.contains("/questions/rate"),
        "{shown}"
    );
    let other = serde_urlencoded::to_string([("question", "Q2"), ("school", "S2"), ("rating", "4")]).expect("encoded");
    let told = pages.post(&role, "/questions", "/questions/rate", other).await;
    assert_eq!(told.status, StatusCode::FORBIDDEN, "{}", told.text());
}
