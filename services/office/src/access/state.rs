//! The tokens in force, found by their hash.

use std::collections::{BTreeSet, HashMap};

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use super::tokens::Tokens;
use super::{AccessError, Caller, token};
use crate::china;
use crate::store::Loaded;
use crate::store::kept::Content;

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) tokens: Tokens,
    held: Vec<Held>,
    /// Places in `held`, by the first 8 bytes of the hash, so that the map's own comparison tells nothing about the rest.
    by_hash: HashMap<[u8; 8], Vec<usize>>,
    by_id: HashMap<String, usize>,
}

#[derive(Debug)]
pub(super) struct Held {
    sha256: [u8; 32],
    pub(super) caller: Caller,
    expires: Option<(Date, Timestamp)>,
    revoked_at: Option<Timestamp>,
}

// === impl State ===

impl Content for State {
    const WHAT: &'static str = "tokens";

    fn of(loaded: &Loaded) -> Self {
        Self::new(Tokens::of(loaded))
    }

    fn is_same(&self, other: &Self) -> bool {
        self.tokens == other.tokens
    }

    fn unreadable(&self) -> &BTreeSet<String> {
        &self.tokens.unreadable
    }
}

impl State {
    fn new(tokens: Tokens) -> Self {
        let mut state = Self {
            held: Vec::with_capacity(tokens.all.len()),
            ..Self::default()
        };
        for (place, token) in tokens.all.iter().enumerate() {
            state.by_hash.entry(short(&token.sha256)).or_default().push(place);
            state.by_id.insert(token.id.clone(), place);
            state.held.push(Held {
                sha256: token.sha256,
                caller: Caller::new(token.id.clone(), token.office.clone(), token.role.clone()),
                expires: token.expires_on.map(|day| (day, end_of(day))),
                revoked_at: token.revoked_at,
            });
        }
        Self { tokens, ..state }
    }

    pub(super) fn find(&self, sha256: &[u8; 32]) -> Option<&Held> {
        let places = self.by_hash.get(&short(sha256))?;
        let mut held = places.iter().filter_map(|&place| self.held.get(place));
        held.find(|held| token::same_digest(&held.sha256, sha256))
    }

    pub(super) fn of_id(&self, id: &str) -> Option<&Held> {
        self.held.get(*self.by_id.get(id)?)
    }
}

impl Held {
    /// Whether the token is good at `now`.
    pub(super) fn check(&self, now: Timestamp) -> Result<(), AccessError> {
        let id = || self.caller.poster_id().to_owned();
        match (self.revoked_at, self.expires) {
            (Some(revoked_at), _) => Err(AccessError::Revoked { id: id(), revoked_at }),
            (None, Some((expires_on, end))) if now >= end => Err(AccessError::Expired { id: id(), expires_on }),
            (None, _) => Ok(()),
        }
    }
}

fn short(sha256: &[u8; 32]) -> [u8; 8] {
    std::array::from_fn(|i| sha256[i])
}

/// The first moment after `day`; for the last day that the calendar knows, never.
fn end_of(day: Date) -> Timestamp {
    let next = day.checked_add(1.day()).and_then(|day| day.to_zoned(china()));
    next.map_or(Timestamp::MAX, |midnight| midnight.timestamp())
}
