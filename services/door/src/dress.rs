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
use super::outgoing::Outgoing;
use super::{Call, Fault, Guard, MESSAGE_BYTES_MAX};

/// What is left to a call beyond its deadline, before it is cut off here: its own answer is better than ours.
const GRACE: Duration = Duration::from_secs(2);

/// A service behind the door.
#[derive(Clone, Debug)]
pub struct Dressed<S> {
    guard: Guard,
    inner: S,
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
        guard: Guard,
        call: Call,
        cut_off: Pin<Box<Sleep>>,
    },
}

impl<S> Dressed<S> {
    /// Puts `service` behind the door.
    pub fn new(guard: Guard, service: S) -> Self {
        Self { guard, inner: service }
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
        let call = match self.guard.let_in(request.headers()) {
            Ok(call) => call,
            Err(status) => return Dressing(State::Refused(Some(status))),
        };
        let cut_off = Instant::from_std(call.deadline) + GRACE;
        if let Some(room) = self.guard.body(&call.caller) {
            request = request.map(|body| Body::new(Weighed::new(body, room, call.lang)));
        }
        request.extensions_mut().insert(call.clone());
        Dressing(State::Running {
            inner: self.inner.call(request),
            guard: self.guard.clone(),
            call,
            cut_off: Box::pin(sleep_until(cut_off)),
        })
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
                guard,
                call,
                cut_off,
            } => {
                let lang = call.lang;
                if let Poll::Ready(answer) = Pin::new(inner).poll(cx) {
                    let ends = |body| Body::new(Outgoing::new(body, guard.clone(), call.caller.clone(), lang));
                    return Poll::Ready(answer.map(|response| keep(dress(response, lang).map(ends), call.clone())));
                }
                // Also a message that never ends is waited for no longer than that.
                cut_off.as_mut().poll(cx).map(|()| Ok(too_late(lang).into_http()))
            }
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
