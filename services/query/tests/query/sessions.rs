//! The sessions of the county, and who was at one.

use keshi_office::access::{RoleName, Scope};
use keshi_proto::api;
use keshi_proto::api::ledger_service_client::LedgerServiceClient;
use keshi_proto::event::{self as pb, fact::Fact};
use tonic::{Code, Status};

use crate::support::{NOW, Office, attendance, day, event, of_teacher, project, refused, session, with};

/// A fact of this day of 2022.
fn on((month, dom): (i32, i32), mut event: api::Event) -> api::Event {
    event.occurred_from = day(2022, month, dom);
    event
}

fn moved(id: &str, place: &str) -> api::Event {
    event(Fact::SessionMoved(pb::SessionMoved {
        session_id: id.to_owned(),
        place: place.to_owned(),
        ..pb::SessionMoved::default()
    }))
}

fn cancelled(id: &str) -> api::Event {
    event(Fact::SessionCancelled(pb::SessionCancelled {
        session_id: id.to_owned(),
        ..pb::SessionCancelled::default()
    }))
}

/// Of S2, in a project of another name.
fn of_school() -> [api::Event; 2] {
    let mut opened = project("P2");
    if let Some(Fact::ProjectOpened(fact)) = opened.fact.as_mut().and_then(|fact| fact.fact.as_mut()) {
        (fact.name, fact.level) = ("校本 Ａ 研修".to_owned(), 60);
    }
    let mut held = session("P2", "Y1");
    if let Some(Fact::SessionHeld(fact)) = held.fact.as_mut().and_then(|fact| fact.fact.as_mut()) {
        "S2 礼堂".clone_into(&mut fact.place);
    }
    [opened, held].map(|event| api::Event {
        org: "S2".to_owned(),
        ..event
    })
}

/// X1 as furnished, X2 moved from March to May, X3 cancelled, Y1 of S2.
async fn held() -> (Office, String) {
    let (office, admin) = Office::furnished().await;
    let [opened, y1] = of_school();
    let events = vec![
        on((3, 1), session("P1", "X2")),
        on((5, 9), moved("X2", "会议室")),
        on((4, 1), session("P1", "X3")),
        on((4, 2), cancelled("X3")),
        on((2, 1), opened),
        on((2, 7), y1),
    ];
    office.record(&admin, events).await;
    (office, admin)
}

async fn list(
    office: &Office,
    token: &str,
    request: api::ListHeldSessionsRequest,
) -> Result<api::ListHeldSessionsResponse, Status> {
    let mut client = LedgerServiceClient::new(office.channel.clone());
    Ok(client.list_sessions(with(token, request)).await?.into_inner())
}

fn ids(answer: &api::ListHeldSessionsResponse) -> Vec<&str> {
    answer
        .sessions
        .iter()
        .map(|session| session.session_id.as_str())
        .collect()
}

fn year() -> api::ListHeldSessionsRequest {
    api::ListHeldSessionsRequest {
        from: day(2022, 1, 1),
        to: day(2022, 5, 31),
        ..api::ListHeldSessionsRequest::default()
    }
}

#[tokio::test]
async fn sessions_are_told_in_full_also_those_that_were_moved_and_cancelled() {
    let (office, admin) = held().await;
    let all = list(&office, &admin, year()).await.unwrap();
    assert_eq!(ids(&all), ["X2", "X3", "Y1"]);
    assert_eq!(all.total, 3);
    let [x2, x3, y1] = all.sessions.as_slice() else {
        panic!("three")
    };
    assert_eq!((x2.project.as_str(), x2.level, x2.centihours), ("国培", 40, 600));
    assert_eq!(
        (x2.from, x2.held_from, x2.place.as_str()),
        (day(2022, 5, 9), day(2022, 3, 1), "会议室")
    );
    assert!(x2.moved_by.is_some() && x2.cancelled_by.is_none(), "{x2:?}");
    assert!(x3.moved_by.is_none() && x3.cancelled_by.is_some(), "{x3:?}");
    let posted = (y1.school_id.as_str(), y1.school_name.as_str(), y1.place.as_str());
    assert_eq!(posted, ("S2", "S2 小学", "S2 礼堂"));
    // Before it was moved and cancelled it stood otherwise.
    let then = api::ListHeldSessionsRequest {
        at: Some(api::At {
            at: Some(api::at::At::Size(x2.moved_by.unwrap())),
            min_size: 0,
        }),
        ..year()
    };
    let then = list(&office, &admin, then).await.unwrap();
    assert_eq!(then.sessions[0].from, day(2022, 3, 1));
    let one = api::ListHeldSessionsRequest {
        session_id: "X2".to_owned(),
        ..api::ListHeldSessionsRequest::default()
    };
    let one = list(&office, &admin, one).await.unwrap();
    assert_eq!(&one.sessions, std::slice::from_ref(x2));
}

