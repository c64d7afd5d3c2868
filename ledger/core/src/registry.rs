//! The register of certificates (证书登记, DOMAIN §11): on what each rests, and what it is worth at any size.
#![deny(
    clippy::wildcard_enum_match_arm,
    reason = "a new kind must not fall through in silence"
)]

use jiff::civil::Date;

use crate::balance::Why;
use crate::certificate::{Form, Number, paper};
use crate::ids::{EventId, TeacherId};
use crate::state::{At, Certificate, Change, Detail, Item, State, Teacher};
use crate::tier::Title;

/// What a certificate is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validity {
    /// 有效
    Valid,
    /// 补发: it was lost and issued again so many times, and the last one is valid.
    Reissued(u32),
    /// 作废待回收: what it rests on has no effect any more.
    ToBeRecalled,
    /// 作废
    Void,
}

/// A certificate as asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateView {
    /// The entry that issued it.
    pub index: u64,
    /// The event that did.
    pub event_id: EventId,
    /// Whose it is.
    pub teacher_id: TeacherId,
    /// What it rests on, as posted.
    pub basis_event: EventId,
    /// The kind of that.
    pub basis_kind: &'static str,
    /// The entry that it rests on now: the basis, or what corrects that.
    pub basis: Option<u64>,
    /// The day of issue.
    pub on: Date,
    /// Its number within its year, as the office writes it.
    pub number: Option<Number>,
    /// What it is worth.
    pub validity: Validity,
    /// The entries that issued it again, rising.
    pub reissues: Vec<u64>,
    /// The entry that voids it.
    pub voided: Option<u64>,
}

/// Why an event can be nobody's basis for a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoBasis {
    /// It is not in the ledger.
    Unknown,
    /// It credits nobody.
    NotCrediting,
    /// It is about others.
    OfAnother,
    /// It is void, cancelled or withdrawn, by this entry.
    Void(u64),
    /// It waits for something.
    Waiting,
}

impl State {
    /// The row of what stands at `size` for the event posted under this id, if a certificate of this teacher may rest on it.
    pub(crate) fn basis_of(&self, basis: EventId, teacher_id: &TeacherId, size: u64) -> Result<u32, NoBasis> {
        let posted = self.events.recorded(basis).filter(|&index| u64::from(index) < size);
        let posted = posted.ok_or(NoBasis::Unknown)?;
        let (kind, _) = self.events.nature(posted).ok_or(NoBasis::Unknown)?;
        if paper(kind).is_none() {
            return Err(NoBasis::NotCrediting);
        }
        let index = self.stands_or_stood_for(basis, size).unwrap_or(posted);
        let teacher = &*self.person(teacher_id, size).ok_or(NoBasis::OfAnother)?;
        let item = teacher.items.binary_search_by_key(&index, |item| item.index);
        let item: &Item = item
            .ok()
            .and_then(|place| teacher.items.get(place))
            .ok_or(NoBasis::OfAnother)?;
        match self.why_without_effect(teacher, item, size) {
            Some(Why::Void { by } | Why::Corrected { by } | Why::Cancelled { by }) => return Err(NoBasis::Void(by)),
            Some(_) => return Err(NoBasis::Waiting),
            None => {}
        }
        self.bears_of_titles(teacher, item, size).map(|()| index)
    }

    /// Whether a paper can rest on what confers or renews a title: one that has settled, was renewed while it held, and was not
    /// taken away. Whatever has no title bears one.
    fn bears_of_titles(&self, teacher: &Teacher, item: &Item, size: u64) -> Result<(), NoBasis> {
        if !matches!(item.detail, Detail::Title { .. } | Detail::Renewed { .. }) {
            return Ok(());
        }
        let index = u64::from(item.index);
        let renews = |title: &Title| {
            let mut renewals = title.renewals.iter();
            renewals.any(|renewal| renewal.index == index && renewal.valid_to.is_some())
        };
        let titles = self.titles(teacher, size);
        let own = titles.iter().find(|title| title.index == index || renews(title));
        let settled = own.filter(|title| title.waits_for.is_empty()).ok_or(NoBasis::Waiting)?;
        match settled.taken_away() {
            Some(withdrawal) => Err(NoBasis::Void(withdrawal.index)),
            None => Ok(()),
        }
    }

