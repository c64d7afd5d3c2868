//! Witnesses: somebody else who keeps the last checkpoint that she saw, and cosigns only one that goes on from it, as C2SP's
//! `tlog-witness` and `tlog-cosignature` have them.
//!
//! ```text
//! asked, POST …/add-checkpoint          answered
//! old <size she cosigned last>          200   — <her name> <base64 of id, u64 seconds, Ed25519 of what follows>
//! <base64>   from there to here         409   <size she cosigned last>, or nothing: another root of the same size
//!            an empty line              400, 403, 404, 422
//! <the checkpoint, signed>
//! ```
//!
//! What she signs is `cosignature/v1`, `time <seconds>`, and the checkpoint's text. Her key reads as a ledger's does, with kind 4.

use std::fmt;

use zeroize::Zeroizing;

use crate::{
    Hash,
    checkpoint::{Checkpoint, plain_number, read_hash, show_hash},
    key::{COSIGNATURE, NoKey, SIGNATURE_BYTES, SigningKey, VerifierKey},
    note::{MAX_NOTE_BYTES, NotSigned, Note, Signature},
    proof::verify_consistency,
};

/// The most hashes of a request.
const HASHES_MAX: usize = 63;
/// The largest request that is read.
pub const MAX_REQUEST_BYTES: usize = MAX_NOTE_BYTES + 64 * 64;
/// The largest answer that is read.
pub const MAX_ANSWER_BYTES: usize = 16 * 1024;
/// What a request and an answer of a size are.
pub const SIZE_TYPE: &str = "text/x.tlog.size";
/// Bytes of the time before a signature.
const TIME_BYTES: usize = 8;

/// What checks a witness's cosignatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WitnessKey(VerifierKey);

/// What a witness cosigns with. Wiped from memory when it goes; `Debug` shows nothing of it.
#[derive(Debug)]
pub struct Cosigner(SigningKey, WitnessKey);

/// What a witness is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// The size that she cosigned last, as far as the asker knows.
    pub old: u64,
    /// What leads from there to the checkpoint.
    pub hashes: Vec<Hash>,
    /// The checkpoint, signed.
    pub checkpoint: Note,
}

/// Why a witness does not cosign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The request cannot be read, or goes backwards.
    #[error("the request is no request to cosign a checkpoint")]
    Form,
    /// She knows no such ledger.
    #[error("the ledger is not known here")]
    UnknownLedger,
    /// None of the ledger's keys signed it.
    #[error("the checkpoint is not signed with a key that is known here")]
    NotSigned,
    /// She cosigned another size last.
    #[error("the last checkpoint that was cosigned is of {size} entries")]
    OtherSize {
        /// That size.
        size: u64,
    },
    /// She cosigned another root of this size: one of the two ledgers is not what was recorded.
    #[error("a checkpoint of {size} entries with another root was cosigned: keep both, they are evidence")]
    OtherRoot {
        /// The size.
        size: u64,
    },
    /// The ledger does not go on from what she cosigned.
    #[error("the ledger does not go on from what was cosigned: keep the request, it is evidence")]
    NotConsistent,
}

// === keys ===

impl WitnessKey {
    /// Reads a key as [`fmt::Display`] writes it.
    ///
    /// # Errors
    ///
    /// [`NoKey`]; a ledger's key is none.
    pub fn parse(text: &str) -> Result<Self, NoKey> {
        VerifierKey::parse_kind(text, COSIGNATURE).map(Self)
    }

    /// Whose cosignatures it checks.
    pub fn name(&self) -> &str {
        self.0.name()
    }

    /// When this witness cosigned the note, in seconds of POSIX; `None` if she has not.
    ///
    /// # Errors
    ///
    /// [`NotSigned::Wrong`] if a cosignature of hers is not of this note.
    pub fn cosigned(&self, note: &Note) -> Result<Option<u64>, NotSigned> {
        let is_hers = |signature: &&Signature| signature.id == self.0.id() && signature.name == self.0.name();
        let Some(signature) = note.signatures().iter().find(is_hers) else {
            return Ok(None);
        };
        self.checked(signature, note).map(Some).ok_or(NotSigned::Wrong)
    }

    fn checked(&self, signature: &Signature, note: &Note) -> Option<u64> {
        let (time, signed) = signature.bytes.split_first_chunk::<TIME_BYTES>()?;
        let time = u64::from_be_bytes(*time);
        let is_time = i64::try_from(time).is_ok() && signed.len() == SIGNATURE_BYTES;
        (is_time && self.0.has_signed(&message(time, note), signed)).then_some(time)
    }

