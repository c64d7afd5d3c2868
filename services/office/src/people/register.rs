//! The register on redb.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use parking_lot::RwLock;
use redb::{Database, ReadTransaction, ReadableDatabase};
use tracing::info;

use super::answer::{Lookup, Named, Put, Resolved};
use super::error::{FORMAT, PutError, RegisterError};
use super::identity::Identity;
use super::tables::{BY_NAME, BY_NUMBER, Failure, PEOPLE, Tables, copy, prepare, record_of, resolve_one};
use crate::{files, normal};

/// Most names one search gives back, whatever was asked for.
const SEARCH_LIMIT_MAX: usize = 200;

/// The people register of one office. Share it between threads behind an `Arc`; calls block on the disk.
#[derive(Debug)]
pub struct Register {
    path: PathBuf,
    /// Replaced as a whole when somebody is erased. Read-locked by everything else; redb orders its own writers.
    database: RwLock<Database>,
}

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
    /// are listed with [`Name`](super::Basis::Name).
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

#[cfg(test)]
#[path = "register_tests.rs"]
mod tests;
