//! sled's file as bytes: whether what lies on the disk is what sled wrote, without asking sled, which answers from memory.
//!
//! ```text
//! segment, 2 MiB   0   u32  CRC-32 of the next 16 bytes, inverted
//!                  4   u64  lsn of the segment, xored
//!                  12  u64  up to which lsn everything was on disk, xored
//!                  20  messages
//! message          u32 CRC-32 of the body and of this header after these four bytes, inverted; u8 kind; then three numbers of
//!                  variable length: length of the body, number of the segment (its lsn over 2 MiB), page; then the body
//! ```
//!
//! Integers are little-endian. As sled 0.34.7 has it (`pagecache/logger.rs`, `serialization.rs`), whose version is fixed.

use crate::store::SEGMENT_BYTES;

const HEADER_BYTES: usize = 20;
/// Nothing begins in the last bytes of a segment.
const MESSAGE_HEADER_BYTES_MAX: usize = 32;
const LSN_MASK: u64 = 0x7FFF_FFFF_FFFF_FFFF;
const CORRUPTED: u8 = 0;
const CAP: u8 = 2;
const KIND_MAX: u8 = 11;

/// What one segment of the file comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Segment {
    /// Never written, or given back.
    Free,
    /// Messages follow one another up to this offset; after it comes nothing that was written for this segment.
    Sound { lsn: u64, end: usize },
    /// The header is not what was written.
    BadHeader,
    /// A message that begins here is not what was written.
    BadMessage { lsn: u64, from: usize, to: usize },
}

/// Looks at one segment.
pub(crate) fn look(segment: &[u8]) -> Segment {
    let Some(header) = segment.first_chunk::<HEADER_BYTES>() else {
        return Segment::Free;
    };
    if header.iter().all(|byte| *byte == 0) {
        return Segment::Free;
    }
    let (checksum, rest) = header.split_at(4);
    if crc32fast::hash(rest) != !little_u32(checksum) {
        return Segment::BadHeader;
    }
    let lsn = little_u64(rest.get(..8).unwrap_or_default()) ^ LSN_MASK;
    let number = lsn / SEGMENT_BYTES as u64;
    let mut at = HEADER_BYTES;
    while at + MESSAGE_HEADER_BYTES_MAX <= segment.len() {
        let Some(message) = Message::parse(segment, at).filter(|message| message.number == number) else {
            break;
        };
        if !message.is_intact {
            return Segment::BadMessage {
                lsn,
                from: at,
                to: message.end,
            };
        }
        at = message.end;
        if message.kind == CAP {
            break;
        }
    }
    Segment::Sound { lsn, end: at }
}

struct Message {
    kind: u8,
    number: u64,
    end: usize,
    is_intact: bool,
}

impl Message {
    /// `None` where no message of any segment can begin.
    fn parse(segment: &[u8], at: usize) -> Option<Self> {
        let bytes = segment.get(at..)?;
        let kind = *bytes.get(4)?;
        if kind == CORRUPTED || kind > KIND_MAX {
            return None;
        }
        let mut offset = 5;
        let length = number(bytes, &mut offset)?;
        let segment_number = number(bytes, &mut offset)?;
        number(bytes, &mut offset)?;
        let end = offset.checked_add(usize::try_from(length).ok()?)?;
        let (header, body) = (bytes.get(4..offset)?, bytes.get(offset..end)?);
        let mut hasher = crc32fast::Hasher::new();
        hasher.update(body);
        hasher.update(header);
        Some(Self {
            kind,
            number: segment_number,
            end: at + end,
            is_intact: !hasher.finalize() == little_u32(bytes),
        })
    }
}

/// A number of variable length.
fn number(bytes: &[u8], at: &mut usize) -> Option<u64> {
    let byte = |at: usize| bytes.get(at).copied().map(u64::from);
    let first = byte(*at)?;
    let (value, length) = match first {
        0..=240 => (first, 1),
        241..=248 => (240 + 256 * (first - 241) + byte(*at + 1)?, 2),
        249 => (2288 + 256 * byte(*at + 1)? + byte(*at + 2)?, 3),
        _ => {
            let length = usize::try_from(first - 247).ok()?;
            (little_u64(bytes.get(*at + 1..*at + 1 + length)?), length + 1)
        }
    };
    *at += length;
    Some(value)
}

fn little_u32(bytes: &[u8]) -> u32 {
    bytes.first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes))
}

/// Of at most eight bytes.
fn little_u64(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte))
}
