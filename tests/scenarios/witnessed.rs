//! A second party cosigns the checkpoints, and refuses a ledger that does not go on from what she cosigned.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use keshi_tests::client::PATIENCE;
use keshi_tests::process::{Keshi, Ran, binary, run};
use keshi_tests::{client, county, disk};
use tempfile::{TempDir, tempdir};

/// A running `keshi audit witness`, killed when dropped.
struct Witness {
    child: Child,
    url: String,
    key: String,
}

impl Witness {
    fn start(dir: &Path, ledger: &str, listen: &str) -> Self {
        let mut command = Command::new(binary());
        let dir = dir.to_str().expect("a plain path");
        command.args([
            "audit", "witness", dir, "--for", ledger, "--listen", listen, "--name", "city/one", "--lang", "en",
        ]);
        let mut child = command
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let lines = BufReader::new(child.stderr.take().expect("piped")).lines();
        let mut lines = lines.map_while(Result::ok);
        let line = lines.by_ref().find(|line| line.starts_with("witness on "));
        let line = line.expect("it says where it is");
        // It goes on saying what it does.
        thread::spawn(move || lines.for_each(drop));
        let (url, key) = line.split_once(" · public key ").expect("it says both");
        Self {
            child,
            url: url.trim_start_matches("witness on ").to_owned(),
            key: key.to_owned(),
        }
    }

    fn up(&self, data: &TempDir) -> Keshi {
        let args = [
            "--dev",
            "--office",
            "610729",
            "--lang",
            "en",
            "--witness",
            &self.url,
            &self.key,
        ];
        Keshi::up(data.path(), &args).expect("it listens")
    }

    fn address(&self) -> &str {
        self.url.trim_start_matches("http://")
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn asked(keshi: &Keshi, args: &[&str]) -> Ran {
    run(&[
        args,
        &[
            "--server",
            &keshi.address.to_string(),
            "--office",
            "610729",
            "--lang",
            "en",
        ],
    ]
    .concat())
}

/// A checkpoint that bears the witness's cosignature, once there is one.
async fn cosigned(keshi: &Keshi, file: &Path, ledger: &str, witness: &str) -> String {
    let give_up = Instant::now() + PATIENCE;
    let file = file.to_str().expect("a plain path");
    loop {
        let taken = asked(keshi, &["audit", "checkpoint", "-o", file]);
        assert_eq!(taken.code, Some(0), "{}", taken.err);
        let checked = run(&[
            "audit",
            "check",
            file,
            "--key",
            ledger,
            "--witness",
            witness,
            "--lang",
            "en",
        ]);
        if checked.code == Some(0) {
            return checked.out;
        }
        assert_eq!(checked.code, Some(4), "{}{}", checked.out, checked.err);
        assert!(
            Instant::now() < give_up,
            "{}{}: {}",
            checked.out,
            checked.err,
            keshi.said()
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn post(keshi: &Keshi, number: u64, attendances: std::ops::Range<u64>) {
    let mut client = client::connect(&keshi.url()).await.expect("connected");
    let events: Vec<_> = attendances.map(county::attendance).collect();
    client::post_until_recorded(&mut client, &client::request(number, &events)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_witness_cosigns_what_goes_on_and_a_directory_from_yesterday_or_another_way_is_an_alarm() {
    let (data, aside) = (tempdir().expect("a directory"), tempdir().expect("a directory"));
    let keshi = Keshi::up(data.path(), &["--dev", "--office", "610729", "--lang", "en"]).expect("it listens");
    let mut client = client::connect(&keshi.url()).await.expect("connected");
    client::post_until_recorded(&mut client, &client::request(1, &county::register_of(20, 3))).await;
    let listed = asked(&keshi, &["audit", "key"]);
    let ledger = listed
        .out
        .split_whitespace()
        .find(|word| word.starts_with("keshi/610729/"))
        .expect("a key")
        .to_owned();
    assert_eq!(keshi.stop(), Some(0));

    let witness = Witness::start(&aside.path().join("witness"), &ledger, "127.0.0.1:0");
    let keshi = witness.up(&data);
    let checkpoint = aside.path().join("checkpoint.txt");
    let said = cosigned(&keshi, &checkpoint, &ledger, &witness.key).await;
    assert!(said.contains("cosigned by the witness city/one at 20"), "{said}");
    // Somebody else's key is not under it.
    let other = "city/two+5d2ac6c6+BAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g";
    let unknown = run(&[
        "audit",
        "check",
        checkpoint.to_str().expect("plain"),
        "--key",
        &ledger,
        "--witness",
        other,
    ]);
    assert_ne!(unknown.code, Some(0), "{}", unknown.out);
    assert_eq!(keshi.stop(), Some(0));
    let yesterday = tempdir().expect("a directory");
    disk::copy(data.path(), yesterday.path());

    // It goes on, also after both have begun anew.
    let (address, key) = (witness.address().to_owned(), witness.key.clone());
    drop(witness);
    let witness = Witness::start(&aside.path().join("witness"), &ledger, &address);
    assert_eq!(witness.key, key, "her key is kept");
    let keshi = witness.up(&data);
    post(&keshi, 2, 0..12).await;
    cosigned(&keshi, &checkpoint, &ledger, &key).await;
    assert_eq!(keshi.stop(), Some(0));

    // Yesterday's directory has forgotten what was cosigned and given out; she has not.
    let keshi = witness.up(&yesterday);
    keshi.wait_said("a witness refuses this ledger");
    assert!(keshi.said().contains("Larger"), "{}", keshi.said());
    // Grown past it by another way, it does not lead there either.
    post(&keshi, 3, 100..130).await;
    let give_up = Instant::now() + PATIENCE;
    while !keshi.said().contains("Parted") {
        assert!(Instant::now() < give_up, "{}", keshi.said());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(keshi.stop(), Some(0));
}
