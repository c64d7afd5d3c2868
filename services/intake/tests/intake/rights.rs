//! What each role may post.

use keshi_office::access::{RoleName, Scope};
use keshi_proto::event::fact::Fact;
use keshi_proto::{api, event as pb};
use tonic::Code;

use crate::support::{
    Office, assignment, attendance, each, event, of_teacher, person, project, project_of_level, refused, school,
    session, with,
};

fn void(target: &str) -> api::Event {
    event(Fact::EntryVoided(pb::EntryVoided {
        target_event: target.to_owned(),
        reason: "误填".to_owned(),
        ..pb::EntryVoided::default()
    }))
}

fn cancel(session: &str) -> api::Event {
    event(Fact::SessionCancelled(pb::SessionCancelled {
        session_id: session.to_owned(),
        ..pb::SessionCancelled::default()
    }))
}

fn observed(observer: &str) -> api::Event {
    event(Fact::LessonObserved(pb::LessonObserved {
        observer_id: observer.to_owned(),
        school_id: "S1".to_owned(),
        periods: 1,
        ..pb::LessonObserved::default()
    }))
}

async fn denied(office: &Office, token: &str, event: api::Event) {
    let status = office.submit(token, vec![event]).await.unwrap_err();
    refused(&status, Code::PermissionDenied, "NotAllowed");
}

#[tokio::test]
async fn a_clerk_posts_for_her_own_school_which_is_filled_in() {
    let (office, admin) = Office::furnished().await;
    let clerk = office.clerk("S1");
    let posted = attendance("X1", "T1", 600);
    office.record(&clerk, vec![posted.clone()]).await;
    // What stands in the ledger names her school, so the same event without it is another content.
    let with_org = api::Event {
        org: "S1".to_owned(),
        ..posted
    };
    let again = office
        .submit(&admin, vec![with_org.clone()])
        .await
        .unwrap()
        .receipt
        .unwrap();
    assert_eq!(again.verdicts[0].verdict(), api::Verdict::Duplicate);
    let other = api::Event {
        org: "S2".to_owned(),
        ..attendance("X1", "T1", 600)
    };
    denied(&office, &clerk, other).await;
    denied(&office, &clerk, school("S3")).await;
}

#[tokio::test]
async fn a_clerk_gives_posts_at_her_own_school_only() {
    let (office, _) = Office::furnished().await;
    let clerk = office.clerk("S1");
    office.record(&clerk, vec![person("T3"), assignment("T3", "S1")]).await;
    denied(&office, &clerk, assignment("T3", "S2")).await;
}

/// The only verdict on one event.
async fn verdict(office: &Office, token: &str, event: api::Event) -> api::Verdict {
    let receipt = office.submit(token, vec![event]).await.unwrap().receipt.unwrap();
    receipt.verdicts[0].verdict()
}

#[tokio::test]
async fn a_clerk_takes_on_who_is_free_and_the_county_seconds_who_is_not() {
    let (office, admin) = Office::furnished().await;
    let (first, second) = (office.clerk("S1"), office.clerk("S2"));
    office.record(&admin, vec![person("T3")]).await;
    let taken = assignment("T3", "S1");
    office.record(&first, vec![taken.clone()]).await;
    let status = office.submit(&second, vec![assignment("T3", "S2")]).await.unwrap_err();
    refused(&status, Code::PermissionDenied, "NotAllowed");
    assert!(status.message().contains("T3 holds a post elsewhere"), "{status:?}");
    assert!(status.message().contains("county reviewer"), "{status:?}");
    // A second post at the school that has her is its own affair.
    office.record(&first, vec![assignment("T3", "S1")]).await;
    // The county may; then she is of both schools.
    office.record(&admin, vec![assignment("T3", "S2")]).await;
    office.record(&second, vec![assignment("T3", "S2")]).await;

    // Whoever left may be taken on, and what was posted before may be sent again.
    office.record(&admin, vec![person("T4")]).await;
    let left = assignment("T4", "S1");
    office.record(&first, vec![left.clone()]).await;
    let end = event(Fact::AssignmentEnded(pb::AssignmentEnded {
        teacher_id: "T4".to_owned(),
        started_event: left.event_id.clone(),
    }));
    office.record(&first, vec![end]).await;
    office.record(&second, vec![assignment("T4", "S2")]).await;
    assert_eq!(verdict(&office, &first, left).await, api::Verdict::Duplicate);
    denied(&office, &first, assignment("T4", "S1")).await;
}

