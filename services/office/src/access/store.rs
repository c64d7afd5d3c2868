//! The tokens in memory: authenticate, create, list, revoke, and follow changes made by other processes.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use parking_lot::{Mutex, RwLock};
use tracing::{error, info};

use super::error::{AccessError, ChangeError, OpenError};
use super::issue::{NewToken, Request, issue};
use super::state::State;
use super::tokens::Tokens;
use super::{Caller, Role, Token, token};
use crate::store::follow::{Followed, create_if_missing, open_for_change};

/// How often the store is looked at: a revocation holds everywhere after this time, and a call pays for one `stat`
/// in many.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// The tokens, held in memory and followed on disk. Share it between threads behind an `Arc`.
#[derive(Debug)]
pub struct Access {
    path: PathBuf,
    state: RwLock<State>,
    opened: Instant,
    /// Milliseconds after `opened` at which the store is to be looked at again.
    look_at_ms: AtomicU64,
    watch: Mutex<Watch>,
}

#[derive(Debug)]
struct Watch {
    store: Followed,
    /// Whether the last look failed, which was reported.
    is_unreadable: bool,
}

// === impl Access ===

impl Access {
    /// Opens the tokens at `path` and reads them all. Records that are damaged are reported, and let nobody in.
    ///
    /// # Errors
    ///
    /// [`OpenError::Missing`], or [`OpenError::Store`] if they are not what was written, or the disk fails.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, OpenError> {
        let path = path.into();
        let (store, loaded) = Followed::open(&path)?;
        let access = Self {
            state: RwLock::default(),
            opened: Instant::now(),
            look_at_ms: AtomicU64::new(0),
            watch: Mutex::new(Watch {
                store,
                is_unreadable: false,
            }),
            path,
        };
        access.put_in_force(Tokens::of(loaded));
        Ok(access)
    }

    /// Opens the tokens at `path`, and makes a store without any (mode 0600) if there is none.
    ///
    /// # Errors
    ///
    /// As [`Access::open`].
    pub fn open_or_create(path: impl Into<PathBuf>) -> Result<Self, OpenError> {
        let path = path.into();
        create_if_missing(&path)?;
        Self::open(path)
    }

    /// Makes the first token of `office`, an admin's, if the office has never had one.
    ///
    /// An office whose tokens are all revoked gets none: its operator uses `keshi token create`.
    ///
    /// # Errors
    ///
    /// As [`Access::create`].
    pub fn first_token(&self, office: &str, now: Timestamp) -> Result<Option<NewToken>, ChangeError> {
        let request = Request {
            id: None,
            office: office.to_owned(),
            role: Role::Admin,
            expires_on: None,
        };
        self.change(|tokens| {
            // One that cannot be read may have been hers.
            if !tokens.unreadable.is_empty() || tokens.all.iter().any(|token| token.office == office) {
                return Ok(None);
            }
            let new = issue(&request, tokens, now)?;
            tokens.all.push(new.token.clone());
            Ok(Some(new))
        })
    }

    /// Says whose token `presented` is: the token itself, or an `authorization` header's `Bearer` and the token.
    ///
    /// Looks at the store at most ten times a second, otherwise works from memory. `now` decides about expiry.
    ///
    /// # Errors
    ///
    /// One [`AccessError`] per reason; none of them tells an outsider whether a guess was near.
    pub fn authenticate(&self, presented: &str, now: Timestamp) -> Result<Caller, AccessError> {
        self.look();
        let text = bare(presented);
        if text.is_empty() {
            return Err(AccessError::Missing);
        }
        let sha256 = token::digest_of(text).map_err(|_| AccessError::Malformed)?;
        let state = self.state.read();
        let held = state.find(&sha256).ok_or(AccessError::Unknown)?;
        held.check(now)?;
        Ok(held.caller.clone())
    }

    /// Whether a caller who was let in would be let in still, with the rights that she had: for what goes on for long.
    ///
    /// Looks at the store as [`Access::authenticate`] does.
    ///
    /// # Errors
    ///
    /// [`AccessError::Revoked`], [`AccessError::Expired`], [`AccessError::Unknown`] if her token is gone, and
    /// [`AccessError::Changed`] if it stands for something else now.
    pub fn still(&self, caller: &Caller, now: Timestamp) -> Result<(), AccessError> {
        self.look();
        let state = self.state.read();
        let held = state.of_id(caller.poster_id()).ok_or(AccessError::Unknown)?;
        held.check(now)?;
        if held.caller == *caller {
            return Ok(());
        }
        let id = caller.poster_id().to_owned();
        Err(AccessError::Changed { id })
    }

    /// Makes a token and keeps it. On return it is durable, and good at once in this process.
    ///
    /// # Errors
    ///
    /// [`ChangeError`].
    pub fn create(&self, request: &Request, now: Timestamp) -> Result<NewToken, ChangeError> {
        let new = self.change(|tokens| {
            let new = issue(request, tokens, now)?;
            tokens.all.push(new.token.clone());
            Ok(new)
        })?;
        info!(id = %new.token.id, office = %new.token.office, role = %new.token.role.name(), "token created");
        Ok(new)
    }

    /// Every token in the order in which they were made, revoked ones too.
    pub fn list(&self) -> Vec<Token> {
        self.look();
        self.state.read().tokens.all.clone()
    }

    /// The ids of the tokens whose records are damaged, ascending. They let nobody in.
    pub fn unreadable(&self) -> Vec<String> {
        self.look();
        self.state.read().tokens.unreadable.iter().cloned().collect()
    }

    /// Revokes the token `id` durably. One revoked before keeps its time.
    ///
    /// On return it is refused in this process; other processes within 100 ms.
    ///
    /// # Errors
    ///
    /// [`ChangeError::NoSuchToken`], or another [`ChangeError`].
    pub fn revoke(&self, id: &str, now: Timestamp) -> Result<Token, ChangeError> {
        let token = self.change(|tokens| {
            if tokens.unreadable.contains(id) {
                return Err(ChangeError::Unreadable { id: id.to_owned() });
            }
            let token = tokens.all.iter_mut().find(|token| token.id == id);
            let token = token.ok_or_else(|| ChangeError::NoSuchToken {
                id: id.chars().take(40).collect(),
            })?;
            token.revoked_at.get_or_insert(now);
            Ok(token.clone())
        })?;
        info!(%id, "token revoked");
        Ok(token)
    }

    /// Looks at the store now, whenever it was looked at last.
    pub fn refresh(&self) {
        self.follow(&mut self.watch.lock());
    }

    /// Changes the tokens on disk and then in memory. Starts from the disk, not from memory: another process may have
    /// changed them, and none changes them meanwhile.
    fn change<T>(&self, edit: impl FnOnce(&mut Tokens) -> Result<T, ChangeError>) -> Result<T, ChangeError> {
        let mut watch = self.watch.lock();
        // Seen or not, the next look compares with the disk.
        watch.store.forget();
        let (store, loaded) = open_for_change(&self.path)?;
        let before = Tokens::of(loaded);
        let mut tokens = before.clone();
        let result = edit(&mut tokens)?;
        let changes = tokens.changes_since(&before)?;
        if !changes.is_empty() {
            let records: Vec<_> = changes
                .iter()
                .map(|(id, bytes)| (*id, Some(bytes.as_slice())))
                .collect();
            store.write(&records)?;
        }
        drop(store);
        self.put_in_force(tokens);
        Ok(result)
    }

    /// Follows the store if it is time to. One thread does; the others go on with what is in force.
    fn look(&self) {
        let now_ms = u64::try_from(self.opened.elapsed().as_millis()).unwrap_or(u64::MAX);
        if now_ms < self.look_at_ms.load(Ordering::Relaxed) {
            return;
        }
        if let Some(mut watch) = self.watch.try_lock() {
            self.follow(&mut watch);
            let every_ms = u64::try_from(LOOK_EVERY.as_millis()).unwrap_or(u64::MAX);
            self.look_at_ms
                .store(now_ms.saturating_add(every_ms), Ordering::Relaxed);
        }
    }

    /// What is read takes the place of what is in force. What cannot be read as a whole does not.
    fn follow(&self, watch: &mut Watch) {
        match watch.store.look() {
            Ok(None) => {}
            Ok(Some(loaded)) => {
                watch.is_unreadable = false;
                let tokens = Tokens::of(loaded);
                if tokens != self.state.read().tokens {
                    info!(path = %self.path.display(), tokens = tokens.all.len(), "tokens read again");
                    self.put_in_force(tokens);
                }
            }
            Err(cause) => {
                if !std::mem::replace(&mut watch.is_unreadable, true) {
                    error!(%cause, "tokens not readable, those last read stay in force");
                }
            }
        }
    }

    fn put_in_force(&self, tokens: Tokens) {
        for id in &tokens.unreadable {
            error!(path = %self.path.display(), %id, "record of a token is damaged, it lets nobody in");
        }
        let state = State::new(tokens);
        *self.state.write() = state;
    }
}

// === helpers ===

/// The token in a header's value, or the value itself.
fn bare(presented: &str) -> &str {
    let presented = presented.trim();
    match presented.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim_start(),
        None if presented.eq_ignore_ascii_case("bearer") => "",
        _ => presented,
    }
}

#[cfg(test)]
#[path = "store_tests.rs"]
mod tests;
