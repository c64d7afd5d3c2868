//! Checking a plan with the ledger.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use keshi_core::event::{Event, Fact};
use keshi_core::ids::LoadId;
use keshi_core::reason::ReasonCode;
use keshi_proto::api;
use keshi_proto::api_convert::event_to_api;
use keshi_sheets::plan::{Batch, Plan, Rows, Undo};
use keshi_sheets::report::{Answers, Told};
use uuid::Uuid;

use crate::changes::{self, Changes, Reasons};
use crate::roster::Unsettled;
use crate::stop::unless_stopped;
use crate::{Outcome, Watch, entry};
use keshi_client::Client;
use keshi_core::lang::say;

/// Where the ids of parts of a submission come from.
const PARTS: Uuid = Uuid::from_u128(0x6b65_7368_695f_4e75_9c11_53b0_8e61_7061);

/// How often a plan is checked anew after something in it was changed: once for wrong fields, and for a few loads.
const ROUNDS_MAX: u32 = 6;

/// A plan that the ledger has judged without recording it.
pub(crate) struct Checked {
    pub(crate) answers: Answers,
    /// What is worth sending: every event that no field rules out.
    pub(crate) batches: Vec<Batch>,
}

/// What one dry run found besides verdicts.
#[derive(Debug, Default)]
struct Findings {
    /// Places in the plan of events with wrong fields.
    wrong: BTreeSet<usize>,
    /// Those of them that the caller may not post at all.
    denied: BTreeSet<usize>,
    /// Places in the plan of events that stand in the ledger already, but under another historical load: the entry.
    other_load: BTreeMap<usize, u64>,
    /// Places in the plan of events whose id stands in the ledger with other content: the entry.
    conflicts: BTreeMap<usize, u64>,
    /// Places in the plan of events that stand in the ledger as they are: the entry.
    duplicates: BTreeMap<usize, u64>,
    /// Those of them that are void since: the entry that voided them.
    void: BTreeMap<usize, u64>,
}

/// Asks the ledger what would become of the plan.
///
/// A row that was recorded under a historical load is the same row when it is imported again without naming the load, or
/// naming another: its event takes the load of the original, and so is a duplicate and no conflict.
///
/// So is a row that was corrected since to what it says now. One that says something else is told with both values, or
/// becomes a correction, if there is a reason for it.
pub(crate) async fn check(
    watch: &dyn Watch,
    client: &Client,
    (rows, plan): (&Rows, &mut Plan),
    mut answers: Answers,
    (reasons, today): (&Reasons, Date),
    unsettled: Unsettled,
) -> Outcome<Checked> {
    let mut batches = plan.batches();
    let mut found = check_once(watch, client, &batches, &mut answers).await?;
    let (mut wrong, mut denied) = (BTreeSet::new(), BTreeSet::new());
    let mut changes = Changes::default();
    for _ in 0..ROUNDS_MAX {
        if found.wrong.is_empty() && !take_original_load(client, plan, &found).await {
            let held = found.to_look_at(plan);
            changes::look(watch, client, (rows, plan), &held, (reasons, today), &mut changes).await;
            // What was not looked at would pass for a conflict.
            unless_stopped(watch)?;
            changes.void.append(&mut found.void);
            changes::bring_back(watch, client, plan, (&found.duplicates, reasons), &mut changes).await?;
            if !changes.is_changed {
                break;
            }
        }
        // A wrong field rules out its whole submission. Without those events the others get a verdict of their own.
        wrong.append(&mut found.wrong);
        denied.append(&mut found.denied);
        answers.reach(plan);
        batches = plan.batches().iter().flat_map(|batch| without(batch, &wrong)).collect();
        found = check_once(watch, client, &batches, &mut answers).await?;
    }
    wrong.append(&mut found.wrong);
    denied.append(&mut found.denied);
    // A school says who came; what county or base holds, they say.
    for at in denied {
        if plan.events.get(at).is_some_and(|event| is_held_by_others(&event.fact)) {
            answers.tell(at, Told::LeftToOthers);
        }
    }
    changes.told.extend(unsettled);
    // What was to be corrected or voided, and is not there.
    for (at, event) in plan.events.iter().enumerate() {
        let is_done = matches!(event.fact, Fact::EntryVoided(_))
            || event.supersedes.is_some()
            || changes.brought_back.contains(&at);
        let is_there = is_done || found.duplicates.contains_key(&at);
        if !is_there && plan.wish(at).is_some() && !changes.told.contains_key(&at) {
            changes.told.insert(at, Told::NothingThere);
        }
    }
    // What would only be a conflict is not worth an entry.
    wrong.extend(changes.told.keys());
    changes.told.into_iter().for_each(|(at, told)| answers.tell(at, told));
    wrong.extend(halves(plan, &answers));
    batches = batches.iter().flat_map(|batch| without(batch, &wrong)).collect();
    Ok(Checked { answers, batches })
}

