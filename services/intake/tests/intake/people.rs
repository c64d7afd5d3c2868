//! Identities: they reach the register and never the ledger.

use keshi_office::access::{RoleName, Scope};
use keshi_proto::api;
use keshi_proto::api::registry_service_client::RegistryServiceClient;
use keshi_proto::event;
use keshi_proto::event::fact::Fact;
use tonic::transport::Channel;
use tonic::{Code, Status};

use crate::support::{Office, assignment, new_id, person, refused, with};

// Made-up numbers of a region that does not exist, with right check characters.
const NUMBER_1: &str = "999999198001010013";
const NUMBER_2: &str = "999999198001010021";

fn registry(office: &Office) -> RegistryServiceClient<Channel> {
    RegistryServiceClient::new(office.channel.clone())
}

fn identity(teacher_id: &str, name: &str, number: &str) -> api::Identity {
    api::Identity {
        teacher_id: teacher_id.to_owned(),
        name: name.to_owned(),
        id_doc_no: number.to_owned(),
        ..api::Identity::default()
    }
}

async fn put(office: &Office, token: &str, identity: api::Identity) -> Result<i32, Status> {
    let identities = vec![identity];
    let request = with(token, api::PutIdentitiesRequest { identities });
    Ok(registry(office).put_identities(request).await?.into_inner().stored)
}

async fn find(office: &Office, token: &str, query: api::PersonQuery) -> Vec<String> {
    let request = with(
        token,
        api::ResolvePeopleRequest {
            queries: vec![query],
            ..Default::default()
        },
    );
    let answer = registry(office).resolve_people(request).await.unwrap().into_inner();
    answer.matches[0]
        .people
        .iter()
        .map(|person| person.teacher_id.clone())
        .collect()
}

fn named(name: &str) -> api::PersonQuery {
    api::PersonQuery {
        name: name.to_owned(),
        ..api::PersonQuery::default()
    }
}

fn numbered(number: &str) -> api::PersonQuery {
    api::PersonQuery {
        id_doc_no: number.to_owned(),
        ..api::PersonQuery::default()
    }
}

fn check_character(seventeen: &str) -> char {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let digits = seventeen.chars().zip(WEIGHTS);
    let sum: u32 = digits.map(|(c, weight)| c.to_digit(10).unwrap() * weight).sum();
    ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'][(sum % 11) as usize]
}

fn valid(number: &str) -> String {
    format!("{}{}", &number[..17], check_character(&number[..17]))
}

#[tokio::test]
async fn registering_a_person_puts_her_name_into_the_register_and_not_into_the_ledger() {
    let (office, _) = Office::furnished().await;
    let clerk = office.clerk("S1");
    let number = valid(NUMBER_1);
    let Some(Fact::PersonRegistered(fact)) = person("T7").fact.and_then(|fact| fact.fact) else {
        unreachable!()
    };
    let item = api::register_people_request::Item {
        head: Some(api::EventHead {
            event_id: new_id(),
            occurred_from: person("T7").occurred_from,
            ..api::EventHead::default()
        }),
        fact: Some(fact),
        identity: Some(identity("", "试样甲", &number)),
    };
    let request = api::RegisterPeopleRequest {
        items: vec![item],
        ..api::RegisterPeopleRequest::default()
    };
    for verdict in [api::Verdict::Recorded, api::Verdict::Duplicate] {
        let answer = registry(&office)
            .register_people(with(&clerk, request.clone()))
            .await
            .unwrap()
            .into_inner();
        assert_eq!(answer.receipt.unwrap().verdicts[0].verdict(), verdict);
    }
    assert_eq!(find(&office, &clerk, named("试样甲")).await, ["T7"]);
    assert_eq!(find(&office, &clerk, numbered(&number)).await, ["T7"]);
    let entries = office.engine.entries(0, 1_000).unwrap();
    let text = format!("{entries:?}");
    assert!(!text.contains("试样甲") && !text.contains(&number));
}

