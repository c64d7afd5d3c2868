//! A log of lines, one file a month: append-only, read back bit by bit.
//!
//! One line and one `write` for each record, so that lines of several processes do not mix. Nobody waits for the disk: a power
//! cut may lose the last seconds, a restart loses nothing. What could not be written is said, and tried anew the next time.

mod pages;

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;
use jiff::civil::Date;
use parking_lot::Mutex;
use tracing::{error, info, warn};

pub use self::pages::{Page, Place};
use crate::files::Spare;
use crate::{china, files};

/// The lines of one kind of one office.
#[derive(Debug)]
pub(crate) struct Monthly {
    /// Which log it is, in the program's own log.
    what: &'static str,
    dir: PathBuf,
    /// The lock is held for one `write` into the page cache, so nobody waits long.
    open: Mutex<Open>,
    unwritten: AtomicU64,
}

#[derive(Debug)]
struct Open {
    month: Option<Month>,
    /// So that a new month, or a file that was put back, can be opened when the process has no handles left.
    spare: Spare,
}

#[derive(Debug)]
struct Month {
    name: String,
    file: File,
}

/// What failed at which file or directory.
#[derive(Debug)]
pub(crate) struct Failed {
    pub(crate) path: PathBuf,
    pub(crate) cause: io::Error,
}

// === impl Monthly ===

impl Monthly {
    /// Opens the log in `dir`, and makes the directory (mode 0700) if there is none.
    pub(crate) fn open(what: &'static str, dir: PathBuf) -> Result<Self, Failed> {
        match files::create_private_dir(&dir) {
            Ok(()) => Ok(Self {
                what,
                open: Mutex::new(Open {
                    month: None,
                    spare: Spare::new(&dir),
                }),
                dir,
                unwritten: AtomicU64::new(0),
            }),
            Err(cause) => Err(Failed { path: dir, cause }),
        }
    }

    /// Appends a line, which ends with its line feed, to the month of `at`. On return it is with the operating system, not
    /// yet on disk.
    ///
    /// The first failure of a row is reported, and the first line that could be written again.
    pub(crate) fn record(&self, at: Timestamp, line: io::Result<String>) -> Result<(), Failed> {
        let name = at.to_zoned(china()).strftime("%Y-%m").to_string();
        let path = self.file_of(&name);
        match line.and_then(|line| self.append(name, &path, line.as_bytes())) {
            Ok(()) => {
                let refused = self.unwritten.swap(0, Ordering::Relaxed);
                if refused > 0 {
                    info!(dir = %self.dir.display(), refused, "{} written again", self.what);
                }
                Ok(())
            }
            Err(cause) => {
                if self.unwritten.fetch_add(1, Ordering::Relaxed) == 0 {
                    error!(%cause, path = %path.display(), "{} not written, what it should tell of is refused", self.what);
                }
                Err(Failed { path, cause })
            }
        }
    }

    /// The file of the month that holds `day`.
    pub(crate) fn file_of_day(&self, day: Date) -> PathBuf {
        self.file_of(&day.strftime("%Y-%m").to_string())
    }

    fn file_of(&self, name: &str) -> PathBuf {
        self.dir.join(format!("{name}.jsonl"))
    }

    /// Appends `line`, in one `write`.
    fn append(&self, name: String, path: &Path, line: &[u8]) -> io::Result<()> {
        let mut open = self.open.lock();
        let Open { month, spare } = &mut *open;
        // A file that was removed or replaced would take lines that nobody ever finds.
        let goes_on = |month: &Month| month.name == name && files::is_in_place(path, &month.file);
        if !month.as_ref().is_some_and(goes_on) {
            // First closed: its handle may be the last one.
            *month = None;
        }
        // Kept only after it worked: after a failed write the file is opened, and its end looked at, anew.
        let mut writing = match month.take() {
            Some(month) => month,
            None => Month {
                file: spare.open(|| open_month(&self.dir, path))?,
                name,
            },
        };
        if writing.file.write(line)? != line.len() {
            return Err(io::ErrorKind::WriteZero.into());
        }
        *month = Some(writing);
        Ok(())
    }
}

/// Opens the file of a month for appending, and ends a line that a power cut left without its end.
fn open_month(dir: &Path, path: &Path) -> io::Result<File> {
    let mut file = match files::open_private_append(path) {
        // Somebody removed the directory under us.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            warn!(dir = %dir.display(), "read log was removed while in use, it begins anew");
            files::create_private_dir(dir)?;
            files::open_private_append(path)?
        }
        opened => opened?,
    };
    if file.seek(SeekFrom::End(0))? > 0 {
        file.seek(SeekFrom::End(-1))?;
        let mut last = [0];
        file.read_exact(&mut last)?;
        if last != *b"\n" {
            file.write_all(b"\n")?;
        }
    }
    Ok(file)
}
