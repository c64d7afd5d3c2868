//! Who waits for the ledger to grow: woken by the commit that reaches her size, and by no other.

use std::collections::BTreeMap;

use parking_lot::Mutex;
use tokio::sync::oneshot;

/// Those who wait, by the size that they wait for. Each costs a commit nothing until it is her turn.
#[derive(Default)]
pub(crate) struct Waiters(Mutex<Waiting>);

#[derive(Default)]
struct Waiting {
    by_size: BTreeMap<(u64, u64), oneshot::Sender<()>>,
    next: u64,
}

/// One who waits; dropped, she waits no more.
pub(crate) struct Wait<'w> {
    waiters: &'w Waiters,
    key: (u64, u64),
    woken: oneshot::Receiver<()>,
}

impl Waiters {
    pub(crate) fn wait(&self, size: u64) -> Wait<'_> {
        let (wake, woken) = oneshot::channel();
        let mut waiting = self.0.lock();
        let key = (size, waiting.next);
        waiting.next += 1;
        waiting.by_size.insert(key, wake);
        Wait {
            waiters: self,
            key,
            woken,
        }
    }

    /// Wakes those who wait for `size` entries or fewer.
    pub(crate) fn reached(&self, size: u64) {
        let mut waiting = self.0.lock();
        while let Some(first) = waiting.by_size.first_entry()
            && first.key().0 <= size
        {
            // Who has gone needs no waking.
            let _ = first.remove().send(());
        }
    }

    /// Lets everybody go: the ledger grows no more.
    pub(crate) fn close(&self) {
        self.0.lock().by_size.clear();
    }
}

impl Wait<'_> {
    /// Whether the size was reached; `false` if it never will be.
    pub(crate) async fn woken(&mut self) -> bool {
        (&mut self.woken).await.is_ok()
    }
}

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        self.waiters.0.lock().by_size.remove(&self.key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_commit_wakes_those_whose_size_it_reaches_and_leaves_the_rest() {
        let waiters = Waiters::default();
        let (mut near, mut far) = (waiters.wait(5), waiters.wait(9));
        drop(waiters.wait(5));
        waiters.reached(4);
        assert_eq!(waiters.0.lock().by_size.len(), 2, "who left is forgotten");
        waiters.reached(8);
        assert!(near.woken().await);
        assert_eq!(waiters.0.lock().by_size.len(), 1);
        waiters.close();
        assert!(!far.woken().await);
    }
}
