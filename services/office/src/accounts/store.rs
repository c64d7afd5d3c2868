//! The accounts of an office: made, changed, signed in to and out of.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use parking_lot::Mutex;
use tracing::{error, info};

use super::book::{Book, Editing};
use super::error::{AccountError, Of};
use super::making::{FIRST_BY, Made, NewAccount, make};
use super::sessions::Sessions;
use super::signins::Log;
use super::{Account, Change, Code, Key, SecondFactor, What};
use crate::access::{Access, Role};
use crate::store::StoreError;
use crate::store::follow::Followed;
use crate::store::kept::{Content as _, Kept};
use crate::{files, layout};

/// Most accounts that are made in one request.
pub const CREATED_AT_ONCE_MAX: usize = 1_000;

/// The id of the first account.
const FIRST_ID: &str = "admin";

/// The accounts and sessions, held in memory and followed on disk. Share it between threads behind an `Arc`.
#[derive(Debug)]
pub struct Accounts {
    pub(super) book: Kept<Book>,
    pub(super) sessions: Kept<Sessions>,
    /// When sessions were last seen, where that is later than what is written: asking costs no commit.
    pub(super) seen: Mutex<HashMap<[u8; 32], Timestamp>>,
    pub(super) log: Log,
    first_code: PathBuf,
}