    /// The certificate of this teacher, not void at `size`, that rests on the entry `basis`.
    pub(crate) fn certificate_on(&self, basis: u32, teacher_id: &TeacherId, size: u64) -> Option<u32> {
        let ids = self.ids_of(*teacher_id, size);
        let mut hers = ids.iter().flat_map(|id| self.certificates.of_teacher(id));
        let rests_on = |row: &&Certificate| {
            self.stands_for(row.basis_event, size) == Some(basis)
                && self.certificates.voided_by(row.index, size).is_none()
        };
        hers.find(rests_on).map(|row| row.index)
    }

    /// How certificates issued on `day` are numbered, as the ledger of `size` entries has it: of the policies in force that
    /// day that say it, the one adopted last.
    pub(crate) fn certificate_form(&self, day: Date, size: u64) -> Form {
        let at = self.at(size);
        let said = at.policies().filter(|version| version.policy.certificates.is_some());
        let in_force = said.filter(|version| at.is_in_force(version, day));
        let form = in_force.last().and_then(|version| version.policy.certificates.clone());
        form.unwrap_or_default()
    }
}

// === impl At ===

impl<'s> At<'s> {
    /// How many certificates were issued below `size`.
    pub fn certificate_count(self) -> usize {
        let rows = &self.state.certificates.rows;
        rows.partition_point(|row| u64::from(row.index) < self.size)
    }

    /// The certificate issued as the one after so many, below `size`.
    pub fn certificate_after(self, others: usize) -> Option<CertificateView> {
        let row = self.state.certificates.rows.get(others)?;
        (u64::from(row.index) < self.size).then(|| self.certificate_view(row))?
    }

    /// All certificates issued below `size`, in the order of their entries.
    pub fn certificates(self) -> impl Iterator<Item = CertificateView> + 's {
        let rows = self.state.certificates.rows.iter();
        let below = rows.take_while(move |row| u64::from(row.index) < self.size);
        below.filter_map(move |row| self.certificate_view(row))
    }

    /// The certificates of a teacher below `size`, under whichever of her ids, in the order of their entries.
    pub fn certificates_of(self, id: &TeacherId) -> Vec<CertificateView> {
        let ids = self.state.ids_of(*id, self.size);
        let hers = ids.iter().flat_map(|id| self.state.certificates.of_teacher(id));
        let mut below: Vec<_> = hers.filter(|row| u64::from(row.index) < self.size).collect();
        below.sort_unstable_by_key(|row| row.index);
        below.into_iter().filter_map(|row| self.certificate_view(row)).collect()
    }

    /// The certificate that the entry at `index` issued.
    pub fn certificate_at(self, index: u64) -> Option<CertificateView> {
        let index = u32::try_from(index).ok().filter(|_| index < self.size)?;
        self.certificate_view(self.state.certificates.get(index)?)
    }

    /// The certificate of this year and number.
    pub fn certificate_numbered(self, year: i16, number: u32) -> Option<CertificateView> {
        let index = *self.state.certificates.by_number.get(&(year, number))?;
        self.certificate_at(index.into())
    }

    /// How certificates issued on `day` are numbered.
    pub fn certificate_form(self, day: Date) -> Form {
        self.state.certificate_form(day, self.size)
    }

    fn certificate_view(self, row: &Certificate) -> Option<CertificateView> {
        let (state, size) = (self.state, self.size);
        let voided = state.certificates.voided_by(row.index, size);
        let changes = state.certificates.changes_below(row.index, size);
        let reissues: Vec<u64> = changes
            .filter(|(_, change)| *change == Change::Reissued)
            .map(|(index, _)| index.into())
            .collect();
        let basis = state.basis_of(row.basis_event, &row.teacher_id, size).ok();
        let times = u32::try_from(reissues.len()).unwrap_or(u32::MAX);
        let validity = match (voided, basis, times) {
            (Some(_), ..) => Validity::Void,
            (None, None, _) => Validity::ToBeRecalled,
            (None, Some(_), 0) => Validity::Valid,
            (None, Some(_), times) => Validity::Reissued(times),
        };
        // As the office wrote it when this was recorded: what it says later is for later papers.
        let form = || state.certificate_form(row.on, row.index.into());
        Some(CertificateView {
            index: row.index.into(),
            event_id: state.events.id(row.index)?,
            teacher_id: row.teacher_id,
            basis_event: row.basis_event,
            basis_kind: state.kind_of(row.basis_event).map_or("", |(kind, _)| kind),
            basis: basis.map(u64::from),
            on: row.on,
            number: row.number.map(|number| Number {
                form: form(),
                year: row.on.year(),
                number,
                copy: times,
                historical: form().is_historical(row.on),
            }),
            validity,
            reissues,
            voided: voided.map(u64::from),
        })
    }
}
