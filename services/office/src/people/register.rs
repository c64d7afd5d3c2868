//! The register on redb.

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use parking_lot::RwLock;
use redb::{Database, ReadTransaction, ReadableDatabase, ReadableTable, Table, TableDefinition, WriteTransaction};
use thiserror::Error;
use tracing::info;

use super::identity::{IdDocument, Identity, IdentityError};
use super::record;
use crate::{files, normal};

const PEOPLE: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("people");
const BY_NAME: TableDefinition<'_, (&str, &str), ()> = TableDefinition::new("by_name");
const BY_NUMBER: TableDefinition<'_, (&str, &str), &str> = TableDefinition::new("by_number");
const ABOUT: TableDefinition<'_, &str, u64> = TableDefinition::new("about");

const FORMAT: u64 = 1;

/// Most names one search gives back, whatever was asked for.
const SEARCH_LIMIT_MAX: usize = 200;

/// The people register of one office. Share it between threads behind an `Arc`; calls block on the disk.
#[derive(Debug)]
pub struct Register {
    path: PathBuf,
    /// Replaced as a whole when somebody is erased. Read-locked by everything else; redb orders its own writers.
    database: RwLock<Database>,
}

/// What a batch of identities did to the register.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Put {
    /// Teachers that were not there before.
    pub added: usize,
    /// Teachers whose record is another now.
    pub changed: usize,
    /// Teachers whose record was the same but for `updated_at`; it is as it was.
    pub unchanged: usize,
    /// Teachers of the batch whose ID document another teacher has too: the same person twice, or a typing error.
    pub shared_documents: Vec<(String, String)>,
}

/// What is known of a person who is looked for.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Lookup {
    /// 姓名
    pub name: Option<String>,
    /// Type and number of the ID document.
    pub id_document: Option<IdDocument>,
}

/// Whom a [`Lookup`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// The teachers, ascending.
    pub teacher_ids: Vec<String>,
    /// What they were found by.
    pub basis: Basis,
}

/// What persons were found by, from the surest to the least.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// ID document and name agree.
    DocumentAndName,
    /// The ID document alone was asked for and found.
    Document,
    /// The ID document was found under another name: changed, mistyped, or somebody else's number. To be confirmed.
    DocumentUnderOtherName,
    /// Only the name agrees. Never enough to post by: to be confirmed.
    Name,
    /// Nobody was found.
    Nobody,
}

/// A teacher and her name.
#[derive(Clone, PartialEq, Eq)]
pub struct Named {
    /// The teacher record.
    pub teacher_id: String,
    /// 姓名
    pub name: String,
}

/// Why the register does not work.
#[derive(Debug, Error)]
pub enum RegisterError {
    /// It is open already.
    #[error("people register {} is in use: stop the other keshi first", .path.display())]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// Written by a later release.
    #[error("people register {} has format {found}, this release knows {FORMAT}: upgrade keshi", .path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// The format found.
        found: u64,
    },
    /// A record that this release cannot read.
    #[error("the record of teacher {teacher_id} in people register {} cannot be read: upgrade keshi or restore a backup", .path.display())]
    Record {
        /// The file.
        path: PathBuf,
        /// Whose.
        teacher_id: String,
    },
    /// The store failed. A change that was asked for may or may not have been made; asking again is safe.
    #[error("people register {} failed: check the disk", .path.display())]
    Store {
        /// The file.
        path: PathBuf,
        /// What the store said.
        #[source]
        cause: Box<redb::Error>,
    },
    /// A file could not be made or replaced.
    #[error("people register {} cannot be written: check the directory's owner and the disk", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: std::io::Error,
    },
}

/// Why a batch was not put. Nothing of it was.
#[derive(Debug, Error)]
pub enum PutError {
    /// One identity is malformed.
    #[error("identity {position} of the batch (teacher {teacher_id}): {cause}")]
    Identity {
        /// Its place in the batch, from 1.
        position: usize,
        /// Whose.
        teacher_id: String,
        /// What is wrong.
        cause: IdentityError,
    },
    /// One teacher twice; which one counts?
    #[error("teacher {teacher_id} is in the batch twice: send one identity for each")]
    Twice {
        /// Who.
        teacher_id: String,
    },
    /// The register failed.
    #[error(transparent)]
    Register(#[from] RegisterError),
}

type Stored<T> = Result<T, redb::Error>;

// === impl Register ===

impl Register {
    /// Opens the register at `path`, and makes an empty one (mode 0600) if there is none.
    ///
    /// # Errors
    ///
    /// [`RegisterError::InUse`] if it is open already, here or in another process; [`RegisterError::Format`] if a later
    /// release wrote it; otherwise the disk.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, RegisterError> {
        let path = path.into();
        files::create_private(&path).map_err(|cause| RegisterError::Io {
            path: path.clone(),
            cause,
        })?;
        let database = open_database(&path)?;
        // Left by a process that died while it erased somebody. We hold the register, so nobody is writing it now.
        match fs::remove_file(fresh_path(&path)) {
            Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => Err(RegisterError::Io { path, cause }),
            _ => Ok(Self {
                path,
                database: RwLock::new(database),
            }),
        }
    }

