//! Research topics through their life, and posts that are to last a least time.

use keshi_office::access::RoleName;
use keshi_proto::api;
use keshi_proto::api::TopicStage;
use keshi_proto::api::ledger_service_client::LedgerServiceClient;
use keshi_proto::event as pb;
use keshi_proto::event::fact::Fact;
use tonic::{Code, Status};

use crate::support::{NOW, Office, day, event, of_teacher, with};

fn on(year: i32, month: i32, fact: Fact) -> api::Event {
    api::Event {
        occurred_from: day(year, month, 1),
        ..event(fact)
    }
}

fn approved(id: &str, level: pb::Level) -> Fact {
    Fact::TopicApproved(pb::TopicApproved {
        topic_id: id.to_owned(),
        name: format!("课题{id}"),
        level: level.into(),
        lead_ids: vec!["T1".to_owned()],
        member_ids: vec!["T2".to_owned()],
    })
}

fn checked(id: &str, result: pb::TopicCheck) -> Fact {
    Fact::TopicChecked(pb::TopicChecked {
        topic_id: id.to_owned(),
        lead_ids: vec!["T1".to_owned()],
        result: result.into(),
        remark: "见意见".to_owned(),
    })
}

async fn listed(
    office: &Office,
    token: &str,
    request: api::ListTopicsRequest,
) -> Result<api::ListTopicsResponse, Status> {
    let mut client = LedgerServiceClient::new(office.channel.clone());
    Ok(client.list_topics(with(token, request)).await?.into_inner())
}

fn as_of(year: i32) -> api::ListTopicsRequest {
    api::ListTopicsRequest {
        on: day(year, 12, 31),
        ..api::ListTopicsRequest::default()
    }
}

async fn with_topics() -> (Office, String) {
    let (office, admin) = Office::furnished().await;
    let events = vec![
        on(2020, 3, approved("K1", pb::Level::City)),
        on(2021, 2, checked("K1", pb::TopicCheck::Passed)),
        on(2020, 5, approved("K2", pb::Level::County)),
        on(2021, 3, approved("K3", pb::Level::County)),
        on(2021, 9, checked("K3", pb::TopicCheck::Stopped)),
        on(2021, 4, checked("K9", pb::TopicCheck::ToMend)),
    ];
    office.record(&admin, events).await;
    (office, admin)
}

#[tokio::test]
async fn topics_are_counted_by_year_and_level_and_those_overdue_for_the_check_are_found() {
    let (office, admin) = with_topics().await;
    let all = listed(&office, &admin, as_of(2021)).await.unwrap();
    let stages: Vec<_> = all.topics.iter().map(|one| (one.id.as_str(), one.stage())).collect();
    assert_eq!(
        stages,
        [
            ("K1", TopicStage::Checked),
            ("K2", TopicStage::Approved),
            ("K3", TopicStage::Stopped),
            ("K9", TopicStage::Unapproved),
        ]
    );
    let by_year: Vec<_> = all
        .counts
        .iter()
        .map(|one| (one.year, one.level, one.approved, one.running, one.overdue, one.stopped))
        .collect();
    let (city, county) = (pb::Level::City.into(), pb::Level::County.into());
    assert_eq!(
        by_year,
        [
            (2021, county, 1, 0, 0, 1),
            (2020, city, 1, 1, 0, 0),
            (2020, county, 1, 1, 1, 0)
        ]
    );
    let overdue = api::ListTopicsRequest {
        overdue: true,
        ..as_of(2021)
    };
    let overdue = listed(&office, &admin, overdue).await.unwrap();
    assert_eq!((overdue.total, overdue.topics[0].id.as_str()), (1, "K2"));
    assert_eq!(overdue.topics[0].midterm_by, day(2021, 5, 1));
    // A year before, that day was not over.
    let before = listed(&office, &admin, as_of(2020)).await.unwrap();
    assert!(before.topics.iter().all(|one| !one.overdue) && before.total == 2);
}

#[tokio::test]
async fn topics_are_told_in_pages_and_members_are_noted_as_read() {
    let (office, admin) = with_topics().await;
    let mut request = api::ListTopicsRequest {
        page_size: 3,
        ..as_of(2021)
    };
    let first = listed(&office, &admin, request.clone()).await.unwrap();
    assert_eq!((first.topics.len(), first.total), (3, 4));
    request.page_token = first.next_page_token;
    let last = listed(&office, &admin, request).await.unwrap();
    assert!(last.topics.len() == 1 && last.next_page_token.is_empty());
    let noted = office.reads.month(NOW[..10].parse().unwrap()).unwrap().lines;
    let noted = noted.iter().filter(|line| line.what == "topics").count();
    // T1 and T2 on the first page; of the check without approval nobody is known.
    assert_eq!(noted, 2);
    let teacher = office.token(RoleName::Teacher, of_teacher("T2"));
    let denied = listed(&office, &teacher, as_of(2021)).await.unwrap_err();
    assert_eq!(denied.code(), Code::PermissionDenied);
    let wrong = api::ListTopicsRequest {
        stage: 99,
        ..as_of(2021)
    };
    let wrong = listed(&office, &admin, wrong).await.unwrap_err();
    assert_eq!(wrong.code(), Code::InvalidArgument);
}

fn away(id: &str, nature: pb::AssignmentNature, until: Option<pb::Date>) -> api::Event {
    let fact = Fact::AssignmentStarted(pb::AssignmentStarted {
        teacher_id: id.to_owned(),
        school_id: "S2".to_owned(),
        post: pb::Post::Teacher.into(),
        share_hundredths: 100,
        until,
        nature: nature.into(),
        ..pb::AssignmentStarted::default()
    });
    on(2020, 9, fact)
}

#[tokio::test]
async fn rotations_tell_months_done_of_months_due_to_those_who_may_read_about_them() {
    let (office, admin) = Office::furnished().await;
    let events = vec![
        away("T1", pb::AssignmentNature::Rotation, day(2021, 8, 31)),
        away("T2", pb::AssignmentNature::Exchange, None),
    ];
    office.record(&admin, events).await;
    let ask = async |token: &str, teacher_id: &str| {
        let request = api::ListRotationsRequest {
            on: day(2021, 12, 31),
            teacher_id: teacher_id.to_owned(),
            ..api::ListRotationsRequest::default()
        };
        let mut client = LedgerServiceClient::new(office.channel.clone());
        Ok::<_, Status>(client.list_rotations(with(token, request)).await?.into_inner())
    };
    let told = |all: &api::ListRotationsResponse| {
        let each = all.rotations.iter();
        each.map(|one| (one.teacher_id.clone(), one.months_done, one.months_due, one.standing()))
            .collect::<Vec<_>>()
    };
    let all = ask(&admin, "").await.unwrap();
    let early = ("T1".to_owned(), 12, 36, api::TermStanding::EndsEarly);
    let full = ("T2".to_owned(), 16, 12, api::TermStanding::Fulfilled);
    assert_eq!(told(&all), [early.clone(), full.clone()]);
    assert_eq!(all.counts.len(), 2);
    let own = office.token(RoleName::Teacher, of_teacher("T2"));
    for asked in ["T2", ""] {
        assert_eq!(told(&ask(&own, asked).await.unwrap()), std::slice::from_ref(&full));
    }
    assert_eq!(ask(&own, "T1").await.unwrap_err().code(), Code::PermissionDenied);
}
