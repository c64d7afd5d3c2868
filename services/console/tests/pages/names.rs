//! Names and texts that would be markup, or turn the line around, come out as the texts that they are.

use keshi_office::access::DevRole;
use keshi_proto::api;
use keshi_proto::api::registry_service_client::RegistryServiceClient;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

use crate::html;
use crate::office::Pages;
use crate::support::with;

/// What hostile names are made of.
const PARTS: [&str; 14] = [
    "<script>alert(1)</script>",
    "</title>",
    "<img src=x onerror=alert(1)>",
    "\"",
    "'",
    "&",
    "&lt;",
    "\" onfocus=\"alert(1)",
    "-->",
    "<!--here-->",
    "\u{202E}",
    "\u{2066}",
    "王芳",
    "{{7*7}}",
];

fn hostile(random: &mut StdRng) -> String {
    let count = random.random_range(1..5);
    (0..count).map(|_| PARTS[random.random_range(0..PARTS.len())]).collect()
}

/// The page holds no markup of the text's, no character that turns its line around, and is as well made as ever.
fn harmless(address: &str, page: &str, text: &str) {
    for (found, what) in [
        ("<script>", "a script"),
        ("<img", "an image"),
        (" onfocus=\"alert", "a handler"),
        ("<!--", "a comment"),
    ] {
        assert!(!page.contains(found), "{what} of {text:?} at {address}");
    }
    let turns =
        |c: char| matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200E}' | '\u{200F}' | '\u{061C}');
    assert!(!page.contains(turns), "{text:?} at {address}");
    html::check(address, page);
}

#[tokio::test]
async fn a_name_of_markup_quotes_or_bidi_comes_out_as_text_on_every_page_that_has_names() {
    let seed = rand::rng().random();
    println!("seed {seed}");
    let random = &mut StdRng::seed_from_u64(seed);
    let pages = Pages::furnished().await;
    let (admin, dev) = (pages.office.admin(), DevRole::default());
    let mut registry = RegistryServiceClient::new(pages.office.channel.clone());
    let mut taken = 0;
    for _ in 0..40 {
        let name = hostile(random);
        let identity = api::Identity {
            teacher_id: "T1".to_owned(),
            name: name.clone(),
            ..api::Identity::default()
        };
        let request = api::PutIdentitiesRequest {
            identities: vec![identity],
        };
        if registry.put_identities(with(&admin, request)).await.is_err() {
            continue;
        }
        taken += 1;
        for address in [
            "/teachers/T1?period=2022",
            "/shortfalls?period=2022&school_id=S1",
            "/school?period=2022&school_id=S1",
            "/entries/2",
            "/entries?about=T1",
            "/reads?since=",
            "/teachers/T1/changes?period=2022&before=0",
        ] {
            let told = pages.get(&dev, address).await;
            assert_eq!(told.status, 200, "{address}");
            harmless(address, &told.text(), &name);
        }
    }
    assert!(taken > 5, "{taken} names were taken: the test sees nothing");
}

#[tokio::test]
async fn what_is_typed_comes_back_as_text() {
    let seed = rand::rng().random();
    println!("seed {seed}");
    let random = &mut StdRng::seed_from_u64(seed);
    let (pages, dev) = (Pages::furnished().await, DevRole::default());
    for _ in 0..20 {
        let text = hostile(random);
        let typed = serde_urlencoded::to_string([("x", text.as_str())]).expect("encoded");
        let typed = typed.trim_start_matches("x=");
        for address in [
            format!("/teachers?name={typed}"),
            format!("/shortfalls?period={typed}&subject={typed}"),
            format!("/school?school_id={typed}&purpose={typed}"),
            format!("/entries?about={typed}&poster={typed}"),
            format!("/reads?by={typed}&about={typed}"),
            format!("/schools?name={typed}"),
            format!("/policies/{typed}/1"),
            format!("/teachers/T1?size={typed}"),
            format!("/?year={typed}"),
        ] {
            let told = pages.get(&dev, &address).await;
            // A slash in it is another address.
            if told.kind.starts_with("text/html") {
                harmless(&address, &told.text(), &text);
            }
        }
    }
}
