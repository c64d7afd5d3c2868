//! Questions of ordered research through the door: who sends, puts together, plans and rates, and by which calls.

use keshi_office::access::{RoleName, Scope};
use keshi_proto::api;
use keshi_proto::api::training_service_client::TrainingServiceClient;
use keshi_proto::event::fact::Fact;
use tonic::Code;

use crate::support::{
    Office, adopt_calendar, day, joined, of_school, planned, question, rated, refused, session, with,
};

async fn with_questions() -> (Office, String) {
    let (office, admin) = Office::furnished().await;
    adopt_calendar(&office, &admin).await;
    let events = vec![
        question("Q1", "S1"),
        question("Q2", "S2"),
        api::Event {
            occurred_from: day(2022, 11, 1),
            ..session("P1", "X2")
        },
    ];
    office.record(&admin, events).await;
    (office, admin)
}

fn researcher(office: &Office, subject: &str) -> String {
    let scope = Scope {
        teacher_id: Some("T1".to_owned()),
        subjects: vec![subject.to_owned()],
        ..Scope::default()
    };
    office.token(RoleName::Researcher, scope)
}

async fn denied(office: &Office, token: &str, event: api::Event) -> String {
    let status = office.submit(token, vec![event]).await.unwrap_err();
    refused(&status, Code::PermissionDenied, "NotAllowed");
    status.message().to_owned()
}

#[tokio::test]
async fn a_school_sends_its_own_questions_and_names_its_own_teachers() {
    let (office, _) = with_questions().await;
    let (clerk, head) = (office.clerk("S1"), office.token(RoleName::HeadTeacher, of_school("S1")));
    office.record(&clerk, vec![question("Q3", "S1")]).await;
    office.record(&head, vec![question("Q4", "S1")]).await;
    let asked_by = |id: &str, teacher: &str| {
        let mut event = question(id, "S1");
        if let Some(Fact::QuestionSent(sent)) = event.fact.as_mut().and_then(|fact| fact.fact.as_mut()) {
            teacher.clone_into(&mut sent.asked_by);
        }
        event
    };
    office.record(&clerk, vec![asked_by("Q5", "T1")]).await;
    denied(&office, &clerk, asked_by("Q6", "T2")).await;
    denied(&office, &clerk, question("Q7", "S2")).await;
    // Nor for another school under her own.
    let under_own = api::Event {
        org: "S1".to_owned(),
        ..question("Q7", "S2")
    };
    denied(&office, &clerk, under_own).await;
    denied(&office, &researcher(&office, "语文"), question("Q8", "S1")).await;
    let teacher = Scope {
        teacher_id: Some("T1".to_owned()),
        ..Scope::default()
    };
    denied(&office, &office.token(RoleName::Teacher, teacher), question("Q9", "S1")).await;
}

#[tokio::test]
async fn a_researcher_puts_together_and_plans_questions_of_her_subjects_alone() {
    let (office, _) = with_questions().await;
    let (own, other) = (researcher(&office, "語文"), researcher(&office, "数学"));
    for act in [joined("Q1", &["Q2"]), planned("Q1", "X2")] {
        let says = denied(&office, &other, act.clone()).await;
        assert!(says.contains("语文"), "{says}");
        denied(&office, &office.clerk("S1"), act.clone()).await;
        denied(&office, &office.token(RoleName::Auditor, Scope::default()), act.clone()).await;
        office.record(&own, vec![act]).await;
    }
    // What was never sent is the ledger's to say, with what to do.
    let unknown = office.submit(&own, vec![planned("Q9", "X2")]).await.unwrap();
    let verdict = &unknown.receipt.unwrap().verdicts[0];
    assert_eq!(verdict.reason.as_ref().unwrap().code, "NotThere");
    let reviewer = office.token(RoleName::Reviewer, Scope::default());
    let more = vec![question("Q3", "S1"), joined("Q1", &["Q3"])];
    office.record(&reviewer, more).await;
}

#[tokio::test]
async fn the_school_that_asked_rates_and_the_county_does_not() {
    let (office, admin) = with_questions().await;
    office
        .record(&admin, vec![joined("Q1", &["Q2"]), planned("Q1", "X2")])
        .await;
    denied(&office, &researcher(&office, "语文"), rated("Q1", "S1", 5)).await;
    let reviewer = office.token(RoleName::Reviewer, Scope::default());
    denied(&office, &reviewer, rated("Q1", "S1", 5)).await;
    denied(&office, &office.clerk("S1"), rated("Q1", "S2", 5)).await;
    office.record(&office.clerk("S2"), vec![rated("Q1", "S2", 4)]).await;
    office
        .record(
            &office.token(RoleName::HeadTeacher, of_school("S1")),
            vec![rated("Q2", "S1", 5)],
        )
        .await;
}

#[tokio::test]
async fn a_question_that_names_a_pupil_comes_back_with_its_field_and_without_the_name() {
    let (office, _) = with_questions().await;
    let mut named = question("Q3", "S1");
    if let Some(Fact::QuestionSent(sent)) = named.fact.as_mut().and_then(|fact| fact.fact.as_mut()) {
        sent.text = "学生王小明上课走神怎么办".to_owned();
    }
    let status = office.submit(&office.clerk("S1"), vec![named]).await.unwrap_err();
    let fields = refused(&status, Code::InvalidArgument, "InvalidFields");
    assert_eq!(fields, ["events[0].fact.question_sent.text"]);
    assert!(!format!("{status:?}").contains("王小明"), "{status:?}");
}

#[tokio::test]
async fn each_step_has_a_call_of_its_own() {
    let (office, admin) = Office::furnished().await;
    adopt_calendar(&office, &admin).await;
    office
        .record(
            &admin,
            vec![api::Event {
                occurred_from: day(2022, 11, 1),
                ..session("P1", "X2")
            }],
        )
        .await;
    let mut training = TrainingServiceClient::new(office.channel.clone());
    let head = |event: &api::Event| api::EventHead {
        event_id: event.event_id.clone(),
        occurred_from: event.occurred_from,
        org: event.org.clone(),
        ..api::EventHead::default()
    };
    macro_rules! call {
        ($method:ident $request:ident $item:ident $kind:ident $event:expr) => {{
            let event: api::Event = $event;
            let Some(Fact::$kind(fact)) = event.fact.clone().and_then(|fact| fact.fact) else {
                panic!("another fact");
            };
            let request = api::$request {
                items: vec![api::$item::Item {
                    head: Some(head(&event)),
                    fact: Some(fact),
                }],
                ..api::$request::default()
            };
            let answer = training.$method(with(&admin, request)).await.unwrap();
            let receipt = answer.into_inner().receipt.unwrap();
            assert_eq!(receipt.verdicts[0].verdict(), api::Verdict::Recorded, "{receipt:?}");
        }};
    }
    call!(send_questions SendQuestionsRequest send_questions_request QuestionSent question("Q1", "S1"));
    call!(send_questions SendQuestionsRequest send_questions_request QuestionSent question("Q2", "S2"));
    call!(join_questions JoinQuestionsRequest join_questions_request QuestionsJoined joined("Q1", &["Q2"]));
    call!(plan_questions PlanQuestionsRequest plan_questions_request QuestionPlanned planned("Q1", "X2"));
    call!(rate_answers RateAnswersRequest rate_answers_request AnswerRated rated("Q1", "S1", 5));
}
