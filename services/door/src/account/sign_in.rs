//! Signing in, with a password or with a one-time code.

use std::net::IpAddr;
use std::sync::Arc;

use keshi_core::lang::say;
use keshi_core::text::compare_form;
use keshi_office::access::is_token_id;
use keshi_office::accounts::{Account, Attempt, Code, Key, Knock, NewSession, Password, origin};
use keshi_proto::api;

use super::hashing::Turn;
use super::{Counter, convert, faults};
use crate::guard::Stranger;
use crate::shares::Class;
use crate::{Fault, violation};

/// Longest name that is counted for somebody who has no account by it.
const NAME_LEN_MAX: usize = 32;

/// Who knocks.
struct Who {
    name: String,
    /// The account, if there is one of this office.
    account: Option<Account>,
    address: IpAddr,
    device: String,
    is_known: bool,
}

impl Counter {
    pub(super) async fn sign_in(
        &self,
        stranger: &Stranger,
        request: api::SignInRequest,
    ) -> Result<api::SignInResponse, Fault> {
        let api::SignInRequest {
            account,
            password,
            code,
            new_password,
            device,
            second_code,
        } = request;
        complete(&account, &password, &code)?;
        let who = self.who(&account, origin(stranger.peer), device)?;
        let password = typed("password", &password)?;
        let new_password = typed("new_password", &new_password)?;
        let class = if who.is_known { Class::Known } else { Class::Stranger };
        // At an address that is known, nobody else takes the holder's share.
        let share = match class {
            Class::Known => format!("{} {}", who.address, who.name),
            _ => who.address.to_string(),
        };
        let turn = self.hashing.turn(class, &share, stranger.deadline).await?;
        match password {
            Some(password) => self.by_password(who, (password, &second_code), turn).await,
            None => self.by_code(who, &code, new_password, turn).await,
        }
    }

    fn who(&self, account: &str, address: IpAddr, device: String) -> Result<Who, Fault> {
        let accounts = self.accounts()?;
        let name: String = compare_form(account).chars().take(NAME_LEN_MAX).collect();
        let of_office = |account: &Account| account.office == self.guard.office().as_str();
        let account = is_token_id(&name)
            .then(|| accounts.get(&name))
            .flatten()
            .filter(of_office);
        Ok(Who {
            is_known: account.is_some() && accounts.is_known(&name, address),
            account,
            name,
            address,
            device,
        })
    }

    async fn by_password(
        &self,
        who: Who,
        (password, second_code): (Password, &str),
        turn: Turn,
    ) -> Result<api::SignInResponse, Fault> {
        let attempt = self.attempt(&who, false)?;
        let typed_code = Code::read(password.as_typed());
        if who.is_good(typed_code.as_ref(), self) {
            self.delays.succeeded(&attempt);
            return Ok(must_set_password());
        }
        let phc = match who.account.as_ref().map(|account| &account.key) {
            Some(Key::Password { phc, .. }) => Some(phc.clone()),
            _ => None,
        };
        let (is_right, _turn) = turn.with(password, move |password| password.is(phc.as_deref())).await?;
        let Some(account) = who.account.clone().filter(|_| is_right) else {
            return Err(self.failed(&who));
        };
        if let Some(factor) = account.second_factor() {
            if second_code.is_empty() {
                self.delays.taken_back(&attempt);
                return Ok(needs_second_code());
            }
            // Whoever knows the password and guesses codes waits as one who guesses passwords.
            if !self.takes_code(&account.id, factor, second_code) {
                self.failed(&who);
                return Err(faults::wrong_second_code());
            }
        }
        self.delays.succeeded(&attempt);
        let counted = self.delays.signs_in(&account.id, self.began.elapsed());
        counted.map_err(faults::too_many_sign_ins)?;
        self.begin(account, who.address, who.device).await
    }

