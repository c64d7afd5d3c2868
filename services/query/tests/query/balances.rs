//! Balances, tiers, shortfalls and policies.

use keshi_proto::api;
use keshi_proto::api::ledger_service_client::LedgerServiceClient;
use keshi_proto::event as pb;
use keshi_proto::event::fact::Fact;
use tonic::Code;
use tonic::transport::Channel;

use crate::support::{Office, adopt, assignment, attendance, event, person, refused, with};

const POLICY: &str = include_str!("policy.toml");

fn ledger(office: &Office) -> LedgerServiceClient<Channel> {
    LedgerServiceClient::new(office.channel.clone())
}

fn ask(teacher_id: &str) -> api::GetBalanceRequest {
    api::GetBalanceRequest {
        teacher_id: teacher_id.to_owned(),
        explain: true,
        ..api::GetBalanceRequest::default()
    }
}

async fn hours(office: &Office, token: &str, request: api::GetBalanceRequest) -> i64 {
    let balance = ledger(office)
        .get_balance(with(token, request))
        .await
        .unwrap()
        .into_inner();
    balance.policies[0]
        .meters
        .iter()
        .find(|meter| meter.meter == "training_hours")
        .unwrap()
        .centiamount
}

#[tokio::test]
async fn a_balance_counts_what_was_posted_and_names_the_entries_behind_it() {
    let (office, admin) = Office::furnished().await;
    let first = office.record(&admin, vec![attendance("X1", "T1", 450)]).await;
    office.submit(&admin, vec![attendance("X9", "T1", 200)]).await.unwrap();
    let balance = ledger(&office)
        .get_balance(with(&admin, ask("T1")))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        (balance.period.as_str(), balance.size),
        ("2022", office.engine.head().size)
    );
    let lines = &balance.policies[0].lines;
    assert_eq!(
        (lines[0].index, lines[0].counted_centiamount),
        (first.verdicts[0].index.unwrap(), 450)
    );
    assert_eq!((lines[0].what.as_str(), lines[0].kind_zh.as_str()), ("国培", "出勤"));
    assert_eq!(
        (lines[1].why_not_code.as_str(), lines[1].counted_centiamount),
        ("WaitingFor", 0)
    );
    assert!(lines[1].why_not_zh.contains("X9"));
    assert_eq!(hours(&office, &admin, ask("T1")).await, 450);
}

#[tokio::test]
async fn a_balance_at_an_earlier_size_or_time_is_what_was_known_then() {
    let (office, admin) = Office::furnished().await;
    let size = office.engine.head().size;
    office.set_clock("2022-12-01T08:00:01Z");
    office.record(&admin, vec![attendance("X1", "T1", 450)]).await;
    let at = |place| api::GetBalanceRequest {
        at: Some(api::At {
            at: Some(place),
            min_size: 0,
        }),
        ..ask("T1")
    };
    assert_eq!(hours(&office, &admin, at(api::at::At::Size(size))).await, 0);
    assert_eq!(hours(&office, &admin, at(api::at::At::Size(size + 1))).await, 450);
    let noon = 1_669_881_600;
    for (seconds, expected) in [(noon, 0), (noon + 1, 450)] {
        let time = prost_types::Timestamp { seconds, nanos: 0 };
        assert_eq!(hours(&office, &admin, at(api::at::At::Time(time))).await, expected);
    }
}

#[tokio::test]
async fn an_unknown_teacher_period_and_semester_are_answered_with_a_remedy() {
    let (office, admin) = Office::furnished().await;
    let mut client = ledger(&office);
    let status = client.get_balance(with(&admin, ask("T9"))).await.unwrap_err();
    refused(&status, Code::NotFound, "UnknownTeacher");
    let status = client.get_balance(with(&admin, ask("张三"))).await.unwrap_err();
    assert_eq!(refused(&status, Code::InvalidArgument, "InvalidFields"), ["teacher_id"]);
    let in_period = |period: &str| api::GetBalanceRequest {
        period: period.to_owned(),
        ..ask("T1")
    };
    let status = client
        .get_balance(with(&admin, in_period("last year")))
        .await
        .unwrap_err();
    assert_eq!(refused(&status, Code::InvalidArgument, "InvalidFields"), ["period"]);
    let status = client
        .get_balance(with(&admin, in_period("2022-2023-1")))
        .await
        .unwrap_err();
    refused(&status, Code::FailedPrecondition, "UnknownSemester");
    assert_eq!(hours(&office, &admin, in_period("2021..2025")).await, 0);
}