    /// Adds and changes records in one durable step: when this returns `Ok` all of them survive a power cut.
    ///
    /// # Errors
    ///
    /// [`PutError::Identity`] or [`PutError::Twice`]: nothing was put. [`PutError::Register`] from the store: all or
    /// nothing was put, and putting the same again is safe.
    pub fn put(&self, identities: &[Identity]) -> Result<Put, PutError> {
        let mut seen = HashSet::new();
        for (i, identity) in identities.iter().enumerate() {
            let teacher_id = || identity.teacher_id.chars().take(40).collect();
            if let Err(cause) = identity.check() {
                return Err(PutError::Identity {
                    position: i + 1,
                    teacher_id: teacher_id(),
                    cause,
                });
            }
            if !seen.insert(identity.teacher_id.as_str()) {
                return Err(PutError::Twice {
                    teacher_id: teacher_id(),
                });
            }
        }
        let put = || -> Result<Put, Failure> {
            let database = self.database.read();
            let transaction = database.begin_write().map_err(redb::Error::from)?;
            let put = Tables::open(&transaction)?.put(identities)?;
            transaction.commit().map_err(redb::Error::from)?;
            Ok(put)
        };
        Ok(put().map_err(|failure| self.failed(failure))?)
    }

    /// The identity of one teacher.
    ///
    /// # Errors
    ///
    /// [`RegisterError`] if the store fails or the record cannot be read.
    pub fn get(&self, teacher_id: &str) -> Result<Option<Identity>, RegisterError> {
        self.read(|transaction| {
            let people = transaction.open_table(PEOPLE).map_err(redb::Error::from)?;
            record_of(&people, teacher_id)
        })
    }

    /// The names of many teachers, each `None` if the register does not know her.
    ///
    /// # Errors
    ///
    /// As [`Register::get`].
    pub fn names(&self, teacher_ids: &[&str]) -> Result<Vec<Option<String>>, RegisterError> {
        self.read(|transaction| {
            let people = transaction.open_table(PEOPLE).map_err(redb::Error::from)?;
            let name = |id: &&str| Ok(record_of(&people, id)?.map(|identity| identity.name));
            teacher_ids.iter().map(name).collect()
        })
    }

    /// How many teachers the register knows.
    ///
    /// # Errors
    ///
    /// [`RegisterError`] if the store fails.
    pub fn count(&self) -> Result<u64, RegisterError> {
        use redb::ReadableTableMetadata as _;
        self.read(|transaction| {
            let people = transaction.open_table(PEOPLE).map_err(redb::Error::from)?;
            Ok(people.len().map_err(redb::Error::from)?)
        })
    }

    /// Finds persons by exact name, compared without spaces, middle dots and width, and by ID document. One answer for
    /// each question, in order.
    ///
    /// With an ID document the name only confirms. Where the document is not known, or none is given, those of that name
    /// are listed with [`Basis::Name`].
    ///
    /// # Errors
    ///
    /// [`RegisterError`] if the store fails.
    pub fn resolve(&self, lookups: &[Lookup]) -> Result<Vec<Resolved>, RegisterError> {
        self.read(|transaction| {
            let by_name = transaction.open_table(BY_NAME).map_err(redb::Error::from)?;
            let by_number = transaction.open_table(BY_NUMBER).map_err(redb::Error::from)?;
            let resolve = |lookup: &Lookup| Ok(resolve_one(&by_name, &by_number, lookup)?);
            lookups.iter().map(resolve).collect()
        })
    }

    /// Teachers whose name begins with `prefix` (compared as in [`Register::resolve`]), in the order of names, at most
    /// `limit` and never more than 200. An empty prefix finds nobody.
    ///
    /// # Errors
    ///
    /// As [`Register::get`].
    pub fn search(&self, prefix: &str, limit: usize) -> Result<Vec<Named>, RegisterError> {
        let prefix = normal::name_form(prefix);
        if prefix.is_empty() {
            return Ok(Vec::new());
        }
        self.read(|transaction| {
            let by_name = transaction.open_table(BY_NAME).map_err(redb::Error::from)?;
            let people = transaction.open_table(PEOPLE).map_err(redb::Error::from)?;
            let mut found = Vec::new();
            for row in by_name.range((prefix.as_str(), "")..).map_err(redb::Error::from)? {
                let (key, _) = row.map_err(redb::Error::from)?;
                let (name, teacher_id) = key.value();
                if !name.starts_with(&prefix) || found.len() >= limit.min(SEARCH_LIMIT_MAX) {
                    break;
                }
                if let Some(Identity { teacher_id, name, .. }) = record_of(&people, teacher_id)? {
                    found.push(Named { teacher_id, name });
                }
            }
            Ok(found)
        })
    }

