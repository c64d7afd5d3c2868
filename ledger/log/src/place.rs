//! The directory of a log: its paths, its lock, and whether its file system can be trusted.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use rustix::fs::{AtFlags, StatxFlags, statx};
use rustix::io::Errno;

use crate::error::{OpenError, is_full, is_read_only};

/// The paths below a log's directory.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub dir: PathBuf,
}

/// How long a lock may take to be given up, and how often to look.
const LOCK_LIMIT: Duration = Duration::from_millis(500);
const LOCK_POLL: Duration = Duration::from_millis(2);

/// File systems whose syncs or locks reach across a wire or a user's process.
const UNTRUSTED: [(u64, &str); 12] = [
    (0x6969, "NFS"),
    (0x517b, "SMB"),
    (0xfe53_4d42, "SMB"),
    (0xff53_4d42, "CIFS"),
    (0x6573_5546, "a FUSE file system"),
    (0x0102_1997, "9P"),
    (0x00c3_6400, "Ceph"),
    (0x5346_414f, "AFS"),
    (0x6b41_4653, "AFS"),
    (0x7375_7245, "Coda"),
    (0x0bd0_0bd0, "Lustre"),
    (0x564c, "NCP"),
];

/// Whether a file was removed under our hands: what is written to it is lost when it is closed.
///
/// Asks for the number of names and for nothing else. Since Linux 6.13 a file whose times somebody asked for notes the next
/// change by the finest clock, and a sync that has to write that down takes half as long again.
pub(crate) fn is_unlinked(file: &File) -> io::Result<bool> {
    match statx(file, "", AtFlags::EMPTY_PATH, StatxFlags::NLINK) {
        Ok(found) if found.stx_mask & StatxFlags::NLINK.bits() != 0 => Ok(found.stx_nlink == 0),
        Ok(_) | Err(Errno::NOSYS | Errno::PERM) => Ok(file.metadata()?.nlink() == 0),
        Err(error) => Err(error.into()),
    }
}

// === impl Place ===

impl Place {
    pub fn new(dir: &Path) -> Self {
        Self { dir: dir.to_path_buf() }
    }

    pub fn lock_file(&self) -> PathBuf {
        self.dir.join("lock")
    }

    pub fn head(&self) -> PathBuf {
        self.dir.join("head")
    }

    /// `head` while it is being created.
    pub fn new_head(&self) -> PathBuf {
        self.dir.join("head.new")
    }

    pub fn blocks(&self) -> PathBuf {
        self.dir.join("blocks")
    }

    pub fn db(&self) -> PathBuf {
        self.blocks().join("db")
    }

    pub fn blobs(&self) -> PathBuf {
        self.blocks().join("blobs")
    }

    /// sled's directory while a copy of it is looked at.
    pub fn checked_blocks(&self) -> PathBuf {
        self.dir.join("blocks.checked")
    }

    /// sled's directory while it is put together anew from the journal.
    pub fn new_blocks(&self) -> PathBuf {
        self.dir.join("blocks.new")
    }

    /// sled's directory as it was before another took its place.
    pub fn old_blocks(&self) -> PathBuf {
        self.dir.join("blocks.old")
    }

    /// sled's directory that was found damaged, kept to be looked at.
    pub fn damaged_blocks(&self) -> PathBuf {
        self.dir.join("blocks.damaged")
    }

    /// What sled's files were when it closed them.
    pub fn stamp(&self) -> PathBuf {
        self.dir.join("stamp")
    }

    pub fn journal(&self) -> PathBuf {
        self.dir.join("journal")
    }

    /// The live segment that begins with this index.
    pub fn segment(&self, first_index: u64) -> PathBuf {
        self.journal().join(format!("{first_index:020}"))
    }

    pub fn spare(&self) -> PathBuf {
        self.journal().join("spare")
    }

    pub fn sealed_dir(&self) -> PathBuf {
        self.dir.join("sealed")
    }

    /// The sealed segment of these indices.
    pub fn sealed(&self, first_index: u64, end: u64) -> PathBuf {
        self.sealed_dir().join(keshi_verify::sealed::name(first_index, end))
    }

