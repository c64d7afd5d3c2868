//! A nats-server that is killed again and again while posters post: one alone, or the leader of three.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use keshi_bus::testing::{NatsCluster, NatsServer};
use keshi_core::event::Event;
use keshi_tests::process::Keshi;
use keshi_tests::{client, county, ledger};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tempfile::tempdir;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::{assert_recorded, register, up_at};
use crate::{is_long, seed};

/// Posters at once.
const POSTERS: u64 = 4;

/// Numbers of attendances are taken modulo the people, so this is how many there may be.
const MOST: u64 = 7_000;

/// How often each poster of three servers posts: slowly enough that there is something to post to the end.
const PACE: Duration = Duration::from_millis(40);

/// Ledger and intake apart, and posters that post until told to stop.
struct Posting {
    ledger: Keshi,
    intake: Keshi,
    people: Vec<Event>,
    is_over: Arc<AtomicBool>,
    receipts: Receipts,
    posters: JoinSet<Vec<Uuid>>,
}

/// When each receipt came.
type Receipts = Arc<Mutex<Vec<Instant>>>;

impl Posting {
    async fn start(ledger: Keshi, intake: Keshi, pace: Duration) -> Self {
        let people = county::register_of(county::TEACHERS, 13);
        assert!(people.len() > register().len());
        let mut client = client::connect(&intake.url()).await.expect("connected");
        for (number, events) in (1 << 50..).zip(people.chunks(2_000)) {
            let receipt = client::post_until_recorded(&mut client, &client::request(number, events)).await;
            assert_recorded(&receipt);
        }
        let (is_over, receipts) = (Arc::new(AtomicBool::new(false)), Receipts::default());
        let mut posters = JoinSet::new();
        for poster in 0..POSTERS {
            let (url, told, receipts) = (intake.url(), Arc::clone(&is_over), Arc::clone(&receipts));
            posters.spawn(post_until_told(url, poster, pace, told, receipts));
        }
        Self {
            ledger,
            intake,
            people,
            is_over,
            receipts,
            posters,
        }
    }

    fn receipts(&self) -> usize {
        self.receipts.lock().expect("not poisoned").len()
    }

    /// Waits for this many more receipts.
    async fn wait_receipts(&self, more: usize) {
        let wanted = self.receipts() + more;
        let give_up = Instant::now() + client::PATIENCE;
        while self.receipts() < wanted {
            assert!(Instant::now() < give_up, "no receipts after the last kill");
            assert!(!self.posters.is_empty());
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// The longest time between two receipts of which the later came after `since`.
    fn longest_gap(&self, since: Instant) -> Duration {
        let receipts = self.receipts.lock().expect("not poisoned");
        let pairs = receipts.windows(2).filter(|pair| pair[1] > since);
        pairs.map(|pair| pair[1] - pair[0]).max().expect("receipts came")
    }

    /// Ends everything, and holds what was said to be recorded against the ledger in `data`.
    async fn end(mut self, data: &Path) {
        self.is_over.store(true, Ordering::Relaxed);
        let mut recorded = BTreeSet::new();
        while let Some(ended) = self.posters.join_next().await {
            recorded.extend(ended.expect("the poster ends"));
        }
        assert_eq!(self.intake.stop(), Some(0));
        assert_eq!(self.ledger.stop(), Some(0));

        let facts = ledger::facts(data);
        let engine = ledger::open(data);
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
        let all: Vec<_> = self.people.into_iter().chain(attendances).collect();
        assert_eq!(facts.digest, ledger::undisturbed(&all).digest);
        println!("{} recorded events, {} entries", recorded.len(), facts.size);
    }
}

/// Posts two attendances at a time until told to stop; the event ids of what was recorded.
async fn post_until_told(
    url: String,
    poster: u64,
    pace: Duration,
    told: Arc<AtomicBool>,
    receipts: Receipts,
) -> Vec<Uuid> {
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
        receipts.lock().expect("not poisoned").push(Instant::now());
        tokio::time::sleep(pace).await;
    }
    recorded
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_recorded_receipt_survives_kills_of_the_nats_server() {
    let mut random = StdRng::seed_from_u64(seed());
    let mut nats = NatsServer::start().await;
    let (data, other) = (tempdir().expect("a directory"), tempdir().expect("a directory"));
    let ledger = up_at(data.path(), &nats.url(), &["--roles", "ledger"]).expect("it listens");
    let intake = up_at(other.path(), &nats.url(), &["--roles", "intake"]).expect("it listens");
    let posting = Posting::start(ledger, intake, Duration::ZERO).await;
    for _ in 0..if is_long() { 20 } else { 5 } {
        // Killed in the middle of posting: after a random number of receipts since it last came back.
        posting.wait_receipts(random.random_range(1..40)).await;
        nats.kill();
        nats.restart().await;
    }
    posting.end(data.path()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_the_leader_of_three_servers_is_killed_nothing_is_lost_and_posting_goes_on_as_soon_as_there_is_another() {
    let mut random = StdRng::seed_from_u64(seed());
    let mut cluster = NatsCluster::start().await;
    let (data, other) = (tempdir().expect("a directory"), tempdir().expect("a directory"));
    let up = |data: &Path, role| {
        up_at(data, &cluster.url(), &["--roles", role, "--nats-replicas", "3"]).expect("it listens")
    };
    let posting = Posting::start(up(data.path(), "ledger"), up(other.path(), "intake"), PACE).await;
    let (context, stream) = (cluster.context().await, "KESHI_610729");
    for kill in 1..=if is_long() { 5 } else { 1 } {
        let leader = NatsCluster::leader(&context, stream, None, true).await;
        posting.wait_receipts(random.random_range(1..40)).await;
        let killed = Instant::now();
        cluster.servers[leader].kill();
        NatsCluster::leader(&context, stream, Some(leader), false).await;
        // The servers themselves need this long: they miss a dead leader after 4 to 9 seconds.
        let theirs = killed.elapsed();
        posting.wait_receipts(10).await;
        let ours = posting.longest_gap(killed);
        println!("kill {kill}: a new leader after {theirs:?}, no receipt for {ours:?}");
        assert!(
            ours <= theirs.mul_f64(1.5) + Duration::from_secs(2),
            "posting stood still for {ours:?}, the servers for {theirs:?}"
        );
        cluster.servers[leader].restart().await;
    }
    posting.end(data.path()).await;
}
