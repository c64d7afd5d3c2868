//! Who fulfils a next step of the ladders.

use keshi_office::access::RoleName;
use keshi_proto::api;
use keshi_proto::api::ledger_service_client::LedgerServiceClient;
use keshi_proto::api::policy_choice::Policy as Given;
use keshi_proto::api::registry_service_client::RegistryServiceClient;
use keshi_proto::event as pb;
use keshi_proto::event::fact::Fact;
use tonic::{Code, Status};

use crate::support::{Office, adopt, assignment, day, event, of_teacher, person, with};

const COUNTY: i32 = 40;
const CITY: i32 = 30;
const EXPERT: i32 = 2;
const LEADER: i32 = 3;

/// County experts become city experts or, up to forty years of age, county leaders; one in two is to hold a county title.
const LADDER: &str = r#"language = 1
id = "ladder"
version = 1
name = "阶梯"
effective_from = 2020-01-01
[scope]
post = ["教师"]
[target]
"县级" = "0.5"
[[step]]
id = "S1"
title = "县级教学能手"
career_years = 50
[[step]]
id = "S2"
title = "市级教学能手"
after = ["县级教学能手"]
recommended = true
[[step]]
id = "S3"
title = "县级学科带头人"
after = ["县级教学能手"]
age_max = 40
text = "四十周岁以下"
"#;

fn titled(teacher_id: &str) -> api::Event {
    let fact = pb::TitleConferred {
        teacher_id: teacher_id.to_owned(),
        class: EXPERT,
        level: COUNTY,
        ..pb::TitleConferred::default()
    };
    event(Fact::TitleConferred(fact))
}

/// T1 to T4 hold the county title; T1 is born in 1990, T2 in 1970, of the others nobody knows.
async fn county() -> (Office, String) {
    let (office, admin) = Office::furnished().await;
    let mut events = Vec::new();
    for id in ["T3", "T4"] {
        events.extend([person(id), assignment(id, "S2")]);
    }
    office.record(&admin, events).await;
    office.record(&admin, ["T1", "T2", "T3"].map(titled).to_vec()).await;
    adopt(&office, &admin, LADDER).await;
    let born = [("T1", "韩雨", 1990), ("T2", "严立超", 1970)];
    let identities = born.map(|(id, name, year)| api::Identity {
        teacher_id: id.to_owned(),
        name: name.to_owned(),
        birth_date: day(year, 1, 1),
        ..api::Identity::default()
    });
    let identities = identities.to_vec();
    let mut registry = RegistryServiceClient::new(office.channel.clone());
    let put = registry.put_identities(with(&admin, api::PutIdentitiesRequest { identities }));
    put.await.unwrap();
    (office, admin)
}

fn on_a_day() -> api::ListReadyRequest {
    api::ListReadyRequest {
        on: day(2022, 12, 31),
        ..api::ListReadyRequest::default()
    }
}

async fn ready(office: &Office, token: &str, request: api::ListReadyRequest) -> Result<api::ListReadyResponse, Status> {
    let mut client = LedgerServiceClient::new(office.channel.clone());
    Ok(client.list_ready(with(token, request)).await?.into_inner())
}

#[tokio::test]
async fn who_fulfils_a_step_is_listed_and_whose_age_nobody_knows_is_counted_apart() {
    let (office, admin) = county().await;
    let all = ready(&office, &admin, on_a_day()).await.unwrap();
    let of = |row: &api::ReadyTeacher| (row.teacher_id.clone(), row.step.as_ref().unwrap().name_zh.clone());
    let found: Vec<_> = all.teachers.iter().map(of).collect();
    // T2 is too old, T3 may be, and nobody was recommended.
    assert_eq!(found, [("T1".to_owned(), "县级学科带头人".to_owned())]);
    assert_eq!(all.teachers[0].name, "韩雨");
    let counts = all.titles.iter();
    let counts: Vec<_> = counts
        .map(|row| (row.name_zh.as_str(), row.holders, row.ready, row.age_unknown))
        .collect();
    assert_eq!(counts, [("县级教学能手", 3, 0, 0), ("县级学科带头人", 0, 1, 1)]);
    let level = &all.levels[0];
    assert_eq!((level.level, level.holders, level.share.as_str()), (COUNTY, 3, "50%"));
    assert_eq!((all.looked_at, level.target), (4, 2));
}

#[tokio::test]
async fn her_own_page_says_what_is_missing_and_what_nobody_knows() {
    let (office, admin) = county().await;
    let tier = |id: &str| api::GetTierRequest {
        teacher_id: id.to_owned(),
        on: day(2022, 12, 31),
        ..api::GetTierRequest::default()
    };
    let mut client = LedgerServiceClient::new(office.channel.clone());
    for (id, missing) in [
        ("T1", ""),
        ("T2", "已超过 40 周岁"),
        (
            "T3",
            "出生日期未登记，无法核对是否不超过 40 周岁；由教研室在人员档案中补登",
        ),
    ] {
        let told = client.get_tier(with(&admin, tier(id))).await.unwrap().into_inner();
        let step = told.steps.iter().find(|step| step.step_id == "S3").unwrap();
        assert_eq!(step.missing_zh.join("、"), missing, "{id}");
        let city = told.steps.iter().find(|step| step.step_id == "S2").unwrap();
        assert_eq!(city.missing_zh, ["尚无地市级推荐"]);
    }
    let fourth = client.get_tier(with(&admin, tier("T4"))).await.unwrap().into_inner();
    assert_eq!(fourth.steps[0].missing_zh, ["教龄起始日期未登记"]);
}

