//! How long a proof takes beside the size of the log.
//!
//! A log of N entries of 103 bytes, N a million or what is said; then, of places drawn by chance: inclusion in the whole log
//! and in an older size, consistency of two sizes, an old root, a tile of hashes and a bundle of entries. Each proof is checked.
//!
//! `cargo bench -p keshi-log --bench proofs [-- N]`; data goes below the build directory.
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "numbers for people to look at"
)]

use std::{
    path::Path,
    time::{Duration, Instant},
};

use keshi_log::{Hash, Identity, Log, Reader, leaf_hash};
use keshi_verify::{
    proof::{verify_consistency, verify_inclusion},
    tile::{Holds, TILE_WIDTH, TilePath},
};
use rand::{Rng, SeedableRng, rngs::StdRng};
use uuid::Uuid;

const ENTRY_BYTES: usize = 103;
const COMMIT_ENTRIES: u64 = 4_000;
const PROOFS: usize = 20_000;

fn main() {
    let entries = std::env::args().find_map(|arg| arg.parse().ok()).unwrap_or(1_000_000);
    let kept = std::env::var_os("KESHI_PROOFS_LOG");
    let made = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a scratch directory");
    let dir = kept.map_or_else(|| made.path().join("log"), Into::into);
    let log = filled(&dir, entries);
    let reader = log.reader();
    let (size, whole) = (reader.size(), reader.committed().root);
    println!("{:<44} {:>9} {:>9}", format!("proofs of {size} entries"), "p50", "p99");
    let mut random = StdRng::seed_from_u64(1);
    let mut below = |most: u64| random.random_range(0..most);
    let leaf = |index: u64| leaf_hash(&reader.read(index).expect("read").expect("an entry"));

    let places: Vec<u64> = (0..PROOFS).map(|_| below(size)).collect();
    row(
        "inclusion in the whole",
        &places,
        |index| reader.inclusion(index, size),
        |index, proof| {
            verify_inclusion(leaf(index), index, size, &proof, whole).expect("it is in the log");
        },
    );
    let mut older = || {
        let older = below(size) + 1;
        (below(older), older)
    };
    let places: Vec<(u64, u64)> = (0..PROOFS).map(|_| older()).collect();
    row(
        "inclusion in an older size",
        &places,
        |(index, older)| reader.inclusion(index, older),
        |(index, older), proof| {
            let root = root(&reader, older);
            verify_inclusion(leaf(index), index, older, &proof, root).expect("it is in the log");
        },
    );
    row(
        "consistency of two sizes",
        &places,
        |(old, new)| reader.consistency(old + 1, new),
        |(old, new), proof| {
            let (of_old, of_new) = (root(&reader, old + 1), root(&reader, new));
            verify_consistency((old + 1, of_old), (new, of_new), &proof).expect("it goes on");
        },
    );
    row("an old root", &places, |(_, older)| reader.root_at(older), |_, _| ());
    let full: Vec<u64> = (0..PROOFS).map(|_| below(size / TILE_WIDTH)).collect();
    let tile = |holds| move |number| TilePath::new(holds, number, TILE_WIDTH).expect("a tile");
    let of_hashes = tile(Holds::Hashes { level: 0 });
    row(
        "a tile of hashes",
        &full,
        |number| reader.tile(of_hashes(number)),
        |_, tile| assert!(tile.is_some()),
    );
    let of_entries = tile(Holds::Entries);
    row(
        "a bundle of entries",
        &full,
        |number| reader.tile(of_entries(number)),
        |_, tile| assert!(tile.is_some()),
    );
}

fn root(reader: &Reader, size: u64) -> Hash {
    reader.root_at(size).expect("a root")
}

/// The log in `dir`, with `entries` entries.
fn filled(dir: &Path, entries: u64) -> Log {
    let identity = Identity {
        ledger_id: Uuid::nil(),
        office: "610729".to_owned(),
    };
    let mut log = Log::open_or_create(dir, &identity).expect("a log");
    let mut entry = [7; ENTRY_BYTES];
    while log.size() < entries {
        for _ in 0..COMMIT_ENTRIES.min(entries - log.size()) {
            entry[..8].copy_from_slice(&log.next_index().to_be_bytes());
            log.append(&entry).expect("an entry is staged");
        }
        log.seal(1);
        log.commit().expect("a commit succeeds");
    }
    log
}

fn row<P: Copy, T, E: std::fmt::Debug>(
    what: &str,
    places: &[P],
    mut make: impl FnMut(P) -> Result<T, E>,
    mut check: impl FnMut(P, T),
) {
    let mut times: Vec<Duration> = Vec::with_capacity(places.len());
    for &place in places {
        let begun = Instant::now();
        let answer = make(place).expect("made");
        times.push(begun.elapsed());
        check(place, answer);
    }
    times.sort_unstable();
    let at = |per_cent: usize| times[(times.len() - 1) * per_cent / 100].as_secs_f64() * 1e6;
    println!("{what:<44} {:>6.0} µs {:>6.0} µs", at(50), at(99));
}
