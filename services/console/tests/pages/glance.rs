//! The year at a glance on the first page, and the competitions.

use axum::http::StatusCode;
use keshi_office::access::RoleName;
use keshi_proto::api;
use keshi_proto::event as pb;
use keshi_proto::event::fact::Fact;

use crate::html::{self, tags};
use crate::office::{OTHERS, Pages, roles};
use crate::support::{day, event};

fn on(month: i32, fact: Fact) -> api::Event {
    let occurred_from = day(2022, month, 5);
    api::Event {
        occurred_from,
        ..event(fact)
    }
}

/// A county's competition: T1 and T2 took part, T1 won and was sent on.
fn contest() -> Vec<api::Event> {
    let comp_id = || "C1".to_owned();
    let entered = |id: &str| {
        let (comp_id, teacher_id) = (comp_id(), id.to_owned());
        on(4, Fact::EntryMade(pb::EntryMade { comp_id, teacher_id }))
    };
    let held = pb::CompetitionHeld {
        comp_id: comp_id(),
        name: "课堂教学创新大赛".to_owned(),
        level: 40,
        ..pb::CompetitionHeld::default()
    };
    let won = pb::AwardGiven {
        comp_id: comp_id(),
        teacher_id: "T1".to_owned(),
        award: 1,
        role: 1,
        ..pb::AwardGiven::default()
    };
    let sent = pb::Recommended {
        teacher_id: "T1".to_owned(),
        from_comp: comp_id(),
        to_level: 30,
        ..pb::Recommended::default()
    };
    vec![
        on(3, Fact::CompetitionHeld(held)),
        entered("T1"),
        entered("T2"),
        on(4, Fact::AwardGiven(won)),
        on(5, Fact::Recommended(sent)),
    ]
}

#[tokio::test]
async fn whoever_sees_more_than_herself_sees_the_year_at_a_glance() {
    let pages = Pages::furnished().await;
    for role in roles() {
        let name = role.0.name();
        let text = pages.get(&role, "/?year=2022").await.text();
        html::check("/", &text);
        let glance = text.contains("2022 at a glance");
        let sees_more = !matches!(name, RoleName::Teacher | RoleName::Lead | RoleName::RegistryReader);
        assert_eq!(glance, sees_more, "{name}: {text}");
        if !glance {
            continue;
        }
        let of_county = !matches!(name, RoleName::Clerk | RoleName::HeadTeacher);
        let short = format!("{} short", OTHERS + 2);
        assert_eq!(text.contains(&short), of_county, "{name}: {text}");
        // 60 times 6 hours, drawn in their month and told in the table.
        assert!(text.contains(">360</text>"), "{name}: {text}");
        let links = tags(&text).filter(|tag| tag.starts_with("a href=\"/shortfalls?period=2022&amp;school_id="));
        assert_eq!(links.count(), if of_county { 2 } else { 0 }, "{name}: {text}");
        // Of a school with one teacher no count is told.
        assert_eq!(text.contains("&lt;3"), of_county, "{name}: {text}");
    }
}

#[tokio::test]
async fn a_year_without_anything_says_so_and_one_that_has_not_begun_too() {
    let pages = Pages::furnished().await;
    let role = keshi_office::access::DevRole::default();
    let text = pages.get(&role, "/?year=2021").await.text();
    assert!(text.contains("no hours count in this year yet"), "{text}");
    assert!(text.contains("nobody took part, won or was recommended"), "{text}");
    let text = pages.get(&role, "/?year=2099").await.text();
    assert!(text.contains("the year has not begun"), "{text}");
}

#[tokio::test]
async fn each_number_of_the_funnel_leads_to_so_many_entries() {
    let pages = Pages::furnished().await;
    pages.office.record(&pages.office.admin(), contest()).await;
    let role = keshi_office::access::DevRole::default();
    let text = pages.get(&role, "/?year=2022").await.text();
    html::check("/", &text);
    let begins = |part: &&str| part.starts_with("a href=\"/contests?");
    // The county's two steps, and the city's one; a nought leads nowhere.
    let numbers = text.split('<').filter(begins).map(|part| {
        let (tag, number) = part.split_once('>').expect("a link");
        let to = tag.split('"').nth(1).expect("an address").replace("&amp;", "&");
        (to, number.to_owned())
    });
    let numbers: Vec<(String, String)> = numbers.collect();
    let expected = [
        ("/contests?period=2022&level=40&step=2", "2"),
        ("/contests?period=2022&level=40&step=3", "1"),
        ("/contests?period=2022&level=30&step=1", "1"),
    ];
    assert_eq!(numbers, expected.map(|(to, number)| (to.to_owned(), number.to_owned())));
    for (to, number) in numbers {
        let told = pages.get(&role, &to).await;
        assert_eq!(told.status, StatusCode::OK, "{to}");
        let text = told.text();
        html::check(&to, &text);
        let entries = tags(&text).filter(|tag| tag.starts_with("a href=\"/entries/"));
        assert_eq!(entries.count().to_string(), number, "{to}: {text}");
        assert!(text.contains("课堂教学创新大赛"), "{to}: {text}");
    }
}
