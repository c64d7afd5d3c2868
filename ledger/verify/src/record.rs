//! One commit in the journal.
//!
//! ```text
//! 0   u32       length of the entries
//! 4   u32       CRC-32 of this header without these four bytes, and of where it stands
//! 8   u32       CRC-32 of the entries
//! 12  u32       count: number of entries
//! 16  u64       index of the first one
//! 24  u64       cursor: the caller's position that contains exactly what is in the log after this record
//! 32  u32       decide version
//! 36  u32       0
//! 40  32 bytes  root before these entries
//! 72  entries, each a u16 length and that many bytes
//!     u32       the end mark
//!     0 to 7    zeros, up to the next multiple of 8
//! ```
//!
//! All integers are big-endian. Where a record stands (its segment's first index and its offset there) takes part in its
//! checksum, so that nothing that was once valid elsewhere passes here. A record holds the root *before* it, so that
//! hashing it need not come before writing it; the next record, segment or `head` holds the root after it.

use bytes::Bytes;

use crate::{
    Hash,
    entry::{array, split_entry},
};

/// The length of a record before its entries.
pub const RECORD_HEADER_BYTES: usize = 72;
const END_MARK: [u8; 4] = [0x5e; 4];
const ALIGNMENT: usize = 8;

/// What a record says beside its entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordHeader {
    /// The number of entries.
    pub count: u32,
    /// The index of the first one.
    pub first_index: u64,
    /// The caller's position that contains exactly what is in the log after this record.
    pub cursor: u64,
    /// The version of the deciding code that made these entries.
    pub decide_version: u32,
    /// The root over all entries before.
    pub root_before: Hash,
}

/// Entries of one commit, in the memory they were staged in.
#[derive(Clone, Debug)]
pub struct Batch {
    /// What the record says of them.
    pub header: RecordHeader,
    /// Length-prefixed.
    pub entries: Bytes,
}

/// Where a record stands.
#[derive(Clone, Copy, Debug)]
pub struct Spot {
    /// The first index of its segment.
    pub segment_first_index: u64,
    /// Its offset in the segment, in bytes.
    pub offset: u64,
}

/// What stands at a spot.
pub enum Found {
    /// A record and the offset after it.
    Record(Batch, usize),
    /// Nothing was ever written from here on.
    Nothing,
    /// A write that a power cut left unfinished.
    Torn,
    /// A record that was written whole and is no longer what it was.
    Bad,
}

/// Disks write whole sectors: a sector that a write reached holds all of its part.
const SECTOR_BYTES: usize = 512;

// === impl Batch ===

impl Batch {
    /// The index after the last entry.
    pub fn end_index(&self) -> u64 {
        self.header.first_index + u64::from(self.header.count)
    }
}

// === free functions ===

/// Room for a record's header, in front of the entries that are staged.
pub fn begin(bytes: &mut Vec<u8>) {
    bytes.clear();
    bytes.resize(RECORD_HEADER_BYTES, 0);
}

/// Completes a record in place: `bytes` begin with room for the header, then come the entries.
pub fn finish(bytes: &mut Vec<u8>, header: &RecordHeader, spot: Spot) {
    let entries = bytes.get(RECORD_HEADER_BYTES..).unwrap_or_default();
    let length = u32::try_from(entries.len()).unwrap_or(u32::MAX);
    let crc = crc32fast::hash(entries);
    let fields = fields(length, crc, header);
    if let Some(to) = bytes.get_mut(..RECORD_HEADER_BYTES) {
        to.copy_from_slice(&fields);
        let crc = header_crc(to, spot);
        if let Some(to) = to.get_mut(4..8) {
            to.copy_from_slice(&crc.to_be_bytes());
        }
    }
    bytes.extend_from_slice(&END_MARK);
    bytes.resize(bytes.len().next_multiple_of(ALIGNMENT), 0);
}

