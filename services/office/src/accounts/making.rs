//! Making an account: what may be asked for, and the code that is shown once.

use jiff::Timestamp;
use keshi_core::text::{TEXT_LEN_MAX, check as check_text, personal};

use super::book::Editing;
use super::error::AccountError;
use super::{Account, Code, What};
use crate::access::token::random_word;
use crate::access::{Role, is_token_id};
use crate::layout;

/// Who made the first account of an office.
pub(super) const FIRST_BY: &str = "keshi";

/// Ids that stand in the ledger beside what others post: with `--dev`, and from a command on the machine itself.
const RESERVED: [&str; 3] = ["dev", "local", FIRST_BY];

/// An account that is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAccount {
    /// The id; without one it is made of the teacher's id, or else of the role.
    pub id: Option<String>,
    /// The role with its scope.
    pub role: Role,
    /// For the admin; no personal data.
    pub note: Option<String>,
}

/// An account just made, or reset. The only moment at which its code is known.
#[derive(Debug)]
pub struct Made {
    /// What is kept of it.
    pub account: Account,
    /// With which its holder sets her password.
    pub code: Code,
}

/// Makes one account whose id is not taken.
pub(super) fn make(
    editing: &mut Editing<'_>,
    office: &str,
    wanted: &NewAccount,
    now: Timestamp,
    is_taken: &dyn Fn(&str) -> bool,
) -> Result<Made, AccountError> {
    if !layout::is_office_code(office) {
        let office = office.chars().take(40).collect();
        return Err(AccountError::Office { office });
    }
    if wanted.role == Role::Dev {
        return Err(AccountError::DevRole);
    }
    let note = wanted.note.clone().filter(|note| !note.is_empty());
    if let Some(note) = &note {
        check_text(note, TEXT_LEN_MAX).map_err(AccountError::Note)?;
        if let Some(found) = personal::in_text(note) {
            let found = found.to_string();
            return Err(AccountError::Personal { found });
        }
    }
    let id = id_for(wanted)?;
    if !is_token_id(&id) {
        let id = id.chars().take(40).collect();
        return Err(AccountError::Id { id });
    }
    if is_taken(&id) || RESERVED.contains(&id.as_str()) {
        return Err(AccountError::Taken { id });
    }
    let code = Code::generate().map_err(AccountError::Random)?;
    let account = Account {
        id,
        office: office.to_owned(),
        role: wanted.role.clone(),
        note,
        key: code.key(now),
        generation: 0,
        created_at: now,
        created_by: editing.by().to_owned(),
    };
    editing.put(&account, What::Created(account.role.clone()))?;
    Ok(Made { account, code })
}

/// The id asked for, or one made of the teacher's, or of the role.
fn id_for(wanted: &NewAccount) -> Result<String, AccountError> {
    match (&wanted.id, wanted.role.teacher_id()) {
        (Some(id), _) => Ok(id.clone()),
        (None, Some(teacher_id)) => Ok(teacher_id.to_ascii_lowercase().replace(['.', '_'], "-")),
        (None, None) => {
            let word = random_word(6).map_err(AccountError::Random)?;
            Ok(format!("{}-{word}", wanted.role.name().as_str().replace('_', "-")))
        }
    }
}
