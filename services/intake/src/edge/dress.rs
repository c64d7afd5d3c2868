//! Statuses that the transport makes by itself (undecodable, too large, no such method) get a reason and a remedy too.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use keshi_core::lang::Lang;
use tonic::codegen::{Service, http};
use tonic::server::NamedService;
use tonic::{Code, Status};

use super::{Fault, MESSAGE_BYTES_MAX, guard::lang_of};

/// A service whose bare statuses are dressed.
#[derive(Clone, Debug)]
pub struct Dressed<S>(S);

/// The answer of a [`Dressed`] service.
#[derive(Debug)]
pub struct Dressing<F> {
    inner: F,
    lang: Lang,
}

impl<S> Dressed<S> {
    /// Dresses the statuses of `service`.
    pub fn new(service: S) -> Self {
        Self(service)
    }
}

impl<S: NamedService> NamedService for Dressed<S> {
    const NAME: &'static str = S::NAME;
}

impl<S, Q, A: Default> Service<http::Request<Q>> for Dressed<S>
where
    S: Service<http::Request<Q>, Response = http::Response<A>>,
    S::Future: Unpin,
{
    type Response = http::Response<A>;
    type Error = S::Error;
    type Future = Dressing<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: http::Request<Q>) -> Self::Future {
        let lang = request.headers().get("accept-language");
        let lang = lang_of(lang.and_then(|value| value.to_str().ok()));
        Dressing {
            inner: self.0.call(request),
            lang,
        }
    }
}

impl<F, A: Default, E> Future for Dressing<F>
where
    F: Future<Output = Result<http::Response<A>, E>> + Unpin,
{
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let lang = self.lang;
        Pin::new(&mut self.inner)
            .poll(cx)
            .map(|answer| answer.map(|response| dress(response, lang)))
    }
}

/// Only a status without a message comes in the headers, so an ordinary answer costs one failed look-up.
fn dress<A: Default>(response: http::Response<A>, lang: Lang) -> http::Response<A> {
    let headers = response.headers();
    if !headers.contains_key("grpc-status") || headers.contains_key("grpc-status-details-bin") {
        return response;
    }
    match Status::from_header_map(headers) {
        Some(status) if status.code() != Code::Ok => of_transport(&status).status(lang).into_http(),
        _ => response,
    }
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
        Code::OutOfRange => Fault::new(
            Code::OutOfRange,
            "MessageTooLarge",
            format!("单条消息至多 {MESSAGE_BYTES_MAX} 字节；请拆成几批提交（每批至多 5000 条、900 KiB）"),
            format!(
                "a message has at most {MESSAGE_BYTES_MAX} bytes; split it (a submission has at most 5,000 events and 900 KiB)"
            ),
        ),
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
