//! What changed in a balance between two points of the log.

use keshi_proto::api;
use keshi_proto::api::ledger_service_client::LedgerServiceClient;
use keshi_proto::event as pb;
use keshi_proto::event::fact::Fact;
use tonic::{Code, Status};

use crate::support::{Office, adopt, attendance, event, person, refused, with};

/// At most 10 hours of the year count.
const CAPPED: &str = r#"language = 1
id = "teacher-90"
version = 1
name = "教师每年 90 课时"
effective_from = 2022-01-01
retroactive = true
[scope]
post = ["教师"]
[[requirement]]
id = "R1"
meter = "training_hours"
period = "calendar_year"
min = 9
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

#[allow(clippy::unnecessary_wraps, reason = "as the fields of messages take it")]
fn size(size: u64) -> Option<api::At> {
    Some(api::At {
        at: Some(api::at::At::Size(size)),
        min_size: 0,
    })
}

async fn diff(
    office: &Office,
    token: &str,
    teacher_id: &str,
    (before, after): (Option<api::At>, Option<api::At>),
) -> Result<api::BalanceDifference, Status> {
    let request = api::DiffBalanceRequest {
        teacher_id: teacher_id.to_owned(),
        period: "2022".to_owned(),
        before,
        after,
        purpose: "核对".to_owned(),
    };
    let mut client = LedgerServiceClient::new(office.channel.clone());
    Ok(client.diff_balance(with(token, request)).await?.into_inner())
}

/// Index, amounts before and after, and the cause of each line that changed.
fn lines(policy: &api::PolicyDifference) -> Vec<(u64, Option<i64>, Option<i64>, &str)> {
    let counted = |line: &Option<api::Line>| line.as_ref().map(|line| line.counted_centiamount);
    let row = |change: &'_ api::LineChange| {
        let known = change.after.as_ref().or(change.before.as_ref()).unwrap();
        (known.index, counted(&change.before), counted(&change.after))
    };
    let rows = policy.lines.iter().map(|change| {
        let (index, before, after) = row(change);
        (index, before, after, change.cause.as_str())
    });
    rows.collect()
}

pub fn void(target: &api::Event) -> api::Event {
    event(Fact::EntryVoided(pb::EntryVoided {
        target_event: target.event_id.clone(),
        reason: "误报".to_owned(),
        ..pb::EntryVoided::default()
    }))
}

#[tokio::test]
async fn a_difference_lists_the_entries_that_made_it_and_the_requirement_that_stands_otherwise() {
    let (office, admin) = Office::furnished().await;
    adopt(&office, &admin, CAPPED).await;
    let (wrong, other) = (attendance("X1", "T1", 450), attendance("X2", "T1", 500));
    let session = crate::support::session("P1", "X2");
    office.record(&admin, vec![session, wrong.clone(), other.clone()]).await;
    let before = office.engine.head().size;
    let receipt = office
        .record(
            &admin,
            vec![
                crate::support::session("P1", "X3"),
                attendance("X3", "T1", 600),
                void(&wrong),
            ],
        )
        .await;
    let index = |place: usize| receipt.verdicts[place].index.unwrap();
    let changes = diff(&office, &admin, "T1", (size(before), None)).await.unwrap();
    assert_eq!((changes.before_size, changes.after_size), (before, before + 3));
    let [policy] = changes.policies.as_slice() else {
        panic!("{changes:?}")
    };
    assert_eq!((policy.before_version, policy.after_version), (1, 1));
    let found = lines(policy);
    assert!(found.contains(&(index(1), None, Some(500), "new_entry")), "{found:?}");
    assert!(found.contains(&(before - 2, Some(450), Some(0), "voided")), "{found:?}");
    let text = &policy.lines.iter().find(|change| change.cause == "voided").unwrap();
    assert_eq!(text.cause_en, format!("voided by entry {}", index(2)));
    let [standing] = policy.standings.as_slice() else {
        panic!("{policy:?}")
    };
    let counted = |standing: &Option<api::Standing>| standing.as_ref().map(|s| s.counted_centiamount);
    assert_eq!(
        (counted(&standing.before), counted(&standing.after)),
        (Some(950), Some(1000))
    );
    assert_eq!(policy.meters[0].after_centiamount, 1000);
}

#[tokio::test]
async fn an_entry_that_loses_its_room_under_a_cap_is_counted_otherwise_with_the_caps_before_and_after() {
    let (office, admin) = Office::furnished().await;
    adopt(&office, &admin, CAPPED).await;
    let sessions = vec![crate::support::session("P1", "X2"), crate::support::session("P1", "X3")];
    office.record(&admin, sessions).await;
    office.record(&admin, vec![attendance("X1", "T1", 600)]).await;
    let before = office.engine.head().size;
    let earlier = api::Event {
        occurred_from: crate::support::day(2022, 10, 1),
        ..attendance("X2", "T1", 600)
    };
    office.record(&admin, vec![earlier]).await;
    let changes = diff(&office, &admin, "T1", (size(before), None)).await.unwrap();
    let policy = &changes.policies[0];
    let cut = policy.lines.iter().find(|change| change.cause == "other_cuts").unwrap();
    assert_eq!(cut.cause_en, "caps take K1 −2 instead of nothing");
    assert_eq!(cut.cause_zh, "封顶扣减由 无 改为 K1 −2");
}

#[tokio::test]
async fn between_two_equal_points_nothing_changed_and_before_she_was_there_all_is_new() {
    let (office, admin) = Office::furnished().await;
    adopt(&office, &admin, CAPPED).await;
    let now = office.engine.head().size;
    let same = diff(&office, &admin, "T1", (size(now), size(now))).await.unwrap();
    assert_eq!(same.policies, []);
    office
        .record(&admin, vec![person("T5"), crate::support::assignment("T5", "S1")])
        .await;
    office.record(&admin, vec![attendance("X1", "T5", 600)]).await;
    let all = diff(&office, &admin, "T5", (size(now), None)).await.unwrap();
    let policy = &all.policies[0];
    assert_eq!((policy.was_there, policy.is_there), (false, true));
    assert_eq!(lines(policy)[0].3, "new_entry");
}

#[tokio::test]
async fn a_point_to_compare_with_is_needed_and_lies_before_the_other() {
    let (office, admin) = Office::furnished().await;
    let now = office.engine.head().size;
    for points in [(None, None), (size(now), size(now - 1))] {
        let status = diff(&office, &admin, "T1", points).await.unwrap_err();
        assert_eq!(refused(&status, Code::InvalidArgument, "InvalidFields"), ["before"]);
    }
    let status = diff(&office, &admin, "T9", (size(now), None)).await.unwrap_err();
    refused(&status, Code::NotFound, "UnknownTeacher");
    let clerk = office.clerk("S1");
    let status = diff(&office, &clerk, "T2", (size(now), None)).await.unwrap_err();
    refused(&status, Code::PermissionDenied, "NotAllowed");
}

#[tokio::test]
async fn reading_what_changed_of_another_person_leaves_a_line() {
    let (office, admin) = Office::furnished().await;
    let now = office.engine.head().size;
    diff(&office, &admin, "T1", (size(now), None)).await.unwrap();
    let today = crate::support::NOW[..10].parse().unwrap();
    let lines = office.reads.month(today).unwrap().lines;
    assert_eq!(lines.len(), 1);
    assert_eq!(
        (lines[0].teacher_id.as_str(), lines[0].what.as_str()),
        ("T1", "difference")
    );
}