#[tokio::test]
async fn all_events_that_are_not_hers_are_told_together() {
    let (office, _) = Office::furnished().await;
    let clerk = office.clerk("S1");
    let events = vec![
        attendance("X1", "T2", 100),
        attendance("X1", "T1", 100),
        school("S3"),
        attendance("X1", "T2", 200),
    ];
    let status = office.submit(&clerk, events.clone()).await.unwrap_err();
    refused(&status, Code::PermissionDenied, "NotAllowed");
    assert!(
        status.message().starts_with("3 events may not be posted; event 0: "),
        "{status:?}"
    );
    let checked = with(&clerk, tokio_stream::iter(vec![each(events)]));
    let mut answers = office
        .submissions()
        .check_submissions(checked)
        .await
        .unwrap()
        .into_inner();
    let violations = answers.message().await.unwrap().unwrap().violations;
    let fields: Vec<_> = violations.iter().map(|violation| violation.field.as_str()).collect();
    assert_eq!(fields, ["events[0]", "events[2]", "events[3]"]);
}

#[tokio::test]
async fn a_clerk_cancels_no_session_of_another_school_or_of_the_office() {
    let (office, admin) = Office::furnished().await;
    let clerk = office.clerk("S1");
    office.record(&admin, vec![project_of_level("P-S", 60)]).await;
    office.record(&clerk, vec![session("P-S", "X-S1")]).await;
    office.record(&office.clerk("S2"), vec![session("P-S", "X-S2")]).await;
    office.record(&admin, vec![session("P1", "X-office")]).await;
    office.record(&clerk, vec![cancel("X-S1")]).await;
    denied(&office, &clerk, cancel("X-S2")).await;
    denied(&office, &clerk, cancel("X-office")).await;
}

#[tokio::test]
async fn a_clerk_ends_no_post_at_another_school() {
    let (office, admin) = Office::furnished().await;
    let clerk = office.clerk("S1");
    office.record(&admin, vec![person("T3"), person("T4")]).await;
    let (own, foreign) = (assignment("T3", "S1"), assignment("T4", "S2"));
    office.record(&admin, vec![own.clone(), foreign.clone()]).await;
    let end = |teacher: &str, started: &api::Event| {
        event(Fact::AssignmentEnded(pb::AssignmentEnded {
            teacher_id: teacher.to_owned(),
            started_event: started.event_id.clone(),
        }))
    };
    office.record(&clerk, vec![end("T3", &own)]).await;
    denied(&office, &clerk, end("T4", &foreign)).await;
}

#[tokio::test]
async fn a_clerk_changes_no_record_of_another_schools_teacher() {
    let (office, _) = Office::furnished().await;
    let clerk = office.clerk("S1");
    office.record(&clerk, vec![person("T1"), person("T5")]).await;
    denied(&office, &clerk, person("T2")).await;
    // The one she registered is hers before she has a post.
    office.record(&clerk, vec![person("T5")]).await;
    denied(&office, &office.clerk("S2"), person("T5")).await;
}

#[tokio::test]
async fn a_clerk_voids_what_she_posted_and_nothing_else() {
    let (office, admin) = Office::furnished().await;
    let clerk = office.clerk("S1");
    let (hers, not_hers) = (attendance("X1", "T1", 600), attendance("X1", "T1", 500));
    office.record(&clerk, vec![hers.clone()]).await;
    office.record(&admin, vec![not_hers.clone()]).await;
    denied(&office, &clerk, void(&not_hers.event_id)).await;
    denied(&office, &clerk, void(&attendance("X1", "T1", 1).event_id)).await;
    office.record(&clerk, vec![void(&hers.event_id)]).await;
}

/// The event in the place of another.
fn correcting(original: &api::Event, mut event: api::Event) -> api::Event {
    event.supersedes.clone_from(&original.event_id);
    event
}

