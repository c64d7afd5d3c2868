//! What lies in a log's directory beside sled: `head`, the journal and the sealed segments, read and held against each
//! other. Nothing is written.

use std::{
    collections::BTreeMap,
    fs::{File, OpenOptions},
    io,
    path::{Path, PathBuf},
};

use keshi_verify::{Hash, Identity};

use crate::{
    error::{Damage, OpenError},
    head::{HEAD_FORMAT, HeadFile, Slot, SlotRead},
    journal::{
        Start,
        record::Batch,
        sealed::{self, SEALED_FORMAT, Sealed, SealedRead},
        segment::{self, SEGMENT_FORMAT, Segment, SegmentHeader, SegmentRead, Tail},
    },
    place::Place,
    shared::Committed,
    store::damaged,
};

/// What was found.
pub(crate) struct Survey {
    pub identity: Identity,
    /// None if it is missing or cannot be read, though all else is there.
    pub head: Option<(File, Slot)>,
    /// Ascending; never empty.
    pub live: Vec<Segment>,
    /// Ascending, each whole.
    pub sealed: Vec<Sealed>,
    /// Sealed segments that are not what was sealed, or stand for entries that another one holds.
    pub bad_sealed: Vec<PathBuf>,
    /// Runs of entries that neither sealed nor live segments hold.
    pub holes: Vec<(u64, u64)>,
    /// Number of entries, and the cursor that contains them.
    pub end: u64,
    pub cursor: u64,
    /// Roots that were recorded, by size.
    pub witnesses: BTreeMap<u64, Hash>,
}

impl Survey {
    /// Looks at everything but sled.
    pub fn take(place: &Place) -> Result<Self, OpenError> {
        let head = read_head(place)?;
        let live = read_live(place, head.as_ref().map(|(_, slot)| slot))?;
        let (sealed, bad_sealed) = read_sealed(place)?;
        let identity = identity(place, head.as_ref(), &live, &sealed)?;
        let Some(last) = live.last() else {
            return Err(damaged(place, 0, Damage::FileMissing { file: "journal" }));
        };
        if let Tail::Bad { offset } = last.records.tail {
            let file = below(place, &last.path);
            return Err(damaged(place, last.end(), Damage::Record { file, offset }));
        }
        let end = last.end();
        let at_head = head.as_ref().map(|(_, slot)| slot);
        if let Some(slot) = at_head.filter(|slot| slot.size > end) {
            let (expected, found) = (slot.size, end);
            return Err(damaged(place, end, Damage::Shorter { expected, found }));
        }
        let cursor = last_cursor(&live).or(at_head.map(|slot| slot.cursor)).unwrap_or(0);
        let witnesses = witnesses(place, at_head, &live, &sealed)?;
        let mut survey = Self {
            identity,
            head,
            live,
            sealed,
            bad_sealed,
            holes: Vec::new(),
            end,
            cursor,
            witnesses,
        };
        survey.find_holes();
        Ok(survey)
    }

    /// Finds what no segment holds, and sets apart sealed segments that stand twice.
    fn find_holes(&mut self) {
        let mut next = 0;
        let mut sealed_end = 0;
        let mut whole = Vec::new();
        for segment in std::mem::take(&mut self.sealed) {
            let first_index = segment.segment.first_index;
            if first_index < sealed_end {
                self.bad_sealed.push(segment.path);
                continue;
            }
            if first_index > next {
                self.holes.push((next, first_index));
            }
            (next, sealed_end) = (segment.end, segment.end);
            whole.push(segment);
        }
        for segment in &self.live {
            if segment.first_index > next {
                self.holes.push((next, segment.first_index));
            }
            // A gap in a segment that is sealed already is none.
            let gaps = segment.records.gaps.iter().copied();
            self.holes.extend(gaps.filter(|(_, to)| *to > sealed_end));
            next = next.max(segment.end());
        }
        self.sealed = whole;
    }

    /// Whether the live segments are all that they were, so that the journal goes on with the last one or after it.
    pub fn live_is_whole(&self) -> bool {
        self.live.iter().all(Segment::is_whole)
    }

    /// The committed batches of live segments that reach beyond `size`, in order.
    pub fn batches_beyond(&self, size: u64) -> impl Iterator<Item = &Batch> {
        let all = self.live.iter().flat_map(|segment| &segment.records.batches);
        all.filter(move |batch| batch.end_index() > size)
    }

    /// Where the log stands at its end, given the root there.
    pub fn committed(&self, root: Hash) -> Committed {
        Committed {
            size: self.end,
            root,
            cursor: self.cursor,
        }
    }

    /// Where a segment begins that is opened at the end.
    pub fn start(&self, root: Hash) -> Start {
        Start {
            index: self.end,
            cursor: self.cursor,
            root,
        }
    }
}

// === free functions ===

/// A path as it is named to the user.
fn below(place: &Place, path: &Path) -> String {
    path.strip_prefix(&place.dir).unwrap_or(path).display().to_string()
}

