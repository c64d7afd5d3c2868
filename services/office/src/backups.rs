//! Which backups were made of an office's directory, as far as it was told: so that somebody notices when there are none.
//!
//! ```text
//! <data>/<office>/backups       the latest last
//! {"made_at":"2022-09-01T08:00:00Z","dir":"/mnt/usb/keshi","size":5908,"root":"f2e6…"}
//! ```
//!
//! It is a note and proves nothing: what a backup holds, the backup itself shows.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use keshi_core::ids::Sha256;
use serde::{Deserialize, Serialize};

use crate::files::write_atomically;

/// Most backups that are remembered.
pub const NOTED_MAX: usize = 20;

/// A backup that was made and verified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotedBackup {
    /// When.
    pub made_at: Timestamp,
    /// Where, as its maker named the place.
    pub dir: PathBuf,
    /// Entries in it.
    pub size: u64,
    /// Their root.
    #[serde(with = "hex_root")]
    pub root: Sha256,
}

/// The backups noted in `file`, the latest first. None if there is no such file; lines that cannot be read are passed over.
///
/// # Errors
///
/// What the system said.
pub fn noted(file: &Path) -> io::Result<Vec<NotedBackup>> {
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let lines = text.lines().rev().take(NOTED_MAX);
    Ok(lines.filter_map(|line| serde_json::from_str(line).ok()).collect())
}

/// Notes a backup in `file`; beyond [`NOTED_MAX`] the oldest is forgotten.
///
/// # Errors
///
/// What the system said.
pub fn note(file: &Path, backup: &NotedBackup) -> io::Result<()> {
    let mut lines = Vec::new();
    for known in noted(file)?.iter().take(NOTED_MAX - 1).rev().chain([backup]) {
        lines.extend(serde_json::to_vec(known)?);
        lines.push(b'\n');
    }
    write_atomically(file, &lines)
}

mod hex_root {
    use keshi_core::hex;
    use keshi_core::ids::Sha256;
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(root: &Sha256, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::show(&root.0))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Sha256, D::Error> {
        let text = String::deserialize(deserializer)?;
        hex::read(&text).map(Sha256).ok_or_else(|| D::Error::custom("no root"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn backup(size: u64) -> NotedBackup {
        NotedBackup {
            made_at: Timestamp::from_second(1_700_000_000 + i64::try_from(size).unwrap()).unwrap(),
            dir: "/mnt/usb".into(),
            size,
            root: Sha256([7; 32]),
        }
    }

    #[test]
    fn the_latest_backups_are_remembered_the_latest_first() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("backups");
        assert_eq!(noted(&file).unwrap(), []);
        for size in 0..25 {
            note(&file, &backup(size)).unwrap();
        }
        let found = noted(&file).unwrap();
        let expected: Vec<_> = (5..25).rev().map(backup).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_line_that_cannot_be_read_does_not_hide_the_others() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("backups");
        note(&file, &backup(1)).unwrap();
        let text = fs::read_to_string(&file).unwrap();
        fs::write(&file, format!("{text}nonsense\n")).unwrap();
        note(&file, &backup(2)).unwrap();
        assert_eq!(noted(&file).unwrap(), [backup(2), backup(1)]);
    }
}
