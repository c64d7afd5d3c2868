//! The way into every service and out of it: a call is let in by its headers before anything of its message is read,
//! its message is weighed as it comes and has to be there in time, its answer ends when its caller's token does, and
//! statuses that the transport makes by itself (undecodable, too large, no such method) get a reason and a remedy too.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use keshi_core::lang::Lang;
use tokio::time::{Instant, Sleep, sleep_until};
use tonic::body::Body;
use tonic::codegen::{Service, http};
use tonic::server::NamedService;
use tonic::{Code, Status};

use super::answer::keep;
use super::body::Weighed;
use super::guard::{Errand, Stranger};
use super::outgoing::Outgoing;
use super::peer::peer_of;
use super::shares::Held;
use super::{Call, Fault, Guard, MESSAGE_BYTES_MAX, Peer};

/// What is left to a call beyond its deadline, before it is cut off here: its own answer is better than ours.
const GRACE: Duration = Duration::from_secs(2);

/// A service behind the door.
#[derive(Clone, Debug)]
pub struct Dressed<S> {
    guard: Guard,
    inner: S,
    /// The path of the one method for which nobody need be let in.
    counter: Option<(&'static str, Errand)>,
}

/// The answer of a [`Dressed`] service.
#[derive(Debug)]
pub struct Dressing<F>(State<F>);

#[derive(Debug)]
enum State<F> {
    /// Not let in.
    Refused(Option<Status>),
    /// Let in, until the caller's deadline.
    Running {
        inner: F,
        who: Who,
        lang: Lang,
        cut_off: Pin<Box<Sleep>>,
    },
}

/// Who is answered.
#[derive(Debug)]
enum Who {
    /// A caller, as long as she may go on.
    Caller(Guard, Call),
    /// One who signs in or checks, and holds her place until she is answered.
    Stranger { _place: Stranger },
}

impl<S> Dressed<S> {
    /// Puts `service` behind the door.
    pub fn new(guard: Guard, service: S) -> Self {
        Self {
            guard,
            inner: service,
            counter: None,
        }
    }

    /// The same; `counter` is the path of a method that strangers may call: their requests have a [`Stranger`] in place of a
    /// [`Call`].
    #[must_use]
    pub(super) fn with_counter(self, counter: &'static str) -> Self {
        Self {
            counter: Some((counter, Errand::SignIn)),
            ..self
        }
    }

    /// The same; `check` is the path of a method that strangers ask, such as that which checks certificates.
    #[must_use]
    pub fn with_check(self, check: &'static str) -> Self {
        Self {
            counter: Some((check, Errand::Check)),
            ..self
        }
    }

    /// Who calls, put into the request.
    fn let_in(&self, request: &mut http::Request<Body>) -> Result<(Who, Lang, Instant), Status> {
        let peer = peer_of(request.extensions(), request.headers());
        let weighed = |request: &mut http::Request<Body>, room: Option<Held>, lang| {
            if let Some(room) = room {
                let body = std::mem::take(request.body_mut());
                *request.body_mut() = Body::new(Weighed::new(body, room, lang));
            }
        };
        let counter = self.counter.filter(|(path, _)| *path == request.uri().path());
        if let Some((_, errand)) = counter {
            let (stranger, room) = self.guard.stranger(errand, peer, request.headers())?;
            weighed(request, room, stranger.lang);
            request.extensions_mut().insert(stranger.clone());
            let (lang, deadline) = (stranger.lang, stranger.deadline);
            return Ok((Who::Stranger { _place: stranger }, lang, Instant::from_std(deadline)));
        }
        let call = self.guard.let_in(request.headers())?;
        weighed(request, self.guard.body(&call.caller), call.lang);
        request.extensions_mut().insert(Peer(peer));
        request.extensions_mut().insert(call.clone());
        let (lang, deadline) = (call.lang, call.deadline);
        Ok((Who::Caller(self.guard.clone(), call), lang, Instant::from_std(deadline)))
    }
}

impl<S: NamedService> NamedService for Dressed<S> {
    const NAME: &'static str = S::NAME;
}

impl<S> Service<http::Request<Body>> for Dressed<S>
where
    S: Service<http::Request<Body>, Response = http::Response<Body>>,
    S::Future: Unpin,
{
    type Response = http::Response<Body>;
    type Error = S::Error;
    type Future = Dressing<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: http::Request<Body>) -> Self::Future {
        match self.let_in(&mut request) {
            Ok((who, lang, deadline)) => Dressing(State::Running {
                inner: self.inner.call(request),
                who,
                lang,
                cut_off: Box::pin(sleep_until(deadline + GRACE)),
            }),
            Err(status) => Dressing(State::Refused(Some(status))),
        }
    }
}

