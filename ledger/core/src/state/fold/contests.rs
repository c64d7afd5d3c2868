//! Competitions and titles.

use jiff::civil::Date;

use super::Fold;
use crate::event::{
    AwardGiven, CandidateChosen, CompetitionHeld, EntryMade, Event, Recommended, TitleConferred, TitleRenewed,
    TitleWithdrawn,
};
use crate::state::State;
use crate::state::rows::{CompetitionDef, Detail, shifted};

impl Fold for CompetitionHeld {
    fn fold(&self, state: &mut State, index: u32, _: &Event) {
        if let Some(competition) = state.competitions.entry(self.comp_id) {
            competition.definitions.push(CompetitionDef {
                index,
                name: self.name.clone(),
                level: self.level,
            });
        }
    }
}

impl Fold for EntryMade {
    fn fold(&self, state: &mut State, index: u32, event: &Event) {
        let competition = state.competitions.mention(self.comp_id);
        state.add(self.teacher_id, index, event, Detail::CompetitionEntry { competition });
    }
}

impl Fold for AwardGiven {
    fn fold(&self, state: &mut State, index: u32, event: &Event) {
        let detail = Detail::Award {
            competition: state.competitions.mention(self.comp_id),
            award: self.award,
            role: self.role,
            work: self.work_id.and_then(|id| shifted(state.works.mention(id))),
        };
        state.add(self.teacher_id, index, event, detail);
    }
}

impl Fold for Recommended {
    fn fold(&self, state: &mut State, index: u32, event: &Event) {
        let detail = Detail::Recommended {
            to_level: self.to_level,
            from_comp: self.from_comp.and_then(|id| shifted(state.competitions.mention(id))),
            from_title: self.from_title.and_then(|id| shifted(state.referred.mention(id))),
        };
        state.add(self.teacher_id, index, event, detail);
    }
}

impl Fold for TitleConferred {
    fn fold(&self, state: &mut State, index: u32, event: &Event) {
        let detail = Detail::Title {
            class: self.class,
            level: self.level,
            valid_to: self.last_day(event),
        };
        state.add(self.teacher_id, index, event, detail);
    }
}

impl Fold for CandidateChosen {
    fn fold(&self, state: &mut State, index: u32, event: &Event) {
        let detail = Detail::Candidate {
            class: self.class,
            level: self.level,
            until: self.until.unwrap_or(Date::MAX),
        };
        state.add(self.teacher_id, index, event, detail);
    }
}

impl Fold for TitleRenewed {
    fn fold(&self, state: &mut State, index: u32, event: &Event) {
        let detail = Detail::Renewed {
            title: state.referred.mention(self.title_event),
            valid_to: self.valid_to,
        };
        state.add(self.teacher_id, index, event, detail);
    }
}

impl Fold for TitleWithdrawn {
    fn fold(&self, state: &mut State, index: u32, event: &Event) {
        let title = state.referred.mention(self.title_event);
        state.add(self.teacher_id, index, event, Detail::Withdrawn { title });
    }
}
