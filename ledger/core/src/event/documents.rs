//! Documents and what they bring into force.

use jiff::civil::Date;

use super::kind::{Checked, Found, kinds};
use super::{DOCUMENT_PART_BYTES_MAX, Event};
use crate::ids::{CalendarId, PolicyId, Sha256};
use crate::violation::Problem;

kinds! {
    /// A calendar comes into force; its document travels beside it.
    CalendarAdopted "calendar_adopted" "校历" { voidable: true, correctable: false, may_lie_ahead: false, credits: false } {
        /// The calendar.
        calendar_id: CalendarId => Name,
        /// Hash of the document.
        sha256: Sha256 => Value,
    }
    /// A policy version comes into force; its document travels beside it.
    PolicyAdopted "policy_adopted" "规则发布" { voidable: true, correctable: false, may_lie_ahead: false, credits: false } {
        /// The policy.
        policy_id: PolicyId => Name,
        /// Its version, from 1 on.
        version: u32 => Value,
        /// First day in force.
        effective_from: Date => Value,
        /// Last day in force, if limited.
        effective_to: Option<Date> => Value,
        /// Hash of the document.
        sha256: Sha256 => Value,
    }
    /// One part of a document.
    DocumentPart "document_part" "文件分段" { voidable: false, correctable: false, may_lie_ahead: false, credits: false } {
        /// Hash of the whole document.
        sha256: Sha256 => Value,
        /// This part's number, from 0 on.
        part: u16 => Value,
        /// How many parts there are.
        parts: u16 => Value,
        /// The bytes, at most [`DOCUMENT_PART_BYTES_MAX`].
        body: Vec<u8> => Value,
    }
}

impl Checked for CalendarAdopted {
    fn check(&self, _: &Event, _: &mut Found) {}
}

impl Checked for PolicyAdopted {
    fn check(&self, _: &Event, found: &mut Found) {
        found.after("effective_to", self.effective_to, self.effective_from);
    }
}

impl DocumentPart {
    /// All parts of a document, in their order.
    pub fn all_of(document: &[u8]) -> Vec<Self> {
        let sha256 = Sha256::of(document);
        let chunks = document.chunks(DOCUMENT_PART_BYTES_MAX);
        let parts = u16::try_from(chunks.len()).unwrap_or(u16::MAX);
        let part = |(part, body): (u16, &[u8])| Self {
            sha256,
            part,
            parts,
            body: body.to_vec(),
        };
        (0..parts).zip(chunks).map(part).collect()
    }
}

impl Checked for DocumentPart {
    fn check(&self, _: &Event, found: &mut Found) {
        if self.body.len() > DOCUMENT_PART_BYTES_MAX {
            let (bytes, max) = (self.body.len(), DOCUMENT_PART_BYTES_MAX);
            found.add("body", "", Problem::TooLarge { bytes, max });
        }
        if self.part >= self.parts {
            let (min, max) = ("0".to_owned(), self.parts.saturating_sub(1).to_string());
            found.add("part", self.part, Problem::OutOfRange { min, max });
        }
    }
}
