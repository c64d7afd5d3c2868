//! Certificates. Their numbers come with the entry, not with the event: [`State::evolve`] puts them to the row.

use super::Fold;
use crate::event::{CertificateIssued, CertificateReissued, CertificateVoided, Event};
use crate::state::State;
use crate::state::certificates::Change;

impl Fold for CertificateIssued {
    fn fold(&self, state: &mut State, index: u32, event: &Event) {
        state
            .certificates
            .issue(index, (self.teacher_id, self.basis_event), event.to);
        state.name(self.teacher_id, index);
    }
}

impl Fold for CertificateReissued {
    fn fold(&self, state: &mut State, index: u32, _: &Event) {
        let issued = state.events.recorded(self.certificate_event);
        state.certificates.change(index, issued, Change::Reissued);
        state.name(self.teacher_id, index);
    }
}

impl Fold for CertificateVoided {
    fn fold(&self, state: &mut State, index: u32, _: &Event) {
        let issued = state.events.recorded(self.certificate_event);
        state.certificates.change(index, issued, Change::Voided);
        state.name(self.teacher_id, index);
    }
}