#[tokio::test]
async fn a_wrong_id_number_is_named_but_not_repeated_and_nothing_is_registered() {
    let (office, _) = Office::furnished().await;
    let clerk = office.clerk("S1");
    let wrong = format!(
        "{}{}",
        &NUMBER_1[..17],
        if valid(NUMBER_1).ends_with('1') { '2' } else { '1' }
    );
    let status = put(&office, &clerk, identity("T1", "试样甲", &wrong))
        .await
        .unwrap_err();
    let fields = refused(&status, Code::InvalidArgument, "InvalidFields");
    assert_eq!(fields, ["identities[0].id_doc_no"]);
    assert!(!format!("{status:?}").contains(&wrong));
    let Some(Fact::PersonRegistered(fact)) = person("T7").fact.and_then(|fact| fact.fact) else {
        unreachable!()
    };
    let item = api::register_people_request::Item {
        head: None,
        fact: Some(fact),
        identity: Some(identity("T8", "", "")),
    };
    let request = api::RegisterPeopleRequest {
        items: vec![item],
        ..api::RegisterPeopleRequest::default()
    };
    let status = registry(&office)
        .register_people(with(&clerk, request))
        .await
        .unwrap_err();
    let fields = refused(&status, Code::InvalidArgument, "InvalidFields");
    assert_eq!(fields, ["items[0].identity.teacher_id", "items[0].identity.name"]);
}

#[tokio::test]
async fn a_school_keeps_its_own_people_and_the_office_everyone() {
    let (office, admin) = Office::furnished().await;
    let (one, two) = (office.clerk("S1"), office.clerk("S2"));
    assert_eq!(put(&office, &one, identity("T1", "试样甲", "")).await.unwrap(), 1);
    let status = put(&office, &two, identity("T1", "试样乙", "")).await.unwrap_err();
    refused(&status, Code::PermissionDenied, "ForeignTeacher");
    assert_eq!(
        put(&office, &admin, identity("T2", "试样甲", &valid(NUMBER_2)))
            .await
            .unwrap(),
        1
    );
    assert_eq!(find(&office, &one, named("试样甲")).await, ["T1"]);
    assert_eq!(find(&office, &two, named("试样甲")).await, ["T2"]);
    assert_eq!(find(&office, &admin, named("试样甲")).await, ["T1", "T2"]);
    // A document that nobody has is not made up for by a name.
    let query = api::PersonQuery {
        id_doc_no: valid(NUMBER_1),
        ..named("试样甲")
    };
    assert_eq!(find(&office, &admin, query).await, [""; 0]);
}

#[tokio::test]
async fn an_id_that_is_being_registered_cannot_be_taken_over_by_another_school() {
    let (office, _) = Office::furnished().await;
    let (one, two) = (office.clerk("S1"), office.clerk("S2"));
    assert_eq!(put(&office, &one, identity("T7", "试样甲", "")).await.unwrap(), 1);
    assert_eq!(put(&office, &one, identity("T7", "试样甲", "")).await.unwrap(), 1);
    let status = put(&office, &two, identity("T7", "试样乙", "")).await.unwrap_err();
    refused(&status, Code::PermissionDenied, "ForeignTeacher");
    office.record(&one, vec![person("T7")]).await;
    assert_eq!(put(&office, &one, identity("T7", "试样丙", "")).await.unwrap(), 1);
    office.record(&one, vec![assignment("T7", "S1")]).await;
    assert_eq!(find(&office, &one, named("试样丙")).await, ["T7"]);
}

