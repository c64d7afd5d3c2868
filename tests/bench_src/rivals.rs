//! Keshi beside UmaDB and PostgreSQL, and beside an empty unary call: alternating slices of one run, everything durable.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use keshi_tests::client;
use keshi_tests::process::Keshi;

use crate::floor::Floor;
use crate::grpc::{connections, slice};
use crate::{median, thousands};

/// Slices of each; the medians are compared.
const SLICES: usize = 5;

/// Clients, events a call, calls of each client in a slice.
const SHAPES: [(usize, u64, u64); 4] = [(1, 1, 1_000), (16, 1, 500), (256, 1, 80), (16, 100, 60)];

/// A rival's driver, which posts a slice for each line it is sent.
struct Rival {
    child: Child,
    slices: ChildStdin,
    rates: BufReader<ChildStdout>,
}

/// Prints the table. `tests/rivals/run` starts the rivals and says where they are.
pub async fn run() {
    let data = tempfile::tempdir_in("target").expect("a directory");
    let keshi = Keshi::up(data.path(), &["--dev", "--office", "610729"]).expect("it listens");
    let floor = Floor::start();
    let ours = connections(&keshi.url()).await;
    let empty = connections(&floor.url()).await;
    client::post_register(&mut ours[0].clone()).await;
    let mut umadb = Rival::start("umadb", "KESHI_RIVAL_UMADB");
    let mut postgres = Rival::start("postgres", "KESHI_RIVAL_POSTGRES");
    println!(
        "{:<18} {:>12} {:>12} {:>12} {:>12} {:>10} {:>12} {:>10}",
        "clients × events", "Keshi", "UmaDB", "PostgreSQL", "empty call", "× UmaDB", "× PostgreSQL", "of empty"
    );
    for (clients, events, calls) in SHAPES {
        let mut rates: [Vec<f64>; 4] = Default::default();
        for _ in 0..SLICES {
            rates[0].push(slice(&ours, clients, events, calls).await);
            rates[1].push(umadb.slice(clients, events, calls));
            rates[2].push(postgres.slice(clients, events, calls));
            rates[3].push(slice(&empty, clients, events, calls).await);
        }
        let [ours, umadb, postgres, empty] = rates.map(median);
        println!(
            "{:<18} {:>12} {:>12} {:>12} {:>12} {:>10.2} {:>12.2} {:>9.0} %",
            format!("{clients} × {events}"),
            thousands(ours, ""),
            thousands(umadb, ""),
            thousands(postgres, ""),
            thousands(empty, ""),
            ours / umadb,
            ours / postgres,
            100.0 * ours / empty
        );
    }
}

impl Rival {
    fn start(kind: &str, place: &str) -> Self {
        let of = |name: &str| std::env::var_os(name).expect("run this as `tests/bench --rivals`");
        let mut child = Command::new(of("KESHI_RIVALS_DRIVER"))
            .arg(kind)
            .arg(of(place))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the driver starts");
        Self {
            slices: child.stdin.take().expect("piped"),
            rates: BufReader::new(child.stdout.take().expect("piped")),
            child,
        }
    }

    /// Events per second.
    fn slice(&mut self, clients: usize, events: u64, calls: u64) -> f64 {
        writeln!(self.slices, "{clients} {events} {calls}").expect("the driver listens");
        let mut rate = String::new();
        self.rates.read_line(&mut rate).expect("the driver answers");
        rate.trim().parse().expect("a rate: see what the driver said")
    }
}

impl Drop for Rival {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
