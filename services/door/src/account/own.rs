//! What everybody may do about herself.

use keshi_office::access::Credential;
use keshi_office::accounts::{Account, Key, Knock, origin};
use keshi_proto::api;

use super::sign_in::{needed, typed};
use super::{Counter, convert, faults};
use crate::shares::Class;
use crate::{Call, Fault, Peer};

/// The session that a call is made in.
fn session_of(call: &Call) -> Result<[u8; 32], Fault> {
    match call.caller.credential() {
        Credential::Session(sha256) => Ok(*sha256),
        Credential::Token => Err(faults::not_a_session()),
    }
}

impl Counter {
    fn account_of(&self, call: &Call) -> Result<Account, Fault> {
        session_of(call)?;
        let account = self.accounts()?.get(call.caller.poster_id());
        account.ok_or_else(faults::not_a_session)
    }

    pub(super) async fn sign_out(&self, call: &Call) -> Result<api::SignOutResponse, Fault> {
        let sha256 = session_of(call)?;
        self.work(move |accounts, _, now| match accounts.session(&sha256, now) {
            Some(session) => accounts.end(&session),
            None => Ok(()),
        })
        .await?;
        Ok(api::SignOutResponse {})
    }

    pub(super) fn who_am_i(&self, call: &Call) -> api::WhoAmIResponse {
        let caller = &call.caller;
        let session = match (caller.credential(), self.access.accounts()) {
            (Credential::Session(sha256), Some(accounts)) => accounts.session(sha256, self.guard.now()),
            _ => None,
        };
        api::WhoAmIResponse {
            id: caller.poster_id().to_owned(),
            office: caller.office().to_owned(),
            role: caller.role().name().to_string(),
            scope: Some(convert::scope(caller.role())),
            is_session: session.is_some(),
            ends_at: session.as_ref().and_then(|session| convert::time(session.ends_at())),
            idle_ends_at: session
                .as_ref()
                .and_then(|session| convert::time(session.idle_ends_at())),
        }
    }

    pub(super) async fn set_password(
        &self,
        call: &Call,
        Peer(peer): Peer,
        request: api::SetPasswordRequest,
    ) -> Result<api::SignInResponse, Fault> {
        let api::SetPasswordRequest {
            password,
            new_password,
            device,
        } = request;
        let account = self.account_of(call)?;
        let password = needed("password", typed("password", &password)?)?;
        let new_password = needed("new_password", typed("new_password", &new_password)?)?;
        let class = Class::Role(call.caller.role().name());
        let turn = self.hashing.turn(class, &account.id, call.deadline).await?;
        // Whoever took somebody's place at her desk does not find out her password either.
        let knock = Knock {
            account: &account.id,
            address: origin(peer),
            is_known: true,
            has_code: false,
        };
        let attempt = self.delays.attempt(knock, self.began.elapsed()).map_err(faults::wait)?;
        let phc = match &account.key {
            Key::Password { phc, .. } => Some(phc.clone()),
            Key::Code { .. } | Key::Closed { .. } => None,
        };
        let (is_right, turn) = turn.with(password, move |password| password.is(phc.as_deref())).await?;
        if !is_right {
            self.accounts()?
                .failed(Some(&account.id), origin(peer), self.guard.now());
            return Err(faults::refused());
        }
        self.delays.succeeded(&attempt);
        let account = self.set(account, new_password, turn).await?;
        self.begin(account, origin(peer), device).await
    }

    pub(super) fn list_sessions(&self, call: &Call) -> Result<api::ListSessionsResponse, Fault> {
        let this = session_of(call)?;
        let accounts = self.accounts()?;
        let now = self.guard.now();
        let this = accounts.session(&this, now);
        let sessions = accounts.sessions_of(call.caller.poster_id(), now);
        let sessions = sessions.iter().rev();
        let is_this = |name: String| this.as_ref().is_some_and(|this| this.name() == name);
        Ok(api::ListSessionsResponse {
            sessions: sessions
                .map(|session| convert::session(session, is_this(session.name())))
                .collect(),
        })
    }

    pub(super) async fn end_session(
        &self,
        call: &Call,
        request: api::EndSessionRequest,
    ) -> Result<api::EndSessionResponse, Fault> {
        session_of(call)?;
        let id = request.session_id;
        let hers = self.accounts()?.sessions_of(call.caller.poster_id(), self.guard.now());
        let found = hers.into_iter().find(|session| session.name() == id);
        let session = found.ok_or_else(|| faults::no_such_session(&id))?;
        self.work(move |accounts, _, _| accounts.end(&session)).await?;
        Ok(api::EndSessionResponse {})
    }
}
