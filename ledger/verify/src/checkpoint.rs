//! Checkpoints, as C2SP's `tlog-checkpoint` has them: how many entries a ledger has, and under which root, signed.
//!
//! ```text
//! keshi/610729/6f1c…    whose ledger it is
//! 4753                  how many entries
//! <base64>              the root over them
//!                       an empty line, and the signatures
//! ```

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{
    Hash, Identity,
    key::{SigningKey, VerifierKey},
    note::{NoNote, NotSigned, Note},
};

/// What a checkpoint says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Whose ledger it is; also the name of the key that signs it.
    pub origin: String,
    /// How many entries.
    pub size: u64,
    /// The root over them.
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
    #[error("that is no checkpoint: its lines are the ledger, its size and its root")]
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
        let note = Note::parse(bytes)?;
        let (text, key) = note.verify(keys)?;
        let read = Self::parse(text).ok_or(NoCheckpoint::Text)?;
        if read.origin == key.name() {
            Ok(read)
        } else {
            Err(NoCheckpoint::OtherOrigin)
        }
    }

    /// Reads the text of a checkpoint. Further lines, which a later release might add, are passed over.
    pub fn parse(text: &str) -> Option<Self> {
        let mut lines = text.strip_suffix('\n')?.split('\n');
        let (origin, size, root) = (lines.next()?, lines.next()?, lines.next()?);
        if origin.is_empty() || lines.any(str::is_empty) {
            return None;
        }
        Some(Self {
            origin: origin.to_owned(),
            size: plain_number(size)?,
            root: read_hash(root)?,
        })
    }

    fn text(&self) -> String {
        let Self { origin, size, root } = self;
        format!("{origin}\n{size}\n{}\n", show_hash(root))
    }
}

/// A number as it is written: digits, without zeros before it.
pub(crate) fn plain_number(text: &str) -> Option<u64> {
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
