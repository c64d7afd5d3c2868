//! One guest does not empty the house: whatever one caller fills, the others go on, and memory stays bounded.

mod heavy;
mod neighbours;

use std::fs;
use std::path::Path;
use std::time::Duration;

use futures::StreamExt as _;
use keshi_proto::api;
use keshi_tests::caller::{Caller, attendance, refusal};
use keshi_tests::process::{Keshi, run};
use keshi_tests::raw::RawCodec;
use prost::Message as _;
use tempfile::{TempDir, tempdir};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::{Code, Status};

use self::neighbours::go_on;
use crate::is_long;

/// Resident bytes beyond rest that one guest may cost, as the issue of a full house was settled.
pub(crate) const BEYOND_REST_MAX: u64 = 300 << 20;

/// Calls of one caller that are under way at once.
const CALLS_OF_ONE: usize = 1_024;

/// A server with tokens, its admin, and a clerk of S1.
async fn house() -> (TempDir, Keshi, Caller, Caller) {
    let data = tempdir().expect("a directory");
    let keshi = Keshi::up(data.path(), &["--office", "610729", "--lang", "en"]).expect("it listens");
    let token = fs::read_to_string(data.path().join("610729/token")).expect("kept");
    let admin = Caller::connect(&keshi.url()).await.with(token.trim());
    admin.furnish().await;
    let clerk = clerk_of(data.path(), &keshi, "clerk-s1").await;
    (data, keshi, admin, clerk)
}

/// A new token of this role and scope.
fn token_of(data: &Path, role: &[&str]) -> String {
    let data = data.to_str().expect("a plain path");
    let mut args = vec!["token", "create"];
    args.extend(role);
    args.extend(["--office", "610729", "--data", data]);
    let made = run(&args);
    assert_eq!(made.code, Some(0), "{}", made.err);
    made.out.trim().to_owned()
}

/// Waits until the server knows her token.
async fn known(caller: &Caller) {
    let known = async {
        let head = || async {
            caller
                .ledger()
                .get_head(caller.request(api::GetHeadRequest::default()))
                .await
        };
        while head().await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), known)
        .await
        .expect("known");
}

/// A clerk on a connection of her own, known to the server.
async fn clerk_of(data: &Path, keshi: &Keshi, id: &str) -> Caller {
    let token = token_of(data, &["clerk", "--school", "S1", "--id", id]);
    let clerk = Caller::connect(&keshi.url()).await.with(&token);
    known(&clerk).await;
    clerk
}

/// The most that the process has ever had resident, in bytes.
pub(crate) fn peak(keshi: &Keshi) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", keshi.id())).expect("it runs");
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .expect("a peak");
    let kib: u64 = line.trim().trim_end_matches(" kB").parse().expect("a number");
    kib << 10
}

/// Checks that the process never had more resident than this beyond what it had at rest.
#[track_caller]
pub(crate) fn took_at_most(keshi: &Keshi, rest: u64, bytes: u64) {
    // The system counts pages by thread and adds up now and then: the peak may come out a little below an earlier one.
    let beyond = peak(keshi).saturating_sub(rest);
    assert!(beyond < bytes, "{beyond} beyond rest");
}

#[track_caller]
fn refused(answer: Result<impl std::fmt::Debug, Status>, code: Code, reason: &str) {
    let found = refusal(&answer.expect_err("refused"));
    assert_eq!((found.code, found.reason.as_str()), (code, reason));
}

/// Asks for the head at a size that never comes, for a minute.
async fn wait_for_ever(caller: &Caller) -> Status {
    let at = Some(api::At {
        at: None,
        min_size: u64::MAX,
    });
    let mut request = caller.request(api::GetHeadRequest { at });
    request.set_timeout(Duration::from_mins(1));
    caller
        .ledger()
        .get_head(request)
        .await
        .expect_err("that size never comes")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_with_thousands_of_waiting_calls_shuts_only_itself_out() {
    let (_data, keshi, admin, clerk) = house().await;
    let rest = peak(&keshi);
    let calls = if is_long() { 4_200 } else { 1_400 };
    let mut waiting = JoinSet::new();
    let mut connections = Vec::new();
    for _ in 0..5 {
        connections.push(Caller::connect(&keshi.url()).await);
    }
    for number in 0..calls {
        let caller = connections[number % connections.len()].with(clerk.token());
        waiting.spawn(async move { wait_for_ever(&caller).await });
    }
    // Those beyond her share are turned away at once; the first of them says that the house is as full as it gets.
    let first = waiting.join_next().await.expect("one ends").expect("it runs");
    refused(Err::<(), _>(first), Code::ResourceExhausted, "TooManyCalls");
    refused(
        clerk.submit(vec![attendance("X1", "T2", 100)]).await,
        Code::ResourceExhausted,
        "TooManyCalls",
    );
    admin.record(vec![attendance("X1", "T2", 100)]).await;
    waiting.abort_all();
    while waiting.join_next().await.is_some() {}
    go_on("waiting calls", &keshi.url(), admin.token(), async || {
        let mut waiting = JoinSet::new();
        for number in 0..calls {
            let caller = connections[number % connections.len()].with(clerk.token());
            waiting.spawn(async move { wait_for_ever(&caller).await });
        }
        // Until all that are beyond her share have been turned away, and the others wait.
        for _ in CALLS_OF_ONE..calls {
            let _turned_away = waiting.join_next().await;
        }
        waiting
    })
    .await;
    took_at_most(&keshi, rest, BEYOND_REST_MAX);
    // And she is let in again once her calls have gone.
    let again = async {
        while clerk.submit(vec![attendance("X1", "T1", 100)]).await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), again)
        .await
        .expect("let in again");
}

