//! Steps of research topics.

use super::Judged;
use crate::decide::rules::View;
use crate::decide::ruling::Ruling;
use crate::event::{Event, TopicChecked, TopicOpened};
use crate::ids::{TeacherId, TopicId};
use crate::reason::ReasonCode;

/// Nobody posts what is about herself (DOMAIN §3), so a step is about those who lead the topic, and not about whom it names
/// alone. Where the approval is not there yet, nobody can tell.
impl View<'_> {
    fn by_others(&self, topic_id: TopicId, named: &[TeacherId]) -> Option<Ruling> {
        let (index, approval) = self.state.approval(topic_id, self.size)?;
        let is_named = |lead: &TeacherId| named.iter().any(|one| self.state.is_one(*one, *lead, self.size));
        let left_out = approval.leads.iter().find(|lead| !is_named(lead))?;
        let code = ReasonCode::LeadLeftOut;
        Some(Ruling::refused_for(code, "lead_ids", left_out, index))
    }
}

impl Judged for TopicOpened {
    fn ruling(&self, view: &View<'_>, _: &Event) -> Option<Ruling> {
        view.by_others(self.topic_id, &self.lead_ids)
    }
}

impl Judged for TopicChecked {
    fn ruling(&self, view: &View<'_>, _: &Event) -> Option<Ruling> {
        view.by_others(self.topic_id, &self.lead_ids)
    }
}
