//! The ledger's checkpoint and tiles at the addresses that C2SP's `tlog-tiles` gives them, for monitors of transparency logs.
//!
//! The checkpoint and tiles of hashes are for anybody; bundles of entries for an auditor's token.

use axum::Router;
use axum::extract::Path;
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use keshi_proto::api;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::Console;
use crate::fault::code;
use crate::visitor::Stranger;

/// A checkpoint is the newest for as long as the services give the same one to strangers.
const FRESH: &str = "public, max-age=2";
/// What was in the ledger once does not change.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// Entries stay with who asked for them.
const HERS: &str = "private, no-store";

pub(crate) fn router() -> Router<Console> {
    Router::new()
        .route("/checkpoint", get(checkpoint))
        .route("/tile/entries/{*path}", get(bundle))
        .route("/tile/{*path}", get(tile))
}

async fn checkpoint(stranger: Stranger) -> Response {
    answer(
        asked(&stranger, "checkpoint".to_owned()).await,
        "text/plain; charset=utf-8",
        FRESH,
    )
}

async fn tile(stranger: Stranger, Path(path): Path<String>) -> Response {
    answer(
        asked(&stranger, format!("tile/{path}")).await,
        "application/octet-stream",
        FOR_EVER,
    )
}

async fn asked(stranger: &Stranger, path: String) -> Result<Vec<u8>, Status> {
    let request = stranger.call_from_her(api::GetTileRequest { path });
    Ok(stranger.client().tiles().get_tile(request).await?.into_inner().content)
}

/// A bundle of entries, with the caller's own token and rights; a browser's cookie is none, as for all programs.
async fn bundle(stranger: Stranger, Path(path): Path<String>, headers: HeaderMap) -> Response {
    let mut request = stranger.client().call(api::GetBundleRequest {
        path: format!("tile/entries/{path}"),
        purpose: String::new(),
    });
    if let Some(token) = headers.get(AUTHORIZATION) {
        request.metadata_mut().as_mut().insert(AUTHORIZATION, token.clone());
    }
    let found = stranger.client().audit().get_bundle(request).await;
    let content = found.map(|bundle| bundle.into_inner().content);
    answer(content, "application/octet-stream", HERS)
}

/// The bytes, or one line that says why not.
fn answer(content: Result<Vec<u8>, Status>, kind: &'static str, kept: &'static str) -> Response {
    match content {
        Ok(content) => ([(CONTENT_TYPE, kind), (CACHE_CONTROL, kept)], content).into_response(),
        Err(status) => {
            let text = format!("{}\n", status.message());
            let told = [(CONTENT_TYPE, "text/plain; charset=utf-8"), (CACHE_CONTROL, "no-store")];
            let mut response = (code(status.code()), told, text).into_response();
            let wait = status.get_details_retry_info().and_then(|info| info.retry_delay);
            if let Some(wait) = wait {
                response
                    .headers_mut()
                    .insert(RETRY_AFTER, HeaderValue::from(wait.as_secs() + 1));
            }
            if status.code() == Code::Unauthenticated {
                response
                    .headers_mut()
                    .insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            response
        }
    }
}
