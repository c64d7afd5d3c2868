//! Posts a generated county to a ledger in memory, as the intake would.

mod facts;

use keshi_core::codes::Stage;
use keshi_core::decide::{Originals, decide};
use keshi_core::entry::Posted;
use keshi_core::event as core;
use keshi_core::ids::{CalendarId, OfficeCode, PolicyId, PosterId, Sha256, SubmissionId};
use keshi_core::reason::ReasonCode;
use keshi_core::state::State;
use keshi_core::submission::{Submission, Taking};
use keshi_core::time::Millis;
use uuid::Uuid;

use self::facts::{event_id, register, school, text, training, work};
use crate::day::Day;
use crate::facts::{Event, Fact, Recorded, Semester};
use crate::model::Policy;
use crate::toml;

/// The ledger, and what of the postings it recorded at which index.
pub struct InLedger {
    pub state: State,
    pub facts: Vec<Recorded>,
}

fn event(id: u128, from: Day, to: Day, fact: impl Into<core::Fact>) -> core::Event {
    core::Event::of(event_id(id), from.jiff(), to.jiff(), fact)
}

/// Posts all events in one submission, on a day after all of them; each stands or falls by itself. An error if a
/// document is refused: all generated ones must be read.
pub fn post(events: &[Event]) -> Result<InLedger, String> {
    let start = Day::of(2010, 1, 1);
    let registered = core::SchoolRegistered {
        school_id: school(),
        name: text("第一小学"),
        stage: Stage::Primary,
        township: None,
        group: None,
    };
    let mut postings = vec![(None, event(1, start, start, registered))];
    for (place, own) in events.iter().enumerate() {
        let document = match &own.fact {
            Fact::Policy(policy) => Some(toml::document(policy)),
            Fact::Calendar(semesters) => Some(calendar(own.id, semesters)),
            _ => None,
        };
        if let Some(document) = &document {
            let parts = parts(own, document).into_iter();
            postings.extend(parts.map(|part| (None, part)));
        }
        let fact = fact(own, document.as_deref());
        let posted = core::Event {
            supersedes: own.supersedes.map(event_id),
            ..event(own.id, own.from, own.to, fact)
        };
        postings.push((Some(place), posted));
    }
    record(events, postings)
}

fn record(events: &[Event], postings: Vec<(Option<usize>, core::Event)>) -> Result<InLedger, String> {
    let (places, events_of_core): (Vec<_>, Vec<_>) = postings.into_iter().unzip();
    let noon = Day::of(2026, 9, 1)
        .jiff()
        .at(4, 0, 0, 0)
        .to_zoned(jiff::tz::TimeZone::UTC);
    let submission = Submission {
        submission_id: SubmissionId::new(Uuid::from_u128(1)),
        office: OfficeCode::new("610729").unwrap(),
        poster: PosterId::new("clerk-1").unwrap(),
        received_at: Millis(noon.unwrap().timestamp().as_millisecond()),
        taking: Taking::Each,
        events: events_of_core.into_iter().map(Posted::Event).collect(),
    };
    let mut state = State::new();
    let decision = decide(&mut state, &submission, &Originals::new());
    let mut facts = Vec::new();
    for (place, verdict) in places.iter().zip(&decision.verdicts) {
        let code = verdict.reason.as_ref().map(|reason| reason.code);
        if code == Some(ReasonCode::DocumentInvalid) {
            return Err(format!("{:?}", verdict.reason));
        }
        if let (Some(place), Some(index), true) = (place, verdict.index, verdict.verdict.is_in_ledger()) {
            let event = events[*place].clone();
            facts.push(Recorded { index, event });
        }
    }
    Ok(InLedger { state, facts })
}

fn parts(own: &Event, document: &str) -> Vec<core::Event> {
    let sha256 = Sha256::of(document.as_bytes());
    let chunks: Vec<&[u8]> = document.as_bytes().chunks(core::DOCUMENT_PART_BYTES_MAX).collect();
    let count = u16::try_from(chunks.len()).unwrap();
    let part = |(part, body): (u16, &&[u8])| {
        let fact = core::DocumentPart {
            sha256,
            part,
            parts: count,
            body: body.to_vec(),
        };
        event(own.id ^ (u128::from(part + 1) << 100), own.from, own.to, fact)
    };
    (0..).zip(&chunks).map(part).collect()
}

fn calendar_id(id: u128) -> String {
    format!("c{}", id % 100_000)
}

fn calendar(id: u128, semesters: &[Semester]) -> String {
    let row = |semester: &Semester| {
        format!(
            "[[semester]]\nid = \"{}\"\nfrom = {}\nto = {}\nteaching_weeks = {}\n",
            semester.id, semester.from, semester.to, semester.weeks
        )
    };
    let rows: String = semesters.iter().map(row).collect();
    format!("id = \"{}\"\n{rows}", calendar_id(id))
}

fn adopted(policy: &Policy, document: &str) -> core::PolicyAdopted {
    core::PolicyAdopted {
        policy_id: PolicyId::new(policy.id).unwrap(),
        version: policy.version,
        effective_from: policy.from.jiff(),
        effective_to: policy.to.map(Day::jiff),
        sha256: Sha256::of(document.as_bytes()),
    }
}

fn fact(own: &Event, document: Option<&str>) -> core::Fact {
    let document = document.unwrap_or_default();
    match &own.fact {
        Fact::Policy(policy) => adopted(policy, document).into(),
        Fact::Calendar(_) => core::Fact::from(core::CalendarAdopted {
            calendar_id: CalendarId::new(&calendar_id(own.id)).unwrap(),
            sha256: Sha256::of(document.as_bytes()),
        }),
        Fact::Void { target } => core::Fact::from(core::EntryVoided {
            target_event: event_id(*target),
            reason: text("误报"),
            authorised_by: None,
        }),
        Fact::Person { .. } | Fact::Assignment { .. } | Fact::AssignmentEnd { .. } | Fact::Title { .. } => {
            register(&own.fact)
        }
        Fact::Topic { .. } | Fact::Published { .. } | Fact::Awarded { .. } | Fact::Exemption { .. } => work(&own.fact),
        other => training(own.id, other),
    }
}
