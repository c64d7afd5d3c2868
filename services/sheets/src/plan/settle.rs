//! Rows compared with each other: what several rows say of one thing becomes one event, or a contradiction.

use std::collections::{BTreeMap, HashMap};

use keshi_core::codes::Mode;
use keshi_core::event::{Event, Fact};
use keshi_core::hours::Hours;
use keshi_core::ids::{EventId, OfficeCode};

use super::{Draft, PersonProblem, Place, Plan, PlannedRow};
use crate::problem::{Issue, RowProblem};

/// One content of an event id, and the rows that give it.
struct Variant {
    event: Event,
    rows: Vec<usize>,
}

/// Joins the drafts of all rows into a plan.
pub(super) fn settle(
    mut drafts: Vec<Draft>,
    office: OfficeCode,
    people: Vec<PersonProblem>,
    name_of: impl Fn(Place) -> String,
) -> Plan {
    let mut by_id = variants(&mut drafts);
    let mut rows: Vec<PlannedRow> = Vec::with_capacity(drafts.len());
    let mut identities = Vec::new();
    for draft in drafts {
        rows.push(PlannedRow {
            place: draft.place,
            events: Vec::new(),
            problems: draft.problems,
            same_as: None,
        });
        identities.push(draft.identity);
    }
    let mut ids: Vec<EventId> = by_id.keys().copied().collect();
    ids.sort_unstable();
    for id in &ids {
        if let Some(variants) = by_id.get_mut(id) {
            agree(variants);
            blame(variants, &mut rows, &name_of);
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
    let good = |(row, identity): (&PlannedRow, Option<_>)| identity.filter(|_| row.problems.is_empty());
    plan.identities = plan.rows.iter().zip(identities).filter_map(good).collect();
    mark_same(&mut plan);
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
        Fact::ProjectOpened(_) | Fact::SessionHeld(_) | Fact::CompetitionHeld(_)
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
fn blame(variants: &mut Vec<Variant>, rows: &mut [PlannedRow], name_of: &impl Fn(Place) -> String) {
    let [first, second, ..] = &variants[..] else { return };
    let field = first.event.differing_field(&second.event).unwrap_or_default();
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
        for &row in &variant.rows {
            let Some(row) = rows.get_mut(row) else { continue };
            let named = others.iter().take(3).map(|other| {
                let here = (other.book, other.sheet) == (row.place.book, row.place.sheet);
                if here { other.row.to_string() } else { name_of(*other) }
            });
            let more = if others.len() > 3 { " …" } else { "" };
            let named = named.collect::<Vec<_>>().join("、") + more;
            row.problems.push(RowProblem {
                row: row.place.row,
                column: keshi_core::reason::field_zh(field).to_owned(),
                value: String::new(),
                issue: Issue::Contradicts { rows: named },
            });
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
        Fact::EntryMade(_) => 8,
        _ => 9,
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