impl<F, E> Future for Dressing<F>
where
    F: Future<Output = Result<http::Response<Body>, E>> + Unpin,
{
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            State::Refused(status) => {
                let status = status.take().unwrap_or_else(|| Status::internal("polled again"));
                Poll::Ready(Ok(status.into_http()))
            }
            State::Running {
                inner,
                who,
                lang,
                cut_off,
            } => {
                let lang = *lang;
                if let Poll::Ready(answer) = Pin::new(inner).poll(cx) {
                    return Poll::Ready(answer.map(|response| who.answered(dress(response, lang), lang)));
                }
                // Also a message that never ends is waited for no longer than that.
                cut_off.as_mut().poll(cx).map(|()| Ok(too_late(lang).into_http()))
            }
        }
    }
}

impl Who {
    /// The answer on its way: it ends when its caller may not go on, and holds what her call held.
    fn answered(&self, response: http::Response<Body>, lang: Lang) -> http::Response<Body> {
        match self {
            Self::Caller(guard, call) => {
                let ends = |body| Body::new(Outgoing::new(body, guard.clone(), call.caller.clone(), lang));
                keep(response.map(ends), call.clone())
            }
            Self::Stranger { .. } => response,
        }
    }
}

fn too_late(lang: Lang) -> Status {
    Fault::new(
        Code::DeadlineExceeded,
        "TooLate",
        "未在时限内完成；请重新发送，重复提交是安全的",
        "it was not done in time; send the same again, which is safe",
    )
    .status(lang)
}

/// Only a status without a message comes in the headers, so an ordinary answer costs one failed look-up.
fn dress(response: http::Response<Body>, lang: Lang) -> http::Response<Body> {
    let headers = response.headers();
    if !headers.contains_key("grpc-status") || headers.contains_key("grpc-status-details-bin") {
        return response;
    }
    match Status::from_header_map(headers) {
        Some(status) if status.code() != Code::Ok => of_transport(&status).status(lang).into_http(),
        _ => response,
    }
}

/// A message beyond the bytes that one may have.
pub fn message_too_large(bytes_max: usize) -> Fault {
    Fault::new(
        Code::OutOfRange,
        "MessageTooLarge",
        format!("单条消息至多 {bytes_max} 字节；请拆成几批提交（每批至多 5000 条、900 KiB）"),
        format!(
            "a message has at most {bytes_max} bytes; split it (a submission has at most 5,000 events and 900 KiB)"
        ),
    )
}

/// What a status of the transport itself means to a caller.
pub fn of_transport(status: &Status) -> Fault {
    let undecodable = status.message().contains("failed to decode Protobuf");
    match status.code() {
        Code::Internal if undecodable => Fault::new(
            Code::InvalidArgument,
            "Undecodable",
            "内容无法解读；请用本版本的接口定义重新生成请求",
            "the message does not decode; generate the client from this release's .proto files",
        ),
        Code::OutOfRange => message_too_large(MESSAGE_BYTES_MAX),
        Code::Unimplemented => Fault::new(
            Code::Unimplemented,
            "NoSuchMethod",
            "本服务器没有这个接口；请核对版本",
            "this server has no such method; compare the versions of both sides",
        ),
        code => Fault::new(
            code,
            "Transport",
            format!("传输中断（{}）；请重新发送，重复提交是安全的", status.message()),
            format!(
                "the transport failed ({}); send the same again, which is safe",
                status.message()
            ),
        ),
    }
}