    /// Forgets one teacher; `false` if the register did not know her. The ledger is untouched.
    ///
    /// First the record goes, durably, from every lookup. Then the register is written anew into a fresh file, because
    /// the store leaves old bytes in its free pages: on return nothing of her is in the file. If the second step fails
    /// the first still holds; [`Register::scrub`] makes up for it.
    ///
    /// # Errors
    ///
    /// [`RegisterError`] if a step failed.
    pub fn erase(&self, teacher_id: &str) -> Result<bool, RegisterError> {
        let erase = || -> Result<bool, Failure> {
            let database = self.database.read();
            let transaction = database.begin_write().map_err(redb::Error::from)?;
            let known = Tables::open(&transaction)?.remove(teacher_id)?.is_some();
            transaction.commit().map_err(redb::Error::from)?;
            Ok(known)
        };
        let known = erase().map_err(|failure| self.failed(failure))?;
        if known {
            self.scrub()?;
            info!(teacher_id, "identity erased");
        }
        Ok(known)
    }

    /// Writes the register anew into a fresh file, so that nothing of erased or changed records is left in free pages.
    /// Other calls wait meanwhile: about a second for 100,000 records.
    ///
    /// # Errors
    ///
    /// [`RegisterError`]; the register works on with the old or the new file, which hold the same.
    pub fn scrub(&self) -> Result<(), RegisterError> {
        let mut database = self.database.write();
        let fresh_path = fresh_path(&self.path);
        let io = |cause| RegisterError::Io {
            path: self.path.clone(),
            cause,
        };
        if fresh_path.exists() {
            fs::remove_file(&fresh_path).map_err(io)?;
        }
        files::create_private(&fresh_path).map_err(io)?;
        let fresh = open_database(&fresh_path)?;
        copy(&database, &fresh).map_err(|failure| self.failed(failure))?;
        fs::rename(&fresh_path, &self.path).map_err(io)?;
        *database = fresh;
        files::sync_dir(files::parent(&self.path)).map_err(io)
    }

    fn read<T>(&self, ask: impl FnOnce(&ReadTransaction) -> Result<T, Failure>) -> Result<T, RegisterError> {
        let database = self.database.read();
        let transaction = database
            .begin_read()
            .map_err(|cause| self.failed(redb::Error::from(cause).into()))?;
        ask(&transaction).map_err(|failure| self.failed(failure))
    }

    fn failed(&self, failure: Failure) -> RegisterError {
        let path = self.path.clone();
        match failure {
            Failure::Store(cause) => RegisterError::Store { path, cause },
            Failure::Record(teacher_id) => RegisterError::Record { path, teacher_id },
        }
    }
}

/// What can go wrong inside a transaction, before the path is added.
enum Failure {
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

struct Tables<'txn> {
    people: Table<'txn, &'static str, &'static [u8]>,
    by_name: Table<'txn, (&'static str, &'static str), ()>,
    by_number: Table<'txn, (&'static str, &'static str), &'static str>,
}

impl<'txn> Tables<'txn> {
    fn open(transaction: &'txn WriteTransaction) -> Stored<Self> {
        Ok(Self {
            people: transaction.open_table(PEOPLE)?,
            by_name: transaction.open_table(BY_NAME)?,
            by_number: transaction.open_table(BY_NUMBER)?,
        })
    }

    fn put(&mut self, identities: &[Identity]) -> Result<Put, Failure> {
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

    fn remove(&mut self, teacher_id: &str) -> Result<Option<Identity>, Failure> {
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

fn record_of(people: &impl ReadableTable<&'static str, &'static [u8]>, id: &str) -> Result<Option<Identity>, Failure> {
    let Some(bytes) = people.get(id)? else { return Ok(None) };
    record::decode(id, bytes.value())
        .map(Some)
        .ok_or_else(|| Failure::Record(id.to_owned()))
}

fn resolve_one(
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

// === opening and copying ===

fn fresh_path(path: &Path) -> PathBuf {
    files::beside(path, "new")
}

fn open_database(path: &Path) -> Result<Database, RegisterError> {
    let failed = |cause: redb::Error| match cause {
        redb::Error::DatabaseAlreadyOpen => RegisterError::InUse { path: path.to_owned() },
        cause => RegisterError::Store {
            path: path.to_owned(),
            cause: Box::new(cause),
        },
    };
    let database = Database::create(path).map_err(|cause| failed(cause.into()))?;
    match prepare(&database).map_err(failed)? {
        FORMAT => Ok(database),
        found => Err(RegisterError::Format {
            path: path.to_owned(),
            found,
        }),
    }
}

/// Makes the tables of a new file, and returns the format of any.
fn prepare(database: &Database) -> Stored<u64> {
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

fn copy(from: &Database, to: &Database) -> Result<(), Failure> {
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

// === impl Lookup, Named: no personal data in `Debug` ===

impl std::fmt::Debug for Lookup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Lookup(..)")
    }
}

impl std::fmt::Debug for Named {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Named")
            .field("teacher_id", &self.teacher_id)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
#[path = "register_tests.rs"]
mod tests;
