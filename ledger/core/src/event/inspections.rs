//! Teaching inspections (教学视导): what inspectors found at a school, what is to change there, and whether it did.

use jiff::civil::Date;

use super::Event;
use super::kind::{Checked, Found, kinds};
use crate::codes::{FindingOutcome, InspectionAspect};
use crate::ids::{FindingId, InspectionId, SchoolId, TeacherId};
use crate::text::Text;
use crate::violation::Problem;

kinds! {
    /// A school is inspected. No visit of anybody's: that is a `school_visit` (DOMAIN §6).
    InspectionHeld "inspection_held" "教学视导" { voidable: true, correctable: true, may_lie_ahead: false, credits: false } {
        /// The inspection.
        inspection_id: InspectionId => Inspection,
        /// The school.
        school_id: SchoolId => Place,
        /// 目的
        purpose: Text => Text,
        /// Who inspects.
        inspector_ids: Vec<TeacherId> => Teacher,
    }
    /// Something that an inspection found.
    FindingMade "finding_made" "视导发现" { voidable: true, correctable: true, may_lie_ahead: false, credits: false } {
        /// The finding.
        finding_id: FindingId => Finding,
        /// The inspection.
        inspection_id: InspectionId => Inspection,
        /// 方面
        aspect: InspectionAspect => Value,
        /// What was found, without names of pupils.
        text: Text => Text,
        /// Whether the school is to change something.
        change_requested: bool => Value,
        /// Until when, if a day is set.
        due: Option<Date> => Value,
    }
    /// Somebody looks whether what was to change has changed; of several looks the latest by day counts.
    FindingChecked "finding_checked" "整改复查" { voidable: true, correctable: true, may_lie_ahead: false, credits: false } {
        /// The finding.
        finding_id: FindingId => Finding,
        /// 复查结果
        outcome: FindingOutcome => Value,
        /// Who looked.
        checked_by: TeacherId => Teacher,
        /// 意见
        remark: Option<Text> => Text,
    }
}

impl Checked for InspectionHeld {
    fn check(&self, _: &Event, found: &mut Found) {
        found.people(("inspector_ids", &self.inspector_ids), &[]);
    }
}

impl Checked for FindingMade {
    fn check(&self, event: &Event, found: &mut Found) {
        found.no_pupil("text", &self.text);
        found.after("due", self.due, event.to);
        if let Some(due) = self.due.filter(|_| !self.change_requested) {
            found.add("due", due, Problem::DueOfNothing);
        }
    }
}

impl Checked for FindingChecked {
    fn check(&self, _: &Event, found: &mut Found) {
        if let Some(remark) = &self.remark {
            found.no_pupil("remark", remark);
        }
    }
}
