//! Bytes within bytes, without a copy.

use prost::DecodeError;
use prost::encoding::decode_varint;

/// Takes a length and that many bytes off `bytes`.
pub(super) fn piece<'b>(bytes: &mut &'b [u8]) -> Result<&'b [u8], DecodeError> {
    let length = usize::try_from(decode_varint(bytes)?).unwrap_or(usize::MAX);
    match bytes.split_at_checked(length) {
        Some((piece, rest)) => {
            *bytes = rest;
            Ok(piece)
        }
        // The library's own words for a piece that ends too early.
        None => decode_varint(&mut [].as_slice()).map(|_| [].as_slice()),
    }
}
