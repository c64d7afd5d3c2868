//! Why a line changed, read off the line before and after.

use super::super::{Line, Why};
use crate::ids::RuleId;

/// Why a line changed. Where several things changed, the first of these that did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The entry was recorded in between.
    NewEntry,
    /// The entry was there and was not looked at: a post, a policy or a calendar that concerns her is new.
    NowLookedAt,
    /// The entry is there and is not looked at any more.
    NoLongerLookedAt,
    /// It was voided by this entry.
    Voided {
        /// The void's entry.
        by: u64,
    },
    /// This entry took its place.
    Corrected {
        /// The correction's entry.
        by: u64,
    },
    /// Its session was cancelled by this entry.
    Cancelled {
        /// The cancellation's entry.
        by: u64,
    },
    /// What it waited for has arrived.
    Arrived {
        /// `session_id`, `project_id` or `comp_id`.
        field: &'static str,
        /// The id that was missing.
        id: String,
    },
    /// Another conversion, of the same or another version, credits it; `None`: none does, or did.
    OtherRule {
        /// The conversion and version before.
        before: Option<(RuleId, u32)>,
        /// Those after.
        after: Option<(RuleId, u32)>,
    },
    /// Another entry of the same session, work or period counts now, being the better.
    Outdone {
        /// The entry that counts.
        index: u64,
    },
    /// The entry that counted in its place does not any more.
    NoLongerOutdone {
        /// The entry that counted.
        index: u64,
    },
    /// It is attributed to another day.
    OtherDay,
    /// It is converted to another amount.
    OtherAmount,
    /// Limits and caps take more or less of it: other entries use their room.
    OtherCuts,
    /// It counts, or does not, for another reason: its own [`Why`] says which.
    OtherReason,
}

impl Cause {
    /// The code in `--json`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NewEntry => "new_entry",
            Self::NowLookedAt => "now_looked_at",
            Self::NoLongerLookedAt => "no_longer_looked_at",
            Self::Voided { .. } => "voided",
            Self::Corrected { .. } => "corrected",
            Self::Cancelled { .. } => "cancelled",
            Self::Arrived { .. } => "arrived",
            Self::OtherRule { .. } => "other_rule",
            Self::Outdone { .. } => "outdone",
            Self::NoLongerOutdone { .. } => "no_longer_outdone",
            Self::OtherDay => "other_day",
            Self::OtherAmount => "other_amount",
            Self::OtherCuts => "other_cuts",
            Self::OtherReason => "other_reason",
        }
    }

    /// Why the line changed since the ledger had `size` entries; `None` if it did not.
    pub(super) fn of(before: Option<&Line>, after: Option<&Line>, size: u64) -> Option<Self> {
        match (before, after) {
            (None, None) => None,
            (None, Some(line)) if line.index >= size => Some(Self::NewEntry),
            (None, Some(_)) => Some(Self::NowLookedAt),
            (Some(_), None) => Some(Self::NoLongerLookedAt),
            (Some(before), Some(after)) => Self::between(before, after),
        }
    }

    fn between(before: &Line, after: &Line) -> Option<Self> {
        let why_changed = before.why != after.why;
        match (&before.why, &after.why) {
            (_, Why::Void { by }) if why_changed => return Some(Self::Voided { by: *by }),
            (_, Why::Corrected { by }) if why_changed => return Some(Self::Corrected { by: *by }),
            (_, Why::Cancelled { by }) if why_changed => return Some(Self::Cancelled { by: *by }),
            (Why::WaitingFor { field, id }, _) if why_changed => {
                return Some(Self::Arrived { field, id: id.clone() });
            }
            _ => {}
        }
        let rule = |line: &Line| line.rule.zip(line.version);
        let counts_alike = before.counted == after.counted && before.cuts == after.cuts && !why_changed;
        // The same rule of a newer version that gives the same is no change.
        if before.rule != after.rule || (before.version != after.version && !counts_alike) {
            let (before, after) = (rule(before), rule(after));
            return Some(Self::OtherRule { before, after });
        }
        match (outdone_by(&before.why), outdone_by(&after.why)) {
            (before, Some(index)) if before != Some(index) => return Some(Self::Outdone { index }),
            (Some(index), None) => return Some(Self::NoLongerOutdone { index }),
            _ => {}
        }
        if before.on != after.on {
            Some(Self::OtherDay)
        } else if why_changed {
            Some(Self::OtherReason)
        } else if before.converted != after.converted {
            Some(Self::OtherAmount)
        } else if before.cuts != after.cuts || before.counted != after.counted {
            Some(Self::OtherCuts)
        } else {
            None
        }
    }
}

const fn outdone_by(why: &Why) -> Option<u64> {
    if let Why::OtherOfSession { index } | Why::BestOnly { index } = why {
        Some(*index)
    } else {
        None
    }
}
