//! The year's end: definitions of figures, closing a year, restating it (DOMAIN §10, §12).

use super::Event;
use super::kind::{Checked, Found, kinds};
use crate::canonical::{Canonical, Sink};
use crate::ids::{PolicyId, Sha256};
use crate::text::Text;
use crate::violation::Problem;

/// Most versions of policies that a closing names.
const VERSIONS_MAX: usize = 64;

kinds! {
    /// Definitions of the annual report's figures come into force; their document travels beside it.
    FiguresAdopted "figures_adopted" "口径发布" { voidable: true, correctable: false, may_lie_ahead: false, credits: false } {
        /// Their version, from 1 on.
        version: u32 => Value,
        /// The first year that is counted so.
        from_year: u16 => Value,
        /// Hash of the document.
        sha256: Sha256 => Value,
    }
    /// A year's figures become official, as the ledger of so many entries gives them.
    YearClosed "year_closed" "封账" { voidable: false, correctable: false, may_lie_ahead: false, credits: false } {
        /// The year.
        year: u16 => Value,
        /// How many entries the figures are counted from.
        log_position: u64 => Value,
        /// The root over these.
        log_hash: Sha256 => Value,
        /// Hash of the figures' statement.
        figures_hash: Sha256 => Value,
        /// The versions of policies that were adopted then, by id then version.
        policy_versions: Vec<AdoptedVersion> => Value,
    }
    /// A closed year's figures become official as they are at a later place.
    YearRestated "year_restated" "重述" { voidable: false, correctable: false, may_lie_ahead: false, credits: false } {
        /// The year.
        year: u16 => Value,
        /// How many entries the figures are counted from.
        log_position: u64 => Value,
        /// The root over these.
        log_hash: Sha256 => Value,
        /// Hash of the figures' statement.
        figures_hash: Sha256 => Value,
        /// The versions of policies that were adopted then, by id then version.
        policy_versions: Vec<AdoptedVersion> => Value,
        /// Why.
        reason: Text => Text,
    }
}

/// A version of a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AdoptedVersion {
    /// The policy.
    pub policy_id: PolicyId,
    /// Its version.
    pub version: u32,
}

impl Canonical for AdoptedVersion {
    fn put(&self, out: &mut dyn Sink) {
        let Self { policy_id, version } = self;
        policy_id.put(out);
        version.put(out);
    }
}

fn check_versions(versions: &[AdoptedVersion], found: &mut Found) {
    if versions.len() > VERSIONS_MAX {
        found.add(
            "policy_versions",
            versions.len(),
            Problem::TooMany { max: VERSIONS_MAX },
        );
    }
}

impl Checked for FiguresAdopted {
    fn check(&self, _: &Event, found: &mut Found) {
        found.range("version", self.version, 1, 1_000_000);
        found.range("from_year", self.from_year, 1950, 2999);
    }
}

impl Checked for YearClosed {
    fn check(&self, _: &Event, found: &mut Found) {
        found.range("year", self.year, 1950, 2999);
        check_versions(&self.policy_versions, found);
    }
}

impl Checked for YearRestated {
    fn check(&self, _: &Event, found: &mut Found) {
        found.range("year", self.year, 1950, 2999);
        check_versions(&self.policy_versions, found);
    }
}
