//! Rows compared with each other: what several rows say of one thing becomes one event, or a contradiction.

use std::collections::{BTreeMap, HashMap, HashSet};

use keshi_core::codes::Mode;
use keshi_core::event::{Event, Fact};
use keshi_core::hours::Hours;
use keshi_core::ids::{EventId, OfficeCode};
use keshi_proto::api;

use super::courses;
use super::draft::Draft;
use super::{PersonProblem, Place, Plan, PlannedRow, Rows, Undo};
use crate::columns::Col;
use crate::problem::{Issue, RowProblem};

/// One content of an event id, and the rows that give it.
struct Variant {
    event: Event,
    rows: Vec<usize>,
}

/// Joins the drafts of all rows into a plan.
pub(super) fn settle(mut drafts: Vec<Draft>, office: OfficeCode, people: Vec<PersonProblem>, files: &Rows) -> Plan {
    blame_identities(&mut drafts, files);
    blame_wishes(&mut drafts, files);
    let mut by_id = variants(&mut drafts);
    let mut rows: Vec<PlannedRow> = Vec::with_capacity(drafts.len());
    let mut identities = Vec::new();
    for draft in drafts {
        rows.push(PlannedRow {
            place: draft.place,
            events: Vec::new(),
            problems: draft.problems,
            undo: draft.undo,
            same_as: None,
            like: None,
        });
        identities.push(draft.identity);
    }
    let mut ids: Vec<EventId> = by_id.keys().copied().collect();
    ids.sort_unstable();
    for id in &ids {
        if let Some(variants) = by_id.get_mut(id) {
            agree(variants);
            blame(variants, &mut rows, files);
        }
    }
    let events = keep(by_id, &rows);
    let mut plan = Plan {
        events: Vec::with_capacity(events.len()),
        identities: Vec::new(),
        rows,
        people,
        office,
        givers: Vec::new(),
    };
    for (index, (event, givers)) in events.into_iter().enumerate() {
        for &row in &givers {
            if let Some(row) = plan.rows.get_mut(row) {
                row.events.push(index);
            }
        }
        plan.events.push(event);
        plan.givers.push(givers);
    }
    plan.identities = one_each(&plan.rows, identities);
    mark_same(&mut plan);
    courses::mark_alike(&mut plan);
    plan
}

fn variants(drafts: &mut [Draft]) -> HashMap<EventId, Vec<Variant>> {
    let mut by_id: HashMap<EventId, Vec<Variant>> = HashMap::new();
    for (row, draft) in drafts.iter_mut().enumerate() {
        for event in std::mem::take(&mut draft.events) {
            let known = by_id.entry(event.event_id).or_default();
            match known
                .iter_mut()
                .find(|variant| variant.event.differing_field(&event).is_none())
            {
                Some(same) => same.rows.push(row),
                None => known.push(Variant { event, rows: vec![row] }),
            }
        }
    }
    by_id
}

/// Whether it is something that rows share, told again in each of them.
const fn is_shared(fact: &Fact) -> bool {
    matches!(
        fact,
        Fact::ProjectOpened(_) | Fact::SessionHeld(_) | Fact::CompetitionHeld(_) | Fact::InspectionHeld(_)
    )
}

/// What one row leaves blank and the others agree upon is filled in; then variants that became equal are joined.
fn agree(variants: &mut Vec<Variant>) {
    if variants.len() < 2 || !variants.iter().all(|variant| is_shared(&variant.event.fact)) {
        return;
    }
    macro_rules! fill {
        ($kind:ident: $($field:ident unless $blank:expr,)*) => { $(
            let mut said = Vec::new();
            for variant in variants.iter() {
                if let Fact::$kind(fact) = &variant.event.fact
                    && fact.$field != $blank
                    && !said.contains(&fact.$field)
                {
                    said.push(fact.$field.clone());
                }
            }
            if let [only] = &said[..] {
                for variant in variants.iter_mut() {
                    if let Fact::$kind(fact) = &mut variant.event.fact {
                        fact.$field = only.clone();
                    }
                }
            }
        )* };
    }
    fill!(ProjectOpened: category unless None, topic unless None, mode unless Mode::Other,
        planned_hours unless Hours::ZERO, assessed unless false,);
    fill!(SessionHeld: place unless None, subject unless None, doc_no unless None, hours unless Hours::ZERO,);
    fill!(CompetitionHeld: organiser unless None,);
    let mut joined: Vec<Variant> = Vec::with_capacity(variants.len());
    for variant in variants.drain(..) {
        match joined
            .iter_mut()
            .find(|other| other.event.differing_field(&variant.event).is_none())
        {
            Some(same) => same.rows.extend(variant.rows),
            None => joined.push(variant),
        }
    }
    *variants = joined;
}

