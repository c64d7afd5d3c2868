//! What a child commits that may be interrupted, made from a seed, and whether a log holds what was answered of it.

use std::{collections::BTreeMap, path::Path};

use keshi_log::Log;
use rand::{Rng, SeedableRng, rngs::StdRng};

use crate::support::{contents, identity};

/// Commits of submissions of entries.
pub struct Course {
    pub commits: Vec<Vec<Vec<Vec<u8>>>>,
}

/// All entries of a course, and the size after each whole submission with its cursor.
pub struct Expected {
    pub entries: Vec<Vec<u8>>,
    pub boundaries: BTreeMap<u64, u64>,
}

// === impl Course ===

impl Course {
    /// So many commits, now of a few entries, as one clerk sends them, now of as many as a writer finds waiting.
    pub fn new(seed: u64, commits: usize) -> Self {
        let mut random = StdRng::seed_from_u64(seed);
        let mut commit = || {
            let most = if random.random() { 200 } else { 5 };
            let mut left = random.random_range(1..=most);
            let mut submissions = Vec::new();
            while left > 0 {
                let entries = random.random_range(1..=left);
                left -= entries;
                let mut entry = || (0..random.random_range(20..=4_000)).map(|_| random.random()).collect();
                submissions.push((0..entries).map(|_| entry()).collect());
            }
            submissions
        };
        Self {
            commits: (0..commits).map(|_| commit()).collect(),
        }
    }

    pub fn expected(self) -> Expected {
        let mut boundaries = BTreeMap::from([(0, 0)]);
        let mut entries = Vec::new();
        for submission in self.commits.into_iter().flatten() {
            entries.extend(submission);
            boundaries.insert(entries.len() as u64, boundaries.len() as u64);
        }
        Expected { entries, boundaries }
    }
}

// === impl Expected ===

impl Expected {
    /// Opens the log in `dir`, which must hold the first `answered` entries at least, and whole submissions of the course only.
    pub fn open(&self, dir: &Path, answered: u64) -> Result<Log, String> {
        // Before the creation was answered there may be nothing, or the remains of it.
        let log = if answered > 0 {
            Log::open(dir)
        } else {
            Log::open_or_create(dir, &identity())
        };
        let log = log.map_err(|error| format!("answered {answered}, but {error}: {error:?}"))?;
        let seen = contents(&log);
        let size = log.size();
        if size < answered {
            return Err(format!("answered {answered}, but the log has {size}"));
        }
        if seen.len() as u64 != size || self.entries.get(..seen.len()) != Some(&seen[..]) {
            return Err(format!("the {size} entries are not those that were appended"));
        }
        match self.boundaries.get(&size) {
            Some(cursor) if *cursor == log.cursor() => Ok(log),
            Some(cursor) => Err(format!(
                "at size {size} the cursor is {}, expected {cursor}",
                log.cursor()
            )),
            None => Err(format!("size {size} is amid a submission")),
        }
    }
}
