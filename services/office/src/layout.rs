//! Where everything lies.
//!
//! ```text
//! <data>/                     mode 0700
//!   <office code>/
//!     access.redb             who may call: the tokens
//!     accounts.redb           who may sign in, and what was changed about that
//!     sessions.redb           who has signed in
//!     ledger/                 the log
//!     bus                     which bus the ledger follows
//!     posts-to                for which ledger an intake without one has posted
//!     people.redb             the people register, each record sealed with its person's key
//!     people.keys             the people's keys, wrapped under the office's, which lies elsewhere
//!     signed                  the public keys of what signs checkpoints; the key itself lies elsewhere
//!     evidence/               the files that stand behind claims, each sealed with the key of whom it is about
//!     contents                what was made here
//!     backups                 which backups were made of it
//!     scrubbed                what reading the ledger over again has found
//!     reads/YYYY-MM.jsonl     who read whose balance
//!     signins/YYYY-MM.jsonl   who signed in, and who failed to
//!     token                   the first token, for commands on this machine
//!     first-code              the first account's one-time code, until it is used
//!     socket                  where a running keshi answers commands on this machine
//! ```

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::contents::{self, ContentsError};
use crate::files;

/// What an office's directory holds.
const PARTS: [&str; 8] = [
    "ledger",
    "people.redb",
    "reads",
    "access.redb",
    "accounts.redb",
    "signins",
    "people.keys",
    "signed",
];

/// The data directory of one installation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataDir {
    /// The directory that holds everything.
    pub root: PathBuf,
}

/// The part of a [`DataDir`] that belongs to one office.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfficeDir {
    /// `<data>/<office code>`.
    pub root: PathBuf,
}

/// Why a place in the data directory cannot be named or made.
#[derive(Debug, Error)]
pub enum LayoutError {
    /// The code is not one of an office.
    #[error("`{code}` is not an office code: give the six digits of the division code, such as 610729")]
    OfficeCode {
        /// What was given.
        code: String,
    },
    /// Neither variable that leads to the user's data is set.
    #[error("neither XDG_DATA_HOME nor HOME names an absolute directory: name the data directory with --data")]
    NoHome,
    /// The directory could not be made or read.
    #[error("directory {} cannot be used: check that its parent exists and is yours", .path.display())]
    Io {
        /// The directory.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
}

/// Whether `code` is an office code: the six digits of a GB/T 2260 division, such as `610729`.
pub fn is_office_code(code: &str) -> bool {
    code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit())
}

/// The log of sign-ins that belongs to the tokens at `access`.
pub(crate) fn signins_beside(access: &Path) -> PathBuf {
    access.with_file_name(PARTS[5])
}

/// The accounts that belong to the tokens at `access`, and lie beside them wherever those are.
pub fn accounts_beside(access: &Path) -> PathBuf {
    access.with_file_name(PARTS[4])
}

// === impl DataDir ===

impl DataDir {
    /// The data directory at `root`. Nothing is touched.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// `$XDG_DATA_HOME/keshi`, or `$HOME/.local/share/keshi` where that is not set. `env` looks up a variable.
    ///
    /// As the XDG specification asks, a relative path in either variable counts as not set.
    ///
    /// # Errors
    ///
    /// [`LayoutError::NoHome`] if neither variable helps.
    pub fn default_for(env: impl Fn(&str) -> Option<OsString>) -> Result<Self, LayoutError> {
        let absolute = |name: &str| env(name).map(PathBuf::from).filter(|path| path.is_absolute());
        absolute("XDG_DATA_HOME")
            .or_else(|| absolute("HOME").map(|home| home.join(".local/share")))
            .map(|data| Self::new(data.join("keshi")))
            .ok_or(LayoutError::NoHome)
    }

    /// Makes the directory (mode 0700) and its missing parents. One that exists is left as it is.
    ///
    /// # Errors
    ///
    /// [`LayoutError::Io`] if the system refuses.
    pub fn create(&self) -> Result<(), LayoutError> {
        create(&self.root)
    }

    /// The file in which an earlier form of keshi kept the tokens of all offices, if it is there. It is not read.
    pub fn old_access(&self) -> Option<PathBuf> {
        Some(self.root.join("access.toml")).filter(|path| path.exists())
    }

    /// The part of the office `code`. Nothing is touched.
    ///
    /// # Errors
    ///
    /// [`LayoutError::OfficeCode`] if `code` is not six digits; so no code can lead out of the data directory.
    pub fn office(&self, code: &str) -> Result<OfficeDir, LayoutError> {
        if is_office_code(code) {
            Ok(OfficeDir {
                root: self.root.join(code),
            })
        } else {
            Err(LayoutError::OfficeCode {
                code: code.chars().take(40).collect(),
            })
        }
    }

