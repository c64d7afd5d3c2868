//! A spreadsheet whose import is interrupted by a death, and imported again.

use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use keshi_bus::testing::NatsServer;
use keshi_proto::api;
use keshi_tests::caller::{Caller, person};
use keshi_tests::process::{Keshi, command, run};
use keshi_tests::sheet::{TRAINING, training, write};
use keshi_tests::{client, county, ledger};
use tempfile::{TempDir, tempdir};

use super::up;

/// Teachers and rows of the file: enough for several submissions.
const PEOPLE: usize = 200;
const ROWS: usize = 12_000;

fn file() -> (TempDir, String) {
    let teacher = |number: usize| format!("M{:03}", number % PEOPLE);
    let rows: Vec<_> = (0..ROWS)
        .map(|number| {
            let month = u8::try_from(number / PEOPLE % 12).expect("small") + 1;
            training(&teacher(number), &format!("培训项目{}", number / PEOPLE), 1.5, month, 9)
        })
        .collect();
    let folder = tempdir().expect("a directory");
    let path = folder.path().join("培训.xlsx");
    write(&path, &TRAINING, &rows);
    let path = path.to_str().expect("a plain path").to_owned();
    (folder, path)
}

/// Registers the people.
async fn furnish(keeper: &Keshi, intake: &Keshi) {
    let caller = Caller::connect(&intake.url()).await;
    // Under the same ids in each ledger: they are to agree in every event.
    let people = (0..PEOPLE).map(|number| api::Event {
        event_id: county::uuid(number as u64 | 1 << 40).to_string(),
        ..person(&format!("M{number:03}"))
    });
    let people: Vec<_> = people.collect();
    let request = keshi_tests::caller::each(people);
    let receipt = client::post_until_recorded(&mut caller.submissions(), &request).await;
    super::assert_recorded(&receipt);
    client::head(&keeper.url(), receipt.size).await;
}

/// Imports to the end; the rows recorded and the duplicates, of which there may be nothing else.
fn import(path: &str, server: &Keshi) -> (u64, u64) {
    let address = server.address.to_string();
    let ran = run(&["import", path, "--server", &address, "--office", "610729", "--json"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let last = ran.out.lines().last().expect("a summary");
    let summary: serde_json::Value = serde_json::from_str(last).expect("JSON");
    let of = |verdict: &str| summary["summary"][verdict].as_u64().unwrap_or(0);
    let (recorded, duplicate) = (of("recorded"), of("duplicate"));
    assert_eq!(
        summary["rows"].as_u64(),
        Some(recorded + duplicate),
        "only these two: {last}"
    );
    (recorded, duplicate)
}

/// What the ledger comes to after an import that nothing disturbs.
async fn undisturbed(path: &str) -> ledger::Facts {
    let data = tempdir().expect("a directory");
    let keshi = Keshi::up(data.path(), &["--dev", "--office", "610729"]).expect("it listens");
    furnish(&keshi, &keshi).await;
    assert_eq!(import(path, &keshi), (ROWS as u64, 0));
    assert_eq!(keshi.stop(), Some(0));
    ledger::facts(data.path())
}

/// Starts an import and waits until the stream has the first submission of it.
async fn begin(path: &str, server: &Keshi, nats: &NatsServer) -> Child {
    let connection = async_nats::connect(nats.url()).await.expect("connected");
    let stream = async_nats::jetstream::new(connection);
    let messages = || async {
        let stream = stream.get_stream("KESHI_610729").await.expect("the stream");
        stream.cached_info().state.messages
    };
    let before = messages().await;
    let address = server.address.to_string();
    let child = command(&["import", path, "--server", &address, "--office", "610729"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    let give_up = Instant::now() + Duration::from_mins(1);
    while messages().await == before {
        assert!(Instant::now() < give_up, "nothing of the import arrives");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    child
}

fn end(mut child: Child) -> Option<i32> {
    let give_up = Instant::now() + Duration::from_mins(1);
    loop {
        if let Some(status) = child.try_wait().expect("its status") {
            return status.code();
        }
        assert!(Instant::now() < give_up, "the import does not end");
        std::thread::park_timeout(Duration::from_millis(5));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_county_imported_embedded_on_nats_and_through_two_processes_has_the_same_digest() {
    let folder = tempdir().expect("a directory");
    let path = folder.path().to_str().expect("a plain path");
    assert_eq!(run(&["sample", "liuba-2022", path]).code, Some(0));
    let nats = [NatsServer::start().await, NatsServer::start().await];
    let data = [(); 3].map(|()| tempdir().expect("a directory"));
    let other = tempdir().expect("a directory");
    let embedded = Keshi::up(data[0].path(), &["--dev", "--office", "610729"]).expect("it listens");
    let whole = up(data[1].path(), &nats[0], &[]).expect("it listens");
    let keeper = up(data[2].path(), &nats[1], &["--roles", "ledger"]).expect("it listens");
    let intake = up(other.path(), &nats[1], &["--roles", "intake"]).expect("it listens");
    let servers = [embedded, whole, intake];
    for server in &servers {
        let (recorded, duplicate) = import(path, server);
        assert!(recorded > 4_000 && duplicate == 0, "{recorded}, {duplicate}");
        assert_eq!(import(path, server), (0, recorded));
    }
    for server in servers.into_iter().chain([keeper]) {
        assert_eq!(server.stop(), Some(0));
    }
    let [embedded, whole, apart] = data.map(|data| ledger::facts(data.path()));
    assert_eq!((embedded.size, embedded.digest), (whole.size, whole.digest));
    assert_eq!((embedded.size, embedded.digest), (apart.size, apart.digest));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_killed_in_mid_import_importing_again_gives_only_recorded_and_duplicate_and_the_same_digest() {
    let (_folder, path) = file();
    let calm = undisturbed(&path).await;
    for victim in ["import", "nats", "ledger", "keshi"] {
        let mut nats = NatsServer::start().await;
        let (data, other) = (tempdir().expect("a directory"), tempdir().expect("a directory"));
        let mut keeper = up(data.path(), &nats, &["--roles", "ledger"]).expect("it listens");
        let mut intake = up(other.path(), &nats, &["--roles", "intake"]).expect("it listens");
        furnish(&keeper, &intake).await;
        let mut importing = begin(&path, &intake, &nats).await;
        match victim {
            "import" => importing.kill().expect("killed"),
            "nats" => {
                nats.kill();
                nats.restart().await;
            }
            "ledger" => {
                keeper.kill();
                keeper = up(data.path(), &nats, &["--roles", "ledger"]).expect("it listens again");
            }
            _ => {
                intake.kill();
                importing.kill().expect("killed");
                keeper.kill();
                keeper = up(data.path(), &nats, &["--roles", "ledger"]).expect("it listens again");
                intake = up(other.path(), &nats, &["--roles", "intake"]).expect("it listens again");
            }
        }
        let code = end(importing);
        // What only the servers suffered, the import survives by itself.
        assert!(
            matches!(victim, "import" | "keshi") || code == Some(0),
            "{victim}: {code:?}"
        );
        let (recorded, duplicate) = import(&path, &intake);
        println!("{victim} killed: {recorded} rows recorded and {duplicate} duplicates afterwards");
        assert_eq!(recorded + duplicate, ROWS as u64);
        assert_eq!(import(&path, &intake), (0, ROWS as u64));
        assert_eq!(intake.stop(), Some(0));
        assert_eq!(keeper.stop(), Some(0));
        let facts = ledger::facts(data.path());
        assert_eq!((facts.size, facts.digest), (calm.size, calm.digest), "{victim}");
    }
}
