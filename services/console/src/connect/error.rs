//! An error of the services in the protocol's form.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER};
use axum::http::{HeaderMap, Response, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use keshi_core::lang::Lang;
use keshi_door::of_transport;
use prost_reflect::DynamicMessage;
use prost_reflect::prost::Message as _;
use serde::Serialize;
use serde_json::Value;
use tonic::metadata::MetadataMap;
use tonic::{Code, Status};
use tonic_types::{StatusExt as _, pb};

use super::catalog::pool;

/// An error as it is written.
#[derive(Debug, Serialize)]
pub(super) struct Told {
    code: &'static str,
    message: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    details: Vec<Detail>,
}

#[derive(Debug, Serialize)]
struct Detail {
    #[serde(rename = "type")]
    kind: String,
    value: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    debug: Option<Value>,
}

/// The protocol's name of a code, and the status of HTTP that goes with it.
pub(super) fn named(code: Code) -> (&'static str, StatusCode) {
    match code {
        Code::Cancelled => (
            "canceled",
            StatusCode::from_u16(499).unwrap_or(StatusCode::REQUEST_TIMEOUT),
        ),
        // A status that is no error is none of ours.
        Code::Ok | Code::Unknown => ("unknown", StatusCode::INTERNAL_SERVER_ERROR),
        Code::InvalidArgument => ("invalid_argument", StatusCode::BAD_REQUEST),
        Code::DeadlineExceeded => ("deadline_exceeded", StatusCode::GATEWAY_TIMEOUT),
        Code::NotFound => ("not_found", StatusCode::NOT_FOUND),
        Code::AlreadyExists => ("already_exists", StatusCode::CONFLICT),
        Code::PermissionDenied => ("permission_denied", StatusCode::FORBIDDEN),
        Code::ResourceExhausted => ("resource_exhausted", StatusCode::TOO_MANY_REQUESTS),
        Code::FailedPrecondition => ("failed_precondition", StatusCode::BAD_REQUEST),
        Code::Aborted => ("aborted", StatusCode::CONFLICT),
        Code::OutOfRange => ("out_of_range", StatusCode::BAD_REQUEST),
        Code::Unimplemented => ("unimplemented", StatusCode::NOT_IMPLEMENTED),
        Code::Internal => ("internal", StatusCode::INTERNAL_SERVER_ERROR),
        Code::Unavailable => ("unavailable", StatusCode::SERVICE_UNAVAILABLE),
        Code::DataLoss => ("data_loss", StatusCode::INTERNAL_SERVER_ERROR),
        Code::Unauthenticated => ("unauthenticated", StatusCode::UNAUTHORIZED),
    }
}

/// What the transport said by itself gets a reason and a remedy, as at the door.
pub(super) fn with_reason(status: Status, lang: Lang) -> Status {
    if status.get_error_details().error_info().is_some() {
        return status;
    }
    of_transport(&status).status(lang)
}

impl Told {
    pub(super) fn of(status: &Status) -> Self {
        // Details that do not decode are the services' mistake; the code and the text are true without them.
        let details = pb::Status::decode(status.details()).unwrap_or_default().details;
        Self {
            code: named(status.code()).0,
            message: status.message().to_owned(),
            details: details.into_iter().map(|any| Detail::of(&any)).collect(),
        }
    }

    /// The bytes of it.
    pub(super) fn json(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_else(|_| br#"{"code":"internal"}"#.to_vec())
    }
}

impl Detail {
    fn of(any: &prost_types::Any) -> Self {
        let kind = any.type_url.rsplit('/').next().unwrap_or_default().to_owned();
        let decoded = pool()
            .get_message_by_name(&kind)
            .and_then(|message| DynamicMessage::decode(message, &*any.value).ok());
        Self {
            value: STANDARD_NO_PAD.encode(&any.value),
            debug: decoded.and_then(|decoded| serde_json::to_value(decoded).ok()),
            kind,
        }
    }
}

/// The answer of a unary call that failed.
pub(super) fn answer(status: &Status) -> Response<Body> {
    let (_, http) = named(status.code());
    answer_with(http, status)
}

/// The same under another status of HTTP, where HTTP itself has one that says more.
pub(super) fn answer_with(http: StatusCode, status: &Status) -> Response<Body> {
    let mut response = Response::new(Body::from(Told::of(status).json()));
    *response.status_mut() = http;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let retry = status.get_details_retry_info().and_then(|info| info.retry_delay);
    if let Some(delay) = retry {
        let seconds = delay.as_secs() + u64::from(delay.subsec_nanos() > 0);
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    as_trailers(status.metadata(), headers);
    response
}

/// The services' own headers.
pub(super) fn as_headers(metadata: &MetadataMap, headers: &mut HeaderMap) {
    for (name, value) in own(metadata) {
        headers.append(name.clone(), value.clone());
    }
}

/// The services' own trailers, which a unary answer has among its headers.
pub(super) fn as_trailers(metadata: &MetadataMap, headers: &mut HeaderMap) {
    for (name, value) in own(metadata) {
        if let Ok(name) = HeaderName::try_from(format!("trailer-{name}")) {
            headers.append(name, value.clone());
        }
    }
}

/// What is the services' own in `metadata`, and not the transport's.
pub(super) fn own(metadata: &MetadataMap) -> Vec<(HeaderName, HeaderValue)> {
    const OF_TRANSPORT: [&str; 8] = [
        "content-type",
        "content-length",
        "content-encoding",
        "connection",
        "date",
        "te",
        "trailer",
        "transfer-encoding",
    ];
    let all = metadata.as_ref().iter();
    all.filter(|(name, _)| {
        let name = name.as_str();
        !name.starts_with("grpc-") && !name.starts_with("connect-") && !OF_TRANSPORT.contains(&name)
    })
    .map(|(name, value)| (name.clone(), value.clone()))
    .collect()
}
