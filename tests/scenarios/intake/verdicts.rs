//! What the ledger itself judges.

use keshi_proto::api::{self, Verdict};
use keshi_proto::event::fact::Fact;
use keshi_tests::caller::{attendance, each, event, new_id, person, refusal, school, session, visit};
use keshi_tests::ledger;
use tonic::Code;

use super::furnished;

fn reason(verdict: &api::EventVerdict) -> &str {
    verdict.reason.as_ref().map_or("", |reason| reason.code.as_str())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unknown_teachers_and_schools_are_refused_and_recorded_once_they_are_registered() {
    let (data, keshi, caller) = furnished().await;
    let rows = vec![
        attendance("X1", "T9", 600),
        visit("T1", "S9", "听课"),
        attendance("X1", "T1", 600),
    ];
    let verdicts = caller.submit(rows.clone()).await.expect("an answer");
    let told: Vec<_> = verdicts.iter().map(|one| (one.verdict(), reason(one))).collect();
    let expected = [
        (Verdict::Refused, "UnknownTeacher"),
        (Verdict::Refused, "UnknownSchool"),
        (Verdict::Recorded, ""),
    ];
    assert_eq!(told, expected);
    for verdict in &verdicts[..2] {
        let reason = verdict.reason.as_ref().expect("a reason");
        assert!(
            reason.text_zh.contains('9') && !reason.remedy_zh.is_empty(),
            "{reason:?}"
        );
    }

    // The same refusal again leaves no second trace.
    let (size, _) = caller.head().await;
    let again = caller.submit(rows.clone()).await.expect("an answer");
    assert_eq!(again[0].verdict(), Verdict::Refused);
    assert_eq!(again[2].verdict(), Verdict::Duplicate);
    assert_eq!(caller.head().await.0, size);

    caller.record(vec![person("T9"), school("S9")]).await;
    let healed = caller.submit(rows).await.expect("an answer");
    let told: Vec<_> = healed.iter().map(api::EventVerdict::verdict).collect();
    assert_eq!(told, [Verdict::Recorded, Verdict::Recorded, Verdict::Duplicate]);
    assert_eq!(caller.centihours("T9").await, 600);
    assert_eq!(keshi.stop(), Some(0));
    assert_eq!(ledger::facts(data.path()).size, size + 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unknown_session_is_waited_for_and_counts_when_it_arrives() {
    let (_data, _keshi, caller) = furnished().await;
    let row = attendance("X9", "T1", 300);
    let verdicts = caller.submit(vec![row.clone()]).await.expect("an answer");
    assert_eq!(
        (verdicts[0].verdict(), reason(&verdicts[0])),
        (Verdict::Waiting, "WaitingFor")
    );
    assert_eq!(caller.centihours("T1").await, 0);
    caller.record(vec![session("P1", "X9")]).await;
    assert_eq!(caller.centihours("T1").await, 300);
    let again = caller.submit(vec![row]).await.expect("an answer");
    assert_eq!(again[0].verdict(), Verdict::Duplicate);
    assert_eq!(caller.centihours("T1").await, 300);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_event_id_with_other_hours_is_a_conflict_that_names_the_field_and_the_entry() {
    let (_data, _keshi, caller) = furnished().await;
    let row = attendance("X1", "T1", 600);
    let index = caller.submit(vec![row.clone()]).await.expect("an answer")[0].index;
    let (size, _) = caller.head().await;
    let other = api::Event {
        event_id: row.event_id.clone(),
        ..attendance("X1", "T1", 500)
    };
    let verdict = caller.submit(vec![other.clone()]).await.expect("an answer").remove(0);
    assert_eq!(
        (verdict.verdict(), reason(&verdict)),
        (Verdict::Conflict, "ContentDiffers")
    );
    let why = verdict.reason.expect("a reason");
    assert!(why.field.contains("hours"), "{why:?}");
    assert_eq!(why.index, index);
    // It is noted once, and the original stands.
    assert_eq!(caller.head().await.0, size + 1);
    let again = caller.submit(vec![other]).await.expect("an answer").remove(0);
    assert_eq!((again.verdict(), reason(&again)), (Verdict::Conflict, "ContentDiffers"));
    assert_eq!(caller.head().await.0, size + 1);
    assert_eq!(caller.centihours("T1").await, 600);
    // Note and source are no content.
    let noted = api::Event {
        note: "补充".to_owned(),
        source: "第 2 行".to_owned(),
        ..row
    };
    let verdicts = caller.submit(vec![noted]).await.expect("an answer");
    assert_eq!(verdicts[0].verdict(), Verdict::Duplicate);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_atomic_submission_with_one_refusal_records_none_of_its_events() {
    let (_data, _keshi, caller) = furnished().await;
    let rows = vec![attendance("X1", "T1", 600), attendance("X1", "T9", 600)];
    let mut request = each(rows.clone());
    request.taking = api::Taking::Atomic.into();
    let answer = caller.submissions().submit(caller.request(request)).await;
    let verdicts = answer
        .expect("an answer")
        .into_inner()
        .receipt
        .expect("recorded")
        .verdicts;
    let told: Vec<_> = verdicts.iter().map(|one| (one.verdict(), reason(one))).collect();
    assert_eq!(
        told,
        [(Verdict::Refused, "AtomicOther"), (Verdict::Refused, "UnknownTeacher")]
    );
    assert_eq!(caller.centihours("T1").await, 0);
    caller.record(vec![person("T9")]).await;
    caller.record(rows).await;
    assert_eq!(caller.centihours("T1").await, 600);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_submission_can_be_asked_for_now_and_after_a_restart() {
    let (data, keshi, caller) = furnished().await;
    let request = each(vec![attendance("X1", "T1", 600), attendance("X1", "T9", 600)]);
    let asked = |id: &str| api::GetSubmissionRequest {
        submission_id: id.to_owned(),
    };
    let answer = caller.submissions().submit(caller.request(request.clone())).await;
    let given = answer.expect("an answer").into_inner();
    let told = caller
        .submissions()
        .get_submission(caller.request(asked(&request.submission_id)))
        .await;
    assert_eq!(told.expect("known").into_inner(), given);
    let unknown = caller
        .submissions()
        .get_submission(caller.request(asked(&new_id())))
        .await;
    let unknown = refusal(&unknown.expect_err("unknown"));
    assert_eq!(
        (unknown.code, unknown.reason.as_str()),
        (Code::NotFound, "UnknownSubmission")
    );
    let bad = caller
        .submissions()
        .get_submission(caller.request(asked("昨天的那批")))
        .await;
    assert_eq!(refusal(&bad.expect_err("no id")).code, Code::InvalidArgument);

    keshi.kill();
    let keshi = keshi_tests::process::Keshi::up(data.path(), &["--dev"]).expect("the office need not be named again");
    let caller = keshi_tests::caller::Caller::connect(&keshi.url()).await;
    let told = caller
        .submissions()
        .get_submission(caller.request(asked(&request.submission_id)))
        .await;
    let told = told.expect("known").into_inner().receipt.expect("recorded");
    let verdicts = given.receipt.expect("recorded").verdicts;
    assert_eq!(told.verdicts, verdicts);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dry_run_tells_the_same_verdicts_and_records_nothing() {
    let (_data, _keshi, caller) = furnished().await;
    let head = caller.head().await;
    let rows = vec![
        attendance("X1", "T1", 600),
        attendance("X1", "T9", 600),
        attendance("X9", "T1", 100),
    ];
    let sent = caller.request(tokio_stream::iter([each(rows.clone())]));
    let mut answers = caller
        .submissions()
        .check_submissions(sent)
        .await
        .expect("an answer")
        .into_inner();
    let checked = answers.message().await.expect("an answer").expect("one");
    assert_eq!(caller.head().await, head);
    let done = caller.submit(rows).await.expect("an answer");
    let told = |verdicts: &[api::EventVerdict]| verdicts.iter().map(api::EventVerdict::verdict).collect::<Vec<_>>();
    assert_eq!(told(&checked.verdicts), told(&done));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_voided_attendance_no_longer_counts_but_did_at_the_size_before() {
    let (_data, _keshi, caller) = furnished().await;
    let row = attendance("X1", "T1", 600);
    caller.record(vec![row.clone()]).await;
    let (size, _) = caller.head().await;
    let void = event(Fact::EntryVoided(keshi_proto::event::EntryVoided {
        target_event: row.event_id,
        reason: "重复签到".to_owned(),
        authorised_by: "HB-2022-7".to_owned(),
    }));
    caller.record(vec![void]).await;
    assert_eq!(caller.centihours("T1").await, 0);
    let request = api::GetBalanceRequest {
        teacher_id: "T1".to_owned(),
        period: "2022".to_owned(),
        at: Some(api::At {
            at: Some(api::at::At::Size(size)),
            min_size: 0,
        }),
        ..api::GetBalanceRequest::default()
    };
    let then = caller
        .ledger()
        .get_balance(caller.request(request))
        .await
        .expect("an answer");
    assert_eq!(then.get_ref().policies[0].meters[0].centiamount, 600);
}
