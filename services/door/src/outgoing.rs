//! An answer on its way out: a stream ends when its caller's token, or what it stands for, does.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use keshi_core::lang::Lang;
use keshi_office::access::Caller;
use tokio::time::{Instant, Sleep, sleep};
use tonic::Status;
use tonic::codegen::http::HeaderMap;

use super::{Fault, Guard};

/// How often the token of a caller is looked at to whom nothing is being sent.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// The bytes of an answer, which end with a status in place of the rest once the caller may not go on.
pub(super) struct Outgoing {
    inner: tonic::body::Body,
    guard: Guard,
    caller: Caller,
    lang: Lang,
    has_begun: bool,
    has_ended: bool,
    /// Made when there is first something to wait for: the answer to most calls is there at once.
    next_look: Option<Pin<Box<Sleep>>>,
}

impl Outgoing {
    pub(super) fn new(inner: tonic::body::Body, guard: Guard, caller: Caller, lang: Lang) -> Self {
        Self {
            inner,
            guard,
            caller,
            lang,
            has_begun: false,
            has_ended: false,
            next_look: None,
        }
    }

    /// Waits for the next look, and takes it; `Ready` with why the caller may not go on.
    fn look(&mut self, cx: &mut Context<'_>) -> Poll<Fault> {
        let next_look = self.next_look.get_or_insert_with(|| Box::pin(sleep(LOOK_EVERY)));
        while next_look.as_mut().poll(cx).is_ready() {
            if let Err(fault) = self.guard.still(&self.caller) {
                return Poll::Ready(fault);
            }
            next_look.as_mut().reset(Instant::now() + LOOK_EVERY);
        }
        Poll::Pending
    }

    /// Ends the answer here. What it was being made from is dropped, so nothing more is taken from the caller either.
    fn end(&mut self, fault: &Fault) -> Frame<Bytes> {
        self.has_ended = true;
        self.inner = tonic::body::Body::empty();
        let mut trailers = HeaderMap::new();
        // What cannot be put into a header is missing there; the end itself is seen either way.
        let _incomplete = fault.status(self.lang).add_header(&mut trailers);
        Frame::trailers(trailers)
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        if self.has_ended {
            return Poll::Ready(None);
        }
        let polled = Pin::new(&mut self.inner).poll_frame(cx);
        let refused = match &polled {
            Poll::Pending => match self.look(cx) {
                Poll::Ready(fault) => Some(fault),
                Poll::Pending => None,
            },
            // The first message answers what she was let in for: what was recorded is not told to have been refused.
            Poll::Ready(Some(Ok(frame))) if frame.is_data() && self.has_begun => self.guard.still(&self.caller).err(),
            Poll::Ready(_) => None,
        };
        if let Some(fault) = refused {
            return Poll::Ready(Some(Ok(self.end(&fault))));
        }
        self.has_begun |= polled.is_ready();
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.has_ended || self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        // Whatever comes of it may be cut off.
        SizeHint::default()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use futures::{StreamExt as _, stream};
    use http_body_util::{BodyExt as _, StreamBody};
    use jiff::Timestamp;
    use keshi_core::ids::OfficeCode;
    use keshi_office::access::{Access, Request, Role};
    use tempfile::TempDir;
    use tonic::Code;

    use super::*;

    /// A door, an access store as another process has it open, and a caller by the id `a`.
    fn door() -> (TempDir, Guard, Access, Caller) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("access");
        let access = Access::open_or_create(&path).unwrap();
        let request = Request {
            id: Some("a".to_owned()),
            office: "610729".to_owned(),
            role: Role::Admin,
            expires_on: None,
        };
        let new = access.create(&request, Timestamp::now()).unwrap();
        let caller = access.authenticate(new.secret.reveal(), Timestamp::now()).unwrap();
        let office = OfficeCode::new("610729").unwrap();
        let guard = Guard::new(Arc::new(access), office, super::super::system_clock());
        let elsewhere = Access::open(&path).unwrap();
        (dir, guard, elsewhere, caller)
    }

    fn answer(guard: &Guard, caller: &Caller, messages: usize, goes_on: bool) -> Outgoing {
        let sent = stream::iter(0..messages).map(|_| Ok::<_, Status>(Frame::data(Bytes::from_static(b"x"))));
        let quiet = stream::pending().take(if goes_on { usize::MAX } else { 0 });
        let body = tonic::body::Body::new(StreamBody::new(sent.chain(quiet)));
        Outgoing::new(body, guard.clone(), caller.clone(), Lang::En)
    }

    async fn ended(body: &mut Outgoing) -> Status {
        let frame = body.frame().await.unwrap().unwrap();
        let status = Status::from_header_map(frame.trailers_ref().unwrap()).unwrap();
        assert!(body.frame().await.is_none() && body.is_end_stream());
        status
    }

    #[tokio::test]
    async fn a_quiet_answer_ends_when_another_process_revokes_the_token() {
        let (_dir, guard, elsewhere, caller) = door();
        let mut body = answer(&guard, &caller, 2, true);
        for _ in 0..2 {
            assert!(body.frame().await.unwrap().unwrap().is_data());
        }
        elsewhere.revoke("a", Timestamp::now()).unwrap();
        assert_eq!(ended(&mut body).await.code(), Code::Unauthenticated);
    }

    #[tokio::test]
    async fn a_quiet_answer_ends_when_the_token_stands_for_other_rights_now() {
        let (dir, guard, _elsewhere, caller) = door();
        let mut body = answer(&guard, &caller, 1, true);
        assert!(body.frame().await.unwrap().unwrap().is_data());
        // As when the tokens are put back from a backup in which this one was an auditor's.
        let other = dir.path().join("other");
        let request = Request {
            id: Some("a".to_owned()),
            office: "610729".to_owned(),
            role: Role::Auditor,
            expires_on: None,
        };
        let backup = Access::open_or_create(&other).unwrap();
        backup.create(&request, Timestamp::now()).unwrap();
        std::fs::rename(&other, dir.path().join("access")).unwrap();
        assert_eq!(ended(&mut body).await.code(), Code::PermissionDenied);
    }

    #[tokio::test]
    async fn the_first_message_goes_out_and_of_the_others_none_after_the_token_ended() {
        let (_dir, guard, elsewhere, caller) = door();
        let mut body = answer(&guard, &caller, 3, false);
        elsewhere.revoke("a", Timestamp::now()).unwrap();
        while guard.still(&caller).is_ok() {
            tokio::task::yield_now().await;
        }
        assert!(body.frame().await.unwrap().unwrap().is_data());
        assert_eq!(ended(&mut body).await.code(), Code::Unauthenticated);
    }

    #[tokio::test]
    async fn an_answer_to_one_whose_token_is_good_goes_out_whole() {
        let (_dir, guard, _elsewhere, caller) = door();
        let sent = answer(&guard, &caller, 3, false).collect().await.unwrap();
        assert_eq!(sent.to_bytes(), "xxx");
    }
}
