//! What callers may send over the wire, and what becomes of it: the real server, real tokens, hand-made bytes.

mod ends;
mod fields;
mod revoked;
mod streams;
mod tokens;
mod verdicts;

use keshi_tests::caller::Caller;
use keshi_tests::process::Keshi;
use tempfile::{TempDir, tempdir};

/// A server without tokens, with two schools, two teachers, a project and a session.
async fn furnished() -> (TempDir, Keshi, Caller) {
    let data = tempdir().expect("a directory");
    let keshi = Keshi::up(data.path(), &["--dev", "--office", "610729"]).expect("it listens");
    let caller = Caller::connect(&keshi.url()).await;
    caller.furnish().await;
    (data, keshi, caller)
}
