//! A ledger in memory: keeps what it gets, checks its order, can be held up and closed.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use keshi_bus::{BoxFuture, Closed, Delivery, Ledger, TryRecordError};
use tokio::sync::{mpsc, watch};
use uuid::Uuid;

/// One recorded delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    pub bytes: Bytes,
    pub cursor: Option<u64>,
}

pub struct TestLedger {
    id: Uuid,
    queue: Mutex<Option<mpsc::Sender<Delivery>>>,
    gate: watch::Sender<bool>,
    log: Arc<Mutex<Log>>,
}

/// What is "durable", which may be carried over to the next ledger as a restart would.
#[derive(Clone, Debug, Default)]
pub struct Log {
    pub recorded: Vec<Recorded>,
    known: HashSet<Bytes>,
}

impl Log {
    pub fn cursor(&self) -> u64 {
        self.recorded
            .iter()
            .filter_map(|recorded| recorded.cursor)
            .next_back()
            .unwrap_or(0)
    }

    /// Not a Merkle root, but like one it differs as soon as one payload does.
    fn root_at(&self, size: usize) -> Option<[u8; 32]> {
        let mut root = [0_u8; 32];
        for recorded in self.recorded.get(..size)? {
            for (at, byte) in recorded.bytes.iter().enumerate() {
                let slot = &mut root[at % 32];
                *slot = slot.rotate_left(3) ^ byte.wrapping_add(1);
            }
            root.rotate_left(1);
        }
        Some(root)
    }

    pub fn payloads(&self) -> Vec<Bytes> {
        self.recorded.iter().map(|recorded| recorded.bytes.clone()).collect()
    }

    pub fn count(&self, payload: &Bytes) -> usize {
        self.recorded
            .iter()
            .filter(|recorded| recorded.bytes == payload)
            .count()
    }

    /// What a ledger without a stream records.
    pub fn record_embedded(&mut self, text: &'static str) {
        self.record(Bytes::from(text), None);
    }

    fn record(&mut self, bytes: Bytes, cursor: Option<u64>) -> Bytes {
        if let Some(sequence) = cursor {
            // Between two submissions there may be claims, which the ledger does not see.
            assert!(
                sequence > self.cursor(),
                "the stream reaches the ledger in order and without repetition"
            );
        }
        let verdict = if self.known.insert(bytes.clone()) {
            "recorded"
        } else {
            "duplicate"
        };
        let receipt = [format!("{verdict} ").as_bytes(), &bytes].concat();
        self.recorded.push(Recorded { bytes, cursor });
        receipt.into()
    }
}

impl TestLedger {
    /// An empty ledger whose queue holds `queue` deliveries.
    pub fn new(queue: usize) -> Arc<Self> {
        Self::reopen(Uuid::new_v4(), Log::default(), queue)
    }

    /// A ledger with the log of an earlier one.
    pub fn reopen(id: Uuid, log: Log, queue: usize) -> Arc<Self> {
        let (sender, mut deliveries) = mpsc::channel::<Delivery>(queue);
        let (gate, mut is_open) = watch::channel(true);
        let log = Arc::new(Mutex::new(log));
        let writer_log = Arc::clone(&log);
        tokio::spawn(async move {
            loop {
                // The gate first: a held-up writer leaves its queue full.
                if is_open.wait_for(|open| *open).await.is_err() {
                    return;
                }
                let Some(Delivery { bytes, cursor, reply }) = deliveries.recv().await else {
                    return;
                };
                let receipt = writer_log.lock().unwrap().record(bytes, cursor);
                reply.send(move || receipt);
            }
        });
        Arc::new(Self {
            id,
            queue: Mutex::new(Some(sender)),
            gate,
            log,
        })
    }

    /// Holds the writer up. It may still take one more delivery.
    pub fn hold(&self) {
        self.gate.send_replace(false);
    }

    pub fn go_on(&self) {
        self.gate.send_replace(true);
    }

    /// Takes nothing any more.
    pub fn close(&self) {
        self.queue.lock().unwrap().take();
    }

    pub fn log(&self) -> Log {
        self.log.lock().unwrap().clone()
    }

    fn queue(&self) -> Option<mpsc::Sender<Delivery>> {
        self.queue.lock().unwrap().clone()
    }
}

impl Ledger for TestLedger {
    fn ledger_id(&self) -> Uuid {
        self.id
    }

    fn cursor(&self) -> u64 {
        self.log.lock().unwrap().cursor()
    }

    fn size(&self) -> u64 {
        self.log.lock().unwrap().recorded.len() as u64
    }

    fn root_at(&self, size: u64) -> Option<[u8; 32]> {
        self.log.lock().unwrap().root_at(usize::try_from(size).ok()?)
    }

    fn recognizes(&self, bytes: &Bytes) -> bool {
        self.log.lock().unwrap().known.contains(bytes)
    }

    fn try_record(&self, delivery: Delivery) -> Result<(), TryRecordError> {
        let queue = self.queue().ok_or(TryRecordError::Closed)?;
        queue.try_send(delivery).map_err(|error| match error {
            mpsc::error::TrySendError::Full(delivery) => TryRecordError::Full(delivery),
            mpsc::error::TrySendError::Closed(_) => TryRecordError::Closed,
        })
    }

    fn record(&self, delivery: Delivery) -> BoxFuture<'_, Result<(), Closed>> {
        Box::pin(async move {
            let queue = self.queue().ok_or(Closed)?;
            queue.send(delivery).await.map_err(|_| Closed)
        })
    }

    fn answer(&self, topic: String, question: Bytes) -> BoxFuture<'_, Result<Bytes, String>> {
        Box::pin(async move {
            match topic.as_str() {
                "echo" => Ok(question),
                "slow" => std::future::pending().await,
                "big" => Ok(Bytes::from(vec![b'x'; 2 * 1024 * 1024])),
                _ => Err(format!("没有 {topic} / there is no {topic}")),
            }
        })
    }
}
