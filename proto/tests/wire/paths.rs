//! Violations name the field as the caller wrote it.

use keshi_core::event::Fact;
use keshi_core::lang::Lang;
use keshi_core::violation::{Problem, Violation};
use keshi_proto::api;
use keshi_proto::api_convert::{event_from_api, event_to_api};
use keshi_proto::event as pb;
use prost::Message;
use prost::encoding::{WireType, encode_key};
use prost_types::DescriptorProto;

use crate::codes::message;
use crate::generate::Gen;

fn violations(event: api::Event) -> Vec<(String, String)> {
    let found = event_from_api(event, "events[3].").unwrap_err();
    found
        .into_iter()
        .map(|violation| (violation.field, violation.value))
        .collect()
}

fn event(fact: impl Into<pb::Fact>) -> api::Event {
    api::Event {
        fact: Some(fact.into()),
        ..event_to_api(&Gen::new(1).event("school_visit"))
    }
}

#[test]
fn a_whole_event_s_violation_is_under_the_fact_s_own_field() {
    let mut wrong = event_to_api(&Gen::new(2).event("attendance_recorded"));
    if let Some(pb::fact::Fact::AttendanceRecorded(fact)) = wrong.fact.as_mut().and_then(|fact| fact.fact.as_mut()) {
        fact.present_centihours = -150;
    }
    let expected = "events[3].fact.attendance_recorded.present_centihours";
    assert_eq!(violations(wrong), [(expected.to_owned(), "-1.5".to_owned())]);
}

#[test]
fn renamed_and_listed_fields_keep_the_wire_s_names() {
    let outreach = pb::OutreachDelivered {
        outreach_id: "O1".into(),
        to_school: "S1".into(),
        deliveries: vec![
            pb::Delivery {
                teacher_id: "T1".into(),
                lessons: 1,
                talks: 0,
            },
            pb::Delivery {
                teacher_id: "T2".into(),
                lessons: 0,
                talks: 1_001,
            },
        ],
        ..Default::default()
    };
    let found = violations(event(outreach));
    assert_eq!(
        found,
        [(
            "events[3].fact.outreach_delivered.deliveries[1].talks".into(),
            "1001".into()
        )]
    );
    let lesson = pb::LessonGiven {
        teacher_id: "T1".into(),
        level: 41,
        periods: 1,
        ..Default::default()
    };
    let found = violations(event(lesson));
    let fields: Vec<&str> = found.iter().map(|(field, _)| field.as_str()).collect();
    assert_eq!(
        fields,
        ["events[3].fact.lesson_given.type", "events[3].fact.lesson_given.level"]
    );
}

#[test]
fn listed_people_and_renamed_amounts_keep_the_wire_s_names() {
    let topic = pb::TopicConcluded {
        topic_id: "K1".into(),
        level: 40,
        lead_ids: vec!["T1".into(), "no id".into()],
        member_ids: vec!["T2".into()],
        ..Default::default()
    };
    let found = violations(event(topic.clone()));
    let expected = "events[3].fact.topic_concluded.lead_ids[1]";
    assert_eq!(found, [(expected.into(), "no id".into())]);
    let twice = pb::TopicConcluded {
        lead_ids: vec!["T1".into(), "T2".into()],
        ..topic
    };
    let found = violations(event(twice));
    assert_eq!(
        found,
        [("events[3].fact.topic_concluded.member_ids".into(), "T2".into())]
    );
    let exemption = pb::ExemptionGranted {
        teacher_id: "T1".into(),
        rule_id: "R1".into(),
        reason: "病假".into(),
        ..Default::default()
    };
    let found = violations(event(exemption));
    let expected = "events[3].fact.exemption_granted.reduce_by_centiamount";
    assert_eq!(found, [(expected.into(), "0".into())]);
    let figure = pb::FigureNoted {
        figure_id: "F1".into(),
        period: "去年".into(),
        value_centiamount: -100,
        bound: 4,
        ..Default::default()
    };
    let found = violations(event(figure.clone()));
    assert_eq!(found, [("events[3].fact.figure_noted.bound".into(), "4".into())]);
    let figure = pb::FigureNoted { bound: 2, ..figure };
    let found = violations(event(figure));
    let fields: Vec<&str> = found.iter().map(|(field, _)| field.as_str()).collect();
    let expected = [
        "events[3].fact.figure_noted.period",
        "events[3].fact.figure_noted.value_centiamount",
    ];
    assert_eq!(fields, expected);
}

#[test]
fn fields_that_all_events_have_stand_beside_the_fact() {
    let mut wrong = event_to_api(&Gen::new(3).event("school_visit"));
    wrong.event_id = "00000000-0000-0000-0000-000000000000".into();
    wrong.org = "第一小学".into();
    wrong.evidence = vec!["ab".repeat(32), "xyz".into()];
    wrong.occurred_to = Some(pb::Date {
        year: 2022,
        month: 2,
        day: 30,
    });
    wrong.note = "a\u{7}".into();
    let fields: Vec<String> = violations(wrong).into_iter().map(|(field, _)| field).collect();
    let expected = ["event_id", "occurred_to", "org", "evidence[1]", "note"];
    assert_eq!(fields, expected.map(|field| format!("events[3].{field}")));
    let mut backwards = event_to_api(&Gen::new(3).event("school_visit"));
    backwards.occurred_to = Some(pb::Date {
        year: 1950,
        month: 1,
        day: 1,
    });
    assert_eq!(violations(backwards)[0].0, "events[3].occurred_to");
}