#[tokio::test]
async fn sessions_are_found_by_their_days_name_id_and_school() {
    let (office, admin) = held().await;
    let none = api::ListHeldSessionsRequest::default;
    let of_text = |text: &str| api::ListHeldSessionsRequest {
        text: text.to_owned(),
        ..none()
    };
    let period = |period: &str| api::ListHeldSessionsRequest {
        period: period.to_owned(),
        ..none()
    };
    let school_id = "S2".to_owned();
    let of_s2 = api::ListHeldSessionsRequest { school_id, ..none() };
    let from_may = api::ListHeldSessionsRequest {
        from: day(2022, 5, 1),
        to: day(2022, 5, 9),
        ..none()
    };
    for (request, expected) in [
        (period("2022-04"), &["X3"][..]),
        (period("2022-03"), &[]),
        (from_may, &["X2"]),
        (of_text("校本a"), &["Y1"]),
        (of_text("p2"), &["Y1"]),
        (of_text("y1"), &["Y1"]),
        (of_text("无此"), &[]),
        (of_s2, &["Y1"]),
    ] {
        assert_eq!(
            ids(&list(&office, &admin, request.clone()).await.unwrap()),
            expected,
            "{request:?}"
        );
    }
    let both = api::ListHeldSessionsRequest {
        from: day(2022, 5, 1),
        ..period("2022")
    };
    let turned = api::ListHeldSessionsRequest {
        from: day(2022, 5, 2),
        to: day(2022, 5, 1),
        ..none()
    };
    let no_school = api::ListHeldSessionsRequest {
        school_id: "S9".to_owned(),
        ..none()
    };
    let no_id = api::ListHeldSessionsRequest {
        session_id: "X 1".to_owned(),
        ..none()
    };
    for (request, field) in [
        (both, "period"),
        (turned, "to"),
        (no_school, "school_id"),
        (no_id, "session_id"),
        (period("soon"), "period"),
    ] {
        let status = list(&office, &admin, request).await.unwrap_err();
        assert_eq!(refused(&status, Code::InvalidArgument, "InvalidFields"), [field]);
    }
    let unknown = api::ListHeldSessionsRequest {
        session_id: "X9".to_owned(),
        ..none()
    };
    let status = list(&office, &admin, unknown).await.unwrap_err();
    refused(&status, Code::NotFound, "UnknownSession");
}

#[tokio::test]
async fn the_pages_of_sessions_have_each_once_whatever_comes_meanwhile() {
    let (office, admin) = held().await;
    let whole = list(&office, &admin, api::ListHeldSessionsRequest::default())
        .await
        .unwrap();
    let (mut seen, mut request) = (Vec::new(), api::ListHeldSessionsRequest::default());
    request.page_size = 1;
    loop {
        let page = list(&office, &admin, request.clone()).await.unwrap();
        assert_eq!((page.total, page.size), (4, whole.size));
        seen.extend(page.sessions);
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
        let newcomer = session("P1", &format!("Z{}", seen.len()));
        office.record(&admin, vec![newcomer]).await;
    }
    assert_eq!(seen, whole.sessions);
}

#[tokio::test]
async fn sessions_are_for_whoever_posts_who_was_there_and_for_the_office() {
    let (office, _) = held().await;
    let teacher = office.token(RoleName::Teacher, of_teacher("T1"));
    let status = list(&office, &teacher, year()).await.unwrap_err();
    refused(&status, Code::PermissionDenied, "NotAllowed");
    let auditor = office.token(RoleName::Auditor, Scope::default());
    for token in [office.clerk("S1"), auditor] {
        assert_eq!(ids(&list(&office, &token, year()).await.unwrap()), ["X2", "X3", "Y1"]);
    }
    let month = office.reads.month(NOW[..10].parse().unwrap()).unwrap();
    assert_eq!(month.lines.len(), 0, "of a session no line is due");
}

async fn there(
    office: &Office,
    token: &str,
    request: api::ListAttendanceRequest,
) -> Result<api::ListAttendanceResponse, Status> {
    let mut client = LedgerServiceClient::new(office.channel.clone());
    Ok(client.list_attendance(with(token, request)).await?.into_inner())
}