/// Places in the plan of what its row does as a whole or not at all, where not all of it would stand. Whoever moves leaves
/// one post and takes the other; of a row that is void neither the correction counts nor what it corrected.
fn halves(plan: &Plan, answers: &Answers) -> Vec<usize> {
    let fact = |at: &usize| plan.events.get(*at).map(|event| &event.fact);
    let is_void = |at: &usize| matches!(fact(at), Some(Fact::EntryVoided(_)));
    let is_end = |at: &usize| matches!(fact(at), Some(Fact::AssignmentEnded(_)));
    let is_start = |at: &usize| matches!(fact(at), Some(Fact::AssignmentStarted(_)));
    let would_stand = |at: &usize| {
        use api::Verdict as V;
        matches!(answers.told(*at), Told::Verdict(told)
            if matches!(told.verdict(), V::Recorded | V::Waiting | V::Duplicate))
    };
    let mut halves = Vec::new();
    for row in &plan.rows {
        let own = row.events.last();
        let belongs: Vec<usize> = if own.is_some_and(is_void) {
            row.events.iter().copied().filter(|at| is_void(at)).collect()
        } else if own.is_some_and(is_start) && row.events.iter().any(is_end) {
            // Not of the sheet 任职: there the end is the row's own fact, and is of the very post that the row starts.
            let posts = row.events.iter().copied();
            posts.filter(|at| is_end(at) || is_start(at)).collect()
        } else {
            continue;
        };
        if !belongs.iter().all(would_stand) {
            halves.extend(belongs);
        }
    }
    halves
}

/// Whether rows rest on it that one may post who may not post it itself.
const fn is_held_by_others(fact: &Fact) -> bool {
    matches!(fact, Fact::ProjectOpened(_) | Fact::SessionHeld(_))
}

/// Gives the events that stand in the ledger under another load that load; whether any was changed.
///
/// One load at a time, that of the first such entry. Whoever may not read the entry keeps the conflict.
async fn take_original_load(client: &Client, plan: &mut Plan, found: &Findings) -> bool {
    let Some(&index) = found.other_load.values().next() else {
        return false;
    };
    let answer = entry(client, index).await;
    let Some(event) = answer.ok().and_then(|answer| answer.entry?.event) else {
        return false;
    };
    let load_id = match event.load_id.as_str() {
        "" => None,
        text => LoadId::new(text).ok(),
    };
    let mut is_changed = false;
    for place in found.other_load.keys() {
        if let Some(event) = plan.events.get_mut(*place).filter(|event| event.load_id != load_id) {
            event.load_id = load_id;
            is_changed = true;
        }
    }
    is_changed
}

/// One dry run.
async fn check_once(watch: &dyn Watch, client: &Client, batches: &[Batch], answers: &mut Answers) -> Outcome<Findings> {
    let mut found = Findings::default();
    if batches.is_empty() {
        return Ok(found);
    }
    watch.begins(say("核对", "checking"), batches.len() as u64);
    let requests: Vec<_> = batches.iter().map(|batch| batch.request.clone()).collect();
    let request = client.stream(tokio_stream::iter(requests));
    let answer = client.submissions().check_submissions(request).await;
    let mut checked = answer?.into_inner();
    for (done, batch) in (1..).zip(batches) {
        unless_stopped(watch)?;
        let next = checked.message().await?;
        let next = next.unwrap_or_default();
        watch.reached(done);
        if next.violations.is_empty() {
            answers.verdicts(batch, &next.verdicts);
            found.note_verdicts(batch, &next.verdicts);
        } else {
            answers.violations(batch, &next.violations);
            found.note_wrong(batch, &next.violations);
        }
    }
    watch.ended();
    Ok(found)
}

/// Of each event, the entry in which its id stands, whatever its content there.
pub(crate) async fn known(
    watch: &dyn Watch,
    client: &Client,
    events: impl ExactSizeIterator<Item = &Event>,
) -> Outcome<Vec<Option<u64>>> {
    let request = api::SubmitRequest {
        submission_id: Uuid::new_v4().to_string(),
        taking: api::Taking::Each.into(),
        events: events.map(event_to_api).collect(),
    };
    let count = request.events.len();
    let batch = Batch { request, first: 0 };
    let found = check_once(watch, client, &[batch], &mut Answers::default()).await?;
    let known = |at| found.duplicates.get(&at).or_else(|| found.conflicts.get(&at)).copied();
    Ok((0..count).map(known).collect())
}

impl Findings {
    fn note_wrong(&mut self, batch: &Batch, violations: &[api::FieldViolation]) {
        for violation in violations {
            let place = violation
                .field
                .strip_prefix("events[")
                .and_then(|rest| rest.split_once(']'));
            let Some((number, field)) = place else { continue };
            let Ok(number) = number.parse::<usize>() else { continue };
            self.wrong.insert(batch.first + number);
            // A right that is missing is about the whole event, and no field of it.
            if field.is_empty() {
                self.denied.insert(batch.first + number);
            }
        }
    }

