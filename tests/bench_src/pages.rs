//! A teacher's page, beside the gRPC answer behind it.

use std::time::{Duration, Instant};

use http_body_util::{BodyExt as _, Empty};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use keshi_proto::api::GetBalanceRequest;
use keshi_proto::api::ledger_service_client::LedgerServiceClient;
use keshi_tests::process::Keshi;
use keshi_tests::{client, county};

const PAGES: usize = 2_000;

/// Times by turns, of the same teacher: the answer, then the page, to its last byte.
pub async fn run(entries: u64) {
    let data = tempfile::tempdir_in("target").expect("a directory");
    let args = ["--dev", "--office", "610729", "--http", "127.0.0.1:0"];
    let keshi = Keshi::up(data.path(), &args).expect("it listens");
    keshi.wait_said("pages ");
    let said = keshi.said();
    let pages = said
        .split("pages ")
        .nth(1)
        .and_then(|rest| rest.split_whitespace().next())
        .expect("pages");
    let mut poster = client::connect(&keshi.url()).await.expect("connected");
    client::post_register(&mut poster).await;
    for batch in 0..entries / 5_000 {
        let events: Vec<_> = (batch * 5_000..(batch + 1) * 5_000).map(county::attendance).collect();
        poster
            .submit(client::request(batch | 1 << 45, &events))
            .await
            .expect("an answer");
    }
    let mut ledger = LedgerServiceClient::connect(keshi.url()).await.expect("connected");
    let browser: Client<_, Empty<bytes::Bytes>> = Client::builder(TokioExecutor::new()).build_http();
    let (mut answers, mut shown, mut bytes) = (Vec::new(), Vec::new(), 0);
    for page in 0..PAGES {
        let teacher_id = format!("T{:06}", page * 7 % 7_000);
        let to = format!("{pages}/teachers/{teacher_id}?period=2016")
            .parse()
            .expect("an address");
        let request = GetBalanceRequest {
            teacher_id,
            period: "2016".to_owned(),
            explain: true,
            ..Default::default()
        };
        let started = Instant::now();
        ledger.get_balance(request).await.expect("an answer");
        answers.push(started.elapsed());
        let started = Instant::now();
        let response = browser.get(to).await.expect("a page");
        assert!(response.status().is_success(), "{}", response.status());
        bytes = response
            .into_body()
            .collect()
            .await
            .expect("whole")
            .to_bytes()
            .len()
            .max(bytes);
        shown.push(started.elapsed());
    }
    for (name, part) in [("p50", 50), ("p99", 99)] {
        let at = |times: &mut Vec<Duration>| {
            times.sort();
            times[times.len() * part / 100].as_secs_f64() * 1e6
        };
        let (answer, page) = (at(&mut answers), at(&mut shown));
        let what = format!("a teacher's page {name} ({entries} entries)");
        println!("{what:<34} {answer:>11.0} µs {page:>11.0} µs {:>6.1} ×", page / answer);
    }
    println!("{:<34} {:>14} {bytes:>14}", "its bytes, at most", "");
}