/// Whether the path leads to a field of the message.
fn leads_somewhere(path: &str, within: &DescriptorProto) -> bool {
    let (step, rest) = path
        .split_once('.')
        .map_or((path, None), |(step, rest)| (step, Some(rest)));
    let name = step.split('[').next().unwrap();
    let Some(field) = within.field.iter().find(|field| field.name() == name) else {
        return false;
    };
    rest.is_none_or(|rest| {
        let type_name = field.type_name().trim_start_matches(".keshi.event.v1.");
        leads_somewhere(rest, &message("keshi.event.v1", type_name))
    })
}

#[test]
fn every_path_leads_to_a_field_of_the_api_s_event() {
    let whole = message("keshi.v1", "Event");
    let mut seen = 0;
    for (seed, kind) in (0..).zip(Fact::KINDS) {
        // Of an empty fact every needed field is missing.
        let mut empty = event_to_api(&Gen::new(seed).event(kind));
        empty.fact = emptied(kind);
        for violation in event_from_api(empty, "").err().unwrap_or_default() {
            assert!(leads_somewhere(&violation.field, &whole), "{kind}: {}", violation.field);
            assert!(
                violation.field.starts_with(&format!("fact.{kind}.")),
                "{kind}: {}",
                violation.field
            );
            assert_texts(&violation);
            seen += 1;
        }
    }
    assert!(seen > 50, "{seen}");
    // And of a whole event that is wrong only as a whole.
    for (seed, kind) in (0..).zip(Fact::KINDS) {
        let mut event = Gen::new(seed).event(kind);
        spoil(&mut event.fact);
        for violation in keshi_core::check::violations(&event) {
            let path = event_from_api(event_to_api(&event), "").unwrap_err().remove(0).field;
            assert!(leads_somewhere(&path, &whole), "{kind}: {path} for {}", violation.field);
        }
    }
}

fn assert_texts(violation: &Violation) {
    for lang in [Lang::Zh, Lang::En] {
        assert!(!violation.text(lang).is_empty());
    }
    assert!(violation.problem != Problem::Missing || violation.value.is_empty());
}

/// An empty fact of this kind, from its number: a key and no bytes.
fn emptied(kind: &str) -> Option<pb::Fact> {
    let fields = message("keshi.event.v1", "Fact").field;
    let field = fields.into_iter().find(|field| field.name() == kind)?;
    let mut bytes = Vec::new();
    encode_key(field.number().cast_unsigned(), WireType::LengthDelimited, &mut bytes);
    bytes.push(0);
    pb::Fact::decode(bytes.as_slice()).ok()
}

/// Makes values of the right type wrong.
fn spoil(fact: &mut Fact) {
    let day = jiff::civil::date(1950, 1, 1);
    match fact {
        Fact::AttendanceRecorded(f) => f.hours_present = keshi_core::hours::Hours::ZERO,
        Fact::SessionHeld(f) => f.hours = keshi_core::hours::Hours::whole(9_999),
        Fact::ProjectOpened(f) => f.planned_hours = keshi_core::hours::Hours::from_hundredths(-1),
        Fact::LessonGiven(f) => f.periods = 0,
        Fact::LessonObserved(f) => f.periods = 1_001,
        Fact::OutreachDelivered(f) => {
            f.deliveries.clear();
            (f.unattributed_lessons, f.unattributed_talks) = (0, 0);
        }
        Fact::SchoolBasedTerm(f) => f.semester = keshi_core::ids::SemesterId::new("2022").unwrap(),
        Fact::TopicApproved(f) => f.lead_ids.clear(),
        Fact::TopicConcluded(f) => f.lead_ids.clear(),
        Fact::WorkPublished(f) => f.author_ids.clear(),
        Fact::WorkAwarded(f) => f.author_ids.push(f.author_ids[0]),
        Fact::ExemptionGranted(f) => f.reduce_by = keshi_core::hours::Hours::ZERO,
        Fact::FigureNoted(f) => f.value = keshi_core::hours::Hours::from_hundredths(-1),
        Fact::SchoolsMerged(f) => f.school_ids.clear(),
        Fact::Recommended(f) => (f.from_comp, f.from_title) = (None, None),
        Fact::TitleConferred(f) => f.valid_to = Some(day),
        Fact::TitleRenewed(f) => f.valid_to = Some(day),
        Fact::CandidateChosen(f) => f.until = Some(day),
        Fact::AssignmentStarted(f) => (f.until, f.share_hundredths) = (Some(day), 101),
        Fact::PolicyAdopted(f) => f.effective_to = Some(day),
        Fact::DocumentPart(f) => f.part = f.parts,
        _ => {}
    }
}
