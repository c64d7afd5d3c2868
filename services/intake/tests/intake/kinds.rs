//! Terms, topics, works, exemptions and noted figures through the door: who may post them, by which calls.

use keshi_office::access::{RoleName, Scope};
use keshi_proto::api::competition_service_client::CompetitionServiceClient;
use keshi_proto::api::registry_service_client::RegistryServiceClient;
use keshi_proto::api::training_service_client::TrainingServiceClient;
use keshi_proto::event::fact::Fact;
use keshi_proto::{api, event as pb};
use tonic::Code;

use crate::support::{Office, day, event, new_id, of_school, of_teacher, refused, with};

fn term(school: &str) -> pb::SchoolBasedTerm {
    pb::SchoolBasedTerm {
        teacher_id: "T1".to_owned(),
        school_id: school.to_owned(),
        semester: "2021-2022-2".to_owned(),
        plan: true,
        log: true,
        reflection: true,
    }
}

fn approved() -> pb::TopicApproved {
    pb::TopicApproved {
        topic_id: "K1".to_owned(),
        level: 40,
        lead_ids: vec!["T1".to_owned()],
        member_ids: vec!["T2".to_owned()],
        ..Default::default()
    }
}

fn concluded(lead: &str) -> pb::TopicConcluded {
    pb::TopicConcluded {
        topic_id: "K1".to_owned(),
        level: 40,
        lead_ids: vec![lead.to_owned()],
        result: "良好".to_owned(),
        ..Default::default()
    }
}

fn published() -> pb::WorkPublished {
    pb::WorkPublished {
        work_id: "W1".to_owned(),
        work_kind: "论文".to_owned(),
        level: 20,
        author_ids: vec!["T1".to_owned(), "T2".to_owned()],
        ..Default::default()
    }
}

fn prized() -> pb::WorkAwarded {
    pb::WorkAwarded {
        work_id: "W1".to_owned(),
        level: 20,
        award: 2,
        author_ids: vec!["T1".to_owned()],
        ..Default::default()
    }
}

fn exemption(reason: &str) -> pb::ExemptionGranted {
    pb::ExemptionGranted {
        teacher_id: "T1".to_owned(),
        rule_id: "R1".to_owned(),
        reduce_by_centiamount: 4_500,
        reason: reason.to_owned(),
        ..Default::default()
    }
}

fn figure() -> pb::FigureNoted {
    pb::FigureNoted {
        figure_id: "trained".to_owned(),
        period: "2022".to_owned(),
        value_centiamount: 130_000,
        bound: 2,
        unit: "人次".to_owned(),
    }
}

fn counted() -> pb::OutreachDelivered {
    pb::OutreachDelivered {
        outreach_id: "O1".to_owned(),
        to_school: "S2".to_owned(),
        unattributed_lessons: 90,
        ..Default::default()
    }
}

/// One of each kind.
fn all() -> Vec<api::Event> {
    let facts = [
        Fact::SchoolBasedTerm(term("S1")),
        Fact::TopicApproved(approved()),
        Fact::TopicConcluded(concluded("T1")),
        Fact::WorkPublished(published()),
        Fact::WorkAwarded(prized()),
        Fact::ExemptionGranted(exemption("产假")),
        Fact::Mentoring(pb::Mentoring {
            mentor_id: "T1".into(),
            apprentice_id: "T2".into(),
            ..Default::default()
        }),
        Fact::FigureNoted(figure()),
        Fact::OutreachDelivered(counted()),
    ];
    facts.into_iter().map(event).collect()
}

#[tokio::test]
async fn one_of_each_is_recorded_for_a_reviewer_and_is_a_duplicate_the_second_time() {
    let (office, _) = Office::furnished().await;
    let reviewer = office.token(RoleName::Reviewer, Scope::default());
    let events = all();
    let receipt = office.submit(&reviewer, events.clone()).await.unwrap().receipt.unwrap();
    assert_taken(&receipt, events.len());
    let again = office.submit(&reviewer, events).await.unwrap().receipt.unwrap();
    for verdict in again.verdicts {
        assert_eq!(verdict.verdict(), api::Verdict::Duplicate, "{verdict:?}");
    }
}

#[tokio::test]
async fn the_clock_is_an_admins_to_correct_and_only_where_the_ledgers_time_is_ahead() {
    let (office, admin) = Office::furnished().await;
    let correction = event(Fact::ClockCorrected(pb::ClockCorrected {
        reason: "服务器时钟快了两年".into(),
        authorised_by: String::new(),
    }));
    let reviewer = office.token(RoleName::Reviewer, Scope::default());
    let status = office.submit(&reviewer, vec![correction.clone()]).await.unwrap_err();
    refused(&status, Code::PermissionDenied, "NotAllowed");
    let receipt = office.submit(&admin, vec![correction]).await.unwrap().receipt.unwrap();
    let reason = receipt.verdicts[0].reason.clone().unwrap();
    assert_eq!(reason.code, "ClockNotAhead", "{reason:?}");
}

#[tokio::test]
async fn a_clerk_posts_terms_of_her_own_school_and_none_of_the_others() {
    let (office, _) = Office::furnished().await;
    let clerk = office.token(RoleName::Clerk, of_school("S1"));
    office
        .record(&clerk, vec![event(Fact::SchoolBasedTerm(term("S1")))])
        .await;
    // The poster's school is filled in and right; the term was done at another.
    let elsewhere = event(Fact::SchoolBasedTerm(term("S2")));
    let status = office.submit(&clerk, vec![elsewhere]).await.unwrap_err();
    refused(&status, Code::PermissionDenied, "NotAllowed");
    for other in all().into_iter().skip(1) {
        let status = office.submit(&clerk, vec![other]).await.unwrap_err();
        refused(&status, Code::PermissionDenied, "NotAllowed");
    }
    let teacher = office.token(RoleName::Teacher, of_teacher("T1"));
    for event in all() {
        let status = office.submit(&teacher, vec![event]).await.unwrap_err();
        refused(&status, Code::PermissionDenied, "NotAllowed");
    }
}

