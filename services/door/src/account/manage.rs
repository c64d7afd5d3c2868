//! What an admin does about accounts.

use keshi_office::accounts::{CREATED_AT_ONCE_MAX, NewAccount};
use keshi_proto::api;

use super::{Counter, convert, faults};
use crate::{Call, Fault};

impl Counter {
    pub(super) async fn create_accounts(
        &self,
        call: &Call,
        request: api::CreateAccountsRequest,
    ) -> Result<api::CreateAccountsResponse, Fault> {
        call.caller.may_manage_accounts()?;
        let wanted = wanted(request.accounts)?;
        let (by, office) = (call.caller.poster_id().to_owned(), self.guard.office().to_string());
        let made = self
            .work(move |accounts, access, now| accounts.create(access, &office, &wanted, (&by, now)))
            .await?;
        Ok(api::CreateAccountsResponse {
            accounts: made.iter().map(convert::made).collect(),
        })
    }

    pub(super) async fn change_account(
        &self,
        call: &Call,
        request: api::ChangeAccountRequest,
    ) -> Result<api::ChangeAccountResponse, Fault> {
        call.caller.may_manage_accounts()?;
        let api::ChangeAccountRequest { id, role, scope } = request;
        let role = convert::role(&role, scope).map_err(|error| Fault::fields(vec![faults::role("", &error)]))?;
        let (by, office) = (call.caller.poster_id().to_owned(), self.guard.office().to_string());
        let account = self
            .work(move |accounts, _, now| accounts.change_rights(&office, &id, &role, (&by, now)))
            .await?;
        Ok(api::ChangeAccountResponse {
            account: Some(convert::account(&account)),
        })
    }

    pub(super) async fn reset_account(
        &self,
        call: &Call,
        request: api::ResetAccountRequest,
    ) -> Result<api::ResetAccountResponse, Fault> {
        call.caller.may_manage_accounts()?;
        let (by, office) = (call.caller.poster_id().to_owned(), self.guard.office().to_string());
        let made = self
            .work(move |accounts, _, now| accounts.reset(&office, &request.id, (&by, now)))
            .await?;
        Ok(api::ResetAccountResponse {
            account: Some(convert::made(&made)),
        })
    }

    pub(super) async fn close_account(
        &self,
        call: &Call,
        request: api::CloseAccountRequest,
    ) -> Result<api::CloseAccountResponse, Fault> {
        call.caller.may_manage_accounts()?;
        let (by, office) = (call.caller.poster_id().to_owned(), self.guard.office().to_string());
        let account = self
            .work(move |accounts, _, now| accounts.close(&office, &request.id, (&by, now)))
            .await?;
        Ok(api::CloseAccountResponse {
            account: Some(convert::account(&account)),
        })
    }
}

/// The accounts that are to be made, each field read once.
fn wanted(accounts: Vec<api::NewAccount>) -> Result<Vec<NewAccount>, Fault> {
    if accounts.is_empty() || accounts.len() > CREATED_AT_ONCE_MAX {
        return Err(faults::wrong(
            "accounts",
            accounts.len().to_string(),
            keshi_core::lang::say(
                format!("一次建 1 至 {CREATED_AT_ONCE_MAX} 个账号；请分几次建"),
                format!("1 to {CREATED_AT_ONCE_MAX} accounts are made at once; split the list"),
            ),
        ));
    }
    let mut wanted = Vec::with_capacity(accounts.len());
    let mut violations = Vec::new();
    for (place, account) in accounts.into_iter().enumerate() {
        let api::NewAccount { id, role, scope, note } = account;
        let some = |text: String| Some(text).filter(|text| !text.is_empty());
        match convert::role(&role, scope) {
            Ok(role) => wanted.push(NewAccount {
                id: some(id),
                role,
                note: some(note),
            }),
            Err(error) => violations.push(faults::role(&format!("accounts[{place}]."), &error)),
        }
    }
    if violations.is_empty() {
        Ok(wanted)
    } else {
        Err(Fault::fields(violations))
    }
}
