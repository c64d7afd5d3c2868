//! Certificates issued by eight clients at once, from a ledger process that is killed meanwhile: 1 … n, no gap, no double.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use keshi_bus::testing::NatsServer;
use keshi_core::event::{CertificateIssued, Event};
use keshi_core::ids::EventId;
use keshi_core::text::Text;
use keshi_proto::api;
use keshi_tests::process::Keshi;
use keshi_tests::{client, county, ledger};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tokio::task::JoinSet;

use crate::{is_long, seed};

/// Clients at once.
const CLIENTS: u64 = 8;

/// The day of issue of all.
const YEAR: i16 = 2022;

fn count() -> u64 {
    if is_long() { 10_000 } else { 400 }
}

fn kills() -> u64 {
    if is_long() { 20 } else { 3 }
}

/// The certificate on the attendance of this number.
fn certificate(number: u64) -> Event {
    let basis = county::attendance(number);
    let teacher_id = **basis.fact.subjects().first().expect("an attendance is somebody's");
    let day = jiff::civil::date(YEAR, 12, 30);
    let fact = CertificateIssued {
        teacher_id,
        basis_event: basis.event_id,
        attests: Text::new("参加培训，考核合格").expect("a text"),
        old_number: None,
    };
    Event::of(EventId::new(county::uuid(number | 1 << 45)), day, day, fact)
}

