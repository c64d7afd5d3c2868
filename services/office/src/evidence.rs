//! Evidence: the files that stand behind claims, sealed with the key of her whom they are about.
//!
//! ```text
//! <data>/<office>/evidence/<SHA-256 of the file>.<teacher id>, mode 0600
//! "KSE1" | length of what follows, 4 bytes | sealed: name, kind, days | sealed: the file | SHA-256 of all before
//! ```
//!
//! The entry of the ledger has the file's SHA-256 and nothing else of it. The last sum tells damage without any key, so that
//! a backup and `keshi doctor` can look for it. Erasing a person destroys her key, and her files go.

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use keshi_core::hex;
use keshi_core::ids::Sha256;
use keshi_core::text::is_bidi_control;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use tracing::info;

use crate::people::{Register, RegisterError};
use crate::{files, is_ledger_id};

/// Largest file that is taken, in bytes.
pub const FILE_BYTES_MAX: usize = 10 << 20;

/// Most that is kept about one person, in bytes.
pub const PERSON_BYTES_MAX: u64 = 100 << 20;

/// Most that is kept in all, in bytes.
pub const ALL_BYTES_MAX: u64 = 20 << 30;

/// Longest name of a file, in characters, without its ending.
const NAME_LEN_MAX: usize = 60;

const MAGIC: &[u8; 4] = b"KSE1";
const SUM_BYTES: usize = 32;

/// What beside the file itself lies in one: sealing, what is said about it, the sum.
const OVERHEAD_BYTES: usize = 4 << 10;

/// The kinds of file that are taken, told by their content alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Media {
    /// PDF
    Pdf,
    /// JPEG
    Jpeg,
    /// PNG
    Png,
    /// WebP
    Webp,
}

/// A file to be kept.
#[derive(Debug)]
pub struct New<'a> {
    /// Whom it is about.
    pub teacher_id: &'a str,
    /// Its name, as given.
    pub name: &'a str,
    /// All of it.
    pub bytes: &'a [u8],
    /// Who gave it: the id of her token or account.
    pub by: &'a str,
    /// When.
    pub at: Timestamp,
    /// The last day on which it is kept.
    pub keep_until: Date,
}

/// What is known of a file that is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Its name, cleaned, with the ending of its kind.
    pub name: String,
    /// What it is.
    pub media: Media,
    /// How long it is, in bytes.
    pub size: u64,
    /// Who gave it.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// The last day on which it is kept.
    pub keep_until: Date,
}

/// A file that lies in the directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lying {
    /// Of the file that was given.
    pub sha256: Sha256,
    /// Whom it is about.
    pub teacher_id: String,
    /// What it takes on disk, in bytes.
    pub bytes: u64,
    /// Whether it is as it was written.
    pub is_whole: bool,
}

/// Why a file is not taken, or not given. No message holds its name.
#[derive(Debug, Error)]
pub enum EvidenceError {
    /// Nothing in it.
    #[error("the file is empty")]
    Empty,
    /// Too large.
    #[error("the file has {bytes} bytes, at most {FILE_BYTES_MAX} are taken: scan it smaller, or in parts")]
    TooLarge {
        /// How many there are.
        bytes: u64,
    },
    /// Something else than a picture or a PDF.
    #[error("the file is no PDF, JPEG, PNG or WebP by its content: print it to PDF, or photograph it")]
    Kind,
    /// As much as is kept is kept.
    #[error("no more files are kept {}: at most {max} bytes", if *.of_person { "about her" } else { "in this office" })]
    Full {
        /// Whether it is hers that are too many, or all.
        of_person: bool,
        /// Most that is kept, in bytes.
        max: u64,
    },
    /// It is not there.
    #[error("the file is not kept here: let it be given again, or put it back from a backup")]
    Missing,
    /// It is not what was written.
    #[error("the file is damaged: put it back from a backup, or let it be given again")]
    Damaged,
    /// She was erased, and her files with her.
    #[error("her identity was erased, and her files with it")]
    Erased,
    /// The register failed.
    #[error(transparent)]
    Register(#[from] RegisterError),
    /// The disk.
    #[error("the directory of evidence, {}, cannot be used: check its owner and the disk", .path.display())]
    Io {
        /// The directory or file.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
}

/// The evidence of one office. Share it between threads behind an `Arc`; it blocks on the disk.
#[derive(Debug)]
pub struct Evidence {
    dir: PathBuf,
    people: Arc<Register>,
    /// One change at a time, so that what is kept stays below its bounds.
    changing: Mutex<()>,
}

// === impl Media ===

impl Media {
    /// What a file is, by its first bytes; nothing of its name is believed.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [b'%', b'P', b'D', b'F', b'-', ..] => Some(Self::Pdf),
            [0xFF, 0xD8, 0xFF, ..] => Some(Self::Jpeg),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => Some(Self::Png),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::Webp),
            _ => None,
        }
    }

    /// The ending of its files' names.
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Webp => "webp",
        }
    }

    /// Its name on the web.
    pub const fn mime(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Webp => "image/webp",
        }
    }
}

