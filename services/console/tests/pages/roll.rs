//! 点名: who was there is ticked, checked and recorded; a tick taken away is a void.

use axum::http::StatusCode;
use keshi_office::access::{DevRole, Scope};
use keshi_proto::api;
use keshi_proto::api::ledger_service_client::LedgerServiceClient;
use keshi_proto::event as pb;
use keshi_proto::event::fact::Fact;

use crate::html;
use crate::office::{Answered, Pages, call};
use crate::support::{attendance, day, event, session};

/// The session that the tests take the roll of.
const SESSION: &str = "X2";
const PAGE: &str = "/sessions/X2";

fn clerk() -> DevRole {
    let scope = Scope {
        school: Some("S1".to_owned()),
        ..Scope::default()
    };
    DevRole::new("clerk", scope).expect("a role")
}

/// An office of today, since what is voided on a page is voided today, with one session of which nothing is known.
async fn pages() -> Pages {
    let pages = Pages::furnished_at(&jiff::Timestamp::now().to_string()).await;
    let admin = pages.office.admin();
    pages.office.record(&admin, vec![session("P1", SESSION)]).await;
    pages
}

/// Who is recorded at the session, with her hours in hundredths.
async fn there(pages: &Pages) -> Vec<(String, i64)> {
    let request = api::ListAttendanceRequest {
        session_id: SESSION.to_owned(),
        ..api::ListAttendanceRequest::default()
    };
    let mut ledger = LedgerServiceClient::new(pages.office.channel.clone());
    let answer = ledger.list_attendance(call(&clerk(), request)).await.expect("listed");
    let all = answer.into_inner().attendance;
    all.into_iter().map(|one| (one.teacher_id, one.centihours)).collect()
}

fn who(all: &[(&str, i64)]) -> Vec<(String, i64)> {
    all.iter().map(|(id, hours)| ((*id).to_owned(), *hours)).collect()
}

/// How many boxes are ticked on the page.
fn ticked(page: &Answered) -> usize {
    let text = page.text();
    html::tags(&text)
        .filter(|tag| tag.contains("name=\"there\"") && tag.ends_with(" checked"))
        .count()
}

#[tokio::test]
async fn who_is_ticked_is_recorded_and_the_same_form_again_changes_nothing() {
    let pages = pages().await;
    let role = clerk();
    let list = pages.get(&role, "/sessions").await.text();
    assert!(list.contains("href=\"/sessions/X2\""), "{list}");
    let first = pages.get(&role, PAGE).await;
    html::check(PAGE, &first.text());
    assert_eq!(ticked(&first), 0, "{}", first.text());
    // Her hours of the session are suggested, and all are ticked at once without a script.
    assert!(first.text().contains("name=\"each\" value=\"6\""), "{}", first.text());
    let all = pages.post(&role, PAGE, PAGE, "choose=all&each=5".to_owned()).await;
    assert_eq!(ticked(&all), 61);
    assert!(all.text().contains("name=\"each\" value=\"5\""), "{}", all.text());

    let fields = [
        ("there", "T1"),
        ("there", "O001"),
        ("hours.O001", "4"),
        ("each", "6"),
        ("role", "1"),
    ];
    let told = pages.fill_in(&role, PAGE, &fields).await;
    assert!(told.text().contains("recorded 2"), "{}", told.text());
    html::check("recorded", &told.text());
    assert_eq!(there(&pages).await, who(&[("O001", 400), ("T1", 600)]));
    let again = pages.fill_in(&role, PAGE, &fields).await;
    assert!(again.text().contains("duplicate 2"), "{}", again.text());
    let shown = pages.get(&role, PAGE).await;
    assert_eq!(ticked(&shown), 2, "{}", shown.text());
    // As it is shown it says nothing new.
    let same = [
        ("was", "T1~1"),
        ("there", "T1~1"),
        ("hours.T1~1", "6"),
        ("each", "6"),
        ("role", "1"),
    ];
    let nothing = pages.fill_in(&role, PAGE, &same).await;
    assert!(
        nothing.text().contains("there is nothing to record"),
        "{}",
        nothing.text()
    );
}

#[tokio::test]
async fn a_tick_taken_away_is_void_with_a_reason_other_hours_correct_and_a_tick_set_again_brings_back() {
    let pages = pages().await;
    let role = clerk();
    // Posted by another program, under ids of its own.
    let posted = ["T1", "O001"].map(|id| attendance(SESSION, id, 600)).to_vec();
    pages.office.record(&pages.office.clerk("S1"), posted).await;
    let shown = [
        ("was", "T1~1"),
        ("was", "O001~1"),
        ("there", "O001~1"),
        ("hours.O001~1", "4"),
        ("each", "6"),
    ];
    let lacking = pages.fill_in(&role, PAGE, &shown).await;
    let text = lacking.text();
    assert!(text.contains("role=\"alert\"") && text.contains("say why"), "{text}");
    assert!(
        ticked(&lacking) == 1 && text.contains("name=\"hours.O001~1\" value=\"4\""),
        "{text}"
    );
    assert_eq!(there(&pages).await, who(&[("O001", 600), ("T1", 600)]));

    let reason = [("reason", "was ill")];
    let told = pages.fill_in(&role, PAGE, &[&shown[..], &reason].concat()).await;
    assert!(
        told.text().contains("voided 1") && told.text().contains("changed 1"),
        "{}",
        told.text()
    );
    assert_eq!(there(&pages).await, who(&[("O001", 600)]));
    let other = [("was", "O001~1"), ("there", "O001~1"), ("hours.O001~1", "4")];
    let changed = pages.fill_in(&role, PAGE, &other).await;
    let here = changed.location.clone().expect("an import");
    let corrected = pages.check_again(&role, &here, &[("correct", "left early")]).await;
    assert!(corrected.text().contains("corrected 1"), "{}", corrected.text());
    assert_eq!(there(&pages).await, who(&[("O001", 400)]));

    // What was corrected does not stand again when its correction is void.
    let none = pages
        .fill_in(&role, PAGE, &[("was", "O001~1"), ("reason", "was ill")])
        .await;
    assert!(none.text().contains("voided"), "{}", none.text());
    assert_eq!(there(&pages).await, who(&[]));

    // Somebody who was void by a sheet's own id is told so, and comes back with a reason.
    let anew = [("there", "O002"), ("each", "6")];
    pages.fill_in(&role, PAGE, &anew).await;
    pages
        .fill_in(&role, PAGE, &[("was", "O002~1"), ("reason", "mistaken")])
        .await;
    assert_eq!(there(&pages).await, who(&[]));
    let void = pages.fill_in(&role, PAGE, &anew).await;
    let here = void.location.clone().expect("an import");
    assert!(void.text().contains("name=\"back\""), "{}", void.text());
    let back = pages
        .check_again(&role, &here, &[("back", "yes"), ("correct", "she was there")])
        .await;
    assert!(back.text().contains("recorded 1"), "{}", back.text());
    assert_eq!(there(&pages).await, who(&[("O002", 600)]));
}

