//! Putting one copy of the entries together again from the other.
//!
//! Nothing is believed that does not lead to a recorded root, nothing damaged is deleted, and nothing is written before
//! the other copy has been read whole.

use std::{fs, ops::Range, path::Path};

use keshi_verify::{
    MerkleStack, leaf_hash,
    tile::TILE_WIDTH,
    tiled::{OverTiles, TileError},
};

use crate::{
    block::Block,
    error::{Damage, OpenError, StorageError},
    filer::Packer,
    journal::{
        record::{Batch, RecordHeader},
        sealed::{self, Sealed},
        segment::SegmentHeader,
    },
    place::Place,
    repair::Repair,
    scan::{Handed, Scanned},
    store::{Store, damaged, open_error},
    survey::Survey,
    walk::Walk,
    whole::{Whole, clear, exchange},
};

/// Bytes of entries in one segment that is sealed again.
const SEAL_BYTES: usize = 4 * 1024 * 1024;

/// Puts sled's blocks together again from the journal, and keeps the damaged ones beside them.
///
/// The caller has been handed the blocks up to `handed` already; what the journal holds there must be the same.
///
/// # Errors
///
/// `damage` itself if the journal does not hold every entry.
pub(crate) fn blocks(
    place: &Place,
    survey: &Survey,
    handed: Handed,
    damage: OpenError,
    on_block: &mut dyn FnMut(&Block),
    repairs: &mut Vec<Repair>,
) -> Result<Scanned, OpenError> {
    if matches!(
        &damage,
        OpenError::Damaged {
            cause: Damage::Ahead { .. },
            ..
        }
    ) || !survey.holes.is_empty()
    {
        return Err(damage);
    }
    let new = place.new_blocks();
    clear(place, &new)?;
    let made = put_together(place, survey, handed, &new, on_block);
    let walk = match made {
        Ok(Some(walk)) => walk,
        Ok(None) | Err(OpenError::Damaged { .. }) => {
            clear(place, &new)?;
            return Err(damage);
        }
        Err(other) => return Err(other),
    };
    let kept = place.damaged_blocks();
    clear(place, &kept)?;
    if place.blocks().exists() {
        fs::rename(place.blocks(), &kept).map_err(|error| place.error("move", &place.blocks(), error))?;
    }
    exchange(place, &new)?;
    let store = Store::open(place, &place.blocks(), false)?;
    store.sync_opened(place, &place.blocks())?;
    let cause = match &damage {
        OpenError::Damaged { cause, .. } => cause.to_string(),
        other => other.to_string(),
    };
    repairs.push(Repair::Blocks { cause, kept });
    Ok(Scanned { store, walk })
}

/// `None` if the journal does not hold every entry.
fn put_together(
    place: &Place,
    survey: &Survey,
    handed: Handed,
    new: &Path,
    on_block: &mut dyn FnMut(&Block),
) -> Result<Option<Walk>, OpenError> {
    let mut witnesses = survey.witnesses.clone();
    if *witnesses.entry(handed.size).or_insert(handed.root) != handed.root {
        return Ok(None);
    }
    let mut walk = Walk::new(place, witnesses);
    let store = Store::open(place, new, true)?;
    let mut packer = Packer::new(0);
    let mut take = |batch: &Batch, walk: &mut Walk| -> Result<(), OpenError> {
        let mut block = Block::of(batch);
        block.narrow(walk.tree.size(), u64::MAX);
        if block.is_empty() {
            return Ok(());
        }
        walk.take(&block)?;
        for (_, entry) in block.entries() {
            packer
                .push(&store, entry, block.decide_version())
                .map_err(|message| failed(place, message))?;
        }
        block.narrow(handed.size, u64::MAX);
        if !block.is_empty() {
            on_block(&block);
        }
        Ok(())
    };
    for segment in &survey.sealed {
        let Some(records) = read(place, segment)? else {
            return Ok(None);
        };
        for batch in &records {
            take(batch, &mut walk)?;
        }
    }
    for segment in &survey.live {
        for batch in &segment.records.batches {
            take(batch, &mut walk)?;
        }
    }
    if walk.tree.size() != survey.end {
        return Ok(None);
    }
    packer.flush(&store).map_err(|message| failed(place, message))?;
    packer.sync(&store).map_err(|message| failed(place, message))?;
    store.sync_opened(place, new)?;
    Ok(Some(walk))
}

fn read(place: &Place, segment: &Sealed) -> Result<Option<Vec<Batch>>, OpenError> {
    let records = segment
        .records()
        .map_err(|error| place.error("read", &segment.path, error))?;
    Ok(records.map(|records| records.batches))
}

fn failed(place: &Place, message: String) -> OpenError {
    open_error(place, StorageError::Sled { message })
}

/// Makes the journal whole again from sled's blocks, where it is not. Answers how many entries the blocks then hold.
///
/// # Errors
///
/// What stands in the way; the journal is then no worse than it was.
pub(crate) fn journal(whole: &Whole<'_>, filed: u64, repairs: &mut Vec<Repair>) -> Result<u64, OpenError> {
    let Whole { place, survey, .. } = whole;
    let mut holes = survey.holes.clone();
    let mut filed = filed;
    if !survey.live_is_whole() {
        // All goes into the blocks; the live segments are sealed from there, and a new one begins.
        filed = file_all(whole, filed)?;
        let first_live = survey.live.first().map_or(survey.end, |segment| segment.first_index);
        let sealed_end = survey.sealed.last().map_or(0, |segment| segment.end);
        holes.retain(|(_, to)| *to <= first_live);
        holes.push((first_live.max(sealed_end), survey.end));
        for segment in &survey.live {
            set_aside(place, &segment.path)?;
        }
    }
    for path in &survey.bad_sealed {
        set_aside(place, path)?;
    }
    for (from, to) in holes.into_iter().filter(|(from, to)| from < to) {
        seal_again(whole, from, to)?;
        repairs.push(Repair::Journal { from, to });
    }
    Ok(filed)
}

