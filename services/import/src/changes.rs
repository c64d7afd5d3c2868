//! Rows that the ledger has already, with something else in them: told with both values, and corrected if that is wished.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use keshi_core::event::{Event, Fact};
use keshi_core::ids::LoadId;
use keshi_core::text::Text;
use keshi_proto::api_convert::event_from_api;
use keshi_sheets::plan::{Plan, Rows, Undo, brought_back};
use keshi_sheets::report::Told;

use crate::{Outcome, Watch, check, entry};
use keshi_client::Client;
use keshi_core::lang::say;

/// Most corrections upon one another that are looked at.
const CHAIN_MAX: usize = 50;

/// Events in one question.
const EVENTS_AT_ONCE: usize = 1_000;

/// What stands in the place of an entry that a row is in conflict with.
enum Standing {
    /// Events, each in the place of the one before, and their indices; the last stands. At least one.
    Chain(Vec<(u64, Event)>),
    /// Nothing: the entry is void, by this one.
    Void(u64),
    /// It may not be read, or is not there.
    Unknown,
}

/// Why what differs from the ledger is to take the place of what stands there.
#[derive(Debug, Default)]
pub(crate) struct Reasons {
    /// Of any row.
    pub(crate) correct: Option<Text>,
    /// Whether that also brings back what is void.
    pub(crate) brings_back: bool,
    /// Of a teacher's or a school's record, in a roster.
    pub(crate) roster: Option<Text>,
    /// The load that is named: what is brought back is posted now, and that of before may be closed.
    pub(crate) load: Option<LoadId>,
}

impl Reasons {
    fn of(&self, plan: &Plan, at: usize) -> Option<&Text> {
        let registers = plan
            .events
            .get(at)
            .is_some_and(|event| matches!(event.fact, Fact::PersonRegistered(_) | Fact::SchoolRegistered(_)));
        let roster = self.roster.as_ref().filter(|_| registers);
        self.correct.as_ref().or(roster)
    }
}

/// What came of looking at the conflicts of a plan.
#[derive(Default)]
pub(crate) struct Changes {
    /// By place in the plan: what is to be told of it instead of the conflict.
    pub(crate) told: BTreeMap<usize, Told>,
    /// Whether the plan was changed, and has to be checked anew.
    pub(crate) is_changed: bool,
    /// By place in the plan, the entry that voided it: what was voided after it was imported.
    pub(crate) void: BTreeMap<usize, u64>,
    /// Places in the plan of what is brought back, by its row's wish.
    pub(crate) brought_back: BTreeSet<usize>,
}

/// Looks at the entries that the plan's events are in conflict with, but for those told of in `changes` already: what says
/// the same as a later correction is taken for that, and what is changed becomes a correction if there is a reason for it.
pub(crate) async fn look(
    watch: &dyn Watch,
    client: &Client,
    (rows, plan): (&Rows, &mut Plan),
    conflicts: &BTreeMap<usize, u64>,
    (reasons, today): (&Reasons, Date),
    changes: &mut Changes,
) {
    changes.is_changed = false;
    watch.begins(say("比对原记录", "comparing with the ledger"), conflicts.len() as u64);
    for (done, (&at, &index)) in (1..).zip(conflicts).take_while(|_| !watch.is_stopped()) {
        watch.reached(done);
        if changes.told.contains_key(&at) {
            continue;
        }
        let chain = match standing(client, index).await {
            Standing::Chain(chain) => chain,
            Standing::Void(by) => {
                let wished = matches!(plan.wish(at), Some(Undo::Void(_)));
                changes.told.insert(at, Told::Void { index, by, wished });
                changes.void.insert(at, by);
                continue;
            }
            Standing::Unknown => continue,
        };
        let wish = plan.wish(at).cloned();
        if let Some(Undo::Void(reason)) = &wish {
            let ids: Vec<_> = chain.iter().map(|(_, event)| event.event_id).collect();
            plan.void(at, &ids, reason, today);
            changes.is_changed = true;
            continue;
        }
        // The last first. A row that says what was corrected since is no news.
        let mut of_last = None;
        for (_, event) in chain.iter().rev() {
            let other = plan.compare(rows, at, event);
            if other.as_ref().is_some_and(Vec::is_empty) {
                changes.is_changed = true;
                of_last = None;
                break;
            }
            of_last = of_last.or(other);
        }
        let (Some(other), Some((index, last))) = (of_last, chain.last()) else {
            continue;
        };
        let own = match &wish {
            Some(Undo::Correct(reason)) => Some(reason),
            _ => None,
        };
        if let Some(reason) = own.or(reasons.of(plan, at)) {
            let reason = reason.clone();
            plan.correct(rows, at, last, &reason);
            changes.is_changed = true;
        } else {
            changes.told.insert(
                at,
                Told::Changed {
                    index: *index,
                    changed: other,
                },
            );
        }
    }
    watch.ended();
}

