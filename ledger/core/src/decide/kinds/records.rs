//! Voids and historical loads.

use super::Judged;
use crate::decide::rules::View;
use crate::decide::ruling::Ruling;
use crate::event::{ClockCorrected, EntryVoided, Event, HistoricalLoadOpened};
use crate::reason::ReasonCode;
use crate::state::Fate;

/// A void may come before its target; one of a void, or of what others stand on, is refused (DOMAIN §13a).
impl Judged for EntryVoided {
    fn ruling(&self, view: &View<'_>, event: &Event) -> Option<Ruling> {
        let target = self.target_event;
        let about = |code| Some(Ruling::refused(code, "target_event", target));
        if event.event_id == target {
            return about(ReasonCode::VoidOfVoid);
        }
        let (kind, nature) = view.state.kind_of(target)?;
        if kind == Self::KIND {
            return about(ReasonCode::VoidOfVoid);
        }
        if !nature.voidable {
            return about(ReasonCode::NotVoidable);
        }
        match view.state.fate(view.state.events.recorded(target)?, view.size) {
            Fate::Stands | Fate::WithoutOriginal(_) => None,
            Fate::Void(_) => about(ReasonCode::AlreadyVoided),
            Fate::Corrected(by) => {
                let last = view.state.stands_for(target, view.size).unwrap_or(by);
                Some(Ruling::refused_for(
                    ReasonCode::CorrectionFirst,
                    "target_event",
                    target,
                    last,
                ))
            }
        }
    }
}

impl Judged for HistoricalLoadOpened {
    fn ruling(&self, view: &View<'_>, _: &Event) -> Option<Ruling> {
        let is_taken = view.state.loads.contains_key(&self.load_id);
        is_taken.then(|| Ruling::refused(ReasonCode::LoadTaken, "load_id", self.load_id))
    }
}

/// It is for a ledger whose time is ahead of a clock that can be believed, and stands alone, so that nothing else is stamped
/// by a time that is not yet the ledger's.
impl Judged for ClockCorrected {
    fn ruling(&self, view: &View<'_>, _: &Event) -> Option<Ruling> {
        let stamp = view.submission.received_at;
        let about = |code| Some(Ruling::refused(code, "", stamp.local_date()));
        if view.submission.events.len() != 1 {
            about(ReasonCode::NotAlone)
        } else if view.state.recorded_at() <= stamp {
            about(ReasonCode::ClockNotAhead)
        } else {
            None
        }
    }
}
