//! How calls end: by their deadline, or with the server.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use keshi_bus::testing::NatsServer;
use keshi_proto::api;
use keshi_tests::caller::{Caller, attendance, each, refusal};
use keshi_tests::process::{Keshi, run};
use keshi_tests::{client, county, ledger};
use tempfile::tempdir;
use tokio::task::JoinSet;
use tonic::{Code, Status};

use super::furnished;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deadline_is_kept_whatever_is_waited_for() {
    let (_data, keshi, caller) = furnished().await;
    // Well below the ten seconds that are taken where the caller says nothing.
    let soon = Duration::from_millis(400);
    let began = Instant::now();
    let mut request = caller.request(api::GetHeadRequest {
        at: Some(api::At {
            at: None,
            min_size: 1 << 40,
        }),
    });
    request.set_timeout(soon);
    let status = caller.ledger().get_head(request).await.expect_err("never that large");
    assert_eq!(code_in_time(&status), Code::DeadlineExceeded);
    assert!(began.elapsed() < soon * 20, "{:?}", began.elapsed());
    drop(keshi);

    // With NATS and no ledger to record it, a submission is safe on the bus by its deadline, and said to be.
    let mut nats = NatsServer::start().await;
    let (data, other) = (tempdir().expect("a directory"), tempdir().expect("a directory"));
    let arguments = ["--dev", "--office", "610729", "--bus", &nats.url(), "--roles"];
    let with = |role: &'static str| [&arguments[..], &[role]].concat();
    let keeper = Keshi::up(data.path(), &with("ledger")).expect("it listens");
    let intake = Keshi::up(other.path(), &with("intake")).expect("it listens");
    let poster = Caller::connect(&intake.url()).await;
    let register = client::request(1, &county::register_of(5, 13));
    client::post_until_recorded(&mut poster.submissions(), &register).await;
    keeper.kill();
    let posting = client::request(2, &[county::attendance(1)]);
    let began = Instant::now();
    let answer = loop {
        let mut request = poster.request(posting.clone());
        request.set_timeout(soon);
        match poster.submissions().submit(request).await {
            Ok(answer) => break answer.into_inner(),
            // On a busy machine the caller's own clock may be first; sent again it is the same submission.
            Err(status) => assert_eq!(code_in_time(&status), Code::DeadlineExceeded, "{status:?}"),
        }
        assert!(began.elapsed() < client::PATIENCE, "never accepted in time");
    };
    assert_eq!(answer.state(), api::submit_response::State::Accepted);
    assert_eq!(answer.submission_id, posting.submission_id);
    // Asking a ledger that is not there ends too, with a clear code.
    let mut request = poster.request(api::GetSubmissionRequest {
        submission_id: posting.submission_id.clone(),
    });
    request.set_timeout(soon);
    let status = poster
        .submissions()
        .get_submission(request)
        .await
        .expect_err("nobody answers");
    let code = code_in_time(&status);
    assert!(matches!(code, Code::Unavailable | Code::DeadlineExceeded), "{status:?}");

    // The command line tells it apart from what is recorded, by its exit code too.
    let file = other.path().join("post.jsonl");
    let line = r#"{"events":[{"eventId":"6b65a2f0-0000-4000-8000-00000000a5cc","occurredFrom":{"year":2020,"month":1,"day":1},"fact":{"schoolRegistered":{"schoolId":"S-later","name":"后来小学","stage":"STAGE_PRIMARY"}}}]}"#;
    std::fs::write(&file, line).expect("written");
    let (file, address) = (file.to_str().expect("a plain path"), intake.address.to_string());
    let said = run(&["post", file, "--server", &address, "--timeout", "3", "--lang", "en"]);
    assert_eq!(said.code, Some(5), "{said:?}");
    assert!(said.err.contains("not yet recorded"), "{said:?}");

    // A server that keeps the connection and says nothing: the outcome is unknown, and said to be.
    nats.pause();
    let began = Instant::now();
    let mut request = poster.request(client::request(3, &[county::attendance(2)]));
    request.set_timeout(soon);
    let status = poster.submissions().submit(request).await.expect_err("no answer");
    nats.resume();
    assert_eq!(code_in_time(&status), Code::DeadlineExceeded, "{status:?}");
    assert!(began.elapsed() < soon * 20, "{:?}", began.elapsed());

    // All are recorded once a ledger runs, and sending them again is safe.
    let keeper = Keshi::up(data.path(), &with("ledger")).expect("it listens again");
    for (number, attendance) in [(2, 1), (3, 2)] {
        let request = client::request(number, &[county::attendance(attendance)]);
        let receipt = client::post_until_recorded(&mut poster.submissions(), &request).await;
        assert_eq!(receipt.verdicts.len(), 1);
    }
    assert_eq!(intake.stop(), Some(0));
    assert_eq!(keeper.stop(), Some(0));
    assert_eq!(ledger::facts(data.path()).size, 5 + 1 + 13 + 3);
    nats.kill();
}

