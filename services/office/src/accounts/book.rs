//! What the store of accounts holds, and how an account is changed in it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::error::{AccountError, Of};
use super::{Account, Change, What, record};
use crate::store::Loaded;
use crate::store::kept::{Changes, Content};

/// Most accounts, closed ones too: a county has some thousand teachers, and the store is read whole.
const ACCOUNTS_MAX: usize = 50_000;

/// Most changes in 24 hours: every account of a large county made, reset and given its password in one day.
const CHANGES_A_DAY_MAX: usize = 30_000;

/// Most new passwords, and changes of what else she is asked for, that the holder of an account sets in 24 hours. Each is kept for ever in the list of changes.
const PASSWORDS_A_DAY_MAX: usize = 10;

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// The accounts, and what was changed about them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Book {
    pub(super) accounts: BTreeMap<String, Account>,
    /// In the order in which they were made.
    pub(super) changes: Vec<Change>,
    /// Keys of the records that cannot be read.
    pub(super) unreadable: BTreeSet<String>,
    /// The number of the next change: above those that cannot be read, too.
    next: u64,
}

/// What becomes of a book, in the order in which it does.
#[derive(Debug)]
pub(super) struct Editing<'a> {
    book: &'a Book,
    by: &'a str,
    now: Timestamp,
    next: u64,
    records: Changes,
}

pub(super) fn account_key(id: &str) -> String {
    format!("a/{id}")
}

fn change_key(number: u64) -> String {
    format!("j/{number:010}")
}

impl Content for Book {
    const WHAT: &'static str = "accounts";

    fn of(loaded: &Loaded) -> Self {
        let mut book = Self {
            unreadable: loaded.damaged.clone(),
            ..Self::default()
        };
        for (key, bytes) in &loaded.records {
            let is_read = match key.split_once('/') {
                Some(("a", id)) => record::account(id, bytes)
                    .map(|account| drop(book.accounts.insert(id.to_owned(), account)))
                    .is_some(),
                Some(("j", number)) => number
                    .parse()
                    .ok()
                    .and_then(|number| record::change(number, bytes))
                    .map(|change| book.changes.push(change))
                    .is_some(),
                _ => false,
            };
            if !is_read {
                book.unreadable.insert(key.clone());
            }
        }
        let numbers = loaded.records.keys().chain(&loaded.damaged);
        let numbers = numbers.filter_map(|key| key.strip_prefix("j/")?.parse::<u64>().ok());
        book.next = numbers.max().map_or(0, |last| last + 1);
        book
    }

    fn is_same(&self, other: &Self) -> bool {
        self == other
    }

    fn unreadable(&self) -> &BTreeSet<String> {
        &self.unreadable
    }
}

impl Book {
    /// Whether an account has or had this id, also one whose record cannot be read.
    pub(super) fn has(&self, id: &str) -> bool {
        self.accounts.contains_key(id) || self.unreadable.contains(&account_key(id))
    }

    /// The account `id` of this office.
    pub(super) fn of_office(&self, office: &str, id: &str) -> Result<&Account, AccountError> {
        if self.unreadable.contains(&account_key(id)) {
            return Err(AccountError::Unreadable { id: id.to_owned() });
        }
        let found = self.accounts.get(id).filter(|account| account.office == office);
        found.ok_or_else(|| AccountError::NoSuchAccount {
            id: id.chars().take(40).collect(),
        })
    }

    /// The account `id` of this office, which must be open.
    pub(super) fn open_of_office(&self, office: &str, id: &str) -> Result<&Account, AccountError> {
        let account = self.of_office(office, id)?;
        match account.closed_at() {
            None => Ok(account),
            Some(_) => Err(AccountError::Closed { id: id.to_owned() }),
        }
    }

    /// Begins a change by `by`.
    pub(super) fn edit<'a>(&'a self, by: &'a str, now: Timestamp) -> Editing<'a> {
        Editing {
            book: self,
            by,
            now,
            next: self.next,
            records: Vec::new(),
        }
    }

    /// How many of the changes of the last 24 hours are `wanted`.
    fn lately(&self, now: Timestamp, wanted: impl Fn(&Change) -> bool) -> usize {
        let is_late = |change: &&Change| now.duration_since(change.at) < DAY;
        self.changes
            .iter()
            .rev()
            .filter(is_late)
            .filter(|change| wanted(change))
            .count()
    }
}

impl Editing<'_> {
    /// Who changes.
    pub(super) fn by(&self) -> &str {
        self.by
    }

    /// Puts the account as it is to be, and notes what that is.
    pub(super) fn put(&mut self, account: &Account, what: What) -> Result<(), AccountError> {
        let change = Change {
            number: self.next,
            at: self.now,
            by: self.by.to_owned(),
            account: account.id.clone(),
            office: account.office.clone(),
            what,
        };
        self.next += 1;
        self.records
            .push((account_key(&account.id), Some(record::of_account(account)?)));
        self.records
            .push((change_key(change.number), Some(record::of_change(&change)?)));
        Ok(())
    }

    /// What is to be written, unless it is more than there may be.
    pub(super) fn done(self) -> Result<Changes, AccountError> {
        let changed = self.records.len() / 2;
        if self.book.lately(self.now, |_| true) + changed > CHANGES_A_DAY_MAX {
            return Err(AccountError::TooMany {
                max: CHANGES_A_DAY_MAX,
                of: Of::Changes,
            });
        }
        Ok(self.records)
    }

    /// Checks that so many more accounts may be made.
    pub(super) fn has_room(&self, more: usize) -> Result<(), AccountError> {
        if self.book.accounts.len() + more > ACCOUNTS_MAX {
            return Err(AccountError::TooMany {
                max: ACCOUNTS_MAX,
                of: Of::Accounts,
            });
        }
        Ok(())
    }

    /// Checks that the holder of `id` may set one more password.
    pub(super) fn has_room_for_password(&self, id: &str) -> Result<(), AccountError> {
        let set = [What::PasswordSet, What::SecondFactorSet, What::SecondFactorRemoved];
        let hers = |change: &Change| change.account == id && set.contains(&change.what);
        if self.book.lately(self.now, hers) >= PASSWORDS_A_DAY_MAX {
            return Err(AccountError::TooMany {
                max: PASSWORDS_A_DAY_MAX,
                of: Of::Passwords,
            });
        }
        Ok(())
    }
}
