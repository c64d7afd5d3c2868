//! How messages of the API are read from the wire: as prost does it, after a look at how many parts they have.
//!
//! An empty part takes two bytes on the wire and hundreds in memory, so a message of a megabyte could become hundreds of
//! them. The parts of the outermost message are counted before any of them is made.

use std::marker::PhantomData;

use bytes::Buf;
use prost::Message;
use prost::encoding::{WireType, decode_key, decode_varint};
use tonic::Status;
use tonic::codec::{Codec, DecodeBuf, Decoder};
use tonic_prost::{ProstCodec, ProstDecoder, ProstEncoder};

/// Most parts of one message: events of a submission, entries of a page and the like, with room to spare.
pub const PARTS_MAX: usize = 10_000;

/// The codec of all services and clients.
#[derive(Clone, Debug)]
pub struct Bounded<T, U>(PhantomData<(T, U)>);

/// Counts, then decodes.
#[derive(Clone, Debug)]
pub struct BoundedDecoder<U>(ProstDecoder<U>);

impl<T, U> Default for Bounded<T, U> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<T, U> Codec for Bounded<T, U>
where
    T: Message + Send + 'static,
    U: Message + Default + Send + 'static,
{
    type Encode = T;
    type Decode = U;
    type Encoder = ProstEncoder<T>;
    type Decoder = BoundedDecoder<U>;

    fn encoder(&mut self) -> Self::Encoder {
        ProstCodec::<T, U>::default().encoder()
    }

    fn decoder(&mut self) -> Self::Decoder {
        BoundedDecoder(ProstCodec::<T, U>::default().decoder())
    }
}

impl<U: Message + Default> Decoder for BoundedDecoder<U> {
    type Item = U;
    type Error = Status;

    fn decode(&mut self, buf: &mut DecodeBuf<'_>) -> Result<Option<U>, Status> {
        if has_too_many_parts(buf.chunk()) {
            // The words by which the transport's own refusals are told apart.
            return Err(Status::out_of_range(format!("a message has at most {PARTS_MAX} parts")));
        }
        self.0.decode(buf)
    }
}

/// Whether the message has more parts than allowed. What does not decode is left for the decoder to say.
fn has_too_many_parts(mut rest: &[u8]) -> bool {
    for _ in 0..=PARTS_MAX {
        if rest.is_empty() {
            return false;
        }
        let Ok((_, wire_type)) = decode_key(&mut rest) else {
            return false;
        };
        let length = match wire_type {
            WireType::Varint => decode_varint(&mut rest).map(|_| 0),
            WireType::LengthDelimited => decode_varint(&mut rest),
            WireType::ThirtyTwoBit => Ok(4),
            WireType::SixtyFourBit => Ok(8),
            WireType::StartGroup | WireType::EndGroup => return false,
        };
        let skipped = length.ok().and_then(|length| rest.get(usize::try_from(length).ok()?..));
        match skipped {
            Some(after) => rest = after,
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{Event, SubmitRequest};

    fn with_events(count: usize) -> Vec<u8> {
        let request = SubmitRequest {
            events: vec![Event::default(); count],
            ..SubmitRequest::default()
        };
        request.encode_to_vec()
    }

    #[test]
    fn the_parts_of_a_message_are_counted_before_they_are_made() {
        assert!(!has_too_many_parts(&with_events(PARTS_MAX)));
        assert!(has_too_many_parts(&with_events(PARTS_MAX + 1)));
        assert!(
            !has_too_many_parts(&vec![0xff; 30_000]),
            "what does not decode is the decoder's to refuse"
        );
        assert!(!has_too_many_parts(&[0x0a, 0x7f, 1]));
    }
}