/// The code of an answer at the deadline. On a busy machine the caller's own clock may end the call before the server's
/// answer is there; that too is a deadline kept.
fn code_in_time(status: &Status) -> Code {
    let by_caller = status.code() == Code::Cancelled && status.message() == "Timeout expired";
    if by_caller {
        Code::DeadlineExceeded
    } else {
        refusal(status).code
    }
}

/// Posts until the server ends; the event ids that were said to be recorded.
async fn post_until_ended(caller: Caller) -> Vec<String> {
    let mut recorded = Vec::new();
    loop {
        let request = each(vec![attendance("X1", "T1", 100), attendance("X1", "T2", 100)]);
        match caller.submissions().submit(caller.request(request)).await {
            Ok(answer) => {
                let receipt = answer.into_inner().receipt.expect("recorded");
                recorded.extend(receipt.verdicts.into_iter().map(|verdict| verdict.event_id));
            }
            Err(_) => return recorded,
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_told_to_stop_records_and_answers_what_it_accepted_and_exits_zero() {
    let (data, keshi, caller) = furnished().await;
    let (furniture, _) = caller.head().await;
    let mut posters = JoinSet::new();
    for _ in 0..8 {
        posters.spawn(post_until_ended(Caller::connect(&keshi.url()).await));
    }
    let head = client::head(&keshi.url(), furniture + 200).await;
    assert!(head.size >= furniture + 200);
    assert_eq!(keshi.stop(), Some(0));
    let mut recorded = BTreeSet::new();
    while let Some(ended) = posters.join_next().await {
        recorded.extend(ended.expect("the poster ends"));
    }
    let facts = ledger::facts(data.path());
    let engine = ledger::open(data.path());
    let standing: BTreeSet<_> = ledger::entries(&engine)
        .iter()
        .skip(usize::try_from(furniture).expect("small"))
        .filter_map(|stored| Some(stored.entry.posted.event_id()?.to_string()))
        .collect();
    // Not only is everything answered there: everything there was answered.
    assert_eq!(standing, recorded);
    println!("{} events answered, {} entries", recorded.len(), facts.size);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_nats_a_server_told_to_stop_loses_nothing_that_it_answered() {
    let nats = NatsServer::start().await;
    let data = tempdir().expect("a directory");
    let arguments = ["--dev", "--office", "610729", "--bus", &nats.url()];
    let keshi = Keshi::up(data.path(), &arguments).expect("it listens");
    let caller = Caller::connect(&keshi.url()).await;
    let register = client::request(1, &county::register_of(5, 13));
    client::post_until_recorded(&mut caller.submissions(), &register).await;
    caller.furnish().await;
    let (furniture, _) = caller.head().await;
    let mut posters = JoinSet::new();
    for _ in 0..4 {
        posters.spawn(post_until_ended(Caller::connect(&keshi.url()).await));
    }
    client::head(&keshi.url(), furniture + 100).await;
    assert_eq!(keshi.stop(), Some(0));
    let mut recorded = BTreeSet::new();
    while let Some(ended) = posters.join_next().await {
        recorded.extend(ended.expect("the poster ends"));
    }
    let engine = ledger::open(data.path());
    let standing: BTreeSet<_> = ledger::entries(&engine)
        .iter()
        .filter_map(|stored| Some(stored.entry.posted.event_id()?.to_string()))
        .collect();
    assert!(recorded.is_subset(&standing), "answered events are gone");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_who_keep_a_stream_open_and_say_nothing_do_not_keep_the_server() {
    let (data, keshi, caller) = furnished().await;
    let (furniture, _) = caller.head().await;
    let (sender, receiver) = tokio::sync::mpsc::channel(1);
    let sent = caller.request(tokio_stream::wrappers::ReceiverStream::new(receiver));
    let mut answers = caller
        .submissions()
        .stream_submissions(sent)
        .await
        .expect("an answer")
        .into_inner();
    sender
        .send(each(vec![attendance("X1", "T1", 100)]))
        .await
        .expect("sent");
    assert!(answers.message().await.expect("an answer").is_some());
    let request = caller.request(api::WatchEntriesRequest::default());
    let mut watching = caller
        .ledger()
        .watch_entries(request)
        .await
        .expect("an answer")
        .into_inner();
    assert!(watching.message().await.expect("entries").is_some());
    let began = Instant::now();
    assert_eq!(keshi.stop(), Some(0));
    println!("ended after {:?}", began.elapsed());
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    drop(sender);
    assert_eq!(ledger::facts(data.path()).size, furniture + 1);
}
