//! What an error of the services is to somebody in a browser.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use keshi_core::lang::Say;
use maud::html;
use tonic::{Code, Status};

use crate::page::page;
use crate::visitor::Visitor;

/// A page that could not be made.
pub(crate) struct Unanswered(Box<(Visitor, Status)>);

/// What a page is, or why there is none.
pub(crate) type Answer = Result<Response, Unanswered>;

impl Visitor {
    /// The services' own answer to her, as a page. They word it in her language, with what to do next.
    pub(crate) fn unanswered(&self, status: Status) -> Unanswered {
        Unanswered(Box::new((self.clone(), status)))
    }
}

impl Visitor {
    /// A page that says what broke on this side.
    pub(crate) fn broken(&self, what: &Say) -> Response {
        self.unanswered(Status::internal(what.pick(self.lang))).into_response()
    }
}

impl IntoResponse for Unanswered {
    fn into_response(self) -> Response {
        let (visitor, status) = *self.0;
        if status.code() == Code::Unauthenticated && !visitor.console.0.is_dev {
            return Redirect::to("/signin").into_response();
        }
        let (code, zh, en) = told(status.code());
        let content = html! {
            p.problem role="alert" { (status.message()) }
            p { a href="/" { (visitor.say("回首页", "to the first page")) } }
        };
        let mut response = page(&visitor, visitor.say(zh, en), &content);
        *response.status_mut() = code;
        response
    }
}

/// A page shown again with what was refused, marked as that.
pub(crate) fn refused(mut page: Response, why: Option<&Status>) -> Response {
    if let Some(why) = why {
        *page.status_mut() = code(why.code());
    }
    page
}

/// The code of HTTP that says the same.
pub(crate) fn code(code: Code) -> StatusCode {
    told(code).0
}

/// The code of HTTP that says the same, and the heading. As Connect maps them, but for what is about a person's right to see.
fn told(code: Code) -> (StatusCode, &'static str, &'static str) {
    match code {
        Code::Ok => (StatusCode::OK, "完成", "Done"),
        Code::InvalidArgument | Code::OutOfRange => (
            StatusCode::BAD_REQUEST,
            "请求有误",
            "Not a question that can be answered",
        ),
        Code::NotFound => (StatusCode::NOT_FOUND, "没有找到", "Not found"),
        Code::PermissionDenied => (StatusCode::FORBIDDEN, "没有权限", "Not yours to see"),
        Code::Unauthenticated => (StatusCode::UNAUTHORIZED, "请先登录", "Sign in first"),
        Code::ResourceExhausted => (StatusCode::TOO_MANY_REQUESTS, "请稍后再试", "Try again in a moment"),
        Code::FailedPrecondition | Code::AlreadyExists | Code::Aborted => {
            (StatusCode::CONFLICT, "现在不能这样做", "Not possible now")
        }
        Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled => {
            (StatusCode::SERVICE_UNAVAILABLE, "服务暂时不可用", "Not available now")
        }
        Code::Unimplemented => (StatusCode::NOT_IMPLEMENTED, "本机没有这项服务", "Not served here"),
        Code::Unknown | Code::Internal | Code::DataLoss => {
            (StatusCode::INTERNAL_SERVER_ERROR, "出错了", "Something went wrong")
        }
    }
}
