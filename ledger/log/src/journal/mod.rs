//! The journal: what makes a commit durable, in one write and one sync.
//!
//! ```text
//! <dir>/journal/<first index>    a live segment: its records, and zeros ahead (see `segment.rs`)
//! <dir>/journal/spare            the next segment, made ahead: zeros only
//! <dir>/sealed/<first>-<end>     a closed segment, compressed and immutable (see `sealed.rs`)
//! ```
//!
//! Records of all segments together, sealed and live, hold every entry of the log: its second copy beside sled. A live
//! segment goes only when it is sealed and sled holds its entries too.
//!
//! Zeros are written ahead so that a commit overwrites: syncing an append has to write the file's length and blocks
//! besides the data, and costs nearly twice as much.

pub(crate) mod record;
pub(crate) mod sealed;
pub(crate) mod segment;

use std::{
    fs::{self, File},
    io,
    os::unix::fs::{FileExt, MetadataExt},
    path::PathBuf,
};

use bytes::Bytes;

use self::{
    record::{RecordHeader, Spot},
    segment::{FIRST_SEGMENT_BYTES, HEADER_BYTES, HeaderRead, Records, SEGMENT_BYTES, Segment, SegmentHeader},
};
use crate::{head::Identity, merkle::Hash, place::Place};

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
                let file = segment::prepare(&making, bytes)?;
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

    /// Whether the segment was removed under our hands: what is written to it is lost when it is closed.
    pub fn is_unlinked(&self) -> io::Result<bool> {
        Ok(self.file.metadata()?.nlink() == 0)
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
    segment::prepare(&making, SEGMENT_BYTES)?;
    fs::rename(&making, &spare)
}

/// Reads all live segments, ascending. Writes nothing.
pub(crate) fn read_live(place: &Place) -> io::Result<Vec<SegmentRead>> {
    let mut segments = Vec::new();
    for file in fs::read_dir(place.journal())? {
        let path = file?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let Some(first_index) = place_name(name) else { continue };
        segments.push((first_index, path));
    }
    segments.sort();
    let read = |(first_index, path)| read_segment(first_index, path);
    segments.into_iter().map(read).collect()
}

/// What stands in a live segment's place.
#[derive(Debug)]
pub(crate) enum SegmentRead {
    Segment(Segment),
    NewerFormat(u8),
}

/// Reads the segment that begins with this index.
pub(crate) fn read_segment(first_index: u64, path: PathBuf) -> io::Result<SegmentRead> {
    let bytes = Bytes::from(fs::read(&path)?);
    let header = match SegmentHeader::decode(&bytes) {
        HeaderRead::NewerFormat(found) => return Ok(SegmentRead::NewerFormat(found)),
        HeaderRead::Valid(header) => Some(header).filter(|header| header.first_index == first_index),
        HeaderRead::Invalid => None,
    };
    let records = Records::read(&bytes, HEADER_BYTES, first_index);
    Ok(SegmentRead::Segment(Segment {
        path,
        first_index,
        header,
        records,
    }))
}

/// The index in a segment's name: twenty digits.
pub(crate) fn place_name(name: &str) -> Option<u64> {
    (name.len() == 20 && name.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| name.parse().ok())
        .flatten()
}