/// A name that can be shown and saved anywhere: the last part of a path, without what turns writing around or means something
/// to a system, with the ending of what the file is.
pub fn cleaned(name: &str, media: Media) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = last.rsplit_once('.').map_or(last, |(stem, _)| stem);
    let is_odd = |c: char| c.is_control() || is_bidi_control(c) || matches!(c, '\u{200B}'..='\u{200F}' | '\u{FEFF}');
    let letters = stem.chars().filter(|c| !is_odd(*c));
    let plain = letters.map(|c| if "<>:\"|?*;%&'`$#.".contains(c) { '_' } else { c });
    let plain: String = plain.take(NAME_LEN_MAX).collect();
    let plain = plain.trim();
    let stem = if plain.is_empty() { "佐证材料" } else { plain };
    format!("{stem}.{}", media.ending())
}

/// The last day on which evidence of what happened on this day is kept: five years after the end of its five-year cycle, 2021 to
/// 2025 being one (DOMAIN §14).
pub fn keep_until(occurred_to: Date) -> Date {
    let cycle_end = occurred_to.year().saturating_add(4) / 5 * 5;
    Date::new(cycle_end.saturating_add(5), 12, 31).unwrap_or(Date::MAX)
}

// === impl Evidence ===

impl Evidence {
    /// The evidence in `dir`, which is made with the first file.
    pub fn new(dir: impl Into<PathBuf>, people: Arc<Register>) -> Self {
        Self {
            dir: dir.into(),
            people,
            changing: Mutex::default(),
        }
    }

    /// Keeps a file, durably; the same again changes nothing. Its SHA-256 is what the entry names it by.
    ///
    /// # Errors
    ///
    /// [`EvidenceError`]; nothing was kept.
    pub fn put(&self, new: &New<'_>) -> Result<(Sha256, Kept), EvidenceError> {
        let size = new.bytes.len() as u64;
        if new.bytes.is_empty() {
            return Err(EvidenceError::Empty);
        }
        if new.bytes.len() > FILE_BYTES_MAX {
            return Err(EvidenceError::TooLarge { bytes: size });
        }
        let media = Media::of(new.bytes).ok_or(EvidenceError::Kind)?;
        if self.people.erased_at(new.teacher_id)?.is_some() {
            return Err(EvidenceError::Erased);
        }
        let sha256 = Sha256::of(new.bytes);
        let _alone = self.changing.lock();
        // One that is damaged is written anew.
        if let Ok((kept, _)) = self.get(new.teacher_id, &sha256) {
            return Ok((sha256, kept));
        }
        self.check_room(new.teacher_id, size)?;
        let kept = Kept {
            name: cleaned(new.name, media),
            media,
            size,
            by: new.by.to_owned(),
            at: new.at,
            keep_until: new.keep_until,
        };
        let path = self.path(new.teacher_id, &sha256);
        let io = |cause| EvidenceError::Io {
            path: path.clone(),
            cause,
        };
        let about = serde_json::to_vec(&kept).map_err(|error| io(error.into()))?;
        let name = hex::show(&sha256.0);
        let about = self.people.seal(new.teacher_id, &["evidence is 1", &name], &about)?;
        let body = self.people.seal(new.teacher_id, &["evidence 1", &name], new.bytes)?;
        let length = u32::try_from(about.len()).map_err(|_| EvidenceError::Kind)?;
        let mut all = [MAGIC.as_slice(), &length.to_be_bytes(), &about, &body].concat();
        let Sha256(sum) = Sha256::of(&all);
        all.extend_from_slice(&sum);
        files::create_private_dir(&self.dir)
            .and_then(|()| files::replace(&self.dir.join("new"), &path, &all))
            .map_err(io)?;
        info!(
            teacher_id = new.teacher_id,
            sha256 = name,
            bytes = size,
            "evidence kept"
        );
        Ok((sha256, kept))
    }

