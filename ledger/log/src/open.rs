//! Opening: everything is read and held against everything else before anything is written.
//!
//! The journal and `head` are read first. sled's blocks follow: in place if every byte of sled's files is as sled left
//! it, else in a copy, because sled repairs what it opens. The blocks are hashed, and every root that was recorded
//! anywhere must come out. What the journal has beyond the blocks is hashed too. If the blocks are damaged they are put
//! together again from the journal; if a part of the journal is, from the blocks (see `heal.rs`).

use std::{
    fs::{self, File},
    path::PathBuf,
};

use keshi_verify::{Hash, MerkleStack, tiled::Upper};

use crate::{
    block::Block,
    copy::copy_files,
    error::{Damage, OpenError, StorageError},
    head::{HeadFile, SlotRead, is_creation_mark},
    heal,
    journal::{Journal, record::Batch, segment::Tail},
    place::Place,
    repair::Repair,
    scan::{Handed, Scanned, scan},
    shared::Committed,
    stamp,
    store::{Store, await_closed, damaged, open_error},
    survey::Survey,
    whole::{Whole, clear, exchange},
};

/// Everything a [`crate::Log`] is made of.
pub(crate) struct Opened {
    pub lock: File,
    pub place: Place,
    pub store: Store,
    pub head: HeadFile,
    pub journal: Journal,
    pub committed: Committed,
    /// Number of entries in sled's blocks.
    pub filed: u64,
    /// What the journal has beyond.
    pub unfiled: Vec<Batch>,
    /// Live segments that are closed: path and end.
    pub closed: Vec<(PathBuf, u64)>,
    pub tree: MerkleStack,
    pub upper: Upper,
    pub highest_decide_version: u32,
    pub repairs: Vec<Repair>,
}

/// Opens and verifies the log at `place`.
pub(crate) fn open(place: &Place, on_block: &mut dyn FnMut(&Block)) -> Result<Opened, OpenError> {
    if nothing_there(place) {
        return Err(OpenError::NotFound { dir: place.dir.clone() });
    }
    place.require_local()?;
    let lock = place.lock()?;
    put_back(place)?;
    let survey = Survey::take(place)?;
    let mut repairs = Vec::new();
    let Scanned { store, mut walk } = blocks(place, &survey, on_block, &mut repairs)?;
    let filed = walk.tree.size();
    for batch in survey.batches_beyond(filed) {
        let mut block = Block::of(batch);
        block.narrow(walk.tree.size(), u64::MAX);
        walk.take(&block)?;
        on_block(&block);
    }
    let committed = survey.committed(walk.tree.root());
    let whole = Whole {
        place,
        survey: &survey,
        store: &store,
        walk: &walk,
    };
    let filed = heal::journal(&whole, filed, &mut repairs)?;
    let head = head(place, &survey, committed, filed, &mut repairs)?;
    let journal = journal(place, &survey, committed)?;
    let current = survey.live.last().map(|segment| segment.first_index);
    let is_closed = |first_index| Some(first_index) != current || !goes_on(&survey);
    let closed = survey.live.iter().filter(|segment| {
        // One without entries has the name of the segment that the journal goes on in.
        is_closed(segment.first_index) && segment.first_index < segment.end() && segment.path.exists()
    });
    Ok(Opened {
        lock,
        place: place.clone(),
        head,
        journal,
        committed,
        filed,
        unfiled: survey.batches_beyond(filed).cloned().collect(),
        closed: closed.map(|segment| (segment.path.clone(), segment.end())).collect(),
        tree: walk.tree,
        upper: walk.upper,
        highest_decide_version: walk.highest_decide_version,
        store,
        repairs,
    })
}

/// What `head` says of the size, unverified; 0 if it says nothing. The journal may have more.
pub(crate) fn size_hint(place: &Place) -> u64 {
    let slots = File::open(place.head()).and_then(|file| HeadFile::read(&file));
    let sizes = slots.into_iter().flatten().map(|slot| match slot {
        SlotRead::Valid(slot) => slot.size,
        SlotRead::NewerFormat(_) | SlotRead::Invalid => 0,
    });
    sizes.max().unwrap_or(0)
}

/// Whether there is no log: nothing at all, or a creation that was cut short.
fn nothing_there(place: &Place) -> bool {
    let any = [place.head(), place.blocks(), place.journal(), place.sealed_dir()];
    !any.iter().any(|path| path.exists()) || (!place.head().exists() && is_creation_mark(place))
}

/// Finishes an exchange of sled's directory that was cut short.
fn put_back(place: &Place) -> Result<(), OpenError> {
    let (blocks, old) = (place.blocks(), place.old_blocks());
    if !blocks.exists() && old.exists() {
        fs::rename(&old, &blocks).map_err(|error| place.error("put back", &blocks, error))?;
        place.sync_dir(&place.dir)?;
    }
    Ok(())
}

/// Goes over sled's blocks; if they are not what they were, has them put together again.
fn blocks(
    place: &Place,
    survey: &Survey,
    on_block: &mut dyn FnMut(&Block),
    repairs: &mut Vec<Repair>,
) -> Result<Scanned, OpenError> {
    let mut handed = Handed {
        size: 0,
        root: Hash::EMPTY,
    };
    let scanned = scan_safely(place, survey, on_block, &mut handed);
    match scanned.and_then(|scanned| enough(place, survey, scanned)) {
        Ok(scanned) => Ok(scanned),
        Err(OpenError::Damaged {
            dir,
            first_missing_index,
            cause,
        }) => {
            let damage = OpenError::Damaged {
                dir,
                first_missing_index,
                cause,
            };
            heal::blocks(place, survey, handed, damage, on_block, repairs)
        }
        Err(other) => Err(other),
    }
}

