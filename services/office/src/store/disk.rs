//! What redb reads and writes: a file that stays open, or a copy of one in memory.
//!
//! Neither locks: whoever opens the file has locked it. Holding one handle for good means that a store can still be read
//! when the process has no further handles.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;

use parking_lot::RwLock;
use redb::StorageBackend;

/// The bytes of `file`, whole.
pub(super) fn read_whole(file: &File) -> io::Result<Vec<u8>> {
    let file = reach(file)?;
    let length = usize::try_from(file.metadata()?.len()).map_err(io::Error::other)?;
    let mut bytes = vec![0; length];
    file.read_exact_at(&mut bytes, 0)?;
    Ok(bytes)
}

/// The file, unless a test wants this access of its thread to fail as that of a disk does.
#[cfg_attr(not(test), expect(clippy::unnecessary_wraps, reason = "only a test lets it fail"))]
fn reach(file: &File) -> io::Result<&File> {
    #[cfg(test)]
    super::faults::strike()?;
    Ok(file)
}

/// A file of the disk.
#[derive(Debug)]
pub(super) struct Disk(Arc<File>);

impl Disk {
    pub(super) fn new(file: &Arc<File>) -> Self {
        Self(Arc::clone(file))
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        reach(&self.0)?.read_exact_at(out, offset)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        reach(&self.0)?.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        reach(&self.0)?.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        reach(&self.0)?.write_all_at(data, offset)
    }
}

/// Bytes in memory. redb's own backend cannot be made from bytes without writing them once more.
#[derive(Debug)]
pub(super) struct Copy(RwLock<Bytes>);

struct Bytes(Vec<u8>);

impl Copy {
    pub(super) fn new(bytes: Vec<u8>) -> Self {
        Self(RwLock::new(Bytes(bytes)))
    }
}

// By hand: the bytes are personal data.
impl std::fmt::Debug for Bytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

impl StorageBackend for Copy {
    fn len(&self) -> io::Result<u64> {
        Ok(self.0.read().0.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let bytes = self.0.read();
        let from = usize::try_from(offset).map_err(io::Error::other)?;
        let found = bytes.0.get(from..).and_then(|rest| rest.get(..out.len()));
        out.copy_from_slice(found.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let len = usize::try_from(len).map_err(io::Error::other)?;
        // A damaged header may ask for any length.
        if len > self.0.read().0.len().saturating_mul(4) {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.0.write().0.resize(len, 0);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let from = usize::try_from(offset).map_err(io::Error::other)?;
        let mut bytes = self.0.write();
        let place = bytes.0.get_mut(from..).and_then(|rest| rest.get_mut(..data.len()));
        place.ok_or(io::ErrorKind::UnexpectedEof)?.copy_from_slice(data);
        Ok(())
    }
}
