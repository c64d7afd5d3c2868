//! The whole path over gRPC, beside an empty unary call of the same shape.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use keshi_proto::api::operations_service_client::OperationsServiceClient;
use keshi_proto::api::submission_service_client::SubmissionServiceClient;
use keshi_proto::api::{GetStatusRequest, SubmitRequest};
use keshi_tests::process::Keshi;
use keshi_tests::{client, county};
use tokio::task::JoinSet;
use tonic::transport::Channel;

use crate::floor::Floor;
use crate::{median, row};

/// Connections that the clients share.
const CONNECTIONS: usize = 8;

/// Slices of each side; the medians are compared.
const SLICES: usize = 5;

/// Numbers of events already posted, so that none is posted twice.
static POSTED: AtomicU64 = AtomicU64::new(0);

/// So many events stand in a ledger already: the next ones have later numbers.
pub fn after(entries: u64) {
    POSTED.fetch_max(entries, Ordering::Relaxed);
}

/// Every row, or only that of so many clients, ten times as long.
pub async fn run(only: Option<usize>) {
    let data = tempfile::tempdir_in("target").expect("a directory");
    let keshi = Keshi::up(data.path(), &["--dev", "--office", "610729"]).expect("it listens");
    let floor = Floor::start();
    let ours = connections(&keshi.url()).await;
    let theirs = connections(&floor.url()).await;
    client::post_register(&mut ours[0].clone()).await;
    let rows = [(1, 1, 1_500), (16, 1, 1_500), (256, 1, 100), (16, 100, 80)];
    for (clients, events, calls) in rows.into_iter().filter(|row| only.is_none_or(|only| only == row.0)) {
        let calls = if only.is_some() { 10 * calls } else { calls };
        let (mut floor_rates, mut rates) = (Vec::new(), Vec::new());
        let (before, mut ours_took) = (committed(&keshi).await, Duration::ZERO);
        for _ in 0..SLICES {
            floor_rates.push(slice(&theirs, clients, events, calls).await);
            let started = Instant::now();
            rates.push(slice(&ours, clients, events, calls).await);
            ours_took += started.elapsed();
        }
        row(
            &format!("gRPC {clients} × {events}, events/s"),
            median(floor_rates),
            median(rates),
            "",
        );
        let after = committed(&keshi).await;
        let (commits, disk) = (after.0 - before.0, after.1 - before.1);
        let recorded = SLICES as u64 * clients as u64 * events * calls;
        println!(
            "    {:.1} events a commit of {:.0} µs; the disk works {:.0} % of the time",
            recorded as f64 / commits as f64,
            disk * 1e6 / commits as f64,
            100.0 * disk / ours_took.as_secs_f64(),
        );
    }
}

/// How many commits there were, and how many seconds the disk took for them.
async fn committed(keshi: &Keshi) -> (u64, f64) {
    let channel = Channel::from_shared(keshi.url()).expect("an address").connect().await;
    let mut operations = OperationsServiceClient::new(channel.expect("connected"));
    let status = operations.get_status(GetStatusRequest {}).await.expect("an answer");
    let figures = status.into_inner().figures;
    let figure = |name: &str| -> f64 {
        let value = figures
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        value.expect("a figure").parse().expect("a number")
    };
    let commits = figure("keshi_commits_total");
    (commits as u64, figure("keshi_commit_seconds_total"))
}

pub async fn connections(url: &str) -> Vec<SubmissionServiceClient<Channel>> {
    let mut clients = Vec::new();
    for _ in 0..CONNECTIONS {
        clients.push(client::connect(url).await.expect("connected"));
    }
    clients
}

/// Events per second of `clients` that each make `calls` calls one after the other.
pub async fn slice(servers: &[SubmissionServiceClient<Channel>], clients: usize, events: u64, calls: u64) -> f64 {
    let work: Vec<Vec<SubmitRequest>> = (0..clients).map(|_| requests(events, calls)).collect();
    let mut tasks = JoinSet::new();
    let started = Instant::now();
    for (place, requests) in work.into_iter().enumerate() {
        let mut server = servers[place % servers.len()].clone();
        tasks.spawn(async move {
            for request in requests {
                let answer = server.submit(request).await.expect("an answer").into_inner();
                let verdicts = answer.receipt.map_or(0, |receipt| receipt.verdicts.len());
                assert!(verdicts == 0 || u64::try_from(verdicts) == Ok(events));
            }
        });
    }
    while let Some(ended) = tasks.join_next().await {
        ended.expect("the client ends");
    }
    (events * calls) as f64 * clients as f64 / started.elapsed().as_secs_f64()
}

fn requests(events: u64, calls: u64) -> Vec<SubmitRequest> {
    let first = POSTED.fetch_add(events * calls, Ordering::Relaxed);
    let numbers = (0..calls).map(|call| first + call * events);
    let make = |from: u64| (from..from + events).map(county::attendance).collect::<Vec<_>>();
    numbers.map(|from| client::request(from, &make(from))).collect()
}
