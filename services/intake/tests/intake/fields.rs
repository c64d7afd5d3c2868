//! Bad fields: all are named, as the caller wrote them, and nothing is recorded.

use keshi_proto::api::training_service_client::TrainingServiceClient;
use keshi_proto::event::fact::Fact;
use keshi_proto::{api, event as pb};
use tonic::Code;
use tonic_types::StatusExt as _;

use crate::support::{Office, attendance, day, each, event, new_id, refused, with};

/// The fields that are wrong in an atomic submission of `events`; nothing may have been recorded.
async fn wrong(office: &Office, token: &str, events: Vec<api::Event>) -> Vec<String> {
    let before = office.engine.head();
    let request = api::SubmitRequest {
        taking: api::Taking::Atomic.into(),
        ..each(events)
    };
    let status = office.submissions().submit(with(token, request)).await.unwrap_err();
    assert_eq!(office.engine.head(), before);
    refused(&status, Code::InvalidArgument, "InvalidFields")
}

fn visit(purpose: &str) -> api::Event {
    event(Fact::SchoolVisit(pb::SchoolVisit {
        researcher_id: "T1".to_owned(),
        school_id: "S1".to_owned(),
        purpose: purpose.to_owned(),
    }))
}

#[tokio::test]
async fn hours_are_above_zero_and_at_most_twenty_four_a_day() {
    let (office, admin) = Office::furnished().await;
    for centihours in [0, -100, 2_401, i64::MIN, i64::MAX] {
        let fields = wrong(&office, &admin, vec![attendance("X1", "T1", centihours)]).await;
        assert_eq!(
            fields,
            ["events[0].fact.attendance_recorded.present_centihours"],
            "{centihours}"
        );
    }
    office.record(&admin, vec![attendance("X1", "T1", 2_400)]).await;
}

#[tokio::test]
async fn dates_exist_and_end_after_they_begin_and_have_come() {
    let (office, admin) = Office::furnished().await;
    let with_dates = |from, to| api::Event {
        occurred_from: from,
        occurred_to: to,
        ..attendance("X1", "T1", 100)
    };
    for (from, to, field) in [
        (None, None, "events[0].occurred_from"),
        (day(2022, 2, 30), None, "events[0].occurred_from"),
        (day(1949, 1, 1), None, "events[0].occurred_from"),
        (day(2022, 11, 2), day(2022, 11, 1), "events[0].occurred_to"),
        (day(2022, 12, 2), None, "events[0].occurred_from"),
        (day(2022, 11, 2), day(2022, 12, 2), "events[0].occurred_to"),
    ] {
        let fields = wrong(&office, &admin, vec![with_dates(from, to)]).await;
        assert_eq!(fields, [field], "{from:?} {to:?}");
    }
    // Today has come: in China the first of December has begun.
    office.record(&admin, vec![with_dates(day(2022, 12, 1), None)]).await;
}

#[tokio::test]
async fn texts_are_short_and_without_control_characters() {
    let (office, admin) = Office::furnished().await;
    for purpose in ["a\u{0}b", "两\n行", &"长".repeat(201)] {
        let fields = wrong(&office, &admin, vec![visit(purpose)]).await;
        assert_eq!(fields, ["events[0].fact.school_visit.purpose"]);
    }
    for id in ["", "学校", "a b", "../etc", &"x".repeat(33)] {
        let fields = wrong(&office, &admin, vec![attendance(id, "T1", 100)]).await;
        assert_eq!(fields, ["events[0].fact.attendance_recorded.session_id"], "{id:?}");
    }
}

#[tokio::test]
async fn a_note_with_a_phone_or_id_number_is_turned_away() {
    let (office, admin) = Office::furnished().await;
    let noted = |note: &str| api::Event {
        note: note.to_owned(),
        ..attendance("X1", "T1", 100)
    };
    assert_eq!(
        wrong(&office, &admin, vec![noted("电话 199 0000 0000")]).await,
        ["events[0].note"]
    );
    // The worked example of GB 11643.
    assert_eq!(
        wrong(&office, &admin, vec![noted("11010519491231002X")]).await,
        ["events[0].note"]
    );
    let fields = wrong(&office, &admin, vec![visit("19900000000")]).await;
    assert_eq!(fields, ["events[0].fact.school_visit.purpose"]);
    let fields = wrong(&office, &admin, vec![attendance("X1", "11010519491231002X", 100)]).await;
    assert_eq!(fields, ["events[0].fact.attendance_recorded.teacher_id"]);
    office.record(&admin, vec![noted("评课 2 次")]).await;
}

