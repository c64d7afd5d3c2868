//! The packed block: what one key in sled holds.
//!
//! ```text
//! key      first_index, u64
//! value    0   u8   format version, 1
//!          1   u8   flags, 0
//!          2   u16  count: number of entries
//!          4   u32  CRC-32 of the key and of the value without these four bytes
//!          8   u32  decide version, chosen by the caller
//!          12  entries, each a u16 length and that many bytes
//! ```
//!
//! All integers are big-endian. Version byte and checksum stay where they are in every later format, so that a newer
//! block is told apart from a damaged one. The checksum is CRC-32 because it looks for rot, not for forgery (the root
//! does that): it costs a tenth of a nanosecond per byte, and sled has it in the build already. The key takes part, so
//! an intact block under a wrong key does not pass.

use std::fmt;

use bytes::Bytes;
use sled::IVec;

use keshi_verify::record::Batch;

pub(crate) use keshi_verify::entry::{array, push_entry, split_entry};

use crate::error::BlockDefect;

/// The longest entry, in bytes.
pub const MAX_ENTRY_BYTES: usize = 5 * 1024;

/// The longest value that is ever stored under one key, in bytes.
///
/// A leaf of sled's tree holds some 17 values and must stay well below a quarter of sled's segment, or it is moved to an
/// unsynced side file. The smaller the leaf, the less is written again with each block.
pub const MAX_BLOCK_BYTES: usize = 6 * 1024;

/// A block takes no further entry that would make it longer than this. A longer one holds a single long entry.
pub(crate) const TARGET_BLOCK_BYTES: usize = 4 * 1024;

/// The format written, and the highest one understood.
pub(crate) const BLOCK_FORMAT: u8 = 1;

pub(crate) const HEADER_BYTES: usize = 12;
const LENGTH_BYTES: usize = 2;
const _: () = assert!(HEADER_BYTES + LENGTH_BYTES + MAX_ENTRY_BYTES <= MAX_BLOCK_BYTES);

/// A run of consecutive entries, read from one stored block or from the journal and verified against its checksum.
///
/// Shares the memory that holds it; cloning copies no entry.
#[derive(Clone)]
pub struct Block {
    data: Bytes,
    first_index: u64,
    /// Where in `data` the visible entries begin.
    start: usize,
    count: u64,
    decide_version: u32,
}

/// The entries of a [`Block`] with their indices, in order.
#[derive(Clone, Debug)]
pub struct Entries<'a> {
    rest: &'a [u8],
    next_index: u64,
    left: u64,
}

/// The fixed part of a stored block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub count: u16,
    pub decide_version: u32,
}

/// A block being filled: the tail of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BlockBuilder {
    pub first_index: u64,
    pub header: Header,
    bytes: Vec<u8>,
}

// === impl Block ===

impl Block {
    /// Checks and adopts the value stored under `first_index`.
    pub(crate) fn decode(first_index: u64, data: IVec) -> Result<Self, BlockDefect> {
        let header = check(first_index, &data)?;
        Ok(Self {
            first_index,
            start: HEADER_BYTES,
            count: u64::from(header.count),
            decide_version: header.decide_version,
            data: Bytes::from_owner(data),
        })
    }

    /// The entries of a commit, which have passed their checksum.
    pub(crate) fn of(batch: &Batch) -> Self {
        Self {
            data: batch.entries.clone(),
            first_index: batch.header.first_index,
            start: 0,
            count: u64::from(batch.header.count),
            decide_version: batch.header.decide_version,
        }
    }

    /// The index of the first entry in here.
    pub fn first_index(&self) -> u64 {
        self.first_index
    }

    /// The index after the last entry in here.
    pub fn end_index(&self) -> u64 {
        self.first_index + self.count
    }

    /// The number of entries.
    pub fn len(&self) -> u64 {
        self.count
    }

    /// Whether there are no entries.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The version of the caller's deciding code that these entries were written with.
    pub fn decide_version(&self) -> u32 {
        self.decide_version
    }

