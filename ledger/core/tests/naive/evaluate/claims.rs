//! Claims: what may be done to one, and what an entry under one waits for.

use super::county::undone;
use crate::facts::{Act, Event, Fact, Id, Recorded};

/// Whether the entry, or what it corrects, names a claim that is not credited, or does not claim that entry any more.
pub fn pends(row: &Recorded, all: &[&Recorded]) -> bool {
    if let Some(claim) = row.event.claim {
        let is_credited = |row: &(&Event, &Act)| matches!(row.1, Act::Credit { .. });
        let credited = acts(claim, all).iter().any(is_credited);
        return !credited || last_submitted(claim, all).is_none_or(|(_, what)| !what.contains(&row.event.id));
    }
    let original = row.event.supersedes.and_then(|id| find(id, all));
    original.is_some_and(|original| pends(original, all))
}

/// Whether the ledger, of which this is all, takes what is done to a claim, or what stands under one. Of other events only
/// what claims ask of them.
pub fn takes(event: &Event, all: &[&Recorded]) -> bool {
    let Fact::Claim { claim, teacher, act } = &event.fact else {
        return takes_under(event, all);
    };
    let (stage, acts) = (stage(claim, all), acts(claim, all));
    let last = last_submitted(claim, all);
    let seen = |submitted: u128| last.is_some_and(|(id, _)| id == submitted);
    let complete = last.is_some_and(|(_, what)| is_complete(what, (claim, teacher), all));
    match act {
        Act::Submit { what } => {
            let fits = |id: &u128| find(*id, all).is_none_or(|row| is_hers(row, claim, teacher));
            matches!(stage, None | Some("submitted" | "returned")) && what.iter().all(fits)
        }
        Act::SchoolCheck { submitted } => seen(*submitted) && stage == Some("submitted") && complete,
        Act::CountyCheck { submitted } => seen(*submitted) && stage == Some("school_checked") && complete,
        Act::Return { submitted } | Act::Reject { submitted } => {
            seen(*submitted) && !matches!(stage, Some("returned" | "rejected" | "credited"))
        }
        Act::Publish { .. } => stage == Some("county_checked") && complete,
        Act::EndPublicity { batch } => {
            opened(batch, &acts).is_some_and(|notice| notice.to < event.from) && !has_ended(batch, &acts)
        }
        Act::Object { batch } => {
            let runs = opened(batch, &acts).is_some_and(|notice| (notice.from..=notice.to).contains(&event.from));
            stage == Some("publicity") && runs && !has_ended(batch, &acts) && last_batch(&acts) == Some(batch)
        }
        Act::Decide { objection, .. } => {
            let raised = acts.iter().any(|row| row.0.id == *objection);
            raised && decision(*objection, &acts).is_none()
        }
        Act::Credit { submitted } => {
            let published = last_batch(&acts).is_some_and(|batch| has_ended(batch, &acts) && !is_stopped(batch, &acts));
            seen(*submitted) && stage == Some("publicity") && published && complete
        }
    }
}

/// Under a claim that is looked at nothing is added; what is claimed is corrected under its own claim alone.
fn takes_under(event: &Event, all: &[&Recorded]) -> bool {
    let original = event.supersedes.and_then(|id| find(id, all));
    let Some(claim) = event.claim else {
        return original.is_none_or(|original| !pends(original, all));
    };
    let is_open = matches!(stage(claim, all), None | Some("submitted" | "returned"));
    is_open && original.is_none_or(|original| original.event.claim == Some(claim))
}

fn find<'f>(id: u128, all: &[&'f Recorded]) -> Option<&'f Recorded> {
    all.iter().copied().find(|row| row.event.id == id)
}

/// What was done to the claim, in order.
fn acts<'f>(claim: Id, all: &[&'f Recorded]) -> Vec<(&'f Event, &'f Act)> {
    let acts = all.iter().filter_map(|row| match &row.event.fact {
        Fact::Claim { claim: own, act, .. } if *own == claim => Some((&row.event, act)),
        _ => None,
    });
    acts.collect()
}

fn last_submitted<'f>(claim: Id, all: &[&'f Recorded]) -> Option<(u128, &'f [u128])> {
    acts(claim, all).into_iter().rev().find_map(|row| match row.1 {
        Act::Submit { what } => Some((row.0.id, what.as_slice())),
        _ => None,
    })
}

/// Where the last step led.
fn stage(claim: Id, all: &[&Recorded]) -> Option<&'static str> {
    acts(claim, all).into_iter().rev().find_map(|row| match row.1 {
        Act::Submit { .. } => Some("submitted"),
        Act::SchoolCheck { .. } => Some("school_checked"),
        Act::CountyCheck { .. } => Some("county_checked"),
        Act::Publish { .. } => Some("publicity"),
        Act::Credit { .. } => Some("credited"),
        Act::Return { .. } => Some("returned"),
        Act::Reject { .. } => Some("rejected"),
        Act::Object { .. } | Act::Decide { .. } | Act::EndPublicity { .. } => None,
    })
}

/// Whether all that is claimed is there, stands, and is hers.
fn is_complete(what: &[u128], (claim, teacher): (Id, Id), all: &[&Recorded]) -> bool {
    let stands = |row: &Recorded| undone(row, all).is_none() && is_hers(row, claim, teacher);
    what.iter().all(|id| find(*id, all).is_some_and(stands))
}

/// Whether the entry stands under this claim and credits her.
fn is_hers(row: &Recorded, claim: Id, teacher: Id) -> bool {
    let credits = match &row.event.fact {
        Fact::Attendance { teacher: who, .. }
        | Fact::LessonGiven { teacher: who, .. }
        | Fact::LessonObserved { teacher: who, .. }
        | Fact::SchoolTerm { teacher: who, .. }
        | Fact::Award { teacher: who, .. } => *who == teacher,
        Fact::Topic { leads, members, .. } => leads.contains(&teacher) || members.contains(&teacher),
        Fact::Published { authors, .. } | Fact::Awarded { authors, .. } => authors.contains(&teacher),
        _ => false,
    };
    credits && row.event.claim == Some(claim)
}

fn opened<'f>(batch: &str, acts: &[(&'f Event, &'f Act)]) -> Option<&'f Event> {
    let notice = acts
        .iter()
        .find(|row| matches!(row.1, Act::Publish { batch: own } if own == batch));
    notice.map(|row| row.0)
}

fn has_ended(batch: &str, acts: &[(&Event, &Act)]) -> bool {
    acts.iter()
        .any(|row| matches!(row.1, Act::EndPublicity { batch: own } if own == batch))
}

fn last_batch<'f>(acts: &[(&'f Event, &'f Act)]) -> Option<&'f str> {
    acts.iter().rev().find_map(|row| match row.1 {
        Act::Publish { batch } => Some(batch.as_str()),
        _ => None,
    })
}

/// Whether the objection was upheld, once it is decided.
fn decision(objection: u128, acts: &[(&Event, &Act)]) -> Option<bool> {
    acts.iter().find_map(|row| match row.1 {
        Act::Decide { objection: own, upheld } if *own == objection => Some(*upheld),
        _ => None,
    })
}

/// Whether an objection to this publicity is open or was upheld.
fn is_stopped(batch: &str, acts: &[(&Event, &Act)]) -> bool {
    acts.iter().any(|row| {
        let is_meant = matches!(row.1, Act::Object { batch: own } if own == batch);
        is_meant && decision(row.0.id, acts) != Some(false)
    })
}