/// Whether blocks and journal together leave nothing out.
fn enough(place: &Place, survey: &Survey, scanned: Scanned) -> Result<Scanned, OpenError> {
    let found = scanned.walk.tree.size();
    let filed = survey.head.as_ref().map_or(0, |(_, slot)| slot.filed);
    if found < filed {
        return Err(damaged(place, found, Damage::Shorter { expected: filed, found }));
    }
    if let Some(&(from, to)) = survey.holes.iter().find(|(_, to)| *to > found) {
        let from = from.max(found);
        return Err(damaged(place, from, Damage::NoCopy { from, to: to - 1 }));
    }
    let first_live = survey.live.first().map_or(survey.end, |segment| segment.first_index);
    if found < first_live {
        return Err(damaged(
            place,
            found,
            Damage::Shorter {
                expected: first_live,
                found,
            },
        ));
    }
    Ok(scanned)
}

/// Has sled open its directory: itself if it is as sled left it, else a copy, which then takes its place.
fn scan_safely(
    place: &Place,
    survey: &Survey,
    on_block: &mut dyn FnMut(&Block),
    handed: &mut Handed,
) -> Result<Scanned, OpenError> {
    let (blocks, checked) = (place.blocks(), place.checked_blocks());
    await_closed(place)?;
    let stamped = stamp::matches(place).map_err(|error| place.error("read", &blocks, error))?;
    if stamped {
        stamp::remove(place).map_err(|error| place.error("remove", &place.stamp(), error))?;
        return scan(place, survey, &blocks, on_block, handed);
    }
    if !place.db().exists() {
        return Err(damaged(place, 0, Damage::FileMissing { file: "blocks/db" }));
    }
    clear(place, &checked)?;
    copy_files(&blocks, &checked).map_err(|error| place.error("copy", &blocks, error))?;
    copy_files(&place.blobs(), &checked.join("blobs")).map_err(|error| place.error("copy", &place.blobs(), error))?;
    let scanned = scan(place, survey, &checked, on_block, handed);
    let scanned = match scanned.and_then(|scanned| enough(place, survey, scanned)) {
        Ok(scanned) => scanned,
        Err(error) => {
            // The error is what matters.
            let _left = fs::remove_dir_all(&checked);
            return Err(error);
        }
    };
    let Scanned { store, walk } = scanned;
    store.sync_opened(place, &checked)?;
    drop(store);
    exchange(place, &checked)?;
    let store = Store::open(place, &blocks, false)?;
    store.sync_opened(place, &blocks)?;
    let found = end_of(&store).map_err(|error| open_error(place, error))?;
    let expected = walk.tree.size();
    if found == expected {
        Ok(Scanned { store, walk })
    } else {
        Err(damaged(place, found, Damage::Shorter { expected, found }))
    }
}

/// Number of entries in the blocks, by the last one.
fn end_of(store: &Store) -> Result<u64, StorageError> {
    let last = store.block_at(u64::MAX)?;
    let last = last.and_then(|(key, value)| {
        let first_index = u64::from_be_bytes(<[u8; 8]>::try_from(&*key).ok()?);
        Block::decode(first_index, value).ok()
    });
    Ok(last.map_or(0, |block| block.end_index()))
}

/// `head`, ready to be moved; made anew if it was lost.
fn head(
    place: &Place,
    survey: &Survey,
    committed: Committed,
    filed: u64,
    repairs: &mut Vec<Repair>,
) -> Result<HeadFile, OpenError> {
    let path = place.head();
    if let Some((file, slot)) = &survey.head {
        let file = file.try_clone().map_err(|error| place.error("open", &path, error))?;
        return Ok(HeadFile::resume(file, slot.clone()));
    }
    let unwritten = |error| place.error("write", &path, error);
    let making = path.with_extension("anew");
    fs::write(&making, HeadFile::initial(&survey.identity)).map_err(unwritten)?;
    let file = File::options()
        .read(true)
        .write(true)
        .open(&making)
        .map_err(unwritten)?;
    let mut head = HeadFile::first(file, &survey.identity);
    head.advance(committed, filed).map_err(unwritten)?;
    fs::rename(&making, &path).map_err(unwritten)?;
    place.sync_dir(&place.dir)?;
    repairs.push(Repair::Head);
    Ok(head)
}

/// Whether the journal goes on in its last segment.
fn goes_on(survey: &Survey) -> bool {
    let last = survey.live.last();
    survey.live_is_whole() && last.is_some_and(|segment| segment.records.tail == Tail::Clean)
}

/// The journal, ready to be written: its last segment, or a new one after an unfinished write or damage.
fn journal(place: &Place, survey: &Survey, committed: Committed) -> Result<Journal, OpenError> {
    let failed = |error| place.error("open", &place.journal(), error);
    match survey.live.last() {
        Some(last) if goes_on(survey) => Journal::resume(place, &survey.identity, last).map_err(failed),
        _ => Journal::begin(place, &survey.identity, survey.start(committed.root)).map_err(failed),
    }
}
