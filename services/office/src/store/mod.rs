//! A small store of checksummed records on redb: what the people register and the tokens lie in.
//!
//! ```text
//! records   key   -> SHA-256 of the rest, cut to 16 bytes | length of key, one byte | key | payload
//! about     "format" -> 2, "records" -> how many, "sum" -> sum of the first 8 bytes of every record's checksum
//! ```
//!
//! The file is read whole, and examined on a copy in memory, before anything is written to it: redb repairs what it
//! opens. A record whose checksum does not fit, or that lies under another key, is damaged and named; records that are
//! missing or come from another time do not add up, and fail the whole file. Every change is committed twice, since redb
//! falls back to the commit before when the page that leads to the last one is damaged.
//!
//! What is read stays in memory with whoever asked, so damage or a failing disk later on changes no answer.

mod carry;
mod disk;
pub(crate) mod follow;
pub(crate) mod kept;
mod record;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, TryLockError};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use redb::{Builder, Database, ReadableDatabase, ReadableTable, TableDefinition, TableError, WriteTransaction};
use thiserror::Error;

pub use self::carry::carry;
use self::disk::Disk;
use crate::files;

/// The format of the file that this release writes and reads.
const FORMAT: u64 = 2;

/// Most memory that redb keeps pages in.
const CACHE_BYTES: usize = 4 << 20;

const RECORDS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("records");
const ABOUT: TableDefinition<'_, &str, u64> = TableDefinition::new("about");

/// Why a store cannot be used. No message holds what is stored.
#[derive(Debug, Error)]
pub enum StoreError {
    /// There is no such file.
    #[error("there is no {}", .path.display())]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The file was removed or replaced under this process. What was asked for is not kept.
    #[error("{} was removed or replaced while in use: stop, put it back, start again", .path.display())]
    Removed {
        /// Where it was.
        path: PathBuf,
    },
    /// Another process has it open.
    #[error("{} is in use: stop the other keshi first", .path.display())]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// Written by a later release.
    #[error("{} has format {found}, this release knows {FORMAT}: upgrade keshi", .path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// The format found.
        found: u64,
    },
    /// The file is not what was written. Nothing was changed in it.
    #[error("{} is damaged ({what}): copy it away, then restore it from a backup", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// How that was noticed.
        what: String,
    },
    /// A change failed. It may or may not have been made; asking for the same again is safe.
    #[error("{} failed: check the disk, then try again", .path.display())]
    Change {
        /// The file.
        path: PathBuf,
        /// What redb said.
        #[source]
        cause: Box<redb::Error>,
    },
    /// The file cannot be read or made.
    #[error("{} cannot be used: check its owner and the disk", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
}

/// What a store holds.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Loaded {
    /// The payloads by key.
    pub(crate) records: BTreeMap<String, Vec<u8>>,
    /// The keys whose records are damaged.
    pub(crate) damaged: BTreeSet<String>,
}

/// A store open for changing; nobody else has it meanwhile.
#[derive(Debug)]
pub(crate) struct Store {
    path: PathBuf,
    file: Arc<File>,
    database: Database,
}

/// Makes an empty store at `path`, mode 0600, durably.
pub(crate) fn create(path: &Path) -> Result<(), StoreError> {
    let io = |cause| of_io(path, cause);
    let temporary = files::beside(path, "new");
    files::remove_if_there(&temporary).map_err(io)?;
    let file = Arc::new(files::create_private(&temporary).map_err(io)?);
    let database = open_database(Disk::new(&file)).map_err(|cause| change(path, cause))?;
    // Twice, as every change.
    for _ in 0..2 {
        commit(&database, &[]).map_err(|cause| change(path, cause))?;
    }
    drop(database);
    std::fs::rename(&temporary, path).map_err(io)?;
    files::sync_dir(files::parent(path)).map_err(io)
}

/// Reads the store at `path` while nobody changes it, and changes nothing itself.
pub(crate) fn examine(path: &Path) -> Result<Loaded, StoreError> {
    let file = File::open(path).map_err(|cause| of_io(path, cause))?;
    match file.try_lock_shared() {
        Ok(()) => read(path, &file),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse { path: path.to_owned() }),
        Err(TryLockError::Error(cause)) => Err(of_io(path, cause)),
    }
}

/// Reads what lies in `file`, opened from `path`, and changes nothing.
pub(crate) fn read(path: &Path, file: &File) -> Result<Loaded, StoreError> {
    read_bytes(path, disk::read_whole(file).map_err(|cause| of_io(path, cause))?)
}

/// Reads a store from its bytes.
fn read_bytes(path: &Path, bytes: Vec<u8>) -> Result<Loaded, StoreError> {
    let damaged = |what: String| StoreError::Damaged {
        path: path.to_owned(),
        what,
    };
    // redb may panic on what it did not write; the copy is thrown away either way.
    let examined = catch_unwind(AssertUnwindSafe(|| load(bytes)));
    match examined {
        Ok(Ok(loaded)) => Ok(loaded),
        Ok(Err(Wrong::Format(found))) => Err(StoreError::Format {
            path: path.to_owned(),
            found,
        }),
        Ok(Err(Wrong::Damage(what))) => Err(damaged(what)),
        Err(_) => Err(damaged("its pages make no sense".to_owned())),
    }
}

// === impl Store ===

impl Store {
    /// Opens the store at `path`, which must be there, and reads it.
    pub(crate) fn open(path: &Path) -> Result<(Self, Loaded), StoreError> {
        let file = files::open_in_place(path).map_err(|cause| of_io(path, cause))?;
        match file.try_lock() {
            Ok(()) => Self::over(path, Arc::new(file)),
            Err(TryLockError::WouldBlock) => Err(StoreError::InUse { path: path.to_owned() }),
            Err(TryLockError::Error(cause)) => Err(of_io(path, cause)),
        }
    }

