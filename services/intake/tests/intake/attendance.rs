//! Who posts whose attendance at which session.

use keshi_office::access::{RoleName, Scope};
use keshi_proto::api;
use keshi_proto::event::fact::Fact;
use tonic::Code;

use crate::support::{Office, attendance, each, of_teacher, project, project_of_level, refused, session, with};

async fn denied(office: &Office, token: &str, events: Vec<api::Event>) {
    let status = office.submit(token, events).await.unwrap_err();
    refused(&status, Code::PermissionDenied, "NotAllowed");
}

/// The only verdict on one event.
async fn verdict(office: &Office, token: &str, event: api::Event) -> api::Verdict {
    let receipt = office.submit(token, vec![event]).await.unwrap().receipt.unwrap();
    receipt.verdicts[0].verdict()
}

/// A project of school level.
fn own_project(id: &str) -> api::Event {
    project_of_level(id, 60)
}

#[tokio::test]
async fn a_clerk_posts_anyones_attendance_at_her_schools_own_sessions_and_elsewhere_her_own_teachers_only() {
    let (office, admin) = Office::furnished().await;
    let (clerk, other) = (office.clerk("S1"), office.clerk("S2"));
    // The home school: her teacher at a session of the office.
    office.record(&clerk, vec![attendance("X1", "T1", 100)]).await;
    // The host school: another school's teacher at her own session.
    office
        .record(&clerk, vec![own_project("P-S1"), session("P-S1", "X-S1")])
        .await;
    office.record(&clerk, vec![attendance("X-S1", "T2", 100)]).await;
    // Neither, at a session of the office and of another school.
    office
        .record(&other, vec![own_project("P-S2"), session("P-S2", "X-S2")])
        .await;
    denied(&office, &clerk, vec![attendance("X1", "T2", 100)]).await;
    denied(&office, &clerk, vec![attendance("X-S2", "T2", 100)]).await;
    office.record(&admin, vec![attendance("X1", "T2", 100)]).await;
    // A teacher who is not registered is the ledger's to refuse, with its own reason.
    let unknown = verdict(&office, &clerk, attendance("X1", "T9", 100)).await;
    assert_eq!(unknown, api::Verdict::Refused);
}

#[tokio::test]
async fn a_clerk_makes_herself_host_of_no_session_of_a_project_above_her() {
    let (office, admin) = Office::furnished().await;
    let clerk = office.clerk("S1");
    // Of the county's project, though it be for her own teacher: she would say herself how many hours it has.
    denied(
        &office,
        &clerk,
        vec![session("P1", "X-S1"), attendance("X-S1", "T1", 100)],
    )
    .await;
    // One that nobody posted yet, or whose project nobody opened yet.
    denied(&office, &clerk, vec![attendance("X-later", "T2", 100)]).await;
    denied(&office, &clerk, vec![session("P-later", "X-later")]).await;
    office.record(&admin, vec![project("P-later")]).await;
    denied(&office, &clerk, vec![session("P-later", "X-later")]).await;
    // In whatever order one submission has them.
    let own = [session("P-S1", "X-S1"), own_project("P-S1")];
    assert_eq!(
        office
            .submit(&clerk, own.to_vec())
            .await
            .unwrap()
            .receipt
            .unwrap()
            .verdicts
            .len(),
        2
    );
}

#[tokio::test]
async fn what_a_clerk_once_posted_may_be_sent_again_and_her_own_teachers_may_come_before_their_session() {
    let (office, admin) = Office::furnished().await;
    let clerk = office.clerk("S1");
    let early = attendance("X-later", "T1", 100);
    assert_eq!(verdict(&office, &clerk, early.clone()).await, api::Verdict::Waiting);
    office.record(&admin, vec![session("P1", "X-later")]).await;
    assert_eq!(verdict(&office, &clerk, early).await, api::Verdict::Duplicate);
}

#[tokio::test]
async fn a_researcher_posts_attendance_at_the_sessions_that_she_posted_and_no_others() {
    let (office, admin) = Office::furnished().await;
    let researcher = office.token(RoleName::Researcher, of_teacher("T1"));
    office
        .record(
            &researcher,
            vec![session("P1", "X-own"), attendance("X-own", "T2", 100)],
        )
        .await;
    office.record(&researcher, vec![attendance("X-own", "T1", 100)]).await;
    for (session, teacher) in [("X1", "T2"), ("X1", "T1"), ("X-later", "T2")] {
        denied(&office, &researcher, vec![attendance(session, teacher, 100)]).await;
    }
    let another = office.token(RoleName::Researcher, of_teacher("T2"));
    denied(&office, &another, vec![attendance("X-own", "T2", 100)]).await;
    // What she may not post she does not learn about either.
    let posted = attendance("X1", "T2", 123);
    office.record(&admin, vec![posted.clone()]).await;
    let guess = api::Event {
        event_id: posted.event_id,
        ..attendance("X-own", "T2", 100)
    };
    denied(&office, &researcher, vec![guess]).await;
}

fn lead_of_b1() -> Scope {
    Scope {
        bases: vec!["B1".to_owned()],
        ..Scope::default()
    }
}

fn session_of_b1(id: &str) -> api::Event {
    let mut event = session("P1", id);
    if let Some(Fact::SessionHeld(session)) = event.fact.as_mut().and_then(|fact| fact.fact.as_mut()) {
        "B1".clone_into(&mut session.base);
    }
    event
}

#[tokio::test]
async fn on_a_stream_and_in_a_dry_run_what_came_before_counts_though_the_ledger_may_not_have_it_yet() {
    let (office, _) = Office::furnished().await;
    let clerk = office.clerk("S1");
    let researcher = office.token(RoleName::Researcher, of_teacher("T1"));
    let lead = office.token(RoleName::Lead, lead_of_b1());
    for (token, first) in [
        (clerk, vec![own_project("P-0"), session("P-0", "X-0")]),
        (researcher, vec![session("P1", "X-0")]),
        (lead, vec![session_of_b1("X-0")]),
    ] {
        // Each caller's own sessions, by other ids than those of the callers before.
        let name = |event: api::Event, n: usize| {
            let text = |id: &str| id.replace("-0", &format!("-{}-{n}", &token[3..9].replace('_', "u")));
            let mut event = event;
            match event.fact.as_mut().and_then(|fact| fact.fact.as_mut()) {
                Some(Fact::ProjectOpened(fact)) => fact.project_id = text(&fact.project_id),
                Some(Fact::SessionHeld(fact)) => {
                    (fact.project_id, fact.session_id) = (text(&fact.project_id), text(&fact.session_id));
                }
                Some(Fact::AttendanceRecorded(fact)) => fact.session_id = text(&fact.session_id),
                _ => unreachable!(),
            }
            event.event_id = crate::support::new_id();
            event
        };
        let mut requests = Vec::new();
        for n in 0..20 {
            requests.extend(first.iter().map(|event| each(vec![name(event.clone(), n)])));
            requests.push(each(vec![name(attendance("X-0", "T2", 100), n)]));
        }
        let checked = with(&token, tokio_stream::iter(requests.clone()));
        let mut checked = office
            .submissions()
            .check_submissions(checked)
            .await
            .unwrap()
            .into_inner();
        while let Some(answer) = checked.message().await.unwrap() {
            assert!(answer.violations.is_empty(), "{answer:?}");
        }
        for response in office.stream(&token, requests).await {
            assert_eq!(response.receipt.unwrap().verdicts[0].verdict(), api::Verdict::Recorded);
        }
    }
}
