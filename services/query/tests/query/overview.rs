//! A year at a glance: hours by month, and who is short by school.

use keshi_office::access::{RoleName, Scope};
use keshi_proto::api;
use keshi_proto::api::ledger_service_client::LedgerServiceClient;
use tonic::{Code, Status};

use crate::school::school;
use crate::support::{NOW, Office, of_teacher, refused, with};

async fn overview(office: &Office, token: &str, period: &str) -> Result<api::Overview, Status> {
    let mut client = LedgerServiceClient::new(office.channel.clone());
    let request = api::GetOverviewRequest {
        period: period.to_owned(),
        at: None,
    };
    Ok(client.get_overview(with(token, request)).await?.into_inner())
}

#[tokio::test]
async fn the_counts_are_those_of_each_school_and_the_months_add_up_to_what_the_balances_count() {
    let (office, admin) = school().await;
    let year = overview(&office, &admin, "2022").await.unwrap();
    // T1 is met, T2 and T3 are short, of T4 nothing is asked.
    assert_eq!(
        (year.teachers, year.short, year.without_policy, year.too_large),
        (4, 2, 1, 0)
    );
    let schools: Vec<_> = year.schools.iter().map(|school| school.school_id.as_str()).collect();
    assert_eq!(schools, ["S1", "S2"]);
    let mut client = LedgerServiceClient::new(office.channel.clone());
    let request = api::ListBalancesRequest {
        school_id: "S1".to_owned(),
        period: "2022".to_owned(),
        ..api::ListBalancesRequest::default()
    };
    let of_one = client.list_balances(with(&admin, request)).await.unwrap().into_inner();
    let hers = overview(&office, &office.clerk("S1"), "2022").await.unwrap();
    let one = &hers.schools[0];
    assert_eq!(
        (one.teachers, one.short, one.without_policy, one.few),
        (of_one.teachers, of_one.short, of_one.without_policy, false)
    );
    assert_eq!(year.months.len(), 12);
    assert_eq!(
        (year.months[0].month.as_str(), year.months[11].month.as_str()),
        ("2022-01", "2022-12")
    );
    let filled: Vec<_> = year.months.iter().filter(|month| month.centihours != 0).collect();
    assert_eq!(filled.len(), 1, "{filled:?}");
    assert_eq!((filled[0].month.as_str(), filled[0].centihours), ("2022-10", 15 * 600));
    let meters = of_one.balances.iter().filter_map(|told| told.balance.as_ref());
    let meters = meters
        .flat_map(|balance| &balance.policies)
        .flat_map(|policy| &policy.meters);
    let counted: i64 = meters
        .filter(|meter| meter.meter == "training_hours")
        .map(|meter| meter.centiamount)
        .sum();
    assert_eq!(counted, 15 * 600);

    let school_year = overview(&office, &admin, "2022-2023").await.unwrap();
    let months: Vec<_> = school_year.months.iter().map(|month| month.month.as_str()).collect();
    assert_eq!((months.len(), months[0], months[11]), (12, "2022-09", "2023-08"));
    assert!(overview(&office, &admin, "2099").await.unwrap().not_begun);
}

#[tokio::test]
async fn where_a_count_would_be_a_person_there_is_none_nor_can_it_be_had_from_the_others() {
    let (office, admin) = school().await;
    let schools = async || {
        let schools = overview(&office, &admin, "2022").await.unwrap().schools;
        let told = schools.iter().map(|school| {
            let numbers = (school.short, school.without_policy);
            (school.school_id.clone(), school.teachers, school.few, numbers)
        });
        told.collect::<Vec<_>>()
    };
    let (none, one, two) = (String::new(), "S1".to_owned(), "S2".to_owned());
    // All are four, of whom two are short: with those of S1 one would have the only one of S2.
    assert_eq!(
        schools().await,
        [(one.clone(), 3, true, (0, 0)), (two.clone(), 1, true, (0, 0))]
    );
    // Where she has no post, she is of no school.
    office.record(&admin, vec![crate::support::person("T8")]).await;
    let untold = schools().await;
    assert_eq!(untold.len(), 3);
    assert!(
        untold.iter().all(|(_, _, few, numbers)| *few && *numbers == (0, 0)),
        "{untold:?}"
    );
    // Three of whom one knows no more than what they come to together.
    office.record(&admin, vec![crate::support::person("T9")]).await;
    let told = schools().await;
    assert_eq!(
        told,
        [(none, 2, true, (0, 0)), (one, 3, false, (1, 1)), (two, 1, true, (0, 0))]
    );
}

#[tokio::test]
async fn it_is_of_those_whom_the_caller_may_read_and_leaves_a_line_where_they_are_few() {
    let (office, _) = school().await;
    let of = async |token: &str| overview(&office, token, "2022").await.unwrap();
    let clerk = of(&office.clerk("S1")).await;
    assert_eq!((clerk.teachers, clerk.schools.len()), (3, 1));
    let teacher = of(&office.token(RoleName::Teacher, of_teacher("T1"))).await;
    assert_eq!((teacher.teachers, teacher.short), (1, 0));
    let lines = || office.reads.month(NOW[..10].parse().unwrap()).unwrap().lines;
    assert!(lines().is_empty(), "{:?}", lines());
    // Of one teacher the figures are hers; also for the next who asks and is told what is kept.
    for n in 1..=2 {
        of(&office.clerk("S2")).await;
        let lines = lines();
        let about: Vec<_> = lines
            .iter()
            .map(|line| (line.teacher_id.as_str(), line.what.as_str()))
            .collect();
        assert_eq!(about, vec![("T2", "overview"); n]);
    }
    let other = of(&office.clerk("S2")).await;
    assert_eq!(
        (
            other.teachers,
            other.months.iter().map(|month| month.centihours).sum::<i64>()
        ),
        (1, 0)
    );

    let status = overview(&office, &office.clerk("S1"), "soon").await.unwrap_err();
    assert_eq!(refused(&status, Code::InvalidArgument, "InvalidFields"), ["period"]);
    let reader = office.token(RoleName::RegistryReader, Scope::default());
    let status = overview(&office, &reader, "2022").await.unwrap_err();
    refused(&status, Code::PermissionDenied, "NotAllowed");
}

#[tokio::test]
async fn however_many_open_the_first_page_at_once_all_are_told_what_was_counted_once() {
    // More than the desk has seats for one role.
    const AUDITORS: usize = 60;
    let (office, _) = school().await;
    let tokens: Vec<String> = (0..AUDITORS)
        .map(|_| office.token(RoleName::Auditor, Scope::default()))
        .collect();
    let asked = tokens.iter().map(|token| overview(&office, token, "2022"));
    for answer in futures::future::join_all(asked).await {
        assert_eq!(answer.unwrap().teachers, 4);
    }
}
