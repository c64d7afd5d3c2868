//! Spreadsheets and papers for a browser.

use axum::body::Body;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, HeaderValue};
use axum::response::{IntoResponse, Response};
use keshi_sheets::paper::{Leaf, paper_bytes};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tokio::sync::Semaphore;
use tonic::Status;

use crate::visitor::Visitor;

/// Most rows of one spreadsheet from a page: all of it is in memory while it is made. `keshi … --xlsx` makes longer ones.
pub(crate) const ROWS_MAX: usize = 20_000;

/// Spreadsheets made at once; each keeps a core busy.
static AT_ONCE: Semaphore = Semaphore::const_new(2);

/// The type of a workbook.
const KIND: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// A file with these leaves: `ascii` and `name` are what it is called, without ending, the first for browsers of old.
///
/// # Errors
///
/// `RESOURCE_EXHAUSTED` while others are made.
pub(crate) async fn workbook(
    visitor: &Visitor,
    ascii: &str,
    name: String,
    leaves: Vec<Leaf>,
) -> Result<Response, Status> {
    let shown = name.clone();
    let bytes = made(visitor, move || paper_bytes(&shown, &leaves)).await?;
    let bytes = bytes.map_err(|cause| {
        tracing::error!(%cause, "a spreadsheet was not made");
        broke_off(visitor)
    })?;
    Ok(attachment(&format!("{name}.xlsx"), ascii, bytes))
}

/// What `make` makes, beside everything else that is served: to make a spreadsheet keeps a core busy for seconds.
///
/// # Errors
///
/// `RESOURCE_EXHAUSTED` while others are made.
pub(crate) async fn made<T: Send + 'static>(
    visitor: &Visitor,
    make: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Status> {
    let Ok(place) = AT_ONCE.try_acquire() else {
        return Err(Status::resource_exhausted(visitor.say(
            "正在为别人生成表格，请稍等片刻再下载",
            "spreadsheets are being made for others: try again in a moment",
        )));
    };
    // The place is taken as long as the work goes on, also when nobody waits for it any more.
    let working = tokio::task::spawn_blocking(move || {
        let _place = place;
        make()
    });
    working.await.map_err(|_| broke_off(visitor))
}

fn broke_off(visitor: &Visitor) -> Status {
    Status::internal(visitor.say("表格没有生成，请重试", "the spreadsheet was not made: try again"))
}

/// The refusal of a list that is too long for a spreadsheet.
pub(crate) fn too_long(visitor: &Visitor) -> Status {
    Status::out_of_range(visitor.lang.pick(
        format!("超过 {ROWS_MAX} 行，网页不生成这么长的表格；请用条件缩小范围，或用命令行的 --xlsx"),
        format!("there are more than {ROWS_MAX} rows, more than a page puts into a spreadsheet: narrow the question, or use --xlsx of the command line"),
    ))
}

/// A workbook to be saved under this name; `ascii` is what it is called, without ending, for browsers of old.
pub(crate) fn attachment(name: &str, ascii: &str, bytes: Vec<u8>) -> Response {
    saved(KIND, &disposition(name, ascii, "xlsx"), bytes)
}

/// A paper to be saved under this name, both without ending.
pub(crate) fn pdf(name: &str, ascii: &str, bytes: Vec<u8>) -> Response {
    saved(
        "application/pdf",
        &disposition(&format!("{name}.pdf"), ascii, "pdf"),
        bytes,
    )
}

/// A file to be saved under this name, which has its ending; `ascii` is what it is called, without ending, for browsers of old.
pub(crate) fn file(name: &str, ascii: &str, bytes: Vec<u8>) -> Response {
    let ending = name.rsplit_once('.').map_or("bin", |(_, ending)| ending);
    let ending = if ending.bytes().all(|b| b.is_ascii_alphanumeric()) {
        ending
    } else {
        "bin"
    };
    saved("application/octet-stream", &disposition(name, ascii, ending), bytes)
}

/// A file that is sent as it is made, likewise.
pub(crate) fn streamed(name: &str, ascii: &str, content: Body) -> Response {
    saved("application/octet-stream", &disposition(name, ascii, "bundle"), content)
}

fn saved(kind: &'static str, disposition: &str, content: impl IntoResponse) -> Response {
    let mut response = ([(CONTENT_TYPE, kind)], content).into_response();
    if let Ok(value) = HeaderValue::try_from(disposition) {
        response.headers_mut().insert(CONTENT_DISPOSITION, value);
    }
    response
}

/// A `Content-Disposition` as RFC 6266 wants it.
fn disposition(name: &str, ascii: &str, ending: &str) -> String {
    let encoded = utf8_percent_encode(name, NON_ALPHANUMERIC);
    format!("attachment; filename=\"{ascii}.{ending}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_end_its_header_and_keeps_its_characters() {
        assert_eq!(
            disposition("培训-核对.xlsx", "checked", "xlsx"),
            "attachment; filename=\"checked.xlsx\"; filename*=UTF-8''%E5%9F%B9%E8%AE%AD%2D%E6%A0%B8%E5%AF%B9%2Exlsx"
        );
        let evil = disposition("a\"\r\nSet-Cookie: x=1.xl\"sx", "checked", "xlsx");
        assert!(!evil.contains(['\r', '\n']) && evil.matches('"').count() == 2, "{evil}");
    }
}
