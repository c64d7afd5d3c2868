//! 片区, 学科基地, 工作室.

use keshi_core::event::{BaseFormed, GroupFormed, StudioFormed};
use keshi_core::ids::{BaseId, GroupId, IdError};
use keshi_core::text::Text;

use super::draft::Drafting;
use super::fields::Fields;
use crate::columns::Col;
use crate::problem::Issue;
use crate::read::{Row, Sheet};

impl Drafting<'_, '_> {
    /// The organisation's id and name: by its id if the row has one, else by the name, as sessions derive it.
    fn organisation<T>(
        &mut self,
        col: Col,
        prefix: &str,
        new: impl Fn(&str) -> Result<T, IdError>,
    ) -> Option<(T, Text)> {
        let name = self.fields.must(Col::OrgName, Fields::text);
        let col = if self.fields.is_blank(col) { Col::OrgName } else { col };
        let id = self.named_id(col, prefix, new);
        Some((id?, name?))
    }

    pub(super) fn group(&mut self) -> Option<()> {
        let organisation = self.organisation(Col::Group, "G", GroupId::new);
        let member_schools = self.fields.must(Col::Schools, Fields::schools);
        let leads = self.fields.people(Col::Leads);
        let (from, to) = self.days();
        let until = self.fields.date(Col::ValidTo);
        if leads.len() > 1 {
            self.fields.note(Col::Leads, Issue::OneOnly);
        }
        let ((group_id, name), member_schools, from, to) = (organisation?, member_schools?, from?, to?);
        let event_id = self.ids.event("group_formed", &[group_id.as_str()]);
        let fact = GroupFormed {
            group_id,
            name,
            member_schools,
            lead_id: leads.first().copied(),
            until,
        };
        self.add(event_id, from, to, fact);
        Some(())
    }

    pub(super) fn base(&mut self, sheet: &Sheet, row: &Row) -> Option<()> {
        let organisation = self.organisation(Col::Base, "B", BaseId::new);
        let lead_id = self.person(sheet, row);
        let subject = self.fields.text(Col::Subject);
        let school_id = self.fields.school(Col::School);
        let research = self.fields.yes(Col::Research);
        let member_ids = self.fields.people(Col::Members);
        let (from, to) = self.days();
        let until = self.fields.date(Col::ValidTo);
        let ((base_id, name), lead_id, from, to) = (organisation?, lead_id?, from?, to?);
        let event_id = self.ids.event("base_formed", &[base_id.as_str()]);
        let fact = BaseFormed {
            base_id,
            name,
            subject,
            school_id,
            lead_id,
            member_ids,
            until,
            research,
        };
        self.add(event_id, from, to, fact);
        Some(())
    }

    pub(super) fn studio(&mut self, sheet: &Sheet, row: &Row) -> Option<()> {
        let organisation = self.organisation(Col::Base, "B", BaseId::new);
        let host_id = self.person(sheet, row);
        let class = self.class();
        let level = self.level();
        let subject = self.fields.text(Col::Subject);
        let member_ids = self.fields.people(Col::Members);
        let (from, to) = self.days();
        let until = self.fields.date(Col::ValidTo);
        let ((studio_id, name), host_id, class, level) = (organisation?, host_id?, class?, level?);
        let (from, to) = (from?, to?);
        let event_id = self.ids.event("studio_formed", &[studio_id.as_str()]);
        let fact = StudioFormed {
            studio_id,
            name,
            class,
            level,
            subject,
            host_id,
            member_ids,
            until,
        };
        self.add(event_id, from, to, fact);
        Some(())
    }
}
