//! The register: one store and the keys of its people, all of it in memory.

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::Date;
use parking_lot::{RwLock, RwLockUpgradableReadGuard as Upgradable, RwLockWriteGuard as Writing};
use tracing::{error, info, warn};
use zeroize::Zeroizing;

use super::answer::{Called, Lookup, Named, Put, Resolved, Unreadable};
use super::error::{OpenError, PutError, RegisterError};
use super::identity::{IdDocument, Identity};
use super::index::{Amiss, Index};
use super::keys::{Keys, Wrapped, path_beside};
use super::record;
use crate::files;
use crate::keyring::key::{Key, NoChance};
use crate::keyring::{KeyError, KeyOf, KeyPlaces, Keyring};
use crate::store::{self, Loaded, Store, StoreError};

/// Most names one search gives back, whatever was asked for.
const SEARCH_LIMIT_MAX: usize = 200;

/// The people register of one office. Share it between threads behind an `Arc`; changes block on the disk.
#[derive(Debug)]
pub struct Register {
    path: PathBuf,
    /// The office's key, for as long as the register is open.
    ring: Keyring,
    /// The file that was made for the key, if one was.
    made_key: Option<PathBuf>,
    open: RwLock<Open>,
}

#[derive(Debug)]
struct Open {
    /// `None` after it failed: whoever comes next opens it anew, and so learns what became of the change.
    store: Option<Store>,
    index: Index,
    keys: Keys,
}

/// What an examination of a register found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Examined {
    /// The teachers whose records are whole, ascending.
    pub known: Vec<String>,
    /// The teachers whose records are damaged, ascending.
    pub unreadable: Vec<String>,
    /// The teachers who were erased, ascending.
    pub erased: Vec<String>,
    /// Whether records lie open, which the next start seals.
    pub lies_open: bool,
    /// The file that holds the office's key; `None` if it was given, or there is none yet.
    pub key_file: Option<PathBuf>,
    /// Whether a change of that key was broken off, so that the one before is still there.
    pub is_changing: bool,
}

/// Verifies the register at `path` without changing or making anything.
///
/// # Errors
///
/// [`OpenError`] as [`Register::open`]; [`StoreError::InUse`] while a server has it open, which has then verified it.
pub fn examine(path: &Path, places: &KeyPlaces) -> Result<Examined, OpenError> {
    let loaded = store::examine(path)?;
    let (keys, key_file, is_changing) = match keys_of(path, &loaded, places)? {
        Some((keys, ring)) => {
            let is_changing = ring.is_changing();
            (keys, ring.file, is_changing)
        }
        None => (Keys::new(String::new()), None, false),
    };
    let (index, amiss) = Index::new(loaded, &keys);
    Ok(Examined {
        known: index.known(),
        unreadable: index.unreadable(),
        erased: keys.erased().into_iter().collect(),
        lies_open: !amiss.lying_open.is_empty(),
        key_file,
        is_changing,
    })
}

/// What a change of the office's key did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// The file that holds the new key; `None` if it is given.
    pub file: Option<PathBuf>,
    /// What names it.
    pub key_id: String,
}

/// Changes the office's key while nobody has the register open: a new one is made beside the present, the people's keys are
/// wrapped anew, and the present one is forgotten. Whatever step it breaks off in, the register opens, and asking again ends it.
///
/// A key that is given in a variable cannot be changed here: with `new,present` given, the people's keys are wrapped under the new one.
///
/// # Errors
///
/// [`OpenError`] as [`Register::open`]; [`KeyError::Given`] if a given key has no new one before it.
pub fn change_key(path: &Path, places: &KeyPlaces) -> Result<Changed, OpenError> {
    // Held until the end: nobody opens the register meanwhile.
    let (_store, loaded) = Store::open(path)?;
    let keys_path = path_beside(path);
    let Some((mut keys, ring)) = keys_of(path, &loaded, places)? else {
        return Err(OpenError::KeysMissing { path: keys_path });
    };
    let present = Wrapped::read(&keys_path)?.map(|wrapped| wrapped.by);
    let mut ring = ring.begin_change(&present.unwrap_or_default())?;
    keys.kept_in = ring.file.clone().or(keys.kept_in);
    keys.write(&keys_path, &ring)?;
    ring.end_change()?;
    Ok(Changed {
        key_id: ring.newest().id(),
        file: ring.file,
    })
}

