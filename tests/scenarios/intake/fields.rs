//! What is wrong with the message itself: nothing of it is recorded, and every wrong field is named.

use keshi_proto::event::fact::Fact;
use keshi_proto::{api, event as pb};
use keshi_tests::caller::{Caller, Refusal, attendance, day, event, new_id, refusal, visit};
use keshi_tests::raw::{RawCodec, field};
use prost::Message as _;
use tonic::Code;
use tonic::codegen::http::uri::PathAndQuery;

use super::furnished;

/// How these events are refused; nothing may have changed.
async fn refused(caller: &Caller, events: Vec<api::Event>) -> Refusal {
    let before = caller.head().await;
    let status = caller.submit(events).await.expect_err("refused");
    assert_eq!(caller.head().await, before, "something was recorded");
    refusal(&status)
}

fn wrong(field: &str) -> Refusal {
    Refusal {
        code: Code::InvalidArgument,
        reason: "InvalidFields".to_owned(),
        fields: vec![field.to_owned()],
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_wrong_field_is_named_by_its_path_and_nothing_is_recorded() {
    let (_data, _keshi, caller) = furnished().await;
    let hours = "events[0].fact.attendance_recorded.present_centihours";
    for centihours in [0, -100, 2_401, i64::MIN, i64::MAX] {
        let answer = refused(&caller, vec![attendance("X1", "T1", centihours)]).await;
        assert_eq!(answer, wrong(hours), "{centihours}");
    }
    let two_days = |from, to| api::Event {
        occurred_from: from,
        occurred_to: to,
        ..attendance("X1", "T1", 600)
    };
    for (event, field) in [
        (two_days(day(2022, 11, 2), day(2022, 11, 1)), "events[0].occurred_to"),
        (two_days(day(2099, 1, 1), None), "events[0].occurred_from"),
        (two_days(day(2022, 11, 1), day(2099, 1, 1)), "events[0].occurred_to"),
        (two_days(day(2022, 2, 30), None), "events[0].occurred_from"),
        (two_days(None, None), "events[0].occurred_from"),
        (
            visit("T1", "S1", &"长".repeat(201)),
            "events[0].fact.school_visit.purpose",
        ),
        (visit("T1", "S1", "两\u{0}行"), "events[0].fact.school_visit.purpose"),
        (visit("T1", "S1", "\u{1b}[2J"), "events[0].fact.school_visit.purpose"),
        (
            attendance("学校", "T1", 600),
            "events[0].fact.attendance_recorded.session_id",
        ),
    ] {
        let shown = format!("{event:?}");
        assert_eq!(refused(&caller, vec![event]).await, wrong(field), "{shown}");
    }
    // Two days allow 48 hours.
    let mut long = two_days(day(2022, 11, 1), day(2022, 11, 2));
    long.fact = attendance("X1", "T1", 4_800).fact;
    caller.record(vec![long]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_too_large_is_refused_with_the_limit() {
    let (_data, _keshi, caller) = furnished().await;
    let events: Vec<_> = (0..5_001).map(|_| attendance("X1", "T1", 100)).collect();
    assert_eq!(refused(&caller, events).await, wrong("events"));
    let delivery = |n| pb::Delivery {
        teacher_id: format!("T-0000000000000000000000000{n:04}"),
        lessons: 2,
        talks: 1,
    };
    let mut five_kib = event(Fact::OutreachDelivered(pb::OutreachDelivered {
        outreach_id: "O1".to_owned(),
        to_school: "S1".to_owned(),
        deliveries: (0..60).map(delivery).collect(),
        ..pb::OutreachDelivered::default()
    }));
    five_kib.evidence = (0..80).map(|n| format!("{n:064x}")).collect();
    assert!(five_kib.encoded_len() > 5 * 1_024);
    assert_eq!(refused(&caller, vec![five_kib]).await, wrong("events[0]"));
    let mut bulky = attendance("X1", "T1", 100);
    bulky.evidence = (0..60).map(|n| format!("{n:064x}")).collect();
    let events = (0..500).map(|_| api::Event {
        event_id: new_id(),
        ..bulky.clone()
    });
    assert_eq!(refused(&caller, events.collect()).await, wrong("events"));
    let mut endless = attendance("X1", "T1", 100);
    endless.note = "长".repeat(2 << 20);
    let answer = refused(&caller, vec![endless]).await;
    assert_eq!(
        (answer.code, answer.reason.as_str()),
        (Code::OutOfRange, "MessageTooLarge")
    );
    // The largest that is allowed is taken as a whole.
    caller
        .record((0..5_000).map(|_| attendance("X1", "T1", 1)).collect())
        .await;
}

/// `SubmitRequest` with one good event whose note (field 7) is these bytes.
fn noted(note: &[u8]) -> Vec<u8> {
    let mut event = attendance("X1", "T1", 100).encode_to_vec();
    event.extend(field(7, note));
    field(3, &event)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bytes_that_are_not_utf8_or_no_message_are_answered_with_a_remedy() {
    let (_data, _keshi, caller) = furnished().await;
    let mut client = tonic::client::Grpc::new(caller.channel.clone());
    let before = caller.head().await;
    let chinese_of_old = [0xbf, 0xce, 0xca, 0xb1]; // 课时 in GB 18030
    for bytes in [
        noted(&chinese_of_old),
        noted(b"\xff"),
        vec![0xff; 20],
        field(3, b"\x0a\x7f"),
    ] {
        client.ready().await.expect("connected");
        let path = PathAndQuery::from_static("/keshi.v1.SubmissionService/Submit");
        let status = client
            .unary(caller.request(bytes), path, RawCodec)
            .await
            .expect_err("refused");
        let answer = refusal(&status);
        assert_eq!(
            (answer.code, answer.reason.as_str()),
            (Code::InvalidArgument, "Undecodable")
        );
        assert_eq!(caller.head().await, before);
    }
    // The hand-made bytes are right but for that.
    client.ready().await.expect("connected");
    let path = PathAndQuery::from_static("/keshi.v1.SubmissionService/Submit");
    let answer = client
        .unary(caller.request(noted("课时".as_bytes())), path, RawCodec)
        .await;
    let answer = api::SubmitResponse::decode(answer.expect("an answer").get_ref().as_slice());
    let verdicts = answer.expect("a response").receipt.expect("recorded").verdicts;
    assert_eq!(verdicts[0].verdict(), api::Verdict::Recorded);
}
