//! The newest receipts, so that a poster who lost hers need not wait for a search of the log.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use keshi_core::ids::SubmissionId;
use keshi_core::submission::Receipt;

/// How many bytes of receipts are kept: some minutes of a busy day. Older ones are put together again from the log.
const KEPT_BYTES: usize = 16 * 1024 * 1024;

/// What a receipt weighs beside its verdicts, in the map and in the queue.
const WEIGHT: usize = 256;

/// Receipts by submission, the oldest forgotten first.
#[derive(Default)]
pub(crate) struct Receipts {
    by_id: HashMap<SubmissionId, Arc<Receipt>>,
    order: VecDeque<SubmissionId>,
    bytes: usize,
}

impl Receipts {
    pub(crate) fn put(&mut self, receipt: Arc<Receipt>) {
        let id = receipt.submission_id;
        self.bytes += weight(&receipt);
        match self.by_id.insert(id, receipt) {
            Some(before) => self.bytes -= weight(&before),
            None => self.order.push_back(id),
        }
        while self.bytes > KEPT_BYTES
            && let Some(oldest) = self.order.pop_front()
        {
            let forgotten = self.by_id.remove(&oldest);
            self.bytes -= forgotten.as_deref().map_or(0, weight);
        }
    }

    pub(crate) fn get(&self, id: SubmissionId) -> Option<Arc<Receipt>> {
        self.by_id.get(&id).cloned()
    }
}

/// The memory that it takes, nearly.
fn weight(receipt: &Receipt) -> usize {
    let reasons = receipt.verdicts.iter().filter_map(|verdict| verdict.reason.as_ref());
    let texts: usize = reasons.map(|reason| reason.field.len() + reason.value.len()).sum();
    WEIGHT + size_of_val(receipt.verdicts.as_slice()) + texts
}

#[cfg(test)]
mod tests {
    use keshi_core::entry::Verdict;
    use keshi_core::reason::{Reason, ReasonCode};
    use keshi_core::submission::EventVerdict;
    use uuid::Uuid;

    use super::*;

    /// A receipt of so many refusals.
    fn receipt(number: u128, refusals: usize) -> Arc<Receipt> {
        let refused = EventVerdict {
            event_id: None,
            verdict: Verdict::Refused,
            index: Some(1),
            reason: Some(Reason::about(ReasonCode::UnknownTeacher, "teacher_id", "T".repeat(200))),
            number: None,
        };
        Arc::new(Receipt {
            submission_id: SubmissionId::new(Uuid::from_u128(number)),
            size: 1,
            root: [0; 32],
            verdicts: vec![refused; refusals],
        })
    }

    #[test]
    fn receipts_are_kept_by_their_weight_and_the_oldest_is_forgotten_first() {
        let quarter = KEPT_BYTES / weight(&receipt(0, 1_000)) * 1_000 / 4;
        let mut receipts = Receipts::default();
        let holds = |receipts: &Receipts, number| receipts.get(SubmissionId::new(Uuid::from_u128(number))).is_some();
        for number in 0..10 {
            receipts.put(receipt(number, quarter));
            // One that comes again weighs once.
            receipts.put(receipt(number, quarter));
        }
        let kept: Vec<u128> = (0..10).filter(|&number| holds(&receipts, number)).collect();
        assert_eq!(kept, [6, 7, 8, 9]);
        for number in 100..25_000 {
            receipts.put(receipt(number, 0));
        }
        assert!(holds(&receipts, 9));
        assert!(receipts.bytes <= KEPT_BYTES);
    }
}
