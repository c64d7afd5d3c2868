//! A closed segment, compressed: a part of the log's second copy. It is never changed.
//!
//! ```text
//! 0    8 bytes   "keshisl\0"
//! 8    u8        format version, 1
//! 9    u8        length of the office's name
//! 10   6 bytes   0
//! 16   u64       index of the first entry
//! 24   u64       index after the last one
//! 32   u64       cursor before the first
//! 40   32 bytes  root before the first
//! 72   u64       length of the records
//! 80   u64       length of the rest of the file
//! 88   32 bytes  SHA-256 of the rest of the file
//! 120  16 bytes  ledger id (UUID)
//! 136  64 bytes  office, padded with 0
//! 200  32 bytes  SHA-256 of bytes 0 to 199
//! 232  one zstd frame: the records of the segment, as they stood there from offset 4096 on
//! ```
//!
//! The name is the two indices, twenty digits each. All integers are big-endian.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use bytes::Bytes;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{
    Hash, Identity, MAX_OFFICE_BYTES,
    entry::{array, push_entry},
    record::{self, RecordHeader, Spot},
    segment::{HEADER_BYTES, Records, SegmentHeader, Tail, index_in_name},
};

/// The format written, and the only one understood.
pub const SEALED_FORMAT: u8 = 1;
const MAGIC: &[u8; 8] = b"keshisl\0";
const CHECKSUM_AT: usize = 200;
const BODY_AT: usize = CHECKSUM_AT + 32;
/// Compressing is done beside the writer, on one of few cores: the fastest level.
const LEVEL: i32 = 1;
/// More records than this in one sealed segment are not believed: a header that passes its checksum never says so.
const RECORDS_BYTES_MAX: u64 = 1 << 30;

/// A sealed segment that passed its checksums.
#[derive(Clone, Debug)]
pub struct Sealed {
    /// Its file.
    pub path: PathBuf,
    /// What stood before its records.
    pub segment: SegmentHeader,
    /// The index after the last entry.
    pub end: u64,
    records_bytes: usize,
}

/// What stands in a sealed segment's place.
#[derive(Debug)]
pub enum SealedRead {
    /// A segment that passed its checksums.
    Whole(Sealed),
    /// A later release wrote it, in this format.
    NewerFormat(u8),
    /// Not what was sealed.
    Bad {
        /// Its file.
        path: PathBuf,
    },
}

// === impl Sealed ===

impl Sealed {
    /// The records.
    ///
    /// # Errors
    ///
    /// What the system says; `None` in the result if they are not what the header says.
    pub fn records(&self) -> io::Result<Option<Records>> {
        let bytes = fs::read(&self.path)?;
        let frame = bytes.get(BODY_AT..).unwrap_or_default();
        let Ok(unpacked) = zstd::bulk::decompress(frame, self.records_bytes) else {
            return Ok(None);
        };
        // Records know their offset in the segment that they were written to.
        let mut segment = vec![0; HEADER_BYTES];
        segment.extend(unpacked);
        let records = Records::read(&Bytes::from(segment), HEADER_BYTES, self.segment.first_index);
        let is_whole = records.gaps.is_empty()
            && records.tail == Tail::Clean
            && records.end_index(self.segment.first_index) == self.end;
        Ok(is_whole.then_some(records))
    }
}

// === free functions ===

/// The name of the sealed segment of the entries from `first_index` up to before `end`.
pub fn name(first_index: u64, end: u64) -> String {
    format!("{first_index:020}-{end:020}")
}

/// Seals the records of a segment in the directory `dir`. When this returns, the sealed one is durable under its name.
///
/// # Errors
///
/// What the system says. Nothing stands under the name then.
pub fn seal(dir: &Path, header: &SegmentHeader, end: u64, records: &[u8]) -> io::Result<()> {
    let frame = zstd::bulk::compress(records, LEVEL)?;
    let path = dir.join(name(header.first_index, end));
    let making = dir.join("new");
    let mut file = File::create(&making)?;
    file.write_all(&encode_header(header, end, records.len(), &frame))?;
    file.write_all(&frame)?;
    file.sync_all()?;
    fs::rename(&making, path)?;
    File::open(dir)?.sync_all()
}

/// The bytes of the records that a segment would have that holds these batches, for sealing what was put together again.
pub fn records_of<'a>(first_index: u64, batches: impl IntoIterator<Item = (RecordHeader, Vec<&'a [u8]>)>) -> Vec<u8> {
    let mut all = Vec::new();
    let mut bytes = Vec::new();
    for (header, entries) in batches {
        record::begin(&mut bytes);
        for entry in entries {
            push_entry(&mut bytes, entry);
        }
        let spot = Spot {
            segment_first_index: first_index,
            offset: (HEADER_BYTES + all.len()) as u64,
        };
        record::finish(&mut bytes, &header, spot);
        all.extend_from_slice(&bytes);
    }
    all
}