#[tokio::test]
async fn the_office_erases_an_identity_and_a_school_does_not() {
    let (office, admin) = Office::furnished().await;
    let clerk = office.clerk("S1");
    put(&office, &clerk, identity("T1", "试样甲", "")).await.unwrap();
    let erase = |token: &str| {
        let teacher_id = "T1".to_owned();
        with(
            token,
            api::EraseIdentityRequest {
                teacher_id,
                ..Default::default()
            },
        )
    };
    let status = registry(&office).erase_identity(erase(&clerk)).await.unwrap_err();
    refused(&status, Code::PermissionDenied, "NotAllowed");
    for erased in [true, false] {
        let answer = registry(&office)
            .erase_identity(erase(&admin))
            .await
            .unwrap()
            .into_inner();
        assert_eq!(answer.erased, erased);
    }
    assert_eq!(find(&office, &clerk, named("试样甲")).await, [""; 0]);
}

#[tokio::test]
async fn looking_people_up_is_limited_in_number_and_rate() {
    let (office, admin) = Office::furnished().await;
    let ask = |count: usize| {
        let queries = vec![named("试样甲"); count];
        with(
            &admin,
            api::ResolvePeopleRequest {
                queries,
                ..Default::default()
            },
        )
    };
    let status = registry(&office).resolve_people(ask(1_001)).await.unwrap_err();
    assert_eq!(refused(&status, Code::InvalidArgument, "InvalidFields"), ["queries"]);
    for _ in 0..40 {
        if let Err(status) = registry(&office).resolve_people(ask(1_000)).await {
            refused(&status, Code::ResourceExhausted, "TooManyLookups");
            return;
        }
    }
    panic!("40,000 lookups were answered");
}

#[tokio::test]
async fn a_school_gives_no_number_of_another_to_an_id_and_learns_nothing_of_whose_it_is() {
    let (office, admin) = Office::furnished().await;
    let (one, two) = (office.clerk("S1"), office.clerk("S2"));
    let number = valid(NUMBER_1);
    put(&office, &one, identity("T1", "试样甲", &number)).await.unwrap();
    let before = office.engine.head().size;
    for (token, id) in [(&two, "T2"), (&two, "T-new"), (&one, "T-new")] {
        let status = put(&office, token, identity(id, "试样乙", &number)).await.unwrap_err();
        refused(&status, Code::FailedPrecondition, "DocumentTaken");
        let told = format!("{status:?}");
        for secret in ["T1", "S1", "试样甲", number.as_str()] {
            assert!(!told.replace(id, "").contains(secret), "{secret}: {told}");
        }
    }
    // Nor on the way through registering a person, of whom nothing is recorded then.
    let Some(Fact::PersonRegistered(fact)) = person("T8").fact.and_then(|fact| fact.fact) else {
        unreachable!()
    };
    let head = api::EventHead {
        event_id: new_id(),
        occurred_from: person("T8").occurred_from,
        ..api::EventHead::default()
    };
    let item = api::register_people_request::Item {
        head: Some(head),
        fact: Some(fact),
        identity: Some(identity("", "试样乙", &number)),
    };
    let request = api::RegisterPeopleRequest {
        items: vec![item],
        ..api::RegisterPeopleRequest::default()
    };
    let status = registry(&office)
        .register_people(with(&two, request))
        .await
        .unwrap_err();
    refused(&status, Code::FailedPrecondition, "DocumentTaken");
    assert_eq!(office.engine.head().size, before);
    // Two ids in one batch are no better, and what she has may be put again.
    let other = valid(NUMBER_2);
    let identities = vec![identity("T1", "试样甲", &other), identity("T-new", "试样乙", &other)];
    let status = registry(&office)
        .put_identities(with(&one, api::PutIdentitiesRequest { identities }))
        .await
        .unwrap_err();
    refused(&status, Code::FailedPrecondition, "DocumentTaken");
    put(&office, &one, identity("T1", "试样甲", &number)).await.unwrap();
    // The county has to be able to give one person's number to two ids, until they are merged.
    put(&office, &admin, identity("T2", "试样甲", &number)).await.unwrap();
    put(&office, &two, identity("T2", "试样乙", &number)).await.unwrap();
}

