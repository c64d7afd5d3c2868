//! Competitions, level by level.

use keshi_office::access::RoleName;
use keshi_proto::api;
use keshi_proto::api::ledger_service_client::LedgerServiceClient;
use keshi_proto::event as pb;
use keshi_proto::event::fact::Fact;
use tonic::{Code, Status};

use crate::support::{NOW, Office, assignment, day, event, of_teacher, person, refused, with};

const COUNTY: i32 = 40;
const CITY: i32 = 30;

fn on(month: i32, fact: Fact) -> api::Event {
    let occurred_from = day(2022, month, 5);
    api::Event {
        occurred_from,
        ..event(fact)
    }
}

fn held(comp_id: &str, level: i32) -> api::Event {
    let fact = pb::CompetitionHeld {
        comp_id: comp_id.to_owned(),
        name: format!("大赛{comp_id}"),
        level,
        ..pb::CompetitionHeld::default()
    };
    on(3, Fact::CompetitionHeld(fact))
}

fn entered(comp_id: &str, teacher_id: &str) -> api::Event {
    let (comp_id, teacher_id) = (comp_id.to_owned(), teacher_id.to_owned());
    on(4, Fact::EntryMade(pb::EntryMade { comp_id, teacher_id }))
}

fn won(comp_id: &str, teacher_id: &str, award: i32, role: i32) -> api::Event {
    let fact = pb::AwardGiven {
        comp_id: comp_id.to_owned(),
        teacher_id: teacher_id.to_owned(),
        award,
        role,
        ..pb::AwardGiven::default()
    };
    on(4, Fact::AwardGiven(fact))
}

fn sent(comp_id: &str, teacher_id: &str) -> api::Event {
    let fact = pb::Recommended {
        teacher_id: teacher_id.to_owned(),
        from_comp: comp_id.to_owned(),
        to_level: CITY,
        ..pb::Recommended::default()
    };
    on(5, Fact::Recommended(fact))
}

/// At C1, of the county, T1 took part and won twice, T2 took part, T3 won without an entry of its own, T4 guided a winner;
/// T1 was sent on to the city, where C2 awaits its competition, and C3 is there.
async fn county() -> (Office, String) {
    let (office, admin) = Office::furnished().await;
    let mut events = vec![held("C1", COUNTY), held("C3", CITY)];
    for id in ["T3", "T4"] {
        events.extend([person(id), assignment(id, "S1")]);
    }
    events.extend([
        entered("C1", "T1"),
        won("C1", "T1", 3, 1),
        won("C1", "T1", 1, 1),
        entered("C1", "T2"),
        won("C1", "T3", 2, 1),
        won("C1", "T4", 1, 2),
        sent("C1", "T1"),
        entered("C3", "T1"),
    ]);
    office.record(&admin, events).await;
    let awaits = office.submit(&admin, vec![entered("C2", "T1")]).await.unwrap();
    assert_eq!(awaits.receipt.unwrap().verdicts[0].verdict(), api::Verdict::Waiting);
    (office, admin)
}

fn of_2022() -> api::ListContestsRequest {
    api::ListContestsRequest {
        period: "2022".to_owned(),
        ..api::ListContestsRequest::default()
    }
}

fn counts_alone() -> api::ListContestsRequest {
    api::ListContestsRequest {
        counts_only: true,
        ..of_2022()
    }
}

async fn ask(
    office: &Office,
    token: &str,
    request: api::ListContestsRequest,
) -> Result<api::ListContestsResponse, Status> {
    let mut client = LedgerServiceClient::new(office.channel.clone());
    Ok(client.list_contests(with(token, request)).await?.into_inner())
}

fn counts(answer: &api::ListContestsResponse) -> Vec<(i32, i64, i64, i64)> {
    let levels = answer.levels.iter();
    levels
        .map(|level| (level.level, level.recommended, level.took_part, level.won))
        .collect()
}

