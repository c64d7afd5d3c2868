//! Posts a generated county to a ledger in memory, as the intake would.

mod claims;
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

use self::facts::{event_id, register, school, teacher, text, training, work};
use crate::day::Day;
use crate::facts::{Act, Event, Fact, Recorded, Semester};
use crate::model::Policy;
use crate::toml;

/// The ledger, and what of the postings it recorded at which index.
pub struct InLedger {
    pub state: State,
    pub facts: Vec<Recorded>,
    /// What it refused, and how many of the facts it had taken before.
    pub refused: Vec<(usize, Event)>,
}

fn event(id: u128, from: Day, to: Day, fact: impl Into<core::Fact>) -> core::Event {
    core::Event::of(event_id(id), from.jiff(), to.jiff(), fact)
}

/// Posts all events, from a day after all of them on, which passes only while a publicity runs; each stands or falls by
/// itself. An error if a document is refused: all generated ones must be read.
pub fn post(events: &[Event]) -> Result<InLedger, String> {
    let start = Day::of(2010, 1, 1);
    let registered = core::SchoolRegistered {
        school_id: school(),
        name: text("第一小学"),
        stage: Stage::Primary,
        township: None,
        group: None,
    };
    let mut today = Day::of(2026, 9, 1);
    let posting = |own: Option<Event>, day: Day, event| Posting { own, day, event };
    let mut postings = vec![
        posting(None, today, event(1, start, start, registered)),
        posting(None, today, event(2, start, start, claims::registered())),
    ];
    postings.extend(working_days().map(|event| posting(None, today, event)));
    for own in events {
        let document = match &own.fact {
            Fact::Policy(policy) => Some(toml::document(policy)),
            Fact::Calendar(semesters) => Some(calendar(own.id, semesters)),
            _ => None,
        };
        if let Some(document) = &document {
            let parts = parts(own, document).into_iter();
            postings.extend(parts.map(|part| posting(None, today, part)));
        }
        let (from, to) = match &own.fact {
            Fact::Claim { act, .. } => {
                if matches!(act, Act::EndPublicity { .. }) {
                    today = today.plus(claims::PUBLICITY_DAYS + 1);
                }
                let runs = matches!(act, Act::Publish { .. });
                (today, today.plus(if runs { claims::PUBLICITY_DAYS } else { 0 }))
            }
            _ => (own.from, own.to),
        };
        let fact = fact(own, document.as_deref());
        let own_event = core::Event {
            supersedes: own.supersedes.map(event_id),
            claim_id: own.claim.map(claims::claim_id),
            ..event(own.id, from, to, fact)
        };
        let own = Event {
            from,
            to,
            ..own.clone()
        };
        postings.push(posting(Some(own), today, own_event));
    }
    record(&postings)
}

/// The calendar of the working days.
fn working_days() -> impl Iterator<Item = core::Event> {
    let start = Day::of(2019, 1, 1);
    let own = Event {
        id: 3,
        from: start,
        to: start,
        supersedes: None,
        claim: None,
        fact: Fact::Calendar(Vec::new()),
    };
    let adopted = core::CalendarAdopted {
        calendar_id: CalendarId::new("gongzuori").unwrap(),
        sha256: Sha256::of(claims::WORKING_DAYS.as_bytes()),
    };
    let parts = parts(&own, claims::WORKING_DAYS);
    parts.into_iter().chain([event(own.id, start, start, adopted)])
}

/// What is posted on a day, and the county's event, with the days that it got.
struct Posting {
    own: Option<Event>,
    day: Day,
    event: core::Event,
}

fn record(postings: &[Posting]) -> Result<InLedger, String> {
    let mut state = State::new();
    let (mut facts, mut refused) = (Vec::new(), Vec::new());
    for (number, of_day) in (1..).zip(postings.chunk_by(|one, two| one.day == two.day)) {
        let decision = decide(&mut state, &submission(number, of_day), &Originals::new());
        for (posting, verdict) in of_day.iter().zip(&decision.verdicts) {
            let code = verdict.reason.as_ref().map(|reason| reason.code);
            if code == Some(ReasonCode::DocumentInvalid) {
                return Err(format!("{:?}", verdict.reason));
            }
            let Some(event) = posting.own.clone() else { continue };
            match verdict.index.filter(|_| verdict.verdict.is_in_ledger()) {
                Some(index) => facts.push(Recorded { index, event }),
                None => refused.push((facts.len(), event)),
            }
        }
    }
    Ok(InLedger { state, facts, refused })
}

fn submission(number: u128, of_day: &[Posting]) -> Submission {
    let noon = of_day[0].day.jiff().at(4, 0, 0, 0);
    let noon = noon.to_zoned(jiff::tz::TimeZone::UTC).unwrap();
    Submission {
        submission_id: SubmissionId::new(Uuid::from_u128(number)),
        office: OfficeCode::new("610729").unwrap(),
        poster: PosterId::new("clerk-1").unwrap(),
        received_at: Millis(noon.timestamp().as_millisecond()),
        taking: Taking::Each,
        events: of_day
            .iter()
            .map(|posting| Posted::Event(posting.event.clone()))
            .collect(),
    }
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
        Fact::Claim { .. } => claims::claim(&own.fact),
        Fact::Person { .. }
        | Fact::Assignment { .. }
        | Fact::AssignmentEnd { .. }
        | Fact::Title { .. }
        | Fact::Renewed { .. }
        | Fact::Withdrawn { .. }
        | Fact::Recommended { .. }
        | Fact::Candidate { .. } => register(&own.fact),
        Fact::Merged { kept, dropped } => core::Fact::from(core::PersonsMerged {
            kept_id: teacher(kept),
            dropped_id: teacher(dropped),
            reviewer: claims::reviewer(),
            reason: text("证件一致"),
        }),
        Fact::Parted { kept, dropped } => core::Fact::from(core::MergeReversed {
            kept_id: teacher(kept),
            dropped_id: teacher(dropped),
            reviewer: claims::reviewer(),
            reason: text("证件不同"),
        }),
        Fact::Topic { .. } | Fact::Published { .. } | Fact::Awarded { .. } | Fact::Exemption { .. } => work(&own.fact),
        other => training(own.id, other),
    }
}
