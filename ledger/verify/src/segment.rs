//! A file of the journal: a header and records, then zeros that were written ahead.
//!
//! ```text
//! 0    8 bytes   "keshijn\0"
//! 8    u8        format version, 1
//! 9    u8        length of the office's name
//! 10   6 bytes   0
//! 16   u64       index of the first entry
//! 24   u64       cursor before it
//! 32   32 bytes  root before it
//! 64   16 bytes  ledger id (UUID)
//! 80   64 bytes  office, padded with 0
//! 144  32 bytes  SHA-256 of bytes 0 to 143
//! 4096 records (see `record.rs`)
//! ```

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use bytes::Bytes;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{
    Hash, Identity, MAX_OFFICE_BYTES,
    entry::array,
    record::{self, Batch, Found},
};

/// Where the records begin: a page of their own for the header.
pub const HEADER_BYTES: usize = 4_096;
const MAGIC: &[u8; 8] = b"keshijn\0";
/// The format written, and the only one understood.
pub const SEGMENT_FORMAT: u8 = 1;
const CHECKSUM_AT: usize = 144;

/// What a segment says before its records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentHeader {
    /// Whose entries they are.
    pub identity: Identity,
    /// The index of the first entry.
    pub first_index: u64,
    /// The caller's position before it.
    pub cursor_before: u64,
    /// The root over all entries before it.
    pub root_before: Hash,
}

/// How the header of a segment reads.
pub enum HeaderRead {
    /// A header that passed its checksum.
    Valid(SegmentHeader),
    /// A later release wrote it, in this format.
    NewerFormat(u8),
    /// Not what was written, or nothing.
    Invalid,
}

/// How a segment ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tail {
    /// With zeros, or with the file.
    Clean,
    /// With a write that a power cut left unfinished, and was never answered.
    Torn,
    /// With something that was a record, at this offset.
    Bad {
        /// In bytes from the beginning of the segment.
        offset: usize,
    },
}

/// The records of a segment, as far as they can be read.
#[derive(Debug)]
pub struct Records {
    /// One for each record, ascending.
    pub batches: Vec<Batch>,
    /// Runs of entries whose records are bad, though later ones are not.
    pub gaps: Vec<(u64, u64)>,
    /// How the segment ends after them.
    pub tail: Tail,
    /// The offset after the last record.
    pub end: usize,
}

/// A live segment as found on disk.
#[derive(Debug)]
pub struct Segment {
    /// Its file.
    pub path: PathBuf,
    /// As its name says.
    pub first_index: u64,
    /// None if it cannot be read.
    pub header: Option<SegmentHeader>,
    /// What it holds.
    pub records: Records,
}

// === impl SegmentHeader ===

impl SegmentHeader {
    /// The bytes of the header's page.
    pub fn encode(&self) -> Vec<u8> {
        let office = self.identity.office.as_bytes();
        let mut bytes = Vec::with_capacity(HEADER_BYTES);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&[SEGMENT_FORMAT, u8::try_from(office.len()).unwrap_or(u8::MAX)]);
        bytes.extend_from_slice(&[0; 6]);
        bytes.extend_from_slice(&self.first_index.to_be_bytes());
        bytes.extend_from_slice(&self.cursor_before.to_be_bytes());
        bytes.extend_from_slice(&self.root_before.0);
        bytes.extend_from_slice(self.identity.ledger_id.as_bytes());
        bytes.extend_from_slice(office);
        bytes.resize(CHECKSUM_AT, 0);
        let checksum = Sha256::digest(&bytes);
        bytes.extend_from_slice(&checksum);
        bytes.resize(HEADER_BYTES, 0);
        bytes
    }

    /// Reads a header off the beginning of a segment.
    pub fn decode(bytes: &[u8]) -> HeaderRead {
        let Some((body, rest)) = bytes.split_at_checked(CHECKSUM_AT) else {
            return HeaderRead::Invalid;
        };
        if !body.starts_with(MAGIC) || !rest.starts_with(Sha256::digest(body).as_slice()) {
            return HeaderRead::Invalid;
        }
        match body.get(8) {
            Some(&SEGMENT_FORMAT) => Self::parse(body).map_or(HeaderRead::Invalid, HeaderRead::Valid),
            Some(&version) => HeaderRead::NewerFormat(version),
            None => HeaderRead::Invalid,
        }
    }

    fn parse(body: &[u8]) -> Option<Self> {
        let length = usize::from(*body.get(9)?).min(MAX_OFFICE_BYTES);
        Some(Self {
            first_index: u64::from_be_bytes(array(body, 16)?),
            cursor_before: u64::from_be_bytes(array(body, 24)?),
            root_before: Hash(array(body, 32)?),
            identity: Identity {
                ledger_id: Uuid::from_bytes(array(body, 64)?),
                office: str::from_utf8(body.get(80..80 + length)?).ok()?.to_owned(),
            },
        })
    }
}

// === impl Segment ===

