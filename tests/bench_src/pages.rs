//! A teacher's page, beside the gRPC answer behind it; and what posting loses while many people click.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use http_body_util::{BodyExt as _, Empty};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use keshi_proto::api::GetBalanceRequest;
use keshi_proto::api::ledger_service_client::LedgerServiceClient;
use keshi_tests::process::Keshi;
use keshi_tests::{client, county};
use tokio::time::sleep;

use crate::{grpc, median, row};

const PAGES: usize = 2_000;

/// A year in which every teacher has entries.
const YEAR: &str = "2014";

/// People who click, and how long each looks at a page.
const PEOPLE: usize = 200;
const LOOKS_FOR: Duration = Duration::from_secs(5);

/// Slices with and without them; the medians are compared.
const SLICES: usize = 5;

type Browser = Client<HttpConnector, Empty<bytes::Bytes>>;

/// A keshi with pages, and where they are.
struct Served {
    keshi: Keshi,
    pages: String,
    _data: tempfile::TempDir,
}

pub async fn run(entries: u64) {
    let served = served(entries).await;
    beside_the_answer(&served, entries).await;
    while_people_click(&served, entries).await;
}

async fn served(entries: u64) -> Served {
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
    Served {
        pages: pages.to_owned(),
        keshi,
        _data: data,
    }
}

fn teacher(number: usize) -> String {
    format!("T{:06}", number * 7 % 7_000)
}

/// Bytes of a teacher's page, read to the last.
async fn page(browser: &Browser, pages: &str, teacher: &str) -> usize {
    let to = format!("{pages}/teachers/{teacher}?period={YEAR}");
    let response = browser.get(to.parse().expect("an address")).await.expect("a page");
    assert!(response.status().is_success(), "{}", response.status());
    response.into_body().collect().await.expect("whole").to_bytes().len()
}

/// Times by turns, of the same teacher: the answer, then the page, to its last byte.
async fn beside_the_answer(served: &Served, entries: u64) {
    let mut ledger = LedgerServiceClient::connect(served.keshi.url())
        .await
        .expect("connected");
    let browser: Browser = Client::builder(TokioExecutor::new()).build_http();
    let (mut answers, mut shown, mut bytes, mut lines) = (Vec::new(), Vec::new(), 0, 0);
    for number in 0..PAGES {
        let request = GetBalanceRequest {
            teacher_id: teacher(number),
            period: YEAR.to_owned(),
            explain: true,
            ..Default::default()
        };
        let started = Instant::now();
        let balance = ledger.get_balance(request).await.expect("an answer").into_inner();
        answers.push(started.elapsed());
        lines = balance
            .policies
            .iter()
            .map(|policy| policy.lines.len())
            .sum::<usize>()
            .max(lines);
        let started = Instant::now();
        bytes = page(&browser, &served.pages, &teacher(number)).await.max(bytes);
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
    println!("{:<34} {:>14} {bytes:>14}", format!("its bytes, of {lines} lines"), "");
}

/// Posting with nobody else there, and beside people of whom each looks at a page for a while and asks for the next.
async fn while_people_click(served: &Served, entries: u64) {
    grpc::after(entries);
    let posters = grpc::connections(&served.keshi.url()).await;
    let (is_busy, clicks) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let people: Vec<_> = (0..PEOPLE)
        .map(|person| {
            let (is_busy, clicks, pages) = (Arc::clone(&is_busy), Arc::clone(&clicks), served.pages.clone());
            tokio::spawn(async move {
                let browser: Browser = Client::builder(TokioExecutor::new()).build_http();
                // They do not all click at once.
                sleep(LOOKS_FOR * u32::try_from(person).expect("few") / u32::try_from(PEOPLE).expect("few")).await;
                for number in person.. {
                    if is_busy.load(Ordering::Relaxed) {
                        page(&browser, &pages, &teacher(number)).await;
                        clicks.fetch_add(1, Ordering::Relaxed);
                    }
                    sleep(LOOKS_FOR).await;
                }
            })
        })
        .collect();
    let (mut alone, mut beside) = (Vec::new(), Vec::new());
    for _ in 0..SLICES {
        is_busy.store(false, Ordering::Relaxed);
        alone.push(grpc::slice(&posters, 16, 1, 4_000).await);
        is_busy.store(true, Ordering::Relaxed);
        beside.push(grpc::slice(&posters, 16, 1, 4_000).await);
    }
    people.iter().for_each(tokio::task::JoinHandle::abort);
    let what = format!("gRPC 16 × 1 beside {PEOPLE} people");
    row(&what, median(alone), median(beside), "");
    println!(
        "{:<34} {:>14} {:>14}",
        "their clicks",
        "",
        clicks.load(Ordering::Relaxed)
    );
}