#[tokio::test]
async fn each_level_counts_who_was_sent_there_took_part_and_won_and_each_number_has_its_entries() {
    let (office, admin) = county().await;
    let all = ask(&office, &admin, of_2022()).await.unwrap();
    assert_eq!(counts(&all), [(COUNTY, 0, 3, 2), (CITY, 1, 1, 0)]);
    assert_eq!((all.total, all.records.len()), (7, 7));
    for level in &all.levels {
        for (step, number) in [
            (api::ContestStep::Recommended, level.recommended),
            (api::ContestStep::TookPart, level.took_part),
            (api::ContestStep::Won, level.won),
        ] {
            let request = api::ListContestsRequest {
                level: level.level,
                step: step.into(),
                ..of_2022()
            };
            let behind = ask(&office, &admin, request).await.unwrap();
            assert_eq!(
                (behind.total, i64::try_from(behind.records.len()).unwrap()),
                (number, number),
                "{level:?} {step:?}"
            );
            assert_eq!(behind.levels, all.levels);
            for record in behind.records {
                assert!(record.level == level.level && record.step() == step, "{record:?}");
                assert!(all.records.contains(&record), "{record:?}");
            }
        }
    }
    // Of two prizes the better; of a recommendation the competition that it rests on.
    let best = all
        .records
        .iter()
        .find(|record| record.step() == api::ContestStep::Won && record.teacher_id == "T1");
    assert_eq!(
        best.map(|record| (record.award, record.competition.as_str())),
        Some((1, "大赛C1"))
    );
    let sent = all
        .records
        .iter()
        .find(|record| record.step() == api::ContestStep::Recommended);
    assert_eq!(
        sent.map(|record| (record.teacher_id.as_str(), record.comp_id.as_str())),
        Some(("T1", "C1"))
    );
    // Page by page it is the same.
    let (mut seen, mut request) = (Vec::new(), of_2022());
    request.page_size = 2;
    loop {
        let page = ask(&office, &admin, request.clone()).await.unwrap();
        seen.extend(page.records);
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
    }
    assert_eq!(seen, all.records);
}

#[tokio::test]
async fn what_is_void_or_of_another_year_counts_no_more_and_what_arrives_does() {
    let (office, admin) = county().await;
    let all = ask(&office, &admin, of_2022()).await.unwrap();
    let entered = all.records.iter().find(|record| record.teacher_id == "T2").unwrap();
    let stored = office.engine.entry(entered.index).unwrap().unwrap();
    let fact = pb::EntryVoided {
        target_event: stored.entry.posted.event().unwrap().event_id.to_string(),
        reason: "重复".to_owned(),
        ..pb::EntryVoided::default()
    };
    office
        .record(&admin, vec![event(Fact::EntryVoided(fact)), held("C2", CITY)])
        .await;
    let later = ask(&office, &admin, of_2022()).await.unwrap();
    assert_eq!(counts(&later), [(COUNTY, 0, 2, 2), (CITY, 1, 2, 0)]);
    let mut other = of_2022();
    other.period = "2021".to_owned();
    let other = ask(&office, &admin, other).await.unwrap();
    assert_eq!((other.levels.len(), other.total), (0, 0));
    let mut april = of_2022();
    april.period = "2022-05".to_owned();
    assert_eq!(counts(&ask(&office, &admin, april).await.unwrap()), [(CITY, 1, 0, 0)]);
}

#[tokio::test]
async fn it_is_of_those_whom_the_caller_may_read_and_each_who_is_named_leaves_a_line() {
    let (office, admin) = county().await;
    let lines = || {
        let month = office.reads.month(NOW[..10].parse().unwrap()).unwrap();
        month.lines.len()
    };
    let told = ask(&office, &admin, counts_alone()).await.unwrap();
    assert_eq!((told.records.len(), told.total, lines()), (0, 7, 0));
    let clerk = ask(&office, &office.clerk("S2"), of_2022()).await.unwrap();
    assert_eq!((counts(&clerk), lines()), (vec![(COUNTY, 0, 1, 0)], 1));
    // Counts of one are hers, and a page without her row tells of her, too.
    let of_one = api::ListContestsRequest {
        level: CITY,
        ..of_2022()
    };
    for (request, sum) in [(of_one, 2), (counts_alone(), 3)] {
        let told = ask(&office, &office.clerk("S2"), request).await.unwrap();
        assert_eq!(
            (told.records.len(), counts(&told), lines()),
            (0, vec![(COUNTY, 0, 1, 0)], sum)
        );
    }
    let teacher = office.token(RoleName::Teacher, of_teacher("T3"));
    let own = ask(&office, &teacher, of_2022()).await.unwrap();
    assert_eq!((own.total, lines()), (2, 3), "of herself no line is due");
    for (level, step, field) in [(41, 0, "level"), (0, 9, "step")] {
        let request = api::ListContestsRequest {
            level,
            step,
            ..of_2022()
        };
        let status = ask(&office, &admin, request).await.unwrap_err();
        assert_eq!(refused(&status, Code::InvalidArgument, "InvalidFields"), [field]);
    }
}