/// Issues from `next` on until all are issued or the server is gone: how far it came, and the numbers that were said.
async fn issue_until_gone(url: String, own: u64, mut next: u64) -> (u64, BTreeMap<u64, u32>) {
    let mut said = BTreeMap::new();
    let Ok(mut client) = client::connect(&url).await else {
        return (next, said);
    };
    while next * CLIENTS + own < count() {
        let number = next * CLIENTS + own;
        // Now and then one that has no basis: atomic, so that its good neighbour gives its number back.
        if number.is_multiple_of(7) {
            let mut bad = client::request(number | 1 << 46, &[certificate(number), certificate(number | 1 << 40)]);
            bad.taking = api::Taking::Atomic.into();
            let Ok(answer) = client.submit(bad).await else {
                return (next, said);
            };
            let verdicts = answer.into_inner().receipt.expect("a receipt").verdicts;
            let is_known = verdicts[0].verdict() == api::Verdict::Duplicate;
            assert!(
                is_known || verdicts.iter().all(|verdict| verdict.number == 0),
                "{verdicts:?}"
            );
        }
        match client
            .submit(client::request(number | 1 << 45, &[certificate(number)]))
            .await
        {
            Ok(answer) => {
                let verdict = answer.into_inner().receipt.expect("a receipt").verdicts.remove(0);
                assert!(verdict.number > 0, "{verdict:?}");
                said.insert(number, verdict.number);
                next += 1;
            }
            // Killed in the middle: the outcome is unknown, so the same is sent again to the next process.
            Err(_) => return (next, said),
        }
    }
    (next, said)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn certificates_of_eight_clients_have_numbers_without_gap_or_double_across_kills() {
    let mut random = StdRng::seed_from_u64(seed());
    let data = tempfile::tempdir().expect("a directory");
    let arguments = ["--dev", "--office", "610729"];
    let first = Keshi::up(data.path(), &arguments).expect("it listens");
    let mut poster = client::connect(&first.url()).await.expect("connected");
    client::post_register(&mut poster).await;
    let bases: Vec<_> = (0..count()).map(county::attendance).collect();
    client::post_all(&mut poster, 1 << 47, &bases).await;
    first.kill();

    let mut said: BTreeMap<u64, u32> = BTreeMap::new();
    let mut next: Vec<u64> = (0..CLIENTS).map(|_| 0).collect();
    for round in 0..=kills() {
        let keshi = Keshi::up(data.path(), &arguments).expect("it listens again");
        let mut clients = JoinSet::new();
        for (own, &next) in (0..).zip(&next) {
            let url = keshi.url();
            clients.spawn(async move { (own, issue_until_gone(url, own, next).await) });
        }
        let is_last = round == kills();
        if !is_last {
            tokio::time::sleep(Duration::from_millis(random.random_range(10..80))).await;
            keshi.kill();
        }
        while let Some(ended) = clients.join_next().await {
            let (own, (reached, numbers)) = ended.expect("the client ends");
            next[usize::try_from(own).expect("small")] = reached;
            for (certificate, number) in numbers {
                let before = said.insert(certificate, number);
                assert!(before.is_none_or(|before| before == number), "{certificate}");
            }
        }
    }

    let expected = numbered_in_full(&said);
    assert_eq!(numbers_in(data.path(), &said), expected, "in the order of the ledger");
    println!("{} certificates, {} kills", said.len(), kills());
}

/// That the numbers that were said are 1 … n, each once; and these.
fn numbered_in_full(said: &BTreeMap<u64, u32>) -> Vec<u32> {
    let expected: Vec<u32> = (1..=u32::try_from(count()).expect("small")).collect();
    let mut told: Vec<u32> = said.values().copied().collect();
    told.sort_unstable();
    assert_eq!(told, expected, "what was said");
    expected
}

/// The numbers as they stand in the ledger in `data`, each checked to be that of its certificate.
fn numbers_in(data: &Path, said: &BTreeMap<u64, u32>) -> Vec<u32> {
    let engine = ledger::open(data);
    engine.query(|at| {
        for (certificate, number) in said {
            let view = at.certificate_numbered(YEAR, *number).expect("it stands");
            assert_eq!(view.event_id.uuid(), county::uuid(certificate | 1 << 45));
        }
        let views: Vec<_> = at.certificates().collect();
        let numbers = views
            .iter()
            .map(|view| view.number.as_ref().expect("a number").number.get());
        numbers.collect()
    })
}

/// Issues every certificate of this client, over whatever happens to the ledger meanwhile; the numbers that were said.
async fn issue_all(url: String, own: u64) -> BTreeMap<u64, u32> {
    let mut client = client::connect(&url).await.expect("intake stays");
    let mut said = BTreeMap::new();
    for number in (0..count()).filter(|number| number % CLIENTS == own) {
        let request = client::request(number | 1 << 45, &[certificate(number)]);
        let receipt = client::post_until_recorded(&mut client, &request).await;
        assert!(receipt.verdicts[0].number > 0, "{:?}", receipt.verdicts);
        said.insert(number, receipt.verdicts[0].number);
    }
    said
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_nats_a_standby_gives_the_numbers_of_the_primary_that_is_killed() {
    let mut random = StdRng::seed_from_u64(seed());
    let nats = NatsServer::start().await;
    let dirs = [(); 3].map(|()| tempfile::tempdir().expect("a directory"));
    let [intake_dir, first_dir, second_dir] = &dirs;
    let bus = nats.url();
    let up = |data: &Path, roles: &[&str]| {
        let arguments = [&["--dev", "--office", "610729", "--bus", &bus, "--roles"], roles].concat();
        Keshi::up(data, &arguments).expect("it listens")
    };
    let mut first = up(first_dir.path(), &["ledger", "--primary"]);
    let second = up(second_dir.path(), &["ledger", "--standby"]);
    let intake = up(intake_dir.path(), &["intake"]);
    let mut poster = client::connect(&intake.url()).await.expect("connected");
    let bases: Vec<_> = county::register()
        .into_iter()
        .chain((0..count()).map(county::attendance))
        .collect();
    for (number, events) in (1 << 47..).zip(bases.chunks(2_000)) {
        client::post_until_recorded(&mut poster, &client::request(number, events)).await;
    }

    let full = bases.len() as u64 + count();
    let mut clients = JoinSet::new();
    for own in 0..CLIENTS {
        clients.spawn(issue_all(intake.url(), own));
    }
    for _ in 0..kills() {
        // In the middle of issuing: once the standby has so many more entries.
        let seen = client::head(&second.url(), 0).await.size;
        client::head(&second.url(), (seen + random.random_range(1..20)).min(full)).await;
        first.kill();
        first = up(first_dir.path(), &["ledger", "--primary"]);
    }
    let mut said = BTreeMap::new();
    while let Some(ended) = clients.join_next().await {
        said.extend(ended.expect("the client ends"));
    }
    let head = client::head(&first.url(), 1).await;
    let followed = client::head(&second.url(), head.size).await;
    assert_eq!((followed.size, &followed.root), (head.size, &head.root));
    for keshi in [intake, first, second] {
        assert_eq!(keshi.stop(), Some(0));
    }
    let expected = numbered_in_full(&said);
    for data in [first_dir, second_dir] {
        assert_eq!(numbers_in(data.path(), &said), expected);
    }
    println!("{} certificates, {} kills of the primary", said.len(), kills());
}
