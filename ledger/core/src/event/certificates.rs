//! Certificates (证书, DOMAIN §11). Their numbers are no fields: the ledger assigns them when it records.

use super::Event;
use super::kind::{Checked, Found, kinds};
use crate::ids::{EventId, TeacherId};
use crate::text::Text;

kinds! {
    /// A certificate is issued on the event's day; the ledger gives it the next number of that day's year.
    CertificateIssued "certificate_issued" "发证" { voidable: false, correctable: false, may_lie_ahead: false, credits: false } {
        /// Whom it attests something of.
        teacher_id: TeacherId => Subject,
        /// The credited entry, award or title that it rests on.
        basis_event: EventId => Entry,
        /// What the paper says of her.
        attests: Text => Text,
        /// 原编号: what stands on a paper of the time before the office numbered them.
        old_number: Option<Text> => Text,
    }
    /// A lost certificate is issued again, under its number.
    CertificateReissued "certificate_reissued" "补发" { voidable: false, correctable: false, may_lie_ahead: false, credits: false } {
        /// Whose it is.
        teacher_id: TeacherId => Subject,
        /// The event that issued it.
        certificate_event: EventId => Entry,
        /// Why.
        reason: Text => Text,
    }
    /// A certificate is void; its number is not given again.
    CertificateVoided "certificate_voided" "证书作废" { voidable: false, correctable: false, may_lie_ahead: false, credits: false } {
        /// Whose it is.
        teacher_id: TeacherId => Subject,
        /// The event that issued it.
        certificate_event: EventId => Entry,
        /// Why.
        reason: Text => Text,
        /// Role or document that authorised it.
        authorised_by: Option<Text> => Text,
    }
}

/// A paper has one day: its year is that of its number.
fn on_one_day(event: &Event, found: &mut Found) {
    found.range("occurred_to", event.to, event.from, event.from);
}

impl Checked for CertificateIssued {
    fn check(&self, event: &Event, found: &mut Found) {
        on_one_day(event, found);
    }
}

impl Checked for CertificateReissued {
    fn check(&self, event: &Event, found: &mut Found) {
        on_one_day(event, found);
    }
}

impl Checked for CertificateVoided {
    fn check(&self, event: &Event, found: &mut Found) {
        on_one_day(event, found);
    }
}
