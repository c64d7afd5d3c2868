//! The blocks: sled's file as it lies on the disk, and the entries as readers are served them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    io,
    os::unix::fs::FileExt as _,
};

use keshi_verify::{MerkleStack, leaf_hash, tile::TILE_WIDTH};

use super::{Copy, Fault, Scrub, Stage, Step, forget, look_again};
use crate::{
    error::{Damage, ReadError},
    store::SEGMENT_BYTES,
    table::{self, Segment},
};

/// What a segment of sled's file comes to, beside what it was.
enum Looked {
    Free,
    Sound { lsn: u64, end: usize },
    Bad { from: usize, to: usize },
}

// === impl Scrub ===

impl Scrub {
    // === sled's file ===

    pub(super) fn table(&mut self, number: u64, step: &mut Step) -> Stage {
        let path = self.reader.shared.place.db();
        let next = Stage::Table { segment: number + 1 };
        let read = File::open(&path).and_then(|file| {
            if number == 0 {
                forget(&file);
            }
            look_again(|| look_at(&file, number, &self.ends))
        });
        let (bytes, found) = match read {
            Ok((bytes, _)) if bytes.is_empty() => return Stage::Tiles { number: 0 },
            Ok((bytes, found)) => (bytes, found),
            Err(error) => {
                step.faults
                    .push(self.fault(Copy::Blocks, &path, None, format!("it cannot be read: {error}")));
                return Stage::Tiles { number: 0 };
            }
        };
        step.bytes = bytes.len() as u64;
        let offset = number * SEGMENT_BYTES as u64;
        match found {
            Looked::Sound { lsn, end } => {
                self.ends.insert(number, (lsn, end));
            }
            Looked::Free => {
                self.ends.remove(&number);
            }
            Looked::Bad { from, to } => {
                let part = bytes.get(from..to).unwrap_or_default();
                let range = self.blocks_in(part);
                let cause = format!(
                    "the bytes {} to {} are not what was written",
                    offset + from as u64,
                    offset + to as u64
                );
                step.faults.push(self.fault(Copy::Blocks, &path, range, cause));
            }
        }
        next
    }

    /// The entries of the blocks that stand in a part of sled's file: the first, and the index after the last.
    fn blocks_in(&self, part: &[u8]) -> Option<(u64, u64)> {
        // The checksums of blocks, as they stand there: sled writes values as they are.
        let words: BTreeSet<[u8; 4]> = part.windows(4).filter_map(|word| word.try_into().ok()).collect();
        let stored = self.reader.shared.store.all();
        let mut found: Option<(u64, u64)> = None;
        let mut next = 0;
        let Ok(mut stored) = stored else { return None };
        loop {
            let Ok(batch) = stored.next_batch(64) else {
                // What cannot be read begins here.
                return Some(found.map_or((next, next + 1), |(first, end)| (first.min(next), end.max(next + 1))));
            };
            if batch.is_empty() {
                return found;
            }
            for (key, value) in batch {
                let (Some(first), Some(checksum)) = (key.first_chunk(), value.get(4..8)) else {
                    continue;
                };
                let first = u64::from_be_bytes(*first);
                let count = value
                    .get(2..4)
                    .and_then(<[u8]>::first_chunk)
                    .map_or(0, |count| u16::from_be_bytes(*count));
                next = first + u64::from(count);
                if <[u8; 4]>::try_from(checksum).is_ok_and(|word| words.contains(&word)) {
                    found = Some(found.map_or((first, next), |(begin, _)| (begin, next)));
                }
            }
        }
    }

    // === what readers are served ===

    pub(super) fn tile(&self, number: u64, step: &mut Step) -> Stage {
        let (from, to) = (number * TILE_WIDTH, (number + 1) * TILE_WIDTH);
        let committed = self.reader.committed();
        let mut tree = MerkleStack::new();
        let mut full = None;
        for block in self.reader.scan_range(from, to) {
            match block {
                Ok(block) => {
                    for (_, entry) in block.entries() {
                        step.bytes += entry.len() as u64;
                        full = tree.push_tiled(leaf_hash(entry)).or(full);
                    }
                }
                Err(error) => {
                    let at = index_of(&error);
                    step.faults.push(self.of_blocks((at, at + 1), with_cause(&error)));
                    break;
                }
            }
        }
        if let (Some(full), Some(expected)) = (full, self.reader.full_tile(number))
            && full != expected
        {
            step.faults
                .push(self.of_blocks((from, to), Damage::OtherLeaves { number }.to_string()));
        }
        if to <= committed.size {
            return Stage::Tiles { number: number + 1 };
        }
        match self.reader.root_at(committed.size) {
            Ok(root) if root == committed.root => {}
            Ok(_) => {
                let from = from.min(committed.size);
                step.faults
                    .push(self.of_blocks((from, committed.size), "they lead to another root".to_owned()));
            }
            // It was said when its tile was read.
            Err(_) => {}
        }
        self.rest_of_second_copy(0, step)
    }

    fn of_blocks(&self, range: (u64, u64), cause: String) -> Fault {
        self.fault(Copy::Blocks, &self.reader.shared.place.db(), Some(range), cause)
    }
}

// === free functions ===

/// Reads a segment of sled's file; empty behind its end. Also says whether it is what it should be.
fn look_at(file: &File, number: u64, ends: &BTreeMap<u64, (u64, usize)>) -> io::Result<((Vec<u8>, Looked), bool)> {
    let mut bytes = vec![0; SEGMENT_BYTES];
    let (offset, mut read) = (number * SEGMENT_BYTES as u64, 0);
    while let Some(rest) = bytes.get_mut(read..).filter(|rest| !rest.is_empty()) {
        match file.read_at(rest, offset + read as u64)? {
            0 => break,
            more => read += more,
        }
    }
    bytes.truncate(read);
    let found = match table::look(&bytes) {
        Segment::Free => Looked::Free,
        Segment::Sound { lsn, end } => match ends.get(&number) {
            // It went further once.
            Some((before, reached)) if *before == lsn && *reached > end => Looked::Bad {
                from: end,
                to: *reached,
            },
            _ => Looked::Sound { lsn, end },
        },
        Segment::BadHeader => Looked::Bad {
            from: 0,
            to: bytes.len(),
        },
        Segment::BadMessage { from, to, .. } => Looked::Bad { from, to },
    };
    let is_sound = !matches!(found, Looked::Bad { .. });
    Ok(((bytes, found), is_sound))
}

fn index_of(error: &ReadError) -> u64 {
    match error {
        ReadError::Storage { index, .. } | ReadError::Damaged { index, .. } => *index,
        ReadError::NoProof { what, .. } => *what,
        ReadError::BeyondEnd { committed, .. } => *committed,
    }
}

fn with_cause(error: &ReadError) -> String {
    match error {
        ReadError::Storage { source, .. } => source.to_string(),
        ReadError::Damaged { cause, .. } => cause.to_string(),
        ReadError::NoProof { .. } | ReadError::BeyondEnd { .. } => error.to_string(),
    }
}
