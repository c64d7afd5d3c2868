//! The API over plain HTTP, for programs that have no gRPC: the Connect protocol (<https://connectrpc.com/docs/protocol>).
//!
//! ```text
//!  program ──▶ route ──▶ Head (credentials, language, deadline) ──▶ the door lets in ──▶ then the body is read: JSON ──▶ protobuf
//!                                                                          services ──▶ protobuf ──▶ JSON, or the error
//! ```
//!
//! # What holds (ADR 62)
//!
//! - Every unary method is there, in JSON and in protobuf, and the streams of answers in envelopes. The streams of requests
//!   are gRPC's alone, and say so.
//! - Tokens, rights, deadlines and shares are the door's: a call is let in by its headers before its body is read.
//! - What is no message of this release is refused: unknown fields, fields given twice, other encodings.
//! - A browser's cookie is no credential here, and a page of another site is not answered, unless that site was named.

mod call;
mod catalog;
mod codec;
mod envelope;
mod error;
mod get;
mod head;
mod mistake;
mod openapi;
mod reference;
mod room;
mod schemas;
mod serve;
#[cfg(test)]
mod tests;
mod upload;
mod walk;

use axum::Router;
use axum::routing::{any, get};

use crate::Console;

pub(crate) use self::catalog::pool as descriptors;
pub(crate) use self::room::Room;

/// The methods, one route for each service.
pub(crate) fn router() -> Router<Console> {
    catalog::services().into_iter().fold(Router::new(), |router, service| {
        router.route(&format!("/{}/{{method}}", service.full_name()), any(serve::answer))
    })
}

/// What tells of the methods: pages, and the document for programs.
pub(crate) fn pages() -> Router<Console> {
    Router::new()
        .route("/api", get(reference::services))
        .route("/api/{service}/{method}", get(reference::method))
        .route("/openapi.json", get(openapi::serve))
}
