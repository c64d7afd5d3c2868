//! An answer on its way out: it holds what its call held until it is read.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tonic::Status;
use tonic::codegen::http;

use super::Call;
use super::shares::Held;

/// Room for an answer's bytes, put into the extensions of a response.
#[derive(Clone, Debug)]
pub struct AnswerRoom(#[allow(dead_code, reason = "it is held")] Arc<Held>);

impl From<Held> for AnswerRoom {
    fn from(held: Held) -> Self {
        Self(Arc::new(held))
    }
}

/// The body of an answer.
struct Kept {
    inner: tonic::body::Body,
    /// Its place is free again once the caller has read what she asked for.
    _call: Call,
    _room: Option<AnswerRoom>,
}

/// Lets the call's place, and the room that the response names, be held until it is read or its reader has gone.
pub(super) fn keep(mut response: http::Response<tonic::body::Body>, call: Call) -> http::Response<tonic::body::Body> {
    let room = response.extensions_mut().remove::<AnswerRoom>();
    response.map(|inner| {
        tonic::body::Body::new(Kept {
            inner,
            _call: call,
            _room: room,
        })
    })
}

impl Body for Kept {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        Pin::new(&mut self.inner).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
