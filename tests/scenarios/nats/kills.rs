//! A nats-server that is killed again and again while posters post.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use keshi_bus::testing::NatsServer;
use keshi_tests::{client, county, ledger};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tempfile::tempdir;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::{assert_recorded, register, up};
use crate::{is_long, seed};

/// Posters at once.
const POSTERS: u64 = 4;

/// Numbers of attendances are taken modulo the people, so this is how many there may be.
const MOST: u64 = 7_000;

fn cycles() -> u64 {
    if is_long() { 20 } else { 5 }
}

/// Posts two attendances at a time until told to stop; how many submissions were recorded, and their event ids.
async fn post_until_told(url: String, poster: u64, told: Arc<AtomicBool>, receipts: Arc<AtomicU64>) -> Vec<Uuid> {
    let mut recorded = Vec::new();
    let mut client = client::connect(&url).await.expect("connected");
    for step in 0.. {
        let number = step * POSTERS + poster;
        if told.load(Ordering::Relaxed) || number * 2 + 1 >= MOST {
            break;
        }
        let events = [county::attendance(number * 2), county::attendance(number * 2 + 1)];
        let receipt = client::post_until_recorded(&mut client, &client::request(number, &events)).await;
        assert_recorded(&receipt);
        recorded.extend(events.iter().map(|event| event.event_id.uuid()));
        receipts.fetch_add(1, Ordering::Relaxed);
    }
    recorded
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_recorded_receipt_survives_kills_of_the_nats_server() {
    let mut random = StdRng::seed_from_u64(seed());
    let mut nats = NatsServer::start().await;
    let (data, other) = (tempdir().expect("a directory"), tempdir().expect("a directory"));
    let ledger = up(data.path(), &nats, &["--roles", "ledger"]).expect("it listens");
    let intake = up(other.path(), &nats, &["--roles", "intake"]).expect("it listens");
    let people = county::register_of(county::TEACHERS, 13);
    assert!(people.len() > register().len());
    let mut client = client::connect(&intake.url()).await.expect("connected");
    for (number, events) in (1 << 50..).zip(people.chunks(2_000)) {
        let receipt = client::post_until_recorded(&mut client, &client::request(number, events)).await;
        assert_recorded(&receipt);
    }

    let (is_over, receipts) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let mut posters = JoinSet::new();
    for poster in 0..POSTERS {
        let posting = post_until_told(intake.url(), poster, Arc::clone(&is_over), Arc::clone(&receipts));
        posters.spawn(posting);
    }
    for cycle in 1..=cycles() {
        // Killed in the middle of posting: after a random number of receipts since it last came back.
        let wanted = receipts.load(Ordering::Relaxed) + random.random_range(1..40_u64);
        let give_up = Instant::now() + client::PATIENCE;
        while receipts.load(Ordering::Relaxed) < wanted {
            assert!(Instant::now() < give_up, "no receipts after kill {}", cycle - 1);
            assert!(!posters.is_empty());
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        nats.kill();
        nats.restart().await;
    }
    is_over.store(true, Ordering::Relaxed);
    let mut recorded = BTreeSet::new();
    while let Some(ended) = posters.join_next().await {
        recorded.extend(ended.expect("the poster ends"));
    }
    assert_eq!(intake.stop(), Some(0));
    assert_eq!(ledger.stop(), Some(0));

    let facts = ledger::facts(data.path());
    let engine = ledger::open(data.path());
    let standing: BTreeSet<_> = ledger::entries(&engine)
        .iter()
        .filter_map(|stored| stored.entry.posted.event_id())
        .map(keshi_core::ids::EventId::uuid)
        .collect();
    for id in &recorded {
        assert!(standing.contains(id), "{id} was said to be recorded and is gone");
    }
    let attendances = (0..MOST).map(county::attendance);
    let attendances = attendances.filter(|event| recorded.contains(&event.event_id.uuid()));
    let all: Vec<_> = people.into_iter().chain(attendances).collect();
    assert_eq!(facts.digest, ledger::undisturbed(&all).digest);
    println!(
        "{} kills, {} recorded receipts, {} entries",
        cycles(),
        receipts.load(Ordering::Relaxed),
        facts.size
    );
}
