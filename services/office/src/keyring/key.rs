//! One secret key, what it seals, and what is made of it: `XChaCha20-Poly1305` under nonces drawn by chance.
//!
//! ```text
//! sealed bytes    nonce, 24 bytes | what was sealed, as long as it was | tag, 16 bytes
//! ```
//!
//! What a piece is about is sealed with it and is not stored: a piece under another person's name does not open.

use std::fmt;

use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce};
use keshi_core::hex;
use keshi_core::ids::Sha256;
use rand::TryRngCore as _;
use rand::rngs::OsRng;
use zeroize::Zeroizing;

const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;

/// A key of 256 random bits; wiped from memory when it goes. `Debug` shows nothing of it.
#[derive(Clone)]
pub(crate) struct Key(Zeroizing<[u8; KEY_BYTES]>);

/// Nothing was sealed: the system gives no random numbers.
#[derive(Debug)]
pub(crate) struct NoChance;

// === impl Key ===

impl Key {
    /// A new key.
    pub(crate) fn random() -> Result<Self, NoChance> {
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        OsRng.try_fill_bytes(&mut *bytes).map_err(|_| NoChance)?;
        Ok(Self(bytes))
    }

    /// The key of 32 bytes.
    pub(crate) fn of_bytes(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; KEY_BYTES] = bytes.try_into().ok()?;
        Some(Self(Zeroizing::new(*bytes)))
    }

    /// The key that 64 hexadecimal digits say.
    pub(crate) fn of_hex(text: &str) -> Option<Self> {
        hex::read(text).map(|bytes| Self(Zeroizing::new(bytes)))
    }

    /// Its 32 bytes.
    pub(crate) fn bytes(&self) -> &[u8] {
        &*self.0
    }

    /// Itself as 64 hexadecimal digits.
    pub(crate) fn reveal(&self) -> Zeroizing<String> {
        Zeroizing::new(hex::show(&*self.0))
    }

    /// What names the key and gives nothing of it away: 16 hexadecimal digits.
    pub(crate) fn id(&self) -> String {
        let mut bytes = Zeroizing::new(b"keshi people key\n".to_vec());
        bytes.extend_from_slice(&*self.0);
        let Sha256(digest) = Sha256::of(&bytes);
        hex::show(&digest[..8])
    }

    /// Seals `plain`, which is about `about`.
    pub(crate) fn seal(&self, about: &[&str], plain: &[u8]) -> Result<Vec<u8>, NoChance> {
        let mut sealed = vec![0; NONCE_BYTES];
        OsRng.try_fill_bytes(&mut sealed).map_err(|_| NoChance)?;
        let nonce: [u8; NONCE_BYTES] = std::array::from_fn(|i| sealed[i]);
        let aad = about.join("\n");
        let payload = Payload {
            msg: plain,
            aad: aad.as_bytes(),
        };
        // It fails for pieces of 256 GiB and more.
        let body = self
            .cipher()
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| NoChance)?;
        sealed.extend_from_slice(&body);
        Ok(sealed)
    }

    /// What was sealed about `about`; `None` if it was not with this key, or not about this, or is damaged.
    pub(crate) fn open(&self, about: &[&str], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, body) = sealed.split_first_chunk::<NONCE_BYTES>()?;
        let aad = about.join("\n");
        let payload = Payload {
            msg: body,
            aad: aad.as_bytes(),
        };
        let opened = self.cipher().decrypt(&XNonce::from(*nonce), payload);
        opened.ok().map(Zeroizing::new)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&*self.0).into())
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_with_its_key_about_the_same_and_in_no_other_way() {
        let (key, other) = (Key::random().unwrap(), Key::random().unwrap());
        let about = ["identity", "T1"];
        let sealed = key.seal(&about, b"a name").unwrap();
        assert_eq!(&**key.open(&about, &sealed).unwrap(), b"a name");
        assert!(other.open(&about, &sealed).is_none());
        assert!(key.open(&["identity", "T2"], &sealed).is_none());
        for at in 0..sealed.len() {
            let mut bytes = sealed.clone();
            bytes[at] ^= 1;
            assert!(key.open(&about, &bytes).is_none(), "byte {at}");
            assert!(key.open(&about, &sealed[..at]).is_none(), "cut at {at}");
        }
        assert_ne!(key.seal(&about, b"a name").unwrap(), sealed, "each time anew");
    }

    #[test]
    fn a_key_is_named_without_being_told() {
        let key = Key::random().unwrap();
        assert_eq!(Key::of_hex(&key.reveal()).unwrap().bytes(), key.bytes());
        assert_eq!(key.id().len(), 16);
        assert!(!key.reveal().contains(&key.id()) && !format!("{key:?}").contains(&*key.reveal()));
    }
}
