//! The API's messages, from and to the domain.

use std::num::NonZeroU32;

use jiff::civil::Date;
use keshi_core::check;
use keshi_core::entry::{Entry, Posted, Verdict};
use keshi_core::event::Event;
use keshi_core::lang::Lang;
use keshi_core::reason::Reason;
use keshi_core::state::Since;
use keshi_core::submission::{EventVerdict, Receipt};
use keshi_core::time::Millis;
use keshi_core::violation::Violation;

use crate::api;
use crate::event as pb;
use crate::fact_convert::wire_path;
use crate::fields::{Checker, FromWire, ToWire};

/// Reads an API event; `path` begins the fields' names in violations, e.g. `events[3].`.
///
/// # Errors
///
/// All violations of its fields, at least one.
pub fn event_from_api(wire: api::Event, path: &str) -> Result<Event, Vec<Violation>> {
    let mut checker = Checker::under(path);
    match read_event(wire, &mut checker) {
        Some(event) if checker.violations.is_empty() => Ok(event),
        _ => Err(checker.violations),
    }
}

fn read_event(wire: api::Event, checker: &mut Checker) -> Option<Event> {
    let api::Event {
        event_id,
        occurred_from,
        occurred_to,
        org,
        source,
        evidence,
        note,
        supersedes,
        load_id,
        fact,
        claim_id,
    } = wire;
    // All fields are read before any is missed, so that everything wrong is noted at once.
    let event_id = FromWire::read(event_id, "event_id", checker);
    let from = FromWire::read(occurred_from, "occurred_from", checker);
    let to = Option::<Date>::read(occurred_to, "occurred_to", checker);
    let org = FromWire::read(org, "org", checker);
    let source = FromWire::read(source, "source", checker);
    let evidence = FromWire::read(evidence, "evidence", checker);
    let note = FromWire::read(note, "note", checker);
    let supersedes = FromWire::read(supersedes, "supersedes", checker);
    let load_id = FromWire::read(load_id, "load_id", checker);
    let claim_id = FromWire::read(claim_id, "claim_id", checker);
    let fact = FromWire::read(fact, "fact", checker);
    let from = from?;
    let event = Event {
        event_id: event_id?,
        from,
        to: to?.unwrap_or(from),
        org: org?,
        source: source?,
        evidence: evidence?,
        note: note?,
        supersedes: supersedes?,
        load_id: load_id?,
        claim_id: claim_id?,
        fact: fact?,
    };
    for violation in check::violations(&event) {
        let path = wire_path(&event.fact, &violation.field);
        checker.note(&path, &violation.value, violation.problem);
    }
    Some(event)
}

/// An event for the API.
pub fn event_to_api(event: &Event) -> api::Event {
    let same_day = event.from == event.to;
    api::Event {
        event_id: event.event_id.to_wire(),
        occurred_from: event.from.to_wire(),
        occurred_to: (!same_day).then(|| event.to.to_wire()).flatten(),
        org: event.org.to_wire(),
        source: event.source.to_wire(),
        evidence: event.evidence.to_wire(),
        note: event.note.to_wire(),
        supersedes: event.supersedes.to_wire(),
        load_id: event.load_id.to_wire(),
        claim_id: event.claim_id.to_wire(),
        fact: event.fact.to_wire(),
    }
}

/// An API event from the head and the fact of a call that takes one kind.
pub fn event_of(head: Option<api::EventHead>, fact: Option<impl Into<pb::Fact>>) -> api::Event {
    let api::EventHead {
        event_id,
        occurred_from,
        occurred_to,
        org,
        source,
        evidence,
        note,
        supersedes,
        load_id,
        claim_id,
    } = head.unwrap_or_default();
    api::Event {
        event_id,
        occurred_from,
        occurred_to,
        org,
        source,
        evidence,
        note,
        supersedes,
        load_id,
        claim_id,
        fact: fact.map(Into::into),
    }
}

/// A violation for the API.
pub fn violation_to_api(violation: &Violation) -> api::FieldViolation {
    api::FieldViolation {
        field: violation.field.clone(),
        value: violation.value.clone(),
        text_zh: violation.text(Lang::Zh),
        text_en: violation.text(Lang::En),
    }
}

/// A reason for the API, with its texts.
pub fn reason_to_api(reason: &Reason) -> api::Reason {
    api::Reason {
        code: reason.code.name().to_owned(),
        field: reason.field.clone(),
        value: reason.value.clone(),
        index: reason.index,
        text_zh: reason.text(Lang::Zh),
        remedy_zh: reason.remedy(Lang::Zh),
        text_en: reason.text(Lang::En),
        remedy_en: reason.remedy(Lang::En),
    }
}

/// A verdict for the API.
pub fn verdict_to_api(verdict: &EventVerdict) -> api::EventVerdict {
    api::EventVerdict {
        event_id: verdict.event_id.to_wire(),
        verdict: verdict.verdict.code(),
        index: verdict.index,
        reason: verdict.reason.as_ref().map(reason_to_api),
        number: verdict.number.map_or(0, NonZeroU32::get),
        violations: Vec::new(),
    }
}

/// A receipt for the API. These bytes also travel back over the bus.
pub fn receipt_to_api(receipt: &Receipt) -> api::Receipt {
    api::Receipt {
        submission_id: receipt.submission_id.to_string(),
        size: receipt.size,
        root: receipt.root.to_vec(),
        verdicts: receipt.verdicts.iter().map(verdict_to_api).collect(),
    }
}

/// The answer that a receipt makes.
pub fn recorded(receipt: api::Receipt) -> api::SubmitResponse {
    api::SubmitResponse {
        submission_id: receipt.submission_id.clone(),
        state: api::submit_response::State::Recorded.into(),
        receipt: Some(receipt),
    }
}

/// A moment for the API.
pub fn millis_to_api(at: Millis) -> prost_types::Timestamp {
    let nanos = i32::try_from(at.0.rem_euclid(1000) * 1_000_000).unwrap_or(0);
    prost_types::Timestamp {
        seconds: at.0.div_euclid(1000),
        nanos,
    }
}

/// A moment from the API; `None` if it is beyond milliseconds in 64 bits.
pub fn millis_from_api(at: &prost_types::Timestamp) -> Option<Millis> {
    let whole = at.seconds.checked_mul(1000)?;
    whole.checked_add(i64::from(at.nanos) / 1_000_000).map(Millis)
}

/// An entry for the API, with the leaf hash of its stored bytes and what became of it since.
pub fn entry_to_api(entry: &Entry, leaf_hash: &[u8; 32], since: Since) -> api::Entry {
    let (event, unreadable) = match &entry.posted {
        Posted::Event(event) => (Some(event_to_api(event)), Vec::new()),
        Posted::Unreadable { sha256, .. } => (None, sha256.0.to_vec()),
    };
    api::Entry {
        index: entry.index,
        recorded_at: Some(millis_to_api(entry.recorded_at)),
        submission_id: entry.submission_id.to_string(),
        poster: entry.poster.to_string(),
        verdict: entry.verdict.code(),
        reason: entry.reason.as_ref().map(reason_to_api),
        event,
        late: entry.outcome.late,
        unreadable_sha256: unreadable,
        leaf_hash: leaf_hash.to_vec(),
        voided_by: since.voided_by,
        corrected_by: since.corrected_by,
    }
}

/// Whether the verdict puts the event into the ledger (newly or already).
pub fn is_in_ledger(verdict: i32) -> bool {
    Verdict::from_code(verdict).is_some_and(Verdict::is_in_ledger)
}
