//! Sessions of accounts: begun, let in, ended; and the log of sign-ins.

use std::collections::HashMap;
use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};

use super::error::AccountError;
use super::sessions::session_key;
use super::signins::{Line, Page, SignInLogError};
use super::{Account, Accounts, NewSession, SESSION_PREFIX, Session};
use crate::access::token::digest_of;
use crate::access::{AccessError, Caller, Secret};
use crate::monthly::Place;

/// Most characters kept of what a browser says of itself.
const DEVICE_LEN_MAX: usize = 120;

/// How much later than is noted in memory a session was seen, before that is noted again.
const NOTED_EVERY: SignedDuration = SignedDuration::from_secs(30);

impl Accounts {
    /// Whether the holder of `account` signed in from `address` before.
    pub fn is_known(&self, account: &str, address: IpAddr) -> bool {
        self.sessions.read().is_known(account, address)
    }

    /// Begins a session of `account`, as it is kept; the oldest beyond [`super::SESSIONS_MAX`] ends. What the browser says of itself is cut.
    ///
    /// # Errors
    ///
    /// [`AccountError::Log`] if it cannot be noted who signs in, or another [`AccountError`]; then no session has begun.
    pub fn begin(
        &self,
        account: &Account,
        (address, device): (IpAddr, &str),
        now: Timestamp,
    ) -> Result<NewSession, AccountError> {
        let secret = Secret::generate(SESSION_PREFIX).map_err(AccountError::Random)?;
        let device = device
            .chars()
            .filter(|c| !c.is_control())
            .take(DEVICE_LEN_MAX)
            .collect();
        let session = Session {
            sha256: secret.sha256(),
            account: account.id.clone(),
            generation: account.generation,
            begun_at: now,
            seen_at: now,
            address,
            device,
        };
        self.log.signed_in(now, &account.id, address)?;
        self.sessions
            .change(|sessions| Ok::<_, AccountError>(((), sessions.begin(account, &session)?)))?;
        Ok(NewSession { session, secret })
    }

    /// Notes that somebody failed to sign in: to `account`, or to none that there is. What cannot be noted is reported.
    pub fn failed(&self, account: Option<&str>, address: IpAddr, now: Timestamp) {
        // Nobody is let in by it, and the log has reported it.
        let _reported = self.log.failed(now, account, address);
    }

    /// Says whose session the secret `text` is of.
    pub(crate) fn authenticate(&self, text: &str, now: Timestamp) -> Result<Caller, AccessError> {
        let sha256 = digest_of(SESSION_PREFIX, text).map_err(|_| AccessError::SessionEnded)?;
        let (session, account) = self.session_at(&sha256, now)?;
        if now.duration_since(session.seen_at) >= NOTED_EVERY {
            self.seen.lock().insert(sha256, now);
        }
        Ok(Caller::of_session(sha256, account.id, account.office, account.role))
    }

    /// Whether one who signed in may go on with the rights that she had.
    pub(crate) fn still(&self, caller: &Caller, session: &[u8; 32], now: Timestamp) -> Result<(), AccessError> {
        let (_, account) = self.session_at(session, now)?;
        if account.role == *caller.role() && account.office == caller.office() {
            return Ok(());
        }
        Err(AccessError::Changed { id: account.id })
    }

    /// The session with this hash, if it has not ended, and its account.
    fn session_at(&self, sha256: &[u8; 32], now: Timestamp) -> Result<(Session, Account), AccessError> {
        let mut session = self
            .sessions
            .read()
            .find(sha256)
            .cloned()
            .ok_or(AccessError::SessionEnded)?;
        if let Some(seen) = self.seen.lock().get(sha256) {
            session.seen_at = session.seen_at.max(*seen);
        }
        let account = self.get(&session.account).ok_or(AccessError::SessionEnded)?;
        if account.closed_at().is_some() {
            return Err(AccessError::Closed { id: account.id });
        }
        if account.generation != session.generation || session.is_over(now) {
            return Err(AccessError::SessionEnded);
        }
        Ok((session, account))
    }