    /// The codes of the offices that have a directory here, ascending. None if the data directory does not exist yet.
    ///
    /// # Errors
    ///
    /// [`LayoutError::Io`] if the directory cannot be read.
    pub fn offices(&self) -> Result<Vec<String>, LayoutError> {
        let failed = |cause| LayoutError::Io {
            path: self.root.clone(),
            cause,
        };
        let entries = match std::fs::read_dir(&self.root) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(failed(error)),
        };
        let mut codes = Vec::new();
        for entry in entries {
            let entry = entry.map_err(failed)?;
            if let Some(code) = entry.file_name().to_str().filter(|name| is_office_code(name))
                && entry.path().is_dir()
            {
                codes.push(code.to_owned());
            }
        }
        codes.sort_unstable();
        Ok(codes)
    }
}

// === impl OfficeDir ===

impl OfficeDir {
    /// Makes the office's directory (mode 0700). Its parts are left to those who use them.
    ///
    /// # Errors
    ///
    /// [`LayoutError::Io`] if the system refuses.
    pub fn create(&self) -> Result<(), LayoutError> {
        create(&self.root)
    }

    /// Checks that nothing that was made here is gone.
    ///
    /// # Errors
    ///
    /// [`ContentsError`], which says what to do.
    pub fn check(&self) -> Result<(), ContentsError> {
        contents::check(&self.root, &PARTS)
    }

    /// Begins the list of what is here, before anything is made.
    ///
    /// # Errors
    ///
    /// [`ContentsError::Io`] if it cannot be written.
    pub fn begin(&self) -> Result<(), ContentsError> {
        contents::note(&self.root, &[])
    }

    /// Writes down that ledger, people register with its keys, read log and the public keys of checkpoints are there.
    ///
    /// # Errors
    ///
    /// [`ContentsError::Io`] if it cannot be written.
    pub fn note(&self) -> Result<(), ContentsError> {
        contents::note(&self.root, &[PARTS[0], PARTS[1], PARTS[2], PARTS[6], PARTS[7]])
    }

    /// Writes down that the tokens are there.
    ///
    /// # Errors
    ///
    /// [`ContentsError::Io`] if it cannot be written.
    pub fn note_access(&self) -> Result<(), ContentsError> {
        contents::note(&self.root, &PARTS[3..4])
    }

    /// Writes down that the accounts and the log of sign-ins are there. The sessions are not listed: without them everybody signs in
    /// anew, and nothing is lost.
    ///
    /// # Errors
    ///
    /// [`ContentsError::Io`] if it cannot be written.
    pub fn note_accounts(&self) -> Result<(), ContentsError> {
        contents::note(&self.root, &PARTS[4..6])
    }

    /// The directory of the log.
    pub fn ledger(&self) -> PathBuf {
        self.root.join(PARTS[0])
    }

    /// What the ledger follows.
    pub fn bus(&self) -> PathBuf {
        self.root.join("bus")
    }

    /// Where an intake without a ledger remembers for which one it has posted.
    pub fn posts_to(&self) -> PathBuf {
        self.root.join("posts-to")
    }

    /// The people register's file.
    pub fn people(&self) -> PathBuf {
        self.root.join(PARTS[1])
    }

    /// With which keys checkpoints of the ledger were signed.
    pub fn signed(&self) -> PathBuf {
        self.root.join(PARTS[7])
    }

    /// The directory of evidence.
    pub fn evidence(&self) -> PathBuf {
        self.root.join("evidence")
    }

    /// The tokens' file.
    pub fn access(&self) -> PathBuf {
        self.root.join(PARTS[3])
    }

    /// The accounts' file.
    pub fn accounts(&self) -> PathBuf {
        accounts_beside(&self.access())
    }

    /// The stores beside the ledger, people register first: what a backup takes along.
    pub fn stores(&self) -> [PathBuf; 3] {
        [self.people(), self.access(), self.accounts()]
    }

    /// Where it is noted which backups were made.
    pub fn backups(&self) -> PathBuf {
        self.root.join("backups")
    }

    /// Where it is noted what reading the ledger over again has found.
    pub fn scrubbed(&self) -> PathBuf {
        self.root.join("scrubbed")
    }

    /// The first token, where commands on this machine find it.
    pub fn token(&self) -> PathBuf {
        self.root.join("token")
    }

    /// Where a running keshi answers commands on this machine. Only the owner of this directory can listen there, and a
    /// copy of the directory has nobody listening.
    pub fn socket(&self) -> PathBuf {
        self.root.join("socket")
    }

    /// The directory of the read log.
    pub fn reads(&self) -> PathBuf {
        self.root.join(PARTS[2])
    }
}

fn create(dir: &Path) -> Result<(), LayoutError> {
    files::create_private_dir(dir).map_err(|cause| LayoutError::Io {
        path: dir.to_owned(),
        cause,
    })
}

#[cfg(test)]
#[path = "layout_tests.rs"]
mod tests;
