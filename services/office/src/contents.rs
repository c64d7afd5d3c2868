//! What a directory should hold, so that what was lost is not made anew in silence.
//!
//! ```text
//! <directory>/contents
//! keshi contents 1
//! access.redb               one line for each part that was made here
//! ledger
//! people.redb
//! reads
//! sha256 <of the lines before>
//! ```
//!
//! A directory rolled back as a whole holds what it says; that only something kept outside can tell.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use keshi_core::ids::Sha256;
use thiserror::Error;

use crate::files;

const NAME: &str = "contents";
const HEADER: &str = "keshi contents 1";

/// Why a directory is not what it was.
#[derive(Debug, Error)]
pub enum ContentsError {
    /// Parts that were made here are gone.
    #[error(
        "{} has lost {}: put it back from a backup; to begin it anew on purpose, empty the file {}", .dir.display(),
        .missing.join(", "), .dir.join(NAME).display()
    )]
    Lost {
        /// The directory.
        dir: PathBuf,
        /// What is missing.
        missing: Vec<String>,
    },
    /// The list itself is gone, but parts are there: something else may be gone too.
    #[error(
        "{} holds {} but no list of what it should hold: put the file {} back from a backup; to take what is there for \
         all, make it an empty file", .dir.display(), .there.join(", "), .dir.join(NAME).display()
    )]
    Unlisted {
        /// The directory.
        dir: PathBuf,
        /// What is there.
        there: Vec<String>,
    },
    /// The list is not what was written.
    #[error("{} is damaged: put it back from a backup; to take what is there for all, empty it", .path.display())]
    Damaged {
        /// The list.
        path: PathBuf,
    },
    /// The list cannot be read or written.
    #[error("{} cannot be used: check its owner and the disk", .path.display())]
    Io {
        /// The list.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
}

/// Checks that `dir` holds every part that was made in it. A new one is to get its list, by [`note`], before its first part.
///
/// `evidence` are the parts that no directory has without a list; an empty list stands for what is there.
///
/// # Errors
///
/// [`ContentsError`], which says what to do.
pub fn check(dir: &Path, evidence: &[&str]) -> Result<(), ContentsError> {
    let path = dir.join(NAME);
    match fs::read_to_string(&path) {
        Ok(text) if text.is_empty() => Ok(()),
        Ok(text) => {
            let listed = parse(&text).ok_or(ContentsError::Damaged { path })?;
            let missing: Vec<String> = listed.into_iter().filter(|part| !dir.join(part).exists()).collect();
            if missing.is_empty() {
                return Ok(());
            }
            Err(ContentsError::Lost {
                dir: dir.to_owned(),
                missing,
            })
        }
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => {
            let there = evidence.iter().filter(|part| dir.join(part).exists());
            let there: Vec<String> = there.map(ToString::to_string).collect();
            if there.is_empty() {
                return Ok(());
            }
            Err(ContentsError::Unlisted {
                dir: dir.to_owned(),
                there,
            })
        }
        Err(cause) if cause.kind() == io::ErrorKind::InvalidData => Err(ContentsError::Damaged { path }),
        Err(cause) => Err(ContentsError::Io { path, cause }),
    }
}

/// Adds `parts`, which were made or found, to what `dir` should hold.
///
/// # Errors
///
/// [`ContentsError::Io`] if the list cannot be written.
pub fn note(dir: &Path, parts: &[&str]) -> Result<(), ContentsError> {
    let path = dir.join(NAME);
    let before = fs::read_to_string(&path).ok().and_then(|text| parse(&text));
    let mut listed = before.clone().unwrap_or_default();
    listed.extend(parts.iter().map(ToString::to_string));
    if before.as_ref() == Some(&listed) {
        return Ok(());
    }
    write(&path, &listed)
}

fn write(path: &Path, parts: &BTreeSet<String>) -> Result<(), ContentsError> {
    let lines: Vec<&str> = [HEADER].into_iter().chain(parts.iter().map(String::as_str)).collect();
    let body = lines.join("\n") + "\n";
    let text = format!("{body}sha256 {}\n", Sha256::of(body.as_bytes()));
    files::write_atomically(path, text.as_bytes()).map_err(|cause| ContentsError::Io {
        path: path.to_owned(),
        cause,
    })
}

/// The parts of a list; `None` if it is damaged.
fn parse(text: &str) -> Option<BTreeSet<String>> {
    let (body, sum) = text.rsplit_once("sha256 ")?;
    if sum.strip_suffix('\n')? != Sha256::of(body.as_bytes()).to_string() {
        return None;
    }
    let parts = body.strip_prefix(HEADER)?.lines().filter(|line| !line.is_empty());
    Some(parts.map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    const PARTS: [&str; 2] = ["ledger", "people.redb"];

    fn made() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        check(dir.path(), &PARTS).unwrap();
        note(dir.path(), &[]).unwrap();
        fs::create_dir(dir.path().join("ledger")).unwrap();
        fs::write(dir.path().join("people.redb"), "x").unwrap();
        note(dir.path(), &PARTS).unwrap();
        check(dir.path(), &PARTS).unwrap();
        dir
    }

    #[test]
    fn each_part_that_is_lost_is_named_until_the_list_is_emptied_on_purpose() {
        for part in PARTS {
            let dir = made();
            let path = dir.path().join(part);
            fs::remove_dir(&path).or_else(|_| fs::remove_file(&path)).unwrap();
            for _ in 0..2 {
                let lost = check(dir.path(), &PARTS);
                assert!(
                    matches!(&lost, Err(ContentsError::Lost { missing, .. }) if missing == &[part]),
                    "{lost:?}"
                );
            }
            fs::write(dir.path().join(NAME), "").unwrap();
            check(dir.path(), &PARTS).unwrap();
            fs::write(&path, "anew").unwrap();
            note(dir.path(), &PARTS).unwrap();
            check(dir.path(), &PARTS).unwrap();
        }
    }

    #[test]
    fn a_lost_or_damaged_list_is_an_error_where_parts_are_there() {
        let dir = made();
        let list = dir.path().join(NAME);
        assert_eq!(fs::metadata(&list).unwrap().permissions().mode() & 0o777, 0o600);
        let text = fs::read(&list).unwrap();
        for at in 0..text.len() {
            let mut bytes = text.clone();
            bytes[at] ^= 1;
            fs::write(&list, bytes).unwrap();
            let found = check(dir.path(), &PARTS);
            assert!(
                matches!(found, Err(ContentsError::Damaged { .. })),
                "byte {at}: {found:?}"
            );
        }
        fs::remove_file(&list).unwrap();
        let found = check(dir.path(), &PARTS);
        assert!(matches!(found, Err(ContentsError::Unlisted { .. })), "{found:?}");
        fs::write(&list, text).unwrap();
        check(dir.path(), &PARTS).unwrap();
    }

    #[test]
    fn a_first_start_that_a_crash_broke_off_goes_on() {
        let dir = tempfile::tempdir().unwrap();
        check(dir.path(), &PARTS).unwrap();
        note(dir.path(), &[]).unwrap();
        fs::create_dir(dir.path().join("ledger")).unwrap();
        check(dir.path(), &PARTS).unwrap();
    }
}
