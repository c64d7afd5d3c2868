//! A small HTTP client for the pages' port.

use std::net::SocketAddr;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

use crate::process::Keshi;

/// A program that posts JSON, with its token.
#[derive(Clone, Debug)]
pub struct Web {
    address: SocketAddr,
    token: Option<String>,
}

/// What was answered: the status of HTTP, and the JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status of HTTP.
    pub status: u16,
    /// The JSON.
    pub json: Value,
}

impl Web {
    /// One without a token, at the pages' port of this server.
    ///
    /// # Panics
    ///
    /// If it serves none.
    pub fn of(keshi: &Keshi) -> Self {
        let url = keshi.pages_url();
        let address = url.trim_start_matches("http://").parse().expect("an address");
        Self { address, token: None }
    }

    /// The same with a token.
    #[must_use]
    pub fn with(&self, token: &str) -> Self {
        Self {
            address: self.address,
            token: Some(token.to_owned()),
        }
    }

    /// The token, empty without one.
    pub fn token(&self) -> &str {
        self.token.as_deref().unwrap_or_default()
    }

    /// Where it is.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A request with the token, in English, with this content.
    ///
    /// # Panics
    ///
    /// If the path is none.
    pub fn post(&self, path: &str, kind: &str, content: impl Into<Bytes>) -> Request<Full<Bytes>> {
        let mut request = Request::post(path).header("content-type", kind);
        request = request
            .header("host", self.address.to_string())
            .header("accept-language", "en");
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        request.body(Full::new(content.into())).expect("a request")
    }

    /// The status of HTTP and the text at this path, as anybody sees it.
    ///
    /// # Panics
    ///
    /// If there is no answer, or it is no text.
    pub async fn got(&self, path: &str) -> (u16, String) {
        let mut request = self.post(path, "text/plain", "");
        *request.method_mut() = hyper::Method::GET;
        let response = self.send(request).await;
        let status = response.status().as_u16();
        let content = response.into_body().collect().await.expect("all of it").to_bytes();
        (status, String::from_utf8(content.into()).expect("UTF-8"))
    }

    /// Sends a request on a connection of its own.
    ///
    /// # Panics
    ///
    /// If there is no answer.
    pub async fn send(&self, request: Request<Full<Bytes>>) -> Response<Incoming> {
        let stream = TcpStream::connect(self.address).await.expect("connected");
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.expect("a connection");
        tokio::spawn(connection);
        sender.send_request(request).await.expect("an answer")
    }

    /// Calls e.g. `LedgerService/GetBalance` with this JSON.
    ///
    /// # Panics
    ///
    /// If what comes back is no JSON.
    pub async fn call(&self, method: &str, content: impl Into<Bytes>) -> Answer {
        self.answer(self.post(&format!("/keshi.v1.{method}"), "application/json", content))
            .await
    }

    /// Sends a request whose answer is JSON.
    ///
    /// # Panics
    ///
    /// If it is not.
    pub async fn answer(&self, request: Request<Full<Bytes>>) -> Answer {
        let response = self.send(request).await;
        let status = response.status().as_u16();
        let content = response.into_body().collect().await.expect("all of it").to_bytes();
        let json = serde_json::from_slice(&content);
        let json = json.unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&content)));
        Answer { status, json }
    }
}

impl Answer {
    /// The code and `ErrorInfo.reason` of an error.
    ///
    /// # Panics
    ///
    /// If it is none.
    #[track_caller]
    pub fn refusal(&self) -> (String, String) {
        refusal(&self.json)
    }
}

/// The code and `ErrorInfo.reason` of an error.
///
/// # Panics
///
/// If it is none.
#[track_caller]
pub fn refusal(json: &Value) -> (String, String) {
    let text = |value: &Value| value.as_str().map(ToOwned::to_owned);
    let details = json["details"].as_array().map(Vec::as_slice).unwrap_or_default();
    let info = details.iter().find(|detail| detail["type"] == "google.rpc.ErrorInfo");
    let reason = info.and_then(|info| text(&info["debug"]["reason"]));
    let found = text(&json["code"]).zip(reason);
    found.unwrap_or_else(|| panic!("no error: {json}"))
}
