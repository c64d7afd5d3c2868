//! One call to the services, whose message is read only once they have let the caller in.

use std::pin::Pin;
use std::sync::{Arc, OnceLock};

use bytes::{Buf as _, BufMut as _, Bytes};
use futures::{StreamExt as _, stream};
use keshi_core::lang::Lang;
use keshi_door::Fault;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder, Streaming};
use tonic::codegen::http::uri::PathAndQuery;
use tonic::metadata::MetadataMap;
use tonic::{Code, Status};

use super::catalog::Method;
use super::error::with_reason;
use super::head::Head;
use keshi_client::{ANSWER_BYTES_MAX, Way};

/// A message that is read when it is asked for.
pub(super) type Pending = Pin<Box<dyn Future<Output = Result<Bytes, Status>> + Send>>;

/// The answers of a call.
pub(super) struct Answers {
    /// The services' own headers.
    pub(super) headers: MetadataMap,
    stream: Streaming<Bytes>,
    mistake: Mistake,
    lang: Lang,
}

/// What was wrong with the message, which takes the place of what the services say of one that never came.
#[derive(Clone, Debug, Default)]
struct Mistake(Arc<OnceLock<Status>>);

impl Mistake {
    fn or(&self, status: Status, lang: Lang) -> Status {
        match self.0.get() {
            Some(mistake) => mistake.clone(),
            None => with_reason(status, lang),
        }
    }
}

/// Calls `method`. The services let the caller in by her headers before they ask for the message.
///
/// # Errors
///
/// What they said, or what was wrong with the message.
pub(super) async fn ask(way: &Way, method: &Method, head: &Head, message: Pending) -> Result<Answers, Status> {
    let mistake = Mistake::default();
    let noted = mistake.clone();
    let one = async move {
        let read = message.await;
        read.map_err(|status| noted.0.set(status)).ok()
    };
    let request = head.request(stream::once(one).filter_map(std::future::ready));
    let path = PathAndQuery::try_from(method.path()).map_err(|_| Status::internal("no path"))?;
    let mut client = tonic::client::Grpc::new(way.clone()).max_decoding_message_size(ANSWER_BYTES_MAX);
    client.ready().await.map_err(|_| unreachable().status(head.lang))?;
    match client.streaming(request, path, Plain).await {
        Ok(response) => {
            let (headers, stream, _) = response.into_parts();
            Ok(Answers {
                headers,
                stream,
                mistake,
                lang: head.lang,
            })
        }
        Err(status) => Err(mistake.or(status, head.lang)),
    }
}

impl Answers {
    /// The next message; `None` after the last.
    ///
    /// # Errors
    ///
    /// What the services ended with.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, Status> {
        let next = self.stream.message().await;
        // Also where services answer without the message: what they were asked was not what she wrote.
        if let Some(mistake) = self.mistake.0.get() {
            return Err(mistake.clone());
        }
        next.map_err(|status| with_reason(status, self.lang))
    }

    /// The services' own trailers, after the last message.
    ///
    /// # Errors
    ///
    /// What they ended with.
    pub(super) async fn trailers(&mut self) -> Result<MetadataMap, Status> {
        let trailers = self.stream.trailers().await;
        let trailers = trailers.map_err(|status| self.mistake.or(status, self.lang))?;
        Ok(trailers.unwrap_or_default())
    }
}

fn unreachable() -> Fault {
    Fault::new(
        Code::Unavailable,
        "LedgerUnreachable",
        "暂时无法联系台账服务；请稍后重新发送，重复提交是安全的",
        "the services are not reached; send the same again in a moment, which is safe",
    )
}

/// Messages as their bytes.
#[derive(Clone, Copy, Debug)]
struct Plain;

impl Codec for Plain {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Plain {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, message: Bytes, to: &mut EncodeBuf<'_>) -> Result<(), Status> {
        to.put(message);
        Ok(())
    }
}

impl Decoder for Plain {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(from.copy_to_bytes(from.remaining())))
    }
}