/// Notes contradictions. Of what rows share, the majority is taken at its word; of a fact, nobody can tell which row is
/// right. Either way the order of rows does not matter.
fn blame(variants: &mut Vec<Variant>, rows: &mut [PlannedRow], files: &Rows) {
    let [first, _, ..] = &variants[..] else { return };
    let fact = first.event.fact.kind();
    let most = variants.iter().map(|variant| variant.rows.len()).max().unwrap_or(0);
    let winners = variants.iter().filter(|variant| variant.rows.len() == most).count();
    let shared = is_shared(&first.event.fact);
    let mut places: BTreeMap<usize, Vec<Place>> = BTreeMap::new();
    for (at, variant) in variants.iter().enumerate() {
        let here = variant
            .rows
            .iter()
            .filter_map(|row| rows.get(*row))
            .map(|row| row.place);
        places.insert(at, here.collect());
    }
    let wins = |variant: &Variant| shared && winners == 1 && variant.rows.len() == most;
    for (at, variant) in variants.iter().enumerate().filter(|(_, variant)| !wins(variant)) {
        let mut others: Vec<Place> = places
            .iter()
            .filter(|(of, _)| **of != at)
            .flat_map(|(_, p)| p.clone())
            .collect();
        others.sort_unstable();
        // What sets it apart from the one that is right or, where nobody knows, from any other.
        let other = variants.iter().find(|other| wins(other));
        let other = other.or_else(|| variants.iter().enumerate().find(|(of, _)| *of != at).map(|(_, of)| of));
        let field = other
            .and_then(|other| variant.event.differing_field(&other.event))
            .unwrap_or_default();
        for &row in &variant.rows {
            let Some(row) = rows.get_mut(row) else { continue };
            let said = files.cell_about(row.place, fact, field);
            row.problems.push(contradicts(row.place, said, others.iter(), files));
        }
    }
    variants.retain(|variant| shared && winners == 1 && variant.rows.len() == most);
}

/// The events of rows without problems, each with its rows, in the order of sending.
fn keep(by_id: HashMap<EventId, Vec<Variant>>, rows: &[PlannedRow]) -> Vec<(Event, Vec<usize>)> {
    let is_good = |row: &usize| rows.get(*row).is_some_and(|row| row.problems.is_empty());
    let mut events: Vec<(Event, Vec<usize>)> = Vec::with_capacity(by_id.len());
    for variant in by_id.into_values().filter_map(|mut variants| variants.pop()) {
        let mut givers: Vec<usize> = variant.rows.into_iter().filter(is_good).collect();
        givers.sort_unstable();
        givers.dedup();
        if !givers.is_empty() {
            events.push((variant.event, givers));
        }
    }
    events.sort_by_key(|(event, _)| (phase(&event.fact), event.to, event.from, event.event_id));
    events
}

/// What others refer to goes first.
const fn phase(fact: &Fact) -> u8 {
    match fact {
        Fact::SchoolRegistered(_) => 0,
        Fact::PersonRegistered(_) => 1,
        Fact::AssignmentStarted(_) => 2,
        Fact::AssignmentEnded(_) => 3,
        Fact::ProjectOpened(_) => 4,
        Fact::SessionHeld(_) => 5,
        Fact::CompetitionHeld(_) => 6,
        Fact::TitleConferred(_) => 7,
        Fact::EntryMade(_) | Fact::QuestionSent(_) | Fact::InspectionHeld(_) => 8,
        Fact::QuestionPlanned(_) | Fact::FindingChecked(_) => 10,
        Fact::AnswerRated(_) => 11,
        _ => 9,
    }
}

/// The identities of rows without problems, one for each teacher: who has two posts stands in two rows.
fn one_each(rows: &[PlannedRow], identities: Vec<Option<api::Identity>>) -> Vec<api::Identity> {
    let mut seen = HashSet::new();
    let good = |(row, identity): (&PlannedRow, Option<_>)| identity.filter(|_| row.problems.is_empty());
    let good = rows.iter().zip(identities).filter_map(good);
    good.filter(|identity: &api::Identity| seen.insert(identity.teacher_id.clone()))
        .collect()
}

