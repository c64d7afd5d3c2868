//! The office's keys: that under which those of the persons are wrapped, and that which signs checkpoints. Where each is looked
//! for, made and changed.
//!
//! ```text
//! <file>, mode 0600
//! keshi people key 1            or: keshi signing key 1
//! <64 hexadecimal digits>       the key
//! <64 hexadecimal digits>       while it is being changed: the one before
//! ```
//!
//! It lies apart from the data directory, so that a copy of that directory tells no names and signs nothing.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;
use zeroize::Zeroizing;

use self::key::Key;
use crate::files;

pub(crate) mod key;

/// Most that is read of a key's file.
const FILE_BYTES_MAX: usize = 4 << 10;

/// What a key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyOf {
    /// 人员档案: it wraps the keys of the persons.
    People,
    /// 检查点: it signs checkpoints.
    Checkpoints,
}

/// Where one of the office's keys is looked for, and where it is made when there is none yet.
///
/// The first that is given counts: the key itself, a file, the directory. It is remembered in which file a key was found,
/// so that only who moves the file names it again.
#[derive(Clone, Default)]
pub struct KeyPlaces {
    /// The key itself, 64 hexadecimal digits; while it is changed the new one, a comma, and the one before.
    pub given: Option<Zeroizing<String>>,
    /// A file that the operator names. Made for a new register if it is not there.
    pub file: Option<PathBuf>,
    /// A directory in which each register, or ledger, has a file of its own.
    pub dir: Option<PathBuf>,
}

/// Why there is no key. Nothing was changed.
#[derive(Debug, Error)]
pub enum KeyError {
    /// The key is not where it was.
    #[error(
        "the key of {of} is not there ({}): put its file back, or name it with {}; {}", shown(.looked), .of.option(),
        .of.without()
    )]
    Missing {
        /// Which one.
        of: KeyOf,
        /// Where it was looked for.
        looked: Vec<PathBuf>,
    },
    /// Another key than the one that was used.
    #[error(
        "{from} does not hold the key of {of}, which is {wanted}: name the file that does with {}, or restore {} from a backup of \
         the same time as the key", .of.option(), .of.files()
    )]
    Differs {
        /// Which one.
        of: KeyOf,
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
    #[error("the key of {of}, {}, cannot be used: check its owner and mode", .path.display())]
    Io {
        /// Which one.
        of: KeyOf,
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
    /// A new key has nowhere to be kept.
    #[error(
        "there is nowhere to keep the key of {of}: neither XDG_CONFIG_HOME nor HOME names a directory; name a file with {}",
        .of.option()
    )]
    NoPlace {
        /// Which one.
        of: KeyOf,
    },
    /// The key is given, so it cannot be changed here.
    #[error(
        "the key is given in the variable {}: put a new one, a comma and the present one there, and ask again", .of.variable()
    )]
    Given {
        /// Which one.
        of: KeyOf,
    },
    /// The system gives no random numbers.
    #[error("the system gives no random numbers: no key can be made, and nothing encrypted")]
    NoChance,
}

/// The office's key, and while it is changed the one before.
#[derive(Clone, Debug)]
pub(crate) struct Keyring {
    of: KeyOf,
    /// The newest first; at least one.
    keys: Vec<Key>,
    /// The file it was read from; `None` if the key was given.
    pub(crate) file: Option<PathBuf>,
}

// === impl KeyOf ===

impl KeyOf {
    /// The first line of its file.
    fn header(self) -> &'static str {
        match self {
            Self::People => "keshi people key 1",
            Self::Checkpoints => "keshi signing key 1",
        }
    }

    /// The option that names its file.
    pub fn option(self) -> &'static str {
        match self {
            Self::People => "--people-key",
            Self::Checkpoints => "--signing-key",
        }
    }

    /// The variable that may hold the key itself; with `_FILE` behind it, the one that names its file.
    pub fn variable(self) -> &'static str {
        match self {
            Self::People => "KESHI_PEOPLE_KEY",
            Self::Checkpoints => "KESHI_SIGNING_KEY",
        }
    }

    /// The directory below the user's configuration in which it lies unless something else is said.
    pub fn dir(self) -> &'static str {
        match self {
            Self::People => "people",
            Self::Checkpoints => "signing",
        }
    }

    /// What knows which key it was.
    pub fn files(self) -> &'static str {
        match self {
            Self::People => "people.redb and people.keys",
            Self::Checkpoints => "the file signed",
        }
    }

    fn without(self) -> &'static str {
        match self {
            Self::People => "without it nobody can read the names",
            Self::Checkpoints => {
                "whoever holds a checkpoint of this ledger trusts no other key, so none is made in its place"
            }
        }
    }
}

impl std::fmt::Display for KeyOf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::People => "the people register",
            Self::Checkpoints => "the checkpoints",
        })
    }
}

// === impl KeyPlaces ===

