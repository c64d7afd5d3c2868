//! What a policy would change, before it is adopted.

use axum::http::StatusCode;
use calamine::{Reader as _, Xlsx};
use keshi_office::access::DevRole;
use keshi_proto::api;
use keshi_proto::api::ledger_service_client::LedgerServiceClient;
use keshi_proto::api::policy_choice::Policy as Given;
use tonic::{Code, Status};

use crate::html::{self, tags};
use crate::office::{Answered, OTHERS, POLICY, Pages, call, roles};

/// The policy with a minimum that everybody but T1 and T2 reaches.
fn lower() -> String {
    POLICY
        .replace("min = 90", "min = 5")
        .replace("version = 1", "version = 2")
}

fn form(document: &str, before: &str, period: &str) -> String {
    let fields = [("document", document), ("before", before), ("period", period)];
    serde_urlencoded::to_string(fields).expect("encoded")
}

async fn compare(pages: &Pages, role: &DevRole, to: &str, document: &str) -> Answered {
    let fields = form(document, "teacher-90", "2022");
    pages.post(role, "/documents/new", to, fields).await
}

#[tokio::test]
async fn before_a_policy_is_adopted_the_office_sees_who_would_stand_otherwise_and_nothing_is_written() {
    let pages = Pages::furnished().await;
    let (role, size) = (DevRole::default(), pages.office.engine.head().size);
    let checked = serde_urlencoded::to_string([("document", lower())]).expect("encoded");
    let checked = pages.post(&role, "/documents/new", "/documents/check", checked).await;
    let text = checked.text();
    html::check("/documents/check", &text);
    assert!(text.contains("action=\"/documents/compare\""), "{text}");
    assert!(text.contains("<option value=\"teacher-90\" selected>"), "{text}");

    let shown = compare(&pages, &role, "/documents/compare", &lower()).await;
    let text = shown.text();
    assert_eq!(shown.status, StatusCode::OK, "{text}");
    html::check("/documents/compare", &text);
    for part in [
        "newly short 0 teachers".to_owned(),
        format!("no longer short {OTHERS} teachers"),
        format!("no longer short: {OTHERS}"),
        "less missing: 2".to_owned(),
        format!("who meet everything 0 → {OTHERS}"),
        "action=\"/documents/adopt\"".to_owned(),
    ] {
        assert!(text.contains(&part), "{part}: {text}");
    }
    let lines = tags(&text).filter(|tag| tag.starts_with("a href=\"/teachers/"));
    assert_eq!(lines.count(), OTHERS + 2);
    assert!(text.contains("href=\"/teachers/T1?period=2022\""), "{text}");
    assert_eq!(pages.office.engine.head().size, size);

    // The other way: those who would be short.
    let one = lower().replace("teacher-90", "teacher-5");
    crate::support::adopt(&pages.office, &pages.office.admin(), &one).await;
    let fields = form(POLICY, "teacher-5", "2022");
    let text = pages
        .post(&role, "/documents/new", "/documents/compare", fields)
        .await
        .text();
    assert!(text.contains(&format!("newly short {OTHERS} teachers")), "{text}");
    assert!(text.contains("+84"), "{text}");
}

#[tokio::test]
async fn the_spreadsheet_of_a_comparison_has_a_row_for_each_change() {
    let pages = Pages::furnished().await;
    let told = compare(&pages, &DevRole::default(), "/documents/compare.xlsx", &lower()).await;
    assert_eq!(told.status, StatusCode::OK, "{}", told.kind);
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(std::io::Cursor::new(told.bytes)).expect("a workbook");
    let range = book.worksheet_range_at(0).expect("a sheet").expect("readable");
    let ids = range.rows().filter_map(|row| row.first()).map(ToString::to_string);
    let ids: Vec<String> = ids.filter(|id| id.starts_with('O') || id.starts_with('T')).collect();
    assert_eq!(ids.len(), OTHERS + 2, "{ids:?}");
}

#[tokio::test]
async fn a_comparison_that_is_asked_wrongly_comes_back_with_what_was_typed() {
    let pages = Pages::furnished().await;
    let role = DevRole::default();
    let fields = form(&lower(), "teacher-90", "next year");
    let told = pages.post(&role, "/documents/new", "/documents/compare", fields).await;
    assert_eq!(told.status, StatusCode::BAD_REQUEST);
    let text = told.text();
    html::check("/documents/compare", &text);
    assert!(text.contains("name=\"period\" value=\"next year\""), "{text}");
    assert!(
        text.contains("aria-invalid=\"true\" aria-describedby=\"problem\""),
        "{text}"
    );
    assert!(text.contains("min = 5"), "the document is still there: {text}");

    // What is no policy is marked in its place, and nothing is compared.
    let bad = lower().replace("min = 5", "min = \"some\"");
    for to in ["/documents/compare", "/documents/compare.xlsx"] {
        let text = compare(&pages, &role, to, &bad).await.text();
        assert!(
            text.contains("class=\"wrong\"") && text.contains("some"),
            "{to}: {text}"
        );
    }

    // In a period in which it is about nobody, that is what is said.
    let fields = form(&lower().replace("教师\"]", "校长\"]"), "teacher-90", "1999");
    let text = pages
        .post(&role, "/documents/new", "/documents/compare", fields)
        .await
        .text();
    assert!(
        text.contains("nothing was compared") && text.contains("role=\"alert\""),
        "{text}"
    );
}

/// What the services answer this role.
async fn asked(pages: &Pages, role: &DevRole) -> Result<api::PolicyComparison, Status> {
    let choice = |policy| Some(api::PolicyChoice { policy: Some(policy) });
    let request = api::ComparePoliciesRequest {
        before: choice(Given::Adopted("teacher-90".to_owned())),
        after: choice(Given::Document(lower())),
        period: "2022".to_owned(),
        ..api::ComparePoliciesRequest::default()
    };
    let mut ledger = LedgerServiceClient::new(pages.office.channel.clone());
    let mut answer = ledger.compare_policies(call(role, request)).await?.into_inner();
    let mut result = None;
    while let Some(message) = answer.message().await? {
        result = message.result.or(result);
    }
    Ok(result.expect("a result"))
}

#[tokio::test]
async fn a_comparison_has_for_everybody_what_the_services_answer_her() {
    let pages = Pages::furnished().await;
    let mut seen = Vec::new();
    for role in roles() {
        let name = role.0.name();
        let shown = compare(&pages, &role, "/documents/compare", &lower()).await;
        let text = shown.text();
        html::check("/documents/compare", &text);
        match asked(&pages, &role).await {
            Ok(result) if result.teachers > 0 => {
                let met = format!("no longer short {} teachers", result.now_met);
                assert!(text.contains(&met), "{name}: {met}: {text}");
                seen.push(result.now_met);
            }
            Ok(_) => assert!(text.contains("nothing was compared"), "{name}: {text}"),
            Err(status) => {
                assert_eq!(status.code(), Code::PermissionDenied, "{name}");
                assert_eq!(shown.status, StatusCode::FORBIDDEN, "{name}: {text}");
            }
        }
    }
    // All of the county, one school, and nobody but herself.
    let others = i64::try_from(OTHERS).expect("few");
    assert!(seen.contains(&others) && seen.contains(&0), "{seen:?}");
}