/// Copies the keys of the register at `people` to where those of the register at `to` lie, still wrapped, and says of how many
/// people. The office's key is not copied.
///
/// # Errors
///
/// [`OpenError::KeysMissing`], [`OpenError::KeysDamaged`], or the disk.
pub fn carry_keys(people: &Path, to: &Path) -> Result<usize, OpenError> {
    Wrapped::carry(&path_beside(people), &path_beside(to))
}

/// The keys of the register at `path`; `None` if it has none yet and needs none.
fn keys_of(path: &Path, loaded: &Loaded, places: &KeyPlaces) -> Result<Option<(Keys, Keyring)>, OpenError> {
    let keys_path = path_beside(path);
    let Some(wrapped) = Wrapped::read(&keys_path)? else {
        let all_open = loaded.records.values().all(|bytes| record::is_open(bytes));
        return if all_open {
            Ok(None)
        } else {
            Err(OpenError::KeysMissing { path: keys_path })
        };
    };
    let ring = places.find(KeyOf::People, &wrapped.register, wrapped.kept_in.as_deref())?;
    let keys = wrapped.open(&keys_path, &ring)?;
    Ok(Some((keys, ring)))
}

// === impl Register ===

impl Register {
    /// Opens the register at `path` and reads all of it, with the key found in `places`. Records that are damaged are reported,
    /// and asking for them is an error that names the teacher.
    ///
    /// A register from before records were sealed is sealed now, and what lay open is written over; a new one has its key made.
    ///
    /// # Errors
    ///
    /// [`OpenError`]: missing, open in another process, written by a later release, damaged as a whole, or the disk; without its
    /// keys. Then no key was made.
    pub fn open(path: impl Into<PathBuf>, places: &KeyPlaces) -> Result<Self, OpenError> {
        let path = path.into();
        let (store, loaded) = Store::open(&path)?;
        // Left by a process that died while it wrote anew. We hold the register, so nobody is writing it now.
        for left in [files::beside(&path, "new"), files::beside(&path_beside(&path), "new")] {
            files::remove_if_there(&left).map_err(|cause| OpenError::of_io(&path, cause))?;
        }
        let keys_path = path_beside(&path);
        let mut made_key = None;
        let (mut keys, ring) = if let Some(found) = keys_of(&path, &loaded, places)? {
            found
        } else {
            let keys = Keys::new(new_id()?);
            let (ring, is_made) = places.make(KeyOf::People, &keys.register)?;
            made_key = ring.file.clone().filter(|_| is_made);
            keys.write(&keys_path, &ring)?;
            (keys, ring)
        };
        if ring.file.is_some() && ring.file != keys.kept_in {
            keys.kept_in.clone_from(&ring.file);
            keys.write(&keys_path, &ring)?;
        }
        let open = Open::of(&path, (store, loaded), keys, &ring)?;
        let is_unscrubbed = open.keys.is_unscrubbed;
        let register = Self {
            open: RwLock::new(open),
            ring,
            made_key,
            path,
        };
        if is_unscrubbed {
            match register.scrub() {
                Ok(()) => {
                    info!(path = %register.path.display(), "what lay open in the people register, or was erased, is written over");
                }
                Err(RegisterError::Unreadable(unreadable)) => {
                    warn!(%unreadable, "what lies open in the people register is written over once these are restored, put anew or erased");
                }
                Err(RegisterError::Store(cause)) => return Err(cause.into()),
                Err(RegisterError::Keys(cause)) => return Err(cause),
            }
        }
        Ok(register)
    }

