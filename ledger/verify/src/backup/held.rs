//! Whether a directory holds an earlier backup of the same ledger, which may be added to.

use std::{collections::BTreeMap, io, path::Path};

use super::{BackupError, Look};
use crate::{
    Hash,
    record::Batch,
    sealed::{self, Sealed, SealedRead},
    segment::{self, SegmentHeader, SegmentRead},
};

/// What a backup holds already, as its files say.
#[derive(Default)]
pub(super) struct Held {
    headers: Vec<SegmentHeader>,
    records: Vec<Batch>,
    end: u64,
}

/// What a backup holds, unproved; what cannot be read is written again or found when it is proved.
pub(super) fn held(to: &Path) -> io::Result<Held> {
    let mut held = Held::default();
    let mut last = None;
    for read in sealed::read_all(&to.join("sealed"))? {
        if let SealedRead::Whole(sealed) = read {
            held.end = sealed.end.max(held.end);
            held.headers.push(sealed.segment.clone());
            last = Some(sealed);
        }
    }
    if let Some(records) = last.map(|sealed| sealed.records()).transpose()?.flatten() {
        held.records.extend(records.batches);
    }
    for read in segment::read_live(&to.join("journal"))? {
        if let SegmentRead::Segment(segment) = read {
            held.end = segment.end().max(held.end);
            held.headers.extend(segment.header);
            held.records.extend(segment.records.batches);
        }
    }
    Ok(held)
}

/// Refuses a backup of another ledger, and of one that holds what this ledger does not.
///
/// Both sides state the root before each segment and each record. Where they state it of the same size, it is the same as
/// long as they are; the last record has nothing after it that states its root, so its entries are compared.
pub(super) fn compare(to: &Path, held: &Held, look: &Look) -> Result<(), BackupError> {
    let failed = |source| BackupError::Io {
        to: to.to_path_buf(),
        source,
    };
    let mut headers: Vec<_> = look.sealed.iter().map(|sealed| &sealed.segment).collect();
    headers.extend(look.live.iter().filter_map(|live| live.segment.header.as_ref()));
    let ledger = headers.first().map(|header| &header.identity);
    for header in &held.headers {
        if let Some(ledger) = ledger.filter(|ledger| **ledger != header.identity) {
            return Err(BackupError::OtherLedger {
                to: to.to_path_buf(),
                backup: Box::new(header.identity.clone()),
                ledger: Box::new(ledger.clone()),
            });
        }
    }
    let ledger = look.live.last().map_or(0, |live| live.segment.end());
    if held.end > ledger {
        return Err(BackupError::Ahead {
            to: to.to_path_buf(),
            backup: held.end,
            ledger,
        });
    }
    // The segment that holds the backup's last entry; what stands before it is vouched for by the roots.
    let sealed_since = look.sealed.iter().find(|sealed| sealed.end >= held.end);
    let sealed_since = sealed_since.map(Sealed::records).transpose().map_err(failed)?.flatten();
    let records = sealed_since.iter().map(|records| &records.batches);
    let records = records.chain(look.live.iter().map(|live| &live.segment.records.batches));
    let records: BTreeMap<u64, &Batch> = records
        .flatten()
        .map(|record| (record.header.first_index, record))
        .collect();

    let roots: BTreeMap<_, _> = stated(headers, records.values().copied()).collect();
    let held_roots = stated(&held.headers, &held.records);
    let other_root = held_roots.filter(|(index, root)| roots.get(index).is_some_and(|ours| ours != root));
    let last = held.records.iter().max_by_key(|record| record.header.first_index);
    let other_last = last.map(|last| last.header.first_index).filter(|first| {
        // Put together again after a damage, the same entries may stand in other records: one after the other.
        let mut next = *first;
        let follow = std::iter::from_fn(|| {
            let record = records.get(&next)?;
            next = record.end_index();
            Some(record.entries.as_ref())
        });
        let ours: Vec<u8> = follow.flatten().copied().collect();
        !ours.is_empty() && last.is_some_and(|last| !ours.starts_with(&last.entries))
    });
    let parted = other_root.map(|(index, _)| index).chain(other_last);
    match parted.min() {
        Some(first_index) => Err(BackupError::Parted {
            to: to.to_path_buf(),
            first_index,
        }),
        None => Ok(()),
    }
}

/// The roots that segments and records state, each with its size.
fn stated<'a>(
    headers: impl IntoIterator<Item = &'a SegmentHeader>,
    records: impl IntoIterator<Item = &'a Batch>,
) -> impl Iterator<Item = (u64, Hash)> {
    let headers = headers
        .into_iter()
        .map(|header| (header.first_index, header.root_before));
    let records = records.into_iter().map(|record| &record.header);
    headers.chain(records.map(|header| (header.first_index, header.root_before)))
}
