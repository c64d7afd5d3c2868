//! The keys of the persons, each wrapped under the office's: a small file that is rewritten whole.
//!
//! ```text
//! <data>/<office>/people.keys, mode 0600
//! keshi people keys 1
//! register <id>                 what the records are bound to, beside the person
//! wrapped-by <key id>           the office's key
//! kept-in <path>                where that was found last
//! unscrubbed                    people.redb still holds bytes of what was erased or lay open
//! key <teacher id> <base64>     one for each person
//! erased <teacher id> <time>    one for each person whose key was destroyed
//! sha256 <of the lines before>
//! ```
//!
//! A register in redb keeps deleted bytes in free pages, and every backup of it keeps what it was. What a person's key has
//! sealed is lost with the key, wherever copies of it lie; so the keys are in a file that keeps nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use jiff::Timestamp;
use keshi_core::ids::Sha256;

use super::error::OpenError;
use crate::keyring::key::{Key, NoChance};
use crate::keyring::{KeyError, Keyring};
use crate::{files, is_ledger_id};

const HEADER: &str = "keshi people keys 1";

/// The file as it lies there: what wraps the keys is named, the keys are still wrapped.
#[derive(Debug)]
pub(super) struct Wrapped {
    pub(super) register: String,
    pub(super) by: String,
    pub(super) kept_in: Option<PathBuf>,
    is_unscrubbed: bool,
    keys: BTreeMap<String, Vec<u8>>,
    erased: BTreeMap<String, Timestamp>,
}

/// The keys of the persons, open.
#[derive(Clone, Debug)]
pub(super) struct Keys {
    pub(super) register: String,
    pub(super) kept_in: Option<PathBuf>,
    /// Whether bytes of what was erased, or lay open, may still be in the register's file.
    pub(super) is_unscrubbed: bool,
    of: BTreeMap<String, Key>,
    erased: BTreeMap<String, Timestamp>,
}

/// Where the keys of the register at `people` lie.
pub(super) fn path_beside(people: &Path) -> PathBuf {
    people.with_extension("keys")
}

// === impl Wrapped ===

impl Wrapped {
    /// Reads the file; `None` if it is not there.
    pub(super) fn read(path: &Path) -> Result<Option<Self>, OpenError> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(cause) if cause.kind() == io::ErrorKind::InvalidData => return Err(damaged(path)),
            Err(cause) => return Err(OpenError::of_io(path, cause)),
        };
        Self::parse(&text).map(Some).ok_or_else(|| damaged(path))
    }

    /// Copies the file, verified but not opened, and says of how many people.
    pub(super) fn carry(from: &Path, to: &Path) -> Result<usize, OpenError> {
        let missing = || OpenError::KeysMissing { path: from.to_owned() };
        let bytes = fs::read(from).map_err(|cause| match cause.kind() {
            io::ErrorKind::NotFound => missing(),
            _ => OpenError::of_io(from, cause),
        })?;
        let text = std::str::from_utf8(&bytes).map_err(|_| damaged(from))?;
        let people = Self::parse(text).ok_or_else(|| damaged(from))?.keys.len();
        let written = files::create_private_dir(files::parent(to))
            .and_then(|()| files::replace(&files::beside(to, "new"), to, &bytes));
        written.map_err(|cause| OpenError::of_io(to, cause))?;
        Ok(people)
    }

    fn parse(text: &str) -> Option<Self> {
        let (body, sum) = text.rsplit_once("sha256 ")?;
        if sum.strip_suffix('\n')? != Sha256::of(body.as_bytes()).to_string() {
            return None;
        }
        let mut lines = body.lines();
        if lines.next()? != HEADER {
            return None;
        }
        let mut wrapped = Self {
            register: lines.next()?.strip_prefix("register ")?.to_owned(),
            by: lines.next()?.strip_prefix("wrapped-by ")?.to_owned(),
            kept_in: None,
            is_unscrubbed: false,
            keys: BTreeMap::new(),
            erased: BTreeMap::new(),
        };
        for line in lines {
            match line.split_once(' ') {
                Some(("kept-in", path)) => wrapped.kept_in = Some(path.into()),
                Some(("key", rest)) => {
                    let (id, key) = rest.split_once(' ')?;
                    wrapped.keys.insert(id.to_owned(), BASE64.decode(key).ok()?);
                }
                Some(("erased", rest)) => {
                    let (id, at) = rest.split_once(' ')?;
                    wrapped.erased.insert(id.to_owned(), at.parse().ok()?);
                }
                None if line == "unscrubbed" => wrapped.is_unscrubbed = true,
                _ => return None,
            }
        }
        Some(wrapped)
    }

    /// Unwraps the keys with the office's.
    pub(super) fn open(self, path: &Path, ring: &Keyring) -> Result<Keys, OpenError> {
        let key = ring.of_id(&self.by)?;
        let mut keys = BTreeMap::new();
        for (id, wrapped) in self.keys {
            let opened = key.open(&about_key(&self.register, &id), &wrapped);
            let own = opened.and_then(|bytes| Key::of_bytes(&bytes));
            keys.insert(id, own.ok_or_else(|| damaged(path))?);
        }
        Ok(Keys {
            register: self.register,
            kept_in: self.kept_in,
            is_unscrubbed: self.is_unscrubbed,
            of: keys,
            erased: self.erased,
        })
    }
}

