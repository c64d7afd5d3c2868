//! What is read of a request, and the page in place of one that cannot be read.

use std::time::Duration;

use axum::extract::{Form, FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use keshi_core::lang::{Say, say};
use maud::html;
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use crate::Console;
use crate::page::open_page;
use crate::pages::nothing_here;
use crate::visitor::Stranger;

/// A question as it stands in the address; one that says a thing twice is a page that says so.
pub(crate) struct Question<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequestParts<Console> for Question<T> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, console: &Console) -> Result<Self, Response> {
        if let Ok(Query(asked)) = Query::from_request_parts(parts, console).await {
            return Ok(Self(asked));
        }
        let Ok(stranger) = Stranger::from_request_parts(parts, console).await;
        let says = say(
            "地址中的条件读不懂，可能同一项写了两次；请从页面上重新查询",
            "the question in the address cannot be read, perhaps it says a thing twice: ask again from the page",
        );
        Err(misread(&stranger, StatusCode::BAD_REQUEST, &says))
    }
}

/// How long a form may take to arrive: what a page sends is short, and a place is kept for it.
pub(crate) const FORM_LIMIT: Duration = Duration::from_mins(1);

/// A form as it was sent; one that cannot be read is a page that says so.
pub(crate) struct Filled<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Console> for Filled<T> {
    type Rejection = Response;

    async fn from_request(request: Request, console: &Console) -> Result<Self, Response> {
        Self::within(FORM_LIMIT, request, console).await
    }
}

impl<T: DeserializeOwned> Filled<T> {
    /// It, if all of it is there in time.
    async fn within(limit: Duration, request: Request, console: &Console) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let Ok(stranger) = Stranger::from_request_parts(&mut parts, console).await;
        let reading = Form::from_request(Request::from_parts(parts, body), console);
        let (status, says) = match timeout(limit, reading).await {
            Ok(Ok(Form(filled))) => return Ok(Self(filled)),
            Ok(Err(rejection)) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => (
                StatusCode::PAYLOAD_TOO_LARGE,
                say(
                    "填写的内容太长，没有提交；请缩短后再试",
                    "what was filled in is too long and was not taken: shorten it and send it again",
                ),
            ),
            Ok(Err(_)) => (
                StatusCode::BAD_REQUEST,
                say(
                    "表单读不懂，没有提交；请回到页面上重新填写",
                    "the form cannot be read and was not taken: fill it in again on its page",
                ),
            ),
            Err(_) => (
                StatusCode::REQUEST_TIMEOUT,
                say(
                    "表单传得太慢，没有提交；请再试一次",
                    "the form took too long to arrive and was not taken: send it again",
                ),
            ),
        };
        Err(misread(&stranger, status, &says))
    }
}

/// What an address names, as an entry or an import; one that names nothing is no page.
pub(crate) struct Named<T>(pub(crate) T);

impl<T: DeserializeOwned + Send> FromRequestParts<Console> for Named<T> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, console: &Console) -> Result<Self, Response> {
        if let Ok(Path(named)) = Path::from_request_parts(parts, console).await {
            return Ok(Self(named));
        }
        let Ok(stranger) = Stranger::from_request_parts(parts, console).await;
        Err(nothing_here(stranger).await)
    }
}

/// A page in place of one whose question could not be read.
pub(crate) fn misread(stranger: &Stranger, status: StatusCode, says: &Say) -> Response {
    let lang = stranger.lang;
    let content = html! {
        p.problem role="alert" { (says.pick(lang)) }
        p { a href="/" { (lang.pick("回首页", "to the first page")) } }
    };
    let title = lang.pick("请求有误", "Not a question that can be answered");
    let mut response = open_page(stranger, title, &content);
    *response.status_mut() = status;
    response
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use axum::body::Body;
    use futures::{StreamExt as _, stream};

    use super::*;

    #[tokio::test]
    async fn a_form_that_was_sent_half_is_waited_for_no_longer_than_its_limit() {
        let nowhere = tonic::transport::Endpoint::from_static("http://127.0.0.1:1").connect_lazy();
        let console = Console::new(keshi_client::over(nowhere), "610729", crate::Settings::default());
        let begun = stream::once(async { Ok::<_, Infallible>("to=/&la") });
        let request = Request::builder()
            .method("POST")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from_stream(begun.chain(stream::pending())))
            .unwrap();
        let waited = Filled::<Vec<(String, String)>>::within(Duration::from_millis(20), request, &console).await;
        let status = waited.err().map(|response| response.status());
        assert_eq!(status, Some(StatusCode::REQUEST_TIMEOUT));
    }
}
