//! The primary says how far it is and with which root; whoever follows compares.
//!
//! Two ledgers fed the same stream have the same root at every size. If they have not, one of them is wrong, and it is
//! better to know before it takes over.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::StreamExt as _;
use keshi_core::hex;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tokio::time::{MissedTickBehavior, interval, timeout};
use tracing::{debug, warn};

use crate::Ledger;
use crate::nats::config::NatsConfig;
use crate::nats::duty::Duty;
use crate::nats::halt::ServeError;
use crate::nats::link::Link;

/// How often the primary says how far it is, and a follower looks whether it is there, too.
const HEAD_EVERY: Duration = Duration::from_millis(500);

/// How many roots one question may ask for. Each costs the primary a few ten thousand hashes.
pub(crate) const ROOTS_MAX: usize = 16;

/// How long the primary may take to answer such a question.
const ROOTS_LIMIT: Duration = Duration::from_secs(20);

/// The topic of such a question.
pub(crate) const ROOTS_TOPIC: &str = "roots";

/// How far the primary is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Head {
    epoch: u64,
    size: u64,
    root: String,
}

/// Says how far the primary is, as long as it is one.
pub(crate) async fn publish(
    link: &Link,
    config: &NatsConfig,
    ledger: &Arc<dyn Ledger>,
    duty: watch::Receiver<Duty>,
) -> std::convert::Infallible {
    let mut ticks = interval(HEAD_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let Duty::Primary { epoch } = *duty.borrow() else {
            continue;
        };
        let size = ledger.size();
        let Some(root) = root_at(ledger, size).await else {
            continue;
        };
        let root = hex::show(&root);
        let head = serde_json::to_vec(&Head { epoch, size, root }).unwrap_or_default();
        // An error is that of a connection which just broke.
        drop(link.client.publish(config.head_subject(), head.into()).await);
    }
}

/// Compares with what the primary says, as long as it is polled. Returns when the two differ.
pub(crate) async fn compare(
    link: &Link,
    config: &NatsConfig,
    ledger: &Arc<dyn Ledger>,
    duty: watch::Receiver<Duty>,
) -> ServeError {
    let mut heads = match link.client.subscribe(config.head_subject()).await {
        Ok(heads) => heads,
        Err(error) => {
            warn!(%error, "the primary's heads cannot be heard: roots are not compared");
            return std::future::pending().await;
        }
    };
    let (mut agreed, mut latest_epoch) = (0, 0);
    while let Some(message) = heads.next().await {
        let Ok(head) = serde_json::from_slice::<Head>(&message.payload) else {
            continue;
        };
        if matches!(*duty.borrow(), Duty::Primary { .. }) || head.epoch < latest_epoch {
            continue;
        }
        latest_epoch = head.epoch;
        let Some(theirs) = hex::read(&head.root) else {
            continue;
        };
        // What the primary has is on the stream, so it comes here, too; until then later heads say nothing new.
        while ledger.size() < head.size {
            tokio::time::sleep(HEAD_EVERY).await;
        }
        match root_at(ledger, head.size).await {
            Some(ours) if ours == theirs => agreed = agreed.max(head.size),
            Some(ours) => {
                let (size, is_exact) = first_difference(link, config, ledger, agreed, head.size).await;
                return ServeError::RootDiffers {
                    size,
                    is_exact,
                    compared_at: head.size,
                    ours: hex::show(&ours),
                    theirs: head.root,
                };
            }
            None => {}
        }
    }
    std::future::pending().await
}

/// The first size at which the roots differ, of which `low` agrees and `high` does not, and whether it is certain.
async fn first_difference(
    link: &Link,
    config: &NatsConfig,
    ledger: &Arc<dyn Ledger>,
    mut low: u64,
    mut high: u64,
) -> (u64, bool) {
    while high - low > 1 {
        let sizes = between(low, high);
        let Some(theirs) = ask_roots(link, config, &sizes).await else {
            return (high, false);
        };
        for (size, theirs) in sizes.into_iter().zip(theirs) {
            let ours = root_at(ledger, size).await.map(|root| hex::show(&root));
            if ours == theirs {
                low = size;
            } else {
                high = size;
                break;
            }
        }
    }
    (high, true)
}

/// Up to [`ROOTS_MAX`] sizes that part the sizes between the two evenly.
fn between(low: u64, high: u64) -> Vec<u64> {
    let parts = (high - low).min(ROOTS_MAX as u64 + 1);
    let step = (high - low).div_ceil(parts.max(1)).max(1);
    let mut sizes = Vec::with_capacity(ROOTS_MAX);
    let mut size = low + step;
    while size < high && sizes.len() < ROOTS_MAX {
        sizes.push(size);
        size += step;
    }
    sizes
}

async fn ask_roots(link: &Link, config: &NatsConfig, sizes: &[u64]) -> Option<Vec<Option<String>>> {
    let question = Bytes::from(serde_json::to_vec(sizes).ok()?);
    let asking = link.client.request(config.ask_subject(ROOTS_TOPIC), question);
    let answer = timeout(ROOTS_LIMIT, asking).await.ok()?.ok()?;
    let roots: Vec<Option<String>> = serde_json::from_slice(&answer.payload).ok()?;
    debug!(sizes = sizes.len(), "roots of the primary");
    (roots.len() == sizes.len()).then_some(roots)
}

/// Answers such a question.
pub(crate) async fn answer_roots(ledger: &Arc<dyn Ledger>, question: &Bytes) -> Result<Bytes, String> {
    let sizes: Vec<u64> = serde_json::from_slice(question).map_err(|error| error.to_string())?;
    if sizes.len() > ROOTS_MAX {
        return Err(format!("at most {ROOTS_MAX} roots are answered at once"));
    }
    let mut roots = Vec::with_capacity(sizes.len());
    for size in sizes {
        roots.push(root_at(ledger, size).await.map(|root| hex::show(&root)));
    }
    serde_json::to_vec(&roots)
        .map(Bytes::from)
        .map_err(|error| error.to_string())
}

/// The root over the first `size` entries, off the async threads: it may read and hash some ten thousand entries.
async fn root_at(ledger: &Arc<dyn Ledger>, size: u64) -> Option<[u8; 32]> {
    let ledger = Arc::clone(ledger);
    spawn_blocking(move || ledger.root_at(size)).await.ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halving_many_ways_always_ends() {
        for (low, high) in [(0, 2), (0, 3), (5, 21), (0, 1_000_000), (7, 7 + 17), (0, 18)] {
            let sizes = between(low, high);
            assert!(
                !sizes.is_empty() && sizes.len() <= ROOTS_MAX,
                "{low}..{high}: {sizes:?}"
            );
            assert!(
                sizes.iter().all(|size| (low + 1..high).contains(size)),
                "{low}..{high}: {sizes:?}"
            );
            assert!(sizes.is_sorted_by(|a, b| a < b), "{sizes:?}");
        }
        assert!(between(3, 4).is_empty());
    }
}
