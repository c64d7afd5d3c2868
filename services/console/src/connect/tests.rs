//! The protocol's rules, over services that answer what a test says. Their numbers are those of the protocol's document.

mod sites;
mod streams;
mod unary;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, Response, StatusCode};
use bytes::{BufMut as _, Bytes, BytesMut};
use http_body_util::{BodyExt as _, StreamBody};
use keshi_core::lang::Lang;
use keshi_door::{Fault, violation};
use keshi_proto::api::{GetEntryRequest, Head};
use parking_lot::Mutex;
use prost_reflect::prost::Message as _;
use serde_json::{Value, json};
use tonic::codegen::http;
use tonic::{Code, Status};
use tower::{ServiceExt as _, service_fn};

use keshi_client::over;

use crate::{Console, Settings};

const GET_HEAD: &str = "/keshi.v1.LedgerService/GetHead";
const GET_ENTRY: &str = "/keshi.v1.LedgerService/GetEntry";
const WATCH: &str = "/keshi.v1.LedgerService/WatchEntries";
const SUBMIT: &str = "/keshi.v1.SubmissionService/Submit";

/// What the services were asked, and what they answer.
#[derive(Clone)]
struct Fake {
    asked: Arc<Mutex<Vec<(HeaderMap, Bytes)>>>,
    peers: Arc<Mutex<Vec<keshi_door::Peer>>>,
    answer: Arc<dyn Fn() -> http::Response<tonic::body::Body> + Send + Sync>,
}

impl Fake {
    fn of(answer: impl Fn() -> http::Response<tonic::body::Body> + Send + Sync + 'static) -> Self {
        Self {
            asked: Arc::default(),
            peers: Arc::default(),
            answer: Arc::new(answer),
        }
    }

    fn refusing(status: Status) -> Self {
        Self::of(move || status.clone().into_http())
    }

    /// These messages, with a header and a trailer of the services' own.
    fn answering(messages: &[Vec<u8>], end: &Status) -> Self {
        let mut sent = BytesMut::new();
        for message in messages {
            sent.put_u8(0);
            sent.put_u32(u32::try_from(message.len()).unwrap());
            sent.put_slice(message);
        }
        let mut trailers = http::HeaderMap::new();
        end.add_header(&mut trailers).unwrap();
        trailers.insert("acme-cost", "237".parse().unwrap());
        let sent = sent.freeze();
        Self::of(move || {
            let frames = [
                http_body::Frame::data(sent.clone()),
                http_body::Frame::trailers(trailers.clone()),
            ];
            let frames = frames.map(Ok::<_, Infallible>);
            let body = StreamBody::new(futures::stream::iter(frames));
            http::Response::builder()
                .header("content-type", "application/grpc")
                .header("acme-shard", "42")
                .body(tonic::body::Body::new(body))
                .unwrap()
        })
    }

    /// What becomes of a request.
    async fn asked(&self, request: Request<Body>) -> Response<Body> {
        self.router().oneshot(request).await.unwrap()
    }

    /// The routes over these services.
    fn router(&self) -> Router {
        self.router_with(Settings::default())
    }

    fn router_with(&self, settings: Settings) -> Router {
        let fake = self.clone();
        let service = service_fn(move |request: http::Request<tonic::body::Body>| {
            let fake = fake.clone();
            async move {
                let (parts, body) = request.into_parts();
                let bytes = body
                    .collect()
                    .await
                    .map(http_body_util::Collected::to_bytes)
                    .unwrap_or_default();
                fake.peers.lock().extend(parts.extensions.get::<keshi_door::Peer>());
                fake.asked.lock().push((parts.headers, bytes));
                Ok::<_, Infallible>((fake.answer)())
            }
        });
        Console::new(over(service), "610729", settings).router()
    }

    /// The bytes of the one message that the services were sent.
    fn message(&self) -> Bytes {
        let asked = self.asked.lock();
        let [(_, sent)] = &asked[..] else { panic!("asked once") };
        sent.slice(5..)
    }
}

fn post(path: &str, kind: &str, body: impl Into<Body>) -> Request<Body> {
    let request = Request::post(path).header("accept-language", "en");
    request.header("content-type", kind).body(body.into()).unwrap()
}

fn get(path: &str) -> Request<Body> {
    Request::get(path)
        .header("accept-language", "en")
        .body(Body::empty())
        .unwrap()
}

async fn bytes(response: Response<Body>) -> Bytes {
    response.into_body().collect().await.unwrap().to_bytes()
}

async fn told(response: Response<Body>) -> Value {
    serde_json::from_slice(&bytes(response).await).unwrap()
}

/// The reason that stays the same.
fn reason(told: &Value) -> &str {
    let details = told["details"].as_array().unwrap();
    let info = details
        .iter()
        .find(|detail| detail["type"] == "google.rpc.ErrorInfo")
        .unwrap();
    info["debug"]["reason"].as_str().unwrap()
}

fn head() -> Vec<u8> {
    let head = Head {
        office: "610729".to_owned(),
        size: 12,
        ..Head::default()
    };
    head.encode_to_vec()
}

fn ok() -> Status {
    Status::new(Code::Ok, "")
}
