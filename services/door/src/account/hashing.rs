//! Hashing passwords: few at once, since each takes tens of milliseconds of a core and 19 MiB.

use std::sync::Arc;
use std::time::Instant;

use keshi_office::accounts::Password;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;
use tokio::time::timeout_at;

use super::faults::{broke_off, queue_is_full};
use crate::shares::Class;
use crate::{Fault, Held, Limits, Shares};

/// Passwords that are hashed at once.
const AT_ONCE: usize = 2;

/// Who waits for that, and is hashed for. Those who never signed in from where they are take three quarters at most, an
/// address eight: what a stranger keeps the holder of an account waiting for is less than a second.
const QUEUE: Limits = Limits {
    all: 32,
    role: 24,
    caller: 8,
};

/// The queue.
#[derive(Debug)]
pub(super) struct Hashing {
    turns: Arc<Semaphore>,
    queue: Shares,
}

/// Whose turn it is.
#[derive(Debug)]
pub(super) struct Turn {
    _turn: OwnedSemaphorePermit,
    _place: Held,
}

impl Default for Hashing {
    fn default() -> Self {
        Self {
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            queue: Shares::new(QUEUE),
        }
    }
}

impl Hashing {
    /// Waits for a turn, by this name among those of `class`.
    pub(super) async fn turn(&self, class: Class, name: &str, deadline: Instant) -> Result<Turn, Fault> {
        let place = self.queue.take_as(class, name, 1).ok_or_else(queue_is_full)?;
        let turn = timeout_at(deadline.into(), Arc::clone(&self.turns).acquire_owned()).await;
        match turn {
            Ok(Ok(turn)) => Ok(Turn {
                _turn: turn,
                _place: place,
            }),
            Ok(Err(_)) | Err(_) => Err(queue_is_full()),
        }
    }
}

impl Turn {
    /// Does something with a password. The turn is over when that is done, also if nobody waits for it any more.
    pub(super) async fn with<T: Send + 'static>(
        self,
        password: Password,
        work: impl FnOnce(&Password) -> T + Send + 'static,
    ) -> Result<(T, Self), Fault> {
        let done = spawn_blocking(move || (work(&password), self)).await;
        done.map_err(|cause| broke_off(&cause))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn soon() -> Instant {
        Instant::now() + Duration::from_millis(20)
    }

    #[tokio::test]
    async fn strangers_however_many_leave_room_for_those_who_are_known_and_an_address_for_others() {
        let hashing = &Hashing::default();
        let later = || Instant::now() + Duration::from_mins(1);
        let mut at_work = Vec::new();
        for _ in 0..AT_ONCE {
            at_work.push(hashing.turn(Class::Known, "at work", later()).await.unwrap());
        }
        // They wait, as long as they are looked after.
        let mut waiting = Vec::new();
        let mut refused = Vec::new();
        for address in 0..5 {
            for _ in 0..8 {
                let mut turn = Box::pin(async move {
                    hashing
                        .turn(Class::Stranger, &format!("10.0.0.{address}"), later())
                        .await
                });
                match futures::poll!(turn.as_mut()) {
                    std::task::Poll::Pending => waiting.push(turn),
                    std::task::Poll::Ready(answer) => refused.push(answer.unwrap_err().reason),
                }
            }
        }
        assert_eq!((waiting.len(), refused.len()), (24, 16));
        assert!(refused.iter().all(|reason| &**reason == "SignInBusy"));
        let mut known = Box::pin(hashing.turn(Class::Known, "10.0.0.9 lb-0001", later()));
        assert!(futures::poll!(known.as_mut()).is_pending());
        // Her turn comes: those before her are served, and hang up, in their order.
        drop(at_work);
        for turn in waiting {
            drop(turn.await.unwrap());
        }
        known.await.unwrap();
    }

    #[tokio::test]
    async fn an_address_takes_its_share_and_no_more_and_gives_it_back() {
        let hashing = Hashing::default();
        let mut turns = Vec::new();
        for _ in 0..AT_ONCE {
            turns.push(hashing.turn(Class::Stranger, "10.0.0.1", soon()).await.unwrap());
        }
        let late = hashing.turn(Class::Stranger, "10.0.0.2", soon()).await.unwrap_err();
        assert_eq!(&*late.reason, "SignInBusy");
        drop(turns.pop());
        hashing.turn(Class::Stranger, "10.0.0.2", soon()).await.unwrap();
    }
}
