//! Schools that close or merge.

use super::Judged;
use crate::decide::rules::View;
use crate::decide::ruling::Ruling;
use crate::event::{Event, SchoolClosed, SchoolsMerged};
use crate::ids::SchoolId;
use crate::reason::ReasonCode;

impl Judged for SchoolClosed {
    fn ruling(&self, view: &View<'_>, _: &Event) -> Option<Ruling> {
        view.circle(&[self.school_id], self.successor_id?)
    }
}

impl Judged for SchoolsMerged {
    fn ruling(&self, view: &View<'_>, _: &Event) -> Option<Ruling> {
        view.circle(&self.school_ids, self.successor_id)
    }
}

impl View<'_> {
    /// A successor whose own successors lead back to a school that ends here: no school of the circle would go on.
    fn circle(&self, ending: &[SchoolId], successor: SchoolId) -> Option<Ruling> {
        let mut passed = vec![successor];
        while let Some(next) = passed
            .last()
            .and_then(|school| self.state.at(self.size).successor(school))
        {
            if ending.contains(&next) {
                return Some(Ruling::refused(
                    ReasonCode::SuccessionInCircle,
                    "successor_id",
                    successor,
                ));
            }
            if passed.contains(&next) {
                return None;
            }
            passed.push(next);
        }
        None
    }
}
