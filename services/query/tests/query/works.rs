//! Works with their publications and prizes beside each other.

use keshi_office::access::RoleName;
use keshi_proto::api::ledger_service_client::LedgerServiceClient;
use keshi_proto::api::{self, WorkKind};
use keshi_proto::event as pb;
use keshi_proto::event::fact::Fact;
use tonic::{Code, Status};

use crate::support::{NOW, Office, adopt, day, event, of_teacher, refused, with};

const FIRST: i32 = 1;
const THIRD: i32 = 3;

/// 18 hours for a prize of a work, whatever the level.
const POLICY: &str = "language = 1\nid = \"prizes\"\nversion = 1\nname = \"获奖\"\neffective_from = 2020-01-01\n[scope]\npost = [\"教师\"]\n\
    [[requirement]]\nid = \"C1\"\nmeter = \"hours\"\nperiod = \"calendar_year\"\nmin = 10\n[[conversion]]\nid = \"V1\"\n\
    kind = \"work_awarded\"\nhours_by_level = {30 = 12, 40 = 6}\n";

fn on(year: i32, month: i32, fact: Fact) -> api::Event {
    api::Event {
        occurred_from: day(year, month, 5),
        ..event(fact)
    }
}

fn awarded(work: &str, level: pb::Level, award: i32, authors: &[&str]) -> Fact {
    Fact::WorkAwarded(pb::WorkAwarded {
        work_id: work.to_owned(),
        title: format!("《{work}》"),
        level: level.into(),
        award,
        author_ids: authors.iter().map(|id| (*id).to_owned()).collect(),
        contest: "论文评选".to_owned(),
    })
}

fn published(work: &str) -> Fact {
    Fact::WorkPublished(pb::WorkPublished {
        work_id: work.to_owned(),
        work_kind: "论文".to_owned(),
        level: pb::Level::Province.into(),
        title: String::new(),
        author_ids: vec!["T1".to_owned()],
    })
}

async fn ask(office: &Office, token: &str, request: api::ListWorksRequest) -> Result<api::ListWorksResponse, Status> {
    let mut client = LedgerServiceClient::new(office.channel.clone());
    Ok(client.list_works(with(token, request)).await?.into_inner())
}

fn all() -> api::ListWorksRequest {
    api::ListWorksRequest::default()
}

/// W1 of T1 and T2 with a county and a city prize and a publication; W2 of T2 with a county prize; W3 that won the year before
/// and again, lower.
async fn with_works() -> (Office, String) {
    let (office, admin) = Office::furnished().await;
    adopt(&office, &admin, POLICY).await;
    let events = vec![
        on(2022, 3, awarded("W1", pb::Level::County, FIRST, &["T1", "T2"])),
        on(2022, 6, awarded("W1", pb::Level::City, THIRD, &["T1", "T2"])),
        on(2022, 7, published("W1")),
        on(2022, 4, awarded("W2", pb::Level::County, THIRD, &["T2"])),
        on(2021, 5, awarded("W3", pb::Level::City, FIRST, &["T2"])),
        on(2022, 5, awarded("W3", pb::Level::County, FIRST, &["T2"])),
    ];
    office.record(&admin, events).await;
    (office, admin)
}

fn of<'a>(answer: &'a api::ListWorksResponse, id: &str) -> &'a api::Work {
    answer.works.iter().find(|work| work.id == id).expect("the work")
}

#[tokio::test]
async fn one_work_has_all_its_entries_and_says_which_counts_and_what_each_brings_whom() {
    let (office, admin) = with_works().await;
    let answer = ask(&office, &admin, all()).await.unwrap();
    let ids: Vec<&str> = answer.works.iter().map(|work| work.id.as_str()).collect();
    assert_eq!(ids, ["W1", "W3", "W2"], "the latest first");
    let one = of(&answer, "W1");
    assert_eq!(one.title, "《W1》");
    let told: Vec<_> = one
        .entries
        .iter()
        .map(|entry| (entry.kind(), entry.is_best, entry.of.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (WorkKind::Awarded, false, "论文评选"),
            (WorkKind::Awarded, true, "论文评选"),
            (WorkKind::Published, false, "论文")
        ]
    );
    let credit = |place: usize| {
        let credit = &one.entries[place].people[0].credits[0];
        (
            credit.policy_id.as_str(),
            credit.counted_centiamount,
            credit.why_not_code.as_str(),
        )
    };
    assert_eq!(credit(0), ("prizes", 0, "BestOnly"));
    assert_eq!(credit(1), ("prizes", 1200, ""));
    assert!(one.entries[0].people[0].leads && !one.entries[0].people[1].leads);
}

