//! A ledger process that is killed again and again while others post to it.

use std::collections::BTreeSet;

use keshi_core::ids::EventId;
use keshi_proto::api;
use keshi_tests::process::Keshi;
use keshi_tests::{client, county, ledger};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::{is_long, seed};

/// Posters at once.
const POSTERS: u64 = 8;

fn cycles() -> u64 {
    if is_long() { 200 } else { 20 }
}

/// Posts attendances from `next` on until the server is gone; answers the event ids that were said to be recorded.
async fn post_until_gone(url: String, poster: u64, mut next: u64) -> (u64, Vec<Uuid>) {
    let mut recorded = Vec::new();
    let Ok(mut client) = client::connect(&url).await else {
        return (next, recorded);
    };
    loop {
        let number = next * POSTERS + poster;
        let events = [county::attendance(number * 2), county::attendance(number * 2 + 1)];
        match client.submit(client::request(number, &events)).await {
            Ok(answer) => {
                let answer = answer.into_inner();
                assert_eq!(answer.state(), api::submit_response::State::Recorded);
                assert!(client::all_in_ledger(&answer), "{answer:?}");
                recorded.extend(events.iter().map(|event| event.event_id.uuid()));
                next += 1;
            }
            // Killed in the middle: the outcome is unknown, so the same is sent again to the next process.
            Err(_) => return (next, recorded),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_recorded_receipt_survives_kills_of_the_ledger_process() {
    let mut random = StdRng::seed_from_u64(seed());
    let data = tempfile::tempdir().expect("a directory");
    let arguments = ["--dev", "--office", "610729"];
    let first = Keshi::up(data.path(), &arguments).expect("it listens");
    client::post_register(&mut client::connect(&first.url()).await.expect("connected")).await;
    first.kill();

    let mut recorded: BTreeSet<Uuid> = BTreeSet::new();
    let mut next: Vec<u64> = (0..POSTERS).map(|_| 0).collect();
    for _ in 0..cycles() {
        let keshi = Keshi::up(data.path(), &arguments).expect("it listens again");
        let mut posters = JoinSet::new();
        for (poster, &next) in (0..).zip(&next) {
            let url = keshi.url();
            posters.spawn(async move { (poster, post_until_gone(url, poster, next).await) });
        }
        // Kill after a random number of receipts of a poster of our own, which also proves that it served.
        let wanted = random.random_range(1..120_u64);
        let mut own = client::connect(&keshi.url()).await.expect("connected");
        for number in 0..wanted {
            let number = (1 << 40) + number;
            let answer = own
                .submit(client::request(number, &[county::attendance(number)]))
                .await
                .expect("an answer");
            assert!(client::all_in_ledger(answer.get_ref()));
            recorded.insert(county::uuid(number));
        }
        keshi.kill();
        while let Some(ended) = posters.join_next().await {
            let (poster, (reached, ids)) = ended.expect("the poster ends");
            next[usize::try_from(poster).expect("small")] = reached;
            recorded.extend(ids);
        }
    }

    // What was in doubt is sent again, as a poster would.
    let keshi = Keshi::up(data.path(), &arguments).expect("it listens again");
    let mut last = client::connect(&keshi.url()).await.expect("connected");
    let mut posted = Vec::new();
    for (poster, &reached) in (0_u64..).zip(&next) {
        for number in (0..=reached).map(|step| step * POSTERS + poster) {
            let events = [county::attendance(number * 2), county::attendance(number * 2 + 1)];
            if number >= reached * POSTERS {
                let answer = last.submit(client::request(number, &events)).await.expect("an answer");
                assert!(client::all_in_ledger(answer.get_ref()));
            }
            posted.extend(events);
        }
    }
    assert_eq!(keshi.stop(), Some(0));

    let facts = ledger::facts(data.path());
    let engine = ledger::open(data.path());
    engine.query(|at| {
        for id in &recorded {
            assert!(
                at.index_of(EventId::new(*id)).is_some(),
                "{id} was said to be recorded and is gone"
            );
        }
    });
    println!("{} recorded receipts, {} entries", recorded.len(), facts.size);
    assert!(recorded.len() > usize::try_from(cycles()).expect("small"));

    // An undisturbed ledger that took the same.
    posted.extend(
        (1 << 40..(1 << 40) + 120)
            .map(county::attendance)
            .filter(|event| recorded.contains(&event.event_id.uuid())),
    );
    let all: Vec<_> = county::register().into_iter().chain(posted).collect();
    assert_eq!(facts.digest, ledger::undisturbed(&all).digest);
}