/// How long a record of so many bytes of entries is.
pub fn record_bytes(entry_bytes: usize) -> usize {
    (RECORD_HEADER_BYTES + entry_bytes + END_MARK.len()).next_multiple_of(ALIGNMENT)
}

/// Reads what stands at `offset` of a segment's bytes.
pub fn read(segment: &Bytes, offset: usize, segment_first_index: u64) -> Found {
    let spot = Spot {
        segment_first_index,
        offset: offset as u64,
    };
    let rest = segment.get(offset..).unwrap_or_default();
    let header = parse(rest, spot);
    if let Some((header, length, crc)) = header {
        let end = offset + record_bytes(length);
        let from = offset + RECORD_HEADER_BYTES;
        let entries = segment.get(from..from + length);
        if let Some(entries) = entries
            && crc32fast::hash(entries) == crc
            && segment
                .get(from + length..)
                .is_some_and(|rest| rest.starts_with(&END_MARK))
            && counts(entries, header.count)
        {
            let entries = segment.slice(from..from + length);
            return Found::Record(Batch { header, entries }, end);
        }
    }
    let Some(last_written) = rest.iter().rposition(|byte| *byte != 0) else {
        return Found::Nothing;
    };
    let least = header.map_or(RECORD_HEADER_BYTES, |(_, length, _)| {
        RECORD_HEADER_BYTES + length + END_MARK.len()
    });
    if has_unwritten_sector(rest, offset, least.max(last_written + 1)) {
        Found::Torn
    } else {
        Found::Bad
    }
}

/// Whether the header of a record stands at `offset`.
pub fn stands(segment: &Bytes, offset: usize, segment_first_index: u64) -> bool {
    let spot = Spot {
        segment_first_index,
        offset: offset as u64,
    };
    parse(segment.get(offset..).unwrap_or_default(), spot).is_some()
}

/// Whether of what a write of `length` bytes covers, at least one sector's part was never written.
fn has_unwritten_sector(rest: &[u8], offset: usize, length: usize) -> bool {
    let mut at = 0;
    while at < length {
        let end = (at + SECTOR_BYTES - (offset + at) % SECTOR_BYTES).min(length);
        let part = rest.get(at..end.min(rest.len())).unwrap_or_default();
        if part.iter().all(|byte| *byte == 0) {
            return true;
        }
        at = end;
    }
    false
}

