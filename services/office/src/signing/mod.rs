//! The office's signature under checkpoints of its ledger.
//!
//! One Ed25519 key for each ledger, made on its first start and kept apart from the data directory ([`crate::keyring`]). The file
//! `signed` in the office's directory has the public keys, the present one and those of before, so that no other takes their
//! place in silence. Beside the key lies the largest checkpoint that was given out, as it was given: a data directory that was
//! put back to an older copy as a whole is noticed by it.
//!
//! ```text
//! <data>/<office>/signed                public keys (`record.rs`)
//! <the key's file>.given                the largest checkpoint given out; where the key is given in a variable: signed.given
//! ```

mod error;
mod record;

use std::io;
use std::path::{Path, PathBuf};

use keshi_verify::checkpoint::{Checkpoint, PeopleRoot};
use keshi_verify::key::{SigningKey, VerifierKey};
use keshi_verify::note::{MAX_NOTE_BYTES, Note};
use keshi_verify::witness::WitnessKey;
use keshi_verify::{Hash, Identity, checkpoint};
use parking_lot::Mutex;
use zeroize::Zeroizing;

pub use self::error::{Short, SigningError};
use self::record::Record;
pub use self::record::{PublicKey, carry};
use crate::files;
use crate::keyring::key::Key;
use crate::keyring::{KeyError, KeyOf, KeyPlaces, Keyring};

/// What signs the checkpoints of one ledger. Share it between threads behind an `Arc`; giving one out blocks on the disk.
#[derive(Debug)]
pub struct Signing {
    path: PathBuf,
    origin: String,
    /// The file that was made for the key, if one was made now.
    made_key: Option<PathBuf>,
    open: Mutex<Open>,
}

#[derive(Debug)]
struct Open {
    ring: Keyring,
    key: SigningKey,
    record: Record,
    given: Given,
    /// The last checkpoint that witnesses cosigned, with their cosignatures.
    cosigned: Option<Note>,
}

/// The largest checkpoint that was given out.
#[derive(Debug)]
struct Given {
    path: PathBuf,
    latest: Option<Checkpoint>,
    /// Whether the ledger was found to have all of it.
    is_settled: bool,
}

// === impl Signing ===

impl Signing {
    /// Opens what signs for the ledger `identity`, of `size` entries, with the public keys at `path`. The first time a key is made,
    /// or the one that lies where it would be made is taken.
    ///
    /// # Errors
    ///
    /// [`SigningError`], which says what to do. A key is never made for a ledger that has one.
    pub fn open_or_create(
        path: impl Into<PathBuf>,
        identity: &Identity,
        size: u64,
        places: &KeyPlaces,
    ) -> Result<Self, SigningError> {
        let (path, origin) = (path.into(), checkpoint::origin(identity));
        let listed = Record::read(&path)?;
        let is_of_another = |record: &Record| record.origin != origin;
        let listed = match listed {
            // The ledger was begun anew, on purpose: nothing else makes one where there was one (ADR 35). What the one before was
            // signed with stays beside.
            Some(record) if is_of_another(&record) && size == 0 => {
                put_aside(&path, &record)?;
                None
            }
            Some(record) if is_of_another(&record) => {
                return Err(SigningError::OtherLedger { path, origin });
            }
            listed => listed,
        };
        let (record, ring, is_new) = if let Some(record) = listed {
            let ring = places.find(KeyOf::Checkpoints, whose(&origin), record.kept_in.as_deref())?;
            (record, ring, false)
        } else {
            let (ring, is_made) = places.make(KeyOf::Checkpoints, whose(&origin))?;
            let key = signing_key(&origin, ring.newest())?;
            let mut record = Record::new(origin.clone(), ring.newest().id(), key.public().clone(), size);
            record.kept_in.clone_from(&ring.file);
            record.write(&path)?;
            (record, ring, is_made)
        };
        let key = signing_key(&origin, ring.of_id(&record.signed_by)?)?;
        if key.public() != record.present() {
            return Err(SigningError::Damaged { path });
        }
        let record = keep_place(record, &ring, &path)?;
        let given = Given::read(&ring, &path, &record)?;
        Ok(Self {
            path,
            origin,
            made_key: ring.file.clone().filter(|_| is_new),
            open: Mutex::new(Open {
                ring,
                key,
                record,
                given,
                cosigned: None,
            }),
        })
    }

