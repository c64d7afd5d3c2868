//! A whole second copy: the sealed segments and the live ones in one directory, proved entry by entry.

use std::{
    io,
    path::{Path, PathBuf},
};

use crate::{
    Hash, Identity, MerkleStack,
    entry::split_entry,
    leaf_hash,
    record::Batch,
    sealed::{self, SealedRead},
    segment::{self, SegmentHeader, SegmentRead},
};

/// What a second copy comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Whose ledger it is.
    pub identity: Identity,
    /// The number of entries.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
    /// The caller's position that contains exactly these entries.
    pub cursor: u64,
}

/// Why a second copy is not believed.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// The system refused a read.
    #[error("could not read the segments below {}", dir.display())]
    Io {
        /// The directory.
        dir: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// There is no segment.
    #[error("{} holds no segments: name the directory that holds `journal` and `sealed`", dir.display())]
    Empty {
        /// The directory.
        dir: PathBuf,
    },
    /// A later release wrote it.
    #[error("a segment has format {found}: use the release that wrote it")]
    NewerFormat {
        /// The version found.
        found: u8,
    },
    /// A segment is not what was written, or is another ledger's.
    #[error("{} is damaged or belongs to another ledger: entry {first_missing_index} is the first that it withholds", path.display())]
    Bad {
        /// The file.
        path: PathBuf,
        /// The first index that cannot be served.
        first_missing_index: u64,
    },
    /// No segment holds these entries.
    #[error("entry {index} is missing: no segment holds it")]
    Missing {
        /// The first index that no segment holds.
        index: u64,
    },
    /// The entries do not come to a root that was recorded.
    #[error("the root at size {size} is {found}, recorded is {expected}")]
    OtherRoot {
        /// The size recorded.
        size: u64,
        /// The root recorded.
        expected: Hash,
        /// The root over the entries found.
        found: Hash,
    },
}

/// A pass over the segments.
struct Pass<'a> {
    on_entry: &'a mut dyn FnMut(u64, &[u8]),
    identity: Option<Identity>,
    tree: MerkleStack,
    cursor: u64,
}

/// Reads the second copy in `dir`, sealed segments and live ones, hashes every entry and compares every root that a
/// segment or a record states. `on_entry` gets each entry with its index, in order; forget them if this fails.
///
/// # Errors
///
/// [`CopyError`], naming the file or the first index that is not as it was written.
pub fn verify(dir: &Path, on_entry: &mut dyn FnMut(u64, &[u8])) -> Result<Verified, CopyError> {
    let failed = |source| CopyError::Io {
        dir: dir.to_path_buf(),
        source,
    };
    let mut pass = Pass {
        on_entry,
        identity: None,
        tree: MerkleStack::new(),
        cursor: 0,
    };
    for read in sealed::read_all(&dir.join("sealed")).map_err(failed)? {
        match read {
            SealedRead::Whole(sealed) if sealed.end > pass.tree.size() => {
                pass.header(&sealed.path, &sealed.segment)?;
                let records = sealed.records().map_err(failed)?;
                let records = records.ok_or_else(|| pass.bad(&sealed.path))?;
                pass.batches(&sealed.path, &records.batches)?;
            }
            SealedRead::Whole(_) => {}
            SealedRead::NewerFormat(found) => return Err(CopyError::NewerFormat { found }),
            SealedRead::Bad { path } => return Err(pass.bad(&path)),
        }
    }
    let live = match segment::read_live(&dir.join("journal")) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        live => live.map_err(failed)?,
    };
    for read in live {
        let segment = match read {
            SegmentRead::NewerFormat(found) => return Err(CopyError::NewerFormat { found }),
            SegmentRead::Segment(segment) => segment,
        };
        let (true, Some(header)) = (segment.is_whole(), &segment.header) else {
            return Err(pass.bad(&segment.path));
        };
        pass.header(&segment.path, header)?;
        pass.batches(&segment.path, &segment.records.batches)?;
    }
    pass.finish(dir)
}

impl Pass<'_> {
    fn bad(&self, path: &Path) -> CopyError {
        CopyError::Bad {
            path: path.to_path_buf(),
            first_missing_index: self.tree.size(),
        }
    }

    fn header(&mut self, path: &Path, header: &SegmentHeader) -> Result<(), CopyError> {
        if self.identity.get_or_insert_with(|| header.identity.clone()) != &header.identity {
            return Err(self.bad(path));
        }
        if header.first_index > self.tree.size() {
            return Err(CopyError::Missing {
                index: self.tree.size(),
            });
        }
        self.root(header.first_index, header.root_before)
    }

    fn batches(&mut self, path: &Path, batches: &[Batch]) -> Result<(), CopyError> {
        for batch in batches {
            if batch.header.first_index < self.tree.size() {
                continue;
            }
            self.root(batch.header.first_index, batch.header.root_before)?;
            let mut rest = batch.entries.as_ref();
            while let Some((entry, after)) = split_entry(rest) {
                (self.on_entry)(self.tree.size(), entry);
                self.tree.push(leaf_hash(entry));
                rest = after;
            }
            if self.tree.size() != batch.end_index() {
                return Err(self.bad(path));
            }
            self.cursor = batch.header.cursor;
        }
        Ok(())
    }

    /// Compares a recorded root; one of entries that came before is compared no more.
    fn root(&self, size: u64, expected: Hash) -> Result<(), CopyError> {
        let found = self.tree.root();
        if size == self.tree.size() && found != expected {
            return Err(CopyError::OtherRoot { size, expected, found });
        }
        Ok(())
    }

    fn finish(self, dir: &Path) -> Result<Verified, CopyError> {
        let identity = self
            .identity
            .ok_or_else(|| CopyError::Empty { dir: dir.to_path_buf() })?;
        Ok(Verified {
            identity,
            size: self.tree.size(),
            root: self.tree.root(),
            cursor: self.cursor,
        })
    }
}