#[tokio::test]
async fn whoever_is_short_is_listed_most_missing_first_page_by_page_at_one_size() {
    let (office, admin) = Office::furnished().await;
    adopt(&office, &admin, POLICY).await;
    let mut events = Vec::new();
    for n in 10..17 {
        let id = format!("T{n}");
        events.extend([
            person(&id),
            assignment(&id, "S1"),
            attendance("X1", &id, 400 + i64::from(n) * 10),
        ]);
    }
    office.record(&admin, events).await;
    let mut request = api::ListShortfallsRequest {
        period: "2022".to_owned(),
        page_size: 4,
        ..api::ListShortfallsRequest::default()
    };
    let mut listed = Vec::new();
    let size = office.engine.head().size;
    loop {
        let page = ledger(&office)
            .list_shortfalls(with(&admin, request.clone()))
            .await
            .unwrap()
            .into_inner();
        assert_eq!((page.size, page.total), (size, 9));
        listed.extend(page.shortfalls);
        // What comes between two pages is not in them.
        office.record(&admin, vec![attendance("X1", "T1", 600)]).await;
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
    }
    let ids: Vec<_> = listed.iter().map(|row| row.teacher_id.as_str()).collect();
    assert_eq!(ids, ["T1", "T2", "T10", "T11", "T12", "T13", "T14", "T15", "T16"]);
    let standing = listed[0].standing.clone().unwrap();
    assert_eq!(
        (standing.missing_centiamount, standing.requirement_id.as_str()),
        (9_000, "R1")
    );
    request.school_id = "S2".to_owned();
    let status = ledger(&office)
        .list_shortfalls(with(&admin, request.clone()))
        .await
        .unwrap_err();
    assert_eq!(refused(&status, Code::InvalidArgument, "InvalidFields"), ["page_token"]);
    request.page_token.clear();
    let of_school = ledger(&office)
        .list_shortfalls(with(&admin, request.clone()))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        of_school
            .shortfalls
            .iter()
            .map(|row| row.teacher_id.as_str())
            .collect::<Vec<_>>(),
        ["T2"]
    );
    request.school_id.clear();
    request.post = pb::Post::Researcher.into();
    let none = ledger(&office)
        .list_shortfalls(with(&admin, request.clone()))
        .await
        .unwrap()
        .into_inner();
    assert_eq!((none.total, none.teachers), (0, 0), "all hold the post of a teacher");
    (request.post, request.stage) = (pb::Post::Teacher.into(), pb::Stage::Primary.into());
    let all = ledger(&office)
        .list_shortfalls(with(&admin, request.clone()))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        (all.total, all.teachers, all.without_policy),
        (9, 9, 0),
        "all are of the primary stage"
    );
    assert_eq!(
        (all.shortfalls[0].school_names.len(), all.shortfalls[0].subject.as_str()),
        (1, "语文")
    );
    request.subject = "音乐".to_owned();
    let none = ledger(&office).list_shortfalls(with(&admin, request.clone())).await;
    assert_eq!(none.unwrap().into_inner().total, 0, "nobody teaches music");
    request.subject = " 语文".to_owned();
    let hers = ledger(&office).list_shortfalls(with(&admin, request.clone())).await;
    assert_eq!(hers.unwrap().into_inner().total, 9, "blanks do not matter");
    request.stage = pb::Stage::Junior.into();
    let none = ledger(&office)
        .list_shortfalls(with(&admin, request.clone()))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(none.total, 0);
    (request.stage, request.post) = (77, 0);
    let status = ledger(&office)
        .list_shortfalls(with(&admin, request.clone()))
        .await
        .unwrap_err();
    assert_eq!(refused(&status, Code::InvalidArgument, "InvalidFields"), ["stage"]);
    request.stage = 0;
    request.requirement_id = "R9".to_owned();
    let status = ledger(&office)
        .list_shortfalls(with(&admin, request))
        .await
        .unwrap_err();
    assert_eq!(
        refused(&status, Code::InvalidArgument, "InvalidFields"),
        ["requirement_id"]
    );
}

