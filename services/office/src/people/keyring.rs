//! The office's key, under which those of the persons are wrapped: where it is looked for, made and changed.
//!
//! ```text
//! <file>, mode 0600
//! keshi people key 1
//! <64 hexadecimal digits>       the key
//! <64 hexadecimal digits>       while it is being changed: the one before
//! ```
//!
//! It lies apart from the data directory, so that a copy of that directory tells no names.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;
use zeroize::Zeroizing;

use super::key::Key;
use crate::files;

const HEADER: &str = "keshi people key 1";

/// Most that is read of a key's file.
const FILE_BYTES_MAX: usize = 4 << 10;

/// Where the key of a people register is looked for, and where it is made for a new register.
///
/// The first that is given counts: the key itself, a file, the directory. A register remembers in which file its key was found,
/// so that only who moves the file names it again.
#[derive(Clone, Default)]
pub struct KeyPlaces {
    /// The key itself, 64 hexadecimal digits; while it is changed the new one, a comma, and the one before.
    pub given: Option<Zeroizing<String>>,
    /// A file that the operator names. Made for a new register if it is not there.
    pub file: Option<PathBuf>,
    /// A directory in which each register has a file of its own.
    pub dir: Option<PathBuf>,
}

/// Why there is no key. Nothing was changed.
#[derive(Debug, Error)]
pub enum KeyError {
    /// The register's key is not where it was.
    #[error(
        "the key of the people register is not there ({}): put its file back, or name it with --people-key; without it \
         nobody can read the names", shown(.looked)
    )]
    Missing {
        /// Where it was looked for.
        looked: Vec<PathBuf>,
    },
    /// Another key than the register's.
    #[error(
        "{from} does not hold the key of the people register, which is {wanted}: name the file that does with --people-key, \
         or restore people.redb and people.keys from a backup of the same time as the key"
    )]
    Differs {
        /// Where the wrong one came from.
        from: String,
        /// What names the right one.
        wanted: String,
    },
    /// What was given is no key.
    #[error("{from} holds no key: it takes 64 hexadecimal digits, as `keshi up` writes them on a first start")]
    Malformed {
        /// Where it was read.
        from: String,
    },
    /// The file cannot be read or written.
    #[error("the key of the people register, {}, cannot be used: check its owner and mode", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
    /// A new register has nowhere to keep its key.
    #[error(
        "there is nowhere to keep the key of the people register: neither XDG_CONFIG_HOME nor HOME names a directory; name a \
         file with --people-key"
    )]
    NoPlace,
    /// The key is given, so it cannot be changed here.
    #[error(
        "the key is given in the variable KESHI_PEOPLE_KEY: put a new one, a comma and the present one there, and ask again"
    )]
    Given,
    /// The system gives no random numbers.
    #[error("the system gives no random numbers: nothing can be encrypted")]
    NoChance,
}

/// The office's key, and while it is changed the one before.
#[derive(Clone, Debug)]
pub(super) struct Keyring {
    /// The newest first; at least one.
    keys: Vec<Key>,
    /// The file it was read from; `None` if the key was given.
    pub(super) file: Option<PathBuf>,
}

// === impl KeyPlaces ===

impl KeyPlaces {
    /// The key of a register that is there: given, in the file named, where it was found last, or in the directory.
    pub(super) fn find(&self, register: &str, kept_in: Option<&Path>) -> Result<Keyring, KeyError> {
        if let Some(given) = &self.given {
            return Keyring::given(given);
        }
        let own = self.dir.as_ref().map(|dir| file_in(dir, register));
        let looked: Vec<PathBuf> = match &self.file {
            Some(file) => vec![file.clone()],
            None => kept_in.map(Path::to_owned).into_iter().chain(own).collect(),
        };
        for path in &looked {
            if let Some(ring) = Keyring::read(path)? {
                return Ok(ring);
            }
        }
        Err(KeyError::Missing { looked })
    }

    /// The key for a new register, made if there is none; whether it was.
    pub(super) fn make(&self, register: &str) -> Result<(Keyring, bool), KeyError> {
        if let Some(given) = &self.given {
            return Ok((Keyring::given(given)?, false));
        }
        let own = self.dir.as_ref().map(|dir| file_in(dir, register));
        let path = self.file.clone().or(own).ok_or(KeyError::NoPlace)?;
        if let Some(ring) = Keyring::read(&path)? {
            return Ok((ring, false));
        }
        let ring = Keyring {
            keys: vec![Key::random().map_err(|_| KeyError::NoChance)?],
            // Another process, started elsewhere, is to find it.
            file: Some(std::path::absolute(&path).unwrap_or(path)),
        };
        ring.write()?;
        Ok((ring, true))
    }
}

