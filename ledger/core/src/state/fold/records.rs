//! Voids, historical loads, noted figures.

use super::Fold;
use crate::event::{ClockCorrected, EntryVoided, Event, FigureNoted, HistoricalLoadClosed, HistoricalLoadOpened};
use crate::period::Name;
use crate::state::rows::Load;
use crate::state::{NotedRow, State};

impl Fold for EntryVoided {
    fn fold(&self, state: &mut State, index: u32, _: &Event) {
        let at = state.events.recorded(self.target_event);
        state.effects.void(self.target_event, at, index);
    }
}

impl Fold for HistoricalLoadOpened {
    fn fold(&self, state: &mut State, index: u32, event: &Event) {
        // decide lets a load be opened once.
        state.loads.entry(self.load_id).or_insert(Load {
            index,
            from: event.from,
            to: event.to,
            closings: Vec::new(),
            entries: Vec::new(),
        });
    }
}

impl Fold for HistoricalLoadClosed {
    fn fold(&self, state: &mut State, index: u32, _: &Event) {
        if let Some(load) = state.loads.get_mut(&self.load_id) {
            load.closings.push(index);
        }
    }
}

/// No meter counts it; the report has it beside what the ledger counts.
impl Fold for FigureNoted {
    fn fold(&self, state: &mut State, index: u32, _: &Event) {
        // The event's check read it.
        if let Some(period) = Name::parse(self.period.as_str()) {
            state.noted.push(NotedRow {
                index,
                period,
                figure_id: self.figure_id,
                value: self.value,
                bound: self.bound,
                unit: self.unit.clone(),
            });
        }
    }
}

/// The times before it count as no later than its own, so that times never fall for who asks by date.
impl Fold for ClockCorrected {
    fn fold(&self, state: &mut State, index: u32, _: &Event) {
        let since = (index, state.recorded_at);
        state.clock_corrections.push(since);
    }
}
