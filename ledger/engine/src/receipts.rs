//! The newest receipts, so that a poster who lost hers need not wait for a search of the log.

use std::collections::{HashMap, VecDeque};

use bytes::Bytes;
use keshi_core::ids::SubmissionId;

/// How many bytes of receipts are kept: some minutes of a busy day. Older ones are put together again from the log.
const KEPT_BYTES: usize = 16 * 1024 * 1024;

/// What a receipt weighs beside its own bytes, in the map and in the queue.
const WEIGHT: usize = 128;

/// Encoded receipts by submission, the oldest forgotten first.
#[derive(Default)]
pub(crate) struct Receipts {
    by_id: HashMap<SubmissionId, Bytes>,
    order: VecDeque<SubmissionId>,
    bytes: usize,
}

impl Receipts {
    pub(crate) fn put(&mut self, id: SubmissionId, receipt: Bytes) {
        self.bytes += weight(&receipt);
        match self.by_id.insert(id, receipt) {
            Some(before) => self.bytes -= weight(&before),
            None => self.order.push_back(id),
        }
        while self.bytes > KEPT_BYTES
            && let Some(oldest) = self.order.pop_front()
        {
            let forgotten = self.by_id.remove(&oldest);
            self.bytes -= forgotten.as_ref().map_or(0, weight);
        }
    }

    pub(crate) fn get(&self, id: SubmissionId) -> Option<Bytes> {
        self.by_id.get(&id).cloned()
    }
}

fn weight(receipt: &Bytes) -> usize {
    receipt.len() + WEIGHT
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn receipts_are_kept_by_their_weight_and_the_oldest_is_forgotten_first() {
        let id = |number| SubmissionId::new(Uuid::from_u128(number));
        let large = Bytes::from(vec![0; KEPT_BYTES / 4]);
        let mut receipts = Receipts::default();
        for number in 0..10 {
            receipts.put(id(number), large.clone());
            // One that comes again weighs once.
            receipts.put(id(number), large.clone());
        }
        let kept: Vec<u128> = (0..10).filter(|&number| receipts.get(id(number)).is_some()).collect();
        assert_eq!(kept, [7, 8, 9]);
        for number in 100..50_000 {
            receipts.put(id(number), Bytes::from_static(b"small"));
        }
        assert!(receipts.get(id(9)).is_some());
        assert!(receipts.bytes <= KEPT_BYTES);
    }
}
