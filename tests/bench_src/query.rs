//! A balance query, beside an empty unary call.

use std::time::{Duration, Instant};

use keshi_proto::api::ledger_service_client::LedgerServiceClient;
use keshi_proto::api::{GetBalanceRequest, GetSubmissionRequest};
use keshi_tests::process::Keshi;
use keshi_tests::{client, county};

use crate::floor::Floor;

const CALLS: usize = 4_000;

pub async fn run() {
    let data = tempfile::tempdir_in("target").expect("a directory");
    let keshi = Keshi::up(data.path(), &["--dev", "--office", "610729"]).expect("it listens");
    let floor = Floor::start();
    let mut poster = client::connect(&keshi.url()).await.expect("connected");
    client::post_register(&mut poster).await;
    for batch in 0..140_u64 {
        let events: Vec<_> = (batch * 5_000..(batch + 1) * 5_000).map(county::attendance).collect();
        poster
            .submit(client::request(batch | 1 << 45, &events))
            .await
            .expect("an answer");
    }
    let mut ours = LedgerServiceClient::connect(keshi.url()).await.expect("connected");
    let mut theirs = client::connect(&floor.url()).await.expect("connected");
    let (mut balances, mut empties) = (Vec::new(), Vec::new());
    for call in 0..CALLS {
        let started = Instant::now();
        theirs
            .get_submission(GetSubmissionRequest::default())
            .await
            .expect("an answer");
        empties.push(started.elapsed());
        let teacher_id = format!("T{:06}", call * 7 % 7_000);
        let request = GetBalanceRequest {
            teacher_id,
            period: "2016".to_owned(),
            ..Default::default()
        };
        let started = Instant::now();
        ours.get_balance(request).await.expect("an answer");
        balances.push(started.elapsed());
    }
    for (name, part) in [("p50", 50), ("p99", 99)] {
        let at = |times: &mut Vec<Duration>| {
            times.sort();
            times[times.len() * part / 100].as_secs_f64() * 1e6
        };
        let (empty, balance) = (at(&mut empties), at(&mut balances));
        let what = format!("balance query {name} (700,000 entries)");
        println!(
            "{what:<34} {empty:>11.0} µs {balance:>11.0} µs {:>6.1} ×",
            balance / empty
        );
    }
}
