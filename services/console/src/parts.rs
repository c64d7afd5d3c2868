//! A page that is sent while its work goes on, so that the browser shows how far it is without any script; whoever leaves ends
//! the work.

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::response::Response;
use futures::{Stream, StreamExt as _, stream};
use keshi_words::names::count;
use maud::{Markup, PreEscaped, html};
use tonic::Status;

use crate::fault::Answer;
use crate::page::{Frame, text_of};
use crate::visitor::Visitor;

/// Where in the page its parts go. No text of a page can be this: what is not markup is escaped.
const HERE: &str = "<!--here-->";

/// The page with these parts above `below`, each sent as soon as it is there.
pub(crate) fn sent(
    visitor: &Visitor,
    title: &str,
    parts: impl Stream<Item = Markup> + Send + 'static,
    below: &Markup,
) -> Answer {
    let content = html! { (PreEscaped(HERE)) (below) };
    let frame = text_of(visitor, title, &content, Frame::default());
    let (before, after) = frame.split_once(HERE).unwrap_or((&frame, ""));
    let [before, after] = [before, after].map(|text| stream::iter([text.to_owned()]));
    let whole = before.chain(parts.map(Markup::into_string)).chain(after);
    let body = Body::from_stream(whole.map(Ok::<_, std::convert::Infallible>));
    let response = Response::builder()
        .header(CONTENT_TYPE, "text/html; charset=utf-8")
        .body(body);
    response.map_err(|cause| visitor.unanswered(Status::internal(cause.to_string())))
}

/// How far it is. The stylesheet shows the last of these alone.
pub(crate) fn far(done: u64, total: u64, says: &str) -> Markup {
    html! {
        div.far {
            progress max=(total.max(1)) value=(done) aria-label=(says) {}
            p.quiet { (says) }
        }
    }
}

/// Done and in all, with their thousands apart.
pub(crate) fn of_all(done: u64, total: u64) -> String {
    format!("{} / {}", count(done), count(total))
}

/// What is said in place of a result.
pub(crate) fn broke_off(says: &str) -> Markup {
    html! { p.problem role="alert" { (says) } }
}