/// Rows that give one teacher different identities are all problems.
fn blame_identities(drafts: &mut [Draft], files: &Rows) {
    let mut by_teacher: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (row, draft) in drafts.iter().enumerate() {
        if let Some(identity) = &draft.identity {
            by_teacher.entry(identity.teacher_id.clone()).or_default().push(row);
        }
    }
    for rows in by_teacher.into_values().filter(|rows| rows.len() > 1) {
        let of = |row: &usize| drafts.get(*row).and_then(|draft| draft.identity.as_ref());
        if rows.iter().all(|row| of(row) == rows.first().and_then(of)) {
            continue;
        }
        let places: Vec<Place> = rows
            .iter()
            .filter_map(|row| drafts.get(*row))
            .map(|draft| draft.place)
            .collect();
        for row in rows {
            let Some(draft) = drafts.get_mut(row) else { continue };
            let others = places.iter().filter(|place| **place != draft.place);
            let column = ("姓名/证件".to_owned(), String::new());
            draft.problems.push(contradicts(draft.place, column, others, files));
            draft.events.clear();
        }
    }
}

/// Rows of one fact that wish different things of it are all problems: who marks the second of two equal rows as void may
/// mean that it stands there twice, and not that it never was.
fn blame_wishes(drafts: &mut [Draft], files: &Rows) {
    let mut by_fact: BTreeMap<EventId, Vec<usize>> = BTreeMap::new();
    for (row, draft) in drafts.iter().enumerate() {
        if let Some(own) = draft.events.last() {
            by_fact.entry(own.event_id).or_default().push(row);
        }
    }
    for rows in by_fact.into_values().filter(|rows| rows.len() > 1) {
        let of = |row: &usize| drafts.get(*row).and_then(|draft| draft.undo.as_ref());
        if rows.iter().all(|row| of(row) == rows.first().and_then(of)) {
            continue;
        }
        let is_void = |row: &usize| matches!(of(row), Some(Undo::Void(_)));
        let col = if rows.iter().any(is_void) {
            Col::Void
        } else {
            Col::Correct
        };
        let places: Vec<Place> = rows
            .iter()
            .filter_map(|row| drafts.get(*row))
            .map(|draft| draft.place)
            .collect();
        for row in rows {
            let Some(draft) = drafts.get_mut(row) else { continue };
            let said = files.row(draft.place).map(|(sheet, row)| {
                let value = sheet.cell(row, col).text();
                (sheet.heading(col).to_owned(), value)
            });
            let others = places.iter().filter(|place| **place != draft.place);
            let problem = contradicts(draft.place, said.unwrap_or_default(), others, files);
            draft.problems.push(problem);
            draft.events.clear();
        }
    }
}

/// The problem of a row that these others contradict, in this column with this value.
fn contradicts<'p>(
    place: Place,
    (column, value): (String, String),
    others: impl Iterator<Item = &'p Place>,
    files: &Rows,
) -> RowProblem {
    let mut named: Vec<String> = others
        .take(4)
        .map(|other| {
            let here = (other.book, other.sheet) == (place.book, place.sheet);
            if here {
                other.row.to_string()
            } else {
                files.name_of(*other)
            }
        })
        .collect();
    let more = if named.len() > 3 { " …" } else { "" };
    named.truncate(3);
    let rows = named.join("、") + more;
    RowProblem {
        row: place.row,
        column,
        value,
        issue: Issue::Contradicts { rows },
    }
}

/// A row whose own fact another row gave before it adds nothing; it is said, since two lessons may have been meant.
fn mark_same(plan: &mut Plan) {
    for row in 0..plan.rows.len() {
        let own = plan.rows.get(row).and_then(|row| row.events.last().copied());
        let first = own
            .and_then(|own| plan.givers.get(own))
            .and_then(|givers| givers.first().copied());
        let place = first
            .filter(|&first| first < row)
            .and_then(|first| plan.rows.get(first))
            .map(|row| row.place);
        if let Some(row) = plan.rows.get_mut(row) {
            row.same_as = place;
        }
    }
}
