//! Many submissions on one stream.

use keshi_proto::api;
use keshi_proto::api::submit_progress::Outcome;
use keshi_tests::caller::{attendance, each, refusal};
use keshi_tests::raw::RawCodec;
use prost::Message as _;
use tokio_stream::StreamExt as _;
use tonic::Code;
use tonic::codegen::http::uri::PathAndQuery;

use super::furnished;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn progress_comes_in_the_order_sent_and_one_bad_submission_does_not_end_the_stream() {
    let (_data, _keshi, caller) = furnished().await;
    let (size, _) = caller.head().await;
    let requests: Vec<_> = (0..300)
        .map(|n| each(vec![attendance("X1", "T1", if n == 70 { 0 } else { 100 })]))
        .collect();
    let sent = caller.request(tokio_stream::iter(requests.clone()));
    let answers = caller.submissions().stream_submissions(sent).await.expect("an answer");
    let answers: Vec<_> = answers
        .into_inner()
        .map(|answer| answer.expect("an answer"))
        .collect()
        .await;
    assert_eq!(answers.len(), requests.len());
    for (n, (answer, request)) in (0..).zip(answers.into_iter().zip(&requests)) {
        assert_eq!((answer.position, answer.submissions, answer.events), (n, n + 1, n + 1));
        match answer.outcome.expect("an outcome") {
            Outcome::Response(response) => assert_eq!(response.submission_id, request.submission_id),
            Outcome::Rejection(rejection) => {
                assert_eq!(n, 70);
                assert_eq!(rejection.code, i32::from(Code::InvalidArgument));
                assert_eq!(rejection.submission_id, request.submission_id);
            }
        }
    }
    assert_eq!(caller.head().await.0, size + 299);
    // One session counts once, however often it is posted.
    assert_eq!(caller.centihours("T1").await, 100);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bytes_on_the_stream_that_do_not_decode_end_it_after_the_answers_before_them() {
    let (_data, _keshi, caller) = furnished().await;
    let (size, _) = caller.head().await;
    let good: Vec<_> = (0..3)
        .map(|_| each(vec![attendance("X1", "T1", 100)]).encode_to_vec())
        .collect();
    let sent = vec![good[0].clone(), good[1].clone(), vec![0xff; 20], good[2].clone()];
    let mut client = tonic::client::Grpc::new(caller.channel.clone());
    client.ready().await.expect("connected");
    let path = PathAndQuery::from_static("/keshi.v1.SubmissionService/StreamSubmissions");
    let sent = caller.request(tokio_stream::iter(sent));
    let mut answers = client
        .streaming(sent, path, RawCodec)
        .await
        .expect("an answer")
        .into_inner();
    for n in 0..2 {
        let bytes = answers.next().await.expect("an answer").expect("good");
        let progress = api::SubmitProgress::decode(bytes.as_slice()).expect("progress");
        assert_eq!(progress.position, n);
        assert!(matches!(progress.outcome, Some(Outcome::Response(_))));
    }
    let status = answers.next().await.expect("an answer").expect_err("no message");
    let answer = refusal(&status);
    assert_eq!(
        (answer.code, answer.reason.as_str()),
        (Code::InvalidArgument, "Undecodable")
    );
    assert!(answers.next().await.is_none());
    assert_eq!(
        caller.head().await.0,
        size + 2,
        "what came before stands, what came after was not taken"
    );
    // The connection is as good as before.
    caller.record(vec![attendance("X1", "T1", 100)]).await;
}