/// Of what is void: brings it back where its row says why, and takes it for what brought it back before. Void again, it is
/// looked at again. For the same reason it is brought back once only, and once only made void, so that the same file again
/// changes nothing.
/// `duplicates` are the entries of what stands as it is.
pub(crate) async fn bring_back(
    watch: &dyn Watch,
    client: &Client,
    plan: &mut Plan,
    (duplicates, reasons): (&BTreeMap<usize, u64>, &Reasons),
    changes: &mut Changes,
) -> Outcome {
    let of_all = reasons.correct.as_ref().filter(|_| reasons.brings_back);
    let of_all = of_all.map(|reason| Undo::Correct(reason.clone()));
    let (mut asked, mut done) = (Vec::new(), Vec::new());
    for (at, by) in std::mem::take(&mut changes.void) {
        let Some(mut event) = plan.events.get(at).map(|event| brought_back(event, by)) else {
            continue;
        };
        match plan.wish(at).or(of_all.as_ref()) {
            Some(Undo::Void(reason)) => {
                let is_done = reason_of(client, by).await.as_deref() == Some(reason.as_str());
                if is_done { &mut done } else { &mut asked }.push((at, event));
            }
            Some(Undo::Correct(reason)) => {
                // What this row corrected or brought back before, for this reason, was made void on purpose.
                let is_anew = changes.brought_back.contains(&at) || event.supersedes.is_some();
                let returned = duplicates.get(&at).filter(|_| is_anew);
                if let Some(&index) = returned
                    && reason_of(client, index).await.as_deref() == Some(reason.as_str())
                {
                    continue;
                }
                event.note = Some(reason.clone());
                event.load_id = reasons.load;
                changes.take(plan, at, event);
                changes.brought_back.insert(at);
            }
            None => asked.push((at, event)),
        }
    }
    for part in asked.chunks(EVENTS_AT_ONCE) {
        let known = check::known(watch, client, part.iter().map(|(_, event)| event)).await?;
        for ((at, event), _) in part.iter().zip(known).filter(|(_, known)| known.is_some()) {
            changes.take(plan, *at, event.clone());
        }
    }
    for part in done.chunks(EVENTS_AT_ONCE) {
        let known = check::known(watch, client, part.iter().map(|(_, event)| event)).await?;
        for ((at, event), known) in part.iter().zip(known) {
            let Some(known) = known else { continue };
            let back = stands_again(watch, client, event.clone(), known).await?;
            if let (Some(back), Some(Told::Void { index, by, .. })) = (back, changes.told.get(at)) {
                let (index, by) = (*index, *by);
                changes.told.insert(*at, Told::BackSince { index, by, back });
            }
        }
    }
    Ok(())
}

/// What counts of what was brought back as this event, in the entry of this index: nothing where it was voided again and
/// stayed so.
async fn stands_again(watch: &dyn Watch, client: &Client, mut event: Event, mut index: u64) -> Outcome<Option<u64>> {
    for _ in 0..CHAIN_MAX {
        let by = match standing(client, index).await {
            Standing::Chain(chain) => return Ok(chain.last().map(|(last, _)| *last)),
            Standing::Void(by) => by,
            Standing::Unknown => return Ok(None),
        };
        event = brought_back(&event, by);
        let known = check::known(watch, client, std::iter::once(&event)).await?;
        let Some(next) = known.first().copied().flatten() else {
            return Ok(None);
        };
        index = next;
    }
    Ok(None)
}

/// Why this entry voids another, or stands in the place of one.
async fn reason_of(client: &Client, index: u64) -> Option<String> {
    let event = entry(client, index).await.ok()?.entry?.event?;
    match event_from_api(event, "").ok()? {
        Event {
            fact: Fact::EntryVoided(void),
            ..
        } => Some(void.reason.to_string()),
        Event { note, .. } => note.map(|note| note.to_string()),
    }
}

impl Changes {
    fn take(&mut self, plan: &mut Plan, at: usize, event: Event) {
        plan.take(at, event);
        self.told.remove(&at);
        self.is_changed = true;
    }
}

async fn standing(client: &Client, index: u64) -> Standing {
    let mut chain = Vec::new();
    let mut next = Some(index);
    while let Some(index) = next.filter(|_| chain.len() <= CHAIN_MAX) {
        let Some(entry) = entry(client, index).await.ok().and_then(|answer| answer.entry) else {
            return Standing::Unknown;
        };
        if let Some(by) = entry.voided_by {
            return Standing::Void(by);
        }
        let Some(Ok(event)) = entry.event.map(|event| event_from_api(event, "")) else {
            return Standing::Unknown;
        };
        chain.push((index, event));
        next = entry.corrected_by;
    }
    Standing::Chain(chain)
}
