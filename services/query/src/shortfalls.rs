//! Who is short, over all teachers within the caller's scope.

use std::collections::VecDeque;
use std::sync::Arc;

use keshi_core::balance::{Standing, Status};
use keshi_core::ids::{PolicyId, TeacherId};
use keshi_core::period::Period;
use keshi_core::state::State;
use keshi_engine::Engine;
use keshi_office::access::Caller;
use parking_lot::Mutex;

use crate::scope::Scope;

/// Teachers looked at under one holding of the state's lock: some milliseconds.
const TEACHERS_AT_ONCE: usize = 64;

/// Lists kept, so that the pages after the first need not compute them again.
const LISTS_KEPT_MAX: usize = 8;

/// One requirement that one teacher does not meet.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) teacher_id: TeacherId,
    pub(crate) policy_id: PolicyId,
    pub(crate) standing: Standing,
}

/// What is asked. Each empty text: all.
#[derive(Clone, Debug)]
pub(crate) struct Filter {
    pub(crate) period: Period,
    pub(crate) size: u64,
    pub(crate) requirement_id: String,
    pub(crate) school_id: String,
    pub(crate) group: String,
}

impl Filter {
    /// Tells this list, for this caller, from every other.
    pub(crate) fn key(&self, caller: &Caller) -> String {
        format!("{self:?} {} {:?}", caller.poster_id(), caller.role())
    }
}

/// The lists computed last. A list at one size never changes.
#[derive(Debug, Default)]
pub(crate) struct Lists(Mutex<VecDeque<(String, Arc<Vec<Row>>)>>);

impl Lists {
    pub(crate) fn get(&self, key: &str) -> Option<Arc<Vec<Row>>> {
        let lists = self.0.lock();
        lists.iter().find(|(of, _)| of == key).map(|(_, rows)| Arc::clone(rows))
    }

    pub(crate) fn keep(&self, key: String, rows: Arc<Vec<Row>>) {
        let mut lists = self.0.lock();
        lists.truncate(LISTS_KEPT_MAX - 1);
        lists.push_front((key, rows));
    }
}

/// Computes a list: most missing first, then by teacher, requirement and period. Takes a while for a county.
pub(crate) fn compute(engine: &Engine, caller: &Caller, filter: &Filter) -> Vec<Row> {
    let ids = engine.query(|state, _| state.teacher_ids(filter.size));
    let mut rows = Vec::new();
    for ids in ids.chunks(TEACHERS_AT_ONCE) {
        engine.query(|state, _| {
            for id in ids {
                rows_of(state, caller, filter, id, &mut rows);
            }
        });
    }
    rows.sort_by(|one: &Row, two: &Row| {
        let key = |row: &Row| {
            (
                row.teacher_id,
                row.policy_id,
                row.standing.requirement.id,
                row.standing.period.from,
            )
        };
        let by_missing = two.standing.missing.cmp(&one.standing.missing);
        by_missing.then_with(|| key(one).cmp(&key(two)))
    });
    rows
}

fn rows_of(state: &State, caller: &Caller, filter: &Filter, id: &TeacherId, rows: &mut Vec<Row>) {
    let days = (filter.period.from, filter.period.to);
    let Some(scope) = Scope::of(state, id, days, filter.size) else {
        return;
    };
    let school = filter.school_id.is_empty() || scope.schools.iter().any(|school| school.as_str() == filter.school_id);
    let group = filter.group.is_empty() || scope.groups.iter().any(|group| group.as_str() == filter.group);
    if !school || !group || scope.admits(caller, id).is_err() {
        return;
    }
    let Some(balance) = state.balance(id, filter.period, filter.size) else {
        return;
    };
    for section in balance.sections {
        let Some((policy_id, ..)) = section.policy else {
            continue;
        };
        let short = section.standings.into_iter().filter(|standing| {
            let asked = filter.requirement_id.is_empty() || standing.requirement.id.as_str() == filter.requirement_id;
            asked && standing.status == Status::Short
        });
        rows.extend(short.map(|standing| Row {
            teacher_id: *id,
            policy_id,
            standing,
        }));
    }
}
