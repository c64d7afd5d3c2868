//! How accounts, what was changed about them, and sessions lie on disk: JSON with the version of the form.
//!
//! Unknown keys are errors: what a later release wrote to limit somebody must not be overlooked. A form once released is never
//! changed; a new one is added and written from then on.

use std::net::IpAddr;

use jiff::Timestamp;
use keshi_core::hex;
use serde::{Deserialize, Serialize};

use super::password::is_phc;
use super::{Account, Change, Key, SecondFactor, Session, What};
use crate::access::{Role, RoleName, Scope, is_token_id};
use crate::layout::is_office_code;

#[derive(Serialize, Deserialize)]
#[serde(tag = "v")]
enum Record<T> {
    #[serde(rename = "1")]
    V1(T),
}

/// A role and its scope.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rights {
    role: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    school: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    teacher_id: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    bases: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    studios: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    subjects: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    groups: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AccountV1 {
    office: String,
    rights: Rights,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    key: KeyV1,
    generation: u64,
    created_at: Timestamp,
    created_by: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum KeyV1 {
    Code {
        sha256: String,
        expires_at: Timestamp,
    },
    Password {
        phc: String,
        set_at: Timestamp,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        second: Option<String>,
    },
    Closed {
        at: Timestamp,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ChangeV1 {
    at: Timestamp,
    by: String,
    account: String,
    office: String,
    what: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before: Option<Rights>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    after: Option<Rights>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SessionV1 {
    account: String,
    generation: u64,
    begun_at: Timestamp,
    seen_at: Timestamp,
    address: IpAddr,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    device: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KnownV1 {
    addresses: Vec<IpAddr>,
}

// === accounts ===

pub(super) fn of_account(account: &Account) -> Result<Vec<u8>, serde_json::Error> {
    // Taken apart in full: a new field does not compile until it is stored.
    let Account {
        id: _,
        office,
        role,
        note,
        key,
        generation,
        created_at,
        created_by,
    } = account;
    serde_json::to_vec(&Record::V1(AccountV1 {
        office: office.clone(),
        rights: Rights::of(role),
        note: note.clone(),
        key: match key {
            Key::Code { sha256, expires_at } => KeyV1::Code {
                sha256: hex::show(sha256),
                expires_at: *expires_at,
            },
            Key::Password { phc, set_at, second } => KeyV1::Password {
                phc: phc.clone(),
                set_at: *set_at,
                second: second.as_ref().map(SecondFactor::reveal),
            },
            Key::Closed { at } => KeyV1::Closed { at: *at },
        },
        generation: *generation,
        created_at: *created_at,
        created_by: created_by.clone(),
    }))
}

/// Reads a stored account. `None` if the bytes are not one that this release knows: it lets nobody in.
pub(super) fn account(id: &str, bytes: &[u8]) -> Option<Account> {
    let Record::V1(AccountV1 {
        office,
        rights,
        note,
        key,
        generation,
        created_at,
        created_by,
    }) = serde_json::from_slice(bytes).ok()?;
    if !is_token_id(id) || !is_office_code(&office) {
        return None;
    }
    let key = match key {
        KeyV1::Code { sha256, expires_at } => Key::Code {
            sha256: hex::read(&sha256)?,
            expires_at,
        },
        KeyV1::Password { phc, set_at, second } => {
            // One that cannot be read is not passed over: the account lets nobody in.
            let second = second
                .map(|second| SecondFactor::read(&second).ok_or(()))
                .transpose()
                .ok()?;
            is_phc(&phc).then_some(Key::Password { phc, set_at, second })?
        }
        KeyV1::Closed { at } => Key::Closed { at },
    };
    Some(Account {
        id: id.to_owned(),
        office,
        role: rights.role()?,
        note,
        key,
        generation,
        created_at,
        created_by,
    })
}

// === changes ===

pub(super) fn of_change(change: &Change) -> Result<Vec<u8>, serde_json::Error> {
    let Change {
        number: _,
        at,
        by,
        account,
        office,
        what,
    } = change;
    let (before, after) = match what {
        What::Created(role) => (None, Some(role)),
        What::RightsChanged { before, after } => (Some(before), Some(after)),
        What::Reset | What::PasswordSet | What::SecondFactorSet | What::SecondFactorRemoved | What::Closed => {
            (None, None)
        }
    };
    serde_json::to_vec(&Record::V1(ChangeV1 {
        at: *at,
        by: by.clone(),
        account: account.clone(),
        office: office.clone(),
        what: what.as_str().to_owned(),
        before: before.map(Rights::of),
        after: after.map(Rights::of),
    }))
}

pub(super) fn change(number: u64, bytes: &[u8]) -> Option<Change> {
    let Record::V1(ChangeV1 {
        at,
        by,
        account,
        office,
        what,
        before,
        after,
    }) = serde_json::from_slice(bytes).ok()?;
    let role = |rights: Option<Rights>| rights?.role();
    let what = match what.as_str() {
        "created" => What::Created(role(after)?),
        "rights_changed" => What::RightsChanged {
            before: role(before)?,
            after: role(after)?,
        },
        "reset" => What::Reset,
        "password_set" => What::PasswordSet,
        "second_factor_set" => What::SecondFactorSet,
        "second_factor_removed" => What::SecondFactorRemoved,
        "closed" => What::Closed,
        _ => return None,
    };
    Some(Change {
        number,
        at,
        by,
        account,
        office,
        what,
    })
}

// === sessions ===

pub(super) fn of_session(session: &Session) -> Result<Vec<u8>, serde_json::Error> {
    let Session {
        sha256: _,
        account,
        generation,
        begun_at,
        seen_at,
        address,
        device,
    } = session;
    serde_json::to_vec(&Record::V1(SessionV1 {
        account: account.clone(),
        generation: *generation,
        begun_at: *begun_at,
        seen_at: *seen_at,
        address: *address,
        device: device.clone(),
    }))
}

pub(super) fn session(sha256: [u8; 32], bytes: &[u8]) -> Option<Session> {
    let Record::V1(SessionV1 {
        account,
        generation,
        begun_at,
        seen_at,
        address,
        device,
    }) = serde_json::from_slice(bytes).ok()?;
    is_token_id(&account).then_some(Session {
        sha256,
        account,
        generation,
        begun_at,
        seen_at,
        address,
        device,
    })
}

pub(super) fn of_known(addresses: &[IpAddr]) -> Result<Vec<u8>, serde_json::Error> {
    serde_json::to_vec(&Record::V1(KnownV1 {
        addresses: addresses.to_vec(),
    }))
}

pub(super) fn known(bytes: &[u8]) -> Option<Vec<IpAddr>> {
    let Record::V1(KnownV1 { addresses }) = serde_json::from_slice(bytes).ok()?;
    Some(addresses)
}

// === impl Rights ===

impl Rights {
    fn of(role: &Role) -> Self {
        let Scope {
            school,
            teacher_id,
            bases,
            studios,
            subjects,
            groups,
        } = role.scope();
        Self {
            role: role.name().to_string(),
            school,
            teacher_id,
            bases,
            studios,
            subjects,
            groups,
        }
    }

    fn role(self) -> Option<Role> {
        let Self {
            role,
            school,
            teacher_id,
            bases,
            studios,
            subjects,
            groups,
        } = self;
        let scope = Scope {
            school,
            teacher_id,
            bases,
            studios,
            subjects,
            groups,
        };
        Role::new(role.parse::<RoleName>().ok()?, scope).ok()
    }
}

#[cfg(test)]
#[path = "record_tests.rs"]
mod tests;
