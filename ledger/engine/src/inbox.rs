//! The bounded way to the writer.

use std::sync::Arc;

use bytes::Bytes;
use keshi_core::ids::OfficeCode;
use keshi_core::submission::Receipt;
use keshi_proto::store::{ReadSubmission, decode_submission};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use crate::error::SubmitError;

/// Most submissions that wait. Enough for every client of a county at once; beyond it, waiting is better done outside.
pub const INBOX_SUBMISSIONS_MAX: usize = 4_096;

/// Most bytes that wait: some 70 of the largest submissions, so that a flood cannot take the machine's memory.
pub const INBOX_BYTES_MAX: usize = 64 * 1024 * 1024;

const PERMIT_BYTES: usize = 1_024;

/// Called once with the receipt, after the submission is durable. Dropped uncalled if the writer stops before that.
pub type Done = Box<dyn FnOnce(Arc<Receipt>) + Send>;

/// One submission on its way to the writer, already decoded: that is done on the caller's thread.
pub(crate) struct Work {
    pub(crate) read: ReadSubmission,
    pub(crate) cursor: Option<u64>,
    pub(crate) done: Done,
    /// Gives the room back when the work is dropped.
    _room: OwnedSemaphorePermit,
}

/// The sending end. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Inbox {
    office: OfficeCode,
    sender: mpsc::Sender<Work>,
    room: Arc<Semaphore>,
}

impl Inbox {
    pub(crate) fn new(office: OfficeCode) -> (Self, mpsc::Receiver<Work>) {
        let (sender, receiver) = mpsc::channel(INBOX_SUBMISSIONS_MAX);
        let room = Arc::new(Semaphore::new(INBOX_BYTES_MAX / PERMIT_BYTES));
        (Self { office, sender, room }, receiver)
    }

    /// How many submissions wait, and how many bytes they have in all.
    pub(crate) fn waiting(&self) -> (usize, usize) {
        let free = self.room.available_permits() * PERMIT_BYTES;
        (
            INBOX_SUBMISSIONS_MAX.saturating_sub(self.sender.capacity()),
            INBOX_BYTES_MAX.saturating_sub(free),
        )
    }

    /// A place for a message of so many bytes, if there is room now.
    pub(crate) fn try_reserve(self, bytes: usize) -> Result<Place, SubmitError> {
        let Self { office, sender, room } = self;
        let permit = sender.try_reserve_owned().map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => SubmitError::Full,
            mpsc::error::TrySendError::Closed(_) => SubmitError::Closed,
        })?;
        let room = room.try_acquire_many_owned(permits(bytes));
        let room = room.map_err(|_| SubmitError::Full)?;
        Ok(Place { office, permit, room })
    }

    /// The same, waiting for room.
    pub(crate) async fn reserve(self, bytes: usize) -> Result<Place, SubmitError> {
        let Self { office, sender, room } = self;
        let room = room.acquire_many_owned(permits(bytes)).await;
        let room = room.map_err(|_| SubmitError::Closed)?;
        let permit = sender.reserve_owned().await.map_err(|_| SubmitError::Closed)?;
        Ok(Place { office, permit, room })
    }
}

/// Room for one submission on its way to the writer, given back if it is dropped.
pub struct Place {
    office: OfficeCode,
    permit: mpsc::OwnedPermit<Work>,
    room: OwnedSemaphorePermit,
}

impl Place {
    /// Hands over a message of the bus. `done` is called with the receipt once all of the submission is durable.
    pub fn submit(self, bytes: &Bytes, cursor: Option<u64>, done: Done) {
        let Self { office, permit, room } = self;
        let read = decode_submission(bytes, office);
        drop(permit.send(Work {
            read,
            cursor,
            done,
            _room: room,
        }));
    }
}

fn permits(bytes: usize) -> u32 {
    let wanted = bytes / PERMIT_BYTES + 1;
    // Never more than there is at all, or a large message could not pass even an empty inbox.
    u32::try_from(wanted.min(INBOX_BYTES_MAX / PERMIT_BYTES)).unwrap_or(u32::MAX)
}
