//! Signed notes, as C2SP's `signed-note` has them: a text, an empty line, and a line for each signature.
//!
//! Nothing in a note is to be believed before [`Note::verify`] has said whose it is.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::key::{SigningKey, VerifierKey, is_key_name};

/// The largest note that is read: sixteen signatures of any kind fit.
pub const MAX_NOTE_BYTES: usize = 128 * 1024;

/// The most signatures of a note that is read.
pub const MAX_SIGNATURES: usize = 64;

/// What a line with a signature begins with: a dash and a blank.
const DASH: &str = "\u{2014} ";

/// The bytes of a key's id before a signature.
const ID_BYTES: usize = 4;

/// A text and who says to have signed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<Signature>,
}

/// A line under a note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Signature {
    pub name: String,
    pub id: u32,
    pub bytes: Vec<u8>,
}

/// Why bytes are no signed note.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoNote {
    /// They are too many.
    #[error("a signed note has at most {MAX_NOTE_BYTES} bytes and {MAX_SIGNATURES} signatures")]
    TooLarge,
    /// They are not UTF-8 without control characters.
    #[error(
        "a signed note is UTF-8 without control characters; save it as it was given out, not from a word processor"
    )]
    NoText,
    /// There is no empty line with signatures behind it.
    #[error("there is no signature: a signed note ends in an empty line and lines that begin with a dash")]
    Unsigned,
    /// A line among the signatures is none.
    #[error("line {line} is no signature: a dash, a name and base64")]
    Signature {
        /// Its number, from 1.
        line: usize,
    },
}

/// Why a note is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSigned {
    /// None of the keys signed it.
    #[error("it is not signed with the key that was given")]
    NoKnownKey,
    /// A signature with one of the keys is wrong: the text was changed, or the signature.
    #[error("the signature is wrong: this is not what was signed")]
    Wrong,
}

// === impl Note ===

impl Note {
    /// The note of `text`, signed with `keys`. `text` ends in a line feed and has no other control characters.
    pub fn sign<'k>(text: String, keys: impl IntoIterator<Item = &'k SigningKey>) -> Self {
        let signature = |key: &SigningKey| Signature {
            name: key.public().name().to_owned(),
            id: key.public().id(),
            bytes: key.sign(text.as_bytes()).to_vec(),
        };
        Self {
            signatures: keys.into_iter().map(signature).collect(),
            text,
        }
    }

    /// Reads a note; whose it is, only [`Self::verify`] says.
    ///
    /// # Errors
    ///
    /// [`NoNote`], which says what is wrong with it.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoNote> {
        if bytes.len() > MAX_NOTE_BYTES {
            return Err(NoNote::TooLarge);
        }
        let note = str::from_utf8(bytes).map_err(|_| NoNote::NoText)?;
        if note.bytes().any(|byte| byte < b' ' && byte != b'\n') {
            return Err(NoNote::NoText);
        }
        let end = note.rfind("\n\n").ok_or(NoNote::Unsigned)? + 1;
        let (text, signed) = note.split_at(end);
        let lines = signed.strip_prefix('\n').and_then(|lines| lines.strip_suffix('\n'));
        let lines = lines.filter(|lines| !lines.is_empty()).ok_or(NoNote::Unsigned)?;
        let before = text.matches('\n').count() + 1;
        let mut signatures = Vec::new();
        for (place, line) in lines.split('\n').enumerate() {
            if place == MAX_SIGNATURES {
                return Err(NoNote::TooLarge);
            }
            let line_number = before + place + 1;
            signatures.push(Signature::parse(line).ok_or(NoNote::Signature { line: line_number })?);
        }
        Ok(Self {
            text: text.to_owned(),
            signatures,
        })
    }

    /// The text, if one of `keys` signed it and no signature of theirs is wrong; others' signatures are passed over.
    ///
    /// # Errors
    ///
    /// [`NotSigned`].
    pub fn verify<'k>(&self, keys: &'k [VerifierKey]) -> Result<(&str, &'k VerifierKey), NotSigned> {
        let mut by = None;
        for signature in &self.signatures {
            let is_its = |key: &&VerifierKey| key.id() == signature.id && key.name() == signature.name;
            for key in keys.iter().filter(is_its) {
                if !key.has_signed(self.text.as_bytes(), &signature.bytes) {
                    return Err(NotSigned::Wrong);
                }
                by = by.or(Some(key));
            }
        }
        by.map(|key| (self.text.as_str(), key)).ok_or(NotSigned::NoKnownKey)
    }

    /// Adds a signature, unless the same key's is there.
    pub(crate) fn add(&mut self, signature: Signature) {
        let is_its = |known: &Signature| known.id == signature.id && known.name == signature.name;
        if self.signatures.len() < MAX_SIGNATURES && !self.signatures.iter().any(is_its) {
            self.signatures.push(signature);
        }
    }

    pub(crate) fn signatures(&self) -> &[Signature] {
        &self.signatures
    }

    /// The text, whoever may have written it.
    pub fn unverified_text(&self) -> &str {
        &self.text
    }
}

/// The note as it is given out.
impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures
            .iter()
            .try_for_each(|signature| write!(f, "{signature}"))
    }
}

/// The line, with its line feed.
impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let signed = [&self.id.to_be_bytes(), self.bytes.as_slice()].concat();
        writeln!(f, "{DASH}{} {}", self.name, STANDARD.encode(signed))
    }
}

impl Signature {
    pub(crate) fn parse(line: &str) -> Option<Self> {
        let (name, signed) = line.strip_prefix(DASH)?.split_once(' ')?;
        let signed = STANDARD.decode(signed).ok()?;
        let (id, bytes) = signed.split_first_chunk::<ID_BYTES>()?;
        (is_key_name(name) && !bytes.is_empty()).then(|| Self {
            name: name.to_owned(),
            id: u32::from_be_bytes(*id),
            bytes: bytes.to_vec(),
        })
    }
}
