//! The second copy: sealed and live segments, each of which must lead from the root before it to the one after it.

use std::{fs::File, io, path::PathBuf};

use keshi_verify::{
    Hash, leaf_hash,
    record::Batch,
    sealed::{self, SealedRead},
    segment::{self, SegmentRead, Tail},
};

use super::{Copy, Fault, Scrub, Stage, Step, forget, look_again};
use crate::block::Block;

// === impl Scrub ===

impl Scrub {
    /// What is left of the second copy from the entry `next` on: sealed segments, or if there are no more, live ones.
    pub(super) fn rest_of_second_copy(&self, next: u64, step: &mut Step) -> Stage {
        let place = &self.reader.shared.place;
        let mut listed = |dir: PathBuf, error: io::Error| {
            let cause = format!("it cannot be listed: {error}");
            step.faults.push(self.fault(Copy::Segments, &dir, None, cause));
        };
        // The live ones first: one that is sealed meanwhile is then in both lists, not in none.
        let mut live = segment::names(&place.journal()).unwrap_or_else(|error| {
            listed(place.journal(), error);
            Vec::new()
        });
        let mut sealed = sealed::names(&place.sealed_dir()).unwrap_or_else(|error| {
            listed(place.sealed_dir(), error);
            Vec::new()
        });
        sealed.retain(|(first, ..)| *first >= next);
        if sealed.is_empty() {
            live.reverse();
            return Stage::Live { left: live, next };
        }
        sealed.reverse();
        Stage::Sealed { left: sealed, next }
    }

    pub(super) fn sealed(&self, mut left: Vec<(u64, u64, PathBuf)>, next: u64, step: &mut Step) -> Stage {
        let Some((first, end, path)) = left.pop() else {
            return self.rest_of_second_copy(next, step);
        };
        if first > next {
            step.faults.push(self.lacking(next, first));
        }
        let bad = |cause: String| self.fault(Copy::Segments, &path, Some((first, end)), cause);
        if let Ok(file) = File::open(&path) {
            forget(&file);
            step.bytes = file.metadata().map_or(0, |metadata| metadata.len());
        }
        match sealed::read_one(first, end, path.clone()).and_then(|read| match read {
            SealedRead::Whole(sealed) => sealed.records(),
            SealedRead::NewerFormat(_) | SealedRead::Bad { .. } => Ok(None),
        }) {
            Ok(Some(records)) => {
                if let Err(cause) = self.leads(first, end, &records.batches) {
                    step.faults.push(bad(cause));
                }
            }
            Ok(None) => step.faults.push(bad("it is not what was sealed".to_owned())),
            Err(error) => step.faults.push(bad(format!("it cannot be read: {error}"))),
        }
        Stage::Sealed {
            left,
            next: next.max(end),
        }
    }

    pub(super) fn live(&self, mut left: Vec<(u64, PathBuf)>, next: u64, step: &mut Step) -> Option<Stage> {
        let (first, path) = left.pop()?;
        let read = File::open(&path).and_then(|file| {
            forget(&file);
            step.bytes = file.metadata()?.len();
            look_again(|| {
                // Before the look: what was committed by then must be there.
                let committed = self.reader.committed().size;
                let read = segment::read_segment(first, path.clone())?;
                let expected = if self.is_last(first) { committed } else { first };
                let is_sound =
                    matches!(&read, SegmentRead::Segment(segment) if segment.is_whole() && segment.end() >= expected);
                Ok(((expected, read), is_sound))
            })
        });
        let (expected, segment) = match read {
            // It was sealed, and is read by the next pass.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Some(Stage::Live { left, next: u64::MAX });
            }
            Err(error) => {
                step.faults.push(self.fault(
                    Copy::Segments,
                    &path,
                    Some((first, first + 1)),
                    format!("it cannot be read: {error}"),
                ));
                return Some(Stage::Live { left, next: u64::MAX });
            }
            Ok((expected, SegmentRead::Segment(segment))) => (expected, segment),
            Ok((_, SegmentRead::NewerFormat(_))) => {
                step.faults.push(self.fault(
                    Copy::Segments,
                    &path,
                    Some((first, first + 1)),
                    "it has another format".to_owned(),
                ));
                return Some(Stage::Live { left, next: u64::MAX });
            }
        };
        if first > next {
            step.faults.push(self.lacking(next, first));
        }
        let end = segment.end();
        if !segment.is_whole() {
            let (from, to) = segment.records.gaps.first().copied().unwrap_or((first, end));
            let to = if matches!(segment.records.tail, Tail::Bad { .. }) {
                to.max(expected)
            } else {
                to
            };
            step.faults.push(self.fault(
                Copy::Segments,
                &path,
                Some((from, to)),
                "records of it are not what was written".to_owned(),
            ));
        } else if end < expected {
            step.faults.push(self.lacking(end, expected));
        } else if let Err(cause) = self.leads(first, end.min(self.reader.size()), &segment.records.batches) {
            step.faults
                .push(self.fault(Copy::Segments, &path, Some((first, end)), cause));
        }
        Some(Stage::Live {
            left,
            next: next.max(end),
        })
    }

    /// Whether the journal goes on in the segment that begins here.
    fn is_last(&self, first: u64) -> bool {
        let names = segment::names(&self.reader.shared.place.journal());
        names.is_ok_and(|names| names.last().is_some_and(|(last, _)| *last == first))
    }

    /// Whether the entries `first` to before `end` of these batches lead from one root of the tree to the other.
    fn leads(&self, first: u64, end: u64, batches: &[Batch]) -> Result<(), String> {
        let known = |size| self.reader.tree_at(size);
        // Where the blocks cannot be read, that was said; the segment has passed its own checksums.
        let (Ok(mut tree), Ok(expected)) = (known(first), known(end)) else {
            return Ok(());
        };
        for batch in batches {
            if batch.header.root_before != tree.root() {
                return Err(format!("its root before entry {} is another", batch.header.first_index));
            }
            for (_, entry) in Block::of(batch).entries() {
                if tree.size() < end {
                    tree.push(leaf_hash(entry));
                }
            }
            if tree.size() >= end {
                break;
            }
        }
        let found: Hash = tree.root();
        if tree.size() == end && found == expected.root() {
            Ok(())
        } else {
            Err("its entries lead to another root".to_owned())
        }
    }

    fn lacking(&self, from: u64, to: u64) -> Fault {
        let dir = self.reader.shared.place.journal();
        self.fault(
            Copy::Segments,
            &dir,
            Some((from, to)),
            "no segment holds these entries".to_owned(),
        )
    }
}