#[tokio::test]
async fn a_clerk_corrects_what_is_in_her_schools_books_and_nothing_else() {
    let (office, admin) = Office::furnished().await;
    let (clerk, colleague) = (office.clerk("S1"), office.clerk("S1"));
    let (hers, not_hers) = (attendance("X1", "T1", 600), attendance("X1", "T1", 500));
    office.record(&colleague, vec![hers.clone()]).await;
    office.record(&admin, vec![not_hers.clone()]).await;
    let wrong = correcting(&not_hers, attendance("X1", "T1", 400));
    denied(&office, &clerk, wrong).await;
    // What may yet come is nobody's to take the place of.
    denied(
        &office,
        &clerk,
        correcting(&attendance("X1", "T1", 1), attendance("X1", "T1", 400)),
    )
    .await;
    // Nor has she a right to the original that she has not to what takes its place.
    denied(&office, &clerk, correcting(&hers, attendance("X1", "T2", 400))).await;
    denied(
        &office,
        &office.clerk("S2"),
        correcting(&hers, attendance("X1", "T2", 400)),
    )
    .await;
    let right = correcting(&hers, attendance("X1", "T1", 400));
    office.record(&clerk, vec![right.clone()]).await;
    // A second one is refused by the ledger, which names the first.
    let second = correcting(&hers, attendance("X1", "T1", 300));
    let receipt = office.submit(&clerk, vec![second]).await.unwrap().receipt.unwrap();
    assert_eq!(receipt.verdicts[0].reason.as_ref().unwrap().code, "CorrectedAlready");
    office.record(&colleague, vec![void(&right.event_id)]).await;
}

#[tokio::test]
async fn a_reviewer_corrects_nothing_about_herself() {
    let (office, admin) = Office::furnished().await;
    let reviewer = office.token(RoleName::Reviewer, of_teacher("T1"));
    let (own, other) = (attendance("X1", "T1", 600), attendance("X1", "T2", 600));
    office.record(&admin, vec![own.clone(), other.clone()]).await;
    // Neither into her own nor out of it.
    denied(&office, &reviewer, correcting(&other, attendance("X1", "T1", 600))).await;
    denied(&office, &reviewer, correcting(&own, attendance("X1", "T2", 600))).await;
    office
        .record(&reviewer, vec![correcting(&other, attendance("X1", "T2", 500))])
        .await;
}

#[tokio::test]
async fn a_researcher_posts_what_she_did_herself() {
    let (office, _) = Office::furnished().await;
    let researcher = office.token(RoleName::Researcher, of_teacher("T1"));
    office.record(&researcher, vec![observed("T1")]).await;
    denied(&office, &researcher, observed("T2")).await;
}

#[tokio::test]
async fn a_lead_posts_for_the_sessions_of_her_base() {
    let (office, admin) = Office::furnished().await;
    let lead = office.token(
        RoleName::Lead,
        Scope {
            bases: vec!["B1".to_owned()],
            ..Scope::default()
        },
    );
    let of_base = |id: &str, base: &str| {
        let mut event = session("P1", id);
        if let Some(Fact::SessionHeld(session)) = event.fact.as_mut().and_then(|fact| fact.fact.as_mut()) {
            base.clone_into(&mut session.base);
        }
        event
    };
    office
        .record(&lead, vec![of_base("X-B1", "B1"), attendance("X-B1", "T1", 100)])
        .await;
    office.record(&lead, vec![attendance("X-B1", "T2", 100)]).await;
    denied(&office, &lead, of_base("X-B2", "B2")).await;
    office.record(&admin, vec![of_base("X-B2", "B2")]).await;
    denied(&office, &lead, attendance("X-B2", "T1", 100)).await;
    denied(&office, &lead, attendance("X1", "T1", 100)).await;
}

#[tokio::test]
async fn teachers_auditors_and_registry_readers_post_nothing() {
    let (office, _) = Office::furnished().await;
    for token in [
        office.token(RoleName::Teacher, of_teacher("T1")),
        office.token(RoleName::Auditor, Scope::default()),
        office.token(RoleName::RegistryReader, Scope::default()),
    ] {
        denied(&office, &token, attendance("X1", "T1", 100)).await;
    }
}

fn lesson(teacher: &str, school: &str) -> api::Event {
    event(Fact::LessonGiven(pb::LessonGiven {
        teacher_id: teacher.to_owned(),
        r#type: 1,
        level: 60,
        school_id: school.to_owned(),
        periods: 1,
        ..pb::LessonGiven::default()
    }))
}

