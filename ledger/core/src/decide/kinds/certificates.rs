//! Certificates: each rests on something that has effect, one for each, and nothing is done to what is void.

use std::num::NonZeroU32;

use super::Judged;
use crate::decide::rules::View;
use crate::decide::ruling::Ruling;
use crate::event::{CertificateIssued, CertificateReissued, CertificateVoided, Event, Fact};
use crate::ids::{EventId, TeacherId};
use crate::reason::ReasonCode;
use crate::registry::NoBasis;
use crate::state::{Certificate, State};

const BASIS: &str = "basis_event";
const CERTIFICATE: &str = "certificate_event";

impl Judged for CertificateIssued {
    fn ruling(&self, view: &View<'_>, event: &Event) -> Option<Ruling> {
        let basis = match view.state.basis_of(self.basis_event, &self.teacher_id, view.size) {
            Ok(basis) => basis,
            Err(why) => return Some(no_basis(why, BASIS, self.basis_event)),
        };
        if let Some(other) = view.state.certificate_on(basis, &self.teacher_id, view.size) {
            let code = ReasonCode::CertifiedAlready;
            return Some(Ruling::refused_for(code, BASIS, self.basis_event, other));
        }
        let form = view.state.certificate_form(event.to, view.size);
        if let Some(old) = self.old_number.as_ref().filter(|_| !form.is_historical(event.to)) {
            return Some(Ruling::refused(ReasonCode::OldNumberLate, "old_number", old));
        }
        // Four billion papers of one year are none of an office's.
        let is_full = view.state.certificates.next_number(event.to.year()).is_none();
        is_full.then(|| Ruling::refused(ReasonCode::InvalidField, "occurred_to", event.to))
    }
}

impl Judged for CertificateReissued {
    fn ruling(&self, view: &View<'_>, _: &Event) -> Option<Ruling> {
        view.not_in_hand(self.certificate_event, self.teacher_id).or_else(|| {
            let index = view.state.events.recorded(self.certificate_event)?;
            let basis = view.state.certificates.get(index)?.basis_event;
            let found = view.state.basis_of(basis, &self.teacher_id, view.size);
            found.err().map(|why| no_basis(why, BASIS, basis))
        })
    }
}

impl Judged for CertificateVoided {
    fn ruling(&self, view: &View<'_>, _: &Event) -> Option<Ruling> {
        view.not_in_hand(self.certificate_event, self.teacher_id)
    }
}

impl View<'_> {
    /// Why nothing can be done to a certificate: it was never issued to this teacher, or is void.
    fn not_in_hand(&self, certificate: EventId, teacher: TeacherId) -> Option<Ruling> {
        let index = self.state.events.recorded(certificate);
        let row = index.and_then(|index| self.state.certificates.get(index));
        let is_hers = |row: &&Certificate| self.state.is_one(row.teacher_id, teacher, self.size);
        let Some(row) = row.filter(is_hers) else {
            return Some(Ruling::refused(ReasonCode::NoSuchCertificate, CERTIFICATE, certificate));
        };
        let void = self.state.certificates.voided_by(row.index, self.size)?;
        let code = ReasonCode::CertificateVoid;
        Some(Ruling::refused_for(code, CERTIFICATE, certificate, void))
    }
}

fn no_basis(why: NoBasis, field: &str, basis: EventId) -> Ruling {
    let code = match why {
        NoBasis::Unknown => ReasonCode::NoSuchBasis,
        NoBasis::NotCrediting => ReasonCode::BasisNotCrediting,
        NoBasis::OfAnother => ReasonCode::BasisOfAnother,
        NoBasis::Waiting => ReasonCode::BasisWaiting,
        NoBasis::Void(by) => {
            let by = u32::try_from(by).unwrap_or(u32::MAX);
            return Ruling::refused_for(ReasonCode::BasisVoid, field, basis, by);
        }
    };
    Ruling::refused(code, field, basis)
}

/// The number that the entry of `event` keeps, which is about to be recorded: a certificate gets the next of its year, and
/// keeps it when it is issued again or voided.
pub(in crate::decide) fn next_number(state: &State, event: &Event) -> Option<NonZeroU32> {
    if let Fact::CertificateIssued(_) = &event.fact {
        return state.certificates.next_number(event.to.year());
    }
    number_kept(state, event)
}

/// The number that the entry of `event` kept, which was recorded at `index`.
pub(in crate::decide) fn number_of(state: &State, event: &Event, index: u64) -> Option<NonZeroU32> {
    if let Fact::CertificateIssued(_) = &event.fact {
        return state.certificates.get(u32::try_from(index).ok()?)?.number;
    }
    number_kept(state, event)
}

/// The number of the certificate that the event does something to.
fn number_kept(state: &State, event: &Event) -> Option<NonZeroU32> {
    let certificate = if let Fact::CertificateReissued(reissued) = &event.fact {
        reissued.certificate_event
    } else if let Fact::CertificateVoided(voided) = &event.fact {
        voided.certificate_event
    } else {
        return None;
    };
    state.certificates.get(state.events.recorded(certificate)?)?.number
}
