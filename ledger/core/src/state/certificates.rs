//! The register of certificates (证书, DOMAIN §11): which were issued, under which numbers, and what became of each.
//!
//! What a paper is worth rests on its basis, and is found anew whenever it is asked: voiding a basis changes nothing here.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use jiff::civil::Date;

use crate::ids::{EventId, TeacherId};

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
    pub(crate) by_number: BTreeMap<(i16, u32), u32>,
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

    pub(crate) fn of_teacher(&self, id: &TeacherId) -> impl Iterator<Item = &Certificate> {
        let indices = self.by_teacher.get(id).into_iter().flatten();
        indices.filter_map(|&index| self.get(index))
    }

    /// What was done to the certificate of this entry, below `size`.
    pub(crate) fn changes_below(&self, issued: u32, size: u64) -> impl Iterator<Item = (u32, Change)> {
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