    /// As [`Register::open`], and makes an empty register (mode 0600) if there is none. One whose keys are there was lost, and is
    /// not made anew.
    ///
    /// # Errors
    ///
    /// As [`Register::open`].
    pub fn open_or_create(path: impl Into<PathBuf>, places: &KeyPlaces) -> Result<Self, OpenError> {
        let path = path.into();
        if !path.exists() {
            store::create(&path)?;
        }
        Self::open(path, places)
    }

    /// The file that was made for the key when the register was opened, if one was: whoever keeps the machine is to know of it.
    pub fn made_key(&self) -> Option<&Path> {
        self.made_key.as_deref()
    }

    /// The file that holds the office's key; `None` if the key was given.
    pub fn key_file(&self) -> Option<&Path> {
        self.ring.file.as_deref()
    }

    /// Adds and changes records in one durable step: when this returns `Ok` all of them survive a power cut.
    ///
    /// # Errors
    ///
    /// [`PutError::Identity`], [`PutError::Twice`] or [`PutError::Erased`]: nothing was put. [`PutError::Register`] from the
    /// store: all or nothing was put, and putting the same again is safe.
    pub fn put(&self, identities: &[Identity]) -> Result<Put, PutError> {
        check(identities)?;
        let open = self.upgradable()?;
        open.check_not_erased(identities)?;
        self.put_into(open, identities)
    }

    /// Seals something about a person with her key, which is made if she has none. `about` is sealed with it.
    ///
    /// # Errors
    ///
    /// [`RegisterError`] if the keys cannot be written.
    pub(crate) fn seal(&self, teacher_id: &str, about: &[&str], bytes: &[u8]) -> Result<Vec<u8>, RegisterError> {
        let mut open = self.upgradable()?;
        if open.keys.of(teacher_id).is_none() {
            let mut keys = open.keys.clone();
            keys.add([teacher_id]).map_err(no_chance)?;
            self.write_keys(&keys)?;
            let mut writing = Upgradable::upgrade(open);
            writing.keys = keys;
            open = Writing::downgrade_to_upgradable(writing);
        }
        let key = open.keys.of(teacher_id).ok_or_else(|| RegisterError::of(teacher_id))?;
        let about = [about, &[&open.keys.register, teacher_id]].concat();
        key.seal(&about, bytes).map_err(no_chance)
    }

    /// What was sealed about a person; `None` if it does not open: it is damaged, or her key is another or gone.
    ///
    /// # Errors
    ///
    /// [`RegisterError::Store`] as [`Register::get`].
    pub(crate) fn unseal(
        &self,
        teacher_id: &str,
        about: &[&str],
        sealed: &[u8],
    ) -> Result<Option<Zeroizing<Vec<u8>>>, RegisterError> {
        self.look(|open| {
            let about = [about, &[&open.keys.register, teacher_id]].concat();
            open.keys.of(teacher_id)?.open(&about, sealed)
        })
    }

    /// Lets the identity of somebody who was erased be put again, under another key: what was erased does not come back. `false`
    /// if she was not erased.
    ///
    /// # Errors
    ///
    /// [`RegisterError`] if the keys cannot be written.
    pub fn readmit(&self, teacher_id: &str) -> Result<bool, RegisterError> {
        let open = self.upgradable()?;
        let mut keys = open.keys.clone();
        if !keys.readmit(teacher_id) {
            return Ok(false);
        }
        self.write_keys(&keys)?;
        Upgradable::upgrade(open).keys = keys;
        info!(teacher_id, "an erased identity may be put again");
        Ok(true)
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
        open.check_not_erased(identities)?;
        open.index.check_unshared(identities)?;
        self.put_into(open, identities)
    }

