//! Importing spreadsheets: choosing files, seeing what would become of each row, recording them.

mod result;
mod rows;
mod upload;

pub(super) use self::upload::job_of;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use keshi_sheets::columns::{Kind, template_bytes};
use tonic::Status;
use uuid::Uuid;

use crate::Console;
use crate::download::attachment;
use crate::extract::Named;
use crate::fault::Unanswered;
use crate::imports::Held;
use crate::visitor::Visitor;

pub(crate) use self::upload::{bytes, skip, too_slow, unread_form};

/// Bytes of one upload: the largest file that is read, and what a form adds.
const UPLOAD_BYTES_MAX: usize = 65 << 20;

pub(super) fn router() -> Router<Console> {
    Router::new()
        .route(
            "/import",
            get(upload::show)
                .post(upload::take)
                .layer(DefaultBodyLimit::max(UPLOAD_BYTES_MAX)),
        )
        .route("/import/template/{kind}", get(template))
        .route("/import/{id}", get(result::show))
        .route("/import/{id}/progress", get(result::progress))
        .route("/import/{id}/send", post(result::send))
        .route("/import/{id}/stop", post(result::stop))
        .route("/import/{id}/check", post(result::check_again))
        .route("/import/{id}/copy/{book}", get(result::copy))
}

/// Her import of this id, or what became of it.
fn held(console: &Console, visitor: &Visitor, id: Uuid) -> Result<Arc<Held>, Unanswered> {
    console.0.imports.find(&visitor.owner(), id).ok_or_else(|| {
        visitor.unanswered(Status::not_found(visitor.say(
            "这次导入已不在本机：放得太久、被更新的导入替换，或服务重新启动过。已入账的都在“我的提交”中；再次导入同一文件是安全的，不会重复",
            "this import is not kept any more: it is too old, newer ones took its place, or the server was started again. What was \
             recorded stands among your submissions; to import the same file again is safe and counts nothing twice",
        )))
    })
}

/// An empty sheet to fill in.
async fn template(visitor: Visitor, State(_): State<Console>, Named(kind): Named<String>) -> Response {
    let Some(kind) = Kind::from_word(&kind) else {
        return Redirect::to("/import").into_response();
    };
    match template_bytes(kind) {
        Ok((name, bytes)) => attachment(&name, "template", bytes),
        Err(error) => visitor.broken(&error.say()),
    }
}