#[tokio::test]
async fn each_work_is_counted_once_a_year_at_its_highest_and_every_number_leads_to_its_works() {
    let (office, admin) = with_works().await;
    let counted = ask(&office, &admin, all()).await.unwrap().counts;
    let told: Vec<_> = counted
        .iter()
        .map(|one| (one.year, one.level(), one.first, one.second, one.third))
        .collect();
    let (city, county) = (pb::Level::City, pb::Level::County);
    assert_eq!(
        told,
        [(2022, city, 0, 0, 1), (2022, county, 1, 0, 1), (2021, city, 1, 0, 0)]
    );
    for count in counted {
        for (award, number) in [
            (1, count.first),
            (2, count.second),
            (3, count.third),
            (4, count.excellent),
        ] {
            let request = api::ListWorksRequest {
                year: count.year,
                kind: count.kind,
                level: count.level,
                award,
                ..all()
            };
            let behind = ask(&office, &admin, request).await.unwrap();
            assert_eq!(behind.total, number, "{count:?} {award}");
            let best = |work: &api::Work| work.entries.iter().any(|entry| entry.is_best && entry.award == award);
            assert!(behind.works.iter().all(best));
        }
    }
    // In the year asked about W3's best is the lower one.
    let of_2022 = ask(&office, &admin, api::ListWorksRequest { year: 2022, ..all() })
        .await
        .unwrap();
    let best = of(&of_2022, "W3").entries.iter().find(|entry| entry.is_best).unwrap();
    assert_eq!(best.level(), county);
}

#[tokio::test]
async fn a_voided_prize_stays_with_its_reason_and_another_is_best() {
    let (office, admin) = with_works().await;
    let before = ask(&office, &admin, all()).await.unwrap();
    let best = of(&before, "W1").entries[1].index;
    let stored = office.engine.entry(best).unwrap().unwrap();
    let target_event = stored.entry.posted.key().to_string();
    let void = event(Fact::EntryVoided(pb::EntryVoided {
        target_event,
        reason: "证书不实".to_owned(),
        authorised_by: String::new(),
    }));
    office.record(&admin, vec![void]).await;
    let after = ask(&office, &admin, all()).await.unwrap();
    let one = of(&after, "W1");
    assert_eq!(one.entries[1].why_not_code, "Void");
    assert!(one.entries[0].is_best && !one.entries[1].is_best);
    // And as the ledger was before.
    let at = Some(api::At {
        at: Some(api::at::At::Size(before.size)),
        min_size: 0,
    });
    assert!(
        of(
            &ask(&office, &admin, api::ListWorksRequest { at, ..all() })
                .await
                .unwrap(),
            "W1"
        )
        .entries[1]
            .is_best
    );
}

#[tokio::test]
async fn of_one_teacher_whoever_may_read_about_her_may_ask_and_others_stay_ids() {
    let (office, admin) = with_works().await;
    let teacher = office.token(RoleName::Teacher, of_teacher("T1"));
    let hers = |id: &str| api::ListWorksRequest {
        teacher_id: id.to_owned(),
        ..all()
    };
    let own = ask(&office, &teacher, hers("T1")).await.unwrap();
    assert_eq!((own.total, own.works[0].id.as_str()), (1, "W1"));
    assert_eq!(own.counts.len(), 1, "of her works alone");
    let other = own.works[0].entries[0]
        .people
        .iter()
        .find(|one| one.teacher_id == "T2")
        .unwrap();
    assert!(other.credits.is_empty(), "what it brings another is not hers to read");
    for request in [hers("T2"), all()] {
        let status = ask(&office, &teacher, request).await.unwrap_err();
        assert_eq!(status.code(), Code::PermissionDenied);
    }
    let unknown = ask(&office, &admin, hers("T9")).await.unwrap_err();
    refused(&unknown, Code::NotFound, "UnknownTeacher");
    let wrong = ask(&office, &admin, api::ListWorksRequest { kind: 9, ..all() })
        .await
        .unwrap_err();
    assert_eq!(refused(&wrong, Code::InvalidArgument, "InvalidFields"), ["kind"]);
}

#[tokio::test]
async fn pages_have_every_work_once_and_whoever_is_named_is_noted() {
    let (office, admin) = with_works().await;
    let mut request = api::ListWorksRequest { page_size: 2, ..all() };
    let first = ask(&office, &admin, request.clone()).await.unwrap();
    request.page_token.clone_from(&first.next_page_token);
    let last = ask(&office, &admin, request).await.unwrap();
    assert_eq!((first.works.len(), last.works.len(), last.total), (2, 1, 3));
    assert!(last.next_page_token.is_empty());
    let noted = office.reads.month(NOW[..10].parse().unwrap()).unwrap().lines;
    let noted: Vec<_> = noted
        .iter()
        .filter(|line| line.what == "works")
        .map(|line| line.teacher_id.as_str())
        .collect();
    assert_eq!(noted, ["T1", "T2", "T2"]);
}
