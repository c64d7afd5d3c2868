//! Two bundles of one ledger, held against each other: an office that shows one auditor one ledger and another auditor another is found
//! out here.

use keshi_verify::checkpoint::show_hash;

use crate::failed::{Check, Failed, Place};
use crate::format::{Bundle, Subject};

/// What two bundles, both of which hold, are to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    /// Of one size, and the same.
    Same,
    /// The smaller ledger is the beginning of the larger.
    GoesOn {
        /// The smaller.
        from: u64,
        /// The larger.
        to: u64,
    },
    /// Of two sizes, of which one bundle at least has not all entries: nothing can be told here.
    Unknown,
}

/// Compares two bundles that were checked.
///
/// # Errors
///
/// [`Failed`] by [`Check::SplitView`], with the first entry that differs where both bundles have it: two ledgers were signed where there
/// should be one.
pub fn compare(one: &Bundle<'_>, other: &Bundle<'_>) -> Result<Beside, Failed> {
    let (first, second) = (&one.checkpoint, &other.checkpoint);
    if first.origin != second.origin {
        let place = Place::Size(first.size);
        return Err(Failed::new(
            Check::SplitView,
            place,
            first.origin.clone(),
            second.origin.clone(),
        ));
    }
    let both_have = one
        .entries
        .iter()
        .filter_map(|(index, bytes)| Some((*index, *bytes, entry_at(other, *index)?)));
    for (index, bytes, theirs) in both_have {
        if bytes != theirs {
            let told = |bytes: &[u8]| format!("an entry with the hash {}", keshi_verify::leaf_hash(bytes));
            return Err(Failed::new(
                Check::SplitView,
                Place::Entry(index),
                told(bytes),
                told(theirs),
            ));
        }
    }
    let place = Place::Size(first.size);
    if first.size != second.size {
        let is_whole = |bundle: &Bundle<'_>| bundle.subject == Subject::Everybody;
        let (from, to) = (first.size.min(second.size), first.size.max(second.size));
        let known = is_whole(one) && is_whole(other);
        return Ok(if known {
            Beside::GoesOn { from, to }
        } else {
            Beside::Unknown
        });
    }
    if first.root != second.root {
        let told = |root| format!("root {}", show_hash(&root));
        return Err(Failed::new(
            Check::SplitView,
            place,
            told(first.root),
            told(second.root),
        ));
    }
    match (first.people, second.people) {
        (Some(ours), Some(theirs)) if ours != theirs => {
            let told = |people| format!("people {people}");
            Err(Failed::new(Check::SplitView, place, told(ours), told(theirs)))
        }
        _ => Ok(Beside::Same),
    }
}

fn entry_at<'b>(bundle: &Bundle<'b>, index: u64) -> Option<&'b [u8]> {
    let place = bundle.entries.binary_search_by_key(&index, |(index, _)| *index).ok()?;
    bundle.entries.get(place).map(|(_, bytes)| *bytes)
}
