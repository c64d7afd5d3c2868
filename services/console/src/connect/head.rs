//! What a call's headers say.

use std::net::SocketAddr;
use std::time::Duration;

use axum::extract::ConnectInfo;
use axum::http::header::{ACCEPT_LANGUAGE, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName};
use keshi_core::lang::Lang;
use keshi_door::{Fault, Peer, lang_of};
use tonic::{Code, Request, Status};

use super::catalog::Method;
use super::codec::Codec;
use super::room::{self, Key};

/// The version of the protocol, if a caller says one.
const VERSION: HeaderName = HeaderName::from_static("connect-protocol-version");

const TIMEOUT: HeaderName = HeaderName::from_static("connect-timeout-ms");

/// What of a call's headers is for the services: credentials, language, deadline. Cookies are not among them: a browser adds
/// those to whatever any site has it send, so that a door that takes cookies has to tell sites apart, and programs have none.
#[derive(Clone, Debug)]
pub(super) struct Head {
    pub(super) lang: Lang,
    pub(super) key: Key,
    passed_on: Vec<(HeaderName, HeaderValue)>,
    /// From where she calls, which the door counts who signs in by.
    peer: Option<Peer>,
    timeout: Option<Duration>,
}

impl Head {
    /// Reads them.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` for a version or a timeout that the protocol does not have.
    pub(super) fn read(method: &Method, parts: &Parts) -> Result<Self, Status> {
        let headers = &parts.headers;
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let peer = peer.map(|ConnectInfo(address)| address.ip());
        let lang = lang(headers);
        let timeout = timeout(headers).map_err(|fault| fault.status(lang))?;
        if headers.get(VERSION).is_some_and(|value| value != "1") {
            return Err(other_version().status(lang));
        }
        let passed_on = [AUTHORIZATION, ACCEPT_LANGUAGE].into_iter().filter_map(|name| {
            let value = headers.get(&name)?.clone();
            Some((name, value))
        });
        Ok(Self {
            lang,
            key: if method.is_for_strangers() {
                room::of_stranger(peer)
            } else {
                room::of_caller(headers)
            },
            peer: peer.map(Peer),
            passed_on: passed_on.collect(),
            timeout,
        })
    }

    /// The call to the services.
    pub(super) fn request<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        for (name, value) in &self.passed_on {
            request.metadata_mut().as_mut().insert(name.clone(), value.clone());
        }
        if let Some(peer) = self.peer {
            request.extensions_mut().insert(peer);
        }
        if let Some(timeout) = self.timeout {
            request.set_timeout(timeout);
        }
        request
    }
}

/// The language of a caller, as the services choose it.
pub(super) fn lang(headers: &HeaderMap) -> Lang {
    lang_of(headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()))
}

/// A version of the protocol that is not spoken here.
pub(super) fn other_version() -> Fault {
    Fault::new(
        Code::InvalidArgument,
        "ProtocolVersion",
        "只支持 Connect 协议第 1 版：请写 connect-protocol-version: 1（GET 用 connect=v1），或不写",
        "only version 1 of the Connect protocol is spoken: send connect-protocol-version: 1 (with GET, connect=v1), or nothing",
    )
}

/// The codec of a content type, which begins with `prefix`; parameters but another character set are let pass.
pub(super) fn codec(headers: &HeaderMap, prefix: &str) -> Option<Codec> {
    let given = headers.get(CONTENT_TYPE)?.to_str().ok()?.to_ascii_lowercase();
    let mut parts = given.split(';').map(str::trim);
    let codec = Codec::named(parts.next()?.strip_prefix(prefix)?)?;
    let charset = parts.find_map(|part| part.strip_prefix("charset="));
    let is_utf8 = charset.is_none_or(|charset| charset.trim_matches('"') == "utf-8");
    is_utf8.then_some(codec)
}

/// Refuses an encoding that is not spoken: texts are small enough, and what is not unpacked cannot burst.
///
/// # Errors
///
/// `UNIMPLEMENTED`, naming what there is.
pub(super) fn check_encoding(given: Option<&[u8]>, lang: Lang) -> Result<(), Status> {
    if given.is_none_or(|given| given.is_empty() || given.eq_ignore_ascii_case(b"identity")) {
        return Ok(());
    }
    let fault = Fault::new(
        Code::Unimplemented,
        "Compressed",
        "不接受压缩的内容，只支持 identity；请不压缩后重新发送",
        "compressed requests are not taken, the only encoding is identity; send it uncompressed",
    );
    Err(fault.status(lang))
}

