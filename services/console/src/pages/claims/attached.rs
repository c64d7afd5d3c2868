//! Evidence on the form of a claim: files arrive with what was typed, are kept, and stand in the form by their hashes.

use std::time::Duration;

use axum::extract::multipart::Multipart;
use axum::extract::{FromRequest as _, Request};
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use axum::response::Response;
use jiff::civil::Date;
use keshi_client::evidence;
use keshi_core::lang::{Say, say};
use keshi_office::evidence::FILE_BYTES_MAX;
use tokio::time::{Instant, timeout};
use tonic::Status;

use crate::download::file;
use crate::extract::Named;
use crate::fault::Answer;
use crate::pages::import::{bytes, skip, too_slow, unread_form};
use crate::visitor::Visitor;

/// Most files that a claim is submitted with.
pub(super) const FILES_MAX: usize = 5;

/// Bytes of one form: its files, and what else stands in it.
pub(super) const FORM_BYTES_MAX: usize = FILES_MAX * FILE_BYTES_MAX + (256 << 10);

/// Longest text of a field, in bytes.
const TEXT_BYTES_MAX: usize = 4_096;

/// How long a form may take.
const FORM_LIMIT: Duration = Duration::from_mins(5);

/// A file as it arrived.
pub(super) struct Attached {
    name: String,
    bytes: Vec<u8>,
}

/// A form with files, as far as it could be read.
#[derive(Default)]
pub(super) struct Received {
    pub(super) fields: Vec<(String, String)>,
    pub(super) files: Vec<Attached>,
    /// Why not all of it was taken. What was typed stands before the files, so that it is not lost with them.
    pub(super) trouble: Option<Say>,
}

/// Reads a form with files.
pub(super) async fn receive(request: Request) -> Received {
    let mut received = Received::default();
    let read = timeout(FORM_LIMIT, received.read(request)).await;
    if let Err(why) = read.unwrap_or_else(|_| Err(too_slow())) {
        received.trouble.get_or_insert(why);
    }
    received
}

impl Received {
    async fn read(&mut self, request: Request) -> Result<(), Say> {
        let mut parts = Multipart::from_request(request, &()).await.map_err(|_| unread_form())?;
        let begun = Instant::now();
        let mut before = 0;
        while let Some(mut part) = parts.next_field().await.map_err(|_| too_large())? {
            let name = part.name().unwrap_or_default().to_owned();
            match part.file_name().map(ToOwned::to_owned) {
                // A browser sends a file without a name where none was chosen.
                Some(given) if given.is_empty() => {}
                Some(_) if self.files.len() >= FILES_MAX => {
                    self.trouble.get_or_insert_with(too_many);
                    skip(&mut part, begun, before).await?;
                }
                Some(given) => {
                    if let Ok(bytes) = bytes(&mut part, FILE_BYTES_MAX, begun, before).await {
                        before += bytes.len();
                        self.files.push(Attached { name: given, bytes });
                    } else {
                        self.trouble.get_or_insert_with(too_large);
                        skip(&mut part, begun, before + FILE_BYTES_MAX).await?;
                    }
                }
                None => {
                    let text = bytes(&mut part, TEXT_BYTES_MAX, begun, before).await?;
                    self.fields.push((name, String::from_utf8_lossy(&text).into_owned()));
                }
            }
        }
        Ok(())
    }
}

fn too_many() -> Say {
    say(
        format!("一次至多附 {FILES_MAX} 份材料；请合并后再传"),
        format!("a claim has at most {FILES_MAX} files: put some together"),
    )
}

fn too_large() -> Say {
    let mib = FILE_BYTES_MAX >> 20;
    say(
        format!("材料没有收到：每份至多 {mib} MiB，至多 {FILES_MAX} 份；请扫描得小一些再传"),
        format!(
            "the files were not taken: each has at most {mib} MiB, and there are at most {FILES_MAX}; scan them smaller"
        ),
    )
}

/// Has the files kept, and says their hashes.
///
/// # Errors
///
/// What the services said of the first that was refused.
pub(super) async fn keep(
    visitor: &Visitor,
    teacher_id: &str,
    occurred_to: Date,
    files: Vec<Attached>,
) -> Result<Vec<String>, Status> {
    let mut hashes = Vec::with_capacity(files.len());
    for Attached { name, bytes } in files {
        hashes.push(evidence::send(&visitor.api, teacher_id, occurred_to, (&name, &bytes)).await?);
    }
    Ok(hashes)
}

/// A file to be saved: never shown by the browser itself, whatever is in it.
pub(super) async fn download(visitor: Visitor, Named((claim, hash)): Named<(String, String)>) -> Answer {
    let fetched = evidence::fetch(&visitor.api, &claim, &hash, "").await;
    let (told, all) = fetched.map_err(|status| visitor.unanswered(status))?;
    Ok(safe(file(&told.name, "evidence", all), &told.media_type))
}

fn safe(mut response: Response, media_type: &str) -> Response {
    let kind = match media_type {
        "application/pdf" => "application/pdf",
        "image/jpeg" => "image/jpeg",
        "image/png" => "image/png",
        "image/webp" => "image/webp",
        _ => "application/octet-stream",
    };
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; sandbox"),
    );
    response
}