    /// A file about this person, and what is known of it.
    ///
    /// # Errors
    ///
    /// [`EvidenceError`]: missing, damaged, erased, or the disk.
    pub fn get(&self, teacher_id: &str, sha256: &Sha256) -> Result<(Kept, Vec<u8>), EvidenceError> {
        if self.people.erased_at(teacher_id)?.is_some() {
            return Err(EvidenceError::Erased);
        }
        let path = self.path(teacher_id, sha256);
        let bytes = files::read_up_to(&path, FILE_BYTES_MAX + OVERHEAD_BYTES).map_err(|cause| match cause.kind() {
            io::ErrorKind::NotFound => EvidenceError::Missing,
            io::ErrorKind::FileTooLarge => EvidenceError::Damaged,
            _ => EvidenceError::Io { path, cause },
        })?;
        let (about, body) = parts(&bytes).ok_or(EvidenceError::Damaged)?;
        let name = hex::show(&sha256.0);
        let about = self.people.unseal(teacher_id, &["evidence is 1", &name], about)?;
        let body = self.people.unseal(teacher_id, &["evidence 1", &name], body)?;
        let (Some(about), Some(body)) = (about, body) else {
            return Err(EvidenceError::Damaged);
        };
        let kept: Kept = serde_json::from_slice(&about).map_err(|_| EvidenceError::Damaged)?;
        if Sha256::of(&body) != *sha256 {
            return Err(EvidenceError::Damaged);
        }
        Ok((kept, body.to_vec()))
    }

    /// What is known of a file, without the file.
    ///
    /// # Errors
    ///
    /// As [`Evidence::get`]; damage of the file's own bytes is not looked for.
    pub fn about(&self, teacher_id: &str, sha256: &Sha256) -> Result<Kept, EvidenceError> {
        if self.people.erased_at(teacher_id)?.is_some() {
            return Err(EvidenceError::Erased);
        }
        let path = self.path(teacher_id, sha256);
        let head = head(&path).map_err(|cause| match cause.kind() {
            io::ErrorKind::NotFound => EvidenceError::Missing,
            io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData => EvidenceError::Damaged,
            _ => EvidenceError::Io { path, cause },
        })?;
        let name = hex::show(&sha256.0);
        let about = self.people.unseal(teacher_id, &["evidence is 1", &name], &head)?;
        let about = about.ok_or(EvidenceError::Damaged)?;
        serde_json::from_slice(&about).map_err(|_| EvidenceError::Damaged)
    }

    /// What is kept about a person; what is damaged is left out.
    ///
    /// # Errors
    ///
    /// [`EvidenceError::Io`] if the directory cannot be read.
    pub fn of(&self, teacher_id: &str) -> Result<Vec<(Sha256, Kept)>, EvidenceError> {
        let hers = listed(&self.dir)?
            .into_iter()
            .filter(|(_, whose, _)| whose == teacher_id);
        let known = hers.filter_map(|(sha256, ..)| Some((sha256, self.about(teacher_id, &sha256).ok()?)));
        Ok(known.collect())
    }

    /// Removes what is kept about a person; of how many files. What a backup has of them opens no more once her key is gone.
    ///
    /// # Errors
    ///
    /// [`EvidenceError::Io`] if one cannot be removed.
    pub fn erase(&self, teacher_id: &str) -> Result<usize, EvidenceError> {
        let _alone = self.changing.lock();
        let hers = |(_, whose, _): &(Sha256, String, u64)| whose == teacher_id;
        let hers: Vec<_> = listed(&self.dir)?.into_iter().filter(hers).collect();
        for (sha256, ..) in &hers {
            self.remove(teacher_id, sha256)?;
        }
        Ok(hers.len())
    }

    /// Removes the files whose last day is before `today`; how many.
    ///
    /// # Errors
    ///
    /// [`EvidenceError`]; what was removed before stays so. A file that does not say what it is any more is left.
    pub fn purge(&self, today: Date) -> Result<usize, EvidenceError> {
        let _alone = self.changing.lock();
        let mut count = 0;
        for (sha256, teacher_id, _) in listed(&self.dir)? {
            // What is said about it is enough: this runs at every start, and there may be gigabytes.
            let kept = self.about(&teacher_id, &sha256);
            if kept.is_ok_and(|kept| kept.keep_until < today) {
                self.remove(&teacher_id, &sha256)?;
                count += 1;
            }
        }
        Ok(count)
    }

    fn remove(&self, teacher_id: &str, sha256: &Sha256) -> Result<(), EvidenceError> {
        let path = self.path(teacher_id, sha256);
        let removed = files::remove_if_there(&path).and_then(|()| files::sync_dir(&self.dir));
        removed.map_err(|cause| EvidenceError::Io { path, cause })
    }