#[tokio::test]
async fn every_wrong_field_of_every_event_is_named() {
    let (office, admin) = Office::furnished().await;
    let mut first = attendance("", "T1", 0);
    first.event_id = "x".to_owned();
    let mut third = attendance("X1", "T1", 100);
    third.fact = None;
    let events = vec![first, attendance("X1", "T1", 100), third];
    let mut fields = wrong(&office, &admin, events).await;
    fields.sort();
    assert_eq!(
        fields,
        [
            "events[0].event_id",
            "events[0].fact.attendance_recorded.session_id",
            "events[2].fact"
        ]
    );
}

#[tokio::test]
async fn in_a_call_of_one_kind_fields_are_named_by_item() {
    let (office, admin) = Office::furnished().await;
    let item = |session_id: &str, centihours| api::record_attendance_request::Item {
        head: Some(api::EventHead {
            event_id: new_id(),
            occurred_from: day(2023, 1, 1),
            ..api::EventHead::default()
        }),
        fact: Some(pb::AttendanceRecorded {
            session_id: session_id.to_owned(),
            teacher_id: "T1".to_owned(),
            role: 77,
            present_centihours: centihours,
            ..pb::AttendanceRecorded::default()
        }),
    };
    let nothing = api::record_attendance_request::Item::default();
    let request = api::RecordAttendanceRequest {
        items: vec![item("X1", 100), nothing],
        taking: 9,
        ..api::RecordAttendanceRequest::default()
    };
    let mut client = TrainingServiceClient::new(office.channel.clone());
    let status = client.record_attendance(with(&admin, request)).await.unwrap_err();
    let fields = refused(&status, Code::InvalidArgument, "InvalidFields");
    assert_eq!(
        fields,
        [
            "taking",
            "items[0].fact.role",
            "items[1].head.event_id",
            "items[1].head.occurred_from",
            "items[1].fact",
        ]
    );
}

#[tokio::test]
async fn no_events_or_five_thousand_and_one_are_turned_away() {
    let (office, admin) = Office::furnished().await;
    assert_eq!(wrong(&office, &admin, Vec::new()).await, ["events"]);
    let events = (0..5_001).map(|_| attendance("X1", "T1", 100)).collect();
    assert_eq!(wrong(&office, &admin, events).await, ["events"]);
}

#[tokio::test]
async fn an_event_of_five_kibibytes_is_turned_away() {
    let (office, admin) = Office::furnished().await;
    let delivery = |n| pb::Delivery {
        teacher_id: format!("T-0000000000000000000000000{n:04}"),
        lessons: 2,
        talks: 1,
    };
    let mut event = event(Fact::OutreachDelivered(pb::OutreachDelivered {
        outreach_id: "O1".to_owned(),
        to_school: "S1".to_owned(),
        deliveries: (0..60).map(delivery).collect(),
        ..pb::OutreachDelivered::default()
    }));
    event.evidence = (0..80).map(|n| format!("{n:064x}")).collect();
    assert_eq!(wrong(&office, &admin, vec![event]).await, ["events[0]"]);
}

#[tokio::test]
async fn a_submission_over_nine_hundred_kibibytes_is_turned_away() {
    let (office, admin) = Office::furnished().await;
    let mut event = attendance("X1", "T1", 100);
    event.evidence = (0..60).map(|n| format!("{n:064x}")).collect();
    let events: Vec<_> = (0..500)
        .map(|_| api::Event {
            event_id: new_id(),
            ..event.clone()
        })
        .collect();
    assert_eq!(wrong(&office, &admin, events).await, ["events"]);
}

#[tokio::test]
async fn a_message_over_the_limit_is_turned_away_with_a_remedy() {
    let (office, admin) = Office::furnished().await;
    let mut event = attendance("X1", "T1", 100);
    event.note = "长".repeat(2 * 1024 * 1024);
    let status = office.submit(&admin, vec![event]).await.unwrap_err();
    refused(&status, Code::OutOfRange, "MessageTooLarge");
    assert!(status.message().contains("split it"));
}

#[tokio::test]
async fn thousands_of_wrong_fields_are_counted_and_the_first_ones_listed() {
    let (office, admin) = Office::furnished().await;
    let events = (0..4_000).map(|_| attendance("X1", "T1", 0)).collect();
    let status = office.submit(&admin, events).await.unwrap_err();
    let fields = refused(&status, Code::InvalidArgument, "InvalidFields");
    assert_eq!(fields[0], "events[0].fact.attendance_recorded.present_centihours");
    assert_eq!(status.get_details_error_info().unwrap().metadata["violations"], "4000");
}

#[tokio::test]
async fn texts_come_in_chinese_unless_english_is_asked_for() {
    let (office, admin) = Office::furnished().await;
    let mut request = with(&admin, each(Vec::new()));
    let english = office.submissions().submit(request).await.unwrap_err();
    request = with(&admin, each(Vec::new()));
    request.metadata_mut().remove("accept-language");
    let chinese = office.submissions().submit(request).await.unwrap_err();
    assert!(english.message().is_ascii(), "{}", english.message());
    assert!(chinese.message().contains("有误"), "{}", chinese.message());
}
