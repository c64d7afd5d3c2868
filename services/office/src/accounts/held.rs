//! Sessions of those who signed in.

use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};
use keshi_core::hex;

use crate::access::Secret;

/// Most sessions of an account; beyond that the oldest ends.
pub const SESSIONS_MAX: usize = 16;

/// How long a session lasts in which nothing is asked.
const IDLE_MAX: SignedDuration = SignedDuration::from_hours(2);

/// How long a session lasts at most: a working day.
const LASTS_MAX: SignedDuration = SignedDuration::from_hours(12);

/// A session as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Of its secret.
    pub(crate) sha256: [u8; 32],
    /// Whose.
    pub account: String,
    /// The account's generation when it began; it has ended if that is another now.
    pub(crate) generation: u64,
    /// When she signed in.
    pub begun_at: Timestamp,
    /// When something was asked in it last, to a few minutes.
    pub seen_at: Timestamp,
    /// From where she signed in.
    pub address: IpAddr,
    /// With what, as the browser said.
    pub device: String,
}

/// A session just begun. The only moment at which its secret is known.
#[derive(Debug)]
pub struct NewSession {
    /// What is kept of it.
    pub session: Session,
    /// What its holder sends with every call.
    pub secret: Secret,
}

impl Session {
    /// A name for it in lists, of which nothing can be made.
    pub fn name(&self) -> String {
        hex::show(&self.sha256).chars().take(16).collect()
    }

    /// When it ends whatever is asked in it.
    pub fn ends_at(&self) -> Timestamp {
        after(self.begun_at, LASTS_MAX)
    }

    /// When it ends if nothing more is asked in it.
    pub fn idle_ends_at(&self) -> Timestamp {
        after(self.seen_at, IDLE_MAX).min(self.ends_at())
    }

    /// Whether its time is over.
    pub(super) fn is_over(&self, now: Timestamp) -> bool {
        now >= self.idle_ends_at()
    }
}

fn after(at: Timestamp, time: SignedDuration) -> Timestamp {
    at.checked_add(time).unwrap_or(Timestamp::MAX)
}
