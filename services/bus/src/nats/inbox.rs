//! A poster's inbox: one wildcard subscription, replies told apart by token.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_nats::{Message, Subject};
use futures::StreamExt as _;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::nats::link::Link;

/// Waiting calls by token. A std mutex: it is held for one map operation, never across an await.
type Waiting = Mutex<HashMap<u64, oneshot::Sender<Message>>>;

/// The inbox of one poster process.
pub(crate) struct Inbox {
    /// `keshi-inbox.<office>.<poster>.`, to which the token is added.
    prefix: String,
    next_token: AtomicU64,
    waiting: Arc<Waiting>,
    reader: JoinHandle<()>,
}

/// A place where one reply is expected. Dropping it forgets the token.
pub(crate) struct Expected {
    /// The subject to give as the way back.
    pub(crate) subject: Subject,
    /// Resolves to the first message for the token.
    pub(crate) reply: oneshot::Receiver<Message>,
    token: u64,
    waiting: Arc<Waiting>,
}

impl Inbox {
    /// Opens an inbox under `inboxes`. The subscription survives every reconnection.
    pub(crate) async fn open(link: &Link, inboxes: &str) -> Result<Self, async_nats::SubscribeError> {
        let prefix = format!("{inboxes}{}.", Uuid::new_v4().simple());
        let mut messages = link.client.subscribe(format!("{prefix}*")).await?;
        let waiting = Arc::new(Waiting::default());
        let (its_prefix, its_waiting) = (prefix.clone(), Arc::clone(&waiting));
        let reader = tokio::spawn(async move {
            while let Some(message) = messages.next().await {
                let token = message
                    .subject
                    .strip_prefix(&its_prefix)
                    .and_then(|token| token.parse().ok());
                if let Some(sender) = token.and_then(|token: u64| lock(&its_waiting).remove(&token)) {
                    // The call may have ended this very moment.
                    drop(sender.send(message));
                }
            }
        });
        Ok(Self {
            prefix,
            next_token: AtomicU64::new(0),
            waiting,
            reader,
        })
    }

    /// Expects one reply.
    pub(crate) fn expect(&self) -> Expected {
        let token = self.next_token.fetch_add(1, Ordering::Relaxed);
        let (sender, reply) = oneshot::channel();
        lock(&self.waiting).insert(token, sender);
        Expected {
            subject: format!("{}{token}", self.prefix).into(),
            reply,
            token,
            waiting: Arc::clone(&self.waiting),
        }
    }
}

impl Drop for Inbox {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

impl Drop for Expected {
    fn drop(&mut self) {
        lock(&self.waiting).remove(&self.token);
    }
}

/// No code panics while it holds the lock, so a poisoned map is still a good map.
fn lock(waiting: &Waiting) -> std::sync::MutexGuard<'_, HashMap<u64, oneshot::Sender<Message>>> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner)
}