    /// The entries and their indices, in order.
    pub fn entries(&self) -> Entries<'_> {
        Entries {
            rest: self.data.get(self.start..).unwrap_or_default(),
            next_index: self.first_index,
            left: self.count,
        }
    }

    /// The entry at `index`, sharing this block's memory; `None` if it is not in here.
    pub fn entry(&self, index: u64) -> Option<Bytes> {
        let skip = usize::try_from(index.checked_sub(self.first_index)?).ok()?;
        let (_, entry) = self.entries().nth(skip)?;
        // Entries lie within `data`, so the difference of their addresses is the offset.
        let offset = entry.as_ptr().addr().checked_sub(self.data.as_ptr().addr())?;
        Some(self.data.slice(offset..offset + entry.len()))
    }

    /// Drops the entries below `from` and those at `to` and above.
    pub(crate) fn narrow(&mut self, from: u64, to: u64) {
        let skip = from.saturating_sub(self.first_index).min(self.count);
        let mut entries = self.entries();
        entries
            .by_ref()
            .take(usize::try_from(skip).unwrap_or(usize::MAX))
            .for_each(drop);
        self.start = self.data.len() - entries.rest.len();
        self.first_index += skip;
        self.count = to.saturating_sub(self.first_index).min(self.count - skip);
    }
}

impl fmt::Debug for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Block")
            .field("first_index", &self.first_index)
            .field("count", &self.count)
            .field("decide_version", &self.decide_version)
            .finish_non_exhaustive()
    }
}

// === impl Entries ===

impl<'a> Iterator for Entries<'a> {
    type Item = (u64, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let (entry, rest) = split_entry(self.rest)?;
        self.rest = rest;
        let index = self.next_index;
        self.next_index += 1;
        Some((index, entry))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = usize::try_from(self.left).unwrap_or(usize::MAX);
        (left, Some(left))
    }
}

// === impl Header ===

impl Header {
    fn parse(bytes: &[u8]) -> Option<Self> {
        Some(Self {
            count: u16::from_be_bytes(array(bytes, 2)?),
            decide_version: u32::from_be_bytes(array(bytes, 8)?),
        })
    }

    fn to_bytes(self, crc: u32) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        let fields: [&[u8]; 4] = [
            &[BLOCK_FORMAT, 0],
            &self.count.to_be_bytes(),
            &crc.to_be_bytes(),
            &self.decide_version.to_be_bytes(),
        ];
        for (to, from) in bytes.iter_mut().zip(fields.into_iter().flatten()) {
            *to = *from;
        }
        bytes
    }
}

// === impl BlockBuilder ===

impl BlockBuilder {
    /// An empty block at `first_index`.
    pub fn new(first_index: u64, decide_version: u32) -> Self {
        Self {
            first_index,
            header: Header {
                count: 0,
                decide_version,
            },
            bytes: vec![0; HEADER_BYTES],
        }
    }

    /// Whether one more entry of this length belongs into this block rather than into the next.
    pub fn takes(&self, entry_bytes: usize) -> bool {
        self.header.count == 0
            || (self.bytes.len() + LENGTH_BYTES + entry_bytes <= TARGET_BLOCK_BYTES && self.header.count < u16::MAX)
    }

    /// Adds an entry of at most [`MAX_ENTRY_BYTES`], for which [`Self::takes`] holds.
    pub fn push(&mut self, entry: &[u8]) {
        push_entry(&mut self.bytes, entry);
        self.header.count += 1;
    }

    pub fn is_empty(&self) -> bool {
        self.header.count == 0
    }

    /// The index after the last entry.
    pub fn end_index(&self) -> u64 {
        self.first_index + u64::from(self.header.count)
    }

    /// The value to store under [`key`] of `first_index`.
    pub fn encode(&mut self) -> &[u8] {
        let without_crc = self.header.to_bytes(0);
        if let Some(to) = self.bytes.get_mut(..HEADER_BYTES) {
            to.copy_from_slice(&without_crc);
        }
        let with_crc = self.header.to_bytes(checksum(self.first_index, &self.bytes));
        if let Some(to) = self.bytes.get_mut(..HEADER_BYTES) {
            to.copy_from_slice(&with_crc);
        }
        &self.bytes
    }
}

// === free functions ===

/// The key of the block that begins at `first_index`: big-endian, so that byte order is log order.
pub(crate) fn key(first_index: u64) -> [u8; 8] {
    first_index.to_be_bytes()
}

