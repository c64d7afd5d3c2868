//! Many submissions on one stream, and dry runs.

use keshi_proto::api;
use keshi_proto::api::submit_progress::Outcome;
use keshi_tests::raw::RawCodec;
use tokio_stream::StreamExt as _;
use tonic::Code;
use tonic::codegen::http::uri::PathAndQuery;

use crate::support::{Office, attendance, each, person, refused, school, session, with};

#[tokio::test]
async fn answers_come_in_the_order_sent_and_one_bad_submission_does_not_end_the_stream() {
    let (office, admin) = Office::furnished().await;
    let requests: Vec<_> = (0..200)
        .map(|n| api::SubmitRequest {
            submission_id: format!("00000000-0000-0000-0000-{n:012}"),
            ..each(vec![attendance("X1", "T1", if n == 70 { 0 } else { 100 })])
        })
        .collect();
    let sent = with(&admin, tokio_stream::iter(requests.clone()));
    let mut answers = office
        .submissions()
        .stream_submissions(sent)
        .await
        .unwrap()
        .into_inner();
    let mut last_index = 0;
    for (n, request) in requests.iter().enumerate() {
        let answer = answers.message().await.unwrap().unwrap();
        assert_eq!((answer.position, answer.submissions), (n as u64, n as u64 + 1));
        assert_eq!(answer.events, n as u64 + 1);
        match answer.outcome.unwrap() {
            Outcome::Response(response) => {
                assert_eq!(response.submission_id, request.submission_id);
                let index = response.receipt.unwrap().verdicts[0].index.unwrap();
                assert!(index > last_index, "recorded in the order sent");
                last_index = index;
            }
            Outcome::Rejection(rejection) => {
                assert_eq!(n, 70);
                assert_eq!(rejection.code, i32::from(Code::InvalidArgument));
                assert_eq!(
                    rejection.violations[0].field,
                    "events[0].fact.attendance_recorded.present_centihours"
                );
                assert!(!rejection.violations[0].text_zh.is_empty());
            }
        }
    }
    assert!(answers.message().await.unwrap().is_none());
}

#[tokio::test]
async fn what_is_sent_first_is_there_for_what_comes_after_it_on_the_same_stream() {
    let office = Office::start().await;
    let admin = office.admin();
    let requests = vec![
        each(vec![school("S1")]),
        each(vec![person("T1")]),
        each(vec![attendance("X1", "T1", 100)]),
    ];
    for response in office.stream(&admin, requests).await {
        let verdict = response.receipt.unwrap().verdicts[0].verdict();
        assert!(
            matches!(verdict, api::Verdict::Recorded | api::Verdict::Waiting),
            "{verdict:?}"
        );
    }
}

#[tokio::test]
async fn bytes_that_do_not_decode_end_the_stream_with_an_error_after_the_answers_before_them() {
    use prost::Message as _;
    let (office, admin) = Office::furnished().await;
    let good = each(vec![attendance("X1", "T1", 100)]).encode_to_vec();
    let mut client = tonic::client::Grpc::new(office.channel.clone());
    client.ready().await.unwrap();
    let path = PathAndQuery::from_static("/keshi.v1.SubmissionService/StreamSubmissions");
    let sent = with(&admin, tokio_stream::iter(vec![good.clone(), vec![0xff; 20], good]));
    let mut answers = client.streaming(sent, path, RawCodec).await.unwrap().into_inner();
    let first = answers.next().await.unwrap().unwrap();
    assert!(matches!(
        api::SubmitProgress::decode(first.as_slice()).unwrap().outcome,
        Some(Outcome::Response(_))
    ));
    let status = answers.next().await.unwrap().unwrap_err();
    refused(&status, Code::InvalidArgument, "Undecodable");
    assert!(answers.next().await.is_none());
}

#[tokio::test]
async fn a_dry_run_decides_a_whole_file_in_order_and_records_nothing() {
    let (office, admin) = Office::furnished().await;
    let before = office.engine.head();
    let same = attendance("X1", "T3", 100);
    let requests = vec![
        each(vec![attendance("X1", "T3", 100)]),
        each(vec![person("T3"), same.clone()]),
        each(vec![attendance("X1", "T1", 0)]),
        each(vec![same, session("P1", "X2")]),
    ];
    let sent = with(&admin, tokio_stream::iter(requests));
    let answers = office.submissions().check_submissions(sent).await.unwrap().into_inner();
    let answers: Vec<_> = answers.map(Result::unwrap).collect().await;
    let verdicts = |n: usize| {
        answers[n]
            .verdicts
            .iter()
            .map(api::EventVerdict::verdict)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        answers.iter().map(|answer| answer.position).collect::<Vec<_>>(),
        [0, 1, 2, 3]
    );
    assert_eq!(verdicts(0), [api::Verdict::Refused]);
    assert_eq!(verdicts(1), [api::Verdict::Recorded, api::Verdict::Recorded]);
    assert_eq!(verdicts(2), []);
    assert_eq!(
        answers[2].violations[0].field,
        "events[0].fact.attendance_recorded.present_centihours"
    );
    assert_eq!(verdicts(3), [api::Verdict::Duplicate, api::Verdict::Recorded]);
    assert_eq!(office.engine.head(), before);
}

