//! Questions of ordered research as they are listed: in which order, how far each is, and to whom.

use keshi_office::access::{RoleName, Scope};
use keshi_proto::api;
use keshi_proto::api::QuestionStage;
use keshi_proto::api::ledger_service_client::LedgerServiceClient;
use keshi_proto::event as pb;
use keshi_proto::event::fact::Fact;
use tonic::{Code, Status};

use crate::support::{
    Office, adopt_calendar, day, event, joined, of_school, planned, question, rated, refused, session, with,
};

/// `Q1` of S1 with `Q2` of S2 in it, answered in November and rated by S2; `Q3` of S1 alone; a question about 数学.
async fn with_questions() -> (Office, String) {
    let (office, admin) = Office::furnished().await;
    adopt_calendar(&office, &admin).await;
    let mut asked_by = question("Q3", "S1");
    if let Some(Fact::QuestionSent(sent)) = asked_by.fact.as_mut().and_then(|fact| fact.fact.as_mut()) {
        "T1".clone_into(&mut sent.asked_by);
    }
    let mut maths = question("M1", "S2");
    if let Some(Fact::QuestionSent(sent)) = maths.fact.as_mut().and_then(|fact| fact.fact.as_mut()) {
        "数学".clone_into(&mut sent.subject);
    }
    let events = vec![
        asked_by,
        question("Q1", "S1"),
        question("Q2", "S2"),
        maths,
        joined("Q1", &["Q2"]),
        api::Event {
            occurred_from: day(2022, 11, 1),
            ..session("P1", "X2")
        },
        planned("Q1", "X2"),
        rated("Q1", "S2", 4),
    ];
    office.record(&admin, events).await;
    (office, admin)
}

async fn listed(
    office: &Office,
    token: &str,
    request: api::ListQuestionsRequest,
) -> Result<api::ListQuestionsResponse, Status> {
    let mut client = LedgerServiceClient::new(office.channel.clone());
    Ok(client.list_questions(with(token, request)).await?.into_inner())
}

fn ids(answer: &api::ListQuestionsResponse) -> Vec<&str> {
    answer.questions.iter().map(|one| one.id.as_str()).collect()
}

fn all() -> api::ListQuestionsRequest {
    api::ListQuestionsRequest::default()
}

#[tokio::test]
async fn what_most_schools_ask_stands_first_with_its_entries_and_how_many_there_are_of_each_stage() {
    let (office, admin) = with_questions().await;
    let told = listed(&office, &admin, all()).await.unwrap();
    assert_eq!(ids(&told), ["Q1", "M1", "Q3"]);
    let first = &told.questions[0];
    assert_eq!((first.schools, first.together, first.mean_centirating), (2, 2, 400));
    assert_eq!(first.stage(), QuestionStage::Rated);
    let plan = first.plan.as_ref().unwrap();
    assert_eq!((plan.session_id.as_str(), plan.from), ("X2", day(2022, 11, 1)));
    let entries: Vec<_> = first
        .sent
        .iter()
        .map(|sent| (sent.id.as_str(), sent.joined_on))
        .collect();
    assert_eq!(entries, [("Q1", None), ("Q2", day(2022, 9, 20))]);
    let counts: Vec<_> = told.counts.iter().map(|one| (one.stage(), one.questions)).collect();
    assert_eq!(counts, [(QuestionStage::Received, 2), (QuestionStage::Rated, 1)]);
    let only = api::ListQuestionsRequest {
        stage: QuestionStage::Received.into(),
        page_size: 1,
        ..all()
    };
    let page = listed(&office, &admin, only.clone()).await.unwrap();
    assert_eq!((ids(&page), page.total), (vec!["M1"], 2));
    let next = api::ListQuestionsRequest {
        page_token: page.next_page_token,
        ..only
    };
    let page = listed(&office, &admin, next).await.unwrap();
    assert!(ids(&page) == ["Q3"] && page.next_page_token.is_empty());
    // Before the session nothing was answered.
    let before = api::ListQuestionsRequest {
        on: day(2022, 10, 31),
        ..all()
    };
    let before = listed(&office, &admin, before).await.unwrap();
    assert_eq!(before.questions[0].stage(), QuestionStage::Planned);
}

#[tokio::test]
async fn a_question_goes_back_when_its_session_is_cancelled() {
    let (office, admin) = with_questions().await;
    let cancel = event(Fact::SessionCancelled(pb::SessionCancelled {
        session_id: "X2".to_owned(),
        reason: "暴雨".to_owned(),
    }));
    office.record(&admin, vec![cancel]).await;
    let told = listed(&office, &admin, all()).await.unwrap();
    let first = &told.questions[0];
    assert_eq!(
        (first.stage(), first.cancelled_session_id.as_str()),
        (QuestionStage::Joined, "X2")
    );
    assert!(first.plan.is_none() && first.ratings.is_empty());
}