    /// The session with this hash, if it has not ended.
    pub fn session(&self, sha256: &[u8; 32], now: Timestamp) -> Option<Session> {
        self.session_at(sha256, now).ok().map(|(session, _)| session)
    }

    /// The sessions of the account `id` that have not ended, the latest last.
    pub fn sessions_of(&self, id: &str, now: Timestamp) -> Vec<Session> {
        let Some(account) = self.get(id).filter(|account| account.closed_at().is_none()) else {
            return Vec::new();
        };
        let sessions = self.sessions.read();
        let seen = self.seen.lock();
        let hers = sessions.of_account(&account).into_iter().cloned();
        let hers = hers.map(|session| {
            let seen_at = seen
                .get(&session.sha256)
                .map_or(session.seen_at, |seen| *seen.max(&session.seen_at));
            Session { seen_at, ..session }
        });
        hers.filter(|session| !session.is_over(now)).collect()
    }

    /// The ids of the accounts of `office` with a session, ended ones too until they are tended to: up to `limit` after the id
    /// `after`, ascending.
    pub fn signed_in(&self, office: &str, after: &str, limit: usize) -> Vec<String> {
        let sessions = self.sessions.read();
        let ids: Vec<String> = sessions
            .accounts_after(after)
            .into_iter()
            .map(ToOwned::to_owned)
            .collect();
        // The accounts are not looked at under the sessions' lock.
        drop(sessions);
        let ours = ids
            .into_iter()
            .filter(|id| self.get(id).is_some_and(|account| account.office == office));
        ours.take(limit).collect()
    }

    /// Ends a session. One that has ended stays so.
    ///
    /// # Errors
    ///
    /// [`AccountError::Store`].
    pub fn end(&self, session: &Session) -> Result<(), AccountError> {
        self.sessions.change(|sessions| {
            let is_there = sessions.find(&session.sha256).is_some();
            let gone = is_there.then(|| (session_key(&session.sha256), None));
            Ok::<_, AccountError>(((), gone.into_iter().collect()))
        })?;
        self.seen.lock().remove(&session.sha256);
        Ok(())
    }

    /// Writes when sessions were last seen, removes those that have ended, and writes what failures were only counted. To be
    /// called every few minutes, and at the end with `is_end`; without it a restart takes sessions for quiet since the last time.
    ///
    /// # Errors
    ///
    /// [`AccountError`]; what could not be written is tried anew the next time.
    pub fn tend(&self, now: Timestamp, is_end: bool) -> Result<(), AccountError> {
        if is_end {
            self.log.flush(now)?;
        } else {
            self.log.tend(now)?;
        }
        let accounts: HashMap<String, u64> = {
            let book = self.book.read();
            let open = book.accounts.values().filter(|account| account.closed_at().is_none());
            open.map(|account| (account.id.clone(), account.generation)).collect()
        };
        let has_ended =
            |session: &Session| session.is_over(now) || accounts.get(&session.account) != Some(&session.generation);
        let seen = self.seen.lock().clone();
        // Without a change there is nothing to lock the store for.
        if self.sessions.read().tend(&seen, has_ended)?.is_empty() {
            return Ok(());
        }
        self.sessions
            .change(|sessions| Ok::<_, AccountError>(((), sessions.tend(&seen, has_ended)?)))?;
        let mut later = self.seen.lock();
        later.retain(|sha256, at| seen.get(sha256) != Some(at));
        Ok(())
    }

    /// Up to `limit` lines of the log of sign-ins that are `wanted`, from `from` on, after looking at up to `looked_at_max`.
    ///
    /// # Errors
    ///
    /// [`SignInLogError`] if a file of the log cannot be read. A line that cannot is told of, not skipped.
    pub fn sign_ins(
        &self,
        from: Place,
        limits: (usize, usize),
        wanted: impl Fn(&Line) -> bool,
    ) -> Result<Page, SignInLogError> {
        self.log.page(from, limits, wanted)
    }
}
