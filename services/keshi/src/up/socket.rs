//! The socket on which commands on this machine find this process.

use std::fs;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;

use keshi_office::layout::OfficeDir;
use tokio::net::UnixListener;
use tracing::warn;

use crate::exit::causes;
use crate::remote::SocketName;

/// A socket that goes when this process ends.
pub(super) struct Socket {
    pub(super) listener: UnixListener,
    path: PathBuf,
}

/// Listens in the office's directory. Without a socket the process can still be reached at its port, so that is no reason
/// not to start: some file systems have none.
pub(super) fn bind(office: &OfficeDir) -> Option<Socket> {
    let path = office.socket();
    let tried = office.create().map_err(|error| causes(&error)).and_then(|()| {
        let name = SocketName::of(office).map_err(|error| error.to_string())?;
        if UnixStream::connect(&name.path).is_ok() {
            // Such as an intake beside the ledger: commands reach the one that came first.
            return Err("another keshi answers there".to_owned());
        }
        // Left by one that was killed.
        drop(fs::remove_file(&path));
        UnixListener::bind(&name.path).map_err(|error| error.to_string())
    });
    match tried {
        Ok(listener) => Some(Socket { listener, path }),
        Err(cause) => {
            warn!(%cause, socket = %path.display(), "commands on this machine have to name the address with --server");
            None
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // Left behind it would only cost the next command a moment.
        drop(fs::remove_file(&self.path));
    }
}