#[tokio::test]
async fn a_form_that_lay_open_takes_back_nothing_that_another_clerk_recorded_or_corrected_meanwhile() {
    let pages = pages().await;
    let role = clerk();
    let fields = [("there", "O001"), ("there", "O003"), ("each", "6")];
    pages.fill_in(&role, PAGE, &fields).await;
    let text = pages.get(&role, PAGE).await.text();
    assert!(text.contains("name=\"had.O001~1\" value=\"6\""), "{text}");
    let open = [
        ("was", "O001~1"),
        ("was", "O003~1"),
        ("there", "O001~1"),
        ("there", "O003~1"),
        ("had.O001~1", "6"),
        ("had.O003~1", "6"),
        ("hours.O001~1", "6"),
        ("hours.O003~1", "6"),
        ("there", "T1"),
        ("there", "O002"),
        ("each", "6"),
        ("role", "1"),
    ];
    let other = [("was", "O001~1"), ("there", "O001~1"), ("hours.O001~1", "4")];
    let changed = pages.fill_in(&role, PAGE, &other).await;
    let here = changed.location.clone().expect("an import");
    pages.check_again(&role, &here, &[("correct", "left early")]).await;
    pages
        .fill_in(&role, PAGE, &[("there", "O002"), ("each", "6"), ("role", "1")])
        .await;
    let told = pages.fill_in(&role, PAGE, &open).await.text();
    assert!(told.contains("recorded 1") && told.contains("duplicate 1"), "{told}");
    assert!(!told.contains("changed 1"), "{told}");
    let expected = [("O001", 400), ("O002", 600), ("O003", 600), ("T1", 600)];
    assert_eq!(there(&pages).await, who(&expected));
}

#[tokio::test]
async fn more_ticks_than_a_page_has_are_refused_with_the_way_to_record_them() {
    let pages = pages().await;
    let mut ticks: Vec<String> = (0..=400).map(|n| format!("there=O{n:05}")).collect();
    ticks.push("each=6".to_owned());
    let many = pages.post(&clerk(), PAGE, PAGE, ticks.join("&")).await;
    let text = many.text();
    assert!(
        text.contains("role=\"alert\"") && text.contains("at most 400 people"),
        "{text}"
    );
    assert!(many.location.is_none(), "{:?}", many.location);
}

#[tokio::test]
async fn a_session_says_that_it_was_cancelled_and_what_the_services_refuse_is_said_in_their_words() {
    let pages = pages().await;
    let cancelled = pb::SessionCancelled {
        session_id: SESSION.to_owned(),
        reason: "storm".to_owned(),
    };
    let cancelled = api::Event {
        occurred_from: day(2022, 3, 4),
        ..event(Fact::SessionCancelled(cancelled))
    };
    pages.office.record(&pages.office.admin(), vec![cancelled]).await;
    let shown = pages.get(&clerk(), PAGE).await.text();
    assert!(shown.contains("this session was cancelled"), "{shown}");
    // Of another school, at a session that is not of hers. Going back, what was ticked and typed is there.
    let fields = [("others", "T2"), ("each", "7"), ("there", "O005"), ("hours.O005", "3")];
    let refused = pages.taken(&clerk(), PAGE, &fields).await;
    assert_eq!(refused.status, StatusCode::OK);
    assert!(refused.text().contains("<tr class=\"wrong\""), "{}", refused.text());
    let text = refused.text();
    let back = html::tags(&text).find_map(|tag| tag.split("href=\"/sessions/X2?").nth(1)?.split('"').next());
    let back = format!("{PAGE}?{}", back.expect("a way back").replace("&amp;", "&"));
    let again = pages.get(&clerk(), &back).await;
    let text = again.text();
    assert_eq!(ticked(&again), 1, "{text}");
    for kept in [
        "name=\"each\" value=\"7\"",
        "name=\"hours.O005\" value=\"3\"",
        ">T2</textarea>",
    ] {
        assert!(text.contains(kept), "{kept}: {text}");
    }
    // Nobody else is shown it.
    let other = DevRole::new("admin", Scope::default()).expect("a role");
    let others = pages.get(&other, &back).await;
    assert!(!others.text().contains("T2</textarea>"), "{}", others.text());
    assert_eq!(there(&pages).await, who(&[]));
}
