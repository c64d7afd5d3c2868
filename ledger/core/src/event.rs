//! What may happen: the event kinds of DOMAIN §6, one struct each, by family.
//!
//! A family's file states all of a kind in one place: its fields with what each names ([`Field`]), what holds for all
//! its events ([`Nature`]), and its checks. Who decides, asks for rights, screens or lists loops over these answers.
//!
//! Values here are already checked ([`crate::violation`]); inside the core the type is the proof.
//! A released kind is never changed: a changed meaning is a new kind.
#![deny(
    clippy::wildcard_enum_match_arm,
    reason = "a new kind must not fall through in silence"
)]

mod certificates;
pub mod check;
mod claims;
mod contests;
mod documents;
mod fact;
mod inspections;
mod kind;
mod lessons;
mod organisations;
mod people;
mod questions;
mod records;
mod schools;
mod training;
mod works;
mod years;

use jiff::civil::Date;

pub use self::certificates::*;
pub use self::claims::*;
pub use self::contests::*;
pub use self::documents::*;
pub use self::fact::Fact;
pub(crate) use self::fact::with_fact;
pub use self::inspections::*;
pub use self::kind::{Difference, Field, Nature, See};
pub use self::lessons::*;
pub use self::organisations::*;
pub use self::people::*;
pub use self::questions::*;
pub use self::records::*;
pub use self::schools::*;
pub use self::training::*;
pub use self::works::*;
pub use self::years::*;
use crate::canonical::{Canonical, Sink};
use crate::hours::Hours;
use crate::ids::{ClaimId, EventId, LoadId, SchoolId, Sha256};
use crate::text::Text;
use crate::time::days_inclusive;

/// Longest event, encoded, in bytes.
pub const EVENT_BYTES_MAX: usize = 4096;

/// Longest body of one document part, in bytes; with its header it stays within [`EVENT_BYTES_MAX`].
pub const DOCUMENT_PART_BYTES_MAX: usize = 3840;

/// Most people in one topic or work.
pub const PEOPLE_MAX: usize = 60;

/// Most deliveries in one outreach.
pub const DELIVERIES_MAX: usize = 60;

/// The least amount that is any.
const LEAST: Hours = Hours::from_hundredths(1);

/// One fact, as posted.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Given by the poster, permanent.
    pub event_id: EventId,
    /// First day of what happened.
    pub from: Date,
    /// Last day, not before `from`. Credit is attributed by it (DOMAIN §5).
    pub to: Date,
    /// The school that posts, if a school does.
    pub org: Option<SchoolId>,
    /// Where the posting came from. Not part of the content.
    pub source: Option<Text>,
    /// Hashes of evidence files.
    pub evidence: Vec<Sha256>,
    /// Free text. Not part of the content.
    pub note: Option<Text>,
    /// The event that this one replaces.
    pub supersedes: Option<EventId>,
    /// The historical load that it belongs to.
    pub load_id: Option<LoadId>,
    /// The claim that it belongs to: it counts once that is credited.
    pub claim_id: Option<ClaimId>,
    /// What happened.
    pub fact: Fact,
}

impl Event {
    /// An event with nothing beside its fact.
    pub fn of(event_id: EventId, from: Date, to: Date, fact: impl Into<Fact>) -> Self {
        Self {
            event_id,
            from,
            to,
            org: None,
            source: None,
            evidence: Vec::new(),
            note: None,
            supersedes: None,
            load_id: None,
            claim_id: None,
            fact: fact.into(),
        }
    }

    /// The first field in which the contents of two events differ, `None` if they are one content.
    ///
    /// Content is everything but `source` and `note` (DOMAIN §13a); texts are compared normalised.
    pub fn differing_field(&self, other: &Self) -> Option<&'static str> {
        let common = [
            ("occurred_from", self.from == other.from),
            ("occurred_to", self.to == other.to),
            ("org", self.org == other.org),
            ("evidence", self.evidence == other.evidence),
            ("supersedes", self.supersedes == other.supersedes),
            ("load_id", self.load_id == other.load_id),
            ("claim_id", self.claim_id == other.claim_id),
        ];
        let in_fact = self.fact.differing_field(&other.fact);
        in_fact.or_else(|| common.iter().find(|(_, same)| !same).map(|(name, _)| *name))
    }

    /// Shows every field that names something: those that all events have, then the fact's own.
    pub fn fields<'f>(&'f self, see: &mut See<'_, 'f>) {
        self.org.iter().for_each(|id| see("org", Field::Sender(id)));
        self.source.iter().for_each(|text| see("source", Field::Text(text)));
        self.note.iter().for_each(|text| see("note", Field::Text(text)));
        let original = self.supersedes.iter();
        original.for_each(|id| see("supersedes", Field::Original(id)));
        self.load_id.iter().for_each(|id| see("load_id", Field::Load(id)));
        self.claim_id.iter().for_each(|id| see("claim_id", Field::Claim(id)));
        self.fact.fields(see);
    }

    /// Whether it sets the ledger's time to that at which it is taken in.
    pub const fn corrects_the_clock(&self) -> bool {
        matches!(self.fact, Fact::ClockCorrected(_))
    }

    /// The hours that its days have.
    fn day_limit(&self) -> Hours {
        Hours::from_hundredths(days_inclusive(self.from, self.to).saturating_mul(2_400))
    }
}

/// The content, as [`Event::differing_field`] compares it.
impl Canonical for Event {
    fn put(&self, out: &mut dyn Sink) {
        let Self {
            event_id,
            from,
            to,
            org,
            source: _,
            evidence,
            note: _,
            supersedes,
            load_id,
            claim_id,
            fact,
        } = self;
        event_id.put(out);
        from.put(out);
        to.put(out);
        org.put(out);
        evidence.put(out);
        supersedes.put(out);
        load_id.put(out);
        // Written only where there is one, after a length that no text has: what has none is written as it always was.
        if let Some(claim_id) = claim_id {
            u64::MAX.put(out);
            claim_id.put(out);
        }
        fact.put(out);
    }
}
