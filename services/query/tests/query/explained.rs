//! Balances explained: every entry with its conversion, cuts and reason, and sums that add up.

use keshi_proto::api;
use keshi_proto::api::ledger_service_client::LedgerServiceClient;
use keshi_proto::event as pb;
use keshi_proto::event::fact::Fact;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::support::{Office, adopt, attendance, day, event, refused, session, with};

/// Two of the hours go on to the next year; at most ten count in a year.
const POLICY: &str = r#"language = 1
id = "hours-8"
version = 1
name = "教师每年 8 课时"
effective_from = 2021-01-01
retroactive = true
[scope]
post = ["教师"]
[[requirement]]
id = "R1"
meter = "training_hours"
period = "calendar_year"
min = 8
carry = { max = 2 }
[[conversion]]
id = "V1"
kind = "attendance_recorded"
role = ["学员"]
hours = "hours_present"
[[cap]]
id = "K1"
period = "calendar_year"
max = 10
"#;

async fn balance(office: &Office, token: &str, explain: bool) -> Result<api::Balance, Status> {
    let request = api::GetBalanceRequest {
        teacher_id: "T1".to_owned(),
        period: "2022".to_owned(),
        explain,
        ..api::GetBalanceRequest::default()
    };
    let mut client = LedgerServiceClient::new(office.channel.clone());
    Ok(client.get_balance(with(token, request)).await?.into_inner())
}

fn on(date: (i32, i32, i32), event: api::Event) -> api::Event {
    let (year, month, dom) = date;
    api::Event {
        occurred_from: day(year, month, dom),
        ..event
    }
}

/// 12 hours in 2021, and 12 in 2022 of which 4 of one attendance are too few.
async fn two_years() -> (Office, String) {
    let (office, admin) = Office::furnished().await;
    let mut events = Vec::new();
    for (n, (date, hours)) in [
        ((2021, 5, 1), 600),
        ((2021, 6, 1), 600),
        ((2022, 5, 1), 600),
        ((2022, 6, 1), 600),
        ((2022, 7, 1), 300),
    ]
    .into_iter()
    .enumerate()
    {
        let id = format!("Y{n}");
        events.extend([on(date, session("P1", &id)), on(date, attendance(&id, "T1", hours))]);
    }
    office.record(&admin, events).await;
    adopt(&office, &admin, POLICY).await;
    (office, admin)
}

#[tokio::test]
async fn the_lines_of_a_requirement_and_its_adjustments_add_up_to_what_it_counts() {
    let (office, admin) = two_years().await;
    let balance = balance(&office, &admin, true).await.unwrap();
    let policy = &balance.policies[0];
    let [standing] = policy.standings.as_slice() else {
        panic!("{policy:?}")
    };
    let of_lines: i64 = standing
        .line_positions
        .iter()
        .map(|&place| policy.lines[usize::try_from(place).unwrap()].counted_centiamount)
        .sum();
    let adjusted: i64 = standing
        .adjustments
        .iter()
        .map(|adjustment| adjustment.centiamount)
        .sum();
    assert_eq!((of_lines, adjusted, standing.counted_centiamount), (1_000, 200, 1_200));
    let carried = &standing.adjustments[0];
    assert_eq!(
        (carried.kind.as_str(), carried.earned_until),
        ("carried_in", day(2021, 12, 31))
    );
    assert!(carried.text_zh.contains("2021-12-31") && carried.text_en.contains("2021-12-31"));
    assert_eq!((standing.version, standing.stated_min_centiamount), (1, 800));
}

#[tokio::test]
async fn a_line_says_by_what_it_was_converted_and_what_a_cap_cut() {
    let (office, admin) = two_years().await;
    let balance = balance(&office, &admin, true).await.unwrap();
    let lines: Vec<_> = balance.policies[0]
        .lines
        .iter()
        .filter(|line| line.on.is_some_and(|on| on.year == 2022))
        .collect();
    let amounts = |line: &api::Line| {
        (
            line.asked_centiamount,
            line.converted_centiamount,
            line.counted_centiamount,
        )
    };
    assert_eq!((lines[0].rule_id.as_str(), lines[0].version), ("V1", 1));
    assert_eq!(amounts(lines[1]), (600, 600, 400));
    let cut = &lines[1].cuts[0];
    assert_eq!((cut.rule_id.as_str(), cut.centiamount), ("K1", 200));
    assert_eq!(amounts(lines[2]), (300, 0, 0));
    assert_eq!(lines[2].why_not_code, "BelowPresence");
    assert!(lines[2].why_not_zh.contains("6 课时"), "{}", lines[2].why_not_zh);
}

