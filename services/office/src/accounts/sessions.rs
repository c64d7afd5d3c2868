//! What the store of sessions holds.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;

use jiff::Timestamp;
use keshi_core::hex;

use super::{Account, SESSIONS_MAX, Session, record};
use crate::store::Loaded;
use crate::store::kept::{Changes, Content};

/// Most addresses that are kept of an account: where its holder works and lives, and where she is on the way.
const ADDRESSES_MAX: usize = 8;

/// The sessions, and from where the holders of accounts signed in before.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Sessions {
    /// By the hash of their secrets, which nobody can choose: to find one tells nothing of another.
    all: HashMap<[u8; 32], Session>,
    /// The latest last.
    known: BTreeMap<String, Vec<IpAddr>>,
    unreadable: BTreeSet<String>,
}

pub(super) fn session_key(sha256: &[u8; 32]) -> String {
    format!("s/{}", hex::show(sha256))
}

fn known_key(account: &str) -> String {
    format!("k/{account}")
}

impl Content for Sessions {
    const WHAT: &'static str = "sessions";

    fn of(loaded: &Loaded) -> Self {
        let mut sessions = Self {
            unreadable: loaded.damaged.clone(),
            ..Self::default()
        };
        for (key, bytes) in &loaded.records {
            let is_read = match key.split_once('/') {
                Some(("s", sha256)) => hex::read(sha256)
                    .and_then(|sha256| record::session(sha256, bytes))
                    .map(|session| drop(sessions.all.insert(session.sha256, session)))
                    .is_some(),
                Some(("k", account)) => record::known(bytes)
                    .map(|addresses| drop(sessions.known.insert(account.to_owned(), addresses)))
                    .is_some(),
                _ => false,
            };
            if !is_read {
                sessions.unreadable.insert(key.clone());
            }
        }
        sessions
    }

    fn is_same(&self, other: &Self) -> bool {
        self == other
    }

    fn unreadable(&self) -> &BTreeSet<String> {
        &self.unreadable
    }
}

impl Sessions {
    pub(super) fn find(&self, sha256: &[u8; 32]) -> Option<&Session> {
        self.all.get(sha256)
    }

    /// Whether the holder of `account` signed in from there before.
    pub(super) fn is_known(&self, account: &str, address: IpAddr) -> bool {
        self.known.get(account).is_some_and(|known| known.contains(&address))
    }

    /// The ids of accounts with a session, after the id `after`, ascending.
    pub(super) fn accounts_after(&self, after: &str) -> BTreeSet<&str> {
        let ids = self.all.values().map(|session| session.account.as_str());
        ids.filter(|id| *id > after).collect()
    }

    /// The sessions of this account, the latest last.
    pub(super) fn of_account(&self, account: &Account) -> Vec<&Session> {
        let hers = |session: &&Session| session.account == account.id && session.generation == account.generation;
        let mut sessions: Vec<&Session> = self.all.values().filter(hers).collect();
        sessions.sort_unstable_by_key(|session| (session.begun_at, session.sha256));
        sessions
    }

    /// What is to be written so that this session of `account` has begun: the oldest beyond [`SESSIONS_MAX`] ends, and where it
    /// came from is known.
    pub(super) fn begin(&self, account: &Account, session: &Session) -> Result<Changes, serde_json::Error> {
        let mut changes = vec![(session_key(&session.sha256), Some(record::of_session(session)?))];
        let before = self.of_account(account);
        let beyond = (before.len() + 1).saturating_sub(SESSIONS_MAX);
        let oldest = before.into_iter().take(beyond);
        changes.extend(oldest.map(|session| (session_key(&session.sha256), None)));
        let known = self.known.get(&account.id).map_or(&[][..], Vec::as_slice);
        if known.last() != Some(&session.address) {
            let mut known: Vec<IpAddr> = known
                .iter()
                .copied()
                .filter(|known| *known != session.address)
                .collect();
            known.push(session.address);
            let beyond = known.len().saturating_sub(ADDRESSES_MAX);
            changes.push((known_key(&account.id), Some(record::of_known(&known[beyond..])?)));
        }
        Ok(changes)
    }

    /// What is to be written of sessions that were `seen` later than is kept, and of those that are over.
    pub(super) fn tend(
        &self,
        seen: &HashMap<[u8; 32], Timestamp>,
        is_over: impl Fn(&Session) -> bool,
    ) -> Result<Changes, serde_json::Error> {
        let mut changes = Vec::new();
        for (sha256, session) in &self.all {
            let seen_at = seen
                .get(sha256)
                .map_or(session.seen_at, |seen| *seen.max(&session.seen_at));
            let now = Session {
                seen_at,
                ..session.clone()
            };
            if is_over(&now) {
                changes.push((session_key(sha256), None));
            } else if now != *session {
                changes.push((session_key(sha256), Some(record::of_session(&now)?)));
            }
        }
        Ok(changes)
    }
}