#[tokio::test]
async fn a_clerk_credits_lessons_of_her_own_teachers_or_at_her_own_school_only() {
    let (office, _) = Office::furnished().await;
    let clerk = office.clerk("S1");
    office
        .record(&clerk, vec![lesson("T1", "S2"), lesson("T2", "S1")])
        .await;
    denied(&office, &clerk, lesson("T2", "S2")).await;
    denied(&office, &clerk, lesson("T2", "")).await;
    let elsewhere = |observer: &str| {
        let mut event = observed(observer);
        if let Some(Fact::LessonObserved(lesson)) = event.fact.as_mut().and_then(|fact| fact.fact.as_mut()) {
            "S2".clone_into(&mut lesson.school_id);
        }
        event
    };
    office.record(&clerk, vec![elsewhere("T1")]).await;
    denied(&office, &clerk, elsewhere("T2")).await;
}

#[tokio::test]
async fn a_clerk_opens_no_project_above_group_level() {
    let (office, _) = Office::furnished().await;
    let clerk = office.clerk("S1");
    let at_level = |id: &str, level: i32| {
        let mut event = project(id);
        if let Some(Fact::ProjectOpened(project)) = event.fact.as_mut().and_then(|fact| fact.fact.as_mut()) {
            project.level = level;
        }
        event
    };
    denied(&office, &clerk, at_level("P-national", 10)).await;
    denied(&office, &clerk, at_level("P-county", 40)).await;
    office
        .record(&clerk, vec![at_level("P-group", 50), at_level("P-school", 60)])
        .await;
}

#[tokio::test]
async fn a_researcher_cancels_the_sessions_that_she_posted_and_no_others() {
    let (office, _) = Office::furnished().await;
    let researcher = office.token(RoleName::Researcher, of_teacher("T1"));
    denied(&office, &researcher, cancel("X1")).await;
    denied(&office, &researcher, cancel("X-unknown")).await;
    office.record(&researcher, vec![session("P1", "X-own")]).await;
    office.record(&researcher, vec![cancel("X-own")]).await;
}

#[tokio::test]
async fn a_reviewer_neither_posts_nor_voids_what_is_about_herself() {
    let (office, admin) = Office::furnished().await;
    let reviewer = office.token(RoleName::Reviewer, of_teacher("T1"));
    let exempt = |teacher: &str| {
        event(Fact::ExemptionGranted(pb::ExemptionGranted {
            teacher_id: teacher.to_owned(),
            policy_id: "sample-360".to_owned(),
            rule_id: "R1".to_owned(),
            reduce_by_centiamount: 100,
            reason: "病假".to_owned(),
        }))
    };
    denied(&office, &reviewer, exempt("T1")).await;
    denied(&office, &reviewer, attendance("X1", "T1", 600)).await;
    let about_her = attendance("X1", "T1", 600);
    office.record(&admin, vec![about_her.clone()]).await;
    denied(&office, &reviewer, void(&about_her.event_id)).await;
    let about_another = attendance("X1", "T2", 600);
    office.record(&reviewer, vec![about_another.clone()]).await;
    office.record(&reviewer, vec![void(&about_another.event_id)]).await;
}

#[tokio::test]
async fn a_clerk_who_guesses_at_anothers_entry_learns_nothing_and_leaves_nothing() {
    let (office, _) = Office::furnished().await;
    let (first, second) = (office.clerk("S1"), office.clerk("S2"));
    let hers = attendance("X1", "T2", 123);
    office.record(&second, vec![hers.clone()]).await;
    let before = office.engine.head().size;
    let guess = |teacher: &str, centihours: i64| api::Event {
        event_id: hers.event_id.clone(),
        ..attendance("X1", teacher, centihours)
    };
    let stranger = office
        .submit(&first, vec![attendance("X1", "T2", 123)])
        .await
        .unwrap_err();
    for wrong_and_right in [guess("T2", 100), guess("T2", 123)] {
        let told = office.submit(&first, vec![wrong_and_right]).await.unwrap_err();
        assert_eq!((told.code(), told.message()), (stranger.code(), stranger.message()));
    }
    // Nor under a fact that she may post.
    denied(&office, &first, guess("T1", 123)).await;
    assert_eq!(office.engine.head().size, before);
    // Her own school may send it again, and is told where it differs.
    assert_eq!(
        verdict(&office, &office.clerk("S2"), hers.clone()).await,
        api::Verdict::Duplicate
    );
    assert_eq!(
        verdict(&office, &second, guess("T2", 100)).await,
        api::Verdict::Conflict
    );
}
