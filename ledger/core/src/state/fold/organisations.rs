//! Groups, bases, studios; linked schools and experts.

use super::Fold;
use crate::event::{BaseFormed, Event, ExpertPooled, GroupFormed, OrganisationKind, SchoolLinked, StudioFormed};
use crate::ids::TeacherId;
use crate::state::State;
use crate::state::organisations::Formed;
use crate::state::ties::{Tie, TiedTo};

impl Fold for GroupFormed {
    fn fold(&self, state: &mut State, index: u32, event: &Event) {
        let formed = Formed {
            index,
            on: event.to,
            until: self.until,
            name: self.name.clone(),
            subject: None,
            research: false,
            of: None,
            lead: self.lead_id,
            members: Vec::new(),
            schools: self.member_schools.clone(),
        };
        state.form(OrganisationKind::Group, self.group_id.as_str(), formed);
        state.name_all(self.lead_id.iter(), index);
    }
}

impl Fold for BaseFormed {
    fn fold(&self, state: &mut State, index: u32, event: &Event) {
        let formed = Formed {
            index,
            on: event.to,
            until: self.until,
            name: self.name.clone(),
            subject: self.subject.clone(),
            research: self.research,
            of: None,
            lead: Some(self.lead_id),
            members: self.member_ids.clone(),
            schools: self.school_id.into_iter().collect(),
        };
        state.form(OrganisationKind::Base, self.base_id.as_str(), formed);
        state.name_all(std::iter::once(&self.lead_id).chain(&self.member_ids), index);
    }
}

impl Fold for StudioFormed {
    fn fold(&self, state: &mut State, index: u32, event: &Event) {
        let formed = Formed {
            index,
            on: event.to,
            until: self.until,
            name: self.name.clone(),
            subject: self.subject.clone(),
            research: false,
            of: Some((self.class, self.level)),
            lead: Some(self.host_id),
            members: self.member_ids.clone(),
            schools: Vec::new(),
        };
        state.form(OrganisationKind::Studio, self.studio_id.as_str(), formed);
        state.name_all(std::iter::once(&self.host_id).chain(&self.member_ids), index);
    }
}

impl Fold for SchoolLinked {
    fn fold(&self, state: &mut State, index: u32, event: &Event) {
        state.ties.push(Tie {
            index,
            teacher_id: self.researcher_id,
            from: event.from,
            until: self.until,
            to: TiedTo::School(self.school_id),
        });
        state.name(self.researcher_id, index);
    }
}

impl Fold for ExpertPooled {
    fn fold(&self, state: &mut State, index: u32, event: &Event) {
        state.ties.push(Tie {
            index,
            teacher_id: self.teacher_id,
            from: event.from,
            until: self.until,
            to: TiedTo::Pool(self.pool, self.subject.clone()),
        });
        state.name(self.teacher_id, index);
    }
}

impl State {
    fn name_all<'t>(&mut self, people: impl Iterator<Item = &'t TeacherId>, index: u32) {
        people.for_each(|id| self.name(*id, index));
    }
}
