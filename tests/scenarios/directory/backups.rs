//! Backups one after the other while clients post.

mod stopped;

use std::fs;
use std::path::Path;
use std::sync::Arc;

use keshi_core::event::Event;
use keshi_core::text::Text;
use keshi_log::Hash;
use keshi_proto::api::{self, ledger_service_client::LedgerServiceClient};
use keshi_tests::process::{Ran, run};
use keshi_tests::{client, county, ledger};
use tempfile::tempdir;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::up;
use crate::is_long;

/// Clients that post at once.
const POSTERS: u64 = 4;

/// Events in one call: a few hundred calls fill a segment of the journal, so that backups meet some being sealed.
const EVENTS_A_CALL: u64 = 100;

/// Calls that all posters together may make from the beginning of one backup to that of the next: in the long form fewer,
/// since each backup is restored and replayed, which takes as long as the ledger has grown.
fn calls_a_backup() -> usize {
    if is_long() { 15 } else { 40 }
}

fn backups() -> u64 {
    if is_long() { 20 } else { 5 }
}

/// What a backup or a restore says that it proved.
#[derive(Debug, PartialEq, Eq)]
struct Proved {
    size: u64,
    root: String,
}

impl Proved {
    fn in_words(ran: &Ran) -> Self {
        assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
        let after = |text: &str| {
            ran.out
                .split(text)
                .nth(1)
                .and_then(|rest| rest.split([' ', ',', '\n']).next())
        };
        let size = ran
            .out
            .split("a ledger of ")
            .nth(1)
            .and_then(|rest| rest.split(' ').next());
        let size = size.expect("a size").replace(',', "").parse();
        Self {
            size: size.expect("a number"),
            root: after("root ").expect("a root").to_owned(),
        }
    }
}

fn plain(path: &Path) -> &str {
    path.to_str().expect("a plain path")
}

fn backup(data: &Path, to: &Path) -> Ran {
    run(&["backup", plain(to), "--data", plain(data), "--lang", "en"])
}

fn restore(from: &Path, data: &Path) -> Ran {
    run(&["restore", plain(from), "--data", plain(data), "--lang", "en"])
}

/// The `number`th attendance with a long note: segments of the journal fill sooner.
fn bulky(number: u64) -> Event {
    let note = Text::new(&format!("第 {number} 次到会，{}", "据签到表录入。".repeat(25)));
    Event {
        note: Some(note.expect("a valid text")),
        ..county::attendance(number)
    }
}

/// Posts a call for each permit until there are no more to come; how many events were recorded.
async fn post_while_permitted(url: String, poster: u64, permits: Arc<Semaphore>) -> u64 {
    let mut client = client::connect(&url).await.expect("connected");
    let mut calls = 0;
    while let Ok(permit) = permits.acquire().await {
        permit.forget();
        let number = calls * POSTERS + poster;
        let first = number * EVENTS_A_CALL;
        let events: Vec<_> = (first..first + EVENTS_A_CALL).map(bulky).collect();
        let receipt = client::post_until_recorded(&mut client, &client::request(number, &events)).await;
        assert_eq!(receipt.verdicts.len(), events.len());
        calls += 1;
    }
    calls * EVENTS_A_CALL
}

/// The root that the running ledger had at a size, once it is of that size.
async fn root_at(url: &str, size: u64) -> String {
    let mut ledger = LedgerServiceClient::connect(url.to_owned()).await.expect("connected");
    let at = Some(api::At {
        at: Some(api::at::At::Size(size)),
        min_size: size,
    });
    let head = ledger
        .get_head(api::GetHeadRequest { at })
        .await
        .expect("a head")
        .into_inner();
    assert_eq!(head.size, size);
    Hash(head.root.try_into().expect("32 bytes")).to_string()
}

/// Restores a backup where nothing is, and has it looked at like any other ledger.
fn assert_restores(from: &Path, proved: &Proved) {
    let elsewhere = tempdir().expect("a directory");
    let data = elsewhere.path().join("data");
    assert_eq!(Proved::in_words(&restore(from, &data)), *proved);
    let doctor = run(&["doctor", "--data", plain(&data), "--lang", "en"]);
    assert_eq!(doctor.code, Some(0), "{}{}", doctor.out, doctor.err);
    let facts = ledger::facts(&data);
    let root = Hash(facts.root).to_string();
    assert_eq!((facts.size, &root), (proved.size, &proved.root));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_backup_taken_while_clients_post_restores_to_the_ledger_of_its_size() {
    let data = tempdir().expect("a directory");
    let to = tempdir().expect("a directory");
    let keshi = up(data.path()).expect("it listens");
    client::post_register(&mut client::connect(&keshi.url()).await.expect("connected")).await;
    let before = client::head(&keshi.url(), 0).await.size;
    // What may be posted while one backup is made: more than its time allows, less than a slow machine could not check.
    let permits = Arc::new(Semaphore::new(0));
    let mut posters = JoinSet::new();
    for poster in 0..POSTERS {
        posters.spawn(post_while_permitted(keshi.url(), poster, Arc::clone(&permits)));
    }
    let (mut sizes, mut met) = (vec![before], 0);
    for number in 0..backups() {
        // One directory that grows, and now and then one that begins anew.
        let fresh = to.path().join(format!("fresh-{number}"));
        let dirs = [Some(to.path().join("one")), (number % 4 == 0).then_some(fresh)];
        for dir in dirs.iter().flatten() {
            permits.add_permits(calls_a_backup());
            // Something was posted since the last one, and they are at it.
            let least = sizes.last().expect("one") + POSTERS * EVENTS_A_CALL;
            client::head(&keshi.url(), least).await;
            let proved = Proved::in_words(&backup(data.path(), dir));
            met += u64::from(client::head(&keshi.url(), 0).await.size > proved.size);
            assert!(
                proved.size >= least,
                "{proved:?} holds less than was recorded before it began"
            );
            assert_eq!(root_at(&keshi.url(), proved.size).await, proved.root);
            assert_restores(dir, &proved);
            sizes.push(proved.size);
        }
    }
    permits.close();
    let posted: u64 = posters.join_all().await.into_iter().sum();
    assert_eq!(client::head(&keshi.url(), 0).await.size, before + posted);
    let last = Proved::in_words(&backup(data.path(), &to.path().join("one")));
    assert_eq!(last.size, before + posted);
    assert_restores(&to.path().join("one"), &last);
    let sealed = fs::read_dir(to.path().join("one/sealed"))
        .expect("it can be read")
        .count();
    println!(
        "backups of {sizes:?}, {met} overtaken by posters, then {} entries, {sealed} segments sealed",
        last.size
    );
    assert!(sealed > 1, "no segment was sealed between two backups");
    assert!(met > 0, "no client posted while a backup was made");
    assert_eq!(keshi.stop(), Some(0));
}
