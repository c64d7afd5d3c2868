//! The sample county from the program's own mouth: written, imported, asked about, posted again elsewhere.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs;

use keshi_tests::caller::Caller;
use keshi_tests::ledger;
use keshi_tests::process::run;
use serde_json::{Value, json};
use tempfile::tempdir;

use super::{empty, import, keshi, parsed};

/// The standings of a researcher in 2022 that are short: requirement, period, hundredths missing.
fn short(server: &keshi_tests::process::Keshi, teacher: &str) -> Vec<(String, String, i64)> {
    let ran = keshi(server, &["balance", teacher, "--period", "2022", "--json"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let balance = parsed(&ran.out);
    let standings = balance["policies"][0]["standings"]
        .as_array()
        .expect("standings")
        .clone();
    assert!(standings.len() >= 5, "{standings:?}");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let short = standings.iter().filter(|standing| standing["status"] == "STATUS_SHORT");
    short
        .map(|standing| {
            let missing = text(&standing["missingCentiamount"]).parse().expect("a number");
            (text(&standing["requirementId"]), text(&standing["period"]), missing)
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_sample_county_is_imported_once_and_its_log_posted_elsewhere_gives_the_same_digest() {
    let folder = tempdir().expect("a directory");
    let path = folder.path().to_str().expect("a plain path");
    assert_eq!(run(&["sample", "liuba-2022", path]).code, Some(0));
    let (data, server) = empty();
    let caller = Caller::connect(&server.url()).await;

    let dry = import(&server, folder.path(), &["--dry-run"]);
    assert_eq!(dry.code, Some(0), "{}", dry.err);
    assert_eq!(caller.head().await.0, 0, "a dry run changes nothing");
    let first = import(&server, folder.path(), &[]);
    assert_eq!(first.code, Some(0), "{}", first.err);
    let rows = first.rows.len() as u64;
    assert_eq!((first.of("recorded"), dry.rows.len() as u64), (rows, rows));
    assert!(rows > 4_000, "{rows}");
    let head = caller.head().await;
    let again = import(&server, folder.path(), &[]);
    assert_eq!((again.code, again.of("duplicate")), (Some(0), rows), "{}", again.err);
    assert_eq!(caller.head().await, head, "importing again changes nothing");

    let missing = |requirement: &str, period: &str, hundredths| vec![(requirement.into(), period.into(), hundredths)];
    assert_eq!(short(&server, "LB-0001"), []);
    assert_eq!(short(&server, "LB-0002"), []);
    assert_eq!(short(&server, "LB-0003"), missing("R1", "2022", 1_800));
    assert_eq!(short(&server, "LB-0004"), missing("R2", "2022-2023-1", 900));
    assert_eq!(short(&server, "LB-0005"), missing("R3", "2021-2022", 100));
    assert_eq!(short(&server, "LB-0006"), missing("R4", "2022-11", 100));
    for command in [
        vec!["tier", "LB-0001", "--json"],
        vec!["shortfall", "--period", "2022", "--json"],
        vec!["policy", "show", "--json"],
        vec!["audit", "replay", "--json"],
    ] {
        let ran = keshi(&server, &command);
        assert_eq!(ran.code, Some(0), "{command:?}: {}", ran.err);
        assert!(ran.out.lines().map(parsed).count() > 0);
    }

    // The log as JSON lines, put back into submissions, posts into another ledger.
    let log = keshi(&server, &["log", "--json"]);
    assert_eq!(log.code, Some(0), "{}", log.err);
    let entries: Vec<Value> = log.out.lines().map(parsed).collect();
    assert_eq!(entries.len() as u64, head.0);
    let lines = folder.path().join("submissions.jsonl");
    fs::write(&lines, submissions(&entries)).expect("it can be written");
    let (other_data, other) = empty();
    let posted = keshi(&other, &["post", lines.to_str().expect("a plain path")]);
    assert_eq!(posted.code, Some(0), "{}", posted.err);
    assert!(
        posted
            .out
            .lines()
            .map(parsed)
            .all(|line| line["state"] == "STATE_RECORDED")
    );
    assert_eq!(server.stop(), Some(0));
    assert_eq!(other.stop(), Some(0));
    let (facts, others) = (ledger::facts(data.path()), ledger::facts(other_data.path()));
    assert_eq!((facts.size, facts.digest), (others.size, others.digest));

    // No name, ID number or phone number stands in the log.
    for personal in ["999999", "王建岚", "居民身份证"] {
        assert!(!log.out.contains(personal), "{personal} stands in the log");
    }
    println!("{rows} rows, {} entries", facts.size);
}

/// The entries of each submission as a line that `keshi post` reads.
fn submissions(entries: &[Value]) -> String {
    let mut order: Vec<String> = Vec::new();
    let mut events: HashMap<String, Vec<Value>> = HashMap::new();
    for entry in entries {
        let id = entry["submissionId"].as_str().expect("an id").to_owned();
        let of = events.entry(id.clone()).or_default();
        if of.is_empty() {
            order.push(id);
        }
        of.push(entry["event"].clone());
    }
    let mut lines = String::new();
    for id in order {
        let events = &events[&id];
        let line = json!({ "submissionId": id, "taking": "TAKING_ATOMIC", "events": events });
        writeln!(lines, "{line}").expect("it can be put together");
    }
    lines
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn exit_codes_tell_done_from_refused_from_misused_from_not_reached() {
    let (_data, server) = empty();
    assert_eq!(keshi(&server, &["policy", "show"]).code, Some(0));
    let unknown = keshi(&server, &["balance", "LB-9999"]);
    assert_eq!(unknown.code, Some(1), "{}", unknown.err);
    assert!(unknown.err.contains("error: "), "{}", unknown.err);
    for usage in [
        vec!["void"],
        vec!["balance", "T1", "--period", "last year"],
        vec!["import"],
        vec!["frobnicate"],
        vec!["log", "--limit", "-1"],
    ] {
        let ran = keshi(&server, &usage);
        assert_eq!(ran.code, Some(2), "{usage:?}: {}", ran.err);
        assert_eq!(ran.out, "");
    }
    let address = server.address.to_string();
    assert_eq!(server.stop(), Some(0));
    for command in [vec!["log"], vec!["balance", "T1"], vec!["audit", "replay"]] {
        let ran = run(&[&command[..], &["--server", &address, "--lang", "en"]].concat());
        assert_eq!(ran.code, Some(3), "{command:?}: {}", ran.err);
        assert!(ran.err.contains("keshi up"), "{}", ran.err);
    }
    let post = run(&["post", "/nowhere/at/all.jsonl", "--server", &address]);
    assert_eq!(post.code, Some(1), "{}", post.err);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn post_tells_of_a_line_that_is_no_submission_and_of_one_that_is_refused() {
    let (_data, server) = empty();
    let caller = Caller::connect(&server.url()).await;
    caller.furnish().await;
    let (size, _) = caller.head().await;
    let folder = tempdir().expect("a directory");
    let file = folder.path().join("lines.jsonl");
    let event = |id: &str, teacher: &str| {
        json!({
            "eventId": id,
            "occurredFrom": { "year": 2022, "month": 11, "day": 1 },
            "fact": { "attendanceRecorded": {
                "sessionId": "X1", "teacherId": teacher, "role": "ATTENDANCE_ROLE_LEARNER", "presentCentihours": "600"
            } }
        })
    };
    let good = event("a0000000-0000-4000-8000-000000000001", "T1");
    let bad = event("a0000000-0000-4000-8000-000000000002", "T9");
    let lines = format!(
        "{}\n\n{{\"events\": 7}}\n",
        json!({ "taking": "TAKING_EACH", "events": [good, bad] })
    );
    fs::write(&file, &lines).expect("it can be written");
    let ran = keshi(&server, &["post", file.to_str().expect("a plain path")]);
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    assert!(
        ran.err.contains("line 1 events[1]") && ran.err.contains("not registered"),
        "{}",
        ran.err
    );
    assert!(ran.err.contains("line 3 is no SubmitRequest"), "{}", ran.err);
    let answer = parsed(ran.out.lines().next().expect("the first line's answer"));
    assert_eq!(answer["receipt"]["verdicts"][0]["verdict"], "VERDICT_RECORDED");
    assert_eq!(answer["receipt"]["verdicts"][1]["verdict"], "VERDICT_REFUSED");
    assert_eq!(caller.head().await.0, size + 2);
}
