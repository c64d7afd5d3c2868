//! Keys that sign notes: Ed25519 (RFC 8032), with a name and an id, as C2SP's `signed-note` has them.
//!
//! ```text
//! what checks, to be given out    <name>+<id, 8 hexadecimal digits>+<base64 of 0x01 and the 32 public bytes>
//! what signs, to be kept          PRIVATE+KEY+<name>+<id>+<base64 of 0x01 and the 32 secret bytes>
//! id                              the first four bytes of SHA-256 over name, line feed, 0x01 and the public bytes
//! ```

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ed25519_dalek::Signer as _;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// The sign of Ed25519 among the kinds of signatures.
pub(crate) const ED25519: u8 = 1;
/// That of a cosignature with Ed25519, which says when it was made (`witness.rs`).
pub(crate) const COSIGNATURE: u8 = 4;
/// What a key that signs begins with.
const PRIVATE: &str = "PRIVATE+KEY+";
/// The longest name, and so the longest line, that is read.
const MAX_NAME_BYTES: usize = 255;
/// The bytes of a key of either kind.
const KEY_BYTES: usize = 32;
/// The bytes of a signature.
pub(crate) const SIGNATURE_BYTES: usize = 64;

/// Why a text is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoKey {
    /// It has not the three parts of one.
    #[error("that is no key: a public key reads NAME+8 hexadecimal digits+base64, on one line")]
    Form,
    /// Its name is empty, too long, or has white space, control characters or `+` in it.
    #[error("the key's name may have neither white space nor `+` in it, and at most {MAX_NAME_BYTES} bytes")]
    Name,
    /// Another kind of signature.
    #[error("the key is of kind {kind}: a ledger's key is of kind {ED25519}, a witness's of kind {COSIGNATURE}")]
    OtherKind {
        /// The kind it names.
        kind: u8,
    },
    /// Its id is not the one that its name and bytes have: it was copied wrongly.
    #[error("the key was copied wrongly: its digits in the middle do not belong to the rest")]
    OtherId,
}

/// A key that checks signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    kind: u8,
    id: u32,
    key: ed25519_dalek::VerifyingKey,
}

/// A key that signs. Wiped from memory when it goes; `Debug` shows nothing of it.
pub struct SigningKey {
    public: VerifierKey,
    key: ed25519_dalek::SigningKey,
}

/// Whether a key may be named so.
pub fn is_key_name(name: &str) -> bool {
    let is_plain = |c: char| !c.is_whitespace() && !c.is_control() && c != '+';
    (1..=MAX_NAME_BYTES).contains(&name.len()) && name.chars().all(is_plain)
}

// === impl VerifierKey ===

impl VerifierKey {
    /// Reads a key as [`fmt::Display`] writes it.
    ///
    /// # Errors
    ///
    /// [`NoKey`], which says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, NoKey> {
        Self::parse_kind(text, ED25519)
    }

    pub(crate) fn parse_kind(text: &str, kind: u8) -> Result<Self, NoKey> {
        let (name, id, bytes) = parts(text, kind)?;
        let key = ed25519_dalek::VerifyingKey::from_bytes(&bytes).map_err(|_| NoKey::Form)?;
        let read = Self::new(name, kind, key)?;
        if read.id == id { Ok(read) } else { Err(NoKey::OtherId) }
    }

    fn new(name: &str, kind: u8, key: ed25519_dalek::VerifyingKey) -> Result<Self, NoKey> {
        if !is_key_name(name) {
            return Err(NoKey::Name);
        }
        let mut hasher = Sha256::new_with_prefix(name);
        hasher.update([b'\n', kind]);
        hasher.update(key.as_bytes());
        let [a, b, c, d, ..] = <[u8; KEY_BYTES]>::from(hasher.finalize());
        Ok(Self {
            name: name.to_owned(),
            kind,
            id: u32::from_be_bytes([a, b, c, d]),
            key,
        })
    }

    /// Whose signatures it checks.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What tells it from other keys of that name.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// Whether `signature` is this key's of `message`. Forms of a signature that RFC 8032 does not make are none.
    pub(crate) fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        let signature = <[u8; SIGNATURE_BYTES]>::try_from(signature);
        signature.is_ok_and(|signature| {
            let signature = ed25519_dalek::Signature::from_bytes(&signature);
            self.key.verify_strict(message, &signature).is_ok()
        })
    }
}