    /// Whose checkpoints it signs: their origin, which is the name of its keys.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// All public keys, the present one last.
    pub fn keys(&self) -> Vec<PublicKey> {
        self.open.lock().record.keys.clone()
    }

    /// The file that was made for the key, if one was made now.
    pub fn made_key(&self) -> Option<&Path> {
        self.made_key.as_deref()
    }

    /// The file that holds the key; `None` if it is given in a variable.
    pub fn key_file(&self) -> Option<PathBuf> {
        self.open.lock().ring.file.clone()
    }

    /// The largest checkpoint that was given out.
    pub fn given(&self) -> Option<Checkpoint> {
        self.open.lock().given.latest.clone()
    }

    /// Whether the ledger of `size` entries has all that a checkpoint was given out of. `root_at` gives the root at a size of at
    /// most `size`; it is asked once.
    ///
    /// # Errors
    ///
    /// What `root_at` says; within, [`Short`] if it has not.
    pub fn settle<E>(&self, size: u64, root_at: impl FnOnce(u64) -> Result<Hash, E>) -> Result<Result<(), Short>, E> {
        self.open.lock().given.settle(size, root_at)
    }

    /// Signs that the first `at.0` entries have the root `at.1`, and what there is about each person where that was reckoned, of a ledger
    /// of `size` entries. When this returns, it is remembered
    /// durably if it is the largest.
    ///
    /// # Errors
    ///
    /// What `root_at` says (see [`Self::settle`]); within, [`SigningError`] if nothing may be given out.
    pub fn sign<E>(
        &self,
        at: (u64, Hash, Option<PeopleRoot>),
        size: u64,
        root_at: impl FnOnce(u64) -> Result<Hash, E>,
    ) -> Result<Result<Note, SigningError>, E> {
        let mut open = self.open.lock();
        if let Err(short) = open.given.settle(size, root_at)? {
            return Ok(Err(short.into()));
        }
        let checkpoint = Checkpoint {
            origin: self.origin.clone(),
            size: at.0,
            root: at.1,
            people: at.2,
        };
        let signed = checkpoint.sign([&open.key]);
        let is_it = |cosigned: &&Note| cosigned.unverified_text() == signed.unverified_text();
        let note = open.cosigned.as_ref().filter(is_it).cloned();
        Ok(open
            .given
            .remember(checkpoint, &signed)
            .map(|()| note.unwrap_or(signed)))
    }

    /// Keeps a checkpoint of this ledger that `witness` cosigned: whoever asks for one of the same size gets it with the
    /// cosignatures of all who cosigned it. Those of a smaller one are forgotten.
    pub fn cosigned(&self, witness: &WitnessKey, note: Note) {
        let mut open = self.open.lock();
        let lines = note.to_string();
        match &mut open.cosigned {
            Some(known) if known.unverified_text() == note.unverified_text() => {
                // Of a note that she did not cosign nothing is taken.
                let _time = witness.take(&lines, known);
            }
            known => *known = Some(note),
        }
    }

    /// Changes the key at a ledger of `size` entries, and gives the new public key: the one before is forgotten, and its public part
    /// stays listed. Whatever step it breaks off in, the ledger opens, and asking again ends it.
    ///
    /// # Errors
    ///
    /// [`SigningError`]; [`KeyError::Given`] if a given key has no new one before it.
    pub fn rotate(&self, size: u64) -> Result<VerifierKey, SigningError> {
        let mut open = self.open.lock();
        let mut ring = open.ring.begin_change(&open.record.signed_by)?;
        let key = signing_key(&self.origin, ring.newest())?;
        let mut record = open.record.clone();
        record.succeed(ring.newest().id(), key.public().clone(), size);
        record.write(&self.path)?;
        let public = key.public().clone();
        (open.key, open.record) = (key, record);
        ring.end_change()?;
        open.ring = ring;
        Ok(public)
    }
}

/// What an examination of what signs found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Examined {
    /// The public keys, the present one last.
    pub keys: Vec<PublicKey>,
    /// The file that holds the key; `None` if it was given.
    pub key_file: Option<PathBuf>,
    /// Whether a change of that key was broken off, so that the one before is still there.
    pub is_changing: bool,
    /// The largest checkpoint that was given out, and where it lies.
    pub given: Option<(Checkpoint, PathBuf)>,
}

