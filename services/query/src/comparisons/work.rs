//! The long part: every teacher within the caller's scope is assessed twice.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use keshi_core::balance::{Assessor, Standing, TooLarge};
use keshi_core::ids::{RuleId, TeacherId};
use keshi_core::state::At;
use keshi_core::title::title_zh;
use keshi_engine::Engine;
use keshi_office::access::Caller;
use keshi_proto::{api, date_to_wire};
use tokio::sync::watch;

use super::steps::Next;
use super::turns::{Pair, Row, What, is_short, missing, pairs};
use super::{Compare, Progress};
use crate::balances::unit_of;
use crate::desk::{Room, Turns};
use crate::error::Error;
use crate::ready::Place;
use crate::scope::Scope;

/// Teachers named whose amounts cannot be counted.
const TOO_LARGE_NAMED_MAX: usize = 20;

/// What came out.
pub(super) struct Compared {
    /// Those newly short first, of them those who miss most.
    pub(super) rows: Vec<Row>,
    pub(super) result: api::PolicyComparison,
    _room: Room,
}

/// Compares all teachers, in steps at the desk.
pub(super) fn compare(
    engine: &Engine,
    caller: &Caller,
    question: &Compare,
    (turns, mut room): (&Turns, Room),
    progress: &watch::Sender<Progress>,
) -> Result<Compared, Error> {
    let size = question.size;
    #[allow(
        clippy::redundant_closure_for_method_calls,
        reason = "the method is of one lifetime, not of any"
    )]
    let ids = turns.step(|_| engine.query_at(size, |at| at.teacher_ids()))?;
    let total = ids.len();
    let mut ids = ids.iter();
    let mut counts = Counts::new(question);
    let mut rows: Vec<Row> = Vec::new();
    while !ids.as_slice().is_empty() {
        let known = rows.len();
        turns.step(|step| {
            engine.query_at(size, |at| {
                let before = Assessor::under(at, &question.before.policies);
                let after = Assessor::under(at, &question.after.policies);
                let steps = question.ladders.as_ref().map(|ladders| ladders.sides(at, question));
                for id in ids.by_ref() {
                    if admits(at, caller, id, question) {
                        let both = before.standings(id, question.period);
                        match both.and_then(|before| Ok((before, after.standings(id, question.period)?))) {
                            Ok((before, after)) => counts.teacher(*id, pairs(before, after), &mut rows),
                            Err(too_large) => counts.too_large(&too_large),
                        }
                        if let Some(steps) = &steps {
                            counts.steps(*id, steps.of(id), &mut rows);
                        }
                    }
                    if step.is_over() {
                        break;
                    }
                }
            });
        })?;
        let new = rows.get(known..).unwrap_or_default();
        room.take(new.iter().map(Row::weight).sum())?;
        let done = total - ids.len();
        progress.send_replace(Progress { done, total });
    }
    rows.sort_by_key(|row| (row.turn, Reverse(row.missing_change().abs()), row.teacher_id));
    Ok(Compared {
        rows,
        result: counts.finish(),
        _room: room,
    })
}

fn admits(at: At<'_>, caller: &Caller, id: &TeacherId, question: &Compare) -> bool {
    let days = (question.period.from, question.period.to);
    let scope = Scope::of(at, id, days);
    scope.is_some_and(|scope| scope.admits(caller, id).is_ok())
}

/// The counts at the end.
struct Counts {
    result: api::PolicyComparison,
    requirements: BTreeMap<RuleId, api::RequirementComparison>,
    steps: BTreeMap<Place, api::StepComparison>,
}

impl Counts {
    fn new(question: &Compare) -> Self {
        let Compare {
            before, after, period, ..
        } = question;
        Self {
            result: api::PolicyComparison {
                before_policy_id: before.id.to_string(),
                before_version: before.version,
                before_name: before.name.clone(),
                after_policy_id: after.id.to_string(),
                after_version: after.version,
                after_name: after.name.clone(),
                period: period.name.to_string(),
                size: question.size,
                steps_on: question.ladders.as_ref().map(|ladders| date_to_wire(ladders.on)),
                ..api::PolicyComparison::default()
            },
            requirements: BTreeMap::new(),
            steps: BTreeMap::new(),
        }
    }

