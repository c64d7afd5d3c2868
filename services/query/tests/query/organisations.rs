//! Groups of schools, subject bases and studios on a day.

use keshi_office::access::RoleName;
use keshi_proto::api;
use keshi_proto::api::OrganisationKind;
use keshi_proto::api::ledger_service_client::LedgerServiceClient;
use keshi_proto::api::registry_service_client::RegistryServiceClient;
use keshi_proto::event as pb;
use keshi_proto::event::fact::Fact;
use tonic::{Code, Status};

use crate::support::{NOW, Office, assignment, day, event, of_teacher, person, refused, with};

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
        research: false,
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
async fn a_research_base_is_told_apart_from_subject_bases() {
    let (office, admin) = Office::furnished().await;
    let Fact::BaseFormed(formed) = base("T1", &[]) else {
        unreachable!()
    };
    let for_research = Fact::BaseFormed(pb::BaseFormed {
        base_id: "JY1".to_owned(),
        name: "小学教研基地".to_owned(),
        subject: String::new(),
        research: true,
        ..formed
    });
    office
        .record(&admin, vec![on(2021, base("T1", &[])), on(2021, for_research)])
        .await;
    let of = async |kind: OrganisationKind| {
        let all = listed(&office, &admin, 2022, kind.into()).await.unwrap();
        all.into_iter().map(|one| one.id).collect::<Vec<_>>()
    };
    assert_eq!(of(OrganisationKind::Base).await, ["B1"]);
    assert_eq!(of(OrganisationKind::ResearchBase).await, ["JY1"]);
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

fn tied(id: &str, from: i32, until: Option<i32>, fact: impl Fn(Option<pb::Date>) -> Fact) -> api::Event {
    api::Event {
        event_id: format!("6b657368-6900-4000-8000-{id:0>12}"),
        ..on(from, fact(until.and_then(|year| day(year, 8, 31))))
    }
}

fn linked(researcher: &str, school: &str) -> impl Fn(Option<pb::Date>) -> Fact {
    move |until| {
        Fact::SchoolLinked(pb::SchoolLinked {
            researcher_id: researcher.to_owned(),
            school_id: school.to_owned(),
            until,
        })
    }
}

fn pooled(teacher: &str, pool: pb::ExpertPool, subject: &str) -> impl Fn(Option<pb::Date>) -> Fact {
    move |until| {
        Fact::ExpertPooled(pb::ExpertPooled {
            teacher_id: teacher.to_owned(),
            pool: pool.into(),
            subject: subject.to_owned(),
            doc_no: String::new(),
            until,
        })
    }
}

/// Kind, id, subject, members and schools of each.
fn told(all: &[api::Organisation]) -> Vec<String> {
    let line = |one: &api::Organisation| {
        let members: Vec<_> = one.members.iter().map(|row| row.teacher_id.as_str()).collect();
        let schools: Vec<_> = one.schools.iter().map(|row| row.school_id.as_str()).collect();
        let (members, schools) = (members.join(","), schools.join(","));
        format!("{:?} {} {} {members} {schools}", one.kind(), one.id, one.subject)
    };
    all.iter().map(line).collect()
}

#[tokio::test]
async fn linked_schools_and_experts_are_told_by_their_terms_and_a_correction_or_void_holds() {
    let (office, admin) = Office::furnished().await;
    let subject = pb::ExpertPool::Subject;
    let events = vec![
        tied("1", 2020, Some(2022), linked("T1", "S1")),
        tied("2", 2021, None, linked("T1", "S2")),
        tied("3", 2021, Some(2023), pooled("T2", subject, "语文")),
        tied("4", 2021, None, pooled("T1", subject, "数学")),
        tied("5", 2021, None, pooled("T1", pb::ExpertPool::Policy, "")),
    ];
    office.record(&admin, events).await;
    let all = listed(&office, &admin, 2021, 0).await.unwrap();
    assert_eq!(
        told(&all),
        [
            "LinkedSchools T1  T1 S1,S2",
            "ExpertPool subject 数学 T1 ",
            "ExpertPool subject 语文 T2 ",
            "ExpertPool policy  T1 ",
        ]
    );
    assert_eq!(
        (all[0].schools[0].until, all[2].members[0].until),
        (day(2022, 8, 31), day(2023, 8, 31))
    );
    // The term of 联系点 S1 is over, and only what holds on the day is told.
    let kind = api::OrganisationKind::LinkedSchools.into();
    let later = listed(&office, &admin, 2022, kind).await.unwrap();
    assert_eq!(told(&later), ["LinkedSchools T1  T1 S2"]);
    // The link to S2 ends early by a correction, and the policy expert's term is void.
    let ends = api::Event {
        supersedes: "6b657368-6900-4000-8000-000000000002".to_owned(),
        ..tied("6", 2021, Some(2022), linked("T1", "S2"))
    };
    let void = Fact::EntryVoided(pb::EntryVoided {
        target_event: "6b657368-6900-4000-8000-000000000005".to_owned(),
        reason: "重复".to_owned(),
        authorised_by: String::new(),
    });
    office.record(&admin, vec![ends, event(void)]).await;
    let after = listed(&office, &admin, 2022, 0).await.unwrap();
    assert_eq!(
        told(&after),
        ["ExpertPool subject 数学 T1 ", "ExpertPool subject 语文 T2 "]
    );
}

#[tokio::test]
async fn a_subject_expert_without_subject_and_a_term_that_ends_before_it_begins_are_refused_by_their_fields() {
    let (office, admin) = Office::furnished().await;
    let nameless = tied("1", 2022, None, pooled("T1", pb::ExpertPool::Subject, ""));
    let backwards = tied("2", 2022, Some(2021), linked("T1", "S1"));
    for (event, field) in [(nameless, "subject"), (backwards, "until")] {
        let answer = office.submit(&admin, vec![event]).await.unwrap_err();
        let fields = refused(&answer, Code::InvalidArgument, "InvalidFields");
        assert!(fields.len() == 1 && fields[0].contains(field), "{fields:?}");
    }
}

#[tokio::test]
async fn a_teacher_is_told_of_her_own_organisations_alone_and_a_school_of_its_own() {
    let (office, admin) = Office::furnished().await;
    office.record(&admin, vec![on(2021, base("T1", &["T2"]))]).await;
    office
        .record(&admin, vec![tied("2", 2021, None, linked("T1", "S2"))])
        .await;
    let ask = async |token: &str, teacher_id: &str, school_id: &str| {
        let request = api::ListOrganisationsRequest {
            on: day(2022, 12, 31),
            teacher_id: teacher_id.to_owned(),
            school_id: school_id.to_owned(),
            ..api::ListOrganisationsRequest::default()
        };
        let mut client = LedgerServiceClient::new(office.channel.clone());
        let answer = client.list_organisations(with(token, request)).await?;
        Ok::<_, Status>(told(&answer.into_inner().organisations))
    };
    let own = office.token(RoleName::Teacher, of_teacher("T2"));
    assert_eq!(ask(&own, "T2", "").await.unwrap(), ["Base B1 小学语文 T2 S1"]);
    for (teacher_id, school_id) in [("T1", ""), ("", ""), ("", "S1")] {
        let denied = ask(&own, teacher_id, school_id).await.unwrap_err();
        assert_eq!(denied.code(), Code::PermissionDenied, "{teacher_id} {school_id}");
    }
    assert_eq!(ask(&admin, "", "S2").await.unwrap(), ["LinkedSchools T1  T1 S2"]);
    assert_eq!(ask(&admin, "", "S99").await.unwrap_err().code(), Code::InvalidArgument);
}
