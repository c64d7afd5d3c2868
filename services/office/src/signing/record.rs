//! The list of public keys: a small file that is rewritten whole.
//!
//! ```text
//! <data>/<office>/signed, mode 0600
//! keshi signed 1
//! origin <origin>               whose checkpoints: office and ledger
//! signed-by <key id>            what names the present key
//! kept-in <path>                where that was found last
//! ended <key> <from> <until>    a public key of before, and at which sizes it signed first and last
//! key <key> <from>              the present one
//! sha256 <of the lines before>
//! ```

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use keshi_core::ids::Sha256;
use keshi_verify::key::VerifierKey;

use super::error::SigningError;
use crate::files;

const HEADER: &str = "keshi signed 1";

/// A key that signed checkpoints, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    /// The key.
    pub key: VerifierKey,
    /// The size of the ledger when it came.
    pub from: u64,
    /// The size of the ledger when it went; `None` for the present one.
    pub until: Option<u64>,
}

/// The list.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) origin: String,
    pub(super) signed_by: String,
    pub(super) kept_in: Option<PathBuf>,
    /// At least one; the present one last.
    pub(super) keys: Vec<PublicKey>,
}

/// Copies the list at `from`, verified, and says how many keys are in it.
///
/// # Errors
///
/// [`SigningError`] if it is not what was written, or cannot be copied.
pub fn carry(from: &Path, to: &Path) -> Result<usize, SigningError> {
    let read = Record::read(from)?.ok_or_else(|| SigningError::Io {
        path: from.to_owned(),
        cause: io::ErrorKind::NotFound.into(),
    })?;
    let made = files::create_private_dir(files::parent(to));
    made.map_err(|cause| SigningError::Io {
        path: to.to_owned(),
        cause,
    })?;
    read.write(to)?;
    Ok(read.keys.len())
}

impl Record {
    /// The list of a ledger whose first key comes when it has `size` entries.
    pub(super) fn new(origin: String, signed_by: String, key: VerifierKey, size: u64) -> Self {
        let first = PublicKey {
            key,
            from: size,
            until: None,
        };
        Self {
            origin,
            signed_by,
            kept_in: None,
            keys: vec![first],
        }
    }

    /// The present key.
    pub(super) fn present(&self) -> &VerifierKey {
        // There is always one: `parse` and `new` see to it.
        &self.keys[self.keys.len() - 1].key
    }

    /// Lets a key follow on the present one.
    pub(super) fn succeed(&mut self, signed_by: String, key: VerifierKey, size: u64) {
        if let Some(present) = self.keys.last_mut() {
            present.until = Some(size);
        }
        self.signed_by = signed_by;
        self.keys.push(PublicKey {
            key,
            from: size,
            until: None,
        });
    }

    /// Reads the list; `None` if it is not there.
    pub(super) fn read(path: &Path) -> Result<Option<Self>, SigningError> {
        let damaged = || SigningError::Damaged { path: path.to_owned() };
        match fs::read_to_string(path) {
            Ok(text) => Self::parse(&text).map(Some).ok_or_else(damaged),
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(cause) if cause.kind() == io::ErrorKind::InvalidData => Err(damaged()),
            Err(cause) => Err(SigningError::Io {
                path: path.to_owned(),
                cause,
            }),
        }
    }

    /// Writes the list anew, durably. After an error the old or the new one is there, whole.
    pub(super) fn write(&self, path: &Path) -> Result<(), SigningError> {
        let written = files::replace(&files::beside(path, "new"), path, self.text().as_bytes());
        written.map_err(|cause| SigningError::Io {
            path: path.to_owned(),
            cause,
        })
    }

    fn text(&self) -> String {
        let mut lines = vec![
            HEADER.to_owned(),
            format!("origin {}", self.origin),
            format!("signed-by {}", self.signed_by),
        ];
        let kept_in = self.kept_in.as_ref().and_then(|path| path.to_str());
        // A path with a line feed in it is not remembered: it is named each time.
        if let Some(path) = kept_in.filter(|path| !path.contains('\n')) {
            lines.push(format!("kept-in {path}"));
        }
        for PublicKey { key, from, until } in &self.keys {
            lines.push(match until {
                Some(until) => format!("ended {key} {from} {until}"),
                None => format!("key {key} {from}"),
            });
        }
        let body = lines.join("\n") + "\n";
        format!("{body}sha256 {}\n", Sha256::of(body.as_bytes()))
    }

    fn parse(text: &str) -> Option<Self> {
        let (body, sum) = text.rsplit_once("sha256 ")?;
        if sum.strip_suffix('\n')? != Sha256::of(body.as_bytes()).to_string() {
            return None;
        }
        let mut lines = body.lines().peekable();
        if lines.next()? != HEADER {
            return None;
        }
        let origin = lines.next()?.strip_prefix("origin ")?.to_owned();
        let signed_by = lines.next()?.strip_prefix("signed-by ")?.to_owned();
        let kept_in = lines.next_if(|line| line.starts_with("kept-in "));
        let kept_in = kept_in
            .and_then(|line| line.strip_prefix("kept-in "))
            .map(PathBuf::from);
        let keys: Option<Vec<PublicKey>> = lines.map(read_key).collect();
        let keys = keys?;
        let (present, ended) = keys.split_last()?;
        (present.until.is_none() && ended.iter().all(|key| key.until.is_some())).then(|| Self {
            origin,
            signed_by,
            kept_in,
            keys: keys.clone(),
        })
    }
}

fn read_key(line: &str) -> Option<PublicKey> {
    let fields: Vec<&str> = line.split(' ').collect();
    let (key, from, until) = match fields[..] {
        ["key", key, from] => (key, from, None),
        ["ended", key, from, until] => (key, from, Some(until.parse().ok()?)),
        _ => return None,
    };
    Some(PublicKey {
        key: VerifierKey::parse(key).ok()?,
        from: from.parse().ok()?,
        until,
    })
}