    /// The entries that rows are in conflict with, or that rows wish to void.
    fn to_look_at(&self, plan: &Plan) -> BTreeMap<usize, u64> {
        let is_void = |at: &usize| {
            matches!(
                plan.events.get(*at).map(|event| &event.fact),
                Some(Fact::EntryVoided(_))
            )
        };
        let wishes = |at: &usize| matches!(plan.wish(*at), Some(Undo::Void(_))) && !is_void(at);
        let to_void = self.duplicates.iter().filter(|(at, _)| wishes(at));
        let conflicts = self.conflicts.iter().filter(|(at, _)| !is_void(at));
        conflicts.chain(to_void).map(|(at, index)| (*at, *index)).collect()
    }

    fn note_verdicts(&mut self, batch: &Batch, verdicts: &[api::EventVerdict]) {
        let mistaken = verdicts.iter().enumerate();
        let mistaken = mistaken.filter(|(_, verdict)| verdict.verdict() == api::Verdict::Mistaken);
        self.wrong.extend(mistaken.map(|(i, _)| batch.first + i));
        let conflicts = verdicts.iter().enumerate().filter_map(|(i, verdict)| {
            let reason = verdict.reason.as_ref().filter(|reason| reason.field == "load_id")?;
            let index = reason.index.filter(|_| verdict.verdict() == api::Verdict::Conflict)?;
            Some((batch.first + i, index))
        });
        self.other_load.extend(conflicts);
        let conflicts = verdicts.iter().enumerate().filter_map(|(i, verdict)| {
            let reason = verdict.reason.as_ref()?;
            let changed = [ReasonCode::ContentDiffers, ReasonCode::RegisteredOtherwise];
            let is_changed = changed.iter().any(|code| code.name() == reason.code);
            // Host and home school both post.
            let index = reason.index.filter(|_| is_changed && reason.field != "org")?;
            Some((batch.first + i, index))
        });
        self.conflicts.extend(conflicts);
        let duplicates = verdicts.iter().enumerate().filter_map(|(i, verdict)| {
            let index = verdict.index.filter(|_| verdict.verdict() == api::Verdict::Duplicate)?;
            Some((batch.first + i, index))
        });
        self.duplicates.extend(duplicates);
        let void = verdicts.iter().enumerate().filter_map(|(i, verdict)| {
            let reason = verdict.reason.as_ref()?;
            let index = reason.index.filter(|_| reason.code == ReasonCode::VoidedSince.name())?;
            Some((batch.first + i, index))
        });
        self.void.extend(void);
    }
}

/// The batch in parts that leave the wrong events out.
fn without(batch: &Batch, wrong: &BTreeSet<usize>) -> Vec<Batch> {
    let end = batch.first + batch.request.events.len();
    if wrong.range(batch.first..end).next().is_none() {
        return vec![batch.clone()];
    }
    let mut parts = Vec::new();
    let mut from = batch.first;
    for stop in wrong.range(batch.first..end).copied().chain([end]) {
        if from < stop {
            parts.push(part(batch, from, stop));
        }
        from = stop + 1;
    }
    parts
}

fn part(batch: &Batch, from: usize, to: usize) -> Batch {
    let events = batch
        .request
        .events
        .get(from - batch.first..to - batch.first)
        .unwrap_or_default();
    // The same part gets the same id when it is sent again.
    let name = events
        .iter()
        .flat_map(|event| event.event_id.bytes())
        .collect::<Vec<_>>();
    let request = api::SubmitRequest {
        submission_id: Uuid::new_v5(&PARTS, &name).to_string(),
        taking: batch.request.taking,
        events: events.to_vec(),
    };
    Batch { request, first: from }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(first: usize, count: usize) -> Batch {
        let event = |i: usize| api::Event {
            event_id: format!("e{i}"),
            ..api::Event::default()
        };
        let request = api::SubmitRequest {
            submission_id: "whole".into(),
            taking: api::Taking::Each.into(),
            events: (first..first + count).map(event).collect(),
        };
        Batch { request, first }
    }

    fn spans(wrong: &[usize]) -> Vec<(usize, usize)> {
        let parts = without(&batch(10, 5), &wrong.iter().copied().collect());
        parts
            .iter()
            .map(|part| (part.first, part.request.events.len()))
            .collect()
    }

    #[test]
    fn wrong_events_are_left_out_and_the_others_keep_their_places() {
        assert_eq!(spans(&[]), [(10, 5)]);
        assert_eq!(spans(&[10]), [(11, 4)]);
        assert_eq!(spans(&[12]), [(10, 2), (13, 2)]);
        assert_eq!(spans(&[13, 14]), [(10, 3)]);
        assert_eq!(spans(&[9, 15]), [(10, 5)]);
        assert_eq!(spans(&[10, 11, 12, 13, 14]), []);
    }

    #[test]
    fn the_same_part_has_the_same_id_and_another_part_another() {
        let wrong = BTreeSet::from([12]);
        let (one, two) = (without(&batch(10, 5), &wrong), without(&batch(10, 5), &wrong));
        assert_eq!(one[0].request, two[0].request);
        assert_ne!(one[0].request.submission_id, one[1].request.submission_id);
        assert_eq!(one[1].request.events[0].event_id, "e13");
    }
}
