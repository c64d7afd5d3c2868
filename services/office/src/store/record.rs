//! One stored record: its key and payload under a checksum.

use keshi_core::ids::Sha256;

const SUM_BYTES: usize = 16;

/// The bytes to store under `key`. Keys are at most 255 bytes long; a longer one would not read back.
pub(super) fn seal(key: &str, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0; SUM_BYTES];
    bytes.push(u8::try_from(key.len()).unwrap_or(u8::MAX));
    bytes.extend_from_slice(key.as_bytes());
    bytes.extend_from_slice(payload);
    let sum = sum(&bytes[SUM_BYTES..]);
    bytes[..SUM_BYTES].copy_from_slice(&sum);
    bytes
}

/// Key and payload of a stored record, `None` if it is damaged.
pub(super) fn open(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let (stored, rest) = bytes.split_at_checked(SUM_BYTES)?;
    if stored != sum(rest) {
        return None;
    }
    let (&length, rest) = rest.split_first()?;
    let (key, payload) = rest.split_at_checked(length.into())?;
    Some((std::str::from_utf8(key).ok()?, payload))
}

/// What the record adds to the sum over all.
pub(super) fn weight(bytes: &[u8]) -> u64 {
    bytes
        .first_chunk()
        .map_or(0, |first: &[u8; 8]| u64::from_be_bytes(*first))
}

fn sum(bytes: &[u8]) -> [u8; SUM_BYTES] {
    let Sha256(digest) = Sha256::of(bytes);
    std::array::from_fn(|i| digest[i])
}
