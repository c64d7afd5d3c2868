//! What everybody may do about herself.

use std::net::IpAddr;

use keshi_office::access::Credential;
use keshi_office::accounts::{Account, AccountError, Attempt, Key, Knock, SecondFactor, origin};
use keshi_proto::api;
use tracing::info;

use super::hashing::Turn;
use super::lists::lines;
use super::sign_in::{needed, typed};
use super::{Counter, convert, faults};
use crate::shares::Class;
use crate::{Call, Fault, Peer};

/// Most accounts on a page of everybody's sessions: each has up to sixteen.
const SESSIONS_OF_MAX: usize = 200;

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
            has_second_factor: session.is_some()
                && self
                    .account_of(call)
                    .is_ok_and(|account| account.second_factor().is_some()),
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
        let new_password = needed("new_password", typed("new_password", &new_password)?)?;
        let (account, attempt, turn) = self.by_her(call, peer, &password).await?;
        self.delays.succeeded(&attempt);
        let account = self.set(account, new_password, turn).await?;
        self.begin(account, origin(peer), device).await
    }

    /// The account of whoever calls, who types its password once more: whoever took her place at her desk changes nothing. The
    /// attempt counts as failed until it is said to have succeeded.
    async fn by_her(&self, call: &Call, peer: IpAddr, password: &str) -> Result<(Account, Attempt, Turn), Fault> {
        let account = self.account_of(call)?;
        let password = needed("password", typed("password", password)?)?;
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
        Ok((account, attempt, turn))
    }

    /// A secret for an app. It is kept nowhere: she sends it back with a code that the app made of it.
    pub(super) fn new_second_factor(&self, call: &Call) -> Result<api::NewSecondFactorResponse, Fault> {
        let account = self.account_of(call)?;
        let factor = SecondFactor::generate().map_err(AccountError::Random)?;
        let url = factor.url(&account.id, self.guard.office().as_str());
        Ok(api::NewSecondFactorResponse {
            secret: factor.reveal(),
            url: url.unwrap_or_default(),
        })
    }

    pub(super) async fn set_second_factor(
        &self,
        call: &Call,
        Peer(peer): Peer,
        request: api::SetSecondFactorRequest,
    ) -> Result<api::SetSecondFactorResponse, Fault> {
        let api::SetSecondFactorRequest { password, secret, code } = request;
        let factor = match secret.as_str() {
            "" => None,
            secret => Some(SecondFactor::read(secret).ok_or_else(faults::not_a_secret)?),
        };
        let (account, attempt, _turn) = self.by_her(call, peer, &password).await?;
        // Whoever has her session and her password does not rid herself of the telephone by them.
        let asked = match (account.second_factor(), &factor) {
            (Some(_), Some(_)) => {
                self.delays.taken_back(&attempt);
                return Err(faults::second_factor_set());
            }
            (present, new) => present.or(new.as_ref()),
        };
        if asked.is_some_and(|asked| !self.takes_code(&account.id, asked, &code)) {
            self.accounts()?
                .failed(Some(&account.id), origin(peer), self.guard.now());
            return Err(faults::code_of_another());
        }
        self.delays.succeeded(&attempt);
        if asked.is_none() {
            return Ok(api::SetSecondFactorResponse {});
        }
        self.work(move |accounts, _, now| accounts.set_second_factor(&account, factor, now))
            .await?;
        Ok(api::SetSecondFactorResponse {})
    }

    pub(super) fn list_sessions(
        &self,
        call: &Call,
        request: &api::ListSessionsRequest,
    ) -> Result<api::ListSessionsResponse, Fault> {
        if request.is_everybodys {
            return self.everybodys_sessions(call, request);
        }
        let account = match request.account.as_str() {
            "" => {
                session_of(call)?;
                call.caller.poster_id()
            }
            account if account == call.caller.poster_id() => account,
            account => {
                call.caller.may_see_accounts()?;
                self.office_account(account)?;
                account
            }
        };
        Ok(api::ListSessionsResponse {
            sessions: self.sessions(call, account)?,
            next_page_token: String::new(),
        })
    }

    /// Those of one page of accounts.
    fn everybodys_sessions(
        &self,
        call: &Call,
        request: &api::ListSessionsRequest,
    ) -> Result<api::ListSessionsResponse, Fault> {
        call.caller.may_see_accounts()?;
        if !request.account.is_empty() {
            return Err(faults::one_or_all());
        }
        let limit = lines(request.page_size)?.min(SESSIONS_OF_MAX);
        let office = self.guard.office();
        // One more tells whether there are more.
        let signed_in = self
            .accounts()?
            .signed_in(office.as_str(), &request.page_token, limit + 1);
        let mut sessions = Vec::new();
        for account in signed_in.iter().take(limit) {
            sessions.extend(self.sessions(call, account)?);
        }
        let last = signed_in.get(limit - 1).filter(|_| signed_in.len() > limit);
        Ok(api::ListSessionsResponse {
            sessions,
            next_page_token: last.cloned().unwrap_or_default(),
        })
    }

    /// The sessions of an account, the latest first.
    fn sessions(&self, call: &Call, account: &str) -> Result<Vec<api::AccountSession>, Fault> {
        let accounts = self.accounts()?;
        let now = self.guard.now();
        let this = match call.caller.credential() {
            Credential::Session(sha256) => accounts.session(sha256, now).map(|session| session.name()),
            Credential::Token => None,
        };
        let sessions = accounts.sessions_of(account, now);
        let sessions = sessions.iter().rev();
        Ok(sessions
            .map(|session| convert::session(session, this.as_ref() == Some(&session.name())))
            .collect())
    }

    /// An account of this office, by its id.
    fn office_account(&self, id: &str) -> Result<Account, Fault> {
        let account = self.accounts()?.get(id);
        let ours = account.filter(|account| account.office == self.guard.office().as_str());
        ours.ok_or_else(|| AccountError::NoSuchAccount { id: id.to_owned() }.into())
    }

    pub(super) async fn end_session(
        &self,
        call: &Call,
        request: api::EndSessionRequest,
    ) -> Result<api::EndSessionResponse, Fault> {
        let api::EndSessionRequest {
            session_id: id,
            account,
        } = request;
        let hers = call.caller.poster_id();
        let account = if account.is_empty() || account == hers {
            session_of(call)?;
            hers.to_owned()
        } else {
            call.caller.may_manage_accounts()?;
            self.office_account(&account)?.id
        };
        let sessions = self.accounts()?.sessions_of(&account, self.guard.now());
        let found = sessions.into_iter().find(|session| session.name() == id);
        let session = found.ok_or_else(|| faults::no_such_session(&id))?;
        if account != hers {
            info!(account, by = hers, session = id, "a session is ended by another");
        }
        self.work(move |accounts, _, _| accounts.end(&session)).await?;
        Ok(api::EndSessionResponse {})
    }
}
