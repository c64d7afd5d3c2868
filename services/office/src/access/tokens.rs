//! What the store of tokens holds.

use std::collections::BTreeSet;

use super::{Token, record};
use crate::store::Loaded;
use crate::store::kept::Changes;

/// The tokens of a store.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Tokens {
    /// Those that can be read, in the order in which they were made.
    pub(super) all: Vec<Token>,
    /// The ids of those that cannot, which let nobody in.
    pub(super) unreadable: BTreeSet<String>,
}

impl Tokens {
    pub(super) fn of(loaded: &Loaded) -> Self {
        let Loaded { records, damaged } = loaded;
        let mut tokens = Self {
            all: Vec::with_capacity(records.len()),
            unreadable: damaged.clone(),
        };
        for (id, payload) in records {
            match record::decode(id, payload) {
                Some(token) => tokens.all.push(token),
                None => drop(tokens.unreadable.insert(id.clone())),
            }
        }
        tokens
            .all
            .sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
        tokens
    }

    pub(super) fn has(&self, id: &str) -> bool {
        self.unreadable.contains(id) || self.all.iter().any(|token| token.id == id)
    }

    /// What is to be written so that those `before` become these, which were only added to or changed in place.
    pub(super) fn changes_since(&self, before: &Self) -> Result<Changes, serde_json::Error> {
        let all = self.all.iter().enumerate();
        let changed = all.filter(|(place, token)| before.all.get(*place) != Some(token));
        changed
            .map(|(_, token)| Ok((token.id.clone(), Some(record::encode(token)?))))
            .collect()
    }
}
