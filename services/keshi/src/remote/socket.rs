//! Where a running keshi answers commands on this machine: a socket in the office's directory.
//!
//! A port tells nothing of who listens on it, least of all one that a keshi left behind when it was killed; a token sent
//! there may be anyone's. A socket in a directory that only its owner may write to is that owner's. It is also that of
//! this very directory: of a copy nobody listens on it.

use std::fs::{self, File};
use std::io;
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use keshi_office::layout::OfficeDir;

/// The longest path that the system takes for a socket, with room for the zero at its end.
const PATH_MAX: usize = 107;

/// A name for the socket that the system takes, as long as this lives.
pub(crate) struct SocketName {
    pub(crate) path: PathBuf,
    /// The directory, where the path leads through its handle because its own name is too long.
    _dir: Option<File>,
}

impl SocketName {
    /// The name of `office`'s socket.
    pub(crate) fn of(office: &OfficeDir) -> io::Result<Self> {
        let path = office.socket();
        if path.as_os_str().len() <= PATH_MAX && path.to_str().is_some() {
            return Ok(Self { path, _dir: None });
        }
        let dir = File::open(&office.root)?;
        let name = path.file_name().unwrap_or_default();
        Ok(Self {
            path: Path::new("/proc/self/fd").join(dir.as_raw_fd().to_string()).join(name),
            _dir: Some(dir),
        })
    }
}

/// Whether a socket is there, and whoever made it could have opened the ledger as well.
pub(crate) fn is_there(office: &OfficeDir) -> bool {
    let (Ok(socket), Ok(dir)) = (fs::symlink_metadata(office.socket()), fs::metadata(&office.root)) else {
        return false;
    };
    socket.uid() == dir.uid() || socket.uid() == 0
}