/// Reads the headers of all sealed segments in `dir` and checks their bytes, ascending. Writes nothing.
///
/// # Errors
///
/// What the system says.
pub fn read_all(dir: &Path) -> io::Result<Vec<SealedRead>> {
    let all = names(dir)?.into_iter();
    all.map(|(first, end, path)| read_one(first, end, path)).collect()
}

/// The sealed segments in `dir` by their names, ascending: first index, index after the last one, file.
///
/// # Errors
///
/// What the system says.
pub fn names(dir: &Path) -> io::Result<Vec<(u64, u64, PathBuf)>> {
    let files = match fs::read_dir(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        files => files?,
    };
    let mut named = Vec::new();
    for file in files {
        let path = file?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if let Some((first, end)) = name.split_once('-')
            && let (Some(first), Some(end)) = (index_in_name(first), index_in_name(end))
        {
            named.push((first, end, path));
        }
    }
    named.sort();
    Ok(named)
}

/// Reads the header of the sealed segment `path`, which is named after these indices, and checks its bytes.
///
/// # Errors
///
/// What the system says.
pub fn read_one(first: u64, end: u64, path: PathBuf) -> io::Result<SealedRead> {
    let bytes = fs::read(&path)?;
    Ok(match decode(&bytes, &path) {
        Some(SealedRead::Whole(sealed)) if (sealed.segment.first_index, sealed.end) == (first, end) => {
            SealedRead::Whole(sealed)
        }
        Some(SealedRead::NewerFormat(found)) => SealedRead::NewerFormat(found),
        _ => SealedRead::Bad { path },
    })
}

fn decode(bytes: &[u8], path: &Path) -> Option<SealedRead> {
    let body = bytes.get(..CHECKSUM_AT)?;
    let frame = bytes.get(BODY_AT..)?;
    let checksum = bytes.get(CHECKSUM_AT..BODY_AT)?;
    if !body.starts_with(MAGIC) || Sha256::digest(body).as_slice() != checksum {
        return None;
    }
    let format = *body.get(8)?;
    if format != SEALED_FORMAT {
        return Some(SealedRead::NewerFormat(format));
    }
    let office_bytes = usize::from(*body.get(9)?).min(MAX_OFFICE_BYTES);
    let records_bytes = u64::from_be_bytes(array(body, 72)?);
    let is_whole = u64::from_be_bytes(array(body, 80)?) == frame.len() as u64
        && body.get(88..120)? == Sha256::digest(frame).as_slice()
        && records_bytes <= RECORDS_BYTES_MAX;
    is_whole.then_some(())?;
    let segment = SegmentHeader {
        identity: Identity {
            ledger_id: Uuid::from_bytes(array(body, 120)?),
            office: str::from_utf8(body.get(136..136 + office_bytes)?).ok()?.to_owned(),
        },
        first_index: u64::from_be_bytes(array(body, 16)?),
        cursor_before: u64::from_be_bytes(array(body, 32)?),
        root_before: Hash(array(body, 40)?),
    };
    Some(SealedRead::Whole(Sealed {
        path: path.to_path_buf(),
        segment,
        end: u64::from_be_bytes(array(body, 24)?),
        records_bytes: usize::try_from(records_bytes).ok()?,
    }))
}

fn encode_header(segment: &SegmentHeader, end: u64, records_bytes: usize, frame: &[u8]) -> Vec<u8> {
    let office = segment.identity.office.as_bytes();
    let mut bytes = Vec::with_capacity(BODY_AT);
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&[SEALED_FORMAT, u8::try_from(office.len()).unwrap_or(u8::MAX)]);
    bytes.extend_from_slice(&[0; 6]);
    bytes.extend_from_slice(&segment.first_index.to_be_bytes());
    bytes.extend_from_slice(&end.to_be_bytes());
    bytes.extend_from_slice(&segment.cursor_before.to_be_bytes());
    bytes.extend_from_slice(&segment.root_before.0);
    bytes.extend_from_slice(&(records_bytes as u64).to_be_bytes());
    bytes.extend_from_slice(&(frame.len() as u64).to_be_bytes());
    bytes.extend_from_slice(&Sha256::digest(frame));
    bytes.extend_from_slice(segment.identity.ledger_id.as_bytes());
    bytes.extend_from_slice(office);
    bytes.resize(CHECKSUM_AT, 0);
    let checksum = Sha256::digest(&bytes);
    bytes.extend_from_slice(&checksum);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::segment::tests::sample;

    #[test]
    fn a_sealed_header_keeps_the_bytes_of_the_first_release() {
        assert_eq!(
            encode_header(&sample(), 1_000_010, 4_096, b"a frame"),
            include_bytes!("../tests/fixtures/sealed_v1.bin")
        );
    }
}
