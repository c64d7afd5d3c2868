//! How everybody of one school stands.

use keshi_office::access::RoleName;
use keshi_proto::api;
use keshi_proto::api::ledger_service_client::LedgerServiceClient;
use tonic::{Code, Status};

use crate::support::{NOW, Office, adopt, assignment, attendance, of_teacher, person, refused, with};

const POLICY: &str = include_str!("policy.toml");

fn of_school(school_id: &str) -> api::ListBalancesRequest {
    api::ListBalancesRequest {
        school_id: school_id.to_owned(),
        period: "2022".to_owned(),
        ..api::ListBalancesRequest::default()
    }
}

async fn ask(
    office: &Office,
    token: &str,
    request: api::ListBalancesRequest,
) -> Result<api::ListBalancesResponse, Status> {
    let mut client = LedgerServiceClient::new(office.channel.clone());
    Ok(client.list_balances(with(token, request)).await?.into_inner())
}

fn ids(answer: &api::ListBalancesResponse) -> Vec<&str> {
    let balances = answer.balances.iter().filter_map(|told| told.balance.as_ref());
    balances.map(|balance| balance.teacher_id.as_str()).collect()
}

/// T1 (15 × 6 hours: met), T3 (short) and T4 (no policy for her post) at S1, T2 at S2.
pub(crate) async fn school() -> (Office, String) {
    let (office, admin) = Office::furnished().await;
    adopt(&office, &admin, POLICY).await;
    let mut researcher = assignment("T4", "S1");
    if let Some(fact) = researcher.fact.as_mut().and_then(|fact| fact.fact.as_mut())
        && let keshi_proto::event::fact::Fact::AssignmentStarted(started) = fact
    {
        started.post = 5;
    }
    let people = vec![person("T3"), assignment("T3", "S1"), person("T4"), researcher];
    office.record(&admin, people).await;
    for n in 0..15 {
        let name = format!("X{}", 100 + n);
        let mut held = crate::support::session("P1", &name);
        held.occurred_from = crate::support::day(2022, 10, n + 1);
        let mut there = attendance(&name, "T1", 600);
        there.occurred_from = held.occurred_from;
        office.record(&admin, vec![held, there]).await;
    }
    (office, admin)
}

#[tokio::test]
async fn everybody_of_a_school_is_told_once_page_by_page_with_the_counts_over_all() {
    let (office, admin) = school().await;
    let whole = ask(&office, &admin, of_school("S1")).await.unwrap();
    assert_eq!(ids(&whole), ["T1", "T3", "T4"]);
    assert_eq!((whole.teachers, whole.short, whole.without_policy), (3, 1, 1));
    let (mut seen, mut request) = (Vec::new(), of_school("S1"));
    request.page_size = 1;
    loop {
        let page = ask(&office, &admin, request.clone()).await.unwrap();
        assert_eq!((page.teachers, page.short, page.size), (3, 1, whole.size));
        seen.extend(page.balances);
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
        // What comes meanwhile changes no page of a list that has begun.
        let newcomer = format!("T0{}", seen.len());
        office
            .record(&admin, vec![person(&newcomer), assignment(&newcomer, "S1")])
            .await;
    }
    assert_eq!(seen, whole.balances);
    // Each says what her own balance says.
    for told in whole.balances.iter().filter_map(|told| told.balance.as_ref()) {
        let request = api::GetBalanceRequest {
            teacher_id: told.teacher_id.clone(),
            period: "2022".to_owned(),
            at: Some(api::At {
                at: Some(api::at::At::Size(whole.size)),
                min_size: 0,
            }),
            ..api::GetBalanceRequest::default()
        };
        let mut client = LedgerServiceClient::new(office.channel.clone());
        let own = client.get_balance(with(&admin, request)).await.unwrap().into_inner();
        assert_eq!(*told, own);
    }
}

#[tokio::test]
async fn a_caller_is_told_of_those_whom_she_may_read_and_each_leaves_a_line() {
    let (office, admin) = school().await;
    let lines = || {
        let month = office.reads.month(NOW[..10].parse().unwrap()).unwrap();
        let hers = month.lines.into_iter().filter(|line| line.what == "balance");
        hers.map(|line| line.teacher_id).collect::<Vec<_>>()
    };
    let own = ask(&office, &office.clerk("S1"), of_school("S1")).await.unwrap();
    assert_eq!(own.teachers, 3);
    assert_eq!(lines(), ["T1", "T3", "T4"]);
    let mut counts = of_school("S1");
    counts.counts_only = true;
    let counts = ask(&office, &office.clerk("S1"), counts).await.unwrap();
    assert_eq!((counts.balances.len(), counts.next_page_token.as_str()), (0, ""));
    assert_eq!((counts.teachers, counts.short, counts.without_policy), (3, 1, 1));
    assert_eq!(lines().len(), 3, "of counts no line is due");
    let other = ask(&office, &office.clerk("S1"), of_school("S2")).await.unwrap();
    assert_eq!((other.teachers, other.balances.len()), (0, 0));
    let teacher = office.token(RoleName::Teacher, of_teacher("T3"));
    assert_eq!(ids(&ask(&office, &teacher, of_school("S1")).await.unwrap()), ["T3"]);
    assert_eq!(lines().len(), 3, "of herself no line is due");
    let status = ask(&office, &admin, of_school("S9")).await.unwrap_err();
    assert_eq!(refused(&status, Code::InvalidArgument, "InvalidFields"), ["school_id"]);
    let mut token = of_school("S1");
    token.page_token = "of another list".to_owned();
    let status = ask(&office, &admin, token).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
}