    async fn by_code(
        &self,
        who: Who,
        code: &str,
        new_password: Option<Password>,
        turn: Turn,
    ) -> Result<api::SignInResponse, Fault> {
        let attempt = self.attempt(&who, true)?;
        let good = who.is_good(Code::read(code).as_ref(), self);
        let Some(account) = who.account.clone().filter(|_| good) else {
            return Err(self.failed(&who));
        };
        self.delays.succeeded(&attempt);
        let Some(new_password) = new_password else {
            return Ok(must_set_password());
        };
        let account = self.set(account, new_password, turn).await?;
        self.begin(account, who.address, who.device).await
    }

    /// Lets `password` take the place of what `account` is signed in to with.
    pub(super) async fn set(&self, account: Account, password: Password, turn: Turn) -> Result<Account, Fault> {
        password
            .check(&account.id)
            .map_err(|weak| faults::wrong("new_password", "", faults::weak(weak)))?;
        let (phc, _turn) = turn.with(password, Password::hash).await?;
        let phc = phc?;
        self.work(move |accounts, _, now| accounts.set_password(&account, phc, now))
            .await
    }

    /// Begins a session.
    pub(super) async fn begin(
        &self,
        account: Account,
        address: IpAddr,
        device: String,
    ) -> Result<api::SignInResponse, Fault> {
        let begun: NewSession = self
            .work(move |accounts, _, now| accounts.begin(&account, (address, &device), now))
            .await?;
        Ok(convert::signed_in(&begun))
    }

    /// Counts an attempt, unless it is too early for one.
    fn attempt(&self, who: &Who, has_code: bool) -> Result<Attempt, Fault> {
        let knock = Knock {
            account: &who.name,
            address: who.address,
            is_known: who.is_known,
            has_code,
        };
        self.delays.attempt(knock, self.began.elapsed()).map_err(faults::wait)
    }

    /// Notes that somebody failed to sign in.
    fn failed(&self, who: &Who) -> Fault {
        let Ok(accounts) = self.accounts() else {
            return faults::refused();
        };
        let accounts = Arc::clone(accounts);
        accounts.failed(
            who.account.as_ref().map(|account| account.id.as_str()),
            who.address,
            self.guard.now(),
        );
        faults::refused()
    }
}

impl Who {
    /// Whether the code is the one with which the password is to be set.
    fn is_good(&self, code: Option<&Code>, counter: &Counter) -> bool {
        let now = counter.guard.now();
        self.account
            .as_ref()
            .zip(code)
            .is_some_and(|(account, code)| account.takes(code, now))
    }
}

fn must_set_password() -> api::SignInResponse {
    api::SignInResponse {
        must_set_password: true,
        ..api::SignInResponse::default()
    }
}

fn needs_second_code() -> api::SignInResponse {
    api::SignInResponse {
        needs_second_code: true,
        ..api::SignInResponse::default()
    }
}

/// Checks that there is what one signs in with.
fn complete(account: &str, password: &str, code: &str) -> Result<(), Fault> {
    let mut violations = Vec::new();
    if account.is_empty() || account.len() > 256 {
        violations.push(violation("account", "", "请填写账号", "name the account"));
    }
    match (password.is_empty(), code.is_empty()) {
        (true, true) => violations.push(violation(
            "password",
            "",
            "请填写密码，或一次性代码",
            "give the password, or a one-time code",
        )),
        (false, false) => violations.push(violation(
            "code",
            "",
            "密码和一次性代码只填一个",
            "give either a password or a one-time code",
        )),
        _ => {}
    }
    if violations.is_empty() {
        return Ok(());
    }
    Err(Fault::fields(violations))
}

/// A password as it was typed; none if nothing was.
pub(super) fn typed(field: &str, text: &str) -> Result<Option<Password>, Fault> {
    if text.is_empty() {
        return Ok(None);
    }
    let typed = Password::typed(text);
    typed
        .map(Some)
        .map_err(|weak| faults::wrong(field, format!("({} B)", text.len()), faults::weak(weak)))
}

/// The password that has to be given.
pub(super) fn needed(field: &str, password: Option<Password>) -> Result<Password, Fault> {
    password.ok_or_else(|| faults::wrong(field, "", say("请填写密码", "give the password")))
}