impl std::fmt::Debug for KeyPlaces {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyPlaces")
            .field("file", &self.file)
            .field("dir", &self.dir)
            .finish_non_exhaustive()
    }
}

// === impl Keyring ===

impl Keyring {
    fn given(text: &str) -> Result<Self, KeyError> {
        let from = || "the variable KESHI_PEOPLE_KEY".to_owned();
        let keys = text.split(',').map(|one| Key::of_hex(one.trim()));
        let keys: Option<Vec<Key>> = keys.collect();
        let keys = keys.ok_or_else(|| KeyError::Malformed { from: from() })?;
        Ok(Self { keys, file: None })
    }

    /// The keys in a file; `None` if it is not there.
    fn read(path: &Path) -> Result<Option<Self>, KeyError> {
        let failed = |cause| KeyError::Io {
            path: path.to_owned(),
            cause,
        };
        let text = match files::read_up_to(path, FILE_BYTES_MAX) {
            Ok(text) => Zeroizing::new(text),
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(cause) => return Err(failed(cause)),
        };
        let malformed = || KeyError::Malformed {
            from: path.display().to_string(),
        };
        let text = std::str::from_utf8(&text).map_err(|_| malformed())?;
        let lines = text.lines().map(str::trim);
        // A file made by hand may hold the digits alone.
        let keys = lines
            .filter(|line| !line.is_empty() && *line != HEADER)
            .map(Key::of_hex);
        let keys: Vec<Key> = keys.collect::<Option<_>>().ok_or_else(malformed)?;
        if keys.is_empty() {
            return Err(malformed());
        }
        Ok(Some(Self {
            keys,
            file: Some(std::path::absolute(path).unwrap_or_else(|_| path.to_owned())),
        }))
    }

    /// Writes the file, durably. A key that was given has none.
    fn write(&self) -> Result<(), KeyError> {
        let Some(path) = &self.file else { return Ok(()) };
        let mut text = Zeroizing::new(format!("{HEADER}\n"));
        for key in &self.keys {
            text.push_str(&key.reveal());
            text.push('\n');
        }
        let written = files::create_private_dir(files::parent(path))
            .and_then(|()| files::write_for_its_owner(path, text.as_bytes()));
        written.map_err(|cause| KeyError::Io {
            path: path.clone(),
            cause,
        })
    }

    /// The key to wrap with.
    pub(super) fn newest(&self) -> &Key {
        &self.keys[0]
    }

    /// Whether a file holds the key before the newest, too.
    pub(super) fn is_changing(&self) -> bool {
        self.file.is_some() && self.keys.len() > 1
    }

    /// The key of this id.
    pub(super) fn of_id(&self, wanted: &str) -> Result<&Key, KeyError> {
        let found = self.keys.iter().find(|key| key.id() == wanted);
        found.ok_or_else(|| KeyError::Differs {
            from: self.shown(),
            wanted: wanted.to_owned(),
        })
    }

    fn shown(&self) -> String {
        self.file.as_ref().map_or_else(
            || "the variable KESHI_PEOPLE_KEY".to_owned(),
            |file| file.display().to_string(),
        )
    }

    /// Puts a new key before the one that wraps now, named `present`, on disk. A given one is to be there already.
    pub(super) fn begin_change(&self, present: &str) -> Result<Self, KeyError> {
        let now = self.of_id(present)?.clone();
        if self.file.is_none() {
            return if self.newest().id() == present {
                Err(KeyError::Given)
            } else {
                Ok(self.clone())
            };
        }
        // One that an earlier change has left half done is taken up, not piled upon.
        let next = if self.newest().id() == present {
            Key::random().map_err(|_| KeyError::NoChance)?
        } else {
            self.newest().clone()
        };
        let changing = Self {
            keys: vec![next, now],
            file: self.file.clone(),
        };
        changing.write()?;
        Ok(changing)
    }

    /// Forgets all but the newest.
    pub(super) fn end_change(&mut self) -> Result<(), KeyError> {
        self.keys.truncate(1);
        self.write()
    }
}

fn file_in(dir: &Path, register: &str) -> PathBuf {
    dir.join(format!("{register}.key"))
}

fn shown(looked: &[PathBuf]) -> String {
    if looked.is_empty() {
        return "no place is known".to_owned();
    }
    let all: Vec<String> = looked.iter().map(|path| path.display().to_string()).collect();
    all.join(", ")
}
