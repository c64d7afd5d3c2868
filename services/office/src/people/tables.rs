//! The tables of the register and what is done within one transaction.

use std::collections::BTreeSet;

use redb::{Database, ReadableDatabase, ReadableTable, Table, TableDefinition, WriteTransaction};

use super::answer::{Basis, Lookup, Put, Resolved};
use super::error::FORMAT;
use super::identity::{IdDocument, Identity};
use super::record;
use crate::normal;

pub(super) const PEOPLE: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("people");
pub(super) const BY_NAME: TableDefinition<'_, (&str, &str), ()> = TableDefinition::new("by_name");
pub(super) const BY_NUMBER: TableDefinition<'_, (&str, &str), &str> = TableDefinition::new("by_number");
pub(super) const ABOUT: TableDefinition<'_, &str, u64> = TableDefinition::new("about");

type Stored<T> = Result<T, redb::Error>;

/// What can go wrong inside a transaction, before the path is added.
pub(super) enum Failure {
    Store(Box<redb::Error>),
    Record(String),
}

impl From<redb::Error> for Failure {
    fn from(cause: redb::Error) -> Self {
        Self::Store(Box::new(cause))
    }
}

impl From<redb::StorageError> for Failure {
    fn from(cause: redb::StorageError) -> Self {
        redb::Error::from(cause).into()
    }
}

// === the tables of a writer ===

pub(super) struct Tables<'txn> {
    people: Table<'txn, &'static str, &'static [u8]>,
    by_name: Table<'txn, (&'static str, &'static str), ()>,
    by_number: Table<'txn, (&'static str, &'static str), &'static str>,
}

impl<'txn> Tables<'txn> {
    pub(super) fn open(transaction: &'txn WriteTransaction) -> Stored<Self> {
        Ok(Self {
            people: transaction.open_table(PEOPLE)?,
            by_name: transaction.open_table(BY_NAME)?,
            by_number: transaction.open_table(BY_NUMBER)?,
        })
    }

    pub(super) fn put(&mut self, identities: &[Identity]) -> Result<Put, Failure> {
        let mut put = Put::default();
        for identity in identities {
            match record_of(&self.people, &identity.teacher_id)? {
                Some(before)
                    if (Identity {
                        updated_at: identity.updated_at,
                        ..before.clone()
                    }) == *identity =>
                {
                    put.unchanged += 1;
                    continue;
                }
                Some(_) => put.changed += 1,
                None => put.added += 1,
            }
            self.remove(&identity.teacher_id)?;
            self.insert(identity)?;
        }
        for identity in identities {
            if let Some(document) = &identity.id_document {
                let holders = with_document(&self.by_number, document)?;
                let others = holders.into_iter().filter(|other| *other != identity.teacher_id);
                put.shared_documents
                    .extend(others.map(|other| (identity.teacher_id.clone(), other)));
            }
        }
        Ok(put)
    }

    fn insert(&mut self, identity: &Identity) -> Result<(), Failure> {
        let id = identity.teacher_id.as_str();
        // Serialising strings into memory cannot fail; if it did, the record would be at fault.
        let bytes = record::encode(identity).map_err(|_| Failure::Record(id.to_owned()))?;
        self.people.insert(id, bytes.as_slice())?;
        self.by_name
            .insert((normal::name_form(&identity.name).as_str(), id), ())?;
        if let Some(document) = &identity.id_document {
            self.by_number
                .insert((document.number(), id), document.kind_form().as_str())?;
        }
        Ok(())
    }

    pub(super) fn remove(&mut self, teacher_id: &str) -> Result<Option<Identity>, Failure> {
        let before = record_of(&self.people, teacher_id)?;
        if let Some(identity) = &before {
            self.by_name
                .remove((normal::name_form(&identity.name).as_str(), teacher_id))?;
            if let Some(document) = &identity.id_document {
                self.by_number.remove((document.number(), teacher_id))?;
            }
            self.people.remove(teacher_id)?;
        }
        Ok(before)
    }
}

// === reading ===

