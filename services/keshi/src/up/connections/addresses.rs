//! How many connections each address has, and which of them have not said anything yet.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::oneshot;

/// Most connections of one address that have not greeted yet; a client greets at once. Beyond, the oldest makes way, so that
/// silent ones keep nobody out, not even from behind the same address.
pub(super) const SILENT_MAX: usize = 64;

/// One address may have this part of the room: behind one there may be all schools of a county, yet others get in.
const SHARE: usize = 2;

/// The connections of all addresses.
pub(super) struct Addresses {
    each_max: usize,
    open: Arc<Mutex<HashMap<IpAddr, Open>>>,
}

/// The connections of one address.
#[derive(Default)]
struct Open {
    count: usize,
    /// How those that came last are told to make way, the oldest first; some have greeted or gone.
    silent: VecDeque<oneshot::Sender<()>>,
}

/// One connection that is counted until it is dropped.
pub(super) struct Counted {
    address: IpAddr,
    open: Arc<Mutex<HashMap<IpAddr, Open>>>,
}

impl Addresses {
    /// For so many connections in all.
    pub(super) fn new(room: usize) -> Self {
        Self {
            each_max: (room / SHARE).max(1),
            open: Arc::default(),
        }
    }

    /// Counts a connection, and gives what tells it to make way while it is silent; `None` beyond the address's share.
    pub(super) fn admit(&self, address: IpAddr) -> Option<(Counted, oneshot::Receiver<()>)> {
        let mut all = self.open.lock();
        let open = all.entry(address).or_default();
        if open.count >= self.each_max {
            return None;
        }
        open.count += 1;
        open.silent.retain(|silent| !silent.is_closed());
        if open.silent.len() >= SILENT_MAX
            && let Some(oldest) = open.silent.pop_front()
        {
            // It may have greeted or gone just now.
            let _ = oldest.send(());
        }
        let (tell, make_way) = oneshot::channel();
        open.silent.push_back(tell);
        let counted = Counted {
            address,
            open: Arc::clone(&self.open),
        };
        Some((counted, make_way))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let mut all = self.open.lock();
        if let Some(open) = all.get_mut(&self.address) {
            open.count -= 1;
            if open.count == 0 {
                all.remove(&self.address);
            }
        }
    }
}
