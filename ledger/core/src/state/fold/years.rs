//! The year's end.

use std::sync::Arc;

use super::Fold;
use crate::definitions::Definitions;
use crate::event::{AdoptedVersion, Event, FiguresAdopted, YearClosed, YearRestated};
use crate::ids::Sha256;
use crate::state::{Closing, FiguresVersion, State};
use crate::text::Text;

/// As with policies, decide found the document and read it.
impl Fold for FiguresAdopted {
    fn fold(&self, state: &mut State, index: u32, _: &Event) {
        let text = state.documents.text(&self.sha256, state.size());
        if let Some(definitions) = text.and_then(|text| Definitions::parse(&text).ok()) {
            state.figures.push(FiguresVersion {
                index,
                definitions: Arc::new(definitions),
                sha256: self.sha256,
            });
        }
    }
}

impl State {
    fn close(
        &mut self,
        (index, year, position): (u32, u16, u64),
        (root, figures): (Sha256, Sha256),
        policies: &[AdoptedVersion],
        restated: Option<&Text>,
    ) {
        self.closings.push(Closing {
            index: index.into(),
            // A year has four digits, as the event's check says.
            year: i16::try_from(year).unwrap_or(i16::MAX),
            position,
            root,
            figures,
            policies: policies.to_vec(),
            restated: restated.cloned(),
        });
    }
}

impl Fold for YearClosed {
    fn fold(&self, state: &mut State, index: u32, _: &Event) {
        let place = (index, self.year, self.log_position);
        state.close(place, (self.log_hash, self.figures_hash), &self.policy_versions, None);
    }
}

impl Fold for YearRestated {
    fn fold(&self, state: &mut State, index: u32, _: &Event) {
        let place = (index, self.year, self.log_position);
        let hashes = (self.log_hash, self.figures_hash);
        state.close(place, hashes, &self.policy_versions, Some(&self.reason));
    }
}
