//! Who is short, over all teachers within the caller's scope.

mod pages;

use std::cmp::Reverse;
use std::collections::VecDeque;
use std::sync::Arc;

use jiff::civil::Date;
use keshi_core::balance::{Assessor, Standing, Status, TooLarge};
use keshi_core::codes::{Post, Stage};
use keshi_core::ids::{PolicyId, TeacherId};
use keshi_core::period::Period;
use keshi_core::state::At;
use keshi_engine::Engine;
use keshi_office::access::Caller;
use parking_lot::Mutex;

use crate::balances::standing_weight;
use crate::desk::{RESULT_BYTES_AT_ONCE, Room, Turns};
use crate::error::Error;
use crate::scope::Scope;

/// Lists kept, so that the pages after the first need not compute them again.
const LISTS_KEPT_MAX: usize = 8;

/// Bytes of lists kept: any one that was computed at all is kept, or each of its pages would compute it again.
const LISTS_BYTES_MAX: usize = RESULT_BYTES_AT_ONCE.caller;

/// One requirement that one teacher does not meet, or that her amounts cannot be counted.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) teacher_id: TeacherId,
    pub(crate) what: What,
}

/// What is the matter with a teacher.
#[derive(Clone, Debug)]
pub(crate) enum What {
    Short(PolicyId, Box<Standing>),
    /// At this entry her amounts go beyond what can be counted.
    TooLarge(u64),
}

impl Row {
    fn weight(&self) -> usize {
        let what = match &self.what {
            What::Short(_, standing) => standing_weight(standing),
            What::TooLarge(_) => 0,
        };
        size_of::<Self>() + what
    }

    /// The order of a list: what cannot be counted first, then most missing, then by teacher, requirement and period.
    fn order(&self) -> impl Ord + use<> {
        let of_standing = match &self.what {
            What::TooLarge(_) => None,
            What::Short(policy_id, standing) => {
                let (id, from) = (standing.requirement.id, standing.period.from);
                Some((Reverse(standing.missing), self.teacher_id, *policy_id, id, from))
            }
        };
        (of_standing, self.teacher_id)
    }
}

/// What is asked. Each empty text: all.
#[derive(Clone, Debug)]
pub(crate) struct Filter {
    pub(crate) period: Period,
    pub(crate) size: u64,
    pub(crate) requirement_id: String,
    pub(crate) school_id: String,
    pub(crate) group: String,
    /// `None`: all.
    pub(crate) stage: Option<Stage>,
    /// Held on some day of the period; `None`: all.
    pub(crate) post: Option<Post>,
}

impl Filter {
    /// Tells this list, for this caller, from every other.
    pub(crate) fn key(&self, caller: &Caller) -> String {
        format!("{self:?} {} {:?}", caller.poster_id(), caller.role())
    }
}

/// The lists computed last, the newest first. A list at one size never changes.
#[derive(Debug, Default)]
pub(crate) struct Lists(Mutex<VecDeque<Kept>>);

#[derive(Debug)]
struct Kept {
    key: String,
    rows: Arc<Vec<Row>>,
    bytes: usize,
}

impl Lists {
    pub(crate) fn get(&self, key: &str) -> Option<Arc<Vec<Row>>> {
        let lists = self.0.lock();
        lists
            .iter()
            .find(|kept| kept.key == key)
            .map(|kept| Arc::clone(&kept.rows))
    }

    /// Keeps a list, and forgets the oldest that there is no room for beside it.
    pub(crate) fn keep(&self, key: String, rows: Arc<Vec<Row>>) {
        let bytes = weight(&rows);
        let mut lists = self.0.lock();
        lists.push_front(Kept { key, rows, bytes });
        let mut sum = 0;
        let fit = lists.iter().take_while(|kept| {
            sum += kept.bytes;
            sum <= LISTS_BYTES_MAX
        });
        let fit = fit.count().min(LISTS_KEPT_MAX);
        lists.truncate(fit);
    }
}

/// Computes a list, in steps at the desk. Takes a while for a county.
pub(crate) fn compute(
    engine: &Engine,
    caller: &Caller,
    filter: &Filter,
    turns: &Turns,
    room: &mut Room,
) -> Result<Vec<Row>, Error> {
    #[allow(
        clippy::redundant_closure_for_method_calls,
        reason = "the method is of one lifetime, not of any"
    )]
    let ids = turns.step(|_| engine.query_at(filter.size, |at| at.teacher_ids()))?;
    let mut ids = ids.iter();
    let mut rows = Vec::new();
    while !ids.as_slice().is_empty() {
        let before = rows.len();
        turns.step(|step| {
            engine.query_at(filter.size, |at| {
                let assessor = Assessor::new(at);
                for id in ids.by_ref() {
                    if filter.asks_about(at, caller, id) {
                        rows_of(&assessor, filter, id, &mut rows);
                    }
                    if step.is_over() {
                        break;
                    }
                }
            });
        })?;
        room.take(rows.get(before..).map_or(0, weight))?;
    }
    rows.sort_by_cached_key(Row::order);
    Ok(rows)
}

/// The bytes that rows take.
fn weight(rows: &[Row]) -> usize {
    rows.iter().map(Row::weight).sum()
}

impl Filter {
    /// Whether the list is about this teacher, and the caller may read about her.
    fn asks_about(&self, at: At<'_>, caller: &Caller, id: &TeacherId) -> bool {
        let Some(scope) = Scope::of(at, id, (self.period.from, self.period.to)) else {
            return false;
        };
        let school = self.school_id.is_empty() || scope.stood_at.iter().any(|school| school.as_str() == self.school_id);
        let group = self.group.is_empty() || scope.groups.iter().any(|group| group.as_str() == self.group);
        let profile = |stage| at.profile(id).is_some_and(|profile| profile.stage == stage);
        school
            && group
            && self.stage.is_none_or(profile)
            && self.post.is_none_or(|post| self.holds(at, id, post))
            && scope.admits(caller, id).is_ok()
    }

    fn holds(&self, at: At<'_>, id: &TeacherId, post: Post) -> bool {
        let mut held = at.holdings(id).into_iter();
        held.any(|held| {
            let last = held.to.unwrap_or(Date::MAX);
            // One that ended before it began was never held.
            held.post == post && held.from <= last && self.period.overlaps(held.from, last)
        })
    }
}

fn rows_of(assessor: &Assessor<'_>, filter: &Filter, id: &TeacherId, rows: &mut Vec<Row>) {
    let balance = match assessor.standings(id, filter.period) {
        Ok(balance) => balance,
        Err(TooLarge { teacher_id, index }) => {
            let what = What::TooLarge(index);
            rows.push(Row { teacher_id, what });
            return;
        }
    };
    for section in balance.into_iter().flat_map(|balance| balance.sections) {
        let Some((policy_id, ..)) = section.policy else {
            continue;
        };
        let short = section.standings.into_iter().filter(|standing| {
            let asked = filter.requirement_id.is_empty() || standing.requirement.id.as_str() == filter.requirement_id;
            asked && standing.status == Status::Short
        });
        rows.extend(short.map(|standing| Row {
            teacher_id: *id,
            what: What::Short(policy_id, Box::new(standing)),
        }));
    }
}