#[tokio::test]
async fn a_school_finds_a_guest_by_name_with_id_or_document_and_learns_her_id_alone() {
    let (office, admin) = Office::furnished().await;
    let clerk = office.clerk("S1");
    let number = valid(NUMBER_2);
    put(&office, &admin, identity("T2", "试样乙", &number)).await.unwrap();
    let query = |teacher_id: &str, name: &str, id_doc_no: &str| api::PersonQuery {
        teacher_id: teacher_id.to_owned(),
        id_doc_no: id_doc_no.to_owned(),
        ..named(name)
    };
    for sure in [query("T2", "试样乙", ""), query("", "试 样乙", &number)] {
        let request = with(
            &clerk,
            api::ResolvePeopleRequest {
                queries: vec![sure],
                ..Default::default()
            },
        );
        let answer = registry(&office).resolve_people(request).await.unwrap().into_inner();
        let guest = api::PersonMatch {
            teacher_id: "T2".to_owned(),
            ..api::PersonMatch::default()
        };
        assert_eq!(answer.matches[0].people, [guest]);
    }
    for unsure in [
        query("", "试样乙", ""),
        query("T2", "", ""),
        query("T2", "试样丙", ""),
        query("", "", &number),
        query("", "试样丙", &number),
    ] {
        assert_eq!(find(&office, &clerk, unsure).await, [""; 0]);
    }
}

#[tokio::test]
async fn a_researcher_finds_those_whom_she_may_read_about_and_others_only_if_she_names_them_surely() {
    let (office, admin) = Office::furnished().await;
    let other = api::Event {
        fact: Some(
            Fact::PersonRegistered(event::PersonRegistered {
                teacher_id: "T3".to_owned(),
                stage: 2,
                subject: "数学".to_owned(),
                ..event::PersonRegistered::default()
            })
            .into(),
        ),
        ..person("T3")
    };
    office.record(&admin, vec![other, assignment("T3", "S1")]).await;
    for (id, name) in [("T1", "试样甲"), ("T2", "试样乙"), ("T3", "试样丙")] {
        put(&office, &admin, identity(id, name, "")).await.unwrap();
    }
    let scope = |teacher: &str| Scope {
        teacher_id: Some(teacher.to_owned()),
        subjects: vec!["语文".to_owned()],
        ..Scope::default()
    };
    let chinese = office.token(RoleName::Researcher, scope("T1"));
    let by_id = |teacher_id: &str, name: &str| api::PersonQuery {
        teacher_id: teacher_id.to_owned(),
        ..named(name)
    };
    for (query, found) in [
        (named("试样甲"), &["T1"][..]),
        (named("试样乙"), &["T2"]),
        (named("试样丙"), &[]),
        (by_id("T3", ""), &[]),
        (by_id("T3", "试样乙"), &[]),
        (by_id("T3", "试样丙"), &["T3"]),
    ] {
        assert_eq!(find(&office, &chinese, query.clone()).await, found, "{query:?}");
    }
    // Herself, whatever her subject is.
    let herself = office.token(RoleName::Researcher, scope("T3"));
    assert_eq!(find(&office, &herself, named("试样丙")).await, ["T3"]);
    let lead = Scope {
        teacher_id: Some("T2".to_owned()),
        bases: vec!["JD01".to_owned()],
        ..Scope::default()
    };
    let lead = office.token(RoleName::Lead, lead);
    assert_eq!(find(&office, &lead, named("试样乙")).await, ["T2"]);
    assert_eq!(find(&office, &lead, named("试样甲")).await, [""; 0]);
    // She keeps no register.
    let status = put(&office, &chinese, identity("T1", "试样丁", "")).await.unwrap_err();
    refused(&status, Code::PermissionDenied, "NotAllowed");
    let teacher = office.token(RoleName::Teacher, crate::support::of_teacher("T1"));
    let request = with(
        &teacher,
        api::ResolvePeopleRequest {
            queries: vec![named("试样甲")],
            ..Default::default()
        },
    );
    let status = registry(&office).resolve_people(request).await.unwrap_err();
    refused(&status, Code::PermissionDenied, "NotAllowed");
}
