//! A request at the path of a method.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{ALLOW, CONTENT_ENCODING, CONTENT_TYPE, HeaderName, HeaderValue};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method as Verb, StatusCode};
use axum::response::Response;
use bytes::Bytes;
use keshi_core::lang::Lang;
use keshi_door::{Fault, of_transport};
use tonic::{Code, Status};

use super::call::{Pending, ask};
use super::catalog::{Method, Shape};
use super::codec::Codec;
use super::error::{answer as failed, answer_with, as_headers, as_trailers};
use super::head::{Head, check_encoding, codec, lang};
use super::room::Held;
use super::upload::Upload;
use super::{envelope, get};
use crate::Console;
use crate::origin::{is_from_elsewhere, sealed};
use crate::site::is_named;

/// What is taken by a method, said with what is not.
const ACCEPT_POST: HeaderName = HeaderName::from_static("accept-post");

pub(super) async fn answer(State(console): State<Console>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let upload = Upload::new(&parts.headers, body);
    let lang = lang(&parts.headers);
    let response = match Method::find(parts.uri.path()) {
        _ if is_from_elsewhere(&parts.uri, &parts.headers) && !is_named(&console.0.sites, &parts.headers) => {
            failed(&from_elsewhere().status(lang))
        }
        None => {
            let status = of_transport(&Status::unimplemented("")).status(lang);
            answer_with(StatusCode::NOT_FOUND, &status)
        }
        Some(method) => match parts.method {
            Verb::POST => post(&console, method, &parts, &upload).await,
            Verb::GET if method.is_gettable() => get::answer(&console, method, &parts).await,
            _ => other_verb(method, lang),
        },
    };
    upload.discard().await;
    sealed(response)
}

async fn post(console: &Console, method: &'static Method, parts: &Parts, upload: &Upload) -> Response {
    let headers = &parts.headers;
    match method.shape() {
        Shape::Unary => match codec(headers, "application/") {
            Some(codec) => match unary(console, method, parts, upload, codec).await {
                Ok(response) => response,
                Err(status) => failed(&status),
            },
            None => other_type(headers, &[Codec::Json.unary_type(), Codec::Proto.unary_type()]),
        },
        Shape::ServerStream => match codec(headers, "application/connect+") {
            Some(codec) => envelope::answer(console, method, parts, upload, codec).await,
            None => other_type(headers, &[Codec::Json.stream_type(), Codec::Proto.stream_type()]),
        },
        Shape::ClientStream => {
            let status = only_grpc().status(lang(headers));
            match codec(headers, "application/connect+") {
                Some(codec) => envelope::failed(codec, &status),
                None => failed(&status),
            }
        }
    }
}

async fn unary(
    console: &Console,
    method: &'static Method,
    parts: &Parts,
    upload: &Upload,
    codec: Codec,
) -> Result<Response, Status> {
    let head = Head::read(method, parts)?;
    let lang = head.lang;
    check_encoding(parts.headers.get(CONTENT_ENCODING).map(HeaderValue::as_bytes), lang)?;
    let bytes_max = codec.bytes_max(method);
    upload.check_length(bytes_max, lang)?;
    let (upload, mut room) = (upload.clone(), console.0.room.of(head.key));
    let message: Pending = Box::pin(async move {
        let message = upload.read(bytes_max, &mut room, lang).await?;
        codec.read(&method.0.input(), message, lang).await
    });
    one(console, method, &head, codec, message).await
}

/// Calls a method that has one answer.
pub(super) async fn one(
    console: &Console,
    method: &Method,
    head: &Head,
    codec: Codec,
    message: Pending,
) -> Result<Response, Status> {
    let mut answers = ask(&console.0.way, method, head, message).await?;
    let Some(message) = answers.next().await? else {
        return Err(no_answer().status(head.lang));
    };
    let trailers = answers.trailers().await?;
    let message = written(console, method, head, codec, message).await?;
    let mut response = Response::new(Body::from(message));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(codec.unary_type()));
    as_headers(&answers.headers, headers);
    as_trailers(&trailers, headers);
    Ok(response)
}

/// An answer as the caller wants it, which takes her room until it is sent.
pub(super) async fn written(
    console: &Console,
    method: &Method,
    head: &Head,
    codec: Codec,
    message: Bytes,
) -> Result<Bytes, Status> {
    let mut room = console.0.room.of(head.key);
    let full = |fault: Fault| fault.status(head.lang);
    room.grow(message.len()).map_err(full)?;
    let taken = message.len();
    let bytes = codec.write(&method.0.output(), message, head.lang).await?;
    room.grow(bytes.len().saturating_sub(taken)).map_err(full)?;
    Ok(Bytes::from_owner(Sent { bytes, _room: room }))
}

/// Bytes whose room is given back once they have been sent.
struct Sent {
    bytes: Bytes,
    _room: Held,
}

impl AsRef<[u8]> for Sent {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

fn other_verb(method: &Method, lang: Lang) -> Response {
    let (zh, en, allowed) = if method.is_gettable() {
        ("GET 或 POST", "GET or POST", "GET, POST")
    } else {
        ("POST", "POST", "POST")
    };
    let fault = Fault::new(
        Code::Unimplemented,
        "OtherVerb",
        format!("请用 {zh} 请求这个接口；网页上的脚本不能从别的网站调用"),
        format!("ask for this method with {en}; scripts of other sites cannot"),
    );
    let mut response = answer_with(StatusCode::METHOD_NOT_ALLOWED, &fault.status(lang));
    response.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
    response
}

/// What is sent is of a type that the method does not take, or that nothing is known of.
pub(super) fn other_type(headers: &HeaderMap, taken: &[&str]) -> Response {
    let taken = taken.join(", ");
    let fault = Fault::new(
        Code::InvalidArgument,
        "ContentType",
        format!("请把 content-type 写成其中之一：{taken}（UTF-8）"),
        format!("send it with one of these as content-type: {taken} (in UTF-8)"),
    );
    let mut response = answer_with(StatusCode::UNSUPPORTED_MEDIA_TYPE, &fault.status(lang(headers)));
    if let Ok(taken) = HeaderValue::try_from(taken) {
        response.headers_mut().insert(ACCEPT_POST, taken);
    }
    response
}

fn from_elsewhere() -> Fault {
    Fault::new(
        Code::PermissionDenied,
        "OtherSite",
        "这个请求来自别的网站，没有执行；请由程序而不是网页调用接口",
        "this request comes from a page of another site and was not carried out; call the API from a program",
    )
}

fn only_grpc() -> Fault {
    Fault::new(
        Code::Unimplemented,
        "OnlyGrpc",
        "连续提交只能用 gRPC；用 HTTP 请逐批调用 SubmissionService/Submit（taking 为 TAKING_EACH）",
        "streams of requests are taken by gRPC only; over HTTP post one submission a call to SubmissionService/Submit (with \
         TAKING_EACH)",
    )
}

fn no_answer() -> Fault {
    Fault::new(
        Code::Internal,
        "NoAnswer",
        "服务没有给出答复；请重新发送，重复提交是安全的",
        "the services gave no answer; send the same again, which is safe",
    )
}