/// Reads `head`: the valid slot with the higher sequence number.
fn read_head(place: &Place) -> Result<Option<(File, Slot)>, OpenError> {
    let path = place.head();
    let file = match OpenOptions::new().read(true).write(true).open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(place.error("open", &path, error)),
    };
    let slots = HeadFile::read(&file).map_err(|error| place.error("read", &path, error))?;
    let mut latest: Option<Slot> = None;
    for slot in slots {
        match slot {
            SlotRead::NewerFormat(found) => return Err(newer("head", found, HEAD_FORMAT)),
            SlotRead::Valid(slot) if latest.as_ref().is_none_or(|known| known.sequence < slot.sequence) => {
                latest = Some(slot);
            }
            SlotRead::Valid(_) | SlotRead::Invalid => {}
        }
    }
    Ok(latest.map(|slot| (file, slot)))
}

fn read_live(place: &Place, head: Option<&Slot>) -> Result<Vec<Segment>, OpenError> {
    let journal = place.journal();
    let missing = || {
        let first_missing_index = head.map_or(0, |slot| slot.filed);
        damaged(place, first_missing_index, Damage::FileMissing { file: "journal" })
    };
    let read = match segment::read_live(&journal) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(missing()),
        read => read.map_err(|error| place.error("read", &journal, error))?,
    };
    let mut live = Vec::new();
    for segment in read {
        match segment {
            SegmentRead::Segment(segment) => live.push(segment),
            SegmentRead::NewerFormat(found) => return Err(newer("the journal", found, SEGMENT_FORMAT)),
        }
    }
    if live.is_empty() { Err(missing()) } else { Ok(live) }
}

fn read_sealed(place: &Place) -> Result<(Vec<Sealed>, Vec<PathBuf>), OpenError> {
    let read =
        sealed::read_all(&place.sealed_dir()).map_err(|error| place.error("read", &place.sealed_dir(), error))?;
    let (mut sealed, mut bad) = (Vec::new(), Vec::new());
    for segment in read {
        match segment {
            SealedRead::Whole(segment) => sealed.push(segment),
            SealedRead::Bad { path } => bad.push(path),
            SealedRead::NewerFormat(found) => return Err(newer("a sealed segment", found, SEALED_FORMAT)),
        }
    }
    Ok((sealed, bad))
}

/// Whose log it is, as all files say alike.
fn identity(
    place: &Place,
    head: Option<&(File, Slot)>,
    live: &[Segment],
    sealed: &[Sealed],
) -> Result<Identity, OpenError> {
    let head = head.map(|(_, slot)| (place.head(), &slot.identity));
    let of_live = live.iter().filter_map(|segment| {
        let header = segment.header.as_ref()?;
        Some((segment.path.clone(), &header.identity))
    });
    let of_sealed = sealed
        .iter()
        .map(|segment| (segment.path.clone(), &segment.segment.identity));
    let mut all = head.into_iter().chain(of_sealed).chain(of_live);
    let Some((_, identity)) = all.next() else {
        return Err(damaged(place, 0, Damage::Head));
    };
    match all.find(|(_, other)| *other != identity) {
        None => Ok(identity.clone()),
        Some((path, _)) => Err(damaged(
            place,
            0,
            Damage::Foreign {
                file: below(place, &path),
            },
        )),
    }
}

fn last_cursor(live: &[Segment]) -> Option<u64> {
    live.iter().rev().find_map(|segment| {
        let last = segment.records.batches.last().map(|batch| batch.header.cursor);
        last.or(segment.header.as_ref().map(|header| header.cursor_before))
    })
}

/// Every root that was recorded. Two that differ for one size are damage.
fn witnesses(
    place: &Place,
    head: Option<&Slot>,
    live: &[Segment],
    sealed: &[Sealed],
) -> Result<BTreeMap<u64, Hash>, OpenError> {
    let of_header = |header: &SegmentHeader| (header.first_index, header.root_before);
    let of_batch = |batch: &Batch| (batch.header.first_index, batch.header.root_before);
    let of_head = head.map(|slot| (slot.size, slot.root));
    let of_live = live.iter().flat_map(|segment| {
        let header = segment.header.as_ref().map(of_header);
        header.into_iter().chain(segment.records.batches.iter().map(of_batch))
    });
    let all = of_head
        .into_iter()
        .chain(sealed.iter().map(|segment| of_header(&segment.segment)))
        .chain(of_live);
    let mut witnesses = BTreeMap::new();
    for (size, found) in all {
        let expected = *witnesses.entry(size).or_insert(found);
        if expected != found {
            return Err(damaged(place, 0, Damage::OtherRoot { size, expected, found }));
        }
    }
    Ok(witnesses)
}

fn newer(file: &'static str, found: u8, known: u8) -> OpenError {
    OpenError::NewerFormat { file, found, known }
}
