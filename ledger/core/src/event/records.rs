//! Voids, historical loads and noted figures: records about the records.

use super::Event;
use super::kind::{Checked, Found, kinds};
use crate::codes::Bound;
use crate::hours::Hours;
use crate::ids::{EventId, FigureId, LoadId};
use crate::period::Name;
use crate::text::Text;
use crate::violation::Problem;

kinds! {
    /// An earlier event loses its effect.
    EntryVoided "entry_voided" "作废" { voidable: false, correctable: false, may_lie_ahead: false, credits: false } {
        /// The event.
        target_event: EventId => Entry,
        /// Why.
        reason: Text => Text,
        /// Role or document that authorised it.
        authorised_by: Option<Text> => Text,
    }
    /// A load of old postings about the event's dates is opened.
    HistoricalLoadOpened "historical_load_opened" "历史补录" { voidable: false, correctable: false, may_lie_ahead: false, credits: false } {
        /// The load.
        load_id: LoadId => NewLoad,
        /// Why.
        reason: Text => Text,
        /// Role or document that authorised it.
        authorised_by: Option<Text> => Text,
    }
    /// A load ends.
    HistoricalLoadClosed "historical_load_closed" "补录结束" { voidable: false, correctable: false, may_lie_ahead: false, credits: false } {
        /// The load.
        load_id: LoadId => Load,
    }
    /// The ledger's time was ahead, and from here on is that at which this was taken in.
    ClockCorrected "clock_corrected" "校时" { voidable: false, correctable: false, may_lie_ahead: false, credits: false } {
        /// What was wrong with the clock.
        reason: Text => Text,
        /// Role or document that authorised it.
        authorised_by: Option<Text> => Text,
    }
    /// A figure is noted by hand; never part of a balance.
    FigureNoted "figure_noted" "手填数据" { voidable: true, correctable: true, may_lie_ahead: false, credits: false } {
        /// The figure.
        figure_id: FigureId => Name,
        /// The period that it is about, as periods are written.
        period: Text => Text,
        /// The value.
        value: Hours => Value,
        /// Whether it is exact or a bound.
        bound: Bound => Value,
        /// 单位
        unit: Option<Text> => Text,
    }
}

impl Checked for EntryVoided {
    fn check(&self, _: &Event, _: &mut Found) {}
}

impl Checked for HistoricalLoadOpened {
    fn check(&self, _: &Event, _: &mut Found) {}
}

impl Checked for HistoricalLoadClosed {
    fn check(&self, _: &Event, _: &mut Found) {}
}

impl Checked for ClockCorrected {
    fn check(&self, _: &Event, _: &mut Found) {}
}

impl Checked for FigureNoted {
    fn check(&self, _: &Event, found: &mut Found) {
        if Name::parse(self.period.as_str()).is_none() {
            let why = "should be like 2022, 2022-2023 or 2022-2023-1".to_owned();
            found.add("period", self.period.as_str(), Problem::BadId(why));
        }
        found.range("value", self.value, Hours::ZERO, Hours::whole(1_000_000_000));
    }
}