fn timeout(headers: &HeaderMap) -> Result<Option<Duration>, Fault> {
    let Some(value) = headers.get(TIMEOUT) else {
        return Ok(None);
    };
    let digits = value.as_bytes();
    let is_one = (1..=10).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit);
    let millis = value
        .to_str()
        .ok()
        .filter(|_| is_one)
        .and_then(|text| text.parse().ok());
    match millis {
        Some(millis) if millis > 0 => Ok(Some(Duration::from_millis(millis))),
        _ => Err(Fault::new(
            Code::InvalidArgument,
            "Timeout",
            "connect-timeout-ms 须是正整数（毫秒），至多 10 位",
            "connect-timeout-ms is a positive whole number of milliseconds, of at most 10 digits",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        let pairs = pairs.iter();
        pairs
            .map(|(name, value)| (name.parse::<HeaderName>().unwrap(), value.parse().unwrap()))
            .collect()
    }

    #[test]
    fn a_content_type_names_the_codec_and_nothing_but_utf_8_goes_with_it() {
        let unary = |value| codec(&headers(&[("content-type", value)]), "application/");
        assert_eq!(unary("application/json"), Some(Codec::Json));
        assert_eq!(unary("Application/JSON; charset=UTF-8"), Some(Codec::Json));
        assert_eq!(unary("application/proto"), Some(Codec::Proto));
        for other in [
            "application/json; charset=gbk",
            "application/connect+json",
            "text/json",
            "application/xml",
            "",
        ] {
            assert_eq!(unary(other), None, "{other}");
        }
        let stream = headers(&[("content-type", "application/connect+proto")]);
        assert_eq!(codec(&stream, "application/connect+"), Some(Codec::Proto));
        assert_eq!(codec(&HeaderMap::new(), "application/"), None);
    }

    #[test]
    fn a_timeout_is_a_positive_number_of_at_most_ten_digits() {
        let read = |value| timeout(&headers(&[("connect-timeout-ms", value)]));
        assert_eq!(read("1"), Ok(Some(Duration::from_millis(1))));
        assert_eq!(read("9999999999"), Ok(Some(Duration::from_millis(9_999_999_999))));
        for bad in ["0", "", "-1", "+1", "1.5", "10000000000", "5s"] {
            assert!(read(bad).is_err(), "{bad}");
        }
        assert_eq!(timeout(&HeaderMap::new()), Ok(None));
    }

    fn read(headers: HeaderMap) -> Result<Head, Status> {
        let (mut parts, ()) = axum::http::Request::new(()).into_parts();
        parts.headers = headers;
        let from: SocketAddr = "10.1.2.3:99".parse().unwrap();
        parts.extensions.insert(ConnectInfo(from));
        Head::read(Method::find("/keshi.v1.LedgerService/GetHead").unwrap(), &parts)
    }

    #[test]
    fn credentials_language_and_deadline_go_on_and_cookies_do_not() {
        let given = headers(&[
            ("authorization", "Bearer ks_x"),
            ("accept-language", "en"),
            ("cookie", "keshi-session=role"),
            ("keshi-peer", "10.9.9.9"),
            ("connect-timeout-ms", "1500"),
            ("connect-protocol-version", "1"),
        ]);
        let request = read(given).unwrap().request(());
        let metadata = request.metadata();
        assert_eq!(metadata.get("authorization").unwrap(), "Bearer ks_x");
        assert_eq!(metadata.get("grpc-timeout").unwrap(), "1500000u");
        assert!(metadata.get("cookie").is_none() && metadata.get("keshi-peer").is_none());
        assert_eq!(request.extensions().get(), Some(&Peer("10.1.2.3".parse().unwrap())));
        let other = headers(&[("connect-protocol-version", "2")]);
        assert_eq!(read(other).unwrap_err().code(), Code::InvalidArgument);
    }
}