/// Whether the store of accounts at `path`, if there is one, has or had this account.
pub(crate) fn has_account(path: &Path, id: &str) -> Result<bool, StoreError> {
    match Followed::open(path) {
        Ok((_, loaded)) => Ok(Book::of(&loaded).has(id)),
        Err(StoreError::Missing { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// What lies in the stores of accounts and sessions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Examined {
    /// Accounts, closed ones too.
    pub accounts: usize,
    /// The keys of the records that are damaged.
    pub damaged: Vec<String>,
}

/// Reads every record of the accounts beside the tokens at `access`, and of their sessions, and changes nothing; `None` where
/// there are no accounts. They can be looked at also while a server runs.
///
/// # Errors
///
/// [`StoreError`] if one of the stores is not what was written, or the disk fails.
pub fn examine(access: &Path) -> Result<Option<Examined>, StoreError> {
    let book = match Followed::open(&layout::accounts_beside(access)) {
        Ok((_, loaded)) => Book::of(&loaded),
        Err(StoreError::Missing { .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
    let sessions = match Followed::open(&sessions_beside(access)) {
        Ok((_, loaded)) => Sessions::of(&loaded),
        // Everybody signs in anew.
        Err(StoreError::Missing { .. }) => Sessions::default(),
        Err(error) => return Err(error),
    };
    Ok(Some(Examined {
        accounts: book.accounts.len(),
        damaged: book.unreadable.iter().chain(sessions.unreadable()).cloned().collect(),
    }))
}

fn sessions_beside(access: &Path) -> PathBuf {
    access.with_file_name("sessions.redb")
}

// === impl Accounts ===

impl Accounts {
    /// Opens the accounts that belong to the tokens at `access` and lie beside them, with their sessions and the log of
    /// sign-ins; makes what there is not (mode 0600).
    ///
    /// # Errors
    ///
    /// [`AccountError::Store`] if the accounts are not what was written, or the disk fails; [`AccountError::Sessions`] if the
    /// sessions are not; [`AccountError::Log`].
    pub fn open_or_create(access: &Path) -> Result<Self, AccountError> {
        let sessions = sessions_beside(access);
        let damaged = |cause| match cause {
            StoreError::Damaged { ref path, .. } => AccountError::Sessions {
                path: path.clone(),
                cause,
            },
            cause => cause.into(),
        };
        Ok(Self {
            book: Kept::open_or_create(layout::accounts_beside(access))?,
            sessions: Kept::open_or_create(sessions).map_err(damaged)?,
            seen: Mutex::default(),
            log: Log::open(layout::signins_beside(access))?,
            first_code: access.with_file_name("first-code"),
        })
    }

    /// Makes the first account of `office`, an admin's, if the office has never had one, and leaves its one-time code in a
    /// private file, of which the path is answered. `access` has the tokens, whose ids are taken.
    ///
    /// # Errors
    ///
    /// [`AccountError`]. If the account was not made, what lies in the file is good for nothing.
    pub fn first(
        &self,
        access: &Access,
        office: &str,
        now: Timestamp,
    ) -> Result<Option<(Account, PathBuf)>, AccountError> {
        let made = access.holding_ids(|is_token| {
            self.book.change(|book| {
                // One that cannot be read may have been hers.
                let has_any = book.accounts.values().any(|account| account.office == office);
                if has_any || !book.unreadable.is_empty() {
                    return Ok((None, Vec::new()));
                }
                let wanted = NewAccount {
                    id: (!is_token(FIRST_ID) && !book.has(FIRST_ID)).then(|| FIRST_ID.to_owned()),
                    role: Role::Admin,
                    note: None,
                };
                let mut editing = book.edit(FIRST_BY, now);
                let made = make(&mut editing, office, &wanted, now, &|id| is_token(id) || book.has(id))?;
                let text = format!("{}\n{}\n", made.account.id, made.code.reveal());
                files::write_atomically(&self.first_code, text.as_bytes()).map_err(|cause| {
                    AccountError::FirstCode {
                        path: self.first_code.clone(),
                        cause,
                    }
                })?;
                Ok::<_, AccountError>((Some(made), editing.done()?))
            })
        })?;
        Ok(made.map(|made| (made.account, self.first_code.clone())))
    }

    /// Makes accounts of `office`, all or none. `access` has the tokens, whose ids are taken.
    ///
    /// # Errors
    ///
    /// [`AccountError::Rows`] with the place of every one that cannot be made, or another [`AccountError`].
    pub fn create(
        &self,
        access: &Access,
        office: &str,
        wanted: &[NewAccount],
        (by, now): (&str, Timestamp),
    ) -> Result<Vec<Made>, AccountError> {
        if wanted.len() > CREATED_AT_ONCE_MAX {
            return Err(AccountError::TooMany {
                max: CREATED_AT_ONCE_MAX,
                of: Of::AtOnce,
            });
        }
        let made = access.holding_ids(|is_token| {
            self.book.change(|book| {
                let mut editing = book.edit(by, now);
                editing.has_room(wanted.len())?;
                let mut all: Vec<Made> = Vec::with_capacity(wanted.len());
                let mut wrong = Vec::new();
                for (place, wanted) in wanted.iter().enumerate() {
                    let is_taken =
                        |id: &str| is_token(id) || book.has(id) || all.iter().any(|made| made.account.id == id);
                    match make(&mut editing, office, wanted, now, &is_taken) {
                        Ok(made) => all.push(made),
                        Err(error) => wrong.push((place, error)),
                    }
                }
                if !wrong.is_empty() {
                    return Err(AccountError::Rows(wrong));
                }
                Ok((all, editing.done()?))
            })
        })?;
        info!(%office, %by, accounts = made.len(), "accounts created");
        Ok(made)
    }

    /// Gives the account `id` another role or scope. Its sessions go on with that; what was begun with the rights before ends.
    ///
    /// # Errors
    ///
    /// [`AccountError::LastAdmin`] if no admin would be left, or another [`AccountError`].
    pub fn change_rights(
        &self,
        office: &str,
        id: &str,
        role: &Role,
        (by, now): (&str, Timestamp),
    ) -> Result<Account, AccountError> {
        if *role == Role::Dev {
            return Err(AccountError::DevRole);
        }
        self.edit(by, now, |book, editing| {
            let before = book.open_of_office(office, id)?;
            if before.role == *role {
                return Ok(before.clone());
            }
            leaves_an_admin(book, before)?;
            let account = Account {
                role: role.clone(),
                ..before.clone()
            };
            let what = What::RightsChanged {
                before: before.role.clone(),
                after: role.clone(),
            };
            editing.put(&account, what)?;
            Ok(account)
        })
    }

    /// Gives the account `id` a new one-time code; its password is void, and its sessions end.
    ///
    /// # Errors
    ///
    /// [`AccountError`].
    pub fn reset(&self, office: &str, id: &str, (by, now): (&str, Timestamp)) -> Result<Made, AccountError> {
        let code = Code::generate().map_err(AccountError::Random)?;
        let account = self.edit(by, now, |book, editing| {
            let before = book.open_of_office(office, id)?;
            let account = with_key(before, code.key(now));
            editing.put(&account, What::Reset)?;
            Ok(account)
        })?;
        Ok(Made { account, code })
    }

    /// Closes the account `id` for ever; its sessions end. One closed before keeps its time.
    ///
    /// # Errors
    ///
    /// [`AccountError::LastAdmin`] if no admin would be left, or another [`AccountError`].
    pub fn close(&self, office: &str, id: &str, (by, now): (&str, Timestamp)) -> Result<Account, AccountError> {
        self.edit(by, now, |book, editing| {
            let before = book.of_office(office, id)?;
            if before.closed_at().is_some() {
                return Ok(before.clone());
            }
            leaves_an_admin(book, before)?;
            let account = with_key(before, Key::Closed { at: now });
            editing.put(&account, What::Closed)?;
            Ok(account)
        })
    }

    /// Lets the password hashed to `phc` take the place of what `seen` was signed in to with; all its sessions end. If that
    /// was changed meanwhile, nothing is done.
    ///
    /// # Errors
    ///
    /// [`AccountError::Key`] if the account has another code or password now, or another [`AccountError`].
    pub fn set_password(&self, seen: &Account, phc: String, now: Timestamp) -> Result<Account, AccountError> {
        let account = self.edit(&seen.id, now, |book, editing| {
            let before = book.open_of_office(&seen.office, &seen.id)?;
            if before.key != seen.key {
                return Err(AccountError::Key);
            }
            editing.has_room_for_password(&seen.id)?;
            let second = before.second_factor().cloned();
            let key = Key::Password {
                phc,
                set_at: now,
                second,
            };
            let account = with_key(before, key);
            editing.put(&account, What::PasswordSet)?;
            Ok(account)
        })?;
        self.forget_first_code(&account.id);
        Ok(account)
    }

    /// Lets the holder of `seen` be asked for `second` besides her password from now on, or for nothing; her sessions go on. If what
    /// she signs in with is another by now, nothing changes.
    ///
    /// # Errors
    ///
    /// [`AccountError::Key`] in that case, or another [`AccountError`].
    pub fn set_second_factor(
        &self,
        seen: &Account,
        second: Option<SecondFactor>,
        now: Timestamp,
    ) -> Result<Account, AccountError> {
        self.edit(&seen.id, now, |book, editing| {
            let before = book.open_of_office(&seen.office, &seen.id)?;
            let Key::Password { phc, set_at, .. } = &before.key else {
                return Err(AccountError::Key);
            };
            if before.key != seen.key {
                return Err(AccountError::Key);
            }
            editing.has_room_for_password(&seen.id)?;
            let what = match &second {
                Some(_) => What::SecondFactorSet,
                None => What::SecondFactorRemoved,
            };
            let account = Account {
                key: Key::Password {
                    phc: phc.clone(),
                    set_at: *set_at,
                    second,
                },
                ..before.clone()
            };
            editing.put(&account, what)?;
            Ok(account)
        })
    }

    /// The account `id`, if there is one.
    pub fn get(&self, id: &str) -> Option<Account> {
        self.book.read().accounts.get(id).cloned()
    }

    /// Up to `limit` accounts of `office` after the id `after`, by id.
    pub fn list(&self, office: &str, after: &str, limit: usize) -> Vec<Account> {
        let book = self.book.read();
        let later = book.accounts.values().filter(|account| account.office == office);
        later
            .filter(|account| account.id.as_str() > after)
            .take(limit)
            .cloned()
            .collect()
    }

    /// Up to `limit` changes of accounts of `office`, of one account if it is named, from number `from` on.
    pub fn changes(&self, office: &str, account: Option<&str>, from: u64, limit: usize) -> Vec<Change> {
        let book = self.book.read();
        let later = book
            .changes
            .iter()
            .filter(|change| change.number >= from && change.office == office);
        let hers = later.filter(|change| account.is_none_or(|account| change.account == account));
        hers.take(limit).cloned().collect()
    }

    /// The keys of the records that are damaged, ascending. They let nobody in.
    pub fn unreadable(&self) -> Vec<String> {
        let accounts = self.book.read().unreadable.clone();
        let sessions = self.sessions.read().unreadable().clone();
        accounts.into_iter().chain(sessions).collect()
    }

    /// Looks at the stores now, whenever they were looked at last.
    pub fn refresh(&self) {
        self.book.refresh();
        self.sessions.refresh();
    }

    fn edit<T>(
        &self,
        by: &str,
        now: Timestamp,
        edit: impl FnOnce(&Book, &mut Editing<'_>) -> Result<T, AccountError>,
    ) -> Result<T, AccountError> {
        self.book.change(|book| {
            let mut editing = book.edit(by, now);
            let result = edit(book, &mut editing)?;
            Ok((result, editing.done()?))
        })
    }

    /// Removes the file with the first one-time code once it is used: it is good for nothing more.
    fn forget_first_code(&self, account: &str) {
        let is_hers = fs::read_to_string(&self.first_code).is_ok_and(|text| text.lines().next() == Some(account));
        if is_hers && let Err(cause) = files::remove_if_there(&self.first_code) {
            error!(%cause, path = %self.first_code.display(), "the used one-time code could not be removed");
        }
    }
}

/// The account with another key; all its sessions end.
fn with_key(before: &Account, key: Key) -> Account {
    Account {
        key,
        generation: before.generation + 1,
        ..before.clone()
    }
}

/// Whether another account of an admin is open once `account` is none any more.
fn leaves_an_admin(book: &Book, account: &Account) -> Result<(), AccountError> {
    let is_other_admin = |other: &&Account| {
        other.role == Role::Admin
            && other.office == account.office
            && other.closed_at().is_none()
            && other.id != account.id
    };
    if account.role != Role::Admin || book.accounts.values().any(|other| is_other_admin(&other)) {
        return Ok(());
    }
    Err(AccountError::LastAdmin { id: account.id.clone() })
}

#[cfg(test)]
#[path = "store_tests.rs"]
mod tests;