// === impl Keys ===

impl Keys {
    /// Those of a new register.
    pub(super) fn new(register: String) -> Self {
        Self {
            register,
            kept_in: None,
            is_unscrubbed: false,
            of: BTreeMap::new(),
            erased: BTreeMap::new(),
        }
    }

    /// Writes the file anew, durably, under the newest key of `ring`. After an error the old or the new one is there, whole.
    pub(super) fn write(&self, path: &Path, ring: &Keyring) -> Result<(), OpenError> {
        let text = self.text(ring).map_err(|NoChance| KeyError::NoChance)?;
        // Its name is taken again: none that was cut short is left lying about.
        let written = files::replace(&files::beside(path, "new"), path, text.as_bytes());
        written.map_err(|cause| OpenError::of_io(path, cause))
    }

    fn text(&self, ring: &Keyring) -> Result<String, NoChance> {
        let wrapping = ring.newest();
        let mut lines = vec![
            HEADER.to_owned(),
            format!("register {}", self.register),
            format!("wrapped-by {}", wrapping.id()),
        ];
        let kept_in = self.kept_in.as_ref().and_then(|path| path.to_str());
        // A path with a line feed in it is not remembered: it is named each time.
        if let Some(path) = kept_in.filter(|path| !path.contains('\n')) {
            lines.push(format!("kept-in {path}"));
        }
        if self.is_unscrubbed {
            lines.push("unscrubbed".to_owned());
        }
        for (id, key) in &self.of {
            let wrapped = wrapping.seal(&about_key(&self.register, id), key.bytes())?;
            lines.push(format!("key {id} {}", BASE64.encode(wrapped)));
        }
        for (id, at) in &self.erased {
            lines.push(format!("erased {id} {at}"));
        }
        let body = lines.join("\n") + "\n";
        Ok(format!("{body}sha256 {}\n", Sha256::of(body.as_bytes())))
    }

    /// The key of one person.
    pub(super) fn of(&self, teacher_id: &str) -> Option<&Key> {
        self.of.get(teacher_id)
    }

    /// Makes keys for those who have none; whether there was one.
    pub(super) fn add<'i>(&mut self, teacher_ids: impl IntoIterator<Item = &'i str>) -> Result<bool, NoChance> {
        let mut is_changed = false;
        for id in teacher_ids {
            if is_ledger_id(id) && !self.of.contains_key(id) {
                self.of.insert(id.to_owned(), Key::random()?);
                is_changed = true;
            }
        }
        Ok(is_changed)
    }

    /// Destroys the key of one person.
    pub(super) fn erase(&mut self, teacher_id: &str, at: Timestamp) {
        self.of.remove(teacher_id);
        if is_ledger_id(teacher_id) {
            self.erased.insert(teacher_id.to_owned(), at);
        }
    }

    /// Forgets that a person was erased; whether she was.
    pub(super) fn readmit(&mut self, teacher_id: &str) -> bool {
        self.erased.remove(teacher_id).is_some()
    }

    /// When a person was erased, if she was.
    pub(super) fn erased_at(&self, teacher_id: &str) -> Option<Timestamp> {
        self.erased.get(teacher_id).copied()
    }

    /// Who was erased.
    pub(super) fn erased(&self) -> BTreeSet<String> {
        self.erased.keys().cloned().collect()
    }
}

fn about_key<'a>(register: &'a str, teacher_id: &'a str) -> [&'a str; 3] {
    ["key of a person 1", register, teacher_id]
}

fn damaged(path: &Path) -> OpenError {
    OpenError::KeysDamaged { path: path.to_owned() }
}
