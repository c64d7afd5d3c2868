//! The register: one store, all of it in memory.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use parking_lot::{RwLock, RwLockUpgradableReadGuard as Upgradable, RwLockWriteGuard as Writing};
use tracing::{error, info};

use super::answer::{Lookup, Named, Put, Resolved, Unreadable};
use super::error::{PutError, RegisterError};
use super::identity::{IdDocument, Identity};
use super::index::Index;
use super::record;
use crate::files;
use crate::store::{self, Store, StoreError};

/// Most names one search gives back, whatever was asked for.
const SEARCH_LIMIT_MAX: usize = 200;

/// The people register of one office. Share it between threads behind an `Arc`; changes block on the disk.
#[derive(Debug)]
pub struct Register {
    path: PathBuf,
    open: RwLock<Open>,
}

#[derive(Debug)]
struct Open {
    /// `None` after it failed: whoever comes next opens it anew, and so learns what became of the change.
    store: Option<Store>,
    index: Index,
}

/// What an examination of a register found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Examined {
    /// The teachers whose records are whole, ascending.
    pub known: Vec<String>,
    /// The teachers whose records are damaged, ascending.
    pub unreadable: Vec<String>,
}

/// Verifies the register at `path` without changing anything.
///
/// # Errors
///
/// [`StoreError`] as [`Register::open`]; [`StoreError::InUse`] while a server has it open, which has then verified it.
pub fn examine(path: &Path) -> Result<Examined, StoreError> {
    let index = Index::new(store::examine(path)?);
    Ok(Examined {
        known: index.known(),
        unreadable: index.unreadable(),
    })
}

// === impl Register ===

