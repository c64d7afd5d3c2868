//! Works on their page: every number leads to its works, every line to its entry.

use axum::http::StatusCode;
use keshi_office::access::DevRole;
use keshi_proto::api;
use keshi_proto::event as pb;
use keshi_proto::event::fact::Fact;

use crate::html::tags;
use crate::office::Pages;
use crate::support::{day, event};

const FIRST: i32 = 1;
const SECOND: i32 = 2;

fn awarded(work: &str, level: pb::Level, award: i32) -> api::Event {
    let fact = Fact::WorkAwarded(pb::WorkAwarded {
        work_id: work.to_owned(),
        title: format!("《{work}》"),
        level: level.into(),
        award,
        author_ids: vec!["T1".to_owned()],
        contest: "论文评选".to_owned(),
    });
    api::Event {
        occurred_from: day(2022, 5, 6),
        ..event(fact)
    }
}

#[tokio::test]
async fn a_number_leads_to_its_works_and_each_of_their_prizes_to_its_entry() {
    let pages = Pages::furnished().await;
    let (city, county) = (pb::Level::City, pb::Level::County);
    let events = vec![
        awarded("W1", city, SECOND),
        awarded("W1", county, FIRST),
        awarded("W2", county, FIRST),
    ];
    let receipt = pages.office.record(&pages.office.admin(), events).await;
    let page = pages.get(&DevRole::default(), "/works?year=2022").await;
    assert_eq!(page.status, StatusCode::OK);
    let text = page.text();
    for verdict in &receipt.verdicts {
        let to = format!("a.day href=\"/entries/{}\"", verdict.index.expect("recorded"));
        let to = to.replace("a.day", "a class=\"day\"");
        assert!(text.contains(&to), "{to}: {text}");
    }
    let numbers: Vec<String> = tags(&text)
        .filter_map(|tag| tag.strip_prefix("a href=\"/works?")?.split('"').next())
        .filter(|to| to.contains("award="))
        .map(|to| format!("/works?{}", to.replace("&amp;", "&")))
        .collect();
    assert_eq!(numbers.len(), 2, "one work of the city, one of the county: {numbers:?}");
    for to in numbers {
        let behind = pages.get(&DevRole::default(), &to).await.text();
        assert!(behind.contains("<b>1 works</b>"), "{to}: {behind}");
    }
}
