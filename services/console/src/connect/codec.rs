//! Messages to and from their JSON form, and how large they may be.

use bytes::Bytes;
use keshi_core::lang::{Lang, say};
use keshi_door::{Fault, MESSAGE_BYTES_MAX, violation};
use prost_reflect::prost::Message as _;
use prost_reflect::{DynamicMessage, MessageDescriptor};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tonic::{Code, Status};

use super::catalog::Method;
use super::mistake::{Mistake, unreadable};
use super::walk;

/// Largest JSON text of a request, in bytes (4 MiB). The largest submission, of 900 KiB, takes up to four times as much when
/// its fields are named; the message made of it is weighed at the door like any other.
pub(super) const JSON_BYTES_MAX: usize = 2 * MESSAGE_BYTES_MAX;

/// Largest message of somebody who signs in: with 16 of them at once, an address holds as much as the door lets it.
const STRANGER_BYTES_MAX: usize = 16 << 10;

/// Messages larger than this are read and written beside the threads that answer everybody.
const AT_ONCE_MAX: usize = 64 << 10;

/// How many large messages are read or written at once: each may take some fifty megabytes while that lasts.
static LARGE: Semaphore = Semaphore::const_new(2);

/// How messages are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Codec {
    Json,
    Proto,
}

impl Codec {
    /// The one of this name, as addresses and content types have it.
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "json" => Some(Self::Json),
            "proto" => Some(Self::Proto),
            _ => None,
        }
    }

    /// The content type of a message alone.
    pub(super) const fn unary_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Proto => "application/proto",
        }
    }

    /// The content type of messages in envelopes.
    pub(super) const fn stream_type(self) -> &'static str {
        match self {
            Self::Json => "application/connect+json",
            Self::Proto => "application/connect+proto",
        }
    }

    /// Largest message that a method takes.
    pub(super) fn bytes_max(self, method: &Method) -> usize {
        match self {
            _ if method.is_for_strangers() => STRANGER_BYTES_MAX,
            Self::Json => JSON_BYTES_MAX,
            Self::Proto => MESSAGE_BYTES_MAX,
        }
    }

    /// A caller's message of this kind, as protobuf. Whether protobuf decodes is the services' to say.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` with what is wrong, `OUT_OF_RANGE` if it has too many parts.
    pub(super) async fn read(self, of: &MessageDescriptor, message: Bytes, lang: Lang) -> Result<Bytes, Status> {
        if self == Self::Proto {
            return Ok(message);
        }
        let of = of.clone();
        let bytes = message.len();
        let read = beside(bytes, move || from_json(&of, &message)).await?;
        read.map_err(|mistake| of_mistake(mistake).status(lang))
    }

    /// The services' message of this kind, as the caller wants it.
    ///
    /// # Errors
    ///
    /// `INTERNAL` if it does not decode.
    pub(super) async fn write(self, of: &MessageDescriptor, message: Bytes, lang: Lang) -> Result<Bytes, Status> {
        if self == Self::Proto {
            return Ok(message);
        }
        let of = of.clone();
        let bytes = message.len();
        let written = beside(bytes, move || to_json(&of, &message)).await?;
        written.map_err(|cause| {
            tracing::error!(%cause, "an answer has no JSON form");
            Fault::new(
                Code::Internal,
                "NoJsonForm",
                "答复无法写成 JSON；请改用 application/proto 或 gRPC，并把日志交给管理员",
                "the answer cannot be written as JSON; use application/proto or gRPC, and give the log to your administrator",
            )
            .status(lang)
        })
    }
}

/// Works on a message of so many bytes, where it keeps nobody waiting.
async fn beside<T: Send + 'static>(bytes: usize, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Status> {
    if bytes <= AT_ONCE_MAX {
        return Ok(work());
    }
    // It is never closed, and work that broke off has said why by itself.
    let broken = |_| Status::internal("reading a message broke off");
    let _permit = LARGE.acquire().await.map_err(|_| Status::internal("closed"))?;
    spawn_blocking(work).await.map_err(broken)
}

