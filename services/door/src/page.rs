//! Lists in pages: how much goes into one answer.

use std::time::Duration;

use keshi_proto::api;
use prost::Message;
use tonic::Code;

use super::{Fault, violation};

/// Lines on a page when the caller does not say.
const PAGE_DEFAULT: usize = 100;

/// Most lines on a page.
pub const PAGE_MAX: usize = 1_000;

/// Most bytes of one answer: below the 4 MiB that clients take unless told otherwise, with room for names.
pub const ANSWER_BYTES_MAX: usize = 3 * 1024 * 1024;

/// Most bytes of names in one answer, for which that room is left: [`PAGE_MAX`] of 64 characters.
const _: () = assert!(ANSWER_BYTES_MAX + PAGE_MAX * 3 * 64 < 4 * 1024 * 1024);

/// How long to wait for answers to be read.
const UNREAD_RETRY_AFTER: Duration = Duration::from_millis(500);

/// The number of lines on a page.
///
/// # Errors
///
/// The field that is wrong, if a negative number is asked for.
pub fn page_size(asked: i32) -> Result<usize, api::FieldViolation> {
    match usize::try_from(asked) {
        Ok(0) => Ok(PAGE_DEFAULT),
        Ok(size) => Ok(size.min(PAGE_MAX)),
        Err(_) => Err(violation(
            "page_size",
            asked.to_string(),
            "每页条数不能为负",
            "the page size must not be negative",
        )),
    }
}

/// As many of the items as fit into so many bytes; at least one if there is one.
pub fn fitting<M: Message>(items: impl Iterator<Item = M>, bytes_max: usize) -> Vec<M> {
    let mut bytes = 0;
    let mut fitting = Vec::new();
    for item in items {
        // Its key and length.
        bytes += item.encoded_len() + 5;
        if bytes > bytes_max && !fitting.is_empty() {
            break;
        }
        fitting.push(item);
    }
    fitting
}

/// Answers of hers, of her role or of all that are not read yet fill their room.
pub fn unread() -> Fault {
    Fault::new(
        Code::ResourceExhausted,
        "TooMuchAtOnce",
        "同时取回的内容过多；请先读完前面的答复再查",
        "too much is being fetched at once; read the answers before this one first",
    )
    .retry_after(UNREAD_RETRY_AFTER)
}