fn check(first_index: u64, bytes: &[u8]) -> Result<Header, BlockDefect> {
    let crc = array(bytes, 4).map(u32::from_be_bytes);
    let (Some(stored), Some(header), Some(version)) = (crc, Header::parse(bytes), bytes.first().copied()) else {
        return Err(BlockDefect::TooShort { bytes: bytes.len() });
    };
    let computed = checksum(first_index, bytes);
    if stored != computed {
        return Err(BlockDefect::Checksum { stored, computed });
    }
    if version != BLOCK_FORMAT {
        return Err(BlockDefect::NewerFormat {
            found: version,
            known: BLOCK_FORMAT,
        });
    }
    let mut rest = bytes.get(HEADER_BYTES..).unwrap_or_default();
    for _ in 0..header.count {
        rest = split_entry(rest).ok_or(BlockDefect::Layout)?.1;
    }
    let fits = rest.is_empty() && header.count > 0;
    if fits { Ok(header) } else { Err(BlockDefect::Layout) }
}

fn checksum(first_index: u64, bytes: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&key(first_index));
    hasher.update(bytes.get(..4).unwrap_or_default());
    hasher.update(bytes.get(8..).unwrap_or_default());
    hasher.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> BlockBuilder {
        let mut block = BlockBuilder::new(1_000_000, 7);
        block.push(b"first");
        block.push(b"");
        block.push(&[0xab; 300]);
        block
    }

    #[test]
    fn a_block_reads_back_as_written() {
        let block = Block::decode(1_000_000, IVec::from(sample().encode())).unwrap();
        let entries: Vec<_> = block.entries().collect();
        assert_eq!(
            entries,
            [
                (1_000_000, &b"first"[..]),
                (1_000_001, b""),
                (1_000_002, &[0xab; 300][..])
            ]
        );
        assert_eq!(block.decide_version(), 7);
        assert_eq!(block.entry(1_000_002).unwrap(), vec![0xab; 300]);
        assert_eq!(block.entry(1_000_003), None);
    }

    #[test]
    fn a_block_keeps_the_bytes_of_the_first_release() {
        let fixture = include_bytes!("../tests/fixtures/block_v1.bin");
        assert_eq!(sample().encode(), fixture.as_slice());
        assert!(Block::decode(1_000_000, IVec::from(&fixture[..])).is_ok());
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_noticed() {
        let good = sample().encode().to_vec();
        for bit in 0..good.len() * 8 {
            let mut bad = good.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            assert!(Block::decode(1_000_000, IVec::from(bad)).is_err(), "bit {bit}");
        }
        for length in 0..good.len() {
            assert!(
                Block::decode(1_000_000, IVec::from(&good[..length])).is_err(),
                "cut to {length}"
            );
        }
        assert!(Block::decode(1_000_001, IVec::from(good)).is_err(), "under a wrong key");
    }

    #[test]
    fn a_newer_format_is_not_mistaken_for_damage() {
        let mut bytes = sample().encode().to_vec();
        bytes[0] = 2;
        let crc = checksum(1_000_000, &bytes);
        bytes[4..8].copy_from_slice(&crc.to_be_bytes());
        let defect = Block::decode(1_000_000, IVec::from(bytes)).unwrap_err();
        assert!(
            matches!(defect, BlockDefect::NewerFormat { found: 2, known: 1 }),
            "{defect}"
        );
    }

    #[test]
    fn a_narrowed_block_shows_only_its_range() {
        let whole = Block::decode(1_000_000, IVec::from(sample().encode())).unwrap();
        let narrowed = |from, to| {
            let mut block = whole.clone();
            block.narrow(from, to);
            block.entries().map(|(index, _)| index).collect::<Vec<_>>()
        };
        assert_eq!(narrowed(0, u64::MAX), [1_000_000, 1_000_001, 1_000_002]);
        assert_eq!(narrowed(1_000_001, 1_000_002), [1_000_001]);
        assert_eq!(narrowed(1_000_002, 1_000_002), [0; 0]);
        assert_eq!(narrowed(0, 5), [0; 0]);
    }

    #[test]
    fn no_block_grows_beyond_the_limit() {
        let mut block = BlockBuilder::new(0, 0);
        assert!(block.takes(MAX_ENTRY_BYTES), "an empty block takes anything");
        block.push(&[0; MAX_ENTRY_BYTES]);
        assert!(block.encode().len() <= MAX_BLOCK_BYTES);
        assert!(!block.takes(0));
    }
}
