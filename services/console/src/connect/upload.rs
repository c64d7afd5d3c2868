//! A request's body, read when the services ask for it.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_LENGTH, EXPECT};
use bytes::{Bytes, BytesMut};
use futures::StreamExt as _;
use keshi_core::lang::Lang;
use keshi_door::{Fault, message_too_large};
use parking_lot::Mutex;
use tokio::time::timeout;
use tonic::{Code, Status};

use super::room::Held;

/// How much of a body that nobody wants is read all the same, and for how long: clients that send before they listen would
/// otherwise see a broken connection in place of the answer.
const UNWANTED_BYTES_MAX: usize = 8 << 20;
const UNWANTED_FOR: Duration = Duration::from_secs(2);

/// A body on its way in. Clones are the same.
#[derive(Clone)]
pub(super) struct Upload {
    body: Arc<Mutex<Option<Body>>>,
    /// As its sender says.
    length: Option<usize>,
    /// Whether its sender waits to be told that it is wanted.
    waits: bool,
}

impl Upload {
    pub(super) fn new(headers: &HeaderMap, body: Body) -> Self {
        let length = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
        Self {
            body: Arc::new(Mutex::new(Some(body))),
            length: length.and_then(|text| text.parse().ok()),
            waits: headers.contains_key(EXPECT),
        }
    }

    /// Refuses a body that says by itself that it is larger than this.
    ///
    /// # Errors
    ///
    /// `OUT_OF_RANGE`.
    pub(super) fn check_length(&self, bytes_max: usize, lang: Lang) -> Result<(), Status> {
        match self.length {
            Some(length) if length > bytes_max => Err(message_too_large(bytes_max).status(lang)),
            _ => Ok(()),
        }
    }

    /// All of it, at most `bytes_max`, for which `held` makes room as it comes.
    ///
    /// # Errors
    ///
    /// `OUT_OF_RANGE` if it is larger, `RESOURCE_EXHAUSTED` without room, `CANCELLED` if it breaks off.
    pub(super) async fn read(&self, bytes_max: usize, held: &mut Held, lang: Lang) -> Result<Bytes, Status> {
        let Some(body) = self.body.lock().take() else {
            return Err(broken_off().status(lang));
        };
        let mut stream = body.into_data_stream();
        let mut read = BytesMut::new();
        while let Some(chunk) = stream.next().await {
            let chunk = chunk.map_err(|_| broken_off().status(lang))?;
            let fits = if read.len() + chunk.len() > bytes_max {
                Err(message_too_large(bytes_max))
            } else {
                held.grow(chunk.len())
            };
            if let Err(fault) = fits {
                *self.body.lock() = Some(Body::from_stream(stream));
                return Err(fault.status(lang));
            }
            read.extend_from_slice(&chunk);
        }
        Ok(read.freeze())
    }

    /// Reads on what nobody wants, within limits, so that its sender comes to read the answer.
    pub(super) async fn discard(&self) {
        let Some(body) = self.body.lock().take() else { return };
        if self.waits || self.length.is_some_and(|length| length > UNWANTED_BYTES_MAX) {
            return;
        }
        let discarding = async {
            let mut stream = body.into_data_stream();
            let mut left = UNWANTED_BYTES_MAX;
            while let Some(Ok(chunk)) = stream.next().await {
                match left.checked_sub(chunk.len()) {
                    Some(less) => left = less,
                    None => break,
                }
            }
        };
        // Whether it came to its end makes no difference: the answer is given now.
        let _ended = timeout(UNWANTED_FOR, discarding).await;
    }
}

fn broken_off() -> Fault {
    Fault::new(
        Code::Cancelled,
        "BrokenOff",
        "请求内容没有传完；请重新发送，重复提交是安全的",
        "the request broke off before its end; send the same again, which is safe",
    )
}
