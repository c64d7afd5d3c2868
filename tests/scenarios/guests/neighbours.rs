//! The others in the house: clerks who post and ask, and how fast they are while a guest does her worst.

use std::time::{Duration, Instant};

use keshi_tests::caller::{Caller, attendance};
use tokio::task::JoinSet;

use crate::is_long;

/// Connections that post one event after the other, and as many that read balances.
const EACH: usize = 2;

/// Turns of rest and attack, one after the other, so that a machine that is busy otherwise is so in both.
const TURNS: usize = 4;

/// Others keep at least this part of their rate, in hundredths, while one guest does her worst.
const RATE_MIN: u64 = 90;

/// And their p99 is at most so many times that at rest.
const P99_MAX: u32 = 3;

/// What neighbours got done.
#[derive(Clone, Debug, Default)]
pub struct Pace {
    posted: Vec<Duration>,
    read: Vec<Duration>,
    took: Duration,
}

impl Pace {
    fn add(&mut self, other: Self) {
        self.posted.extend(other.posted);
        self.read.extend(other.read);
        self.took += other.took;
    }

    fn per_second(&self, calls: &[Duration]) -> u64 {
        let calls = u128::try_from(calls.len()).expect("few");
        u64::try_from(calls * 1_000 / self.took.as_millis().max(1)).expect("few")
    }
}

fn p99(calls: &[Duration]) -> Duration {
    let mut calls = calls.to_vec();
    calls.sort_unstable();
    calls.get(calls.len() * 99 / 100).copied().unwrap_or_default()
}

/// Neighbours at work for a while.
async fn at_work(url: &str, token: &str, long: Duration) -> Pace {
    let began = Instant::now();
    let mut working = JoinSet::new();
    for posts in [true, false] {
        for _ in 0..EACH {
            let caller = Caller::connect(url).await.with(token);
            working.spawn(async move {
                let mut calls = Vec::new();
                while began.elapsed() < long {
                    let asked = Instant::now();
                    if posts {
                        caller
                            .submit(vec![attendance("X1", "T2", 100)])
                            .await
                            .expect("recorded");
                    } else {
                        // Not hers about whom is posted, whose balance takes longer with every entry.
                        caller.balance("T1").await.expect("an answer");
                    }
                    calls.push(asked.elapsed());
                }
                (posts, calls)
            });
        }
    }
    let mut pace = Pace::default();
    while let Some(done) = working.join_next().await {
        let (posts, calls) = done.expect("it runs");
        if posts {
            pace.posted.extend(calls);
        } else {
            pace.read.extend(calls);
        }
    }
    pace.took = began.elapsed();
    pace
}

/// Lets neighbours work at rest and beside an attack, in turns, and holds them to what others keep. `begin` starts the
/// attack; dropping what it gives ends it.
pub async fn go_on<A>(what: &str, url: &str, token: &str, mut begin: impl AsyncFnMut() -> A) {
    let long = if is_long() {
        Duration::from_secs(4)
    } else {
        Duration::from_millis(300)
    };
    // The first calls of a process are slower than all others.
    at_work(url, token, long / 4).await;
    let (mut rest, mut attacked) = (Pace::default(), Pace::default());
    for _ in 0..if is_long() { TURNS } else { 1 } {
        rest.add(at_work(url, token, long).await);
        let attack = begin().await;
        attacked.add(at_work(url, token, long).await);
        drop(attack);
    }
    for (kind, rest_calls, attacked_calls) in [
        ("posts", &rest.posted, &attacked.posted),
        ("balances", &rest.read, &attacked.read),
    ] {
        let rates = (rest.per_second(rest_calls), attacked.per_second(attacked_calls));
        let p99s = (p99(rest_calls), p99(attacked_calls));
        println!(
            "{what}: {kind} at rest {} /s, p99 {:?}; beside it {} /s ({} %), p99 {:?}",
            rates.0,
            p99s.0,
            rates.1,
            rates.1 * 100 / rates.0.max(1),
            p99s.1
        );
        assert!(!attacked_calls.is_empty(), "{what}: {kind} stood still");
        // The short form shares its machine with all other tests, and measures nothing.
        if is_long() {
            assert!(rates.1 * 100 >= rates.0 * RATE_MIN, "{what}: {kind} {rates:?} a second");
            assert!(p99s.1 <= p99s.0 * P99_MAX, "{what}: {kind} p99 {p99s:?}");
        }
    }
}