#[tokio::test]
async fn everybody_finds_those_about_whom_she_may_read_and_a_wrong_question_is_told_so() {
    let (office, admin) = county().await;
    let of_school = |id: &str| api::ListReadyRequest {
        school_id: id.to_owned(),
        ..on_a_day()
    };
    let clerk = ready(&office, &office.clerk("S2"), on_a_day()).await.unwrap();
    assert_eq!((clerk.looked_at, clerk.total), (3, 0));
    let one = ready(&office, &admin, of_school("S1")).await.unwrap();
    assert_eq!((one.looked_at, one.total), (1, 1));
    let herself = office.token(RoleName::Teacher, of_teacher("T1"));
    assert_eq!(ready(&office, &herself, on_a_day()).await.unwrap().looked_at, 1);
    let wrong = [
        of_school("S9"),
        api::ListReadyRequest {
            class: EXPERT,
            ..on_a_day()
        },
        api::ListReadyRequest {
            class: LEADER,
            level: CITY,
            ..on_a_day()
        },
    ];
    for request in wrong {
        let answer = ready(&office, &admin, request.clone()).await;
        assert_eq!(answer.unwrap_err().code(), Code::InvalidArgument, "{request:?}");
    }
}

#[tokio::test]
async fn what_another_ladder_would_change_is_told_by_title_with_both_sides_and_nothing_is_adopted() {
    let (office, admin) = county().await;
    let size = office.engine.head().size;
    // Older teachers may be selected, and nobody needs a recommendation.
    let text = LADDER
        .replace("age_max = 40", "age_max = 60")
        .replace("recommended = true\n", "")
        .replace("version = 1", "version = 2");
    let compared = compare(&office, &admin, Given::Document(text)).await;
    let result = compared.result.unwrap();
    assert_eq!(result.steps_on, day(2022, 12, 1), "today, while the year runs");
    assert_eq!((result.teachers, result.requirements.len()), (0, 0));
    let counts: Vec<_> = result
        .steps
        .iter()
        .map(|step| {
            let (before, after) = (step.ready_before, step.ready_after);
            (
                step.name_zh.as_str(),
                before,
                after,
                step.now_ready,
                step.no_longer_ready,
            )
        })
        .collect();
    assert_eq!(
        counts,
        [
            ("县级教学能手", 0, 0, 0, 0),
            ("地市级教学能手", 0, 3, 3, 0),
            ("县级学科带头人", 1, 2, 1, 0)
        ]
    );
    // Of T3, whose birth date nobody knows, nothing is promised.
    let changed = compared.changes.iter().map(|change| {
        let after = change.step_after.as_ref().unwrap();
        (change.teacher_id.as_str(), change.turn(), after.name_zh.as_str())
    });
    let changed: Vec<_> = changed.collect();
    let now = api::Turn::NowReady;
    assert_eq!(
        changed,
        [
            ("T1", now, "地市级教学能手"),
            ("T2", now, "地市级教学能手"),
            ("T2", now, "县级学科带头人"),
            ("T3", now, "地市级教学能手")
        ]
    );
    let of_leader = &compared.changes[2];
    assert_eq!(of_leader.step_before.as_ref().unwrap().missing_zh, ["已超过 40 周岁"]);
    assert_eq!(of_leader.name, "严立超");
    // And the other way round, with a ladder that has no such step.
    let fewer = LADDER.split("[[step]]\nid = \"S3\"").next().unwrap().to_owned();
    let compared = compare(&office, &admin, Given::Document(fewer)).await;
    let [lost] = &compared.changes[..] else {
        panic!("{:?}", compared.changes)
    };
    assert_eq!(lost.turn(), api::Turn::NoLongerReady);
    assert!(lost.step_after.is_none() && lost.step_before.is_some());
    assert_eq!(office.engine.head().size, size);
}

async fn compare(office: &Office, token: &str, after: Given) -> api::ComparePoliciesResponse {
    let choice = |policy| Some(api::PolicyChoice { policy: Some(policy) });
    let request = api::ComparePoliciesRequest {
        before: choice(Given::Adopted("ladder".to_owned())),
        after: choice(after),
        period: "2022".to_owned(),
        ..api::ComparePoliciesRequest::default()
    };
    let mut client = LedgerServiceClient::new(office.channel.clone());
    let answer = client.compare_policies(with(token, request)).await.unwrap();
    let mut answer = answer.into_inner();
    let mut all = api::ComparePoliciesResponse::default();
    while let Some(message) = answer.message().await.unwrap() {
        all.changes.extend(message.changes);
        all.result = message.result;
    }
    all
}
