//! The journal: what makes a commit durable, in one write and one sync.
//!
//! ```text
//! <dir>/journal/<first index>    a live segment: its records, and zeros ahead (see `keshi_verify::segment`)
//! <dir>/journal/spare            the next segment, made ahead: zeros only
//! <dir>/sealed/<first>-<end>     a closed segment, compressed and immutable (see `keshi_verify::sealed`)
//! ```
//!
//! Records of all segments together, sealed and live, hold every entry of the log: its second copy beside sled. A live
//! segment goes only when it is sealed and sled holds its entries too.
//!
//! Zeros are written ahead so that a commit overwrites: syncing an append has to write the file's length and blocks
//! besides the data, and costs nearly twice as much.

use std::{
    fs::{self, File},
    io,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

use keshi_verify::{
    Hash, Identity,
    record::{RecordHeader, Spot},
    segment::{HEADER_BYTES, Segment, SegmentHeader},
};
pub(crate) use keshi_verify::{record, sealed, segment};

use crate::place::{Place, is_unlinked};

/// How long a segment is made ahead. Large enough that a new one is rare, small enough to be sealed at one go.
const SEGMENT_BYTES: usize = 8 * 1024 * 1024;
/// The first segment of a log: most logs in tests, and all on their first day, are small.
const FIRST_SEGMENT_BYTES: usize = 1024 * 1024;

/// The live end of the journal: its only writer.
#[derive(Debug)]
pub(crate) struct Journal {
    place: Place,
    identity: Identity,
    file: File,
    first_index: u64,
    offset: usize,
    length: usize,
    spare_asked: bool,
}

/// What a write to the journal asks of the background.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Chore {
    Nothing,
    /// The segment is half full: make the next one ahead.
    Spare,
    /// This segment, ending before this index, is closed: seal it.
    Seal {
        path: PathBuf,
        end: u64,
    },
}

/// Where the log stands before a segment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Start {
    pub index: u64,
    pub cursor: u64,
    pub root: Hash,
}

// === impl Journal ===

impl Journal {
    /// Begins a new segment.
    pub fn begin(place: &Place, identity: &Identity, start: Start) -> io::Result<Self> {
        let bytes = if start.index == 0 {
            FIRST_SEGMENT_BYTES
        } else {
            SEGMENT_BYTES
        };
        let (made, file) = match File::options().read(true).write(true).open(place.spare()) {
            Ok(file) if file.metadata()?.len() == bytes as u64 => (place.spare(), file),
            // Not under the spare's name: one may be on its way there.
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(_) | Err(_) => {
                let making = place.journal().join("begun");
                let file = prepare(&making, bytes)?;
                (making, file)
            }
        };
        let header = SegmentHeader {
            identity: identity.clone(),
            first_index: start.index,
            cursor_before: start.cursor,
            root_before: start.root,
        };
        file.write_all_at(&header.encode(), 0)?;
        file.sync_data()?;
        fs::rename(&made, place.segment(start.index))?;
        File::open(place.journal())?.sync_all()?;
        Ok(Self {
            place: place.clone(),
            identity: identity.clone(),
            file,
            first_index: start.index,
            offset: HEADER_BYTES,
            length: bytes,
            spare_asked: false,
        })
    }

    /// Goes on in a segment that ends cleanly.
    pub fn resume(place: &Place, identity: &Identity, segment: &Segment) -> io::Result<Self> {
        let file = File::options().read(true).write(true).open(&segment.path)?;
        let length = usize::try_from(file.metadata()?.len()).unwrap_or(usize::MAX);
        Ok(Self {
            place: place.clone(),
            identity: identity.clone(),
            file,
            first_index: segment.first_index,
            offset: segment.records.end,
            length,
            spare_asked: false,
        })
    }

    /// Completes the record that `bytes` begin, writes it, and begins a new segment first if this one is full.
    ///
    /// Durable only after [`Self::sync`].
    pub fn write(&mut self, bytes: &mut Vec<u8>, header: &RecordHeader, cursor_before: u64) -> io::Result<Chore> {
        let record_bytes = record::record_bytes(bytes.len() - record::RECORD_HEADER_BYTES);
        let mut chore = Chore::Nothing;
        let is_empty = self.offset == HEADER_BYTES;
        // A record longer than a segment has one for itself, and its file grows.
        if self.offset + record_bytes > self.length && !is_empty {
            let closed = self.place.segment(self.first_index);
            let start = Start {
                index: header.first_index,
                cursor: cursor_before,
                root: header.root_before,
            };
            if start.index == self.first_index {
                // Nothing but moves of the cursor: a segment without entries cannot be told from the next by its name.
                self.length = usize::MAX;
            } else {
                *self = Self::begin(&self.place, &self.identity, start)?;
                chore = Chore::Seal {
                    path: closed,
                    end: header.first_index,
                };
            }
        } else if !self.spare_asked && self.offset > self.length / 2 {
            self.spare_asked = true;
            chore = Chore::Spare;
        }
        let spot = Spot {
            segment_first_index: self.first_index,
            offset: self.offset as u64,
        };
        record::finish(bytes, header, spot);
        self.file.write_all_at(bytes, self.offset as u64)?;
        self.offset += bytes.len();
        Ok(chore)
    }

    /// Makes what was written durable.
    pub fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    /// Whether the segment was removed under our hands.
    pub fn is_unlinked(&self) -> io::Result<bool> {
        is_unlinked(&self.file)
    }
}

// === free functions ===

/// Makes the next segment ahead, if that is not done yet.
pub(crate) fn make_spare(place: &Place) -> io::Result<()> {
    let spare = place.spare();
    if spare.exists() {
        return Ok(());
    }
    // Under another name until it is whole, since the writer takes it as it is.
    let making = spare.with_extension("new");
    prepare(&making, SEGMENT_BYTES)?;
    fs::rename(&making, &spare)
}

/// Makes a file of zeros, durable, and opens it.
fn prepare(path: &Path, bytes: usize) -> io::Result<File> {
    let mut options = File::options();
    let file = options.read(true).write(true).create(true).truncate(true).open(path)?;
    let zeros = vec![0; 256 * 1024];
    let mut offset = 0;
    while offset < bytes {
        let part = zeros.get(..zeros.len().min(bytes - offset)).unwrap_or_default();
        file.write_all_at(part, offset as u64)?;
        offset += part.len();
    }
    file.sync_all()?;
    Ok(file)
}
