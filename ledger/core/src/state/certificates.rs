//! The register of certificates (证书, DOMAIN §11): which were issued, under which numbers, and what became of each.
//!
//! What a paper is worth rests on its basis, and is found anew whenever it is asked: voiding a basis changes nothing here.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use jiff::civil::Date;

use super::{At, Detail, Item, State, Teacher};
use crate::balance::Why;
use crate::certificate::{Form, Number, paper};
use crate::ids::{EventId, TeacherId};
use crate::tier::Title;

/// A certificate as kept.
#[derive(Clone, Debug)]
pub(crate) struct Certificate {
    pub(crate) index: u32,
    pub(crate) teacher_id: TeacherId,
    pub(crate) basis_event: EventId,
    pub(crate) on: Date,
    /// Within its year; none if the entry says none.
    pub(crate) number: Option<NonZeroU32>,
}

/// What was done to a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Reissued,
    Voided,
}

/// All certificates, with what finds them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Certificates {
    /// By their entries, rising.
    pub(crate) rows: Vec<Certificate>,
    /// What was done, by its entry, rising: to the certificate of that entry.
    pub(crate) changes: Vec<(u32, u32, Change)>,
    /// Certificate's entry → entries of what was done to it, rising.
    changes_of: BTreeMap<u32, Vec<(u32, Change)>>,
    by_teacher: BTreeMap<TeacherId, Vec<u32>>,
    /// Year and number → the certificate's entry.
    by_number: BTreeMap<(i16, u32), u32>,
}

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

// === impl Certificates ===

impl Certificates {
    pub(super) fn issue(&mut self, index: u32, (teacher_id, basis_event): (TeacherId, EventId), on: Date) {
        self.rows.push(Certificate {
            index,
            teacher_id,
            basis_event,
            on,
            number: None,
        });
        self.by_teacher.entry(teacher_id).or_default().push(index);
    }

    /// Gives the certificate of the last entry the number that the entry says.
    pub(super) fn numbered(&mut self, index: u32, number: Option<NonZeroU32>) {
        let Some(row) = self.rows.last_mut().filter(|row| row.index == index) else {
            return;
        };
        row.number = number;
        if let Some(number) = number {
            self.by_number.entry((row.on.year(), number.get())).or_insert(index);
        }
    }

    pub(super) fn change(&mut self, index: u32, issued: Option<u32>, change: Change) {
        // decide lets nothing be done to what is no certificate; but what is folded is never judged.
        if let Some(issued) = issued.filter(|&issued| self.get(issued).is_some()) {
            self.changes.push((index, issued, change));
            self.changes_of.entry(issued).or_default().push((index, change));
        }
    }

    /// Takes back what came at entry `size` and after.
    pub(super) fn cut(&mut self, size: u32) {
        while let Some((_, issued, _)) = self.changes.pop_if(|(index, ..)| *index >= size) {
            if let Some(changes) = self.changes_of.get_mut(&issued) {
                changes.retain(|(index, _)| *index < size);
                if changes.is_empty() {
                    self.changes_of.remove(&issued);
                }
            }
        }
        while let Some(row) = self.rows.pop_if(|row| row.index >= size) {
            if let Some(of_teacher) = self.by_teacher.get_mut(&row.teacher_id) {
                of_teacher.retain(|&index| index < size);
                if of_teacher.is_empty() {
                    self.by_teacher.remove(&row.teacher_id);
                }
            }
            let number = row.number.map(|number| (row.on.year(), number.get()));
            if let Some(number) = number.filter(|number| self.by_number.get(number) == Some(&row.index)) {
                self.by_number.remove(&number);
            }
        }
    }

    /// The certificate that the entry issued.
    pub(crate) fn get(&self, index: u32) -> Option<&Certificate> {
        let place = self.rows.binary_search_by_key(&index, |row| row.index).ok()?;
        self.rows.get(place)
    }

    /// The number that the next certificate of this year gets; `None` past the type's end.
    pub(crate) fn next_number(&self, year: i16) -> Option<NonZeroU32> {
        let mut of_year = self.by_number.range((year, 0)..=(year, u32::MAX));
        let last = of_year.next_back().map_or(0, |((_, number), _)| *number);
        NonZeroU32::new(last.checked_add(1)?)
    }

    fn of_teacher(&self, id: &TeacherId) -> impl Iterator<Item = &Certificate> {
        let indices = self.by_teacher.get(id).into_iter().flatten();
        indices.filter_map(|&index| self.get(index))
    }

    /// What was done to the certificate of this entry, below `size`.
    fn changes_below(&self, issued: u32, size: u64) -> impl Iterator<Item = (u32, Change)> {
        let changes = self.changes_of.get(&issued).into_iter().flatten();
        changes.copied().take_while(move |(index, _)| u64::from(*index) < size)
    }

    /// The entry that voids the certificate of this one, below `size`.
    pub(crate) fn voided_by(&self, issued: u32, size: u64) -> Option<u32> {
        let mut changes = self.changes_below(issued, size);
        changes
            .find(|(_, change)| *change == Change::Voided)
            .map(|(index, _)| index)
    }
}

// === impl State ===

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
        let teacher = self.teachers.get(teacher_id).ok_or(NoBasis::OfAnother)?;
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
        let mut hers = self.certificates.of_teacher(teacher_id);
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

    /// The certificates of a teacher below `size`, in the order of their entries.
    pub fn certificates_of(self, id: &TeacherId) -> Vec<CertificateView> {
        let hers = self.state.certificates.of_teacher(id);
        let below = hers.take_while(|row| u64::from(row.index) < self.size);
        below.filter_map(|row| self.certificate_view(row)).collect()
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
