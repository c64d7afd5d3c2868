//! The newest receipts, so that a poster who lost hers need not wait for a search of the log.

use std::collections::{HashMap, VecDeque};

use bytes::Bytes;
use keshi_core::ids::SubmissionId;

/// How many are kept: some minutes of a busy day. Older ones are put together again from the log.
const KEPT: usize = 4_096;

/// Encoded receipts by submission, the oldest forgotten first.
#[derive(Default)]
pub(crate) struct Receipts {
    by_id: HashMap<SubmissionId, Bytes>,
    order: VecDeque<SubmissionId>,
}

impl Receipts {
    pub(crate) fn put(&mut self, id: SubmissionId, receipt: Bytes) {
        if self.by_id.insert(id, receipt).is_none() {
            self.order.push_back(id);
        }
        if self.order.len() > KEPT
            && let Some(oldest) = self.order.pop_front()
        {
            self.by_id.remove(&oldest);
        }
    }

    pub(crate) fn get(&self, id: SubmissionId) -> Option<Bytes> {
        self.by_id.get(&id).cloned()
    }
}
