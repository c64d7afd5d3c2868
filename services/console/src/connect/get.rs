//! A method without side effects, asked for in an address.

use axum::http::request::Parts;
use axum::response::Response;
use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use bytes::Bytes;
use keshi_core::lang::Lang;
use keshi_door::Fault;
use percent_encoding::percent_decode_str;
use tonic::{Code, Status};

use super::call::Pending;
use super::catalog::Method;
use super::codec::Codec;
use super::error::answer as failed;
use super::head::{Head, check_encoding, lang, other_version};
use super::serve::{one, other_type};
use crate::Console;

/// Base64 of addresses, padded or not.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

pub(super) async fn answer(console: &Console, method: &'static Method, parts: &Parts) -> Response {
    let (headers, query) = (&parts.headers, parts.uri.query().unwrap_or_default());
    let codec = match parameter(query, "encoding") {
        Some(name) => match std::str::from_utf8(&name).ok().and_then(Codec::named) {
            Some(codec) => codec,
            None => return other_type(headers, &["encoding=json", "encoding=proto"]),
        },
        None => return failed(&missing("encoding").status(lang(headers))),
    };
    match got(console, method, parts, query, codec).await {
        Ok(response) => response,
        Err(status) => failed(&status),
    }
}

async fn got(
    console: &Console,
    method: &'static Method,
    parts: &Parts,
    query: &str,
    codec: Codec,
) -> Result<Response, Status> {
    let head = Head::read(method, parts)?;
    let lang = head.lang;
    if parameter(query, "connect").is_some_and(|version| version != b"v1"[..]) {
        return Err(other_version().status(lang));
    }
    check_encoding(parameter(query, "compression").as_deref(), lang)?;
    let message = message(query, lang)?;
    let message: Pending = Box::pin(async move { codec.read(&method.0.input(), message, lang).await });
    one(console, method, &head, codec, message).await
}

/// The message in the address.
fn message(query: &str, lang: Lang) -> Result<Bytes, Status> {
    let message = parameter(query, "message").ok_or_else(|| missing("message").status(lang))?;
    if parameter(query, "base64").is_none_or(|value| value != b"1"[..]) {
        return Ok(message.into());
    }
    let decoded = BASE64.decode(&message).map_err(|_| not_base64().status(lang))?;
    Ok(decoded.into())
}

/// The bytes of the first parameter of this name.
fn parameter(query: &str, name: &str) -> Option<Vec<u8>> {
    let mut pairs = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let (_, value) = pairs.find(|(found, _)| *found == name)?;
    Some(percent_decode_str(&value.replace('+', " ")).collect())
}

fn missing(name: &str) -> Fault {
    Fault::new(
        Code::InvalidArgument,
        "MissingParameter",
        format!("地址中缺少参数 {name}；请写成 ?encoding=json&message=…&connect=v1"),
        format!("the address has no parameter {name}; write ?encoding=json&message=…&connect=v1"),
    )
}

fn not_base64() -> Fault {
    Fault::new(
        Code::InvalidArgument,
        "NotBase64",
        "base64=1 时 message 须是地址用的 base64（A–Z a–z 0–9 - _）",
        "with base64=1 the message is in the base64 of addresses (A–Z a–z 0–9 - _)",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_taken_from_any_place_percent_decoded() {
        let query = "other=1&message=%7B%22name%22%3A%22%E5%8F%B6+a%22%7D&encoding=json";
        assert_eq!(parameter(query, "message").unwrap(), "{\"name\":\"叶 a\"}".as_bytes());
        assert_eq!(parameter(query, "encoding").unwrap(), b"json");
        assert_eq!(parameter(query, "connect"), None);
        assert_eq!(parameter("message", "message").unwrap(), b"");
    }

    #[test]
    fn base64_is_that_of_addresses_padded_or_not_and_only_where_it_is_said() {
        for (query, expected) in [
            ("base64=1&message=eyJhIjoiPz8_In0", "{\"a\":\"???\"}"),
            ("base64=1&message=eyJhIjoiPz8_In0%3D", "{\"a\":\"???\"}"),
            ("message=eyJh", "eyJh"),
            ("base64=0&message=eyJh", "eyJh"),
        ] {
            assert_eq!(message(query, Lang::En).unwrap(), expected, "{query}");
        }
        for bad in [
            "base64=1&message=%7B%7D",
            "base64=1&message=eyJhIjoiPz8/In0",
            "base64=1",
        ] {
            assert_eq!(
                message(bad, Lang::En).unwrap_err().code(),
                Code::InvalidArgument,
                "{bad}"
            );
        }
    }
}
