//! Accounts as they travel.

use jiff::Timestamp;
use keshi_office::access::{Role, RoleError, Scope};
use keshi_office::accounts::{Account, Change, Key, Made, NewSession, Session, What};
use keshi_proto::api;

#[expect(clippy::unnecessary_wraps, reason = "as the fields of messages take it")]
pub(super) fn time(at: Timestamp) -> Option<prost_types::Timestamp> {
    Some(prost_types::Timestamp {
        seconds: at.as_second(),
        nanos: at.subsec_nanosecond(),
    })
}

pub(super) fn scope(role: &Role) -> api::AccountScope {
    let Scope {
        school,
        teacher_id,
        bases,
        studios,
        subjects,
        groups,
    } = role.scope();
    api::AccountScope {
        school_id: school.unwrap_or_default(),
        teacher_id: teacher_id.unwrap_or_default(),
        base_ids: bases,
        studio_ids: studios,
        subjects,
        group_ids: groups,
    }
}

/// A role and its scope from the wire.
pub(super) fn role(name: &str, scope: Option<api::AccountScope>) -> Result<Role, RoleError> {
    let api::AccountScope {
        school_id,
        teacher_id,
        base_ids,
        studio_ids,
        subjects,
        group_ids,
    } = scope.unwrap_or_default();
    let some = |text: String| Some(text).filter(|text| !text.is_empty());
    let scope = Scope {
        school: some(school_id),
        teacher_id: some(teacher_id),
        bases: base_ids,
        studios: studio_ids,
        subjects,
        groups: group_ids,
    };
    Role::new(name.parse()?, scope)
}

pub(super) fn signed_in(new: &NewSession) -> api::SignInResponse {
    api::SignInResponse {
        session_secret: new.secret.reveal().to_owned(),
        ends_at: time(new.session.ends_at()),
        idle_ends_at: time(new.session.idle_ends_at()),
        must_set_password: false,
        needs_second_code: false,
    }
}

pub(super) fn session(session: &Session, is_this: bool) -> api::AccountSession {
    api::AccountSession {
        id: session.name(),
        begun_at: time(session.begun_at),
        seen_at: time(session.seen_at),
        idle_ends_at: time(session.idle_ends_at()),
        address: session.address.to_string(),
        device: session.device.clone(),
        is_this,
        account: session.account.clone(),
    }
}

pub(super) fn account(account: &Account) -> api::Account {
    let mut shown = api::Account {
        id: account.id.clone(),
        role: account.role.name().to_string(),
        scope: Some(scope(&account.role)),
        note: account.note.clone().unwrap_or_default(),
        created_at: time(account.created_at),
        created_by: account.created_by.clone(),
        ..api::Account::default()
    };
    match &account.key {
        Key::Code { expires_at, .. } => {
            shown.set_state(api::AccountState::MustSetPassword);
            shown.code_expires_at = time(*expires_at);
        }
        Key::Password { set_at, .. } => {
            shown.set_state(api::AccountState::Active);
            shown.password_set_at = time(*set_at);
            shown.has_second_factor = account.second_factor().is_some();
        }
        Key::Closed { at } => {
            shown.set_state(api::AccountState::Closed);
            shown.closed_at = time(*at);
        }
    }
    shown
}

pub(super) fn made(made: &Made) -> api::AccountWithCode {
    api::AccountWithCode {
        account: Some(account(&made.account)),
        code: made.code.reveal(),
    }
}

pub(super) fn change(change: &Change) -> api::AccountChange {
    let (before, after) = match &change.what {
        What::Created(role) => (None, Some(role)),
        What::RightsChanged { before, after } => (Some(before), Some(after)),
        What::Reset | What::PasswordSet | What::SecondFactorSet | What::SecondFactorRemoved | What::Closed => {
            (None, None)
        }
    };
    let name = |role: Option<&Role>| role.map_or_else(String::new, |role| role.name().to_string());
    api::AccountChange {
        at: time(change.at),
        by: change.by.clone(),
        account: change.account.clone(),
        what: change.what.as_str().to_owned(),
        role_before: name(before),
        scope_before: before.map(scope),
        role: name(after),
        scope: after.map(scope),
    }
}
