//! The counter where one signs in, and what is done about accounts: the service of `keshi/v1/account.proto`.
//!
//! ```text
//!  SignIn (a stranger) ─▶ share of the queue ─▶ delay ─▶ argon2, few at once ─▶ Accounts ─▶ session
//!  all else (a caller) ─▶ Guard ─▶ may she? ─▶ Accounts
//! ```
//!
//! # What holds
//!
//! - Who has no account is answered as late, and in the same words, as who mistypes a password.
//! - Whoever guesses waits longer and longer (`keshi_office::accounts::Delays`), and keeps nobody else waiting for long: few
//!   passwords are hashed at once, and of the queue for that each address has a share.
//! - Nobody is let in whose sign-in is not in the log.

mod convert;
mod faults;
mod hashing;
mod lists;
mod manage;
mod own;
mod service;
mod sign_in;

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use keshi_office::access::Access;
use keshi_office::accounts::{Accounts, Delays, SecondFactor};
use keshi_proto::api::account_service_server::AccountServiceServer;
use parking_lot::Mutex;
use tokio::task::spawn_blocking;
use tonic::service::RoutesBuilder;
use tracing::error;

use self::faults::{broke_off, no_accounts};
use self::hashing::Hashing;
use crate::{Dressed, Fault, Guard, MESSAGE_BYTES_MAX};

/// The path of the method that needs no token.
pub const SIGN_IN: &str = "/keshi.v1.AccountService/SignIn";

/// How often sessions that have ended are removed, and it is written when the others were last seen.
const TEND_EVERY: Duration = Duration::from_mins(2);

/// What the service shares.
pub struct Counter {
    guard: Guard,
    access: Arc<Access>,
    delays: Delays,
    /// Delays are told by the time that passes, whatever the clock says.
    began: Instant,
    hashing: Hashing,
    /// The last step of a code that each account was signed in with: none is taken twice. A restart forgets them, which lets one
    /// that was seen over somebody's shoulder be taken once more within its minute and a half.
    codes_taken: Mutex<HashMap<String, u64>>,
}

impl Counter {
    /// The counter behind `guard`, for the accounts of `access`; where that has none, one only learns who one is.
    pub fn new(guard: Guard, access: Arc<Access>) -> Arc<Self> {
        Arc::new(Self {
            guard,
            access,
            delays: Delays::default(),
            began: Instant::now(),
            hashing: Hashing::default(),
            codes_taken: Mutex::default(),
        })
    }

    /// Tends to sessions and the log of sign-ins until `ended` resolves, and once more then.
    pub async fn tend(self: Arc<Self>, ended: impl Future<Output = ()>) {
        let Some(accounts) = self.access.accounts().map(Arc::clone) else {
            return;
        };
        tokio::pin!(ended);
        loop {
            let is_end = tokio::select! {
                () = &mut ended => true,
                () = tokio::time::sleep(TEND_EVERY) => false,
            };
            let (accounts, now) = (Arc::clone(&accounts), self.guard.now());
            match spawn_blocking(move || accounts.tend(now, is_end)).await {
                Ok(Ok(())) => {}
                Ok(Err(cause)) => error!(cause = &cause as &dyn std::error::Error, "sessions are not tended to"),
                Err(cause) => error!(%cause, "sessions are not tended to"),
            }
            if is_end {
                return;
            }
        }
    }

    /// Whether the app of the holder of `account` made `code` about now, and it was not taken before. It is taken by this.
    fn takes_code(&self, account: &str, factor: &SecondFactor, code: &str) -> bool {
        let Some(step) = factor.step(code, self.guard.now()) else {
            return false;
        };
        let mut taken = self.codes_taken.lock();
        let is_new = taken.get(account).is_none_or(|last| step > *last);
        if is_new {
            taken.insert(account.to_owned(), step);
        }
        is_new
    }

    fn accounts(&self) -> Result<&Arc<Accounts>, Fault> {
        self.access.accounts().ok_or_else(no_accounts)
    }

    /// Works on the accounts, on a thread that may wait for the disk.
    async fn work<T, E>(
        &self,
        work: impl FnOnce(&Accounts, &Access, Timestamp) -> Result<T, E> + Send + 'static,
    ) -> Result<T, Fault>
    where
        T: Send + 'static,
        E: Into<Fault> + Send + 'static,
    {
        let (accounts, access) = (Arc::clone(self.accounts()?), Arc::clone(&self.access));
        let now = self.guard.now();
        let done = spawn_blocking(move || work(&accounts, &access, now)).await;
        done.map_err(|cause| broke_off(&cause))?.map_err(Into::into)
    }
}

impl fmt::Debug for Counter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Counter")
            .field("guard", &self.guard)
            .finish_non_exhaustive()
    }
}

/// The adapter of the service.
#[derive(Clone, Debug)]
struct Service(Arc<Counter>);

/// Adds the service to a server's routes.
pub fn add_service(counter: &Arc<Counter>, routes: &mut RoutesBuilder) {
    let service = AccountServiceServer::new(Service(Arc::clone(counter)));
    let service = service.max_decoding_message_size(MESSAGE_BYTES_MAX);
    routes.add_service(Dressed::new(counter.guard.clone(), service).with_counter(SIGN_IN));
}

#[cfg(test)]
mod tests;