    fn check_room(&self, teacher_id: &str, more: u64) -> Result<(), EvidenceError> {
        let (mut hers, mut all) = (more, more);
        for (_, whose, bytes) in listed(&self.dir)? {
            all += bytes;
            hers += if whose == teacher_id { bytes } else { 0 };
        }
        let full = |of_person, max| Err(EvidenceError::Full { of_person, max });
        match () {
            () if hers > PERSON_BYTES_MAX => full(true, PERSON_BYTES_MAX),
            () if all > ALL_BYTES_MAX => full(false, ALL_BYTES_MAX),
            () => Ok(()),
        }
    }

    fn path(&self, teacher_id: &str, sha256: &Sha256) -> PathBuf {
        self.dir.join(format!("{}.{teacher_id}", hex::show(&sha256.0)))
    }
}

/// Every file in `dir`, and whether it is as it was written, in the order of their names. None where there is no such directory.
///
/// # Errors
///
/// [`EvidenceError::Io`] if the directory cannot be read.
pub fn examine(dir: &Path) -> Result<Vec<Lying>, EvidenceError> {
    let mut all = Vec::new();
    for (sha256, teacher_id, bytes) in listed(dir)? {
        let path = dir.join(format!("{}.{teacher_id}", hex::show(&sha256.0)));
        let read = files::read_up_to(&path, FILE_BYTES_MAX + OVERHEAD_BYTES);
        all.push(Lying {
            sha256,
            teacher_id,
            bytes,
            is_whole: read.is_ok_and(|bytes| parts(&bytes).is_some()),
        });
    }
    Ok(all)
}

/// Copies every file of `from` that `to` lacks, and says how many lie there then. One that is damaged is not copied.
///
/// # Errors
///
/// [`EvidenceError::Damaged`] if one of `from` is damaged, once the others are copied; [`EvidenceError::Io`].
pub fn carry(from: &Path, to: &Path) -> Result<usize, EvidenceError> {
    let all = examine(from)?;
    let mut is_damaged = false;
    for lying in &all {
        let name = format!("{}.{}", hex::show(&lying.sha256.0), lying.teacher_id);
        let (source, target) = (from.join(&name), to.join(&name));
        is_damaged |= !lying.is_whole;
        if !lying.is_whole || target.exists() {
            continue;
        }
        let copied = files::read_up_to(&source, FILE_BYTES_MAX + OVERHEAD_BYTES).and_then(|bytes| {
            files::create_private_dir(to)?;
            files::replace(&to.join("new"), &target, &bytes)
        });
        copied.map_err(|cause| EvidenceError::Io { path: target, cause })?;
    }
    if is_damaged {
        Err(EvidenceError::Damaged)
    } else {
        Ok(all.len())
    }
}

/// What lies in `dir`, by name: the hash, whose it is, and its bytes on disk.
fn listed(dir: &Path) -> Result<Vec<(Sha256, String, u64)>, EvidenceError> {
    let failed = |cause| EvidenceError::Io {
        path: dir.to_owned(),
        cause,
    };
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let mut all = Vec::new();
    for entry in entries {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name();
        let parsed = name.to_str().and_then(|name| name.split_once('.'));
        if let Some((hash, teacher_id)) = parsed
            && let Some(hash) = hex::read(hash)
            && is_ledger_id(teacher_id)
        {
            let bytes = entry.metadata().map_err(failed)?.len();
            all.push((Sha256(hash), teacher_id.to_owned(), bytes));
        }
    }
    all.sort_unstable_by(|a, b| (a.0.0, &a.1).cmp(&(b.0.0, &b.1)));
    Ok(all)
}

/// The sealed part of a file that says what it is.
fn head(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = fs::File::open(path)?;
    let mut begin = [0; 8];
    file.read_exact(&mut begin)?;
    let length = begin.strip_prefix(MAGIC).and_then(|length| length.try_into().ok());
    let length = length.map_or(0, u32::from_be_bytes) as usize;
    if length == 0 || length > OVERHEAD_BYTES {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut head = vec![0; length];
    file.read_exact(&mut head)?;
    Ok(head)
}

/// The two sealed parts of a file, if it is as it was written.
fn parts(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (rest, sum) = bytes.split_at_checked(bytes.len().checked_sub(SUM_BYTES)?)?;
    if Sha256::of(rest).0 != *sum {
        return None;
    }
    let rest = rest.strip_prefix(MAGIC)?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)
}

#[cfg(test)]
#[path = "evidence_tests.rs"]
mod tests;