fn from_json(of: &MessageDescriptor, message: &[u8]) -> Result<Bytes, Mistake> {
    let json = std::str::from_utf8(message).map_err(|error| not_utf8(error.valid_up_to()))?;
    walk::look_over(of, json)?;
    let mut reader = serde_json::Deserializer::from_str(json);
    let read = DynamicMessage::deserialize(of.clone(), &mut reader);
    let read = read.map_err(|error| unreadable(&error))?;
    Ok(read.encode_to_vec().into())
}

fn to_json(of: &MessageDescriptor, message: &[u8]) -> Result<Bytes, String> {
    let decoded = DynamicMessage::decode(of.clone(), message).map_err(|error| error.to_string())?;
    let json = serde_json::to_vec(&decoded).map_err(|error| error.to_string())?;
    Ok(json.into())
}

fn not_utf8(at: usize) -> Mistake {
    Mistake {
        field: String::new(),
        text: say(
            format!("第 {at} 个字节起不是 UTF-8；请以 UTF-8 编码发送（不要用 GBK）"),
            format!("it is not UTF-8 from byte {at} on; send it in UTF-8 (not in GBK)"),
        ),
        is_too_large: false,
    }
}

fn of_mistake(mistake: Mistake) -> Fault {
    let Mistake {
        field,
        text,
        is_too_large,
    } = mistake;
    let (code, reason) = if is_too_large {
        (Code::OutOfRange, "MessageTooLarge")
    } else {
        (Code::InvalidArgument, "InvalidJson")
    };
    let mut fault = Fault::new(code, reason, &text.zh, &text.en);
    if !field.is_empty() {
        fault.violations.push(violation(field, "", text.zh, text.en));
    }
    fault
}

#[cfg(test)]
mod tests {
    use keshi_proto::api::{At, GetEntryRequest, Head, at};
    use prost_reflect::prost_types::Timestamp;

    use super::super::catalog::pool;
    use super::*;

    fn kind(name: &str) -> MessageDescriptor {
        pool().get_message_by_name(&format!("keshi.v1.{name}")).unwrap()
    }

    fn read(json: &str) -> Result<GetEntryRequest, Mistake> {
        from_json(&kind("GetEntryRequest"), json.as_bytes()).map(|bytes| GetEntryRequest::decode(&*bytes).unwrap())
    }

    #[test]
    fn whole_numbers_of_64_bits_are_taken_as_numbers_and_as_texts_and_written_as_texts() {
        for json in [r#"{"index": 9007199254740993}"#, r#"{"index": "9007199254740993"}"#] {
            assert_eq!(read(json).unwrap().index, 9_007_199_254_740_993, "{json}");
        }
        for json in [
            r#"{"index": 1.5}"#,
            r#"{"index": -1}"#,
            r#"{"index": "x"}"#,
            r#"{"index": true}"#,
        ] {
            let mistake = read(json).unwrap_err();
            assert!(mistake.text.en.contains("line 1, column"), "{json}: {mistake:?}");
        }
        let head = Head {
            size: u64::MAX,
            root: vec![0xff, 0xfe],
            ..Head::default()
        };
        let json = to_json(&kind("Head"), &head.encode_to_vec()).unwrap();
        assert_eq!(json, r#"{"size":"18446744073709551615","root":"//4="}"#);
    }

    #[test]
    fn moments_are_texts_and_one_of_two_is_one_of_two() {
        let asked = read(r#"{"at": {"time": "2022-12-31T00:00:00Z"}}"#).unwrap();
        let time = Timestamp {
            seconds: 1_672_444_800,
            nanos: 0,
        };
        let At {
            at: Some(at::At::Time(found)),
            ..
        } = asked.at.unwrap()
        else {
            panic!("a moment");
        };
        assert_eq!(found.seconds, time.seconds);
        let mistake = read(r#"{"at": {"time": "2022-12-31T00:00:00Z", "size": 3}}"#).unwrap_err();
        assert!(
            mistake.text.en.contains("oneof") && mistake.text.zh.contains("只能填其中一项"),
            "{mistake:?}"
        );
    }

    #[test]
    fn gbk_is_told_apart_from_utf_8() {
        let gbk = b"{\"purpose\": \"\xbf\xce\xca\xb1\"}";
        let mistake = from_json(&kind("GetEntryRequest"), gbk).unwrap_err();
        assert!(mistake.text.en.contains("byte 13"), "{mistake:?}");
    }
}