fn counts(entries: &[u8], count: u32) -> bool {
    let mut rest = entries;
    for _ in 0..count {
        match split_entry(rest) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.is_empty()
}

fn fields(length: u32, crc: u32, header: &RecordHeader) -> [u8; RECORD_HEADER_BYTES] {
    let mut bytes = [0; RECORD_HEADER_BYTES];
    let fields: [&[u8]; 9] = [
        &length.to_be_bytes(),
        &[0; 4],
        &crc.to_be_bytes(),
        &header.count.to_be_bytes(),
        &header.first_index.to_be_bytes(),
        &header.cursor.to_be_bytes(),
        &header.decide_version.to_be_bytes(),
        &[0; 4],
        &header.root_before.0,
    ];
    for (to, from) in bytes.iter_mut().zip(fields.into_iter().flatten()) {
        *to = *from;
    }
    bytes
}

/// The header, the length and the checksum of the entries.
fn parse(bytes: &[u8], spot: Spot) -> Option<(RecordHeader, usize, u32)> {
    let bytes = bytes.get(..RECORD_HEADER_BYTES)?;
    if u32::from_be_bytes(array(bytes, 4)?) != header_crc(bytes, spot) {
        return None;
    }
    let header = RecordHeader {
        count: u32::from_be_bytes(array(bytes, 12)?),
        first_index: u64::from_be_bytes(array(bytes, 16)?),
        cursor: u64::from_be_bytes(array(bytes, 24)?),
        decide_version: u32::from_be_bytes(array(bytes, 32)?),
        root_before: Hash(array(bytes, 40)?),
    };
    let length = usize::try_from(u32::from_be_bytes(array(bytes, 0)?)).ok()?;
    Some((header, length, u32::from_be_bytes(array(bytes, 8)?)))
}

fn header_crc(header: &[u8], spot: Spot) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&spot.segment_first_index.to_be_bytes());
    hasher.update(&spot.offset.to_be_bytes());
    hasher.update(header.get(..4).unwrap_or_default());
    hasher.update(header.get(8..).unwrap_or_default());
    hasher.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::push_entry;

    const OFFSET: usize = 4_096 + 200;

    fn written(entries: &[&[u8]]) -> Vec<u8> {
        let mut record = Vec::new();
        begin(&mut record);
        for entry in entries {
            push_entry(&mut record, entry);
        }
        let header = RecordHeader {
            count: u32::try_from(entries.len()).unwrap(),
            first_index: 7,
            cursor: 3,
            decide_version: 1,
            root_before: Hash::EMPTY,
        };
        let spot = Spot {
            segment_first_index: 0,
            offset: OFFSET as u64,
        };
        finish(&mut record, &header, spot);
        let mut segment = vec![0; OFFSET];
        segment.extend(record);
        segment.resize(3 * 4_096, 0);
        segment
    }

    fn found(segment: &[u8]) -> Found {
        read(&Bytes::copy_from_slice(segment), OFFSET, 0)
    }

    #[test]
    fn every_flipped_bit_of_a_record_is_bad_and_never_taken_for_an_unfinished_write() {
        let segment = written(&[&[0xab; 700], b"", &[1; 900]]);
        let Found::Record(batch, end) = found(&segment) else {
            panic!("the record reads back");
        };
        assert_eq!((batch.header.count, batch.end_index()), (3, 10));
        let last = segment.iter().rposition(|byte| *byte != 0).unwrap();
        assert!(end - last <= ALIGNMENT);
        for bit in OFFSET * 8..(last + 1) * 8 {
            let mut bad = segment.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            assert!(matches!(found(&bad), Found::Bad), "bit {bit}");
        }
    }

    #[test]
    fn a_record_of_which_any_sectors_are_missing_is_an_unfinished_write() {
        let segment = written(&[&[0xab; 700], &[1; 900]]);
        let last = segment.iter().rposition(|byte| *byte != 0).unwrap();
        let sectors: Vec<usize> = (OFFSET / SECTOR_BYTES..=last / SECTOR_BYTES).collect();
        for lost in 1..(1_u32 << sectors.len()) {
            let mut torn = segment.clone();
            for (place, sector) in sectors.iter().enumerate() {
                if lost & (1 << place) != 0 {
                    torn[(sector * SECTOR_BYTES).max(OFFSET)..(sector + 1) * SECTOR_BYTES].fill(0);
                }
            }
            let all = lost == (1 << sectors.len()) - 1;
            match found(&torn) {
                Found::Torn => assert!(!all),
                Found::Nothing => assert!(all),
                Found::Record(..) | Found::Bad => panic!("without the sectors {lost:b}"),
            }
        }
    }

    #[test]
    fn a_record_keeps_the_bytes_of_the_first_release() {
        let segment = written(&[&[0xab; 700], b""]);
        let last = segment.iter().rposition(|byte| *byte != 0).unwrap();
        assert_eq!(
            &segment[OFFSET..=last],
            include_bytes!("../tests/fixtures/record_v1.bin")
        );
    }

    #[test]
    fn a_record_at_another_place_or_of_another_segment_does_not_pass() {
        let segment = written(&[b"one"]);
        let mut moved = vec![0; 8];
        moved.extend_from_slice(&segment);
        assert!(!matches!(read(&Bytes::from(moved), OFFSET + 8, 0), Found::Record(..)));
        assert!(!matches!(read(&Bytes::from(segment), OFFSET, 1), Found::Record(..)));
    }
}
