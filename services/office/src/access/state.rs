//! The tokens in force, found by their hash.

use std::collections::HashMap;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use super::{Caller, Token, token};
use crate::china;

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) tokens: Vec<Token>,
    /// By the first 8 bytes of the hash, so that the map's own comparison tells nothing about the rest.
    held: HashMap<[u8; 8], Vec<Held>>,
}

#[derive(Debug)]
pub(super) struct Held {
    sha256: [u8; 32],
    pub(super) caller: Caller,
    pub(super) expires: Option<(Date, Timestamp)>,
    pub(super) revoked_at: Option<Timestamp>,
}

// === impl State ===

impl State {
    pub(super) fn new(tokens: Vec<Token>) -> Self {
        let mut held: HashMap<[u8; 8], Vec<Held>> = HashMap::with_capacity(tokens.len());
        for token in &tokens {
            held.entry(short(&token.sha256)).or_default().push(Held {
                sha256: token.sha256,
                caller: Caller::new(token.id.clone(), token.office.clone(), token.role.clone()),
                expires: token.expires_on.map(|day| (day, end_of(day))),
                revoked_at: token.revoked_at,
            });
        }
        Self { tokens, held }
    }

    pub(super) fn find(&self, sha256: &[u8; 32]) -> Option<&Held> {
        self.held
            .get(&short(sha256))?
            .iter()
            .find(|held| token::same_digest(&held.sha256, sha256))
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
