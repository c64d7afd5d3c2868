//! JSON over HTTP against the real server: the same rights, bounds and answers as gRPC, and the programs of the documents.

mod bounds;
mod clients;
mod rights;

use std::fs;
use std::path::Path;
use std::time::Duration;

use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use keshi_tests::caller::Caller;
use keshi_tests::process::{Keshi, run};
use keshi_tests::web::Web;
use serde_json::{Value, json};
use tempfile::{TempDir, tempdir};

/// Longest wait for something that is to come.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server with tokens that serves pages too, furnished by its admin.
struct House {
    data: TempDir,
    keshi: Keshi,
    admin: Caller,
}

impl House {
    async fn new() -> Self {
        let data = tempdir().expect("a directory");
        let args = ["--office", "610729", "--lang", "en", "--http", "127.0.0.1:0"];
        let keshi = Keshi::up(data.path(), &args).expect("it listens");
        let token = fs::read_to_string(data.path().join("610729/token")).expect("kept");
        let admin = Caller::connect(&keshi.url()).await.with(token.trim());
        admin.furnish().await;
        Self { data, keshi, admin }
    }

    /// The admin, over HTTP.
    fn admin(&self) -> Web {
        Web::of(&self.keshi).with(self.admin.token())
    }

    /// A new token of this role and scope, known to the server, and its holder over HTTP.
    async fn holder(&self, role: &[&str]) -> Web {
        let web = Web::of(&self.keshi).with(&token_of(self.data.path(), role));
        let known = async {
            while web.call("LedgerService/GetHead", "{}").await.status == 401 {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, known).await.expect("known");
        web
    }
}

fn token_of(data: &Path, role: &[&str]) -> String {
    let data = data.to_str().expect("a plain path");
    let mut args = vec!["token", "create"];
    args.extend(role);
    args.extend(["--office", "610729", "--data", data]);
    let made = run(&args);
    assert_eq!(made.code, Some(0), "{}", made.err);
    made.out.trim().to_owned()
}

/// A lesson that a teacher gave, alone in its submission.
fn lesson(event_id: &str, teacher: &str, school: &str) -> Value {
    json!({
        "taking": "TAKING_EACH",
        "events": [{
            "eventId": event_id,
            "occurredFrom": {"year": 2022, "month": 11, "day": 3},
            "fact": {"lessonGiven": {
                "teacherId": teacher, "type": "LESSON_TYPE_OPEN", "level": "LEVEL_COUNTY",
                "schoolId": school, "subject": "语文", "periods": 2,
            }},
        }],
    })
}

/// One message in its envelope.
fn enveloped(message: &str) -> Vec<u8> {
    let length = u32::try_from(message.len()).expect("short");
    [&[0][..], &length.to_be_bytes(), message.as_bytes()].concat()
}

/// The next envelope of a stream: its flags and its JSON.
async fn next(body: &mut Incoming, read: &mut Vec<u8>) -> (u8, Value) {
    loop {
        if let [flags, a, b, c, d, rest @ ..] = &read[..] {
            let length = u32::from_be_bytes([*a, *b, *c, *d]) as usize;
            if let Some(json) = rest.get(..length) {
                let found = (*flags, serde_json::from_slice(json).expect("JSON"));
                read.drain(..5 + length);
                return found;
            }
        }
        let frame = tokio::time::timeout(PATIENCE, body.frame()).await.expect("in time");
        let frame = frame.expect("not ended").expect("not broken");
        read.extend_from_slice(&frame.into_data().unwrap_or_default());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_posted_as_json_is_in_the_ledger_that_grpc_reads_and_corrects_there_as_here() {
    let house = House::new().await;
    let clerk = house.holder(&["clerk", "--school", "S1"]).await;
    let posted = lesson("0b0d9a5c-4f4e-5b58-9b5e-0c7a3f0f6a11", "T1", "S1");
    let verdict = async |web: &Web, posted: &Value| {
        let answer = web.call("SubmissionService/Submit", posted.to_string()).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json["receipt"].clone()
    };
    assert_eq!(
        verdict(&clerk, &posted).await["verdicts"][0]["verdict"],
        "VERDICT_RECORDED"
    );
    assert_eq!(
        verdict(&clerk, &posted).await["verdicts"][0]["verdict"],
        "VERDICT_DUPLICATE"
    );
    let mut corrected = lesson("0b0d9a5c-4f4e-5b58-9b5e-0c7a3f0f6a12", "T1", "S1");
    corrected["events"][0]["supersedes"] = json!("0b0d9a5c-4f4e-5b58-9b5e-0c7a3f0f6a11");
    corrected["events"][0]["fact"]["lessonGiven"]["periods"] = json!("1");
    let receipt = verdict(&clerk, &corrected).await;
    assert_eq!(receipt["verdicts"][0]["verdict"], "VERDICT_RECORDED");

    let balance = house.admin.balance("T1").await.expect("an answer");
    let meters = balance.policies.into_iter().flat_map(|policy| policy.meters);
    let given: i64 = meters
        .filter(|meter| meter.meter == "lessons_given")
        .map(|meter| meter.centiamount)
        .sum();
    assert_eq!(given, 100);
    let asked = json!({"teacherId": "T1", "period": "2022", "at": {"minSize": receipt["size"]}});
    let balance = clerk.call("LedgerService/GetBalance", asked.to_string()).await;
    let meters = balance.json["policies"][0]["meters"]
        .as_array()
        .expect("meters")
        .clone();
    let given = meters
        .iter()
        .find(|meter| meter["meter"] == "lessons_given")
        .expect("given");
    assert_eq!(given["centiamount"], "100");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_watcher_over_http_sees_what_is_recorded_and_the_end() {
    let house = House::new().await;
    let web = house.admin();
    let request = web.post(
        "/keshi.v1.LedgerService/WatchEntries",
        "application/connect+json",
        enveloped("{}"),
    );
    let mut body = web.send(request).await.into_body();
    let (mut read, mut seen) = (Vec::new(), 0);
    let (size, _) = house.admin.head().await;
    let mut watch = async |until: u64| {
        while seen < until {
            let (flags, batch) = next(&mut body, &mut read).await;
            assert_eq!(flags, 0, "{batch}");
            seen += batch["entries"].as_array().expect("entries").len() as u64;
        }
    };
    watch(size).await;
    let posted = lesson("0b0d9a5c-4f4e-5b58-9b5e-0c7a3f0f6a11", "T1", "S1");
    let answer = web.call("SubmissionService/Submit", posted.to_string()).await;
    assert_eq!(answer.status, 200);
    watch(size + 1).await;
    house.keshi.terminate();
    let end = next(&mut body, &mut read).await;
    // As over gRPC, where the stream ends without an error.
    assert_eq!(end, (2, json!({})));
    assert!(body.frame().await.is_none(), "nothing after the end");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replay_over_http_tells_its_progress_and_agrees() {
    let house = House::new().await;
    let auditor = house.holder(&["auditor"]).await;
    let request = auditor.post(
        "/keshi.v1.AuditService/Replay",
        "application/connect+json",
        enveloped("{}"),
    );
    let mut body = auditor.send(request).await.into_body();
    let (mut read, mut last) = (Vec::new(), Value::Null);
    loop {
        match next(&mut body, &mut read).await {
            (0, progress) => last = progress,
            (flags, end) => {
                assert_eq!((flags, end), (2, json!({})));
                break;
            }
        }
    }
    assert_eq!(last["result"]["agrees"], true, "{last}");
}
