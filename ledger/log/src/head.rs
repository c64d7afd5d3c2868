//! The `head` file: where the log stood at the last checkpoint, beside sled and the journal and outside their reach.
//!
//! It trails the journal, which alone makes a commit durable. It says up to where sled surely holds the entries, and it
//! is the witness against a journal that lost its end: what it says was answered must be there.
//!
//! Two slots, at offsets 0 and 4096 of a file that never changes its length, so that syncing a write is an overwrite.
//! Writes alternate between them by sequence number: a torn or damaged slot leaves the other, which is one
//! checkpoint older. Each slot:
//!
//! ```text
//! 0    8 bytes   "keshihd\0"
//! 8    u8        format version, 1
//! 9    u8        length of the office's name
//! 10   6 bytes   0
//! 16   u64       sequence number; the valid slot with the higher one counts
//! 24   u64       size
//! 32   u64       cursor
//! 40   32 bytes  root
//! 72   16 bytes  ledger id (UUID)
//! 88   64 bytes  office, padded with 0
//! 152  u64       filed: how many entries sled holds durably
//! 160  32 bytes  SHA-256 of bytes 0 to 159
//! ```
//!
//! All integers are big-endian. Magic, version and checksum stay where they are in every later format. The checksum
//! is SHA-256, not a CRC: it is read once and written seldom.

use std::{fs::File, io, os::unix::fs::FileExt};

use keshi_verify::{Hash, Identity, MAX_OFFICE_BYTES};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{block::array, place::Place, shared::Committed};

pub(crate) const HEAD_FORMAT: u8 = 1;
/// Slots lie a page apart, so that one torn or bad page spoils one slot at most.
pub(crate) const SLOT_DISTANCE: u64 = 4096;
pub(crate) const SLOT_BYTES: usize = CHECKSUM_AT + 32;

const MAGIC: &[u8; 8] = b"keshihd\0";
const CHECKSUM_AT: usize = 160;

/// The contents of one slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    pub identity: Identity,
    pub sequence: u64,
    pub size: u64,
    pub cursor: u64,
    pub root: Hash,
    pub filed: u64,
}

/// What was read from the bytes of a slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SlotRead {
    Valid(Slot),
    NewerFormat(u8),
    Invalid,
}

/// The open file.
#[derive(Debug)]
pub(crate) struct HeadFile {
    file: File,
    latest: Slot,
}

// === impl Slot ===

impl Slot {
    pub fn encode(&self) -> [u8; SLOT_BYTES] {
        let office = self.identity.office.as_bytes();
        let office_length = u8::try_from(office.len()).unwrap_or(u8::MAX);
        let padding = [0; MAX_OFFICE_BYTES];
        let fields: [&[u8]; 11] = [
            MAGIC,
            &[HEAD_FORMAT, office_length],
            &[0; 6],
            &self.sequence.to_be_bytes(),
            &self.size.to_be_bytes(),
            &self.cursor.to_be_bytes(),
            &self.root.0,
            self.identity.ledger_id.as_bytes(),
            office,
            padding.get(office.len()..).unwrap_or_default(),
            &self.filed.to_be_bytes(),
        ];
        let mut bytes = [0; SLOT_BYTES];
        for (to, from) in bytes.iter_mut().zip(fields.into_iter().flatten()) {
            *to = *from;
        }
        let (body, checksum) = bytes.split_at_mut(CHECKSUM_AT);
        checksum.copy_from_slice(&Sha256::digest(body));
        bytes
    }

    pub fn decode(bytes: &[u8; SLOT_BYTES]) -> SlotRead {
        let (body, checksum) = bytes.split_at(CHECKSUM_AT);
        if !body.starts_with(MAGIC) || Sha256::digest(body).as_slice() != checksum {
            return SlotRead::Invalid;
        }
        match body.get(8) {
            Some(&HEAD_FORMAT) => Self::parse(body).map_or(SlotRead::Invalid, SlotRead::Valid),
            Some(&version) => SlotRead::NewerFormat(version),
            None => SlotRead::Invalid,
        }
    }

    fn parse(body: &[u8]) -> Option<Self> {
        let office_length = usize::from(*body.get(9)?);
        let office = body.get(88..88 + office_length.min(MAX_OFFICE_BYTES))?;
        Some(Self {
            sequence: u64::from_be_bytes(array(body, 16)?),
            size: u64::from_be_bytes(array(body, 24)?),
            cursor: u64::from_be_bytes(array(body, 32)?),
            root: Hash(array(body, 40)?),
            filed: u64::from_be_bytes(array(body, 152)?),
            identity: Identity {
                ledger_id: Uuid::from_bytes(array(body, 72)?),
                office: str::from_utf8(office).ok()?.to_owned(),
            },
        })
    }
}