#[tokio::test]
async fn leave_may_last_until_next_summer_and_a_term_may_not() {
    let (office, admin) = Office::furnished().await;
    let until = |fact| api::Event {
        occurred_to: day(2023, 7, 15),
        ..event(fact)
    };
    let leave = until(Fact::ExemptionGranted(exemption("产假")));
    let receipt = office.submit(&admin, vec![leave]).await.unwrap().receipt.unwrap();
    assert_taken(&receipt, 1);
    let ahead = until(Fact::SchoolBasedTerm(term("S1")));
    let status = office.submit(&admin, vec![ahead]).await.unwrap_err();
    let fields = refused(&status, Code::InvalidArgument, "InvalidFields");
    assert_eq!(fields, ["events[0].occurred_to"]);
}

#[tokio::test]
async fn unknown_people_of_a_topic_are_refused_and_wrong_fields_are_named_as_written() {
    let (office, admin) = Office::furnished().await;
    let unknown = event(Fact::TopicConcluded(concluded("T9")));
    let receipt = office.submit(&admin, vec![unknown]).await.unwrap().receipt.unwrap();
    let reason = receipt.verdicts[0].reason.clone().unwrap();
    assert_eq!(
        (reason.code.as_str(), reason.field.as_str()),
        ("UnknownTeacher", "lead_ids")
    );
    let phone = event(Fact::ExemptionGranted(exemption("病假 13812345678")));
    let nothing = event(Fact::ExemptionGranted(pb::ExemptionGranted {
        reduce_by_centiamount: 0,
        ..exemption("病假")
    }));
    let semester = event(Fact::SchoolBasedTerm(pb::SchoolBasedTerm {
        semester: "2022".to_owned(),
        ..term("S1")
    }));
    let empty = event(Fact::OutreachDelivered(pb::OutreachDelivered {
        unattributed_lessons: 0,
        ..counted()
    }));
    let status = office
        .submit(&admin, vec![phone, nothing, semester, empty])
        .await
        .unwrap_err();
    let fields = refused(&status, Code::InvalidArgument, "InvalidFields");
    let expected = [
        "events[0].fact.exemption_granted.reason",
        "events[1].fact.exemption_granted.reduce_by_centiamount",
        "events[2].fact.school_based_term.semester",
        "events[3].fact.outreach_delivered.deliveries",
    ];
    assert_eq!(fields, expected);
}

/// All are recorded, but for the exemption, which waits: no policy is adopted here.
fn assert_taken(receipt: &api::Receipt, count: usize) {
    assert_eq!(receipt.verdicts.len(), count);
    for verdict in &receipt.verdicts {
        let waits = verdict
            .reason
            .as_ref()
            .is_some_and(|reason| reason.code == "RuleNotAdopted");
        let expected = if waits {
            api::Verdict::Waiting
        } else {
            api::Verdict::Recorded
        };
        assert_eq!(verdict.verdict(), expected, "{verdict:?}");
    }
}

/// What all events have, for a call that takes one kind.
fn head() -> api::EventHead {
    api::EventHead {
        event_id: new_id(),
        occurred_from: day(2022, 11, 1),
        ..Default::default()
    }
}

/// A request of one item for a call that takes one kind.
macro_rules! one {
    ($module:ident $request:ident, $fact:expr) => {
        api::$request {
            items: vec![api::$module::Item {
                head: Some(head()),
                fact: Some($fact),
            }],
            ..Default::default()
        }
    };
}

#[tokio::test]
async fn each_kind_has_a_call_of_its_own() {
    let (office, admin) = Office::furnished().await;
    let mut training = TrainingServiceClient::new(office.channel.clone());
    let mut competition = CompetitionServiceClient::new(office.channel.clone());
    let mut registry = RegistryServiceClient::new(office.channel.clone());
    let request = one!(record_school_based_terms_request RecordSchoolBasedTermsRequest, term("S1"));
    let mut answers = vec![training.record_school_based_terms(with(&admin, request)).await];
    let request = one!(approve_topics_request ApproveTopicsRequest, approved());
    answers.push(competition.approve_topics(with(&admin, request)).await);
    let request = one!(conclude_topics_request ConcludeTopicsRequest, concluded("T1"));
    answers.push(competition.conclude_topics(with(&admin, request)).await);
    let request = one!(publish_works_request PublishWorksRequest, published());
    answers.push(competition.publish_works(with(&admin, request)).await);
    let request = one!(award_works_request AwardWorksRequest, prized());
    answers.push(competition.award_works(with(&admin, request)).await);
    let request = one!(grant_exemptions_request GrantExemptionsRequest, exemption("产假"));
    answers.push(registry.grant_exemptions(with(&admin, request)).await);
    let request = one!(note_figures_request NoteFiguresRequest, figure());
    answers.push(registry.note_figures(with(&admin, request)).await);
    for answer in answers {
        let receipt = answer.unwrap().into_inner().receipt.unwrap();
        assert_taken(&receipt, 1);
    }
    // And a wrong field is named as the caller wrote it.
    let nobody = pb::WorkPublished {
        author_ids: Vec::new(),
        ..published()
    };
    let request = one!(publish_works_request PublishWorksRequest, nobody);
    let status = competition.publish_works(with(&admin, request)).await.unwrap_err();
    let fields = refused(&status, Code::InvalidArgument, "InvalidFields");
    assert_eq!(fields, ["items[0].fact.author_ids"]);
}