    /// The store in `file`, which was opened from `path` and is locked.
    pub(crate) fn over(path: &Path, file: Arc<File>) -> Result<(Self, Loaded), StoreError> {
        let loaded = read(path, &file)?;
        let database = open_database(Disk::new(&file)).map_err(|cause| change(path, cause))?;
        let store = Self {
            path: path.to_owned(),
            file,
            database,
        };
        Ok((store, loaded))
    }

    /// Puts and removes records, durably.
    ///
    /// After an error the change may or may not have been made, and the store must be opened anew.
    pub(crate) fn write(&self, changes: &[(&str, Option<&[u8]>)]) -> Result<(), StoreError> {
        // The second commit changes nothing but redb's choice of the last one.
        commit(&self.database, changes)
            .and_then(|()| commit(&self.database, &[]))
            .map_err(|cause| change(&self.path, cause))?;
        self.check_in_place()
    }

    /// Whether the file still lies where it was opened.
    pub(crate) fn check_in_place(&self) -> Result<(), StoreError> {
        if files::is_in_place(&self.path, &self.file) {
            Ok(())
        } else {
            let path = self.path.clone();
            Err(StoreError::Removed { path })
        }
    }
}

// === inside redb ===

/// What is wrong with the bytes of a store.
enum Wrong {
    Format(u64),
    Damage(String),
}

impl<E: Into<redb::Error>> From<E> for Wrong {
    fn from(error: E) -> Self {
        Self::Damage(error.into().to_string())
    }
}

fn open_database(disk: impl redb::StorageBackend) -> Result<Database, redb::Error> {
    let mut builder = Builder::new();
    Ok(builder.set_cache_size(CACHE_BYTES).create_with_backend(disk)?)
}

fn load(bytes: Vec<u8>) -> Result<Loaded, Wrong> {
    if bytes.is_empty() {
        return Err(Wrong::Damage("it is empty".to_owned()));
    }
    let database = open_database(disk::Copy::new(bytes))?;
    let transaction = database.begin_read()?;
    let about = match transaction.open_table(ABOUT) {
        Ok(about) => about,
        Err(TableError::TableDoesNotExist(_)) => return Err(Wrong::Damage("it is no store of keshi".to_owned())),
        Err(error) => return Err(error.into()),
    };
    let number = |key: &str| -> Result<u64, Wrong> {
        let found = about.get(key)?.map(|found| found.value());
        found.ok_or_else(|| Wrong::Damage(format!("it does not say its {key}")))
    };
    let format = number("format")?;
    if format != FORMAT {
        return Err(Wrong::Format(format));
    }
    let mut loaded = Loaded::default();
    let (mut count, mut sum) = (0, 0_u64);
    for row in transaction.open_table(RECORDS)?.iter()? {
        let (key, value) = row?;
        let (key, value) = (key.value(), value.value());
        (count, sum) = (count + 1, sum.wrapping_add(record::weight(value)));
        match record::open(value) {
            Some((own_key, payload)) if own_key == key => {
                loaded.records.insert(key.to_owned(), payload.to_owned());
            }
            // Whole, but under another key: that key is somebody's who is missing, or nobody's.
            Some((own_key, _)) => loaded.damaged.extend([own_key.to_owned(), key.to_owned()]),
            None => {
                loaded.damaged.insert(key.to_owned());
            }
        }
    }
    let expected = number("records")?;
    if count != expected {
        return Err(Wrong::Damage(format!("it has {count} records, not {expected}")));
    }
    // A damaged checksum does not add up either; then the record is named.
    if loaded.damaged.is_empty() && sum != number("sum")? {
        return Err(Wrong::Damage("its records are not those last written".to_owned()));
    }
    Ok(loaded)
}

fn commit(database: &Database, changes: &[(&str, Option<&[u8]>)]) -> Result<(), redb::Error> {
    let transaction = database.begin_write()?;
    apply(&transaction, changes)?;
    Ok(transaction.commit()?)
}

fn apply(transaction: &WriteTransaction, changes: &[(&str, Option<&[u8]>)]) -> Result<(), redb::Error> {
    let mut about = transaction.open_table(ABOUT)?;
    let number = |key: &str| -> Result<u64, redb::Error> { Ok(about.get(key)?.map_or(0, |found| found.value())) };
    let (mut count, mut sum) = (number("records")?, number("sum")?);
    let mut records = transaction.open_table(RECORDS)?;
    for (key, payload) in changes {
        let before = match payload {
            Some(payload) => {
                let value = record::seal(key, payload);
                (count, sum) = (count + 1, sum.wrapping_add(record::weight(&value)));
                records.insert(*key, value.as_slice())?
            }
            None => records.remove(*key)?,
        };
        if let Some(before) = before {
            (count, sum) = (count - 1, sum.wrapping_sub(record::weight(before.value())));
        }
    }
    about.insert("format", FORMAT)?;
    about.insert("records", count)?;
    about.insert("sum", sum)?;
    Ok(())
}

fn change(path: &Path, cause: impl Into<redb::Error>) -> StoreError {
    StoreError::Change {
        path: path.to_owned(),
        cause: Box::new(cause.into()),
    }
}

/// A failure of the system at `path`; a file that is not there is told apart.
pub(crate) fn of_io(path: &Path, cause: io::Error) -> StoreError {
    let path = path.to_owned();
    if cause.kind() == io::ErrorKind::NotFound {
        StoreError::Missing { path }
    } else {
        StoreError::Io { path, cause }
    }
}

#[cfg(test)]
pub(crate) mod faults;
#[cfg(test)]
mod tests;