// === impl HeadFile ===

impl HeadFile {
    /// The bytes of a new `head`: the same empty log in both slots.
    pub fn initial(identity: &Identity) -> Vec<u8> {
        let distance = usize::try_from(SLOT_DISTANCE).unwrap_or(SLOT_BYTES);
        let mut bytes = Vec::new();
        for sequence in 0..2 {
            let slot = Slot {
                identity: identity.clone(),
                sequence,
                size: 0,
                cursor: 0,
                root: Hash::EMPTY,
                filed: 0,
            };
            bytes.extend_from_slice(&slot.encode());
            bytes.resize(bytes.len().next_multiple_of(distance), 0);
        }
        bytes
    }

    /// Both slots of an open `head`. A short file reads as invalid slots.
    pub fn read(file: &File) -> io::Result<[SlotRead; 2]> {
        let read = |offset| {
            let mut bytes = [0; SLOT_BYTES];
            match file.read_exact_at(&mut bytes, offset) {
                Ok(()) => Ok(Slot::decode(&bytes)),
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(SlotRead::Invalid),
                Err(error) => Err(error),
            }
        };
        Ok([read(0)?, read(SLOT_DISTANCE)?])
    }

    /// Begins in a file that holds what [`Self::initial`] says.
    pub fn first(file: File, identity: &Identity) -> Self {
        let latest = Slot {
            identity: identity.clone(),
            sequence: 1,
            size: 0,
            cursor: 0,
            root: Hash::EMPTY,
            filed: 0,
        };
        Self { file, latest }
    }

    /// Continues after `latest`, the valid slot with the highest sequence number.
    pub fn resume(file: File, latest: Slot) -> Self {
        Self { file, latest }
    }

    pub fn latest(&self) -> &Slot {
        &self.latest
    }

    /// Another handle of the file, for looking whether it is still there.
    pub fn try_clone(&self) -> io::Result<File> {
        self.file.try_clone()
    }

    /// Overwrites the older slot and syncs it.
    ///
    /// # Errors
    ///
    /// What the system says; the slot may or may not have become durable.
    pub fn advance(&mut self, at: Committed, filed: u64) -> io::Result<()> {
        let mut next = self.latest.clone();
        next.sequence += 1;
        (next.size, next.root, next.cursor, next.filed) = (at.size, at.root, at.cursor, filed);
        self.file
            .write_all_at(&next.encode(), (next.sequence % 2) * SLOT_DISTANCE)?;
        self.file.sync_data()?;
        self.latest = next;
        Ok(())
    }
}

// === free functions ===

/// Whether `head.new` says that a creation was cut short: it is there, and no slot in it ever saw an entry.
pub(crate) fn is_creation_mark(place: &Place) -> bool {
    let slots = File::open(place.new_head()).and_then(|file| HeadFile::read(&file));
    slots.is_ok_and(|slots| {
        slots.iter().all(|slot| match slot {
            SlotRead::Valid(slot) => slot.size == 0,
            // Written, but not synced before the power cut.
            SlotRead::Invalid => true,
            SlotRead::NewerFormat(_) => false,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Slot {
        Slot {
            identity: Identity {
                ledger_id: Uuid::from_u128(0x1234_5678),
                office: "610729".to_owned(),
            },
            sequence: 9,
            size: 1_000_003,
            cursor: 77,
            root: keshi_verify::leaf_hash(b"root"),
            filed: 999_900,
        }
    }

    #[test]
    fn a_slot_reads_back_as_written() {
        assert_eq!(Slot::decode(&sample().encode()), SlotRead::Valid(sample()));
        let mut long = sample();
        long.identity.office = "x".repeat(MAX_OFFICE_BYTES);
        assert_eq!(Slot::decode(&long.encode()), SlotRead::Valid(long));
    }

    #[test]
    fn a_slot_keeps_the_bytes_of_the_first_release() {
        assert_eq!(
            sample().encode().as_slice(),
            include_bytes!("../tests/fixtures/head_slot_v1.bin")
        );
    }

    #[test]
    fn every_flipped_bit_makes_a_slot_invalid() {
        for bit in 0..SLOT_BYTES * 8 {
            let mut bytes = sample().encode();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Slot::decode(&bytes), SlotRead::Invalid, "bit {bit}");
        }
    }

    #[test]
    fn a_newer_slot_is_not_mistaken_for_damage() {
        let mut bytes = sample().encode();
        bytes[8] = 2;
        let (body, checksum) = bytes.split_at_mut(CHECKSUM_AT);
        checksum.copy_from_slice(&Sha256::digest(body));
        assert_eq!(Slot::decode(&bytes), SlotRead::NewerFormat(2));
    }
}
