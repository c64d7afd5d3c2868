//! Checkpoints, as C2SP's `tlog-checkpoint` has them: how many entries a ledger has, and under which root, signed.
//!
//! ```text
//! keshi/610729/6f1c…    whose ledger it is
//! 4753                  how many entries
//! <base64>              the root over them
//! people 7012 <base64>  how many persons it is about, and the root over the map of them, where that was reckoned
//!                       an empty line, and the signatures
//! ```

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{
    Hash, Identity,
    key::{SigningKey, VerifierKey},
    note::{NoNote, NotSigned, Note},
};

/// What the line about persons begins with.
const PEOPLE: &str = "people ";

/// What a checkpoint says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Whose ledger it is; also the name of the key that signs it.
    pub origin: String,
    /// How many entries.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
    /// What there is about each person; not in every checkpoint.
    pub people: Option<PeopleRoot>,
}

/// The map of persons at that size: of each how many entries are about her, and the hash over them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeopleRoot {
    /// How many persons.
    pub count: u64,
    /// The root over the map.
    pub root: Hash,
}

/// Why bytes are not a checkpoint to go by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoCheckpoint {
    /// They are no signed note.
    #[error("that is no signed checkpoint")]
    Note(#[from] NoNote),
    /// The key that was given did not sign it.
    #[error("the checkpoint is not the ledger's")]
    NotSigned(#[from] NotSigned),
    /// The note says something else.
    #[error("that is no checkpoint: its lines are the ledger, its size, its root and what it says of persons")]
    Text,
    /// It speaks for another ledger than the key's.
    #[error("the checkpoint speaks for another ledger than the key's")]
    OtherOrigin,
}

/// The origin of a ledger's checkpoints, which is the name of the keys that sign them.
///
/// The ledger's id is in it: one that was begun anew for the same office is another.
pub fn origin(identity: &Identity) -> String {
    format!("keshi/{}/{}", identity.office, identity.ledger_id.simple())
}

impl Checkpoint {
    /// Signs it with `keys`.
    pub fn sign<'k>(&self, keys: impl IntoIterator<Item = &'k SigningKey>) -> Note {
        Note::sign(self.text(), keys)
    }

    /// Reads a checkpoint that one of `keys` signed for the ledger of its name.
    ///
    /// # Errors
    ///
    /// [`NoCheckpoint`], which says why it is not to be gone by.
    pub fn open(bytes: &[u8], keys: &[VerifierKey]) -> Result<Self, NoCheckpoint> {
        Self::open_note(&Note::parse(bytes)?, keys).map(|(read, _)| read)
    }

    /// As [`Self::open`], of a note that was read, with the key that signed it.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn open_note<'k>(note: &Note, keys: &'k [VerifierKey]) -> Result<(Self, &'k VerifierKey), NoCheckpoint> {
        let (text, key) = note.verify(keys)?;
        let read = Self::parse(text).ok_or(NoCheckpoint::Text)?;
        if read.origin == key.name() {
            Ok((read, key))
        } else {
            Err(NoCheckpoint::OtherOrigin)
        }
    }

    /// Reads the text of a checkpoint. Lines of other kinds, which a later release might add, are passed over.
    pub fn parse(text: &str) -> Option<Self> {
        let mut lines = text.strip_suffix('\n')?.split('\n');
        let (origin, size, root) = (lines.next()?, lines.next()?, lines.next()?);
        if origin.is_empty() {
            return None;
        }
        let mut people = None;
        for line in lines {
            match line.strip_prefix(PEOPLE) {
                Some(said) if people.is_none() => people = Some(PeopleRoot::parse(said)?),
                Some(_) => return None,
                None if line.is_empty() => return None,
                None => {}
            }
        }
        Some(Self {
            origin: origin.to_owned(),
            size: plain_number(size)?,
            root: read_hash(root)?,
            people,
        })
    }

    fn text(&self) -> String {
        let Self {
            origin,
            size,
            root,
            people,
        } = self;
        let people = people.map_or_else(String::new, |people| format!("{PEOPLE}{people}\n"));
        format!("{origin}\n{size}\n{}\n{people}", show_hash(root))
    }
}

impl PeopleRoot {
    fn parse(said: &str) -> Option<Self> {
        let (count, root) = said.split_once(' ')?;
        Some(Self {
            count: plain_number(count)?,
            root: read_hash(root)?,
        })
    }
}

/// As in a checkpoint's line.
impl fmt::Display for PeopleRoot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.count, show_hash(&self.root))
    }
}

/// A number as checkpoints and proofs write it: digits, without zeros before it.
pub fn plain_number(text: &str) -> Option<u64> {
    let is_plain = text.bytes().all(|digit| digit.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    text.parse().ok().filter(|_| is_plain)
}

/// A hash in base64, as checkpoints and proofs write it.
pub fn show_hash(hash: &Hash) -> String {
    STANDARD.encode(hash.0)
}

/// A hash that [`show_hash`] wrote.
pub fn read_hash(text: &str) -> Option<Hash> {
    // 32 bytes are 44 digits; nothing longer is decoded.
    let bytes = (text.len() == 44).then(|| STANDARD.decode(text).ok())??;
    bytes.try_into().ok().map(Hash)
}