#[tokio::test]
async fn a_tier_names_the_titles_and_what_is_missing_for_the_next() {
    let (office, admin) = Office::furnished().await;
    let title = event(Fact::TitleConferred(pb::TitleConferred {
        teacher_id: "T1".to_owned(),
        class: 2,
        level: 40,
        ..pb::TitleConferred::default()
    }));
    office.record(&admin, vec![title]).await;
    let request = api::GetTierRequest {
        teacher_id: "T1".to_owned(),
        ..api::GetTierRequest::default()
    };
    let tier = ledger(&office)
        .get_tier(with(&admin, request))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(tier.titles[0].name_zh, "县级教学能手");
    let next = &tier.steps[0];
    assert_eq!(
        (next.name_zh.as_str(), next.missing_zh[0].as_str()),
        ("地市级教学能手", "缺少地市级推荐")
    );
}

#[tokio::test]
async fn adopted_policies_are_listed_with_their_documents() {
    let (office, admin) = Office::furnished().await;
    adopt(&office, &admin, POLICY).await;
    let listed = ledger(&office)
        .list_policies(with(&admin, api::ListPoliciesRequest::default()))
        .await;
    let policies = listed.unwrap().into_inner().policies;
    assert_eq!(policies.len(), 1);
    assert_eq!(policies[0].document, POLICY);
}

#[tokio::test]
async fn policies_of_more_bytes_than_an_answer_has_come_on_several_pages() {
    let (office, admin) = Office::furnished().await;
    let padding = "# 说明\n".repeat(7_000);
    for number in 0..56 {
        let policy = POLICY.replace("teacher-90", &format!("teacher-{number}"));
        adopt(&office, &admin, &(policy + &padding)).await;
    }
    let (mut listed, mut pages, mut page_token) = (Vec::new(), 0, String::new());
    loop {
        let request = api::ListPoliciesRequest {
            page_token,
            ..api::ListPoliciesRequest::default()
        };
        let page = ledger(&office)
            .list_policies(with(&admin, request))
            .await
            .unwrap()
            .into_inner();
        listed.extend(page.policies.into_iter().map(|policy| policy.policy_id));
        (pages, page_token) = (pages + 1, page.next_page_token);
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!((pages, listed.len()), (2, 56));
    listed.dedup();
    assert_eq!(listed.len(), 56);
    let one = async |policy_id: &str, version| {
        let request = api::ListPoliciesRequest {
            policy_id: policy_id.to_owned(),
            version,
            ..api::ListPoliciesRequest::default()
        };
        ledger(&office).list_policies(with(&admin, request)).await
    };
    let found = one("teacher-55", 1).await.unwrap().into_inner();
    assert_eq!(found.policies[0].policy_id, "teacher-55");
    assert_eq!((found.policies.len(), found.next_page_token.as_str()), (1, ""));
    for (policy_id, version) in [("teacher-55", 2), ("teacher-56", 0)] {
        let status = one(policy_id, version).await.unwrap_err();
        refused(&status, Code::NotFound, "UnknownPolicy");
    }
}

#[tokio::test]
async fn until_a_day_only_what_had_happened_by_then_counts() {
    let (office, admin) = Office::furnished().await;
    office.record(&admin, vec![attendance("X1", "T1", 450)]).await;
    let happened = attendance("X1", "T1", 450).occurred_from.unwrap();
    let until = |month: i32, day: i32| api::GetBalanceRequest {
        until: Some(pb::Date { month, day, ..happened }),
        ..ask("T1")
    };
    assert_eq!(hours(&office, &admin, until(happened.month, happened.day)).await, 450);
    assert_eq!(hours(&office, &admin, until(happened.month - 1, 28)).await, 0);
    let answer = ledger(&office)
        .get_balance(with(&admin, until(happened.month, happened.day)))
        .await;
    assert_eq!(answer.unwrap().into_inner().until, Some(happened));
    let status = ledger(&office)
        .get_balance(with(&admin, until(2, 30)))
        .await
        .unwrap_err();
    assert_eq!(refused(&status, Code::InvalidArgument, "InvalidFields"), ["until"]);
}
