//! Questions that are too much are refused with what to ask instead, before anything is computed.

use std::fmt::Write as _;

use keshi_proto::api;
use keshi_proto::api::ledger_service_client::LedgerServiceClient;
use keshi_proto::api::policy_choice::Policy as Given;
use keshi_proto::api::registry_service_client::RegistryServiceClient;
use tonic::transport::Channel;
use tonic::{Code, Status};

use crate::support::{Office, adopt, with};

const POLICY: &str = include_str!("policy.toml");

/// Everything that a period can be asked about, as `admin`: what is said of each.
async fn asked_of_all(office: &Office, admin: &str, period: &str, after: &str) -> Vec<Result<(), Status>> {
    let mut client: LedgerServiceClient<Channel> = LedgerServiceClient::new(office.channel.clone());
    let period = period.to_owned();
    let teacher_id = "T1".to_owned();
    let balance = api::GetBalanceRequest {
        teacher_id: teacher_id.clone(),
        period: period.clone(),
        ..api::GetBalanceRequest::default()
    };
    let difference = api::DiffBalanceRequest {
        teacher_id,
        period: period.clone(),
        before: Some(api::At {
            at: Some(api::at::At::Size(office.engine.head().size - 1)),
            min_size: 0,
        }),
        ..api::DiffBalanceRequest::default()
    };
    let shortfalls = api::ListShortfallsRequest {
        period: period.clone(),
        ..api::ListShortfallsRequest::default()
    };
    let choice = |policy| Some(api::PolicyChoice { policy: Some(policy) });
    let comparison = api::ComparePoliciesRequest {
        before: choice(Given::Document(POLICY.to_owned())),
        after: choice(Given::Document(after.to_owned())),
        period,
        ..api::ComparePoliciesRequest::default()
    };
    vec![
        client.get_balance(with(admin, balance)).await.map(drop),
        client.diff_balance(with(admin, difference)).await.map(drop),
        client.list_shortfalls(with(admin, shortfalls)).await.map(drop),
        client.compare_policies(with(admin, comparison)).await.map(drop),
    ]
}

fn assert_too_much(answers: Vec<Result<(), Status>>, says: &str) {
    for answer in answers {
        let status = answer.expect_err("too much");
        assert_eq!(status.code(), Code::InvalidArgument, "{status:?}");
        assert!(status.message().contains(says), "{says}: {status:?}");
    }
}

/// Requirements by the month, so many.
fn monthly(count: usize) -> String {
    let mut text = POLICY.replace("version = 1", "version = 2");
    for number in 0..count {
        let _ = write!(
            text,
            "\n[[requirement]]\nid = \"M{number}\"\nmeter = \"training_hours\"\nperiod = \"month\"\nmin = 1\n"
        );
    }
    text
}

#[tokio::test]
async fn two_hundred_years_are_no_question_and_fifty_are() {
    let (office, admin) = Office::furnished().await;
    assert_too_much(
        asked_of_all(&office, &admin, "1950..2149", POLICY).await,
        "at most 50 years; ask in parts",
    );
    for answer in asked_of_all(&office, &admin, "1990..2039", POLICY).await {
        answer.unwrap();
    }
}

#[tokio::test]
async fn ten_years_of_months_under_very_many_requirements_are_no_question_and_one_year_is() {
    let (office, admin) = Office::furnished().await;
    adopt(&office, &admin, &monthly(60)).await;
    let tried = monthly(60);
    assert_too_much(
        asked_of_all(&office, &admin, "2020..2029", &tried).await,
        "ask for shorter periods",
    );
    for answer in asked_of_all(&office, &admin, "2022", &tried).await {
        answer.unwrap();
    }
}

#[tokio::test]
async fn a_policy_of_very_many_requirements_is_refused_when_it_is_tried_and_when_it_is_adopted() {
    let (office, admin) = Office::furnished().await;
    let large = monthly(2_300);
    let answers = asked_of_all(&office, &admin, "2022", &large).await;
    assert_too_much(answers.into_iter().skip(3).collect(), "at most 65536");
    let request = api::AdoptPolicyRequest {
        document: large,
        ..api::AdoptPolicyRequest::default()
    };
    let adopted = RegistryServiceClient::new(office.channel.clone())
        .adopt_policy(with(&admin, request))
        .await;
    assert_too_much(vec![adopted.map(drop)], "at most 65536");
}