#[tokio::test]
async fn a_dry_run_of_many_refused_rows_is_told_in_full() {
    let (office, admin) = Office::furnished().await;
    let requests: Vec<_> = (0..5)
        .map(|_| each((0..2_000).map(|_| attendance("X1", "T9", 100)).collect()))
        .collect();
    let sent = with(&admin, tokio_stream::iter(requests));
    let answers = office.submissions().check_submissions(sent).await.unwrap().into_inner();
    let answers: Vec<_> = answers.map(Result::unwrap).collect().await;
    assert_eq!(answers.len(), 5);
    assert!(answers.iter().all(|answer| answer.verdicts.len() == 2_000));
}

#[tokio::test]
async fn a_dry_run_names_what_the_caller_may_not_post() {
    let (office, _) = Office::furnished().await;
    let clerk = office.clerk("S1");
    let requests = vec![each(vec![school("S3")]), each(vec![attendance("X1", "T1", 100)])];
    let sent = with(&clerk, tokio_stream::iter(requests));
    let answers = office.submissions().check_submissions(sent).await.unwrap().into_inner();
    let answers: Vec<_> = answers.map(Result::unwrap).collect().await;
    assert_eq!(answers[0].violations[0].field, "events[0]");
    assert_eq!(answers[1].verdicts[0].verdict(), api::Verdict::Recorded);
}

#[tokio::test]
async fn the_fifth_dry_run_of_one_caller_is_asked_to_come_back_and_another_caller_is_not() {
    let (office, admin) = Office::furnished().await;
    let mut open = Vec::new();
    for _ in 0..4 {
        let (sender, receiver) = tokio::sync::mpsc::channel(1);
        sender.send(each(vec![attendance("X1", "T1", 100)])).await.unwrap();
        let sent = with(&admin, tokio_stream::wrappers::ReceiverStream::new(receiver));
        let mut answers = office.submissions().check_submissions(sent).await.unwrap().into_inner();
        let told = tokio::spawn(async move { answers.message().await.unwrap().is_some() });
        open.push((sender, told));
    }
    let other = office.admin();
    let check = |token: &str| {
        let token = token.to_owned();
        let office = &office;
        async move {
            let requests = tokio_stream::iter(vec![each(vec![attendance("X1", "T1", 100)])]);
            let answers = office
                .submissions()
                .check_submissions(with(&token, requests))
                .await
                .unwrap();
            answers.into_inner().message().await
        }
    };
    // Until all four have begun there is room for one more.
    let limit = std::time::Instant::now() + std::time::Duration::from_secs(20);
    let status = loop {
        match check(&admin).await {
            Err(status) => break status,
            Ok(_) => assert!(std::time::Instant::now() < limit, "a fifth check was always taken"),
        }
    };
    refused(&status, Code::ResourceExhausted, "TooManyChecks");
    assert!(check(&other).await.unwrap().is_some());
    let (sender, told) = open.pop().unwrap();
    drop(sender);
    assert!(told.await.unwrap());
    while check(&admin).await.is_err() {
        assert!(std::time::Instant::now() < limit, "the place never became free");
    }
}

#[tokio::test]
async fn a_file_with_more_mistakes_than_are_kept_is_to_be_split() {
    let (office, admin) = Office::furnished().await;
    let bad = || each((0..4_000).map(|_| attendance("", "", 0)).collect());
    let few = tokio_stream::iter([bad()]);
    let mut answers = office
        .submissions()
        .check_submissions(with(&admin, few))
        .await
        .unwrap()
        .into_inner();
    let told = answers.message().await.unwrap().unwrap();
    assert!(prost::Message::encoded_len(&told) < 2 << 20);
    assert!(
        told.violations
            .last()
            .unwrap()
            .text_en
            .contains("more mistakes are not listed")
    );
    let many = tokio_stream::iter((0..60).map(move |_| bad()));
    let mut answers = office
        .submissions()
        .check_submissions(with(&admin, many))
        .await
        .unwrap()
        .into_inner();
    let status = answers.message().await.unwrap_err();
    refused(&status, Code::InvalidArgument, "TooManyMistakes");
}

#[tokio::test]
async fn on_a_stream_no_submission_overtakes_one_whose_rights_depend_on_the_ledger() {
    let (office, _) = Office::furnished().await;
    let clerk = office.clerk("S1");
    let mut requests = Vec::new();
    for n in 0..50 {
        let id = format!("N{n}");
        requests.push(each(vec![person(&id)]));
        requests.push(each(vec![attendance("X1", &id, 100)]));
    }
    for response in office.stream(&clerk, requests).await {
        assert_eq!(response.receipt.unwrap().verdicts[0].verdict(), api::Verdict::Recorded);
    }
}
