//! Streams of answers: each message in an envelope, and what the stream ended with in the last.

use std::collections::BTreeMap;

use async_stream::stream;
use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use axum::http::request::Parts;
use axum::response::Response;
use bytes::{Buf as _, BufMut as _, Bytes, BytesMut};
use keshi_door::{Fault, message_too_large};
use serde::Serialize;
use tonic::metadata::MetadataMap;
use tonic::{Code, Status};

use super::call::{Answers, Pending, ask};
use super::catalog::Method;
use super::codec::Codec;
use super::error::{Told, as_headers, own};
use super::head::{Head, check_encoding};
use super::serve::written;
use super::upload::Upload;
use crate::Console;

const ENCODING: HeaderName = HeaderName::from_static("connect-content-encoding");

/// A flag and a length.
const PREFIX_LEN: usize = 5;

/// The flag of the last envelope.
const END: u8 = 0b10;

/// What a stream ended with.
#[derive(Serialize)]
struct EndStream {
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Told>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    metadata: BTreeMap<String, Vec<String>>,
}

pub(super) async fn answer(
    console: &Console,
    method: &'static Method,
    parts: &Parts,
    upload: &Upload,
    codec: Codec,
) -> Response {
    let (answers, head) = match begun(console, method, parts, upload, codec).await {
        Ok(begun) => begun,
        Err(status) => return failed(codec, &status),
    };
    let mut response = answer_of(codec, Body::empty());
    as_headers(&answers.headers, response.headers_mut());
    *response.body_mut() = sent(console.clone(), method, head, codec, answers);
    response
}

/// A stream that ends before it began.
pub(super) fn failed(codec: Codec, status: &Status) -> Response {
    answer_of(codec, Body::from(last(Err(status))))
}

async fn begun(
    console: &Console,
    method: &'static Method,
    parts: &Parts,
    upload: &Upload,
    codec: Codec,
) -> Result<(Answers, Head), Status> {
    let head = Head::read(method, parts)?;
    let lang = head.lang;
    check_encoding(parts.headers.get(ENCODING).map(HeaderValue::as_bytes), lang)?;
    let bytes_max = codec.bytes_max(method);
    upload.check_length(bytes_max + PREFIX_LEN, lang)?;
    let (upload, mut room) = (upload.clone(), console.0.room.of(head.key));
    let message: Pending = Box::pin(async move {
        let body = upload.read(bytes_max + PREFIX_LEN, &mut room, lang).await?;
        let message = opened(body, bytes_max).map_err(|fault| fault.status(lang))?;
        codec.read(&method.0.input(), message, lang).await
    });
    let answers = ask(&console.0.way, method, &head, message).await?;
    Ok((answers, head))
}

/// The one message of a request, out of its envelope.
fn opened(mut body: Bytes, bytes_max: usize) -> Result<Bytes, Fault> {
    if body.len() < PREFIX_LEN {
        return Err(not_one());
    }
    let (flags, length) = (body.get_u8(), body.get_u32() as usize);
    if flags & 1 != 0 {
        return Err(packed());
    }
    if length > bytes_max {
        return Err(message_too_large(bytes_max));
    }
    if flags != 0 || body.len() != length {
        return Err(not_one());
    }
    Ok(body)
}

/// All answers, and the end.
fn sent(console: Console, method: &'static Method, head: Head, codec: Codec, mut answers: Answers) -> Body {
    Body::from_stream(stream! {
        let end = loop {
            match answers.next().await {
                Ok(Some(message)) => match written(&console, method, &head, codec, message).await {
                    Ok(message) => {
                        yield Ok::<_, std::convert::Infallible>(prefix(0, message.len()));
                        yield Ok(message);
                    }
                    Err(status) => break Err(status),
                },
                Ok(None) => break answers.trailers().await,
                Err(status) => break Err(status),
            }
        };
        yield Ok(last(end.as_ref()));
    })
}

fn answer_of(codec: Codec, body: Body) -> Response {
    let mut response = Response::new(body);
    let kind = HeaderValue::from_static(codec.stream_type());
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

fn prefix(flags: u8, length: usize) -> Bytes {
    let mut prefix = BytesMut::with_capacity(PREFIX_LEN);
    prefix.put_u8(flags);
    // Messages are bounded far below four gigabytes.
    prefix.put_u32(u32::try_from(length).unwrap_or(u32::MAX));
    prefix.freeze()
}

/// The last envelope.
fn last(ended: Result<&MetadataMap, &Status>) -> Bytes {
    let metadata = ended.unwrap_or_else(|status| status.metadata());
    let mut named: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in own(metadata) {
        if let Ok(value) = value.to_str() {
            named.entry(name.to_string()).or_default().push(value.to_owned());
        }
    }
    let end = EndStream {
        error: ended.err().map(Told::of),
        metadata: named,
    };
    let json = serde_json::to_vec(&end).unwrap_or_else(|_| br#"{"error":{"code":"internal"}}"#.to_vec());
    let mut bytes = BytesMut::from(&*prefix(END, json.len()));
    bytes.extend_from_slice(&json);
    bytes.freeze()
}

fn not_one() -> Fault {
    Fault::new(
        Code::Unimplemented,
        "NotOneMessage",
        "请求须恰好是一个信封：标志 0、四字节长度（高位在前）、一条消息",
        "the request is exactly one envelope: a flag 0, a length of four bytes (big-endian), one message",
    )
}

fn packed() -> Fault {
    Fault::new(
        Code::InvalidArgument,
        "Compressed",
        "信封标志说内容已压缩；只支持 identity，请不压缩后重新发送",
        "the envelope's flag says that it is compressed; the only encoding is identity, send it uncompressed",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_one_envelope_and_nothing_after_it() {
        let put = |flags, length, rest: &[u8]| {
            let mut bytes = BytesMut::from(&*prefix(flags, length));
            bytes.extend_from_slice(rest);
            opened(bytes.freeze(), 100)
        };
        assert_eq!(put(0, 2, b"{}").unwrap(), "{}");
        assert_eq!(put(0, 0, b"").unwrap(), "");
        assert_eq!(&*put(1, 2, b"{}").unwrap_err().reason, "Compressed");
        assert_eq!(&*put(0, 101, b"{}").unwrap_err().reason, "MessageTooLarge");
        for (flags, length, rest) in [(2, 2, &b"{}"[..]), (0, 3, b"{}"), (0, 2, b"{}{}"), (128, 2, b"{}")] {
            assert_eq!(&*put(flags, length, rest).unwrap_err().reason, "NotOneMessage");
        }
        assert_eq!(&*opened(Bytes::new(), 100).unwrap_err().reason, "NotOneMessage");
    }

    #[test]
    fn a_stream_ends_with_its_error_and_its_trailers() {
        let mut status = Status::unavailable("overloaded");
        status.metadata_mut().insert("acme-cost", "237".parse().unwrap());
        status.metadata_mut().insert("grpc-status", "14".parse().unwrap());
        let bytes = last(Err(&status));
        let json = r#"{"error":{"code":"unavailable","message":"overloaded"},"metadata":{"acme-cost":["237"]}}"#;
        assert_eq!(bytes[0], END);
        assert_eq!(bytes[1..5], u32::try_from(json.len()).unwrap().to_be_bytes());
        assert_eq!(bytes[5..], *json.as_bytes());
        assert_eq!(last(Ok(&MetadataMap::new()))[5..], *b"{}");
    }
}