    /// Adds this witness's cosignature among the lines of an answer to the note, if it is there and right.
    pub fn take(&self, answer: &str, note: &mut Note) -> Option<u64> {
        let mut signatures = answer.lines().filter_map(Signature::parse);
        let signature = signatures.find(|signature| signature.id == self.0.id() && signature.name == self.0.name())?;
        let time = self.checked(&signature, note)?;
        note.add(signature);
        Some(time)
    }
}

impl fmt::Display for WitnessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Cosigner {
    /// The key of 32 secret bytes, which the caller drew by chance.
    ///
    /// # Errors
    ///
    /// [`NoKey::Name`] for a name that no key may have.
    pub fn of_secret(name: &str, secret: &[u8; 32]) -> Result<Self, NoKey> {
        SigningKey::of_kind(name, COSIGNATURE, secret).map(Self::of)
    }

    /// Reads a key as [`Self::reveal`] writes it.
    ///
    /// # Errors
    ///
    /// [`NoKey`], which says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, NoKey> {
        SigningKey::parse_kind(text, COSIGNATURE).map(Self::of)
    }

    fn of(key: SigningKey) -> Self {
        let public = WitnessKey(key.public().clone());
        Self(key, public)
    }

    /// The one line in which it is kept, without a line feed.
    pub fn reveal(&self) -> Zeroizing<String> {
        self.0.reveal()
    }

    /// What checks its cosignatures.
    pub fn public(&self) -> &WitnessKey {
        &self.1
    }

    /// The line that cosigns a note at `time`, in seconds of POSIX, with its line feed.
    pub fn cosign(&self, note: &Note, time: u64) -> String {
        let signed = self.0.sign(&message(time, note));
        let signature = Signature {
            name: self.1.name().to_owned(),
            id: self.1.0.id(),
            bytes: [&time.to_be_bytes()[..], &signed[..]].concat(),
        };
        signature.to_string()
    }
}

fn message(time: u64, note: &Note) -> Vec<u8> {
    format!("cosignature/v1\ntime {time}\n{}", note.unverified_text()).into_bytes()
}

// === what is asked ===

impl AddCheckpoint {
    /// Reads a request. Whose the checkpoint is, [`judge`] says.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let text = str::from_utf8(bytes)
            .ok()
            .filter(|text| text.len() <= MAX_REQUEST_BYTES)?;
        let (head, note) = text.split_once("\n\n")?;
        let mut lines = head.split('\n');
        let old = plain_number(lines.next()?.strip_prefix("old ")?)?;
        let hashes: Option<Vec<Hash>> = lines.map(read_hash).collect();
        Some(Self {
            old,
            hashes: hashes.filter(|hashes| hashes.len() <= HASHES_MAX)?,
            checkpoint: Note::parse(note.as_bytes()).ok()?,
        })
    }
}

/// The request as it is sent.
impl fmt::Display for AddCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.old)?;
        for hash in &self.hashes {
            writeln!(f, "{}", show_hash(hash))?;
        }
        write!(f, "\n{}", self.checkpoint)
    }
}

/// What a checkpoint says that may be cosigned. `keys` are those of the ledgers that are known; `last` gives what was cosigned last of a
/// ledger, by its origin. Until what is allowed has been kept durably, nothing else of that ledger may be judged.
///
/// # Errors
///
/// [`Refusal`].
pub fn judge(
    request: &AddCheckpoint,
    keys: &[VerifierKey],
    last: impl FnOnce(&str) -> Option<(u64, Hash)>,
) -> Result<Checkpoint, Refusal> {
    let said = Checkpoint::parse(request.checkpoint.unverified_text()).ok_or(Refusal::Form)?;
    let keys: Vec<_> = keys.iter().filter(|key| key.name() == said.origin).cloned().collect();
    if keys.is_empty() {
        return Err(Refusal::UnknownLedger);
    }
    request.checkpoint.verify(&keys).map_err(|_| Refusal::NotSigned)?;
    if request.old > said.size {
        return Err(Refusal::Form);
    }
    let (size, root) = last(&said.origin).unwrap_or((0, Hash::EMPTY));
    if request.old != size {
        return Err(Refusal::OtherSize { size });
    }
    if size == said.size {
        return if root == said.root && request.hashes.is_empty() {
            Ok(said)
        } else {
            Err(Refusal::OtherRoot { size })
        };
    }
    let goes_on = if size == 0 {
        request.hashes.is_empty()
    } else {
        verify_consistency((size, root), (said.size, said.root), &request.hashes).is_ok()
    };
    if goes_on { Ok(said) } else { Err(Refusal::NotConsistent) }
}

impl Refusal {
    /// The status of HTTP that says so.
    pub fn status(self) -> u16 {
        match self {
            Self::Form => 400,
            Self::NotSigned => 403,
            Self::UnknownLedger => 404,
            Self::OtherSize { .. } | Self::OtherRoot { .. } => 409,
            Self::NotConsistent => 422,
        }
    }
}