/// Looks at what signs for the ledger whose public keys are at `path`, without changing or making anything; `None` if nothing does yet.
///
/// # Errors
///
/// [`SigningError`] as [`Signing::open_or_create`].
pub fn examine(path: &Path, places: &KeyPlaces) -> Result<Option<Examined>, SigningError> {
    let Some(record) = Record::read(path)? else {
        return Ok(None);
    };
    let ring = places.find(KeyOf::Checkpoints, whose(&record.origin), record.kept_in.as_deref())?;
    let key = signing_key(&record.origin, ring.of_id(&record.signed_by)?)?;
    if key.public() != record.present() {
        return Err(SigningError::Damaged { path: path.to_owned() });
    }
    let Given { path, latest, .. } = Given::read(&ring, path, &record)?;
    Ok(Some(Examined {
        is_changing: ring.is_changing(),
        key_file: ring.file,
        keys: record.keys,
        given: latest.map(|given| (given, path)),
    }))
}

/// Puts the list of a ledger that is no more aside, under that one's id.
fn put_aside(path: &Path, record: &Record) -> Result<(), SigningError> {
    let aside = files::beside(path, whose(&record.origin));
    std::fs::rename(path, aside).map_err(|cause| SigningError::Io {
        path: path.to_owned(),
        cause,
    })
}

/// The ledger's id, by which its key is filed: the last part of the origin.
fn whose(origin: &str) -> &str {
    origin.rsplit('/').next().unwrap_or_default()
}

/// Remembers where the key was found, if that is news.
fn keep_place(mut record: Record, ring: &Keyring, path: &Path) -> Result<Record, SigningError> {
    if ring.file.is_some() && ring.file != record.kept_in {
        record.kept_in.clone_from(&ring.file);
        record.write(path)?;
    }
    Ok(record)
}

fn signing_key(origin: &str, key: &Key) -> Result<SigningKey, SigningError> {
    let secret = <&[u8; 32]>::try_from(key.bytes()).map(|bytes| Zeroizing::new(*bytes));
    let malformed = || {
        SigningError::Key(KeyError::Malformed {
            from: "the signing key's file".to_owned(),
        })
    };
    let secret = secret.map_err(|_| malformed())?;
    SigningKey::of_secret(origin, &secret).map_err(|_| malformed())
}

// === impl Given ===

impl Given {
    /// What was given out, in the file beside the key. An empty file says on purpose that nothing was.
    fn read(ring: &Keyring, signed: &Path, record: &Record) -> Result<Self, SigningError> {
        let path = files::beside(ring.file.as_deref().unwrap_or(signed), "given");
        let bytes = match files::read_up_to(&path, MAX_NOTE_BYTES) {
            Ok(bytes) => bytes,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(cause) => return Err(SigningError::Io { path, cause }),
        };
        let latest = if bytes.is_empty() {
            None
        } else {
            let keys: Vec<_> = record.keys.iter().map(|key| key.key.clone()).collect();
            let read = Checkpoint::open(&bytes, &keys);
            Some(read.map_err(|cause| SigningError::OtherGiven {
                path: path.clone(),
                cause,
            })?)
        };
        Ok(Self {
            path,
            is_settled: latest.is_none(),
            latest,
        })
    }

    fn settle<E>(&mut self, size: u64, root_at: impl FnOnce(u64) -> Result<Hash, E>) -> Result<Result<(), Short>, E> {
        let Some(given) = self.latest.as_ref().filter(|_| !self.is_settled) else {
            return Ok(Ok(()));
        };
        let file = self.path.clone();
        if given.size > size {
            let given = given.size;
            return Ok(Err(Short::Behind { given, size, file }));
        }
        if root_at(given.size)? != given.root {
            let given = given.size;
            return Ok(Err(Short::Parted { given, file }));
        }
        self.is_settled = true;
        Ok(Ok(()))
    }

    fn remember(&mut self, checkpoint: Checkpoint, note: &Note) -> Result<(), SigningError> {
        if self
            .latest
            .as_ref()
            .is_some_and(|latest| latest.size >= checkpoint.size)
        {
            return Ok(());
        }
        let written = files::create_private_dir(files::parent(&self.path)).and_then(|()| {
            files::replace(
                &files::beside(&self.path, "new"),
                &self.path,
                note.to_string().as_bytes(),
            )
        });
        written.map_err(|cause| SigningError::Io {
            path: self.path.clone(),
            cause,
        })?;
        self.latest = Some(checkpoint);
        Ok(())
    }
}

#[cfg(test)]
#[path = "signing_tests.rs"]
mod tests;
