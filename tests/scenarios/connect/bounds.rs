//! What one caller may send over HTTP, and how long others wait for it.

use std::net::SocketAddr;

use keshi_tests::web::{Web, refusal};
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::{House, PATIENCE, lesson};
use crate::guests::{BEYOND_REST_MAX, peak, took_at_most};

const SUBMIT: &str = "/keshi.v1.SubmissionService/Submit";

/// The head of a posting with these further lines.
fn head(web: &Web, token: &str, lines: &[&str]) -> String {
    let address = web.address();
    let lines = [lines, &["", ""]].concat().join("\r\n");
    format!(
        "POST {SUBMIT} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\n\
         accept-language: en\r\n{lines}"
    )
}

/// Sends this, and reads until an answer's JSON is there. Listens while it sends: who is refused may be cut off before all is sent.
async fn exchanged(address: SocketAddr, sent: Vec<u8>) -> (u16, Value) {
    let mut stream = TcpStream::connect(address).await.expect("connected");
    let (mut reader, mut writer) = stream.split();
    let sending = async {
        // Where that breaks off, what was answered before says why.
        let _cut_off = writer.write_all(&sent).await;
        std::future::pending::<()>().await;
    };
    tokio::select! {
        answer = answered(&mut reader) => answer,
        () = sending => unreachable!("it never ends"),
    }
}

async fn answered(reader: &mut (impl AsyncRead + Unpin)) -> (u16, Value) {
    let mut read = Vec::new();
    loop {
        if let Some(answer) = answer_in(&read) {
            return answer;
        }
        let mut bytes = [0; 4_096];
        let count = tokio::time::timeout(PATIENCE, reader.read(&mut bytes)).await;
        let count = count.expect("in time").expect("not broken");
        assert_ne!(count, 0, "closed without an answer: {}", String::from_utf8_lossy(&read));
        read.extend_from_slice(&bytes[..count]);
    }
}