/// The one line in which a public key is given out.
impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}+{:08x}+{}",
            self.name,
            self.id,
            encoded(self.kind, self.key.as_bytes()).as_str()
        )
    }
}

// === impl SigningKey ===

impl SigningKey {
    /// The key of 32 secret bytes, which the caller drew by chance.
    ///
    /// # Errors
    ///
    /// [`NoKey::Name`] for a name that no key may have.
    pub fn of_secret(name: &str, secret: &[u8; KEY_BYTES]) -> Result<Self, NoKey> {
        Self::of_kind(name, ED25519, secret)
    }

    pub(crate) fn of_kind(name: &str, kind: u8, secret: &[u8; KEY_BYTES]) -> Result<Self, NoKey> {
        let key = ed25519_dalek::SigningKey::from_bytes(secret);
        Ok(Self {
            public: VerifierKey::new(name, kind, key.verifying_key())?,
            key,
        })
    }

    /// Reads a key as [`Self::reveal`] writes it.
    ///
    /// # Errors
    ///
    /// [`NoKey`], which says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, NoKey> {
        Self::parse_kind(text, ED25519)
    }

    pub(crate) fn parse_kind(text: &str, kind: u8) -> Result<Self, NoKey> {
        let (name, id, bytes) = parts(text.strip_prefix(PRIVATE).ok_or(NoKey::Form)?, kind)?;
        let read = Self::of_kind(name, kind, &Zeroizing::new(bytes))?;
        if read.public.id == id {
            Ok(read)
        } else {
            Err(NoKey::OtherId)
        }
    }

    /// The one line in which it is kept, without a line feed.
    pub fn reveal(&self) -> Zeroizing<String> {
        let VerifierKey { name, id, kind, .. } = &self.public;
        let secret = encoded(*kind, self.key.as_bytes());
        Zeroizing::new(format!("{PRIVATE}{name}+{id:08x}+{}", secret.as_str()))
    }

    /// What checks its signatures.
    pub fn public(&self) -> &VerifierKey {
        &self.public
    }

    pub(crate) fn sign(&self, message: &[u8]) -> [u8; SIGNATURE_BYTES] {
        self.key.sign(message).to_bytes()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({}+{:08x})", self.public.name, self.public.id)
    }
}

// === free functions ===

/// Name, id and bytes of a key's line.
fn parts(text: &str, wanted: u8) -> Result<(&str, u32, [u8; KEY_BYTES]), NoKey> {
    let mut parts = text.splitn(3, '+');
    let (Some(name), Some(id), Some(bytes)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(NoKey::Form);
    };
    if !is_key_name(name) {
        return Err(NoKey::Name);
    }
    let is_id = id.len() == 8 && id.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
    let id = u32::from_str_radix(id, 16).ok().filter(|_| is_id).ok_or(NoKey::Form)?;
    if bytes.len() > 2 * KEY_BYTES {
        return Err(NoKey::Form);
    }
    let bytes = STANDARD.decode(bytes).map(Zeroizing::new).map_err(|_| NoKey::Form)?;
    match bytes.split_first() {
        Some((&kind, key)) if kind == wanted => Ok((name, id, key.try_into().map_err(|_| NoKey::Form)?)),
        Some((&kind, _)) => Err(NoKey::OtherKind { kind }),
        None => Err(NoKey::Form),
    }
}

fn encoded(kind: u8, key: &[u8; KEY_BYTES]) -> Zeroizing<String> {
    let mut bytes = Zeroizing::new(vec![kind]);
    bytes.extend_from_slice(key);
    Zeroizing::new(STANDARD.encode(&*bytes))
}
