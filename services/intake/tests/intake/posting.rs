//! What is recorded, and what sending again does.

use keshi_proto::api::training_service_client::TrainingServiceClient;
use keshi_proto::event::fact::Fact;
use keshi_proto::{api, event as pb};
use tonic::Code;

use crate::support::{Office, attendance, each, person, refused, school, session, with};

#[tokio::test]
async fn a_posted_event_is_recorded_and_the_receipt_names_the_ledger_that_holds_it() {
    let (office, admin) = Office::furnished().await;
    let receipt = office.record(&admin, vec![attendance("X1", "T1", 600)]).await;
    let head = office.engine.head();
    assert_eq!(
        (receipt.size, receipt.root.as_slice()),
        (head.size, head.root.as_slice())
    );
    assert_eq!(receipt.verdicts[0].index, Some(head.size - 1));
}

#[tokio::test]
async fn the_same_event_again_is_a_duplicate_and_with_other_hours_a_conflict_that_names_the_field() {
    let (office, admin) = Office::furnished().await;
    let event = attendance("X1", "T1", 600);
    let first = office.record(&admin, vec![event.clone()]).await;
    let mut other = event.clone();
    let Some(Fact::AttendanceRecorded(fact)) = other.fact.as_mut().and_then(|fact| fact.fact.as_mut()) else {
        unreachable!()
    };
    fact.present_centihours = 300;
    let again = office
        .submit(&admin, vec![event, other])
        .await
        .unwrap()
        .receipt
        .unwrap();
    assert_eq!(again.verdicts[0].verdict(), api::Verdict::Duplicate);
    assert_eq!(again.verdicts[0].index, first.verdicts[0].index);
    assert_eq!(again.verdicts[1].verdict(), api::Verdict::Conflict);
    let reason = again.verdicts[1].reason.clone().unwrap();
    assert_eq!(
        (reason.code.as_str(), reason.field.as_str()),
        ("ContentDiffers", "hours_present")
    );
    assert_eq!(reason.index, first.verdicts[0].index);
}

#[tokio::test]
async fn unknown_people_and_schools_are_refused_with_a_remedy_and_an_unknown_session_waits() {
    let (office, admin) = Office::furnished().await;
    let mut nowhere = attendance("X1", "T1", 600);
    nowhere.org = "S9".to_owned();
    let events = vec![attendance("X1", "T9", 600), nowhere, attendance("X9", "T1", 600)];
    let receipt = office.submit(&admin, events).await.unwrap().receipt.unwrap();
    let codes: Vec<_> = receipt
        .verdicts
        .iter()
        .map(|v| (v.verdict(), v.reason.clone().unwrap().code))
        .collect();
    assert_eq!(
        codes,
        [
            (api::Verdict::Refused, "UnknownTeacher".to_owned()),
            (api::Verdict::Refused, "UnknownSchool".to_owned()),
            (api::Verdict::Waiting, "WaitingFor".to_owned()),
        ]
    );
    assert!(
        receipt
            .verdicts
            .iter()
            .all(|v| !v.reason.clone().unwrap().remedy_zh.is_empty())
    );
}

#[tokio::test]
async fn of_a_submission_taken_one_by_one_what_is_wrong_in_itself_is_told_alone_also_in_a_dry_run() {
    let (office, admin) = Office::furnished().await;
    let (mistaken, empty) = (attendance("X1", "T1", 0), api::Event::default());
    let good = [attendance("X1", "T1", 600), attendance("X1", "T2", 300)];
    let all = vec![empty.clone(), good[0].clone(), mistaken.clone(), good[1].clone()];
    let before = office.engine.head().size;
    let check = tokio_stream::iter(vec![each(all.clone())]);
    let mut checked = office
        .submissions()
        .check_submissions(with(&admin, check))
        .await
        .unwrap()
        .into_inner();
    let checked = checked.message().await.unwrap().unwrap();
    assert_eq!((checked.violations, office.engine.head().size), (Vec::new(), before));
    let taken = office.submit(&admin, all).await.unwrap();
    let receipt = taken.receipt.unwrap();
    assert_eq!(office.engine.head().size, before + 2);
    for verdicts in [&checked.verdicts, &receipt.verdicts] {
        let told: Vec<_> = verdicts
            .iter()
            .map(|told| (told.event_id.as_str(), told.verdict()))
            .collect();
        assert_eq!(
            told,
            [
                ("", api::Verdict::Mistaken),
                (good[0].event_id.as_str(), api::Verdict::Recorded),
                (mistaken.event_id.as_str(), api::Verdict::Mistaken),
                (good[1].event_id.as_str(), api::Verdict::Recorded),
            ]
        );
        let field = &verdicts[2].violations[0].field;
        assert_eq!(field, "events[2].fact.attendance_recorded.present_centihours");
        assert!(verdicts[1].violations.is_empty());
    }
    // Where nothing is left to post, it is an error as before; so it is where all or none is wanted.
    let status = office.submit(&admin, vec![mistaken.clone()]).await.unwrap_err();
    assert_eq!(refused(&status, Code::InvalidArgument, "InvalidFields").len(), 1);
    let atomic = api::SubmitRequest {
        taking: api::Taking::Atomic.into(),
        ..each(vec![attendance("X1", "T1", 100), mistaken])
    };
    let status = office.submissions().submit(with(&admin, atomic)).await.unwrap_err();
    assert_eq!(refused(&status, Code::InvalidArgument, "InvalidFields").len(), 1);
    assert_eq!(office.engine.head().size, before + 2);
}

