//! Groups of schools, subject bases and studios on a day.

use keshi_proto::api;
use keshi_proto::api::OrganisationKind;
use keshi_proto::api::ledger_service_client::LedgerServiceClient;
use keshi_proto::api::registry_service_client::RegistryServiceClient;
use keshi_proto::event as pb;
use keshi_proto::event::fact::Fact;
use tonic::{Code, Status};

use crate::support::{NOW, Office, assignment, day, event, person, refused, with};

fn on(year: i32, fact: Fact) -> api::Event {
    api::Event {
        occurred_from: day(year, 3, 1),
        ..event(fact)
    }
}

fn base(lead_id: &str, member_ids: &[&str]) -> Fact {
    Fact::BaseFormed(pb::BaseFormed {
        base_id: "B1".to_owned(),
        name: "小学语文学科基地".to_owned(),
        subject: "小学语文".to_owned(),
        school_id: "S1".to_owned(),
        lead_id: lead_id.to_owned(),
        member_ids: member_ids.iter().map(|&id| id.to_owned()).collect(),
        until: None,
    })
}

async fn listed(office: &Office, token: &str, year: i32, kind: i32) -> Result<Vec<api::Organisation>, Status> {
    let request = api::ListOrganisationsRequest {
        on: day(year, 12, 31),
        kind,
        ..api::ListOrganisationsRequest::default()
    };
    let mut client = LedgerServiceClient::new(office.channel.clone());
    let answer = client.list_organisations(with(token, request)).await?;
    Ok(answer.into_inner().organisations)
}

#[tokio::test]
async fn a_base_is_told_as_it_was_on_the_day_and_who_has_left_is_marked() {
    let (office, admin) = Office::furnished().await;
    // T9 is registered and holds no post.
    office.record(&admin, vec![person("T8"), person("T9")]).await;
    office.record(&admin, vec![assignment("T8", "S1")]).await;
    // Recorded backwards: the day decides.
    office.record(&admin, vec![on(2022, base("T2", &["T8", "T9"]))]).await;
    office.record(&admin, vec![on(2021, base("T1", &[]))]).await;
    let group = pb::GroupFormed {
        group_id: "G1".to_owned(),
        name: "东片".to_owned(),
        member_schools: vec!["S1".to_owned(), "S2".to_owned()],
        until: day(2022, 6, 30),
        ..pb::GroupFormed::default()
    };
    office.record(&admin, vec![on(2021, Fact::GroupFormed(group))]).await;
    let people = |one: &api::Organisation| {
        let each = one.members.iter();
        each.map(|row| (row.teacher_id.clone(), row.leads, row.has_left))
            .collect::<Vec<_>>()
    };
    let told = listed(&office, &admin, 2022, 0).await.unwrap();
    assert_eq!(told.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["G1", "B1"]);
    assert!(told[0].ended && told[0].schools.len() == 2);
    let row = |id: &str, leads, left| (id.to_owned(), leads, left);
    assert_eq!(
        people(&told[1]),
        [row("T2", true, false), row("T8", false, false), row("T9", false, true)]
    );
    assert_eq!((told[1].since, told[1].changes), (day(2021, 3, 1), 1));
    let before = listed(&office, &admin, 2021, OrganisationKind::Base.into())
        .await
        .unwrap();
    assert_eq!(people(&before[0]), [row("T1", true, false)]);
    assert_eq!(listed(&office, &admin, 2020, 0).await.unwrap().len(), 0);
    let wrong = listed(&office, &admin, 2022, 9).await.unwrap_err();
    assert_eq!(wrong.code(), Code::InvalidArgument);
}

#[tokio::test]
async fn a_base_without_a_lead_or_with_somebody_twice_is_refused_by_its_field() {
    let (office, admin) = Office::furnished().await;
    for (fact, field) in [(base("", &["T1"]), "lead_id"), (base("T1", &["T1"]), "member_ids")] {
        let answer = office.submit(&admin, vec![on(2022, fact)]).await.unwrap_err();
        let fields = refused(&answer, Code::InvalidArgument, "InvalidFields");
        assert!(fields.len() == 1 && fields[0].contains(field), "{fields:?}");
    }
    let unknown = office.submit(&admin, vec![on(2022, base("T99", &[]))]).await.unwrap();
    let verdict = unknown.receipt.unwrap().verdicts.remove(0);
    assert_eq!(verdict.verdict(), api::Verdict::Refused);
    assert_eq!(verdict.reason.unwrap().code, "UnknownTeacher");
}

#[tokio::test]
async fn members_are_named_to_those_who_may_read_about_them_and_each_is_noted() {
    let (office, admin) = Office::furnished().await;
    let identities = [("T1", "韩雨"), ("T2", "严立超")].map(|(id, name)| api::Identity {
        teacher_id: id.to_owned(),
        name: name.to_owned(),
        ..api::Identity::default()
    });
    let identities = identities.to_vec();
    let mut registry = RegistryServiceClient::new(office.channel.clone());
    let put = registry.put_identities(with(&admin, api::PutIdentitiesRequest { identities }));
    put.await.unwrap();
    office.record(&admin, vec![on(2022, base("T1", &["T2"]))]).await;
    // T1 teaches at S1, T2 at S2.
    let told = listed(&office, &office.clerk("S2"), 2022, 0).await.unwrap();
    let names: Vec<_> = told[0].members.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(names, ["", "严立超"]);
    let noted = office.reads.month(NOW[..10].parse().unwrap()).unwrap().lines;
    let noted: Vec<_> = noted.iter().filter(|line| line.what == "organisations").collect();
    assert_eq!(
        noted.iter().map(|line| line.teacher_id.as_str()).collect::<Vec<_>>(),
        ["T2"]
    );
}