impl Segment {
    /// The index after the last entry.
    pub fn end(&self) -> u64 {
        self.records.end_index(self.first_index)
    }

    /// Whether all of it reads back as it was written, but for an unfinished write at its end.
    pub fn is_whole(&self) -> bool {
        self.header.is_some() && self.records.gaps.is_empty() && !matches!(self.records.tail, Tail::Bad { .. })
    }
}

// === impl Records ===

impl Records {
    /// Reads records from `offset` of a segment's bytes on.
    pub fn read(segment: &Bytes, mut offset: usize, first_index: u64) -> Self {
        let mut records = Self {
            batches: Vec::new(),
            gaps: Vec::new(),
            tail: Tail::Clean,
            end: offset,
        };
        let mut next_index = first_index;
        loop {
            match record::read(segment, offset, first_index) {
                Found::Record(batch, end) if batch.header.first_index >= next_index => {
                    if batch.header.first_index > next_index {
                        records.gaps.push((next_index, batch.header.first_index));
                    }
                    (next_index, offset) = (batch.end_index(), end);
                    records.batches.push(batch);
                    records.end = offset;
                }
                Found::Nothing => return records,
                found => {
                    let Some(next) = next_record(segment, offset, first_index) else {
                        records.tail = match found {
                            Found::Torn => Tail::Torn,
                            _ => Tail::Bad { offset },
                        };
                        return records;
                    };
                    offset = next;
                }
            }
        }
    }

    /// The index after the last entry.
    pub fn end_index(&self, first_index: u64) -> u64 {
        self.batches.last().map_or(first_index, Batch::end_index)
    }
}

/// The next offset after a bad record where a good one stands.
fn next_record(segment: &Bytes, bad: usize, first_index: u64) -> Option<usize> {
    let last = segment.iter().rposition(|byte| *byte != 0)?;
    let mut candidates = (bad + 8..=last).step_by(8);
    candidates.find(|&offset| record::stands(segment, offset, first_index))
}

// === free functions ===

/// Reads all live segments, ascending. Writes nothing.
///
/// # Errors
///
/// What the system says.
pub fn read_live(journal: &Path) -> io::Result<Vec<SegmentRead>> {
    let read = |(first_index, path)| read_segment(first_index, path);
    names(journal)?.into_iter().map(read).collect()
}

/// The live segments by their names, ascending: first index, file.
///
/// # Errors
///
/// What the system says.
pub fn names(journal: &Path) -> io::Result<Vec<(u64, PathBuf)>> {
    let mut segments = Vec::new();
    for file in fs::read_dir(journal)? {
        let path = file?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let Some(first_index) = index_in_name(name) else {
            continue;
        };
        segments.push((first_index, path));
    }
    segments.sort();
    Ok(segments)
}

/// What stands in a live segment's place.
#[derive(Debug)]
pub enum SegmentRead {
    /// A segment; whether it is whole, it says itself.
    Segment(Segment),
    /// A later release wrote it, in this format.
    NewerFormat(u8),
}

/// Reads the segment that begins with this index.
///
/// # Errors
///
/// What the system says.
pub fn read_segment(first_index: u64, path: PathBuf) -> io::Result<SegmentRead> {
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
pub fn index_in_name(name: &str) -> Option<u64> {
    (name.len() == 20 && name.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| name.parse().ok())
        .flatten()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn sample() -> SegmentHeader {
        SegmentHeader {
            identity: Identity {
                ledger_id: Uuid::from_u128(0x1234_5678),
                office: "610729".to_owned(),
            },
            first_index: 1_000_003,
            cursor_before: 77,
            root_before: crate::leaf_hash(b"root"),
        }
    }

    #[test]
    fn a_header_keeps_the_bytes_of_the_first_release_and_reads_back() {
        let bytes = sample().encode();
        assert_eq!(bytes.len(), HEADER_BYTES);
        let used = &bytes[..CHECKSUM_AT + 32];
        assert_eq!(used, include_bytes!("../tests/fixtures/segment_v1.bin"));
        assert!(matches!(SegmentHeader::decode(&bytes), HeaderRead::Valid(header) if header == sample()));
    }

    #[test]
    fn every_flipped_bit_of_a_header_is_noticed() {
        for bit in 0..(CHECKSUM_AT + 32) * 8 {
            let mut bytes = sample().encode();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert!(
                matches!(SegmentHeader::decode(&bytes), HeaderRead::Invalid),
                "bit {bit}"
            );
        }
    }

    #[test]
    fn a_newer_header_is_not_mistaken_for_damage() {
        let mut bytes = sample().encode();
        bytes[8] = 2;
        let checksum = Sha256::digest(&bytes[..CHECKSUM_AT]);
        bytes[CHECKSUM_AT..CHECKSUM_AT + 32].copy_from_slice(&checksum);
        assert!(matches!(SegmentHeader::decode(&bytes), HeaderRead::NewerFormat(2)));
    }
}