fn at_x1() -> api::ListAttendanceRequest {
    api::ListAttendanceRequest {
        session_id: "X1".to_owned(),
        purpose: "核对出勤".to_owned(),
        ..api::ListAttendanceRequest::default()
    }
}

#[tokio::test]
async fn who_was_there_is_told_to_whom_she_is_hers_to_read_and_each_leaves_a_line() {
    let (office, admin) = held().await;
    let mut spoke = attendance("X1", "T1", 100);
    if let Some(Fact::AttendanceRecorded(fact)) = spoke.fact.as_mut().and_then(|fact| fact.fact.as_mut()) {
        (fact.role, fact.result) = (3, 1);
    }
    let others = vec![
        attendance("X1", "T1", 600),
        spoke,
        attendance("X1", "T2", 450),
        attendance("X2", "T2", 300),
    ];
    let receipt = office.record(&admin, others).await;
    let lines = || {
        let month = office.reads.month(NOW[..10].parse().unwrap()).unwrap();
        let told = month.lines.into_iter().map(|line| (line.what, line.teacher_id));
        told.collect::<Vec<_>>()
    };
    let of = |id: &str| ("attendance".to_owned(), id.to_owned());
    let told = there(&office, &office.clerk("S1"), at_x1()).await.unwrap();
    let hours = |answer: &api::ListAttendanceResponse| {
        let all = answer.attendance.iter();
        all.map(|one| (one.teacher_id.clone(), one.role, one.centihours, one.result, one.index))
            .collect::<Vec<_>>()
    };
    let index = |n: usize| receipt.verdicts[n].index.unwrap();
    let (t1, t2) = (|| "T1".to_owned(), || "T2".to_owned());
    let of_t1 = [(t1(), 1, 600, 0, index(0)), (t1(), 3, 100, 1, index(1))];
    assert_eq!(hours(&told), of_t1);
    assert_eq!(told.attendance[0].school_names, ["S1 小学"]);
    assert_eq!(lines(), [of("T1")]);
    let all = there(&office, &admin, at_x1()).await.unwrap();
    assert_eq!(
        hours(&all),
        [of_t1.to_vec(), vec![(t2(), 1, 450, 0, index(2))]].concat()
    );
    assert_eq!(lines().len(), 3);
    let asked = api::ListAttendanceRequest {
        school_id: "S2".to_owned(),
        ..at_x1()
    };
    assert_eq!(
        hours(&there(&office, &admin, asked.clone()).await.unwrap()),
        [(t2(), 1, 450, 0, index(2))]
    );
    // Another school's people are nothing to a clerk, whatever school she names.
    assert!(
        there(&office, &office.clerk("S1"), asked)
            .await
            .unwrap()
            .attendance
            .is_empty()
    );
    let teacher = office.token(RoleName::Teacher, of_teacher("T2"));
    assert_eq!(there(&office, &teacher, at_x1()).await.unwrap().attendance.len(), 1);
    assert_eq!(lines().len(), 4, "of herself no line is due");
    let purpose = office.reads.month(NOW[..10].parse().unwrap()).unwrap().lines;
    assert!(purpose.iter().all(|line| line.purpose.as_deref() == Some("核对出勤")));
    let unknown = api::ListAttendanceRequest {
        session_id: "X9".to_owned(),
        ..at_x1()
    };
    let status = there(&office, &admin, unknown).await.unwrap_err();
    refused(&status, Code::NotFound, "UnknownSession");
}

#[tokio::test]
async fn the_pages_of_who_was_there_have_each_once_and_note_only_whom_they_tell_of() {
    let (office, admin) = held().await;
    office
        .record(&admin, vec![attendance("X1", "T1", 600), attendance("X1", "T2", 450)])
        .await;
    let mut request = at_x1();
    request.page_size = 1;
    let first = there(&office, &admin, request.clone()).await.unwrap();
    let noted = || office.reads.month(NOW[..10].parse().unwrap()).unwrap().lines.len();
    assert_eq!((first.attendance.len(), noted()), (1, 1));
    request.page_token = first.next_page_token;
    let second = there(&office, &admin, request).await.unwrap();
    assert_eq!(
        (second.attendance.len(), second.next_page_token.as_str(), noted()),
        (1, "", 2)
    );
    assert_ne!(first.attendance[0].teacher_id, second.attendance[0].teacher_id);
}