#[tokio::test]
async fn an_atomic_submission_with_one_refusal_records_none_of_its_events() {
    let (office, admin) = Office::furnished().await;
    let request = api::SubmitRequest {
        taking: api::Taking::Unspecified.into(),
        ..each(vec![attendance("X1", "T1", 600), attendance("X1", "T9", 600)])
    };
    let answer = office
        .submissions()
        .submit(with(&admin, request))
        .await
        .unwrap()
        .into_inner();
    let verdicts: Vec<_> = answer
        .receipt
        .unwrap()
        .verdicts
        .iter()
        .map(api::EventVerdict::verdict)
        .collect();
    assert_eq!(verdicts, [api::Verdict::Refused, api::Verdict::Refused]);
}

#[tokio::test]
async fn a_call_of_one_kind_posts_the_same_event_as_a_mixed_submission() {
    let (office, admin) = Office::furnished().await;
    let event = attendance("X1", "T1", 450);
    let Some(Fact::AttendanceRecorded(attendance)) = event.fact.clone().and_then(|fact| fact.fact) else {
        unreachable!()
    };
    let item = api::record_attendance_request::Item {
        head: Some(api::EventHead {
            event_id: event.event_id.clone(),
            occurred_from: event.occurred_from,
            ..api::EventHead::default()
        }),
        fact: Some(attendance),
    };
    let request = api::RecordAttendanceRequest {
        items: vec![item],
        ..api::RecordAttendanceRequest::default()
    };
    let mut client = TrainingServiceClient::new(office.channel.clone());
    let answer = client
        .record_attendance(with(&admin, request))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(answer.state(), api::submit_response::State::Recorded);
    assert_eq!(answer.receipt.unwrap().verdicts[0].verdict(), api::Verdict::Recorded);
    let again = office.submit(&admin, vec![event]).await.unwrap().receipt.unwrap();
    assert_eq!(again.verdicts[0].verdict(), api::Verdict::Duplicate);
}

#[tokio::test]
async fn what_became_of_a_submission_can_be_asked_later_by_her_who_posted_it() {
    let (office, admin) = Office::furnished().await;
    let clerk = office.clerk("S1");
    let id = "018f0000-0000-7000-8000-000000000001";
    let request = api::SubmitRequest {
        submission_id: id.to_owned(),
        ..each(vec![attendance("X1", "T1", 600)])
    };
    let posted = office
        .submissions()
        .submit(with(&clerk, request))
        .await
        .unwrap()
        .into_inner();
    let ask = |submission_id: &str| api::GetSubmissionRequest {
        submission_id: submission_id.to_owned(),
    };
    for token in [&clerk, &admin] {
        let asked = office.submissions().get_submission(with(token, ask(id))).await.unwrap();
        assert_eq!(asked.into_inner().receipt, posted.receipt);
    }
    let other = office.clerk("S2");
    let status = office
        .submissions()
        .get_submission(with(&other, ask(id)))
        .await
        .unwrap_err();
    refused(&status, Code::NotFound, "UnknownSubmission");
    let unknown = ask("018f0000-0000-7000-8000-000000000002");
    let status = office
        .submissions()
        .get_submission(with(&clerk, unknown))
        .await
        .unwrap_err();
    refused(&status, Code::NotFound, "UnknownSubmission");
    assert!(status.message().contains("send the same again"));
    let status = office
        .submissions()
        .get_submission(with(&clerk, ask("x")))
        .await
        .unwrap_err();
    assert_eq!(
        refused(&status, Code::InvalidArgument, "InvalidFields"),
        ["submission_id"]
    );
}

#[tokio::test]
async fn five_thousand_events_are_one_submission() {
    let (office, admin) = Office::furnished().await;
    let events: Vec<_> = (0..5_000).map(|_| attendance("X1", "T1", 100)).collect();
    let receipt = office.record(&admin, events).await;
    assert_eq!(receipt.verdicts.len(), 5_000);
    let indices: Vec<u64> = receipt.verdicts.iter().filter_map(|verdict| verdict.index).collect();
    assert!(indices.windows(2).all(|pair| pair[0] + 1 == pair[1]));
}

#[tokio::test]
async fn a_school_a_person_and_what_she_did_may_come_in_one_submission() {
    let office = Office::start().await;
    let admin = office.admin();
    let mut lesson = attendance("X1", "T1", 100);
    lesson.fact = Some(pb::Fact::from(pb::LessonObserved {
        observer_id: "T1".to_owned(),
        school_id: "S1".to_owned(),
        periods: 2,
        ..pb::LessonObserved::default()
    }));
    let receipt = office.record(&admin, vec![school("S1"), person("T1"), lesson]).await;
    assert_eq!(receipt.verdicts.len(), 3);
    // A session whose project has not come waits for it.
    let waits = office
        .submit(&admin, vec![session("P1", "X1")])
        .await
        .unwrap()
        .receipt
        .unwrap();
    assert_eq!(waits.verdicts[0].verdict(), api::Verdict::Waiting);
}