impl KeyPlaces {
    /// The key of the register or ledger `whose`, which has one: given, in the file named, where it was found last, or in the
    /// directory.
    pub(crate) fn find(&self, of: KeyOf, whose: &str, kept_in: Option<&Path>) -> Result<Keyring, KeyError> {
        if let Some(given) = &self.given {
            return Keyring::given(of, given);
        }
        let own = self.dir.as_ref().map(|dir| file_in(dir, whose));
        let mut looked: Vec<PathBuf> = match &self.file {
            Some(file) => vec![file.clone()],
            None => kept_in.map(Path::to_owned).into_iter().chain(own).collect(),
        };
        looked.dedup();
        for path in &looked {
            if let Some(ring) = Keyring::read(of, path)? {
                return Ok(ring);
            }
        }
        Err(KeyError::Missing { of, looked })
    }

    /// The key for a new register or ledger `whose`, made if there is none; whether it was.
    pub(crate) fn make(&self, of: KeyOf, whose: &str) -> Result<(Keyring, bool), KeyError> {
        if let Some(given) = &self.given {
            return Ok((Keyring::given(of, given)?, false));
        }
        let own = self.dir.as_ref().map(|dir| file_in(dir, whose));
        let path = self.file.clone().or(own).ok_or(KeyError::NoPlace { of })?;
        if let Some(ring) = Keyring::read(of, &path)? {
            return Ok((ring, false));
        }
        let ring = Keyring {
            of,
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
    fn given(of: KeyOf, text: &str) -> Result<Self, KeyError> {
        let from = || format!("the variable {}", of.variable());
        let keys = text.split(',').map(|one| Key::of_hex(one.trim()));
        let keys: Option<Vec<Key>> = keys.collect();
        let keys = keys.ok_or_else(|| KeyError::Malformed { from: from() })?;
        Ok(Self { of, keys, file: None })
    }

    /// The keys in a file; `None` if it is not there.
    fn read(of: KeyOf, path: &Path) -> Result<Option<Self>, KeyError> {
        let failed = |cause| KeyError::Io {
            of,
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
            .filter(|line| !line.is_empty() && *line != of.header())
            .map(Key::of_hex);
        let keys: Vec<Key> = keys.collect::<Option<_>>().ok_or_else(malformed)?;
        if keys.is_empty() {
            return Err(malformed());
        }
        Ok(Some(Self {
            of,
            keys,
            file: Some(std::path::absolute(path).unwrap_or_else(|_| path.to_owned())),
        }))
    }

    /// Writes the file, durably. A key that was given has none.
    fn write(&self) -> Result<(), KeyError> {
        let Some(path) = &self.file else { return Ok(()) };
        let mut text = Zeroizing::new(format!("{}\n", self.of.header()));
        for key in &self.keys {
            text.push_str(&key.reveal());
            text.push('\n');
        }
        let written = files::create_private_dir(files::parent(path))
            .and_then(|()| files::write_for_its_owner(path, text.as_bytes()));
        written.map_err(|cause| KeyError::Io {
            of: self.of,
            path: path.clone(),
            cause,
        })
    }

    /// The key to wrap with.
    pub(crate) fn newest(&self) -> &Key {
        &self.keys[0]
    }

    /// Whether a file holds the key before the newest, too.
    pub(crate) fn is_changing(&self) -> bool {
        self.file.is_some() && self.keys.len() > 1
    }

    /// The key of this id.
    pub(crate) fn of_id(&self, wanted: &str) -> Result<&Key, KeyError> {
        let found = self.keys.iter().find(|key| key.id() == wanted);
        found.ok_or_else(|| KeyError::Differs {
            of: self.of,
            from: self.shown(),
            wanted: wanted.to_owned(),
        })
    }

    fn shown(&self) -> String {
        self.file.as_ref().map_or_else(
            || format!("the variable {}", self.of.variable()),
            |file| file.display().to_string(),
        )
    }

    /// Puts a new key before the one that wraps now, named `present`, on disk. A given one is to be there already.
    pub(crate) fn begin_change(&self, present: &str) -> Result<Self, KeyError> {
        let now = self.of_id(present)?.clone();
        if self.file.is_none() {
            return if self.newest().id() == present {
                Err(KeyError::Given { of: self.of })
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
            of: self.of,
            keys: vec![next, now],
            file: self.file.clone(),
        };
        changing.write()?;
        Ok(changing)
    }

    /// Forgets all but the newest.
    pub(crate) fn end_change(&mut self) -> Result<(), KeyError> {
        self.keys.truncate(1);
        self.write()
    }
}

fn file_in(dir: &Path, whose: &str) -> PathBuf {
    dir.join(format!("{whose}.key"))
}

fn shown(looked: &[PathBuf]) -> String {
    if looked.is_empty() {
        return "no place is known".to_owned();
    }
    let all: Vec<String> = looked.iter().map(|path| path.display().to_string()).collect();
    all.join(", ")
}
