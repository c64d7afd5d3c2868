//! The addresses of `tlog-tiles`: what a monitor of transparency logs fetches.

use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use keshi_office::access::{DevRole, RoleName, Scope};
use keshi_verify::checkpoint::Checkpoint;
use keshi_verify::tile::{bundle_entries, tile_hashes};
use keshi_verify::{MerkleStack, leaf_hash};

use crate::office::{Answered, Pages};

fn header(answered: &Answered, name: axum::http::HeaderName) -> &str {
    answered
        .headers
        .get(name)
        .map_or("", |value| value.to_str().expect("text"))
}

#[tokio::test]
async fn a_monitor_checks_the_ledger_from_its_checkpoint_and_tiles_alone() {
    let pages = Pages::furnished().await;
    let (role, head) = (DevRole::default(), pages.office.engine.head());
    let note = pages.get(&role, "/checkpoint").await;
    assert_eq!(
        (note.status, header(&note, CONTENT_TYPE)),
        (StatusCode::OK, "text/plain; charset=utf-8")
    );
    assert_eq!(header(&note, CACHE_CONTROL), "public, max-age=2");
    let keys: Vec<_> = pages.office.signing.keys().into_iter().map(|key| key.key).collect();
    let checkpoint = Checkpoint::open(&note.bytes, &keys).unwrap();
    assert_eq!((checkpoint.size, *checkpoint.root.as_bytes()), (head.size, head.root));

    assert!(head.size < 512, "{} entries", head.size);
    let last = format!("/tile/0/{:03}.p/{}", head.size / 256, head.size % 256);
    let names = if head.size >= 256 {
        vec!["/tile/0/000".to_owned(), last]
    } else {
        vec![last]
    };
    let mut tree = MerkleStack::new();
    for name in &names {
        let tile = pages.get(&role, name).await;
        assert_eq!(
            (tile.status, header(&tile, CONTENT_TYPE)),
            (StatusCode::OK, "application/octet-stream")
        );
        assert_eq!(header(&tile, CACHE_CONTROL), "public, max-age=31536000, immutable");
        for leaf in tile_hashes(&tile.bytes).unwrap() {
            tree.push(leaf);
        }
    }
    assert_eq!(tree.root(), checkpoint.root);
    let missing = pages.get(&role, "/tile/0/777").await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    assert_eq!(header(&missing, CACHE_CONTROL), "no-store", "it may be there tomorrow");
    assert!(missing.text().contains("tile/0/777"), "{}", missing.text());
}

#[tokio::test]
async fn entries_are_for_a_token_of_an_auditor_and_who_asks_too_often_waits() {
    let pages = Pages::furnished().await;
    let office = &pages.office;
    let auditor = office.token(RoleName::Auditor, Scope::default());
    let width = office.engine.head().size % 256;
    let path = format!("/tile/entries/{:03}.p/{width}", office.engine.head().size / 256);
    let bundle = pages.program(&path, &auditor).await;
    assert_eq!(
        (bundle.status, header(&bundle, CACHE_CONTROL)),
        (StatusCode::OK, "private, no-store")
    );
    let first = office.engine.head().size / 256 * 256;
    for (index, entry) in (first..).zip(bundle_entries(&bundle.bytes).unwrap()) {
        assert_eq!(
            leaf_hash(entry).0,
            office.engine.entry(index).unwrap().unwrap().leaf_hash
        );
    }
    let clerk = pages.program(&path, &office.clerk("S1")).await;
    assert_eq!(clerk.status, StatusCode::FORBIDDEN);
    let made_up = pages.program(&path, "ks_made_up").await;
    assert_eq!(
        (made_up.status, made_up.headers.contains_key("www-authenticate")),
        (StatusCode::UNAUTHORIZED, true)
    );

    let mut asked = 0;
    let late = loop {
        asked += 1;
        assert!(asked < 40, "nobody is made to wait");
        let answered = pages.get(&DevRole::default(), "/checkpoint").await;
        if answered.status != StatusCode::OK {
            break answered;
        }
    };
    assert_eq!(late.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(late.headers.contains_key("retry-after"));
}
