//! A request's message, weighed as it comes.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use keshi_core::lang::Lang;
use tonic::{Code, Status};

use super::shares::Held;
use super::{Fault, MESSAGE_BYTES_MAX};

/// How long one who sent too much at once is asked to wait.
const RETRY_AFTER: Duration = Duration::from_millis(500);

/// The bytes of a request, of which the caller holds no more at once than her share.
pub(super) struct Weighed {
    inner: tonic::body::Body,
    room: Held,
    /// Bytes weighed: of a stream at most one message's, for no more than one is put together at a time.
    taken: usize,
    lang: Lang,
}

impl Weighed {
    pub(super) fn new(inner: tonic::body::Body, room: Held, lang: Lang) -> Self {
        Self {
            inner,
            room,
            taken: 0,
            lang,
        }
    }
}

impl Body for Weighed {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let polled = Pin::new(&mut self.inner).poll_frame(cx);
        if let Poll::Ready(Some(Ok(frame))) = &polled {
            let bytes = frame.data_ref().map_or(0, Bytes::len);
            let more = bytes.min(MESSAGE_BYTES_MAX - self.taken);
            if !self.room.grow(more) {
                return Poll::Ready(Some(Err(too_much(self.lang))));
            }
            self.taken += more;
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

fn too_much(lang: Lang) -> Status {
    Fault::new(
        Code::ResourceExhausted,
        "TooMuchAtOnce",
        "同时发送的内容过多；请等前面的请求完成后再发",
        "too much is being sent at once; let the requests before this one end first",
    )
    .retry_after(RETRY_AFTER)
    .status(lang)
}
