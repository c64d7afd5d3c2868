//! The tokens in memory: authenticate, create, list, revoke, and follow changes made by other processes. Beside them, where an
//! office has accounts, the sessions of those who signed in: there is one way in for both.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use tracing::info;

use super::error::{AccessError, ChangeError, OpenError};
use super::grant::Credential;
use super::issue::{NewToken, Request, issue};
use super::state::State;
use super::tokens::Tokens;
use super::{Caller, Role, Token, token};
use crate::accounts::{self, Accounts, is_session_secret};
use crate::layout;
use crate::store::StoreError;
use crate::store::kept::Kept;

/// Who may call: the tokens, held in memory and followed on disk, and the accounts if there are any. Share it between threads
/// behind an `Arc`.
#[derive(Debug)]
pub struct Access {
    tokens: Kept<State>,
    accounts: Option<Arc<Accounts>>,
}

// === impl Access ===

impl Access {
    /// Opens the tokens at `path` and reads them all. Records that are damaged are reported, and let nobody in.
    ///
    /// # Errors
    ///
    /// [`OpenError::Missing`], or [`OpenError::Store`] if they are not what was written, or the disk fails.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, OpenError> {
        Ok(Self {
            tokens: Kept::open(path.into())?,
            accounts: None,
        })
    }

    /// Opens the tokens at `path`, and makes a store without any (mode 0600) if there is none.
    ///
    /// # Errors
    ///
    /// As [`Access::open`].
    pub fn open_or_create(path: impl Into<PathBuf>) -> Result<Self, OpenError> {
        Ok(Self {
            tokens: Kept::open_or_create(path.into())?,
            accounts: None,
        })
    }

    /// The same, letting in also those who signed in to one of these accounts.
    #[must_use]
    pub fn with_accounts(mut self, accounts: Arc<Accounts>) -> Self {
        self.accounts = Some(accounts);
        self
    }

    /// The accounts, where those who signed in are let in.
    pub fn accounts(&self) -> Option<&Arc<Accounts>> {
        self.accounts.as_ref()
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
            let new = issue(&request, |id| self.is_taken(tokens, id), now)?;
            tokens.all.push(new.token.clone());
            Ok(Some(new))
        })
    }

    /// Says whose token or session `presented` is: the secret itself, or an `authorization` header's `Bearer` and the secret.
    ///
    /// Looks at the stores at most ten times a second, otherwise works from memory. `now` decides about expiry.
    ///
    /// # Errors
    ///
    /// One [`AccessError`] per reason; none of them tells an outsider whether a guess was near.
    pub fn authenticate(&self, presented: &str, now: Timestamp) -> Result<Caller, AccessError> {
        let text = bare(presented);
        if text.is_empty() {
            return Err(AccessError::Missing);
        }
        if is_session_secret(text) {
            let accounts = self.accounts.as_ref().ok_or(AccessError::SessionEnded)?;
            return accounts.authenticate(text, now);
        }
        let sha256 = token::digest_of(token::PREFIX, text).map_err(|_| AccessError::Malformed)?;
        let state = self.tokens.read();
        let held = state.find(&sha256).ok_or(AccessError::Unknown)?;
        held.check(now)?;
        Ok(held.caller.clone())
    }

    /// Whether a caller who was let in would be let in still, with the rights that she had: for what goes on for long.
    ///
    /// Looks at the stores as [`Access::authenticate`] does.
    ///
    /// # Errors
    ///
    /// [`AccessError::Revoked`], [`AccessError::Expired`], [`AccessError::Unknown`] if her token is gone,
    /// [`AccessError::SessionEnded`] or [`AccessError::Closed`] for one who signed in, and [`AccessError::Changed`] if her
    /// token or account stands for something else now.
    pub fn still(&self, caller: &Caller, now: Timestamp) -> Result<(), AccessError> {
        if let Credential::Session(session) = caller.credential() {
            let accounts = self.accounts.as_ref().ok_or(AccessError::SessionEnded)?;
            return accounts.still(caller, session, now);
        }
        let state = self.tokens.read();
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
            let new = issue(request, |id| self.is_taken(tokens, id), now)?;
            tokens.all.push(new.token.clone());
            Ok(new)
        })?;
        info!(id = %new.token.id, office = %new.token.office, role = %new.token.role.name(), "token created");
        Ok(new)
    }

    /// Every token in the order in which they were made, revoked ones too.
    pub fn list(&self) -> Vec<Token> {
        self.tokens.read().tokens.all.clone()
    }

    /// The ids of the tokens whose records are damaged, ascending. They let nobody in.
    pub fn unreadable(&self) -> Vec<String> {
        self.tokens.read().tokens.unreadable.iter().cloned().collect()
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
        self.tokens.refresh();
    }

    /// Calls `f` with a test whether an id is a token's, while no process makes tokens: an id is that of one poster for ever, a
    /// token or an account. Whoever needs both stores takes this one first.
    pub(crate) fn holding_ids<T, E: From<StoreError>>(
        &self,
        f: impl FnOnce(&dyn Fn(&str) -> bool) -> Result<T, E>,
    ) -> Result<T, E> {
        self.tokens
            .change(|state| Ok((f(&|id| state.tokens.has(id))?, Vec::new())))
    }

    /// Whether `id` is taken by a token or by an account of the store beside, which another process may have opened.
    fn is_taken(&self, tokens: &Tokens, id: &str) -> Result<bool, ChangeError> {
        Ok(tokens.has(id) || accounts::has_account(&layout::accounts_beside(self.tokens.path()), id)?)
    }

    /// Changes the tokens on disk and then in memory.
    fn change<T>(&self, edit: impl FnOnce(&mut Tokens) -> Result<T, ChangeError>) -> Result<T, ChangeError> {
        self.tokens.change(|state| {
            let mut tokens = state.tokens.clone();
            let result = edit(&mut tokens)?;
            let changes = tokens.changes_since(&state.tokens)?;
            Ok((result, changes))
        })
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
