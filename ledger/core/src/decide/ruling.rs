//! What the rules say of one event.

use crate::entry::Verdict;
use crate::reason::{Reason, ReasonCode};

/// What the rules say of one event that is not yet in the ledger.
#[derive(Clone)]
pub(super) struct Ruling {
    pub(super) verdict: Verdict,
    pub(super) reason: Option<Reason>,
}

impl Ruling {
    pub(super) const RECORDED: Self = Self {
        verdict: Verdict::Recorded,
        reason: None,
    };

    pub(super) fn refused(code: ReasonCode, field: &str, value: impl ToString) -> Self {
        Self::refused_because(Reason::about(code, field, value))
    }

    /// The reason points at the entry that stands in the way.
    pub(super) fn refused_for(code: ReasonCode, field: &str, value: impl ToString, index: u32) -> Self {
        Self::refused_because(Reason {
            index: Some(index.into()),
            ..Reason::about(code, field, value)
        })
    }

    pub(super) fn refused_because(reason: Reason) -> Self {
        Self::of(Verdict::Refused, reason)
    }

    pub(super) fn waiting_for(field: &str, value: impl ToString) -> Self {
        Self::waiting(Reason::about(ReasonCode::WaitingFor, field, value))
    }

    pub(super) fn waiting(reason: Reason) -> Self {
        Self::of(Verdict::Waiting, reason)
    }

    pub(super) fn of(verdict: Verdict, reason: Reason) -> Self {
        Self {
            verdict,
            reason: Some(reason),
        }
    }
}
