//! 教学视导: a row is a finding with its inspection, and perhaps the look at what has changed.

use keshi_core::codes::{FindingOutcome, InspectionAspect};
use keshi_core::event::{FindingChecked, FindingMade, InspectionHeld};
use keshi_core::ids::{FindingId, InspectionId, TeacherId};

use super::draft::Drafting;
use super::fields::Fields;
use crate::columns::{Col, Words};
use crate::problem::Issue;

/// What a row of a finding has, and one without must leave blank.
const OF_FINDING: [Col; 6] = [
    Col::Aspect,
    Col::Requested,
    Col::Due,
    Col::CheckedOn,
    Col::Outcome,
    Col::CheckedBy,
];

impl Drafting<'_, '_> {
    /// An inspection is its school, days and purpose; the rows of its findings tell it again.
    pub(super) fn inspection(&mut self) -> Option<()> {
        let school_id = self.fields.must(Col::School, Fields::school);
        let (from, to) = self.days();
        let purpose = self.fields.must(Col::Purpose, Fields::text);
        let inspector_ids = self
            .fields
            .must(Col::Inspectors, |fields, col| Some(fields.people(col)));
        let (school_id, from, to, purpose) = (school_id?, from?, to?, purpose?);
        let days = [from.to_string(), to.to_string()];
        let parts = [school_id.as_str(), &days[0], &days[1], purpose.as_str()];
        let inspection_id = InspectionId::new(&self.ids.short("SD", &parts)).ok()?;
        let event_id = self.ids.event("inspection_held", &[inspection_id.as_str()]);
        let fact = InspectionHeld {
            inspection_id,
            school_id,
            purpose,
            inspector_ids: inspector_ids?,
        };
        self.add(event_id, from, to, fact);
        if self.fields.is_blank(Col::Finding) {
            let filled = OF_FINDING.iter().any(|col| !self.fields.is_blank(*col));
            if filled {
                self.fields.note(Col::Finding, Issue::Missing);
            }
            return Some(());
        }
        self.finding(inspection_id, to)
    }

    fn finding(&mut self, inspection_id: InspectionId, on: jiff::civil::Date) -> Option<()> {
        let text = self.fields.must(Col::Finding, Fields::text);
        let aspect = self.fields.must(Col::Aspect, |fields, col| {
            fields.word(col, Words::Aspect, InspectionAspect::from_code)
        });
        let change_requested = self.fields.yes(Col::Requested);
        let due = self.fields.date(Col::Due);
        let (text, aspect) = (text?, aspect?);
        let parts = [inspection_id.as_str(), &aspect.code().to_string(), text.as_str()];
        let finding_id = FindingId::new(&self.ids.short("F", &parts)).ok()?;
        let event_id = self.ids.event("finding_made", &[finding_id.as_str()]);
        let fact = FindingMade {
            finding_id,
            inspection_id,
            aspect,
            text,
            change_requested,
            due,
        };
        self.add(event_id, on, on, fact);
        let looked = [Col::CheckedOn, Col::Outcome, Col::CheckedBy];
        if looked.iter().all(|col| self.fields.is_blank(*col)) {
            return Some(());
        }
        let on = self.fields.must(Col::CheckedOn, Fields::date);
        let outcome = self.fields.must(Col::Outcome, |fields, col| {
            fields.word(col, Words::Outcome, FindingOutcome::from_code)
        });
        let checked_by = self
            .fields
            .must(Col::CheckedBy, |fields, col| fields.id(col, TeacherId::new));
        let remark = self.fields.text(Col::Why);
        let (on, outcome, checked_by) = (on?, outcome?, checked_by?);
        // It is looked at once on a day: another outcome is a correction.
        let event_id = self
            .ids
            .event("finding_checked", &[finding_id.as_str(), &on.to_string()]);
        let fact = FindingChecked {
            finding_id,
            outcome,
            checked_by,
            remark,
        };
        self.add(event_id, on, on, fact);
        Some(())
    }
}