fn answer_in(read: &[u8]) -> Option<(u16, Value)> {
    let text = std::str::from_utf8(read).ok()?;
    let (head, content) = text.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some((status, serde_json::from_str(content).ok()?))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_larger_deeper_or_other_than_a_message_is_refused_with_its_reason() {
    let house = House::new().await;
    let web = house.admin();
    let deep = format!("{{\"events\": {}{}}}", "[".repeat(10_000), "]".repeat(10_000));
    let nested = format!("{}1{}", "{\"events\":".repeat(10_000), "}".repeat(10_000));
    let many = format!("{{\"events\": [{}{{}}]}}", "{},".repeat(700_000));
    let wide = format!("{}{{}}", " ".repeat(5 << 20));
    for (content, code, reason) in [
        (deep.as_bytes(), "invalid_argument", "InvalidJson"),
        (nested.as_bytes(), "invalid_argument", "InvalidJson"),
        (many.as_bytes(), "out_of_range", "MessageTooLarge"),
        (wide.as_bytes(), "out_of_range", "MessageTooLarge"),
        (b"{\"events\": []} trailing", "invalid_argument", "InvalidJson"),
        (b"{\"events\": [], \"events\": []}", "invalid_argument", "InvalidJson"),
        (b"{\"evnets\": []}", "invalid_argument", "InvalidJson"),
        (
            b"{\"submissionId\": \"\xbf\xce\xca\xb1\"}",
            "invalid_argument",
            "InvalidJson",
        ),
        (b"[]", "invalid_argument", "InvalidJson"),
        (
            b"{\"events\": [{\"fact\": {\"lessonGiven\": {\"periods\": 1e99}}}]}",
            "invalid_argument",
            "InvalidJson",
        ),
        (b"{\"events\": []}", "invalid_argument", "InvalidFields"),
    ] {
        let answer = web.call("SubmissionService/Submit", content.to_vec()).await;
        let start = String::from_utf8_lossy(&content[..content.len().min(40)]).into_owned();
        assert_eq!(answer.refusal(), (code.to_owned(), reason.to_owned()), "{start}");
        assert_eq!(answer.status, 400, "{start}");
    }
    // Three megabytes of JSON are a request; of protobuf they are not.
    let mut spaced = lesson("0b0d9a5c-4f4e-5b58-9b5e-0c7a3f0f6a11", "T1", "S1").to_string();
    spaced.push_str(&" ".repeat(3 << 20));
    assert_eq!(web.call("SubmissionService/Submit", spaced).await.status, 200);
    let answer = web
        .answer(web.post(SUBMIT, "application/proto", vec![0x1a; 3 << 20]))
        .await;
    assert_eq!(answer.refusal().1, "MessageTooLarge");
    let answer = web.answer(web.post(SUBMIT, "application/proto", vec![0xff; 300])).await;
    assert_eq!(
        answer.refusal(),
        ("invalid_argument".to_owned(), "Undecodable".to_owned())
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_does_not_come_is_waited_for_until_the_deadline() {
    let house = House::new().await;
    let web = house.admin();
    let lines = ["content-length: 100", "connect-timeout-ms: 300"];
    let mut sent = head(&web, house.admin.token(), &lines).into_bytes();
    sent.extend_from_slice(b"{\"events\": [");
    let (status, json) = exchanged(web.address(), sent).await;
    assert_eq!(
        (status, refusal(&json).0.as_str()),
        (504, "deadline_exceeded"),
        "{json}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_without_a_token_is_not_asked_for() {
    let house = House::new().await;
    let web = Web::of(&house.keshi);
    let lines = ["content-length: 4000000", "expect: 100-continue"];
    let sent = head(&web, "ks_610729_made-up", &lines).into_bytes();
    let (status, json) = exchanged(web.address(), sent).await;
    assert_eq!((status, refusal(&json).0.as_str()), (401, "unauthenticated"), "{json}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_sent_texts_of_one_caller_leave_room_for_another() {
    let house = House::new().await;
    let clerk = house.holder(&["clerk", "--school", "S1"]).await;
    let length = 4 << 20;
    let lines = [
        format!("content-length: {length}"),
        "connect-timeout-ms: 60000".to_owned(),
    ];
    let mut sent = head(&clerk, clerk.token(), &[&lines[0], &lines[1]]).into_bytes();
    sent.extend(vec![b' '; length - 1]);
    let mut sending = JoinSet::new();
    for _ in 0..10 {
        sending.spawn(exchanged(clerk.address(), sent.clone()));
    }
    // Eight of them fill her share; the first that is answered is one beyond it.
    let (status, json) = sending.join_next().await.expect("one").expect("it runs");
    assert_eq!((status, refusal(&json).1.as_str()), (429, "TooMuchAtOnce"), "{json}");
    let beside = clerk.call("LedgerService/GetHead", "{}").await;
    assert_eq!(beside.refusal().1, "TooMuchAtOnce", "also a small one of hers");
    let posted = lesson("0b0d9a5c-4f4e-5b58-9b5e-0c7a3f0f6a11", "T1", "S1");
    let other = house.admin().call("SubmissionService/Submit", posted.to_string()).await;
    assert_eq!(other.status, 200, "{other:?}");
    // And once hers have gone she has room again.
    sending.shutdown().await;
    let again = async {
        while clerk.call("LedgerService/GetHead", "{}").await.status != 200 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, again).await.expect("room again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn texts_that_say_little_and_mean_much_take_bounded_memory_and_others_go_on() {
    let house = House::new().await;
    let clerk = house.holder(&["clerk", "--school", "S1"]).await;
    let rest = peak(&house.keshi);
    // As many messages as are let pass, each with a field of its own, in a text as wide as is taken.
    let many = format!("{{\"events\": [{}{{}}]}}", "{\"note\":\"\"},".repeat(59_000));
    let many = format!("{many}{}", " ".repeat((4 << 20) - many.len()));
    let mut posting = JoinSet::new();
    for _ in 0..40 {
        let (clerk, many) = (clerk.clone(), many.clone());
        posting.spawn(async move { clerk.call("SubmissionService/Submit", many).await.refusal().1 });
    }
    let posted = lesson("0b0d9a5c-4f4e-5b58-9b5e-0c7a3f0f6a11", "T1", "S1");
    let other = house.admin().call("SubmissionService/Submit", posted.to_string()).await;
    assert_eq!(other.status, 200, "{other:?}");
    let mut read = 0;
    while let Some(reason) = posting.join_next().await {
        let reason = reason.expect("it runs");
        // On a machine that is busy one may not be read within its time.
        assert!(
            matches!(reason.as_str(), "MessageTooLarge" | "TooMuchAtOnce" | "TooLate"),
            "{reason}"
        );
        read += usize::from(reason == "MessageTooLarge");
    }
    assert!(read > 0, "some were read, and refused at the door");
    took_at_most(&house.keshi, rest, BEYOND_REST_MAX);
}
