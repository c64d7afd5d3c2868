//! `keshi import` and what is printed afterwards, with the program itself.

mod corrections;
mod county;
mod hosts;
mod loads;
mod office;
mod roster;
mod rows;
mod scale;

use std::path::Path;

use keshi_tests::caller::Caller;
use keshi_tests::process::{Keshi, Ran, run};
use serde_json::Value;
use tempfile::{TempDir, tempdir};

/// A server without tokens over an empty ledger.
fn empty() -> (TempDir, Keshi) {
    let data = tempdir().expect("a directory");
    let keshi = Keshi::up(data.path(), &["--dev", "--office", "610729"]).expect("it listens");
    (data, keshi)
}

/// The same with two schools, two teachers, a project and a session.
async fn furnished() -> (TempDir, Keshi, Caller) {
    let (data, keshi) = empty();
    let caller = Caller::connect(&keshi.url()).await;
    caller.furnish().await;
    (data, keshi, caller)
}

/// Runs a command against this server, in English.
fn keshi(server: &Keshi, args: &[&str]) -> Ran {
    let address = server.address.to_string();
    run(&[args, &["--server", &address, "--lang", "en"]].concat())
}

/// Imports with `--json`.
fn import(server: &Keshi, path: &Path, more: &[&str]) -> Imported {
    let path = path.to_str().expect("a plain path");
    let ran = keshi(server, &[&["import", path, "--json"], more].concat());
    let lines: Vec<Value> = ran.out.lines().map(parsed).collect();
    let (summary, rows) = match lines.split_last() {
        Some((last, rows)) => (last.clone(), rows.to_vec()),
        None => (Value::Null, Vec::new()),
    };
    Imported {
        code: ran.code,
        err: ran.err,
        rows,
        summary,
    }
}

/// What an import printed.
#[derive(Debug)]
struct Imported {
    code: Option<i32>,
    err: String,
    /// One for each row.
    rows: Vec<Value>,
    /// The last line: totals by verdict.
    summary: Value,
}

impl Imported {
    /// How many rows had this verdict.
    fn of(&self, verdict: &str) -> u64 {
        let counted = self.rows.iter().filter(|row| row["verdict"] == verdict).count() as u64;
        assert_eq!(self.summary["summary"][verdict].as_u64().unwrap_or(0), counted);
        counted
    }

    /// The only remark that is made: its row, column, and English reason and remedy in one.
    fn only_remark(&self) -> (u64, &str, String) {
        let all: Vec<_> = self
            .rows
            .iter()
            .flat_map(|row| {
                row["remarks"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .map(move |remark| (row, remark))
            })
            .collect();
        let [(row, remark)] = all.as_slice() else {
            panic!("{self:?}")
        };
        let text = |name: &str| remark[name].as_str().expect("a text");
        assert!(!text("reason_zh").is_empty() && !text("remedy_zh").is_empty());
        let said = format!("{}; {}", text("reason_en"), text("remedy_en"));
        (row["row"].as_u64().expect("a number"), text("column"), said)
    }
}

fn parsed(line: &str) -> Value {
    serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"))
}