/// Files what only the journal holds, also what does not fill a block.
fn file_all(whole: &Whole<'_>, filed: u64) -> Result<u64, OpenError> {
    let Whole {
        place, survey, store, ..
    } = whole;
    let mut packer = Packer::new(filed);
    for batch in survey.batches_beyond(filed) {
        let mut block = Block::of(batch);
        block.narrow(packer.next_index(), u64::MAX);
        for (_, entry) in block.entries() {
            packer
                .push(store, entry, block.decide_version())
                .map_err(|message| failed(place, message))?;
        }
    }
    packer.flush(store).map_err(|message| failed(place, message))?;
    packer.sync(store).map_err(|message| failed(place, message))?;
    Ok(packer.filed())
}

fn set_aside(place: &Place, path: &Path) -> Result<(), OpenError> {
    let aside = path.with_extension("damaged");
    fs::rename(path, aside).map_err(|error| place.error("move", path, error))
}

/// Seals the entries from `from` to before `to` from the blocks.
fn seal_again(whole: &Whole<'_>, from: u64, to: u64) -> Result<(), OpenError> {
    let mut tree = tree_at(whole, from)?;
    let mut batches: Vec<(RecordHeader, Vec<Block>)> = Vec::new();
    let (mut first_index, mut root_before, mut bytes) = (from, tree.root(), 0);
    let mut next = from;
    while next < to {
        for block in blocks_from(whole, next, to)? {
            let header = RecordHeader {
                count: u32::try_from(block.len()).unwrap_or(u32::MAX),
                first_index: block.first_index(),
                // The position is known at the end of the log only; nothing asks for it in between.
                cursor: whole.survey.cursor,
                decide_version: block.decide_version(),
                root_before: tree.root(),
            };
            for (_, entry) in block.entries() {
                tree.push(leaf_hash(entry));
                bytes += entry.len();
            }
            next = block.end_index();
            batches.push((header, vec![block]));
            if bytes >= SEAL_BYTES || next >= to {
                let segment = SegmentHeader {
                    identity: whole.survey.identity.clone(),
                    first_index,
                    cursor_before: whole.survey.cursor,
                    root_before,
                };
                write_sealed(whole.place, &segment, next, &batches)?;
                batches.clear();
                (first_index, root_before, bytes) = (next, tree.root(), 0);
            }
        }
    }
    Ok(())
}

fn write_sealed(
    place: &Place,
    segment: &SegmentHeader,
    end: u64,
    batches: &[(RecordHeader, Vec<Block>)],
) -> Result<(), OpenError> {
    let records = sealed::records_of(
        segment.first_index,
        batches.iter().map(|(header, blocks)| {
            let entries = blocks.iter().flat_map(|block| block.entries().map(|(_, entry)| entry));
            (*header, entries.collect())
        }),
    );
    let name = place.sealed(segment.first_index, end);
    fs::create_dir_all(place.sealed_dir()).map_err(|error| place.error("create", &place.sealed_dir(), error))?;
    sealed::seal(&place.sealed_dir(), segment, end, &records).map_err(|error| place.error("write", &name, error))
}

fn tree_at(whole: &Whole<'_>, size: u64) -> Result<MerkleStack, OpenError> {
    let leaves = |range: Range<u64>| {
        let mut hashes = Vec::new();
        while let at = range.start + hashes.len() as u64
            && at < range.end
        {
            for block in blocks_from(whole, at, range.end)? {
                hashes.extend(block.entries().map(|(_, entry)| leaf_hash(entry)));
            }
        }
        Ok(hashes)
    };
    let tree = MerkleStack::of(&mut OverTiles::new(&whole.walk.upper, size, leaves), size);
    tree.map_err(|error| match error {
        TileError::Leaves { source, .. } => source,
        TileError::OtherLeaves { number } => damaged(whole.place, number * TILE_WIDTH, Damage::OtherLeaves { number }),
        TileError::Missing { .. } => damaged(
            whole.place,
            size,
            Damage::Shorter {
                expected: size,
                found: whole.walk.tree.size(),
            },
        ),
    })
}

/// The next blocks that hold entries from `from` on, up to `to`; at least one.
fn blocks_from(whole: &Whole<'_>, from: u64, to: u64) -> Result<Vec<Block>, OpenError> {
    let Whole { place, store, .. } = whole;
    let wrong = |error| damaged(place, from, Damage::Storage(error));
    let first = store.block_at(from).map_err(wrong)?;
    let key = first.and_then(|(key, _)| <[u8; 8]>::try_from(&*key).ok());
    let start = key.map_or(from, u64::from_be_bytes);
    let mut stored = store.range(start, to.saturating_sub(1)).map_err(wrong)?;
    let mut blocks = Vec::new();
    for (key, value) in stored.next_batch(64).map_err(wrong)? {
        let first_index = <[u8; 8]>::try_from(&*key).map_or(from, u64::from_be_bytes);
        let block = Block::decode(first_index, value);
        let mut block = block.map_err(|defect| damaged(place, from, Damage::Block { first_index, defect }))?;
        block.narrow(from, to);
        blocks.push(block);
    }
    if blocks.is_empty() {
        return Err(damaged(place, from, Damage::NoCopy { from, to: to - 1 }));
    }
    Ok(blocks)
}
