//! Teaching inspections, as the digest sees them.

use super::words::Rows;
use crate::state::{Finding, Findings, Inspected, Inspections, Looked, Made};

impl Rows<'_> {
    pub(super) fn inspections(&mut self, inspections: &Inspections, findings: &Findings, hasher: &mut sha2::Sha256) {
        for (id, held) in inspections {
            for one in held {
                let Inspected {
                    index,
                    from,
                    to,
                    school,
                    purpose,
                    inspectors,
                } = one;
                self.row("inspected", *index, &[from, to, school, purpose, inspectors]);
            }
            self.hash("inspection", id, hasher);
        }
        for (id, Finding { made, checked }) in findings {
            for one in made {
                let Made {
                    index,
                    on,
                    inspection,
                    aspect,
                    text,
                    change_requested,
                    due,
                } = one;
                self.row("made", *index, &[on, inspection, aspect, text, change_requested, due]);
            }
            for one in checked {
                let Looked {
                    index,
                    on,
                    outcome,
                    by,
                    remark,
                } = one;
                self.row("checked", *index, &[on, outcome, by, remark]);
            }
            self.hash("finding", id, hasher);
        }
    }
}