    /// Notes a teacher whose amounts cannot be counted; the list goes on.
    fn too_large(&mut self, TooLarge { teacher_id, .. }: &TooLarge) {
        self.result.too_large += 1;
        if self.result.too_large_teacher_ids.len() < TOO_LARGE_NAMED_MAX {
            self.result.too_large_teacher_ids.push(teacher_id.to_string());
        }
    }

    /// Counts one teacher, and notes what comes out otherwise.
    fn teacher(&mut self, teacher_id: TeacherId, pairs: Vec<Pair>, rows: &mut Vec<Row>) {
        if pairs.is_empty() {
            return;
        }
        let short_before = pairs.iter().any(|pair| is_short(pair.before.as_ref()));
        let short_after = pairs.iter().any(|pair| is_short(pair.after.as_ref()));
        let under_before = pairs.iter().any(|pair| pair.before.is_some());
        let under_after = pairs.iter().any(|pair| pair.after.is_some());
        let result = &mut self.result;
        result.teachers += 1;
        result.under_before += i64::from(under_before);
        result.under_after += i64::from(under_after);
        result.met_before += i64::from(under_before && !short_before);
        result.met_after += i64::from(under_after && !short_after);
        result.now_short += i64::from(!short_before && short_after);
        result.now_met += i64::from(short_before && !short_after);
        for pair in pairs {
            self.requirement(&pair);
            if let Some(turn) = pair.turn() {
                rows.push(Row {
                    teacher_id,
                    turn,
                    what: What::Requirement(pair),
                });
            }
        }
    }

    fn requirement(&mut self, pair: &Pair) {
        let (before, after) = (pair.before.as_ref(), pair.after.as_ref());
        let Some(stated) = after.or(before) else { return };
        let id = stated.requirement.id;
        let counts = self.requirements.entry(id).or_insert_with(|| named(stated));
        counts.short_before += i64::from(is_short(before));
        counts.short_after += i64::from(is_short(after));
        let add = |sum: &mut i64, standing| *sum = sum.saturating_add(missing(standing).hundredths());
        add(&mut counts.missing_before_centiamount, before);
        add(&mut counts.missing_after_centiamount, after);
        match pair.turn() {
            Some(api::Turn::NowShort) => counts.now_short += 1,
            Some(api::Turn::NowMet) => counts.now_met += 1,
            Some(api::Turn::MoreMissing) => counts.more_missing += 1,
            Some(api::Turn::LessMissing) => counts.less_missing += 1,
            Some(api::Turn::Unspecified | api::Turn::NowReady | api::Turn::NoLongerReady) | None => {}
        }
    }

    /// Counts one teacher's next steps, and notes those that she fulfils under one of the two alone.
    fn steps(&mut self, teacher_id: TeacherId, next: BTreeMap<Place, Next>, rows: &mut Vec<Row>) {
        for (at, Next { before, after }) in next {
            let is_ready = |step: &Option<api::TierStep>| step.as_ref().is_some_and(|step| step.missing_zh.is_empty());
            let (was, is) = (is_ready(&before), is_ready(&after));
            let counts = self.steps.entry(at).or_insert_with(|| titled(at));
            counts.ready_before += i64::from(was);
            counts.ready_after += i64::from(is);
            counts.now_ready += i64::from(!was && is);
            counts.no_longer_ready += i64::from(was && !is);
            if was != is {
                let turn = if is {
                    api::Turn::NowReady
                } else {
                    api::Turn::NoLongerReady
                };
                let what = What::Step { before, after };
                rows.push(Row { teacher_id, turn, what });
            }
        }
    }

    fn finish(self) -> api::PolicyComparison {
        api::PolicyComparison {
            requirements: self.requirements.into_values().collect(),
            steps: self.steps.into_values().collect(),
            ..self.result
        }
    }
}

fn titled((class, Reverse(level)): Place) -> api::StepComparison {
    api::StepComparison {
        class: class.code(),
        level: level.code(),
        name_zh: title_zh(class, level),
        ..api::StepComparison::default()
    }
}

fn named(stated: &Standing) -> api::RequirementComparison {
    let requirement = &stated.requirement;
    let unit = match requirement.unit.as_str() {
        "" => unit_of(requirement.meter),
        unit => unit.to_owned(),
    };
    api::RequirementComparison {
        requirement_id: requirement.id.to_string(),
        meter: requirement.meter.word().to_owned(),
        unit,
        text: requirement.text.clone(),
        ..api::RequirementComparison::default()
    }
}
