//! Topics and works.

use super::Fold;
use crate::event::{Event, TopicApproved, TopicChecked, TopicConcluded, TopicOpened, WorkAwarded, WorkPublished};
use crate::ids::{TeacherId, TopicId};
use crate::state::State;
use crate::state::rows::Detail;
use crate::state::{TopicAct, TopicDef, TopicStep};

/// No meter counts it before it is concluded.
impl Fold for TopicApproved {
    fn fold(&self, state: &mut State, index: u32, event: &Event) {
        for id in self.lead_ids.iter().chain(&self.member_ids) {
            state.name(*id, index);
        }
        let def = TopicDef {
            name: self.name.clone(),
            level: self.level,
            leads: self.lead_ids.clone(),
            members: self.member_ids.clone(),
        };
        state.topic_step(index, self.topic_id, event, TopicAct::Approved(def));
    }
}

impl Fold for TopicOpened {
    fn fold(&self, state: &mut State, index: u32, event: &Event) {
        self.lead_ids.iter().for_each(|id| state.name(*id, index));
        state.topic_step(index, self.topic_id, event, TopicAct::Opened);
    }
}

impl Fold for TopicChecked {
    fn fold(&self, state: &mut State, index: u32, event: &Event) {
        self.lead_ids.iter().for_each(|id| state.name(*id, index));
        state.topic_step(index, self.topic_id, event, TopicAct::Checked(self.result));
    }
}

impl Fold for TopicConcluded {
    fn fold(&self, state: &mut State, index: u32, event: &Event) {
        let topic = state.topics.mention(self.topic_id);
        let result = self.result.as_ref().map(|result| state.word_number(result));
        let (leads, members) = (count(&self.lead_ids), count(&self.member_ids));
        let people = self.lead_ids.iter().map(|id| (id, true));
        for (id, lead) in people.chain(self.member_ids.iter().map(|id| (id, false))) {
            let detail = Detail::TopicConcluded {
                topic,
                level: self.level,
                lead,
                leads,
                members,
                result,
            };
            state.add(*id, index, event, detail);
        }
        let def = TopicDef {
            name: self.name.clone(),
            level: self.level,
            leads: self.lead_ids.clone(),
            members: self.member_ids.clone(),
        };
        let act = TopicAct::Concluded(def, self.result.clone());
        state.topic_step(index, self.topic_id, event, act);
    }
}

impl State {
    fn topic_step(&mut self, index: u32, topic_id: TopicId, event: &Event, act: TopicAct) {
        self.topic_steps.push(TopicStep {
            index,
            topic_id,
            on: event.to,
            act,
        });
    }
}

impl Fold for WorkPublished {
    fn fold(&self, state: &mut State, index: u32, event: &Event) {
        let (work, work_kind) = (state.works.mention(self.work_id), state.word_number(&self.work_kind));
        for (place, id) in self.author_ids.iter().enumerate() {
            let detail = Detail::WorkPublished {
                work,
                work_kind,
                level: self.level,
                lead: place == 0,
                authors: count(&self.author_ids),
            };
            state.add(*id, index, event, detail);
        }
    }
}

impl Fold for WorkAwarded {
    fn fold(&self, state: &mut State, index: u32, event: &Event) {
        let work = state.works.mention(self.work_id);
        for (place, id) in self.author_ids.iter().enumerate() {
            let detail = Detail::WorkAwarded {
                work,
                level: self.level,
                award: self.award,
                lead: place == 0,
                authors: count(&self.author_ids),
            };
            state.add(*id, index, event, detail);
        }
    }
}

/// How many people; at most 60 were let in.
fn count(people: &[TeacherId]) -> u8 {
    u8::try_from(people.len()).unwrap_or(u8::MAX)
}
