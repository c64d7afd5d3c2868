//! Room for what is held on its way between HTTP and the services. The services have shares of their own; these are for the
//! texts, which are wider.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use keshi_core::ids::Sha256;
use keshi_door::Fault;
use parking_lot::Mutex;
use tonic::Code;

/// Bytes at once of requests that are not read yet and of answers that are not sent yet, of all callers.
const ALL_BYTES_MAX: usize = 128 << 20;

/// The same, of one caller.
const CALLER_BYTES_MAX: usize = 32 << 20;

/// How long one who holds too much is asked to wait.
const RETRY_AFTER: Duration = Duration::from_millis(500);

/// Who a caller is here: her credentials, by their hash. Nothing is held for one whom the services have not let in, so that
/// made-up credentials are no way to more room. A stranger is the address from which she comes.
pub(super) type Key = Sha256;

/// The key of a caller's request.
pub(super) fn of_caller(headers: &HeaderMap) -> Key {
    Sha256::of(headers.get(AUTHORIZATION).map_or(b"", |value| value.as_bytes()))
}

/// The key of a stranger's request.
pub(super) fn of_stranger(peer: Option<IpAddr>) -> Key {
    Sha256::of(format!("address {peer:?}").as_bytes())
}

/// What room there is. Cheap to clone; clones are the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct Room(Arc<Mutex<Counts>>);

#[derive(Debug, Default)]
struct Counts {
    all: usize,
    callers: HashMap<Key, usize>,
}

/// Bytes that a caller holds. Given back when dropped.
#[derive(Debug)]
pub(super) struct Held {
    room: Room,
    key: Key,
    bytes: usize,
}

impl Room {
    /// Room of this caller, none taken yet.
    pub(super) fn of(&self, key: Key) -> Held {
        Held {
            room: self.clone(),
            key,
            bytes: 0,
        }
    }
}

impl Held {
    /// Takes `more` bytes.
    ///
    /// # Errors
    ///
    /// `RESOURCE_EXHAUSTED` with a retry delay, and nothing changes, if that is more than she or all may hold.
    pub(super) fn grow(&mut self, more: usize) -> Result<(), Fault> {
        let mut counts = self.room.0.lock();
        let of_caller = counts.callers.get(&self.key).copied().unwrap_or(0);
        if counts.all + more > ALL_BYTES_MAX || of_caller + more > CALLER_BYTES_MAX {
            return Err(Fault::new(
                Code::ResourceExhausted,
                "TooMuchAtOnce",
                "同时收发的内容过多；请等前面的请求完成、读完前面的答复后再发",
                "too much is being sent and answered at once; let the requests before this one end, and read their answers",
            )
            .retry_after(RETRY_AFTER));
        }
        counts.all += more;
        counts.callers.insert(self.key, of_caller + more);
        self.bytes += more;
        Ok(())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut counts = self.room.0.lock();
        counts.all -= self.bytes;
        if let Some(of_caller) = counts.callers.get_mut(&self.key) {
            *of_caller -= self.bytes;
            if *of_caller == 0 {
                counts.callers.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_holds_no_more_than_her_share_and_another_still_has_room() {
        let room = Room::default();
        let (one, other) = (Sha256::of(b"one"), Sha256::of(b"other"));
        let mut first = room.of(one);
        first.grow(CALLER_BYTES_MAX).unwrap();
        let refused = room.of(one).grow(1).unwrap_err();
        assert_eq!(
            (refused.code, &*refused.reason),
            (Code::ResourceExhausted, "TooMuchAtOnce")
        );
        room.of(other).grow(CALLER_BYTES_MAX).unwrap();
        drop(first);
        room.of(one).grow(CALLER_BYTES_MAX).unwrap();
        assert_eq!(room.0.lock().callers.len(), 0, "nobody is remembered for ever");
    }

    #[test]
    fn all_together_hold_no_more_than_there_is() {
        let room = Room::default();
        let held: Vec<_> = (0..ALL_BYTES_MAX / CALLER_BYTES_MAX)
            .map(|number| {
                let mut held = room.of(Sha256::of(&number.to_be_bytes()));
                held.grow(CALLER_BYTES_MAX).unwrap();
                held
            })
            .collect();
        assert!(room.of(Sha256::of(b"one more")).grow(1).is_err());
        drop(held);
        assert!(room.of(Sha256::of(b"one more")).grow(1).is_ok());
    }
}