pub(super) fn record_of(
    people: &impl ReadableTable<&'static str, &'static [u8]>,
    id: &str,
) -> Result<Option<Identity>, Failure> {
    let Some(bytes) = people.get(id)? else { return Ok(None) };
    record::decode(id, bytes.value())
        .map(Some)
        .ok_or_else(|| Failure::Record(id.to_owned()))
}

pub(super) fn resolve_one(
    by_name: &impl ReadableTable<(&'static str, &'static str), ()>,
    by_number: &impl ReadableTable<(&'static str, &'static str), &'static str>,
    lookup: &Lookup,
) -> Result<Resolved, redb::StorageError> {
    let named = match &lookup.name {
        Some(name) => with_name(by_name, &normal::name_form(name))?,
        None => BTreeSet::new(),
    };
    let holders = match &lookup.id_document {
        Some(document) => with_document(by_number, document)?,
        None => BTreeSet::new(),
    };
    let both: BTreeSet<String> = named.intersection(&holders).cloned().collect();
    let (found, basis) = if !both.is_empty() {
        (both, Basis::DocumentAndName)
    } else if !holders.is_empty() {
        (
            holders,
            if lookup.name.is_some() {
                Basis::DocumentUnderOtherName
            } else {
                Basis::Document
            },
        )
    } else if !named.is_empty() {
        (named, Basis::Name)
    } else {
        (named, Basis::Nobody)
    };
    Ok(Resolved {
        teacher_ids: found.into_iter().collect(),
        basis,
    })
}

fn with_name(
    by_name: &impl ReadableTable<(&'static str, &'static str), ()>,
    name: &str,
) -> Result<BTreeSet<String>, redb::StorageError> {
    let mut found = BTreeSet::new();
    if name.is_empty() {
        return Ok(found);
    }
    for row in by_name.range((name, "")..)? {
        let (key, _) = row?;
        let (other, teacher_id) = key.value();
        if other != name {
            break;
        }
        found.insert(teacher_id.to_owned());
    }
    Ok(found)
}

fn with_document(
    by_number: &impl ReadableTable<(&'static str, &'static str), &'static str>,
    document: &IdDocument,
) -> Result<BTreeSet<String>, redb::StorageError> {
    let mut found = BTreeSet::new();
    let kind = document.kind_form();
    for row in by_number.range((document.number(), "")..)? {
        let (key, kind_of_row) = row?;
        let (number, teacher_id) = key.value();
        if number != document.number() {
            break;
        }
        if kind_of_row.value() == kind {
            found.insert(teacher_id.to_owned());
        }
    }
    Ok(found)
}

// === making and copying ===

/// Makes the tables of a new file, and returns the format of any.
pub(super) fn prepare(database: &Database) -> Stored<u64> {
    let read = database.begin_read()?;
    match read.open_table(ABOUT) {
        Ok(about) => {
            if let Some(format) = about.get("format")? {
                return Ok(format.value());
            }
        }
        Err(redb::TableError::TableDoesNotExist(_)) => {}
        Err(cause) => return Err(cause.into()),
    }
    drop(read);
    let transaction = database.begin_write()?;
    drop(Tables::open(&transaction)?);
    transaction.open_table(ABOUT)?.insert("format", FORMAT)?;
    transaction.commit()?;
    Ok(FORMAT)
}

pub(super) fn copy(from: &Database, to: &Database) -> Result<(), Failure> {
    let read = from.begin_read().map_err(redb::Error::from)?;
    let write = to.begin_write().map_err(redb::Error::from)?;
    {
        let mut tables = Tables::open(&write)?;
        let people = read.open_table(PEOPLE).map_err(redb::Error::from)?;
        for row in people.iter()? {
            let (id, bytes) = row?;
            let identity = record::decode(id.value(), bytes.value());
            // The indexes are made anew from the records, so a scrub also heals them.
            tables.insert(&identity.ok_or_else(|| Failure::Record(id.value().to_owned()))?)?;
        }
    }
    write.commit().map_err(redb::Error::from)?;
    Ok(())
}