    /// Refuses network and user-space file systems.
    pub fn require_local(&self) -> Result<(), OpenError> {
        let found = rustix::fs::statfs(&self.dir)
            .map_err(|error| self.error("look at the file system of", &self.dir, error.into()))?;
        match untrusted(found.f_type.cast_unsigned()) {
            None => Ok(()),
            Some(kind) => Err(OpenError::NetworkFileSystem {
                dir: self.dir.clone(),
                kind,
            }),
        }
    }

    /// Takes the lock that keeps every other opener out until the file is closed.
    pub fn lock(&self) -> Result<File, OpenError> {
        let path = self.lock_file();
        let mut options = OpenOptions::new();
        let file = options.create(true).truncate(false).read(true).write(true).open(&path);
        let file = file.map_err(|error| self.error("open", &path, error))?;
        self.lock_opened(file)
    }

    /// Takes the lock without writing anything; `None` if there is no lock file.
    pub fn lock_for_copy(&self) -> Result<Option<File>, OpenError> {
        let path = self.lock_file();
        match File::open(&path) {
            Ok(file) => self.lock_opened(file).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.error("open", &path, error)),
        }
    }

    /// Waits a moment for the lock: a process being started shares our files until it runs its own program, and so may
    /// hold a lock that was just given up here.
    fn lock_opened(&self, file: File) -> Result<File, OpenError> {
        let begun = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::WouldBlock) if begun.elapsed() < LOCK_LIMIT => thread::sleep(LOCK_POLL),
                Err(TryLockError::WouldBlock) => return Err(OpenError::InUse { dir: self.dir.clone() }),
                Err(TryLockError::Error(error)) => return Err(self.error("lock", &self.lock_file(), error)),
            }
        }
    }

    /// Makes the entries of `dir`, new, renamed and removed files, durable.
    pub fn sync_dir(&self, dir: &Path) -> Result<(), OpenError> {
        File::open(dir)
            .and_then(|handle| handle.sync_all())
            .map_err(|error| self.error("sync", dir, error))
    }

    /// Makes the entries of the directory above the log durable.
    pub fn sync_parent(&self) -> Result<(), OpenError> {
        match fs::canonicalize(&self.dir) {
            Ok(dir) => dir.parent().map_or(Ok(()), |parent| self.sync_dir(parent)),
            Err(error) => Err(self.error("find the directory above", &self.dir, error)),
        }
    }

    /// Sorts an error of the system while opening.
    pub fn error(&self, doing: &'static str, path: &Path, source: io::Error) -> OpenError {
        let dir = self.dir.clone();
        if is_full(&source) {
            OpenError::DiskFull { dir, source }
        } else if is_read_only(&source) {
            OpenError::ReadOnly { dir, source }
        } else {
            OpenError::Io {
                doing,
                path: path.to_path_buf(),
                source,
            }
        }
    }
}

// === free functions ===

fn untrusted(magic: u64) -> Option<&'static str> {
    // The field is 32 bits wide on some machines and sign-extended there.
    let magic = magic & 0xffff_ffff;
    UNTRUSTED
        .iter()
        .find(|(known, _)| *known == magic)
        .map(|(_, kind)| *kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn network_and_user_space_file_systems_are_refused_and_local_ones_are_not() {
        assert_eq!(untrusted(0x6969), Some("NFS"));
        assert_eq!(untrusted(0xffff_ffff_ff53_4d42), Some("CIFS"));
        assert_eq!(untrusted(0x6573_5546), Some("a FUSE file system"));
        for local in [0xef53, 0x0102_1994, 0x5846_5342, 0x9123_683e, 0x2fc1_2fc1, 0x794c_7630] {
            assert_eq!(untrusted(local), None, "{local:x}");
        }
    }

    #[test]
    fn errors_of_the_system_are_sorted_by_what_the_user_can_do() {
        let place = Place::new(Path::new("/data/610729"));
        let sort = |kind: io::ErrorKind| place.error("open", &place.head(), kind.into());
        assert!(matches!(sort(io::ErrorKind::StorageFull), OpenError::DiskFull { .. }));
        assert!(matches!(sort(io::ErrorKind::QuotaExceeded), OpenError::DiskFull { .. }));
        assert!(matches!(
            sort(io::ErrorKind::ReadOnlyFilesystem),
            OpenError::ReadOnly { .. }
        ));
        assert!(matches!(
            sort(io::ErrorKind::PermissionDenied),
            OpenError::ReadOnly { .. }
        ));
        assert!(matches!(sort(io::ErrorKind::Interrupted), OpenError::Io { .. }));
    }
}