#[tokio::test]
async fn a_school_is_told_of_what_it_asked_wherever_that_went_and_of_nobody_else() {
    let (office, _) = with_questions().await;
    let clerk = office.clerk("S1");
    let told = listed(&office, &clerk, all()).await.unwrap();
    assert_eq!(ids(&told), ["Q1", "Q3"]);
    assert!(
        told.questions
            .iter()
            .flat_map(|one| &one.sent)
            .all(|sent| sent.school_id == "S1")
    );
    let first = &told.questions[0];
    assert_eq!(
        (first.schools, first.stage()),
        (2, QuestionStage::Answered),
        "S1 has not rated it"
    );
    assert!(first.ratings.is_empty());
    // Who had a question is named to her own school.
    assert_eq!(told.questions[1].sent[0].asked_by, "T1");
    let head = office.token(RoleName::HeadTeacher, of_school("S2"));
    let told = listed(&office, &head, all()).await.unwrap();
    assert_eq!(ids(&told), ["Q1", "M1"]);
    assert_eq!(told.questions[0].sent[0].id, "Q2");
    assert_eq!(told.questions[0].stage(), QuestionStage::Rated);
    let other = api::ListQuestionsRequest {
        school_id: "S2".to_owned(),
        ..all()
    };
    let status = listed(&office, &clerk, other).await.unwrap_err();
    refused(&status, Code::PermissionDenied, "NotAllowed");
}

#[tokio::test]
async fn a_researcher_reads_those_of_her_subjects_and_teachers_and_leads_none() {
    let (office, _) = with_questions().await;
    let of = |subjects: &[&str]| {
        let scope = Scope {
            teacher_id: Some("T1".to_owned()),
            subjects: subjects.iter().map(|one| (*one).to_owned()).collect(),
            ..Scope::default()
        };
        office.token(RoleName::Researcher, scope)
    };
    let told = listed(&office, &of(&["数学"]), all()).await.unwrap();
    assert_eq!(ids(&told), ["M1"]);
    let other = api::ListQuestionsRequest {
        subject: "语文".to_owned(),
        ..all()
    };
    let status = listed(&office, &of(&["数学"]), other).await.unwrap_err();
    refused(&status, Code::PermissionDenied, "NotAllowed");
    let lead = Scope {
        bases: vec!["B1".to_owned()],
        ..Scope::default()
    };
    let teacher = Scope {
        teacher_id: Some("T1".to_owned()),
        ..Scope::default()
    };
    for token in [
        of(&[]),
        office.token(RoleName::Lead, lead),
        office.token(RoleName::Teacher, teacher),
    ] {
        let status = listed(&office, &token, all()).await.unwrap_err();
        refused(&status, Code::PermissionDenied, "NotAllowed");
    }
}

#[tokio::test]
async fn an_unknown_semester_school_or_stage_is_an_error_and_no_empty_list() {
    let (office, admin) = with_questions().await;
    for (request, code, reason) in [
        (
            api::ListQuestionsRequest {
                semester: "2030-2031-1".to_owned(),
                ..all()
            },
            Code::FailedPrecondition,
            "UnknownSemester",
        ),
        (
            api::ListQuestionsRequest {
                semester: "2022".to_owned(),
                ..all()
            },
            Code::InvalidArgument,
            "InvalidFields",
        ),
        (
            api::ListQuestionsRequest {
                school_id: "S9".to_owned(),
                ..all()
            },
            Code::InvalidArgument,
            "InvalidFields",
        ),
        (
            api::ListQuestionsRequest { stage: 99, ..all() },
            Code::InvalidArgument,
            "InvalidFields",
        ),
    ] {
        let status = listed(&office, &admin, request).await.unwrap_err();
        refused(&status, code, reason);
    }
    let known = api::ListQuestionsRequest {
        semester: "2022-2023-1".to_owned(),
        subject: "語文".to_owned(),
        ..all()
    };
    assert_eq!(ids(&listed(&office, &admin, known).await.unwrap()), ["Q1", "Q3"]);
}

#[tokio::test]
async fn an_entry_tells_of_a_question_what_its_list_does_and_no_more() {
    let (office, admin) = with_questions().await;
    let told = listed(&office, &admin, all()).await.unwrap();
    let first = &told.questions[0];
    let (own, other) = (first.sent[0].index, first.sent[1].index);
    let read = async |token: &str, index: u64| {
        let mut client = LedgerServiceClient::new(office.channel.clone());
        let request = api::GetEntryRequest {
            index,
            ..api::GetEntryRequest::default()
        };
        client.get_entry(with(token, request)).await.map(drop)
    };
    let clerk = office.clerk("S1");
    read(&clerk, own).await.unwrap();
    read(&clerk, first.sent[1].joined_index).await.unwrap();
    read(&clerk, first.plan.as_ref().unwrap().index).await.unwrap();
    let teacher = |id: &str| {
        let scope = Scope {
            teacher_id: Some(id.to_owned()),
            ..Scope::default()
        };
        office.token(RoleName::Teacher, scope)
    };
    for (token, index) in [(&clerk, other), (&clerk, first.ratings[0].index), (&teacher("T2"), own)] {
        let status = read(token, index).await.unwrap_err();
        refused(&status, Code::PermissionDenied, "NotAllowed");
    }
    // Whoever had a question reads that.
    let hers = told.questions.iter().find(|one| one.id == "Q3").unwrap();
    read(&teacher("T1"), hers.sent[0].index).await.unwrap();
}
