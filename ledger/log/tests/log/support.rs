//! What several tests need.

use keshi_log::{Hash, Identity, Log, leaf_hash, node_hash};
use uuid::Uuid;

pub fn identity() -> Identity {
    Identity {
        ledger_id: Uuid::from_u128(0x6107_2900),
        office: "610729".to_owned(),
    }
}

/// A directory on the disk of the build, not in memory as `/tmp` may be.
pub fn scratch() -> tempfile::TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap()
}

/// The definition in RFC 6962, section 2.1, word for word.
pub fn naive_root(entries: &[Vec<u8>]) -> Hash {
    match entries {
        [] => Hash::EMPTY,
        [one] => leaf_hash(one),
        many => {
            let k = many.len().next_power_of_two() / 2;
            node_hash(&naive_root(&many[..k]), &naive_root(&many[k..]))
        }
    }
}

/// Everything a reader shows.
pub fn contents(log: &Log) -> Vec<Vec<u8>> {
    let mut entries = Vec::new();
    for block in log.reader().scan(0) {
        for (index, entry) in block.unwrap().entries() {
            assert_eq!(index, entries.len() as u64);
            entries.push(entry.to_vec());
        }
    }
    entries
}

/// Appends, seals and commits `entries` as one submission.
pub fn commit(log: &mut Log, entries: &[Vec<u8>], cursor: u64) {
    for entry in entries {
        log.append(entry).unwrap();
    }
    log.seal(cursor);
    log.commit().unwrap();
}
