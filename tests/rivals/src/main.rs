//! Posts attendances to a rival and says how many a second it took.
//!
//! `keshi-rivals umadb URL` or `keshi-rivals postgres CONFIG`; then each line of stdin, `CLIENTS EVENTS CALLS`, is one
//! slice: so many clients, each making so many calls one after the other, of so many events a call. Each slice is
//! answered with events per second on a line of stdout. Everything that a call returns for is durable.

mod postgres;
mod umadb;

use std::future::Future;
use std::io::{BufRead, Write};
use std::time::Instant;

use tokio::task::JoinSet;

/// What goes wrong ends the program, with its words.
pub type Failed = Box<dyn std::error::Error + Send + Sync>;

/// One fact as a rival keeps it.
pub struct Attendance {
    /// Unique.
    pub event_id: uuid::Uuid,
    /// One of 7,000.
    pub teacher: String,
    /// As many bytes as Keshi's event has.
    pub body: Vec<u8>,
}

/// Bytes of an encoded attendance.
const BODY_BYTES: usize = 110;

/// One client of a rival.
pub trait Client: Send + 'static {
    /// Records a call's events, durably.
    fn post(&mut self, events: Vec<Attendance>) -> impl Future<Output = Result<(), Failed>> + Send;
}

#[tokio::main(worker_threads = 2)]
async fn main() -> Result<(), Failed> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["umadb", url] => serve(umadb::connect(url, 256).await?).await,
        ["postgres", config] => serve(postgres::connect(config, 256).await?).await,
        _ => Err("usage: keshi-rivals umadb URL | postgres CONFIG".into()),
    }
}

async fn serve<C: Client>(mut clients: Vec<C>) -> Result<(), Failed> {
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let numbers: Vec<usize> = line.split(' ').map(str::parse).collect::<Result<_, _>>()?;
        let [users, events, calls] = numbers[..] else {
            return Err(format!("not a slice: {line}").into());
        };
        let idle = clients.split_off(users);
        let rate = slice(&mut clients, events, calls).await?;
        clients.extend(idle);
        println!("{rate:.0}");
        std::io::stdout().flush()?;
    }
    Ok(())
}

/// Events per second of all these clients together.
async fn slice<C: Client>(clients: &mut Vec<C>, events: usize, calls: usize) -> Result<f64, Failed> {
    let work: Vec<_> = clients
        .drain(..)
        .map(|client| (client, (0..calls).map(|_| attendances(events)).collect::<Vec<_>>()))
        .collect();
    let posted = work.len() * calls * events;
    let started = Instant::now();
    let mut tasks = JoinSet::new();
    for (mut client, calls) in work {
        tasks.spawn(async move {
            for call in calls {
                client.post(call).await?;
            }
            Ok::<_, Failed>(client)
        });
    }
    while let Some(ended) = tasks.join_next().await {
        clients.push(ended??);
    }
    Ok(posted as f64 / started.elapsed().as_secs_f64())
}

fn attendances(events: usize) -> Vec<Attendance> {
    let make = |_| {
        let event_id = uuid::Uuid::new_v4();
        let number = event_id.as_u128() % 7_000;
        let mut body = event_id.as_bytes().repeat(BODY_BYTES / 16 + 1);
        body.truncate(BODY_BYTES);
        Attendance {
            event_id,
            teacher: format!("LB-{number:04}"),
            body,
        }
    };
    (0..events).map(make).collect()
}