#[tokio::test]
async fn an_exemption_is_named_with_its_entry_and_leaves_less_due_or_nothing() {
    let (office, admin) = Office::furnished().await;
    adopt(&office, &admin, POLICY).await;
    let exempt = |hundredths| {
        let exemption = pb::ExemptionGranted {
            teacher_id: "T1".to_owned(),
            rule_id: "R1".to_owned(),
            reduce_by_centiamount: hundredths,
            reason: "病假".to_owned(),
            ..pb::ExemptionGranted::default()
        };
        on((2022, 11, 1), event(Fact::ExemptionGranted(exemption)))
    };
    let first = office.record(&admin, vec![exempt(300)]).await;
    let less = balance(&office, &admin, false).await.unwrap();
    let standing = &less.policies[0].standings[0];
    assert_eq!(
        (standing.min_centiamount, standing.prorated_min_centiamount),
        (500, 800)
    );
    assert_eq!(standing.status(), api::Status::Short);
    let [exempted] = standing.exempted.as_slice() else {
        panic!("{standing:?}")
    };
    assert_eq!(
        (Some(exempted.index), exempted.reduce_by_centiamount),
        (first.verdicts[0].index, 300)
    );
    office.record(&admin, vec![exempt(500)]).await;
    let none = balance(&office, &admin, false).await.unwrap();
    assert_eq!(none.policies[0].standings[0].status(), api::Status::Exempt);
}

#[tokio::test]
async fn unexplained_a_balance_has_the_same_sums_without_the_lines() {
    let (office, admin) = two_years().await;
    let explained = balance(&office, &admin, true).await.unwrap();
    let plain = balance(&office, &admin, false).await.unwrap();
    let standing = &plain.policies[0].standings[0];
    assert_eq!(
        standing.counted_centiamount,
        explained.policies[0].standings[0].counted_centiamount
    );
    assert!(plain.policies[0].lines.is_empty() && standing.line_positions.is_empty());
    assert_eq!(plain.policies[0].meters, explained.policies[0].meters);
}

#[tokio::test]
async fn an_amount_beyond_all_counting_is_an_error_that_names_the_teacher_and_the_entry() {
    let (office, admin) = Office::furnished().await;
    let absurd = POLICY.replace(
        "hours = \"hours_present\"",
        "hours = \"90000000000000000\"\nfactor = 1000000",
    );
    adopt(&office, &admin, &absurd).await;
    let receipt = office.record(&admin, vec![attendance("X1", "T1", 600)]).await;
    let index = receipt.verdicts[0].index.unwrap();
    let status = balance(&office, &admin, true).await.unwrap_err();
    refused(&status, Code::FailedPrecondition, "TooLarge");
    let info = status.get_details_error_info().unwrap();
    assert_eq!(info.metadata["teacher_id"], "T1");
    assert_eq!(info.metadata["entry"], index.to_string());
    assert!(status.message().contains(&format!("entry {index}")), "{status:?}");
    let mut client = LedgerServiceClient::new(office.channel.clone());
    let request = api::ListShortfallsRequest {
        period: "2022".to_owned(),
        ..api::ListShortfallsRequest::default()
    };
    let list = client
        .list_shortfalls(with(&admin, request))
        .await
        .unwrap()
        .into_inner();
    let too_large: Vec<_> = list
        .shortfalls
        .iter()
        .filter(|row| row.too_large_at.is_some())
        .collect();
    assert_eq!(too_large.len(), 1, "one line of the list, not its end: {list:?}");
    assert_eq!(
        (too_large[0].teacher_id.as_str(), too_large[0].too_large_at),
        ("T1", Some(index))
    );
    assert!(too_large[0].standing.is_none());
}
