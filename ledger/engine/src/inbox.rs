//! The bounded way to the writer.

use std::sync::Arc;

use bytes::Bytes;
use keshi_core::ids::OfficeCode;
use keshi_proto::store::{ReadSubmission, decode_submission};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use crate::error::SubmitError;

/// Most submissions that wait. Enough for every client of a county at once; beyond it, waiting is better done outside.
pub const INBOX_SUBMISSIONS_MAX: usize = 4_096;

/// Most bytes that wait: some 70 of the largest submissions, so that a flood cannot take the machine's memory.
pub const INBOX_BYTES_MAX: usize = 64 * 1024 * 1024;

const PERMIT_BYTES: usize = 1_024;

/// Called once with the encoded `keshi.v1.Receipt`, after the submission is durable. Dropped uncalled if the writer
/// stops before that.
pub type Done = Box<dyn FnOnce(Bytes) + Send>;

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

    /// Puts a submission in if there is room now. On an error `done` comes back to the caller.
    pub(crate) fn try_submit(&self, bytes: &Bytes, cursor: Option<u64>, done: Done) -> Result<(), (SubmitError, Done)> {
        let place = match self.sender.try_reserve() {
            Ok(place) => place,
            Err(mpsc::error::TrySendError::Full(())) => return Err((SubmitError::Full, done)),
            Err(mpsc::error::TrySendError::Closed(())) => return Err((SubmitError::Closed, done)),
        };
        let Ok(room) = Arc::clone(&self.room).try_acquire_many_owned(permits(bytes)) else {
            return Err((SubmitError::Full, done));
        };
        let read = decode_submission(bytes, self.office);
        place.send(Work {
            read,
            cursor,
            done,
            _room: room,
        });
        Ok(())
    }

    /// Puts a submission in, waiting for room.
    pub(crate) async fn submit(&self, bytes: &Bytes, cursor: Option<u64>, done: Done) -> Result<(), SubmitError> {
        let room = Arc::clone(&self.room)
            .acquire_many_owned(permits(bytes))
            .await
            .map_err(|_| SubmitError::Closed)?;
        let place = self.sender.reserve().await.map_err(|_| SubmitError::Closed)?;
        let read = decode_submission(bytes, self.office);
        place.send(Work {
            read,
            cursor,
            done,
            _room: room,
        });
        Ok(())
    }
}

fn permits(bytes: &Bytes) -> u32 {
    let wanted = bytes.len() / PERMIT_BYTES + 1;
    // Never more than there is at all, or a large message could not pass even an empty inbox.
    u32::try_from(wanted.min(INBOX_BYTES_MAX / PERMIT_BYTES)).unwrap_or(u32::MAX)
}