/// A submission of two million empty events, as bytes.
fn two_million_events(bytes_max: usize) -> Vec<u8> {
    // Field 3, length 0.
    let empty = [0x1a, 0];
    empty.repeat(bytes_max / empty.len())
}

/// Sends bytes as they are to the method that takes submissions.
async fn send_raw(caller: &Caller, bytes: Vec<u8>) -> Result<(), Status> {
    let mut grpc = tonic::client::Grpc::new(caller.channel.clone()).max_encoding_message_size(64 << 20);
    grpc.ready()
        .await
        .map_err(|error| Status::unavailable(error.to_string()))?;
    let path = PathAndQuery::from_static("/keshi.v1.SubmissionService/Submit");
    let answer = grpc.unary(caller.request(bytes), path, RawCodec).await;
    answer.map(drop)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_of_empty_events_is_refused_before_they_are_made_with_a_token_and_without() {
    let (_data, keshi, admin, clerk) = house().await;
    assert!(
        api::SubmitRequest::decode(&*two_million_events(6))
            .expect("it decodes")
            .events
            .len()
            == 3
    );
    let rest = peak(&keshi);
    let nobody = Caller::connect(&keshi.url()).await;
    // Four megabytes without a token are not even read; with one, a message that is too large is not put together.
    let anonymous = send_raw(&nobody, two_million_events(4 << 20))
        .await
        .expect_err("refused");
    assert!(
        matches!(
            anonymous.code(),
            Code::Unauthenticated | Code::Unknown | Code::Internal | Code::Cancelled
        ),
        "{anonymous:?}"
    );
    refused(
        send_raw(&clerk, two_million_events(4 << 20)).await,
        Code::OutOfRange,
        "MessageTooLarge",
    );
    refused(
        send_raw(&clerk, two_million_events(1 << 20)).await,
        Code::OutOfRange,
        "MessageTooLarge",
    );
    took_at_most(&keshi, rest, BEYOND_REST_MAX / 4);
    admin.record(vec![attendance("X1", "T2", 100)]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unread_watchers_are_few_and_take_little() {
    let (_data, keshi, admin, _clerk) = house().await;
    let rest = peak(&keshi);
    let watch = async || {
        let mut watching = Vec::new();
        let mut turned_away = 0;
        for _ in 0..if is_long() { 2_000 } else { 40 } {
            match admin
                .ledger()
                .watch_entries(admin.request(api::WatchEntriesRequest::default()))
                .await
            {
                Ok(stream) => watching.push(stream.into_inner()),
                Err(status) => {
                    refused(Err::<(), _>(status), Code::ResourceExhausted, "TooManyCalls");
                    turned_away += 1;
                }
            }
        }
        assert!(turned_away > 0 && watching.len() <= 8, "{} watch", watching.len());
        watching
    };
    let mut watching = watch().await;
    let first = watching[0].next().await.expect("a batch").expect("entries");
    assert!(!first.entries.is_empty());
    drop(watching);
    go_on("unread watchers", &keshi.url(), admin.token(), watch).await;
    took_at_most(&keshi, rest, BEYOND_REST_MAX);
    admin.record(vec![attendance("X1", "T2", 100)]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn silent_connections_do_not_keep_others_out() {
    let (_data, keshi, admin, _clerk) = house().await;
    let rest = peak(&keshi);
    let url = keshi.url();
    let silence = async || {
        let mut silent = Vec::new();
        for _ in 0..if is_long() { 1_100 } else { 300 } {
            silent.push(TcpStream::connect(keshi.address).await.expect("connected"));
        }
        silent
    };
    let silent = silence().await;
    let newcomer = tokio::time::timeout(Duration::from_secs(5), Caller::connect(&url));
    newcomer
        .await
        .expect("a newcomer gets in at once")
        .with(admin.token())
        .record(vec![attendance("X1", "T2", 100)])
        .await;
    drop(silent);
    go_on("silent connections", &url, admin.token(), silence).await;
    took_at_most(&keshi, rest, BEYOND_REST_MAX);
}