    fn put_into(&self, open: Upgradable<'_, Open>, identities: &[Identity]) -> Result<Put, PutError> {
        let (mut put, written) = open.index.plan(identities);
        let ids = || written.iter().map(|identity| identity.teacher_id.as_str());
        let open = if ids().all(|id| open.keys.of(id).is_some()) {
            open
        } else {
            // First the keys: one without a record harms nobody.
            let mut keys = open.keys.clone();
            keys.add(ids()).map_err(no_chance)?;
            self.write_keys(&keys)?;
            let mut open = Upgradable::upgrade(open);
            open.keys = keys;
            Writing::downgrade_to_upgradable(open)
        };
        let records = written
            .iter()
            .map(|identity| Ok((identity.teacher_id.as_str(), Some(open.sealed(identity)?))));
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

    /// What many teachers are called: each an error if her record is damaged.
    ///
    /// # Errors
    ///
    /// [`RegisterError::Store`] as [`Register::get`].
    pub fn names(&self, teacher_ids: &[&str]) -> Result<Vec<Result<Called, Unreadable>>, RegisterError> {
        self.look(|open| {
            let called = |id: &&str| {
                Ok(match open.index.get(id)? {
                    Some(identity) => Called::Name(identity.name.clone()),
                    None => open.keys.erased_at(id).map_or(Called::Unknown, Called::Erased),
                })
            };
            teacher_ids.iter().map(called).collect()
        })
    }

    /// When a teacher was erased, if she was.
    ///
    /// # Errors
    ///
    /// [`RegisterError::Store`] as [`Register::get`].
    pub fn erased_at(&self, teacher_id: &str) -> Result<Option<Timestamp>, RegisterError> {
        self.look(|open| open.keys.erased_at(teacher_id))
    }

    /// Who was erased.
    ///
    /// # Errors
    ///
    /// [`RegisterError::Store`] as [`Register::get`].
    pub fn erased(&self) -> Result<BTreeSet<String>, RegisterError> {
        self.look(|open| open.keys.erased())
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
    /// First her key is destroyed, durably: from then on nothing that was sealed with it can be read, wherever a copy of the
    /// register lies. Then her record goes from every lookup, and the register is written anew into a fresh file, because the
    /// store leaves old bytes in its free pages: on return nothing of her is in the file. If a later step fails the first still
    /// holds; the next opening, or [`Register::scrub`], makes up for it.
    ///
    /// # Errors
    ///
    /// [`RegisterError`] if a step failed.
    pub fn erase(&self, teacher_id: &str, at: Timestamp) -> Result<bool, RegisterError> {
        let open = self.upgradable()?;
        // Of whom nothing but files is held, there is a key all the same.
        if !open.index.holds(teacher_id) && open.keys.of(teacher_id).is_none() {
            return Ok(false);
        }
        let mut keys = open.keys.clone();
        keys.erase(teacher_id, at);
        keys.is_unscrubbed = true;
        self.write_keys(&keys)?;
        let mut open = Upgradable::upgrade(open);
        open.keys = keys;
        // Whatever becomes of her record, it opens no more.
        open.index.remove(teacher_id);
        let open = Writing::downgrade_to_upgradable(open);
        Open::change(open, &[(teacher_id, None)], |_| ())?;
        info!(teacher_id, "identity erased");
        self.scrub()?;
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
        let records = open
            .index
            .all()
            .map(|identity| Ok((identity.teacher_id.as_str(), open.sealed(identity)?)));
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
        *open = Open::at(&self.path, &self.ring)?;
        if open.keys.is_unscrubbed {
            open.keys.is_unscrubbed = false;
            self.write_keys(&open.keys)?;
        }
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
        self.look(|open| ask(&open.index))
    }

    fn look<T>(&self, ask: impl FnOnce(&Open) -> T) -> Result<T, RegisterError> {
        let open = self.open.read();
        if open.store.is_some() {
            return Ok(ask(&open));
        }
        drop(open);
        Ok(ask(&*self.upgradable()?))
    }

    fn write_keys(&self, keys: &Keys) -> Result<(), RegisterError> {
        Ok(keys.write(&path_beside(&self.path), &self.ring)?)
    }

    /// The open register for one who may change it; others read on.
    fn upgradable(&self) -> Result<Upgradable<'_, Open>, RegisterError> {
        let open = self.open.upgradable_read();
        if open.store.is_some() {
            return Ok(open);
        }
        let anew = Open::at(&self.path, &self.ring)?;
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

    /// Opens a register anew that was open before, with the same key.
    fn at(path: &Path, ring: &Keyring) -> Result<Self, OpenError> {
        let opened = Store::open(path)?;
        let keys_path = path_beside(path);
        let wrapped = Wrapped::read(&keys_path)?;
        let wrapped = wrapped.ok_or_else(|| OpenError::KeysMissing {
            path: keys_path.clone(),
        })?;
        let keys = wrapped.open(&keys_path, ring)?;
        Self::of(path, opened, keys, ring)
    }

    /// Reads what the store holds. Records that lie open are sealed, those of the erased removed; both are written over later.
    fn of(path: &Path, (store, loaded): (Store, Loaded), mut keys: Keys, ring: &Keyring) -> Result<Self, OpenError> {
        let (index, amiss) = Index::new(loaded, &keys);
        for teacher_id in index.unreadable() {
            error!(path = %path.display(), %teacher_id, "record of the people register is damaged");
        }
        let Amiss { lying_open, erased } = amiss;
        let is_amiss = !(lying_open.is_empty() && erased.is_empty());
        if is_amiss {
            keys.add(lying_open.iter().map(String::as_str))
                .map_err(|NoChance| KeyError::NoChance)?;
            keys.is_unscrubbed = true;
            keys.write(&path_beside(path), ring)?;
        }
        let open = Self {
            store: Some(store),
            index,
            keys,
        };
        if is_amiss {
            open.put_right(path, &lying_open, &erased)?;
        }
        Ok(open)
    }

    fn put_right(&self, path: &Path, lying_open: &[String], erased: &[String]) -> Result<(), OpenError> {
        let mut changes: Vec<(&str, Option<Vec<u8>>)> = Vec::with_capacity(lying_open.len() + erased.len());
        for id in lying_open {
            if let Ok(Some(identity)) = self.index.get(id) {
                let sealed = self.sealed(identity).map_err(|_| KeyError::NoChance)?;
                changes.push((id, Some(sealed)));
            }
        }
        changes.extend(erased.iter().map(|id| (id.as_str(), None)));
        let changes: Vec<_> = changes.iter().map(|(id, bytes)| (*id, bytes.as_deref())).collect();
        if let Some(store) = &self.store {
            store.write(&changes)?;
        }
        let (sealed, removed) = (lying_open.len(), erased.len());
        info!(path = %path.display(), sealed, removed, "records of the people register that lay open are sealed, those of erased people removed");
        Ok(())
    }

    /// The record of one who has a key.
    fn sealed(&self, identity: &Identity) -> Result<Vec<u8>, RegisterError> {
        let id = &identity.teacher_id;
        let key = self.keys.of(id).ok_or_else(|| RegisterError::of(id))?;
        record::seal(identity, key, &self.keys.register).map_err(no_chance)
    }

    fn check_not_erased(&self, identities: &[Identity]) -> Result<(), PutError> {
        let erased = identities
            .iter()
            .find(|identity| self.keys.erased_at(&identity.teacher_id).is_some());
        erased.map_or(Ok(()), |identity| {
            Err(PutError::Erased {
                teacher_id: identity.teacher_id.clone(),
            })
        })
    }
}

/// What binds records to a register: drawn by chance, and no secret.
fn new_id() -> Result<String, KeyError> {
    let key = Key::random().map_err(|NoChance| KeyError::NoChance)?;
    Ok(key.id())
}

fn no_chance(_: NoChance) -> RegisterError {
    RegisterError::Keys(KeyError::NoChance.into())
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