impl Register {
    /// Opens the register at `path` and reads all of it. Records that are damaged are reported, and asking for them is
    /// an error that names the teacher.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: missing, open in another process, written by a later release, damaged as a whole, or the disk.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, StoreError> {
        let path = path.into();
        let open = Open::at(&path)?;
        // Left by a process that died while it wrote anew. We hold the register, so nobody is writing it now.
        files::remove_if_there(&files::beside(&path, "new")).map_err(|cause| store::of_io(&path, cause))?;
        Ok(Self {
            open: RwLock::new(open),
            path,
        })
    }

    /// As [`Register::open`], and makes an empty register (mode 0600) if there is none.
    ///
    /// # Errors
    ///
    /// As [`Register::open`].
    pub fn open_or_create(path: impl Into<PathBuf>) -> Result<Self, StoreError> {
        let path = path.into();
        if !path.exists() {
            store::create(&path)?;
        }
        Self::open(path)
    }

    /// Adds and changes records in one durable step: when this returns `Ok` all of them survive a power cut.
    ///
    /// # Errors
    ///
    /// [`PutError::Identity`] or [`PutError::Twice`]: nothing was put. [`PutError::Register`] from the store: all or
    /// nothing was put, and putting the same again is safe.
    pub fn put(&self, identities: &[Identity]) -> Result<Put, PutError> {
        check(identities)?;
        Self::put_into(self.upgradable()?, identities)
    }

    /// As [`Register::put`], for those who may not give one person's ID document to two ids. What an id has already may be
    /// put again.
    ///
    /// # Errors
    ///
    /// As [`Register::put`]; [`PutError::Shared`] if a document is another's, [`RegisterError::Unreadable`] if it might be
    /// that of a damaged record. Nothing was put.
    pub fn put_unshared(&self, identities: &[Identity]) -> Result<Put, PutError> {
        check(identities)?;
        // Nobody else changes the register between this look and the change.
        let open = self.upgradable()?;
        open.index.check_unshared(identities)?;
        Self::put_into(open, identities)
    }

    fn put_into(open: Upgradable<'_, Open>, identities: &[Identity]) -> Result<Put, PutError> {
        let (mut put, written) = open.index.plan(identities);
        let records = written.iter().map(|identity| {
            // Serialising strings into memory cannot fail; if it did, the record would be at fault.
            let bytes = record::encode(identity).map_err(|_| RegisterError::of(&identity.teacher_id))?;
            Ok((identity.teacher_id.as_str(), Some(bytes)))
        });
        let records: Vec<_> = records.collect::<Result<_, RegisterError>>()?;
        Open::change(open, &records, |index| {
            for identity in written {
                index.insert(identity.clone());
            }
            for identity in identities {
                let holders = identity
                    .id_document
                    .iter()
                    .flat_map(|document| index.with_document(document));
                let others = holders.filter(|other| *other != identity.teacher_id);
                put.shared_documents
                    .extend(others.map(|other| (identity.teacher_id.clone(), other)));
            }
            put
        })
        .map_err(Into::into)
    }

    /// The identity of one teacher.
    ///
    /// # Errors
    ///
    /// [`RegisterError::Unreadable`] if her record is damaged; [`RegisterError::Store`] if the register failed before and
    /// cannot be opened anew.
    pub fn get(&self, teacher_id: &str) -> Result<Option<Identity>, RegisterError> {
        let found = self.read(|index| index.get(teacher_id).map(Option::<&Identity>::cloned))?;
        Ok(found?)
    }

    /// The names of many teachers: each `None` if the register does not know her, an error if her record is damaged.
    ///
    /// # Errors
    ///
    /// [`RegisterError::Store`] as [`Register::get`].
    pub fn names(&self, teacher_ids: &[&str]) -> Result<Vec<Result<Option<String>, Unreadable>>, RegisterError> {
        self.read(|index| {
            let name = |id: &&str| Ok(index.get(id)?.map(|identity| identity.name.clone()));
            teacher_ids.iter().map(name).collect()
        })
    }

    /// The birth dates of many teachers: each `None` if the register does not know it, an error if her record is damaged.
    /// Where none is written the one in a resident identity number counts.
    ///
    /// # Errors
    ///
    /// [`RegisterError::Store`] as [`Register::get`].
    pub fn birth_dates(&self, teacher_ids: &[&str]) -> Result<Vec<Result<Option<Date>, Unreadable>>, RegisterError> {
        let born = |identity: &Identity| {
            let in_number = || identity.id_document.as_ref().and_then(IdDocument::birth_date);
            identity.birth_date.or_else(in_number)
        };
        self.read(|index| {
            let date = |id: &&str| Ok(index.get(id)?.and_then(born));
            teacher_ids.iter().map(date).collect()
        })
    }

    /// How many teachers the register knows, not counting those whose records are damaged.
    ///
    /// # Errors
    ///
    /// [`RegisterError::Store`] as [`Register::get`].
    pub fn count(&self) -> Result<usize, RegisterError> {
        self.read(Index::count)
    }

    /// The teachers whose records are damaged, ascending.
    ///
    /// # Errors
    ///
    /// [`RegisterError::Store`] as [`Register::get`].
    pub fn unreadable(&self) -> Result<Vec<String>, RegisterError> {
        self.read(Index::unreadable)
    }

    /// Finds persons by exact name, compared without spaces, middle dots and width, and by ID document. One answer for
    /// each question, in order.
    ///
    /// With an ID document the name only confirms. Where the document is not known, or none is given, those of that name
    /// are listed with [`Name`](super::Basis::Name). An answer that a damaged record might have changed is an error.
    ///
    /// # Errors
    ///
    /// [`RegisterError::Store`] as [`Register::get`].
    pub fn resolve(&self, lookups: &[Lookup]) -> Result<Vec<Result<Resolved, Unreadable>>, RegisterError> {
        self.read(|index| lookups.iter().map(|lookup| index.resolve(lookup)).collect())
    }

    /// Teachers whose name begins with `prefix` (compared as in [`Register::resolve`]), in the order of names, at most
    /// `limit` and never more than 200. An empty prefix finds nobody.
    ///
    /// # Errors
    ///
    /// [`RegisterError::Store`] as [`Register::get`].
    pub fn search(&self, prefix: &str, limit: usize) -> Result<Vec<Named>, RegisterError> {
        self.read(|index| index.search(prefix, limit.min(SEARCH_LIMIT_MAX)))
    }

    /// Teachers whose name has `part` in it (compared as in [`Register::resolve`]): those of exactly that name first, then in
    /// the order of names. An empty part finds nobody.
    ///
    /// # Errors
    ///
    /// [`RegisterError::Store`] as [`Register::get`].
    pub fn containing(&self, part: &str) -> Result<Vec<Named>, RegisterError> {
        self.read(|index| index.containing(part))
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
        let open = self.upgradable()?;
        if !open.index.holds(teacher_id) {
            return Ok(false);
        }
        Open::change(open, &[(teacher_id, None)], |index| index.remove(teacher_id))?;
        self.scrub()?;
        info!(teacher_id, "identity erased");
        Ok(true)
    }

    /// Writes the register anew into a fresh file, so that nothing of erased or changed records is left in free pages.
    /// Other calls wait meanwhile: about a second for 100,000 records.
    ///
    /// # Errors
    ///
    /// [`RegisterError`]; the register works on with the old or the new file, which hold the same. With
    /// [`RegisterError::Unreadable`] nothing was written: what is damaged must be restored, put anew or erased first.
    pub fn scrub(&self) -> Result<(), RegisterError> {
        let mut open = Upgradable::upgrade(self.upgradable()?);
        let unreadable = open.index.unreadable();
        if !unreadable.is_empty() {
            return Err(RegisterError::Unreadable(Unreadable {
                teacher_ids: unreadable,
            }));
        }
        let records = open.index.all().map(|identity| {
            let bytes = record::encode(identity).map_err(|_| RegisterError::of(&identity.teacher_id))?;
            Ok((identity.teacher_id.as_str(), bytes))
        });
        let records: Vec<_> = records.collect::<Result<_, RegisterError>>()?;
        let records: Vec<_> = records
            .iter()
            .map(|(id, bytes)| (*id, Some(bytes.as_slice())))
            .collect();
        let fresh_path = files::beside(&self.path, "fresh");
        let io = |cause| store::of_io(&self.path, cause);
        store::create(&fresh_path)?;
        Store::open(&fresh_path)?.0.write(&records)?;
        fs::rename(&fresh_path, &self.path).map_err(io)?;
        open.store = None;
        files::sync_dir(files::parent(&self.path)).map_err(io)?;
        *open = Open::at(&self.path)?;
        Ok(())
    }

    /// Whether the register's file still lies where it was opened.
    ///
    /// # Errors
    ///
    /// [`StoreError::Removed`] if not.
    pub fn check_in_place(&self) -> Result<(), StoreError> {
        self.open.read().store.as_ref().map_or(Ok(()), Store::check_in_place)
    }

    fn read<T>(&self, ask: impl FnOnce(&Index) -> T) -> Result<T, RegisterError> {
        let open = self.open.read();
        if open.store.is_some() {
            return Ok(ask(&open.index));
        }
        drop(open);
        Ok(ask(&self.upgradable()?.index))
    }

    /// The open register for one who may change it; others read on.
    fn upgradable(&self) -> Result<Upgradable<'_, Open>, RegisterError> {
        let open = self.open.upgradable_read();
        if open.store.is_some() {
            return Ok(open);
        }
        let anew = Open::at(&self.path)?;
        info!(path = %self.path.display(), "people register open again");
        let mut open = Upgradable::upgrade(open);
        *open = anew;
        Ok(Writing::downgrade_to_upgradable(open))
    }
}

impl Open {
    /// Changes the store, then what is in memory.
    fn change<T>(
        open: Upgradable<'_, Self>,
        records: &[(&str, Option<Vec<u8>>)],
        apply: impl FnOnce(&mut Index) -> T,
    ) -> Result<T, RegisterError> {
        let records: Vec<_> = records.iter().map(|(id, bytes)| (*id, bytes.as_deref())).collect();
        let written = match &open.store {
            Some(store) if !records.is_empty() => store.write(&records),
            _ => Ok(()),
        };
        let mut open = Upgradable::upgrade(open);
        match written {
            Ok(()) => Ok(apply(&mut open.index)),
            Err(cause) => {
                open.store = None;
                Err(cause.into())
            }
        }
    }

    fn at(path: &Path) -> Result<Self, StoreError> {
        let (store, loaded) = Store::open(path)?;
        let index = Index::new(loaded);
        for teacher_id in index.unreadable() {
            error!(path = %path.display(), %teacher_id, "record of the people register is damaged");
        }
        let store = Some(store);
        Ok(Self { store, index })
    }
}

fn check(identities: &[Identity]) -> Result<(), PutError> {
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
    Ok(())
}

#[cfg(test)]
#[path = "register_tests.rs"]
mod tests;
