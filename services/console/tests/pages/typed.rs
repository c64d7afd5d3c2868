//! What was typed stays typed, and a list goes on where it ended.

use axum::http::StatusCode;
use keshi_office::access::DevRole;
use keshi_proto::api;
use keshi_proto::api::registry_service_client::RegistryServiceClient;

use crate::html::tags;
use crate::office::{OTHERS, Pages};
use crate::support::with;

#[tokio::test]
async fn a_question_that_is_wrong_comes_back_with_what_was_typed_and_the_field_marked() {
    let pages = Pages::furnished().await;
    for (address, marked) in [
        (
            "/shortfalls?period=next+year&subject=%E8%AF%AD%E6%96%87",
            "name=\"period\" value=\"next year\"",
        ),
        ("/school?school_id=S1&period=soon", "name=\"period\" value=\"soon\""),
        (
            "/contests?period=next+year&level=40",
            "name=\"period\" value=\"next year\"",
        ),
        ("/organisations?on=soon", "name=\"on\" value=\"soon\""),
        ("/rotations?on=soon", "name=\"on\" value=\"soon\""),
        ("/topics?year=last", "name=\"year\" value=\"last\""),
        ("/year?year=last", "name=\"year\" value=\"last\""),
        ("/works?year=last", "name=\"year\" value=\"last\""),
        ("/questions?semester=soon", "name=\"semester\" value=\"soon\""),
        ("/inspections?year=last", "name=\"year\" value=\"last\""),
        ("/merges?about=%21", "name=\"about\" value=\"!\""),
        ("/overlaps?about=%21", "name=\"about\" value=\"!\""),
        ("/titles?on=tomorrow", "name=\"on\" value=\"tomorrow\""),
        ("/entries?since=yesterday", "name=\"since\" value=\"yesterday\""),
        ("/teachers/T1?size=many", "name=\"size\" value=\"many\""),
        ("/teachers/T1?until=2022-02-30", "name=\"until\" value=\"2022-02-30\""),
        ("/teachers/T1/changes?before=some", "name=\"before\" value=\"some\""),
        ("/reads?since=2022-13-01", "name=\"since\" value=\"2022-13-01\""),
    ] {
        let told = pages.get(&DevRole::default(), address).await;
        assert_eq!(told.status, StatusCode::BAD_REQUEST, "{address}");
        let text = told.text();
        assert!(text.contains(marked), "{address}: {text}");
        assert!(text.contains("id=\"problem\" role=\"alert\""), "{address}: {text}");
        let wrong = tags(&text).filter(|tag| tag.contains("aria-invalid=\"true\" aria-describedby=\"problem\""));
        let wrong: Vec<_> = wrong.collect();
        assert!(wrong.len() == 1 && wrong[0].contains(marked), "{address}: {wrong:?}");
    }
}

#[tokio::test]
async fn a_question_that_says_a_thing_twice_is_told_so() {
    let pages = Pages::furnished().await;
    for path in [
        "/shortfalls",
        "/school",
        "/contests",
        "/titles",
        "/organisations",
        "/rotations",
        "/topics",
        "/works",
        "/year",
        "/questions",
        "/inspections",
        "/merges",
        "/overlaps",
        "/entries",
        "/teachers/T1",
        "/reads",
        "/schools",
    ] {
        let address =
            format!("{path}?period=1&period=2&name=1&name=2&since=1&since=2&on=1&on=2&all=1&all=2&year=1&year=2");
        let told = pages.get(&DevRole::default(), &address).await;
        assert_eq!(told.status, StatusCode::BAD_REQUEST, "{address}");
        assert!(
            told.text().contains("perhaps it says a thing twice"),
            "{address}: {}",
            told.text()
        );
        crate::html::check(&address, &told.text());
    }
}

#[tokio::test]
async fn a_list_is_about_whom_a_name_names_and_several_are_told_apart() {
    let pages = Pages::furnished().await;
    let admin = pages.office.admin();
    let identities = [("T1", "试样甲"), ("T2", "试样乙")].map(|(id, name)| api::Identity {
        teacher_id: id.to_owned(),
        name: name.to_owned(),
        ..api::Identity::default()
    });
    let request = api::PutIdentitiesRequest {
        identities: identities.to_vec(),
    };
    let mut registry = RegistryServiceClient::new(pages.office.channel.clone());
    registry.put_identities(with(&admin, request)).await.expect("taken");
    let about = |name: &str| {
        let typed = serde_urlencoded::to_string([("about", name)]).expect("encoded");
        format!("/entries?{typed}")
    };
    let one = pages.get(&DevRole::default(), &about("试样甲")).await;
    assert_eq!(one.status, StatusCode::OK);
    let text = one.text();
    assert!(text.contains("试样甲 T1") && !text.contains("T2"), "{text}");
    let several = pages.get(&DevRole::default(), &about("试样")).await;
    assert_eq!(several.status, StatusCode::BAD_REQUEST);
    let text = several.text();
    assert!(
        text.contains("试样甲 T1 S1 小学") && text.contains("试样乙 T2 S2 小学"),
        "{text}"
    );
    let nobody = pages.get(&DevRole::default(), &about("无此人")).await;
    assert_eq!(nobody.status, StatusCode::BAD_REQUEST);
    assert!(nobody.text().contains("check the name"), "{}", nobody.text());
}

/// The address that this page's link to the next leads to.
fn next(page: &str) -> Option<String> {
    let tag = tags(page).find(|tag| tag.starts_with("a rel=\"next\""))?;
    Some(tag.split_once("href=\"")?.1.trim_end_matches('"').replace("&amp;", "&"))
}

#[tokio::test]
async fn the_pages_of_a_list_have_everything_once() {
    let pages = Pages::furnished().await;
    for (first, every) in [
        ("/school?school_id=S1&period=2022", OTHERS + 1),
        ("/shortfalls?period=2022&school_id=S1", OTHERS + 1),
    ] {
        let (mut address, mut found, mut turned) = (Some(first.to_owned()), Vec::new(), 0);
        while let Some(here) = address {
            let text = pages.get(&DevRole::default(), &here).await.text();
            let links = tags(&text).filter_map(|tag| tag.strip_prefix("a href=\"/teachers/")?.split('?').next());
            found.extend(links.map(ToOwned::to_owned));
            address = next(&text);
            turned += 1;
            assert!(turned < 10, "{first} does not end");
        }
        let all = found.len();
        found.sort();
        found.dedup();
        assert_eq!((all, found.len()), (every, every), "{first}");
    }
    let all = pages.office.engine.head().size;
    let (mut address, mut entries) = (Some("/entries?from=0".to_owned()), 0);
    while let Some(here) = address {
        let text = pages.get(&DevRole::default(), &here).await.text();
        entries += tags(&text).filter(|tag| tag.starts_with("a href=\"/entries/")).count();
        address = next(&text);
    }
    assert_eq!(entries as u64, all);
}
